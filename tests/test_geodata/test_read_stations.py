"""Stations in: canonical columns, what the catalogue fills, and that no row gets lost on the way."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from coverage.errors import InputError
from coverage.inputs.schema import STATION_COLUMNS, LoadedTable
from coverage.inputs.study import Catalogue
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_stations import read_stations


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the planner's own catalogue."""
    return read_catalogue()


def read(folder: Path, text: str, catalogue: Catalogue) -> LoadedTable:
    """Write a CSV file and read it as stations."""
    path = folder / "stations.csv"
    path.write_text(text, encoding="utf-8")
    return read_stations(path, catalogue)


def test_all_canonical_columns(tmp_path: Path, catalogue: Catalogue) -> None:
    """What the file says is kept: services from both separators, capacity, status, operator, code."""
    text = (
        "station_id,name,kind,level,services,hours,capacity,status,operator,code,lon,lat\n"
        "s1,中心,legal_centre,county,notarisation; legal_aid|mediation,周五,１２００,"
        "planned,bingtuan,650121,87.6,43.8\n"
        "s2,所,派出所,,,,,候选,兵团,,87.7,43.8\n"
    )
    loaded = read(tmp_path, text, catalogue)
    first, second = loaded.table.loc["s1"], loaded.table.loc["s2"]
    assert list(loaded.table.columns) == list(STATION_COLUMNS)
    assert loaded.table.index.name == "station_id"
    assert first["services"] == ("notarisation", "legal_aid", "mediation")
    assert (first["capacity"], first["status"], first["operator"], first["code"]) == (
        1200,
        "planned",
        "bingtuan",
        "650121",
    )
    assert (second["kind"], second["level"]) == ("police_station", "township")
    assert second["services"] == catalogue.kind("police_station").services
    assert (second["status"], second["operator"]) == ("candidate", "bingtuan")
    assert np.isnan(second["capacity"])
    assert loaded.issues == ()


def test_missing_columns_come_from_the_catalogue(tmp_path: Path, catalogue: Catalogue) -> None:
    """With kind alone the level and services are the usual ones, and a note names what was filled."""
    loaded = read(tmp_path, "id,name,kind,lon,lat\na,站,legal_station,87.6,43.8\n", catalogue)
    row = loaded.table.loc["a"]
    assert (row["level"], row["status"], row["operator"]) == ("township", "existing", "local")
    assert row["services"] == ("legal_consultation", "legal_aid", "mediation")
    assert [issue.code for issue in loaded.issues] == ["stations.columns_filled"]
    assert "services" in loaded.issues[0].value


def test_unknown_words_warn_and_keep_the_row(tmp_path: Path, catalogue: Catalogue) -> None:
    """Unknown kind, level, item, status, operator and capacity each warn; the station stays."""
    text = (
        "station_id,name,kind,level,services,hours,capacity,status,operator,code,lon,lat\n"
        "s1,a,moon_base,orbit,legal_aid;fly,,lots,asleep,Shell,,87.6,43.8\n"
    )
    loaded = read(tmp_path, text, catalogue)
    row = loaded.table.loc["s1"]
    assert (row["kind"], row["level"], row["services"]) == ("other", "township", ("legal_aid",))
    assert (row["status"], row["operator"]) == ("existing", "local")
    assert {issue.code: issue.value for issue in loaded.issues} == {
        "stations.kind_unknown": "moon_base",
        "stations.level_unknown": "orbit",
        "stations.service_unknown": "fly",
        "stations.capacity_invalid": "lots",
        "stations.status_unknown": "asleep",
        "stations.operator_unknown": "Shell",
    }


def test_a_list_of_unknown_items_offers_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    """A station that lists only unknown items is not given the usual ones behind its back."""
    loaded = read(tmp_path, "id,kind,services,lon,lat\na,legal_room,fly,87.6,43.8\n", catalogue)
    assert loaded.table.loc["a", "services"] == ()


def test_duplicates(tmp_path: Path, catalogue: Catalogue) -> None:
    """A repeated id is left out, but not if the earlier row was; same name and place only warns."""
    text = (
        "id,name,kind,lon,lat\n"
        "x,gone,court,0,0\n"
        "x,kept,court,87.6,43.8\n"
        "x,twice,court,87.7,43.8\n"
        "y,kept,court,87.6,43.8\n"
        ",nameless,court,87.8,43.8\n"
    )
    loaded = read(tmp_path, text, catalogue)
    assert loaded.table["name"].to_dict() == {"x": "kept", "y": "kept", "row6": "nameless"}
    assert loaded.rejected[["row", "problem"]].to_numpy().tolist() == [
        [2, "position.zero"],
        [4, "stations.id_twice"],
    ]
    twins = next(issue for issue in loaded.issues if issue.code == "stations.same_place")
    assert (twins.severity, twins.rows) == ("warning", (5,))


def test_layers_without_kinds_offer_nothing(shared_data: Path, catalogue: Catalogue) -> None:
    """Nothing is lost of a layer without a kind, but it offers nothing until somebody says what; the user may."""
    loaded = read_stations(shared_data / "facilities" / "comoros_health.gpkg", catalogue)
    assert (len(loaded.table), loaded.rows_rejected) == (70, 0)
    assert set(loaded.table["kind"]) == {"other"}
    assert set(loaded.table["services"]) == {()}
    assert {"stations.kind_unknown", "stations.kind_missing"} & {issue.code for issue in loaded.issues}
    again = read_stations(shared_data / "facilities" / "comoros_health.gpkg", catalogue, default_kind="court")
    assert again.table.index.tolist() == loaded.table.index.tolist()


def test_plain_points(shared_data: Path, catalogue: Catalogue) -> None:
    """A list of id, lat, lon is enough; ids serve as names."""
    loaded = read_stations(shared_data / "facilities" / "porto_alegre_pois.csv", catalogue)
    assert loaded.table.loc["public_market", "name"] == "public_market"
    assert loaded.table.loc["public_market", ["lon", "lat"]].tolist() == [-51.227811, -30.027565]


def test_buildings_count_with_a_point_inside(tmp_path: Path, catalogue: Catalogue) -> None:
    """Polygons of buildings are stations at a point inside them."""
    layer = gpd.GeoDataFrame({"name": ["hall"]}, geometry=[box(87, 43, 88, 44)], crs=4326)
    layer.to_file(tmp_path / "a.geojson")
    loaded = read_stations(tmp_path / "a.geojson", catalogue)
    assert 87 < loaded.table["lon"].iloc[0] < 88
    assert "table.points_from_shapes" in {issue.code for issue in loaded.issues}


def test_unknown_default_kind_is_an_error(tmp_path: Path, catalogue: Catalogue) -> None:
    """A kind that stands in must exist; the error lists the known ones."""
    with pytest.raises(InputError) as caught:
        read_stations(tmp_path / "none.csv", catalogue, default_kind="castle")
    assert caught.value.code == "catalogue.unknown_id"
    assert "court" in str(caught.value.context["known"])


@pytest.mark.parametrize("name", ["{{7*191}}", "<img src=x onerror=alert(1)>", "=1+1", "\u202egnp", 'a\'b""c'])
def test_hostile_names(tmp_path: Path, catalogue: Catalogue, name: str) -> None:
    """Names are data, whatever they look like."""
    loaded = read(tmp_path, f'id,name,kind,lon,lat\na,"{name}",court,87.6,43.8\n', catalogue)
    assert loaded.table.loc["a", "name"] == name.replace('""', '"')


def test_positions_beyond_all_numbers_are_rejected_without_warning(tmp_path: Path) -> None:
    """A coordinate near the largest float is left out like any other that is out of range."""
    path = tmp_path / "stations.csv"
    path.write_text("station_id,name,lon,lat\na,甲,87.6,43.8\nb,乙,1e308,43.8\n", encoding="utf-8")
    assert read_stations(path, read_catalogue()).table.index.tolist() == ["a"]


def test_plans_are_read(tmp_path: Path, catalogue: Catalogue) -> None:
    """Opening dates in the usual spellings and costs are kept; what is none is told and counts as not given."""
    text = (
        "name,启用日期,建设成本,lon,lat\n"
        "甲,2027年6月,120000,87.6,43.8\n乙,2028,-5,87.7,43.8\n丙,明年,,87.8,43.8\n丁,,,87.9,43.8\n"
    )
    loaded = read(tmp_path, text, catalogue)
    assert loaded.table["open_date"].tolist() == ["2027-06-30", "2028-12-31", "", ""]
    assert loaded.table["cost"].fillna(-1.0).tolist() == [120000.0, -1.0, -1.0, -1.0]
    told = {issue.code: issue.rows for issue in loaded.issues}
    assert (told["stations.open_date_invalid"], told["stations.cost_invalid"]) == ((4,), (3,))


def test_a_hotline_needs_no_position(tmp_path: Path, catalogue: Catalogue) -> None:
    """A remote service without a place is left out for that reason; another row without one lacks its position."""
    text = "id,name,kind,lon,lat\na,热线,hotline,,\nb,站,legal_station,,\nc,站,legal_station,87.6,43.8\n"
    loaded = read(tmp_path, text, catalogue)
    assert list(loaded.table.index) == ["c"]
    assert loaded.rejected["problem"].tolist() == ["stations.remote_without_place", "position.missing"]
