"""The p-median problem solved to the end: branch and bound over sites with Lagrangian bounds.

Each node raises the bound a little from its parent's multipliers, decides sites by their reduced costs, and
splits on the site the relaxation is least sure of. The node with the lowest bound comes first, so the bound
of the whole rises steadily and is there to be told whenever the search is stopped.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np

from coverage.network.model import BoolArray, FloatArray
from coverage.siting.model.solver_progress import Watch
from coverage.siting.p_median.bounds import (
    FIRST_PACE,
    NODE_PACE,
    ROOT_PACE,
    Dual,
    Pace,
    ascend,
    cheapest_sites,
    decide_sites,
)
from coverage.siting.p_median.core import LongArray, MedianCore, cost_of, fix_sites
from coverage.siting.p_median.swap import between_two_cheapest, improve_by_swaps, open_greedily, shake

_SHAKEN_SITES, _SHAKEN_SHARE = 3, 0.2  # sites at first, share of all at most
_SEED = 20260101  # the same answer every time
_FEWEST_SHAKES, _MOST_SHAKES, _SHAKEN_PAIRS = 4, 30, 1e7
_RELATIVE = 1e-9  # costs that differ by less are equal
_WHOLE = 1e-3  # of the smallest step between costs: more than rounding can do


@dataclass(frozen=True, slots=True, eq=False)
class CoreAnswer:
    """The best choice found.

    Parameters
    ----------
    opened
        Sites of the core, shape (picks,).
    unserved
        Weight it leaves unserved.
    cost
        Weighted cost of all others, constant included.
    bound
        No choice that leaves at most the permitted weight unserved costs less; equals `cost` where `proved`.
    proved
        Whether the search came to its end.
    """

    opened: LongArray
    unserved: float
    cost: float
    bound: float
    proved: bool


class Incumbent:
    """The best answer so far: less weight unserved first, then less cost.

    Parameters
    ----------
    core
        The whole problem; its fallbacks hold penalties large enough that serving comes first.
    watch
        Asked for time and leave.
    """

    def __init__(self, core: MedianCore, watch: Watch) -> None:
        self.core = core
        self.watch = watch
        self.random = np.random.default_rng(_SEED)
        self.opened: LongArray = np.zeros(0, dtype=np.int64)
        self.unserved = self.cost = np.inf
        self.shaken = _SHAKEN_SITES
        self.slack = _RELATIVE * float(core.weight.sum())

    def offer(self, sites: LongArray) -> None:
        """Take a choice if it is better."""
        unserved, cost = cost_of(self.core, sites)
        if unserved < self.unserved - self.slack or (unserved <= self.unserved + self.slack and cost < self.cost):
            self.opened, self.unserved, self.cost = sites, unserved, cost

    def improve(self, sites: LongArray) -> None:
        """Swap from a choice to a local optimum and offer that."""
        self.offer(sites)
        self.offer(improve_by_swaps(self.core, sites, self.watch.seconds_left))

    def shake(self) -> None:
        """Exchange some sites of the best answer at random and swap from there; more of them after each failure.

        Variable neighbourhood search (Hansen & Mladenović 1997, for the p-median).
        """
        before = (self.unserved, self.cost)
        most = max(_SHAKEN_SITES, int(self.core.picks * _SHAKEN_SHARE))
        self.improve(shake(self.opened, self.core.site_count, min(self.shaken, most), self.random))
        is_better = (self.unserved, self.cost) < before
        self.shaken = _SHAKEN_SITES if is_better or self.shaken >= most else self.shaken * 2

    def start_from(self, sites: LongArray) -> None:
        """Add sites greedily to given ones, then swap, then shake a fixed number of times."""
        core = self.core
        self.improve(open_greedily(core, sites, core.picks))
        if not 0 < core.picks < core.site_count:
            return
        shakes = int(np.clip(_SHAKEN_PAIRS / max(len(core.row_site), 1), _FEWEST_SHAKES, _MOST_SHAKES))
        for _ in range(shakes):
            if not self.watch.goes_on("swap", self.cost, 0.0):
                break
            self.shake()


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """A part of the tree: decided sites as masks of the whole problem, multipliers of all its rows."""

    bound: float
    opened: BoolArray
    closed: BoolArray
    multiplier: FloatArray
    split: int


class Tree:
    """Branch and bound.

    Parameters
    ----------
    incumbent
        The problem and an answer to begin with.
    penalty
        Cost of a unit of weight unserved in the bounds, above 0; any value gives valid bounds.

    Notes
    -----
    With U the weight the incumbent leaves unserved, an answer that leaves at most U unserved costs at least
    L(penalty) - penalty U, where L bounds cost and penalties together.
    """

    def __init__(self, incumbent: Incumbent, penalty: float) -> None:
        core = incumbent.core
        self.core = replace(
            core,
            fallback=np.where(core.must, penalty * core.weight, core.fallback),
            row_name=np.arange(core.row_count),
            site_name=np.arange(core.site_count),
        )
        self.incumbent = incumbent
        self.watch = incumbent.watch
        self.penalty = penalty
        self.step = _smallest_step(core)
        self.heap: list[tuple[float, int, _Node]] = []
        self.made = 0
        self.known = -np.inf
        self.waits = np.inf

    @property
    def enough(self) -> float:
        """Return the bound, penalties counted, above which nothing better than the incumbent can be."""
        cost = self.incumbent.cost
        less = self.step * (1 - _WHOLE) if self.step else _RELATIVE * abs(cost)
        return cost - less + self.penalty * self.incumbent.unserved

    def run(self) -> CoreAnswer:
        """Search until nothing is left or there is no leave to go on."""
        core = self.core
        while True:
            unserved = self.incumbent.unserved
            if core.picks and core.row_count and core.picks < core.site_count:
                nothing = np.zeros(core.site_count, dtype=bool)
                start = between_two_cheapest(core, self.incumbent.opened)
                self.visit(_Node(-np.inf, nothing, nothing, start, -1), ROOT_PACE)
                self.split_nodes()
            # What was cut off was cut off for a weight unserved that is no longer the best.
            if self.incumbent.unserved >= unserved - self.incumbent.slack or self.watch.stopped is not None:
                break
            self.heap.clear()
            self.known = -np.inf
        found = self.incumbent
        proved = not self.heap and self.incumbent.unserved >= unserved - self.incumbent.slack
        bound = found.cost if proved else self.told(self.heap[0][0] if self.heap else 0.0)
        return CoreAnswer(found.opened, found.unserved, found.cost, bound, proved)

    def first_bound(self) -> float:
        """Return a bound of the cost after a few steps, to compare penalties by."""
        core = self.core
        if not (core.picks and core.row_count and core.picks < core.site_count):
            return self.incumbent.cost
        start = between_two_cheapest(core, self.incumbent.opened)
        dual = ascend(core, start, FIRST_PACE, lambda _: self.enough, lambda _: self.watch.seconds_left() > 0)
        return self.told(dual.bound)

    def split_nodes(self) -> None:
        """Split the node with the lowest bound again and again."""
        while self.heap and self.watch.stopped is None:
            self.known, _, node = heapq.heappop(self.heap)
            if self.known >= self.enough:
                self.heap.clear()
                break
            for into in (0, 1):
                masks = [node.opened.copy(), node.closed.copy()]
                masks[into][node.split] = True
                # While one half is looked at the other one, not on the heap yet, holds the bound down.
                self.waits = self.known if into == 0 else np.inf
                self.visit(_Node(self.known, masks[0], masks[1], node.multiplier, -1), NODE_PACE)

    def told(self, bound: float) -> float:
        """Return a bound of the tree as a bound of the cost, rounded up where costs are whole."""
        bound = max(bound - self.penalty * self.incumbent.unserved, self.core.constant)
        if self.step:
            bound = float(np.ceil(bound / self.step - _WHOLE)) * self.step
        return min(bound, self.incumbent.cost)

    def visit(self, node: _Node, pace: Pace) -> None:
        """Bound a node and put it on the heap unless it is done with."""
        opened, closed, multiplier, bound = node.opened, node.closed, node.multiplier.copy(), node.bound
        while True:
            core = fix_sites(self.core, opened, closed) if opened.any() or closed.any() else self.core
            if core.picks == 0 or core.row_count == 0 or core.picks >= core.site_count:
                kept = core.site_name[: core.picks]
                self.incumbent.offer(np.concatenate((np.flatnonzero(opened), kept)))
                return
            given = np.flatnonzero(opened)
            dual = self.raise_bound(core, given, multiplier[core.row_name], bound, pace)
            multiplier[core.row_name] = dual.multiplier
            bound = max(bound, dual.bound)
            if bound >= self.enough:
                return
            more_opened, more_closed = decide_sites(core, dual, self.enough)
            if self.watch.stopped is not None or not (more_opened.any() or more_closed.any()):
                break
            opened, closed = opened.copy(), closed.copy()
            opened[core.site_name[more_opened]] = True
            closed[core.site_name[more_closed]] = True
        unsure = int(np.argmin(np.abs(dual.share - 0.5)))
        self.made += 1
        split = int(core.site_name[unsure])
        heapq.heappush(self.heap, (bound, self.made, _Node(bound, opened, closed, multiplier, split)))

    def raise_bound(self, core: MedianCore, given: LongArray, start: FloatArray, least: float, pace: Pace) -> Dual:
        """Raise the bound of a node, and swap from what its relaxation opens now and again."""

        def goal(sites: LongArray | None) -> float:
            if sites is not None and pace is ROOT_PACE:
                self.incumbent.improve(np.concatenate((given, core.site_name[sites])))
                self.incumbent.shake()
            return self.enough

        def goes_on(bound: float) -> bool:
            others = min(self.heap[0][0] if self.heap else np.inf, self.waits)
            lowest = max(min(max(bound, least), others), self.known)
            return self.watch.goes_on("bound", self.incumbent.cost, self.told(lowest))

        dual = ascend(core, start, pace, goal, goes_on)
        if pace is NODE_PACE and self.watch.stopped is None:
            self.incumbent.improve(np.concatenate((given, core.site_name[cheapest_sites(core, dual.reduced)])))
        return dual


def _smallest_step(core: MedianCore) -> float:
    """Return by how much two different total costs differ at least, 0 where costs are no whole numbers."""
    numbers = np.concatenate((core.row_cost, core.fallback[~core.must], [core.constant]))
    if (numbers != np.rint(numbers)).any() or float(np.abs(numbers).max()) * max(core.row_count, 1) > 2.0**45:
        return 0.0
    return float(np.gcd.reduce(np.abs(numbers).astype(np.int64)))
