"""Maximal cover: what brute force finds, under every kind of limit; bounds that hold; the same answer twice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
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
from coverage.siting.cover.mclp import solve_mclp
from coverage.siting.model.limits import Limit
from coverage.siting.model.problem import Quota, SiteRole
from coverage.siting.model.solver_progress import SolveProgress

LIMITS = [
    Limit(sites=1),
    Limit(sites=3),
    Limit(money=4.5),
    Limit(money=9.0, sites=4),
    Limit(sites=2, moves=2),
    Limit(sites=1, moves=1, money=8.0),
    Limit(),
]
KINDS = ["", "whole", "roles", "roles quotas whole", "relocation", "roles relocation quotas"]


@pytest.mark.parametrize(("kinds", "seed"), list(itertools.product(KINDS, range(4))))
def test_equals_brute_force(kinds: str, seed: int) -> None:
    """With roles, quotas, money, moves and fractions of people the value is the best of all sets of sites."""
    problem = random_problem(seed, kinds=kinds)
    for limit in LIMITS:
        plans = list(every_plan(problem, limit))
        if not plans:
            with pytest.raises(SettingsError):
                solve_mclp(problem, CUTOFF, limit)
            continue
        best = max(people(problem, plan) for plan in plans)
        answer = solve_mclp(problem, CUTOFF, limit)
        plan = open_sites(problem, answer.opened, answer.closed)
        assert answer.status == "optimal"
        assert answer.objective == pytest.approx(best, rel=1e-9)
        assert answer.bound == answer.objective
        assert people(problem, plan) == pytest.approx(answer.objective)
        assert is_allowed(problem, limit, plan)
        reached = dense_cover(problem).any(axis=0)
        assert answer.unserved.tolist() == np.flatnonzero(~reached).tolist()


@pytest.mark.parametrize("seed", range(6))
def test_bound_holds_when_time_is_up(seed: int) -> None:
    """Stopped by the clock after any number of questions, the plan is allowed and its bound is above the optimum."""
    problem = random_problem(seed, sites=12, demand=40, kinds="roles quotas")
    limit = Limit(sites=4)
    best = max(people(problem, plan) for plan in every_plan(problem, limit))
    for asked in (0, 1, 3, 10, 40):
        left = itertools.chain([1.0] * asked, itertools.repeat(0.0))
        answer = solve_mclp(problem, CUTOFF, limit, seconds_left=left.__next__)
        assert answer.status in ("time_limit", "optimal")
        assert answer.objective <= best + 1e-9
        assert answer.bound >= best - 1e-9
        assert is_allowed(problem, limit, open_sites(problem, answer.opened, answer.closed))


def test_cancelled_by_the_report() -> None:
    """A report that returns False ends the search with a plan, its bound and the status cancelled."""
    problem = random_problem(3, sites=12, demand=60)
    told: list[SolveProgress] = []

    def report(progress: SolveProgress) -> bool:
        told.append(progress)
        return len(told) < 3

    answer = solve_mclp(problem, CUTOFF, Limit(sites=4), report=report)
    best = max(people(problem, plan) for plan in every_plan(problem, Limit(sites=4)))
    assert answer.status == "cancelled"
    assert len(told) == 3
    assert answer.objective <= best <= answer.bound
    assert all(not progress.bound < progress.incumbent for progress in told)


def test_same_answer_twice_and_in_any_order() -> None:
    """The same problem has the same answer; with its demand shuffled, the same value."""
    problem = random_problem(11, sites=12, demand=60, kinds="roles")
    first, second = (solve_mclp(problem, CUTOFF, Limit(sites=3)) for _ in range(2))
    assert first.opened.tolist() == second.opened.tolist()
    assert first.objective == second.objective
    shuffled = build_problem(
        np.where(dense_cover(problem), 1.0, np.inf)[:, ::-1], problem.weight[::-1], role=problem.role.astype(int)
    )
    assert solve_mclp(shuffled, CUTOFF, Limit(sites=3)).objective == pytest.approx(first.objective)


def test_cutoff_is_included_in_the_precision_of_times() -> None:
    """A time of exactly the cutoff counts, also where float32 rounds it there; the next float32 does not."""
    cost = np.array([[30.0, 30.0 + 1e-7, np.nextafter(np.float32(30.0), np.float32(31.0))]])
    answer = solve_mclp(build_problem(cost, [1.0, 2.0, 4.0]), CUTOFF, Limit(sites=1))
    assert answer.objective == 3.0


def test_useless_sites_stay_shut() -> None:
    """With room for three sites but people for one, one is opened."""
    cost = np.array([[1.0, 2.0], [1.0, np.inf], [np.inf, np.inf]])
    answer = solve_mclp(build_problem(cost, [5.0, 6.0]), CUTOFF, Limit(sites=3))
    assert answer.opened.tolist() == [0]
    assert answer.objective == 11.0


def test_moving_an_existing_site() -> None:
    """A move closes the badly placed station and opens the better site; without moves nothing changes."""
    cost = np.array([[1.0, np.inf, np.inf], [np.inf, 1.0, 1.0]])
    problem = build_problem(cost, [1.0, 5.0, 6.0], role=[SiteRole.RELOCATABLE, SiteRole.CANDIDATE])
    stays = solve_mclp(problem, CUTOFF, Limit(sites=0))
    moves = solve_mclp(problem, CUTOFF, Limit(sites=0, moves=1))
    assert (stays.objective, stays.opened.tolist(), stays.closed.tolist()) == (1.0, [], [])
    assert (moves.objective, moves.opened.tolist(), moves.closed.tolist()) == (11.0, [1], [0])
    # Closing that sets money free pays for the new site; closing that costs money does not.
    for removal, expected in ((-3.0, 11.0), (3.0, 1.0)):
        priced = replace(problem, site_cost=np.array([0.0, 3.0]), removal_cost=np.array([removal, 0.0]))
        assert solve_mclp(priced, CUTOFF, Limit(money=0.0)).objective == expected


def test_limits_that_contradict_each_other() -> None:
    """More required sites than the limit, a quota at odds with itself, or no plan at all: an error with facts."""
    cost = np.ones((2, 1))
    required = build_problem(cost, [1.0], role=[SiteRole.REQUIRED] * 2)
    with pytest.raises(SettingsError, match="too_many_required"):
        solve_mclp(required, CUTOFF, Limit(sites=1))
    grouped = build_problem(cost, [1.0], site_group=[0, 0], quotas=(Quota(0, 2, 1),))
    with pytest.raises(SettingsError, match="quota_contradicts"):
        solve_mclp(grouped, CUTOFF, Limit(sites=1))
    asked = build_problem(cost, [1.0], site_group=[0, 0], quotas=(Quota(0, 2),))
    with pytest.raises(SettingsError, match="limits_contradict"):
        solve_mclp(asked, CUTOFF, Limit(sites=1))
    with pytest.raises(SettingsError, match="negative_limit"):
        solve_mclp(asked, CUTOFF, Limit(sites=-1))


def test_nobody_and_nothing() -> None:
    """Without people, sites or ways the answer is empty and proved."""
    nobody = solve_mclp(build_problem(np.ones((2, 2)), [0.0, 0.0]), CUTOFF, Limit(sites=1))
    assert (nobody.status, nobody.objective, nobody.opened.tolist()) == ("optimal", 0.0, [])
    nowhere = solve_mclp(build_problem(np.full((2, 2), np.inf), [1.0, 2.0]), CUTOFF, Limit(sites=1))
    assert (nowhere.objective, nowhere.bound, nowhere.unserved.tolist()) == (0.0, 0.0, [0, 1])
    empty = solve_mclp(build_problem(np.zeros((0, 2)), [1.0, 2.0]), CUTOFF, Limit(sites=1))
    assert (empty.objective, empty.opened.tolist()) == (0.0, [])


def test_san_francisco(shared_data: Path) -> None:
    """Four stores within 5000 m reach 875,247 of 955,113 people, in 184 of 205 tracts; 185 where tracts count."""
    problem = read_san_francisco(shared_data, is_weighted=True)
    answer = solve_mclp(problem, 5000.0, Limit(sites=4))
    assert problem.weight.sum() == 955_113.0
    assert (answer.status, answer.objective, len(answer.opened)) == ("optimal", 875_247.0, 4)
    plan = open_sites(problem, answer.opened, answer.closed)
    assert dense_cover(problem, 5000.0)[plan].any(axis=0).sum() == 184
    plain = read_san_francisco(shared_data, is_weighted=False)
    covered = dense_cover(plain, 5000.0)
    most = max(covered[list(four)].any(axis=0).sum() for four in itertools.combinations(range(16), 4))
    assert solve_mclp(plain, 5000.0, Limit(sites=4)).objective == most == 185
