"""Units, distances on the ellipsoid, and the one test of "within the threshold"."""

from __future__ import annotations

from typing import overload

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating]

WGS84_A_M = 6_378_137.0
WGS84_E2 = 6.694379990141316e-3
# A degree of the equator, and one of latitude where it is shortest [m].
METRES_PER_DEGREE = 111_320.0
LEAST_METRES_PER_DEGREE = 110_500.0
_E = WGS84_E2**0.5


@overload
def is_within(minutes: float, cutoff_min: float) -> bool: ...
@overload
def is_within(minutes: FloatArray, cutoff_min: float | FloatArray) -> npt.NDArray[np.bool_]: ...
def is_within(minutes: float | FloatArray, cutoff_min: float | FloatArray) -> bool | npt.NDArray[np.bool_]:
    """Tell whether travel times lie within the threshold, limit included.

    Both sides are compared as float32, the precision in which times are kept and printed, so that a
    map, a table and a file read back later give the same answer.

    Parameters
    ----------
    minutes
        Travel times [min]; ``inf`` is never within, ``nan`` neither.
    cutoff_min
        The threshold [min], one for all or one each.

    Examples
    --------
    >>> is_within(30.0, 30.0), is_within(float("inf"), 30.0)
    (True, False)
    """
    times = np.asarray(minutes, dtype=np.float32)
    answer = np.isfinite(times) & (times <= np.asarray(cutoff_min, dtype=np.float32))
    return bool(answer) if answer.ndim == 0 else answer


def to_minutes(seconds: FloatArray) -> npt.NDArray[np.float32]:
    """Convert final travel times from seconds to float32 minutes: the one place where times are rounded."""
    return (np.asarray(seconds, dtype=np.float64) / 60.0).astype(np.float32)


def compute_lengths_m(
    lon_from: FloatArray, lat_from: FloatArray, lon_to: FloatArray, lat_to: FloatArray
) -> npt.NDArray[np.float64]:
    """Compute geodesic lengths of short segments on WGS-84 [m].

    Mid-latitude formula on the ellipsoid's radii of curvature: within 1e-6 of the geodesic up to
    10 km and 1e-4 up to 100 km, far below any other uncertainty of a travel time.

    Parameters
    ----------
    lon_from, lat_from, lon_to, lat_to
        Ends of the segments, shape (n,) [degrees].

    Returns
    -------
    Lengths, shape (n,) [m].
    """
    lat_mid = np.radians((np.asarray(lat_from, float) + np.asarray(lat_to, float)) / 2.0)
    delta_lat = np.radians(np.asarray(lat_to, float) - np.asarray(lat_from, float))
    delta_lon = (np.asarray(lon_to, float) - np.asarray(lon_from, float) + 180.0) % 360.0 - 180.0
    delta_lon = np.radians(delta_lon)
    w = np.sqrt(1.0 - WGS84_E2 * np.sin(lat_mid) ** 2)
    prime_vertical = WGS84_A_M / w
    meridian = WGS84_A_M * (1.0 - WGS84_E2) / w**3
    # Chords rather than arcs in longitude keep the formula accurate for longer segments.
    east = 2.0 * prime_vertical * np.cos(lat_mid) * np.sin(delta_lon / 2.0)
    north = 2.0 * meridian * np.sin(delta_lat / 2.0) * np.cos(delta_lon / 2.0)
    chord = np.hypot(east, north)
    result: npt.NDArray[np.float64] = 2.0 * WGS84_A_M * np.arcsin(chord / (2.0 * WGS84_A_M))
    return result


def to_conformal(lon: FloatArray, lat: FloatArray) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Project to ellipsoidal Mercator: angles and *which is nearest* are right, distances must be unscaled.

    Returns
    -------
    x, y [projected metres]; divide a local distance by `conformal_scale` to get metres on the ground.
    """
    phi = np.radians(np.clip(np.asarray(lat, float), -89.0, 89.0))
    sin_phi = np.sin(phi)
    y = np.arctanh(sin_phi) - _E * np.arctanh(_E * sin_phi)
    return WGS84_A_M * np.radians(np.asarray(lon, float)), WGS84_A_M * y


def conformal_scale(lat: FloatArray) -> npt.NDArray[np.float64]:
    """Compute how many projected metres of `to_conformal` one metre on the ground takes at a latitude."""
    phi = np.radians(np.asarray(lat, float))
    result: npt.NDArray[np.float64] = np.sqrt(1.0 - WGS84_E2 * np.sin(phi) ** 2) / np.cos(phi)
    return result


def to_geocentric(lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.float64]:
    """Compute positions in space on the WGS-84 ellipsoid, for searching neighbours by straight distance.

    Returns
    -------
    Earth-centred x, y, z, shape (n, 3) [m]; a chord of 10 km is 1 mm shorter than the way on the ground.
    """
    phi, theta = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    radius = WGS84_A_M / np.sqrt(1.0 - WGS84_E2 * np.sin(phi) ** 2)
    return np.column_stack(
        (
            radius * np.cos(phi) * np.cos(theta),
            radius * np.cos(phi) * np.sin(theta),
            radius * (1.0 - WGS84_E2) * np.sin(phi),
        )
    )
