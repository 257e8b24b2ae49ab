"""Small numbers of people in tables: they are left empty, and so is what they could be computed from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network.model import BoolArray, FloatArray
from coverage.tables.report_value import Column, Table

# What follows from people: beside a hidden number it would give it away again.
_DERIVED = frozenset({"share", "points"})


def find_small(rows: pd.DataFrame, columns: tuple[Column, ...], under: float) -> dict[str, BoolArray]:
    """Find the cells of a table that are left empty.

    Parameters
    ----------
    rows, columns
        The table.
    under
        People: cells that hold more than 0 and fewer than this are left empty.

    Returns
    -------
    By column id the mask of its cells, only columns with one at least, shape (rows,).

    Notes
    -----
    Where a column or a row loses one cell of people alone, its smallest other one that is not 0 goes too, since a
    total may stand elsewhere (complementary suppression, Willenborg & de Waal 2001); shares of such rows go with
    them. This does not protect against everything that can be combined from several tables, and the note says so.
    """
    people = [column.id for column in columns if column.kind in ("people", "number")]
    if under <= 0 or not people or rows.empty:
        return {}
    values = rows[people].to_numpy(float)
    # A number counts people where the column ``unit`` of its row says so.
    counts = (rows["unit"] == "people").to_numpy(bool) if "unit" in rows.columns else np.zeros(len(rows), bool)
    is_number = np.array([column.kind == "number" for column in columns if column.id in people], bool)
    values = np.where(is_number & ~counts[:, np.newaxis], np.nan, values)
    hidden = find_small_values(values, under)
    if not hidden.any():
        return {}
    found = {name: hidden[:, number] for number, name in enumerate(people) if hidden[:, number].any()}
    concerned = hidden.any(axis=1)
    derived = [column.id for column in columns if column.kind in _DERIVED]
    return found | {name: concerned & rows[name].notna().to_numpy(bool) for name in derived}


def find_small_values(values: FloatArray, under: float) -> npt.NDArray[np.bool_]:
    """Find the cells of people that are left empty, those that would give them away with them, shape of `values`."""
    hidden = (values > 0) & (values < under)
    _hide_second(values, hidden)
    _hide_second(values.T, hidden.T)
    # What the rows lost may leave a column with one cell alone.
    _hide_second(values, hidden)
    return hidden


def _hide_second(values: FloatArray, hidden: npt.NDArray[np.bool_]) -> None:
    """Hide a second cell in every column that lost only one, in place."""
    for column in np.flatnonzero(hidden.sum(axis=0) == 1):
        left = np.where(hidden[:, column] | ~(values[:, column] > 0), np.inf, values[:, column])
        smallest = int(np.argmin(left))
        if np.isfinite(left[smallest]):
            hidden[smallest, column] = True


def suppress_small(table: Table, under: float) -> tuple[pd.DataFrame, int]:
    """Return the rows of a table without its small cells, and how many were left empty."""
    masks = find_small(table.rows, table.columns, under)
    rows = table.rows.copy()
    for name, mask in masks.items():
        rows[name] = rows[name].mask(mask, np.nan)
    return rows, int(sum(mask.sum() for mask in masks.values()))
