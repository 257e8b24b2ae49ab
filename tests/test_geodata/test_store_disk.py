"""The store on a disk that refuses, and the store that something happened to: each gets the right advice."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_study import write_small_study
from sqlalchemy.exc import DatabaseError

from coverage.errors import InputError
from coverage.scenario.edits import CloseStation
from geodata.store import backups
from geodata.store.changes import Change
from geodata.store.database import DATABASE, Store, open_store
from geodata.store.scenarios import create_scenario, list_scenarios, open_scenario, save_changes
from geodata.store.studies import add_study, open_stored_study, put_file
from geodata.store.trial import carry_over, open_trial_store

CLOSE = CloseStation("S")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of one megabyte; skip where none can be made."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True)
    if made.returncode != 0:
        pytest.skip("no right to make a small disk here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(4096))
        except OSError:
            pass


def _fill_up(store: Store, study_id: str, disk: Path) -> None:
    # The write-ahead log has room of its own for a few more entries.
    _fill(disk)
    for number in range(200):
        create_scenario(store, study_id, f"{number}", edits=(CLOSE,) * 20)


def test_a_full_disk_is_not_called_damage(disk: Path, tmp_path: Path) -> None:
    """A write is refused as full, nothing acknowledged is lost, and what was tried is saved once there is room."""
    study_toml = write_small_study(tmp_path / "study")
    with open_store(disk / "store") as store:
        study = add_study(store, study_toml)
        kept = create_scenario(store, study.id, "kept", edits=(CLOSE,))
        with pytest.raises(InputError, match=r"store\.full"):
            _fill_up(store, study.id, disk)
        with pytest.raises(InputError, match=r"file\.cannot_write"):
            put_file(store, bytes(100_000))
        with open_trial_store(disk / "store") as trial:
            assert open_scenario(trial, kept.head.id) == kept
            tried = save_changes(trial, kept.head.id, (Change("edit", CLOSE),), version=1).scenario
            new = create_scenario(trial, study.id, "new", edits=(CLOSE,))
            (disk / "ballast").unlink()
            found = carry_over(trial, store, study.id)
            assert found[kept.head.id] == kept.head.id
            assert open_scenario(store, kept.head.id).edits == tried.edits
            assert open_scenario(store, found[new.head.id]).edits == new.edits
            assert carry_over(trial, store, study.id)[kept.head.id] == kept.head.id
            assert open_scenario(store, kept.head.id).edits == tried.edits


def test_what_others_did_meanwhile_stays(tmp_path: Path) -> None:
    """Edits that were tried on a scenario which somebody else changed go into one of their own."""
    with open_store(tmp_path / "store") as store:
        study = add_study(store, write_small_study(tmp_path / "study"))
        begun = create_scenario(store, study.id, "x", edits=(CLOSE,)).head.id
        with open_trial_store(tmp_path / "store") as trial:
            save_changes(trial, begun, (Change("edit", CLOSE),), version=1)
            theirs = save_changes(store, begun, (Change("undo"),), version=1).scenario
            found = carry_over(trial, store, study.id)
        assert open_scenario(store, begun) == theirs
        assert open_scenario(store, found[begun]).edits == (CLOSE, CLOSE)
        assert len(list_scenarios(store, study.id)) == 2


def test_a_read_only_disk_can_be_looked_at(disk: Path, tmp_path: Path) -> None:
    """The store does not open for writing, its scenarios can be looked at, and nothing is called damaged."""
    with open_store(disk / "store") as store:
        study = add_study(store, write_small_study(tmp_path / "study"))
        kept = create_scenario(store, study.id, "kept", edits=(CLOSE,))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(InputError, match=r"store\.(read_only|cannot_open)|file\.cannot_write"):
        open_store(disk / "store")
    with open_trial_store(disk / "store") as trial:
        assert open_scenario(trial, kept.head.id) == kept


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, "store.busy"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "store.busy"),
        (sqlite3.SQLITE_FULL, "store.full"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "store.read_only"),
        (sqlite3.SQLITE_IOERR_FSYNC, "store.disk"),
        (sqlite3.SQLITE_CANTOPEN, "store.cannot_open"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "store.damaged"),
        (sqlite3.SQLITE_NOTADB, "store.damaged"),
    ],
)
def test_each_refusal_of_the_database_has_its_advice(tmp_path: Path, code: int, expected: str) -> None:
    """The primary result code decides, whatever its extension."""
    cause = sqlite3.OperationalError("reason")
    cause.sqlite_errorcode = code
    with open_store(tmp_path) as store:
        assert store.explain(DatabaseError("statement", None, cause)).code == expected


def _empty(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"")


def _remove(folder: Path) -> None:
    (folder / DATABASE).unlink()


def _spoil(folder: Path) -> None:
    content = bytearray((folder / DATABASE).read_bytes())
    content[4096:8192] = bytes(range(256)) * 16
    (folder / DATABASE).write_bytes(content)


@pytest.mark.parametrize(("harm", "code"), [(_empty, "emptied"), (_remove, "emptied"), (_spoil, "damaged")])
def test_a_harmed_store_is_no_new_one_and_its_backup_restores_it(
    tmp_path: Path, harm: Callable[[Path], None], code: str
) -> None:
    """An emptied or damaged database is refused at start and stays as it is; the last backup in its place opens."""
    folder = tmp_path / "store"
    with open_store(folder) as store:
        study = add_study(store, write_small_study(tmp_path / "study"))
        create_scenario(store, study.id, "kept", edits=(CLOSE,))
    with open_store(folder):
        pass  # each start refreshes the backup of the day
    harm(folder)
    left = (folder / DATABASE).read_bytes() if (folder / DATABASE).is_file() else None
    with pytest.raises(InputError, match=rf"store\.{code}"):
        open_store(folder)
    assert ((folder / DATABASE).read_bytes() if (folder / DATABASE).is_file() else None) == left
    for beside in folder.glob(f"{DATABASE}-*"):
        beside.unlink()
    shutil.copy(backups.list_backups(folder)[0], folder / DATABASE)
    with open_store(folder) as store:
        assert [head.name for head in list_scenarios(store, study.id)] == ["kept"]


def test_backups_are_few(tmp_path: Path) -> None:
    """One a day, the last seven; another file of the folder is nobody's backup and stays."""
    folder = tmp_path / "store"
    with open_store(folder) as store:
        add_study(store, write_small_study(tmp_path / "study"))
    for day in range(10, 20):
        (folder / backups.BACKUPS).mkdir(exist_ok=True)
        (folder / backups.BACKUPS / f"studies-202001{day}.sqlite").write_bytes(b"old")
    (folder / backups.BACKUPS / "mine.sqlite").write_bytes(b"mine")
    with open_store(folder):
        found = backups.list_backups(folder)
    assert len(found) == backups.MOST_KEPT
    assert [path.name for path in found[1:]] == [f"studies-202001{day}.sqlite" for day in range(19, 13, -1)]
    assert (folder / backups.BACKUPS / "mine.sqlite").is_file()


@pytest.mark.parametrize("harm", [lambda content: content[::-1], lambda content: content[:-1], lambda _: b""])
def test_a_kept_file_heals(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    """A file damaged at any size is written again when its content is kept again, and a study put together is too."""
    study_toml = write_small_study(tmp_path / "study")
    with open_store(tmp_path / "store") as store:
        study = add_study(store, study_toml)
        opened = open_stored_study(store, study.id)
        kept = [*(store.folder / "files").glob("??/*"), *(path for path in opened.parent.iterdir() if path.is_file())]
        good = {path: path.read_bytes() for path in kept}
        for path, content in good.items():
            path.write_bytes(harm(content))
        add_study(store, study_toml)
        assert open_stored_study(store, study.id) == opened
        assert {path: path.read_bytes() for path in kept} == good


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folder from others by itself")
def test_other_accounts_cannot_look_in(tmp_path: Path) -> None:
    """Files of the store are 0600 and its folders 0700, also those that an older version left open."""
    folder = tmp_path / "home" / "store"
    with open_store(folder) as store:
        study = add_study(store, write_small_study(tmp_path / "study"))
        open_stored_study(store, study.id)
        for path in (folder, folder / DATABASE, *folder.glob("files/*")):
            path.chmod(0o755)
    with open_store(folder) as store:
        create_scenario(store, study.id, "x")
        modes = {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*")) if path.is_dir()}
        assert modes == {0o700}
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}
