"""The curve of every aim against brute force: its values, its bounds, and that it never gets worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from siting_oracle import (
    CUTOFF,
    dense_cover,
    every_plan,
    is_allowed,
    open_sites,
    people,
    random_problem,
)

from coverage.siting.cover.backup import solve_bacop
from coverage.siting.model.curve import Curve, Solved
from coverage.siting.model.limits import Limit
from coverage.siting.model.problem import SiteRole, SitingProblem
from coverage.siting.model.solver_progress import SolveProgress
from coverage.siting.plan.curve_of_aim import find_measure, spread, trace_curve
from coverage.siting.plan.solve import SitingMethod, SitingQuestion, compute_money, solve_siting

BoolArray = npt.NDArray[np.bool_]
# A plan by what it is worth in the measure of an aim; people left out come before.
Worth = Callable[[SitingProblem, BoolArray], tuple[float, float]]


def _trace(problem: SitingProblem, question: SitingQuestion, **how: object) -> tuple[Curve, Solved]:
    found = solve_siting(problem, CUTOFF, question)
    return trace_curve(problem, CUTOFF, question, found, **how), found  # type: ignore[arg-type]


def _paid(problem: SitingProblem, plan: BoolArray) -> npt.NDArray[np.float64]:
    cost = np.full((problem.site_count, problem.demand_count), np.inf)
    cost[np.repeat(np.arange(problem.site_count), np.diff(problem.ptr)), problem.demand] = problem.cost
    return cost[plan].min(axis=0, initial=np.inf)


def _mean(problem: SitingProblem, plan: BoolArray) -> tuple[float, float]:
    paid = _paid(problem, plan)
    served = np.isfinite(paid)
    weight = problem.weight[served]
    return float(problem.weight[~served].sum()), float((weight * paid[served]).sum() / weight.sum())


def _longest(problem: SitingProblem, plan: BoolArray) -> tuple[float, float]:
    paid = _paid(problem, plan)
    counts = np.isfinite(paid) & (problem.weight > 0)
    return float(problem.weight[~np.isfinite(paid)].sum()), float(paid[counts].max(initial=0.0))


def _twice(problem: SitingProblem, plan: BoolArray) -> tuple[float, float]:
    return 0.0, -people(problem, plan, times=2)


def _worst(problem: SitingProblem, plan: BoolArray) -> tuple[float, float]:
    covered = dense_cover(problem)[plan].any(axis=0)
    units = [problem.demand_unit == unit for unit in np.unique(problem.demand_unit[problem.demand_unit >= 0])]
    shares = [problem.weight[unit & covered].sum() / problem.weight[unit].sum() for unit in units]
    return 0.0, -float(min(shares))


def _check(curve: Curve, problem: SitingProblem, worth: Worth, limits: list[Limit]) -> None:
    """Compare each point with the best of all plans, and the plan behind it with its value."""
    sign = -1.0 if curve.measure.is_gain else 1.0
    assert len(curve.given) == len(limits)
    for row, limit in enumerate(limits):
        plans = list(every_plan(problem, limit))
        best = min((round(worth(problem, plan)[0], 6), worth(problem, plan)[1]) for plan in plans)
        assert sign * curve.value[row] == pytest.approx(best[1], abs=1e-6)
        assert curve.is_proved[row]
        assert curve.bound[row] == pytest.approx(curve.value[row])
        answer = curve.plans[row].answer
        plan = open_sites(problem, answer.opened, answer.closed)
        assert is_allowed(problem, limit, plan)
        assert worth(problem, plan)[1] == pytest.approx(best[1], abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("method", "worth"), [("p-median", _mean), ("p-center", _longest), ("bacop", _twice), ("fair", _worst)]
)
def test_points_are_the_best_of_all_plans(method: SitingMethod, worth: Worth, seed: int) -> None:
    """From no new site to twice what was asked, each point is what the best plan of that number gets."""
    problem = random_problem(seed, kinds="roles")
    role = np.where(problem.role == SiteRole.REQUIRED, SiteRole.CANDIDATE, problem.role).astype(np.int8)
    role[0] = SiteRole.EXISTING
    problem = replace(problem, role=role)
    curve, found = _trace(problem, SitingQuestion(method, sites=2))
    assert curve.given.tolist()[:3] == [0.0, 1.0, 2.0]
    assert curve.measure == find_measure(SitingQuestion(method, sites=2))
    _check(curve, problem, worth, [Limit(sites=int(number)) for number in curve.given])
    assert curve.own is not None
    assert curve.plans[curve.own] is found
    assert not curve.is_cut


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("method", "worth"), [("bacop", _twice), ("fair", _worst)])
def test_points_of_money_are_the_best_of_all_plans(method: SitingMethod, worth: Worth, seed: int) -> None:
    """Where money is limited the curve runs over money, from none to half as much again."""
    problem = random_problem(seed, sites=8)
    curve, _ = _trace(problem, SitingQuestion(method, budget=8.0))
    assert curve.axis == "money"
    assert (curve.given[0], curve.given[-1]) == (0.0, 12.0)
    _check(curve, problem, worth, [Limit(money=float(money)) for money in curve.given])


@pytest.mark.parametrize("seed", range(3))
def test_points_of_capacities_serve_most(seed: int) -> None:
    """Where capacities count, each point is what its own question gets, and serves within the limits of its sites."""
    problem = random_problem(seed, kinds="roles capacity")
    role = np.where(problem.role == SiteRole.REQUIRED, SiteRole.CANDIDATE, problem.role).astype(np.int8)
    problem = replace(problem, role=role)
    curve, _ = _trace(problem, SitingQuestion("capacitated", sites=2))
    assert curve.measure.id == "served"
    assert (np.diff(curve.value) >= -1e-6).all()
    for given, value, plan in zip(curve.given, curve.value, curve.plans, strict=True):
        alone = solve_siting(problem, CUTOFF, SitingQuestion("capacitated", sites=int(given)))
        assert value == pytest.approx(alone.answer.objective)
        assert plan.load is not None
        assert plan.served is not None
        assert (plan.load <= problem.capacity + 1e-6).all()
        assert float(problem.weight @ plan.served) == pytest.approx(value)


@pytest.mark.parametrize("seed", range(4))
def test_each_share_takes_the_fewest_sites(seed: int) -> None:
    """For every share of the people on the curve no plan of fewer sites reaches it."""
    problem = random_problem(seed, kinds="whole")
    curve, found = _trace(problem, SitingQuestion("lscp", share=0.9))
    assert (curve.axis, curve.measure.id) == ("target", "sites_needed")
    assert curve.own == len(curve.given) - 1
    assert curve.plans[-1] is found
    total = float(problem.weight.sum())
    assert len(curve.given) > 3
    for share, value, plan in zip(curve.given, curve.value, curve.plans, strict=True):
        reaching = [one.sum() for one in every_plan(problem) if people(problem, one) >= (share - 1e-9) * total]
        assert value == min(reaching) == len(plan.answer.opened)
    assert (np.diff(curve.value) >= 0).all()
    assert curve.is_proved.all()


@pytest.mark.parametrize("least_money", [False, True])
def test_two_places_for_everybody_step_by_step(least_money: bool) -> None:
    """The curve of LSCP-B runs up to its answer: people who have two places with fewer sites, or less money."""
    problem = random_problem(1, sites=8, kinds="whole")
    curve, found = _trace(problem, SitingQuestion("lscp-b", least_money=least_money))
    given = compute_money(problem, found.answer) if least_money else len(found.answer.opened)
    assert curve.given[-1] == pytest.approx(given)
    assert curve.own == len(curve.given) - 1
    limits = [Limit(money=float(one)) if least_money else Limit(sites=int(one)) for one in curve.given]
    _check(curve, problem, _twice, limits)
    reaching = dense_cover(problem).sum(axis=0)
    assert curve.value[-1] == problem.weight[reaching >= 2].sum()


@pytest.mark.parametrize("method", ["p-median", "p-center", "bacop", "fair", "capacitated"])
def test_bounds_hold_and_nothing_gets_worse_in_little_time(method: SitingMethod) -> None:
    """With almost no time each point that is there has a plan no better than its bound, and none falls behind."""
    problem = random_problem(5, sites=10, demand=60)
    question = SitingQuestion(method, sites=3)
    whole, found = _trace(problem, question)
    for questions in (30, 200):
        left = iter([*np.linspace(1.0, 0.0, questions), *[0.0] * 100_000])
        curve = trace_curve(problem, CUTOFF, question, found, seconds_left=left.__next__)
        sign = 1.0 if curve.measure.is_gain else -1.0
        rows = [whole.given.tolist().index(one) for one in curve.given]
        assert (sign * curve.value <= sign * whole.value[rows] + 1e-6).all()
        assert (sign * curve.bound >= sign * whole.value[rows] - 1e-6).all()
        assert (sign * np.diff(curve.value) >= -1e-9).all()
        assert curve.is_cut or len(curve.given) == len(whole.given)


def test_no_time_is_told_where_nobody_is_served() -> None:
    """Without a station today the curve of times begins at one site, and says how many people have no way."""
    problem = random_problem(3)
    curve, _ = _trace(problem, SitingQuestion("p-median", sites=2))
    assert curve.given[0] == 1.0
    assert curve.left_out is not None
    (best,) = {min(_mean(problem, plan)[0] for plan in every_plan(problem, Limit(sites=1)) if plan.any())}
    assert curve.left_out[0] == pytest.approx(best)


def test_a_curve_without_time_is_the_answer_alone() -> None:
    """With no time at all the answer is the only point, and the curve says that it was cut short."""
    question = SitingQuestion("p-median", sites=3)
    problem = random_problem(2)
    found = solve_siting(problem, CUTOFF, question)
    curve = trace_curve(problem, CUTOFF, question, found, seconds_left=lambda: 0.0)
    assert curve.is_cut
    assert curve.given.tolist() == [3.0]
    assert curve.own == 0


def test_the_curve_is_stopped_and_told() -> None:
    """Points done are told; a "no" ends with those there are."""
    told: list[tuple[float, float]] = []

    def report(progress: SolveProgress) -> bool:
        told.append((progress.incumbent, progress.bound))
        return progress.incumbent < 3

    question = SitingQuestion("bacop", sites=3)
    problem = random_problem(2)
    found = solve_siting(problem, CUTOFF, question)
    curve = trace_curve(problem, CUTOFF, question, found, report=report)
    assert curve.is_cut
    assert 2 <= len(curve.given) < 7
    assert {bound for _, bound in told} == {7.0}
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_points_halve_the_rest() -> None:
    """The ends come first, and each number once."""
    assert spread(5) == [4, 0, 2, 1, 3]
    assert [sorted(spread(count)) for count in range(8)] == [list(range(count)) for count in range(8)]


@pytest.mark.parametrize("seed", range(4))
def test_most_people_with_two_places(seed: int) -> None:
    """Where two places are all that counts, no plan of as many sites gives them to more; order and status say so."""
    problem = random_problem(seed, kinds="roles quotas")
    required = int((problem.role == SiteRole.REQUIRED).sum())
    limit = Limit(sites=required + 3)
    answer = solve_bacop(problem, CUTOFF, limit, is_once_first=False)
    plan = open_sites(problem, answer.opened, answer.closed)
    assert is_allowed(problem, limit, plan)
    best = max(people(problem, one, times=2) for one in every_plan(problem, limit))
    assert answer.objective == pytest.approx(best)
    assert people(problem, plan, times=2) == pytest.approx(best)
    assert answer.status == "optimal"
