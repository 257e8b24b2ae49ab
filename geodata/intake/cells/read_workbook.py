"""Reads the first filled sheet of a workbook (.xlsx, .xls, .et, .xlsb, .ods) as rows of text, without calculating."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from coverage.errors import DataIssue, InputError
from geodata.files.safe_files import check_zip
from geodata.jobs.tasks import Request
from geodata.jobs.worker import run_task

MAX_ROWS = 1_048_576
MAX_CELLS = 20_000_000

_MAX_PARTS = 2000
_MAX_MB = 400.0
_ZIP_HEAD = b"PK"
_ZIP_ENDINGS = (".xlsx", ".xlsb", ".ods")
_OLE_ENDINGS = (".xls", ".xlsx")  # a workbook with a password is an .xlsx within the old container
_LIMITS = ("file.needs_memory", "file.needs_time")


def read_workbook(file: Path, *, max_columns: int) -> tuple[list[list[str]], list[DataIssue]]:
    """Read the first visible sheet that holds anything, every cell as text.

    Numbers keep the digits of the file, days become ``2027-06-30``, TRUE and FALSE ``true`` and ``false``.
    Nothing is calculated: a formula gives the value that was last saved with it. Cells with an error (``#REF!``) are
    blank. The library that reads runs in a process of its own, with limits to its memory and time.

    Parameters
    ----------
    file
        The workbook; a checked local file.
    max_columns
        Most columns a sheet may have.

    Returns
    -------
    The rows from row 1 of the sheet on (blank ones are empty lists), and what was found: further sheets with content.

    Raises
    ------
    InputError
        ``workbook.unreadable``, ``workbook.encrypted``, ``workbook.too_large``, ``table.too_many_columns``, or
        ``zip.*`` if the archive is suspicious.
    """
    with file.open("rb") as stream:
        is_zip = stream.read(len(_ZIP_HEAD)) == _ZIP_HEAD
    if is_zip:
        check_zip(file, max_files=_MAX_PARTS, max_mb=_MAX_MB)
    request: Request = {
        "endings": _ZIP_ENDINGS if is_zip else _OLE_ENDINGS,
        "max_columns": max_columns,
        "max_rows": MAX_ROWS,
        "max_cells": MAX_CELLS,
    }
    with tempfile.TemporaryDirectory(prefix="book-") as folder:
        request["copy"] = str(shutil.copyfile(file, Path(folder, "book")))
        try:
            answer = run_task("workbook", file, request)
        except InputError as error:
            if error.code == "file.unreadable":
                raise InputError("workbook.unreadable", file=file.name) from error
            if error.code in _LIMITS:
                raise InputError("workbook.too_large", file=file.name) from error
            raise
    return list(answer.rows), _note_unused(answer.head["used"], answer.head["unused"], file.name)


def _note_unused(used: str, unused: list[str], source: str) -> list[DataIssue]:
    if not unused:
        return []
    facts = (("used", used[:60]),)
    value = ", ".join(unused)[:200]
    return [DataIssue("workbook.sheets_unused", "warning", source, len(unused), value=value, facts=facts)]
