"""Rows of ragged tables: the entries of several ranges, one range after the other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer]


def list_ranges(begin: Integers, count: Integers) -> npt.NDArray[np.int64]:
    """List the numbers of several ranges, one range after the other, shape (sum of counts,).

    Parameters
    ----------
    begin, count
        First number of each range, and how many it has, shape (n,).

    Examples
    --------
    >>> list_ranges(np.array([7, 3, 20]), np.array([2, 0, 3])).tolist()
    [7, 8, 20, 21, 22]
    """
    end = np.cumsum(count, dtype=np.int64)
    total = int(end[-1]) if len(end) else 0
    return np.repeat(begin - end + count, count) + np.arange(total)
