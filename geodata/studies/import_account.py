"""The account of an import (``import.json`` of a study): what the files that a study was made of lost on the way in.

A study keeps only the rows it can use, so reading it again finds nothing missing. The account keeps what was found and
left out before, and the study and its reports count from the user's own files on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pandas as pd

from coverage.errors import DataIssue, Fact, InputError, Severity
from geodata.files.write_tables import write_bytes

ACCOUNT_NAME = "import.json"
REJECTED_KEPT = ("row", "problem", "field", "value")

_FORMAT = 1
_MAX_BYTES = 100_000_000
_SEVERITIES = ("note", "warning", "rejected")


@dataclass(frozen=True, slots=True, eq=False)
class ImportedInput:
    """What became of one file of the user.

    Parameters
    ----------
    role
        What it is for, as in ``study.toml``.
    source
        The user's own file.
    path, sha256
        The file of the study that was written from it, and its content.
    rows_in, rows_rejected, rows_written
        Rows of the user's file, those of them that were left out, and rows of the study's file.
    issues
        What was found.
    rejected
        Rows left out: ``row, problem, field, value``.
    """

    role: str
    source: str
    path: str
    sha256: str
    rows_in: int
    rows_rejected: int
    rows_written: int
    issues: tuple[DataIssue, ...]
    rejected: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(REJECTED_KEPT)))

    def holds_for(self, path: str, sha256: str) -> bool:
        """Tell whether an input still comes from this import: unchanged, or written anew beside it by the planner."""
        return path != self.path or sha256 == self.sha256


def write_account(folder: Path, inputs: list[ImportedInput]) -> None:
    """Write the account of an import into the folder of a study."""
    content = {
        "format": _FORMAT,
        "inputs": [
            {
                **{name: getattr(one, name) for name in ("role", "source", "path", "sha256")},
                **{name: getattr(one, name) for name in ("rows_in", "rows_rejected", "rows_written")},
                "issues": [_issue_to_plain(issue) for issue in one.issues],
                "rejected": one.rejected[list(REJECTED_KEPT)].astype(str).to_numpy().tolist(),
            }
            for one in inputs
        ],
    }
    write_bytes(folder / ACCOUNT_NAME, json.dumps(content, ensure_ascii=False, indent=1).encode())


def read_account(folder: Path) -> dict[str, ImportedInput]:
    """Read the account of a study by role; empty where the study was not imported.

    Raises
    ------
    InputError
        ``study.account_unreadable`` if it is there and no account.
    """
    path = folder / ACCOUNT_NAME
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("size")
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise ValueError("format")
        read = [_read_input(entry) for entry in content["inputs"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError("study.account_unreadable", file=ACCOUNT_NAME, reason=str(error)[:100]) from error
    return {one.role: one for one in read}


def _read_input(entry: dict[str, Any]) -> ImportedInput:
    counts = [entry[name] for name in ("rows_in", "rows_rejected", "rows_written")]
    if not all(isinstance(count, int) and count >= 0 for count in counts) or counts[1] > counts[0]:
        raise ValueError("rows")
    rejected = pd.DataFrame([[str(cell) for cell in row] for row in entry["rejected"]], columns=list(REJECTED_KEPT))
    rejected["row"] = pd.to_numeric(rejected["row"]).astype("int64")
    return ImportedInput(
        role=str(entry["role"]),
        source=str(entry["source"]),
        path=str(entry["path"]),
        sha256=str(entry["sha256"]),
        rows_in=counts[0],
        rows_rejected=counts[1],
        rows_written=counts[2],
        issues=tuple(_issue_from_plain(issue) for issue in entry["issues"]),
        rejected=rejected,
    )


def _issue_to_plain(issue: DataIssue) -> dict[str, Any]:
    plain = {name: getattr(issue, name) for name in ("code", "severity", "source", "count", "column", "value")}
    return plain | {"rows": list(issue.rows), "facts": [list(fact) for fact in issue.facts]}


def _issue_from_plain(plain: dict[str, Any]) -> DataIssue:
    if plain["severity"] not in _SEVERITIES:
        raise ValueError("severity")
    facts: list[tuple[str, Fact]] = []
    for name, value in plain["facts"]:
        if not isinstance(value, str | int | float):
            raise TypeError("facts")
        facts.append((str(name), value))
    return DataIssue(
        code=str(plain["code"]),
        severity=cast(Severity, plain["severity"]),
        source=str(plain["source"]),
        count=int(plain["count"]),
        rows=tuple(int(row) for row in plain["rows"]),
        column=str(plain["column"]),
        value=str(plain["value"]),
        facts=tuple(facts),
    )
