"""A study joined to its roads: every answer is read from one basis, so that no two can disagree."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import InputError, NetworkError
from coverage.inputs.districts import assign_districts
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import UnitLevel, build_unit_levels, number_districts, number_station_districts
from coverage.network.closures import find_closed_roads, find_speed_factors
from coverage.network.model import BoolArray, FloatArray, IntArray
from coverage.network.settings import TravelDirection
from coverage.network.speeds import SpeedTable
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.snapping import SnapIndex, Snapped, build_snap_index, snap_points
from coverage.travel.travel_time import Places, TimedNetwork, build_timed_network, place_points


@dataclass(frozen=True, slots=True, eq=False)
class TravelBasis:
    """A study joined to its roads at the speeds of one season: every answer is read from it.

    Parameters
    ----------
    study
        The study.
    season, direction
        What the times hold for.
    own_level
        Level of the units whose residents go to stations of their own unit only; "" where everybody
        may go to every station.
    closed
        Roads that are closed, shape (r,); None for none.
    timed
        The priced network.
    snap_index
        Index to join further points (a clicked place, a new station).
    demand_snapped, station_snapped
        Where people and stations meet the roads.
    demand, stations
        Their places with times, all stations whatever their status.
    units
        The units of every level, and which of them each demand point lies in.
    """

    study: Study
    season: str
    direction: TravelDirection
    own_level: str
    closed: BoolArray | None
    timed: TimedNetwork
    snap_index: SnapIndex
    demand_snapped: Snapped
    station_snapped: Snapped
    demand: Places
    stations: Places
    units: tuple[UnitLevel, ...]

    def find_units(self, lon: FloatArray, lat: FloatArray) -> IntArray | None:
        """Find the unit of each point that decides where its residents may go, shape (n,); None without such units.

        Units are numbered as `coverage.inputs.unit_levels.build_unit_levels` does, -1 outside all of them.
        """
        if not self.own_level:
            return None
        points = assign_districts(pd.DataFrame({"lon": lon, "lat": lat}), self.study.districts)
        return find_level_units(self.study, self.own_level, number_districts(self.study, points["district_id"]))

    def find_allowed(self, unit: int) -> BoolArray:
        """Mark the stations that residents of a unit (-1: of none) may go to, shape (s,)."""
        own = self.stations.unit
        if own is None or unit < 0:
            return np.ones(self.stations.count, bool)
        allowed: BoolArray = own == unit
        return allowed


def build_travel_basis(
    study: Study,
    *,
    season: str | None = None,
    direction: TravelDirection | None = None,
    own_level: str = "",
    closed: BoolArray | None = None,
    progress: Progress = ignore_progress,
) -> TravelBasis:
    """Join a study's people and stations to its roads and price the network.

    Parameters
    ----------
    study
        A study with a network.
    season, direction
        None takes the study's own.
    own_level, closed
        See `TravelBasis`.
    progress
        Told the share done.

    Raises
    ------
    NetworkError
        If the study has no road network: only the established rate can be given then.
    InputError
        ``districts.level_unknown`` if the study has no units of `own_level`.
    """
    if study.network is None:
        raise NetworkError("study.no_roads", study=study.id)
    report_progress(progress, 0.0, "network")
    sites = study.stations["lon"].to_numpy(float), study.stations["lat"].to_numpy(float)
    index = build_snap_index(study.network, study.settings.snap, own=sites)
    report_progress(progress, 0.3, "snap")

    def snap_share(share: float, step: str) -> bool:
        return progress(0.3 + 0.6 * share, step)

    demand_snapped = snap_points(
        index, study.demand["lon"].to_numpy(float), study.demand["lat"].to_numpy(float), progress=snap_share
    )
    station_snapped = snap_points(index, *sites)
    basis = _price(
        study,
        study.speeds,
        season or study.settings.season,
        direction or study.settings.direction,
        own_level,
        closed,
        index,
        demand_snapped,
        station_snapped,
        tuple(build_unit_levels(study)),
    )
    report_progress(progress, 1.0, "snap")
    return basis


def change_basis(
    basis: TravelBasis,
    *,
    season: str | None = None,
    direction: TravelDirection | None = None,
    own_level: str | None = None,
    closed: BoolArray | None = None,
    speeds: SpeedTable | None = None,
) -> TravelBasis:
    """Price a basis anew for another season, other speeds, closed roads or another rule of responsibility.

    Nothing is scaled: all times are searched on the roads as they are then. People and stations stay
    where they met the roads, which is most of the work of a new basis.

    Parameters
    ----------
    basis
        The basis; None keeps what it has.
    season, direction, own_level, closed
        See `TravelBasis`.
    speeds
        Another table for this basis alone; the study keeps its own.
    """
    return _price(
        basis.study,
        speeds or basis.study.speeds,
        basis.season if season is None else season,
        direction or basis.direction,
        basis.own_level if own_level is None else own_level,
        basis.closed if closed is None else closed,
        basis.snap_index,
        basis.demand_snapped,
        basis.station_snapped,
        basis.units,
    )


def _price(
    study: Study,
    speeds: SpeedTable,
    season: str,
    direction: TravelDirection,
    own_level: str,
    closed: BoolArray | None,
    index: SnapIndex,
    demand_snapped: Snapped,
    station_snapped: Snapped,
    units: tuple[UnitLevel, ...],
) -> TravelBasis:
    if study.network is None:
        raise NetworkError("study.no_roads", study=study.id)
    shut = closed
    if study.closed_now:
        own = find_closed_roads(study.network, study.closed_now)[0]
        shut = own if closed is None else own | closed
    factor = find_speed_factors(study.network, study.slowed_now)
    timed = build_timed_network(study.network, speeds, season=season, direction=direction, closed=shut, factor=factor)
    demand_unit = station_unit = None
    if own_level:
        demand_unit = find_level_units(study, own_level, number_districts(study, study.demand["district_id"]))
        station_unit = find_level_units(study, own_level, number_station_districts(study))
    snap = study.settings.snap
    return TravelBasis(
        study=study,
        season=season,
        direction=direction,
        own_level=own_level,
        closed=closed,
        timed=timed,
        snap_index=index,
        demand_snapped=demand_snapped,
        station_snapped=station_snapped,
        demand=place_points(timed, demand_snapped, snap, unit=demand_unit),
        stations=place_points(timed, station_snapped, snap, unit=station_unit),
        units=units,
    )


def resettle(basis: TravelBasis, demand_snapped: Snapped, station_snapped: Snapped) -> TravelBasis:
    """Return a basis whose people and stations meet the roads elsewhere, at the same times and under the same rules."""
    snap = basis.study.settings.snap
    return replace(
        basis,
        demand_snapped=demand_snapped,
        station_snapped=station_snapped,
        demand=place_points(basis.timed, demand_snapped, snap, unit=basis.demand.unit),
        stations=place_points(basis.timed, station_snapped, snap, unit=basis.stations.unit),
    )


def find_level_units(study: Study, level: str, district: npt.NDArray[np.int64]) -> IntArray:
    """Find the unit of a level that holds each district row (-1: no district), shape (n,); -1 for none.

    Raises
    ------
    InputError
        ``districts.level_unknown`` if the study has no units of the level.
    """
    levels = build_unit_levels(study, (level,))
    if not levels:
        known = [one for one in DISTRICT_LEVELS if (study.districts["level"] == one).any()]
        raise InputError("districts.level_unknown", value=level, known=", ".join(known))
    of_district = levels[0].of_district[district]
    units: IntArray = np.where(of_district == levels[0].unit_count, -1, of_district).astype(np.int32)
    return units
