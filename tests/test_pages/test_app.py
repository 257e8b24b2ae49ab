"""The screens without a browser: every page runs, words are complete, controls change the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_study import STUDY, write_small_study
from streamlit.testing.v1 import AppTest

from coverage.errors import InputError
from geodata.demo import demo_folder
from pages.ui import map_frame

APP = str(Path(__file__).resolve().parents[2] / "app.py")
TIMEOUT_S = 60.0


class FakeMap:
    """Stands in for the map in the browser: keeps what it was given and can be clicked."""

    def __init__(self) -> None:
        self.layers = ""
        self.shown = 0

    def show(self, fig: Any, layers: Any, *, key: str, height: int, on_change: Any) -> None:
        """Take the place of `map_frame.show_map`."""
        self.shown += 1
        self.layers = "".join(child.encoded for child in layers._children.values() if hasattr(child, "encoded"))


@pytest.fixture
def fake_map(monkeypatch: pytest.MonkeyPatch) -> FakeMap:
    """Replace the map's front end."""
    fake = FakeMap()
    monkeypatch.setattr(map_frame, "show_map", fake.show)
    return fake


@pytest.fixture
def app(served: None, fake_map: FakeMap, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    """Return the application on the demo study, with its folder in the test's own."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    return AppTest.from_file(APP, default_timeout=TIMEOUT_S)


def read_page(app: AppTest) -> str:
    """Return everything a page says, as one text."""
    said = [str(block.proto.body) for block in app.get("html")]
    for kind in ("button", "selectbox", "text_input", "caption", "markdown"):
        said += [str(getattr(entry, "label", "") or getattr(entry, "value", "")) for entry in getattr(app, kind)]
    return "\n".join(said)


def test_overview_says_the_situation_in_one_sentence(app: AppTest, fake_map: FakeMap) -> None:
    """The first page names the study, the people outside, the share, the threshold and the service."""
    app.run()
    assert not app.exception
    page = read_page(app)
    assert "405.4万居民中" in page
    assert "半小时内到不了公共法律服务的乡镇（街道）工作站" in page
    assert "示意数据" in page
    assert "非涉密工具，严禁导入国家秘密和个人信息" in page
    assert "设立率" in page
    assert fake_map.shown == 1
    assert "data:image/png;base64," in fake_map.layers
    assert len([button for button in app.button if str(button.key).startswith("w_gap_")]) == 5


@pytest.mark.parametrize("page", ["pages/overview.py", "pages/data.py"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_have_all_their_words(app: AppTest, page: str, language: str) -> None:
    """No page shows the id of a message in place of its words, in either language."""
    app.query_params["lang"] = language
    app.run()
    if page != "pages/overview.py":
        app.switch_page(page).run()
    assert not app.exception
    text = read_page(app)
    for group in ("overview.", "column.", "contents.", "status.", "strip.", "ladder.", "gaps.", "step.", "season."):
        assert f">{group}" not in text
        assert f" {group}" not in text
    assert ("Established" in text or "Roads by class" in text) == (language == "en")


def test_the_language_follows_the_switch(app: AppTest) -> None:
    """The switch in the sidebar changes every word and the address."""
    app.query_params["lang"] = "zh"
    app.run()
    app.sidebar.segmented_control(key="w_language").set_value("en").run()
    assert app.query_params["lang"] in ("en", ["en"])
    assert "residents" in read_page(app)
    assert "居民中" not in read_page(app)


def test_a_larger_threshold_leaves_fewer_people_outside(app: AppTest) -> None:
    """The threshold changes the sentence and only lowers the number outside."""
    app.query_params["lang"] = "en"
    app.run()

    def outside() -> int:
        sentence = next(str(block.proto.body) for block in app.get("html") if "p-sentence" in str(block.proto.body))
        return int(sentence.split("<em>")[1].split(" ")[0].replace(",", ""))

    half = outside()
    app.selectbox(key="w_standard").set_value("60").run()
    assert not app.exception
    assert "one hour" in read_page(app)
    assert 0 < outside() < half
    app.selectbox(key="w_season").set_value("winter").run()
    assert outside() > 0
    app.selectbox(key="w_family").set_value("police").run()
    assert not app.exception
    assert "police" in read_page(app)


def test_a_gap_is_shown_on_the_map(app: AppTest, fake_map: FakeMap) -> None:
    """The button beside a gap moves the map there and outlines its district."""
    app.run()
    assert '"bounds":null' in fake_map.layers
    app.button(key="w_gap_1").click().run()
    assert not app.exception
    assert '"bounds":[[' in fake_map.layers
    assert '"key":"outline' in fake_map.layers


def test_a_clicked_place_gets_its_minutes(app: AppTest, fake_map: FakeMap) -> None:
    """The place kept from a click is answered on the server, under the map and in its popup."""
    app.run()
    app.session_state["asked_place"] = (87.6, 43.8)
    app.run()
    page = read_page(app)
    assert "所点位置" in page
    assert "分钟" in page
    assert "接入段" in page
    assert "最近站点：示意点" in fake_map.layers


def test_finding_a_district_moves_the_map(app: AppTest, fake_map: FakeMap) -> None:
    """Choosing a name from the search list outlines that district."""
    app.run()
    app.selectbox(key="w_search").set_value("650121").run()
    assert '"key":"outline' in fake_map.layers


def test_without_roads_only_the_established_rate_is_given(app: AppTest, tmp_path: Path, fake_map: FakeMap) -> None:
    """A study without roads says so, offers the cure, and shows no false rate."""
    path = write_small_study(tmp_path / "bare", study=STUDY.replace('roads = "roads.geojson"\n', ""))
    app.session_state["study_path"] = str(path)
    app.run()
    assert not app.exception
    page = read_page(app)
    assert "只给出设立率" in page
    assert "补上道路数据" in page
    assert "居民中" not in page
    assert "0.0%" not in page
    assert fake_map.shown == 1
    assert "base64" not in fake_map.layers


def test_without_a_matching_station_there_is_no_false_figure(app: AppTest, tmp_path: Path) -> None:
    """Only planned stations, or no list at all: what is missing, why, and one button; never 0 %."""
    for name, rows, words in (("planned", 1, "没有符合条件的现有站点"), ("none", 0, "还没有站点名单")):
        path = write_small_study(tmp_path / name)
        stations = path.parent / "stations.csv"
        lines = stations.read_text("utf-8").splitlines()
        stations.write_text("\n".join([lines[0], lines[2]]) + "\n", "utf-8")
        if not rows:
            path.write_text(path.read_text("utf-8").replace('stations = "stations.csv"\n', ""), "utf-8")
        visit = AppTest.from_file(APP, default_timeout=TIMEOUT_S)
        visit.session_state["study_path"] = str(path)
        visit.run()
        assert not visit.exception
        page = read_page(visit)
        assert words in page
        assert 'class="p-sentence"' not in page
        assert len([button for button in visit.button if button.key in ("w_to_data", "w_first_question")]) == 1


def test_hostile_names_are_shown_as_words(app: AppTest, tmp_path: Path, fake_map: FakeMap) -> None:
    """Names that are templates or scripts appear as words on the page and in the map."""
    path = write_small_study(tmp_path / "hostile", study=STUDY.replace("小项目", "{{7*191}}<img src=x>"))
    stations = path.parent / "stations.csv"
    stations.write_text(stations.read_text("utf-8").replace("示意点01", "<script>1</script>{{7*191}}"), "utf-8")
    app.session_state["study_path"] = str(path)
    app.run()
    assert not app.exception
    page = read_page(app)
    assert "1337" not in page + fake_map.layers
    assert "<img src=x" not in page
    assert "&#60;img" in page
    assert "script>" not in fake_map.layers


def test_a_missing_study_is_explained(app: AppTest, tmp_path: Path) -> None:
    """A path that leads nowhere gives what, why and how to fix, and the frame stays."""
    app.session_state["study_path"] = str(tmp_path / "nowhere" / "study.toml")
    app.run()
    assert not app.exception
    page = read_page(app)
    assert "p-box" in page
    assert "非涉密工具" in page


def test_unexpected_failures_show_a_number_and_no_details(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """People see a calm message with a number; the log has the same number and the cause."""

    def fail(*args: object, **facts: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("pages.ui.cached.fetch_gaps", fail)
    app.run()
    page = read_page(app)
    assert "这一步没有完成" in page
    assert "secret detail" not in page
    number = page.split("编号 ")[1][:8]
    assert number in caplog.text
    assert "secret detail" in caplog.text


def test_expected_errors_are_put_into_words(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours becomes a box with how to fix it."""

    def fail(*args: object, **facts: object) -> None:
        raise InputError("point.position_invalid", lon=999.0, lat=0.0)

    monkeypatch.setattr("pages.ui.cached.fetch_gaps", fail)
    app.run()
    assert "请在地图上重新点选" in read_page(app)


def test_data_page_lists_inputs_counts_and_findings(app: AppTest) -> None:
    """The page tells files with hashes, people, stations, districts, roads, and what was found."""
    app.run()
    app.switch_page("pages/data.py").run()
    assert not app.exception
    page = read_page(app)
    for words in ("4,054,369", "roads.gpkg", "population.csv", "校验码", "数据检查", "连通分块"):
        assert words in page
    assert len(app.dataframe) == 2


def test_new_study_names_what_is_missing(app: AppTest) -> None:
    """The four steps are there, and the button waits for area and people."""
    app.run()
    app.button(key="w_next_own").click().run()
    assert not app.exception
    page = read_page(app)
    for words in ("1 区域", "2 人口", "3 道路", "4 站点", "还缺：区域、人口"):
        assert words in page
    assert app.button(key="w_new_create").disabled


def test_four_uploads_make_a_study_and_open_it(app: AppTest, tmp_path: Path) -> None:
    """Area, people, roads and stations are checked as they come; the new study opens and stays in the address."""
    source = write_small_study(tmp_path / "source").parent
    app.run()
    app.button(key="w_next_own").click().run()
    files = {"area": "districts", "population": "population", "roads": "roads", "stations": "stations"}
    for step, stem in files.items():
        path = next(source.glob(f"{stem}.*"))
        app.file_uploader(key=f"w_new_{step}").set_value((path.name, path.read_bytes(), "application/octet-stream"))
        app.run()
        assert not app.exception
    page = read_page(app)
    assert "找到 3 个区划单位" in page
    assert "187 人，4 个居民点" in page
    assert "2 个站点" in page
    assert "还缺" not in page
    app.text_input(key="w_new_name").set_value("我的县").run()
    app.button(key="w_new_create").click().run()
    assert not app.exception
    page = read_page(app)
    assert "我的县" in page
    assert "居民中" in page
    made = list((tmp_path / "home" / "studies").iterdir())
    assert len(made) == 1
    assert app.query_params["study"] in (made[0].name, [made[0].name])


def test_the_address_opens_only_studies_of_ours(app: AppTest, tmp_path: Path) -> None:
    """A name in the address that is no study of ours, or a path, is ignored."""
    write_small_study(tmp_path / "home" / "studies" / "20260101-000000-abcdef")
    for name, shown in (
        ("20260101-000000-abcdef", "小项目"),
        ("../../small", "乌鲁木齐"),
        ("20260101-000000-ffffff", "乌鲁木齐"),
    ):
        visit = AppTest.from_file(APP, default_timeout=TIMEOUT_S)
        visit.query_params["study"] = name
        visit.run()
        assert not visit.exception
        assert shown in read_page(visit)


def test_opening_a_folder_turns_to_its_study(app: AppTest, tmp_path: Path) -> None:
    """A study elsewhere on this computer is opened by its path; the demo is gone from the strip."""
    path = write_small_study(tmp_path / "mine")
    app.run()
    app.switch_page("pages/data.py").run()
    app.segmented_control(key="w_data_section").set_value("open").run()
    assert not app.exception
    app.text_input(key="w_open_folder").set_value(str(path.parent))
    next(button for button in app.button if "open_folder" in str(button.proto.form_id)).click().run()
    assert not app.exception
    assert "小项目" in read_page(app)


def test_the_demo_is_read_only_ground() -> None:
    """The embedded study stays where the program is; new studies go to the user's folder."""
    from pages.ui.uploads import new_study_folder

    assert not new_study_folder().is_relative_to(demo_folder().parents[2])
