"""Several services at once: a site opens with a bundle, everybody counts once for each service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.network.model import BoolArray, FloatArray
from coverage.siting.model.problem import SitingProblem
from coverage.units import is_within


def stack_problems(
    problems: Sequence[SitingProblem],
    cutoffs: Sequence[float],
    *,
    offers: BoolArray | None = None,
    item_cost: FloatArray | None = None,
) -> SitingProblem:
    """Stack the demand of several services over the same sites into one covering problem.

    Parameters
    ----------
    problems
        One for each service, with the same sites, roles, costs, groups and quotas; demand, weights and costs of
        getting there are each its own. At least one.
    cutoffs
        Cutoff of each service, included.
    offers
        Which services a site gives when it is open, shape (s, services); all where not given.
    item_cost
        Money each service adds to the cost of opening a site that gives it, shape (services,).

    Returns
    -------
    A problem in which demand point i of service k is row ``Σ_{l<k} d_l + i`` and only pairs within the cutoff of
    their service are left: solve it with an infinite cutoff.

    Raises
    ------
    SettingsError
        If the problems have different numbers of sites, or not one cutoff each.

    Notes
    -----
    Σ_k Σ_i w_ki u_ki with u_ki ≤ Σ_j o_jk a_kij y_j is MCLP whose demand points are pairs (service, point)
    (multi-service cover, Schilling et al. 1979): nothing but the rows changes. A weight 0 leaves a service out
    for a point.
    """
    counts = {problem.site_count for problem in problems}
    if len(counts) != 1 or len(cutoffs) != len(problems):
        raise SettingsError("siting.stack_mismatch", problems=len(problems), cutoffs=len(cutoffs))
    sites = counts.pop()
    gives = np.ones((sites, len(problems)), np.bool_) if offers is None else np.asarray(offers, np.bool_)
    rows: list[npt.NDArray[np.int64]] = []
    columns: list[npt.NDArray[np.int64]] = []
    costs: list[FloatArray] = []
    shift = 0
    for number, (problem, cutoff) in enumerate(zip(problems, cutoffs, strict=True)):
        site = np.repeat(np.arange(sites), np.diff(problem.ptr))
        kept = np.asarray(is_within(np.asarray(problem.cost), cutoff)) & gives[site, number]
        rows.append(site[kept])
        columns.append(np.asarray(problem.demand, np.int64)[kept] + shift)
        costs.append(np.asarray(problem.cost)[kept])
        shift += problem.demand_count
    row = np.concatenate(rows)
    # Stable: services follow each other within a site, so columns stay ascending.
    order = np.argsort(row, kind="stable")
    price = np.asarray(problems[0].site_cost, np.float64)
    if item_cost is not None:
        price = price + gives.astype(np.float64) @ np.asarray(item_cost, np.float64)
    return replace(
        problems[0],
        weight=np.concatenate([problem.weight for problem in problems]),
        ptr=np.concatenate(([0], np.cumsum(np.bincount(row, minlength=sites)))),
        demand=np.concatenate(columns)[order].astype(np.int32),
        cost=np.concatenate(costs)[order],
        site_cost=price,
        demand_unit=np.concatenate([problem.demand_unit for problem in problems]),
    )
