"""Annealed plans: permitted under every kind of limit, the same every time, near the optimum."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse
from siting_oracle import CUTOFF, every_plan, is_allowed, open_sites, people, random_problem

from coverage.siting.cover import crossover, mclp, replacements
from coverage.siting.cover.anneal import anneal_plan
from coverage.siting.cover.cover_sets import build_cover_sets
from coverage.siting.cover.greedy import CoverState
from coverage.siting.cover.mclp import find_first_plan, solve_mclp
from coverage.siting.cover.replacements import Replacements
from coverage.siting.model import milp
from coverage.siting.model.limits import Limit, build_limit_rows
from coverage.siting.model.milp import MixedModel, solve_mixed
from coverage.siting.model.problem import SitingProblem
from coverage.siting.model.solver_progress import SolveProgress, Watch

LIMITS = [Limit(sites=4), Limit(money=9.0), Limit(money=9.0, sites=4), Limit(sites=2, moves=2)]


def anneal(
    problem: SitingProblem, limit: Limit, *, sweeps: int = 30, seed: int = 0, watch: Watch | None = None
) -> CoverState:
    """Anneal from the first plan."""
    sets = build_cover_sets(problem, CUTOFF)
    limits = build_limit_rows(problem, limit, sets.site)
    state = find_first_plan(problem, sets, limits, Watch())
    anneal_plan(state, watch or Watch(), "swap", sweeps=sweeps, seed=seed)
    return state


@pytest.mark.parametrize("kinds", ["", "whole", "roles quotas whole", "roles relocation quotas"])
@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_annealed_plans_are_permitted_and_near_the_optimum(kinds: str, limit: Limit) -> None:
    """The plan keeps its limits, its sums are those of counting, and the better of two is near the optimum."""
    for seed in range(2):
        problem = random_problem(seed, sites=9, kinds=kinds)
        best = max((people(problem, plan) for plan in every_plan(problem, limit)), default=None)
        if best is None:
            continue
        values = []
        for start in range(2):
            state = anneal(problem, limit, seed=start)
            assert state.is_permitted()
            again = CoverState(state.sets, state.limits)
            again.move_to(state.is_open)
            assert state.gain == pytest.approx(again.gain, abs=1e-6)
            assert (state.count == again.count).all()
            values.append(state.value + state.sets.settled)
        assert max(values) <= best + 1e-6
        # Exchanges of one for one do not reach every plan that keeps money and quotas.
        is_free = limit == LIMITS[0] and not kinds.endswith("quotas")
        assert max(values) >= (best - 1e-6 if is_free else 0.9 * best)


def test_the_same_seed_draws_the_same_plan() -> None:
    """Annealed twice the plan is the same."""
    problem = random_problem(5, sites=14, demand=80)
    one, two = (anneal(problem, Limit(sites=4), seed=7).is_open for _ in range(2))
    assert one.tolist() == two.tolist()


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_kept_gains_are_those_of_counting(limit: Limit) -> None:
    """After any replacements the table tells what each site would add in the place of each open one."""
    problem = random_problem(4, sites=30, demand=300, kinds="roles relocation quotas")
    sets = build_cover_sets(problem, CUTOFF)
    state = find_first_plan(problem, sets, build_limit_rows(problem, limit, sets.site), Watch())
    table = Replacements(state)
    random = np.random.default_rng(0)
    for _ in range(60):
        site = int(random.choice(np.flatnonzero(state.is_open)))
        other = int(random.choice(np.flatnonzero(~state.is_open)))
        again = CoverState(sets, state.limits)
        again.move_to(state.is_open)
        assert table.compute_gain_without(site) == pytest.approx(again.compute_gain_without(site), abs=1e-6)
        assert state.spent == pytest.approx(again.spent)
        table.replace(site, other)
        again.close(site)
        again.open(other)
        assert state.is_open.tolist() == again.is_open.tolist()
        assert state.count.tolist() == again.count.tolist()
        assert state.gain == pytest.approx(again.gain, abs=1e-6)


def test_without_room_for_the_table_the_plan_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole people are counted without rounding, so that both ways draw the same sites."""
    problem = random_problem(6, sites=14, demand=80, kinds="whole")
    with_table = [anneal(problem, limit) for limit in LIMITS]
    assert all(Replacements.fits(state) for state in with_table)
    monkeypatch.setattr(replacements, "MOST_NUMBERS", 0)
    for limit, state in zip(LIMITS, with_table, strict=True):
        assert not Replacements.fits(state)
        without = anneal(problem, limit)
        assert without.is_open.tolist() == state.is_open.tolist()
        assert without.gain.tolist() == state.gain.tolist()


def test_stopped_at_any_draw_the_plan_is_permitted() -> None:
    """Stopped before any of its draws, there is a plan that keeps the limits."""
    problem = random_problem(3, sites=12, demand=40, kinds="roles quotas")
    for draws in range(0, 30, 3):
        left = iter([1.0] * draws + [0.0] * 10_000)
        watch = Watch(seconds_left=left.__next__)
        state = anneal(problem, Limit(sites=4), watch=watch)
        assert watch.stopped == "time_limit"
        assert state.is_permitted()


@pytest.mark.parametrize(
    ("kinds", "seed"), list(itertools.product(["", "whole", "roles quotas", "relocation"], range(2)))
)
def test_large_problems_take_the_same_way_to_the_optimum(
    kinds: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every size counted as large, the value is still that of brute force, and bounds hold at any stop."""
    for name, value in {"_SMALL": 0, "_FIRST_CORE": 2, "_LINEAR": 0, "_VAIN": 0, "_SHAKES": 5}.items():
        monkeypatch.setattr(mclp, name, value)
    for name in ("_SWEEPS", "_MOST_SWEEPS", "_ALL_SWEEPS"):
        monkeypatch.setattr(crossover, name, 5)
    problem = random_problem(seed, sites=9, kinds=kinds)
    for limit in (Limit(sites=3), Limit(money=7.0), Limit(sites=2, moves=1)):
        plans = [people(problem, plan) for plan in every_plan(problem, limit)]
        if not plans:
            continue
        answer = solve_mclp(problem, CUTOFF, limit)
        assert answer.status == "optimal"
        assert answer.objective == pytest.approx(max(plans))
        for asked in (2, 20, 60, 150):
            left = itertools.chain([1.0] * asked, itertools.repeat(0.0))
            answer = solve_mclp(problem, CUTOFF, limit, seconds_left=left.__next__)
            assert answer.objective <= max(plans) + 1e-6
            assert answer.bound >= max(plans) - 1e-6
            assert is_allowed(problem, limit, open_sites(problem, answer.opened, answer.closed))


def hard_model() -> MixedModel:
    """Build a market split of six rows and fifty items, which no solver proves while a test waits."""
    random = np.random.default_rng(1)
    amounts = random.integers(0, 100, (6, 50)).astype(float)
    half = amounts.sum(axis=1) // 2
    return MixedModel(
        profit=random.integers(50, 100, 50).astype(float),
        most=np.ones(50),
        is_integer=np.ones(50, np.bool_),
        matrix=sparse.csr_array(amounts),
        lower=np.full(6, -np.inf),
        upper=half,
    )


@pytest.mark.parametrize("wait", [1.0, 0.0])
def test_an_exact_model_stops_soon_when_cancelled(wait: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled long before it is solved, it has its start or better and a bound; also where nobody waits for it."""
    monkeypatch.setattr(milp, "LAST_WAIT_S", wait)
    model = hard_model()
    told: list[SolveProgress] = []

    def report(progress: SolveProgress) -> bool:
        told.append(progress)
        return len(told) < 3

    watch = Watch(report)
    solution = solve_mixed(model, watch, "solve", start=np.zeros(50))
    assert watch.stopped == "cancelled"
    assert solution.x is not None
    assert (model.matrix @ solution.x <= model.upper + 1e-6).all()
    assert solution.value == pytest.approx(float(model.profit @ solution.x))
    assert solution.value <= solution.bound
    assert not solution.is_infeasible
