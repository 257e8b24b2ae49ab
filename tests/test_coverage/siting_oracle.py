"""Brute force for siting models: every set of sites is tried, on problems of a dozen sites."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.siting.model.limits import Limit
from coverage.siting.model.problem import Quota, SiteRole, SitingProblem

CUTOFF = 30.0
BoolArray = npt.NDArray[np.bool_]


def build_problem(
    cost: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64] | list[float],
    *,
    role: list[int] | npt.NDArray[np.int64] | None = None,
    site_cost: npt.NDArray[np.float64] | list[float] | None = None,
    removal_cost: npt.NDArray[np.float64] | list[float] | None = None,
    capacity: npt.NDArray[np.float64] | list[float] | None = None,
    site_group: npt.NDArray[np.int64] | list[int] | None = None,
    quotas: tuple[Quota, ...] = (),
    demand_unit: npt.NDArray[np.int64] | list[int] | None = None,
) -> SitingProblem:
    """Build a problem from a dense matrix of costs, sites × demand, inf where there is no way."""
    sites, demand = cost.shape
    reach = np.isfinite(cost)
    return SitingProblem(
        weight=np.asarray(weight, float),
        ptr=np.concatenate(([0], np.cumsum(reach.sum(axis=1)))),
        demand=np.nonzero(reach)[1].astype(np.int32),
        cost=cost[reach].astype(np.float32),
        role=np.asarray(role if role is not None else [SiteRole.CANDIDATE] * sites, np.int8),
        site_cost=np.asarray(site_cost if site_cost is not None else np.ones(sites), float),
        removal_cost=np.asarray(removal_cost if removal_cost is not None else np.zeros(sites), float),
        capacity=np.asarray(capacity if capacity is not None else np.full(sites, np.inf), float),
        site_group=np.asarray(site_group if site_group is not None else np.full(sites, -1), np.int64),
        quotas=quotas,
        demand_unit=np.asarray(demand_unit if demand_unit is not None else np.full(demand, -1), np.int64),
    )


def random_problem(seed: int, *, sites: int = 10, demand: int = 25, kinds: str = "") -> SitingProblem:
    """Draw a small problem; `kinds` names what it has: roles, relocation, quotas, whole, capacity."""
    rng = np.random.default_rng(seed)
    cost = rng.uniform(0.0, 100.0, (sites, demand))
    cost[cost > 60.0] = np.inf
    # Exactly at the limit counts.
    cost[rng.random(cost.shape) < 0.05] = CUTOFF
    weight = rng.integers(0, 50, demand).astype(float)
    if "whole" not in kinds:
        weight = weight + np.round(rng.random(demand), 3)
    roles = [SiteRole.CANDIDATE]
    if "roles" in kinds:
        roles = [SiteRole.CANDIDATE] * 6 + [SiteRole.EXISTING, SiteRole.FORBIDDEN, SiteRole.REQUIRED]
    if "relocation" in kinds:
        roles = [*roles, SiteRole.RELOCATABLE, SiteRole.RELOCATABLE]
    role = rng.choice(roles, sites)
    # At most one required site keeps the smallest limits possible.
    required = np.flatnonzero(role == SiteRole.REQUIRED)
    role[required[1:]] = SiteRole.CANDIDATE
    group = rng.integers(0, 3, sites)
    quotas: tuple[Quota, ...] = ()
    if "quotas" in kinds:
        open_in = [int(((role == SiteRole.CANDIDATE) & (group == number)).sum()) for number in range(3)]
        quotas = (Quota(0, at_most=1), Quota(1, at_least=min(1, open_in[1])))
        if (role[group == 0] == SiteRole.REQUIRED).sum() > 1:
            quotas = quotas[1:]
    capacity = np.where(rng.random(sites) < 0.7, rng.uniform(20.0, 200.0, sites), np.inf)
    return build_problem(
        cost,
        weight,
        role=role,
        site_cost=np.round(rng.uniform(1.0, 5.0, sites), 1),
        removal_cost=np.round(rng.uniform(-3.0, 1.0, sites), 1),
        capacity=capacity if "capacity" in kinds else None,
        site_group=group,
        quotas=quotas,
        demand_unit=rng.integers(-1, 3, demand),
    )


def dense_cover(problem: SitingProblem, cutoff: float = CUTOFF) -> BoolArray:
    """Tell which site covers which demand point, forbidden sites nothing, shape (s, d)."""
    covered = np.zeros((problem.site_count, problem.demand_count), bool)
    row = np.repeat(np.arange(problem.site_count), np.diff(problem.ptr))
    covered[row, problem.demand] = problem.cost <= np.float32(cutoff)
    covered[problem.role == SiteRole.FORBIDDEN] = False
    return covered


def every_plan(problem: SitingProblem, limit: Limit | None = None) -> Iterator[BoolArray]:
    """List every set of open sites that roles, quotas and the limit allow, shape (s,) each."""
    role = problem.role
    free = np.flatnonzero((role == SiteRole.CANDIDATE) | (role == SiteRole.RELOCATABLE))
    base = (role == SiteRole.EXISTING) | (role == SiteRole.REQUIRED)
    limit = limit or Limit()
    for chosen in product((False, True), repeat=len(free)):
        plan = base.copy()
        plan[free] = chosen
        new = plan & ((role == SiteRole.CANDIDATE) | (role == SiteRole.REQUIRED))
        closed = ~plan & (role == SiteRole.RELOCATABLE)
        if limit.sites is not None and new.sum() > limit.sites + min(int(closed.sum()), limit.moves):
            continue
        money = problem.site_cost[new].sum() + problem.removal_cost[closed].sum()
        if limit.money is not None and money > limit.money + 1e-9:
            continue
        counts = [(quota, int((new & (problem.site_group == quota.group)).sum())) for quota in problem.quotas]
        if any(count < quota.at_least for quota, count in counts):
            continue
        if any(quota.at_most is not None and count > quota.at_most for quota, count in counts):
            continue
        yield plan


def open_sites(problem: SitingProblem, opened: npt.NDArray[np.int64], closed: npt.NDArray[np.int64]) -> BoolArray:
    """Return which sites are open under an answer, shape (s,)."""
    plan = (problem.role == SiteRole.EXISTING) | (problem.role == SiteRole.RELOCATABLE)
    plan[closed] = False
    plan[opened] = True
    return plan


def is_allowed(problem: SitingProblem, limit: Limit | None, plan: BoolArray) -> bool:
    """Tell whether a plan is one of `every_plan`."""
    return any(np.array_equal(plan, other) for other in every_plan(problem, limit))


def people(problem: SitingProblem, plan: BoolArray, *, times: int = 1) -> float:
    """Count the people at least so many open sites cover."""
    count = dense_cover(problem)[plan].sum(axis=0)
    return float(problem.weight[count >= times].sum())


def read_san_francisco(shared_data: Path, *, is_weighted: bool) -> SitingProblem:
    """Read the 16 stores and 205 tracts of San Francisco with the network distances between them [m]."""
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    pairs = pd.read_csv(shared_data / "locate" / "san_francisco" / name)
    wide = pairs.pivot_table(index="name", columns="DestinationName", values="distance")
    weight = pairs.groupby("DestinationName")["demand"].first().loc[wide.columns].to_numpy(float)
    return build_problem(wide.to_numpy(float), weight if is_weighted else np.ones(wide.shape[1]))
