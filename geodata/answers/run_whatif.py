"""One what-if from edits to the difference they make: before and after go through the same functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from coverage.access.layer_coverage import tabulate_uncounted
from coverage.answer.answer import ask
from coverage.answer.lazy import Memo
from coverage.errors import DataIssue
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.network.closures import find_closed_roads
from coverage.progress import Progress, ignore_progress
from coverage.scenario.apply_edits import compute_cost
from coverage.scenario.compare import Comparison
from coverage.scenario.edits import (
    ROAD_EDITS,
    AddStation,
    ChangeStation,
    CloseRoads,
    Edit,
    ReopenStation,
    SlowRoads,
)
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
    memo: Memo | None = None,
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
    memo
        Where parts of the answers are kept; None keeps them for this run.
    progress
        Told the share of each step done.

    Raises
    ------
    InputError
        ``edits.refused`` if the study does not take the edits, or as the question's checks do.
    NetworkError
        If the study has no roads.
    """
    prices = read_site_costs(costs or DEFAULT_SITE_COSTS)
    before = ask(study, question, memo)
    after = before.after(edits)
    comparison = after.get("comparisons", progress)
    return WhatIf(
        study=study,
        after=after.study,
        question=before.question,
        question_after=after.question,
        edits=edits,
        comparison=comparison,
        cost=compute_cost(study, edits, prices),
        issues=(*find_idle_edits(study, edits), *find_uncounted_edits(after.study, after.question, edits)),
    )


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
