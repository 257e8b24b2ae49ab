"""Prices of the linear relaxation of maximal cover by an interior point: the smallest bound that prices can prove."""

from __future__ import annotations

import numpy as np

from coverage.siting.cover.cover_model import build_cover_model
from coverage.siting.cover.cover_sets import CoverSets
from coverage.siting.cover.greedy import CoverState
from coverage.siting.cover.lagrange import COARSE, FINE, Bound, bound_at, find_bound
from coverage.siting.model.interior import solve_relaxation
from coverage.siting.model.limits import LimitRows
from coverage.siting.model.solver_progress import Watch

# Pairs beyond which the interior point would take many minutes and gigabytes.
MOST_PAIRS = 3_000_000
# Relative distance of primal and dual value at which it ends: prices prove their bound whatever it is.
_TOLERANCE = 1e-5
# Share of the time that is left which it may take.
_SHARE = 0.5


class Prices:
    """The smallest bound so far, with the prices that prove it: made smaller as plans get better.

    Parameters
    ----------
    sets, limits
        The problem; classes that need one site each.
    better
        By how much a plan is better at least: a bound nearer to the best plan is small enough.

    Attributes
    ----------
    bound
        The smallest bound and its prices.
    is_tried
        Whether the linear model was solved, or given up for lack of time.
    """

    def __init__(self, sets: CoverSets, limits: LimitRows, better: float) -> None:
        self.bound = Bound(float(sets.weight.sum()), np.zeros(len(sets.weight)))
        self.is_tried = False
        self._sets, self._limits, self._better = sets, limits, better
        self._is_linear = False
        self._aimed = -np.inf

    def find_first(self, state: CoverState, watch: Watch) -> float:
        """Come near the smallest bound by subgradients from a plan; return the bound."""
        start = self._sets.weight / np.maximum(state.count, 1)
        self.bound = find_bound(
            self._sets, self._limits, state.value, watch, start=start, enough=self._better, way=COARSE
        )
        return self.bound.value

    def descend(self, incumbent: float, watch: Watch) -> float:
        """Come nearer by more subgradients if there is a better plan to aim at; return the bound."""
        if incumbent > self._aimed and not self._is_linear:
            self._aimed = incumbent
            start = self.bound.price
            self._take(
                find_bound(self._sets, self._limits, incumbent, watch, start=start, enough=self._better, way=FINE)
            )
        return self.bound.value

    def solve_linear(self, incumbent: float, watch: Watch) -> float:
        """Take the prices of the linear relaxation, which no others beat; return the bound."""
        self.is_tried = True
        before = self.bound.value
        self._take(find_linear_bound(self._sets, self._limits, self.bound, incumbent, watch, share=_SHARE))
        self._is_linear = self.bound.value < before
        return self.bound.value

    def _take(self, found: Bound) -> None:
        self.bound = min(self.bound, found, key=lambda bound: bound.value)


def find_linear_bound(
    sets: CoverSets, limits: LimitRows, bound: Bound, incumbent: float, watch: Watch, *, share: float = 1.0
) -> Bound:
    """Find the prices of the linear relaxation, or return the bound there is where that takes too long.

    Parameters
    ----------
    sets, limits
        The problem; classes that need one site each.
    bound
        The smallest bound so far.
    incumbent
        People covered by the best plan known, without those settled: told meanwhile.
    watch
        Told the bound; may stop it.
    share
        Share of the time that is left it may take.

    Notes
    -----
    Duals of the rows u_i ≤ Σ_j a_ij y_j are prices λ_i of the Lagrangian (`find_bound`), and the best ones there are
    (Geoffrion 1974: a relaxation whose choice of sites is whole by itself bounds as the linear one does). Every λ
    between 0 and the weights proves a bound, so the tolerance of the solver costs a little of the bound and nothing of
    its truth, and limits of all kinds are valued as they are elsewhere. Subgradients come from above to within 0.03
    to 0.1 %.
    """
    if watch.stopped is not None or sets.by_site.nnz > MOST_PAIRS or not len(sets.weight):
        return bound
    reserve = (1.0 - share) * watch.seconds_left() if np.isfinite(watch.seconds_left()) else 0.0

    def goes_on() -> bool:
        told = watch.goes_on("bound", incumbent + sets.settled, bound.value + sets.settled)
        return told and watch.seconds_left() >= reserve

    solved = solve_relaxation(build_cover_model(sets, limits), goes_on, tolerance=_TOLERANCE)
    if solved is None:
        return bound
    price = np.clip(solved[1][: len(sets.weight)], 0.0, sets.weight)
    return min(bound, bound_at(sets, limits, price), key=lambda found: found.value)
