"""Scenarios of the store: every change is an entry that stays, and of two writers none loses anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, text

from coverage.errors import InputError
from coverage.scenario.edits import Edit
from geodata.store.changes import (
    HISTORY_KINDS,
    LONGEST_NAME,
    LONGEST_NOTE,
    Change,
    Entry,
    History,
    check_change,
    check_name,
    check_text,
    fold_changes,
    read_change,
    write_value,
)
from geodata.store.database import ENTRIES, SCENARIOS, STUDIES, Store, new_id, now


@dataclass(frozen=True, slots=True)
class ScenarioHead:
    """A scenario without its log.

    Parameters
    ----------
    id, study_id
        Ids in the store.
    name, note
        Shown; a note may be long.
    status
        ``draft``, ``locked`` or ``approved``; only a draft can be changed.
    version
        Number of entries of its log.
    parent_id, parent_version
        The scenario it was copied from, and at which version; None if it was not.
    created_at, created_by
        When and by whom it was made.
    content
        Version of the study that its edits were made for.
    """

    id: str
    study_id: str
    name: str
    note: str
    status: str
    version: int
    parent_id: str | None
    parent_version: int | None
    created_at: str
    created_by: str
    content: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario with its log and what holds at its end."""

    head: ScenarioHead
    entries: tuple[Entry, ...]
    history: History

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Return the edits that hold, in order."""
        return self.history.done


@dataclass(frozen=True, slots=True)
class Conflict:
    """What others did to a scenario while somebody changed an older version of it."""

    head: ScenarioHead
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of changes: the scenario that holds them, and, where it is a copy, why."""

    scenario: Scenario
    conflict: Conflict | None = None


def create_scenario(
    store: Store, study_id: str, name: str, *, author: str = "", note: str = "", edits: tuple[Edit, ...] = ()
) -> Scenario:
    """Make a scenario of a study, empty or with edits (a suggestion, a file) and a note of where they come from.

    Raises
    ------
    InputError
        ``store.unknown_study``, ``store.name_invalid``.
    """
    check_name(name)
    check_text(note, LONGEST_NOTE)
    with store.write() as connection:
        head = insert_scenario(connection, study_id, name, author=author, note=note)
        entries = [Entry(0, Change("edit", edit), author, now()) for edit in edits]
        return insert_entries(connection, head, entries)


def list_scenarios(store: Store, study_id: str) -> tuple[ScenarioHead, ...]:
    """List the scenarios of a study, the first one first."""
    with store.read() as connection:
        wanted = select(SCENARIOS).where((SCENARIOS.c.study_id == study_id) & (SCENARIOS.c.deleted_at == ""))
        found = connection.execute(wanted.order_by(text("rowid"))).all()
    return tuple(_to_head(row) for row in found)


def open_scenario(store: Store, scenario_id: str) -> Scenario:
    """Return a scenario with its log; ``store.unknown_scenario`` if there is none."""
    with store.read() as connection:
        return _read(connection, scenario_id)


def save_changes(
    store: Store, scenario_id: str, changes: tuple[Change, ...], *, version: int, author: str = ""
) -> Saved:
    """Append changes to the log of a scenario; they are on disk when this returns.

    Parameters
    ----------
    store, scenario_id
        Where to.
    changes
        In order; all are appended, or none is.
    version
        The version they were made for. If the scenario has gone on since, they go into a copy of that
        version, and nothing of anybody is lost.
    author
        Who made them.

    Returns
    -------
    The scenario that holds them now; with a conflict, the copy, and what others did meanwhile.

    Raises
    ------
    InputError
        ``store.unknown_scenario``, ``store.version_unknown``, ``store.locked``, ``store.nothing_to_undo``,
        ``store.nothing_to_redo``, ``store.name_invalid``, ``store.change_invalid``; nothing is stored then.
    """
    for change in changes:
        check_change(change)
    check_text(author, LONGEST_NAME)
    entries = [Entry(0, change, author, now()) for change in changes]
    with store.write() as connection:
        found = _read(connection, scenario_id)
        if not 0 <= version <= found.head.version:
            raise InputError("store.version_unknown", name=found.head.name, version=version, newest=found.head.version)
        if version == found.head.version:
            _check_open(found.head, changes)
            return Saved(insert_entries(connection, found.head, entries))
        copy = _copy(connection, found, version, _name_copy(found.head.name, author), author)
        saved = insert_entries(connection, copy.head, entries)
        return Saved(saved, Conflict(found.head, found.entries[version:]))


def duplicate_scenario(store: Store, scenario_id: str, name: str, *, author: str = "") -> Scenario:
    """Copy a scenario with its history, as a draft under another name."""
    check_name(name)
    with store.write() as connection:
        found = _read(connection, scenario_id)
        return _copy(connection, found, found.head.version, name, author)


def insert_scenario(
    connection: Connection,
    study_id: str,
    name: str,
    *,
    author: str,
    note: str = "",
    parent: tuple[str, int] | None = None,
    created_at: str = "",
) -> ScenarioHead:
    """Insert a scenario without entries as a part of a transaction."""
    parent_id, parent_version = parent or (None, None)
    moment = created_at or now()
    content = _find_content(connection, study_id)
    head = ScenarioHead(new_id(), study_id, name, note, "draft", 0, parent_id, parent_version, moment, author, content)
    values = {each: getattr(head, each) for each in ScenarioHead.__slots__}
    connection.execute(SCENARIOS.insert(), values | {"deleted_at": ""})
    return head


def insert_entries(connection: Connection, head: ScenarioHead, entries: list[Entry]) -> Scenario:
    """Append entries as a part of a transaction; they are numbered anew, and the head follows them.

    Raises
    ------
    InputError
        As `geodata.store.changes.fold_changes` does.
    """
    before = _read(connection, head.id)
    changes = [entry.change for entry in entries]
    fold_changes(changes, name=head.name, start=before.history)
    rows = [
        {
            "scenario_id": head.id,
            "number": number,
            "kind": entry.change.kind,
            "value": write_value(entry.change),
            "author": entry.author,
            "made_at": entry.made_at,
        }
        for number, entry in enumerate(entries, start=before.head.version + 1)
    ]
    if rows:
        connection.execute(ENTRIES.insert(), rows)
    values: dict[str, Any] = {"version": before.head.version + len(rows)}
    columns = {"rename": "name", "note": "note", "status": "status"}
    values |= {columns[change.kind]: change.text for change in changes if change.kind in columns}
    if changes and changes[-1].kind == "imported":
        # What another store approved or locked is for this one to approve or lock again.
        values["status"] = "draft"
    if any(change.kind in HISTORY_KINDS for change in changes):
        # Who changes edits sees what they do to the study as it is now.
        values["content"] = _find_content(connection, head.study_id)
    connection.execute(SCENARIOS.update().where(SCENARIOS.c.id == head.id), values)
    return _read(connection, head.id)


def _find_content(connection: Connection, study_id: str) -> str:
    wanted = (STUDIES.c.id == study_id) & (STUDIES.c.deleted_at == "")
    row = connection.execute(select(STUDIES.c.content).where(wanted)).one_or_none()
    if row is None:
        raise InputError("store.unknown_study", value=study_id[:50])
    return str(row.content)


def _read(connection: Connection, scenario_id: str) -> Scenario:
    here = (SCENARIOS.c.id == scenario_id) & (SCENARIOS.c.deleted_at == "")
    row = connection.execute(select(SCENARIOS).where(here)).one_or_none()
    if row is None:
        raise InputError("store.unknown_scenario", value=scenario_id[:50])
    head = _to_head(row)
    wanted = select(ENTRIES).where(ENTRIES.c.scenario_id == scenario_id).order_by(ENTRIES.c.number)
    entries = tuple(
        Entry(each.number, read_change(each.kind, each.value), each.author, each.made_at)
        for each in connection.execute(wanted)
    )
    return Scenario(head, entries, fold_changes([entry.change for entry in entries], name=head.name))


def _to_head(row: Row[Any]) -> ScenarioHead:
    return ScenarioHead(*(getattr(row, name) for name in ScenarioHead.__slots__))


def _check_open(head: ScenarioHead, changes: tuple[Change, ...]) -> None:
    """Refuse changes of a scenario that is locked or approved; its status alone may change."""
    status = head.status
    for change in changes:
        if change.kind == "status":
            status = change.text
        elif status != "draft":
            raise InputError("store.locked", name=head.name)


def _copy(connection: Connection, found: Scenario, version: int, name: str, author: str) -> Scenario:
    head = insert_scenario(
        connection,
        found.head.study_id,
        name,
        author=author,
        note=found.head.note,
        parent=(found.head.id, version),
    )
    # Name, note and status of a copy are its own.
    kept = [entry for entry in found.entries[:version] if entry.change.kind in HISTORY_KINDS]
    return insert_entries(connection, head, kept)


def _name_copy(name: str, author: str) -> str:
    return f"{name} · {author or '2'}"[:LONGEST_NAME]
