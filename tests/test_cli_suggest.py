"""``suggest`` on the command line: what it claims is what ``assess`` says of the stations it writes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from demo_study import open_demo
from real_studies import write_almaty, write_comoros
from small_study import LAT, LON, STEP, write_small_study

from cli import main
from coverage.inputs.study import Study
from geodata.commands import suggest
from geodata.intake.read_catalogue import read_catalogue
from geodata.studies.demo import write_demo
from geodata.studies.open_study import open_study

_FIRST = ["order", "site_id", "lon", "lat", "kind", "cost", "newly_covered", "cumulative_share"]


@pytest.fixture(autouse=True)
def home(demo: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep built networks in one folder for all tests, open the demo once for all suggestions, and speak English."""

    def open_once(path: Path, **how: Any) -> Study:
        return (
            open_demo() if path == demo and how["mode"] is None and how["speeds"] is None else open_study(path, **how)
        )

    monkeypatch.setattr(suggest, "open_study", open_once)
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    monkeypatch.setenv("PLANNER_LANG", "en")


def _run(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


def _suggest(study: Path, out: Path, *words: object) -> dict[str, Any]:
    _run("suggest", study, "--out", out, *words)
    found: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return found


def _assess_after(study: Path, out: Path, *words: object) -> dict[str, Any]:
    """Assess from scratch, on the command line, the study with the stations that a suggestion wrote."""
    text = study.read_text(encoding="utf-8")
    after = (out / "stations_after.csv").read_bytes()
    (study.parent / "stations_after.csv").write_bytes(after)
    if 'stations = "' in text:
        lines = [
            'stations = "stations_after.csv"' if line.startswith("stations = ") else line for line in text.split("\n")
        ]
    else:
        lines = [
            f'{line}\nstations = "stations_after.csv"' if line == "[inputs]" else line for line in text.split("\n")
        ]
    again = study.with_name("after.toml")
    again.write_text("\n".join(lines), encoding="utf-8")
    _run("assess", again, "--out", out / "after", *words)
    found: dict[str, Any] = json.loads((out / "after" / "summary.json").read_text(encoding="utf-8"))
    return found


def _check_claim(study: Path, out: Path, asked: list[object], plan: list[object]) -> dict[str, Any]:
    """Suggest, then assess the stations afterwards: the people claimed are the people found."""
    claimed = _suggest(study, out, *asked, *plan)
    found = _assess_after(study, out, *asked)
    sites = pd.read_csv(out / "sites.csv")
    assert sites.columns[:8].tolist() == _FIRST
    gained = found["population_covered"] - claimed["covered_before"]
    assert gained == pytest.approx(sites["newly_covered"].sum(), abs=1e-6)
    assert found["population_covered"] == pytest.approx(claimed["covered_after"], abs=1e-6)
    assert found["mean_min"] == claimed["mean_min_after"]
    assert found["weight"] == claimed["weight"]
    if len(sites):
        assert sites["cumulative_share"].iloc[-1] == pytest.approx(found["share_covered"], abs=1e-12)
    assert claimed["status"] in ("optimal", "infeasible")
    return claimed


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the demo study on disk."""
    return write_demo(tmp_path_factory.mktemp("demo"))[0]


@pytest.mark.parametrize(
    ("service", "plan"),
    [
        ("legal_consultation", ["--method", "mclp", "--sites", 4]),
        pytest.param("identity_card", ["--method", "mclp", "--sites", 3], marks=pytest.mark.slow),
        pytest.param("licence_renewal", ["--method", "mclp", "--budget", 120_000], marks=pytest.mark.slow),
        pytest.param("notarisation", ["--method", "fair", "--sites", 4], marks=pytest.mark.slow),
        ("legal_consultation", ["--method", "p-median", "--sites", 3]),
        pytest.param("mediation", ["--method", "mclp", "--sites", 2, "--moves", 2], marks=pytest.mark.slow),
    ],
)
def test_claims_hold_on_the_demo(demo: Path, tmp_path: Path, service: str, plan: list[object]) -> None:
    """For legal, police and traffic items: covered after − covered before is the sum of newly covered people."""
    asked: list[object] = ["--service", service, "--minutes", 12]
    claimed = _suggest(demo, tmp_path, *asked, *plan) if "--moves" in plan else None
    if claimed is None:
        claimed = _check_claim(demo, tmp_path, asked, plan)
        assert claimed["newly_covered"] > 0
    else:
        assert _assess_after(demo, tmp_path, *asked)["population_covered"] == pytest.approx(
            claimed["covered_after"], abs=1e-6
        )
    if service == "identity_card":
        sites = pd.read_csv(tmp_path / "sites.csv")
        assert (sites["source"] == "item").all()
        police = {kind.id for kind in read_catalogue().kinds if kind.family == "police"}
        layer = json.loads((tmp_path / "sites.geojson").read_text(encoding="utf-8"))
        assert set(sites["kind"]) & police
        for feature in layer["features"]:
            assert feature["geometry"] is None
            assert feature["properties"]["lon"] is None


@pytest.mark.slow
def test_claims_hold_under_every_rule_at_once(demo: Path, tmp_path: Path) -> None:
    """Winter, own jurisdiction, a table of thresholds, a level and a closed road: the claim is still exact."""
    closed = tmp_path / "closed.csv"
    closed.write_text("name,lon,lat\n,87.62,43.83\n", encoding="utf-8")
    asked: list[object] = ["--service", "legal_consultation", "--level", "village", "--thresholds", "circle_15"]
    asked += ["--season", "winter", "--own", "--closed", closed]
    plan = ["--method", "mclp", "--sites", 3, "--sources", "village,cluster,junction", "--spacing-km", 8]
    claimed = _check_claim(demo, tmp_path / "out", asked, plan)
    assert claimed["newly_covered"] > 0
    assert set(claimed["candidates_by_source"]) <= {"village", "cluster", "junction"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["almaty", "comoros"])
def test_claims_hold_on_real_roads(name: str, shared_data: Path, tmp_path: Path) -> None:
    """On Almaty and Comoros the claim is exact too, with the places of OpenStreetMap among the candidates."""
    write = write_almaty if name == "almaty" else write_comoros
    study = write(tmp_path / "study", shared_data)
    asked: list[object] = [
        "--service",
        "legal_consultation" if name == "comoros" else "licence_renewal",
        "--minutes",
        10,
    ]
    plan = ["--method", "mclp", "--sites", 4, "--sources", "item,cluster", "--spacing-km", 6]
    claimed = _check_claim(study, tmp_path / "out", asked, [*plan, "--places", study.parent / "roads.osm.pbf"])
    assert claimed["newly_covered"] > 0
    assert "cluster" in claimed["candidates_by_source"]
    if name == "almaty":
        police = ["--service", "identity_card", "--minutes", 10]
        _check_claim(study, tmp_path / "police", police, ["--method", "mclp", "--sites", 2, "--any-family"])
        sites = pd.read_csv(tmp_path / "police" / "sites.csv")
        assert (sites["station_id"] != "").all()


def test_two_runs_write_the_same(demo: Path, tmp_path: Path) -> None:
    """Every file of two runs is equal, but for the seconds and the moment it was begun."""
    words = ["--service", "notarisation", "--minutes", 15, "--method", "lscp", "--share", 0.9, "--per-year", 2]
    for name in ("one", "two"):
        _suggest(demo, tmp_path / name, *words)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert {"sites.csv", "frontier.csv", "unserved.csv", "plan.csv", "stations_after.csv", "sites.geojson"} <= set(
        names
    )
    for name in names:
        first, second = ((tmp_path / run / name).read_text(encoding="utf-8") for run in ("one", "two"))
        if name in ("summary.json", "run.json"):
            both = [json.loads(text) for text in (first, second)]
            for content in both:
                for key in ("runtime_s", "started", "seconds"):
                    content.pop(key, None)
            assert both[0] == both[1]
        else:
            assert first == second


def test_a_study_with_nothing_but_roads_and_people(tmp_path: Path) -> None:
    """Without districts and without any station the sites are clusters, and the claim is exact."""
    study = write_small_study(tmp_path / "study")
    text = study.read_text(encoding="utf-8")
    bare = text.replace('stations = "stations.csv"\n', "").replace('districts = "districts.geojson"\n', "")
    study.write_text(bare, encoding="utf-8")
    plan = ["--method", "lscp", "--spacing-km", 0.5]
    claimed = _check_claim(study, tmp_path / "out", ["--service", "mediation", "--minutes", 2], plan)
    assert claimed["candidates_by_source"] == {"cluster": 4}
    # Everybody on the street; C has no road, and the list says so.
    assert (claimed["covered_before"], claimed["covered_after"]) == (0.0, 180.0)
    assert claimed["status"] == "infeasible"
    unserved = pd.read_csv(tmp_path / "out" / "unserved.csv")
    assert unserved[["demand_id", "people", "reason"]].to_numpy().tolist() == [["C", 7.0, "no_road"]]


def _write_candidates(path: Path) -> Path:
    rows = [
        ("编号", "名称", "经度", "纬度", "种类", "费用", "要求"),
        ("K1", "一号", LON + 2 * STEP, LAT, "legal_room", 5000, "必建"),
        ("K2", "二号", LON, LAT, "", "", ""),
        ("K3", "三号", LON + STEP, LAT, "", "", "禁止"),
        ("K2", "重号", LON, LAT, "", "", ""),
        ("K5", "五号", "", "", "", "", ""),
        ("K6", "六号", LON, LAT, "", -3, ""),
        ("K7", "七号", LON, LAT, "pub", "", ""),
        ("K8", "八号", LON, LAT, "", "", "也许"),
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def test_a_list_of_candidates_is_read_with_its_roles(tmp_path: Path) -> None:
    """The required site opens first at its own cost, the forbidden one never; five rows are left out and listed."""
    study = write_small_study(tmp_path / "study")
    asked: list[object] = ["--service", "legal_consultation", "--minutes", 1]
    plan = ["--method", "mclp", "--sites", 2, "--candidates", _write_candidates(tmp_path / "list.csv")]
    _check_claim(study, tmp_path / "out", asked, plan)
    sites = pd.read_csv(tmp_path / "out" / "sites.csv").set_index("site_id")
    assert sorted(sites.index) == ["K1", "K2"]
    assert sites["cost"].to_dict() == {"K1": 5000.0, "K2": 20_000.0}
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv")
    assert rejected["row"].tolist() == [5, 6, 7, 8, 9]
    assert rejected["problem"].tolist() == [
        "points.id_twice",
        "position.missing",
        "candidates.amount_invalid",
        "candidates.kind_unknown",
        "candidates.role_unknown",
    ]


def test_areas_and_distances_are_kept(tmp_path: Path) -> None:
    """A polygon over the west of the street and a distance to the station leave only the east."""
    study = write_small_study(tmp_path / "study")
    area = tmp_path / "area.geojson"
    ring = [[LON - 0.01, LAT - 0.01], [LON + 0.01, LAT - 0.01], [LON + 0.01, LAT + 0.01], [LON - 0.01, LAT - 0.01]]
    ring[3:3] = [[LON - 0.01, LAT + 0.01]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    area.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    words = ["--service", "legal_consultation", "--minutes", 1, "--method", "mclp", "--sites", 3]
    words += ["--candidates", _write_candidates(tmp_path / "list.csv"), "--exclude", area, "--min-distance-km", 0.5]
    claimed = _suggest(study, tmp_path / "out", *words)
    assert claimed["site_ids"] == ["K1"]
    codes = pd.read_csv(tmp_path / "out" / "issues.csv")["code"].tolist()
    assert {"candidates.excluded_area", "candidates.too_near"} <= set(codes)


def test_what_cannot_be_answered_is_told_in_words(tmp_path: Path) -> None:
    """A number that is missing, a police question without an item, an unknown id: exit 2 and the way out."""
    study = write_small_study(tmp_path / "study")
    start = ["suggest", study, "--out", tmp_path / "out"]
    assert "--sites" in _run(*start, "--method", "mclp", code=2)
    police = _run(*start, "--method", "mclp", "--sites", 1, "--family", "police", code=2)
    assert "No usable candidate was found" in police
    unknown = _run(*start, "--method", "mclp", "--sites", 1, "--require", "nobody", code=2)
    assert "nobody" in unknown
    assert "Traceback" not in police + unknown
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_quotas_hold_and_items_may_be_missing(demo: Path, tmp_path: Path) -> None:
    """At most one site a county and none in one of them; a station without any item stays one without."""
    words = ["--service", "legal_consultation", "--minutes", 12, "--method", "mclp", "--sites", 4]
    words += ["--quota", "1", "--quota", "650109=0", "--forbid", "item-S013"]
    stations = demo.parent / "stations.csv"
    bare = tmp_path / "study"
    bare.mkdir()
    for path in demo.parent.iterdir():
        if path.is_file():
            (bare / path.name).write_bytes(path.read_bytes())
    table = pd.read_csv(stations, dtype=str)
    table["services"] = table["services"].mask(table.index == 3, "no such item")
    table.to_csv(bare / "stations.csv", index=False)
    claimed = _check_claim(bare / "study.toml", tmp_path / "out", words[:4], words[4:])
    sites = pd.read_csv(tmp_path / "out" / "sites.csv", dtype={"county": str})
    assert claimed["sites"] == 4
    assert not sites["county"].duplicated().any()
    assert "650109" not in set(sites["county"])
    after = pd.read_csv(tmp_path / "out" / "stations_after.csv", dtype=str).set_index("station_id")
    assert after["services"].iloc[3] == "none"


def test_the_clock_gives_an_answer_with_a_bound(demo: Path, tmp_path: Path) -> None:
    """With no time at all there is still a plan, whose bound no plan can beat."""
    words = ["--service", "notarisation", "--minutes", 15, "--method", "mclp", "--sites", 4]
    hurried = _suggest(demo, tmp_path / "hurried", *words, "--time-limit", 0)
    best = _suggest(demo, tmp_path / "best", *words)
    assert hurried["objective"] <= best["objective"] <= hurried["bound"]
    assert best["gap"] == 0.0


@pytest.mark.slow
def test_several_services_at_once_each_hold(demo: Path, tmp_path: Path) -> None:
    """Four items as one bundle: each service, assessed by itself from scratch, covers exactly whom it claims."""
    services = ["notarisation", "mediation", "licence_renewal", "identity_card"]
    plan = ["--method", "mclp", "--budget", 150_000, "--item-cost", "notarisation=12000", "--item-cost", "mediation=0"]
    plan += ["--item-cost", "licence_renewal=7000", "--item-cost", "identity_card=1000"]
    asked: list[object] = ["--services", ",".join(services), "--minutes", 9, *plan]
    claimed = _suggest(demo, tmp_path, *asked)
    assert list(claimed["services"]) == services
    sites, table = pd.read_csv(tmp_path / "sites.csv"), pd.read_csv(tmp_path / "services.csv").set_index("service")
    for service in services:
        found = _assess_after(demo, tmp_path, "--service", service, "--minutes", 9)
        told = claimed["services"][service]
        assert found["population_covered"] == told["covered_after"] == table.loc[service, "covered_after"]
        assert found["mean_min"] == told["mean_min_after"]
        assert sites[f"newly_{service}"].sum() == pytest.approx(told["newly_covered"], abs=1e-6)
        assert (sites["services"].str.split(";").map(lambda given, item=service: item in given)).sum() == told["sites"]
    assert claimed["newly_covered"] == pytest.approx(table["newly_covered"].sum(), abs=1e-6)
    assert table["newly_covered"].max() > 0
    assert claimed["cost"] == pytest.approx(sites["cost"].sum())
    assert claimed["cost"] <= 150_000
    price = {"notarisation": 12_000, "mediation": 0, "licence_renewal": 7000, "identity_card": 1000}
    hosts = sites[sites["station_id"].notna()]
    assert hosts["cost"].tolist() == [sum(price[one] for one in given.split(";")) for given in hosts["services"]]
    # Police items are only ever added to existing places.
    new = sites[sites["station_id"].isna()]
    assert not new["services"].str.contains("identity_card").any()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--service", "mediation", "--services", "notarisation", "--sites", 1], "--services"),
        (["--services", "notarisation,mediation", "--sites", 1, "--moves", 1], "--moves"),
        (["--services", "identity_card", "--sites", 1, "--sources", "village"], "identity_card"),
        (["--services", "mediation", "--sites", 1, "--item-cost", "mediation=x"], "mediation=x"),
    ],
)
def test_several_services_say_what_cannot_be(demo: Path, tmp_path: Path, words: list[object], said: str) -> None:
    """Contradictions are refused in words that name the way out."""
    assert said in _run("suggest", demo, "--out", tmp_path, "--method", "mclp", *words, code=2)


@pytest.mark.slow
def test_two_places_are_what_an_assessment_finds(demo: Path, tmp_path: Path) -> None:
    """Assessed from scratch, as many people have two places in reach as the plan of double coverage claims."""
    asked: list[object] = ["--service", "notarisation", "--minutes", 20]
    claimed = _suggest(demo, tmp_path, *asked, "--method", "bacop", "--sites", 3, "--time-limit", 15)
    found = _assess_after(demo, tmp_path, *asked)
    assert found["population_covered"] == claimed["covered_after"]
    rows = pd.read_csv(tmp_path / "after" / "indicators.csv")
    (row,) = rows[(rows["code"] == "B6") & (rows["unit_level"] == "study")].to_dict("records")
    assert row["numerator"] == claimed["covered_twice_after"]
    sites = pd.read_csv(tmp_path / "sites.csv")
    gained = claimed["covered_twice_after"] - claimed["covered_twice_before"]
    assert sites["newly_twice"].sum() == pytest.approx(gained)
    assert gained > 0
    assert claimed["objective"] == claimed["covered_twice_after"]


@pytest.mark.parametrize(
    ("plan", "measure", "told", "sign"),
    [
        (["--method", "p-median", "--limit-minutes", 900, "--sites", 2], "mean_min", "mean_min_after", -1),
        pytest.param(["--method", "p-center", "--sites", 1], "longest_min", "objective", -1, marks=pytest.mark.slow),
        pytest.param(
            ["--method", "fair", "--sites", 2], "worst_share", "worst_county_share", 1, marks=pytest.mark.slow
        ),
        (["--method", "lscp", "--share", 0.93], "sites_needed", "objective", 1),
        pytest.param(
            ["--method", "bacop", "--time-limit", 60, "--budget", 30_000],
            "covered_twice",
            "covered_twice_after",
            1,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["--method", "capacitated", "--time-limit", 60, "--sites", 2], "served", "served", 1, marks=pytest.mark.slow
        ),
    ],
)
def test_the_curve_is_that_of_the_aim(
    demo: Path, tmp_path: Path, plan: list[object], measure: str, told: str, sign: int
) -> None:
    """Each curve is in the measure of its aim, passes through the plan itself, and never gets worse."""
    asked = ["--service", "legal_aid", "--minutes", 15, "--time-limit", 240]
    claimed = _suggest(demo, tmp_path, *asked, *plan)
    table = pd.read_csv(tmp_path / "frontier.csv")
    assert set(table["measure"]) == {measure} == {claimed["measure"]}
    assert len(table) == claimed["curve_points"] > 2
    assert (sign * table["value"].diff().dropna() >= -1e-9).all()
    side = -1 if measure in ("mean_min", "longest_min", "sites_needed") else 1
    assert (side * (table["bound"] - table["value"]) >= 0).all()
    given = "money" if "--budget" in plan else "target" if "lscp" in plan else "sites"
    (own,) = table.index[table[given] == plan[-1]]
    assert table["value"].iloc[own] == pytest.approx(claimed[told], rel=1e-6)
    assert table["covered"].iloc[own] == claimed["covered_after"]
    assert table["gained"].iloc[0] == 0
    assert table[given].is_monotonic_increasing


def test_a_curve_cut_short_is_told(demo: Path, tmp_path: Path) -> None:
    """Without time the curve has the plan alone, and the summary says that it was cut short."""
    words = ["--service", "legal_aid", "--minutes", 15, "--method", "p-median", "--sites", 3, "--time-limit", 0]
    claimed = _suggest(demo, tmp_path, *words)
    assert claimed["curve_cut_short"] is True
    assert claimed["curve_points"] == len(pd.read_csv(tmp_path / "frontier.csv")) == 1
