"""Why is this place red: what its time is made of, what stands in the way, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.access.layer_coverage import tabulate_uncounted
from coverage.access.totals import classify
from coverage.inputs.schema import STATUSES
from coverage.inputs.stations import StationChoice, select_stations
from coverage.network.model import BoolArray
from coverage.travel.near_roads import (
    MissingLink,
    NearRoad,
    find_missing_link,
    find_open_roads,
    find_unused_road,
    find_usable_road,
)
from coverage.travel.place_to_stations import compute_to_all, turn_around
from coverage.travel.route import Route, find_spot, trace_route
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import TimedNetwork, compute_nearest
from coverage.units import is_within

# Assumed on a road that does not exist yet, if nothing else is said [km/h].
NEW_ROAD_KPH = 30.0
_LISTED = 3
# Why no station is reached: none offers what is asked, no road is near, those in reach are closed at that time,
# those in reach are of another unit, no road leads to one.
REASONS: tuple[str, ...] = ("not_offered", "no_road", "closed_then", "other_unit", "no_way")


@dataclass(frozen=True, slots=True)
class StationTime:
    """A station and the time to it.

    Parameters
    ----------
    station_id, status
        The station and its status.
    minutes
        Door-to-door time [min].
    is_within
        Whether that is within the threshold.
    """

    station_id: str
    status: str
    minutes: float
    is_within: bool


@dataclass(frozen=True, slots=True)
class UncountedTime:
    """A station that is nearer than any that counts, within the threshold, and does not count itself.

    Parameters
    ----------
    station
        The station and the time to it.
    layer, hours_week, visits_month, reason
        As `coverage.access.layer_coverage.tabulate_uncounted` tells: why it does not count, hours a week [h] and days a
        month, NaN where they are not known.
    """

    station: StationTime
    layer: str
    hours_week: float
    visits_month: float
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Everything that decides the class of one place.

    Parameters
    ----------
    lon, lat
        The place [degrees].
    choice, cutoff_min, season, direction
        What was asked.
    status
        Its class, one of `coverage.inputs.schema.STATUSES`.
    minutes, station_id
        The nearest chosen station and the time to it [min]; inf and "" where none is reached.
    over_min
        Minutes beyond the threshold: 0 if covered, inf without a time.
    snap_limit_m, access_min
        Longest walk to a road [m], and the walk from here [min]; inf if there is no road in reach.
    road
        The nearest road people are joined to, also beyond that limit; None within 100 km of none.
    unused_road
        A road that is nearer, and why it is not used; None if there is none.
    route
        The way to the nearest station; None where none is reached.
    next_nearest
        The second nearest chosen station; None if there is none.
    link
        The missing link to the nearest road from which a station is reached; only where this place
        has no time.
    without_item
        The nearest stations of the same family that do not offer the item asked for, at most three.
    uncounted
        Stations within the threshold, nearer than any that counts, that are no fixed service; at most three.
    planned, closed
        The nearest planned and closed station that would count.
    station_count
        How many stations were chosen.
    reason
        Why no station is reached, one of `REASONS`; "" where one is.
    outside
        The nearest station of another unit that would count, where residents are kept to their own and it has none.
    """

    lon: float
    lat: float
    choice: StationChoice
    cutoff_min: float
    season: str
    direction: str
    status: str
    minutes: float
    station_id: str
    over_min: float
    snap_limit_m: float
    access_min: float
    road: NearRoad | None
    unused_road: NearRoad | None
    route: Route | None
    next_nearest: StationTime | None
    link: MissingLink | None
    without_item: tuple[StationTime, ...]
    uncounted: tuple[UncountedTime, ...]
    planned: StationTime | None
    closed: StationTime | None
    station_count: int
    reason: str
    outside: StationTime | None


def explain_place(
    basis: TravelBasis,
    lon: float,
    lat: float,
    choice: StationChoice,
    *,
    cutoff_min: float | None = None,
    outward: TimedNetwork | None = None,
    new_road_kph: float = NEW_ROAD_KPH,
    wanted: BoolArray | None = None,
) -> Explanation:
    """Explain the class and the time of one place.

    Parameters
    ----------
    basis
        The study joined to its roads.
    lon, lat
        The place [degrees, WGS-84].
    choice
        Which stations count.
    cutoff_min
        Threshold, inclusive [min]; None takes the study's.
    outward
        `coverage.travel.place_to_stations.turn_around` of the basis, if several places are explained.
    new_road_kph
        Speed assumed on a missing link [km/h].
    wanted
        A further mask of stations, e.g. those that are open at a moment, shape (s,).

    Returns
    -------
    Class, minutes and station equal those of `coverage.access.assessment.assess` for people at this place.

    Raises
    ------
    InputError
        ``point.position_invalid`` as `coverage.travel.route.find_spot` does.

    Notes
    -----
    Three searches: from the chosen stations, from the place, and a bounded one for the way.
    """
    study = basis.study
    cutoff = study.settings.cutoff_min if cutoff_min is None else cutoff_min
    spot = find_spot(basis, lon, lat)
    chosen_mask = select_stations(study.stations, study.catalogue, choice)
    if wanted is not None:
        chosen_mask = chosen_mask & wanted
    if spot.places.unit is not None:
        chosen_mask = chosen_mask & basis.find_allowed(int(spot.places.unit[0]))
    chosen = np.flatnonzero(chosen_mask)
    stations = basis.stations.subset(chosen)
    nearest = compute_nearest(basis.timed, spot.places, stations)
    minutes, found = float(nearest.minutes[0]), int(nearest.station[0])
    status = STATUSES[classify(nearest.minutes, nearest.is_connected, cutoff)[0]]
    road, _ = find_usable_road(basis, lon, lat)
    unused = find_unused_road(basis, lon, lat)
    if unused is not None and road is not None and unused.distance_m >= road.distance_m:
        unused = None
    link = None
    if found < 0 and len(chosen):
        is_open = find_open_roads(basis, stations)
        link = find_missing_link(basis, lon, lat, stations, is_open, road_kph=new_road_kph)
    anywhere = compute_to_all(basis, outward or turn_around(basis), spot.places, anywhere=True)
    allowed = np.ones(len(anywhere), bool)
    if spot.places.unit is not None:
        allowed = basis.find_allowed(int(spot.places.unit[0]))
    everyone = np.where(allowed, anywhere, np.float32(np.inf))
    asked = select_stations(study.stations, study.catalogue, choice)
    reason = "" if found >= 0 else _find_reason(asked, allowed, anywhere, is_connected=status != "unconnected")
    elsewhere = asked if wanted is None else asked & wanted
    outside = next(iter(_list_nearest(basis, anywhere, elsewhere, cutoff, 1)), None)
    return Explanation(
        lon=float(lon),
        lat=float(lat),
        choice=choice,
        cutoff_min=cutoff,
        season=basis.season,
        direction=basis.direction,
        status=status,
        minutes=minutes,
        station_id=str(study.stations.index[chosen[found]]) if found >= 0 else "",
        over_min=0.0 if status == "covered" else minutes - cutoff,
        snap_limit_m=basis.snap_index.settings.max_access_m,
        access_min=float(spot.places.access_s[0]) / 60.0,
        road=road,
        unused_road=unused,
        route=trace_route(basis, spot, int(chosen[found]), minutes) if found >= 0 else None,
        next_nearest=_find_next(basis, everyone, chosen_mask, int(chosen[found]), cutoff) if found >= 0 else None,
        link=link,
        without_item=_list_without_item(basis, everyone, choice, chosen_mask, cutoff),
        uncounted=_list_uncounted(basis, everyone, choice, min(minutes, cutoff)),
        planned=_find_of_status(basis, everyone, choice, "planned", cutoff),
        closed=_find_of_status(basis, everyone, choice, "closed", cutoff),
        station_count=len(chosen),
        reason=reason,
        outside=outside if reason == "other_unit" else None,
    )


def _find_reason(asked: BoolArray, allowed: BoolArray, minutes: npt.NDArray[np.float32], *, is_connected: bool) -> str:
    """Find why none of the stations asked about is reached: those of the own unit, if any, are closed at that time."""
    if not asked.any():
        return "not_offered"
    if not is_connected:
        return "no_road"
    reached = asked & np.isfinite(minutes)
    if (reached & allowed).any():
        return "closed_then"
    return "other_unit" if reached.any() else "no_way"


def _list_nearest(
    basis: TravelBasis, minutes: npt.NDArray[np.float32], wanted: BoolArray, cutoff: float, count: int
) -> tuple[StationTime, ...]:
    rows = np.flatnonzero(wanted & np.isfinite(minutes))
    rows = rows[np.argsort(minutes[rows], kind="stable")][:count]
    stations = basis.study.stations
    return tuple(
        StationTime(
            station_id=str(stations.index[row]),
            status=str(stations["status"].iloc[row]),
            minutes=float(minutes[row]),
            is_within=is_within(float(minutes[row]), cutoff),
        )
        for row in rows.tolist()
    )


def _find_next(
    basis: TravelBasis, minutes: npt.NDArray[np.float32], chosen: BoolArray, nearest: int, cutoff: float
) -> StationTime | None:
    others = chosen.copy()
    others[nearest] = False
    return next(iter(_list_nearest(basis, minutes, others, cutoff, 1)), None)


def _list_without_item(
    basis: TravelBasis, minutes: npt.NDArray[np.float32], choice: StationChoice, chosen: BoolArray, cutoff: float
) -> tuple[StationTime, ...]:
    if not choice.service:
        return ()
    return _list_nearest(basis, minutes, select_without_item(basis, choice) & ~chosen, cutoff, _LISTED)


def _list_uncounted(
    basis: TravelBasis, minutes: npt.NDArray[np.float32], choice: StationChoice, limit_min: float
) -> tuple[UncountedTime, ...]:
    """List the stations up to a limit that meet a choice and are no fixed service, the nearest first."""
    table = tabulate_uncounted(basis.study, choice)
    table = table[table["layer"] != "remote"]
    wanted = basis.study.stations.index.isin(table.index)
    near = _list_nearest(basis, minutes, wanted, limit_min, _LISTED)
    return tuple(
        UncountedTime(
            station=one,
            layer=str(table["layer"][one.station_id]),
            hours_week=float(table["hours_week"][one.station_id]),
            visits_month=float(table["visits_month"][one.station_id]),
            reason=str(table["reason"][one.station_id]),
        )
        for one in near
        if one.is_within
    )


def select_without_item(basis: TravelBasis, choice: StationChoice) -> BoolArray:
    """Mark existing stations of the item's family, under the other conditions of a choice, that lack the item."""
    study = basis.study
    family = choice.family or study.catalogue.item(choice.service).family
    alike = replace(choice, service="", family=family, status=("existing",))
    offering = select_stations(study.stations, study.catalogue, replace(alike, service=choice.service))
    return select_stations(study.stations, study.catalogue, alike) & ~offering


def _find_of_status(
    basis: TravelBasis, minutes: npt.NDArray[np.float32], choice: StationChoice, status: str, cutoff: float
) -> StationTime | None:
    if status in choice.status:
        return None
    wanted = select_stations(basis.study.stations, basis.study.catalogue, replace(choice, status=(status,)))
    return next(iter(_list_nearest(basis, minutes, wanted, cutoff, 1)), None)
