"""The numbers of a report as plain JSON, and what differs between two of them."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coverage.tables.report_value import Report, Table

_WORDS = ("text", "word", "date")
# Hashes of inputs: a change of theirs is told as a changed input, not as a changed result.
_HASH = "sha256"
_INFINITE = {"inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that differs: table, row (from 0, and what stands in its first cells), column; None where it is missing.

    A table or a row that is on one side only differs in each of its numbers.
    """

    table: str
    row: int
    label: str
    column: str
    before: float | None
    after: float | None


def write_numbers(report: Report) -> dict[str, object]:
    """Return every number of every table, and a digest of the words beside them.

    Returns
    -------
    By table: ``rows`` (what names each row), ``columns`` (numbers by column id; missing ones are null, infinite
    ones the text ``inf``) and ``words`` (SHA-256 of all other cells).
    """
    return {name: _write_table(table) for name, table in report.tables().items()}


def check_numbers(content: object) -> dict[str, Any]:
    """Check that plain values are what `write_numbers` returns, since a run file may come from anywhere.

    Raises
    ------
    TypeError
        Naming the table that is none.
    """
    if not isinstance(content, dict):
        raise TypeError("numbers")
    for name, table in content.items():
        if not isinstance(table, dict) or not _is_table(table):
            raise TypeError(f"numbers: {str(name)[:50]}")
    return content


def _is_table(table: dict[str, Any]) -> bool:
    rows, columns = table.get("rows"), table.get("columns")
    return (
        isinstance(rows, list)
        and all(isinstance(label, str) for label in rows)
        and isinstance(table.get("words"), str)
        and isinstance(columns, dict)
        and all(isinstance(cells, list) and all(map(_is_cell, cells)) for cells in columns.values())
    )


def _is_cell(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value is None or (isinstance(value, str) and value in _INFINITE)
    return abs(value) <= sys.float_info.max


def _write_table(table: Table) -> dict[str, object]:
    named = [column.id for column in table.columns if column.kind in _WORDS and column.id != _HASH]
    words = {name: [str(value) for value in table.rows[name].tolist()] for name in named}
    told = json.dumps(words, ensure_ascii=False, sort_keys=True)
    rows = [" · ".join(words[name][row] for name in named[:3]) for row in range(len(table.rows))]
    return {
        "rows": rows,
        "columns": {
            column.id: [_to_plain(value) for value in table.rows[column.id].tolist()]
            for column in table.columns
            if column.kind not in _WORDS
        },
        "words": hashlib.sha256(told.encode()).hexdigest(),
    }


def _to_plain(value: Any) -> float | int | str | None:
    number = float(value) if value is not None else math.nan
    if math.isnan(number):
        return None
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def find_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[Difference], list[str]]:
    """Find every number that differs, and the tables whose words differ.

    Rows are compared by what names them where that is unique on both sides, else by their place.

    Parameters
    ----------
    before, after
        As `write_numbers` returns.
    """
    found: list[Difference] = []
    words = []
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name, {}), after.get(name, {})
        found.extend(_compare(name, old, new))
        if old.get("words") != new.get("words"):
            words.append(name)
    return found, words


def _compare(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    old_rows, new_rows = list(old.get("rows", ())), list(new.get("rows", ()))
    columns = [*old.get("columns", {}), *(one for one in new.get("columns", {}) if one not in old.get("columns", {}))]
    by_label = len(set(old_rows)) == len(old_rows) and len(set(new_rows)) == len(new_rows)
    place = {label: row for row, label in enumerate(new_rows)} if by_label else {}
    pairs: list[tuple[int | None, int | None]] = [
        (row, place.get(label) if by_label else row if row < len(new_rows) else None)
        for row, label in enumerate(old_rows)
    ]
    seen = {row for _, row in pairs}
    pairs += [(None, row) for row in range(len(new_rows)) if row not in seen]
    for old_row, new_row in pairs:
        label = old_rows[old_row] if old_row is not None else new_rows[new_row or 0]
        for column in columns:
            one, other = _read(old, column, old_row), _read(new, column, new_row)
            if one != other:
                row = old_row if old_row is not None else new_row or 0
                yield Difference(name, row, label, column, one, other)


def _read(table: Mapping[str, Any], column: str, row: int | None) -> float | None:
    cells = table.get("columns", {}).get(column)
    if cells is None or row is None or row >= len(cells) or cells[row] is None:
        return None
    value = cells[row]
    return _INFINITE.get(value, math.nan) if isinstance(value, str) else float(value)
