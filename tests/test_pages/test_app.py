"""The frame and the Overview without a browser: what is said, controls that change the answer, failures in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fake_map import FakeMap
from page_steps import open_page, read_page
from small_study import write_small_study
from streamlit.testing.v1 import AppTest

from coverage.errors import InputError
from geodata.studies.demo import demo_folder


def test_the_frame_has_words(app: AppTest) -> None:
    """The visit enters at the frame: the switch of languages and the footer are drawn, so no test passes on nothing."""
    app.run()
    assert not app.exception
    assert "语言 Language" in [one.label for one in app.get("button_group")]
    assert "半小时" in read_page(app)


def test_overview_says_the_situation_in_one_sentence(app: AppTest, fake_map: FakeMap) -> None:
    """The first page names the study, the people outside, the share, the threshold and the service."""
    page = open_page(app, "overview")
    assert "405.4万居民中" in page
    assert "半小时内到不了公共法律服务的乡镇（街道）工作站" in page
    assert "示意数据" in page
    assert "非涉密工具，严禁导入国家秘密和个人信息" in page
    assert "设立率" in page
    assert fake_map.shown == 1
    assert "data:image/png;base64," in fake_map.text
    assert len([button for button in app.button if str(button.key).startswith("w_gap_")]) == 5


def test_the_language_follows_the_switch(app: AppTest) -> None:
    """The switch in the sidebar changes every word and the address."""
    open_page(app, "overview")
    app.sidebar.segmented_control(key="w_language").set_value("en").run()
    assert app.query_params["lang"] in ("en", ["en"])
    page = read_page(app)
    assert "residents" in page
    assert "Provision rate" in page
    assert "居民中" not in page


@pytest.mark.slow
def test_a_larger_threshold_leaves_fewer_people_outside(app: AppTest) -> None:
    """The threshold changes the sentence and only lowers the number outside."""
    open_page(app, "overview", "en")

    def outside() -> int:
        sentence = next(str(block.proto.body) for block in app.get("html") if "p-sentence" in str(block.proto.body))
        return int(sentence.split("<em>")[1].split(" ")[0].replace(",", ""))

    half = outside()
    app.selectbox(key="w_standard").set_value("60").run()
    assert "one hour" in read_page(app)
    assert 0 < outside() < half
    app.selectbox(key="w_season").set_value("winter").run()
    assert outside() > 0
    app.selectbox(key="w_family").set_value("police").run()
    assert "police" in read_page(app)


def test_gaps_districts_and_places_are_shown_on_the_map(app: AppTest, fake_map: FakeMap) -> None:
    """A gap's button and a name moves the map to an outline; a clicked place is answered below and in its popup."""
    open_page(app, "overview")
    assert '"bounds":null' in fake_map.text
    assert '"key":"outline' not in fake_map.text
    app.button(key="w_gap_1").click().run()
    read_page(app)
    assert '"bounds":[[' in fake_map.text
    assert '"key":"outline' in fake_map.text
    gap = fake_map.text
    app.selectbox(key="w_search").set_value("650121").run()
    read_page(app)
    assert '"key":"outline' in fake_map.text
    assert fake_map.text != gap
    app.session_state["asked_place"] = (87.6, 43.8)
    app.run()
    page = read_page(app)
    assert "所点位置" in page
    assert "分钟" in page
    assert "步行接驳" in page
    assert "最近站点：示意点" in fake_map.text


def test_without_roads_only_the_established_rate_is_given(app: AppTest, bare: Path, fake_map: FakeMap) -> None:
    """A study without roads says so, offers the cure, and shows no false rate."""
    page = open_page(app, "overview", study_path=str(bare))
    assert "只给出设立率" in page
    assert "补上道路数据" in page
    assert "居民中" not in page
    assert "0.0%" not in page
    assert fake_map.shown == 1
    assert "base64" not in fake_map.text


@pytest.mark.parametrize(
    ("rows", "words"), [([0, 2], "没有符合条件的现有站点"), ([], "还没有站点名单")], ids=["planned", "none"]
)
def test_without_a_matching_station_there_is_no_false_figure(
    app: AppTest, tmp_path: Path, rows: list[int], words: str
) -> None:
    """Only planned stations, or no list at all: what is missing, why, and one button; never 0 %."""
    path = write_small_study(tmp_path / "study")
    stations = path.parent / "stations.csv"
    lines = stations.read_text("utf-8").splitlines()
    stations.write_text("\n".join(lines[row] for row in rows) + "\n", "utf-8")
    if not rows:
        path.write_text(path.read_text("utf-8").replace('stations = "stations.csv"\n', ""), "utf-8")
    page = open_page(app, "overview", study_path=str(path))
    assert words in page
    assert 'class="p-sentence"' not in page
    assert len([button for button in app.button if button.key in ("w_to_data", "w_first_question")]) == 1


def test_hostile_names_are_shown_as_words(app: AppTest, hostile: Path, fake_map: FakeMap) -> None:
    """Names that are templates or scripts appear as words on the page and in the map."""
    page = open_page(app, "overview", study_path=str(hostile))
    assert "1337" not in page + fake_map.text
    assert "<img src=x" not in page
    assert "&#60;img" in page
    assert "script>" not in fake_map.text


def test_a_missing_study_is_explained(app: AppTest, tmp_path: Path) -> None:
    """A path that leads nowhere gives what, why and how to fix, and the frame stays."""
    page = open_page(app, "overview", study_path=str(tmp_path / "nowhere" / "study.toml"))
    assert "p-box" in page
    assert "非涉密工具" in page


def test_unexpected_failures_show_a_number_and_no_details(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """People see a calm message with a number; the log has the same number and the cause."""

    def fail(*args: object, **facts: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("pages.ui.memo.cached.ask", fail)
    page = open_page(app, "overview")
    assert "这一步没有完成" in page
    assert "secret detail" not in page
    number = page.split("编号 ")[1][:8]
    assert number in caplog.text
    assert "secret detail" in caplog.text


def test_expected_errors_are_put_into_words(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours becomes a box with how to fix it."""

    def fail(*args: object, **facts: object) -> None:
        raise InputError("point.position_invalid", lon=999.0, lat=0.0)

    monkeypatch.setattr("pages.ui.memo.cached.ask", fail)
    assert "请在地图上重新点选" in open_page(app, "overview")


def test_data_page_lists_inputs_counts_and_findings(app: AppTest) -> None:
    """The page tells files with hashes, people, stations, districts, roads, and what was found."""
    page = open_page(app, "data")
    for words in ("4,054,369", "roads.gpkg", "population.csv", "校验码", "数据检查", "连通分块"):
        assert words in page
    assert len(app.dataframe) == 2


def test_four_uploads_make_a_study_and_open_it(app: AppTest, tmp_path: Path) -> None:
    """Four steps say what is missing and check files as they come; the new study opens and stays in the address."""
    source = write_small_study(tmp_path / "source").parent
    open_page(app, "overview")
    app.button(key="w_next_own").click().run()
    page = read_page(app)
    for words in ("1 区域", "2 人口", "3 道路", "4 站点", "还缺：区域、人口"):
        assert words in page
    assert app.button(key="w_new_create").disabled
    files = {"area": "districts", "population": "population", "roads": "roads", "stations": "stations"}
    for step, stem in files.items():
        path = next(source.glob(f"{stem}.*"))
        app.file_uploader(key=f"w_new_{step}").set_value((path.name, path.read_bytes(), "application/octet-stream"))
        app.run()
    page = read_page(app)
    assert "找到 3 个区划单位" in page
    assert "187 人，4 个居民点" in page
    assert "2 个站点" in page
    assert "还缺" not in page
    app.text_input(key="w_new_name").set_value("我的县").run()
    app.button(key="w_new_create").click().run()
    page = read_page(app)
    assert "我的县" in page
    assert "居民中" in page
    made = list((tmp_path / "home" / "studies").iterdir())
    assert len(made) == 1
    assert app.query_params["study"] in (made[0].name, [made[0].name])


def test_the_address_opens_only_studies_of_ours(start: Callable[[], AppTest], tmp_path: Path) -> None:
    """A name in the address that is no study of ours, or a path, is ignored."""
    write_small_study(tmp_path / "home" / "studies" / "20260101-000000-abcdef")
    for name, shown in (
        ("20260101-000000-abcdef", "小项目"),
        ("../../small", "乌鲁木齐"),
        ("20260101-000000-ffffff", "乌鲁木齐"),
    ):
        visit = start()
        visit.query_params["study"] = name
        assert shown in open_page(visit, "standards")


def test_opening_a_folder_turns_to_its_study(app: AppTest, tmp_path: Path) -> None:
    """A study elsewhere on this computer is opened by its path; the demo is gone from the strip."""
    path = write_small_study(tmp_path / "mine")
    open_page(app, "data", data_section="open")
    app.text_input(key="w_open_folder").set_value(str(path.parent))
    next(button for button in app.button if "open_folder" in str(button.proto.form_id)).click().run()
    assert "小项目" in read_page(app)


def test_the_demo_is_read_only_ground() -> None:
    """The embedded study stays where the program is; new studies go to the user's folder."""
    from pages.ui.uploads import new_study_folder

    assert not new_study_folder().is_relative_to(demo_folder().parents[2])
