"""One question, one answer: numbers worked out on paper, the same in every file of a result and in the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook
from tiny_world import SCHOOL_POST, write_tiny_world

from cli import main
from coverage.inputs.question import Question
from geodata.studies.open_study import open_study
from geodata.words.question_words import list_strip, name_conditions

# What is asked, by name: the options of `assess`, and the people inside, beyond, without a station to go to and
# without a road, of 1,800.
_ASKED: dict[str, tuple[tuple[str, ...], tuple[int, int, int, int]]] = {
    "usual": ((), (1200, 500, 0, 100)),
    "moment": (("--at", "Wed 09:30"), (200, 1500, 0, 100)),
    "winter": (("--season", "winter"), (200, 1500, 0, 100)),
    "closed": (("--closed", "closed.csv"), (200, 500, 1000, 100)),
    "own": (("--own",), (1200, 0, 500, 100)),
    "wider": (("--thresholds", "town_30_country_60"), (1700, 0, 0, 100)),
    "dated": (("--date", "2027-06-30"), (1700, 0, 0, 100)),
    "none": (("--family", "police"), (0, 0, 1700, 100)),
    "noon in winter": (("--at", "Wed 12:00", "--season", "winter", "--own"), (200, 1000, 500, 100)),
    "many": (
        ("--season", "winter", "--own", "--date", "2027-06-30", "--closed", "closed.csv"),
        (700, 0, 1000, 100),
    ),
}
_QUICK = ("usual", "moment", "own", "none", "many")
_SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in _ASKED if name not in ("usual", "moment", "many")]
_CLASSES = ("covered", "beyond", "no_route", "unconnected")


@dataclass(frozen=True, slots=True)
class _Tiny:
    """Answers of the command line to questions about the tiny world, each computed once."""

    folder: Path

    def run(self, *arguments: object) -> None:
        result = CliRunner().invoke(main, [str(one) for one in arguments])
        assert result.exit_code == 0, result.output

    def _spell(self, name: str) -> list[str]:
        return [str(self.folder / "tiny" / one) if one.endswith(".csv") else one for one in _ASKED[name][0]]

    def assess(self, name: str) -> Path:
        out = self.folder / f"assess {name}"
        if not out.exists():
            self.run("assess", self.folder / "tiny", "--out", out, *self._spell(name))
        return out

    def report(self, name: str) -> str:
        """Return every text and number of the workbook of a report in Chinese, a line for each row."""
        out = self.folder / f"{name}.xlsx"
        if not out.exists():
            asked = ["--on" if one == "--date" else one for one in self._spell(name)]
            sections = "summary,situation,conditions"
            self.run("report", self.folder / "tiny", "--out", out, "--lang", "zh", "--sections", sections, *asked)
        book = CalamineWorkbook.from_path(str(out))
        rows = (row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
        return "\n".join(" ".join(str(cell) for cell in row if cell != "") for row in rows)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the tiny world with its own home."""
    folder = tmp_path_factory.mktemp("tiny")
    study = write_tiny_world(folder / "tiny")
    stated = '\n[capacity]\nunit = "cases_a_year"\nvisits_a_year = 1\n'
    study.write_text(study.read_text(encoding="utf-8") + stated, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANNER_HOME", str(folder / "home"))
        patch.setenv("PLANNER_LANG", "en")
        patch.setattr("coverage.answer.people_parts._AREA_CELLS", 2_000)  # the outlines are not looked at here
        yield _Tiny(folder)


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return content


def _read_study(folder: Path) -> pd.DataFrame:
    table = pd.read_csv(folder / "indicators.csv", dtype={"unit_id": str})
    return table[table["unit_level"] == "study"].set_index("code")


@pytest.mark.parametrize(
    "name", [one if one in _QUICK else pytest.param(one, marks=pytest.mark.slow) for one in _ASKED]
)
def test_every_file_gives_the_same_people(tiny: _Tiny, name: str) -> None:
    """Summary, demand, districts, indicators, gaps and seasons agree with each other and with the paper."""
    folder, (covered, *outside) = tiny.assess(name), _ASKED[name][1]
    summary = _read_json(folder, "summary.json")
    assert [summary[f"population_{one}"] for one in _CLASSES] == [covered, *outside]
    demand = pd.read_csv(folder / "demand.csv", dtype={"station_id": str})
    by_class = demand.groupby("status")["population"].sum().reindex(_CLASSES, fill_value=0)
    assert by_class.tolist() == [covered, *outside]
    districts = pd.read_csv(folder / "districts.csv").query("level == 'county'")
    assert districts[list(_CLASSES)].sum().tolist() == [covered, *outside]
    indicators = _read_study(folder)
    assert indicators["numerator"][["B1", "B1.beyond", "B1.no_route", "B1.unconnected"]].tolist() == [covered, *outside]
    assert indicators["period"]["B1"] == summary["period"]
    gaps = _read_json(folder, "gaps.geojson")["features"]
    assert sum(gap["properties"]["people"] for gap in gaps) == sum(outside)
    seasons = pd.read_csv(folder / "seasons.csv").query("unit_level == 'study'").set_index("case")["covered"]
    if name != "many":  # no case of the seasons has both winter and closed roads
        assert seasons["closed_roads" if name == "closed" else summary["season"]] == covered


@pytest.mark.parametrize("name", ["usual", "moment", "many", *_SLOW])
def test_the_report_gives_the_same_people(tiny: _Tiny, name: str) -> None:
    """Headline, rate, and what is established beside what is reached are those of the files."""
    covered, *outside = _ASKED[name][1]
    text = tiny.report(name)
    assert f"时限内可达{covered:,}人，可达率为{covered / 18:.1f}%" in text
    assert f"{sum(outside):,}人（{sum(outside) / 18:.1f}%）" in text
    counties = [line for line in text.splitlines() if line.startswith("县（市、区）共2个")]
    assert counties
    assert all(f"区内居民时限内可达率{covered / 18:.1f}%" in line for line in counties)


def test_minutes_to_the_nearest_station_are_those_on_paper(tiny: _Tiny) -> None:
    """V1 24.06 min to S1, V2 48.12 min, V3 at S2, V4 without a road; in winter twice as long."""
    usual, winter = (pd.read_csv(tiny.assess(one) / "demand.csv", index_col=0) for one in ("usual", "winter"))
    assert usual["minutes"].round(2).tolist()[:3] == [24.06, 48.12, 0.0]
    assert usual["station_id"].tolist()[:3] == ["S1", "S1", "S2"]
    assert pd.isna(usual["minutes"]["V4"])
    assert winter["minutes"].round(2).tolist()[:3] == [48.12, 96.25, 0.0]


def test_everybody_without_a_station_has_a_reason(tiny: _Tiny) -> None:
    """No route, none in the own unit (with the minutes outside it), offered nowhere: in the files and in the report."""
    expected = {
        "closed": ("no_way", 1000, "无可用站点（无通路）的1,000人"),
        "own": ("other_unit", 500, "无可用站点（本辖区无站点）的500人"),
        "none": ("not_offered", 1700, "无可用站点（无处办理）的1,700人"),
    }
    for name, (reason, people, sentence) in expected.items():
        summary = _read_json(tiny.assess(name), "summary.json")["population_no_route_by_reason"]
        assert {one: count for one, count in summary.items() if count} == {reason: people}
        demand = pd.read_csv(tiny.assess(name) / "demand.csv", index_col=0)
        assert demand.loc[demand["status"] == "no_route", "reason"].unique().tolist() == [reason]
        assert demand.loc[demand["status"] != "no_route", "reason"].isna().all()
        assert sentence in tiny.report(name), name
    own = pd.read_csv(tiny.assess("own") / "demand.csv", index_col=0)["elsewhere_min"]
    assert own.round(2).dropna().to_dict() == {"V2": 48.12}


def test_indicators_are_those_on_paper(tiny: _Tiny) -> None:
    """Weekly hours, Gini of the minutes and the loss in winter, worked out by hand."""
    usual = _read_study(tiny.assess("usual"))["value"]
    assert usual["B8"] == pytest.approx((5 * 4 * 1000 + 168 * 200) / 1800)
    assert usual["B10.gini"] == pytest.approx(0.26471, abs=2e-5)
    assert usual["B11"] == pytest.approx(1000 / 1800)
    # V4 has no time: it is in the denominator and adds nothing. 150 cases a year for everybody.
    far = 500 * (48.12 / 30 - 1)
    assert usual["B5.fgt0"] == pytest.approx(600 / 1800)
    assert usual["B5.fgt1"] == pytest.approx(far / 1800, abs=1e-4)
    assert usual["B5.fgt2"] == pytest.approx(far * (48.12 / 30 - 1) / 1800, abs=1e-4)
    assert usual["B9.access"] == pytest.approx(150 / 1800)
    assert "冬季条件下可达率为11.1%，比夏季（66.7%）低55.6个百分点" in tiny.report("usual")


def test_at_a_moment_nothing_is_said_for_the_whole_week_in_silence(tiny: _Tiny) -> None:
    """Every number of the week says so; what is of a year or a plan is left out; seasons are of that hour."""
    folder = tiny.assess("moment")
    table = pd.read_csv(folder / "indicators.csv")
    heads = table["code"].str.split(".").str[0]
    weekly = heads.isin(["A1", "A1k", "B8", "B16"])
    assert set(table["period"][weekly]) == {"week"}
    assert set(table["period"][~weekly]) == {"Wed 09:30"}
    assert not heads.isin(["B9", "B14", "B17"]).any()
    assert not (folder / "station_loads.csv").exists()
    assert _read_json(folder, "summary.json")["not_at_a_moment"]
    seasons = pd.read_csv(folder / "seasons.csv").query("unit_level == 'study'")
    assert seasons["covered"].tolist() == [200.0, 200.0]
    areas = _read_json(folder, "service_areas.geojson")
    assert areas["period"] == "Wed 09:30"
    assert "66.7%" not in tiny.report("moment")


def test_another_answer_in_the_same_folder_leaves_nothing_of_the_first(tiny: _Tiny, tmp_path: Path) -> None:
    """A file that only the answer for the week has is gone when the folder takes that for a moment."""
    tiny.run("assess", tiny.folder / "tiny", "--out", tmp_path, "--station-areas")
    assert (tmp_path / "station_areas.geojson").exists()
    tiny.run("assess", tiny.folder / "tiny", "--out", tmp_path, "--at", "Wed 09:30")
    assert not (tmp_path / "station_areas.geojson").exists()


@pytest.mark.parametrize(
    ("name", "bar", "headline"),
    [
        ("moment", ("时刻 星期三09:30",), "“半小时”标准（只计星期三09:30开放的站点），"),
        (
            "many",
            ("季节 冬季", "辖区 居民只到本县（市、区）的站点", "站点启用至 2027-06-30", "道路封闭 1处"),
            "（冬季，居民只到本县（市、区）的站点，含2027-06-30前启用的规划站点，1处道路封闭），",
        ),
    ],
)
def test_the_bar_and_the_headline_name_what_is_not_usual(
    tiny: _Tiny, name: str, bar: tuple[str, ...], headline: str
) -> None:
    """Every part of the question that is not the usual one is in the bar on top and in the headline."""
    text = tiny.report(name)
    assert [one for one in (*bar, headline) if one not in text] == []
    assert "标准，" in tiny.report("usual")


def test_the_way_people_travel_is_named_where_it_is_not_the_usual_one(tiny: _Tiny) -> None:
    """On foot and from the station stand in the bar and in the brackets behind the standard."""
    study = open_study(tiny.folder / "tiny", mode="walk")
    asked = Question(direction="from")
    assert list_strip(study, asked)["direction"].en == "from the station to the resident"
    assert name_conditions(study, asked).en == " (on foot, from the station to the resident)"
    assert name_conditions(study, Question()).zh == "（步行）"


def test_explain_names_the_reason(tiny: _Tiny) -> None:
    """Kept to its county V2 has no point of its own: the nearest outside is 48.1 minutes away; no item, no road."""
    said = {}
    for name, asked in {"own": ["--own"], "nowhere": ["--service", "notarisation"], "way": ["--closed"]}.items():
        place = "87.0,44.0" if name == "way" else "87.7,44.0"
        more = [str(tiny.folder / "tiny" / "closed.csv")] if name == "way" else []
        result = CliRunner().invoke(main, ["explain", str(tiny.folder / "tiny"), "--at", place, *asked, *more])
        assert result.exit_code == 0, result.output
        said[name] = result.stdout
    assert "none in the own unit" in said["own"]
    assert "48.1 min" in said["own"]
    assert "offered nowhere" in said["nowhere"]
    assert "(no route)" in said["way"]


def test_in_scope_and_offered_nowhere_is_nothing(tmp_path: Path, tiny: _Tiny) -> None:
    """Of a family with a point every item is listed, 0 where nobody offers it; a study may name its items."""
    usual = _read_study(tiny.assess("usual"))["value"]
    assert (usual["B7.item.notarisation"], usual["A1k.county.notarisation"]) == (0.0, 0.0)
    assert "B7.item.identity_card" not in usual.index
    write_tiny_world(tmp_path / "named", settings='items = ["legal_consultation", "identity_card"]\n')
    tiny.run("assess", tmp_path / "named", "--out", tmp_path / "out")
    named = _read_study(tmp_path / "out")["value"]
    assert named["B7.item.identity_card"] == named["B7.family.police"] == 0.0
    assert "B7.item.notarisation" not in named.index
    assert _read_json(tmp_path / "out", "summary.json")["services"]["identity_card"]["population_covered"] == 0


def test_child_care_on_foot_after_school(tmp_path: Path, tiny: _Tiny) -> None:
    """100 of 200 children at Wednesday 17:00, none at 10:00, by item and threshold on the command line."""
    write_tiny_world(tmp_path / "school", more_stations=SCHOOL_POST)
    asked = ("--service", "after_school_care", "--mode", "walk", "--minutes", 15)
    found = []
    for hour in ("17:00", "10:00"):
        out = tmp_path / hour.removesuffix(":00")
        tiny.run("assess", tmp_path / "school", "--out", out, *asked, "--at", f"Wed {hour}")
        summary = _read_json(out, "summary.json")
        assert summary["population_total"] == 200
        found.append((summary["population_covered"], _read_study(out)["numerator"]["B7.item.after_school_care"]))
    assert found == [(100, 100), (0, 0)]


def test_who_lives_outside_every_unit_has_a_name(tiny: _Tiny) -> None:
    """Without the second county its people are in every table by unit under words, and reports in layers are made."""
    study = write_tiny_world(tiny.folder / "cut").parent
    districts = json.loads((study / "districts.geojson").read_text(encoding="utf-8"))
    districts["features"] = [
        one for one in districts["features"] if not one["properties"]["district_id"].startswith("659902")
    ]
    (study / "districts.geojson").write_text(json.dumps(districts), encoding="utf-8")
    out, layers = tiny.folder / "cut out", tiny.folder / "cut.gpkg"
    tiny.run("assess", study, "--out", out)
    for name in ("districts.csv", "seasons.csv", "far_from_roads.csv"):
        assert (pd.read_csv(out / name, keep_default_na=False)["name"] != "").all(), name
    people = pd.read_csv(out / "districts.csv").query("level == 'county'").set_index("name")["total"]
    assert people.to_dict() == {"甲县": 1300, "Outside all districts": 500}
    tiny.run("report", study, "--out", layers, "--lang", "zh", "--sections", "situation")
    named = gpd.read_file(layers, layer="gaps").set_index("name")["people"]
    assert named["不在任何区划内"] == 500


def test_places_of_elsewhere_are_named(tiny: _Tiny) -> None:
    """A closed place on no road, and a candidate of another province, are findings with their names."""
    study = write_tiny_world(tiny.folder / "elsewhere").parent
    closed, candidates, out = study / "far.csv", study / "sites.csv", tiny.folder / "elsewhere out"
    closed.write_text("name,lon,lat\n老桥,87.15,44.0\n新桥,87.6,44.4\n", encoding="utf-8")
    tiny.run("assess", study, "--closed", closed, "--out", out)
    (named,) = pd.read_csv(out / "issues.csv").query("code == 'closures.on_no_road'").itertuples()
    assert (named.count, named.value) == (1, "新桥")
    candidates.write_text("name,lon,lat\n近点,87.7,44.0\n上海点,121.5,31.2\n", encoding="utf-8")
    tiny.run("suggest", study, "--method", "mclp", "--sites", 1, "--candidates", candidates, "--out", out)
    (named,) = pd.read_csv(out / "issues.csv").query("code == 'candidates.far_away'").itertuples()
    assert (named.count, named.value) == (1, "上海点")
