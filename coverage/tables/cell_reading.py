"""Building tables and reading facts from their cells, so that a sentence cannot say what no table shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import pandas as pd

from coverage.tables.report_value import CellKind, CellRef, Column, Fact, Finding, Table

Tables = Mapping[str, Table]

TEXT_KINDS: tuple[CellKind, ...] = ("text", "word", "date")


# An extreme of fewer units is chance: one unit alone is at 0 or 100 %.
LEAST_UNITS = 5


def build_table(
    table_id: str,
    columns: Sequence[Column],
    frame: pd.DataFrame,
    *,
    notes: tuple[str, ...] = (),
    is_appendix: bool = False,
    optional: tuple[str, ...] = (),
    facts: tuple[Fact, ...] = (),
) -> Table | None:
    """Build a table of a frame that has its columns; None if the frame has no row.

    Parameters
    ----------
    table_id, columns, notes, is_appendix, facts
        As in the table.
    frame
        Its rows. Infinite numbers become NaN.
    optional
        Columns that are left out where all their cells are missing or empty.
    """
    if frame.empty:
        return None
    cells: dict[str, pd.Series] = {}
    kept = []
    for column in columns:
        values = frame[column.id]
        if column.kind in TEXT_KINDS:
            cells[column.id] = pd.Series([str(one) for one in values], dtype=object)
            is_missing = bool((cells[column.id] == "").all())
        else:
            numbers = values.to_numpy(float, na_value=np.nan)
            cells[column.id] = pd.Series(np.where(np.isfinite(numbers), numbers, np.nan), dtype=float)
            is_missing = bool(cells[column.id].isna().all())
        if is_missing and column.id in optional:
            continue
        kept.append(column)
    rows = pd.DataFrame({column.id: cells[column.id] for column in kept})
    return Table(table_id, tuple(kept), rows, notes, is_appendix, facts)


def take(table: Table, row: int, *columns: str, **renamed: str) -> tuple[Fact, ...]:
    """Read cells as facts named like their columns; `renamed` gives a column by the name of its fact."""
    facts = []
    known = {column.id: column for column in table.columns}
    for name, column_id in {**{each: each for each in columns}, **renamed}.items():
        column = known.get(column_id)
        if column is None:
            facts.append(Fact(name, math.nan, "number"))
            continue
        value, kind = table.rows[column_id].iloc[row], column.kind
        if kind == "number":
            kind = find_number_kind(column, str(table.rows["unit"].iloc[row]))
        read = str(value) if kind in TEXT_KINDS else float(value)
        facts.append(Fact(name, read, kind, CellRef(table.id, row, column_id), column.words))
    return tuple(facts)


def take_above(table: Table, row: int, column: str = "county") -> Fact:
    """Read the name of the unit around a place, "" where the table has no such column."""
    if column in table.rows:
        return take(table, row, county=column)[0]
    return Fact("county", "", "text", words="above")


def find_number_kind(column: Column, unit: str) -> CellKind:
    """Find what a cell of a ``number`` column is: the difference of two shares is told in points."""
    return "points" if column.words == "difference" and unit == "share" else cast(CellKind, unit)


def state(rule: str, *facts: Fact) -> Finding | None:
    """Draft a sentence; None if a number it speaks of is missing, or a name that cannot be put otherwise is empty."""
    for fact in facts:
        if isinstance(fact.value, float) and not math.isfinite(fact.value):
            return None
        if fact.value == "" and not fact.words:
            return None
    return Finding(rule, facts)


def find_row(table: Table | None, **cells: str | float) -> int | None:
    """Find the first row whose cells have these values; None without a table, a column or such a row."""
    if table is None or not set(cells) <= set(table.rows.columns):
        return None
    mine = np.ones(len(table.rows), bool)
    for name, value in cells.items():
        mine &= (table.rows[name] == value).to_numpy(bool)
    found = np.flatnonzero(mine)
    return int(found[0]) if len(found) else None


def find_extreme(
    table: Table | None, column: str, *, largest: bool = True, where: pd.Series | None = None
) -> int | None:
    """Find the row with the largest or smallest number of a column, the first among equals; None without any."""
    if table is None or column not in table.rows:
        return None
    values = table.rows[column].astype(float)
    values = values if where is None else values.where(where)
    if values.isna().all():
        return None
    numbers = values.to_numpy(float)
    return int(np.nanargmax(numbers) if largest else np.nanargmin(numbers))


def find_extreme_of_units(table: Table | None, column: str, *, largest: bool = True) -> int | None:
    """Find the row with the largest or smallest number of a column where it speaks of enough units.

    The rows are units, or groups of so many `units`; fewer than `LEAST_UNITS` say nothing.
    """
    if table is None:
        return None
    if "units" in table.rows:
        return find_extreme(table, column, largest=largest, where=table.rows["units"] >= LEAST_UNITS)
    return find_extreme(table, column, largest=largest) if len(table.rows) >= LEAST_UNITS else None


def has_enough_units(tables: Tables) -> bool:
    """Tell whether a report ranks so many units that the first or last of them says something."""
    table = tables.get("units_ranked")
    return table is not None and len(table.rows) >= LEAST_UNITS


def count_known(table: Table, column: str) -> int:
    """Count the cells of a column that have a number."""
    return int(table.rows[column].notna().sum()) if column in table.rows else 0
