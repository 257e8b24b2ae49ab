"""Reads a cost matrix as a table of pairs (demand point, site, cost) with the weights of its demand points.

Strict, because a solver believes every number: one row that cannot be used refuses the whole table, with all
such rows told at once. Only a pair with an empty cost is no fault: it says that there is no way.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import DataIssue, InputError
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file
from geodata.intake.cells.column_names import find_columns
from geodata.intake.cells.read_table import decode_text, find_separator, name_columns
from geodata.intake.cells.row_checks import parse_numbers

MAX_COSTS_MB = 2000.0

_ROWS_SHOWN = 20
_CONTROL = r"[\x00-\x1f\x7f-\x9f]"

LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CostMatrix:
    """Who is to be served, where a site could be, and what it costs between them.

    Parameters
    ----------
    demand_id, weight
        Demand points in the order of their table, shape (d,).
    site_id
        Sites, sorted as text, so that the order of rows changes nothing, shape (s,).
    demand, site, cost
        Pairs by rows of `demand_id` and `site_id`, sorted by site, then demand point, shape (n,).
    rows_in, rows_accepted, rows_rejected
        Rows of the table of costs: found, used, and left out because their cost is empty.
    issues
        What was found while reading.
    """

    demand_id: npt.NDArray[np.object_]
    weight: FloatArray
    site_id: npt.NDArray[np.object_]
    demand: LongArray
    site: LongArray
    cost: FloatArray
    rows_in: int
    rows_accepted: int
    rows_rejected: int
    issues: tuple[DataIssue, ...]


@reads_file
def read_costs(costs: Path, demand: Path) -> CostMatrix:
    """Read a table of costs and a table of weights.

    Parameters
    ----------
    costs
        CSV with ``demand_id, site_id, cost``, one row for each pair; absent pairs cannot be reached. The
        names ``origin_id, destination_id, minutes`` are understood too.
    demand
        CSV with ``demand_id, weight``.

    Returns
    -------
    The matrix. Ids are text: leading zeros stay, outer space goes. Rows in = accepted + rejected.

    Raises
    ------
    InputError
        ``costs.rows_wrong`` once with all rows that cannot be used: an id is empty or unknown, a cost or weight
        is no number, negative or infinite, a pair or a demand point stands twice, a row has too many cells.
        ``file.*`` and ``table.*``: a file cannot be read at all.
    """
    ids, weight, weight_issues = _read_weights(demand)
    cells = _read_cells(costs, ("demand_id", "site_id"), ("cost", "minutes"))
    account = _Account(cells)
    points, site_names = cells.texts
    row_of_point = pd.Index(ids).get_indexer(pd.Index(points.names))[points.code]
    account.refuse(points.is_empty, "costs.id_empty", 0)
    account.refuse(row_of_point < 0, "costs.demand_unknown", 0)
    account.refuse(site_names.is_empty, "costs.id_empty", 1)
    account.check_numbers()
    is_empty = cells.is_empty & ~account.wrong
    used = ~is_empty & ~account.wrong
    order = np.argsort(site_names.names, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    site_code = rank[site_names.code]
    key = site_code * max(len(ids), 1) + row_of_point
    account.refuse_repeats(key, used)
    account.close()
    present = np.zeros(len(order), dtype=bool)
    present[site_code] = True
    issues = [*weight_issues, *cells.issues]
    if is_empty.any():
        shown = tuple(int(row) for row in cells.rows[is_empty][:_ROWS_SHOWN])
        issues.append(DataIssue("costs.no_way", "rejected", cells.source, int(is_empty.sum()), shown, cells.columns[2]))
    by_key = np.flatnonzero(used)[np.argsort(key[used], kind="stable")]
    return CostMatrix(
        demand_id=ids,
        weight=weight,
        site_id=site_names.names[order][present],
        demand=row_of_point[by_key].astype(np.int64),
        site=(np.cumsum(present) - 1)[site_code[by_key]],
        cost=cells.number[by_key],
        rows_in=len(cells.rows),
        rows_accepted=len(by_key),
        rows_rejected=int(is_empty.sum()),
        issues=tuple(issues),
    )


def _read_weights(path: Path) -> tuple[npt.NDArray[np.object_], FloatArray, tuple[DataIssue, ...]]:
    cells = _read_cells(path, ("demand_id",), ("weight",))
    account = _Account(cells)
    (points,) = cells.texts
    account.refuse(points.is_empty, "costs.id_empty", 0)
    account.check_numbers()
    account.refuse(cells.is_empty, "costs.not_a_number", 1)
    account.refuse_repeats(points.code, ~account.wrong)
    account.close()
    return points.names[points.code], cells.number, cells.issues


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    """A column of ids as numbers of its different names."""

    names: npt.NDArray[np.object_]
    code: LongArray

    @property
    def is_empty(self) -> BoolArray:
        """Tell where no id stands, shape (n,)."""
        answer: BoolArray = (self.names == "")[self.code]
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The columns of a file that are asked for: ids, then one of numbers.

    Parameters
    ----------
    texts, number
        Ids and numbers; NaN where a cell is empty or holds no number.
    word
        The column of numbers as text, where it had to be read so.
    is_empty, is_unreadable
        Where the column of numbers holds nothing, or no number, shape (n,).
    too_long
        Rows with more cells than the header, shape (n,).
    rows
        Row numbers as a spreadsheet shows them, shape (n,).
    columns
        Names of the columns in the file.
    """

    texts: tuple[_Texts, ...]
    number: FloatArray
    word: pd.Series | None
    is_empty: BoolArray
    is_unreadable: BoolArray
    too_long: BoolArray
    rows: LongArray
    columns: tuple[str, ...]
    source: str
    issues: tuple[DataIssue, ...]


class _Account:
    """Which rows of a file cannot be used, and why; the first fault of a row counts."""

    def __init__(self, cells: _Cells) -> None:
        self._cells = cells
        self._problem = np.zeros(len(cells.rows), dtype=np.int64)
        self._value: dict[int, str] = {}
        self._known: list[tuple[str, int]] = [("", 0)]
        self.refuse(cells.too_long, "table.row_too_long", len(cells.columns) - 1)

    @property
    def wrong(self) -> BoolArray:
        """Tell which rows cannot be used, shape (n,)."""
        answer: BoolArray = self._problem > 0
        return answer

    def refuse(self, mask: BoolArray, problem: str, column: int) -> None:
        """Note a fault of the rows of a mask."""
        self._known.append((problem, column))
        self._problem[mask & ~self.wrong] = len(self._known) - 1

    def check_numbers(self) -> None:
        """Note numbers that are none, infinite or negative."""
        last, number = len(self._cells.columns) - 1, self._cells.number
        self.refuse(self._cells.is_unreadable, "costs.not_a_number", last)
        self.refuse(np.isinf(number), "costs.not_finite", last)
        self.refuse(number < 0, "costs.negative", last)

    def refuse_repeats(self, key: LongArray, used: BoolArray) -> None:
        """Note rows whose key stood in an earlier row."""
        place = np.flatnonzero(used)
        place = place[np.argsort(key[place], kind="stable")]
        again = np.flatnonzero(key[place][1:] == key[place][:-1]) + 1
        mask = np.zeros(len(used), dtype=bool)
        mask[place[again]] = True
        fresh = np.ones(len(place), dtype=bool)
        fresh[again] = False
        first = place[np.maximum.accumulate(np.where(fresh, np.arange(len(place)), 0))]
        for at in again[np.argsort(place[again])][:_ROWS_SHOWN]:
            self._value[int(place[at])] = f"= {int(self._cells.rows[first[at]])}"
        self.refuse(mask, "costs.twice", 0)

    def close(self) -> None:
        """Raise `InputError` with everything noted, if anything is."""
        wrong = np.flatnonzero(self.wrong)
        if not len(wrong):
            return
        cells = self._cells
        lines = []
        for place in wrong[:_ROWS_SHOWN].tolist():
            problem, column = self._known[self._problem[place]]
            value = self._show(place, column)
            lines.append((int(cells.rows[place]), cells.columns[column], problem, value))
        row, name, problem, value = lines[0]
        listed = "\n".join(f"{row} · {name} · {value}" for row, name, _, value in lines)
        raise InputError(
            "costs.rows_wrong",
            file=cells.source,
            count=len(wrong),
            rows_in=len(cells.rows),
            row=row,
            column=name,
            problem=problem,
            value=value,
            listed=listed + ("\n…" if len(wrong) > len(lines) else ""),
        )

    def _show(self, place: int, column: int) -> str:
        cells = self._cells
        if place in self._value:
            words = [str(text.names[text.code[place]]) for text in cells.texts]
            return f"{', '.join(words)} {self._value[place]}"[:100]
        if column < len(cells.texts):
            text = cells.texts[column]
            return str(text.names[text.code[place]])[:100]
        return str(cells.number[place] if cells.word is None else cells.word.iloc[place])[:100]


def _read_cells(path: Path, id_fields: Sequence[str], number_fields: Sequence[str]) -> _Cells:
    """Read columns of ids and one of numbers (the first field that is there); as text only where some are none."""
    file = check_input_file(path, max_mb=MAX_COSTS_MB)
    text = decode_text(file.read_bytes(), file.name)
    separator = find_separator(text)
    stream = io.StringIO(text, newline="")
    head = csv.reader(stream, delimiter=separator)
    try:
        header = next((record for record in head if any(cell.strip() for cell in record)), [])
    except csv.Error as error:
        raise InputError("table.quotes_broken", file=file.name, row=1) from error
    names = name_columns(header, file.name)
    wanted = [*((field,) for field in id_fields), number_fields]
    places = [_find_place(names, fields) for fields in wanted]
    lacking = [fields[0] for fields, place in zip(wanted, places, strict=True) if place < 0]
    if lacking:
        raise InputError("table.columns_missing", table=file.name, columns=", ".join(lacking))
    body = text[stream.tell() :]
    table, number_is_text = _parse(body, separator, head.line_num, places, len(names), file.name)
    number_at = places[-1]
    empty = table[number_at].fillna("").astype(str).str.strip() == "" if number_is_text else table[number_at].isna()
    texts = tuple(_to_texts(table[place]) for place in places[:-1])
    is_empty = empty.to_numpy(dtype=bool)
    beyond = table[len(names)]
    too_long = np.zeros(len(table), dtype=bool)
    filled = np.flatnonzero(beyond.notna().to_numpy(dtype=bool))
    too_long[filled] = (beyond.iloc[filled].astype(str).str.strip() != "").to_numpy(dtype=bool)
    blank = is_empty & ~too_long
    for text_column in texts:
        blank &= text_column.is_empty
    if number_is_text:
        number, unreadable = parse_numbers(table[number_at])
    else:
        number, unreadable = table[number_at].to_numpy(dtype=np.float64), np.zeros(len(table), dtype=bool)
    kept = np.flatnonzero(~blank)
    if not len(kept):
        raise InputError("table.empty", file=file.name)
    issues: list[DataIssue] = []
    if blank.any():
        issues.append(DataIssue("table.blank_rows", "note", file.name, int(blank.sum())))
    unused = [name for place, name in enumerate(names) if place not in places]
    if unused:
        issues.append(DataIssue("table.columns_unused", "note", file.name, len(unused), value=", ".join(unused)[:2000]))
    return _Cells(
        texts=tuple(_Texts(column.names, column.code[kept]) for column in texts),
        number=number[kept],
        word=table[number_at].iloc[kept] if number_is_text else None,
        is_empty=is_empty[kept],
        is_unreadable=unreadable[kept],
        too_long=too_long[kept],
        rows=(kept + head.line_num + 1).astype(np.int64),
        columns=tuple(names[place] for place in places),
        source=file.name,
        issues=tuple(issues),
    )


def _find_place(names: list[str], fields: Sequence[str]) -> int:
    """Return the place of the column that one of these fields stands in, the first field first, -1 if none does."""
    return next((names.index(column) for field in fields for column in find_columns(field, names)), -1)


def _parse(
    body: str, separator: str, head_lines: int, places: list[int], width: int, source: str
) -> tuple[pd.DataFrame, bool]:
    """Parse the rows below the header; return whether the numbers had to be kept as text.

    The table has one column more than the header, for what stands beyond it.
    """
    # The parser learns from the first row how many cells there are.
    content = (separator.join(["0"] * (width + 1)) + "\n" + body).encode()
    for number_type, is_text in ((np.float64, False), (str, True)):
        # As objects, not as categories: those would turn 001 into 1.
        kinds = dict.fromkeys(range(width + 1), object) | {places[-1]: number_type}
        try:
            table = pd.read_csv(
                io.BytesIO(content),
                sep=separator,
                header=None,
                dtype=kinds,
                engine="c",
                keep_default_na=False,
                na_values=[""],
                skip_blank_lines=False,
                low_memory=False,
            )
        except pd.errors.ParserError as error:
            raise _explain(error, source, head_lines - 1) from error
        except ValueError:
            continue
        return table.iloc[1:].reset_index(drop=True), is_text
    raise InputError("file.not_a_table", file=source)


def _explain(error: Exception, source: str, before: int) -> InputError:
    """Put what the parser refuses into an error of ours; its lines begin after `before` others."""
    message = str(error)
    number = re.search(r"(?:line|row) (\d+)", message)
    row = before + int(number.group(1)) if number else 0
    if "EOF inside string" in message:
        return InputError("table.quotes_broken", file=source, row=row + 1)
    return InputError("costs.row_too_long", file=source, row=row)


def _to_texts(column: pd.Series) -> _Texts:
    """Turn a column of text into names without outer space or control characters, and their numbers."""
    code, found = pd.factorize(column.fillna("").to_numpy(dtype=object))
    clean = pd.Series(found, dtype=object).astype(str).str.replace(_CONTROL, "", regex=True).str.strip()
    merged, names = pd.factorize(clean.to_numpy(dtype=object))
    return _Texts(np.asarray(names, dtype=object), merged[code].astype(np.int64))
