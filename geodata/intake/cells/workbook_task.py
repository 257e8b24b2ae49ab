"""Reads a workbook: the part of `geodata.intake.cells.read_workbook` that runs in a process of its own.

The library keeps a sheet as one full rectangle. Two cells in opposite corners of a sheet ask for half a terabyte, and
a library that gets no memory ends its process; so that must not be the process that serves everybody.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine

from coverage.errors import InputError
from coverage.progress import Progress
from geodata.jobs.tasks import Answer, Request

_MAX_CHARACTERS = 400_000_000
_SHEET = re.compile(r"/?xl[/\\]worksheets[/\\][^/\\]+\.xml", re.IGNORECASE)
_PADDED = re.compile(rb"<(?:\w+:)?v>\s+|\s+</(?:\w+:)?v>")


def read_sheet(request: Request, progress: Progress) -> Answer:
    """Read the rows of the first filled sheet; the head names it (``used``) and the filled sheets after it.

    Parameters
    ----------
    request
        ``copy``: a copy of the workbook, which is renamed; ``endings`` to try; ``max_columns``, ``max_rows``,
        ``max_cells``; ``source``.
    progress
        Not told: a workbook is read in moments.

    Raises
    ------
    InputError
        ``workbook.unreadable``, ``workbook.encrypted``, ``workbook.too_large`` or ``table.too_many_columns``.
    """
    head: dict[str, Any] = {"used": "", "unused": []}
    return Answer(head, rows=_read_guarded(request, head))


def _read_guarded(request: Request, head: dict[str, Any]) -> Iterator[list[str]]:
    source = request["source"]
    try:
        _strip_values(Path(request["copy"]))
        with _open_book(Path(request["copy"]), request["endings"], source) as book:
            yield from _read_rows(book, request, head)
    except (InputError, GeneratorExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise InputError("workbook.too_large" if _is_limit(error) else "workbook.unreadable", file=source) from error


def _strip_values(file: Path) -> None:
    """Take the blanks off the values of an .xlsx: R pads numbers, which the library refuses or takes for other cells.

    The copy is written anew only where a value has blanks around it; formats other than .xlsx have no such parts.
    """
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        sheets = [name for name in archive.namelist() if _SHEET.fullmatch(name)]
        padded = {name for name in sheets if _PADDED.search(archive.read(name))}
        if not padded:
            return
        with zipfile.ZipFile(file.with_suffix(".stripped"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as stripped:
            for name in archive.namelist():
                content = archive.read(name)
                stripped.writestr(
                    name, _PADDED.sub(lambda found: found[0].strip(), content) if name in padded else content
                )
    file.with_suffix(".stripped").replace(file)


def _is_limit(error: BaseException) -> bool:
    """Tell whether there was too much for the memory, or for the library's own limit of cells."""
    return isinstance(error, MemoryError) or "limit exceeded" in str(error)


def _open_book(file: Path, endings: list[str], source: str) -> calamine.CalamineWorkbook:
    """Open a workbook as the first format that fits; the library goes by the ending, which people get wrong."""
    failure: Exception | None = None
    for ending in endings:
        file = file.rename(file.with_suffix(ending))
        try:
            return calamine.CalamineWorkbook.from_path(file)
        except calamine.PasswordError as error:
            raise InputError("workbook.encrypted", file=source) from error
        except Exception as error:  # OSError too; a panic goes on to `main`
            failure = error if failure is None or _is_limit(error) else failure
    raise failure or ValueError("no ending")


def _read_rows(book: calamine.CalamineWorkbook, request: Request, head: dict[str, Any]) -> Iterator[list[str]]:
    for number, sheet in enumerate(book.sheets_metadata):
        if sheet.visible != calamine.SheetVisibleEnum.Visible or sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        filled = book.get_sheet_by_index(number)
        if not any(_say(cell).strip() for row in filled.iter_rows() for cell in row):
            continue
        if head["used"]:
            head["unused"].append(sheet.name)
            continue
        head["used"] = sheet.name
        yield from _read_cells(filled, request)


def _read_cells(sheet: calamine.CalamineSheet, request: Request) -> Iterator[list[str]]:
    cells = characters = 0
    blank = [""] * (sheet.start[1] if sheet.start else 0)  # the library leaves out empty columns at the left
    for number, values in enumerate(sheet.iter_rows(), start=1):
        row = blank + [_say(value) for value in values]
        while row and not row[-1]:
            row.pop()
        if len(row) > request["max_columns"]:
            facts = {"count": len(row), "max_columns": request["max_columns"]}
            raise InputError("table.too_many_columns", file=request["source"], **facts)
        cells += len(row)
        characters += sum(map(len, row))
        if number > request["max_rows"] or cells > request["max_cells"] or characters > _MAX_CHARACTERS:
            raise InputError("workbook.too_large", file=request["source"])
        yield row


def _say(value: Any) -> str:
    """Write a cell as a person would type it: binary rounding (87.620000000000005) is none of what was typed."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.time):
        return value.isoformat("seconds" if value.second or value.microsecond else "minutes")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    return str(value)
