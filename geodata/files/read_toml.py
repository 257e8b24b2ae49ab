"""TOML that people bring, as plain values."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from coverage.errors import InputError
from geodata.files.safe_files import check_input_file

_MOST_MB = 5.0


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    MissingInputError, InputError
        As `geodata.files.safe_files.check_input_file` does, for one of more than 5 MB too; ``file.not_toml`` with
        the line.
    """
    file, text = check_input_file(path, max_mb=_MOST_MB), ""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, a number or a nesting without end
        reason = str(error).replace("at end of document", f"at line {len(text.splitlines())}, the end of the document")
        raise InputError("file.not_toml", file=file.name, reason=reason[:300]) from error
