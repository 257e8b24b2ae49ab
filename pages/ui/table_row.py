"""One row of a table by its label: pandas itself answers a table as well, where a label stands there twice."""

from __future__ import annotations

from typing import Any

import pandas as pd


def take_row(table: pd.DataFrame, label: str | int) -> pd.Series[Any]:
    """Return the row of a label.

    Raises
    ------
    KeyError
        If no row has the label.
    ValueError
        If several rows have it.
    """
    row = table.loc[label]
    if not isinstance(row, pd.Series):
        raise ValueError(f"several rows are labelled {label!r}")
    return row
