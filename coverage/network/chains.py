"""Chains: road pieces joined through the vertices where nobody has a choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from coverage.network.model import BoolArray, IntArray, RoadLines
from coverage.network.ragged_rows import list_ranges

MOTORWAY_CLASSES = ("motorway", "motorway_link")
FERRY_CLASS = "ferry"


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Half-pieces (2 s along piece s, 2 s + 1 against it) in travelled order, chain after chain.

    Parameters
    ----------
    halves, ptr
        Chain i owns ``halves[ptr[i]:ptr[i + 1]]``.
    start, end
        First and last vertex of each chain.
    inner_vertices
        Number of vertices inside chains.
    """

    halves: npt.NDArray[np.int64]
    ptr: npt.NDArray[np.int64]
    start: IntArray
    end: IntArray
    inner_vertices: int


def find_profile_flags(profiles: pd.DataFrame) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Tell which profiles are restricted, motorways and ferries."""
    restricted = profiles["restricted"].to_numpy(bool)
    motorway = profiles["highway"].isin(MOTORWAY_CLASSES).to_numpy(bool)
    ferry = (profiles["highway"] == FERRY_CLASS).to_numpy(bool)
    return restricted, motorway, ferry


def _find_inner_vertices(lines: RoadLines) -> tuple[BoolArray, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find vertices a chain passes through, with the two half-pieces that leave each of them."""
    vertices = len(lines.lon)
    pieces = len(lines.piece_from)
    leaving_from = np.empty(2 * pieces, np.int32)
    leaving_from[0::2], leaving_from[1::2] = lines.piece_from, lines.piece_to
    degree = np.bincount(leaving_from, minlength=vertices)
    order = np.argsort(leaving_from, kind="stable")
    first_at = np.concatenate(([0], np.cumsum(degree)))

    two = np.flatnonzero(degree == 2)
    half_a, half_b = order[first_at[two]], order[first_at[two] + 1]
    piece_a, piece_b = half_a >> 1, half_b >> 1
    restricted, _, _ = find_profile_flags(lines.profiles)
    nature = pd.factorize(lines.profiles["highway"])[0] * 2 + restricted
    nature_a = nature[lines.piece_profile[piece_a]] * 2 + lines.piece_oneway[piece_a]
    nature_b = nature[lines.piece_profile[piece_b]] * 2 + lines.piece_oneway[piece_b]
    # On one-way pieces one must arrive (its leaving half runs against it) and the other leave.
    flows = ~lines.piece_oneway[piece_a] | ((half_a & 1) != (half_b & 1))
    passes = (piece_a != piece_b) & (nature_a == nature_b) & flows
    inner = np.zeros(vertices, bool)
    inner[two[passes]] = True
    inner[lines.ban_via] = False

    ring_nodes = _find_ring_nodes(lines, inner, degree)
    inner[ring_nodes] = False
    keep = inner[two]
    return inner, half_a[keep], half_b[keep]


def _find_ring_nodes(lines: RoadLines, inner: BoolArray, degree: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Find one vertex of every ring that has no junction at all: the lowest number of those where nothing waits."""
    used = degree > 0
    links = sparse.coo_array(
        (np.ones(len(lines.piece_from), np.int8), (lines.piece_from, lines.piece_to)), shape=(len(inner), len(inner))
    )
    count, label = csgraph.connected_components(links, directed=False)
    has_node = np.zeros(count, bool)
    has_node[label[used & ~inner]] = True
    in_ring = np.flatnonzero(used & ~has_node[label])
    # A wait keeps its direction only inside a road, so a vertex without one is preferred.
    in_ring = in_ring[np.argsort(lines.delay_kind[in_ring] > 0, kind="stable")]
    return in_ring[np.unique(label[in_ring], return_index=True)[1]]


def trace_chains(lines: RoadLines) -> Chains:
    """Join pieces through inner vertices into chains by pointer doubling."""
    inner, half_a, half_b = _find_inner_vertices(lines)
    halves = 2 * len(lines.piece_from)
    terminal = np.arange(halves)
    terminal[half_a ^ 1] = half_b
    terminal[half_b ^ 1] = half_a
    steps = (terminal != np.arange(halves)).astype(np.int32)
    while True:
        further = terminal[terminal]
        if np.array_equal(further, terminal):
            break
        steps = steps + steps[terminal]
        terminal = further
    # Chain after chain, farthest from its end first; no two half-pieces share a key.
    order = np.argsort(terminal * (int(steps.max()) + 1) - steps)
    chain_terminal = terminal[order]
    is_first = np.concatenate(([True], chain_terminal[1:] != chain_terminal[:-1]))
    first_slot = np.flatnonzero(is_first)
    last_slot = np.concatenate((first_slot[1:], [halves])) - 1
    first_half, last_half = order[first_slot], order[last_slot]
    # Every chain was found in both directions: keep the travelled one, or the one met first.
    oneway = lines.piece_oneway[first_half >> 1]
    keep = np.where(oneway, (first_half & 1) == 0, last_half < (first_half ^ 1))
    lengths = (last_slot - first_slot + 1)[keep]
    ptr = np.concatenate(([0], np.cumsum(lengths)))
    slot = list_ranges(first_slot[keep], lengths)
    ordered = order[slot]
    start_of = np.where(ordered & 1, lines.piece_to[ordered >> 1], lines.piece_from[ordered >> 1])
    end_of = np.where(ordered & 1, lines.piece_from[ordered >> 1], lines.piece_to[ordered >> 1])
    return Chains(
        halves=ordered,
        ptr=ptr,
        start=start_of[ptr[:-1]].astype(np.int32),
        end=end_of[ptr[1:] - 1].astype(np.int32),
        inner_vertices=int(inner.sum()),
    )
