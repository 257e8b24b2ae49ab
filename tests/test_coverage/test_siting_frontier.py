"""The curve of budgets, the build order, several services, and what defends an answer."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from siting_oracle import CUTOFF, build_problem, dense_cover, every_plan, is_allowed, open_sites, people, random_problem

from coverage.errors import SettingsError
from coverage.siting.cover.build_order import order_sites
from coverage.siting.cover.cover_sets import build_cover_sets, group_equal_rows
from coverage.siting.cover.frontier import trace_frontier
from coverage.siting.cover.mclp import solve_mclp
from coverage.siting.model.limits import Limit
from coverage.siting.model.problem import SiteRole
from coverage.siting.model.several_services import stack_problems


@pytest.mark.parametrize(("kinds", "seed"), list(itertools.product(["", "roles whole", "roles quotas"], range(3))))
def test_frontier_holds_the_optimum_between_plan_and_bound(kinds: str, seed: int) -> None:
    """At each number of sites the plan is allowed, the optimum lies between plan and bound, and the gap is small."""
    problem = random_problem(seed, kinds=kinds)
    first = int((problem.role == SiteRole.REQUIRED).sum()) + 1
    limits = [Limit(sites=count) for count in range(first, 6)]
    curve = trace_frontier(problem, CUTOFF, limits)
    assert curve.given.tolist() == [limit.sites for limit in limits]
    assert (np.diff(curve.value) >= 0).all()
    for limit, covered, bound, answer in zip(
        limits, curve.value, curve.bound, [plan.answer for plan in curve.plans], strict=True
    ):
        best = max(people(problem, plan) for plan in every_plan(problem, limit))
        assert covered <= best + 1e-6
        assert bound >= best - 1e-6
        plan = open_sites(problem, answer.opened, answer.closed)
        assert is_allowed(problem, limit, plan)
        assert people(problem, plan) == pytest.approx(covered)
        if answer.status == "optimal":
            assert covered == pytest.approx(best)
    assert curve.gap.max() < 0.25


def test_frontier_of_money() -> None:
    """Budgets of money too have a plan that keeps them and a bound above the optimum."""
    problem = random_problem(4, kinds="roles")
    limits = [Limit(money=money) for money in (5.0, 8.0, 12.0)]
    curve = trace_frontier(problem, CUTOFF, limits)
    for limit, covered, bound in zip(limits, curve.value, curve.bound, strict=True):
        best = max(people(problem, plan) for plan in every_plan(problem, limit))
        assert covered <= best + 1e-6 <= bound + 2e-6
    with pytest.raises(SettingsError, match="ascending"):
        trace_frontier(problem, CUTOFF, limits[::-1])
    with pytest.raises(SettingsError, match="ascending"):
        trace_frontier(problem, CUTOFF, [])


def test_frontier_without_time() -> None:
    """With no time left the curve still has a plan and a bound for every budget."""
    problem = random_problem(2)
    limits = [Limit(sites=count) for count in (1, 2, 3)]
    curve = trace_frontier(problem, CUTOFF, limits, seconds_left=lambda: 0.0)
    for limit, covered, bound in zip(limits, curve.value, curve.bound, strict=True):
        best = max(people(problem, plan) for plan in every_plan(problem, limit))
        assert 0.0 < covered <= best + 1e-6
        assert bound >= best - 1e-6


def test_build_order_worked_out_by_hand() -> None:
    """Sites come by what they add: 8 people first, then 5 (4 of its 9 are covered by then), then a tie by row."""
    cost = np.full((4, 5), np.inf)
    cost[0, [0, 1]] = cost[1, [1, 2]] = cost[2, [3]] = cost[3, [4]] = 1.0
    problem = build_problem(cost, [4.0, 4.0, 5.0, 1.0, 1.0], site_cost=[1.0, 2.0, 1.0, 1.0])
    assert order_sites(problem, CUTOFF, np.array([3, 2, 1, 0])).tolist() == [1, 0, 2, 3]
    # What stays open covers its people first: nobody is left for the first site.
    old = replace(problem, role=np.array([0, SiteRole.EXISTING, 0, 0], np.int8))
    assert order_sites(old, CUTOFF, np.array([3, 2, 0])).tolist() == [0, 2, 3]


def test_two_services_are_one_problem() -> None:
    """Stacked, the optimum is the best sum over services of brute force, offers and cost per item included."""
    one, two = random_problem(1, sites=8), random_problem(2, sites=8, demand=12)
    two = replace(two, role=one.role, site_group=one.site_group, site_cost=one.site_cost)
    offers = np.random.default_rng(3).random((8, 2)) < 0.7
    stacked = stack_problems([one, two], [CUTOFF, 20.0], offers=offers, item_cost=np.array([0.5, 2.0]))
    assert stacked.demand_count == 37
    assert stacked.site_cost == pytest.approx(one.site_cost + offers @ [0.5, 2.0])
    limit = Limit(money=9.0)
    parts = [(one, CUTOFF, offers[:, 0]), (two, 20.0, offers[:, 1])]
    best = max(
        sum(
            float(part.weight[dense_cover(part, cutoff)[plan & gives].any(axis=0)].sum())
            for part, cutoff, gives in parts
        )
        for plan in every_plan(stacked, limit)
    )
    assert solve_mclp(stacked, np.inf, limit).objective == pytest.approx(best)
    with pytest.raises(SettingsError, match="stack_mismatch"):
        stack_problems([one, two], [CUTOFF])


def test_points_with_the_same_sites_become_one() -> None:
    """Aggregated, a problem has one class for each different set of sites, and the people of all of them."""
    problem = random_problem(8, sites=4, demand=300, kinds="whole")
    sets = build_cover_sets(problem, CUTOFF, merge_sites=False)
    covered = dense_cover(problem)
    counted = covered.any(axis=0) & (problem.weight > 0)
    assert len(sets.weight) == len(np.unique(covered[:, counted].T, axis=0))
    assert sets.weight.sum() == problem.weight[counted].sum()
    for row in np.flatnonzero(counted):
        assert np.array_equal(sets.by_class[[sets.class_of[row]]].toarray()[0] > 0, covered[:, row])
    assert (sets.by_site.toarray() == sets.by_class.toarray().T).all()
    assert group_equal_rows(sets.by_class).tolist() == list(range(len(sets.weight)))


def test_frontier_stopped_at_any_question() -> None:
    """Stopped after any number of questions, each budget has a plan it permits and a bound above the optimum."""
    problem = random_problem(5, sites=9)
    limits = [Limit(sites=count) for count in (1, 2, 3)]
    best = [max(people(problem, plan) for plan in every_plan(problem, limit)) for limit in limits]
    for asked in (1, 3, 10, 30, 60, 100):
        left = itertools.chain([1.0] * asked, itertools.repeat(0.0))
        curve = trace_frontier(problem, CUTOFF, limits, seconds_left=left.__next__)
        assert (curve.value <= np.array(best) + 1e-6).all()
        assert (curve.bound >= np.array(best) - 1e-6).all()
        for limit, answer in zip(limits, [plan.answer for plan in curve.plans], strict=True):
            assert is_allowed(problem, limit, open_sites(problem, answer.opened, answer.closed))
