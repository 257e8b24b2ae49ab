"""Line layers to road lines: columns, odd geometries, coordinate systems, file formats."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from toy_lines import CROSSING, build_layer

from coverage.errors import InputError
from coverage.network.model import PROFILE_COLUMNS
from geodata.roads.read_network_source import read_road_lines
from geodata.roads.read_roads import read_line_roads

STREET = [[(87.0, 43.0), (87.01, 43.0)]]


@pytest.mark.parametrize(
    ("column", "value", "highway"),
    [
        ("highway", "primary", "primary"),
        ("HIGHWAY", "Primary", "primary"),
        ("fclass", "track_grade3", "track"),
        ("fclass", "living_street", "living_street"),
        ("fclass", "unknown", "unclassified"),
        ("道路等级", "高速公路", "motorway"),
        ("道路等级", "国道", "trunk"),
        ("道路等级", "省道", "primary"),
        ("道路等级", "县道", "secondary"),
        ("道路等级", "乡道", "tertiary"),
        ("道路等级", "村道", "unclassified"),
        ("道路类型", "城市快速路", "trunk"),
        ("道路类型", "主干路", "primary"),
        ("道路类型", "次干路", "secondary"),
        ("道路类型", "支路", "tertiary"),
        ("class", "牧道", "track"),
    ],
)
def test_road_classes_under_many_names(column: str, value: str, highway: str) -> None:
    """OpenStreetMap's, shapefile extracts' and Chinese classes are understood."""
    lines, _, issues = read_line_roads(build_layer(STREET, **{column: [value]}), "drive")
    assert lines.profiles["highway"].tolist() == [highway]
    assert issues == ()
    if value == "track_grade3":
        assert lines.profiles["tracktype"].tolist() == ["grade3"]


def test_layers_without_classes_are_read_and_said_so() -> None:
    """Without a column, with empty cells, or with unknown words a road counts as unclassified."""
    lines, _, issues = read_line_roads(build_layer(STREET, name=["x"]), "drive")
    assert lines.profiles["highway"].tolist() == ["unclassified"]
    assert [issue.code for issue in issues] == ["roads.no_class_column"]
    three = [[(87.0, 43.0), (87.01 + 0.01 * k, 43.0 + 0.01 * k)] for k in range(3)]
    _, _, issues = read_line_roads(build_layer(three, highway=["primary", None, "神秘路"]), "drive")
    found = {issue.code: issue for issue in issues}
    assert (found["roads.class_empty"].rows, found["roads.class_unknown"].rows) == ((3,), (4,))
    assert (found["roads.class_unknown"].value, found["roads.class_unknown"].column) == ("神秘路", "highway")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["F", "T", "B"], [1, -1, 0]),
        (["FT", "TF", ""], [1, -1, 0]),
        (["yes", "-1", "no"], [1, -1, 0]),
        ([1, -1, 0], [1, -1, 0]),
        ([1.0, np.nan, -1.0], [1, 0, -1]),
        ([True, False, False], [1, 0, 0]),
        (["T", "F", "F"], [1, 0, 0]),
        (["是", "否", None], [1, 0, 0]),
        (["单向", "双向", "反向"], [1, 0, -1]),
    ],
)
def test_one_way_columns(values: list[object], expected: list[int]) -> None:
    """Letters mean directions if one of them is B, else true and false."""
    rows = [[(87.0, 43.0 + 0.01 * k), (87.01, 43.0 + 0.01 * k)] for k in range(3)]
    lines, _, issues = read_line_roads(build_layer(rows, highway="primary", oneway=values), "drive")
    order = np.argsort(lines.lat[lines.piece_from])
    run = np.where(lines.lon[lines.piece_from] < lines.lon[lines.piece_to], 1, -1) * lines.piece_oneway
    assert run[order].tolist() == expected
    assert issues == ()


def test_limits_surfaces_and_access() -> None:
    """Zero is no limit; Chinese surfaces are translated; private roads are restricted, closed ones left out."""
    rows = [[(87.0, 43.0 + 0.01 * k), (87.01, 43.0 + 0.01 * k)] for k in range(4)]
    layer = build_layer(
        rows, highway="primary", 限速=[60.0, 0.0, np.nan, 80], 路面=["沥青", "砂石", None, ""],
        access=["private", None, None, "no"],
    )  # fmt: skip
    lines, report, issues = read_line_roads(layer, "drive")
    table = lines.profiles
    assert tuple(table.columns) == PROFILE_COLUMNS
    assert table["maxspeed_forward_kph"].fillna(-1).tolist() == [60.0, -1.0, -1.0]
    assert table["surface"].tolist() == ["asphalt", "gravel", ""]
    assert table["restricted"].tolist() == [True, False, False]
    assert (report.lines_in, issues) == (3, ())


@pytest.mark.parametrize("column", ["设计时速", "设计速度（km/h）", "design_speed"])
def test_a_design_speed_is_no_limit(column: str) -> None:
    """A 四级 road is driven alike whichever column a department has; the column that is not used is named."""
    rows = [[(87.0, 43.0 + 0.01 * k), (87.01, 43.0 + 0.01 * k)] for k in range(3)]
    layer = build_layer(rows, 技术等级="四级公路", 限速=[None, None, 40.0]).assign(**{column: [20.0, 0.0, 20.0]})
    lines, _, issues = read_line_roads(layer, "drive")
    assert lines.profiles["highway"].unique().tolist() == ["tertiary"]
    assert sorted(lines.profiles["maxspeed_forward_kph"].fillna(-1)) == [-1.0, 40.0]
    assert [(issue.code, issue.count, issue.column, issue.value) for issue in issues] == [
        ("roads.design_speed", 2, column, "20")
    ]


def test_unreadable_limits_and_one_ways_are_counted() -> None:
    """Each finding names the column, the first value and how many."""
    rows = [[(87.0, 43.0 + 0.01 * k), (87.01, 43.0 + 0.01 * k)] for k in range(3)]
    layer = build_layer(rows, highway="primary", maxspeed=["fast", "fast", "50"], oneway=["?", "no", "no"])
    _, _, issues = read_line_roads(layer, "drive")
    assert [(issue.code, issue.count, issue.value) for issue in issues] == [
        ("roads.oneway_unknown", 1, "?"),
        ("roads.maxspeed_unreadable", 2, "fast"),
    ]


def test_odd_geometries_are_counted_not_lost() -> None:
    """Empty cells, points and lines of no length are rejected with their rows; parts and heights are taken apart."""
    shapes = [
        shapely.MultiLineString([[(87.0, 43.0), (87.01, 43.0)], [(87.01, 43.0), (87.02, 43.0)]]),
        None,
        shapely.Point(87, 43),
        shapely.LineString([(87.0, 43.0, 900.0), (87.0, 43.01, 910.0)]),
        shapely.LineString([(87.5, 43.0), (87.5, 43.0)]),
        shapely.LineString(),
    ]
    layer = gpd.GeoDataFrame({"highway": "primary"}, geometry=shapes, crs=4326, index=range(10, 16))
    lines, report, issues = read_line_roads(layer, "drive")
    assert (len(lines.piece_from), report.lines_in) == (3, 3)
    assert [(issue.code, issue.severity, issue.rows) for issue in issues] == [
        ("roads.geometry_empty", "rejected", (3, 7)),
        ("roads.geometry_not_line", "rejected", (4,)),
        ("roads.geometry_point_like", "rejected", (6,)),
    ]


def test_any_declared_coordinate_system_is_read() -> None:
    """Gauss-Krüger on CGCS2000 gives the same positions as degrees."""
    layer = build_layer(CROSSING, highway="primary").translate(xoff=87.0, yoff=43.0)
    layer = gpd.GeoDataFrame({"highway": ["primary"] * 2}, geometry=layer, crs=4326)
    expected, _, _ = read_line_roads(layer, "drive")
    lines, _, _ = read_line_roads(layer.to_crs(4491), "drive")
    assert np.sort(lines.lon) == pytest.approx(np.sort(expected.lon), abs=1e-6)
    assert len(lines.piece_from) == 4


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        (build_layer(STREET, crs=None, highway="primary"), "crs.missing_degrees"),
        (build_layer([[(560000.0, 4.8e6), (560100.0, 4.8e6)]], highway="primary"), "crs.coordinates_do_not_fit"),
        (build_layer([*STREET, [(187.0, 43.0), (187.1, 43.0)]], highway="primary"), "roads.out_of_range"),
        (build_layer(STREET, highway="footway"), "roads.none_usable"),
        (build_layer(STREET, highway="primary").iloc[:0], "roads.none_usable"),
    ],
)
def test_layers_that_cannot_be_used(layer: gpd.GeoDataFrame, code: str) -> None:
    """No coordinate system, positions off the Earth, nothing for the mode: each has its code."""
    with pytest.raises(InputError) as caught:
        read_line_roads(layer, "drive")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "driver"),
    [("r.gpkg", "GPKG"), ("r.geojson", "GeoJSON"), ("r.shp", "ESRI Shapefile"), ("r.fgb", "FlatGeobuf")],
)
def test_every_file_format_gives_the_same_roads(tmp_path: Path, name: str, driver: str) -> None:
    """GeoPackage, GeoJSON, Shapefile and FlatGeobuf; the repair comes as a note."""
    path = tmp_path / name
    build_layer(CROSSING, highway=["primary", "residential"], oneway=["yes", "no"]).to_file(path, driver=driver)
    lines, issues = read_road_lines(path, "drive")
    assert (len(lines.piece_from), int(lines.piece_oneway.sum())) == (4, 2)
    repaired = issues[-1]
    assert (repaired.code, repaired.severity, repaired.count) == ("roads.repaired", "note", 2)
    assert repaired.placeholders()["crossings_noded"] == 1


def test_a_chinese_shapefile_without_code_page_is_understood(tmp_path: Path) -> None:
    """Offices save GB 18030 without saying so."""
    path = tmp_path / "roads.shp"
    build_layer(STREET, **{"道路等级": ["省道"]}).to_file(path, driver="ESRI Shapefile", encoding="GB18030")
    path.with_suffix(".cpg").unlink()
    lines, _ = read_road_lines(path, "drive")
    assert lines.profiles["highway"].tolist() == ["primary"]


def test_the_line_layer_of_several_is_chosen(tmp_path: Path) -> None:
    """A package that begins with points still gives its roads."""
    path = tmp_path / "all.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(87, 43)], crs=4326).to_file(path, layer="points")
    build_layer(STREET, highway="primary").to_file(path, layer="roads")
    lines, _ = read_road_lines(path, "drive")
    assert len(lines.piece_from) == 1
