"""Result files: tables and JSON that open everywhere, appear whole or not at all, and hold no formulas."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pandas as pd

from coverage.errors import InputError, PlannerError
from geodata.files.folders import make_private

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")


def defuse(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; numbers stay.

    Examples
    --------
    >>> defuse("=1+1"), defuse("-3.5"), defuse("天山区")
    ("'=1+1", '-3.5', '天山区')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and not _NUMBER.match(text) else text


def write_bytes(path: Path, content: bytes, *, is_private: bool = False) -> None:
    """Write a file so that it appears whole or not at all, even if the machine stops meanwhile.

    Parameters
    ----------
    path
        The file; folders that are missing are made.
    content
        Its bytes.
    is_private
        For the user of this program alone, and so are the folders that are made for it.

    Raises
    ------
    InputError
        ``file.cannot_write`` if the disk refuses: no right to write, full, a file where a folder is
        wanted, or the file is open in another program.
    """

    def pour(stream: BinaryIO) -> None:
        stream.write(content)

    write_whole(path, pour, is_private=is_private)


def write_whole(path: Path, pour: Callable[[BinaryIO], None], *, is_private: bool = False) -> None:
    """Write a file by a function that pours its content into a stream, see `write_bytes`."""
    part: Path | None = None
    with explain_refusal(path):
        try:
            if is_private:
                make_private(path.parent)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as stream:
                part = Path(stream.name)
                pour(cast(BinaryIO, stream))
                stream.flush()
                os.fsync(stream.fileno())
            part.chmod(0o600 if is_private else 0o644)
            part.replace(path)
            part = None
        finally:
            if part is not None:
                with contextlib.suppress(OSError):
                    part.unlink()


@contextlib.contextmanager
def explain_refusal(path: Path) -> Iterator[None]:
    """Raise what the system says when it refuses to write as `InputError` ``file.cannot_write``."""
    try:
        yield
    except PlannerError:
        raise
    except OSError as error:
        raise InputError("file.cannot_write", file=str(path), reason=error.strerror or str(error)) from error


def write_json(path: Path, content: object) -> None:
    """Write JSON; NaN and infinite numbers become null."""
    text = json.dumps(_plain(content), ensure_ascii=False, indent=2, allow_nan=False)
    write_bytes(path, (text + "\n").encode())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _defuse_column(column: pd.Series) -> list[str]:
    """Make texts of a column that are safe; most columns repeat a few values, and each is looked at once."""
    values = column.tolist()
    known: dict[str, str] = {"": ""}
    texts = ["" if value is None else str(value) for value in values]
    for text in set(texts):
        known[text] = defuse(text)
    return [known[text] for text in texts]


def write_csv(path: Path, table: pd.DataFrame, *, with_mark: bool = True) -> None:
    """Write a table as CSV, see `encode_csv`, so that it appears whole or not at all."""
    write_bytes(path, encode_csv(table, with_mark=with_mark))


def encode_csv(table: pd.DataFrame, *, with_mark: bool = True) -> bytes:
    """Encode a table as CSV in UTF-8.

    Numbers keep round-trip precision, NaN and infinite ones become empty cells, texts are defused.

    Parameters
    ----------
    table
        Its columns in order; the index is written if it has a name.
    with_mark
        Begin with a byte order mark, by which spreadsheet programs recognise UTF-8.
    """
    shown = table.reset_index() if table.index.name else table.copy()
    for name in shown.columns:
        column = shown[name]
        if pd.api.types.is_float_dtype(column):
            shown[name] = column.where(np.isfinite(column))
        elif pd.api.types.is_bool_dtype(column):
            shown[name] = column.astype(int)
        elif not pd.api.types.is_numeric_dtype(column):
            shown[name] = _defuse_column(column)
    text = shown.to_csv(index=False, lineterminator="\r\n" if with_mark else "\n")
    return text.encode("utf-8-sig" if with_mark else "utf-8")
