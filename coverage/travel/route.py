"""The way from a place to a station: the same time as the tables, taken apart into its legs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from coverage.errors import InputError
from coverage.network.model import FloatArray, IntArray
from coverage.travel.route_pieces import Position, RouteLeg, Stretch, cut_edge, find_position, join_roads
from coverage.travel.search import SearchGraph, search_nearest
from coverage.travel.snapping import Snapped, snap_points
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import (
    Places,
    TimedNetwork,
    compute_nearest,
    find_ends,
    find_on_same_edge,
    place_points,
    to_sources,
)

# What is searched beyond the known time, so that rounding never loses the way [s].
_MARGIN_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The quickest way between a place and one station.

    Parameters
    ----------
    station_id
        The station.
    minutes
        Door-to-door time in float64; as float32 it is the time of the tables up to rounding [min].
    access_min, first_road_min, roads_min, last_road_min, delay_min, egress_min
        Its parts, in the order of travel: the first walk; the rest of the road the way begins on;
        whole roads; the part of the road it ends on; turns and delays of the whole way; the last
        walk [min]. Where both ends lie on one road, `first_road_min` is the way along it.
    length_m
        Length travelled on roads [m].
    legs
        Walk, roads of one class after another, all turns and delays together, walk; their minutes
        sum to `minutes`.
    lon, lat
        The line of the whole way, walks included, in the order of travel [degrees].
    profile, piece_s
        Road profile of every piece travelled and the time on it, shape (n,) [s].
    """

    station_id: str
    minutes: float
    access_min: float
    first_road_min: float
    roads_min: float
    last_road_min: float
    delay_min: float
    egress_min: float
    length_m: float
    legs: tuple[RouteLeg, ...]
    lon: FloatArray
    lat: FloatArray
    profile: IntArray
    piece_s: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """One point joined to the roads.

    Parameters
    ----------
    lon, lat
        The point itself [degrees].
    snapped, places
        Of this point alone.
    """

    lon: float
    lat: float
    snapped: Snapped
    places: Places


def find_spot(basis: TravelBasis, lon: float, lat: float) -> Spot:
    """Join one place [degrees, WGS-84] to the roads of a travel basis.

    Raises
    ------
    InputError
        ``point.position_invalid`` if the position is not a place on the map; ask for one with
        |lon| ≤ 180 and |lat| ≤ 85.
    """
    # NaN fails every comparison.
    if not (abs(lon) <= 180.0 and abs(lat) <= 85.0):
        raise InputError("point.position_invalid", lon=float(lon), lat=float(lat))
    snapped = snap_points(basis.snap_index, np.array([lon]), np.array([lat]))
    unit = basis.find_units(np.array([lon]), np.array([lat]))
    return Spot(lon, lat, snapped, place_points(basis.timed, snapped, basis.study.settings.snap, unit=unit))


def _find_station_spot(basis: TravelBasis, number: int) -> Spot:
    row, whole, at = basis.study.stations.iloc[number], basis.station_snapped, slice(number, number + 1)
    one = Snapped(whole.road[at], whole.slot[at], whole.fraction[at], whole.node[at], whole.access_m[at])
    return Spot(float(row["lon"]), float(row["lat"]), one, basis.stations.subset(np.array([number])))


def find_nearest_route(basis: TravelBasis, spot: Spot, chosen: IntArray) -> Route | None:
    """Find the quickest way between a place and the nearest of some stations.

    Parameters
    ----------
    basis
        The study joined to its roads; its direction says who travels.
    spot
        As `find_spot` returns.
    chosen
        Row numbers of the stations that count, of any status, ascending, shape (c,).

    Returns
    -------
    The route; None where no station is reached.

    Notes
    -----
    Two searches: from the stations for the time, then from the nearest alone, bounded by that time,
    for the way.
    """
    nearest = compute_nearest(basis.timed, spot.places, basis.stations.subset(chosen.astype(np.intp)))
    if nearest.station[0] < 0:
        return None
    return trace_route(basis, spot, int(chosen[nearest.station[0]]), float(nearest.minutes[0]))


def trace_route(basis: TravelBasis, spot: Spot, number: int, minutes: float) -> Route:
    """Trace the quickest way to a station whose time is known.

    Parameters
    ----------
    basis, spot
        As for `find_nearest_route`.
    number
        Row number of the station.
    minutes
        The time to it, as `coverage.travel.travel_time.compute_nearest` gives it [min]; bounds the search.
    """
    timed = basis.timed
    station = _find_station_spot(basis, number)
    limit_s = minutes * 60.0 * (1.0 + 1e-6) + _MARGIN_S
    seconds, _, before = search_nearest(timed.graph, to_sources(timed, station.places), limit_s=limit_s)
    ends = find_ends(timed, spot.places)
    reached = ends.state[ends.end]
    totals = ends.leg_s + seconds[reached]
    _, _, same_s = find_on_same_edge(timed, spot.places, station.places)
    if len(same_s) and same_s.min() <= totals.min():
        stretch = _stay_on_edge(timed, spot, station)
        return _assemble(basis, spot, station, number, [stretch], 0.0)
    edges, turn_s = _unwind(timed, station.places, int(reached[int(np.argmin(totals))]), seconds, before)
    along = spot.places.to_head_s if timed.direction == "to" else spot.places.from_tail_s
    here = _pick_row(spot.places, edges[0], along)
    along = station.places.from_tail_s if timed.direction == "to" else station.places.to_head_s
    there = _pick_row(station.places, edges[-1], along)
    ours, theirs = _position(timed, spot, here), _position(timed, station, there)
    if timed.direction == "from":
        edges, ours, theirs = edges[::-1], theirs, ours
    stretches = [cut_edge(timed, edges[0], ours, None)]
    stretches += [cut_edge(timed, edge, None, None) for edge in edges[1:-1]]
    stretches.append(cut_edge(timed, edges[-1], None, theirs))
    return _assemble(basis, spot, station, number, stretches, turn_s)


def _position(timed: TimedNetwork, spot: Spot, row: int) -> Position:
    return find_position(timed, spot.snapped, spot.places, row)


def _pick_row(places: Places, edge: int, along_s: FloatArray) -> int:
    """Return the row on an edge from which the least of it is travelled (a loop has two at a junction)."""
    rows = np.flatnonzero(places.edge == edge)
    return int(rows[int(np.argmin(along_s[rows]))])


def _stay_on_edge(timed: TimedNetwork, spot: Spot, station: Spot) -> Stretch:
    """Return the shortest way along an edge that place and station share."""
    start, end = (spot, station) if timed.direction == "to" else (station, spot)
    gap = end.places.from_tail_s[None, :] - start.places.from_tail_s[:, None]
    shared = (start.places.edge[:, None] == end.places.edge[None, :]) & (gap >= 0.0)
    row, column = np.unravel_index(int(np.argmin(np.where(shared, gap, np.inf))), gap.shape)
    edge = int(start.places.edge[row])
    return cut_edge(timed, edge, _position(timed, start, int(row)), _position(timed, end, int(column)))


def _unwind(
    timed: TimedNetwork, station: Places, state: int, seconds: FloatArray, before: IntArray
) -> tuple[list[int], float]:
    """Return the edges from the place's to the station's, both included, and the seconds of all turns."""
    graph = timed.graph
    count = len(graph.far_state)
    second = np.flatnonzero(graph.far_state != np.arange(count))
    states = [state]
    while before[states[-1]] < graph.state_count:
        states.append(int(before[states[-1]]))
    turn_s = sum(_find_turn(graph, far, near) for near, far in pairwise(states))
    # The virtual source stands for every edge of the station: find the one that was left.
    offset = to_sources(timed, station).offset_s
    turns = np.array([_find_turn(graph, int(edge), states[-1]) for edge in station.edge])
    best = int(np.argmin(offset + turns))
    edges = [one if one < count else int(second[one - count]) for one in states]
    return [*edges, int(station.edge[best])], turn_s + float(turns[best])


def _find_turn(graph: SearchGraph, state: int, following: int) -> float:
    """Return the seconds of the turn between two states in search order; inf if there is none."""
    arcs = slice(int(graph.ptr[state]), int(graph.ptr[state + 1]))
    fits = graph.target[arcs] == following
    return float(graph.turn_s[arcs][fits].min()) if fits.any() else float("inf")


def _assemble(
    basis: TravelBasis, spot: Spot, station: Spot, number: int, stretches: list[Stretch], turn_s: float
) -> Route:
    start, end = (spot, station) if basis.timed.direction == "to" else (station, spot)
    access_min, egress_min = float(start.places.access_s[0]) / 60.0, float(end.places.access_s[0]) / 60.0
    road = [stretch.road_s / 60.0 for stretch in stretches]
    delay_min = (turn_s + sum(stretch.delay_s for stretch in stretches)) / 60.0
    roads = join_roads([leg for stretch in stretches for leg in stretch.roads])
    legs = [RouteLeg("access", "", float(start.snapped.access_m[0]), access_min), *roads]
    if delay_min > 0.0:
        legs.append(RouteLeg("delay", "", 0.0, delay_min))
    legs.append(RouteLeg("access", "", float(end.snapped.access_m[0]), egress_min))
    lon = np.concatenate(([start.lon], *(stretch.lon for stretch in stretches), [end.lon]))
    lat = np.concatenate(([start.lat], *(stretch.lat for stretch in stretches), [end.lat]))
    moves = np.concatenate(([True], (np.diff(lon) != 0.0) | (np.diff(lat) != 0.0)))
    return Route(
        station_id=str(basis.study.stations.index[number]),
        minutes=access_min + sum(road) + delay_min + egress_min,
        access_min=access_min,
        first_road_min=road[0],
        roads_min=sum(road[1:-1]),
        last_road_min=road[-1] if len(road) > 1 else 0.0,
        delay_min=delay_min,
        egress_min=egress_min,
        length_m=sum(leg.length_m for leg in roads),
        legs=tuple(legs),
        lon=lon[moves],
        lat=lat[moves],
        profile=np.concatenate([stretch.profile for stretch in stretches]),
        piece_s=np.concatenate([stretch.piece_s for stretch in stretches]),
    )
