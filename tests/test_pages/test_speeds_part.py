"""Standards, speeds: another province, and speeds calibrated to trips that are handed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from grid_study import CLASSES, TRUE, Grid, time_trips, write_grid
from page_steps import open_page
from streamlit.testing.v1 import AppTest

from geodata.intake.measured_regions import read_default_speeds
from geodata.studies.open_study import open_study
from geodata.studies.study_file import read_study_file
from pages.ui import drafts


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grid:
    """Write a study; its tables are shown without the front end that edits them."""
    monkeypatch.setattr(drafts, "show_editor", lambda table, **_: table)
    return write_grid(tmp_path / "study")


def _open_speeds(app: AppTest, grid: Grid) -> str:
    return open_page(app, "standards", "en", standards_tab="speeds", study_path=str(grid.path))


def test_another_province_is_kept_by_the_study(app: AppTest, grid: Grid) -> None:
    """Its default table is put on screen, and saving names the province instead of keeping a table."""
    assert "measured-CN-XJ" in _open_speeds(app, grid)
    app.selectbox(key="w_draft_speeds_province").set_value("CN-GS").run()
    app.button(key="w_standards_save").click().run()
    assert not app.exception
    named = read_study_file(grid.path)
    assert (named.province, named.find_input("speeds")) == ("CN-GS", None)
    assert open_study(grid.path).speeds == read_default_speeds("drive", "CN-GS")


def test_trips_are_fitted_looked_at_and_saved(app: AppTest, grid: Grid) -> None:
    """The fit is shown with every trip; put into the tables and saved it is the study's; undo takes it back."""
    before = grid.open().speeds
    trips = time_trips(grid).to_csv(index=False).encode()
    _open_speeds(app, grid)
    app.file_uploader(key="w_calibration_file").set_value(("trips.csv", trips, "text/csv")).run()
    app.button(key="w_calibration_fit").click().run()
    assert not app.exception
    assert "20 trips used" in "\n".join(str(block.proto.body) for block in app.get("html"))
    app.button(key="w_calibration_apply").click().run()
    app.button(key="w_standards_save").click().run()
    assert not app.exception
    after = grid.open().speeds
    for road, factor in zip(CLASSES, TRUE[[1, 2, 3]], strict=True):
        assert dict(after.speeds_kph)[road] == pytest.approx(dict(before.speeds_kph)[road] * factor, rel=0.04)
    assert "trips.csv" in (grid.path.parent / "speeds.toml").read_text(encoding="utf-8")
    app.button(key="w_standards_undo").click().run()
    assert grid.open().speeds == before
