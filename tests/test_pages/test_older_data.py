"""A scenario and data that went on since: told, looked at, brought to today; and a study that is deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from page_steps import open_page
from small_study import write_small_study
from streamlit.testing.v1 import AppTest
from whatif_bench import AT_B, SMALL, EventMap, Page, open_bench

from coverage.scenario.edits import AddStation, CloseStation, Edit
from geodata.files.folders import store_folder
from geodata.store.changes import Change
from geodata.store.database import open_store
from geodata.store.scenarios import create_scenario, list_scenarios, save_changes
from geodata.store.studies import find_study_record, keep_study, list_studies

CLOSE, ADD = CloseStation("S"), AddStation("N001", *AT_B, "legal_station", name="新站")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Write the small study where the planner keeps its own."""
    return write_small_study(tmp_path / "home" / "studies" / SMALL)


@pytest.fixture
def open_scenario(app: AppTest, event_map: EventMap, own: Path) -> Callable[..., Page]:
    """Return what opens the What-if page at a scenario of that study."""

    def go(scenario: str, language: str = "zh") -> Page:
        return open_bench(app, event_map, language, study_path=str(own), scenario=scenario)

    return go


def _keep(study: Path, *edits: Edit) -> str:
    """Keep a scenario of the study as it is; return its id."""
    with open_store(store_folder()) as store:
        keep_study(store, study, SMALL)
        return create_scenario(store, SMALL, "旧方案", edits=edits).head.id


def _change(study: Path, name: str, old: str, new: str) -> None:
    path = study.parent / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _list_buttons(page: Page) -> list[str | None]:
    return [button.key for button in page.app.button]


def test_edits_that_no_longer_hold_are_named_and_left_out(open_scenario: Callable[..., Page], own: Path) -> None:
    """The page says what changed and which edits are lost; brought to today the others stay, and undo works."""
    scenario = _keep(own, CLOSE, ADD)
    _change(own, "stations.csv", "\nS,", "\nT,")
    page = open_scenario(scenario)
    said = page.read()
    assert "是按 20" in said
    assert "此后有变化的数据：站点。" in said
    assert "第 1 处调整：没有编号为 S 的站点。" in said
    assert "新增覆盖" not in said
    page.press("w_older_bring")
    page.check(ADD)
    now = page.scenario()
    assert "去掉 1 处不再成立的调整：" in now.head.note
    with open_store(store_folder()) as store:
        assert now.head.content == find_study_record(store, SMALL).content
    page.app.run()
    assert "是按 20" not in page.read()
    page.press("w_whatif_undo")
    assert page.scenario().edits == (CLOSE, ADD)
    assert "第 1 处调整：没有编号为 S 的站点。" in page.read()
    assert "w_older_look" not in _list_buttons(page)


def test_where_all_edits_hold_the_figures_are_of_today(open_scenario: Callable[..., Page], own: Path) -> None:
    """More people change the figures and no edit; brought to today, the scenario is the same and nothing is told."""
    scenario = _keep(own, CLOSE)
    _change(own, "population.csv", ",100,40", ",900,40")
    page = open_scenario(scenario, "en")
    assert "changed since" in page.read()
    assert "all hold on the current data" in page.read()
    page.press("w_older_bring")
    assert page.scenario().edits == (CLOSE,)
    assert page.scenario().entries[-1].change == Change("data", order=(0,))
    page.app.run()
    assert "w_older_bring" not in _list_buttons(page)


def test_older_data_are_looked_at_and_never_changed(open_scenario: Callable[..., Page], own: Path) -> None:
    """With the data it was made for the scenario has its old figures; there and back nothing is written."""
    scenario = _keep(own, CLOSE, ADD)
    _change(own, "stations.csv", "\nS,", "\nT,")
    page = open_scenario(scenario)
    before = page.scenario()
    page.press("w_older_look")
    page.app.run()
    assert "的旧数据：只能查看，不能修改" in page.read()
    assert Path(page.app.session_state["study_path"]).is_relative_to(store_folder())
    page.check(CLOSE, ADD)
    assert page.app.query_params["study"] in (SMALL, [SMALL])
    assert not {"w_whatif_new", "w_whatif_duplicate", "w_older_bring"} & set(_list_buttons(page))
    assert page.app.button(key="w_whatif_undo").disabled
    page.click(AT_B)
    assert page.scenario() == before
    open_page(page.app, "data")
    assert "的旧数据：只能查看" in page.read()
    assert "方案和它们所用的数据" not in page.read()
    page.press("w_older_back")
    assert page.app.session_state["study_path"] == str(own)
    assert page.app.session_state["scenario"] == scenario
    assert "的旧数据：只能查看" not in page.read()


def test_a_study_is_deleted_with_its_scenarios_and_its_folder(open_scenario: Callable[..., Page], own: Path) -> None:
    """Data lists the scenarios by the data they were made for; confirmed, study, scenarios and folder are gone."""
    scenario = _keep(own, CLOSE)
    with open_store(store_folder()) as store:
        create_scenario(store, SMALL, "另一个")
        save_changes(store, scenario, (Change("status", text="locked"),), version=1)
    _change(own, "stations.csv", "\nS,", "\nT,")
    page = open_scenario("")
    said = open_page(page.app, "data")
    assert "方案和它们所用的数据" in said
    assert "旧方案、另一个" in said
    assert "连同 2 个方案" in said
    page.press("w_delete_study")
    assert not own.parent.exists()
    with open_store(store_folder()) as store:
        assert list_studies(store) == ()
        assert list_scenarios(store, SMALL) == ()
    assert "小项目" not in page.read()


def test_scenarios_of_a_folder_elsewhere_go_and_its_files_stay(
    app: AppTest, event_map: EventMap, tmp_path: Path
) -> None:
    """Of a study in a folder of its own only what the planner keeps is deleted, and it can be tried again."""
    study = write_small_study(tmp_path / "mine")
    page = open_bench(app, event_map, study_path=str(study))
    page.click(AT_B)
    page.press("w_whatif_confirm")
    open_page(page.app, "data")
    assert "您自己的文件不动" in page.read()
    page.press("w_delete_study")
    assert study.is_file()
    open_page(page.app, "what_if")
    page.click(AT_B)
    page.press("w_whatif_confirm")
    assert page.scenario().head.name == "方案 1"
