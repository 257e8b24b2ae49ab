"""Plans bred from plans: annealed from the best one again and again, and crossed exactly."""

from __future__ import annotations

import numpy as np

from coverage.network.model import BoolArray
from coverage.siting.cover.anneal import anneal_plan
from coverage.siting.cover.cover_model import solve_core
from coverage.siting.cover.greedy import CoverState, add_greedily, swap_until_stuck
from coverage.siting.model.solver_progress import Watch

# Plans that are kept.
_KEPT = 16
# Annealings of a turn, more in later turns, so many at most.
_ANNEALED, _MOST_ANNEALED = 2, 4
# Sweeps of each: twice as many each turn, so many at most beside exact models; as many as time allows, so many at
# most, where plans are all that is sought: beyond that several are better than one.
_SWEEPS, _MOST_SWEEPS, _ALL_SWEEPS = 100, 200, 800
# Share of the time that is left which one annealing may take.
_ANNEAL_SHARE = 0.35
# Temperatures they begin with, see `anneal_plan`: hotter ones take longer for plans that are no better.
_HOT, _WARM = 0.03, 0.02
# Turns that begin by forgetting the best plan: the first ones and every fourth.
_HOT_TURNS, _HOT_EVERY = 2, 4
# Nodes and share of the time that is left which crossing may take: it proves nothing by itself.
_CROSS_NODES, _CROSS_SHARE = 500, 0.1


class GoodPlans:
    """The best plan and others that are good.

    Parameters
    ----------
    state
        A permitted plan; changed by what is done here.

    Attributes
    ----------
    best, value
        The best plan, shape (n,), and the people it covers, without those settled.
    """

    def __init__(self, state: CoverState) -> None:
        self.state = state
        self.best, self.value = state.copy_plan(), state.value
        self._good = [(self.value, self.best)]
        self._turns = 0
        self._seconds_a_sweep = 0.0

    def take(self) -> None:
        """Take the plan of the state, if it is permitted, new and worth it."""
        if not self.state.is_permitted():
            return
        plan, value = self.state.copy_plan(), self.state.value
        if value > self.value:
            self.best, self.value = plan, value
        if not any(value == other and (plan == held).all() for other, held in self._good):
            self._good = sorted([*self._good, (value, plan)], key=lambda good: -good[0])[:_KEPT]

    def breed(self, watch: Watch, bound: float, better: float, *, is_all: bool = False) -> None:
        """Anneal from the best plan a few times, more and longer in later turns, and cross what is good.

        Parameters
        ----------
        watch
            May stop it.
        bound, better
            Stops where the best plan is nearer to the bound than `better`.
        is_all
            No exact model is solved beside: annealings may become long.

        Notes
        -----
        Annealed plans differ by where they froze, each good in some places: the best choice among the sites of all
        of them is a small exact model, solved in seconds, and better than any of them (as in tour merging, Cook &
        Seymour 2003).
        """
        self._turns += 1
        heat = _HOT if self._turns <= _HOT_TURNS or self._turns % _HOT_EVERY == 0 else _WARM
        start = self.best
        for number in range(min(_ANNEALED * self._turns, _MOST_ANNEALED)):
            if watch.stopped is not None or bound - self.value < better:
                return
            self.state.move_to(start)
            seed = self._turns * _MOST_ANNEALED + number
            left, sweeps = watch.seconds_left(), self._count_sweeps(watch, is_all)
            anneal_plan(self.state, watch, "swap", sweeps=sweeps, bound=bound, seed=seed, heat=heat)
            if np.isfinite(left):
                self._seconds_a_sweep = (left - watch.seconds_left()) / sweeps
            self.take()
        if watch.stopped is None and bound - self.value >= better:
            self._cross(watch, bound)

    def find_used(self) -> BoolArray:
        """Tell which sites the good plans have, shape (n,)."""
        used: BoolArray = np.any([plan for _, plan in self._good], axis=0)
        return used

    def _count_sweeps(self, watch: Watch, is_all: bool) -> int:
        """Return how many sweeps the next annealing has: an annealing that is cut off has not cooled down."""
        sweeps: int = _ALL_SWEEPS if is_all else min(_SWEEPS * 2 ** (self._turns - 1), _MOST_SWEEPS)
        if self._seconds_a_sweep > 0:
            sweeps = min(sweeps, max(int(_ANNEAL_SHARE * watch.seconds_left() / self._seconds_a_sweep), _SWEEPS))
        return sweeps

    def _cross(self, watch: Watch, bound: float) -> None:
        """Choose exactly among the sites of the good plans."""
        nothing = np.zeros(len(self.best), np.bool_)
        plan, _ = solve_core(
            self.state.sets,
            self.state.limits,
            self.find_used(),
            nothing,
            self.best,
            watch,
            bound,
            nodes=_CROSS_NODES,
            share=_CROSS_SHARE,
        )
        self.state.move_to(plan)
        swap_until_stuck(self.state, watch, "swap", bound=bound)
        add_greedily(self.state)
        self.take()
