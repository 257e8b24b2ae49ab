"""Line layers to road lines: columns, noding, repair."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.errors import InputError
from coverage.network import PROFILE_COLUMNS, RoadLines
from coverage.units import compute_lengths_m
from geodata.roads.read_network_source import read_road_lines
from geodata.roads.read_roads import read_line_roads

# One metre, roughly, in degrees of latitude.
METRE = 9.0e-6


def _layer(lines: list[list[tuple[float, float]]], crs: str | None = "EPSG:4326", **columns: Any) -> gpd.GeoDataFrame:
    shapes = [shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame(columns, index=range(len(shapes)), geometry=shapes, crs=crs)


def _count_parts(lines: RoadLines) -> int:
    size = len(lines.lon)
    graph = coo_array((np.ones(len(lines.piece_from)), (lines.piece_from, lines.piece_to)), shape=(size, size))
    return int(connected_components(graph, directed=False)[0])


def _length_m(lines: RoadLines) -> float:
    start, end = lines.piece_from, lines.piece_to
    return float(compute_lengths_m(lines.lon[start], lines.lat[start], lines.lon[end], lines.lat[end]).sum())


def _degree_at(lines: RoadLines, lon: float, lat: float) -> list[int]:
    """Return how many pieces end at each vertex within 5 m of a place."""
    near = np.flatnonzero(np.hypot(lines.lon - lon, lines.lat - lat) < 5 * METRE)
    return sorted(int(((lines.piece_from == at) | (lines.piece_to == at)).sum()) for at in near)


CROSSING = [[(0.0, 0.01), (0.02, 0.01)], [(0.01, 0.0), (0.01, 0.02)]]


def test_two_lines_that_cross_get_a_junction() -> None:
    """An X of two lines becomes four pieces around one vertex.

    ::

           |                 |
        ---+---     →     ---o---
           |                 |
    """
    lines, report, _ = read_line_roads(_layer(CROSSING, highway=["primary", "residential"]), "drive")
    assert (len(lines.lon), len(lines.piece_from)) == (5, 4)
    assert _degree_at(lines, 0.01, 0.01) == [4]
    assert (report.lines_in, report.crossings_noded, report.ends_snapped) == (2, 1, 0)
    assert (report.components_before, report.components_after) == (2, 1)
    assert report.largest_share_before == pytest.approx(0.5, abs=0.01)
    assert report.largest_share_after == 1.0
    assert sorted(lines.profiles["highway"].iloc[lines.piece_profile]) == ["primary"] * 2 + ["residential"] * 2


@pytest.mark.parametrize(
    ("column", "values", "joined"),
    [
        ("bridge", ["yes", "no"], False),
        ("bridge", ["T", "F"], False),
        ("bridge", ["F", "F"], True),
        ("tunnel", ["yes", None], False),
        ("layer", [1, 0], False),
        ("layer", [2, 2], True),
        ("layer", ["1", None], False),
        ("桥梁", ["是", "否"], False),
        ("bridge", ["yes", "yes"], True),
    ],
)
def test_a_bridge_is_not_a_junction(column: str, values: list[object], joined: bool) -> None:
    """Lines on different levels cross without meeting."""
    lines, report, _ = read_line_roads(_layer(CROSSING, highway="primary", **{column: values}), "drive")
    assert _count_parts(lines) == (1 if joined else 2)
    assert report.crossings_noded == int(joined)


@pytest.mark.parametrize("bridge", ["yes", "no"])
def test_a_common_vertex_under_a_bridge_is_no_junction(bridge: str) -> None:
    """Two lines with the same inner vertex meet there unless one of them is a bridge."""
    middle = [[(0.0, 0.01), (0.01, 0.01), (0.02, 0.01)], [(0.01, 0.0), (0.01, 0.01), (0.01, 0.02)]]
    lines, _, _ = read_line_roads(_layer(middle, highway="primary", bridge=[bridge, "no"]), "drive")
    assert _count_parts(lines) == (2 if bridge == "yes" else 1)
    assert _degree_at(lines, 0.01, 0.01) == ([2, 2] if bridge == "yes" else [4])


def test_a_bridge_joins_at_its_ends() -> None:
    """Road, bridge, road in one row hang together, whatever their levels."""
    row = [[(0.0, 0.0), (0.01, 0.0)], [(0.01, 0.0), (0.02, 0.0)], [(0.02, 0.0), (0.03, 0.0)]]
    lines, report, _ = read_line_roads(_layer(row, highway="primary", layer=[0, 1, 0]), "drive")
    assert _count_parts(lines) == 1
    assert report.components_before == 1


@pytest.mark.parametrize(("gap_m", "joined"), [(0.0, True), (1.5, True), (-1.5, True), (3.0, False)])
def test_a_side_street_that_ends_short_is_joined(gap_m: float, joined: bool) -> None:
    """A T whose stem stops short of the bar, on it or beyond it, is joined within 2 m.

    ::

        --------
           :   gap
           |
    """
    tee = [[(0.0, 0.01), (0.02, 0.01)], [(0.01, 0.0), (0.01, 0.01 - gap_m * METRE)]]
    lines, report, _ = read_line_roads(_layer(tee, highway="primary"), "drive")
    assert _count_parts(lines) == (1 if joined else 2)
    assert report.ends_snapped == (1 if gap_m == 1.5 else 0)
    assert report.components_after == _count_parts(lines)


def test_an_end_close_to_an_end_moves_to_it() -> None:
    """Two lines 1 m apart become one chain; the tolerance decides."""
    row = [[(0.0, 0.0), (0.01, 0.0)], [(0.01 + METRE, 0.0), (0.02, 0.0)]]
    lines, report, _ = read_line_roads(_layer(row, highway="primary"), "drive")
    assert (len(lines.lon), len(lines.piece_from), report.ends_snapped) == (3, 2, 2)
    lines, report, _ = read_line_roads(_layer(row, highway="primary"), "drive", snap_tolerance_m=0.5)
    assert (_count_parts(lines), report.ends_snapped) == (2, 0)
    lines, report, _ = read_line_roads(_layer(row, highway="primary"), "drive", snap_tolerance_m=0.0)
    assert (_count_parts(lines), report.ends_snapped) == (2, 0)


def test_a_tolerance_is_a_distance_on_the_ground_in_the_north_too() -> None:
    """At 60° north 1.5 m are 1.5 m, though a map of the world shows them as 3."""
    for gap_m, joined in ((1.5, True), (2.5, False)):
        tee = [[(0.0, 60.01), (0.02, 60.01)], [(0.01, 60.0), (0.01, 60.01 - gap_m * METRE)]]
        lines, _, _ = read_line_roads(_layer(tee, highway="primary"), "drive")
        assert (_count_parts(lines) == 1) is joined


def test_an_end_under_a_bridge_is_not_joined_to_it() -> None:
    """A dead end stops short of a bridge's line: different levels do not meet."""
    tee = [[(0.0, 0.01), (0.02, 0.01)], [(0.01, 0.0), (0.01, 0.01 - METRE)]]
    lines, _, _ = read_line_roads(_layer(tee, highway="primary", layer=[1, 0]), "drive")
    assert _count_parts(lines) == 2


def test_duplicates_are_dropped_but_parallels_stay() -> None:
    """The same line drawn twice, even backwards, is one; another class or opposite one-ways are two."""
    line = [(0.0, 0.0), (0.01, 0.001), (0.02, 0.0)]
    layer = _layer([line, line[::-1], line], highway=["primary", "primary", "service"])
    lines, report, _ = read_line_roads(layer, "drive")
    assert (report.duplicates_dropped, len(lines.piece_from)) == (1, 4)
    layer = _layer([line, line[::-1], line], highway="primary", oneway="yes")
    lines, report, _ = read_line_roads(layer, "drive")
    assert (report.duplicates_dropped, len(lines.piece_from)) == (1, 4)
    assert _count_parts(lines) == 1


def test_several_lines_through_one_point_meet() -> None:
    """A star of three lines becomes connected."""
    star = [*CROSSING, [(0.0, 0.0), (0.02, 0.02)]]
    lines, _, _ = read_line_roads(_layer(star, highway="primary"), "drive")
    assert _count_parts(lines) == 1


def test_a_line_that_crosses_itself_is_noded() -> None:
    """A loop drawn in one stroke has a junction where it closes."""
    loop = [[(0.0, 0.0), (0.02, 0.0), (0.02, 0.02), (0.01, 0.02), (0.01, -0.01)]]
    lines, report, _ = read_line_roads(_layer(loop, highway="primary"), "drive")
    assert report.crossings_noded == 1
    assert _degree_at(lines, 0.01, 0.0) == [4]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=4, unique=True),
        min_size=1,
        max_size=8,
    )
)
def test_noding_agrees_with_the_union_of_lines(raw: list[list[tuple[int, int]]]) -> None:
    """Whatever is drawn: parts agree with shapely's union, no length is invented, every piece is sound."""
    scale = 0.001
    shapes = [[(x * scale, y * scale) for x, y in line] for line in raw]
    lines, report, _ = read_line_roads(_layer(shapes, highway="primary"), "drive", snap_tolerance_m=0.0)
    union = shapely.union_all([shapely.LineString(line) for line in shapes])
    touching = shapely.get_parts(shapely.union_all(shapely.buffer(shapely.get_parts(union), 1e-7)))
    assert report.components_after == _count_parts(lines)
    # Lines lying on each other are not noded along their length, so parts may only be more there.
    assert report.components_after >= len(touching)
    drawn = sum(_drawn_length_m(line) for line in shapes)
    assert _length_m(lines) <= drawn * (1 + 1e-6)
    assert (lines.piece_from != lines.piece_to).all()


def _drawn_length_m(line: list[tuple[float, float]]) -> float:
    lon, lat = np.array(line).T
    return float(compute_lengths_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=3, unique=True),
        min_size=2,
        max_size=7,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_changes_nothing(raw: list[list[tuple[int, int]]], random: Any) -> None:
    """Shuffled and turned lines give as many parts and the same length."""
    shapes = [[(x * 2e-5, y * 2e-5) for x, y in line] for line in raw]
    shuffled = [line[::-1] for line in shapes]
    random.shuffle(shuffled)
    one, _, _ = read_line_roads(_layer(shapes, highway="primary"), "drive", snap_tolerance_m=0.0)
    other, _, _ = read_line_roads(_layer(shuffled, highway="primary"), "drive", snap_tolerance_m=0.0)
    assert _count_parts(one) == _count_parts(other)
    assert _length_m(one) == pytest.approx(_length_m(other), rel=1e-6)


# --- columns -------------------------------------------------------------------------------------

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
    lines, _, issues = read_line_roads(_layer(STREET, **{column: [value]}), "drive")
    assert lines.profiles["highway"].tolist() == [highway]
    assert issues == ()
    if value == "track_grade3":
        assert lines.profiles["tracktype"].tolist() == ["grade3"]


def test_layers_without_classes_are_read_and_said_so() -> None:
    """Without a column, with empty cells, or with unknown words a road counts as unclassified."""
    lines, _, issues = read_line_roads(_layer(STREET, name=["x"]), "drive")
    assert lines.profiles["highway"].tolist() == ["unclassified"]
    assert [issue.code for issue in issues] == ["roads.no_class_column"]
    three = [[(87.0, 43.0), (87.01 + 0.01 * k, 43.0 + 0.01 * k)] for k in range(3)]
    _, _, issues = read_line_roads(_layer(three, highway=["primary", None, "神秘路"]), "drive")
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
    lines, _, issues = read_line_roads(_layer(rows, highway="primary", oneway=values), "drive")
    order = np.argsort(lines.lat[lines.piece_from])
    run = np.where(lines.lon[lines.piece_from] < lines.lon[lines.piece_to], 1, -1) * lines.piece_oneway
    assert run[order].tolist() == expected
    assert issues == ()


def test_limits_surfaces_and_access() -> None:
    """Zero is no limit; Chinese surfaces are translated; private roads are restricted, closed ones left out."""
    rows = [[(87.0, 43.0 + 0.01 * k), (87.01, 43.0 + 0.01 * k)] for k in range(4)]
    layer = _layer(
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


def test_unreadable_limits_and_one_ways_are_counted() -> None:
    """Each finding names the column, the first value and how many."""
    rows = [[(87.0, 43.0 + 0.01 * k), (87.01, 43.0 + 0.01 * k)] for k in range(3)]
    layer = _layer(rows, highway="primary", maxspeed=["fast", "fast", "50"], oneway=["?", "no", "no"])
    _, _, issues = read_line_roads(layer, "drive")
    assert [(issue.code, issue.count, issue.value) for issue in issues] == [
        ("roads.oneway_unknown", 1, "?"),
        ("roads.maxspeed_unreadable", 2, "fast"),
    ]


# --- geometry and files --------------------------------------------------------------------------


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
    layer = _layer(CROSSING, highway="primary").translate(xoff=87.0, yoff=43.0)
    layer = gpd.GeoDataFrame({"highway": ["primary"] * 2}, geometry=layer, crs=4326)
    expected, _, _ = read_line_roads(layer, "drive")
    lines, _, _ = read_line_roads(layer.to_crs(4491), "drive")
    assert np.sort(lines.lon) == pytest.approx(np.sort(expected.lon), abs=1e-6)
    assert len(lines.piece_from) == 4


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        (_layer(STREET, crs=None, highway="primary"), "crs.missing"),
        (_layer([[(560000.0, 4.8e6), (560100.0, 4.8e6)]], highway="primary"), "crs.coordinates_do_not_fit"),
        (_layer([*STREET, [(187.0, 43.0), (187.1, 43.0)]], highway="primary"), "roads.out_of_range"),
        (_layer(STREET, highway="footway"), "roads.none_usable"),
        (_layer(STREET, highway="primary").iloc[:0], "roads.none_usable"),
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
    _layer(CROSSING, highway=["primary", "residential"], oneway=["yes", "no"]).to_file(path, driver=driver)
    lines, issues = read_road_lines(path, "drive")
    assert (len(lines.piece_from), int(lines.piece_oneway.sum())) == (4, 2)
    repaired = issues[-1]
    assert (repaired.code, repaired.severity, repaired.count) == ("roads.repaired", "note", 2)
    assert repaired.placeholders()["crossings_noded"] == 1


def test_a_chinese_shapefile_without_code_page_is_understood(tmp_path: Path) -> None:
    """Offices save GB 18030 without saying so."""
    path = tmp_path / "roads.shp"
    _layer(STREET, **{"道路等级": ["省道"]}).to_file(path, driver="ESRI Shapefile", encoding="GB18030")
    path.with_suffix(".cpg").unlink()
    lines, _ = read_road_lines(path, "drive")
    assert lines.profiles["highway"].tolist() == ["primary"]


def test_the_line_layer_of_several_is_chosen(tmp_path: Path) -> None:
    """A package that begins with points still gives its roads."""
    path = tmp_path / "all.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(87, 43)], crs=4326).to_file(path, layer="points")
    _layer(STREET, highway="primary").to_file(path, layer="roads")
    lines, _ = read_road_lines(path, "drive")
    assert len(lines.piece_from) == 1


def test_djibouti_becomes_one_network(shared_data: Path) -> None:
    """9,395 separate lines: thousands of parts before, over 94 % of all length in one part after."""
    lines, report, issues = read_line_roads(shared_data / "roads" / "djibouti_roads.gpkg", "drive")
    assert report.lines_in == 8775
    assert report.components_before > 4000
    assert report.components_after == _count_parts(lines) < 40
    assert report.largest_share_before < 0.1
    assert report.largest_share_after > 0.94
    assert issues == ()
