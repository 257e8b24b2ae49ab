"""The command whatif end to end: edits in, the difference out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from small_study import LAT, LON, STEP, write_small_study

from cli import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep caches in the test's own folder and speak English."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLANNER_LANG", "en")


def _whatif(folder: Path, edits: object, *options: object) -> Result:
    study = write_small_study(folder / "study")
    path = folder / "edits.json"
    path.write_text(json.dumps({"format": 1, "edits": edits}), encoding="utf-8")
    wanted = ["whatif", str(study), "--edits", str(path), "--out", str(folder / "out"), *map(str, options)]
    result = CliRunner().invoke(main, wanted)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _delta(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "out" / "delta.json").read_text(encoding="utf-8"))
    return content


def test_a_new_station_covers_whom_it_is_near(tmp_path: Path) -> None:
    """A station beside D brings its 30 people inside the three minutes; nobody else changes class."""
    new = {"type": "add_station", "station_id": "N", "lon": LON + 2 * STEP, "lat": LAT - 0.01, "kind": "legal_station"}
    result = _whatif(tmp_path, [new | {"cost": 500.0}], "--minutes", 3)
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"delta.json", "delta_districts.csv", "newly_covered.csv", "run.json", "README_示意.txt"}
    delta = _delta(tmp_path)
    assert (delta["newly_covered"], delta["newly_lost"]) == (30.0, 0.0)
    assert (delta["before"]["population_covered"], delta["after"]["population_covered"]) == (150.0, 180.0)
    assert (delta["before"]["stations"], delta["after"]["stations"]) == (1, 2)
    assert (delta["cost"], delta["cost_per_person"]) == (500.0, pytest.approx(500 / 30))
    visits = delta["service_cost"]
    assert visits["before"]["people"] == visits["after"]["people"] == 180.0
    assert visits["before"]["people_left_out"] == visits["people_newly_reached"] == 0.0
    # D's 30 people no longer drive the side street and a step of the street, there and back.
    step_km, side_km = 1.1016, 1.1113
    assert visits["before"]["km"] - visits["after"]["km"] == pytest.approx(60 * (step_km + side_km), rel=1e-3)
    assert visits["saved_yuan"] == pytest.approx(60 * (step_km + side_km) * 0.8, rel=1e-3)
    assert visits["saved_yuan"] > 0
    assert [one["district_id"] for one in delta["winners"]] == ["650101"]
    assert delta["losers"] == []
    assert delta["winning_points"][0]["demand_id"] == "D"
    assert delta["fingerprint_before"] != delta["fingerprint_after"]
    assert {one["id"]: one["newly_covered"] for one in delta["services"]}["mediation"] == 30.0
    districts = pd.read_csv(tmp_path / "out" / "delta_districts.csv", dtype={"district_id": str}, index_col=0)
    assert districts["newly_covered"].to_dict() == {"6501": 30.0, "650101": 30.0, "650102": 0.0}
    covered = pd.read_csv(tmp_path / "out" / "newly_covered.csv", index_col="demand_id")
    assert covered["station_after"].to_dict() == {"D": "N"}
    assert json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["options"]["edits"] == "edits.json"
    assert "100%" in result.stderr


def test_closing_loses_everybody(tmp_path: Path) -> None:
    """Without its only station nobody is covered: the 150 who were are lost, and their place is named."""
    result = _whatif(tmp_path, [{"type": "close_station", "station_id": "S"}], "--minutes", 3)
    assert result.exit_code == 0, result.output
    delta = _delta(tmp_path)
    assert (delta["newly_covered"], delta["newly_lost"]) == (0.0, 150.0)
    assert delta["cost_per_person"] is None
    assert [one["district_id"] for one in delta["losers"]] == ["650101"]
    assert delta["losing_points"][0]["demand_id"] == "A"
    assert delta["losing_points"][0]["minutes_after"] is None


def test_closed_and_slow_roads_and_thresholds(tmp_path: Path) -> None:
    """Closing the street from A past S to B cuts everybody off; slow, it is longer; in a day all on it arrive."""
    place = {"coordinates": [[LON + 1.5 * STEP, LAT - 0.002], [LON + 1.5 * STEP, LAT + 0.002]]}
    assert _whatif(tmp_path / "a", [{"type": "close_roads", "closure": place}]).exit_code == 0
    assert _delta(tmp_path / "a")["newly_lost"] == 180.0
    assert _whatif(tmp_path / "b", [{"type": "slow_roads", "place": place, "factor": 0.5}]).exit_code == 0
    slow = _delta(tmp_path / "b")
    assert slow["after"]["mean_min"] > slow["before"]["mean_min"]
    assert _whatif(tmp_path / "c", [{"type": "set_threshold", "minutes": 1440}], "--minutes", 3).exit_code == 0
    longer = _delta(tmp_path / "c")
    assert (longer["cutoff_min_before"], longer["cutoff_min_after"]) == (3.0, 1440.0)
    assert longer["newly_covered"] == 30.0


def test_a_road_edit_beside_all_roads_is_told(tmp_path: Path) -> None:
    """A closed road where there is none changes nothing, and the user hears of it."""
    place = {"name": "nowhere", "coordinates": [[LON + 1.0, LAT + 1.0]]}
    result = _whatif(tmp_path, [{"type": "close_roads", "closure": place}])
    assert result.exit_code == 0
    assert "No road was found at “nowhere”" in result.stderr
    assert _delta(tmp_path)["newly_lost"] == 0.0


def test_all_faults_are_told_in_words(tmp_path: Path) -> None:
    """Edits the study does not take end with code 2, each fault with its number and cure; nothing is written."""
    edits = [
        {"type": "close_station", "station_id": "nobody"},
        {"type": "close_station", "station_id": "S"},
        {"type": "close_station", "station_id": "S"},
        {"type": "add_station", "station_id": "N", "lon": LON, "lat": LAT, "kind": "police_room"},
    ]
    result = _whatif(tmp_path, edits)
    assert result.exit_code == 2
    for words in ("Edit 1: Station nobody was not found", "Edit 3: Station S is closed", "Edit 4: Station N would be"):
        assert words in result.stderr
    assert not (tmp_path / "out").exists()
