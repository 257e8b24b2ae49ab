"""Door-to-door travel times: a priced network, places on it, and the nearest station of everybody.

A time is made of the walk from the point to its place on a road, the way along it, the roads and turns of the search
graph, and the walk to the other point. Legs add up in float64 seconds, rounded once by `coverage.units.to_minutes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from coverage.network.model import DELAY_KINDS, BoolArray, FloatArray, IntArray, RoadNetwork
from coverage.network.ragged_rows import list_ranges
from coverage.network.settings import SnapSettings, TravelDirection
from coverage.network.speeds import RoadTimes, SpeedTable, compute_road_times
from coverage.network.turns import compute_turn_seconds
from coverage.travel.search import SearchGraph, Sources, build_search_graph, search_nearest
from coverage.travel.snapping import Snapped
from coverage.units import to_minutes


@dataclass(frozen=True, slots=True, eq=False)
class TimedNetwork:
    """A network at the speeds of one table and season, ready to be searched in one direction."""

    network: RoadNetwork
    direction: TravelDirection
    times: RoadTimes
    edge_s: FloatArray
    graph: SearchGraph
    delay_s: FloatArray


def build_timed_network(
    network: RoadNetwork,
    speeds: SpeedTable,
    *,
    season: str = "summer",
    direction: TravelDirection = "to",
    closed: BoolArray | None = None,
    factor: FloatArray | None = None,
) -> TimedNetwork:
    """Price a network; roads in `closed` (r,) are not travelled, others at the share `factor` (r,) of their speed."""
    times = compute_road_times(network, speeds, season, factor=factor)
    road, forward = network.edge_road, network.edge_forward
    edge_s = np.where(forward, times.road_forward_s[road], times.road_backward_s[road])
    if closed is not None:
        edge_s[closed[road]] = np.inf
    delays = dict(speeds.delays_s)
    delay_s = np.array([delays.get(kind, 0.0) for kind in DELAY_KINDS])
    turn_s = compute_turn_seconds(network, speeds.turns, delay_s)
    graph = build_search_graph(network, edge_s, turn_s, direction)
    return TimedNetwork(network, direction, times, edge_s, graph, delay_s)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Points on the travelled edges of a timed network; one row for each edge a point can use.

    Parameters
    ----------
    point
        Number of the point, ascending, shape (m,).
    edge
        The edge.
    from_tail_s, to_head_s
        Seconds along the edge from its tail to the place, and from the place to its head.
    access_s
        Seconds of the walk between each point and its road, inf where unconnected, shape (p,).
    unit
        Unit whose residents and stations belong together, shape (p,): -1 may go to every station; None where all may.
    """

    point: IntArray
    edge: IntArray
    from_tail_s: FloatArray
    to_head_s: FloatArray
    access_s: FloatArray
    unit: IntArray | None = None

    @property
    def count(self) -> int:
        """Return the number of points."""
        return len(self.access_s)

    @property
    def is_connected(self) -> BoolArray:
        """Tell which points have a road within the snap limit, shape (p,)."""
        return np.isfinite(self.access_s)

    def subset(self, wanted: npt.NDArray[np.intp]) -> Places:
        """Return the places of some points, renumbered in the given order (ascending numbers)."""
        number = np.full(self.count, -1, np.int32)
        number[wanted] = np.arange(len(wanted), dtype=np.int32)
        rows = number[self.point] >= 0
        return Places(
            point=number[self.point[rows]],
            edge=self.edge[rows],
            from_tail_s=self.from_tail_s[rows],
            to_head_s=self.to_head_s[rows],
            access_s=self.access_s[wanted],
            unit=None if self.unit is None else self.unit[wanted],
        )

    def split_by_unit(self) -> Iterator[tuple[int, npt.NDArray[np.int64], Places]]:
        """Yield each unit with the numbers of its points and their places, renumbered; O(m log m) in all."""
        unit = np.full(self.count, -1, np.int32) if self.unit is None else self.unit
        order = np.argsort(unit, kind="stable")
        rank = np.empty(self.count, np.int64)
        rank[order] = np.arange(self.count)
        moved = rank[self.point]
        rows = np.argsort(moved, kind="stable")
        moved = moved[rows]
        cuts = [0, *(np.flatnonzero(np.diff(unit[order])) + 1).tolist(), self.count]
        for first, last in pairwise(cuts):
            if first == last:
                continue
            low, high = np.searchsorted(moved, (first, last))
            mine = rows[low:high]
            points = order[first:last]
            part = Places(
                point=(moved[low:high] - first).astype(np.int32),
                edge=self.edge[mine],
                from_tail_s=self.from_tail_s[mine],
                to_head_s=self.to_head_s[mine],
                access_s=self.access_s[points],
            )
            yield int(unit[order[first]]), points, part


def place_points(
    timed: TimedNetwork, snapped: Snapped, settings: SnapSettings, *, unit: IntArray | None = None
) -> Places:
    """Turn snapped points into places on edges with their times, in their units if there are any.

    A point inside a road uses the travelled directions of that road. A point at a junction uses every edge that
    touches it, at the beginning of those that leave and the end of those that arrive: no turn is charged there.
    """
    network, times = timed.network, timed.times
    inside = np.flatnonzero((snapped.road >= 0) & (snapped.node < 0))
    slot, share = snapped.slot[inside], snapped.fraction[inside]
    delay_next = timed.delay_s[network.vertex_delay_forward[slot + 1]]
    is_last = slot + 2 == network.vertex_ptr[snapped.road[inside] + 1]
    piece_along = times.along_s[slot + 1] - times.along_s[slot] - np.where(is_last, 0.0, delay_next)
    delay_here = timed.delay_s[network.vertex_delay_backward[slot]]
    is_first = slot == network.vertex_ptr[snapped.road[inside]]
    piece_against = times.against_s[slot] - times.against_s[slot + 1] - np.where(is_first, 0.0, delay_here)
    from_start = times.along_s[slot] + share * piece_along
    from_end = times.against_s[slot + 1] + (1.0 - share) * piece_against

    forward, backward = _edges_of_roads(network, snapped.road[inside])
    parts = [_rows(timed, inside, forward, from_start), _rows(timed, inside, backward, from_end)]
    at_node = np.flatnonzero(snapped.node >= 0)
    node = snapped.node[at_node]
    for edges_at, at_tail in ((network.edge_tail, True), (network.edge_head, False)):
        if not len(node):
            continue
        which, edge = _edges_at_nodes(edges_at, node, network.node_count)
        offset = np.zeros(len(edge)) if at_tail else timed.edge_s[edge]
        parts.append(_rows(timed, at_node[which], edge, offset))
    point = np.concatenate([part[0] for part in parts])
    order = np.argsort(point, kind="stable")
    edge = np.concatenate([part[1] for part in parts])[order]
    from_tail = np.concatenate([part[2] for part in parts])[order]
    return Places(
        point=point[order].astype(np.int32),
        edge=edge.astype(np.int32),
        from_tail_s=from_tail,
        to_head_s=np.maximum(timed.edge_s[edge] - from_tail, 0.0),
        access_s=snapped.access_m * 3.6 / settings.access_kph,
        unit=unit,
    )


def _edges_of_roads(network: RoadNetwork, road: IntArray) -> tuple[IntArray, IntArray]:
    asked = np.zeros(network.road_count, bool)
    asked[road] = True
    edge = np.flatnonzero(asked[network.edge_road]).astype(np.int32)
    found = np.empty((2, network.road_count), np.int32)
    found[:, road] = -1  # no more is read
    found[network.edge_forward[edge].astype(np.int8), network.edge_road[edge]] = edge
    return found[1, road], found[0, road]


def _edges_at_nodes(
    edge_node: IntArray, node: IntArray, node_count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List (position in `node`, edge) for the edges whose tail or head is that node."""
    asked = np.zeros(node_count, bool)
    asked[node] = True
    there = np.flatnonzero(asked[edge_node])
    order = there[np.argsort(edge_node[there], kind="stable")]
    at = edge_node[order]
    begin = np.searchsorted(at, node, side="left")
    count = np.searchsorted(at, node, side="right") - begin
    which = np.repeat(np.arange(len(node)), count)
    return which, order[list_ranges(begin, count)]


def _rows(
    timed: TimedNetwork, point: npt.NDArray[np.int64], edge: npt.NDArray[np.integer], from_tail: FloatArray
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], FloatArray]:
    travelled = (edge >= 0) & np.isfinite(timed.edge_s[edge])
    return point[travelled], edge[travelled].astype(np.int64), from_tail[travelled]


def to_sources(timed: TimedNetwork, stations: Places) -> Sources:
    """Turn stations into sources of the search."""
    along = stations.from_tail_s if timed.direction == "to" else stations.to_head_s
    return Sources(stations.point, stations.edge, along + stations.access_s[stations.point], stations.count)


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The states in which demand leaves its edges: rows of (point, end, seconds from the point), shape (m,).

    Parameters
    ----------
    state
        Distinct states, shape (w,).
    point, end
        Number of the point, ascending, and position in `state`.
    leg_s
        Access leg plus the way along the edge [s].
    """

    state: IntArray
    point: IntArray
    end: IntArray
    leg_s: FloatArray


def find_ends(timed: TimedNetwork, demand: Places) -> Ends:
    """Find where demand leaves its edges."""
    point, state, leg_s = list_ends(timed, demand)
    order = np.argsort(point, kind="stable")
    distinct, end = np.unique(state, return_inverse=True)
    return Ends(distinct.astype(np.int32), point[order], end[order].astype(np.int32), leg_s[order])


def list_ends(timed: TimedNetwork, demand: Places) -> tuple[IntArray, IntArray, FloatArray]:
    """List (point, state, seconds from the point to the state), in no order of points."""
    along = demand.to_head_s if timed.direction == "to" else demand.from_tail_s
    leg = demand.access_s[demand.point] + along
    far = timed.graph.far_state[demand.edge]
    second = np.flatnonzero(far != demand.edge)
    if not len(second):
        return demand.point, demand.edge, leg
    return (
        np.concatenate((demand.point, demand.point[second])),
        np.concatenate((demand.edge, far[second])),
        np.concatenate((leg, leg[second])),
    )


def find_on_same_edge(timed: TimedNetwork, demand: Places, stations: Places) -> tuple[IntArray, IntArray, FloatArray]:
    """List (point, station, seconds) for pairs that share an edge, the one ahead of the other."""
    row, at = pair_on_same_edge(timed, demand, stations)
    gap = np.abs(stations.from_tail_s[at] - demand.from_tail_s[row])
    point, station = demand.point[row], stations.point[at]
    return point, station, demand.access_s[point] + gap + stations.access_s[station]


def pair_on_same_edge(
    timed: TimedNetwork, demand: Places, stations: Places
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """List (row of demand, row of stations) on the same edge, the traveller's before the other's."""
    order = np.argsort(stations.edge, kind="stable")
    edges = stations.edge[order]
    has_station = np.zeros(timed.network.edge_count, bool)
    has_station[edges] = True
    shared = np.flatnonzero(has_station[demand.edge])
    begin = np.searchsorted(edges, demand.edge[shared], side="left")
    count = np.searchsorted(edges, demand.edge[shared], side="right") - begin
    row = np.repeat(shared, count)
    at = order[list_ranges(begin, count)]
    gap = stations.from_tail_s[at] - demand.from_tail_s[row]
    if timed.direction == "from":
        gap = -gap
    ahead = gap >= 0.0
    return row[ahead], at[ahead]


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The nearest station of every demand point, all of shape (p,).

    Parameters
    ----------
    minutes
        Door-to-door time, float32, inf where no station can be reached [min].
    station
        Number of that station, -1 where none.
    is_connected
        False where no road lies within the snap limit.
    route_m
        Length on roads of the way there, NaN where none [m]; None if not asked for (`coverage.travel.road_lengths`).
    """

    minutes: npt.NDArray[np.float32]
    station: IntArray
    is_connected: BoolArray
    route_m: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StationSearch:
    """A search from all stations at once, shape (states,): see `coverage.travel.search.search_nearest`."""

    seconds: FloatArray
    station: IntArray
    before: IntArray


def search_stations(timed: TimedNetwork, stations: Places, *, limit_s: float = np.inf) -> StationSearch:
    """Search from stations; what is found answers for people and for a picture alike."""
    return StationSearch(*search_nearest(timed.graph, to_sources(timed, stations), limit_s=limit_s))


def compute_nearest(
    timed: TimedNetwork, demand: Places, stations: Places, *, searched: StationSearch | None = None
) -> Nearest:
    """Compute the nearest station and its time for every demand point, without a limit.

    Where both know their units, residents go to stations of their own unit only.

    Parameters
    ----------
    timed, demand, stations
        The network at its speeds, whose direction says who travels, and places on it.
    searched
        `search_stations` from the same stations, where that was done already; not used with units.

    Notes
    -----
    One search from all stations: O(states log states). With units a bounded search for each, repeated farther out.
    """
    seconds, station = compute_nearest_seconds(timed, demand, stations, searched=searched)
    return Nearest(to_minutes(seconds), station, demand.is_connected)


def compute_nearest_seconds(
    timed: TimedNetwork, demand: Places, stations: Places, *, searched: StationSearch | None = None
) -> tuple[FloatArray, IntArray]:
    """Compute what `compute_nearest` does, before rounding: seconds, inf where none, and the station, -1 there."""
    if demand.unit is None or stations.unit is None:
        return _read_nearest(timed, demand, stations, searched or search_stations(timed, stations))
    seconds = np.full(demand.count, np.inf)
    station = np.full(demand.count, -1, np.int32)
    own = {unit: (numbers, places) for unit, numbers, places in stations.split_by_unit()}
    for unit, points, places in demand.split_by_unit():
        if unit < 0:
            numbers, offered = np.arange(stations.count), replace(stations, unit=None)
        elif unit in own:
            numbers, offered = own[unit]
        else:
            continue
        seconds[points], found = _search_outward(timed, places, offered)
        station[points] = np.append(numbers, -1)[found]
    return seconds, station


# A unit is small beside the network: look near its stations first, farther only for those left over [s].
_OUTWARD_S = (1800.0, 7200.0, np.inf)


def _search_outward(timed: TimedNetwork, demand: Places, stations: Places) -> tuple[FloatArray, IntArray]:
    for limit_s in _OUTWARD_S:
        seconds, station = _read_nearest(timed, demand, stations, search_stations(timed, stations, limit_s=limit_s))
        # A time within the limit is final; beyond it a quicker way may have been cut off.
        if (seconds[demand.is_connected] <= limit_s - 1.0).all():
            break
    return seconds, station


def _read_nearest(
    timed: TimedNetwork, demand: Places, stations: Places, searched: StationSearch
) -> tuple[FloatArray, IntArray]:
    seconds = np.full(demand.count, np.inf)
    points, state, leg_s = list_ends(timed, demand)
    origins, total = searched.station[state], leg_s + searched.seconds[state]
    same_point, same_station, same_s = find_on_same_edge(timed, demand, stations)
    points = np.concatenate((points, same_point))
    origins = np.concatenate((origins, same_station))
    total = np.concatenate((total, same_s))
    np.minimum.at(seconds, points, total)
    # Of stations that are equally near the first one counts, whatever the order of the search.
    best = np.isfinite(total) & (total == seconds[points])
    station = np.full(demand.count, stations.count, np.int32)
    np.minimum.at(station, points[best], origins[best].astype(np.int32))
    station[station == stations.count] = -1
    return seconds, station
