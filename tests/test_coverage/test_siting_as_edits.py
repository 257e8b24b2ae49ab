"""A proposed plan becomes edits that give the same stations, and the same people inside."""

from __future__ import annotations

import numpy as np
import pytest
from random_study import build_random_study

from coverage.access.assessment import assess
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.scenario.apply_edits import apply_edits
from coverage.scenario.edits import CloseStation, Edit
from coverage.siting.plan.as_edits import list_edits
from coverage.siting.plan.solve import SitingQuestion
from coverage.travel.travel_basis import build_travel_basis
from geodata.answers.run_siting import SitingOptions, suggest_sites


@pytest.mark.parametrize(
    ("seed", "siting"),
    [
        *((seed, SitingQuestion("p-median", sites=3)) for seed in range(3)),
        *((seed, SitingQuestion("mclp", sites=0, moves=2)) for seed in (0, 4)),
    ],
)
def test_a_plan_as_edits_is_the_plan(seed: int, siting: SitingQuestion) -> None:
    """New sites and items at existing stations give the plan's stations, and everybody's time after it."""
    study = build_random_study(seed, people=40, stations=6)
    question = Question(StationChoice(service="notary"), cutoff_min=5.0)
    places = tuple(zip(study.demand["lon"].tolist(), study.demand["lat"].tolist(), strict=True))
    options = SitingOptions(sources=("item",), drawn=places[:15])
    found = suggest_sites(study, question, siting, options)
    edits = list_edits(study, question.choice, found.asked, found.solved)
    answer = found.solved.answer
    assert len(edits) == len(answer.opened) + len(answer.closed) > 0
    assert sum(isinstance(edit, CloseStation) for edit in edits) == len(answer.closed) == siting.moves
    backwards: tuple[Edit, ...] = edits[::-1]
    for order in (edits, backwards):
        after = apply_edits(study, order)
        planned = found.stations_after
        shown = after.stations.loc[planned.index, planned.columns]
        assert shown[["capacity", "cost"]].equals(planned[["capacity", "cost"]])
        for name in planned.columns.drop(["capacity", "cost"]):
            assert shown[name].tolist() == planned[name].tolist()
        again = assess(build_travel_basis(after), question.choice, cutoff_min=5.0)
        assert np.array_equal(again.demand["minutes"].to_numpy(), found.minutes_after)
