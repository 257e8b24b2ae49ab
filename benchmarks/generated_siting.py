"""Generated siting problems, seeded: people in towns and villages, candidates among them, straight distances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from coverage.siting.problem import SiteRole, SitingProblem

Points = npt.NDArray[np.float64]
# Side of the square everything lies in [km].
SIDE_KM = 100.0


def scatter_points(count: int, towns: int, rng: np.random.Generator) -> Points:
    """Scatter points: most around towns, a fifth anywhere; towns = 0 scatters all of them evenly, shape (n, 2)."""
    even = rng.uniform(0.0, SIDE_KM, (count, 2))
    if towns == 0:
        return even
    centre = rng.uniform(0.0, SIDE_KM, (towns, 2))
    share = rng.pareto(1.2, towns) + 0.2
    spread = 0.4 + 0.6 * np.sqrt(share)
    home = rng.choice(towns, count, p=share / share.sum())
    around = centre[home] + rng.normal(0.0, 1.0, (count, 2)) * spread[home, None]
    return np.where((rng.random(count) < 0.8)[:, None], np.clip(around, 0.0, SIDE_KM), even)


def generate_problem(
    sites: int, demand: int, *, towns: int, radius_km: float, seed: int, same_points: bool = False
) -> SitingProblem:
    """Generate a problem with all pairs within a radius.

    Parameters
    ----------
    sites, demand
        Number of candidates and of demand points.
    towns
        Number of clusters, 0 for evenly scattered points.
    radius_km
        Largest distance of a pair that is kept [km].
    seed
        Of the random numbers.
    same_points
        Every demand point is a candidate too (then `sites` must equal `demand`).
    """
    rng = np.random.default_rng(seed)
    demand_at = scatter_points(demand, towns, rng)
    if same_points:
        site_at = demand_at
    elif towns:
        # Candidates lie where people are, a little beside them.
        site_at = demand_at[rng.integers(0, demand, sites)] + rng.normal(0.0, 0.3, (sites, 2))
    else:
        site_at = rng.uniform(0.0, SIDE_KM, (sites, 2))
    weight = np.rint(rng.lognormal(4.0, 1.0, demand)).clip(1.0)
    # Blocks of sites keep the list of pairs from being held twice.
    tree = cKDTree(demand_at)
    counts, columns, costs = [np.zeros(1, np.int64)], [], []
    for begin in range(0, sites, 20_000):
        pairs = cKDTree(site_at[begin : begin + 20_000]).sparse_distance_matrix(tree, radius_km, output_type="ndarray")
        order = np.lexsort((pairs["j"], pairs["i"]))
        size = min(20_000, sites - begin)
        counts.append(np.bincount(pairs["i"], minlength=size))
        columns.append(pairs["j"][order].astype(np.int32))
        costs.append(pairs["v"][order].astype(np.float32))
    nothing = np.zeros(sites)
    return SitingProblem(
        weight=weight,
        ptr=np.cumsum(np.concatenate(counts)),
        demand=np.concatenate(columns),
        cost=np.concatenate(costs),
        role=np.full(sites, SiteRole.CANDIDATE, np.int8),
        site_cost=np.ones(sites),
        removal_cost=nothing,
        capacity=np.full(sites, np.inf),
        site_group=np.full(sites, -1, np.int64),
        quotas=(),
        demand_unit=np.full(demand, -1, np.int64),
    )
