"""Small inputs of kinds that offices have, with the right outcome: nothing lost, nothing guessed in silence."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from shapely.geometry import box

from coverage.errors import DataIssue, InputError
from coverage.inputs.study import Study
from geodata.intake.read_boundaries import read_districts
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_population import read_population
from geodata.intake.read_stations import read_stations
from geodata.studies.new_study import NewStudy, create_study
from geodata.studies.open_study import open_study


@pytest.fixture
def cases(shared_data: Path) -> Path:
    """Return the folder of the cases; skipped where it is absent."""
    folder = shared_data.parent / "cases" / "public"
    if not folder.is_dir():
        pytest.skip("no ../shared/cases")
    return folder


def codes(issues: tuple[DataIssue, ...]) -> set[str]:
    """Return the codes of findings."""
    return {issue.code for issue in issues}


def make(folder: Path, area: Path, people: Path, **more: str) -> Study:
    """Make a study of an area and people, and open it."""
    return open_study(create_study(folder / "study", NewStudy(area=area, population=people, **more))[0])


def test_shapefiles_and_names(cases: Path) -> None:
    """Two fields of one name, a .cpg that lies, words cut in a character, names under XZQMC."""
    with pytest.raises(InputError, match="column_twice"):
        read_districts(cases / "01-duplicate-columns" / "area.shp")
    wrong, said = read_districts(cases / "04-wrong-cpg" / "area.shp")
    assert wrong["name"].tolist() == ["乌鲁木齐市天山区某某街道办事处", "昌吉回族自治州昌吉市甲镇"]
    assert "file.encoding_other" in codes(said)
    cut, said = read_districts(cases / "05-utf8-cut-in-character" / "area.shp")
    assert cut["name"].to_dict() == {"650102": "乌鲁木齐市天山", "652301": "昌吉回族自治州"}
    assert "file.words_cut" in codes(said)
    named, said = read_districts(cases / "06-names-lost" / "area.geojson")
    assert named["name"].to_dict() == {"650102": "甲县", "650103": "乙县"}


def test_an_area_without_a_prj_has_a_way_on(cases: Path) -> None:
    """Degrees within China are proposed as CGCS2000; said once, the area is read and the assumption told."""
    area = cases / "07-no-prj" / "area.shp"
    with pytest.raises(InputError, match=r"crs\.missing_degrees"):
        read_districts(area)
    districts, said = read_districts(area, assumed_crs="EPSG:4490")
    assert len(districts) >= 1
    assert "crs.assumed" in codes(said)
    with pytest.raises(InputError, match=r"crs\.unknown"):
        read_districts(area, assumed_crs="somewhere")


def test_outlines_of_datav(cases: Path, tmp_path: Path) -> None:
    """Parents outside the file raise no alarm; the datum is asked about; GCJ-02 puts everybody in place."""
    folder = cases / "02-area-datum"
    area, people = folder / "area_gcj02.json", folder / "people_gcj02.csv"
    _, said = read_districts(area, datum=None)
    assert codes(said) == {"districts.datum_question", "table.columns_unused"}
    study = make(tmp_path, area, people, area_datum="gcj02", population_datum="gcj02")
    unit = study.demand["district_id"].map(study.districts["name"])
    assert study.demand["population"].groupby(unit).sum().to_dict() == {"东区": 1000.0, "西区": 800.0}


def test_lists_of_stations(cases: Path) -> None:
    """A missing head is named; a web map's kinds come from its words; the WGS-84 pair is used and said."""
    catalogue = read_catalogue()
    with pytest.raises(InputError, match="no_header"):
        read_stations(cases / "10-no-head" / "stations.csv", catalogue)
    places = read_stations(cases / "13-amap-poi-kinds" / "stations.csv", catalogue, datum=None)
    assert places.table["kind"].tolist() == ["police_station", "justice_office", "notary_office", "vehicle_office"]
    assert "legal_consultation" not in places.table["services"].iloc[0]
    assert {"stations.kind_guessed", "stations.kind_code_differs", "position.datum_question"} <= codes(places.issues)
    pair = read_stations(cases / "14-two-coordinate-pairs" / "stations.csv", catalogue)
    assert pair.table[["lon", "lat"]].iloc[0].tolist() == [87.617, 43.793]
    assert "position.columns_chosen" in codes(pair.issues)


def test_the_largest_number_of_a_raster(cases: Path, tmp_path: Path) -> None:
    """242 people, and 15 pixels that hold what 16 bits can hold at most."""
    folder = cases / "15-undeclared-dtype-max"
    study = make(tmp_path, folder / "area.geojson", folder / "people.tif")
    assert study.demand["population"].sum() == 242
    (issue,) = (one for one in study.issues if one.code == "raster.impossible")
    assert (issue.count, issue.source) == (15, "people.tif")


@pytest.mark.parametrize(
    ("kind", "declared", "people", "lost"),
    [
        ("uint8", None, 30, 1),
        ("uint8", 0, 285, 0),
        ("int8", None, 30, 1),
        ("int16", None, 30, 1),
        ("uint16", 0, 30, 1),
        ("int32", None, 30, 1),
        ("uint32", None, 30, 1),
        ("float32", None, 30, 1),
        ("float64", None, 30, 1),
        ("uint16", 65535, 30, 0),
    ],
)
def test_missing_values_that_no_raster_declares(
    tmp_path: Path, kind: str, declared: float | None, people: int, lost: int
) -> None:
    """The largest number of any type is nobody; a byte whose missing value is declared may hold 255 people."""
    values = np.array([[10, 20], [0, 0]], dtype=kind)
    values[1, 1] = np.finfo(kind).max if kind.startswith("float") else np.iinfo(kind).max
    path = tmp_path / "people.tif"
    profile = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": kind, "crs": "EPSG:4326"}
    with rasterio.open(
        path, "w", transform=Affine(0.01, 0.0, 87.5, 0.0, -0.01, 43.9), nodata=declared, **profile
    ) as raster:
        raster.write(values, 1)
    loaded = read_population(path)
    assert loaded.table["population"].sum() == people
    assert sum(issue.count for issue in loaded.issues if issue.code == "raster.impossible") == lost


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"XZQDM": ["650102"], "XZQMC": ["甲县"]}, {"650102": "甲县"}),
        ({"行政区划代码": ["650102"], "行政区名称": ["甲县"]}, {"650102": "甲县"}),
        ({"county_code": ["650102"], "县（市、区）": ["甲县"]}, {"650102": "甲县"}),
        ({"乡镇代码": ["650102001"], "所属区县": ["甲县"], "乡镇名称": ["乙镇"]}, {"650102001": "乙镇"}),
    ],
)
def test_names_and_codes_of_districts(tmp_path: Path, columns: dict[str, list[str]], expected: dict[str, str]) -> None:
    """The names that offices use are known; of several levels the finest is the unit's own."""
    gpd.GeoDataFrame(columns, geometry=[box(87, 43, 88, 44)], crs=4326).to_file(tmp_path / "a.gpkg")
    districts, _ = read_districts(tmp_path / "a.gpkg")
    assert districts["name"].to_dict() == expected


def test_names_that_nobody_knows_are_said_with_all_columns(tmp_path: Path) -> None:
    """Where neither ids nor names are found, the finding lists what there is."""
    gpd.GeoDataFrame({"甲": ["x"], "乙": ["y"]}, geometry=[box(87, 43, 88, 44)], crs=4326).to_file(
        tmp_path / "a.geojson"
    )
    _, issues = read_districts(tmp_path / "a.geojson")
    assert {issue.code: issue.value for issue in issues} == {
        "districts.ids_made": "甲, 乙",
        "districts.names_made": "甲, 乙",
        "table.columns_unused": "甲, 乙",
    }


@pytest.mark.parametrize("sign", [{"childrenNum": 3}, {"acroutes": [100000, 650000]}, {"parent": {"adcode": 650100}}])
def test_any_sign_of_datav_raises_the_question(tmp_path: Path, sign: dict[str, object]) -> None:
    """Whichever of its columns is left; with a datum said, nothing is asked."""
    shape = json.loads(gpd.GeoSeries([box(87, 43, 88, 44)]).to_json())["features"][0]["geometry"]
    feature = {"type": "Feature", "properties": {"adcode": 650102, "name": "甲县", **sign}, "geometry": shape}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert "districts.datum_question" in codes(read_districts(path, datum=None)[1])
    assert not {"districts.datum_question", "districts.parent_unknown"} & codes(read_districts(path)[1])


def test_a_wrong_parent_is_still_told(tmp_path: Path) -> None:
    """Where the file holds the level above, a parent that it does not hold is a mistake."""
    columns = {"code": ["650100", "650102"], "name": ["市", "县"], "parent_id": ["", "659900"]}
    gpd.GeoDataFrame(columns, geometry=[box(87, 43, 88, 44)] * 2, crs=4326).to_file(tmp_path / "a.gpkg")
    assert "districts.parent_unknown" in codes(read_districts(tmp_path / "a.gpkg")[1])
