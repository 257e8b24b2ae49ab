"""Large p-center problems: payments rule out nothing that can be had, swaps cover all, answers are optimal."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from median_oracle import draw_problem, find_best, make_problem

from coverage.siting.model.problem import SitingAnswer, SitingProblem
from coverage.siting.model.solver_progress import Watch
from coverage.siting.p_center import solver
from coverage.siting.p_center.bound import CoverBound
from coverage.siting.p_center.pairs import CoverPairs, pair_up
from coverage.siting.p_center.search import CoverSearch
from coverage.siting.p_center.solver import solve_p_center


@pytest.mark.parametrize("seed", range(25))
def test_counted_as_large_the_answer_is_that_of_brute_force(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every size counted as large, the optimum is found and proved; bounds hold whenever time runs out."""
    monkeypatch.setattr(solver, "_MANY", 0)
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


def _draw_square(seed: int) -> tuple[SitingProblem, np.ndarray, float]:
    """Draw 14 sites and 40 points on a square; return the problem, its costs and the least largest cost of 3 sites."""
    random = np.random.default_rng(seed)
    site, point = random.random((14, 2)), random.random((40, 2))
    costs = np.hypot(*(site[:, None, :] - point[None, :, :]).transpose(2, 0, 1))
    problem = make_problem(costs, np.ones(40))
    return problem, costs, find_best(problem, costs, 3, center=True)[1]


def _pairs_within(costs: np.ndarray, radius: float) -> CoverPairs:
    row, site = np.nonzero(costs.transpose() <= radius)
    count = costs.shape[1]
    return pair_up(np.arange(count), row, site, len(costs), np.zeros(count, np.bool_), np.ones(count))


@pytest.mark.parametrize("seed", range(6))
def test_payments_and_swaps_agree_with_the_optimum(seed: int) -> None:
    """Within the optimal cost nothing is ruled out and swaps find a plan; below it there is none, far below proved."""
    _, costs, least = _draw_square(seed)
    bound = CoverBound(3)
    for radius in (least * 0.3, least * 0.6, least * 0.9, least, least * 1.2):
        is_ruled_out = bound.is_ruled_out(_pairs_within(costs, radius), Watch(), (1.0, 0.0))
        assert not (is_ruled_out and radius >= least)
        assert is_ruled_out or radius > least * 0.3
    search = CoverSearch(np.array([0, 1, 2]))
    assert search.find_plan(_pairs_within(costs, least), 500, Watch(), (1.0, 0.0))
    assert len(set(search.opened.tolist())) == 3
    assert costs[search.opened].min(axis=0).max() == pytest.approx(least)
    assert not search.find_plan(_pairs_within(costs, least * 0.999), 500, Watch(), (1.0, 0.0))
    assert len(set(search.opened.tolist())) == 3


def _draw_plane(count: int, reach: float) -> SitingProblem:
    """Draw points on a square, each a candidate too, with all pairs within a distance."""
    place = np.random.default_rng(7).random((count, 2))
    away = np.hypot(*(place[:, None, :] - place[None, :, :]).transpose(2, 0, 1))
    site, point = np.nonzero(away <= reach)
    problem = make_problem(np.zeros((count, count)), np.ones(count))
    ptr = np.searchsorted(site, np.arange(count + 1)).astype(np.int64)
    return replace(problem, ptr=ptr, demand=point.astype(np.int32), cost=away[site, point])


def _count_looks(problem: SitingProblem, sites: int, looks: int, *, is_user: bool = False) -> SitingAnswer:
    left = itertools.chain([1.0] * looks, itertools.repeat(0.0))
    if is_user:
        return solve_p_center(problem, sites, report=lambda _: next(left) > 0)
    return solve_p_center(problem, sites, seconds_left=left.__next__)


@pytest.mark.slow
def test_the_gap_of_many_points_is_small_and_two_runs_are_alike() -> None:
    """700 points, 100,000 pairs, 20 sites: stopped after so many looks, both ends are within 15 %, twice the same."""
    problem = _draw_plane(700, 0.3)
    assert len(problem.cost) > solver._MANY
    first, again = (_count_looks(problem, 20, 8_000) for _ in range(2))
    assert first.status == "time_limit"
    assert first.objective == again.objective
    assert first.bound == again.bound
    assert first.opened.tolist() == again.opened.tolist()
    assert 0.0 < first.bound < first.objective
    assert first.gap < 0.15


@pytest.mark.parametrize("looks", [1, 30, 300, 3000])
def test_a_user_can_stop_it_at_any_look(looks: int) -> None:
    """A "no" anywhere, also within a model, ends the search with a plan that covers all and a bound below it."""
    problem = _draw_plane(700, 0.3)
    answer = _count_looks(problem, 20, looks, is_user=True)
    assert answer.status == "cancelled"
    assert answer.bound <= answer.objective <= 0.3
    assert len(answer.opened) == 20


def test_more_sites_never_raise_either_end() -> None:
    """With more sites a cost that was too small may be enough, never the other way round."""
    random = np.random.default_rng(3)
    costs = random.random((12, 30))
    for radius in (0.2, 0.3, 0.4):
        pairs = _pairs_within(costs, radius)
        ruled_out = [CoverBound(count).is_ruled_out(pairs, Watch(), (1.0, 0.0)) for count in range(1, 9)]
        assert ruled_out == sorted(ruled_out, reverse=True)
