"""The p-center problem: right on small worlds, equal to published values, honest when time is short."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from median_oracle import draw_problem, find_best, make_problem, unserved_weight
from test_siting_p_median import read_pmed_problem, read_san_francisco

from coverage.errors import SettingsError
from coverage.siting.model.problem import Quota, SiteRole
from coverage.siting.p_center.solver import solve_p_center


def test_a_street_worked_out_on_paper() -> None:
    """Five houses on a street, 0 1 2 8 9: two sites leave nobody farther than 1; one leaves somebody 7 away."""
    place = np.array([0.0, 1, 2, 8, 9])
    problem = make_problem(np.abs(place[:, None] - place), np.ones(5))
    two = solve_p_center(problem, 2)
    assert (two.status, two.objective, two.bound) == ("optimal", 1.0, 1.0)
    assert 1 in two.opened
    one = solve_p_center(problem, 1)
    assert (one.objective, one.opened.tolist()) == (7.0, [2])


@pytest.mark.parametrize("seed", range(8))
def test_no_choice_of_sites_is_better(seed: int) -> None:
    """All roles, ties, gaps: the largest cost is that of trying everything, exactly."""
    random = np.random.default_rng(seed)
    for _ in range(30):
        problem, costs, sites = draw_problem(random)
        answer = solve_p_center(problem, sites)
        unserved, best = find_best(problem, costs, sites, center=True)
        assert answer.objective == best
        assert answer.bound == best
        assert answer.status == ("optimal" if unserved == 0 else "infeasible")
        assert unserved_weight(problem, costs, answer.opened) == pytest.approx(unserved)
        assert set(np.flatnonzero(problem.role == SiteRole.REQUIRED)) <= set(answer.opened.tolist())
        assert len(set(answer.opened.tolist())) == min(sites, int(np.isin(problem.role, (0, 2)).sum()))


def test_the_bound_holds_when_time_is_short() -> None:
    """Whenever the clock stops the search, no choice that serves as much has a smaller largest cost."""
    random = np.random.default_rng(5)
    for looks in (0, 1, 2, 3, 5, 8):
        for _ in range(30):
            problem, costs, sites = draw_problem(random)
            left = iter([1.0] * looks + [0.0] * 10**5)
            answer = solve_p_center(problem, sites, seconds_left=lambda left=left: next(left))
            unserved, best = find_best(problem, costs, sites, center=True)
            assert answer.bound <= answer.objective
            if unserved_weight(problem, costs, answer.opened) <= unserved + 1e-9:
                assert answer.bound <= best <= answer.objective
            if answer.status in ("optimal", "infeasible"):
                assert answer.objective == best


def test_san_francisco(shared_data: Path, tmp_path: Path) -> None:
    """Four of sixteen stores: nobody is farther than the published metres."""
    answer = solve_p_center(read_san_francisco(shared_data, tmp_path), 4)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(7403.0638, abs=5e-5)


@pytest.mark.parametrize(("number", "radius"), [(2, 98), (3, 93), (4, 74), (5, 48)])
def test_graphs_of_the_library(shared_data: Path, number: int, radius: int) -> None:
    """Graphs of the OR-Library have the radii that the literature gives (Daskin 1995; Elloumi, Labbé & Pochet 2004)."""
    problem, sites = read_pmed_problem(shared_data, number)
    answer = solve_p_center(problem, sites)
    assert (answer.status, answer.objective, answer.bound) == ("optimal", radius, radius)
    assert len(answer.opened) == sites


def test_time_runs_out_where_not_all_can_be_served(shared_data: Path, tmp_path: Path) -> None:
    """Stores within 6000 m cannot serve everybody: without time the search still ends, with a bound that holds."""
    problem = read_san_francisco(shared_data, tmp_path)
    near = problem.cost <= 6000
    ptr = np.concatenate(([0], np.cumsum(near)))[problem.ptr]
    within = replace(problem, ptr=ptr, demand=problem.demand[near], cost=problem.cost[near])
    proved = solve_p_center(within, 4)
    assert proved.status == "infeasible"
    for looks in (0, 1, 5, 20, 60):
        left = iter([1.0] * looks + [0.0] * 10**5)
        answer = solve_p_center(within, 4, seconds_left=lambda left=left: next(left))
        assert answer.bound <= answer.objective <= 6000
        assert len(answer.opened) == 4


def test_empty_places_ask_nothing() -> None:
    """Demand points of weight 0 do not pull sites towards them."""
    costs = np.array([[0.0, 50.0, 2.0], [60.0, 0.0, 60.0]])
    answer = solve_p_center(make_problem(costs, np.array([1.0, 0.0, 1.0])), 1)
    assert (answer.status, answer.objective, answer.opened.tolist()) == ("optimal", 2.0, [0])


def test_spare_sites_shorten_the_mean() -> None:
    """A site that the largest cost does not need goes where it saves most."""
    costs = np.array([[9.0, 9.0, 9.0], [np.inf, 1.0, 9.0], [np.inf, 8.0, 9.0]])
    answer = solve_p_center(make_problem(costs, np.ones(3)), 2)
    assert answer.objective == 9.0
    assert sorted(answer.opened.tolist()) == [0, 1]


def test_two_runs_are_alike(shared_data: Path) -> None:
    """The same problem has the same answer, site by site."""
    problem, sites = read_pmed_problem(shared_data, 4)
    assert solve_p_center(problem, sites).opened.tolist() == solve_p_center(problem, sites).opened.tolist()


def test_contradictions_are_refused() -> None:
    """More required sites than may open, and quotas, are errors with a code."""
    with pytest.raises(SettingsError, match="too_many_required"):
        solve_p_center(make_problem(np.ones((2, 2)), np.ones(2), [SiteRole.REQUIRED] * 2), 1)
    with pytest.raises(SettingsError, match="no_quotas_here"):
        solve_p_center(make_problem(np.ones((2, 2)), np.ones(2), quotas=(Quota(0, 1),)), 1)
