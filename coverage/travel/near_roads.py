"""Roads around one place, usable or not, and the missing link to the nearest open road."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import shapely

from coverage.network.model import BoolArray, FloatArray, RoadNetwork
from coverage.network.speeds import bound_by_own_speed
from coverage.travel.search import search_nearest
from coverage.travel.snapping import SnapIndex, Snapped, build_line_tree, snap_points
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import Places, TimedNetwork, compute_nearest, place_points, to_sources
from coverage.units import conformal_scale, to_conformal

# Why a road is not used: "" means that it is.
Reason = Literal["", "motorway", "ferry", "tunnel", "bridge", "motorroad", "ramp", "steps", "small_component", "closed"]

# How far a road is looked for; a distance, never a walk.
FARTHEST_LINK_M = 100_000.0
# A longer road than this is not supposed: no time is given over it, and it is no remedy.
LONGEST_LINK_M = 20_000.0
_FIRST_RADIUS_M = 2_000.0


@dataclass(frozen=True, slots=True)
class NearRoad:
    """A road near a place.

    Parameters
    ----------
    road_class
        Its class where the place is nearest to it.
    distance_m
        Straight distance from the place [m].
    component_km
        Length of the strongly connected roads it belongs to [km].
    is_main
        Whether they are the longest of the network.
    reason
        Why nobody is joined to it, "" if people are.
    """

    road_class: str
    distance_m: float
    component_km: float
    is_main: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class MissingLink:
    """What a road to the nearest road from which a station is reached would change.

    Parameters
    ----------
    length_m
        Straight length of the link [m].
    kph
        Speed on the link: what was asked, at most the mode's own [km/h].
    minutes
        Door-to-door time over it [min].
    lon, lat
        Where it would meet that road [degrees].
    """

    length_m: float
    kph: float
    minutes: float
    lon: float
    lat: float


def find_reason(timed: TimedNetwork, index: SnapIndex, road: int, slot: int) -> Reason:
    """Tell why nobody is joined to a road at the piece a slot begins, or cannot travel from it; "" if all is well."""
    network = timed.network
    edges = np.flatnonzero(network.edge_road == road)
    if network.road_ferry[road]:
        return "ferry"
    if network.road_motorway[road]:
        return "motorway"
    no_entry = str(network.profiles["no_entry"].iloc[int(network.piece_profile[slot])])
    if no_entry:
        return cast(Reason, no_entry)
    if not index.is_net[network.edge_component[edges]].any():
        return "small_component"
    return "" if np.isfinite(timed.edge_s[edges]).any() else "closed"


def describe_road(timed: TimedNetwork, index: SnapIndex, road: int, slot: int, distance_m: float) -> NearRoad:
    """Describe one road as seen from a place whose nearest piece begins at a vertex slot."""
    network = timed.network
    component = network.edge_component[network.edge_road == road]
    component = component[int(np.argmax(network.component_length_m[component]))]
    return NearRoad(
        road_class=str(network.profiles["highway"].iloc[int(network.piece_profile[slot])]),
        distance_m=distance_m,
        component_km=float(network.component_length_m[component]) / 1000.0,
        is_main=bool(component == int(np.argmax(network.component_length_m))),
        reason=find_reason(timed, index, road, slot),
    )


def find_usable_road(basis: TravelBasis, lon: float, lat: float) -> tuple[NearRoad | None, Snapped]:
    """Find the nearest road people are joined to, also beyond the snap limit, up to 100 km."""
    snapped = snap_points(basis.snap_index, np.array([lon]), np.array([lat]), limit_m=FARTHEST_LINK_M)
    return _describe_snapped(basis, snapped), snapped


def find_unused_road(basis: TravelBasis, lon: float, lat: float) -> NearRoad | None:
    """Find the nearest road nobody is joined to: a motorway, a ferry, a tunnel, a small piece on its own."""
    unused = ~basis.snap_index.pieces
    unused[basis.timed.network.vertex_ptr[1:] - 1] = False
    snapped = _snap_to(basis.snap_index, unused, lon, lat)
    return _describe_snapped(basis, snapped)


def _describe_snapped(basis: TravelBasis, snapped: Snapped) -> NearRoad | None:
    if snapped.road[0] < 0:
        return None
    road, slot, metres = int(snapped.road[0]), int(snapped.slot[0]), float(snapped.access_m[0])
    return describe_road(basis.timed, basis.snap_index, road, slot, metres)


def _snap_to(index: SnapIndex, pieces: BoolArray, lon: float, lat: float) -> Snapped:
    """Find the nearest place on some pieces of road, without the limit of the settings."""
    some = replace(index, entered=build_line_tree(index.network, index.x, index.y, pieces), motor_roads=None)
    return snap_points(some, np.array([lon]), np.array([lat]), limit_m=FARTHEST_LINK_M)


def find_open_roads(basis: TravelBasis, stations: Places) -> BoolArray:
    """Find the roads from every place of which one of the stations is reached, shape (r,)."""
    value, _, _ = search_nearest(basis.timed.graph, to_sources(basis.timed, stations))
    edges = basis.timed.network.edge_count
    is_open = np.zeros(basis.timed.network.road_count, bool)
    is_open[basis.timed.network.edge_road[np.isfinite(value[:edges])]] = True
    return is_open


def find_missing_link(
    basis: TravelBasis, lon: float, lat: float, stations: Places, is_open: BoolArray, *, road_kph: float
) -> MissingLink | None:
    """Find the shortest link to a road from which a station is reached, and the time over it.

    Parameters
    ----------
    basis
        The study joined to its roads.
    lon, lat
        The place [degrees].
    stations, is_open
        The stations that count, and `find_open_roads` of them.
    road_kph
        Speed on the link [km/h]; whoever is slower travels at the mode's own speed.

    Returns
    -------
    None if no such road lies within 100 km.
    """
    index = basis.snap_index
    point = shapely.Point(*(float(value[0]) for value in to_conformal(np.array([lon]), np.array([lat]))))
    scale = float(conformal_scale(np.array([lat]))[0])
    radius = _FIRST_RADIUS_M
    near = np.zeros(0, np.int32)
    while len(near) == 0 and radius < 4.0 * FARTHEST_LINK_M:
        lines = index.entered.tree.query(point, predicate="dwithin", distance=radius * scale)
        found = index.entered.road[lines]
        near = found[is_open[found]]
        radius *= 4.0
    wanted = np.zeros(index.network.road_count, bool)
    wanted[near] = True
    place = _snap_to(index, index.pieces & np.repeat(wanted, np.diff(index.network.vertex_ptr)), lon, lat)
    if place.road[0] < 0:
        return None
    length_m = float(place.access_m[0])
    kph = bound_by_own_speed(basis.study.speeds, road_kph)
    there = replace(place, access_m=np.array([length_m * index.settings.access_kph / kph]))
    minutes = compute_nearest(basis.timed, place_points(basis.timed, there, index.settings), stations).minutes
    at = interpolate(basis.timed.network, place)
    return MissingLink(length_m, kph, float(minutes[0]), *at)


def interpolate(network: RoadNetwork, snapped: Snapped) -> tuple[float, float]:
    """Return lon and lat of the place of a single snapped point [degrees]."""
    slot, share = int(snapped.slot[0]), float(snapped.fraction[0])

    def between(value: FloatArray) -> float:
        return float(value[slot] * (1.0 - share) + value[slot + 1] * share)

    return between(network.vertex_lon), between(network.vertex_lat)
