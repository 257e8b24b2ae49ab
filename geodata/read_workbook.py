"""Reads the first filled sheet of an Excel workbook (.xlsx) as rows of text; formulas give the value last shown."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from coverage.errors import DataIssue, InputError
from geodata.safe_files import extract_zip

MAX_ROWS = 1_048_576
MAX_CELLS = 20_000_000

_MAX_PARTS = 2000
_MAX_MB = 400.0
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_DAY_FORMATS = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")  # a control character, as a workbook spells it


def read_workbook(file: Path, *, max_columns: int) -> tuple[list[list[str]], list[DataIssue]]:
    """Read the first sheet that holds anything, every cell as text.

    Numbers keep the digits of the file, days become ``2027-06-30``, TRUE and FALSE ``true`` and ``false``.
    Nothing is calculated: a formula gives the value that was last saved with it.

    Parameters
    ----------
    file
        The workbook; a checked local file.
    max_columns
        Most columns a sheet may have.

    Returns
    -------
    The rows from row 1 of the sheet on (blank ones are empty lists), and what was found: further sheets with
    content, cells with an error, formulas without a value.

    Raises
    ------
    InputError
        ``workbook.unreadable``, ``table.too_many_columns``, ``workbook.too_large``, or ``zip.*`` if the archive is
        suspicious.
    """
    with tempfile.TemporaryDirectory(prefix="book-") as folder:
        extract_zip(file, Path(folder), max_files=_MAX_PARTS, max_mb=_MAX_MB)
        try:
            return _Book(Path(folder), file.name, max_columns).read()
        except (ElementTree.ParseError, KeyError, ValueError, IndexError, OSError, OverflowError) as error:
            raise InputError("workbook.unreadable", file=file.name) from error


class _Book:
    """One unpacked workbook while it is read."""

    def __init__(self, folder: Path, source: str, max_columns: int) -> None:
        self.folder = folder
        self.source = source
        self.max_columns = max_columns
        self.texts = self._read_texts()
        self.days = self._find_day_styles()
        self.issues: list[DataIssue] = []
        self.errors: list[int] = []
        self.uncalculated: list[int] = []

    def read(self) -> tuple[list[list[str]], list[DataIssue]]:
        """Return the rows of the first filled sheet, and the findings."""
        sheets = self._list_sheets()
        for number, (_, part) in enumerate(sheets):
            self.errors, self.uncalculated = [], []
            rows = self._read_sheet(part)
            if any(any(cell.strip() for cell in row) for row in rows):
                self._note_cells("workbook.error_cells", self.errors)
                self._note_cells("workbook.not_calculated", self.uncalculated)
                others = [name for name, other in sheets[number + 1 :] if self._is_filled(other)]
                if others:
                    value = ", ".join(others)[:200]
                    facts = (("used", sheets[number][0][:60]),)
                    self.issues.append(
                        DataIssue(
                            "workbook.sheets_unused", "warning", self.source, len(others), value=value, facts=facts
                        )
                    )
                return rows, self.issues
        return [], self.issues

    def _note_cells(self, code: str, rows: list[int]) -> None:
        if rows:
            shown = tuple(dict.fromkeys(rows))[:20]
            self.issues.append(DataIssue(code, "warning", self.source, len(rows), shown))

    def _part(self, name: str) -> Path:
        return self.folder / name.lstrip("/")

    def _parse(self, part: Path) -> Iterator[ElementTree.Element]:
        """Yield elements as they end; a document type, which a workbook never has, could define entities."""
        with part.open("rb") as stream:
            if b"<!DOCTYPE" in stream.read(4096).replace(b"\0", b""):
                raise ValueError("document type")
            stream.seek(0)
            for _, element in ElementTree.iterparse(stream, events=("end",)):  # noqa: S314 - no DOCTYPE
                yield element

    def _list_sheets(self) -> list[tuple[str, Path]]:
        links = {
            element.get("Id", ""): element.get("Target", "")
            for element in self._parse(self._part("xl/_rels/workbook.xml.rels"))
            if element.tag.endswith("}Relationship")
        }
        sheets = []
        for element in self._parse(self._part("xl/workbook.xml")):
            if element.tag == f"{_MAIN}sheet" and element.get("state", "visible") == "visible":
                target = links[element.get(_LINK, "")]
                part = self._part(target if target.startswith("/") else f"xl/{target}")
                if not part.resolve().is_relative_to(self.folder.resolve()):
                    raise ValueError("a sheet outside the workbook")
                if "worksheets" in target:
                    sheets.append((element.get("name", ""), part))
        return sheets

    def _read_texts(self) -> list[str]:
        part = self._part("xl/sharedStrings.xml")
        if not part.is_file():
            return []
        texts = []
        for element in self._parse(part):
            if element.tag == f"{_MAIN}si":
                texts.append(_join_runs(element))
                element.clear()
        return texts

    def _find_day_styles(self) -> frozenset[int]:
        """Find the cell styles that show a number as a day."""
        part = self._part("xl/styles.xml")
        if not part.is_file():
            return frozenset()
        own: dict[int, str] = {}
        days: set[int] = set()
        for element in self._parse(part):
            if element.tag == f"{_MAIN}numFmt":
                own[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
            elif element.tag == f"{_MAIN}cellXfs":
                for style, cell in enumerate(element.findall(f"{_MAIN}xf")):
                    number = int(cell.get("numFmtId", "0"))
                    shown = _QUOTED.sub("", own.get(number, "")).lower()
                    if number in _DAY_FORMATS or "y" in shown or ("m" in shown and "d" in shown):
                        days.add(style)
        return frozenset(days)

    def _is_filled(self, part: Path) -> bool:
        return any(
            element.tag in (f"{_MAIN}v", f"{_MAIN}t") and (element.text or "").strip() for element in self._parse(part)
        )

    def _read_sheet(self, part: Path) -> list[list[str]]:
        rows: list[list[str]] = []
        cells = 0
        for element in self._parse(part):
            if element.tag != f"{_MAIN}row":
                continue
            number = int(element.get("r") or len(rows) + 1)
            if not len(rows) < number <= MAX_ROWS:
                raise ValueError("rows out of order")
            row = self._read_row(element, number)
            cells += len(row)
            if cells > MAX_CELLS:
                raise InputError("workbook.too_large", file=self.source)
            if row:
                rows.extend([] for _ in range(number - len(rows) - 1))
                rows.append(row)
            element.clear()
        return rows

    def _read_row(self, element: ElementTree.Element, number: int) -> list[str]:
        row: list[str] = []
        for cell in element.findall(f"{_MAIN}c"):
            text = self._read_cell(cell, number)
            found = _REFERENCE.fullmatch(cell.get("r", ""))
            column = len(row) if found is None else _column_number(found[1])
            if not text:
                continue
            if column >= self.max_columns:
                raise InputError(
                    "table.too_many_columns", file=self.source, count=column + 1, max_columns=self.max_columns
                )
            row.extend([""] * (column + 1 - len(row)))
            row[column] = text
        return row

    def _read_cell(self, cell: ElementTree.Element, row: int) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find(f"{_MAIN}is")
            return "" if inline is None else _join_runs(inline)
        text = cell.findtext(f"{_MAIN}v") or ""
        if kind == "s":
            return self.texts[int(text)] if text else ""
        if kind == "e":
            self.errors.append(row)
            return ""
        if kind == "b":
            return {"1": "true", "0": "false"}.get(text, text)
        if not text:
            if cell.find(f"{_MAIN}f") is not None:
                self.uncalculated.append(row)
            return ""
        if kind == "n" and int(cell.get("s") or 0) in self.days:
            return _say_day(text)
        return _plain_number(text) if kind == "n" else _unescape(text)


def _join_runs(element: ElementTree.Element) -> str:
    """Join the runs of a text; how a name is read aloud (phonetic runs) is no part of it."""
    texts = [element.findtext(f"{_MAIN}t") or ""]
    texts += [run.findtext(f"{_MAIN}t") or "" for run in element.findall(f"{_MAIN}r")]
    return _unescape("".join(texts))


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _plain_number(text: str) -> str:
    """Write a number as a person would: binary rounding (87.620000000000005) is none of what was typed."""
    return f"{float(text):.15g}" if len(text) > 15 else text


def _say_day(text: str) -> str:
    """Turn a day number (1 is 1900-01-01, with the leap day 1900 never had) into ``2027-06-30``."""
    days = float(text)
    if not 61.0 <= days < 2_958_466.0:
        return text
    return (dt.date(1899, 12, 30) + dt.timedelta(days=int(days))).isoformat()
