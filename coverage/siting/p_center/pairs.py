"""Who has to be covered within some cost, and by which candidates: the question p-center asks again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from coverage.network.model import BoolArray, FloatArray
from coverage.siting.p_median.core import LongArray


@dataclass(frozen=True, slots=True, eq=False)
class CoverPairs:
    """Points that sites open in every answer leave uncovered within a cost, and the candidates within it.

    Parameters
    ----------
    row_name
        Demand point of each row, ascending, shape (n,).
    row_ptr, row_site
        Row i is covered by the candidates ``row_site[row_ptr[i]:row_ptr[i + 1]]``.
    site_ptr, site_row
        The same pairs by candidate, shape (m + 1,) and (pairs,).
    is_hard
        False where a site that is open in every answer serves the row at a higher cost, shape (n,).
    weight
        Weight of each row, shape (n,).
    """

    row_name: LongArray
    row_ptr: LongArray
    row_site: LongArray
    site_ptr: LongArray
    site_row: LongArray
    is_hard: BoolArray
    weight: FloatArray

    @property
    def row_count(self) -> int:
        """Return the number of rows n."""
        return len(self.row_name)

    @property
    def site_count(self) -> int:
        """Return the number of candidates m."""
        return len(self.site_ptr) - 1

    @property
    def pair_row(self) -> LongArray:
        """Return the row of each pair in the order of `row_site`."""
        return np.repeat(np.arange(self.row_count), np.diff(self.row_ptr))

    def to_matrix(self, rows: LongArray) -> sparse.csr_array:
        """Return 1 where a candidate covers one of some rows, in this order, CSR, shape (rows, m)."""
        shape = (self.row_count, self.site_count)
        ones = np.ones(len(self.row_site))
        return sparse.csr_array((ones, self.row_site, self.row_ptr), shape=shape)[rows]


def pair_up(
    row_name: LongArray, row: LongArray, site: LongArray, site_count: int, is_hard: BoolArray, weight: FloatArray
) -> CoverPairs:
    """Build the question from its pairs, which stand by row."""
    row_ptr = np.searchsorted(row, np.arange(len(row_name) + 1)).astype(np.int64)
    shape = (len(row_name), site_count)
    by_site = sparse.csr_array((np.ones(len(row), np.int8), site, row_ptr), shape=shape).tocsc()
    return CoverPairs(
        row_name, row_ptr, site, by_site.indptr.astype(np.int64), by_site.indices.astype(np.int64), is_hard, weight
    )
