"""Positions of Chinese web maps: the published shift at four cities, and places not shifted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geodata.intake.cells.datum import to_wgs84
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_stations import read_stations

# GCJ-02 minus WGS-84 [degrees], known to 1e-5: Urumqi, Kashgar, Yining, Hami.
SHIFTS = [
    (87.617, 43.793, 0.00285, 0.00122),
    (75.99, 39.47, 0.00296, 0.00023),
    (81.32, 43.91, 0.00304, 0.00125),
    (93.51, 42.83, 0.00162, 0.00153),
]


@pytest.mark.parametrize(("lon", "lat", "east", "north"), SHIFTS)
def test_known_shifts_are_taken_off(lon: float, lat: float, east: float, north: float) -> None:
    """A shifted position comes back to its true one within the rounding of the published shift."""
    true = to_wgs84(np.array([lon + east]), np.array([lat + north]), "gcj02")
    np.testing.assert_allclose(true, [[lon], [lat]], atol=1.5e-5)


def test_baidu_is_a_kilometre_off_at_urumqi() -> None:
    """Baidu's position of Urumqi lies 1,107 m from the true one, as its two shifts together say."""
    lon, lat = np.array([87.617]), np.array([43.793])
    true_lon, true_lat = to_wgs84(lon, lat, "bd09")
    metres = np.hypot((lon - true_lon) * 111_320.0 * np.cos(np.radians(lat)), (lat - true_lat) * 111_130.0)
    assert metres[0] == pytest.approx(1107.0, abs=15.0)


def test_what_is_not_shifted_stays() -> None:
    """WGS-84, places outside China and missing positions stay as they are."""
    lon, lat = np.array([87.6, 1.5, np.nan]), np.array([43.8, 42.5, np.nan])
    np.testing.assert_array_equal(to_wgs84(lon, lat, "wgs84"), [lon, lat])
    moved = to_wgs84(lon, lat, "gcj02")
    assert [float(moved[0][1]), float(moved[1][1])] == [1.5, 42.5]
    assert np.isnan(moved[0][2])


def test_stations_of_a_web_map_are_moved_and_told(tmp_path: Path) -> None:
    """A list from Amap is put in its true places, and the finding says how many rows moved and from what."""
    path = tmp_path / "stations.csv"
    path.write_text("name,kind,lon,lat\n甲,other,87.61985,43.79422\n", encoding="utf-8")
    read = read_stations(path, read_catalogue(), datum="gcj02")
    assert read.table["lon"].tolist() == pytest.approx([87.617], abs=1.5e-5)
    assert read.table["lat"].tolist() == pytest.approx([43.793], abs=1.5e-5)
    assert [(one.count, one.value) for one in read.issues if one.code == "position.datum_moved"] == [(1, "gcj02")]
