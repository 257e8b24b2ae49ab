"""The merged report (汇总) on real roads: a county that offers an item nowhere keeps its people in the share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner
from real_studies import write_almaty, write_comoros

from cli import main
from coverage.access.assessment import assess
from coverage.inputs.stations import StationChoice
from coverage.travel.travel_basis import build_travel_basis
from geodata.documents.runs.find_run import read_run
from geodata.files.folders import network_cache_folder
from geodata.intake.read_speeds import default_speeds_path
from geodata.studies.open_study import open_study

_CUTOFF_MIN = 30.0
# The sum of the raster, and that of the people laid around the junctions of Almaty.
_PEOPLE = (869_595, 497_508)
# What the assumed car speeds were while they were the default, before trunk and tertiary roads got slower.
_EARLIER = {
    "\ntrunk = 70\n": "\ntrunk = 75\n",
    "\ntertiary = 40\n": "\ntertiary = 42\n",
    "\ntrunk = 0.7\n": "\ntrunk = 0.75\n",
    "\ntertiary = 0.75\n": "\ntertiary = 0.8\n",
}


@pytest.fixture(scope="module", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is built in a folder of this file, so that a network is built once, and speak English."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANNER_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PLANNER_LANG", "en")
        yield


def _write_counties(folder: Path, shared: Path, table: str) -> tuple[Path, Path]:
    """Write two studies, each one county: law at the health sites of Comoros, police and post in Almaty."""
    comoros, almaty = write_comoros(folder / "comoros", shared), write_almaty(folder / "almaty", shared)
    sites = gpd.read_file(shared / "facilities" / "comoros_health.gpkg")
    points = sites.geometry.representative_point()
    names = sites["name"].fillna(sites["amenity"])
    stations = pd.DataFrame({"name": names, "kind": "legal_station", "lon": points.x, "lat": points.y})
    stations.to_csv(comoros.parent / "stations.csv", index_label="station_id")
    for path in (comoros, almaty):
        # Their drawn districts have the same ids; without districts a study is a county by itself.
        speeds = 'speeds = "speeds.toml"\n' if table else ""
        content = path.read_text(encoding="utf-8").replace('districts = "districts.geojson"\n', speeds)
        path.write_text(content, encoding="utf-8")
        (path.parent / "speeds.toml").write_text(table, encoding="utf-8")
    return comoros, almaty


def _spell_earlier_speeds() -> str:
    table = default_speeds_path("drive").read_text(encoding="utf-8")
    for now, before in _EARLIER.items():
        assert table.count(now) == 1
        table = table.replace(now, before)
    return table


def _count_alone(study: Path, item: str) -> tuple[float, float]:
    """Count who reaches an item in a study that is asked about this item alone, and everybody."""
    opened = open_study(study, cache=network_cache_folder())
    totals = assess(build_travel_basis(opened), StationChoice(service=item), cutoff_min=_CUTOFF_MIN).totals
    return totals.covered, totals.total


# At the earlier speeds 669,987 people of Comoros have legal advice, as was measured first; it was printed as 77.0 % of
# the 869,595 there. At the measured speeds of today, which are lower, fewer people are within half an hour. Almaty had
# 250,400 people then (59.8 and 22.1 % of 1,119,995), in a table that is not among the reference data: with the 497,508
# of this study everybody is 1,367,103, and its identity cards and both shares differ from those figures.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("speeds", "advice", "card"),
    [("earlier", (669_987, 0.490), (496_198, 0.363)), ("measured", (617_807, 0.452), (494_693, 0.362))],
)
def test_people_of_a_county_without_an_item_count(
    speeds: str, advice: tuple[int, float], card: tuple[int, float], tmp_path: Path, shared_data: Path
) -> None:
    """Legal advice is in Comoros alone, identity cards in Almaty alone: both are shares of the people of the two."""
    studies = _write_counties(tmp_path, shared_data, _spell_earlier_speeds() if speeds == "earlier" else "")
    out = tmp_path / "merged.xlsx"
    asked = ("report", *studies, "--out", out, "--minutes", _CUTOFF_MIN, "--date", "2026-11-22")
    result = CliRunner().invoke(main, [str(one) for one in asked], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    tables = read_run(out).numbers
    assert tables["merged_counties"]["rows"] == ["comoros", "almaty"]
    assert tables["merged_counties"]["columns"]["people"] == pytest.approx(_PEOPLE, abs=0.5)
    items = pd.DataFrame(tables["merged_items"]["columns"], index=tables["merged_items"]["rows"])
    for item, home, (covered, share) in (("legal_consultation", 0, advice), ("identity_card", 1, card)):
        row = items.loc[f"{item} · population"]
        alone = [_count_alone(study, item) for study in studies]
        assert alone[1 - home] == pytest.approx((0.0, _PEOPLE[1 - home]), abs=0.5)
        assert row["people_covered"] == pytest.approx(sum(inside for inside, _ in alone))
        assert row["people_covered"] == pytest.approx(covered, abs=0.5)
        assert row["people"] == pytest.approx(sum(people for _, people in alone))
        assert row["people"] == pytest.approx(sum(_PEOPLE), abs=0.5)
        assert row["share"] == pytest.approx(row["people_covered"] / row["people"])
        assert row["share"] == pytest.approx(share, abs=0.0005)
        assert row["counties_without"] == 1
