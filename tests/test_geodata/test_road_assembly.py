"""Ways to pieces, against a plain loop that cannot be wrong."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geodata.roads.road_assembly import AssembledRoads, RawNodes, RawWays, assemble_roads
from geodata.roads.road_tags import Profile

PROFILES: list[Profile] = [("primary", "", "", "", "", "", "", math.nan, math.nan, math.nan, False)]
NODES = 8
Way = tuple[list[int], int]


def _assemble(ways: list[Way], absent: set[int], blocked: set[int], delay_way: int = 0) -> AssembledRoads:
    used = sorted({node for refs, _ in ways for node in refs})
    node_id = np.array(used, dtype=np.int64)
    lon = np.array([math.nan if node in absent else float(node) for node in used])
    raw = RawWays(
        way_id=np.arange(len(ways), dtype=np.int64),
        ptr=np.concatenate(([0], np.cumsum(np.array([len(refs) for refs, _ in ways], dtype=np.int64)))),
        refs=np.array([node for refs, _ in ways for node in refs], dtype=np.int64),
        direction=np.array([direction for _, direction in ways], dtype=np.int8),
        profile=np.zeros(len(ways), dtype=np.int32),
        profiles=PROFILES,
    )
    blocks = np.array([node in blocked for node in used], dtype=bool)
    kind = np.full(len(used), 2, dtype=np.uint8)
    side = np.full(len(used), delay_way, dtype=np.uint8)
    return assemble_roads(raw, RawNodes(node_id, lon, np.zeros(len(used)), blocks, kind, side), "drive")


def _loop(ways: list[Way], absent: set[int]) -> list[tuple[int, int, int, bool]]:
    """Return (way, from node, to node, one-way) of every piece."""
    pieces = []
    for number, (refs, direction) in enumerate(ways):
        for start, end in pairwise(refs):
            if start != end and start not in absent and end not in absent:
                pair = (end, start) if direction < 0 else (start, end)
                pieces.append((number, *pair, direction != 0))
    return pieces


WAYS = st.lists(
    st.tuples(st.lists(st.integers(0, NODES - 1), max_size=6), st.sampled_from([-1, 0, 1])), min_size=1, max_size=6
)
SOME = st.sets(st.integers(0, NODES - 1), max_size=3)


@given(WAYS, SOME, SOME)
def test_pieces_are_those_of_a_plain_loop(ways: list[Way], absent: set[int], blocked: set[int]) -> None:
    """Any ways, absent nodes and barriers: same pieces in the same order, and nothing passes a barrier."""
    roads = _assemble(ways, absent, blocked)
    lines = roads.lines
    found = [
        (int(way), round(float(lines.lon[start])), round(float(lines.lon[end])), bool(oneway))
        for way, start, end, oneway in zip(
            roads.piece_way, lines.piece_from, lines.piece_to, lines.piece_oneway, strict=True
        )
    ]
    assert found == _loop(ways, absent)
    ends = np.concatenate((lines.piece_from, lines.piece_to))
    assert np.array_equal(np.unique(ends), np.arange(len(lines.lon)))
    degree = Counter(ends.tolist())
    for vertex, lon in enumerate(lines.lon):
        assert (roads.vertex_node[vertex] == -1) == (round(lon) in blocked)
        if round(lon) in blocked:
            assert degree[vertex] == 1
    passable = [round(lon) for vertex, lon in enumerate(lines.lon) if roads.vertex_node[vertex] >= 0]
    assert len(passable) == len(set(passable))


def test_a_directed_delay_turns_only_if_every_way_was_turned() -> None:
    """Node 1 lies on a turned way only, node 2 on a turned one and one left as drawn."""
    lines = _assemble([([0, 1, 2], -1), ([2, 3], 0)], set(), set(), delay_way=1).lines
    by_node = dict(zip(lines.lon.tolist(), lines.delay_way.tolist(), strict=True))
    assert by_node == {0.0: 2, 1.0: 2, 2.0: 1, 3.0: 1}
