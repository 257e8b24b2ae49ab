"""A study with its scenarios as one file: out of a store, into another, and no harm from hostile ones."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_study import write_small_study

from coverage.errors import PlannerError
from coverage.scenario.edits import CloseStation, MoveStation
from geodata.store.changes import Change
from geodata.store.database import Store, new_id, open_store
from geodata.store.exchange import SCENARIOS_FILE, export_study, import_scenarios
from geodata.store.scenarios import create_scenario, list_scenarios, open_scenario, save_changes
from geodata.store.studies import StoredStudy, add_study, list_files, list_studies, open_stored_study
from geodata.studies.open_study import open_study
from geodata.studies.pack import find_study, open_pack

EDITS = (CloseStation("S"), MoveStation("P", 87.6, 43.81))


def _export(folder: Path) -> Path:
    """Write a file with one study and two scenarios, one of them a copy in conflict with the other."""
    target = folder / "out.zip"
    with open_store(folder / "first") as store:
        study = add_study(store, write_small_study(folder / "study"), author="甲")
        scenario = create_scenario(store, study.id, "方案 =1+1", author="甲", edits=EDITS)
        key = scenario.head.id
        save_changes(store, key, (Change("undo"), Change("rename", text="改名"), Change("note", text="注")), version=2)
        save_changes(store, key, (Change("undo"),), version=2, author="乙")
        save_changes(store, key, (Change("status", text="approved"),), version=5)
        export_study(store, study.id, target)
    return target


def _import(store: Store, path: Path, folder: Path, author: str = "") -> StoredStudy:
    """Unpack a file and take over its scenarios."""
    listed, name = folder / SCENARIOS_FILE, path.name
    return import_scenarios(store, open_pack(path, folder), listed, new_id(), source=name, author=author)


def test_a_study_and_its_scenarios_survive_the_way(tmp_path: Path) -> None:
    """Logs, names, notes, authors and parents come through; approvals do not: a draft that names its file arrives."""
    path = _export(tmp_path)
    with open_store(tmp_path / "second") as store:
        study = _import(store, path, tmp_path / "unpacked", "丙")
        first, copy = [open_scenario(store, head.id) for head in list_scenarios(store, study.id)]
        assert (first.head.name, first.head.note, first.head.status) == ("改名", "注", "draft")
        assert (first.entries[-1].change, first.entries[-1].author) == (Change("imported", text="out.zip"), "丙")
        assert (first.edits, first.history.undone) == (EDITS[:1], EDITS[1:])
        assert [entry.author for entry in first.entries[:2]] == ["甲", "甲"]
        assert (copy.head.parent_id, copy.head.parent_version, copy.edits) == (first.head.id, 2, EDITS[:1])
        opened = open_study(open_stored_study(store, study.id))
        again = tmp_path / "again.zip"
        export_study(store, study.id, again)
    assert opened.fingerprint == open_study(tmp_path / "study" / "study.toml").fingerprint
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(again) as new:
        assert {name: new.read(name) for name in new.namelist() if name != SCENARIOS_FILE} == {
            name: old.read(name) for name in old.namelist() if name != SCENARIOS_FILE
        }
        logs = [json.loads(archive.read(SCENARIOS_FILE))["scenarios"] for archive in (old, new)]
    for before, after in zip(*logs, strict=True):
        assert after["entries"][:-1] == before["entries"]
        assert {**after, "entries": ()} == {**before, "entries": ()}


def test_the_file_opens_as_a_pack_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that knows no scenarios opens the same study from it."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    path = _export(tmp_path)
    original = open_study(tmp_path / "study" / "study.toml")
    assert open_study(find_study(path)).fingerprint == original.fingerprint


def _rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the scenarios of an exported file."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    plain = json.loads(contents[SCENARIOS_FILE])
    change(plain)
    contents[SCENARIOS_FILE] = json.dumps(plain).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "format": lambda plain: plain.update(format=2),
    "no list": lambda plain: plain.update(scenarios={}),
    "no scenario": lambda plain: plain["scenarios"].append(7),
    "too many": lambda plain: plain.update(scenarios=plain["scenarios"] * 600),
    "no name": lambda plain: plain["scenarios"][0].update(name=""),
    "name no text": lambda plain: plain["scenarios"][0].update(name=7),
    "half a character": lambda plain: plain["scenarios"][0].update(note="\ud800"),
    "own parent": lambda plain: plain["scenarios"][0].update(parent=0, parent_version=0),
    "parent true": lambda plain: plain["scenarios"][1].update(parent=False),
    "kind": lambda plain: plain["scenarios"][0]["entries"][0].update(kind="explode"),
    "value": lambda plain: plain["scenarios"][0]["entries"][0].update(value="{}"),
    "value no text": lambda plain: plain["scenarios"][0]["entries"][0].update(value={}),
    "status": lambda plain: plain["scenarios"][0]["entries"][-1].update(value="king"),
    "undo first": lambda plain: plain["scenarios"][0]["entries"].insert(0, plain["scenarios"][0]["entries"][2]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_scenarios_are_refused_as_a_whole(tmp_path: Path, name: str) -> None:
    """Whatever is wrong in one scenario, nothing of the file is stored, not even the study."""
    path = _export(tmp_path)
    _rewrite(path, HOSTILE[name])
    with open_store(tmp_path / "second") as store:
        with pytest.raises(PlannerError):
            _import(store, path, tmp_path / "unpacked")
        assert list_studies(store) == ()


@pytest.mark.parametrize("member", ["../evil.txt", "/evil.txt", "study/../../evil.txt", "C:/evil.txt"])
def test_a_file_that_reaches_out_is_refused(tmp_path: Path, member: str) -> None:
    """A member that would be written elsewhere stops the import before anything is unpacked or stored."""
    path = _export(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, "x")
    with open_store(tmp_path / "second") as store:
        with pytest.raises(PlannerError, match=r"zip\.path_unsafe"):
            _import(store, path, tmp_path / "unpacked")
        assert list_studies(store) == ()
    assert not list(tmp_path.rglob("evil.txt"))


def test_what_the_study_does_not_name_stays_out(tmp_path: Path) -> None:
    """Other files in the archive are not stored."""
    path = _export(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("study/virus.exe", "x")
    with open_store(tmp_path / "second") as store:
        study = _import(store, path, tmp_path / "unpacked")
        assert "virus.exe" not in {name for name, _ in list_files(store, study.id)}
