"""Calibrating a study's speeds to a table of trips: routing them, fitting, and what it does to the study."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.access.assessment import assess
from coverage.errors import DataIssue, InputError, NetworkError
from coverage.inputs.schema import LoadedTable
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.calibration import Calibration, TripTimes, calibrate, group_profiles, split_times
from coverage.network.speeds import SpeedTable
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.route import Route, find_nearest_route, find_spot
from coverage.travel.travel_basis import TravelBasis, build_travel_basis, change_basis
from geodata.studies.edit_study import Saving, save_inputs
from geodata.studies.write_speeds import encode_speeds

_MOST_NAMED = 20
# Both ends of a trip are on a road: farther from one, the trip is not what the roads say.
_FARTHEST_M = 500.0


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationRun:
    """A calibration of a study.

    Parameters
    ----------
    fit
        The fit.
    trips
        One row for each trip used, indexed by its row in the file: from, to, season, minutes, before_min,
        after_min, residual (share by which the fitted time is above the known one).
    issues
        Rows that were left out, and why.
    share_before, share_after
        Share of people within the study's threshold of any existing station, before and after.
    """

    fit: Calibration
    trips: pd.DataFrame
    issues: tuple[DataIssue, ...]
    share_before: float
    share_after: float


def run_calibration(study: Study, read: LoadedTable, *, progress: Progress = ignore_progress) -> CalibrationRun:
    """Fit a study's car speeds to trips.

    Parameters
    ----------
    study
        A study with roads, travelled by car.
    read
        Trips as `geodata.intake.read_trips.read_trips` returns them.
    progress
        Told the share done.

    Raises
    ------
    NetworkError
        If the study has no roads.
    InputError
        ``calibration.drive_only`` in another mode; ``calibration.*`` as `coverage.network.calibration.calibrate`
        does if the trips cannot tell.
    """
    if study.network is None:
        raise NetworkError("study.no_roads", study=study.id)
    if study.settings.mode != "drive":
        raise InputError("calibration.drive_only")
    report_progress(progress, 0.0, "calibration")
    bases = _place_trips(study, read.table)
    reached, issues = _find_reached(bases, read)
    trips = read.table.loc[reached]

    def measure(table: SpeedTable) -> TripTimes:
        return _measure(bases, trips, table)

    fit = calibrate(study.speeds, trips["minutes"].to_numpy(float) * 60.0, measure)
    report_progress(progress, 0.6, "calibration")
    listed = trips[["from", "to", "season", "minutes"]].assign(
        before_min=fit.before_s / 60.0, after_min=fit.after_s / 60.0
    )
    basis = build_travel_basis(study)
    shares = [
        assess(one, StationChoice(), cutoff_min=study.settings.cutoff_min).totals.share_covered
        for one in (basis, change_basis(basis, speeds=fit.table))
    ]
    report_progress(progress, 1.0, "calibration")
    return CalibrationRun(
        fit=fit,
        trips=listed.assign(residual=listed["after_min"] / listed["minutes"] - 1.0),
        issues=(*read.issues, *issues),
        share_before=shares[0],
        share_after=shares[1],
    )


def save_calibration(study_toml: Path, run: CalibrationRun, source: str) -> Saving:
    """Save the fitted table as the study's own; the table before stays in its folder.

    Parameters
    ----------
    study_toml
        The study.
    run
        The calibration.
    source
        Where the figures come from, kept in the table.

    Returns
    -------
    What `geodata.studies.edit_study.undo_saving` takes back.
    """
    content = encode_speeds(replace(run.fit.table, id="calibrated"), sources=source)
    return save_inputs(study_toml, {"speeds": content}, keep_old=True)


def _place_trips(study: Study, trips: pd.DataFrame) -> dict[str, TravelBasis]:
    """Join the ends of all trips to the roads, once for each season: starts as people, ends as stations."""
    rows = trips.index.astype(str)
    start, end = (
        pd.DataFrame({"lon": trips[f"{name}_lon"].to_numpy(float), "lat": trips[f"{name}_lat"].to_numpy(float)}, rows)
        for name in ("from", "to")
    )
    placed = replace(study, demand=start.assign(district_id=""), stations=end.assign(district_id=""))
    seasons = list(dict.fromkeys(trips["season"]))
    first = build_travel_basis(placed, season=seasons[0], direction="to")
    return {season: first if season == seasons[0] else change_basis(first, season=season) for season in seasons}


def _find_reached(bases: dict[str, TravelBasis], read: LoadedTable) -> tuple[np.ndarray, tuple[DataIssue, ...]]:
    """Find the trips that have a road near both ends and a way between them; name the others by their rows."""
    trips, basis = read.table, next(iter(bases.values()))
    far = np.zeros(len(trips), bool)
    for snapped in (basis.demand_snapped, basis.station_snapped):
        far |= (snapped.road < 0) | ~(snapped.access_m <= _FARTHEST_M)
    no_way = np.zeros(len(trips), bool)
    for number in np.flatnonzero(~far):
        no_way[number] = _trace(bases, trips.iloc[number], int(number)) is None
    issues = []
    for code, mask in (("trips.far_from_roads", far), ("trips.no_way", no_way)):
        if mask.any():
            rows = tuple(int(row) for row in trips.index[mask][:_MOST_NAMED])
            ends = trips.iloc[int(np.argmax(mask))]
            issues.append(
                DataIssue(code, "rejected", "", int(mask.sum()), rows, value=f"{ends['from']} → {ends['to']}"[:200])
            )
    return ~(far | no_way), tuple(issues)


def _trace(bases: dict[str, TravelBasis], trip: pd.Series, number: int) -> Route | None:
    """Trace a trip to the station of its number; None if there is no way."""
    basis = bases[str(trip["season"])]
    spot = find_spot(basis, float(trip["from_lon"]), float(trip["from_lat"]))
    return find_nearest_route(basis, spot, np.array([number]))


def _measure(bases: dict[str, TravelBasis], trips: pd.DataFrame, table: SpeedTable) -> TripTimes:
    """Measure the trips at a table; the walks to and from the roads are no part of them."""
    priced = {season: change_basis(basis, speeds=table) for season, basis in bases.items()}
    placed = next(iter(priced.values()))
    group = group_profiles(placed.timed.network, table)
    station = {row: number for number, row in enumerate(placed.study.stations.index)}
    group_s, fixed_s = [], []
    for row, trip in trips.iterrows():
        route = _trace(priced, trip, station[str(row)])
        if route is None:  # a way that was there is there at any speed
            raise InputError("calibration.no_way", row=int(str(row)))
        split = split_times(group, route.profile, route.piece_s)
        group_s.append(split)
        fixed_s.append(float(route.piece_s.sum() - split.sum()) + route.delay_min * 60.0)
    return TripTimes(np.array(group_s), np.array(fixed_s))
