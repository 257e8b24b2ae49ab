"""Siting problems drawn at random, and every choice of sites tried one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from coverage.siting.model.problem import Quota, SiteRole, SitingProblem

FloatArray = npt.NDArray[np.float64]


def make_problem(
    costs: FloatArray, weight: FloatArray, role: list[int] | None = None, quotas: tuple[Quota, ...] = ()
) -> SitingProblem:
    """Build a problem from a table of costs, sites × demand points, inf where there is no way."""
    sites, points = costs.shape
    near = np.isfinite(costs)
    return SitingProblem(
        weight=np.asarray(weight, float),
        ptr=np.concatenate(([0], np.cumsum(near.sum(axis=1)))).astype(np.int64),
        demand=np.nonzero(near)[1].astype(np.int32),
        cost=costs[near],
        role=np.array([SiteRole.CANDIDATE] * sites if role is None else role, dtype=np.int8),
        site_cost=np.zeros(sites),
        removal_cost=np.zeros(sites),
        capacity=np.full(sites, np.inf),
        site_group=np.full(sites, -1, dtype=np.int32),
        quotas=quotas,
        demand_unit=np.full(points, -1, dtype=np.int32),
    )


def draw_problem(random: np.random.Generator) -> tuple[SitingProblem, FloatArray, int]:
    """Draw a small problem with all roles, its table of costs and a number of sites it permits."""
    sites, points = random.integers(1, 12), random.integers(1, 15)
    costs = random.random((sites, points)) * 30
    if random.random() < 0.5:
        costs = np.floor(costs)  # ties
    costs[random.random((sites, points)) > random.choice([0.2, 0.5, 1.0])] = np.inf
    weight = np.floor(random.random(points) * 6) if random.random() < 0.6 else random.random(points) * 10
    role = random.choice([0, 0, 0, 0, 0, 1, 2, 3, 4], sites)
    required = int((role == SiteRole.REQUIRED).sum())
    return make_problem(costs, weight, role.tolist()), costs, required + int(random.integers(0, 5))


def each_plan(problem: SitingProblem, costs: FloatArray, sites: int) -> Iterator[tuple[float, FloatArray, FloatArray]]:
    """Yield for every choice the weight unserved, and weights and costs of those served (weight above 0)."""
    always = np.flatnonzero(np.isin(problem.role, (SiteRole.EXISTING, SiteRole.REQUIRED, SiteRole.RELOCATABLE)))
    candidates = np.flatnonzero(problem.role == SiteRole.CANDIDATE).tolist()
    picks = min(sites - int((problem.role == SiteRole.REQUIRED).sum()), len(candidates))
    for chosen in itertools.combinations(candidates, picks):
        rows = [*always.tolist(), *chosen]
        least = costs[rows].min(axis=0) if rows else np.full(problem.demand_count, np.inf)
        served = np.isfinite(least) & (problem.weight > 0)
        yield float(problem.weight[~np.isfinite(least)].sum()), problem.weight[served], least[served]


def find_best(problem: SitingProblem, costs: FloatArray, sites: int, *, center: bool) -> tuple[float, float]:
    """Return the least weight unserved, and among such choices the least sum (or largest) of costs."""
    values = [
        (round(unserved, 9), float(paid.max(initial=0.0)) if center else float((weight * paid).sum()))
        for unserved, weight, paid in each_plan(problem, costs, sites)
    ]
    return min(values)


def unserved_weight(problem: SitingProblem, costs: FloatArray, opened: npt.NDArray[np.int32]) -> float:
    """Return the weight that a plan leaves unserved."""
    rows = np.concatenate((np.flatnonzero(np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))), opened))
    least = costs[rows].min(axis=0) if len(rows) else np.full(problem.demand_count, np.inf)
    return float(problem.weight[~np.isfinite(least)].sum())
