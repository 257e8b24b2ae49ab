"""Versions of stored studies: replaced inputs, deleted studies, and files that nobody names any more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_study import write_small_study
from sqlalchemy import text

from coverage.errors import InputError
from coverage.scenario.edit_checks import check_edits
from coverage.scenario.edits import CloseStation, SetThreshold
from geodata.store.changes import Change
from geodata.store.database import SCENARIOS, STUDIES, Store, now, open_store
from geodata.store.scenarios import create_scenario, list_scenarios, open_scenario, save_changes
from geodata.store.studies import (
    StoredStudy,
    add_study,
    keep_study,
    list_files,
    list_studies,
    open_stored_study,
    put_file,
)
from geodata.store.versions import (
    Swept,
    Version,
    delete_study,
    find_differences,
    list_versions,
    restore_study,
    sweep,
)
from geodata.studies.open_study import open_study

CLOSE = CloseStation("S")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open an empty store and close it afterwards."""
    with open_store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def study_id(store: Store, tmp_path: Path) -> str:
    """Put the small study into the store."""
    return add_study(store, write_small_study(tmp_path / "study")).id


def _rename_stations(store: Store, study_id: str, folder: Path) -> StoredStudy:
    """Call station S of the study in a folder T, and bring the store up to date."""
    path = folder / "stations.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    renamed = ["T" + row[1:] if row.startswith("S,") else row for row in rows]
    assert renamed != rows
    path.write_text("\n".join([head, *renamed, ""]), encoding="utf-8")
    return keep_study(store, folder / "study.toml", study_id, author="乙")


def _files(store: Store) -> set[str]:
    return {path.name for path in (store.folder / "files").rglob("*") if path.is_file()}


def test_a_scenario_keeps_the_data_it_was_made_for(store: Store, study_id: str, tmp_path: Path) -> None:
    """After the stations were replaced the scenario opens on the old ones; changed, it goes on with the new ones."""
    before = dict(list_files(store, study_id))
    scenario = create_scenario(store, study_id, "x", edits=(CLOSE,))
    stored = _rename_stations(store, study_id, tmp_path / "study")
    assert stored.id == study_id
    assert list_versions(store, study_id) == (
        Version(stored.content, "", ()),
        Version(scenario.head.content, scenario.entries[-1].made_at, ("x",)),
    )
    now, then = (
        open_study(open_stored_study(store, study_id, content=one)) for one in (stored.content, scenario.head.content)
    )
    assert "T" in now.stations.index
    assert "S" not in now.stations.index
    assert check_edits(then, open_scenario(store, scenario.head.id).edits) == ()
    assert [fault.code for fault in check_edits(now, scenario.edits)] == ["edits.unknown_station"]
    after = dict(list_files(store, study_id))
    assert {name for name in before if before[name] != after[name]} == {"stations.csv"}
    assert sweep(store, young_s=-1.0) == Swept(0, 0, 0)
    changed = save_changes(store, scenario.head.id, (Change("undo"), Change("edit", CloseStation("T"))), version=1)
    assert changed.scenario.head.content == stored.content
    swept = sweep(store, young_s=-1.0)
    assert (swept.versions, swept.files) == (1, 1)
    assert _files(store) == set(after.values())
    with pytest.raises(InputError, match=r"store\.unknown_version"):
        open_stored_study(store, study_id, content=scenario.head.content)
    assert open_study(open_stored_study(store, study_id)).fingerprint == now.fingerprint


def test_a_name_or_a_note_does_not_turn_to_new_data(store: Store, study_id: str, tmp_path: Path) -> None:
    """Only who changes edits sees what they do to the study of today."""
    scenario = create_scenario(store, study_id, "x", edits=(CLOSE,))
    _rename_stations(store, study_id, tmp_path / "study")
    renamed = save_changes(store, scenario.head.id, (Change("rename", text="y"), Change("note", text="z")), version=1)
    assert renamed.scenario.head.content == scenario.head.content


def test_the_old_content_is_the_old_version(store: Store, study_id: str, tmp_path: Path) -> None:
    """Equal content is the same version, and putting the old content back is the old version again."""
    folder = tmp_path / "study"
    old, first = (folder / "stations.csv").read_bytes(), list_studies(store)[0]
    assert keep_study(store, folder / "study.toml", study_id).content == first.content
    create_scenario(store, study_id, "x", edits=(CLOSE,))
    assert _rename_stations(store, study_id, folder).content != first.content
    (folder / "stations.csv").write_bytes(old)
    assert keep_study(store, folder / "study.toml", study_id).content == first.content


def test_a_broken_study_file_is_refused(store: Store, study_id: str, tmp_path: Path) -> None:
    """A study.toml that cannot be read leaves the study as it was."""
    before = list_files(store, study_id)
    (tmp_path / "study" / "study.toml").write_text("not = [toml", encoding="utf-8")
    with pytest.raises(InputError):
        keep_study(store, tmp_path / "study" / "study.toml", study_id)
    assert list_files(store, study_id) == before


def test_what_differs_is_told_by_role(store: Store, study_id: str, tmp_path: Path) -> None:
    """Changed files count for their role, other settings for the study, and a file moved elsewhere for nothing."""
    folder = tmp_path / "study"
    first = list_studies(store)[0].content
    create_scenario(store, study_id, "x", edits=(CLOSE,))
    second = _rename_stations(store, study_id, folder).content
    assert find_differences(store, study_id, first, second) == ("stations",)
    toml = (folder / "study.toml").read_text("utf-8")
    (folder / "people.csv").write_bytes((folder / "population.csv").read_bytes())
    moved = toml.replace("population.csv", "people.csv")
    (folder / "study.toml").write_text(moved, encoding="utf-8")
    create_scenario(store, study_id, "y")
    third = keep_study(store, folder / "study.toml", study_id).content
    assert third != second
    assert find_differences(store, study_id, second, third) == ()
    (folder / "closures.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    more = moved.replace("[snap]", 'closures = "closures.geojson"\n[assessment]\ncutoff_min = 20.0\n[snap]')
    (folder / "study.toml").write_text(more, encoding="utf-8")
    fourth = keep_study(store, folder / "study.toml", study_id).content
    assert find_differences(store, study_id, fourth, first) == ("stations", "closures", "study")
    with pytest.raises(InputError, match=r"store\.unknown_version"):
        find_differences(store, study_id, fourth, "0" * 64)


def test_data_of_today_may_leave_edits_out(store: Store, study_id: str, tmp_path: Path) -> None:
    """Turning to other data keeps the edits that are named, in their order; undone, the others are back."""
    edits = (CLOSE, SetThreshold(20.0), SetThreshold(40.0))
    scenario = create_scenario(store, study_id, "x", edits=edits).head
    stored = _rename_stations(store, study_id, tmp_path / "study")
    brought = save_changes(store, scenario.id, (Change("data", order=(1, 2)),), version=3).scenario
    assert (brought.edits, brought.head.content) == (edits[1:], stored.content)
    assert open_scenario(store, scenario.id) == brought
    undone = save_changes(store, scenario.id, (Change("undo"),), version=4).scenario
    assert undone.edits == edits
    assert undone.history.future == (Change("data", order=(1, 2)),)
    none = save_changes(store, scenario.id, (Change("data"),), version=5).scenario
    assert none.edits == ()
    for order in ((0,), (2, 1), (1, 1)):
        with pytest.raises(InputError, match=r"store\.change_invalid"):
            save_changes(store, scenario.id, (Change("undo"), Change("data", order=(*order, 3))), version=6)
    for order in ((2, 1), (1, 1)):
        with pytest.raises(InputError, match=r"store\.change_invalid"):
            save_changes(store, scenario.id, (Change("undo"), Change("data", order=order)), version=6)


def test_a_deleted_study_takes_its_scenarios_along(store: Store, study_id: str, tmp_path: Path) -> None:
    """The study and its scenarios are gone for everybody, and one call brings all of it back for 30 days."""
    other = add_study(store, tmp_path / "study" / "study.toml").id
    kept = create_scenario(store, other, "y", edits=(CLOSE,))
    scenario = create_scenario(store, study_id, "x", edits=(CLOSE,))
    save_changes(store, scenario.head.id, (Change("edit", CLOSE),), version=0)  # goes into a copy
    before = list_scenarios(store, study_id)
    delete_study(store, study_id)
    assert [one.id for one in list_studies(store)] == [other]
    assert [one.id for one in list_studies(store, are_deleted=True)] == [study_id]
    assert list_scenarios(store, study_id) == ()
    for act in (
        lambda: open_scenario(store, scenario.head.id),
        lambda: open_stored_study(store, study_id),
        lambda: create_scenario(store, study_id, "z"),
        lambda: delete_study(store, study_id),
    ):
        with pytest.raises(InputError, match="unknown_"):
            act()
    assert open_scenario(store, kept.head.id) == kept
    assert sweep(store, young_s=-1.0) == Swept(0, 0, 0)
    assert restore_study(store, study_id).id == study_id
    assert list_scenarios(store, study_id) == before
    assert open_scenario(store, scenario.head.id) == scenario


def test_a_study_begun_again_after_its_deletion_has_no_scenarios(store: Store, study_id: str, tmp_path: Path) -> None:
    """The embedded study keeps its id: deleted scenarios stay away until they are restored, next to the new ones."""
    old = create_scenario(store, study_id, "x", edits=(CLOSE,))
    delete_study(store, study_id)
    assert keep_study(store, tmp_path / "study" / "study.toml", study_id).id == study_id
    assert list_scenarios(store, study_id) == ()
    new = create_scenario(store, study_id, "x")
    restore_study(store, study_id)
    assert [head.id for head in list_scenarios(store, study_id)] == [old.head.id, new.head.id]


def test_what_was_deleted_30_days_ago_goes(store: Store, study_id: str, tmp_path: Path) -> None:
    """The sweep removes the study with its logs and files; a copy in another study and its files stay whole."""
    other = add_study(store, tmp_path / "study" / "study.toml").id
    create_scenario(store, other, "y", edits=(CLOSE,))
    scenario = create_scenario(store, study_id, "x", edits=(CLOSE,))
    save_changes(store, scenario.head.id, (Change("edit", CLOSE),), version=0)
    for one, days in ((study_id, 30.1), (other, 29.9)):
        delete_study(store, one)
        at = now(days_ago=days)
        with store.write() as connection:
            for table in (STUDIES, SCENARIOS):
                connection.execute(table.update().where(table.c.deleted_at > now(days_ago=1)), {"deleted_at": at})
        sweep(store, young_s=-1.0)
    assert [one.id for one in list_studies(store, are_deleted=True)] == [other]
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM entries")).scalar_one() == 1
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    with pytest.raises(InputError, match=r"store\.unknown_study"):
        restore_study(store, study_id)
    restore_study(store, other)
    assert open_study(open_stored_study(store, other)).demand.index.size > 0


def test_what_is_young_stays(store: Store) -> None:
    """A file is there before a study names it: it is swept away a day later, and is young again when put again."""
    sha256 = put_file(store, b"content")
    path = store.folder / "files" / sha256[:2] / sha256
    assert sweep(store).files == 0
    os.utime(path, (0, 0))
    put_file(store, b"content")
    assert sweep(store).files == 0
    os.utime(path, (0, 0))
    assert sweep(store) == Swept(0, 1, 7)
    assert not path.exists()
