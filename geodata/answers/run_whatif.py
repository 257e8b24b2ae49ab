"""One what-if from edits to the difference they make: before and after go through the same functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from coverage.access.assessment import Assessment, assess
from coverage.access.layer_coverage import tabulate_uncounted
from coverage.errors import DataIssue
from coverage.inputs.hours import find_open
from coverage.inputs.question import Question, find_question_cutoffs, settle_question
from coverage.inputs.scope import find_scope
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.closures import find_closed_roads
from coverage.network.model import BoolArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.scenario.apply_edits import apply_edits, compute_cost
from coverage.scenario.compare import Comparison, compare
from coverage.scenario.edited_basis import change_roads, change_stations
from coverage.scenario.edits import (
    ROAD_EDITS,
    AddStation,
    ChangeStation,
    CloseRoads,
    Edit,
    ReopenStation,
    SlowRoads,
    find_threshold,
)
from coverage.travel.travel_basis import TravelBasis
from geodata.answers.run_assessment import build_question_basis
from geodata.intake.read_hours import read_hours
from geodata.intake.read_site_costs import DEFAULT_SITE_COSTS, read_site_costs


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """What edits do to a study.

    Parameters
    ----------
    study, after
        The study before and after.
    question, question_after
        What was asked; after edits of the threshold it is another question.
    edits
        The edits.
    comparison
        The difference.
    cost
        Money the edits take, by class costs [yuan].
    issues
        Edits that touch nothing, such as a closed road where there is none.
    """

    study: Study
    after: Study
    question: Question
    question_after: Question
    edits: tuple[Edit, ...]
    comparison: Comparison
    cost: float
    issues: tuple[DataIssue, ...]


def run_whatif(
    study: Study,
    question: Question,
    edits: tuple[Edit, ...],
    *,
    costs: Path | None = None,
    progress: Progress = ignore_progress,
) -> WhatIf:
    """Compute what edits do to a study.

    Parameters
    ----------
    study
        A study with roads.
    question
        Which stations count, thresholds and rules, as for an assessment.
    edits
        The edits, in order.
    costs
        Class costs (TOML); the planner's assumptions if not given.
    progress
        Told the share of each step done.

    Raises
    ------
    InputError
        ``edits.refused`` if the study does not take the edits, or as the question's checks do.
    NetworkError
        If the study has no roads.
    """
    question = settle_question(study, question)
    prices = read_site_costs(costs or DEFAULT_SITE_COSTS)
    after = apply_edits(study, edits)
    minutes = find_threshold(edits)
    question_after = question if minutes is None else replace(question, cutoff_min=minutes, thresholds=None)
    basis = build_question_basis(study, question, progress=progress)
    if any(isinstance(edit, ROAD_EDITS) for edit in edits):
        basis_after = change_roads(basis, after, progress=progress)
    else:
        basis_after = change_stations(basis, after)
    pairs: dict[tuple[str, str], tuple[Assessment, Assessment]] = {}
    asked = list_compared(study, after, question)
    for number, (key, choice) in enumerate(asked.items()):
        report_progress(progress, number / len(asked), "whatif")
        old = _assess(basis, question, choice)
        pairs[key] = old, _assess(basis_after, question_after, choice)
    return WhatIf(
        study=study,
        after=after,
        question=question,
        question_after=question_after,
        edits=edits,
        comparison=compare(*pairs.pop(("", "")), services=pairs),
        cost=compute_cost(study, edits, prices),
        issues=(*find_idle_edits(study, edits), *find_uncounted_edits(after, question_after, edits)),
    )


def list_compared(study: Study, after: Study, question: Question) -> dict[tuple[str, str], StationChoice]:
    """List what is compared: the question under ``("", "")``, then each service item and each level of stations.

    The items are those in scope before or after, also where nobody offers them.
    """
    choice = question.choice
    before = find_scope(study, choice).items
    services = question.services or find_scope(after, choice, also=before).items
    compared = {("", ""): choice}
    compared |= {("service", one): replace(choice, family="", level="", service=one) for one in services}
    used = {*study.stations["level"], *after.stations["level"]}
    levels = [level.id for level in study.catalogue.levels if level.id in used]
    return compared | {("level", one): replace(choice, level=one) for one in levels if choice.level in ("", one)}


def find_idle_edits(study: Study, edits: tuple[Edit, ...]) -> tuple[DataIssue, ...]:
    """Find edits of roads that meet no road."""
    numbers = [number for number, edit in enumerate(edits) if isinstance(edit, ROAD_EDITS)]
    if study.network is None or not numbers:
        return ()
    places = []
    for number in numbers:
        edit = edits[number]
        if isinstance(edit, CloseRoads):
            places.append(edit.closure)
        elif isinstance(edit, SlowRoads):
            places.append(edit.place)
    counts = find_closed_roads(study.network, tuple(places))[1]
    return tuple(
        DataIssue("edits.no_road", "warning", "edits", value=place.name, facts=(("number", number + 1),))
        for number, place, count in zip(numbers, places, counts, strict=True)
        if count == 0
    )


def find_uncounted_edits(after: Study, question: Question, edits: tuple[Edit, ...]) -> tuple[DataIssue, ...]:
    """Find edits that open a station or change one that does not count as a fixed service afterwards."""
    uncounted = tabulate_uncounted(after, replace(question.choice, family="", level="", service=""))["reason"]
    opened = {
        edit.station_id: number
        for number, edit in enumerate(edits, start=1)
        if isinstance(edit, AddStation | ReopenStation | ChangeStation) and edit.station_id in uncounted.index
    }
    return tuple(
        DataIssue(
            "edits.not_counted",
            "note",
            "edits",
            value=station,
            facts=(("number", number), ("uncounted", str(uncounted[station]))),
        )
        for station, number in opened.items()
    )


def _assess(basis: TravelBasis, question: Question, choice: StationChoice) -> Assessment:
    cutoffs = find_question_cutoffs(basis.study, question, choice=choice)
    wanted: BoolArray | None = None
    if question.moment_min is not None:
        hours, _ = read_hours(basis.study.stations["hours"], season=basis.season)
        wanted = find_open(list(hours), question.moment_min)
    return assess(basis, choice, cutoff_min=question.cutoff_min, cutoffs_min=cutoffs, wanted=wanted)
