"""``calibrate``: trips made at known factors give these factors back, and what cannot tell is refused by its rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from grid_study import CLASSES, SOUTH, TRUE, WEST, Grid, time_trips, write_grid

from cli import main
from coverage.network.calibration import GROUPS
from geodata.answers.run_calibration import run_calibration, save_calibration
from geodata.intake.read_trips import read_trips
from geodata.studies.edit_study import undo_saving
from geodata.studies.study_file import read_study_file


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLANNER_LANG", "en")


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    """Write the study."""
    return write_grid(tmp_path / "study")


def _run(*words: object) -> Result:
    return CliRunner().invoke(main, ["calibrate", *map(str, words)])


def test_known_factors_come_back_and_become_the_studys_table(grid: Grid, tmp_path: Path) -> None:
    """The table is saved with its source, people within 30 minutes are said before and after, and it can be undone."""
    trips = tmp_path / "trips.csv"
    time_trips(grid).to_csv(trips, index=False)
    before = grid.open()
    found = _run(grid.path, "--trips", trips, "--out", tmp_path / "fit.csv")
    assert found.exit_code == 0, found.output
    assert "20 trips used" in found.output
    assert "People within 30 min of any station" in found.output
    after = grid.open()
    named = read_study_file(grid.path)
    assert (after.speeds.id, named.find_input("speeds")) == ("calibrated", grid.path.parent / "speeds.toml")
    assert "trips.csv" in (grid.path.parent / "speeds.toml").read_text(encoding="utf-8")
    for road, factor in zip(CLASSES, TRUE[[1, 2, 3]], strict=True):
        assert dict(after.speeds.speeds_kph)[road] / dict(before.speeds.speeds_kph)[road] == pytest.approx(
            factor, rel=0.04
        )
    fit = pd.read_csv(tmp_path / "fit.csv")
    assert fit["residual"].abs().max() < 0.03
    assert fit["row"].tolist() == list(range(2, 22))
    # A second calibration begins with the first, changes nothing, and leaves its table in the folder.
    again = _run(grid.path, "--trips", trips)
    assert again.exit_code == 0, again.output
    assert "The earlier table speeds.toml is still in the folder" in again.output
    assert {path.name for path in grid.path.parent.glob("speeds*")} == {"speeds.toml", "speeds-2.toml"}
    assert dict(grid.open().speeds.speeds_kph)["primary"] == pytest.approx(
        dict(after.speeds.speeds_kph)["primary"], rel=0.03
    )


def test_a_calibration_is_taken_back(grid: Grid, tmp_path: Path) -> None:
    """What the button saves, undo puts back to the byte."""
    trips = tmp_path / "trips.csv"
    time_trips(grid).to_csv(trips, index=False)
    old = grid.path.read_bytes()
    study = grid.open()
    run = run_calibration(study, read_trips(trips, study))
    assert run.fit.driven[[GROUPS.index(name) for name in ("main", "district", "local")]].all()
    undo_saving(save_calibration(grid.path, run, "trips.csv"))
    assert grid.path.read_bytes() == old
    assert grid.open().speeds == study.speeds


def test_rows_that_cannot_be_used_are_named(grid: Grid, tmp_path: Path) -> None:
    """Unknown places, odd times and places far from roads are left out by their rows; too few trips are refused."""
    good = time_trips(grid, 12)
    good = good.rename(columns={"from": "起点", "to": "终点", "minutes": "用时（分钟）"})
    bad = pd.DataFrame({"起点": ["甲站", "Nowhere", "P00", "P11"], "终点": ["乙站", "P00", "P00", "P22"],
                        "用时（分钟）": [25.0, 9.0, 3.0, 0.0]})  # fmt: skip
    far = pd.DataFrame({"起点经度": [WEST - 0.5], "起点纬度": [SOUTH], "终点": ["P00"], "用时（分钟）": [30.0]})
    trips = tmp_path / "行程.csv"
    pd.concat([good, bad, far]).to_csv(trips, index=False)
    study = grid.open()
    read = read_trips(trips, study)
    rows = {issue.code: issue.rows for issue in read.issues}
    assert rows == {
        "trips.minutes_out_of_range": (17,),
        "trips.place_unknown": (15,),
        "trips.same_place": (16,),
    }
    run = run_calibration(study, read)
    assert [(issue.code, issue.rows) for issue in run.issues[len(read.issues) :]] == [("trips.far_from_roads", (18,))]
    assert len(run.trips) == 13
    few = tmp_path / "few.csv"
    good.head(5).to_csv(few, index=False)
    refused = _run(grid.path, "--trips", few)
    assert (refused.exit_code, "Only 5 trips can be used; at least 8" in refused.output) == (2, True)
    nothing = tmp_path / "nothing.csv"
    nothing.write_text("a,b\n1,2\n")
    assert "lacks columns" in _run(grid.path, "--trips", nothing).output
    assert grid.open().speeds == study.speeds


def test_a_template_holds_the_columns_that_are_read(grid: Grid, tmp_path: Path) -> None:
    """The template, filled in, is a table of trips."""
    template = tmp_path / "template.csv"
    assert _run(grid.path, "--template", template).exit_code == 0
    columns = template.read_text("utf-8-sig").strip()
    template.write_text(f"{columns}\nP00,P55,,,,,40,winter\n", encoding="utf-8-sig")
    (trip,) = read_trips(template, grid.open()).table.itertuples()
    assert (trip.minutes, trip.season) == (40.0, "winter")
