"""Whether a plan holds at other thresholds and speeds: equal to assessments made for each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from demo_study import open_demo

from coverage.access.assessment import assess
from coverage.access.sensitivity import scale_speeds
from coverage.inputs.districts import assign_districts
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.siting.plan.solve import SitingQuestion
from coverage.siting.plan.stress import STRESS_COLUMNS, stress_plan
from coverage.travel.travel_basis import build_travel_basis, change_basis
from geodata.answers.run_siting import suggest_sites
from geodata.answers.siting_candidates import SitingOptions


def test_each_case_is_what_an_assessment_says() -> None:
    """Before and after at −5, 0 and +5 minutes, and both at speeds a fifth slower and faster, one by one."""
    study = open_demo()
    choice = StationChoice(family="legal", level="township")
    question = Question(choice)
    found = suggest_sites(study, question, SitingQuestion("mclp", sites=3), SitingOptions(sources=("village",)))
    answer = found.solved.answer
    told = stress_plan(found.basis, choice, found.asked, answer.opened, answer.closed, found.minutes_after)
    assert tuple(told.columns) == STRESS_COLUMNS
    assert told["factor"].tolist() == ["", "cutoff", "cutoff", "speed", "speed"]
    total = float(found.asked.problem.weight.sum())
    built = build_travel_basis(replace(study, stations=assign_districts(found.stations_after, study.districts)))
    for row, minutes in enumerate((30.0, 25.0, 35.0)):
        before = assess(found.basis, choice, cutoff_min=minutes).totals.covered
        after = assess(built, choice, cutoff_min=minutes).totals.covered
        assert (told["before"].iloc[row], told["after"].iloc[row]) == (before, after)
    cutoffs = np.full(len(study.demand), 30.0, np.float32)
    for basis, column in ((found.basis, "before"), (built, "after")):
        changed = [change_basis(basis, speeds=scale_speeds(study.speeds, 1.0 + by)) for by in (-0.2, 0.2)]
        people = [assess(one, choice, cutoffs_min=cutoffs).totals.covered for one in changed]
        assert told[column].iloc[3:].tolist() == pytest.approx(people)
    assert told["gained"].tolist() == (told["after"] - told["before"]).tolist()
    assert told["share_after"].tolist() == pytest.approx((told["after"] / total).tolist())
