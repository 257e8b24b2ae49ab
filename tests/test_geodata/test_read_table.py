"""Tables as they come: encodings, separators, broken rows, hostile cells, personal data, swapped positions."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from coverage.errors import InputError, PlannerError
from geodata.intake.cells.personal_columns import is_personal
from geodata.intake.cells.read_table import RawTable, read_table
from geodata.intake.cells.row_checks import RowChecker, find_swapped, parse_numbers

CHINESE = "编号,名称,经度,纬度\n1,天山区站点,87.6,43.8\n"


def write(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def code_of(path: Path) -> str:
    """Return the code of the error that reading raises."""
    with pytest.raises(InputError) as caught:
        read_table(path)
    return caught.value.code


def make_raw(**columns: list[str]) -> RawTable:
    """Return a raw table with these columns of text."""
    table = pd.DataFrame(columns, dtype=str)
    rows = np.arange(2, len(table) + 2)
    return RawTable(table, rows, np.zeros(len(table), dtype=bool), None, "toy.csv", ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_chinese_encodings(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with and without mark, GBK, GB18030 and UTF-16 give the same cells."""
    raw = read_table(write(tmp_path, CHINESE.encode(encoding)))
    assert raw.table["名称"].tolist() == ["天山区站点"]
    assert RowChecker(raw).find_column("lon") == "经度"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_separators(tmp_path: Path, mark: str) -> None:
    """The separator is told from the header; the others may stand in quoted cells."""
    raw = read_table(write(tmp_path, f'name{mark}lon{mark}"lat,;x"\n"a,b;c"{mark}1{mark}2\n'))
    assert raw.table.iloc[0].tolist() == ["a,b;c", "1", "2"]


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    """Blank rows and line breaks in cells do not shift the row numbers a person sees."""
    raw = read_table(write(tmp_path, 'a,b\n1,"x\ny"\n,\n\n2,z\n'))
    assert raw.rows.tolist() == [2, 5]
    assert [(issue.code, issue.count) for issue in raw.issues] == [("table.blank_rows", 2)]


def test_short_and_long_rows(tmp_path: Path) -> None:
    """Missing cells at the end are empty; a row with cells too many is left out, with its number."""
    raw = read_table(write(tmp_path, "a,b,c\n1\n1,2,3,4\n1,2,3,,\n"))
    checker = RowChecker(raw)
    assert raw.table["c"].tolist() == ["", "3", "3"]
    assert checker.accepted.tolist() == [True, False, True]
    assert checker.issues[0].rows == (3,)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\n\n", "table.empty"),
        (b"a,b\n", "table.empty"),
        (b"a,a\n1,2\n", "table.column_twice"),
        (b'a,b\n"1,2\n3,4\n', "table.quotes_broken"),
        (b"a,b\n" + b"x" * 10_000_000 + b",1\n", "table.cell_too_long"),
        (b"\xff\xfe\x00\xd8", "file.encoding_unknown"),
        (b"a,b\n\xff\xff\xff,1\n", "file.encoding_unknown"),
        ("名称,lon,lat\n甲,87,43\n".encode("utf-16-le"), "file.encoding_unknown"),
        ("名称,地址\n天山区公证处工作站,新市区".encode() + b"\xe5\xa4\n", "file.encoding_unknown"),
        (b"%PDF-1.7 a,b", "file.foreign"),
        (b"<OGRVRTDataSource/>", "file.format_unknown"),
        (b"<html>", "file.foreign"),
        (b"II*\0 raster", "file.not_a_table"),
        (b"{ not json", "file.unreadable"),
        (b"SQLite format 3\0 cut off", "file.unreadable"),
        (b"PK\x03\x04[Content_Types].xml xl/workbook", "zip.invalid"),
        (",".join(f"c{n}" for n in range(600)).encode() + b"\n1\n", "table.too_many_columns"),
    ],
)
def test_unusable_files_are_told_apart(tmp_path: Path, content: bytes, code: str) -> None:
    """Each kind of broken file has its own code, whatever its name says."""
    assert code_of(write(tmp_path, content, "stations.csv")) == code


def test_large_files_are_refused_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit is refused before it is read."""
    monkeypatch.setattr("geodata.intake.cells.read_table.MAX_TABLE_MB", 0.00001)
    assert code_of(write(tmp_path, CHINESE)) == "file.too_large"


@pytest.mark.parametrize(
    "name", ["{{7*191}}", "<img src=x onerror=alert(1)>", "=1+1", "\u202egnp.exe", "'; DROP TABLE", "乌鲁木齐 ئۈرۈمچى"]
)
def test_hostile_names_are_data(tmp_path: Path, name: str) -> None:
    """Names that are templates, tags, formulas or right-to-left marks pass through unchanged."""
    raw = read_table(write(tmp_path, f'name,lon,lat\n"{name}",1,2\n'))
    assert raw.table["name"].tolist() == [name]


def test_control_characters_and_long_cells(tmp_path: Path) -> None:
    """NUL and other control characters are taken out, long cells are cut; both are told."""
    raw = read_table(write(tmp_path, "name,note\na\0b\x1bc," + "x" * 5000 + "\n"))
    assert raw.table.iloc[0].tolist() == ["abc", "x" * 2000]
    assert {issue.code for issue in raw.issues} == {"table.control_characters", "table.text_cut"}


def test_personal_columns_are_dropped_and_named(tmp_path: Path) -> None:
    """Columns of personal data are gone at once; the finding holds no value."""
    header = "name,身份证号,手机,联系人,民族,户籍,Phone,contact:email,值班,服务电话\n"
    row = "站点,650102199001011234,13812345678,王某,汉,本地,13900000000,a@b.cn,13912345678,0991-12348\n"
    raw = read_table(write(tmp_path, header + row))
    assert list(raw.table.columns) == ["name", "服务电话"]
    (issue,) = raw.issues
    assert (issue.code, issue.severity, issue.count) == ("table.personal_columns", "warning", 8)
    assert "13912345678" not in repr(raw.issues)


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("户籍人口", ["1203", "87"], False),
        ("户籍人口数（人）", ["1,203", "87"], False),
        ("少数民族人口", ["12", "3.5"], False),
        ("性别比", ["104.3"], False),
        ("民族乡", ["是", "否"], False),
        ("联系电话", ["0991-2345678", "110", "400-800-1234"], False),
        ("联系电话", ["0991-2345678", "0991-2345678/13812345678"], True),
        ("tel", ["0991-0000000", ""], False),
        ("服务电话", ["13912345678"], True),
        ("负责人", ["天山区司法局", "某某镇人民政府"], False),
        ("负责人", ["阿不都·艾合买提", "王某"], True),
        ("户主", ["王五"], True),
        ("性别", ["男", "女"], True),
        ("备用", ["11010519491231002X", "11010519491231002X"], True),
        ("备用", ["110105194912310021", "110105194912310021"], False),
        ("备用", ["138****5678", "139****0000"], True),
        ("osm_id", ["13812345678", "13912345678"], False),
        ("联系人", ["", ""], False),
    ],
)
def test_values_tell_personal_data(name: str, cells: list[str], expected: bool) -> None:
    """Counts of people, land lines and offices stay under any name; names and numbers of persons go under any."""
    assert is_personal(pd.Series(cells, name=name)) is expected


def test_personal_columns_of_layers(tmp_path: Path) -> None:
    """Layers lose personal columns just as tables do."""
    layer = gpd.GeoDataFrame({"name": ["a"], "mobile": ["13812345678"]}, geometry=[Point(87.6, 43.8)], crs=4326)
    layer.to_file(tmp_path / "a.gpkg")
    assert list(read_table(tmp_path / "a.gpkg").table.columns) == ["name"]


@pytest.mark.parametrize(("name", "driver"), [("a.geojson", None), ("a.gpkg", None), ("a.shp", None), ("a.fgb", None)])
def test_layers_by_content(tmp_path: Path, name: str, driver: str | None) -> None:
    """Point layers of every permitted format give texts and positions."""
    columns = {"id": [1, 2], "label": ["天山", "新市"], "people": [10.0, 2.5]}
    layer = gpd.GeoDataFrame(columns, geometry=[Point(87.6, 43.8), Point(87.5, 43.9)], crs=4326)
    layer.to_file(tmp_path / name, driver=driver)
    raw = read_table(tmp_path / name)
    assert raw.table["label"].tolist() == ["天山", "新市"]
    assert raw.table["people"].tolist() == ["10", "2.5"]
    lon, lat = RowChecker(raw).read_positions()
    np.testing.assert_allclose([lon, lat], [[87.6, 87.5], [43.8, 43.9]])


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    """A GeoPackage named .csv is read as what it is."""
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(1, 2)], crs=4326).to_file(tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg").rename(tmp_path / "a.csv")
    assert read_table(tmp_path / "a.csv").geometry is not None


def test_shapefile_in_gbk_without_cpg(tmp_path: Path) -> None:
    """Old Chinese Shapefiles do not name their encoding; their names are read all the same."""
    layer = gpd.GeoDataFrame({"name": ["天山区公证处"]}, geometry=[Point(87.6, 43.8)], crs=4326)
    layer.to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink()
    assert read_table(tmp_path / "a.shp").table["name"].tolist() == ["天山区公证处"]


def test_zipped_shapefile_and_several_layers(tmp_path: Path) -> None:
    """A ZIP with one layer is read; of a file with several the first is taken, and said so."""
    import zipfile

    layer = gpd.GeoDataFrame({"a": ["x"]}, geometry=[Point(1, 2)], crs=4326)
    layer.to_file(tmp_path / "a.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in tmp_path.glob("a.*"):
            if path.suffix != ".zip":
                archive.write(path, path.name)
    assert read_table(tmp_path / "a.zip").table["a"].tolist() == ["x"]
    layer.to_file(tmp_path / "two.gpkg", layer="first")
    layer.assign(a="y").to_file(tmp_path / "two.gpkg", layer="second")
    assert [issue.code for issue in read_table(tmp_path / "two.gpkg").issues] == ["file.layer_chosen"]
    assert read_table(tmp_path / "two.gpkg", layer="second").table["a"].tolist() == ["y"]
    with pytest.raises(InputError, match="layer_missing"):
        read_table(tmp_path / "two.gpkg", layer="third")


def test_kml(tmp_path: Path) -> None:
    """KML placemarks are points in WGS-84."""
    text = (
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>站</name>'
        "<Point><coordinates>87.6,43.8,0</coordinates></Point></Placemark></Document></kml>"
    )
    raw = read_table(write(tmp_path, text, "a.kml"))
    lon, lat = RowChecker(raw).read_positions()
    assert (lon.tolist(), lat.tolist()) == ([87.6], [43.8])


def test_numbers_as_people_type_them() -> None:
    """Full-width digits, grouped thousands and spaces are numbers; words and half numbers are not."""
    cells = pd.Series(["１２３．５", "1,234,567", " 7 ", "1e3", "", "12,34", "abc", "inf", "-0"], dtype=str)
    numbers, bad = parse_numbers(cells)
    np.testing.assert_array_equal(numbers[:4], [123.5, 1234567.0, 7.0, 1000.0])
    assert np.isnan(numbers[4:7]).all()
    assert bad.tolist() == [False, False, False, False, False, True, True, False, False]


def test_bad_positions_are_rejected_with_their_reason() -> None:
    """NaN, infinity, (0, 0), exchanged and impossible positions each have their own problem, row and value."""
    raw = make_raw(
        lon=["87.6", "", "nan", "inf", "0", "43.8", "300", "x", "20", "39.47"],
        lat=["43.8", "43.8", "43.8", "43.8", "0", "87.6", "10", "43.8", "86", "75.99"],
    )
    checker = RowChecker(raw)
    checker.read_positions()
    rejected = checker.build(raw.table[checker.accepted]).rejected
    assert dict(zip(rejected["row"], rejected["problem"], strict=True)) == {
        3: "position.missing",
        4: "position.missing",
        5: "position.not_finite",
        6: "position.zero",
        7: "position.swapped",
        8: "position.out_of_range",
        9: "position.not_a_number",
        10: "position.swapped",
        11: "position.swapped",
    }
    assert rejected.loc[rejected["row"] == 9, "value"].tolist() == ["x"]
    assert sum(issue.count for issue in checker.issues) == 9


def test_the_area_tells_swapped_positions() -> None:
    """Where both orders are possible, the study area decides; without it nothing is guessed."""
    lon, lat = np.array([-30.0, -51.2]), np.array([-51.2, -30.0])
    assert find_swapped(lon, lat).tolist() == [False, False]
    assert find_swapped(lon, lat, box(-52, -31, -51, -29)).tolist() == [True, False]


@given(st.floats(73.5, 135.0), st.floats(18.2, 53.5))
def test_places_in_china_are_never_taken_for_swapped(lon: float, lat: float) -> None:
    """Every place in China is right in one order and swapped in the other."""
    one, two = np.array([lon]), np.array([lat])
    assert not find_swapped(one, two)[0]
    assert find_swapped(two, one)[0]


def test_all_rows_rejected_is_an_error() -> None:
    """A table of which nothing is left is refused with its first problem."""
    checker = RowChecker(make_raw(lon=["0"], lat=["0"]))
    checker.read_positions()
    with pytest.raises(InputError) as caught:
        checker.build(pd.DataFrame())
    assert caught.value.context["problem"] == "position.zero"


def test_shapes_stand_for_points_inside_them(tmp_path: Path) -> None:
    """A horseshoe is represented by a point on it, not by its centre; a missing shape is rejected."""
    horseshoe = Polygon([(0, 0), (5, 0), (5, 5), (4, 5), (4, 1), (1, 1), (1, 5), (0, 5)])
    layer = gpd.GeoDataFrame({"a": ["x", "y"]}, geometry=[horseshoe, None], crs=4326)
    layer.to_file(tmp_path / "a.gpkg")
    checker = RowChecker(read_table(tmp_path / "a.gpkg"))
    lon, lat = checker.read_positions()
    assert horseshoe.covers(Point(lon[0], lat[0]))
    assert checker.accepted.tolist() == [True, False]


HEADS = [
    b"",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"lon,lat,population\n",
    b'{"type":',
    b"<kml>",
    b"PK\x03\x04",
    b"\x00\x00\x27\x0a",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from(HEADS), body=st.binary(min_size=1, max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, head: bytes, body: bytes) -> None:
    """Whatever a file holds, it is either a table that keeps its account or an error of ours."""
    path = write(tmp_path, head + body)
    try:
        raw = read_table(path)
        checker = RowChecker(raw)
        checker.read_positions()
        loaded = checker.build(raw.table[checker.accepted])
    except PlannerError:
        return
    assert loaded.rows_in == len(loaded.table) + len(loaded.rejected)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_layers_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """A GeoPackage, GeoJSON or FlatGeobuf with bytes cut off or changed never ends in a foreign error."""
    name = data.draw(st.sampled_from(["a.gpkg", "a.geojson", "a.fgb"]))
    if not (tmp_path / name).exists():
        layer = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[Point(1, 2), box(0, 0, 1, 1)], crs=4326)
        layer.to_file(tmp_path / name)
    content = bytearray((tmp_path / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / f"damaged-{name}"
    damaged.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    try:
        lon, lat = RowChecker(read_table(damaged)).read_positions()
    except PlannerError:
        return
    assert len(lon) == len(lat)


def test_open_rings_are_closed_and_told(tmp_path: Path) -> None:
    """A ring whose last corner is not its first is closed; the reader remarks it."""
    ring = "[[87,43],[88,43],[88,44],[87,44]]"
    feature = f'{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
    raw = read_table(write(tmp_path, f'{{"type":"FeatureCollection","features":[{feature}]}}', "a.geojson"))
    assert raw.geometry is not None
    assert raw.geometry.iloc[0].equals(shapely.box(87, 43, 88, 44))
    assert [issue.code for issue in raw.issues] == ["file.reader_remark"]
