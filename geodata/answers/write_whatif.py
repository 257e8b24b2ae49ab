"""Writes what edits do: the numbers, the difference by district, and who is newly covered."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.access.assessment import find_weight_column
from coverage.access.service_cost import CostAssumptions, CostChange
from geodata.answers.run_whatif import WhatIf
from geodata.answers.write_assessment import describe_question, summarise, write_schematic_note
from geodata.files.write_tables import write_csv, write_json
from geodata.studies.edits_json import to_plain
from geodata.words.i18n import Language
from geodata.words.unit_names import name_units

_NAMED = 10


def write_whatif(folder: Path, found: WhatIf, *, run: dict[str, object], language: Language) -> list[Path]:
    """Write ``delta.json``, ``delta_districts.csv``, ``newly_covered.csv`` and ``run.json`` into a folder.

    Parameters
    ----------
    folder
        Created if needed; files of the same names are replaced.
    found
        What the edits do.
    run
        As `geodata.answers.write_assessment.describe_run` returns.
    language
        Language of the names of rows that stand for no unit.

    Returns
    -------
    The files. Two runs write the same, but for ``started`` and ``seconds`` of ``run.json``.
    """
    points = found.comparison.points
    won = points[points["change"] == "newly_covered"]
    paths = [folder / name for name in ("delta.json", "delta_districts.csv", "newly_covered.csv", "run.json")]
    write_json(paths[0], summarise_whatif(found))
    districts = name_units(found.comparison.districts, language, found.study.name)
    write_csv(paths[1], districts.rename_axis("district_id"))
    write_csv(paths[2], won)
    write_json(paths[3], run)
    return [*paths, *write_schematic_note(folder, found.study)]


def summarise_whatif(found: WhatIf) -> dict[str, object]:
    """Gather the numbers of a what-if under the names of ``delta.json``."""
    delta, question = found.comparison, found.question
    weight = find_weight_column(found.study, question.choice)
    return {
        "study": found.study.id,
        "schematic": found.study.schematic,
        "fingerprint_before": found.study.fingerprint,
        "fingerprint_after": found.after.fingerprint,
        **describe_question(found.study, question),
        "cutoff_min_before": question.cutoff_min if question.thresholds is None else None,
        "cutoff_min_after": found.question_after.cutoff_min if found.question_after.thresholds is None else None,
        "edits": [to_plain(edit) for edit in found.edits],
        "before": summarise(delta.before, weight, delta.stations_before),
        "after": summarise(delta.after, weight, delta.stations_after),
        "newly_covered": delta.newly_covered,
        "newly_lost": delta.newly_lost,
        "faster": delta.faster,
        "slower": delta.slower,
        "person_minutes_saved": delta.person_minutes_saved,
        "mean_saved_min": delta.mean_saved_min,
        # A year of visits is not made at one moment of the week.
        "service_cost": _spell_service_cost(delta.service_cost) if question.moment_min is None else None,
        "cost": found.cost,
        "cost_per_person": _divide(found.cost, delta.newly_covered - delta.newly_lost),
        "services": delta.services[delta.services["what"] == "service"].drop(columns="what").to_dict("records"),
        "levels": delta.services[delta.services["what"] == "level"].drop(columns="what").to_dict("records"),
        "winners": _name_districts(delta.find_winners(_NAMED)),
        "losers": _name_districts(delta.find_losers(_NAMED)),
        "winning_points": _name_points(delta.find_winning_points(_NAMED)),
        "losing_points": _name_points(delta.find_losing_points(_NAMED)),
    }


def _spell_service_cost(change: CostChange) -> dict[str, object]:
    """Spell out what a year of visits costs before and after, with what is assumed about visits."""
    return {
        "estimate": True,
        "assumptions": asdict(CostAssumptions()),
        **asdict(change),
        "saved_yuan": change.saved_yuan,
    }


def _divide(money: float, people: float) -> float | None:
    return money / people if people > 0 else None


def _name_districts(table: pd.DataFrame) -> list[dict[str, object]]:
    columns = ["name", "level", "newly_covered", "newly_lost", "share_before", "share_after", "person_minutes_saved"]
    return _list_rows(table[columns].rename_axis("district_id"))


def _name_points(table: pd.DataFrame) -> list[dict[str, object]]:
    columns = ["district_id", "weight", "minutes_before", "minutes_after", "station_before", "station_after", "change"]
    return _list_rows(table[columns].replace([np.inf], np.nan))


def _list_rows(table: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in table.reset_index().to_dict("records")]
