"""Ways and nodes as read from OpenStreetMap, put together into `RoadLines`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network.model import PROFILE_COLUMNS, RoadLines
from coverage.network.ragged_rows import list_ranges
from coverage.network.settings import Mode
from coverage.units import compute_lengths_m
from geodata.roads.road_tags import Profile

Ids = npt.NDArray[np.int64]
_TEXT_COLUMNS = 7


@dataclass(frozen=True, slots=True, eq=False)
class RawWays:
    """Usable ways: way i runs over the nodes ``refs[ptr[i]:ptr[i + 1]]``.

    Parameters
    ----------
    way_id
        Ids, shape (w,).
    ptr
        Where each way's nodes begin, shape (w + 1,).
    refs
        Node ids, shape (n,).
    direction
        0 both ways, 1 as drawn only, -1 against the drawing only, shape (w,).
    profile
        Row of `profiles`, shape (w,).
    profiles
        Distinct profiles.
    """

    way_id: Ids
    ptr: Ids
    refs: Ids
    direction: npt.NDArray[np.int8]
    profile: npt.NDArray[np.int32]
    profiles: Sequence[Profile]


@dataclass(frozen=True, slots=True, eq=False)
class RawNodes:
    """The distinct nodes of the ways, ascending by id; NaN positions are not in the file."""

    node_id: Ids
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    blocks: npt.NDArray[np.bool_]
    delay_kind: npt.NDArray[np.uint8]
    delay_way: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class AssembledRoads:
    """Road lines without turn restrictions, and how their pieces and vertices go back to ids."""

    lines: RoadLines
    piece_way: Ids  # index into `RawWays.way_id`, ascending
    vertex_node: Ids  # node id of each vertex; -1 for the split ends at a barrier
    missing_nodes: int
    ways_cut: int
    barriers: int


def build_profile_table(profiles: Sequence[Profile]) -> pd.DataFrame:
    """Turn profiles into the table that `RoadLines` holds."""
    columns = list(zip(*profiles, strict=True)) if profiles else [()] * len(PROFILE_COLUMNS)
    table: dict[str, npt.NDArray[np.object_] | npt.NDArray[np.float64] | npt.NDArray[np.bool_] | pd.Series] = {}
    for place, (name, values) in enumerate(zip(PROFILE_COLUMNS, columns, strict=True)):
        if place < _TEXT_COLUMNS:
            table[name] = pd.Series(list(values), dtype="str")
        elif name == "restricted":
            table[name] = np.array(values, dtype=bool)
        else:
            table[name] = np.array(values, dtype=np.float64)
    return pd.DataFrame(table)


def assemble_roads(ways: RawWays, nodes: RawNodes, mode: Mode) -> AssembledRoads:
    """Cut ways into pieces between neighbouring nodes.

    Pieces of ways that run only against their drawing are turned round. A way stops at a node that
    is not in the file and goes on behind it. At a barrier every piece gets an end of its own, so
    that nothing passes.
    """
    at = np.searchsorted(nodes.node_id, ways.refs)
    sizes = np.diff(ways.ptr)
    pieces = np.maximum(sizes - 1, 0)
    way = np.repeat(np.arange(len(sizes)), pieces)
    slot = list_ranges(ways.ptr[:-1], pieces)
    start, end = at[slot], at[slot + 1]
    absent = np.isnan(nodes.lon)
    broken = absent[start] | absent[end]
    ways_cut = len(np.unique(way[broken]))
    keep = np.flatnonzero(~broken & (start != end))
    way, start, end = way[keep], start[keep], end[keep]
    reverse = ways.direction[way] < 0
    start, end = np.where(reverse, end, start), np.where(reverse, start, end)

    delay_way = _turn_delays(nodes, ways, at, sizes)
    ends = np.concatenate((start, end))
    stopped = np.flatnonzero(nodes.blocks[ends])
    barriers = len(np.unique(ends[stopped]))
    origin = np.concatenate((np.arange(len(nodes.node_id)), ends[stopped]))
    split = np.zeros(len(origin), dtype=bool)
    split[len(nodes.node_id) :] = True
    ends[stopped] = len(nodes.node_id) + np.arange(len(stopped))
    used, ends = np.unique(ends, return_inverse=True)
    origin, split = origin[used], split[used]
    count = len(way)
    no_ban = np.empty(0, dtype=np.int32)
    lines = RoadLines(
        mode=mode,
        lon=nodes.lon[origin],
        lat=nodes.lat[origin],
        delay_kind=nodes.delay_kind[origin],
        delay_way=delay_way[origin],
        piece_from=ends[:count].astype(np.int32),
        piece_to=ends[count:].astype(np.int32),
        piece_oneway=ways.direction[way] != 0,
        piece_profile=ways.profile[way].astype(np.int32),
        profiles=build_profile_table(ways.profiles),
        ban_from=no_ban,
        ban_via=no_ban,
        ban_to=no_ban,
        ban_only=np.empty(0, dtype=bool),
    )
    vertex_node = np.where(split, -1, nodes.node_id[origin])
    return AssembledRoads(apply_durations(lines, way), way, vertex_node, int(absent.sum()), ways_cut, barriers)


def apply_durations(lines: RoadLines, piece_way: Ids) -> RoadLines:
    """Give every ferry line with a declared duration the speed it implies, in its limits.

    A line may be cut at a landing stage or joined with others later; its speed stays right.

    Parameters
    ----------
    lines
        Noded lines.
    piece_way
        Number of the way (the whole line) each piece belongs to, shape (s,).
    """
    duration = lines.profiles["duration_s"].to_numpy(float)[lines.piece_profile]
    at = np.flatnonzero(np.isfinite(duration))
    if len(at) == 0:
        return lines
    start, end = lines.piece_from[at], lines.piece_to[at]
    length = compute_lengths_m(lines.lon[start], lines.lat[start], lines.lon[end], lines.lat[end])
    _, first, line = np.unique(piece_way[at], return_index=True, return_inverse=True)
    kph = np.bincount(line, weights=length) * 3.6 / duration[at][first]
    rows = lines.profiles.iloc[lines.piece_profile[at][first]]
    rows = rows.assign(maxspeed_forward_kph=kph, maxspeed_backward_kph=kph)
    profile = lines.piece_profile.copy()
    profile[at] = len(lines.profiles) + line
    used, renumbered = np.unique(profile, return_inverse=True)
    profiles = pd.concat((lines.profiles, rows), ignore_index=True).iloc[used].reset_index(drop=True)
    return replace(lines, profiles=profiles, piece_profile=renumbered.astype(np.int32))


def _turn_delays(nodes: RawNodes, ways: RawWays, at: Ids, sizes: Ids) -> npt.NDArray[np.uint8]:
    """Turn "forward" and "backward" round at nodes that lie only on ways that were turned round."""
    delay_way = nodes.delay_way.copy()
    directed = np.flatnonzero(delay_way)
    if len(directed):
        turned = np.repeat(ways.direction < 0, sizes)
        on_drawn = np.zeros(len(delay_way), dtype=bool)
        on_drawn[at[~turned]] = True
        flip = directed[~on_drawn[directed]]
        delay_way[flip] = 3 - delay_way[flip]
    return delay_way
