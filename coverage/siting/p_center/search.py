"""Plans that cover everybody within a cost: swaps in which points that stay uncovered count more and more.

References
----------
Mladenović, Labbé & Hansen (2003), Solving the p-center problem with tabu search and variable neighborhood search.
Zhang, Lü, Su, Li & Xu (2020), Vertex weighting-based tabu search for p-center problem.
"""

from __future__ import annotations

import numpy as np

from coverage.network.model import FloatArray
from coverage.siting.model.solver_progress import Watch
from coverage.siting.p_center.pairs import CoverPairs
from coverage.siting.p_median.core import LongArray, list_arcs

_SEED = 20260101  # the same plan every time
_MOST_PAIRS = 100_000  # looked at in one swap; of more candidates some are drawn
_TIE = 1e-9


class CoverSearch:
    """A plan on its way to smaller and smaller costs.

    Parameters
    ----------
    opened
        Candidates that are open at first, shape (p,).
    """

    def __init__(self, opened: LongArray) -> None:
        self.opened = opened.copy()
        self._random = np.random.default_rng(_SEED)

    def find_plan(self, pairs: CoverPairs, most_swaps: int, watch: Watch, told: tuple[float, float]) -> bool:
        """Swap until the open candidates cover everybody.

        Parameters
        ----------
        pairs
            Who is to be covered by whom.
        most_swaps
            Swaps without success after which to give up.
        watch
            May stop the search.
        told
            Largest cost and bound, for the report.

        Returns
        -------
        Whether everybody is covered; where not, the plan stays as near to that as the search was at its end.

        Notes
        -----
        One uncovered point is drawn; of all swaps that cover it the one after which the uncovered ones count least is
        made, the last one not undone. Where no swap lowers that, every uncovered point counts one more. A swap costs
        the pairs of the sites within reach of the point drawn, and no model.
        """
        slots = len(self.opened)
        if slots == 0 or (pairs.row_ptr[1:] == pairs.row_ptr[:-1]).any():
            return pairs.row_count == 0
        weight = np.ones(pairs.row_count)
        count, slot_sum = np.zeros(pairs.row_count, np.int64), np.zeros(pairs.row_count, np.int64)
        for slot, site in enumerate(self.opened):
            _add(pairs, int(site), slot, 1, (count, slot_sum))
        last_slot, last_site = -1, -1
        for _ in range(most_swaps + 1):
            uncovered = np.flatnonzero(count == 0)
            if not len(uncovered):
                return True
            if not watch.goes_on("radius", *told):
                return False
            drawn = int(uncovered[self._random.integers(len(uncovered))])
            sites = self._draw_sites(pairs, drawn)
            gain = _weigh_swaps(pairs, sites, slots, weight, _find_owners(count, slot_sum, slots))
            if slots > 1 and last_slot >= 0:
                gain[:, last_slot] = -np.inf
            if len(sites) > 1:
                gain[sites == last_site] = -np.inf
            best = float(gain.max())
            equal = np.flatnonzero(gain >= best - _TIE)
            place = int(equal[self._random.integers(len(equal))])
            last_slot, site = place % slots, int(sites[place // slots])
            last_site = int(self.opened[last_slot])
            _add(pairs, last_site, last_slot, -1, (count, slot_sum))
            _add(pairs, site, last_slot, 1, (count, slot_sum))
            self.opened[last_slot] = site
            if best <= 0:
                weight[count == 0] += 1.0
        return False

    def _draw_sites(self, pairs: CoverPairs, row: int) -> LongArray:
        """Return the candidates of a row, some of them where there are very many pairs."""
        sites = pairs.row_site[pairs.row_ptr[row] : pairs.row_ptr[row + 1]]
        size = int((pairs.site_ptr[sites + 1] - pairs.site_ptr[sites]).sum())
        if size <= _MOST_PAIRS:
            return sites
        kept = max(2, len(sites) * _MOST_PAIRS // size)
        return np.sort(self._random.choice(sites, min(kept, len(sites)), replace=False))


def _add(pairs: CoverPairs, site: int, slot: int, step: int, sums: tuple[LongArray, LongArray]) -> None:
    """Open (1) or close (-1) a site in a slot: how many cover each row, and the sum of their slots."""
    rows = pairs.site_row[pairs.site_ptr[site] : pairs.site_ptr[site + 1]]
    sums[0][rows] += step
    sums[1][rows] += step * slot


def _find_owners(count: LongArray, slot_sum: LongArray, slots: int) -> LongArray:
    """Return the slot of the only site that covers each row, `slots` where none does, one more where several do."""
    return np.where(count == 1, slot_sum, np.where(count == 0, slots, slots + 1))


def _weigh_swaps(pairs: CoverPairs, sites: LongArray, slots: int, weight: FloatArray, owner: LongArray) -> FloatArray:
    """Return what opening each site in the place of each open one gains, shape (sites, slots)."""
    arcs, _ = list_arcs(pairs.site_ptr, sites)
    rows = pairs.site_row[arcs]
    number = np.repeat(np.arange(len(sites)), pairs.site_ptr[sites + 1] - pairs.site_ptr[sites])
    width = slots + 2
    kept = np.bincount(number * width + owner[rows], weights=weight[rows], minlength=len(sites) * width)
    kept = kept.reshape(len(sites), width).astype(np.float64)
    lost = np.bincount(owner, weights=weight, minlength=width)[:slots].astype(np.float64)
    gain: FloatArray = kept[:, slots][:, None] + kept[:, :slots] - lost
    return gain
