"""From noded road lines to a routable network: chains contracted, nodes ordered, turns listed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, fields, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from coverage.errors import NetworkError
from coverage.network import BoolArray, ByteArray, FloatArray, IntArray, RoadLines, RoadNetwork
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.turns import Turns, build_turns
from coverage.units import compute_lengths_m, conformal_scale, to_conformal

MOTORWAY_CLASSES = ("motorway", "motorway_link")
FERRY_CLASS = "ferry"


def build_network(
    lines: RoadLines, *, classes: Collection[str] | None = None, progress: Progress = ignore_progress
) -> RoadNetwork:
    """Build the routable network of noded road lines.

    Vertices where exactly two pieces of the same nature meet are passed through without a choice, so
    they become part of a road's polyline; one-way direction, access restriction, ferries and
    motorways end a road, as do junctions and the places of turn restrictions.

    Parameters
    ----------
    lines
        Noded lines of one mode.
    classes
        Road classes to keep (usually those of a speed table); None keeps all.
    progress
        Told the share done.

    Returns
    -------
    The network. Rings without a junction keep one of their vertices as a node.

    Raises
    ------
    NetworkError
        If no piece of road is left.
    """
    kept = _keep_classes(lines, classes)
    if len(kept.piece_from) == 0:
        raise NetworkError("network.no_roads", mode=lines.mode)
    report_progress(progress, 0.05, "contract")
    chains = _trace_chains(kept)
    report_progress(progress, 0.45, "geometry")
    ordering = _order_network(kept, chains)
    network = _assemble(kept, chains, ordering)
    report_progress(progress, 0.75, "turns")
    bans = _place_bans(kept, chains, ordering, network)
    turns = build_turns(network.edge_road, network.edge_tail, network.edge_head, network.node_count, bans)
    network = _with_turns(network, turns)
    report_progress(progress, 1.0, "turns")
    return replace(network, fingerprint=_fingerprint(network))


def _keep_classes(lines: RoadLines, classes: Collection[str] | None) -> RoadLines:
    wanted = np.ones(len(lines.profiles), bool)
    if classes is not None:
        wanted = lines.profiles["highway"].isin(list(classes)).to_numpy(bool)
    keep = wanted[lines.piece_profile] & (lines.piece_from != lines.piece_to)
    if keep.all():
        return lines
    number = np.cumsum(keep, dtype=np.int32) - 1
    ban = keep[lines.ban_from] & keep[lines.ban_to]
    return replace(
        lines,
        piece_from=lines.piece_from[keep],
        piece_to=lines.piece_to[keep],
        piece_oneway=lines.piece_oneway[keep],
        piece_profile=lines.piece_profile[keep],
        ban_from=number[lines.ban_from[ban]],
        ban_via=lines.ban_via[ban],
        ban_to=number[lines.ban_to[ban]],
        ban_only=lines.ban_only[ban],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Chains:
    """Half-pieces (2 s along piece s, 2 s + 1 against it) in travelled order, chain after chain."""

    halves: npt.NDArray[np.int64]
    ptr: npt.NDArray[np.int64]  # chain i owns halves[ptr[i]:ptr[i + 1]]
    start: IntArray  # first and last vertex of each chain
    end: IntArray
    chain_of_piece: IntArray
    inner_vertices: int


def _profile_flags(profiles: pd.DataFrame) -> tuple[BoolArray, BoolArray, BoolArray]:
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
    restricted, motorway, ferry = _profile_flags(lines.profiles)
    nature = restricted * 1 + motorway * 2 + ferry * 4
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
    """Find one vertex of every ring that has no junction at all (its lowest vertex number)."""
    used = degree > 0
    links = sparse.coo_array(
        (np.ones(len(lines.piece_from), np.int8), (lines.piece_from, lines.piece_to)), shape=(len(inner), len(inner))
    )
    count, label = csgraph.connected_components(links, directed=False)
    has_node = np.zeros(count, bool)
    has_node[label[used & ~inner]] = True
    in_ring = np.flatnonzero(used & ~has_node[label])
    return in_ring[np.unique(label[in_ring], return_index=True)[1]]


def _trace_chains(lines: RoadLines) -> _Chains:
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
    order = np.lexsort((-steps, terminal))
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
    slot = np.repeat(first_slot[keep] - ptr[:-1], lengths) + np.arange(ptr[-1])
    ordered = order[slot]
    start_of = np.where(ordered & 1, lines.piece_to[ordered >> 1], lines.piece_from[ordered >> 1])
    end_of = np.where(ordered & 1, lines.piece_from[ordered >> 1], lines.piece_to[ordered >> 1])
    chain_of_piece = np.full(len(lines.piece_from), -1, np.int32)
    chain_of_piece[ordered >> 1] = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    return _Chains(
        halves=ordered,
        ptr=ptr,
        start=start_of[ptr[:-1]].astype(np.int32),
        end=end_of[ptr[1:] - 1].astype(np.int32),
        chain_of_piece=chain_of_piece,
        inner_vertices=int(inner.sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ordering:
    """Vertices that are nodes in Hilbert order, the number of each vertex (-1: none), chains in road order."""

    node_vertex: npt.NDArray[np.int64]
    node_of_vertex: npt.NDArray[np.int64]
    chain_of_road: npt.NDArray[np.int64]


def _order_network(lines: RoadLines, chains: _Chains) -> _Ordering:
    """Order nodes along a Hilbert curve and roads after their nodes, so that neighbours lie close in memory."""
    nodes = np.unique(np.concatenate((chains.start, chains.end))).astype(np.int64)
    points = gpd.GeoSeries(shapely.points(lines.lon[nodes], lines.lat[nodes]))
    bounds = points.total_bounds
    if bounds[0] == bounds[2] or bounds[1] == bounds[3]:
        bounds = bounds + np.array([-1e-6, -1e-6, 1e-6, 1e-6])
    along = points.hilbert_distance(total_bounds=bounds, level=16).to_numpy()
    nodes = nodes[np.lexsort((nodes, along))]
    number = np.full(len(lines.lon), -1, np.int64)
    number[nodes] = np.arange(len(nodes))
    start, end = number[chains.start], number[chains.end]
    return _Ordering(nodes, number, np.lexsort((np.arange(len(start)), end, start)))


def _assemble(lines: RoadLines, chains: _Chains, ordering: _Ordering) -> RoadNetwork:
    nodes, number, order = ordering.node_vertex, ordering.node_of_vertex, ordering.chain_of_road
    lengths = np.diff(chains.ptr)[order]
    ptr = np.concatenate(([0], np.cumsum(lengths)))
    halves = chains.halves[np.repeat(chains.ptr[:-1][order] - ptr[:-1], lengths) + np.arange(ptr[-1])]
    road_start = number[chains.start][order].astype(np.int32)
    road_end = number[chains.end][order].astype(np.int32)
    roads = len(road_start)

    piece, against = halves >> 1, (halves & 1).astype(bool)
    vertex_ptr = (ptr + np.arange(roads + 1)).astype(np.int32)
    is_last = np.zeros(int(vertex_ptr[-1]), bool)
    is_last[vertex_ptr[1:] - 1] = True
    vertex = np.empty(len(is_last), np.int64)
    vertex[~is_last] = np.where(against, lines.piece_to[piece], lines.piece_from[piece])
    vertex[is_last] = chains.end[order]
    slot_piece = np.zeros(len(is_last), np.int64)
    slot_piece[~is_last] = piece
    slot_piece[is_last] = piece[ptr[1:] - 1]

    lon, lat = lines.lon[vertex], lines.lat[vertex]
    length = np.zeros(len(is_last))
    here = np.flatnonzero(~is_last)
    length[here] = compute_lengths_m(lon[here], lat[here], lon[here + 1], lat[here + 1])
    forward, backward = _place_delays(lines, vertex, is_last, vertex_ptr, against)

    restricted, motorway, ferry = _profile_flags(lines.profiles)
    first_piece = piece[ptr[:-1]]
    first_profile = lines.piece_profile[first_piece]
    oneway = lines.piece_oneway[first_piece]
    edges = _list_edges(road_start, road_end, oneway)
    edge_road, edge_forward = edges
    network = RoadNetwork(
        mode=lines.mode,
        node_lon=lines.lon[nodes],
        node_lat=lines.lat[nodes],
        node_delay=lines.delay_kind[nodes],
        road_start=road_start,
        road_end=road_end,
        road_oneway=oneway,
        road_restricted=restricted[first_profile],
        road_motorway=motorway[first_profile],
        road_ferry=ferry[first_profile],
        road_junctions_per_km2=np.zeros(roads, np.float32),
        vertex_ptr=vertex_ptr,
        vertex_lon=lon,
        vertex_lat=lat,
        vertex_delay_forward=forward,
        vertex_delay_backward=backward,
        piece_length_m=length,
        piece_profile=lines.piece_profile[slot_piece],
        profiles=lines.profiles.reset_index(drop=True),
        edge_road=edge_road,
        edge_forward=edge_forward,
        edge_tail=np.where(edge_forward, road_start[edge_road], road_end[edge_road]).astype(np.int32),
        edge_head=np.where(edge_forward, road_end[edge_road], road_start[edge_road]).astype(np.int32),
        edge_bearing_out=np.zeros(len(edge_road), np.float32),
        edge_bearing_in=np.zeros(len(edge_road), np.float32),
        edge_component=np.zeros(len(edge_road), np.int32),
        component_length_m=np.zeros(0),
        arc_ptr=np.zeros(len(edge_road) + 1, np.int64),
        arc_to=np.zeros(0, np.int32),
        arc_u_turn=np.zeros(0, bool),
        counts=_count(lines, chains, road_start, road_end),
        fingerprint="",
    )
    bearing_out, bearing_in = _compute_bearings(network)
    return replace(
        network,
        road_junctions_per_km2=_compute_junction_density(network),
        edge_bearing_out=bearing_out,
        edge_bearing_in=bearing_in,
    )


def _list_edges(start: IntArray, end: IntArray, oneway: BoolArray) -> tuple[IntArray, BoolArray]:
    """List the travelled directions of all roads, sorted by tail node."""
    two_way = np.flatnonzero(~oneway)
    road = np.concatenate((np.arange(len(start)), two_way))
    forward = np.concatenate((np.ones(len(start), bool), np.zeros(len(two_way), bool)))
    tail = np.where(forward, start[road], end[road])
    order = np.lexsort((~forward, road, tail))
    return road[order].astype(np.int32), forward[order]


def _place_delays(
    lines: RoadLines, vertex: npt.NDArray[np.int64], is_last: BoolArray, vertex_ptr: IntArray, against: BoolArray
) -> tuple[ByteArray, ByteArray]:
    """Give each inner vertex the delay met along and against its polyline; ends belong to junctions."""
    forward = lines.delay_kind[vertex].copy()
    backward = forward.copy()
    if forward.any():
        slot_against = np.zeros(len(vertex), bool)
        slot_against[~is_last] = against
        # Direction tags speak of the piece that arrives at the vertex.
        arriving_against = np.concatenate(([False], slot_against[:-1]))
        way = lines.delay_way[vertex]
        forward[(way == 1) & arriving_against] = 0
        forward[(way == 2) & ~arriving_against] = 0
        backward[(way == 1) & ~arriving_against] = 0
        backward[(way == 2) & arriving_against] = 0
        for ends in (vertex_ptr[:-1], vertex_ptr[1:] - 1):
            forward[ends] = backward[ends] = 0
    return forward, backward


def _compute_bearings(network: RoadNetwork) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Compute compass bearings at both ends of every edge from its first and last piece."""
    first, last = network.vertex_ptr[:-1], network.vertex_ptr[1:] - 1

    def bearing(a: IntArray, b: IntArray) -> FloatArray:
        lat = np.radians((network.vertex_lat[a] + network.vertex_lat[b]) / 2)
        east = (network.vertex_lon[b] - network.vertex_lon[a]) * np.cos(lat)
        result: FloatArray = np.degrees(np.arctan2(east, network.vertex_lat[b] - network.vertex_lat[a]))
        return result

    leave_start, reach_end = bearing(first, first + 1), bearing(last - 1, last)
    road, along = network.edge_road, network.edge_forward
    out = np.where(along, leave_start[road], reach_end[road] + 180.0)
    into = np.where(along, reach_end[road], leave_start[road] + 180.0)
    return (out % 360.0).astype(np.float32), (into % 360.0).astype(np.float32)


def _compute_junction_density(network: RoadNetwork) -> npt.NDArray[np.float32]:
    """Compute junctions per km² in the 3 × 3 cells of about 1 km around each road's middle vertex."""
    degree = np.bincount(np.concatenate((network.road_start, network.road_end)), minlength=network.node_count)
    at = degree >= 3
    scale = float(conformal_scale(np.array([network.node_lat.mean()]))[0]) * 1000.0
    x, y = to_conformal(network.node_lon, network.node_lat)
    column, row = np.floor(x / scale).astype(np.int64), np.floor(y / scale).astype(np.int64)
    middle = (network.vertex_ptr[:-1] + network.vertex_ptr[1:]) // 2
    mid_x, mid_y = to_conformal(network.vertex_lon[middle], network.vertex_lat[middle])
    mid_column, mid_row = np.floor(mid_x / scale).astype(np.int64), np.floor(mid_y / scale).astype(np.int64)
    width = np.int64(1) << 20
    cells, count = np.unique(row[at] * width + column[at], return_counts=True)
    total = np.zeros(network.road_count)
    if len(cells):
        for d_row in (-1, 0, 1):
            for d_column in (-1, 0, 1):
                wanted = (mid_row + d_row) * width + mid_column + d_column
                found = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
                total += np.where(cells[found] == wanted, count[found], 0)
    return (total / 9.0).astype(np.float32)


def _count(
    lines: RoadLines, chains: _Chains, start: npt.NDArray[np.int32], end: IntArray
) -> tuple[tuple[str, int], ...]:
    pair = np.sort(np.stack((start, end)), axis=0)
    distinct = len(np.unique(pair[0].astype(np.int64) << 32 | pair[1]))
    return (
        ("vertices", len(np.unique(np.concatenate((lines.piece_from, lines.piece_to))))),
        ("inner_vertices", chains.inner_vertices),
        ("self_loops", int((start == end).sum())),
        ("parallels", len(start) - distinct),
        ("turn_restrictions", len(lines.ban_via)),
    )


def _place_bans(
    lines: RoadLines, chains: _Chains, ordering: _Ordering, network: RoadNetwork
) -> tuple[IntArray, IntArray, BoolArray]:
    """Translate bans on pieces into bans on edges: (arriving edges, leaving edges, only)."""
    via = ordering.node_of_vertex[lines.ban_via]
    road_of_chain = np.empty(len(ordering.chain_of_road), np.int64)
    road_of_chain[ordering.chain_of_road] = np.arange(len(road_of_chain))
    road_from = road_of_chain[chains.chain_of_piece[lines.ban_from]]
    road_to = road_of_chain[chains.chain_of_piece[lines.ban_to]]
    arriving = _edges_of(network.edge_road, network.edge_head, road_from, via)
    leaving = _edges_of(network.edge_road, network.edge_tail, road_to, via)
    pairs = arriving.merge(leaving, on="ban", suffixes=("_in", "_out"))
    return (
        pairs["edge_in"].to_numpy(np.int32),
        pairs["edge_out"].to_numpy(np.int32),
        lines.ban_only[pairs["ban"].to_numpy()],
    )


def _edges_of(
    edge_road: IntArray, edge_node: IntArray, road: npt.NDArray[np.int64], node: npt.NDArray[np.int64]
) -> pd.DataFrame:
    """Find for each ban the edges of its road that touch its node on the right side."""
    wanted = np.isin(edge_road, road)
    edges = pd.DataFrame(
        {
            "edge": np.flatnonzero(wanted),
            "road": edge_road[wanted].astype(np.int64),
            "node": edge_node[wanted].astype(np.int64),
        }
    )
    bans = pd.DataFrame({"ban": np.arange(len(road)), "road": road, "node": node})
    return bans.merge(edges, on=["road", "node"])[["ban", "edge"]]


def _with_turns(network: RoadNetwork, turns: Turns) -> RoadNetwork:
    reach = sparse.csr_array(
        (np.ones(len(turns.to), np.int8), turns.to, turns.ptr), shape=(network.edge_count, network.edge_count)
    )
    count, component = csgraph.connected_components(reach, directed=True, connection="strong")
    length = np.where(network.road_ferry, 0.0, network.road_length_m)[network.edge_road]
    # A two-way road stands in the list twice.
    length = np.where(network.road_oneway[network.edge_road], length, length / 2.0)
    return replace(
        network,
        arc_ptr=turns.ptr,
        arc_to=turns.to,
        arc_u_turn=turns.is_u_turn,
        edge_component=component.astype(np.int32),
        component_length_m=np.bincount(component, weights=length, minlength=count).astype(np.float64),
        counts=(*network.counts, ("turns_banned", turns.banned)),
    )


def _fingerprint(network: RoadNetwork) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for field in fields(network):
        value = getattr(network, field.name)
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value).data)
    digest.update(network.mode.encode())
    digest.update(network.profiles.to_json(orient="values").encode())
    return digest.hexdigest()
