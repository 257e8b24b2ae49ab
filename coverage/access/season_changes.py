"""What a season or closed roads change: coverage in each case beside the case to compare with (ΔC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import find_nearest, find_weight_column
from coverage.inputs.question import Question, find_question_cutoffs
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import divide
from coverage.network.closures import Closure, find_closed_roads
from coverage.network.model import BoolArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.travel_basis import TravelBasis, change_basis
from coverage.units import is_within

SUMMER = "summer"
CHANGE_COLUMNS: tuple[str, ...] = (
    "case",  # id of the season, or "closed_roads"
    "unit_level",
    "unit_id",
    "name",
    "covered",
    "people",
    "share",
    "change",  # of the share against the first case
    "newly_lost",  # people inside in the first case and outside in this one
)


@dataclass(frozen=True, slots=True)
class SeasonCase:
    """One case of the table.

    Parameters
    ----------
    id
        Id of the season, or ``"closed_roads"``.
    season
        A season of the speed table.
    closures
        Roads that are closed in it.
    """

    id: str
    season: str
    closures: tuple[Closure, ...] = ()


def list_season_cases(study: Study, closures: tuple[Closure, ...] = ()) -> list[SeasonCase]:
    """List the cases of a study: summer first, every other season of its speeds, then its closed roads in summer."""
    cases = [SeasonCase(season, season) for season in study.speeds.season_names]
    return [*cases, SeasonCase("closed_roads", SUMMER, closures)] if closures else cases


def compare_seasons(
    basis: TravelBasis,
    question: Question,
    cases: Sequence[SeasonCase],
    *,
    wanted: Mapping[str, BoolArray] | None = None,
    known_minutes: dict[str, npt.NDArray[np.float32]] | None = None,
    progress: Progress = ignore_progress,
) -> pd.DataFrame:
    """Compare coverage between seasons and with closed roads, for the study and the units of every level.

    Parameters
    ----------
    basis
        The study joined to its roads, in any season, with no roads closed.
    question
        What is asked; its thresholds may depend on the season.
    cases
        The first is what the others are compared with.
    wanted
        A further mask of stations by season, shape (s,) each: hours may differ between seasons.
    known_minutes
        Times to the nearest chosen station by id of a case, shape (p,), where they were searched already.
    progress
        Told the share done.

    Returns
    -------
    `CHANGE_COLUMNS`, one row for each case and unit. `covered` and `people` of the units of a level add
    up to those of the study.

    Notes
    -----
    Every case prices all roads anew and searches again; nothing is scaled.
    """
    study = basis.study
    known = known_minutes or {}
    weight = study.demand[find_weight_column(study, question.choice)].to_numpy(float)
    levels = basis.units
    first: npt.NDArray[np.bool_] = np.zeros(len(weight), bool)
    parts = []
    for number, case in enumerate(cases):
        report_progress(progress, number / len(cases), "seasons")
        minutes = known.get(case.id)
        if minutes is None:
            closed = None
            if case.closures and study.network is not None:
                closed = find_closed_roads(study.network, case.closures)[0]
            changed = change_basis(basis, season=case.season, closed=closed)
            choice = replace(question, season=case.season).choice
            is_open = None if wanted is None else wanted[case.season]
            minutes = find_nearest(changed, choice, wanted=is_open)[0].minutes
        covered = is_within(minutes, find_question_cutoffs(study, question, season=case.season))
        if number == 0:
            first = covered
        for level in levels:
            inside, people = level.sum(weight * covered), level.sum(weight)
            before = level.sum(weight * first)
            parts.append(
                pd.DataFrame(
                    {
                        "case": case.id,
                        "unit_level": level.level,
                        "unit_id": level.ids,
                        "name": level.names,
                        "covered": inside,
                        "people": people,
                        "share": divide(inside, people),
                        "change": divide(inside, people) - divide(before, people),
                        "newly_lost": level.sum(weight * (first & ~covered)),
                    }
                )[people > 0]
            )
    report_progress(progress, 1.0, "seasons")
    return pd.concat(parts, ignore_index=True)[list(CHANGE_COLUMNS)] if parts else pd.DataFrame(columns=CHANGE_COLUMNS)
