"""Greedy addition and interchange on cover sets: a good plan in little time, at any size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coverage.network.model import BoolArray
from coverage.siting.cover.cover_sets import CoverSets, Integers, sum_by
from coverage.siting.model.limits import LimitRows
from coverage.siting.model.solver_progress import Watch

# Gains below this share of all people are rounding errors of sums and differences.
_NOTHING = 1e-11


class CoverState:
    """A plan under change: who is covered how often, and what each further site would add.

    Parameters
    ----------
    sets
        Cover sets of the sites to decide on.
    limits
        What a plan may cost.

    Attributes
    ----------
    is_open
        Sites that are open, shape (n,).
    count
        Open sites that cover each class, shape (m,).
    gain
        People of classes still short by one site or more who would be covered by one more site: of those
        that lack exactly one, shape (n,).

    Notes
    -----
    Opening or closing a site changes `gain` only through classes whose count passes their need: each step
    costs the pairs of those classes, not all pairs.
    """

    def __init__(self, sets: CoverSets, limits: LimitRows) -> None:
        self.sets = sets
        self.is_open = np.zeros(len(sets.site), np.bool_)
        self.count = np.zeros(len(sets.weight), np.int64)
        self.gain = sets.by_site @ (sets.weight * (sets.need == 1))
        self._nothing = _NOTHING * max(float(sets.weight.sum()), 1e-300)
        self._begin = sets.by_class.indptr[:-1].astype(np.int64)
        self._length = np.diff(sets.by_class.indptr).astype(np.int64)
        self.set_limits(limits)

    def set_limits(self, limits: LimitRows) -> None:
        """Let other limits hold from now on; the plan stays as it is."""
        self.limits = limits
        self.spent = limits.matrix @ self.is_open.astype(np.float64)
        entries = limits.matrix.tocoo()
        self._limit, self._column, self._amount = entries.row, entries.col, entries.data
        self._by_column = limits.matrix.T.tocsr()
        # Where each limit counts all sites alike, one in the place of another changes nothing.
        rows = np.bincount(entries.row, minlength=len(limits.upper))
        is_alike = bool((rows == len(self.is_open)).all())
        self.counts_alike = is_alike and bool((entries.data == entries.data[:1].sum()).all())

    def copy_plan(self) -> BoolArray:
        """Return which sites are open, as a copy."""
        return self.is_open.copy()

    @property
    def value(self) -> float:
        """Return the people covered, without those settled."""
        return float(self.sets.weight[self.count >= self.sets.need].sum())

    def open(self, site: int) -> None:
        """Open a site."""
        self._change(site, 1)

    def close(self, site: int) -> None:
        """Close a site."""
        self._change(site, -1)

    def move_to(self, plan: BoolArray) -> None:
        """Open and close sites until the plan is another one."""
        for site in np.flatnonzero(self.is_open & ~plan):
            self.close(int(site))
        for site in np.flatnonzero(plan & ~self.is_open):
            self.open(int(site))

    def find_permitted(self, *, without: int | None = None) -> BoolArray:
        """Tell which shut sites may be opened under the upper limits, if `without` were closed first, shape (n,).

        Where a site is given, lower limits that hold with it open must hold afterwards too.
        """
        spent = self.spent
        permitted: BoolArray = ~self.is_open
        if without is not None and self.counts_alike:
            return permitted
        if without is not None:
            freed = self._amounts(without)
            spent = spent - freed
            for row in np.flatnonzero((spent < self.limits.lower) & (self.spent >= self.limits.lower)):
                enough = np.zeros(len(permitted), np.bool_)
                mine = (self._limit == row) & (self._amount >= self.limits.lower[row] - spent[row])
                enough[self._column[mine]] = True
                permitted &= enough
        room = self.limits.upper - spent
        if len(room):
            beyond = self._amount > room[self._limit] + 1e-12
            permitted[self._column[beyond]] = False
        return permitted

    def is_permitted(self) -> bool:
        """Tell whether the plan keeps all limits."""
        return bool((self.spent <= self.limits.upper + 1e-9).all() and (self.spent >= self.limits.lower - 1e-9).all())

    def compute_loss(self, site: int) -> float:
        """Compute the people who would no longer be covered if an open site were closed."""
        mine = self._classes(site)
        return float(self.sets.weight[mine[self.count[mine] == self.sets.need[mine]]].sum())

    def compute_gain_without(self, site: int) -> npt.NDArray[np.float64]:
        """Compute what each site would add if an open one were closed first, its own people among them, shape (n,)."""
        mine = self._classes(site)
        lost = mine[self.count[mine] == self.sets.need[mine]]
        result: npt.NDArray[np.float64] = self.gain + self._spread(lost)
        # Classes that lack one site now would lack two.
        twice = mine[self.count[mine] == self.sets.need[mine] - 1]
        if len(twice):
            result -= self._spread(twice)
        return result

    def compute_swap_gain(self, site: int) -> npt.NDArray[np.float64]:
        """Compute what each site would add if an open one were closed first, loss included, shape (n,)."""
        result: npt.NDArray[np.float64] = self.compute_gain_without(site) - self.compute_loss(site)
        return result

    def replace(self, site: int, other: int, gain_without: npt.NDArray[np.float64]) -> None:
        """Close an open site and open a shut one; what is gained without the first is known, which is half the work."""
        self.count[self._classes(site)] -= 1
        self.is_open[site] = False
        self.spent -= self._amounts(site)
        self.gain = gain_without
        self._change(other, 1)

    def move_site(self, site: int, other: int) -> None:
        """Note that an open site made room for a shut one; counts and gains are kept by the caller."""
        self.is_open[site], self.is_open[other] = False, True
        if not self.counts_alike:
            self.spent += self._amounts(other) - self._amounts(site)

    def round_gain(self, gain: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return gains with rounding errors set to 0."""
        return np.where(np.abs(gain) <= self._nothing, 0.0, gain)

    def _classes(self, site: int) -> npt.NDArray[np.int32]:
        ptr = self.sets.by_site.indptr
        found: npt.NDArray[np.int32] = self.sets.by_site.indices[ptr[site] : ptr[site + 1]]
        return found

    def _amounts(self, site: int) -> npt.NDArray[np.float64]:
        amounts = np.zeros(len(self.spent))
        begin, end = self._by_column.indptr[site], self._by_column.indptr[site + 1]
        amounts[self._by_column.indices[begin:end]] = self._by_column.data[begin:end]
        return amounts

    def _spread(self, classes: Integers) -> npt.NDArray[np.float64]:
        """Sum the people of some classes over the sites that cover them, shape (n,)."""
        length = self._length[classes]
        place = np.repeat(self._begin[classes] - (np.cumsum(length) - length), length)
        place += np.arange(len(place))
        sites = self.sets.by_class.indices[place]
        people = np.repeat(self.sets.weight[classes], length)
        return sum_by(sites, people, len(self.gain))

    def _change(self, site: int, step: int) -> None:
        mine = self._classes(site)
        need, before = self.sets.need[mine], self.count[mine]
        self.count[mine] += step
        # A class counts in `gain` while it lacks exactly one.
        leaves = mine[before == need - 1]
        enters = mine[before + step == need - 1]
        if len(leaves):
            self.gain -= self._spread(leaves)
        if len(enters):
            self.gain += self._spread(enters)
        self.is_open[site] = step > 0
        self.spent += step * self._amounts(site)


def add_greedily(
    state: CoverState, price: npt.NDArray[np.float64] | None = None, *, at_most: int | None = None
) -> None:
    """Open the site with the largest gain again and again while limits permit and anybody is gained.

    Parameters
    ----------
    state
        The plan; changed.
    price
        Where given, the largest gain per unit of price is taken, shape (n,).
    at_most
        How many to open; None for as many as there can be.

    Notes
    -----
    At least 1 − 1/e of the optimum where only the number of sites is limited (Nemhauser, Wolsey & Fisher
    1978). Sites a lower limit asks for come first. Ties go to the lowest row.
    """
    opened = 0
    while at_most is None or opened < at_most:
        permitted = state.find_permitted()
        if not permitted.any():
            return
        gain = state.round_gain(state.gain)
        lacking = np.flatnonzero(state.spent < state.limits.lower)
        if len(lacking):
            helps = np.zeros(len(permitted), np.bool_)
            helps[state.limits.matrix[lacking].indices] = True
            permitted &= helps
            if not permitted.any():
                return
        score = gain if price is None else np.where(gain > 0, gain / np.maximum(price, 1e-12), 0.0)
        best = int(np.argmax(np.where(permitted, score, -1.0)))
        if not permitted[best] or (gain[best] <= 0 and not len(lacking)):
            return
        state.open(best)
        opened += 1


def swap_until_stuck(
    state: CoverState, watch: Watch, step: str, *, bound: float = np.inf, locked: BoolArray | None = None
) -> None:
    """Close one site and open another while that covers more people; then add what fits.

    Parameters
    ----------
    state
        The plan; changed.
    watch
        Told the value; may stop the search.
    step
        Id of this step for the report.
    bound
        Bound for the report, without settled people.
    locked
        Open sites that stay open, shape (n,).

    Notes
    -----
    Interchange of Teitz & Bart (1968): for one open site after the other the best replacement is found
    exactly, with one pass over the pairs of the people only it covers, and taken if it is better. Ends at a
    plan no single interchange improves.
    """
    settled = state.sets.settled
    quiet = 0
    queue = np.flatnonzero(state.is_open if locked is None else state.is_open & ~locked)
    while len(queue) and quiet < len(queue):
        for site in queue:
            if not state.is_open[site]:
                continue
            if not watch.goes_on(step, state.value + settled, bound + settled):
                return
            gain = state.round_gain(state.compute_swap_gain(int(site)))
            gain[~state.find_permitted(without=int(site))] = -1.0
            best = int(np.argmax(gain))
            if gain[best] > 0:
                state.close(int(site))
                state.open(best)
                quiet = 0
            else:
                quiet += 1
            if quiet >= len(queue):
                return
        queue = np.flatnonzero(state.is_open if locked is None else state.is_open & ~locked)


def shake_plan(
    state: CoverState, watch: Watch, step: str, *, rounds: int, bound: float = np.inf, enough: float = 0.0
) -> None:
    """Close a few neighbouring sites, open others, improve; keep what is not worse, a number of rounds long.

    Parameters
    ----------
    state
        The plan; changed to the best one found.
    watch
        Told the value; may stop the search.
    step
        Id of this step for the report.
    rounds
        How often; the random numbers have a fixed seed.
    bound, enough
        Stops where the value is nearer to the bound than `enough`.

    Notes
    -----
    Iterated local search (Lourenço, Martin & Stützle 2003). Neighbours are open sites that share most sites
    in reach of their people with a site drawn at random.
    """
    random = np.random.default_rng(0)
    sets = state.sets
    best, value = state.copy_plan(), state.value
    for _ in range(rounds):
        opened = np.flatnonzero(state.is_open)
        if len(opened) < 3 or bound - value < enough or watch.stopped is not None:
            break
        middle = int(random.choice(opened))
        reached = sets.by_class[sets.by_site[[middle]].indices].indices
        shared = np.bincount(reached, minlength=len(state.is_open))[opened]
        near = opened[np.argsort(-(shared + random.random(len(opened))), kind="stable")]
        near = near[: int(random.integers(2, min(6, len(opened))))]
        for site in near:
            state.close(int(site))
        for _ in near:
            permitted = state.find_permitted()
            permitted[near] = False
            score = np.where(permitted, state.round_gain(state.gain) * random.uniform(0.9, 1.1, len(permitted)), 0.0)
            if score.max() > 0:
                state.open(int(np.argmax(score)))
        add_greedily(state)
        swap_until_stuck(state, watch, step, bound=bound)
        if state.is_permitted() and state.value >= value:
            best, value = state.copy_plan(), state.value
        else:
            state.move_to(best)
    state.move_to(best)
