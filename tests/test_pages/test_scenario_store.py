"""Scenarios of a visit: kept at every change, found by the address, and never lost between two writers."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from small_study import write_small_study
from sqlalchemy import Connection, event
from streamlit.testing.v1 import AppTest

from coverage.scenario.edits import CloseStation, SetThreshold
from geodata.files.folders import store_folder
from geodata.store.changes import Change
from geodata.store.database import open_store
from geodata.store.scenarios import list_scenarios, open_scenario, save_changes
from geodata.store.studies import keep_study, list_files, list_studies
from pages.ui import scenario_store

CLOSE = Change("edit", CloseStation("S"))


def script() -> None:
    """Run as a page: change a scenario as the session asks, and keep what the visit then sees."""
    from collections import UserDict

    import streamlit as st

    from coverage.errors import PlannerError
    from geodata.words.i18n import Translator
    from pages.ui import scenario_store, state
    from pages.ui.memo import cached

    asked: UserDict[str, object] = UserDict(st.session_state.get("asked") or {})
    state.settle_study()
    if asked.get("restore"):
        scenario_store.restore(str(asked["restore"]))
    study = cached.fetch_study(state.study_path())
    tr = Translator("zh_CN")
    shown = asked["shown"] if "shown" in asked else scenario_store.find_current(study)
    if asked.get("changes"):
        st.session_state["saved"] = scenario_store.record(study, shown, asked["changes"], tr)  # type: ignore[arg-type]
    if asked.get("duplicate"):
        scenario_store.duplicate(study, shown, tr)  # type: ignore[arg-type]
    if asked.get("delete"):
        scenario_store.delete(state.study_path())
        st.session_state["asked"] = None
        return
    if asked.get("room"):
        scenario_store.save_trial(study)
    if asked.get("pack"):
        st.session_state["packed"] = scenario_store.encode_study(study)
    if asked.get("open"):
        pack, folder = asked["open"]  # type: ignore[misc]
        try:
            state.open_study_at(scenario_store.open_with_scenarios(pack, folder, pack.name))
            study = cached.fetch_study(state.study_path())
        except PlannerError as error:
            state.keep_refusal(error)
    st.session_state["asked"] = None
    st.session_state["seen"] = scenario_store.find_current(study)
    st.session_state["refused"] = state.take_refusal()
    st.session_state["heads"] = scenario_store.list_heads(study)
    st.session_state["reason"] = state.trial()[1].code if state.trial() else ""  # type: ignore[index]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    """Return a visit to the small study, with the planner's folder in the test's own."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    made = AppTest.from_function(script, default_timeout=600.0)
    folder = tmp_path / "home" / "studies" / "20260101-000000-abcdef"
    made.session_state["study_path"] = str(write_small_study(folder))
    return made.run()


def see(visit: AppTest) -> Any:
    """Return the scenario that the visit sees, None for none."""
    return visit.session_state["seen"]


def ask(visit: AppTest, **asked: object) -> AppTest:
    """Run the visit once more with something to do."""
    visit.session_state["asked"] = asked
    visit.run()
    assert not visit.exception
    return visit


def test_the_first_change_begins_a_scenario_that_the_address_names(visit: AppTest) -> None:
    """A visit that only looks leaves nothing behind; its first change makes scenario 1 and an address to it."""
    assert see(visit) is None
    assert visit.session_state["heads"] == ()
    ask(visit, changes=(CLOSE,))
    seen = see(visit)
    assert (seen.head.name, seen.edits) == ("方案 1", (CloseStation("S"),))
    assert visit.query_params["scenario"] in (seen.head.id, [seen.head.id])
    assert visit.query_params["study"] in ("20260101-000000-abcdef", ["20260101-000000-abcdef"])
    again = AppTest.from_function(script, default_timeout=600.0)
    again.query_params["study"] = "20260101-000000-abcdef"
    again.query_params["scenario"] = seen.head.id
    assert again.run().session_state["seen"] == seen
    ask(visit, changes=(Change("undo"),))
    assert see(visit).history.undone == (CloseStation("S"),)
    ask(visit, duplicate=True)
    assert [head.name for head in visit.session_state["heads"]] == ["方案 1", "方案 1（副本 1）"]
    assert see(visit).head.name == "方案 1（副本 1）"


def test_a_second_writer_is_told_and_both_are_kept(visit: AppTest) -> None:
    """Who changes what somebody else has changed since gets a copy, and knows whose changes it lies beside."""
    ask(visit, changes=(CLOSE,))
    shown = see(visit)
    with open_store(store_folder()) as store:
        save_changes(store, shown.head.id, (Change("edit", SetThreshold(45.0)),), version=1, author="李四")
    ask(visit, shown=shown, changes=(Change("edit", SetThreshold(20.0)),))
    saved = visit.session_state["saved"]
    assert [entry.author for entry in saved.conflict.entries] == ["李四"]
    assert see(visit).edits == (CloseStation("S"), SetThreshold(20.0))
    assert see(visit).head.id != shown.head.id
    with open_store(store_folder()) as store:
        assert open_scenario(store, shown.head.id).edits == (CloseStation("S"), SetThreshold(45.0))


def test_a_link_to_nothing_is_told(visit: AppTest) -> None:
    """A scenario that is not there, or belongs to another study, leads to the study without one."""
    visit.session_state["scenario"] = "0" * 32
    visit.run()
    assert see(visit) is None
    assert visit.session_state["refused"].code == "store.unknown_scenario"
    assert "scenario" not in visit.query_params


def test_a_study_that_was_edited_keeps_its_scenarios(tmp_path: Path) -> None:
    """Under its own id a study is stored once; new files replace the old ones and the scenarios stay."""
    with open_store(tmp_path / "store") as store:
        path = write_small_study(tmp_path / "study")
        first = keep_study(store, path, "mine", author="甲")
        assert keep_study(store, path, "mine", author="乙") == first
        before = dict(list_files(store, "mine"))
        path.write_text(path.read_text("utf-8").replace("小项目", "改名"), encoding="utf-8")
        second = keep_study(store, path, "mine")
        assert (second.id, second.name.zh, second.created_by) == ("mine", "改名", "甲")
        after = dict(list_files(store, "mine"))
        assert before.keys() == after.keys()
        assert [name for name in after if after[name] != before[name]] == ["study.toml"]
        assert list_studies(store) == (second,)
        assert list_scenarios(store, "mine") == ()


def test_a_study_is_taken_elsewhere_with_its_scenarios(visit: AppTest, tmp_path: Path) -> None:
    """The file opens as a new study with the same scenarios, authors and edits; a damaged one leaves no folder."""
    ask(visit, changes=(CLOSE,))
    ask(visit, pack=True)
    pack = tmp_path / "taken.zip"
    pack.write_bytes(visit.session_state["packed"])
    studies = tmp_path / "home" / "studies"
    ask(visit, open=(pack, studies / "20260102-000000-abcdef"))
    assert visit.session_state["refused"] is None
    (head,) = visit.session_state["heads"]
    assert (head.study_id, head.name) == ("20260102-000000-abcdef", "方案 1")
    with open_store(store_folder()) as store:
        assert open_scenario(store, head.id).edits == (CloseStation("S"),)
    with zipfile.ZipFile(pack, "a") as archive:
        archive.writestr("../evil.txt", "x")
    ask(visit, open=(pack, studies / "20260103-000000-abcdef"))
    assert visit.session_state["refused"].code == "zip.path_unsafe"
    assert not (studies / "20260103-000000-abcdef").exists()


def test_a_study_that_was_deleted_comes_back_whole(visit: AppTest, tmp_path: Path) -> None:
    """Deleted, it is gone from the folder and the store; restored, it has its files, reports and scenarios."""
    ask(visit, changes=(CLOSE,))
    scenario = see(visit)
    folder = tmp_path / "home" / "studies" / "20260101-000000-abcdef"
    (folder / "reports.json").write_text("{}")
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    ask(visit, delete=True)
    assert not folder.exists()
    ask(visit, restore=folder.name)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
    assert see(visit) == scenario


def test_with_a_full_disk_one_can_try_and_save_later(visit: AppTest) -> None:
    """The database refuses as its disk is full: the edit holds in memory, and is saved once there is room."""
    ask(visit, changes=(CLOSE,))
    begun = see(visit)
    engine = scenario_store.fetch_store().engine

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # the least it takes is what it has

    event.listen(engine, "begin", fill)
    many = tuple(Change("note", text="注" * 5000) for _ in range(4))
    ask(visit, changes=(CLOSE, *many))
    assert visit.session_state["reason"] == "store.full"
    assert see(visit).edits == (CloseStation("S"),) * 2
    ask(visit, changes=(CLOSE,))
    assert see(visit).edits == (CloseStation("S"),) * 3
    with open_store(store_folder()) as store:
        assert open_scenario(store, begun.head.id) == begun
    event.remove(engine, "begin", fill)
    engine.dispose()  # the limit went with its connections
    ask(visit, room=True)
    assert visit.session_state["reason"] == ""
    with open_store(store_folder()) as store:
        assert open_scenario(store, begun.head.id).edits == (CloseStation("S"),) * 3
    assert see(visit).head.id == begun.head.id
