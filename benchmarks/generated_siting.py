"""Generated siting problems, seeded: people in towns and villages, candidates among them, straight distances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from coverage.siting.model.problem import SiteRole, SitingProblem

Points = npt.NDArray[np.float64]
# Side of the square everything lies in [km].
SIDE_KM = 100.0
# Quarters of a city of blocks.
_QUARTERS = 8


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
    return _build(weight, np.cumsum(np.concatenate(counts)), np.concatenate(columns), np.concatenate(costs))


def generate_blocks(count: int, *, aspect: float, pairs: int, seed: int, uneven: float = 0.0) -> SitingProblem:
    """Generate the blocks of a city, all of them candidates, with about as many pairs as asked for.

    Parameters
    ----------
    count
        Blocks at most: demand points, and candidates.
    aspect
        Height of the city by its width.
    pairs
        Pairs within reach; the radius is the largest that has no more.
    seed
        Of the random numbers.
    uneven
        By how much blocks lie off their grid, as a share of their size (standard deviation).

    Notes
    -----
    Blocks of 80 × 200 m in eight quarters, in each of which the grid of streets is turned by up to 0.4 rad and
    stretched by 0.7 to 1.3; people of a block are log-normal (σ = 1.5) times one of eight densities, 1 to 6,000.
    Like census blocks, and unlike points scattered evenly, many are small and some are towers.
    """
    rng = np.random.default_rng(seed)
    step = np.array([80.0, 200.0])
    height = np.sqrt(count * step.prod() / 0.8 * aspect)
    size = np.array([height / aspect, height])
    grid = np.stack(np.meshgrid(np.arange(0, size[0], step[0]), np.arange(0, size[1], step[1]), indexing="ij"), axis=-1)
    at = grid.reshape(-1, 2)
    middle = rng.uniform(0.0, 1.0, (_QUARTERS, 2)) * size
    turned, stretched = rng.uniform(-0.4, 0.4, _QUARTERS), rng.uniform(0.7, 1.3, _QUARTERS)
    quarter = np.argmin(((at[:, None] - middle) ** 2).sum(axis=2), axis=1)
    off = at - middle[quarter]
    cos, sin = np.cos(turned)[quarter], np.sin(turned)[quarter]
    off = np.column_stack((cos * off[:, 0] + sin * off[:, 1], cos * off[:, 1] - sin * off[:, 0]))
    at = middle[quarter] + off * stretched[quarter, None] + rng.normal(0.0, 1.0, at.shape) * uneven * step
    at = at[rng.permutation(len(at))[:count]]
    # One of eight densities for each block, wherever it lies.
    density = rng.lognormal(0.0, 0.7, _QUARTERS)[quarter[: len(at)]]
    weight = np.rint(rng.lognormal(4.0, 1.5, len(at)) * density).clip(1.0, 6000.0)
    tree = cKDTree(at)
    least, most = 10.0, float(size.max())
    for _ in range(40):
        radius = (least + most) / 2.0
        least, most = (least, radius) if tree.count_neighbors(tree, radius) > pairs else (radius, most)
    found = tree.sparse_distance_matrix(tree, least, output_type="ndarray")
    order = np.lexsort((found["j"], found["i"]))
    ptr = np.concatenate(([0], np.cumsum(np.bincount(found["i"], minlength=len(at)))))
    return _build(weight, ptr, found["j"][order].astype(np.int32), (found["v"][order] / 1000.0).astype(np.float32))


def _build(
    weight: npt.NDArray[np.float64],
    ptr: npt.NDArray[np.int64],
    demand: npt.NDArray[np.int32],
    cost: npt.NDArray[np.float32],
) -> SitingProblem:
    """Build a problem in which every site is a candidate of the same price, without quotas or capacities."""
    sites = len(ptr) - 1
    return SitingProblem(
        weight=weight,
        ptr=ptr,
        demand=demand,
        cost=cost,
        role=np.full(sites, SiteRole.CANDIDATE, np.int8),
        site_cost=np.ones(sites),
        removal_cost=np.zeros(sites),
        capacity=np.full(sites, np.inf),
        site_group=np.full(sites, -1, np.int64),
        quotas=(),
        demand_unit=np.full(len(weight), -1, np.int64),
    )
