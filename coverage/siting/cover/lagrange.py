"""Lagrangian bounds of covering models: how many people any plan can cover, and which sites no better plan has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.network.model import BoolArray
from coverage.siting.cover.cover_sets import CoverSets, Values
from coverage.siting.model.limits import LimitRows
from coverage.siting.model.solver_progress import Watch


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The best choice of sites at given profits, limits relaxed.

    Parameters
    ----------
    value
        Profit of the choice, the last site taken in part where money is the limit.
    taken
        Sites taken, the last in part left out, shape (k,).
    amount
        What each site takes of the limit, shape (n,).
    level_in, level_out
        Profit per amount of the worst site taken and the best left out.
    """

    value: float
    taken: npt.NDArray[np.int64]
    amount: Values
    level_in: float
    level_out: float


class Relaxation:
    """Limits relaxed to one at a time, so that the best sites at given profits are found by sorting.

    Parameters
    ----------
    limits
        Limits on the sites to decide on.

    Notes
    -----
    For each limit on sites or money alone the fractional knapsack (Dantzig 1957) is solved, under the upper
    quotas where sites are counted (a laminar matroid: greedy is exact); the smallest value holds. Sites that
    take nothing of a limit, or give (relocatable ones that stay), count as open. Lower quotas are left out.
    All of that can only raise a bound.
    """

    def __init__(self, limits: LimitRows) -> None:
        is_quota = np.zeros(len(limits.upper), np.bool_)
        is_quota[limits.quota_row[limits.quota_row >= 0]] = True
        main = np.flatnonzero(np.isfinite(limits.upper) & ~is_quota)
        count = len(limits.quota_row)
        # Without any limit of that kind: as many sites as there are.
        coefficients = limits.matrix[main].toarray() if len(main) else np.ones((1, count))
        room = limits.upper[main] if len(main) else np.full(1, float(count))
        self._amounts = np.maximum(coefficients, 0.0)
        self._room = np.maximum(room - np.minimum(coefficients, 0.0).sum(axis=1), 0.0)
        self._quota = limits.quota_row
        # The last one stands for sites under no quota.
        self._cap = np.append(limits.upper, np.inf)[limits.quota_row]
        self._has_caps = bool(np.isfinite(self._cap).any())

    def choose(self, profit: Values) -> Choice:
        """Choose the best sites at some profits, at least 0, shape (n,)."""
        choices = [self._fill(profit, amount, room) for amount, room in zip(self._amounts, self._room, strict=True)]
        return min(choices, key=lambda choice: choice.value)

    @property
    def room(self) -> float | None:
        """Return the size of the one limit there is; None where there are several or quotas."""
        return None if self._has_caps or len(self._room) != 1 else float(self._room[0])

    def find_values(self, profit: Values, rooms: Values) -> Values:
        """Find the value of the best choice for each size of the one limit, from one sorting, shape (rooms,)."""
        amount = self._amounts[0]
        items = np.flatnonzero((amount > 0) & (profit > 0))
        is_counted = bool((amount[items] == 1.0).all())
        most = int(rooms.max())
        if is_counted and most < len(items):
            items = items[np.argpartition(profit[items], len(items) - most - 1)[len(items) - most - 1 :]]
        order = items[np.argsort(-profit[items] / amount[items], kind="stable")]
        total = np.concatenate(([0.0], np.cumsum(amount[order])))
        value = np.concatenate(([0.0], np.cumsum(profit[order])))
        # Between whole sites the last one is taken in part, as in `choose`; a number of sites is whole.
        rooms = np.floor(rooms + 1e-9) if is_counted else rooms
        found: Values = float(profit[amount <= 0].sum()) + np.interp(rooms, total, value)
        return found

    def _fill(self, profit: Values, amount: Values, room: float) -> Choice:
        free = amount <= 0
        is_counted = not free.all() and bool((amount[~free] == 1.0).all())
        shut_out = np.zeros(len(profit), np.bool_)
        if self._has_caps and is_counted:
            shut_out = self._find_beyond_caps(profit)
        items = np.flatnonzero(~free & ~shut_out & (profit > 0))
        always = np.flatnonzero(free & ~shut_out)
        held = float(profit[always].sum())
        if is_counted:
            count = int(room + 1e-9)
            if count < len(items):
                beyond = len(items) - count
                part = np.argpartition(profit[items], min(beyond, len(items) - 1))
                items, left = items[part[beyond:]], items[part[:beyond]]
                level_in = float(profit[items].min()) if count else float(profit[left].max())
                level_out = float(profit[left].max())
            else:
                level_in = level_out = 0.0
            if shut_out.any():
                level_out = max(level_out, float(profit[shut_out].max()))
            value = held + float(profit[items].sum())
            return Choice(value, np.sort(np.concatenate((always, items))), amount, level_in, level_out)
        ratio = profit[items] / amount[items]
        order = np.argsort(-ratio, kind="stable")
        total = np.cumsum(amount[items][order])
        whole = int(np.searchsorted(total, room, side="right"))
        value = held + float(profit[items[order[:whole]]].sum())
        level = 0.0
        if whole < len(items):
            level = float(ratio[order[whole]])
            value += level * (room - (float(total[whole - 1]) if whole else 0.0))
        taken = np.sort(np.concatenate((always, items[order[:whole]])))
        level_out = max(level, float(profit[shut_out].max())) if shut_out.any() else level
        return Choice(value, taken, amount, level, level_out)

    def _find_beyond_caps(self, profit: Values) -> BoolArray:
        """Find the sites that an upper quota keeps out: those after the best ones of their group."""
        order = np.lexsort((-profit, self._quota))
        quota = self._quota[order]
        begin = np.flatnonzero(np.concatenate(([True], np.diff(quota) != 0)))
        rank = np.arange(len(order)) - np.repeat(begin, np.diff(np.append(begin, len(order))))
        beyond = np.zeros(len(order), np.bool_)
        beyond[order] = rank >= np.floor(self._cap[order] + 1e-9)
        return beyond


@dataclass(slots=True, eq=False)
class Descent:
    """Prices of the people on their way to the smallest bound; changed by each step.

    Parameters
    ----------
    price
        What covering a class is worth to the sites together, between 0 and its weight, shape (m,).
    pace
        Factor of the step length, lowered while steps lead nowhere.
    inertia
        Share of the last direction that is kept.
    """

    price: Values
    pace: float = 1.0
    inertia: float = 0.7
    direction: Values | None = None

    def step(self, sets: CoverSets, taken: npt.NDArray[np.int64], excess: float) -> bool:
        """Move the prices: down where several taken sites cover a class, up where none does.

        Parameters
        ----------
        sets
            Cover sets.
        taken
            The best sites at the present prices.
        excess
            How far the bound is above the value aimed at, positive.

        Returns
        -------
        False where no step is left to make.

        Notes
        -----
        Deflected subgradient (Camerini, Fratta & Maffioli 1975) with Polyak's step length, scaled by the
        weights: prices live between 0 and the weight of their class.
        """
        weight = sets.weight
        slope = np.bincount(sets.by_site[taken].indices, minlength=len(weight)).astype(np.float64) - 1.0
        slope[self._is_stuck(slope, weight)] = 0.0
        if self.direction is not None:
            slope = self.inertia * self.direction + (1.0 - self.inertia) * slope
        self.direction = slope
        move = slope.copy()
        move[self._is_stuck(move, weight)] = 0.0
        scaled = weight * move
        length = float(scaled @ move)
        if length <= 0:
            return False
        self.price = np.clip(self.price - (self.pace * excess / length) * scaled, 0.0, weight)
        return True

    def _is_stuck(self, slope: Values, weight: Values) -> BoolArray:
        return ((self.price >= weight) & (slope < 0)) | ((self.price <= 0) & (slope > 0))


@dataclass(frozen=True, slots=True)
class Descending:
    """How to descend: first pace, inertia, steps without progress before the pace is lowered, by how much, steps."""

    pace: float
    inertia: float
    patience: int
    slowing: float
    steps: int


# From anywhere to near the smallest bound; and from there to within some 0.03 % of it.
COARSE = Descending(pace=1.0, inertia=0.7, patience=10, slowing=0.7, steps=300)
FINE = Descending(pace=0.1, inertia=0.95, patience=30, slowing=0.8, steps=1500)


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """The smallest bound found, without settled people, and the prices that prove it.

    Parameters
    ----------
    value
        No plan covers more.
    price
        Price of each class, shape (m,).
    """

    value: float
    price: Values


def find_bound(
    sets: CoverSets,
    limits: LimitRows,
    incumbent: float,
    watch: Watch,
    *,
    start: Values,
    enough: float,
    way: Descending,
) -> Bound:
    """Find prices that prove a small upper bound on the people covered.

    Parameters
    ----------
    sets, limits
        The problem; classes that need one site each.
    incumbent
        People covered by the best plan known, without those settled.
    watch
        Told the bound; may stop the search.
    start
        First prices, shape (m,).
    enough
        Stop where bound and incumbent are closer than this.
    way
        How to descend.

    Notes
    -----
    With prices 0 ≤ λ_i ≤ w_i on u_i ≤ Σ_j a_ij y_j the Lagrangian of MCLP is
    L(λ) = Σ_i (w_i − λ_i) + max_y Σ_j (Σ_i a_ij λ_i) y_j (Galvão & ReVelle 1996): a bound for every λ, its
    minimum the bound of the linear relaxation. Each step is one product of the cover matrix with λ.
    """
    relaxation = Relaxation(limits)
    descent = Descent(np.clip(start, 0.0, sets.weight), way.pace, way.inertia)
    best, best_price = float(sets.weight.sum()), np.zeros(len(sets.weight))
    idle = 0
    for number in range(way.steps):
        choice = relaxation.choose(sets.by_site @ descent.price)
        value = float((sets.weight - descent.price).sum()) + choice.value
        idle = 0 if value < best - 1e-5 * abs(best) else idle + 1
        if value < best:
            best, best_price = value, descent.price
        if number % 10 == 0 and not watch.goes_on("bound", incumbent + sets.settled, best + sets.settled):
            break
        if best - incumbent < enough or descent.pace < 1e-4:
            break
        if idle >= way.patience:
            descent.pace, idle = way.slowing * descent.pace, 0
        if not descent.step(sets, choice.taken, max(value - incumbent, enough)):
            break
    return Bound(best, best_price)


def bound_at(sets: CoverSets, limits: LimitRows, price: Values) -> Bound:
    """Return the bound that some prices prove, between 0 and the weights, shape (m,); see `find_bound`."""
    choice = Relaxation(limits).choose(sets.by_site @ price)
    return Bound(float((sets.weight - price).sum()) + choice.value, price)


def fix_sites(
    sets: CoverSets, limits: LimitRows, bound: Bound, incumbent: float, better: float
) -> tuple[BoolArray, BoolArray, Values]:
    """Find sites that every better plan leaves shut, or has open.

    Parameters
    ----------
    sets, limits, bound
        The problem and its bound.
    incumbent
        People covered by the best plan known.
    better
        By how much a plan is better at least: 1 where people are whole numbers.

    Returns
    -------
    Shut and open, each True where decided, and the bound of plans in which a site is open, shapes (n,).

    Notes
    -----
    Reduced costs: forcing site j open (shut) lowers L(λ) by what it is worse (better) than the sites at the
    margin; where that falls below the incumbent, no better plan has it so.
    """
    profit = sets.by_site @ bound.price
    choice = Relaxation(limits).choose(profit)
    value = float((sets.weight - bound.price).sum()) + choice.value
    # Sums of many products: what is fixed must hold beyond their rounding.
    target = incumbent + better - 1e-9 * max(abs(value), 1.0)
    if_open = value + np.minimum(profit - choice.level_in * choice.amount, 0.0)
    if_shut = value - np.maximum(profit - choice.level_out * choice.amount, 0.0)
    is_taken = np.zeros(len(profit), np.bool_)
    is_taken[choice.taken] = True
    return (if_open < target) & ~is_taken, (if_shut < target) & is_taken, if_open
