"""From noded road lines to a routable network: chains become roads, nodes are ordered, turns listed."""

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
from coverage.network.chains import Chains, find_profile_flags, trace_chains
from coverage.network.junction_density import compute_junction_density
from coverage.network.model import BoolArray, ByteArray, FloatArray, IntArray, RoadLines, RoadNetwork
from coverage.network.ragged_rows import list_ranges
from coverage.network.turns import Turns, build_turns
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.units import WGS84_E2, compute_lengths_m


def build_network(
    lines: RoadLines, *, classes: Collection[str] | None = None, progress: Progress = ignore_progress
) -> RoadNetwork:
    """Build the routable network of noded road lines.

    Vertices where exactly two pieces of the same nature meet are passed through without a choice, so
    they become part of a road's polyline; a change of one-way direction, access restriction or road
    class (which a season may close) ends a road, as do junctions and the places of turn restrictions.

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
    chains = trace_chains(kept)
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
class _Ordering:
    """Vertices that are nodes in Hilbert order, the number of each vertex (-1: none), chains in road order."""

    node_vertex: npt.NDArray[np.int64]
    node_of_vertex: npt.NDArray[np.int64]
    chain_of_road: npt.NDArray[np.int64]


def _order_network(lines: RoadLines, chains: Chains) -> _Ordering:
    """Order nodes along a Hilbert curve and roads after their nodes, so that neighbours lie close in memory."""
    is_node = np.zeros(len(lines.lon), bool)
    is_node[chains.start] = is_node[chains.end] = True
    nodes = np.flatnonzero(is_node)
    points = gpd.GeoSeries(shapely.points(lines.lon[nodes], lines.lat[nodes]))
    bounds = points.total_bounds
    if bounds[0] == bounds[2] or bounds[1] == bounds[3]:
        bounds = bounds + np.array([-1e-6, -1e-6, 1e-6, 1e-6])
    along = points.hilbert_distance(total_bounds=bounds, level=16).to_numpy()
    nodes = nodes[np.argsort(along, kind="stable")]
    number = np.full(len(lines.lon), -1, np.int64)
    number[nodes] = np.arange(len(nodes))
    start, end = number[chains.start], number[chains.end]
    return _Ordering(nodes, number, np.argsort(start * len(nodes) + end, kind="stable"))


def _assemble(lines: RoadLines, chains: Chains, ordering: _Ordering) -> RoadNetwork:
    nodes, number, order = ordering.node_vertex, ordering.node_of_vertex, ordering.chain_of_road
    lengths = np.diff(chains.ptr)[order]
    ptr = np.concatenate(([0], np.cumsum(lengths)))
    halves = chains.halves[list_ranges(chains.ptr[:-1][order], lengths)]
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
    slot_against = np.zeros(len(is_last), bool)
    slot_against[~is_last] = against
    profiles, slot_profile = _turn_profiles(lines.profiles, lines.piece_profile[slot_piece], slot_against)

    restricted, motorway, ferry = find_profile_flags(lines.profiles)
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
        piece_profile=slot_profile,
        profiles=profiles,
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
        road_junctions_per_km2=_find_density(network),
        edge_bearing_out=bearing_out,
        edge_bearing_in=bearing_in,
    )


def _turn_profiles(profiles: pd.DataFrame, profile: IntArray, against: BoolArray) -> tuple[pd.DataFrame, IntArray]:
    """Give pieces that run against their road a profile with the two directions' limits exchanged."""
    exchange = {"maxspeed_forward_kph": "maxspeed_backward_kph", "maxspeed_backward_kph": "maxspeed_forward_kph"}
    ahead, back = (profiles[column].to_numpy(float) for column in exchange)
    differs = ~((ahead == back) | (np.isnan(ahead) & np.isnan(back)))
    profiles = profiles.reset_index(drop=True)
    turned = against & differs[profile]
    if not turned.any():
        return profiles, profile
    rows = np.unique(profile[turned])
    number = np.zeros(len(profiles), np.int32)
    number[rows] = len(profiles) + np.arange(len(rows), dtype=np.int32)
    mirrored = profiles.iloc[rows].rename(columns=exchange)[list(profiles.columns)]
    return pd.concat((profiles, mirrored), ignore_index=True), np.where(turned, number[profile], profile)


def _list_edges(start: IntArray, end: IntArray, oneway: BoolArray) -> tuple[IntArray, BoolArray]:
    """List the travelled directions of all roads, sorted by tail node."""
    two_way = np.flatnonzero(~oneway)
    road = np.concatenate((np.arange(len(start)), two_way))
    forward = np.concatenate((np.ones(len(start), bool), np.zeros(len(two_way), bool)))
    tail = np.where(forward, start[road], end[road])
    order = np.argsort((tail.astype(np.int64) * len(start) + road) * 2 + ~forward)
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
        backward[(way == 1) & ~slot_against] = 0
        backward[(way == 2) & slot_against] = 0
        for ends in (vertex_ptr[:-1], vertex_ptr[1:] - 1):
            forward[ends] = backward[ends] = 0
    return forward, backward


def _compute_bearings(network: RoadNetwork) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Compute compass bearings at both ends of every edge from its first and last piece."""
    first, last = network.vertex_ptr[:-1], network.vertex_ptr[1:] - 1
    second, second_last = first + 1, last - 1
    # Pieces of no length have no direction: look past them.
    for at in np.flatnonzero((network.piece_length_m[first] == 0.0) | (network.piece_length_m[second_last] == 0.0)):
        long = np.flatnonzero(network.piece_length_m[first[at] : last[at]])
        if len(long):
            second[at], second_last[at] = first[at] + long[0] + 1, first[at] + long[-1]

    def bearing(a: IntArray, b: IntArray) -> FloatArray:
        lat = np.radians((network.vertex_lat[a] + network.vertex_lat[b]) / 2.0)
        east = (network.vertex_lon[b] - network.vertex_lon[a]) * np.cos(lat)
        # A degree of latitude is a little shorter than one of a great circle (ellipsoid).
        shorter = (1.0 - WGS84_E2) / (1.0 - WGS84_E2 * np.sin(lat) ** 2)
        result: FloatArray = np.degrees(np.arctan2(east, (network.vertex_lat[b] - network.vertex_lat[a]) * shorter))
        return result

    leave_start, reach_end = bearing(first, second), bearing(second_last, last)
    road, along = network.edge_road, network.edge_forward
    out = np.where(along, leave_start[road], reach_end[road] + 180.0)
    into = np.where(along, reach_end[road], leave_start[road] + 180.0)
    return (out % 360.0).astype(np.float32), (into % 360.0).astype(np.float32)


def _find_density(network: RoadNetwork) -> npt.NDArray[np.float32]:
    """Find the junction density around each road's middle, shape (r,) [1/km²]."""
    degree = np.bincount(np.concatenate((network.road_start, network.road_end)), minlength=network.node_count)
    at = degree >= 3
    # The middle vertex, or between the two middle ones, so that both directions of a line agree.
    low = (network.vertex_ptr[:-1] + network.vertex_ptr[1:] - 1) // 2
    high = (network.vertex_ptr[:-1] + network.vertex_ptr[1:]) // 2
    lon = (network.vertex_lon[low] + network.vertex_lon[high]) / 2.0
    lat = (network.vertex_lat[low] + network.vertex_lat[high]) / 2.0
    return compute_junction_density(network.node_lon[at], network.node_lat[at], lon, lat)


def _count(
    lines: RoadLines, chains: Chains, start: npt.NDArray[np.int32], end: IntArray
) -> tuple[tuple[str, int], ...]:
    used = np.zeros(len(lines.lon), bool)
    used[lines.piece_from] = used[lines.piece_to] = True
    pair = np.sort(np.minimum(start, end).astype(np.int64) << 32 | np.maximum(start, end))
    distinct = 1 + int((pair[1:] != pair[:-1]).sum())
    return (
        ("vertices", int(used.sum())),
        ("inner_vertices", chains.inner_vertices),
        ("self_loops", int((start == end).sum())),
        ("parallels", len(start) - distinct),
        ("turn_restrictions", len(lines.ban_via)),
    )


def _place_bans(
    lines: RoadLines, chains: Chains, ordering: _Ordering, network: RoadNetwork
) -> tuple[IntArray, IntArray, BoolArray]:
    """Translate bans on pieces into bans on edges: (arriving edges, leaving edges, only)."""
    chain, forward = ordering.chain_of_road[network.edge_road], network.edge_forward
    first, last = chains.halves[chains.ptr[chain]], chains.halves[chains.ptr[chain + 1] - 1]
    edge = np.arange(network.edge_count, dtype=np.int32)
    # The edge that begins, and the one that ends, with each half-piece; -1 where none does.
    beginning, ending = (np.full(2 * len(lines.piece_from), -1, np.int32) for _ in range(2))
    beginning[np.where(forward, first, last ^ 1)] = edge
    ending[np.where(forward, last, first ^ 1)] = edge
    via = lines.ban_via
    arriving = ending[2 * lines.ban_from.astype(np.int64) + (lines.piece_to[lines.ban_from] != via)]
    leaving = beginning[2 * lines.ban_to.astype(np.int64) + (lines.piece_from[lines.ban_to] != via)]
    touches_from = (lines.piece_from[lines.ban_from] == via) | (lines.piece_to[lines.ban_from] == via)
    touches_to = (lines.piece_from[lines.ban_to] == via) | (lines.piece_to[lines.ban_to] == via)
    known = (arriving >= 0) & (leaving >= 0) & touches_from & touches_to
    return arriving[known], leaving[known], lines.ban_only[known]


def _with_turns(network: RoadNetwork, turns: Turns) -> RoadNetwork:
    component, length_m = _find_components(network, turns, np.ones(network.edge_count, bool))
    enclosed = _find_enclosed_roads(network, turns, component)
    return replace(
        network,
        road_restricted=network.road_restricted | enclosed,
        arc_ptr=turns.ptr,
        arc_to=turns.to,
        arc_u_turn=turns.is_u_turn,
        edge_component=component,
        component_length_m=length_m,
        counts=(*network.counts, ("turns_banned", turns.banned), ("enclosed_roads", int(enclosed.sum()))),
    )


def _find_components(network: RoadNetwork, turns: Turns, wanted: BoolArray) -> tuple[IntArray, FloatArray]:
    """Find strong components over the turns between wanted edges, and their road lengths without ferries [m]."""
    source = np.repeat(np.arange(network.edge_count, dtype=np.int32), np.diff(turns.ptr))
    linked = wanted[source] & wanted[turns.to]
    ptr = np.concatenate(([0], np.cumsum(linked, dtype=np.int64)))[turns.ptr]
    target = turns.to[linked]
    size = network.edge_count
    reach = sparse.csr_array((np.ones(len(target), np.int8), target, ptr), shape=(size, size))
    count, component = csgraph.connected_components(reach, directed=True, connection="strong")
    length = np.where(network.road_ferry, 0.0, network.road_length_m)[network.edge_road]
    # A two-way road stands in the list twice.
    length = np.where(network.road_oneway[network.edge_road], length, length / 2.0)
    length_m = np.bincount(component, weights=length, minlength=count).astype(np.float64)
    return component.astype(np.int32), length_m


def _find_enclosed_roads(network: RoadNetwork, turns: Turns, component: IntArray) -> BoolArray:
    """Find public roads that only restricted ones join to the rest: streets behind the gate of a compound.

    They are restricted like what encloses them. Else nobody who lives there could leave: a way may
    not come out of a restricted road again, and coming from a public street it would have to.
    """
    public = ~network.road_restricted[network.edge_road]
    if public.all():
        return np.zeros(network.road_count, bool)
    part, length_m = _find_components(network, turns, public)
    component_of_part = np.zeros(len(length_m), np.int32)
    component_of_part[part] = component
    # In every component the longest public part is the public network.
    candidates = np.unique(part[public])
    order = candidates[np.lexsort((-length_m[candidates], component_of_part[candidates]))]
    first = np.unique(component_of_part[order], return_index=True)[1]
    is_main = np.zeros(len(length_m), bool)
    is_main[order[first]] = True
    reaches_main = np.zeros(network.road_count, bool)
    reaches_main[network.edge_road[public & is_main[part]]] = True
    return ~network.road_restricted & ~reaches_main


def _fingerprint(network: RoadNetwork) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for field in fields(network):
        value = getattr(network, field.name)
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value).data)
    digest.update(network.mode.encode())
    digest.update(network.profiles.to_json(orient="values").encode())
    return digest.hexdigest()
