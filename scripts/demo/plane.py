"""The plane in which the demo is drawn: kilometres around the city, a smooth warp, wiggly lines, seeds.

Everything is generated in kilometres east and north of one origin and turned into rounded degrees once.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ORIGIN_LON, ORIGIN_LAT = 87.6, 43.85
KM_PER_LON = 111.32 * math.cos(math.radians(ORIGIN_LAT))
KM_PER_LAT = 111.13
DECIMALS = 5  # of degrees: about a metre
SEED = 650100


def make_rng(stage: int) -> np.random.Generator:
    """Make the random numbers of one stage, so that a change in one stage leaves the others alone."""
    return np.random.default_rng([SEED, stage])


def to_km(lon: float | Array, lat: float | Array) -> Array:
    """Turn degrees into kilometres, shape (…, 2)."""
    return np.stack(
        ((np.asarray(lon, float) - ORIGIN_LON) * KM_PER_LON, (np.asarray(lat, float) - ORIGIN_LAT) * KM_PER_LAT), -1
    )


def to_degrees(km: Array) -> Array:
    """Turn kilometres into degrees, rounded, shape (…, 2)."""
    km = np.asarray(km, float)
    degrees = np.stack((km[..., 0] / KM_PER_LON + ORIGIN_LON, km[..., 1] / KM_PER_LAT + ORIGIN_LAT), -1)
    return np.round(degrees, DECIMALS) + 0.0


def warp(km: Array, size_km: float, wave_km: float, phase: float = 0.0) -> Array:
    """Shift points by a smooth field of about `size_km` with waves of about `wave_km`; straight lines bend."""
    x, y = km[..., 0], km[..., 1]
    k = 2.0 * np.pi / wave_km
    dx = np.sin(k * (0.31 * x + 0.95 * y) + phase) + 0.55 * np.sin(k * (1.7 * y - 0.9 * x) + 2.1 * phase + 1.0)
    dy = np.sin(k * (0.92 * x - 0.39 * y) + phase + 2.0) + 0.55 * np.sin(k * (1.6 * x + 1.0 * y) + 1.3 * phase + 4.0)
    return km + size_km * np.stack((dx, dy), -1) / 1.55


def draw_wiggly(begin: Array, end: Array, rng: np.random.Generator, *, bend: float, step_km: float) -> Array:
    """Draw a line between two points that winds like a road: midpoints are shifted again and again.

    Parameters
    ----------
    begin, end
        Points [km]; the line starts and ends exactly there.
    rng
        Random numbers.
    bend
        Size of the first shift as a share of the length.
    step_km
        Vertices are added until they lie closer than this.
    """
    points = [np.asarray(begin, float), np.asarray(end, float)]
    size = bend
    while max(np.hypot(*(b - a)) for a, b in pairwise(points)) > step_km:
        finer = [points[0]]
        for a, b in pairwise(points):
            across = np.array([a[1] - b[1], b[0] - a[0]])
            finer += [(a + b) / 2.0 + across * rng.uniform(-size, size), b]
        points, size = finer, size * 0.75
    return np.array(points)


def draw_smooth(controls: Array, step_km: float, *, closed: bool = False) -> Array:
    """Draw a Catmull-Rom curve through control points with vertices about `step_km` apart."""
    p = np.vstack((controls[-1], controls, controls[0], controls[1])) if closed else None
    if p is None:
        p = np.vstack((2 * controls[0] - controls[1], controls, 2 * controls[-1] - controls[-2]))
    pieces = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        count = max(2, int(np.hypot(*(c - b)) / step_km))
        t = (np.arange(count) / count)[:, None]
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack((*pieces, controls[:1] if closed else controls[-1:]))


def share_out(total: int, weights: Array) -> npt.NDArray[np.int64]:
    """Share a whole number out by weight, to the unit (largest remainders)."""
    exact = total * np.asarray(weights, float) / float(np.sum(weights))
    whole = np.floor(exact).astype(np.int64)
    short = total - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:short]] += 1
    return whole
