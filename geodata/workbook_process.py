"""Reads a workbook in a process of its own: started as a script by `geodata.read_workbook`, never imported.

The library keeps a sheet as one full rectangle. Two cells in opposite corners of a sheet ask for half a terabyte, and
a library that gets no memory ends its process; so that must not be the process that serves everybody.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import python_calamine as calamine

_MAX_BYTES = 4 << 30  # of memory
_MAX_CHARACTERS = 400_000_000
_SHEET = re.compile(r"/?xl[/\\]worksheets[/\\][^/\\]+\.xml", re.IGNORECASE)
_PADDED = re.compile(rb"<(?:\w+:)?v>\s+|\s+</(?:\w+:)?v>")


class _Refusal(Exception):  # noqa: N818 - no mistake of the program
    """A code of ours with its facts."""

    def __init__(self, code: str, **facts: int) -> None:
        super().__init__(code)
        self.answer = {"error": code, **facts}


def main() -> None:
    """Write each row of the first filled sheet as one line of JSON, and what else there is as the last line.

    Arguments: a copy of the workbook (it is renamed), the endings to try, most columns, most rows, most cells.
    """
    file, endings, max_columns, max_rows, max_cells = sys.argv[1:]
    _limit_memory()
    try:
        _strip_values(Path(file))
        with _open_book(Path(file), endings.split(",")) as book:
            answer = _write_rows(book, int(max_columns), int(max_rows), int(max_cells))
    except _Refusal as refusal:
        answer = refusal.answer
    except BaseException as error:  # a panic of the library is no Exception
        answer = {"error": "workbook.too_large" if _is_limit(error) else "workbook.unreadable"}
    _write_line(answer)


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


def _limit_memory() -> None:
    """Limit the memory of this process, where the system can (Windows cannot)."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_BYTES, _MAX_BYTES))


def _is_limit(error: BaseException) -> bool:
    """Tell whether there was too much for the memory, or for the library's own limit of cells."""
    return isinstance(error, MemoryError) or "limit exceeded" in str(error)


def _open_book(file: Path, endings: list[str]) -> calamine.CalamineWorkbook:
    """Open a workbook as the first format that fits; the library goes by the ending, which people get wrong."""
    failure: Exception | None = None
    for ending in endings:
        file = file.rename(file.with_suffix(ending))
        try:
            return calamine.CalamineWorkbook.from_path(file)
        except calamine.PasswordError as error:
            raise _Refusal("workbook.encrypted") from error
        except Exception as error:  # OSError too; a panic goes on to `main`
            failure = error if failure is None or _is_limit(error) else failure
    raise failure or ValueError("no ending")


def _write_rows(book: calamine.CalamineWorkbook, max_columns: int, max_rows: int, max_cells: int) -> dict[str, Any]:
    """Write the rows of the first filled sheet; the answer names it and the filled sheets after it."""
    used = ""
    unused: list[str] = []
    for number, sheet in enumerate(book.sheets_metadata):
        if sheet.visible != calamine.SheetVisibleEnum.Visible or sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        filled = book.get_sheet_by_index(number)
        if not any(_say(cell).strip() for row in filled.iter_rows() for cell in row):
            continue
        if used:
            unused.append(sheet.name)
            continue
        used = sheet.name
        _write_sheet(filled, max_columns, max_rows, max_cells)
    return {"used": used, "unused": unused}


def _write_sheet(sheet: calamine.CalamineSheet, max_columns: int, max_rows: int, max_cells: int) -> None:
    cells = characters = 0
    blank = [""] * (sheet.start[1] if sheet.start else 0)  # the library leaves out empty columns at the left
    for number, values in enumerate(sheet.iter_rows(), start=1):
        row = blank + [_say(value) for value in values]
        while row and not row[-1]:
            row.pop()
        if len(row) > max_columns:
            raise _Refusal("table.too_many_columns", count=len(row))
        cells += len(row)
        characters += sum(map(len, row))
        if number > max_rows or cells > max_cells or characters > _MAX_CHARACTERS:
            raise _Refusal("workbook.too_large")
        _write_line(row)


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


def _write_line(content: Any) -> None:
    sys.stdout.buffer.write(json.dumps(content, ensure_ascii=False).encode("utf-8") + b"\n")


if __name__ == "__main__":
    main()
