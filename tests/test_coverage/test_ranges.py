"""Entries of ragged tables: ranges listed one after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.network.ragged_rows import list_ranges

RANGES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), max_size=8)


@given(RANGES)
@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_ranges_follow_one_another(kind: type[np.integer], ranges: list[tuple[int, int]]) -> None:
    """What is listed is what Python's own ranges give, also for empty ones and for none."""
    begin, count = (np.array([pair[side] for pair in ranges], kind) for side in (0, 1))
    found = list_ranges(begin, count)
    assert found.tolist() == [number for low, size in ranges for number in range(low, low + size)]
    assert found.dtype == np.int64
