"""What was chosen for the reports of a study, and which were made: a small file beside the study.

It is no input: ``study.toml`` stays as it is, or each saved choice would look like a changed study to a replay. The
embedded study, which is never written to, keeps its file in the planner's own folder.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from coverage.errors import PlannerError
from coverage.report.options import ReportOptions
from coverage.report.redaction import Redaction
from geodata.documents.runs.read_redaction import parse_redaction, write_redaction
from geodata.files.folders import find_home
from geodata.files.write_tables import write_bytes
from geodata.studies.edit_study import is_embedded
from geodata.studies.edits_json import load_json

HISTORY_FILE = "reports.json"
FORMAT = 1
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class MadeEntry:
    """A report that was made.

    Parameters
    ----------
    made_at
        When, UTC, ISO 8601.
    file, format
        Name of the file without the way to it, and its format.
    title, language
        As chosen.
    fingerprint
        Hash of the study's inputs and settings.
    sha256, size_bytes
        Of the file.
    """

    made_at: str
    file: str
    format: str
    title: str
    language: str
    fingerprint: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ReportHistory:
    """Choices that were saved, None if none were, and the reports made, the last one first."""

    options: ReportOptions | None = None
    made: tuple[MadeEntry, ...] = ()
    redaction: Redaction | None = None


def find_history_file(study_toml: Path) -> Path:
    """Return the file in which a study's reports are listed."""
    if not is_embedded(study_toml):
        return study_toml.parent / HISTORY_FILE
    return find_home() / "reports" / study_toml.parent.name / HISTORY_FILE


def read_history(study_toml: Path) -> ReportHistory:
    """Read the choices and the list of a study; empty where there is none, or none that can be read."""
    path = find_history_file(study_toml)
    try:
        content = load_json(path.read_bytes(), path.name)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            return ReportHistory()
        options = content.get("options")
        made = tuple(_parse_entry(one) for one in content.get("made", []))
        hidden = content.get("redaction")
        return ReportHistory(
            None if options is None else ReportOptions.from_json(options),
            made,
            None if hidden is None else parse_redaction(hidden, source=path.name),
        )
    except (OSError, PlannerError, TypeError, KeyError, AttributeError, ValueError):
        # A list of what was done stands in nobody's way: what cannot be read is begun anew.
        return ReportHistory()


def _parse_entry(plain: dict[str, Any]) -> MadeEntry:
    texts = {name: str(plain[name]) for name in MadeEntry.__slots__ if name != "size_bytes"}
    return MadeEntry(size_bytes=int(plain["size_bytes"]), **texts)


def save_options(study_toml: Path, options: ReportOptions, redaction: Redaction | None = None) -> None:
    """Keep the choices for the next report of a study; what is hidden stays as it was where none is given.

    Raises
    ------
    InputError
        ``file.cannot_write``.
    """
    old = read_history(study_toml)
    _write(study_toml, replace(old, options=options, redaction=old.redaction if redaction is None else redaction))


def note_report(
    study_toml: Path, file: str, content: bytes, options: ReportOptions, *, fingerprint: str, now: dt.datetime
) -> MadeEntry:
    """Add a report to the list of a study; the oldest beyond 200 are forgotten.

    Raises
    ------
    InputError
        ``file.cannot_write``.
    """
    entry = MadeEntry(
        made_at=now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        file=Path(file).name,
        format=Path(file).suffix.lower().removeprefix("."),
        title=options.title,
        language=options.language,
        fingerprint=fingerprint,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
    )
    old = read_history(study_toml)
    _write(study_toml, replace(old, options=options, made=(entry, *old.made)[:MOST_KEPT]))
    return entry


def _write(study_toml: Path, history: ReportHistory) -> None:
    content = {
        "format": FORMAT,
        "options": None if history.options is None else history.options.to_json(),
        "made": [asdict(entry) for entry in history.made],
        "redaction": None if history.redaction is None else write_redaction(history.redaction),
    }
    write_bytes(find_history_file(study_toml), (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
