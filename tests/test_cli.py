"""The command line end to end, on small files and on real ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from small_study import write_small_study

from cli import main
from geodata.studies.open_study import open_study
from geodata.studies.pack import open_pack


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is built in the test's folder, and speak English."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLANNER_LANG", "en")


def _run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_assess_writes_its_files(tmp_path: Path) -> None:
    """An assessment leaves its numbers, lists, areas and provenance, and they agree."""
    study = write_small_study(tmp_path / "study")
    result = _run("assess", study, "--out", tmp_path / "out", "--service", "mediation", "--minutes", 3)
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        *("summary.json", "districts.csv", "demand.csv", "issues.csv", "run.json", "indicators.csv"),
        *("established_vs_reachable.csv", "far_from_roads.csv", "gaps.geojson", "service_areas.geojson"),
        *("seasons.csv", "referrals.csv", "README_示意.txt"),
    }
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    parts = [summary[f"population_{name}"] for name in ("covered", "beyond", "no_route", "unconnected")]
    assert parts == [150, 30, 0, 7]
    assert summary["population_total"] == sum(parts)
    assert list(summary["population_within"]) == ["10", "15", "20", "30", "45", "60"]
    assert summary["population_within"]["10"] == summary["population_within"]["60"] == 180
    assert summary["share_covered"] == pytest.approx(150 / 187)
    assert summary["services"]["mediation"]["population_covered"] == 150
    assert summary["schematic"] is True
    demand = pd.read_csv(tmp_path / "out" / "demand.csv", index_col="demand_id")
    assert list(demand.columns) == [
        "lon",
        "lat",
        "population",
        "district_id",
        "minutes",
        "station_id",
        "access_m",
        "status",
        "road_m",
        "reason",
        "elsewhere_min",
    ]
    assert demand["status"].to_dict() == {"A": "covered", "B": "covered", "C": "unconnected", "D": "beyond"}
    assert np.isnan(demand.loc["C", "minutes"])
    run = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {source["role"] for source in run["inputs"]} == {"study", "roads", "population", "stations", "districts"}
    assert all(len(source["sha256"]) == 64 for source in run["inputs"])
    assert run["options"]["cutoff_min"] == 3


def test_indicators_say_what_the_summary_says(tmp_path: Path) -> None:
    """The reachable rate in indicators.csv is the summary's; gaps hold everybody who is not covered."""
    study = write_small_study(tmp_path / "study")
    assert _run("assess", study, "--out", tmp_path / "out", "--service", "mediation", "--minutes", 3).exit_code == 0
    table = pd.read_csv(tmp_path / "out" / "indicators.csv", dtype={"unit_id": str})
    assert list(table.columns) == ["code", "unit_level", "unit_id", "value", "numerator", "denominator", "period"]
    headline = table[(table["code"] == "B1") & (table["unit_level"] == "study")].iloc[0]
    assert (headline["numerator"], headline["denominator"]) == (150, 187)
    counties = table[(table["code"] == "B1") & (table["unit_level"] == "county")]
    assert counties["numerator"].sum() == 150
    gaps = json.loads((tmp_path / "out" / "gaps.geojson").read_text(encoding="utf-8"))
    assert sum(feature["properties"]["people"] for feature in gaps["features"]) == 37
    assert gaps["schematic"] is True


def test_each_station_by_itself(tmp_path: Path) -> None:
    """The only station has room for 100 and 150 people within its 3 minutes; asked for, its own area is all areas."""
    study = write_small_study(tmp_path / "study")
    plain = ("--service", "mediation", "--minutes", 3)
    assert _run("assess", study, "--out", tmp_path / "silent", *plain).exit_code == 0
    assert not (tmp_path / "silent" / "station_loads.csv").exists()  # cases against residents: no load without a use
    assert "stations.capacity_unused" in (tmp_path / "silent" / "issues.csv").read_text(encoding="utf-8")
    stated = '\n[capacity]\nunit = "cases_a_year"\nvisits_a_year = 1.0\n'
    study.write_text(study.read_text(encoding="utf-8") + stated, encoding="utf-8")
    asked = (*plain, "--station-areas")
    assert _run("assess", study, "--out", tmp_path / "out", *asked).exit_code == 0
    loads = pd.read_csv(tmp_path / "out" / "station_loads.csv", index_col="station_id")
    assert loads.loc["S", ["capacity", "people_served", "load"]].tolist() == pytest.approx([100.0, 150.0, 1.5])
    assert loads.loc["S", "is_overloaded"]
    own, merged = (
        json.loads((tmp_path / "out" / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
        for name in ("station_areas", "service_areas")
    )
    assert {feature["properties"]["station_id"] for feature in own} == {"S"}
    sizes = [[feature["properties"]["area_km2"] for feature in features] for features in (own, merged)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.02, abs=0.01)
    assert sizes[0][0] > 0.0


def test_thresholds_moment_and_services(tmp_path: Path) -> None:
    """A table of thresholds, a moment of the week and a list of items change the answer as they should."""
    study = write_small_study(tmp_path / "study")
    table = tmp_path / "thresholds.toml"
    table.write_text(
        'id = "t"\nsource = "test"\nzh = "测试"\nen = "Test"\n[[rule]]\nminutes = 2.0\n'
        '[[rule]]\nservice = "mediation"\nminutes = 6.0\n',
        encoding="utf-8",
    )

    def summary(*options: object) -> dict[str, object]:
        result = _run("assess", study, "--out", tmp_path / "out", *options)
        assert result.exit_code == 0, result.output
        content: dict[str, object] = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
        return content

    strict = summary("--thresholds", table, "--services", "mediation,legal_consultation")
    assert strict["population_covered"] == 0
    assert strict["services"]["mediation"]["population_covered"] == 180
    assert strict["services"]["legal_consultation"]["population_covered"] == 0
    assert set(strict["services"]) == {"mediation", "legal_consultation"}
    stations = study.parent / "stations.csv"
    stations.write_text(stations.read_text(encoding="utf-8").replace("24小时", "周一至周五 10:00-18:00"), "utf-8")
    assert summary("--at", "Wed 10:30")["population_covered"] == 180
    assert summary("--at", "周日 10:30")["population_covered"] == 0
    assert summary("--at", "Fri 18:00")["population_covered"] == 0
    assert summary("--season", "winter")["mean_min"] > summary()["mean_min"]
    indicators = tmp_path / "out" / "indicators.csv"
    assert "B8" in set(pd.read_csv(indicators)["code"])
    stations.write_text(stations.read_text(encoding="utf-8").replace("周一至周五 10:00-18:00", ""), "utf-8")
    summary()
    assert "B8" not in set(pd.read_csv(indicators)["code"])


def test_explain_tells_why(tmp_path: Path) -> None:
    """A place without a road, a place in time and a place beyond each get their own words."""
    study = write_small_study(tmp_path / "study")
    far = _run("explain", study, "--at", "87.60,44.00", "--service", "mediation")
    assert far.exit_code == 0, far.output
    near = _run("explain", study, "--at", "87.6274,43.80", "--service", "mediation", "--minutes", 3)
    beyond = _run("explain", study, "--at", "87.6274,43.79", "--service", "mediation", "--minutes", 3)
    assert len({far.stdout, near.stdout, beyond.stdout}) == 3
    assert "示意点01" in near.stdout
    assert "2.6" in near.stdout
    assert _run("explain", study, "--at", "north", "--service", "mediation").exit_code == 2


def test_assess_without_roads_gives_the_established_rate(tmp_path: Path) -> None:
    """Without roads the summary holds provision rates only, and the command says so."""
    study = write_small_study(tmp_path / "study")
    study.write_text(study.read_text(encoding="utf-8").replace('roads = "roads.geojson"\n', ""), encoding="utf-8")
    result = _run("assess", study, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "provision rate" in result.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["has_roads"] is False
    assert "share_covered" not in summary
    assert [rate["rate"] for rate in summary["established"]] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("assess", "nowhere/study.toml", "--out", "x"), "study.toml"),
        (("assess", "STUDY", "--out", "x", "--service", "nonsense"), "nonsense"),
        (("assess", "STUDY", "--out", "x", "--season", "monsoon"), "monsoon"),
        (("assess", "STUDY", "--out", "x", "--services", "mediation,nonsense"), "nonsense"),
        (("assess", "STUDY", "--out", "x", "--thresholds", "nothing.toml"), "nothing.toml"),
        (("assess", "STUDY", "--out", "x", "--at", "someday"), "someday"),
        (("assess", "STUDY", "--out", "x", "--speeds", "nothing.toml"), "nothing.toml"),
        (("assess", "STUDY", "--out", "x", "--minutes", "nan"), "nan"),
        (("network", "nothing.osm.pbf", "--out", "x"), "nothing.osm.pbf"),
    ],
)
def test_bad_input_ends_with_code_2_and_a_message(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """Wrong names and files end the command with code 2 and name what is wrong; nothing is written."""
    study = write_small_study(tmp_path / "study")
    filled = [str(study) if word == "STUDY" else str(tmp_path / "x") if word == "x" else word for word in arguments]
    result = _run(*filled)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "x").exists()


def test_matrix_of_the_small_street(tmp_path: Path) -> None:
    """The matrix holds every pair in order; the way back takes as long on a two-way street."""
    study = write_small_study(tmp_path / "study")
    points = tmp_path / "points.csv"
    points.write_text("id,lon,lat\na,87.60,43.80\nb,87.6274,43.80\nfar,88.5,43.80\n", encoding="utf-8")
    out = tmp_path / "m.csv"
    roads = study.parent / "roads.geojson"
    result = _run("matrix", "--network", roads, "--origins", points, "--destinations", points, "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out)
    columns = ["origin_id", "destination_id", "minutes", "reason", "origin_road_m", "destination_road_m"]
    assert list(table.columns) == columns
    minutes = table.pivot_table(index="origin_id", columns="destination_id", values="minutes", dropna=False)
    assert minutes.loc["a", "b"] == minutes.loc["b", "a"] > 5.0
    assert minutes.loc["a", "a"] == 0.0
    assert minutes.loc["a"].isna()["far"]
    reason = table.fillna({"reason": ""}).set_index(["origin_id", "destination_id"])["reason"]
    assert reason["a", "b"] == ""
    assert (reason["far", "a"], reason["a", "far"], reason["far", "far"]) == (
        *("origin_far", "destination_far", "both_far"),
    )
    road_m = table.groupby("origin_id")["origin_road_m"].first()
    assert road_m["a"] == 0.0
    assert road_m["far"] == pytest.approx(69_000, rel=0.02)
    assert "2,000" in result.output
    assert "69." in result.output or "68." in result.output


CASES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "public"


@pytest.mark.parametrize("is_tunnel_there", [True, False])
def test_a_house_over_a_tunnel_is_not_in_it(tmp_path: Path, is_tunnel_there: bool) -> None:
    """The house walks 330 m to the street and is driven from there; the same file without the tunnel says the same."""
    folder = CASES / "03-join-tunnel"
    if not folder.is_dir():
        pytest.skip("reference cases (../shared/cases) are not here")
    text = (folder / "roads.osm").read_text(encoding="utf-8")
    if not is_tunnel_there:
        text = re.sub(r'<way id="1000".*?</way>', "", text, flags=re.DOTALL)
    roads, out = tmp_path / "roads.osm", tmp_path / "m.csv"
    roads.write_text(text, encoding="utf-8")
    ends = ("--origins", folder / "o.csv", "--destinations", folder / "d.csv")
    result = _run("matrix", "--network", roads, *ends, "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out)
    assert table["minutes"].tolist() == [pytest.approx(6.4, abs=0.4)]
    assert table["origin_road_m"].tolist() == [pytest.approx(328.0, abs=3.0)]


def test_a_matrix_says_that_nets_are_apart_or_that_there_is_no_way(tmp_path: Path) -> None:
    """A valley of 8 km is a net of its own where a destination lies in it; nobody comes out of a one-way street."""
    roads = {
        "main": ([(87.0, 43.0), (87.3, 43.0)], "no"),
        "valley": ([(87.0, 43.1), (87.1, 43.1)], "no"),
        "spur": ([(87.3, 43.0), (87.3, 43.005)], "yes"),
    }
    features = [
        {
            "type": "Feature",
            "properties": {"highway": "primary", "oneway": oneway},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for line, oneway in roads.values()
    ]
    file, points, out = tmp_path / "roads.geojson", tmp_path / "points.csv", tmp_path / "m.csv"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    points.write_text("id,lon,lat\nm,87.1,43\nv,87.02,43.1\nw,87.09,43.1\n", encoding="utf-8")
    result = _run("matrix", "--network", file, "--origins", points, "--destinations", points, "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out).fillna({"reason": ""}).set_index(["origin_id", "destination_id"])
    assert table.loc[("v", "w"), "minutes"] == pytest.approx(5.7 / 49.45 * 60.0, rel=0.02)
    assert table["reason"].value_counts().to_dict() == {"": 5, "other_net": 4}
    assert table.loc[("m", "v"), "reason"] == "other_net"


def test_network_prints_its_counts(tmp_path: Path) -> None:
    """The counts of a network are printed and written."""
    roads = write_small_study(tmp_path / "study").parent / "roads.geojson"
    result = _run("network", roads, "--out", tmp_path / "net")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "net" / "network.json").read_text(encoding="utf-8"))
    assert report["junctions"] == 1
    assert report["dead_ends"] == 3
    assert report["edges"] == 6
    assert report["components"] == 1
    assert report["km"] == pytest.approx(4.42, abs=0.02)
    assert report["km_by_class"] == {"residential": pytest.approx(report["km"], abs=0.002)}
    assert "junctions: 1" in result.output


def test_new_makes_a_pack_that_assess_opens(tmp_path: Path) -> None:
    """A pack made from four files opens, and its numbers are those of the files."""
    source = write_small_study(tmp_path / "source").parent
    pack = tmp_path / "pack.zip"
    result = _run(
        "new",
        *("--area", source / "districts.geojson"),
        *("--population", source / "population.csv"),
        *("--roads", source / "roads.geojson"),
        *("--stations", source / "stations.csv"),
        *("--out", pack),
    )
    assert result.exit_code == 0, result.output
    result = _run("assess", pack, "--out", tmp_path / "out", "--minutes", 6)
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["population_covered"], summary["population_unconnected"]) == (180, 7)


@pytest.mark.parametrize(("given", "found"), [("", "CN-XJ"), ("甘肃", "CN-GS"), ("火星", "")])
def test_a_new_study_drives_at_the_speeds_of_a_province(tmp_path: Path, given: str, found: str) -> None:
    """The province is that of the area, or the one that is named; one that does not exist is refused."""
    source, pack = write_small_study(tmp_path / "source").parent, tmp_path / "pack.zip"
    inputs = ["--area", source / "districts.geojson", "--population", source / "population.csv"]
    result = _run("new", *inputs, *(["--province", given] if given else []), "--out", pack)
    assert result.exit_code == (0 if found else 2), result.output
    if found:
        assert open_study(open_pack(pack, tmp_path / "opened")).province == found
    else:
        assert not pack.exists()


def test_matrix_agrees_with_an_independent_engine(tmp_path: Path, shared_data: Path) -> None:
    """Travel times in a real city: medians, tails and the half-hour answer agree with another engine."""
    city = "andorra"
    points = shared_data / "truth" / f"{city}_points.csv"
    result = _run(
        "matrix",
        *("--network", shared_data / "roads" / f"{city}.osm.pbf"),
        *("--origins", points),
        *("--destinations", points),
        *("--speeds", shared_data / "truth" / "speeds_osrm_car.toml"),
        *("--out", tmp_path / "m.csv"),
    )
    assert result.exit_code == 0, result.output
    ours = pd.read_csv(tmp_path / "m.csv").set_index(["origin_id", "destination_id"])["minutes"]
    theirs = pd.read_csv(shared_data / "truth" / f"{city}_osrm.csv").set_index(["origin_id", "destination_id"])
    minutes = ours.reindex(theirs.index)
    assert minutes.notna().all()
    error = (minutes * 60 / theirs["seconds"] - 1).abs()
    assert error.median() <= 0.03
    assert error.quantile(0.95) <= 0.12
    for cutoff in (15, 30):
        assert ((minutes <= cutoff) == (theirs["seconds"] <= cutoff * 60)).mean() >= 0.985


def test_study_of_three_islands(tmp_path: Path, shared_data: Path) -> None:
    """Raster people, an OSM extract and health sites make a study: nobody is lost, islands stay apart."""
    for name, source in (
        ("roads.osm.pbf", "roads/comoros.osm.pbf"),
        ("people.tif", "population/comoros_worldpop_2020.tif"),
        ("sites.gpkg", "facilities/comoros_health.gpkg"),
    ):
        (tmp_path / name).write_bytes((shared_data / source).read_bytes())
    (tmp_path / "study.toml").write_text(
        'format = 1\nid = "comoros"\n[inputs]\nroads = "roads.osm.pbf"\npopulation = "people.tif"\n'
        'stations = "sites.gpkg"\n',
        encoding="utf-8",
    )
    result = _run("assess", tmp_path / "study.toml", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["population_total"] == pytest.approx(869_595, abs=1)
    parts = [summary[f"population_{name}"] for name in ("covered", "beyond", "no_route", "unconnected")]
    assert sum(parts) == pytest.approx(summary["population_total"], abs=1e-3)
    demand = pd.read_csv(tmp_path / "out" / "demand.csv", dtype={"station_id": str})
    assert demand["population"].sum() == pytest.approx(869_595, abs=1)
    assert demand["minutes"].isna().equals(demand["status"].isin(["no_route", "unconnected"]))


def test_results_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    """Where the disk refuses the results, the command ends with code 2 and says which file."""
    study = write_small_study(tmp_path / "study")
    (tmp_path / "taken").write_bytes(b"x")
    result = _run("assess", study, "--out", tmp_path / "taken" / "out")
    assert result.exit_code == 2
    assert "could not be written" in result.stderr


def test_choice_without_stations_is_told(tmp_path: Path) -> None:
    """Nobody is covered where no station answers the choice, and the command says why."""
    study = write_small_study(tmp_path / "study")
    table = study.parent / "stations.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("existing", "closed"), encoding="utf-8")
    result = _run("assess", study, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "No existing station" in result.stderr
