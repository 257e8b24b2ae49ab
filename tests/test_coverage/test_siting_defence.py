"""What defends a site, against the objective of each model worked out plan by plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from siting_oracle import CUTOFF, build_problem, dense_cover, is_allowed, open_sites, random_problem

from coverage.siting.model.problem import SiteRole, SitingProblem
from coverage.siting.plan.defence import defend_sites
from coverage.siting.plan.solve import SitingMethod, SitingQuestion, solve_siting

TOLERANCE = 0.1  # wide, so that random problems of a dozen sites have alternatives within it

# What a plan is worth: people who come before all (less is better), the objective (more is better), people.
Worth = tuple[float, float, float]


def weigh_times(problem: SitingProblem, plan: np.ndarray, question: SitingQuestion) -> Worth:
    """Leave as few people as can be without a way, then the mean or the longest time of the others."""
    cost = np.full((problem.site_count, problem.demand_count), np.inf)
    cost[np.repeat(np.arange(problem.site_count), np.diff(problem.ptr)), problem.demand] = problem.cost
    paid = cost[plan].min(axis=0, initial=np.inf)
    served = np.isfinite(paid) & (problem.weight > 0)
    people = float(problem.weight[served].sum())
    mean = float(problem.weight[served] @ paid[served]) / people if people else np.inf
    value = mean if question.method == "p-median" else float(paid[served].max(initial=0.0)) if people else np.inf
    return float(problem.weight.sum()) - people, -value, people


def weigh_cover(problem: SitingProblem, plan: np.ndarray, question: SitingQuestion) -> Worth:
    """Count who has one site, or two, in reach; the goals of set covering and fairness on top."""
    covers = dense_cover(problem)
    count, reaching = covers[plan].sum(axis=0), covers.sum(axis=0)
    if question.method == "lscp-b":
        met = (count >= np.minimum(2, reaching)) & (reaching > 0)
    else:
        met = count >= (2 if question.method == "bacop" else 1)
    people = float(problem.weight[met].sum())
    new = plan & np.isin(problem.role, (SiteRole.CANDIDATE, SiteRole.REQUIRED))
    units = [number for number in np.unique(problem.demand_unit) if number >= 0]
    if question.method == "fair":
        inside = [problem.demand_unit == number for number in units]
        shares = [problem.weight[met & one].sum() / problem.weight[one].sum() for one in inside]
        return 0.0, min(*shares, question.share or 1.0), people
    if question.method in ("lscp", "lscp-b"):
        groups = (
            [problem.demand_unit == number for number in units] if question.by_county else [np.ones(len(met), bool)]
        )
        short = 0.0
        for one in groups:
            wanted = (question.share or 1.0) * problem.weight[one].sum()
            can_be = problem.weight[one & (reaching > 0)].sum()
            short += max(min(wanted, can_be) - problem.weight[one & met].sum(), 0.0)
        return short, -float(problem.site_cost[new].sum() if question.least_money else new.sum()), people
    return 0.0, people, people


def weigh_capacity(problem: SitingProblem, plan: np.ndarray, question: SitingQuestion) -> Worth:
    """Share the people out among the open sites: a transport problem of all pairs."""
    pairs = np.argwhere(dense_cover(problem) & plan[:, None])
    rows = np.zeros((problem.demand_count + problem.site_count, max(len(pairs), 1)))
    for number, (site, point) in enumerate(pairs):
        rows[point, number] = rows[problem.demand_count + site, number] = 1.0
    most = np.concatenate((problem.weight, np.minimum(problem.capacity, problem.weight.sum())))
    people = -float(linprog(-np.ones(rows.shape[1]), rows, most).fun) if len(pairs) else 0.0
    return 0.0, people, people


CASES: list[tuple[SitingQuestion, str, Callable[[SitingProblem, np.ndarray, SitingQuestion], Worth]]] = [
    (SitingQuestion("mclp", sites=3), "roles quotas", weigh_cover),
    (SitingQuestion("mclp", budget=9.0), "roles", weigh_cover),
    (SitingQuestion("mclp", sites=3, moves=1), "roles relocation", weigh_cover),
    (SitingQuestion("bacop", sites=4), "roles", weigh_cover),
    (SitingQuestion("lscp", share=0.7), "roles whole", weigh_cover),
    (SitingQuestion("lscp", share=0.6, by_county=True), "roles", weigh_cover),
    (SitingQuestion("lscp", least_money=True), "roles", weigh_cover),
    (SitingQuestion("lscp-b"), "roles", weigh_cover),
    (SitingQuestion("fair", sites=3), "roles", weigh_cover),
    (SitingQuestion("fair", sites=4, share=0.5), "", weigh_cover),
    (SitingQuestion("p-median", sites=3), "roles", weigh_times),
    (SitingQuestion("p-center", sites=3), "roles", weigh_times),
    (SitingQuestion("capacitated", sites=3), "roles capacity", weigh_capacity),
]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("question", "kinds", "weigh"), CASES, ids=lambda one: getattr(one, "method", ""))
def test_each_model_defends_its_sites_by_its_own_objective(
    question: SitingQuestion, kinds: str, weigh: Callable[[SitingProblem, np.ndarray, SitingQuestion], Worth], seed: int
) -> None:
    """Loss, best replacement and alternatives are those of every single interchange, weighed plan by plan."""
    problem = random_problem(seed, kinds=kinds)
    problem = replace(problem, weight=np.where(np.arange(problem.demand_count) < 3, 0.0, problem.weight))
    answer = solve_siting(problem, CUTOFF, question).answer
    plan = open_sites(problem, answer.opened, answer.closed)
    start = plan.copy()
    start[answer.opened] = False
    missed, value, people = weigh(problem, plan, question)
    missed_before, value_before, people_before = weigh(problem, start, question)
    counts_sites = question.method in ("lscp", "lscp-b")
    least = abs(value) * TOLERANCE
    if not counts_sites and missed_before <= missed + 1e-9:
        least = min(least, (value - value_before) * TOLERANCE)
    limit = None if counts_sites else question.limit
    assert len(answer.opened) > 0
    for defence in defend_sites(problem, CUTOFF, question, answer, tolerance=TOLERANCE):
        without = plan.copy()
        without[defence.site] = False
        worse = weigh(problem, without, question)
        if counts_sites:
            expected = (people - worse[2], "people")
        elif worse[0] > missed + 1e-9:
            expected = (worse[0] - missed, "people")
        elif value - worse[1] > 1e-9 or people - worse[2] < 1e-9:
            units = {"fair": "share", "p-median": "min", "p-center": "min"}
            expected = (value - worse[1], units.get(question.method, "people"))
        else:
            expected = (people - worse[2], "people")
        assert (defence.loss, defence.unit) == (pytest.approx(max(expected[0], 0.0), abs=1e-5), expected[1])
        if problem.role[defence.site] == SiteRole.REQUIRED:
            assert defence.replacement == -1
            continue
        worths = {}
        for site in np.flatnonzero((problem.role == SiteRole.CANDIDATE) & ~plan):
            other = without.copy()
            other[site] = True
            if is_allowed(problem, limit, other):
                worths[int(site)] = weigh(problem, other, question)
        if not worths:
            assert defence.replacement == -1
            continue
        best = max(worths.values(), key=lambda one: (-round(one[0], 5), round(one[1], 5), one[2]))
        sign = 1.0 if value >= 0 and question.method not in ("p-median", "p-center", "lscp", "lscp-b") else -1.0
        assert defence.replaced == pytest.approx(sign * best[1], abs=1e-5)
        assert worths[defence.replacement][:2] == pytest.approx(best[:2], abs=1e-5)
        near = {
            site
            for site, one in worths.items()
            if one[0] <= missed + 1e-6
            and value - one[1] <= least + 1e-6
            and (question.method != "fair" or people - one[2] <= (people - people_before) * TOLERANCE + 1e-6)
        }
        assert set(defence.near.tolist()) == near


def test_a_plan_twice_as_bad_is_not_near() -> None:
    """Everybody is covered by any of three sites, but one of them makes the mean time twice as long."""
    cost = np.array([[10.0, 10.0], [10.0, 10.1], [10.0, 30.0]])
    problem = build_problem(cost, [100.0, 100.0])
    found: dict[SitingMethod, list[int]] = {}
    for method in ("p-median", "mclp"):
        question = SitingQuestion(method, sites=1)
        answer = replace(solve_siting(problem, CUTOFF, question).answer, opened=np.array([0], np.int32))
        (defence,) = defend_sites(problem, CUTOFF, question, answer)
        found[method] = defence.near.tolist()
    assert found == {"p-median": [1], "mclp": [1, 2]}


def test_backup_is_defended_by_second_places() -> None:
    """Without the site its second places are lost; another could make as many.

    Points 0 (9 people) and 1 (4) have the existing site 3; site 0 reaches both, site 1 the second, site 2 both too.
    """
    cost = np.full((4, 3), np.inf)
    cost[[0, 2, 3], 0] = cost[[0, 1, 2, 3], 1] = 1.0
    cost[1, 2] = 1.0
    role = [SiteRole.CANDIDATE] * 3 + [SiteRole.EXISTING]
    problem = build_problem(cost, [9.0, 4.0, 50.0], role=[int(one) for one in role])
    question = SitingQuestion("bacop", sites=1)
    answer = solve_siting(problem, CUTOFF, question).answer
    # Site 1 would reach 50 people first of all: nobody of them would have two places.
    assert answer.opened.tolist() in ([0], [2])
    assert answer.objective == 13.0
    (defence,) = defend_sites(problem, CUTOFF, question, answer)
    assert (defence.loss, defence.unit, defence.replaced) == (13.0, "people", 13.0)
    assert {defence.site, defence.replacement} == {0, 2}
