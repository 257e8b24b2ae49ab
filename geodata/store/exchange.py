"""A study with its scenarios in one file, out of one store and into another."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from coverage.errors import InputError, PlannerError
from geodata.files.write_tables import write_bytes
from geodata.store.changes import (
    LONGEST_NAME,
    LONGEST_NOTE,
    Change,
    Entry,
    check_name,
    check_text,
    read_change,
    write_value,
)
from geodata.store.database import Store, now
from geodata.store.scenarios import Scenario, insert_entries, insert_scenario, list_scenarios, open_scenario
from geodata.store.studies import StoredStudy, find_study_record, get_file, insert_study, list_files
from geodata.studies.edits_json import load_json
from geodata.studies.pack import write_member

FORMAT = 1
SCENARIOS_FILE = "scenarios.json"
_FOLDER = "study"
_MAX_SCENARIOS = 1000
_MAX_ENTRIES = 100_000
_MAX_JSON_MB = 100.0
_LONGEST_TIME = 40


def export_study(store: Store, study_id: str, target: Path) -> None:
    """Write a study with all its scenarios and their logs into one ``.zip``.

    The study lies in a folder of its own, so that the file also opens as a pack without scenarios. Equal
    content gives equal bytes.

    Raises
    ------
    InputError
        ``store.unknown_study``, ``store.file_missing``, ``file.cannot_write``.
    """
    find_study_record(store, study_id)
    scenarios = [open_scenario(store, head.id) for head in list_scenarios(store, study_id)]
    numbers = {scenario.head.id: number for number, scenario in enumerate(scenarios)}
    plain = {"format": FORMAT, "scenarios": [_to_plain(scenario, numbers) for scenario in scenarios]}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, sha256 in list_files(store, study_id):
            write_member(archive, f"{_FOLDER}/{name}", get_file(store, sha256))
        text = json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False)
        write_member(archive, SCENARIOS_FILE, text.encode())
    write_bytes(target, content.getvalue())


def import_scenarios(
    store: Store, study_toml: Path, listed: Path, study_id: str, *, source: str = "", author: str = ""
) -> StoredStudy:
    """Keep a study that was unpacked, with the scenarios listed beside it: all of it or nothing.

    Names and times in a file prove nothing: every scenario arrives as a draft, and the last entry of its log names
    the file that the entries before it come from.

    Parameters
    ----------
    store
        Where to.
    study_toml
        The study, out of a file of `export_study` that `geodata.studies.pack.open_pack` unpacked.
    listed
        The scenarios, `SCENARIOS_FILE` of the same file.
    study_id
        Names the study; the store does not know it yet.
    source
        Name of the file as the user knows it, that of `listed` if none is given.
    author
        Who imports it.

    Returns
    -------
    The study; its scenarios get new ids and keep their logs with authors and times.

    Raises
    ------
    InputError
        ``store.import_invalid`` and the errors of the readers for what is in it. Nothing is stored then.
    """
    plain = _load(listed)
    imported = Entry(0, Change("imported", text=(source or listed.name)[:LONGEST_NAME]), author, now())
    with store.write() as connection:
        stored = insert_study(connection, store, study_toml, study_id, author)
        ids: list[str] = []
        for number, entry in enumerate(plain):
            try:
                head, entries = _read_plain(entry, number)
            except (PlannerError, TypeError, KeyError, ValueError, AttributeError) as error:
                raise InputError("store.import_invalid", file=listed.name, reason=f"{number + 1}: {error}") from error
            parent = None if head["parent"] is None else (ids[head["parent"]], head["parent_version"])
            made = insert_scenario(
                connection,
                stored.id,
                head["name"],
                author=head["created_by"],
                note=head["note"],
                parent=parent,
                created_at=head["created_at"],
            )
            insert_entries(connection, made, [*entries, imported])
            ids.append(made.id)
    return stored


def _to_plain(scenario: Scenario, numbers: dict[str, int]) -> dict[str, Any]:
    head = scenario.head
    return {
        "name": head.name,
        "note": head.note,
        "parent": numbers.get(head.parent_id or ""),
        "parent_version": head.parent_version if head.parent_id in numbers else None,
        "created_at": head.created_at,
        "created_by": head.created_by,
        "entries": [
            {
                "kind": entry.change.kind,
                "value": write_value(entry.change),
                "author": entry.author,
                "made_at": entry.made_at,
            }
            for entry in scenario.entries
        ],
    }


def _load(path: Path) -> list[Any]:
    if path.stat().st_size > _MAX_JSON_MB * 1e6:
        raise InputError("store.import_invalid", file=path.name, reason=f"> {_MAX_JSON_MB:.0f} MB")
    plain = load_json(path.read_bytes(), SCENARIOS_FILE)
    scenarios = plain.get("scenarios") if isinstance(plain, dict) and plain.get("format") == FORMAT else None
    if not isinstance(scenarios, list) or len(scenarios) > _MAX_SCENARIOS:
        raise InputError("store.import_invalid", file=path.name, reason="format, scenarios")
    return scenarios


def _read_plain(plain: dict[str, Any], number: int) -> tuple[dict[str, Any], list[Entry]]:
    """Check one scenario of a file; `number` scenarios stand before it, one of which may be its parent."""
    head = {name: plain[name] for name in ("name", "note", "parent", "parent_version", "created_at", "created_by")}
    check_name(head["name"])
    for name, longest in (("note", LONGEST_NOTE), ("created_at", _LONGEST_TIME), ("created_by", LONGEST_NAME)):
        check_text(head[name], longest)
    parent, version = head["parent"], head["parent_version"]
    if (parent is None) != (version is None):
        raise ValueError("parent")
    if parent is not None and not (type(parent) is int and type(version) is int and 0 <= parent < number):
        raise ValueError("parent")
    listed = plain["entries"]
    if not isinstance(listed, list) or len(listed) > _MAX_ENTRIES:
        raise ValueError("entries")
    entries = []
    for each in listed:
        check_text(each["author"], LONGEST_NAME)
        check_text(each["made_at"], _LONGEST_TIME)
        entries.append(Entry(0, read_change(each["kind"], each["value"]), each["author"], each["made_at"]))
    return head, entries
