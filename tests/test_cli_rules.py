"""The options of assess and explain that change the rules: own jurisdiction, closed roads, days, modes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from small_study import LAT, LON, STEP, write_small_study

from cli import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep caches in the test's own folder and speak English."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLANNER_LANG", "en")


def _assess(study: Path, out: Path, *options: object) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["assess", str(study), "--out", str(out), *map(str, options)])
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return content


def test_planned_stations_count_from_their_day(tmp_path: Path) -> None:
    """The planned station beside A opens in 2027: asked about 2028, everybody on the street is within a minute."""
    study = write_small_study(tmp_path / "study")
    table = study.parent / "stations.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    dated = [f"{lines[0]},open_date", *(f"{line},{'2027年6月' if line.startswith('P') else ''}" for line in lines[1:])]
    table.write_text("\n".join(dated) + "\n", encoding="utf-8")
    now = _assess(study, tmp_path / "now", "--minutes", 1)
    later = _assess(study, tmp_path / "later", "--minutes", 1, "--date", "2028-01-01")
    assert (now["stations"], later["stations"]) == (1, 2)
    assert later["population_covered"] == now["population_covered"] + 100
    indicators = pd.read_csv(tmp_path / "now" / "indicators.csv").set_index(["code", "unit_level"])["value"]
    assert indicators["B14.people", "study"] == 100.0


def test_closed_roads_are_searched_round(tmp_path: Path) -> None:
    """With the street closed east of the station nobody from B gets there; the season table says so too."""
    study = write_small_study(tmp_path / "study")
    closed = tmp_path / "closed.csv"
    closed.write_text(f"name,lon,lat\n,{LON + 1.5 * STEP},{LAT}\n", encoding="utf-8")
    open_ = _assess(study, tmp_path / "open", "--minutes", 6)
    shut = _assess(study, tmp_path / "shut", "--minutes", 6, "--closed", closed)
    assert open_["population_covered"] > shut["population_covered"]
    assert shut["population_no_route"] > 0
    seasons = pd.read_csv(tmp_path / "shut" / "seasons.csv")
    whole = seasons[seasons["unit_level"] == "study"].set_index("case")["covered"]
    assert whole["summer"] == open_["population_covered"]
    assert whole["closed_roads"] == shut["population_covered"]


def test_own_jurisdiction_never_covers_more(tmp_path: Path) -> None:
    """Kept to their own county residents reach no more than with free choice."""
    study = write_small_study(tmp_path / "study")
    free = _assess(study, tmp_path / "free", "--minutes", 6, "--free")
    own = _assess(study, tmp_path / "own", "--minutes", 6, "--own")
    assert own["population_covered"] <= free["population_covered"]
    run = json.loads((tmp_path / "own" / "run.json").read_text(encoding="utf-8"))
    assert run["options"]["own_jurisdiction"] is True


def test_walking_takes_longer(tmp_path: Path) -> None:
    """On foot the same people are fewer within the same minutes."""
    study = write_small_study(tmp_path / "study")
    drive, walk = (_assess(study, tmp_path / mode, "--minutes", 5, "--mode", mode) for mode in ("drive", "walk"))
    assert walk["population_covered"] < drive["population_covered"]
    assert walk["population_total"] == drive["population_total"]


def test_targets_stand_beside_the_values(tmp_path: Path) -> None:
    """A study with targets gets targets.csv; its value is that of indicators.csv."""
    study = write_small_study(tmp_path / "study")
    text = study.read_text(encoding="utf-8").replace("[snap]", 'targets = "targets.csv"\n[snap]')
    study.write_text(text, encoding="utf-8")
    (study.parent / "targets.csv").write_text("code,target_value,target_year\nB1,100%,2030\n", encoding="utf-8")
    summary = _assess(study, tmp_path / "out", "--minutes", 3)
    table = pd.read_csv(tmp_path / "out" / "targets.csv")
    assert table["value"].tolist() == [pytest.approx(summary["share_covered"])]
    assert table["to_go"].tolist() == [pytest.approx(1.0 - summary["share_covered"])]


def test_a_day_that_is_none_is_told(tmp_path: Path) -> None:
    """A date that cannot be read ends with code 2 and says how to write it."""
    study = write_small_study(tmp_path / "study")
    result = CliRunner().invoke(main, ["assess", str(study), "--out", str(tmp_path / "o"), "--date", "someday"])
    assert result.exit_code == 2
    assert "2027-06-30" in result.stderr


def test_explain_follows_the_rules(tmp_path: Path) -> None:
    """Why a place is outside names the closed road's effect: there is no way from there any more."""
    study = write_small_study(tmp_path / "study")
    closed = tmp_path / "closed.csv"
    closed.write_text(f"lon,lat\n{LON + 1.5 * STEP},{LAT}\n", encoding="utf-8")
    place = f"{LON + 2 * STEP},{LAT}"

    def explain(*options: object) -> str:
        result = CliRunner().invoke(main, ["explain", str(study), "--at", place, *map(str, options)])
        assert result.exit_code == 0, result.output
        return result.stdout

    before, after = explain(), explain("--closed", closed)
    assert before != after
    assert "30" in explain("--thresholds", "town_30_country_60") or "60" in explain(
        "--thresholds", "town_30_country_60"
    )


def test_faults_of_a_threshold_table_are_told_one_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table with several faults is refused in plain Chinese: the number, then a sentence for each, then the cure."""
    monkeypatch.setenv("PLANNER_LANG", "zh_CN")
    study = write_small_study(tmp_path / "study")
    table = tmp_path / "own.toml"
    table.write_text('zh = "甲"\n[[rule]]\nminutes = 30\nspeed = 3\n[[rule]]\nminutes = 0\n', encoding="utf-8")
    asked = ["assess", str(study), "--out", str(tmp_path / "out"), "--thresholds", str(table)]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 2
    assert result.output.splitlines()[-5:] == [
        "时间阈值标准 own.toml 有 3 处问题：",
        "没有填“名称（英文）”。",
        "第 1 条：“speed”无法识别。",
        "第 2 条：“时间阈值（分钟）”是 0，应为大于 0 的数。",
        "按提示修改，或参照自带的标准。",
    ]
    text = 'zh = "甲"\nen = "A"\n[[rule]]\nminutes = 30\n[[rule]]\nzone = "moon"\nminutes = 20\n'
    table.write_text(text, encoding="utf-8")
    assert "第 2 条：区域类型“moon”无法识别，可用：urban, rural, pastoral。" in CliRunner().invoke(main, asked).output
