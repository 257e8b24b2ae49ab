"""Set covering, backup cover, capacities and fairness: what brute force finds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from siting_oracle import (
    CUTOFF,
    build_problem,
    dense_cover,
    every_plan,
    is_allowed,
    open_sites,
    people,
    random_problem,
    read_san_francisco,
)

from coverage.errors import SettingsError
from coverage.siting.cover.backup import solve_bacop, solve_lscp_b
from coverage.siting.cover.capacitated import solve_capacitated
from coverage.siting.cover.fair import solve_fair
from coverage.siting.cover.lscp import solve_lscp
from coverage.siting.model.limits import Limit
from coverage.siting.model.problem import SiteRole, SitingProblem


def _as_kept(problem: SitingProblem) -> SitingProblem:
    """Return the problem with relocatable sites as existing ones, as set covering takes them."""
    role = np.where(problem.role == SiteRole.RELOCATABLE, SiteRole.EXISTING, problem.role)
    return replace(problem, role=role.astype(np.int8))


def _price(problem: SitingProblem, plan: np.ndarray, aim: str) -> float:
    new = plan & np.isin(problem.role, (SiteRole.CANDIDATE, SiteRole.REQUIRED))
    return float(new.sum() if aim == "sites" else problem.site_cost[new].sum())


@pytest.mark.parametrize(
    ("kinds", "seed", "aim"),
    list(itertools.product(["", "roles", "roles relocation"], range(3), ["sites", "money"])),
)
def test_fewest_sites_equal_brute_force(kinds: str, seed: int, aim: str) -> None:
    """For all, a share, and a share of each unit, no cheaper set of sites reaches the goal, or the most there is."""
    problem = _as_kept(random_problem(seed, sites=9, kinds=kinds))
    plans = list(every_plan(problem))
    most = np.array([dense_cover(problem)[plan].any(axis=0) for plan in plans])
    units = [np.ones(problem.demand_count, bool)]
    by_units = [problem.demand_unit == unit for unit in np.unique(problem.demand_unit[problem.demand_unit >= 0])]
    for share, by_unit in ((1.0, False), (0.7, False), (0.6, True)):
        parts = by_units if by_unit else units
        served = np.array([[problem.weight[row & part].sum() for part in parts] for row in most])
        total = np.array([problem.weight[part].sum() for part in parts])
        goal = np.minimum(share * total, served.max(axis=0)) if share < 1 else served.max(axis=0)
        good = [plan for plan, row in zip(plans, served, strict=True) if (row >= goal - 1e-6).all()]
        best = min(_price(problem, plan, aim) for plan in good)
        answer = solve_lscp(problem, CUTOFF, share=share, by_unit=by_unit, aim=aim)  # type: ignore[arg-type]
        plan = open_sites(problem, answer.opened, answer.closed)
        assert answer.objective == pytest.approx(best)
        assert answer.bound == pytest.approx(best)
        assert any(np.array_equal(plan, other) for other in good)
        can = (served.max(axis=0) >= share * total - 1e-9).all()
        assert answer.status == ("optimal" if can else "infeasible")


def test_quota_in_the_way_of_covering_all() -> None:
    """Where a quota forbids a site that is needed, the most is covered and the status says infeasible."""
    problem = random_problem(5, kinds="roles quotas whole")
    answer = solve_lscp(problem, CUTOFF)
    plans = list(every_plan(problem))
    best = max(people(problem, plan) for plan in plans)
    plan = open_sites(problem, answer.opened, answer.closed)
    assert people(problem, plan) == best
    assert is_allowed(problem, None, plan)
    assert answer.status == ("optimal" if best == problem.weight.sum() else "infeasible")


def test_share_must_be_a_share() -> None:
    """A share of nothing or of more than all is refused."""
    for share in (0.0, 1.5):
        with pytest.raises(SettingsError, match="share"):
            solve_lscp(random_problem(1), CUTOFF, share=share)


@pytest.mark.parametrize("seed", range(4))
def test_covering_stopped_early(seed: int) -> None:
    """With no time at all there is a plan that covers everybody who can be, and a bound not above the optimum."""
    problem = random_problem(seed, sites=10, demand=30)
    answer = solve_lscp(problem, CUTOFF, seconds_left=lambda: 0.0)
    best = solve_lscp(problem, CUTOFF)
    assert answer.status == "time_limit"
    assert answer.bound <= best.objective <= answer.objective
    assert people(problem, open_sites(problem, answer.opened, answer.closed)) == pytest.approx(
        people(problem, np.ones(problem.site_count, bool))
    )


def test_san_francisco_needs_eight_stores(shared_data: Path) -> None:
    """Within 5000 m the fewest stores are eight."""
    answer = solve_lscp(read_san_francisco(shared_data, is_weighted=False), 5000.0)
    assert (answer.objective, answer.bound, len(answer.opened)) == (8.0, 8.0, 8)


@pytest.mark.parametrize(("kinds", "seed"), list(itertools.product(["", "roles"], range(4))))
def test_two_sites_for_everybody(kinds: str, seed: int) -> None:
    """LSCP-B gives every point two sites, or as many as there are, and no smaller set does."""
    problem = random_problem(seed, sites=9, kinds=kinds)
    counted = problem.weight > 0
    reach = np.minimum(dense_cover(problem).sum(axis=0), 2)
    good = [plan for plan in every_plan(problem) if (dense_cover(problem)[plan].sum(axis=0) >= reach)[counted].all()]
    answer = solve_lscp_b(problem, CUTOFF)
    assert answer.objective == min(_price(problem, plan, "sites") for plan in good)
    assert any(np.array_equal(open_sites(problem, answer.opened, answer.closed), plan) for plan in good)
    assert answer.status == ("optimal" if (reach[counted] == 2).all() else "infeasible")


@pytest.mark.parametrize(("kinds", "seed"), list(itertools.product(["whole", "roles relocation quotas"], range(4))))
def test_backup_cover_equals_brute_force(kinds: str, seed: int) -> None:
    """BACOP covers the most once and, of the plans that do, the most twice."""
    problem = random_problem(seed, sites=9, kinds=kinds)
    for limit in (Limit(sites=2), Limit(sites=5, moves=1)):
        plans = list(every_plan(problem, limit))
        if not plans:
            continue
        once = max(people(problem, plan) for plan in plans)
        twice = max(people(problem, plan, times=2) for plan in plans if people(problem, plan) >= once - 1e-6)
        answer = solve_bacop(problem, CUTOFF, limit)
        plan = open_sites(problem, answer.opened, answer.closed)
        assert is_allowed(problem, limit, plan)
        assert people(problem, plan) == pytest.approx(once)
        assert answer.objective == pytest.approx(twice)
        assert answer.bound == answer.objective
        everybody = once >= problem.weight.sum() - 1e-6
        assert answer.status == ("optimal" if everybody else "infeasible")


def _served(problem: SitingProblem, plan: np.ndarray) -> float:
    """Count the people that open sites can serve within their capacities, by scipy's own solver."""
    covered = dense_cover(problem)
    site, point = np.nonzero(covered & plan[:, None])
    if not len(site):
        return 0.0
    limits = np.zeros((problem.site_count + problem.demand_count, len(site)))
    limits[site, np.arange(len(site))] = 1.0
    limits[problem.site_count + point, np.arange(len(site))] = 1.0
    room = np.concatenate((np.minimum(problem.capacity, 1e6), problem.weight))
    return float(-linprog(-np.ones(len(site)), A_ub=limits, b_ub=room).fun)


@pytest.mark.parametrize(
    ("kinds", "seed"), list(itertools.product(["capacity", "roles relocation capacity"], range(3)))
)
def test_capacities_equal_brute_force(kinds: str, seed: int) -> None:
    """With capacities the people served are the most of all sets of sites, and no site or point has too much."""
    problem = random_problem(seed, sites=7, demand=15, kinds=kinds)
    for limit in (Limit(sites=2), Limit(money=6.0, sites=3)):
        plans = list(every_plan(problem, limit))
        if not plans:
            continue
        best = max(_served(problem, plan) for plan in plans)
        result = solve_capacitated(problem, CUTOFF, limit)
        answer = result.answer
        plan = open_sites(problem, answer.opened, answer.closed)
        assert is_allowed(problem, limit, plan)
        assert answer.objective == pytest.approx(best, rel=1e-6)
        assert _served(problem, plan) == pytest.approx(best, rel=1e-6)
        assert (result.load <= problem.capacity + 1e-6).all()
        assert (result.load[~plan] == 0).all()
        assert ((result.served >= -1e-9) & (result.served <= 1 + 1e-9)).all()
        assert float(result.served @ problem.weight) == pytest.approx(answer.objective, rel=1e-6)


@pytest.mark.parametrize(
    ("kinds", "seed", "floor"), list(itertools.product(["", "roles relocation quotas"], range(4), [None, 0.5]))
)
def test_fair_equals_brute_force(kinds: str, seed: int, floor: float | None) -> None:
    """The worst unit is as well served as can be (or reaches the floor), and then the total is the largest."""
    problem = random_problem(seed, sites=9, kinds=kinds)
    limit = Limit(sites=3)
    plans = list(every_plan(problem, limit))
    if not plans:
        return
    units = np.unique(problem.demand_unit[problem.demand_unit >= 0])
    total = np.array([problem.weight[problem.demand_unit == unit].sum() for unit in units])

    def worst(plan: np.ndarray) -> float:
        covered = dense_cover(problem)[plan].any(axis=0)
        served = np.array([problem.weight[covered & (problem.demand_unit == unit)].sum() for unit in units])
        return min(1.0, float((served / total).min()) / (floor or 1.0))

    best = max(worst(plan) for plan in plans)
    most = max(people(problem, plan) for plan in plans if worst(plan) >= best - 1e-6)
    result = solve_fair(problem, CUTOFF, limit, floor=floor)
    plan = open_sites(problem, result.answer.opened, result.answer.closed)
    assert is_allowed(problem, limit, plan)
    assert result.worst == pytest.approx(best, abs=1e-6)
    assert worst(plan) == pytest.approx(best, abs=1e-6)
    assert result.answer.objective == pytest.approx(most)
    assert result.unit.tolist() == units.tolist()
    assert min(1.0, float(result.share.min()) / (floor or 1.0)) == pytest.approx(best, abs=1e-6)
    assert result.answer.status == ("infeasible" if floor and best < 1 - 1e-6 else "optimal")


def test_fair_helps_the_small_county() -> None:
    """One site: the large town has more people, but the fair plan takes the place both counties reach a little."""
    cost = np.array([[1.0, np.inf, np.inf], [np.inf, 1.0, 1.0]])
    problem = build_problem(cost, [100.0, 10.0, 5.0], demand_unit=[0, 0, 1])
    result = solve_fair(problem, CUTOFF, Limit(sites=1))
    assert result.answer.opened.tolist() == [1]
    assert result.share == pytest.approx([10 / 110, 1.0])
    assert result.worst == pytest.approx(10 / 110)


@pytest.mark.parametrize("asked", [0, 1, 2, 5, 20])
def test_bounds_hold_when_time_is_up(asked: int) -> None:
    """Stopped after any number of questions, backup, capacitated and fair cover have allowed plans and true bounds."""
    problem = random_problem(7, sites=8, demand=20, kinds="roles capacity")
    limit = Limit(sites=3)
    plans = list(every_plan(problem, limit))

    def left() -> Callable[[], float]:
        return itertools.chain([1.0] * asked, itertools.repeat(0.0)).__next__

    once = max(people(problem, plan) for plan in plans)
    twice = max(people(problem, plan, times=2) for plan in plans if people(problem, plan) >= once - 1e-6)
    capacitated = max(_served(problem, plan) for plan in plans)
    backup = solve_bacop(problem, CUTOFF, limit, seconds_left=left())
    limited = solve_capacitated(problem, CUTOFF, limit, seconds_left=left()).answer
    fair = solve_fair(problem, CUTOFF, limit, seconds_left=left())
    assert backup.bound >= twice - 1e-6
    assert limited.bound >= capacitated - 1e-6
    assert limited.objective <= capacitated + 1e-6
    assert fair.worst <= fair.worst_bound
    assert fair.worst_bound >= solve_fair(problem, CUTOFF, limit).worst - 1e-6
    for answer in (backup, limited, fair.answer):
        assert answer.bound >= answer.objective
        assert is_allowed(problem, limit, open_sites(problem, answer.opened, answer.closed))
