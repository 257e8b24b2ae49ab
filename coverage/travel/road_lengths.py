"""Kilometres of the quickest ways: summed along the tree of the search that found the times, for all people at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from coverage.network.model import FloatArray, IntArray
from coverage.network.ragged_rows import list_ranges
from coverage.travel.search import Sources
from coverage.travel.snapping import Snapped
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import (
    Places,
    StationSearch,
    TimedNetwork,
    list_ends,
    pair_on_same_edge,
    search_stations,
    to_sources,
)


def measure_roads(
    basis: TravelBasis,
    chosen: IntArray,
    *,
    points: npt.NDArray[np.intp] | None = None,
    searched: StationSearch | None = None,
    limit_s: float = np.inf,
) -> FloatArray:
    """Measure the roads of the quickest way between demand points and their nearest station [m].

    Parameters
    ----------
    basis
        The study joined to its roads.
    chosen
        Rows of the stations that count, ascending, shape (c,).
    points
        Demand points to measure, ascending; None for all.
    searched
        `coverage.travel.travel_time.search_stations` from these stations, where that was done already; not used with
        units.
    limit_s
        No way of these points takes longer [s].

    Returns
    -------
    One way, in the order of the points; walks between a point and its road do not count. NaN where no station is
    reached. Of ways that are equally quick the shortest counts.

    Notes
    -----
    Every state of the search knows the state it was reached from; lengths along the tree are added by pointer jumping
    (Wyllie 1979), O(states log depth) without a further search. With units one search for each of them.
    """
    demand, stations = basis.demand, basis.stations.subset(chosen.astype(np.intp))
    metres = _to_metres(basis.timed, basis.demand_snapped, demand)
    station_metres = _to_metres(basis.timed, basis.station_snapped, basis.stations).subset(chosen.astype(np.intp))
    if points is not None:
        demand, metres = demand.subset(points), metres.subset(points)
    if demand.unit is None or stations.unit is None:
        found = searched or search_stations(basis.timed, stations, limit_s=limit_s)
        return _measure(basis.timed, (demand, metres), (stations, station_metres), found)
    answer = np.full(demand.count, np.nan)
    for (unit, mine, places), (_, _, lengths) in zip(demand.split_by_unit(), metres.split_by_unit(), strict=True):
        allowed = np.flatnonzero((stations.unit == unit) if unit >= 0 else np.ones(stations.count, bool))
        offered = replace(stations, unit=None).subset(allowed), replace(station_metres, unit=None).subset(allowed)
        found = search_stations(basis.timed, offered[0], limit_s=limit_s)
        answer[mine] = _measure(basis.timed, (places, lengths), offered, found)
    return answer


def _to_metres(timed: TimedNetwork, snapped: Snapped, places: Places) -> Places:
    """Return the same places with metres along their edges in the place of seconds, and no walk."""
    network = timed.network
    road_m = network.road_length_m
    edge_m = road_m[network.edge_road[places.edge]]
    slot = snapped.slot[places.point]
    ends = np.concatenate(([0.0], np.cumsum(network.piece_length_m)))
    first = network.vertex_ptr[network.edge_road[places.edge]]
    along = ends[slot] - ends[first] + snapped.fraction[places.point] * network.piece_length_m[slot]
    inside = np.where(network.edge_forward[places.edge], along, edge_m - along)
    at_node = np.where(places.from_tail_s == 0.0, 0.0, edge_m)
    from_tail = np.clip(np.where(snapped.node[places.point] < 0, inside, at_node), 0.0, edge_m)
    walk = np.where(np.isfinite(places.access_s), 0.0, np.inf)
    return replace(places, from_tail_s=from_tail, to_head_s=edge_m - from_tail, access_s=walk)


def _measure(
    timed: TimedNetwork, demand: tuple[Places, Places], stations: tuple[Places, Places], searched: StationSearch
) -> FloatArray:
    """Measure the way of every point; places come with seconds and with metres, row by row."""
    if not len(stations[0].point):
        return np.full(demand[0].count, np.nan)
    state_m = _sum_along(timed, to_sources(timed, stations[0]), to_sources(timed, stations[1]).offset_s, searched)
    point, state, leg_s = list_ends(timed, demand[0])
    leg_m = list_ends(timed, demand[1])[2]
    row, at = pair_on_same_edge(timed, demand[0], stations[0])
    own = demand[0].point[row]
    gap_s, gap_m = (np.abs(s.from_tail_s[at] - d.from_tail_s[row]) for d, s in zip(demand, stations, strict=True))
    walks_s = demand[0].access_s[own] + stations[0].access_s[stations[0].point[at]]
    points = np.concatenate((point, own))
    total_s = np.concatenate((leg_s + searched.seconds[state], walks_s + gap_s))
    total_m = np.concatenate((leg_m + state_m[state], gap_m))
    quickest = np.full(demand[0].count, np.inf)
    np.minimum.at(quickest, points, total_s)
    # Sums of the same legs in another order differ in the last bits.
    best = np.isfinite(total_s) & (total_s <= quickest[points] + 1e-6)
    metres = np.full(demand[0].count, np.inf)
    np.minimum.at(metres, points[best], total_m[best])
    return np.where(np.isfinite(metres), metres, np.nan)


def _sum_along(timed: TimedNetwork, sources: Sources, offset_m: FloatArray, searched: StationSearch) -> FloatArray:
    """Sum the metres between the nearest source and every state, shape (states,); inf where none is reached.

    Like its seconds, the metres of a state end where its edge meets the rest of the way.
    """
    graph, network, before = timed.graph, timed.network, searched.before
    states, edges = graph.state_count, network.edge_count
    # A restricted edge has a second state behind all edges.
    edge_of_state = np.concatenate((np.arange(edges), np.flatnonzero(graph.far_state != np.arange(edges))))
    state_m = network.road_length_m[network.edge_road[edge_of_state]]
    inner = np.flatnonzero((before >= 0) & (before < states))
    first = np.flatnonzero(before >= states)
    total, following = np.zeros(states + 1), np.full(states + 1, states, np.int64)
    total[inner], following[inner] = state_m[before[inner]], before[inner]
    total[first] = _find_first_steps(timed, sources, offset_m, searched)[first]
    while len(inner):
        after = following[inner]
        total[inner] += total[after]
        following[inner] = following[after]
        inner = inner[following[inner] != states]
    return np.where(before >= 0, total[:states], np.inf)


def _find_first_steps(
    timed: TimedNetwork, sources: Sources, offset_m: FloatArray, searched: StationSearch
) -> FloatArray:
    """Find the metres along a station's own edge for states that were reached straight from it, else inf."""
    graph = timed.graph
    count = np.diff(graph.ptr)[sources.edge]
    arc = list_ranges(graph.ptr[sources.edge], count)
    row, target = np.repeat(np.arange(len(sources.edge)), count), graph.target[arc]
    taken = searched.before[target] == graph.state_count + sources.source[row]
    taken &= searched.seconds[target] == graph.turn_s[arc] + sources.offset_s[row]
    metres = np.full(graph.state_count, np.inf)
    np.minimum.at(metres, target[taken], offset_m[row[taken]])
    return metres
