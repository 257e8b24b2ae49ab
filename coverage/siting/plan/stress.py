"""Whether a plan holds when what it rests on is a little different: other thresholds, other speeds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.sensitivity import SPEED_CHANGE, scale_speeds
from coverage.inputs.stations import StationChoice, select_stations
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.siting.model.candidate_times import place_candidates
from coverage.siting.model.from_study import StudyProblem
from coverage.travel.travel_basis import TravelBasis, change_basis
from coverage.travel.travel_time import compute_nearest
from coverage.units import is_within

CUTOFF_CHANGE_MIN = 5.0
STRESS_COLUMNS: tuple[str, ...] = ("factor", "change", "before", "after", "gained", "share_after")


def stress_plan(
    basis: TravelBasis,
    choice: StationChoice,
    asked: StudyProblem,
    opened: npt.NDArray[np.integer],
    closed: npt.NDArray[np.integer],
    minutes_after: npt.NDArray[np.float32],
    *,
    progress: Progress = ignore_progress,
) -> pd.DataFrame:
    """Count whom the same sites reach with one thing changed at a time.

    Parameters
    ----------
    basis, choice, asked
        What was asked.
    opened, closed
        Rows of the problem that open, and of stations that close.
    minutes_after
        Everybody's time once the plan stands, without a limit, shape (d,) [min].
    progress
        Told the share of the speeds done.

    Returns
    -------
    `STRESS_COLUMNS`: as asked first (factor ``""``), then ``cutoff`` five minutes less and more, then ``speed``
    a fifth slower and faster; people covered before and after, the difference, and the share of everybody.

    Notes
    -----
    Other thresholds re-bin times that were searched without a limit. For other speeds the roads are priced anew
    and people search again; nothing is scaled.
    """
    weight, cutoffs = asked.problem.weight, asked.cutoffs_min
    total = max(float(weight.sum()), 1e-300)
    rows: list[tuple[str, float, float, float, float, float]] = []

    def add(factor: str, change: float, before: npt.ArrayLike, after: npt.ArrayLike, limits: npt.ArrayLike) -> None:
        sums = [
            float(weight[np.asarray(is_within(np.asarray(one), np.asarray(limits)))].sum()) for one in (before, after)
        ]
        rows.append((factor, change, sums[0], sums[1], sums[1] - sums[0], sums[1] / total))

    add("", 0.0, asked.minutes_before, minutes_after, cutoffs)
    for minutes in (-CUTOFF_CHANGE_MIN, CUTOFF_CHANGE_MIN):
        add("cutoff", minutes, asked.minutes_before, minutes_after, np.maximum(cutoffs + np.float32(minutes), 0.0))
    chosen = select_stations(basis.study.stations, basis.study.catalogue, choice)
    stays = chosen.copy()
    stays[asked.station_row[np.asarray(closed, np.int64) - len(asked.candidates)]] = False
    sites = asked.candidates.iloc[np.asarray(opened, np.intp)]
    for number, change in enumerate((-SPEED_CHANGE, SPEED_CHANGE)):
        report_progress(progress, number / 2.0, "range")
        changed = change_basis(basis, speeds=scale_speeds(basis.study.speeds, 1.0 + change))
        before, after = (_search(changed, np.flatnonzero(mask)) for mask in (chosen, stays))
        if len(sites):
            places = place_candidates(changed, sites)
            after = np.minimum(after, compute_nearest(changed.timed, changed.demand, places).minutes)
        add("speed", change, before, after, cutoffs)
    return pd.DataFrame(rows, columns=list(STRESS_COLUMNS))


def _search(basis: TravelBasis, stations: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = compute_nearest(basis.timed, basis.demand, basis.stations.subset(stations)).minutes
    return found
