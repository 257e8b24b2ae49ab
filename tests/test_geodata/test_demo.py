"""The embedded demo study: it opens, it adds up to the census, and it shows what planners must see."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from demo_study import join_demo, open_demo

from coverage.access.assessment import Assessment, assess
from coverage.access.established import compute_established_rate
from coverage.errors import InputError
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.travel.travel_basis import TravelBasis, build_travel_basis
from coverage.units import is_within
from geodata.intake.read_catalogue import read_catalogue
from geodata.studies.demo import DEMO_FILES, demo_folder, write_demo
from geodata.studies.open_study import open_study

CENSUS_2020 = {
    "650102": 652_792,
    "650103": 799_539,
    "650104": 1_011_440,
    "650105": 549_576,
    "650106": 419_022,
    "650107": 35_540,
    "650109": 512_870,
    "650121": 73_590,
}
# The headline: a public legal service point of township level, asked for in two ways.
HEADLINES = (StationChoice(family="legal", level="township"), StationChoice(service="legal_aid"))


@pytest.fixture(scope="module")
def study() -> Study:
    """Return the demo study."""
    return open_demo()


@pytest.fixture(scope="module")
def basis() -> TravelBasis:
    """Return the demo study joined to its roads in summer."""
    return join_demo()


@pytest.fixture(scope="module")
def winter(study: Study) -> TravelBasis:
    """Return the demo study joined to its roads in winter."""
    return build_travel_basis(study, season="winter")


def find_share_inside(answer: Assessment) -> float:
    """Return the share of all people who are covered."""
    return answer.totals.covered / answer.totals.total


def test_demo_is_schematic_and_says_so(study: Study) -> None:
    """Every place where the demo can be named says that its data are schematic."""
    assert study.schematic
    assert "示意" in study.name.zh
    assert "schematic" in study.name.en
    assert "示意数据" in study.attribution
    assert "Schematic data" in study.attribution
    assert study.stations["name"].str.match(r"示意点\d{3} \S").all()


def test_demo_is_small_and_complete() -> None:
    """The folder holds the files of the study and nothing else, below 3 MB in all."""
    files = sorted(path.name for path in demo_folder().iterdir())
    assert files == sorted(DEMO_FILES)
    assert sum((demo_folder() / name).stat().st_size for name in files) < 3_000_000


def test_demo_opens_without_findings(study: Study) -> None:
    """The readers have nothing to complain of: the demo doubles as the example of the formats."""
    assert [issue.code for issue in study.issues if issue.severity != "note"] == []


def test_people_add_up_to_the_census(study: Study) -> None:
    """Counties hold their 2020 census population to the person; lower units hold what is counted in them."""
    people = study.demand["population"]
    assert people.sum() == sum(CENSUS_2020.values()) == 4_054_369
    assert (people == people.round()).all()
    own = study.demand["district_id"]
    assert people.groupby(own.str[:6]).sum().to_dict() == CENSUS_2020
    official = study.districts["population_official"]
    assert {code: official[code] for code in CENSUS_2020} == CENSUS_2020
    towns = study.districts.index[study.districts["level"] == "township"]
    counted = people.groupby(own.str[:9]).sum()
    pd.testing.assert_series_equal(counted, official[towns].sort_index(), check_names=False, check_dtype=False)


def test_census_totals_equal_the_reference(shared_data: Path) -> None:
    """The totals written in the generator are those of the reference table."""
    table = pd.read_csv(shared_data / "xinjiang" / "census2020_counties.csv", dtype={"code": str})
    table = table.set_index("code")["population"]
    assert {code: int(table[code]) for code in CENSUS_2020} == CENSUS_2020


def test_names_and_codes_equal_the_reference(shared_data: Path, study: Study) -> None:
    """Codes of subdistricts, townships and villages exist in the 2021 list."""
    text = (shared_data / "xinjiang" / "urumqi_villages_2021.json").read_text(encoding="utf-8")
    known = {code for group in json.loads(text).values() for code in group} | {"6501"}
    assert set(study.districts.index) <= known


def test_districts_form_four_nested_levels(study: Study) -> None:
    """Polygons of one level do not overlap, and every unit lies in its parent."""
    districts = study.districts
    assert districts["level"].value_counts().to_dict() == {
        "prefecture": 1,
        "county": 8,
        "township": 128,
        "village": int((districts["level"] == "village").sum()),
    }
    assert (districts["level"] == "village").sum() >= 150
    assert districts.geometry.is_valid.all()
    flat = districts.geometry.to_crs("EPSG:6933")
    for level in ("county", "township", "village"):
        chosen = flat[districts["level"] == level]
        assert chosen.area.sum() == pytest.approx(chosen.union_all().area, rel=1e-6)
    children = districts[districts["parent_id"] != ""]
    parents = gpd.GeoSeries(flat[children["parent_id"]].to_numpy(), index=children.index, crs=flat.crs)
    outside = flat[children.index].difference(parents)
    assert (outside.area < 1e-6 * flat[children.index].area).all()


def test_every_kind_of_the_catalogue_stands_somewhere(study: Study) -> None:
    """Every kind with a place but the two stand-ins occurs, at all levels, with every status and both operators."""
    kinds = {kind.id for kind in read_catalogue().kinds if kind.layer != "remote"} - {"service_point", "other"}
    assert set(study.stations["kind"]) == kinds
    assert set(study.stations["level"]) == {level.id for level in study.catalogue.levels}
    assert set(study.stations["status"]) == {"existing", "planned", "closed", "candidate"}
    assert (study.stations["operator"] == "bingtuan").sum() >= 30
    assert 500 <= len(study.stations) <= 1000


def test_no_new_police_post_is_proposed(study: Study) -> None:
    """Police kinds exist or are closed; they are never planned or a candidate."""
    family = {kind.id: kind.family for kind in study.catalogue.kinds}
    police = study.stations[study.stations["kind"].map(family) == "police"]
    assert set(police["status"]) <= {"existing", "closed"}


def test_people_are_of_all_four_classes(basis: TravelBasis) -> None:
    """Some are unconnected, some have no route, together between 0.05 and 1 % of all; classes add up."""
    totals = assess(basis, HEADLINES[0]).totals
    assert totals.unconnected >= 500
    assert totals.no_route >= 100
    assert 0.0005 <= (totals.unconnected + totals.no_route) / totals.total <= 0.01
    assert totals.covered + totals.beyond + totals.no_route + totals.unconnected == totals.total


@pytest.mark.parametrize("choice", HEADLINES, ids=["township level", "legal aid"])
def test_headline_is_plausible_and_falls_in_winter(
    basis: TravelBasis, winter: TravelBasis, choice: StationChoice
) -> None:
    """5 to 10 % live outside half an hour in summer, and at least two points more in winter."""
    summer_share, winter_share = (find_share_inside(assess(at, choice)) for at in (basis, winter))
    assert 0.90 <= summer_share <= 0.95
    assert summer_share - winter_share >= 0.02


def test_a_quarter_of_an_hour_on_foot_is_walked() -> None:
    """Of any service point 72 % live within 15 minutes on foot; at the limits posted for cars it would be 98 %."""
    on_foot = build_travel_basis(open_study(demo_folder(), mode="walk"))
    assert find_share_inside(assess(on_foot, StationChoice(), cutoff_min=15.0)) == pytest.approx(0.72, abs=0.01)


def test_villages_with_a_station_are_out_of_time(basis: TravelBasis) -> None:
    """At least five villages have a room of their own while most of their people cannot reach any in 30 min."""
    choice = StationChoice(service="legal_consultation")
    rows = assess(basis, choice).districts
    villages = rows[(rows["level"] == "village") & rows["has_station"] & (rows.index != "")]
    out_of_time = villages[villages["covered"] / villages["total"] < 0.5]
    assert len(out_of_time) >= 5
    rate = compute_established_rate(basis.study, choice, "village")
    assert 0.6 < rate.rate < 1.0


def test_townships_with_a_station_are_out_of_time(basis: TravelBasis) -> None:
    """Several townships have a working station of their level while a fifth of their people is out of time."""
    rows = assess(basis, HEADLINES[0]).districts
    towns = rows[(rows["level"] == "township") & rows["has_station"]]
    assert (towns["covered"] / towns["total"] < 0.8).sum() >= 3


def test_stations_stand_where_their_code_says(study: Study) -> None:
    """Every station lies in the township its code names, and in the village if it names one with an outline."""
    stations = study.stations
    own, code = stations["district_id"], stations["code"]
    assert (own.str[:9] == code.str[:9]).all()
    known = code.isin(study.districts.index) & (code.str.len() == 12)
    assert (own[known] == code[known]).all()


def test_one_station_is_overloaded(basis: TravelBasis) -> None:
    """One station has far more people to whom it is nearest, for its capacity, than stations usually have."""
    choice = StationChoice(family="legal", level="township")
    nearest = assess(basis, choice).demand
    people = nearest[nearest["station_id"] != ""].groupby("station_id")["population"].sum()
    all_stations = basis.study.stations
    chosen = all_stations[select_stations(all_stations, basis.study.catalogue, choice)]
    stations = chosen[chosen["kind"] == "legal_station"]
    load = (people.reindex(stations.index).fillna(0.0) / stations["capacity"]).sort_values(ascending=False)
    assert load.iloc[0] > 5 * np.median(load)
    assert load.index[0] in stations.index[stations["code"] == "650109100"]


def test_a_station_does_half_of_an_errand(study: Study) -> None:
    """One existing station can do some items of a bundle and not the others that its kind usually does."""
    kinds = {kind.id: set(kind.services) for kind in study.catalogue.kinds}
    existing = study.stations[study.stations["status"] == "existing"]
    half = [
        (station, bundle.id)
        for bundle in study.catalogue.bundles
        for station, row in existing.iterrows()
        if set(bundle.items) <= kinds[row["kind"]]
        and 0 < len(set(bundle.items) & set(row["services"])) < len(bundle.items)
    ]
    assert any(bundle == "car_owner" for _, bundle in half)


def test_speed_rules_are_seen(basis: TravelBasis, winter: TravelBasis) -> None:
    """No one reaches a station faster in winter, where both times are finite."""
    summer_min, winter_min = (assess(at, HEADLINES[0]).demand["minutes"].to_numpy() for at in (basis, winter))
    finite = np.isfinite(summer_min)
    assert (np.isfinite(winter_min) == finite).all()
    assert (winter_min[finite] >= summer_min[finite]).all()
    assert is_within(summer_min, 30.0).sum() > is_within(winter_min, 30.0).sum()


def test_demo_is_written_to_a_new_folder(tmp_path: Path) -> None:
    """The copy holds the same bytes and opens as a study."""
    written = write_demo(tmp_path / "a" / "demo")
    assert [path.name for path in written] == list(DEMO_FILES)
    for path in written:
        assert path.read_bytes() == (demo_folder() / path.name).read_bytes()


def test_demo_does_not_overwrite_unless_told(tmp_path: Path) -> None:
    """A folder with files is refused and left as it was; with force only files of the same name change."""
    mine = tmp_path / "mine.txt"
    mine.write_text("mine", encoding="utf-8")
    toml = tmp_path / "study.toml"
    toml.write_text("old", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        write_demo(tmp_path)
    assert caught.value.code == "demo.folder_not_empty"
    assert toml.read_text(encoding="utf-8") == "old"
    write_demo(tmp_path, force=True)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert toml.read_bytes() == (demo_folder() / "study.toml").read_bytes()


def test_demo_is_not_written_over_a_file(tmp_path: Path) -> None:
    """A file in place of the folder is refused, force or not; a folder below a file too."""
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    for force in (False, True):
        with pytest.raises(InputError) as caught:
            write_demo(file, force=force)
        assert caught.value.code == "demo.not_a_folder"
    with pytest.raises(InputError) as caught:
        write_demo(file / "below")
    assert caught.value.code == "demo.cannot_write"
