"""Good p-median answers fast: greedy addition, then swapping one open site for a closed one while that helps.

References
----------
Whitaker (1983), A fast algorithm for the greedy interchange for large-scale clustering and median location
problems. Resende & Werneck (2007), A fast swap-based local search procedure for location problems.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coverage.network.model import FloatArray
from coverage.siting.model.problem import SecondsLeft
from coverage.siting.p_median.core import LongArray, MedianCore, list_arcs, list_spans

_RELATIVE = 1e-12  # a swap must gain more than rounding does
_FRESH_SWAPS = 200  # swaps after which sums are made anew, so that rounding does not add up


def open_greedily(core: MedianCore, started: LongArray, picks: int) -> LongArray:
    """Add sites to `started`, each time the one that lowers the cost most, until `picks` are open.

    Penalties of unserved points count as cost, so serving comes first where they are large.
    """
    paid = core.fallback.copy()
    gain = np.zeros(core.site_count)
    row = core.arc_row
    np.add.at(gain, core.row_site, paid[row] - core.row_cost)
    chosen: list[int] = []
    queue = started.tolist()
    while len(chosen) < picks:
        best = queue.pop(0) if queue else int(np.argmax(gain))
        chosen.append(best)
        span = slice(core.site_ptr[best], core.site_ptr[best + 1])
        lower = core.site_cost[span] < paid[core.site_row[span]]
        rows, now = core.site_row[span][lower], core.site_cost[span][lower]
        arcs, owner = list_arcs(core.row_ptr, rows)
        costs = core.row_cost[arcs]
        before = np.maximum(paid[owner] - costs, 0.0)
        paid[rows] = now
        np.subtract.at(gain, core.row_site[arcs], before - np.maximum(paid[owner] - costs, 0.0))
        gain[best] = -np.inf
    return np.array(chosen, dtype=np.int64)


class _Swapper:
    """Open sites in slots, the two cheapest open sites of each demand point, and what each swap would gain."""

    def __init__(self, core: MedianCore, opened: LongArray) -> None:
        self.core = core
        self.opened = opened.copy()
        self.slot = np.full(core.site_count, -1, dtype=np.int64)
        self.slot[opened] = np.arange(len(opened))
        n = core.row_count
        self.first, self.second = np.empty(n), np.empty(n)
        self.first_slot, self.second_slot = np.empty(n, np.int64), np.empty(n, np.int64)
        self.nearer = np.empty(n, np.int64)  # pairs of a row that are cheaper than its second site, its first ones
        self.every_row = np.arange(n)
        self.assign(self.every_row)
        self.refresh()

    def refresh(self) -> None:
        """Make all sums anew."""
        self.gain = np.zeros(self.core.site_count)
        self.loss = np.zeros(len(self.opened) + 1)
        self.extra = np.zeros((len(self.opened) + 1) * self.core.site_count)
        self.count(self.every_row, 1.0)

    def assign(self, rows: LongArray) -> None:
        """Find the two cheapest open sites of some rows; the last slot stands for the fallback."""
        core = self.core
        arcs, owner = list_arcs(core.row_ptr, rows)
        slot = self.slot[core.row_site[arcs]]
        is_open = slot >= 0
        arcs, owner, slot = arcs[is_open], owner[is_open], slot[is_open]
        none = len(self.opened)
        for cost, at in ((self.first, self.first_slot), (self.second, self.second_slot)):
            cost[rows], at[rows] = core.fallback[rows], none
        self.nearer[rows] = core.row_ptr[rows + 1] - core.row_ptr[rows]
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
        for number, cost, at in ((0, self.first, self.first_slot), (1, self.second, self.second_slot)):
            mine = rank == number
            cost[owner[mine]], at[owner[mine]] = core.row_cost[arcs[mine]], slot[mine]
        self.nearer[owner[mine]] = arcs[mine] - core.row_ptr[owner[mine]]

    def count(self, rows: LongArray, sign: float) -> None:
        """Add (or take away) what some rows contribute to the sums."""
        core = self.core
        arcs, owner = list_spans(core.row_ptr[rows], self.nearer[rows], rows)
        cost, site = core.row_cost[arcs], core.row_site[arcs]
        first = self.first[owner]
        np.add.at(self.gain, site, sign * np.maximum(first - cost, 0.0))
        np.add.at(self.loss, self.first_slot[rows], sign * (self.second[rows] - self.first[rows]))
        at = self.first_slot[owner] * core.site_count + site
        np.add.at(self.extra, at, sign * (self.second[owner] - np.maximum(first, cost)))

    def best_swap(self) -> tuple[float, int, int]:
        """Return the gain of the best swap, the slot it empties and the site it opens."""
        slots, sites = len(self.opened), self.core.site_count
        profit = self.extra[: slots * sites].reshape(slots, sites) - self.loss[:slots, None]
        profit += self.gain
        profit[:, self.opened] = -np.inf
        best = int(np.argmax(profit))
        return float(profit.flat[best]), best // sites, best % sites

    def swap(self, slot: int, site: int) -> None:
        """Close the site in a slot and open another in its place."""
        core = self.core
        span = slice(core.site_ptr[site], core.site_ptr[site + 1])
        touched = (self.first_slot == slot) | (self.second_slot == slot)
        rows = core.site_row[span]
        touched[rows[core.site_cost[span] < self.second[rows]]] = True
        rows = np.flatnonzero(touched)
        self.count(rows, -1.0)
        self.slot[self.opened[slot]] = -1
        self.opened[slot] = site
        self.slot[site] = slot
        self.assign(rows)
        self.count(rows, 1.0)


def improve_by_swaps(core: MedianCore, opened: LongArray, seconds_left: SecondsLeft) -> LongArray:
    """Swap one open site for a closed one, the best swap each time, until none lowers the cost.

    Parameters
    ----------
    core
        The problem.
    opened
        Open sites to begin with, shape (picks,).
    seconds_left
        Swapping stops when no time is left.

    Notes
    -----
    Closing slot r and opening j gains ``gain[j] - loss[r] + extra[r, j]`` (Resende & Werneck 2007); after a
    swap only the demand points whose two cheapest sites changed are counted again.
    """
    if len(opened) in (0, core.site_count) or core.row_count == 0:
        return opened
    state = _Swapper(core, opened)
    smallest = _RELATIVE * float(np.abs(core.fallback).sum() + 1.0)
    swaps = 0
    while seconds_left() > 0:
        profit, slot, site = state.best_swap()
        if profit <= smallest:
            break
        state.swap(slot, site)
        swaps += 1
        if swaps % _FRESH_SWAPS == 0:
            state.refresh()
    return state.opened


def shake(opened: LongArray, site_count: int, swaps: int, random: np.random.Generator) -> LongArray:
    """Exchange some open sites for closed ones drawn at random."""
    closed = np.setdiff1d(np.arange(site_count), opened)
    swaps = min(swaps, len(closed), len(opened))
    shaken: npt.NDArray[np.int64] = opened.copy()
    shaken[random.choice(len(opened), swaps, replace=False)] = random.choice(closed, swaps, replace=False)
    return shaken


def between_two_cheapest(core: MedianCore, opened: LongArray) -> FloatArray:
    """Return a weighted cost halfway between each row's cheapest and second cheapest open site.

    A good guess at what the row would pay to be served; no penalty counts, so where one open site is all
    there is, the row's dearest pair stands for the second.
    """
    state = _Swapper(core, opened)
    dearest = np.where(core.must, core.row_cost[core.row_ptr[1:] - 1], core.fallback)
    return (np.minimum(state.first, dearest) + np.minimum(state.second, dearest)) / 2
