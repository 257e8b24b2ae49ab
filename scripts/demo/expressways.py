"""Divided expressways: two one-way carriageways and, at each interchange, four ramps to one crossing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from demo.plane import Array, draw_smooth, to_km
from demo.roads import Road
from demo.routes import EXPRESSWAYS, Expressway

_HALF_WIDTH_KM = 0.02
_RAMP_KM = 0.34
_REACH_KM = 2.4


def draw_expressways(junctions: Array, is_main: np.ndarray) -> list[Road]:
    """Draw all expressways.

    Parameters
    ----------
    junctions
        Crossings of the roads on the ground [km], shape (n, 2).
    is_main
        True where a main road passes, shape (n,): ramps come down there.
    """
    roads: list[Road] = []
    for expressway in EXPRESSWAYS:
        roads += _draw_one(expressway, junctions[is_main])
    return roads


def _draw_one(expressway: Expressway, junctions: Array) -> list[Road]:
    controls = np.array([to_km(lon, lat) for lon, lat in expressway.course])
    line = draw_smooth(controls, 0.55 if expressway.highway == "trunk" else 1.1, closed=expressway.closed)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    stops = _find_interchanges(expressway, line, along, junctions)
    marks = sorted({0.0, float(along[-1]), *(s + side * _RAMP_KM for s, _ in stops for side in (-1, 1))})
    roads: list[Road] = []
    tags = {"name": expressway.name, "oneway": "yes", "layer": expressway.layer}
    bridge = "yes" if expressway.highway == "trunk" else ""
    right, left = _shift(line, -_HALF_WIDTH_KM), _shift(line, _HALF_WIDTH_KM)
    for begin, end in pairwise(marks):
        for side in (right, left):
            piece = _cut(side, along, begin, end)
            piece = piece if side is right else piece[::-1]
            roads.append(Road(piece, expressway.highway, maxspeed=expressway.limit, bridge=bridge, **tags))
    ramp_tags = {"oneway": "yes", "bridge": "yes"}
    for s, place in stops:
        for side, ahead in ((right, 1), (left, -1)):
            off, on = (_at(side, along, s + way * ahead * _RAMP_KM) for way in (-1, 1))
            roads.append(Road(np.array([off, place]), f"{expressway.highway}_link", layer="5", **ramp_tags))
            roads.append(Road(np.array([place, on]), f"{expressway.highway}_link", layer="4", **ramp_tags))
    return roads


def _find_interchanges(
    expressway: Expressway, line: Array, along: Array, junctions: Array
) -> list[tuple[float, Array]]:
    """Find crossings of main roads beside the line, about every so many kilometres; both ends are joined."""
    length = float(along[-1])
    count = max(2, round(length / expressway.ramps_every_km) + (0 if expressway.closed else 1))
    margin = 0.0 if expressway.closed else _RAMP_KM
    wanted = margin + (length - 2 * margin) * np.arange(count) / (count if expressway.closed else count - 1)
    found: list[tuple[float, Array]] = []
    finer = np.linspace(0.0, length, int(length / 0.1))
    points = np.column_stack([np.interp(finer, along, line[:, axis]) for axis in (0, 1)])
    for s in wanted:
        near = (np.abs(finer - s) < 0.45 * expressway.ramps_every_km) & (finer >= _RAMP_KM)
        near &= finer <= length - _RAMP_KM
        gap = np.hypot(*(points[near][:, None, :] - junctions[None, :, :]).T)  # (junction, place)
        cost = gap + 0.04 * np.abs(finer[near] - s)[None, :] + 5.0 * (gap < 0.08)
        for _, used in found:  # one crossing takes the ramps of one interchange
            cost[np.hypot(*(junctions - used).T) < 1.5] = np.inf
        junction, at = np.unravel_index(int(np.argmin(cost)), cost.shape)
        place = float(finer[near][at])
        if gap[junction, at] < _REACH_KM and all(abs(place - other) > 2.2 * _RAMP_KM for other, _ in found):
            found.append((place, junctions[junction]))
    return found


def _shift(line: Array, by: float) -> Array:
    tangent = np.gradient(line, axis=0)
    if np.allclose(line[0], line[-1]):
        tangent[0] = tangent[-1] = line[1] - line[-2]
    tangent /= np.hypot(*tangent.T)[:, None]
    return line + by * np.column_stack((-tangent[:, 1], tangent[:, 0]))


def _at(line: Array, along: Array, s: float) -> Array:
    return np.array([np.interp(s, along, line[:, axis]) for axis in (0, 1)])


def _cut(line: Array, along: Array, begin: float, end: float) -> Array:
    inner = line[(along > begin + 1e-6) & (along < end - 1e-6)]
    return np.vstack((_at(line, along, begin), inner, _at(line, along, end)))
