"""Reports that were made, kept for a while in the planner's own folder: the file, its run file, its last replay.

The last 40 of each study are kept; what one study makes removes no report of another.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from coverage.errors import InputError
from geodata.documents.history import MadeEntry
from geodata.documents.runs.run_file import RunFile, parse_run
from geodata.files.folders import find_home
from geodata.files.write_tables import write_bytes
from geodata.studies.edit_study import is_embedded
from geodata.studies.edits_json import load_json

MOST_KEPT = 40
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_RUN, _REPLAY = "run.json", "replay.json"


def keep_report(study_toml: Path, entry: MadeEntry, content: bytes, run: Mapping[str, object]) -> Path:
    """Keep a report of a study and its run file; those of the study made longest ago beyond 40 go.

    Returns
    -------
    The file kept.

    Raises
    ------
    InputError
        ``file.cannot_write``.
    """
    path = _name(study_toml, entry, entry.format)
    write_bytes(path, content, is_private=True)
    listed = json.dumps(run, ensure_ascii=False, allow_nan=False).encode()
    write_bytes(_name(study_toml, entry, _RUN), listed, is_private=True)
    _remove_old(path.parent)
    return path


def find_kept(study_toml: Path, entry: MadeEntry) -> Path | None:
    """Find the file of a report, None if it is no longer kept."""
    path = _name(study_toml, entry, entry.format)
    return path if path.is_file() else None


def read_kept_run(study_toml: Path, entry: MadeEntry) -> RunFile | None:
    """Read the run file of a report, None if it is no longer kept or cannot be read."""
    path = _name(study_toml, entry, _RUN)
    try:
        return parse_run(path.read_bytes(), source=entry.file)
    except (OSError, InputError):
        return None


def note_replay(study_toml: Path, entry: MadeEntry, *, is_identical: bool, when: str) -> None:
    """Note what became of a report when it was computed again, and when (ISO 8601)."""
    content = {"identical": is_identical, "when": when}
    write_bytes(_name(study_toml, entry, _REPLAY), json.dumps(content).encode(), is_private=True)


def read_replay(study_toml: Path, entry: MadeEntry) -> tuple[bool, str] | None:
    """Tell whether a report was identical when it was computed again last, and when; None if it never was."""
    path = _name(study_toml, entry, _REPLAY)
    try:
        content = load_json(path.read_bytes(), path.name)
        return bool(content["identical"]), str(content["when"])
    except (OSError, InputError, KeyError, TypeError):
        return None


def _name(study_toml: Path, entry: MadeEntry, suffix: str) -> Path:
    # The list of a study may come from anywhere; it names nothing but a file of ours.
    known = entry.sha256 if _SHA256.match(entry.sha256) else "unknown"
    ending = suffix if re.fullmatch(r"[a-z.]{1,12}", suffix) else "bin"
    # The embedded study is the same one wherever the program lies.
    place = study_toml.parent.name if is_embedded(study_toml) else str(study_toml.resolve())
    study = hashlib.sha256(place.encode()).hexdigest()[:32]
    return find_home() / "reports" / "files" / study / f"{known}.{ending}"


def _remove_old(folder: Path) -> None:
    runs = sorted(folder.glob(f"*.{_RUN}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in runs[MOST_KEPT:]:
        for path in folder.glob(f"{old.name.split('.')[0]}.*"):
            path.unlink(missing_ok=True)
