"""The ladder: how many units have a point of each family and level, and how many people reach one in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from coverage.access.assessment import find_nearest, find_weight_column
from coverage.access.established_reachable import count_stations, is_reached
from coverage.inputs.question import Question, find_question_cutoffs
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.scope import find_scope, has_level
from coverage.inputs.stations import select_stations
from coverage.inputs.unit_levels import number_station_districts
from coverage.network.model import BoolArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.travel_basis import TravelBasis
from coverage.units import is_within

LADDER_COLUMNS: tuple[str, ...] = (
    "family",
    "level",
    "stations",
    "units",
    "units_established",
    "established_rate",  # A1, NaN without units of the level
    "people",
    "people_covered",
    "reachable_rate",  # B1 among everybody
    "units_with_people",
    "units_reached",
    "unit_reach_rate",  # B2
    "unit_difference",  # B2 - A1: units with units, never people with units
)

# Stands before the id of an item where the stations that offer it are a group of the ladder.
ITEM = "item:"


def tabulate_ladder(
    basis: TravelBasis,
    question: Question,
    *,
    wanted: BoolArray | None = None,
    progress: Progress = ignore_progress,
) -> pd.DataFrame:
    """Tabulate A1, B1 and B2 for each family and level of stations.

    Parameters
    ----------
    basis, question
        The study joined to its roads and what is asked; only the question's family, if it names one, or
        the stations that offer its item: their ``family`` is `ITEM` and the item.
    wanted
        Mask of the stations that are open at the moment asked about, shape (s,), None for the whole week. A point
        counts for A1 whether it is open or not.
    progress
        Told the share done.

    Returns
    -------
    `LADDER_COLUMNS`, families in the order of the catalogue, levels from the village up; those with stations, and
    those without that should have one (`coverage.inputs.scope.has_level`): their rates are 0. `units_reached` have at
    least `coverage.inputs.indicator_registry.DEFAULT_UNIT_SHARE` of their people inside.
    """
    study, asked = basis.study, question.choice
    district = number_station_districts(study)
    units = {level.level: level for level in basis.units}
    groups = {
        one.id: replace(asked, service="", family=one.id)
        for one in study.catalogue.families
        if asked.family in ("", one.id)
    }
    if asked.service:
        groups = {f"{ITEM}{asked.service}": asked}
    ranks = {level.id: level.rank for level in study.catalogue.levels if level.id in DISTRICT_LEVELS}
    choices = [
        (group, replace(wanted, level=level))
        for group, wanted in groups.items()
        for level in sorted(ranks, key=lambda one: -ranks[one])
    ]
    scope, rows = find_scope(study, asked), []
    for number, (group, choice) in enumerate(choices):
        report_progress(progress, number / len(choices), "ladder")
        chosen = select_stations(study.stations, study.catalogue, choice)
        of_scope = ("item", choice.service) if choice.service else ("family", choice.family)
        if not (chosen.any() or (scope.has(*of_scope) and has_level(study, choice))):
            continue
        minutes = find_nearest(basis, choice, wanted=wanted)[0].minutes
        covered = is_within(minutes, find_question_cutoffs(study, replace(question, choice=choice)))
        weight = study.demand[find_weight_column(study, choice)].to_numpy(float)
        people, inside = float(weight.sum()), float(weight[covered].sum())
        counts = [np.nan, np.nan, np.nan, np.nan]
        if choice.level in units:
            level = units[choice.level]
            mine = slice(0, level.unit_count)
            lived, reached = level.sum(weight)[mine], level.sum(weight * covered)[mine]
            established = int((count_stations(level, district[chosen])[mine] > 0).sum())
            counts = [level.unit_count, established, int((lived > 0).sum()), int(is_reached(reached, lived).sum())]
        rate, share, unit_rate = counts[1] / counts[0] if counts[0] else np.nan, np.nan, np.nan
        share = inside / people if people > 0 else np.nan
        unit_rate = counts[3] / counts[2] if counts[2] else np.nan
        parts = (*counts[:2], rate, people, inside, share, *counts[2:], unit_rate, unit_rate - rate)
        rows.append((group, choice.level, int(chosen.sum()), *parts))
    return pd.DataFrame(rows, columns=list(LADDER_COLUMNS))
