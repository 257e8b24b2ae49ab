"""Reads tables and point layers as plain text cells with their row numbers; meaning is added by other readers."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import DataIssue, InputError
from geodata.files.crs import reproject_to_wgs84
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file
from geodata.intake.cells.column_names import is_known
from geodata.intake.cells.personal_columns import drop_personal_columns
from geodata.intake.cells.read_workbook import read_workbook
from geodata.intake.cells.vector_files import VECTOR_FORMATS, read_vector, sniff_format

MAX_TABLE_MB = 300.0
MAX_COLUMNS = 500
MAX_CELL_CHARACTERS = 2000

_HEAD_BYTES = 4096
_TITLES_AT_MOST = 20  # rows from the top among which the names of the columns are looked for
_SEPARATORS = (",", ";", "\t")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:\s*[,，;；\s]\s*[+-]?\d+(?:\.\d+)?)?")  # one, or a pair of positions
_YEAR = re.compile(r"(?:19|20)\d{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """A table as it stands in a file.

    Parameters
    ----------
    table
        Every cell as text, index 0..n-1; columns of personal data are gone already.
    rows
        Row numbers as a spreadsheet shows them (the first row of data is 2), shape (n,).
    too_long
        True where a row has more cells than the header, so that its columns cannot be trusted, shape (n,).
    geometry
        Geometry in WGS-84, aligned with `table`, or None.
    source
        Name of the file.
    issues
        What was found while reading.
    """

    table: pd.DataFrame
    rows: npt.NDArray[np.int64]
    too_long: npt.NDArray[np.bool_]
    geometry: gpd.GeoSeries | None
    source: str
    issues: tuple[DataIssue, ...]


@reads_file
def read_table(path: str | Path, *, layer: str | None = None, assumed_crs: str | None = None) -> RawTable:
    """Read a CSV file, a workbook (.xlsx, .xls, .et, .xlsb, .ods), or a layer of points or polygons.

    The format is told from the content. CSV may be UTF-8 (with or without mark), UTF-16 with mark or
    GB18030, separated by comma, semicolon or tab. Titles above the names of the columns are passed over.

    Parameters
    ----------
    path
        The file.
    layer
        Which layer of a file with several.
    assumed_crs
        Coordinate system of a layer that declares none, e.g. ``"EPSG:4490"``.

    Raises
    ------
    InputError
        ``file.*``, ``zip.*``, ``crs.*``, ``workbook.*`` or ``table.*``: the file cannot be read at all.
    """
    file = check_input_file(path, max_mb=MAX_TABLE_MB)
    found = sniff_format(file)
    if found == "csv":
        return _read_csv(file)
    if found == "workbook":
        records, issues = read_workbook(file, max_columns=MAX_COLUMNS)
        return _build_table(records, file.name, issues)
    if found in VECTOR_FORMATS or found == "zip":
        return _read_layer(file, layer, assumed_crs)
    raise InputError("file.not_a_table", file=file.name)


def decode_text(content: bytes, source: str) -> str:
    """Decode a text file by its mark, else strictly as UTF-8, else as GB18030; `InputError` if none fits."""
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    if content.count(b"\0", 0, _HEAD_BYTES) > len(content[:_HEAD_BYTES]) // 4:
        encodings = ()  # UTF-16 without its mark, or no text at all
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif content.startswith(b"\xef\xbb\xbf"):
        encodings = ("utf-8-sig",)
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and _is_damaged_utf8(content):
            break
        return text
    raise InputError("file.encoding_unknown", file=source)


def _is_damaged_utf8(content: bytes) -> bool:
    """Tell whether bytes are UTF-8 but for a few: GB18030 would take them and garble every name."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    foreign = sum(1 for character in text if character > "\x7f") if not text.isascii() else 0
    return broken < 0.1 * foreign


def _read_csv(file: Path) -> RawTable:
    text = decode_text(file.read_bytes(), file.name)
    separator = find_separator(text)
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        code = "table.cell_too_long" if "field larger" in str(error) else "table.quotes_broken"
        raise InputError(code, file=file.name, row=len(records) + 1) from error
    return _build_table(records, file.name, [])


def _build_table(records: list[list[str]], source: str, issues: list[DataIssue]) -> RawTable:
    """Make a table of rows of cells: titles, then the names of the columns, then the data."""
    header_at = _find_header(records)
    if header_at is None:
        raise InputError("table.empty", file=source)
    header = name_columns(records[header_at], source)
    body = [(number + 1, record) for number, record in enumerate(records) if number > header_at and _is_filled(record)]
    if not body:
        raise InputError("table.empty", file=source)
    width = len(header)
    too_long = np.array([any(cell.strip() for cell in record[width:]) for _, record in body], dtype=bool)
    cells = [[*record[:width], *[""] * (width - len(record))] for _, record in body]
    table = pd.DataFrame(cells, columns=header, dtype=str)
    rows = np.array([number for number, _ in body], dtype=np.int64)
    titles = [number for number in range(header_at) if _is_filled(records[number])]
    if titles:
        value = next(cell.strip() for cell in records[titles[0]] if cell.strip())[:100]
        shown = tuple(number + 1 for number in titles)
        issues.append(DataIssue("table.titles", "note", source, len(titles), shown, value=value))
    blank = len(records) - header_at - 1 - len(body)
    if blank:
        issues.append(DataIssue("table.blank_rows", "note", source, blank))
    return _finish(table, rows, too_long, None, source, issues)


def _find_header(records: list[list[str]]) -> int | None:
    """Find the row that names the columns: the first filled one that is no title.

    A title (a merged cell, "filled in by … on …") fills at most half of the cells that the fuller of the
    next rows fill; without any fuller row the first filled row is the header.
    """
    filled = [(number, _count_filled(record)) for number, record in enumerate(records) if _is_filled(record)]
    if not filled:
        return None
    usual = float(np.quantile([count for _, count in filled[:_TITLES_AT_MOST]], 0.75))
    return next((number for number, count in filled[:_TITLES_AT_MOST] if 2 * count > usual), filled[0][0])


def _count_filled(record: list[str]) -> int:
    return sum(1 for cell in record if cell.strip())


def find_separator(text: str) -> str:
    """Return what separates the cells: the mark the first line that has any has most of, a comma when in doubt."""
    lines = text[:_HEAD_BYTES].splitlines()[:_TITLES_AT_MOST]
    first = next((line for line in lines if any(_count_outside_quotes(line, mark) for mark in _SEPARATORS)), "")
    return max(_SEPARATORS, key=lambda mark: (_count_outside_quotes(first, mark), mark == ","))


def _is_filled(record: list[str]) -> bool:
    return any(cell.strip() for cell in record)


def _count_outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])


def name_columns(cells: list[str], source: str) -> list[str]:
    """Return the names of columns from a header; `InputError` where there are too many, one stands twice, or none is.

    A row with more numbers than names that some reader knows is a row of data: the header is missing.
    """
    names = [_CONTROL.sub("", cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    names = [name or f"column_{number}" for number, name in enumerate(names, start=1)]
    if len(names) > MAX_COLUMNS:
        raise InputError("table.too_many_columns", file=source, count=len(names), max_columns=MAX_COLUMNS)
    numbers = [name for name in names if _NUMBER.fullmatch(name) and not _YEAR.fullmatch(name)]
    if len(numbers) > sum(1 for name in names if is_known(name)):
        raise InputError("table.no_header", file=source, value=", ".join(names)[:200])
    twice = [name for number, name in enumerate(names) if name in names[:number]]
    if twice:
        raise InputError("table.column_twice", file=source, value=twice[0][:100])
    return names


def _read_layer(file: Path, layer: str | None, assumed_crs: str | None) -> RawTable:
    raw, remarks = read_vector(file, layer=layer)
    if not len(raw):
        raise InputError("table.empty", file=file.name)
    located, conversions = reproject_to_wgs84(raw, file.name, assumed=assumed_crs)
    columns = [str(column) for column in located.columns if column != located.geometry.name]
    if len(columns) > MAX_COLUMNS:
        raise InputError("table.too_many_columns", file=file.name, count=len(columns), max_columns=MAX_COLUMNS)
    table = pd.DataFrame({column: to_text(located[column]) for column in columns}, index=located.index)
    rows = np.arange(2, len(table) + 2, dtype=np.int64)
    too_long = np.zeros(len(table), dtype=bool)
    return _finish(table, rows, too_long, located.geometry, file.name, [*remarks, *conversions])


def to_text(values: pd.Series) -> pd.Series:
    """Turn a column of any type into text: whole numbers without a point, missing cells empty."""

    def word(value: Any) -> str:
        if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
            return ""
        if isinstance(value, bool | np.bool_):
            return "true" if value else "false"
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return str(value)

    return pd.Series([word(value) for value in values.tolist()], index=values.index, dtype=str)


def _finish(
    table: pd.DataFrame,
    rows: npt.NDArray[np.int64],
    too_long: npt.NDArray[np.bool_],
    geometry: gpd.GeoSeries | None,
    source: str,
    issues: list[DataIssue],
) -> RawTable:
    table, personal = drop_personal_columns(table, source)
    issues.extend(personal)
    cleaned: dict[str, pd.Series] = {}
    for column in map(str, table.columns):
        cells = table[column].str.strip()
        odd = cells.str.contains(_CONTROL).to_numpy(dtype=bool)
        if odd.any():
            cells = cells.str.replace(_CONTROL, "", regex=True)
            issues.append(_note_cells("table.control_characters", source, column, rows[odd]))
        long = (cells.str.len() > MAX_CELL_CHARACTERS).to_numpy(dtype=bool)
        if long.any():
            cells = cells.str.slice(0, MAX_CELL_CHARACTERS)
            issues.append(_note_cells("table.text_cut", source, column, rows[long]))
        cleaned[column] = cells
    clean = pd.DataFrame(cleaned, index=pd.RangeIndex(len(rows)))
    if geometry is not None:
        geometry = geometry.set_axis(clean.index)
    return RawTable(clean, rows, too_long, geometry, source, tuple(issues))


def _note_cells(code: str, source: str, column: str, rows: npt.NDArray[np.int64]) -> DataIssue:
    return DataIssue(code, "warning", source, len(rows), tuple(int(row) for row in rows[:20]), column[:100])
