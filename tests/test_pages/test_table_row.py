"""One row of a table by its label."""

import pandas as pd
import pytest

from pages.ui.table_row import take_row


def test_a_row_is_found_by_its_label() -> None:
    """The row holds the values of its columns by name."""
    table = pd.DataFrame({"lon": [119.2, 119.3], "name": ["A", "B"]}, index=["S1", "S2"])
    row = take_row(table, "S2")
    assert (row["lon"], row["name"]) == (119.3, "B")


def test_a_label_that_is_absent_or_not_unique_is_no_row() -> None:
    """Neither an absent label nor one of several rows is answered with something else."""
    table = pd.DataFrame({"lon": [119.2, 119.3]}, index=["S1", "S1"])
    with pytest.raises(KeyError):
        take_row(table, "S2")
    with pytest.raises(ValueError, match="several rows"):
        take_row(table, "S1")
