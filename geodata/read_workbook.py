"""Reads the first filled sheet of a workbook (.xlsx, .xls, .et, .xlsb, .ods) as rows of text, without calculating."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from coverage.errors import DataIssue, InputError
from geodata.safe_files import check_zip

MAX_ROWS = 1_048_576
MAX_CELLS = 20_000_000

_MAX_PARTS = 2000
_MAX_MB = 400.0
_MAX_S = 300.0
_ZIP_HEAD = b"PK"
_ZIP_ENDINGS = ".xlsx,.xlsb,.ods"
_OLE_ENDINGS = ".xls,.xlsx"  # a workbook with a password is an .xlsx within the old container
_READER = Path(__file__).with_name("workbook_process.py")
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # only Windows has it


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
    with tempfile.TemporaryDirectory(prefix="book-") as folder:
        copy = Path(shutil.copyfile(file, Path(folder, "book")))
        *rows, answer = _run_reader(copy, file.name, _ZIP_ENDINGS if is_zip else _OLE_ENDINGS, max_columns)
    if not isinstance(answer, dict):
        raise InputError("workbook.unreadable", file=file.name)
    code = answer.get("error")
    if code == "table.too_many_columns":
        raise InputError(code, file=file.name, count=answer["count"], max_columns=max_columns)
    if code:
        raise InputError(code, file=file.name)
    return rows, _note_unused(answer["used"], answer["unused"], file.name)


def _run_reader(copy: Path, source: str, endings: str, max_columns: int) -> list[Any]:
    """Return what the reader wrote, line by line; a reader that was out of memory or time found too large a book."""
    limits = (str(limit) for limit in (max_columns, MAX_ROWS, MAX_CELLS))
    command = (sys.executable, "-P", str(_READER), str(copy), endings, *limits)
    try:
        done = subprocess.run(  # noqa: S603 - our own script; of what people bring there is only a copy of ours
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_MAX_S,
            check=False,
            creationflags=_NO_WINDOW,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError("workbook.too_large", file=source) from error
    if done.returncode:
        is_memory = b"memory allocation" in done.stderr
        raise InputError("workbook.too_large" if is_memory else "workbook.unreadable", file=source)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _note_unused(used: str, unused: list[str], source: str) -> list[DataIssue]:
    if not unused:
        return []
    facts = (("used", used[:60]),)
    value = ", ".join(unused)[:200]
    return [DataIssue("workbook.sheets_unused", "warning", source, len(unused), value=value, facts=facts)]
