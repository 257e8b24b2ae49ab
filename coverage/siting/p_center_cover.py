"""Large p-center problems: Lagrangian prices show which costs are too small, annealed plans which are enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coverage.network import BoolArray
from coverage.siting.anneal import anneal_plan
from coverage.siting.cover_sets import CoverSets, build_cover_sets
from coverage.siting.greedy import CoverState, add_greedily, swap_until_stuck
from coverage.siting.lagrange import COARSE, find_bound
from coverage.siting.limits import Limit, LimitRows, build_limit_rows
from coverage.siting.p_median_core import LongArray
from coverage.siting.problem import SiteRole, SitingProblem
from coverage.siting.watch import Watch

# Sweeps of an annealing: one of the costs between bound and plan is asked for at a time.
_SWEEPS = 100


class CoverQuestion:
    """Whether a number of sites covers everybody within a cost, asked as maximal cover of points that count 1 each.

    Parameters
    ----------
    problem
        Demand, sites and costs; no quotas.
    asks
        Demand points that have to be covered, shape (d,).
    sites
        New sites to open, required ones included.

    Notes
    -----
    p sites cover all n points within r only if the maximal cover within r is n. Its Lagrangian bound (Galvão &
    ReVelle 1996, see `coverage.siting.lagrange`) below n proves that they do not: as strong as the linear relaxation
    of the covering model, at the price of some hundred products of the cover matrix with a vector.
    """

    def __init__(self, problem: SitingProblem, asks: BoolArray, sites: int) -> None:
        self._problem = replace(problem, weight=asks.astype(np.float64))
        self._sites = sites

    def find_plan(self, radius: float, watch: Watch, *, seed: int = 0) -> LongArray | None:
        """Return rows of new candidates that cover everybody within a cost, None where annealing finds none."""
        sets, limits = self._build(radius)
        total = float(sets.weight.sum())
        if len(sets.unserved) and self._problem.weight[sets.unserved].any():
            return None
        state = CoverState(sets, limits)
        add_greedily(state)
        swap_until_stuck(state, watch, "swap")
        if state.value < total - 0.5:
            anneal_plan(state, watch, "swap", sweeps=_SWEEPS, seed=seed)
        if state.value < total - 0.5:
            return None
        chosen = sets.site[state.is_open]
        opened: LongArray = chosen[self._problem.role[chosen] == SiteRole.CANDIDATE]
        return opened

    def is_ruled_out(self, radius: float, watch: Watch) -> bool:
        """Tell whether prices prove that the sites cannot cover everybody within a cost; False proves nothing."""
        sets, limits = self._build(radius)
        if len(sets.unserved) and self._problem.weight[sets.unserved].any():
            return True
        total = float(sets.weight.sum())
        start = sets.weight / np.maximum(np.diff(sets.by_class.indptr), 1) * max(float(self._sites), 1.0)
        bound = find_bound(sets, limits, total - 1.0, watch, start=start, enough=0.4, way=COARSE)
        # Points are whole: a bound below all of them by more than rounding rules the cost out.
        return bound.value < total - 0.5

    def _build(self, radius: float) -> tuple[CoverSets, LimitRows]:
        sets = build_cover_sets(self._problem, radius)
        return sets, build_limit_rows(self._problem, Limit(sites=self._sites), sets.site)
