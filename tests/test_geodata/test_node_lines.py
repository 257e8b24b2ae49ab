"""Line layers to road lines: where lines meet, where they do not, and gaps that are closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from toy_lines import CROSSING, build_layer

from coverage.network.model import RoadLines
from coverage.units import compute_lengths_m
from geodata.roads.read_roads import read_line_roads

# One metre, roughly, in degrees of latitude.
METRE = 9.0e-6


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


def test_two_lines_that_cross_get_a_junction() -> None:
    """An X of two lines becomes four pieces around one vertex.

    ::

           |                 |
        ---+---     →     ---o---
           |                 |
    """
    lines, report, _ = read_line_roads(build_layer(CROSSING, highway=["primary", "residential"]), "drive")
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
    lines, report, _ = read_line_roads(build_layer(CROSSING, highway="primary", **{column: values}), "drive")
    assert _count_parts(lines) == (1 if joined else 2)
    assert report.crossings_noded == int(joined)


@pytest.mark.parametrize("bridge", ["yes", "no"])
def test_a_common_vertex_under_a_bridge_is_no_junction(bridge: str) -> None:
    """Two lines with the same inner vertex meet there unless one of them is a bridge."""
    middle = [[(0.0, 0.01), (0.01, 0.01), (0.02, 0.01)], [(0.01, 0.0), (0.01, 0.01), (0.01, 0.02)]]
    lines, _, _ = read_line_roads(build_layer(middle, highway="primary", bridge=[bridge, "no"]), "drive")
    assert _count_parts(lines) == (2 if bridge == "yes" else 1)
    assert _degree_at(lines, 0.01, 0.01) == ([2, 2] if bridge == "yes" else [4])


def test_a_bridge_joins_at_its_ends() -> None:
    """Road, bridge, road in one row hang together, whatever their levels."""
    row = [[(0.0, 0.0), (0.01, 0.0)], [(0.01, 0.0), (0.02, 0.0)], [(0.02, 0.0), (0.03, 0.0)]]
    lines, report, _ = read_line_roads(build_layer(row, highway="primary", layer=[0, 1, 0]), "drive")
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
    lines, report, _ = read_line_roads(build_layer(tee, highway="primary"), "drive")
    assert _count_parts(lines) == (1 if joined else 2)
    assert report.ends_snapped == (1 if gap_m == 1.5 else 0)
    assert report.components_after == _count_parts(lines)


def test_an_end_close_to_an_end_moves_to_it() -> None:
    """Two lines 1 m apart become one chain; the tolerance decides."""
    row = [[(0.0, 0.0), (0.01, 0.0)], [(0.01 + METRE, 0.0), (0.02, 0.0)]]
    lines, report, _ = read_line_roads(build_layer(row, highway="primary"), "drive")
    assert (len(lines.lon), len(lines.piece_from), report.ends_snapped) == (3, 2, 2)
    lines, report, _ = read_line_roads(build_layer(row, highway="primary"), "drive", snap_tolerance_m=0.5)
    assert (_count_parts(lines), report.ends_snapped) == (2, 0)
    lines, report, _ = read_line_roads(build_layer(row, highway="primary"), "drive", snap_tolerance_m=0.0)
    assert (_count_parts(lines), report.ends_snapped) == (2, 0)


def test_a_tolerance_is_a_distance_on_the_ground_in_the_north_too() -> None:
    """At 60° north 1.5 m are 1.5 m, though a map of the world shows them as 3."""
    for gap_m, joined in ((1.5, True), (2.5, False)):
        tee = [[(0.0, 60.01), (0.02, 60.01)], [(0.01, 60.0), (0.01, 60.01 - gap_m * METRE)]]
        lines, _, _ = read_line_roads(build_layer(tee, highway="primary"), "drive")
        assert (_count_parts(lines) == 1) is joined


def test_an_end_under_a_bridge_is_not_joined_to_it() -> None:
    """A dead end stops short of a bridge's line: different levels do not meet."""
    tee = [[(0.0, 0.01), (0.02, 0.01)], [(0.01, 0.0), (0.01, 0.01 - METRE)]]
    lines, _, _ = read_line_roads(build_layer(tee, highway="primary", layer=[1, 0]), "drive")
    assert _count_parts(lines) == 2


def test_duplicates_are_dropped_but_parallels_stay() -> None:
    """The same line drawn twice, even backwards, is one; another class or opposite one-ways are two."""
    line = [(0.0, 0.0), (0.01, 0.001), (0.02, 0.0)]
    layer = build_layer([line, line[::-1], line], highway=["primary", "primary", "service"])
    lines, report, _ = read_line_roads(layer, "drive")
    assert (report.duplicates_dropped, len(lines.piece_from)) == (1, 4)
    layer = build_layer([line, line[::-1], line], highway="primary", oneway="yes")
    lines, report, _ = read_line_roads(layer, "drive")
    assert (report.duplicates_dropped, len(lines.piece_from)) == (1, 4)
    assert _count_parts(lines) == 1


def test_several_lines_through_one_point_meet() -> None:
    """A star of three lines becomes connected."""
    star = [*CROSSING, [(0.0, 0.0), (0.02, 0.02)]]
    lines, _, _ = read_line_roads(build_layer(star, highway="primary"), "drive")
    assert _count_parts(lines) == 1


def test_a_line_that_crosses_itself_is_noded() -> None:
    """A loop drawn in one stroke has a junction where it closes."""
    loop = [[(0.0, 0.0), (0.02, 0.0), (0.02, 0.02), (0.01, 0.02), (0.01, -0.01)]]
    lines, report, _ = read_line_roads(build_layer(loop, highway="primary"), "drive")
    assert report.crossings_noded == 1
    assert _degree_at(lines, 0.01, 0.0) == [4]


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
    lines, report, _ = read_line_roads(build_layer(shapes, highway="primary"), "drive", snap_tolerance_m=0.0)
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
    one, _, _ = read_line_roads(build_layer(shapes, highway="primary"), "drive", snap_tolerance_m=0.0)
    other, _, _ = read_line_roads(build_layer(shuffled, highway="primary"), "drive", snap_tolerance_m=0.0)
    assert _count_parts(one) == _count_parts(other)
    assert _length_m(one) == pytest.approx(_length_m(other), rel=1e-6)


def test_djibouti_becomes_one_network(shared_data: Path) -> None:
    """9,395 separate lines: thousands of parts before, over 94 % of all length in one part after."""
    lines, report, issues = read_line_roads(shared_data / "roads" / "djibouti_roads.gpkg", "drive")
    assert report.lines_in == 8775
    assert report.components_before > 4000
    assert report.components_after == _count_parts(lines) < 40
    assert report.largest_share_before < 0.1
    assert report.largest_share_after > 0.94
    assert issues == ()
