"""Turns positions of Chinese web maps into WGS-84: GCJ-02 (Amap, Tencent) and BD-09 (Baidu) are shifted on purpose."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Datum = Literal["wgs84", "gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")

# Krasovsky ellipsoid, on which the shift is defined.
_RADIUS_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
# Where the maps are shifted [degrees]: west, south, east, north.
_SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)
_ROUNDS = 6

FloatColumn = npt.NDArray[np.float64]


def to_wgs84(lon: FloatColumn, lat: FloatColumn, datum: Datum) -> tuple[FloatColumn, FloatColumn]:
    """Turn positions of a datum into WGS-84 [degrees].

    CGCS2000, the datum of Tianditu and of surveys, agrees with WGS-84 within centimetres and counts as such.

    Parameters
    ----------
    lon, lat
        Positions [degrees], shape (n,); NaN stays NaN, places outside China stay where they are.
    datum
        What the positions refer to.

    Returns
    -------
    Longitude and latitude [degrees, WGS-84], shape (n,), to about a millimetre of the published shift.

    Notes
    -----
    The shift has no closed inverse; ``p = q - shift(p)`` is repeated, each round taking three digits or more.

    Examples
    --------
    >>> lon, lat = to_wgs84(np.array([87.61985]), np.array([43.79422]), "gcj02")
    >>> round(float(lon[0]), 4), round(float(lat[0]), 4)
    (87.617, 43.793)
    """
    if datum == "bd09":
        lon, lat = _from_baidu(lon, lat)
    if datum == "wgs84":
        return lon, lat
    true_lon, true_lat = lon, lat
    for _ in range(_ROUNDS):
        shift_lon, shift_lat = _find_shift(true_lon, true_lat)
        true_lon, true_lat = lon - shift_lon, lat - shift_lat
    return true_lon, true_lat


def _from_baidu(lon: FloatColumn, lat: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
    """Take Baidu's own shift off, which leaves GCJ-02."""
    x, y = lon - 0.0065, lat - 0.006
    turned = np.pi * 3000.0 / 180.0
    length = np.hypot(x, y) - 0.00002 * np.sin(y * turned)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * turned)
    inside = is_shifted(lon, lat)
    return np.where(inside, length * np.cos(angle), lon), np.where(inside, length * np.sin(angle), lat)


def is_shifted(lon: FloatColumn, lat: FloatColumn) -> npt.NDArray[np.bool_]:
    """Tell which positions [degrees] lie where Chinese web maps are shifted, shape (n,)."""
    west, south, east, north = _SHIFTED
    inside: npt.NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _find_shift(lon: FloatColumn, lat: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
    """Return GCJ-02 minus WGS-84 [degrees]."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves * 2.0 / 3.0
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves * 2.0 / 3.0
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    curve = 1.0 - _ECCENTRICITY_SQUARED * np.sin(angle) ** 2
    per_degree_north = _RADIUS_M * (1.0 - _ECCENTRICITY_SQUARED) / (curve * np.sqrt(curve)) * np.pi / 180.0
    per_degree_east = _RADIUS_M / np.sqrt(curve) * np.cos(angle) * np.pi / 180.0
    inside = is_shifted(lon, lat)
    return np.where(inside, east / per_degree_east, 0.0), np.where(inside, north / per_degree_north, 0.0)
