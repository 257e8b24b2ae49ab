"""What each site would add in the place of each open one, kept up to date: annealing asks for that a million times."""

from __future__ import annotations

import itertools

import numpy as np

from coverage.siting.cover.cover_sets import Integers, Values
from coverage.siting.cover.greedy import CoverState

# Numbers of the table beyond which it would take too much memory (8 bytes each).
MOST_NUMBERS = 50_000_000


class Replacements:
    """A plan under replacement of one site by another: p × n gains at the price of what changes.

    Parameters
    ----------
    state
        The plan; classes that need one site each. Changed by `replace`, and by nothing else while this is in use.

    Notes
    -----
    For each open site the people only it covers are summed over the sites that could cover them, shape (p, n)
    (the table of Resende & Werneck 2007 for p-median, here for cover). When site s makes room for t, only classes
    count that one of them covers and not the other: where t is near s, as most that are drawn, those are few. The
    open site that covers a class alone is found without a search, from the sum of the rows of all that cover it.
    """

    def __init__(self, state: CoverState) -> None:
        self.state = state
        sets, opened = state.sets, np.flatnonzero(state.is_open)
        ptr = sets.by_class.indptr
        self._reach = [sets.by_class.indices[begin:end] for begin, end in itertools.pairwise(ptr.tolist())]
        self._length = np.diff(ptr).astype(np.int64)
        # Row 0 takes what changes in the gains of the plan itself: of classes no open site covers.
        self._row = np.zeros(len(state.gain), np.int64)
        self._row[opened] = np.arange(1, len(opened) + 1)
        self._table = np.zeros((len(opened) + 1, len(state.gain)))
        self._flat = self._table.reshape(-1)
        # Sum of the rows of the open sites that cover a class: the row itself where there is one.
        self._rows = (sets.by_class @ self._row).astype(np.int64)
        self._is_old = np.zeros(len(sets.weight), np.bool_)
        only = np.flatnonzero(state.count == 1)
        self._add(only, self._rows[only], sets.weight[only])

    @staticmethod
    def fits(state: CoverState) -> bool:
        """Tell whether the table of a plan is small enough, and its classes need one site each."""
        size = (int(state.is_open.sum()) + 1) * len(state.gain)
        return size <= MOST_NUMBERS and bool((state.sets.need == 1).all())

    def compute_gain_without(self, site: int) -> Values:
        """Compute what each site would add if an open one were closed first, its own people among them, shape (n,)."""
        result: Values = self.state.gain + self._table[self._row[site]]
        return result

    def replace(self, site: int, other: int) -> None:
        """Close an open site and open a shut one in its place."""
        state, row = self.state, int(self._row[site])
        old, new = self._cover(site), self._cover(other)
        is_old = self._is_old
        is_old[old] = True
        enters = new[~is_old[new]]
        is_old[new] = False
        leaves = old[is_old[old]]
        is_old[old] = False
        changed, leaving = np.concatenate((leaves, enters)), len(leaves)
        # How many others cover them, and which one.
        others, rows = state.count[changed], self._rows[changed]
        others[:leaving] -= 1
        rows[:leaving] -= row
        people = state.sets.weight[changed]
        people[leaving:] *= -1.0
        # Where there is none, people are gained or not; where there is one, they depend on it or not.
        few = (others <= 1).nonzero()[0]
        self._add(changed[few], rows[few], people[few])
        others[leaving:] += 1
        rows[leaving:] += row
        state.count[changed], self._rows[changed] = others, rows
        change = self._table[0]
        state.gain += change
        self._table[row] -= change
        change.fill(0.0)
        state.move_site(site, other)
        self._row[site], self._row[other] = 0, row

    def _cover(self, site: int) -> Integers:
        ptr = self.state.sets.by_site.indptr
        return self.state.sets.by_site.indices[ptr[site] : ptr[site + 1]]

    def _add(self, classes: Integers, rows: Integers, people: Values) -> None:
        """Add the people of some classes to rows of the table, at the sites that cover them."""
        if not len(classes):
            return
        length = self._length[classes]
        place = np.concatenate([self._reach[each] for each in classes.tolist()], dtype=np.int64)
        place += (rows * len(self.state.gain)).repeat(length)
        np.add.at(self._flat, place, people.repeat(length))
