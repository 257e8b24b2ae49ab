"""The store: nothing acknowledged is lost, two writers keep both, old databases are brought up to date."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_study import write_small_study
from sqlalchemy import create_engine, inspect, text

from coverage.errors import InputError, PlannerError
from coverage.scenario.edits import CloseStation, MoveStation, ReopenStation
from geodata.store.changes import Change
from geodata.store.database import DATABASE, ENTRIES, MIGRATIONS, SCENARIOS, STUDIES, STUDY_FILES, Store, open_store
from geodata.store.scenarios import (
    create_scenario,
    duplicate_scenario,
    list_scenarios,
    open_scenario,
    save_changes,
)
from geodata.store.studies import add_study, get_file, list_files, list_studies, open_stored_study, put_file
from geodata.studies.open_study import open_study

ROOT = Path(__file__).resolve().parents[2]
CLOSE, REOPEN, MOVE = CloseStation("S"), ReopenStation("P"), MoveStation("S", 87.61, 43.8)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open an empty store and close it afterwards."""
    with open_store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def study_id(store: Store, tmp_path: Path) -> str:
    """Put the small study into the store."""
    return add_study(store, write_small_study(tmp_path / "study"), author="甲").id


def _edit(edit: CloseStation | ReopenStation | MoveStation) -> Change:
    return Change("edit", edit)


def test_a_study_comes_out_as_it_went_in(store: Store, study_id: str, tmp_path: Path) -> None:
    """The stored study has the fingerprint of the files it was made from, and lies under hashes only."""
    path = open_stored_study(store, study_id)
    assert open_study(path).fingerprint == open_study(tmp_path / "study" / "study.toml").fingerprint
    assert open_stored_study(store, study_id) == path
    assert [one.id for one in list_studies(store)] == [study_id]
    assert all(get_file(store, sha256) for _, sha256 in list_files(store, study_id))
    assert {one.name for one in (store.folder / "files").rglob("*") if one.is_file()} == {
        sha256 for _, sha256 in list_files(store, study_id)
    }


def test_undo_and_redo_are_entries(store: Store, study_id: str) -> None:
    """The log only grows; what holds follows from it, also after the store was closed and opened again."""
    scenario = create_scenario(store, study_id, "甲方案", author="甲", edits=(CLOSE, MOVE))
    saved = save_changes(store, scenario.head.id, (Change("undo"), Change("undo"), Change("redo")), version=2)
    assert saved.scenario.edits == (CLOSE,)
    assert saved.scenario.history.undone == (MOVE,)
    assert saved.scenario.head.version == 5
    saved = save_changes(store, scenario.head.id, (_edit(REOPEN),), version=5, author="乙")
    assert saved.scenario.edits == (CLOSE, REOPEN)
    assert saved.scenario.history.undone == ()
    store.close()
    with open_store(store.folder) as again:
        found = open_scenario(again, scenario.head.id)
    assert found == saved.scenario
    assert [entry.author for entry in found.entries] == ["甲", "甲", "", "", "", "乙"]
    assert [entry.number for entry in found.entries] == [1, 2, 3, 4, 5, 6]


def test_another_order_is_an_entry_that_can_be_undone(store: Store, study_id: str) -> None:
    """Edits are put into another order, back by undo and there again by redo; an edit follows the order it meets."""
    scenario = create_scenario(store, study_id, "x", edits=(CLOSE, MOVE, REOPEN))
    turned = save_changes(store, scenario.head.id, (Change("order", order=(2, 0, 1)),), version=3).scenario
    assert turned.edits == (REOPEN, CLOSE, MOVE)
    undone = save_changes(store, scenario.head.id, (Change("undo"),), version=4).scenario
    assert undone.edits == (CLOSE, MOVE, REOPEN)
    assert undone.history.undone == ()
    assert undone.history.future == (Change("order", order=(2, 0, 1)),)
    again = save_changes(store, scenario.head.id, (Change("redo"), _edit(CLOSE)), version=5).scenario
    assert again.edits == (REOPEN, CLOSE, MOVE, CLOSE)
    assert duplicate_scenario(store, scenario.head.id, "y").edits == again.edits
    assert open_scenario(store, scenario.head.id) == again


@pytest.mark.parametrize("order", [(0, 0), (0, 2), (1,), (), (0, 1, 2), (-1, 0)])
def test_an_order_of_other_edits_is_refused(store: Store, study_id: str, order: tuple[int, ...]) -> None:
    """An order that names an edit twice, or one that is not there, changes nothing."""
    scenario = create_scenario(store, study_id, "x", edits=(CLOSE, MOVE))
    with pytest.raises(InputError, match=r"store\.change_invalid"):
        save_changes(store, scenario.head.id, (Change("order", order=order),), version=2)
    assert open_scenario(store, scenario.head.id) == scenario


@pytest.mark.parametrize("kind", ["undo", "redo"])
def test_what_cannot_be_undone_is_refused_as_a_whole(store: Store, study_id: str, kind: str) -> None:
    """An undo too many takes the changes before it along: all are stored or none."""
    scenario = create_scenario(store, study_id, "x")
    changes = (_edit(CLOSE), Change(kind), Change(kind))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=f"nothing_to_{kind}"):
        save_changes(store, scenario.head.id, changes, version=0)
    assert open_scenario(store, scenario.head.id) == scenario


def test_the_second_writer_keeps_both(store: Store, study_id: str) -> None:
    """Who changed an older version gets a copy of it with the change, and is told what others did meanwhile."""
    scenario = create_scenario(store, study_id, "方案", author="甲", edits=(CLOSE,))
    first = save_changes(store, scenario.head.id, (_edit(MOVE),), version=1, author="甲")
    second = save_changes(store, scenario.head.id, (_edit(REOPEN),), version=1, author="乙")
    assert first.conflict is None
    assert second.conflict is not None
    assert [(entry.author, entry.change.edit) for entry in second.conflict.entries] == [("甲", MOVE)]
    assert second.conflict.head.id == scenario.head.id
    copy = second.scenario
    assert copy.edits == (CLOSE, REOPEN)
    assert (copy.head.name, copy.head.parent_id, copy.head.parent_version) == ("方案 · 乙", scenario.head.id, 1)
    assert open_scenario(store, scenario.head.id).edits == (CLOSE, MOVE)
    assert [head.id for head in list_scenarios(store, study_id)] == [scenario.head.id, copy.head.id]
    with pytest.raises(InputError, match="version_unknown"):
        save_changes(store, scenario.head.id, (_edit(MOVE),), version=9)


def test_many_writers_at_once_lose_nothing(store: Store, study_id: str) -> None:
    """Four threads with connections of their own write into one scenario: every edit is in it or in a copy."""
    scenario = create_scenario(store, study_id, "共用")
    faults: list[BaseException] = []

    def work(writer: int) -> None:
        try:
            with open_store(store.folder) as own:
                current = open_scenario(own, scenario.head.id)
                for number in range(10):
                    edit = MoveStation(f"{writer}-{number}", 1.0, 2.0)
                    saved = save_changes(
                        own, current.head.id, (_edit(edit),), version=current.head.version, author=str(writer)
                    )
                    current = saved.scenario
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    kept = {
        edit.station_id
        for head in list_scenarios(store, study_id)
        for edit in open_scenario(store, head.id).edits
        if isinstance(edit, MoveStation)
    }
    assert kept == {f"{writer}-{number}" for writer in range(4) for number in range(10)}


def test_locked_scenarios_stay(store: Store, study_id: str) -> None:
    """A locked or approved scenario takes no edit until it is a draft again; a copy of it is a draft."""
    scenario = create_scenario(store, study_id, "x", edits=(CLOSE,))
    key = scenario.head.id
    save_changes(store, key, (Change("note", text="说明"), Change("status", text="approved")), version=1)
    with pytest.raises(InputError, match=r"store\.locked"):
        save_changes(store, key, (Change("undo"),), version=3)
    copy = duplicate_scenario(store, key, "y", author="乙")
    assert (copy.head.status, copy.head.note, copy.edits) == ("draft", "说明", (CLOSE,))
    opened = save_changes(store, key, (Change("status", text="draft"), Change("rename", text="z")), version=3)
    assert (opened.scenario.head.status, opened.scenario.head.name) == ("draft", "z")


@pytest.mark.parametrize("name", ["", "  ", "a" * 201, "a\0b", "\ud800"])
def test_names_that_cannot_be_are_refused(store: Store, study_id: str, name: str) -> None:
    """A name is data, but not empty, endless or broken."""
    with pytest.raises(InputError, match="name_invalid"):
        create_scenario(store, study_id, name)


def test_names_are_data(store: Store, study_id: str) -> None:
    """A name that looks like a path or like SQL names nothing but the scenario."""
    name = "../../x'; DROP TABLE entries; --{{7*191}}"
    scenario = create_scenario(store, study_id, name)
    assert open_scenario(store, scenario.head.id).head.name == name
    with pytest.raises(InputError, match="unknown_scenario"):
        open_scenario(store, name)
    with pytest.raises(InputError, match="unknown_study"):
        create_scenario(store, name, "x")


def test_entries_can_neither_be_changed_nor_removed(store: Store, study_id: str) -> None:
    """The database itself refuses to touch what was logged, and rows without their scenario."""
    create_scenario(store, study_id, "x", edits=(CLOSE,))
    for statement in (
        "UPDATE entries SET value = ''",
        "DELETE FROM entries",
        "INSERT INTO entries VALUES ('nobody', 1, 'undo', '', '', '')",
    ):
        with pytest.raises(InputError, match=r"store\.damaged"), store.write() as connection:
            connection.execute(text(statement))


def test_the_database_is_careful(store: Store) -> None:
    """Every connection keeps a log beside the file, waits for the disk and knows its foreign keys."""
    with store.write() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous")]
        keys = connection.execute(text("PRAGMA foreign_keys")).scalar_one()
    assert (found, keys) == (["wal", 2], 1)


def test_tables_are_what_the_migrations_make(store: Store) -> None:
    """The columns the program uses are those the migrations create."""
    seen = inspect(store.engine)
    for table in (STUDIES, STUDY_FILES, SCENARIOS, ENTRIES):
        assert {column["name"] for column in seen.get_columns(table.name)} == {column.name for column in table.columns}


def test_an_old_database_is_brought_up_to_date(tmp_path: Path) -> None:
    """A database of version 1 keeps its scenario, gains what is new, and is then of the newest version."""
    folder = tmp_path / "old"
    folder.mkdir()
    engine = create_engine(f"sqlite:///{folder / DATABASE}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)"))
        for statement in MIGRATIONS[0]:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO schema_version VALUES (1, '')"))
        connection.execute(text("INSERT INTO studies VALUES ('a', '甲', 'A', 'c', '', '')"))
        connection.execute(text("INSERT INTO study_files VALUES ('a', 'study.toml', 'h')"))
        connection.execute(text("INSERT INTO scenarios VALUES ('b', 'a', '旧方案', '', 'draft', 1, '', '')"))
        value = '{"type": "close_station", "station_id": "S"}'
        connection.execute(text("INSERT INTO entries VALUES ('b', 1, 'edit', :value, '', '')"), {"value": value})
    engine.dispose()
    for _ in range(2):
        with open_store(folder) as store:
            found = open_scenario(store, "b")
            assert list_files(store, "a", content=found.head.content) == (("study.toml", "h"),)
            with store.read() as connection:
                versions = connection.execute(text("SELECT version FROM schema_version ORDER BY version")).all()
        assert (found.head.name, found.head.parent_id, found.edits) == ("旧方案", None, (CLOSE,))
        assert [row.version for row in versions] == list(range(1, len(MIGRATIONS) + 1))


def test_a_newer_or_broken_database_is_left_alone(tmp_path: Path) -> None:
    """What a newer program wrote, or what is no database, is told and not touched."""
    with open_store(tmp_path / "new") as store, store.write() as connection:
        connection.execute(text("INSERT INTO schema_version VALUES (99, '')"))
    with pytest.raises(InputError, match=r"store\.newer"):
        open_store(tmp_path / "new")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / DATABASE).write_bytes(b"not a database" * 100)
    with pytest.raises(InputError, match=r"store\.damaged"):
        open_store(tmp_path / "broken")
    assert (tmp_path / "broken" / DATABASE).read_bytes() == b"not a database" * 100


def test_a_changed_file_is_noticed(store: Store) -> None:
    """A file whose content is no longer that of its name is an error, never an answer; putting it back cures it."""
    sha256 = put_file(store, b"content")
    path = store.folder / "files" / sha256[:2] / sha256
    path.write_bytes(b"other")
    with pytest.raises(PlannerError, match="file_missing"):
        get_file(store, sha256)
    assert put_file(store, b"content") == sha256
    assert get_file(store, sha256) == b"content"


WRITER = """
import sys
from pathlib import Path
import geodata
from coverage.scenario.edits import MoveStation
from geodata.store.changes import Change
from geodata.store.database import open_store
from geodata.store.scenarios import save_changes
with open_store(Path(sys.argv[1])) as store:
    version = int(sys.argv[3])
    while True:
        edits = tuple(Change("edit", MoveStation(f"{version + step}", 1.0, 2.0)) for step in range(3))
        version = save_changes(store, sys.argv[2], edits, version=version).scenario.head.version
        print(version, flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_nothing_acknowledged_is_lost(store: Store, study_id: str) -> None:
    """A writer is killed three times in the middle of its work; whatever it had told is there, in whole steps."""
    scenario = create_scenario(store, study_id, "x")
    key, version = scenario.head.id, 0
    for told in (1, 4, 9):
        command = [sys.executable, "-c", textwrap.dedent(WRITER), str(store.folder), key, str(version)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as writer:
            assert writer.stdout is not None
            acknowledged = [int(writer.stdout.readline()) for _ in range(told)][-1]
            writer.send_signal(signal.SIGKILL)
            acknowledged = max([acknowledged, *(int(line) for line in writer.stdout.read().split("\n")[:-1])])
        found = open_scenario(store, key)
        assert found.head.version == len(found.entries) >= acknowledged > version
        assert found.head.version % 3 == 0
        ids = [edit.station_id for edit in found.edits if isinstance(edit, MoveStation)]
        assert ids == [str(number) for number in range(found.head.version)]
        version = found.head.version
    with store.read() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
