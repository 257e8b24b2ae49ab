"""Lower bounds of the p-median problem by Lagrangian relaxation, and the sites they decide.

References
----------
Cornuéjols, Fisher & Nemhauser (1977), Location of bank accounts to optimize float. Beasley (1985), A note on
solving large p-median problems. Avella, Sassano & Vasil'ev (2007), Computational study of large-scale p-median
problems.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coverage.network.model import BoolArray, FloatArray
from coverage.siting.p_median.core import LongArray, MedianCore, list_arcs

_MEMORY = 0.7  # share of the last direction that is kept, which damps zigzagging
_SHARE_MEMORY = 0.9  # weight of earlier rounds in the shares of sites
_RISE = 1e-4  # share of the gap that counts as a rise
_SHORTEN = 1.5
_LOOK = 40  # rounds after which the sites the relaxation opens are looked at, whatever the steps do
# Pairs up to so much above the multipliers, relative to each and to their mean, are held for the steps to come.
_ROOM = 0.15
# Steps aim a little above the goal, by a share of the gap and of the goal, or they would never get there.
_BEYOND_GAP, _BEYOND = 0.1, 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Dual:
    """Multipliers and the bound they prove.

    Parameters
    ----------
    bound
        No choice of sites costs less (penalties counted, constant included).
    multiplier
        What each demand point would pay to be served, in [0, fallback], shape (n,).
    reduced
        What opening each site adds to the bound, at most 0, shape (m,).
    share
        How often the last rounds opened each site, in [0, 1], shape (m,).
    """

    bound: float
    multiplier: FloatArray
    reduced: FloatArray
    share: FloatArray


@dataclass(frozen=True, slots=True)
class Pace:
    """How long subgradient steps are and when they end.

    Parameters
    ----------
    rounds
        Most steps to take.
    step, smallest_step
        Length of the first steps, relative to Polyak's, and the length at which to stop.
    patience
        Steps without a rise after which they become shorter.
    """

    rounds: int
    step: float
    smallest_step: float
    patience: int


ROOT_PACE = Pace(rounds=2000, step=1.5, smallest_step=2e-3, patience=20)
FIRST_PACE = Pace(rounds=200, step=1.0, smallest_step=0.02, patience=8)
NODE_PACE = Pace(rounds=100, step=0.5, smallest_step=0.01, patience=8)


class NearPairs:
    """The pairs of a core that are cheaper than multipliers, all that a bound depends on, found anew when these rise.

    Parameters
    ----------
    core
        The problem.

    Notes
    -----
    A step takes as long as it has pairs to look at, and most pairs are dearer than anybody would pay. Those left out
    would add exact zeros: the bounds are the same to the last bit.
    """

    def __init__(self, core: MedianCore) -> None:
        self._core = core
        self._limit = np.full(core.row_count, -np.inf)
        self.sizes = np.zeros(core.row_count, np.int64)
        self.site: LongArray = np.zeros(0, np.int64)
        self.cost: FloatArray = np.zeros(0)

    def look(self, multiplier: FloatArray) -> None:
        """Hold all pairs that are cheaper than some multipliers, and few others."""
        if (multiplier <= self._limit).all():
            return
        core = self._core
        self._limit = (1.0 + _ROOM) * multiplier + _ROOM * float(multiplier.mean())
        is_near = core.row_cost < np.repeat(self._limit, np.diff(core.row_ptr))
        self.sizes = np.add.reduceat(is_near, core.row_ptr[:-1], dtype=np.int64)
        self.site, self.cost = core.row_site[is_near], core.row_cost[is_near]


def price(
    core: MedianCore, multiplier: FloatArray, share: FloatArray | None = None, near: NearPairs | None = None
) -> Dual:
    """Return the bound of some multipliers u: ``sum(u)`` and the `picks` smallest of ``sum(min(0, c - u))``."""
    multiplier = np.clip(multiplier, 0.0, core.fallback)
    near = near or NearPairs(core)
    near.look(multiplier)
    slack = np.maximum(np.repeat(multiplier, near.sizes) - near.cost, 0.0)
    reduced = -np.bincount(near.site, weights=slack, minlength=core.site_count).astype(np.float64)
    cheapest = reduced[cheapest_sites(core, reduced)]
    share = np.zeros(core.site_count) if share is None else share
    return Dual(float(multiplier.sum() + cheapest.sum()) + core.constant, multiplier, reduced, share)


def cheapest_sites(core: MedianCore, reduced: FloatArray) -> LongArray:
    """Return the `picks` sites of least reduced cost, lower numbers first among equals."""
    return np.argsort(reduced, kind="stable")[: core.picks]


def ascend(
    core: MedianCore,
    start: FloatArray,
    pace: Pace,
    goal: Callable[[LongArray | None], float],
    goes_on: Callable[[float], bool],
) -> Dual:
    """Raise the bound by subgradient steps.

    Parameters
    ----------
    core
        The problem, with `picks` between 1 and m.
    start
        First multipliers, shape (n,).
    pace
        Number and length of the steps.
    goal
        Returns the bound that is enough, the aim of the steps. Called with the sites the relaxation opens
        whenever steps become shorter and now and again, which may lower it, and with None otherwise.
    goes_on
        Told the bound; no more steps when it returns False.

    Returns
    -------
    The best multipliers met.
    """
    near = NearPairs(core)
    best = now = price(core, start, near=near)
    direction, share = np.zeros(core.row_count), np.zeros(core.site_count)
    step, waited = pace.step, 0
    for number in range(1, pace.rounds + 1):
        enough = goal(None)
        if best.bound >= enough or step < pace.smallest_step or not goes_on(best.bound):
            break
        chosen = cheapest_sites(core, now.reduced)
        share *= _SHARE_MEMORY
        share[chosen] += 1 - _SHARE_MEMORY
        arcs, _ = list_arcs(core.site_ptr, chosen)
        rows = core.site_row[arcs]
        served = np.bincount(rows[core.site_cost[arcs] < now.multiplier[rows]], minlength=core.row_count)
        gradient = 1.0 - served
        gradient[(gradient > 0) & (now.multiplier >= core.fallback)] = 0.0
        direction = (1 - _MEMORY) * gradient + _MEMORY * direction
        length = float(direction @ direction)
        if length <= 1e-12:
            break
        beyond = max(_BEYOND_GAP * (enough - best.bound), _BEYOND * abs(enough))
        distance = enough + beyond - now.bound
        now = price(core, now.multiplier + step * distance / length * direction, near=near)
        waited = 0 if now.bound > best.bound + _RISE * (enough - best.bound) else waited + 1
        if now.bound > best.bound:
            best = now
        if waited >= pace.patience:
            step, waited, now = step / _SHORTEN, 0, best
            goal(cheapest_sites(core, best.reduced))
        elif number % _LOOK == 0:
            goal(chosen)
    return Dual(best.bound, best.multiplier, best.reduced, share)


def decide_sites(core: MedianCore, dual: Dual, limit: float) -> tuple[BoolArray, BoolArray]:
    """Tell which sites every answer that costs at most `limit` opens, and which none of them opens, shape (m,)."""
    none = np.zeros(core.site_count, dtype=bool)
    if core.picks in (0, core.site_count):
        return none, none
    order = np.argsort(dual.reduced, kind="stable")
    last, following = dual.reduced[order[core.picks - 1]], dual.reduced[order[core.picks]]
    inside = none.copy()
    inside[order[: core.picks]] = True
    opened = inside & (dual.bound + following - dual.reduced > limit)
    closed = ~inside & (dual.bound + dual.reduced - last > limit)
    return opened, closed
