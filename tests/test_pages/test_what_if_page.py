"""The What-if page without a browser: what is done is what the engine says, and every step is on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from small_study import LAT, LON, STEP, write_small_study
from streamlit.testing.v1 import AppTest

from coverage.question import Question
from coverage.scenario import (
    AddStation,
    ChangeStation,
    CloseRoads,
    CloseStation,
    Edit,
    MoveStation,
    ReopenStation,
    SetThreshold,
    SlowRoads,
)
from coverage.stations import StationChoice
from geodata import number_words
from geodata.demo import demo_folder
from geodata.edits_json import write_edits
from geodata.folders import store_folder
from geodata.maps.layers import name_station_key
from geodata.run_whatif import WhatIf, run_whatif
from geodata.store.changes import Change
from geodata.store.database import open_store
from geodata.store.scenarios import Scenario, list_scenarios, open_scenario, save_changes
from geodata.study import open_study
from pages.ui import map_frame, whatif_map
from pages.ui.first_question import first_question

SMALL = "20260101-000000-abcdef"
AT_B = (LON + 2 * STEP, LAT)


class FakeMap:
    """Stands in for the map in the browser: keeps what it was given, and reports what a test does on it."""

    def __init__(self) -> None:
        self.layers: dict[str, str] = {}
        self.bases: list[str] = []
        self.event: dict[str, Any] | None = None
        self.count = 0

    def show(self, fig: Any, layers: Any, *, key: str, on_change: Any, **_: Any) -> None:
        """Take the place of `map_frame.show_map`; an event waiting here happens and runs the page again."""
        if key != whatif_map.KEY:
            return
        calls = [child for child in layers._children.values() if hasattr(child, "encoded")]
        self.layers = {json.loads(call.encoded).get("slot", call.function): call.encoded for call in calls}
        self.bases.append("".join(child.encoded for child in fig._children.values() if hasattr(child, "encoded")))
        if self.event is not None:
            self.count += 1
            event, self.event = self.event | {"number": f"n{self.count}"}, None
            st.session_state[key] = {"event": event}
            on_change()
            st.rerun()

    def read(self, slot: str) -> Any:
        """Return the data of a layer."""
        return json.loads(self.layers[slot])


class Page:
    """The page as a person uses it, on a small study."""

    def __init__(self, app: AppTest, fake: FakeMap) -> None:
        self.app, self.map = app, fake

    def do(self, **event: Any) -> str:
        """Do something on the map and return what the page says then."""
        self.map.event = event
        self.app.run()
        return self.read()

    def click(self, place: tuple[float, float]) -> str:
        """Click the map at lon, lat."""
        return self.do(kind="place", lng=place[0], lat=place[1])

    def choose(self, station: str) -> str:
        """Click a station on the map."""
        return self.do(kind="station", id=name_station_key(station))

    def press(self, key: str) -> str:
        """Press a button."""
        self.app.button(key=key).click().run()
        return self.read()

    def read(self) -> str:
        """Return everything the page says."""
        assert not self.app.exception
        said = [str(block.proto.body) for block in self.app.get("html") if "<style>" not in str(block.proto.body)]
        for kind in ("button", "selectbox", "text_input", "number_input", "multiselect"):
            said += [str(entry.label) for entry in getattr(self.app, kind)]
        return "\n".join(said)

    def scenario(self) -> Scenario:
        """Return the scenario of the visit as it is on disk."""
        with open_store(store_folder()) as store:
            return open_scenario(store, self.app.session_state["scenario"])

    def check(self, *edits: Edit, question: Question | None = None) -> WhatIf:
        """Check that these edits hold on disk, and that the page has the numbers of the engine for them."""
        assert self.scenario().edits == edits
        study = open_study(Path(self.app.session_state["study_path"]))
        found = run_whatif(study, question or first_question(study), edits)
        delta, page = found.comparison, self.read()
        assert f'新增覆盖 <b class="p-gain">{number_words.people(delta.newly_covered)}人' in page
        assert f'失去覆盖 <b class="p-loss">{number_words.people(delta.newly_lost)}人' in page
        assert f"{number_words.number(delta.after.mean_min, 2)}分钟" in page
        assert f"{number_words.number(found.cost / 1e4, 1)} 万元" in page
        return found


def open_page(served: None, fake: FakeMap, language: str = "zh", **session: Any) -> Page:
    """Open the page on the study of the session."""
    app = AppTest.from_file(str(Path(__file__).resolve().parents[2] / "app.py"), default_timeout=60.0)
    app.query_params["lang"] = language
    for name, value in session.items():
        app.session_state[name] = value
    app.run()
    app.switch_page("pages/what_if.py").run()
    return Page(app, fake)


@pytest.fixture
def fake_map(monkeypatch: pytest.MonkeyPatch) -> FakeMap:
    """Replace the map's front end."""
    fake = FakeMap()
    monkeypatch.setattr(map_frame, "show_map", fake.show)
    return fake


@pytest.fixture
def page(served: None, fake_map: FakeMap, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Page:
    """Return the page on the small study, with the planner's folder in the test's own."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    path = write_small_study(tmp_path / "home" / "studies" / SMALL)
    return open_page(served, fake_map, study_path=str(path))


def test_a_station_is_tried_before_it_is_added(page: Page) -> None:
    """A click shows numbers, the road it meets and the walk there; nothing is stored until it is confirmed."""
    shown = page.click((AT_B[0], AT_B[1] + 0.001))
    assert "预览，尚未加入" in shown
    assert "接入段 111 米" in shown
    assert page.app.session_state["scenario"] == ""
    draft = page.map.read("scene")
    assert [point["look"] for point in draft["points"]] == ["draft"]
    assert len(draft["leg"]) == 2
    page.do(kind="drag", id="draft", lng=AT_B[0], lat=AT_B[1])
    shown = page.press("w_whatif_confirm")
    assert "预览，尚未加入" not in shown
    (edit,) = page.scenario().edits
    assert isinstance(edit, AddStation)
    assert (edit.station_id, edit.lon, edit.lat, edit.level) == ("N001", round(AT_B[0], 6), AT_B[1], "township")
    page.check(edit)
    assert [point["look"] for point in page.map.read("scene")["points"]] == ["added"]
    assert page.app.query_params["scenario"] in (page.scenario().head.id, [page.scenario().head.id])


def test_moving_closing_and_changing_a_station(page: Page) -> None:
    """What is there today is dragged, closed, opened and changed; each is one edit with the engine's numbers."""
    page.choose("S")
    page.do(kind="drag", id=name_station_key("S"), lng=LON, lat=LAT)
    moved = MoveStation("S", LON, LAT)
    page.check(moved)
    scene = page.map.read("scene")
    assert [point["look"] for point in scene["points"]] == ["selected"]
    assert scene["moves"] == [[[LAT, round(LON + STEP, 6)], [LAT, LON]]]
    page.press("w_whatif_close")
    found = page.check(moved, CloseStation("S"))
    assert found.comparison.newly_lost == 180.0
    assert '"mask":"data:image/png' in page.map.layers["changes"]
    page.press("w_whatif_reopen")
    page.check(moved, CloseStation("S"), ReopenStation("S"))
    page.app.multiselect(key="w_whatif_form_services_S").set_value(["legal_consultation"])
    page.app.number_input(key="w_whatif_form_capacity_S").set_value(500.0)
    next(button for button in page.app.button if button.label == "保存").click().run()
    changed = page.scenario().edits[-1]
    assert changed == ChangeStation("S", services=("legal_consultation",), capacity=500.0)


def test_undo_redo_and_keys(page: Page) -> None:
    """Buttons and keys go back and forth in the history; what was undone is grey, and Esc leaves what is tried."""
    page.choose("P")
    page.press("w_whatif_reopen")
    page.choose("S")
    page.press("w_whatif_close")
    assert "调整记录 2" in page.do(kind="leave")
    shown = page.do(kind="undo")
    assert shown.count('class="p-undone"') == 1
    page.check(ReopenStation("P"))
    page.press("w_whatif_undo")
    assert page.scenario().edits == ()
    page.do(kind="undo")  # nothing left to undo: nothing happens
    page.do(kind="redo")
    page.press("w_whatif_redo")
    page.check(ReopenStation("P"), CloseStation("S"))
    page.click(AT_B)
    assert "draft" in page.map.layers["scene"]
    page.do(kind="leave")
    assert "draft" not in page.map.layers["scene"]
    assert len(set(page.map.bases)) == 1  # the base of the map was the same in every run: it is never mounted again


def test_roads_and_the_threshold(page: Page) -> None:
    """A road that is clicked closes or slows, the threshold changes; the numbers are those of everything anew."""
    page.app.session_state["whatif"] = {**page.app.session_state["whatif"], "act": "road"}
    shown = page.click((LON + 1.5 * STEP, LAT))
    assert "涉及 1 段道路" in shown
    page.press("w_whatif_roads")
    closed = page.scenario().edits[-1]
    assert isinstance(closed, CloseRoads)
    page.check(closed)
    page.app.session_state["whatif"] = {**page.app.session_state["whatif"], "road_act": "slow"}
    # A station in the way of the click is no hindrance: the road beneath it is meant, also from beside it.
    page.do(kind="station", id=name_station_key("P"), lng=LON + 0.5 * STEP, lat=LAT + 0.004)
    page.press("w_whatif_roads")
    slowed = page.scenario().edits[-1]
    assert isinstance(slowed, SlowRoads)
    assert slowed.factor == 0.5
    page.check(closed, slowed)
    page.app.session_state["whatif"] = {**page.app.session_state["whatif"], "act": "threshold"}
    page.app.run()
    page.app.number_input(key="w_whatif_minutes").set_value(2.0).run()
    page.press("w_whatif_set_minutes")
    page.check(closed, slowed, SetThreshold(2.0))


@pytest.mark.parametrize(
    ("typed", "place"),
    [("８７．６，４３．８", (87.6, 43.8)), ("43.8N 87.6E", (87.6, 43.8)), ("东经87度36分 北纬43度48分", (87.6, 43.8))],
)
def test_coordinates_are_typed_as_people_write_them(page: Page, typed: str, place: tuple[float, float]) -> None:
    """Full-width digits, letters and Chinese words lead to the same place; what is none is told."""
    page.app.text_input(key="w_whatif_coordinates").set_value(typed).run()
    assert "预览，尚未加入" in page.read()
    (point,) = page.map.read("scene")["points"]
    assert point["at"] == [place[1], place[0]]
    page.do(kind="leave")
    page.app.text_input(key="w_whatif_coordinates").set_value("那边").run()
    assert "看不懂坐标" in page.read()


def test_scenarios_are_named_copied_and_locked(page: Page) -> None:
    """Several scenarios stand side by side, with names and notes, and a locked one takes no edits."""
    page.choose("P")
    page.press("w_whatif_reopen")
    first = page.scenario().head
    page.app.text_input(key=f"w_whatif_name_{first.id}").set_value("近期方案").run()
    page.app.text_area(key=f"w_whatif_note_{first.id}").set_value("先开这一个").run()
    assert (page.scenario().head.name, page.scenario().head.note) == ("近期方案", "先开这一个")
    page.press("w_whatif_duplicate")
    copy = page.scenario()
    assert copy.head.id != first.id
    assert copy.edits == (ReopenStation("P"),)
    page.app.button_group(key=f"w_whatif_status_{copy.head.id}").set_value("locked").run()
    assert page.scenario().head.status == "locked"
    page.do(kind="undo")
    assert page.scenario().edits == (ReopenStation("P"),)
    assert "已锁定" in page.read()
    page.press("w_whatif_new")
    assert page.scenario().edits == ()
    page.app.selectbox(key="w_whatif_scenario").set_value(first.id).run()
    page.check(ReopenStation("P"))


def test_a_second_writer_is_told_on_the_page(page: Page) -> None:
    """Somebody else changes the scenario between two runs: the page says who and what, and both are kept."""
    page.choose("P")
    page.press("w_whatif_reopen")
    before = page.scenario()
    page.choose("S")
    with open_store(store_folder()) as store:
        change = Change("edit", SetThreshold(45.0))
        save_changes(store, before.head.id, (change,), version=before.head.version, author="李四")
    shown = page.press("w_whatif_close")
    assert "李四在您编辑时修改了" in shown
    assert "时间阈值改为 45 分钟" in shown
    page.check(ReopenStation("P"), CloseStation("S"))
    page.press("w_whatif_see_other")
    assert page.scenario().edits == (ReopenStation("P"), SetThreshold(45.0))
    with open_store(store_folder()) as store:
        assert len(list_scenarios(store, SMALL)) == 2


def test_a_file_of_edits_becomes_a_scenario(page: Page) -> None:
    """Edits that were downloaded come back as a scenario of their own; a file that is none is told and makes none."""
    page.choose("P")
    page.press("w_whatif_reopen")
    edits = (CloseStation("S"), SetThreshold(45.0))
    upload = page.app.file_uploader(key="w_whatif_upload")
    upload.upload("edits.json", write_edits(edits).encode(), "application/json").run()
    page.check(*edits)
    with open_store(store_folder()) as store:
        assert [open_scenario(store, head.id).edits for head in list_scenarios(store, SMALL)] == [
            (ReopenStation("P"),),
            edits,
        ]
    upload = page.app.file_uploader(key="w_whatif_upload")
    upload.upload("wrong.json", write_edits((CloseStation("nobody"),)).encode(), "application/json").run()
    assert "nobody" in page.read()
    page.app.file_uploader(key="w_whatif_upload").upload("none.json", b"[", "application/json").run()
    assert "无法读取调整文件" in page.read()
    with open_store(store_folder()) as store:
        assert len(list_scenarios(store, SMALL)) == 2


def test_events_that_mean_nothing_do_nothing(page: Page) -> None:
    """A station that is not there, a place that is none, a place beyond the poles: the scenario stays as it is."""
    page.choose("S")
    page.press("w_whatif_close")
    page.do(kind="drag", id="0" * 16, lng=1.0, lat=1.0)
    page.do(kind="leave")
    page.do(kind="place", lng="x", lat=1.0)
    page.do(kind="place", lng=0.0, lat=89.0)
    page.do(kind="station", id=5)
    page.do(kind="unheard-of")
    assert page.scenario().edits == (CloseStation("S"),)
    assert "预览，尚未加入" not in page.read()


def test_police_services_only_come_to_places_that_exist(
    served: None, fake_map: FakeMap, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Asked about the police family the page tries no new post, and no new station is offered a police item."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    page = open_page(served, fake_map)
    study = open_study(demo_folder())
    page.click((87.9, 43.5))
    items = {item.id: item.family for item in study.catalogue.items}
    kinds = {kind.id: kind.family for kind in study.catalogue.kinds}
    offered = page.app.multiselect(key="w_whatif_services_N001")
    names = {item.name.zh for item in study.catalogue.items if items[item.id] == "police"}
    assert names
    assert not names & set(offered.options)
    police = {kind.name.zh for kind in study.catalogue.kinds if kinds[kind.id] == "police"}
    assert not police & set(page.app.selectbox(key="w_whatif_kind_N001").options)
    page.do(kind="leave")
    page.app.session_state["question"] = Question(StationChoice(family="police"), season="summer")
    page.app.run()
    shown = page.click((87.9, 43.5))
    assert "不提出新的警务场所" in shown
    assert page.map.read("scene")["points"] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_all_its_words(
    served: None, fake_map: FakeMap, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """With and without edits, in every part, no message id is left on the page."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    path = write_small_study(tmp_path / "home" / "studies" / SMALL)
    page = open_page(served, fake_map, language, study_path=str(path))
    said = page.read()
    said += page.click(AT_B)
    said += page.press("w_whatif_confirm")
    for part in ("services", "winners", "files"):
        page.app.session_state["whatif"] = {**page.app.session_state["whatif"], "part": part}
        page.app.run()
        said += page.read()
    for act in ("road", "threshold"):
        page.app.session_state["whatif"] = {**page.app.session_state["whatif"], "act": act}
        page.app.run()
        said += page.read()
    for group in ("whatif.", "doing.", "column.", "nav.", "fact.", "gap."):
        assert f">{group}" not in said
        assert f"\n{group}" not in said
    assert ("New station" in said) == (language == "en")


def test_a_hostile_name_stays_a_name(page: Page) -> None:
    """A name of a new station is data wherever it is shown: on the map, in the history and in the panel."""
    page.click(AT_B)
    name = "{{7*191}}<img src=x onerror=alert(1)>"
    page.app.text_input(key="w_whatif_name_N001").set_value(name).run()
    shown = page.press("w_whatif_confirm")
    assert isinstance(page.scenario().edits[0], AddStation)
    assert page.scenario().edits[0].name == name  # type: ignore[union-attr]
    for text in (shown, *page.map.layers.values()):
        assert "<img" not in text
        assert "1337" not in text


def test_the_study_is_the_same_after_all(page: Page, tmp_path: Path) -> None:
    """Scenarios never touch the files of the study."""
    folder = tmp_path / "home" / "studies" / SMALL
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    page.choose("S")
    page.press("w_whatif_close")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
