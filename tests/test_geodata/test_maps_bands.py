"""Bands: limits that split at the threshold, classes like the tables', a picture with a palette."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from coverage.travel.time_field import build_grid
from coverage.units import is_within
from geodata.maps.bands import classify_cells, draw_bands, picture_corners, to_data_url
from geodata.maps.palette import INSIDE_COLOURS, NO_ROUTE_COLOUR, OUTSIDE_COLOURS, build_bands

INF = np.float32(np.inf)


@given(st.floats(0.1, 240.0))
def test_bands_split_at_the_threshold(cutoff_min: float) -> None:
    """Limits ascend, the third is the threshold, cool colours lie inside and warm ones outside."""
    bands = build_bands(cutoff_min)
    limits = [band.high_min for band in bands]
    assert limits == sorted(set(limits))
    assert limits[2] == cutoff_min
    assert [band.colour for band in bands] == [*INSIDE_COLOURS, *OUTSIDE_COLOURS]
    assert [band.is_inside for band in bands] == [True] * 3 + [False] * 3
    assert [band.low_min for band in bands[1:]] == limits[:-1]


def test_half_an_hour_has_the_limits_people_know() -> None:
    """At 30 minutes the legend reads 10, 20, 30 | 45, 60, more."""
    assert [band.high_min for band in build_bands(30.0)] == [10.0, 20.0, 30.0, 45.0, 60.0, np.inf]


def test_cells_have_the_class_of_their_time() -> None:
    """Limits belong to the band below, as everywhere; no route, unconnected and unwanted are their own.

    ::

        10 | 10.01 | 30 | 30.01 | 60.01 | no route | unconnected | unwanted
         1 |   2   |  3 |   4   |   6   |    7     |      8      |    0
    """
    minutes = np.array([[10, 10.01, 30, 30.01, 60.01, INF, INF, 5]], np.float32)
    connected = np.array([[1, 1, 1, 1, 1, 1, 0, 1]], bool)
    wanted = np.array([[1, 1, 1, 1, 1, 1, 1, 0]], bool)
    assert classify_cells(minutes, connected, wanted, 30.0).tolist() == [[1, 2, 3, 4, 6, 7, 8, 0]]


@given(st.lists(st.floats(0, 200, width=32), min_size=1, max_size=30), st.sampled_from([10.0, 15.0, 30.0, 45.0, 60.0]))
def test_inside_colours_are_exactly_the_people_inside(times: list[float], cutoff_min: float) -> None:
    """A cell is cool if and only if its time is within the threshold, by the one test of that."""
    minutes = np.array([times], np.float32)
    everything = np.ones(minutes.shape, bool)
    classes = classify_cells(minutes, everything, everything, cutoff_min)
    np.testing.assert_array_equal((classes >= 1) & (classes <= 3), is_within(minutes, cutoff_min))


def test_the_picture_keeps_every_cell() -> None:
    """One pixel a cell, indexed colours, nothing drawn where nothing is wanted or connected."""
    classes = np.arange(9, dtype=np.uint8).reshape(3, 3)
    picture = Image.open(io.BytesIO(draw_bands(classes)))
    assert (picture.mode, picture.size) == ("P", (3, 3))
    pixels = np.array(picture.convert("RGBA")).reshape(9, 4)
    assert (pixels[:, 3] > 0).tolist() == [False, *[True] * 7, False]
    shown = ["#{:02X}{:02X}{:02X}".format(*pixel[:3]) for pixel in pixels[1:8]]
    assert shown == [*INSIDE_COLOURS, *OUTSIDE_COLOURS, NO_ROUTE_COLOUR]


def test_corners_are_the_grid_s() -> None:
    """South-west and north-east, latitude first, around the grid's own edges."""
    grid = build_grid((86.5, 42.7, 88.9, 44.2), cells=1000)
    (south, west), (north, east) = picture_corners(grid)
    assert (west, north) == pytest.approx((86.5, 44.2))
    assert south <= 42.7
    assert east >= 88.9


def test_pictures_travel_inside_the_page() -> None:
    """The address of a picture holds the picture: nothing is fetched."""
    assert to_data_url(draw_bands(np.ones((2, 2), np.uint8))).startswith("data:image/png;base64,")
