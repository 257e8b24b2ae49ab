"""A list as an office keeps it becomes a study: every row is accounted for, on screen and beside the study."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from page_steps import open_page, read_page
from small_study import LAT, LON, write_small_study
from streamlit.testing.v1 import AppTest

from geodata.intake.cells.datum import to_wgs84
from geodata.studies.open_study import open_study
from geodata.words.i18n import Translator
from pages.ui import downloads

HEADER = ["编号", "机构名称", "类型", "经度", "纬度", "联系人"]
ROWS = [
    ["A1", "<script>alert(1)</script>", "司法所", LON, LAT, "王某"],
    ["A2", "{{7*191}}", "司法所", LON + 0.01, LAT, "王某"],
    ["A2", "重号", "司法所", LON + 0.02, LAT, "王某"],
    ["A3", "写反", "司法所", LAT, LON, "王某"],
    ["A4", "远处", "司法所", LON + 20.0, LAT, "王某"],
    ["A5", "无坐标", "司法所", "", "", "王某"],
]


def write_list(path: Path) -> bytes:
    """Write the list under a title, as a workbook."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名单")
    sheet.merge_range(0, 0, 0, 5, "某县站点一览表")
    for number, row in enumerate([HEADER, *ROWS], start=1):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.close()
    return path.read_bytes()


@pytest.fixture
def page(app: AppTest, tmp_path: Path) -> AppTest:
    """Return the page of a new study with all four files handed in."""
    source = write_small_study(tmp_path / "source").parent
    files = {step: next(source.glob(f"{stem}.*")).read_bytes() for step, stem in
             (("area", "districts"), ("population", "population"), ("roads", "roads"))}  # fmt: skip
    files["stations"] = write_list(tmp_path / "list.xlsx")
    open_page(app, "data", study_path=str(source / "study.toml"))
    app.segmented_control(key="w_data_section").set_value("new").run()
    for step, content in files.items():
        app.file_uploader(key=f"w_new_{step}").set_value((f"{step}.bin", content, "application/octet-stream")).run()
    assert not app.exception
    return app


def test_every_row_is_accounted_for(page: AppTest, tmp_path: Path) -> None:
    """What was left out is said with its row, counted, stored whole without persons, and offered on the data page."""
    said = read_page(page)
    assert "3 个站点" in said
    assert "未采用 3 行" in said
    for row in ("（第 5 行）", "（第 6 行）", "（第 8 行）", "（第 1 行）"):
        assert row in said
    assert "<script>" not in said
    page.button(key="w_new_create").click().run()
    assert not page.exception
    assert "远处" in read_page(page)  # beyond the margin, which is known only now
    (made,) = (tmp_path / "home" / "studies").iterdir()
    study = open_study(made / "study.toml")
    kept = pd.read_csv(made / "rejected_stations.csv", dtype=str)
    assert study.stations["name"].tolist() == ["<script>alert(1)</script>", "{{7*191}}"]
    assert len(study.stations) + len(kept) == len(ROWS)
    assert kept["row"].tolist() == ["5", "6", "8", "7"]
    assert "王某" not in (made / "rejected_stations.csv").read_text("utf-8-sig")
    page.button(key="w_new_open").click().run()
    assert "建立时未采用的行" in read_page(page)
    told = downloads.say_left_out(made / "rejected_stations.csv", Translator("zh_CN")).decode("utf-8-sig")
    assert "经纬度写反" in told


def test_the_datum_moves_the_stations(page: AppTest, tmp_path: Path) -> None:
    """A list from Amap is stored in its true places once the planner says so."""
    page.selectbox(key="w_new_datum_stations").set_value("gcj02").run()
    assert "高德、腾讯坐标" in read_page(page)
    page.button(key="w_new_create").click().run()
    (made,) = (tmp_path / "home" / "studies").iterdir()
    lon, lat = to_wgs84(*(pd.Series([value]).to_numpy(float) for value in (LON, LAT)), "gcj02")
    station = open_study(made / "study.toml").stations.iloc[0]
    assert (station["lon"], station["lat"]) == pytest.approx((float(lon[0]), float(lat[0])), abs=1e-9)


def test_the_province_of_the_area_is_proposed_and_another_can_be_chosen(page: AppTest, tmp_path: Path) -> None:
    """Whose measured speeds are driven is asked for, and kept with the study."""
    (asked,) = (one for one in page.selectbox if str(one.key).startswith("w_new_province_"))
    assert asked.value == "CN-XJ"
    asked.set_value("CN-GS").run()
    page.button(key="w_new_create").click().run()
    (made,) = (tmp_path / "home" / "studies").iterdir()
    assert open_study(made / "study.toml").province == "CN-GS"
