"""Reads targets of a plan: a table of indicator, base value, target value and year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coverage.errors import InputError
from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.schema import DISTRICT_LEVELS, WHOLE_STUDY, LoadedTable
from coverage.inputs.targets import Target
from geodata.files.reading_border import reads_file
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import RowChecker

_FIELDS = ("indicator", "target_value", "target_year", "unit_level", "unit_id", "base_value", "base_year")
_REQUIRED = ("indicator", "target_value", "target_year")
_PER_CENT = "%"


@reads_file
def read_targets(path: Path) -> tuple[tuple[Target, ...], LoadedTable]:
    """Read targets from a CSV table.

    Columns ``code, target_value, target_year`` and, where wanted, ``unit_level, unit_id, base_value,
    base_year``; Chinese names are understood. A value may be written in per cent (``85%``).

    Returns
    -------
    The targets, and the account of the table: a row is left out for a code that stands for nothing, a
    value that is no number, or a year that is none.

    Raises
    ------
    InputError
        ``targets.columns_missing``, or as `geodata.intake.cells.read_table.read_table` does.
    """
    raw = read_table(path)
    checker = RowChecker(raw)
    columns = {field: checker.find_column(field) for field in _FIELDS}
    missing = ["code" if field == "indicator" else field for field in _REQUIRED if columns[field] is None]
    if missing:
        found = checker.list_columns()
        raise InputError("targets.columns_missing", file=raw.source, columns=", ".join(missing), found=found)
    codes = raw.table[str(columns["indicator"])].str.strip()
    checker.reject(~codes.map(_is_known).to_numpy(bool), "targets.code_unknown", str(columns["indicator"]))
    target = _read_values(checker, str(columns["target_value"]), is_needed=True)
    year = checker.read_numbers(str(columns["target_year"]), "targets.year")
    checker.reject(~((year >= 2000) & (year <= 2200)), "targets.year_invalid", str(columns["target_year"]))
    base = _read_values(checker, columns["base_value"], is_needed=False)
    base_year = np.zeros(len(codes))
    if columns["base_year"] is not None:
        base_year = np.nan_to_num(checker.read_numbers(columns["base_year"], "targets.year"))
    level = _read_texts(raw.table, columns["unit_level"]).replace("", WHOLE_STUDY)
    known_level = level.isin([WHOLE_STUDY, *DISTRICT_LEVELS]).to_numpy(bool)
    checker.reject(~known_level, "targets.level_unknown", columns["unit_level"] or "unit_level")
    unit = _read_texts(raw.table, columns["unit_id"])
    table = pd.DataFrame(
        {
            "code": codes,
            "target_value": target,
            "target_year": year,
            "unit_level": level,
            "unit_id": unit,
            "base_value": base,
            "base_year": base_year,
        }
    )[checker.accepted]
    loaded = checker.build(table)
    targets = tuple(
        Target(str(code), float(aim), int(until), str(at), str(of), float(start), int(since))
        for code, aim, until, at, of, start, since in table.itertuples(index=False)
    )
    return targets, loaded


def _is_known(code: str) -> bool:
    try:
        find_indicator(code)
    except InputError:
        return False
    return True


def _read_values(checker: RowChecker, column: str | None, *, is_needed: bool) -> np.ndarray:
    if column is None:
        return np.full(len(checker.raw.table), np.nan)
    cells = checker.raw.table[column].str.strip().str.replace("％", _PER_CENT)
    in_per_cent = cells.str.endswith(_PER_CENT)
    plain = cells.where(~in_per_cent, cells.str.removesuffix(_PER_CENT))
    numbers = pd.to_numeric(plain.where(plain != "", "nan"), errors="coerce").to_numpy(float)
    bad = ~np.isfinite(numbers) & ((plain != "").to_numpy(bool) | is_needed)
    checker.reject(bad, "targets.value_not_a_number", column)
    return np.where(in_per_cent.to_numpy(bool), numbers / 100.0, numbers)


def _read_texts(table: pd.DataFrame, column: str | None) -> pd.Series:
    return pd.Series("", index=table.index, dtype=str) if column is None else table[column].str.strip()
