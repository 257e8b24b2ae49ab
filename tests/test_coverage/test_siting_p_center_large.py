"""Large p-center problems: prices rule out nothing that can be had, annealed plans cover all, answers are optimal."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from median_oracle import draw_problem, find_best, make_problem

from coverage.siting import p_center
from coverage.siting.p_center import solve_p_center
from coverage.siting.p_center_cover import CoverQuestion
from coverage.siting.watch import Watch


@pytest.mark.parametrize("seed", range(25))
def test_counted_as_large_the_answer_is_that_of_brute_force(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every size counted as large, the optimum is found and proved; bounds hold whenever time runs out."""
    monkeypatch.setattr(p_center, "_MANY", 0)
    problem, costs, sites = draw_problem(np.random.default_rng(seed))
    unserved, least = find_best(problem, costs, sites, center=True)
    answer = solve_p_center(problem, sites)
    assert answer.status in ("optimal", "infeasible")
    assert answer.objective == answer.bound == pytest.approx(least)
    if unserved > 0:
        return
    for asked in (1, 5, 20, 60):
        left = itertools.chain([1.0] * asked, itertools.repeat(0.0))
        answer = solve_p_center(problem, sites, seconds_left=left.__next__)
        assert answer.objective >= least - 1e-9
        assert answer.bound <= least + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_prices_and_plans_agree_with_the_optimum(seed: int) -> None:
    """Within the optimal cost nothing is ruled out; below it no plan is found; far below it prices rule it out."""
    random = np.random.default_rng(seed)
    site, point = random.random((14, 2)), random.random((40, 2))
    costs = np.hypot(*(site[:, None, :] - point[None, :, :]).transpose(2, 0, 1))
    problem = make_problem(costs, np.ones(40))
    _, least = find_best(problem, costs, 3, center=True)
    question = CoverQuestion(problem, np.ones(40, np.bool_), 3)
    assert not question.is_ruled_out(least, Watch())
    found = question.find_plan(least * 1.2, Watch())
    assert found is not None
    assert len(found) <= 3
    assert costs[found].min(axis=0).max() <= least * 1.2
    assert question.find_plan(least * 0.999, Watch()) is None
    assert question.is_ruled_out(least * 0.3, Watch())
