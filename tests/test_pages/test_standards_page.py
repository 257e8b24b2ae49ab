"""The Standards page: edits on screen, saving into a copy of the demo, undo, both languages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from page_steps import open_page, read_page
from small_study import STUDY, write_small_study
from streamlit.testing.v1 import AppTest

from coverage.inputs.study import Study
from geodata.intake.measured_regions import read_default_speeds
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_thresholds import read_presets
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study
from geodata.words.i18n import Translator
from pages.ui import drafts
from pages.ui.first_question import first_question
from pages.ui.memo import cached

PACKAGE = demo_folder().parents[1]


PARTS = ("thresholds", "speeds", "zones", "modes", "closures", "targets", "catalogue")


Change = Callable[[pd.DataFrame], pd.DataFrame]


class Editor:
    """Stands in for people at the tables: a change is made once, then the table stays as they left it."""

    def __init__(self) -> None:
        self.changes: dict[str, Change] = {}
        self._left: dict[str, pd.DataFrame] = {}

    def forget(self) -> None:
        """Do as an editor of another look does: know nothing of the changes."""
        self._left = {}

    def show(self, table: pd.DataFrame, *, key: str, **how: Any) -> pd.DataFrame:
        """Take the place of `drafts.show_editor`."""
        name = next((name for name in self.changes if f"_{name}_" in key), None)
        if name is not None:
            self._left[key] = self.changes.pop(name)(table.copy())
        return self._left.get(key, table)


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Replace the tables' front end."""
    stand_in = Editor()
    monkeypatch.setattr(drafts, "show_editor", stand_in.show)
    # The stand-in has no widget in the session; what it shows is what it was left with.
    has_widget = drafts.state.has_widget
    monkeypatch.setattr(drafts.state, "has_widget", lambda key: key in stand_in._left or has_widget(key))
    return stand_in


def turn_to(app: AppTest, part: str, language: str = "zh", **session: Any) -> str:
    """Open a part of the page and return everything it says."""
    return open_page(app, "standards", language, standards_tab=part, **session)


def hash_package() -> str:
    """Return the hash of every file of the program's data and of the demo."""
    found = hashlib.sha256()
    for path in sorted((PACKAGE / "data").rglob("*")):
        if path.is_file():
            found.update(f"{path.name} {path.stat().st_size}".encode() + path.read_bytes())
    return found.hexdigest()


def test_a_threshold_saved_on_the_demo_opens_a_copy(app: AppTest, editor: Editor, study: Study) -> None:
    """Saving copies the demo, opens the copy, and its assessment uses the new table; the program stays untouched."""
    before = hash_package()
    turn_to(app, "thresholds")
    app.toggle(key="w_draft_thresholds_is_own").set_value(True).run()
    editor.changes["rules"] = lambda table: table.assign(minutes=12.0)
    app.run()
    assert "12分钟" in read_page(app)
    assert not app.button(key="w_standards_save").disabled
    app.button(key="w_standards_save").click().run()
    assert "副本" in read_page(app)
    path = Path(app.session_state["study_path"])
    assert path.is_relative_to(Path(app.session_state["study_path"]).parents[1])
    assert not path.is_relative_to(PACKAGE)
    saved = open_study(path)
    assert saved.thresholds is not None
    assert [rule.minutes for rule in saved.thresholds.rules] == [12.0]
    question = first_question(saved)
    assert question.thresholds == saved.thresholds
    strict = cached.ask(saved, question).assessment
    plain = cached.ask(study, first_question(study)).assessment
    assert strict.totals.share_covered < plain.totals.share_covered
    assert hash_package() == before
    assert app.query_params["study"]


def test_undo_takes_the_saving_back(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """After undo the study's folder is as it was, byte by byte."""
    path = write_small_study(tmp_path / "small")
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    turn_to(app, "thresholds", study_path=str(path))
    app.button(key="w_standards_use_preset").click().run()
    app.button(key="w_standards_save").click().run()
    assert (path.parent / "thresholds.toml").is_file()
    app.button(key="w_standards_undo").click().run()
    read_page(app)
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


def test_comments_of_the_files_stay(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """A threshold and a setting changed on screen change their own lines in the files people wrote."""
    table = '# 县里的标准\nzh = "本县"\nen = "Ours"\n\n# everybody\n[[rule]]\nminutes = 45  # since May\n'
    written = "# mine\n" + STUDY.replace("[inputs]\n", '# files\n[inputs]\nthresholds = "thresholds.toml"\n')
    written += "\n# who asks\n[assessment]\ncutoff_min = 25.0  # half an hour was too much\n"
    path = write_small_study(tmp_path / "small", study=written)
    (path.parent / "thresholds.toml").write_text(table, encoding="utf-8")
    turn_to(app, "thresholds", study_path=str(path))
    editor.changes["rules"] = lambda sheet: sheet.assign(minutes=12.0)
    app.run()
    app.button(key="w_standards_save").click().run()
    read_page(app)
    saved = (path.parent / "thresholds.toml").read_text(encoding="utf-8")
    assert saved.replace('id = "thresholds"\n', "") == table.replace("45 ", "12.0 ")
    app.session_state["standards_tab"] = "modes"
    app.run()
    app.number_input(key="w_draft_modes_cutoff_min").set_value(20.0).run()
    app.button(key="w_standards_save").click().run()
    read_page(app)
    assert path.read_text(encoding="utf-8").startswith(written.replace("cutoff_min = 25.0", "cutoff_min = 20.0"))


def test_faults_are_named_by_row_and_stop_the_saving(app: AppTest, editor: Editor) -> None:
    """Missing minutes and equal conditions are told by the row's number; nothing can be saved meanwhile."""
    turn_to(app, "thresholds")
    app.toggle(key="w_draft_thresholds_is_own").set_value(True).run()

    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        more = pd.concat([table, table, table.assign(zone="urban", minutes=float("nan"))])
        return more.set_axis(pd.RangeIndex(1, 4))

    editor.changes["rules"] = spoil
    page = (app.run(), read_page(app))[1]
    assert "第 2 条：条件与第 1 条完全相同，请删去一条。" in page
    assert "第 3 条：没有填" in page
    assert app.button(key="w_standards_save").disabled


def test_edits_survive_switching_parts_and_are_marked(app: AppTest, editor: Editor) -> None:
    """A change stays while another part is shown, the part's name is marked, and discarding forgets it."""
    turn_to(app, "modes")
    app.number_input(key="w_draft_modes_cutoff_min").set_value(45.0).run()
    app.session_state["standards_tab"] = "zones"
    app.run()
    read_page(app)
    assert "出行方式 ●" in app.segmented_control(key="w_standards_tab").options
    app.session_state["standards_tab"] = "modes"
    app.run()
    assert app.number_input(key="w_draft_modes_cutoff_min").value == 45.0
    app.button(key="w_standards_discard").click().run()
    assert app.number_input(key="w_draft_modes_cutoff_min").value == 30.0


def test_table_edits_survive_another_language(app: AppTest, editor: Editor) -> None:
    """Other words on the columns make another editor; what was changed in the first one is not lost."""
    turn_to(app, "thresholds")
    app.toggle(key="w_draft_thresholds_is_own").set_value(True).run()
    editor.changes["rules"] = lambda table: table.assign(minutes=12.0)
    app.run()
    editor.forget()
    assert "12 min · row 1" in turn_to(app, "thresholds", "en")
    editor.forget()
    turn_to(app, "zones", "en")
    assert "12 min · row 1" in turn_to(app, "thresholds", "en")


def test_settings_are_saved_and_nothing_else(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """Only what was changed goes into study.toml, with its comments kept."""
    path = write_small_study(tmp_path / "small", study="# mine\n" + STUDY)
    turn_to(app, "modes", study_path=str(path))
    app.text_input(key="w_draft_modes_cutoffs_min").set_value("15，30、60").run()
    app.toggle(key="w_draft_modes_is_mixed").set_value(True).run()
    app.number_input(key="w_draft_modes_without_rural").set_value(40.0).run()
    app.button(key="w_standards_save").click().run()
    read_page(app)
    text = path.read_text("utf-8")
    assert text.startswith("# mine\n" + STUDY)
    study = open_study(path)
    assert study.settings.cutoffs_min == (15.0, 30.0, 60.0)
    assert study.mode_mix is not None
    assert dict(study.mode_mix.without_car) == {"urban": 0.0, "rural": 0.4, "pastoral": 0.0}
    app.text_input(key="w_draft_modes_cutoffs_min").set_value("30, 20").run()
    assert "从小到大" in read_page(app)


def test_speeds_are_saved_and_left_behind_with_another_mode(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """Edited speeds become the study's own; walking takes the default speeds of walking; the default is no file."""
    path = write_small_study(tmp_path / "small")
    turn_to(app, "speeds", study_path=str(path))
    editor.changes["classes"] = lambda table: table.assign(
        kph=table["kph"].where(table["class"] != "residential", 18.0)
    )
    app.run()
    app.button(key="w_standards_save").click().run()
    read_page(app)
    speeds = open_study(path).speeds
    assert dict(speeds.speeds_kph)["residential"] == 18.0
    assert replace(speeds, speeds_kph=()) == replace(
        read_default_speeds("drive", "CN-XJ"), id="measured-CN-XJ-own", speeds_kph=()
    )
    app.session_state["standards_tab"] = "modes"
    app.run()
    app.selectbox(key="w_draft_modes_mode").set_value("walk").run()
    assert app.checkbox(key="w_draft_modes_default_speeds").value
    app.button(key="w_standards_save").click().run()
    read_page(app)
    study = open_study(path)
    assert (study.settings.mode, study.speeds.id) == ("walk", "china-walk")


def test_the_season_in_use_cannot_be_removed(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """A season of one's own is a column more; the one the study uses must stay."""
    path = write_small_study(tmp_path / "small", study=STUDY + '[assessment]\nseason = "winter"\n')
    turn_to(app, "speeds", study_path=str(path))
    app.text_input(key="w_standards_season").set_value("融雪期").run()
    app.button(key="w_standards_season_add").click().run()
    app.button(key="w_standards_save").click().run()
    read_page(app)
    assert dict(open_study(path).speeds.seasons)["融雪期"] == (("*", 1.0),)
    app.selectbox(key="w_standards_season_gone").set_value("winter").run()
    app.button(key="w_standards_season_remove").click().run()
    assert "正在使用季节" in read_page(app)
    assert app.button(key="w_standards_save").disabled


def test_zones_of_districts_are_saved(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """A zone set for a township holds for its people, and automatic again takes the file out."""
    path = write_small_study(tmp_path / "small")
    turn_to(app, "zones", study_path=str(path))
    editor.changes["units"] = lambda table: table.assign(zone=["pastoral", "auto"])
    app.run()
    app.button(key="w_standards_save").click().run()
    read_page(app)
    assert set(open_study(path).demand["zone"]) == {"pastoral", "rural"}
    editor.changes["units"] = lambda table: table.assign(zone="auto")
    app.run()
    app.button(key="w_standards_save").click().run()
    assert set(open_study(path).demand["zone"]) == {"rural"}


def test_closed_points_show_how_many_roads_they_close(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """A point on a road closes one stretch, one far away is flagged, and both are saved."""
    path = write_small_study(tmp_path / "small")
    turn_to(app, "closures", study_path=str(path))
    editor.changes["points"] = lambda table: pd.DataFrame(
        {"name": ["{{7*191}}", "=1+1"], "lon": [87.605, 88.5], "lat": [43.8, 44.5]}, index=[1, 2]
    )
    page = (app.run(), read_page(app))[1]
    assert "1337" not in page
    assert "0（没有落在路上）" in page
    assert "有 1 处没有封闭任何路" in page
    app.button(key="w_standards_save").click().run()
    study = open_study(path)
    assert [one.name for one in study.closures] == ["{{7*191}}", "=1+1"]
    assert cached.fetch_closed_roads(study, study.closures)[1] == (1, 0)


def test_targets_are_given_in_per_cent(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """95 for a share is saved as 0.95; a row without a year is told."""
    path = write_small_study(tmp_path / "small")
    turn_to(app, "targets", study_path=str(path))
    row = {"code": "B1", "unit": "study|", "base_value": 88.0, "base_year": 2025.0, "target_value": 95.0}
    editor.changes["targets"] = lambda table: pd.DataFrame([{**row, "target_year": float("nan")}], index=[1])
    page = (app.run(), read_page(app))[1]
    assert "第1行：指标、目标值、目标年都要填" in page
    editor.changes["targets"] = lambda table: pd.DataFrame([{**row, "target_year": 2030.0}], index=[1])
    app.run()
    app.button(key="w_standards_save").click().run()
    target = open_study(path).targets[0]
    assert (target.code, target.target_value, target.base_value, target.target_year) == ("B1", 0.95, 0.88, 2030)


def test_today_s_values_stand_beside_targets_once_computed(app: AppTest, tmp_path: Path) -> None:
    """Nothing is computed on this page: before, it says so; after the indicators were, it shows value and state."""
    path = write_small_study(tmp_path / "small", study=STUDY.replace("[snap]", 'targets = "targets.csv"\n[snap]'))
    (path.parent / "targets.csv").write_text("code,target_value,target_year\nB1,50%,2030\n", encoding="utf-8")
    assert "今天的数值还没有计算" in turn_to(app, "targets", study_path=str(path))
    study = cached.fetch_study(path)
    cached.ask(study, first_question(study)).get("indicators")
    page = (app.run(), read_page(app))[1]
    assert "已达到" in page
    assert "50.0&#37;" in page


def test_a_change_made_elsewhere_is_told(app: AppTest, tmp_path: Path) -> None:
    """Who has edits on screen while the study changes on disk is told before saving over it."""
    path = write_small_study(tmp_path / "small")
    turn_to(app, "modes", study_path=str(path))
    app.number_input(key="w_draft_modes_cutoff_min").set_value(45.0).run()
    path.write_text(path.read_text("utf-8") + "[assessment]\ncutoff_min = 20\n", encoding="utf-8")
    assert "已在别处变动" in (app.run(), read_page(app))[1]
    app.button(key="w_standards_discard").click().run()
    assert app.number_input(key="w_draft_modes_cutoff_min").value == 20.0


def test_distances_of_a_source_are_kept_and_marked(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """Minutes converted from distances stay marked when saved; a row changed by hand is not."""
    path = write_small_study(tmp_path / "small")
    turn_to(app, "thresholds", study_path=str(path))
    app.selectbox(key="w_standards_preset_zh_CN").set_value("circle_15").run()
    app.button(key="w_standards_use_preset").click().run()
    assert "第 2、3、4 行" in read_page(app)
    editor.changes["rules"] = lambda table: table.assign(minutes=[15.0, 16.0, 8.0, 10.0])
    app.run()
    app.button(key="w_standards_save").click().run()
    read_page(app)
    table = open_study(path).thresholds
    assert table is not None
    assert [rule.is_converted for rule in table.rules] == [False, True, True, False]
    assert [rule.minutes for rule in table.rules] == [15.0, 16.0, 8.0, 10.0]


def test_an_item_can_be_added_to_the_catalogue(app: AppTest, editor: Editor, tmp_path: Path) -> None:
    """A new row without a code gets one; an item in use cannot be taken away, and who uses it is named."""
    path = write_small_study(tmp_path / "small")
    turn_to(app, "catalogue", study_path=str(path))
    new = {
        "id": None,
        "zh": "远程公证",
        "en": "Remote notary",
        "family": "legal",
        "weight": "population",
        "remote": True,
    }
    editor.changes["items"] = lambda table: pd.concat([table, pd.DataFrame([new], index=[len(table) + 1])])
    app.run()
    app.button(key="w_standards_save").click().run()
    read_page(app)
    assert open_study(path).catalogue.item("own_item_1").remote
    editor.changes["items"] = lambda table: table[table["id"] != "mediation"]
    page = (app.run(), read_page(app))[1]
    assert "站点种类“公共法律服务工作站”：事项“人民调解”不存在" in page.replace("&#8220;", "“").replace("&#8221;", "”")
    assert app.button(key="w_standards_save").disabled


def test_presets_are_offered_with_their_sources(app: AppTest) -> None:
    """All presets stand on the page with where they come from, and one can be the beginning of the own table."""
    page = turn_to(app, "thresholds")
    for preset in read_presets():
        assert preset.name.zh in page
    app.selectbox(key="w_standards_preset_zh_CN").set_value("town_30_country_60").run()
    app.button(key="w_standards_use_preset").click().run()
    page = read_page(app)
    assert "30分钟 · 第2行" in page
    assert "60分钟 · 第1行" in page
    assert app.text_input(key="w_draft_thresholds_zh").value == "城市半小时、农村一小时"


def test_every_part_says_what_it_decides_and_changes_nothing(app: AppTest, editor: Editor, study: Study) -> None:
    """Every part opened in turn leaves nothing to save: what is shown is what the study has; in English too."""
    tr = Translator("zh_CN")
    for part in PARTS:
        page = turn_to(app, part)
        assert tr(f"standards.{part}.decides")[:12].split("“")[0] in page
        assert "p-box" not in page
        assert app.button(key="w_standards_save").disabled, part
    assert Translator("en")(f"standards.{PARTS[-1]}.decides")[:12] in turn_to(app, PARTS[-1], "en")
    assert read_catalogue() == study.catalogue
