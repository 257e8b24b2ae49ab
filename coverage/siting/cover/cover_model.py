"""The exact model of maximal cover, and its solution among some of the sites."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from coverage.network.model import BoolArray
from coverage.siting.cover.cover_sets import CoverSets, keep_sites
from coverage.siting.model.limits import LimitRows
from coverage.siting.model.milp import MixedModel, solve_mixed
from coverage.siting.model.solver_progress import Watch


def build_cover_model(sets: CoverSets, limits: LimitRows) -> MixedModel:
    """Build the model of maximal cover: variables y (sites), then u (classes), see `solve_mclp`."""
    site_count, class_count = len(sets.site), len(sets.weight)
    links = sparse.hstack((sets.by_class, -sparse.diags_array(sets.need.astype(float))))
    rows = sparse.hstack((limits.matrix, sparse.csr_array((len(limits.upper), class_count))))
    return MixedModel(
        profit=np.concatenate((np.zeros(site_count), sets.weight)),
        most=np.ones(site_count + class_count),
        # Where one site is enough, u is whole by itself.
        is_integer=np.concatenate((np.ones(site_count, np.bool_), sets.need > 1)),
        matrix=sparse.csr_array(sparse.vstack((links, rows))),
        lower=np.concatenate((np.zeros(class_count), limits.lower)),
        upper=np.concatenate((np.full(class_count, np.inf), limits.upper)),
    )


def build_start(sets: CoverSets, plan: BoolArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the variables of `build_cover_model` at a plan."""
    count = sets.by_class @ plan.astype(np.float64)
    return np.concatenate((plan.astype(np.float64), (count >= sets.need).astype(np.float64)))


def solve_core(
    sets: CoverSets,
    limits: LimitRows,
    core: BoolArray,
    opened: BoolArray,
    plan: BoolArray,
    watch: Watch,
    reach: float,
    *,
    nodes: int | None,
    share: float,
) -> tuple[BoolArray, float]:
    """Solve exactly among some of the sites, others decided; return a plan and a bound among those sites."""
    reduced = keep_sites(sets, core, opened)
    inside = limits.keep_columns(core, opened)
    base = reduced.settled - sets.settled
    start = (
        build_start(reduced, plan[core]) if not (opened & ~plan).any() and not (plan & ~core & ~opened).any() else None
    )
    solution = solve_mixed(
        build_cover_model(reduced, inside),
        watch,
        "solve",
        start=start,
        offset=reduced.settled,
        known_bound=reach - base,
        most_nodes=nodes,
        share=share,
        is_part=nodes is not None,
    )
    if solution.x is None:
        return plan, -np.inf if solution.is_infeasible else solution.bound + base
    better = opened.copy()
    better[np.flatnonzero(core)] = solution.x[: int(core.sum())] > 0.5
    return better, solution.bound + base
