"""Costs that are too small for a number of sites: shown by points that pay more than the sites within reach can take.

References
----------
Toregas, Swain, ReVelle & Bergman (1971), The location of emergency service facilities. Hochbaum & Shmoys (1985), A
best possible heuristic for the k-center problem (packing as a bound).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from coverage.network.model import FloatArray
from coverage.siting.model.interior import solve_relaxation
from coverage.siting.model.milp import MixedModel
from coverage.siting.model.solver_progress import Watch
from coverage.siting.p_center.pairs import CoverPairs
from coverage.siting.p_median.core import LongArray, list_arcs

_FIRST_ROWS, _MORE_ROWS = 500, 300  # rows of the first model, and added to each following one at most
_SHARED = 0.6  # of its sites: a row that shares more with one just taken adds little
_MOST_ROUNDS = 12
_HOPE = 4.0  # further rounds, as many as the last one raised the bound by, that are hoped for at most
_COVERED = 1.0 - 1e-3  # a row covered so far is no reason for another round
_NO_PAYMENT = 1e-7  # a row that pays less is left out of the next model
_BEYOND = 1e-6  # by which a bound has to be above the number of sites: far more than rounding
_TOLERANCE = 1e-4  # of the fractional plan: payments prove what they do whatever it is


class CoverBound:
    """Whether a number of sites is too few to cover everybody within a cost, for one cost after the other.

    Parameters
    ----------
    picks
        New sites that may open.

    Notes
    -----
    Payments u ≥ 0 of the points such that no site is within reach of points that pay more than 1 in sum prove that
    Σ u sites are needed: the dual of set covering, whose best value is that of its linear relaxation. Payments of
    some points only are payments of all. So the model of a few hundred points is solved, and grows by points that
    its fractional plan covers least. It is solved by an interior point
    (`solve_relaxation`), whose payments are near the permitted ones and are divided by the largest sum a site takes,
    which makes them permitted whatever it answers. Points that pay are remembered for the next cost.
    """

    def __init__(self, picks: int) -> None:
        self.picks = picks
        self._payers: LongArray = np.zeros(0, np.int64)

    def is_ruled_out(self, pairs: CoverPairs, watch: Watch, told: tuple[float, float]) -> bool:
        """Tell whether it is proved that the sites cannot cover everybody; False proves nothing.

        Parameters
        ----------
        pairs
            Who is to be covered by whom; every row counts.
        watch
            May stop the proof, also within a model.
        told
            Largest cost and bound, for the report.
        """
        sizes = np.diff(pairs.row_ptr)
        if (sizes == 0).any():
            return True
        rows = np.flatnonzero(np.isin(pairs.row_name, self._payers))
        if not len(rows):
            rows = _spread(pairs, np.argsort(sizes, kind="stable"), _FIRST_ROWS)
        before = -np.inf
        for _ in range(_MOST_ROUNDS):
            matrix = pairs.to_matrix(rows)
            solved = _cover_in_parts(matrix, watch, told)
            if solved is None:
                return False
            plan, payment = solved
            bound = float(payment.sum()) / max(float((matrix.T @ payment).max(initial=0.0)), 1e-300)
            self._payers = pairs.row_name[rows[payment > _NO_PAYMENT]]
            if bound > self.picks + _BEYOND:
                return True
            if bound + _HOPE * (bound - before) < self.picks:
                return False
            before = bound
            covered = np.add.reduceat(plan[pairs.row_site], pairs.row_ptr[:-1])
            short = np.flatnonzero(covered < _COVERED)
            if not len(short):
                return False
            more = _spread(pairs, short[np.argsort(covered[short], kind="stable")], _MORE_ROWS)
            rows = np.union1d(rows[payment > _NO_PAYMENT], more)
        return False


def _spread(pairs: CoverPairs, order: LongArray, most: int) -> LongArray:
    """Take rows in order, but none that shares most of its sites with one taken, ascending, shape (at most `most`,)."""
    is_near = np.zeros(pairs.row_count, np.bool_)
    sizes = np.diff(pairs.row_ptr)
    taken: list[int] = []
    for row in order:
        if is_near[row]:
            continue
        taken.append(int(row))
        if len(taken) >= most:
            break
        arcs, _ = list_arcs(pairs.site_ptr, pairs.row_site[pairs.row_ptr[row] : pairs.row_ptr[row + 1]])
        shared = np.bincount(pairs.site_row[arcs], minlength=pairs.row_count)
        is_near |= shared > _SHARED * sizes
    return np.sort(np.array(taken, dtype=np.int64))


def _cover_in_parts(
    matrix: sparse.csr_array, watch: Watch, told: tuple[float, float]
) -> tuple[FloatArray, FloatArray] | None:
    """Cover some rows with the fewest sites, parts of sites permitted.

    Returns
    -------
    Part of each site, and payment of each row, at least 0, both nearly permitted and nearly best; None where it was
    stopped or there is no answer.
    """
    rows, sites = matrix.shape
    unlimited = np.full(sites, np.inf)
    parts = np.zeros(sites, np.bool_)
    model = MixedModel(-np.ones(sites), unlimited, parts, matrix, np.ones(rows), np.full(rows, np.inf))
    solved = solve_relaxation(model, lambda: watch.goes_on("radius", *told), tolerance=_TOLERANCE)
    return None if solved is None else (np.maximum(solved[0], 0.0), np.maximum(solved[1], 0.0))
