"""Lengths on the ellipsoid, the conformal map, and the one test of "within the threshold"."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from coverage.units import (
    LEAST_METRES_PER_DEGREE,
    METRES_PER_DEGREE,
    compute_lengths_m,
    conformal_scale,
    is_within,
    to_conformal,
    to_geocentric,
    to_minutes,
)

GEOD = Geod(ellps="WGS84")
LATITUDES = st.floats(-70.0, 70.0)


@given(lat=LATITUDES, bearing=st.floats(0.0, 360.0), metres=st.floats(0.1, 10_000.0))
def test_lengths_equal_the_geodesic(lat: float, bearing: float, metres: float) -> None:
    """Up to 10 km a length differs from the geodesic by less than a millionth."""
    lon_b, lat_b, _ = GEOD.fwd(87.6, lat, bearing, metres)
    found = compute_lengths_m(np.array([87.6]), np.array([lat]), np.array([lon_b]), np.array([lat_b]))
    assert found[0] == pytest.approx(metres, rel=1e-6, abs=1e-7)


@given(lat=LATITUDES, bearing=st.floats(0.0, 360.0))
def test_long_segments_stay_within_a_ten_thousandth(lat: float, bearing: float) -> None:
    """At 100 km the formula is still within 1e-4, as its description promises."""
    lon_b, lat_b, _ = GEOD.fwd(87.6, lat, bearing, 100_000.0)
    found = compute_lengths_m(np.array([87.6]), np.array([lat]), np.array([lon_b]), np.array([lat_b]))
    assert found[0] == pytest.approx(100_000.0, rel=1e-4)


def test_a_length_across_the_date_line() -> None:
    """A segment over 180° is as short as it is, not once round the world."""
    found = compute_lengths_m(np.array([179.99]), np.array([0.0]), np.array([-179.99]), np.array([0.0]))
    assert found[0] == pytest.approx(GEOD.inv(179.99, 0, -179.99, 0)[2], rel=1e-6)


def test_no_length_at_all() -> None:
    """The same place twice is zero metres apart, and no segments have no lengths."""
    none = np.zeros(0)
    assert compute_lengths_m(np.array([87.6]), np.array([43.8]), np.array([87.6]), np.array([43.8]))[0] == 0.0
    assert compute_lengths_m(none, none, none, none).shape == (0,)


@given(lon=st.floats(-179.0, 179.0), lat=st.floats(-80.0, 80.0))
def test_the_conformal_map_is_the_known_one(lon: float, lat: float) -> None:
    """Our projection is the ellipsoidal Mercator of EPSG:3395, to the tenth of a millimetre."""
    x, y = to_conformal(np.array([lon]), np.array([lat]))
    known = Transformer.from_crs("EPSG:4326", "EPSG:3395", always_xy=True).transform(lon, lat)
    assert (x[0], y[0]) == pytest.approx(known, abs=1e-4)


@given(lat=st.floats(-75.0, 75.0), bearing=st.floats(0.0, 360.0))
def test_its_scale_turns_projected_into_real_metres(lat: float, bearing: float) -> None:
    """A hundred metres in any bearing measure a hundred metres after division by the scale."""
    lon_b, lat_b, _ = GEOD.fwd(87.6, lat, bearing, 100.0)
    x, y = to_conformal(np.array([87.6, lon_b]), np.array([lat, lat_b]))
    middle = np.array([(lat + lat_b) / 2])
    assert np.hypot(*np.diff([x, y])[:, 0]) / conformal_scale(middle)[0] == pytest.approx(100.0, rel=1e-6)


@given(lat=LATITUDES, bearing=st.floats(0.0, 360.0), metres=st.floats(1.0, 10_000.0))
def test_straight_distance_in_space_is_the_way_on_the_ground(lat: float, bearing: float, metres: float) -> None:
    """Neighbours within 10 km are as far apart in space as on the ground, to a millionth."""
    lon_b, lat_b, _ = GEOD.fwd(87.6, lat, bearing, metres)
    one, other = to_geocentric(np.array([87.6, lon_b]), np.array([lat, lat_b]))
    assert np.linalg.norm(one - other) == pytest.approx(metres, rel=1e-6)
    known = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True).transform(87.6, lat, 0.0)
    np.testing.assert_allclose(one, known, atol=1e-6)


def test_a_degree_in_metres() -> None:
    """No degree of latitude is shorter than the least, and one of the equator is 111,320 m to the nearest ten."""
    assert pytest.approx(compute_lengths_m(0.0, 0.0, 1.0, 0.0), abs=5.0) == METRES_PER_DEGREE
    assert pytest.approx(compute_lengths_m(0.0, -0.5, 0.0, 0.5), abs=100.0) == LEAST_METRES_PER_DEGREE
    assert compute_lengths_m(0.0, -0.5, 0.0, 0.5) >= LEAST_METRES_PER_DEGREE


def test_the_poles_are_drawn_at_89_degrees() -> None:
    """The projection has no pole: what lies beyond 89 degrees is drawn there, on either side, and is finite."""
    _, y = to_conformal(np.zeros(6), np.array([89.0, 89.5, 90.0, -89.0, -89.5, -90.0]))
    assert (y[:3] == y[0]).all()
    assert (y[3:] == -y[0]).all()
    assert y[0] > to_conformal(np.zeros(1), np.array([88.999]))[1][0]


def test_the_limit_is_within() -> None:
    """The threshold is inclusive and compared in the precision in which times are kept."""
    assert is_within(30.0, 30.0)
    assert not is_within(30.00001, 30.0)
    assert is_within(float(np.float32(1800.00004)), 1800.0)
    assert 1800.00004 > 1800.0
    assert is_within(1800.00004, 1800.0)
    assert is_within(30.0, np.float32(30.0))


def test_no_time_is_never_within() -> None:
    """Infinite and missing times are outside every threshold, even an infinite one."""
    times = np.array([np.inf, np.nan, -np.inf, 0.0], np.float32)
    assert is_within(times, 30.0).tolist() == [False, False, False, True]
    assert is_within(times, np.inf).tolist() == [False, False, False, True]
    assert not is_within(float("nan"), 30.0)
    assert not is_within(1.0, float("nan"))


def test_every_point_may_have_its_own_threshold() -> None:
    """Thresholds by zone are compared point by point."""
    answer = is_within(np.array([29.0, 31.0, 59.0], np.float32), np.array([30.0, 30.0, 60.0]))
    assert answer.dtype == bool
    assert answer.tolist() == [True, False, True]


@given(minutes=st.floats(0.0, 1e4, width=32), low=st.floats(0.0, 1e4), high=st.floats(0.0, 1e4))
def test_a_larger_threshold_never_uncovers(minutes: float, low: float, high: float) -> None:
    """Who is within the smaller of two thresholds is within the larger."""
    low, high = sorted((low, high))
    assert is_within(minutes, high) or not is_within(minutes, low)


def test_seconds_become_minutes_once() -> None:
    """Seconds are divided in double precision and rounded once, so printing and reading back keeps them."""
    minutes = to_minutes(np.array([1800.0, 100.0, np.inf, 0.0]))
    assert minutes.dtype == np.float32
    assert minutes.tolist() == [30.0, float(np.float32(100.0 / 60.0)), np.inf, 0.0]
    assert np.float32(repr(float(minutes[1]))) == minutes[1]
