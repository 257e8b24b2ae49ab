"""Prices of the linear model: as good a bound as its optimum, true under every limit, the same twice, cancellable."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest
from siting_oracle import CUTOFF, every_plan, people, random_problem

from coverage.siting.cover import prices
from coverage.siting.cover.cover_model import build_cover_model
from coverage.siting.cover.cover_sets import CoverSets, build_cover_sets
from coverage.siting.cover.lagrange import Bound
from coverage.siting.cover.prices import find_linear_bound
from coverage.siting.model import interior
from coverage.siting.model.limits import Limit, LimitRows, build_limit_rows
from coverage.siting.model.milp import solve_mixed
from coverage.siting.model.problem import SitingProblem
from coverage.siting.model.solver_progress import SolveProgress, Watch


def build(problem: SitingProblem, limit: Limit) -> tuple[CoverSets, LimitRows, Bound]:
    """Build cover sets, limits and the bound everybody starts from."""
    sets = build_cover_sets(problem, CUTOFF)
    start = Bound(float(sets.weight.sum()), np.zeros(len(sets.weight)))
    return sets, build_limit_rows(problem, limit, sets.site), start


def solve_relaxed(sets: CoverSets, limits: LimitRows) -> float:
    """Solve the linear relaxation by the simplex method."""
    model = build_cover_model(sets, limits)
    solution = solve_mixed(replace(model, is_integer=np.zeros_like(model.is_integer)), Watch(), "solve")
    return solution.value


@pytest.mark.parametrize(("kinds", "seed"), list(itertools.product(["", "whole", "roles", "relocation"], range(3))))
def test_equals_the_linear_optimum_under_one_limit(kinds: str, seed: int) -> None:
    """With a number of sites or a sum of money alone, existing stations among them, it is the linear optimum."""
    problem = random_problem(seed, sites=30, demand=200, kinds=kinds)
    for limit in (Limit(sites=3), Limit(sites=7), Limit(money=9.0)):
        sets, limits, start = build(problem, limit)
        found = find_linear_bound(sets, limits, start, 0.0, Watch())
        assert found.value == pytest.approx(solve_relaxed(sets, limits), rel=1e-4)
        assert (found.price >= 0.0).all()
        assert (found.price <= sets.weight).all()


@pytest.mark.parametrize("seed", range(4))
def test_holds_under_every_kind_of_limit(seed: int) -> None:
    """With quotas, money, moves and existing stations together no plan covers more, nor does the linear model."""
    problem = random_problem(seed, sites=11, demand=40, kinds="roles relocation quotas")
    for limit in (
        Limit(sites=3),
        Limit(money=9.0, sites=4),
        Limit(sites=2, moves=1),
        Limit(sites=1, moves=1, money=8.0),
    ):
        plans = [people(problem, plan) for plan in every_plan(problem, limit)]
        if not plans:
            continue
        sets, limits, start = build(problem, limit)
        found = find_linear_bound(sets, limits, start, 0.0, Watch())
        assert found.value + sets.settled >= max(plans) - 1e-6
        assert found.value >= solve_relaxed(sets, limits) - 1e-6


def test_upper_quotas_count_in_the_bound() -> None:
    """Quotas that leave fewer sites than the number allows make the bound smaller, down to the linear optimum."""
    problem = random_problem(2, sites=30, demand=200)
    free = random_problem(2, sites=30, demand=200, kinds="quotas")
    asked = replace(free, quotas=tuple(replace(quota, at_least=0, at_most=1) for quota in free.quotas))
    sets, limits, start = build(asked, Limit(sites=12))
    found = find_linear_bound(sets, limits, start, 0.0, Watch())
    assert found.value == pytest.approx(solve_relaxed(sets, limits), rel=1e-4)
    wider = find_linear_bound(*build(problem, Limit(sites=12)), 0.0, Watch())
    assert found.value < wider.value


def test_the_same_prices_twice() -> None:
    """Without a time limit the prices are the same to the last digit."""
    sets, limits, start = build(random_problem(7, sites=40, demand=300), Limit(sites=5))
    one, two = (find_linear_bound(sets, limits, start, 0.0, Watch()) for _ in range(2))
    assert one.value == two.value
    assert (one.price == two.price).all()


def test_cancelled_inside_the_interior_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled at its first question the bound is the one before, and the solver ends; so when time is up."""
    monkeypatch.setattr(interior, "PATIENCE_S", 0.0)
    sets, limits, start = build(random_problem(1, sites=300, demand=3000), Limit(sites=20))
    told: list[SolveProgress] = []

    def report(progress: SolveProgress) -> bool:
        told.append(progress)
        return False

    for watch, reason in (
        (Watch(report), "cancelled"),
        (Watch(seconds_left=iter([1000.0, 1000.0] + [0.0] * 1000).__next__), "time_limit"),
    ):
        found = find_linear_bound(sets, limits, start, 5.0, watch)
        assert watch.stopped == reason
        assert found is start
        # Asked to stop, it is not waited for longer than a moment, but it does end.
        for thread in threading.enumerate():
            if thread.name == "siting relaxation":
                thread.join(30.0)
                assert not thread.is_alive()
    assert [progress.step for progress in told] == ["bound"]
    assert told[0].incumbent == 5.0 + sets.settled


def test_a_share_of_the_time_is_all_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its share of the time gone the bound is the one before, and the search goes on."""
    monkeypatch.setattr(interior, "PATIENCE_S", 0.0)
    sets, limits, start = build(random_problem(1, sites=300, demand=3000), Limit(sites=20))
    left = itertools.chain([100.0, 100.0, 51.0, 51.0], itertools.repeat(49.0))
    watch = Watch(seconds_left=left.__next__)
    assert find_linear_bound(sets, limits, start, 5.0, watch, share=0.5) is start
    assert watch.stopped is None


def test_too_many_pairs_are_left_to_subgradients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the largest number of pairs, or with no time left, the bound stays as it is."""
    sets, limits, start = build(random_problem(3), Limit(sites=2))
    over = Watch()
    over.stopped = "time_limit"
    assert find_linear_bound(sets, limits, start, 0.0, over) is start
    monkeypatch.setattr(prices, "MOST_PAIRS", 1)
    assert find_linear_bound(sets, limits, start, 0.0, Watch()) is start
