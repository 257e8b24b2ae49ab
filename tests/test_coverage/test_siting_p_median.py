"""The p-median problem: right on small worlds, proved on published ones, honest when time is short."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from median_oracle import draw_problem, find_best, make_problem, unserved_weight

from coverage.errors import SettingsError
from coverage.siting.model.problem import Quota, SiteRole, SitingProblem, no_deadline
from coverage.siting.model.solver_progress import SolveProgress
from coverage.siting.p_median.bounds import NearPairs, decide_sites, price
from coverage.siting.p_median.core import MedianCore, build_core, cost_of, fix_sites
from coverage.siting.p_median.solver import solve_p_median
from coverage.siting.p_median.swap import improve_by_swaps, open_greedily
from scripts.convert_pmed import read_pmed, write_san_francisco

OPTIMA = {1: 5819, 2: 4093, 3: 4250, 4: 3034, 5: 1355}


def read_pmed_problem(shared_data: Path, number: int) -> tuple[SitingProblem, int]:
    """Read a problem of the OR-Library."""
    costs, sites = read_pmed(shared_data / "locate" / "pmed" / f"pmed{number}.txt")
    return make_problem(costs, np.ones(len(costs))), sites


def read_san_francisco(shared_data: Path, folder: Path) -> SitingProblem:
    """Read the stores of San Francisco."""
    write_san_francisco(shared_data / "locate" / "san_francisco", folder)
    table = pd.read_csv(folder / "COSTS.csv", dtype={"demand_id": str})
    costs = table.pivot_table(index="site_id", columns="demand_id", values="cost")
    weight = pd.read_csv(folder / "DEMAND.csv", dtype={"demand_id": str}).set_index("demand_id")["weight"]
    return make_problem(costs.to_numpy(float), weight.reindex(costs.columns).to_numpy(float))


def test_a_street_worked_out_on_paper() -> None:
    """Five houses on a street, 0 1 2 8 9: two sites stand in the middle of each cluster."""
    place = np.array([0.0, 1, 2, 8, 9])
    costs = np.abs(place[:, None] - place)
    answer = solve_p_median(make_problem(costs, np.ones(5)), 2)
    assert (answer.status, answer.objective, answer.bound) == ("optimal", 3.0, 3.0)
    assert 1 in answer.opened
    assert answer.opened.dtype == np.int32
    # With an existing site at 9 one new site is enough for the same.
    fixed = make_problem(costs, np.ones(5), [0, 0, 0, 0, SiteRole.EXISTING])
    answer = solve_p_median(fixed, 1)
    assert (answer.opened.tolist(), answer.objective) == ([1], 3.0)


@pytest.mark.parametrize("seed", range(8))
def test_no_choice_of_sites_is_better(seed: int) -> None:
    """Existing, required, forbidden and relocatable sites, ties, gaps: the answer is that of trying everything."""
    random = np.random.default_rng(seed)
    for _ in range(40):
        problem, costs, sites = draw_problem(random)
        answer = solve_p_median(problem, sites)
        unserved, best = find_best(problem, costs, sites, center=False)
        assert answer.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
        assert answer.bound == answer.objective
        assert answer.status == ("optimal" if unserved == 0 else "infeasible")
        assert unserved_weight(problem, costs, answer.opened) == pytest.approx(unserved)
        assert set(np.flatnonzero(problem.role == SiteRole.REQUIRED)) <= set(answer.opened.tolist())
        roles = problem.role[answer.opened]
        assert np.isin(roles, (SiteRole.CANDIDATE, SiteRole.REQUIRED)).all()
        assert len(set(answer.opened.tolist())) == min(sites, int(np.isin(problem.role, (0, 2)).sum()))


@pytest.mark.parametrize("seconds", [0.0, 1e-3])
def test_the_bound_holds_when_time_is_short(seconds: float) -> None:
    """Whenever the clock stops the search, no choice that serves as much costs less than the bound."""
    random = np.random.default_rng(99)
    for _ in range(120):
        problem, costs, sites = draw_problem(random)
        left = iter(np.linspace(seconds, -1.0, 7).tolist() + [-1.0] * 10**6)
        answer = solve_p_median(problem, sites, seconds_left=lambda left=left: next(left))
        unserved, best = find_best(problem, costs, sites, center=False)
        assert answer.bound <= answer.objective
        if unserved_weight(problem, costs, answer.opened) <= unserved + 1e-9:
            assert answer.bound <= best + 1e-9 * max(1.0, best)
            assert answer.objective >= best - 1e-9 * max(1.0, best)
        if answer.status in ("optimal", "infeasible"):
            assert answer.objective == pytest.approx(best)


def test_each_stop_leaves_a_bound_that_holds(shared_data: Path) -> None:
    """Stopped after any number of looks at the clock, a published problem keeps a bound below its optimum."""
    problem, sites = read_pmed_problem(shared_data, 2)
    bounds = []
    for looks in (0, 5, 60, 150, 400, 800):
        left = iter([1.0] * looks + [0.0] * 10**6)
        answer = solve_p_median(problem, sites, seconds_left=lambda left=left: next(left))
        assert answer.bound <= OPTIMA[2] <= answer.objective
        assert answer.bound > 0
        bounds.append(answer.bound)
    assert bounds[-1] > bounds[0]


@pytest.mark.parametrize("number", OPTIMA)
def test_published_optima_are_proved(shared_data: Path, number: int) -> None:
    """The first problems of the OR-Library are solved to proof."""
    problem, sites = read_pmed_problem(shared_data, number)
    answer = solve_p_median(problem, sites)
    assert (answer.status, answer.objective, answer.bound, answer.gap) == ("optimal", OPTIMA[number], OPTIMA[number], 0)
    assert len(answer.opened) == sites


def test_fixed_sites_in_a_published_problem(shared_data: Path) -> None:
    """Fixing sites of the optimum keeps it; forbidding one or requiring another cannot better it."""
    problem, sites = read_pmed_problem(shared_data, 4)
    best = solve_p_median(problem, sites).opened
    role = problem.role.copy()
    role[best[:7]] = SiteRole.EXISTING
    role[best[7:12]] = SiteRole.REQUIRED
    fixed = solve_p_median(replace(problem, role=role), sites - 7)
    assert (fixed.status, fixed.objective) == ("optimal", OPTIMA[4])
    role = problem.role.copy()
    role[best[0]] = SiteRole.FORBIDDEN
    forbidden = solve_p_median(replace(problem, role=role), sites)
    assert forbidden.status == "optimal"
    assert forbidden.objective >= OPTIMA[4]
    assert best[0] not in forbidden.opened


def test_san_francisco(shared_data: Path, tmp_path: Path) -> None:
    """Four of sixteen stores: the published sum and mean of weighted metres."""
    problem = read_san_francisco(shared_data, tmp_path)
    answer = solve_p_median(problem, 4)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(2_848_268_129.71, abs=0.01)
    assert answer.objective / problem.weight.sum() == pytest.approx(2982.1269, abs=5e-5)


def test_the_order_of_rows_changes_nothing(shared_data: Path, tmp_path: Path) -> None:
    """Two runs are alike; sites in another order give the same value and the same sites."""
    problem = read_san_francisco(shared_data, tmp_path)
    first, second = solve_p_median(problem, 5), solve_p_median(problem, 5)
    assert first.opened.tolist() == second.opened.tolist()
    costs = np.full((problem.site_count, problem.demand_count), np.inf)
    for site in range(problem.site_count):
        span = slice(problem.ptr[site], problem.ptr[site + 1])
        costs[site, problem.demand[span]] = problem.cost[span]
    turned = solve_p_median(make_problem(costs[::-1], problem.weight), 5)
    assert turned.objective == first.objective
    assert (problem.site_count - 1 - turned.opened).tolist() == first.opened.tolist()


def test_more_sites_never_cost_more() -> None:
    """The value falls with the number of sites down to everybody at the cheapest site, and stays there."""
    random = np.random.default_rng(3)
    costs = random.random((9, 30))
    problem = make_problem(costs, random.random(30) + 0.1)
    values = [solve_p_median(problem, sites).objective for sites in range(1, 12)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(float((problem.weight * costs.min(axis=0)).sum()))


def test_the_first_site_built_helps_most() -> None:
    """Sites come in build order: people newly served before metres saved."""
    costs = np.array([[1.0, 1.0, np.inf, np.inf], [np.inf, np.inf, 5.0, np.inf], [9.0, 9.0, 9.0, 9.0]])
    answer = solve_p_median(make_problem(costs, np.array([1.0, 1, 1, 1])), 3)
    assert answer.opened[0] == 2
    assert (answer.status, answer.objective) == ("optimal", 16.0)


def test_points_nobody_can_serve_are_listed() -> None:
    """Whom no site reaches is listed, and the rest is solved."""
    costs = np.array([[1.0, np.inf, 4.0], [3.0, np.inf, 1.0]])
    answer = solve_p_median(make_problem(costs, np.array([2.0, 5.0, 1.0])), 1)
    assert (answer.status, answer.unserved.tolist(), answer.opened.tolist()) == ("infeasible", [1], [0])
    assert answer.objective == answer.bound == 6.0


def test_nothing_to_do() -> None:
    """No sites, no candidates, no people: an answer all the same."""
    nobody = solve_p_median(make_problem(np.ones((2, 2)), np.zeros(2)), 1)
    assert (nobody.status, nobody.objective, len(nobody.opened)) == ("optimal", 0.0, 1)
    none = solve_p_median(make_problem(np.ones((2, 2)), np.ones(2)), 0)
    assert (none.status, none.objective, none.opened.tolist(), none.unserved.tolist()) == ("infeasible", 0.0, [], [])
    shut = solve_p_median(make_problem(np.ones((1, 2)), np.ones(2), [SiteRole.FORBIDDEN]), 3)
    assert (shut.status, shut.opened.tolist(), shut.unserved.tolist()) == ("infeasible", [], [0, 1])


def test_contradictions_are_refused() -> None:
    """More required sites than may open, and quotas, are errors with a code."""
    with pytest.raises(SettingsError, match="too_many_required"):
        solve_p_median(make_problem(np.ones((2, 2)), np.ones(2), [SiteRole.REQUIRED] * 2), 1)
    with pytest.raises(SettingsError, match="no_quotas_here"):
        solve_p_median(make_problem(np.ones((2, 2)), np.ones(2), quotas=(Quota(0, 1),)), 1)


def test_a_user_can_stop_it(shared_data: Path) -> None:
    """Returning False ends the search with the best answer so far; bounds told on the way never exceed values."""
    problem, sites = read_pmed_problem(shared_data, 3)
    told: list[SolveProgress] = []

    def report(progress: SolveProgress) -> bool:
        told.append(progress)
        return len(told) < 80

    answer = solve_p_median(problem, sites, report=report)
    assert answer.status == "cancelled"
    assert answer.bound <= OPTIMA[3] <= answer.objective
    assert all(one.bound <= one.incumbent for one in told)


def test_bounds_told_on_the_way_hold_and_never_fall(shared_data: Path) -> None:
    """While the tree is searched, what is told as the bound rises, and is no more than the published optimum."""
    problem, sites = read_pmed_problem(shared_data, 2)
    told: list[float] = []

    def report(progress: SolveProgress) -> bool:
        if progress.step == "bound":
            told.append(progress.bound)
        return True

    assert solve_p_median(problem, sites, report=report).status == "optimal"
    assert len(told) > 500
    assert told == sorted(told)
    assert told[-1] <= OPTIMA[2]


def test_a_bound_needs_only_the_pairs_that_are_near() -> None:
    """Whatever multipliers come one after the other, reduced costs are those summed over all pairs, exactly."""
    random = np.random.default_rng(4)
    costs = np.floor(random.random((15, 40)) * 100)
    row, site = (part.ravel() for part in np.meshgrid(np.arange(40), np.arange(15)))
    names = (np.arange(40), np.arange(15))
    core = build_core(4, np.ones(40), np.full(40, 200.0), np.ones(40, bool), (row, site, costs.ravel()), names)
    near = NearPairs(core)
    held = []
    for scale in (10.0, 10.5, 60.0, 150.0, 5.0, 0.0):
        multiplier = np.minimum(random.random(core.row_count) * scale, core.fallback)
        dual = price(core, multiplier, near=near)
        slack = np.maximum(multiplier[core.arc_row] - core.row_cost, 0.0)
        assert (dual.reduced == -np.bincount(core.row_site, weights=slack, minlength=15)).all()
        assert dual.bound == price(core, multiplier).bound
        held.append(len(near.cost))
    assert held[0] < held[3] <= len(core.row_cost)


def test_swapping_ends_where_no_swap_helps() -> None:
    """After interchange no single exchange of sites is better, counted from scratch."""
    random = np.random.default_rng(17)
    costs = np.floor(random.random((25, 60)) * 100)
    row, site = (part.ravel() for part in np.meshgrid(np.arange(60), np.arange(25)))
    names = (np.arange(60), np.arange(25))
    far = np.full(60, 1000.0)
    core = build_core(6, np.ones(60), far, np.ones(60, bool), (row, site, costs.ravel()), names)
    opened = improve_by_swaps(core, open_greedily(core, np.zeros(0, np.int64), 6), no_deadline)
    value = cost_of(core, opened)
    for out in range(6):
        for into in set(range(25)) - set(opened.tolist()):
            other = opened.copy()
            other[out] = into
            assert cost_of(core, other) >= value


def test_reduced_costs_decide_only_what_is_sure() -> None:
    """Sites decided by a bound are decided so in every best answer, whatever the multipliers."""
    random = np.random.default_rng(23)
    for _ in range(40):
        costs = np.floor(random.random((8, 12)) * 50)
        problem = make_problem(costs, np.ones(12))
        row, site = (part.ravel() for part in np.meshgrid(np.arange(12), np.arange(8)))
        names = (np.arange(12), np.arange(8))
        core = build_core(3, np.ones(12), np.full(12, 1e3), np.ones(12, bool), (row, site, costs.ravel()), names)
        best = find_best(problem, costs, 3, center=False)[1]
        dual = price(core, random.random(12) * 60)
        assert dual.bound <= best + 1e-9
        opened, closed = decide_sites(core, dual, best)
        assert find_best_in(core, opened, closed) == best


def find_best_in(core: MedianCore, opened: np.ndarray, closed: np.ndarray) -> float:
    """Return the best value of a core after sites are decided."""
    left = fix_sites(core, opened, closed)
    return min(
        sum(cost_of(left, np.array(chosen, np.int64)))
        for chosen in itertools.combinations(range(left.site_count), left.picks)
    )
