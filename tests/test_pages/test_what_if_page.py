"""The What-if page without a browser: what is done is what the engine says, and every step is on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_study import LAT, LON, STEP, write_small_study
from streamlit.testing.v1 import AppTest
from whatif_bench import AT_B, SMALL, EventMap, Page, open_bench

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.scenario.edits import (
    AddStation,
    ChangeStation,
    CloseRoads,
    CloseStation,
    MoveStation,
    ReopenStation,
    SetThreshold,
    SlowRoads,
)
from geodata.files.folders import store_folder
from geodata.maps.layers import name_station_key
from geodata.store.changes import Change
from geodata.store.database import open_store
from geodata.store.scenarios import list_scenarios, open_scenario, save_changes
from geodata.studies.edits_json import write_edits


@pytest.fixture
def page(app: AppTest, event_map: EventMap, tmp_path: Path) -> Page:
    """Return the page on the small study, with the planner's folder in the test's own."""
    return open_bench(app, event_map, study_path=str(write_small_study(tmp_path / "home" / "studies" / SMALL)))


def test_a_station_is_tried_before_it_is_added(page: Page) -> None:
    """A click shows numbers, the road it meets and the walk there; nothing is stored until it is confirmed."""
    shown = page.click((AT_B[0], AT_B[1] + 0.001))
    assert "预览，尚未加入" in shown
    assert "步行接驳 111 米" in shown
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
    page.keep(act="road")
    shown = page.click((LON + 1.5 * STEP, LAT))
    assert "涉及 1 段道路" in shown
    page.press("w_whatif_roads")
    closed = page.scenario().edits[-1]
    assert isinstance(closed, CloseRoads)
    page.check(closed)
    page.keep(road_act="slow")
    # A station in the way of the click is no hindrance: the road beneath it is meant, also from beside it.
    page.do(kind="station", id=name_station_key("P"), lng=LON + 0.5 * STEP, lat=LAT + 0.004)
    page.press("w_whatif_roads")
    slowed = page.scenario().edits[-1]
    assert isinstance(slowed, SlowRoads)
    assert slowed.factor == 0.5
    page.check(closed, slowed)
    page.keep(act="threshold")
    page.app.number_input(key="w_whatif_minutes").set_value(2.0).run()
    page.press("w_whatif_set_minutes")
    page.check(closed, slowed, SetThreshold(2.0))


def test_coordinates_are_typed_as_people_write_them(page: Page) -> None:
    """Full-width digits, letters and Chinese words lead to the same place; what is none is told."""
    for typed in ("８７．６，４３．８", "43.8N 87.6E", "东经87度36分 北纬43度48分"):
        page.app.text_input(key="w_whatif_coordinates").set_value(typed).run()
        assert "预览，尚未加入" in page.read()
        (point,) = page.map.read("scene")["points"]
        assert point["at"] == [43.8, 87.6]
        page.do(kind="leave")
    page.app.text_input(key="w_whatif_coordinates").set_value("那边").run()
    assert "无法识别" in page.read()


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
    assert "文件不是合格的 JSON" in page.read()
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


def test_police_services_only_come_to_places_that_exist(app: AppTest, event_map: EventMap, study: Study) -> None:
    """Asked about the police family the page tries no new post, and no new station is offered a police item."""
    page = open_bench(app, event_map)
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


def test_every_part_can_be_shown(app: AppTest, event_map: EventMap, tmp_path: Path) -> None:
    """With an edit, in English: every table and every act is drawn."""
    path = write_small_study(tmp_path / "home" / "studies" / SMALL)
    page = open_bench(app, event_map, "en", study_path=str(path))
    assert "New station" in page.click(AT_B)
    page.press("w_whatif_confirm")
    for kept in ({"part": "services"}, {"part": "winners"}, {"part": "files"}, {"act": "road"}, {"act": "threshold"}):
        page.keep(**kept)
        page.read()


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
