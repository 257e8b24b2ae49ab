"""Outlines, ways, dots and numbers over the map: gaps with their rank, service areas, a route, proposed sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.maps.elements import Encoded, ScriptCall
from geodata.maps.labels import SafeText
from geodata.maps.lines import encode_lines, take_rings

# Slots of the map in the order they are drawn, and the function of planner.js that fills them.
SLOTS: dict[str, str] = {
    "area": "shapes",
    "excluded": "shapes",
    "own": "shapes",
    "gaps": "shapes",
    "far": "dots",
    "uncovered": "dots",
    "gain": "dots",
    "candidates": "dots",
    "closed": "paths",
    "route": "paths",
    "sites": "numbers",
}
MOST_DOTS = 2000
CLOSER_ZOOM = 10


@dataclass(frozen=True, slots=True)
class Label:
    """A short text at a place, shown from a zoom on; where several would overlap, the first in a list is shown."""

    lon: float
    lat: float
    text: SafeText
    zoom: int = 0


def encode_shapes(
    slot: str,
    shapes: BaseGeometry | npt.NDArray[np.object_],
    key: str,
    *,
    smaller: npt.NDArray[np.object_] | None = None,
    labels: Sequence[Label] = (),
    tolerance_deg: float = 0.0,
) -> Encoded:
    """Encode outlines of polygons with labels.

    Parameters
    ----------
    slot
        Where they are drawn, a key of `SLOTS`; it decides their look.
    shapes
        Polygons or multi-polygons in WGS-84; holes are kept.
    key
        Names the content, so that an unchanged layer stays on screen.
    smaller
        More of them, drawn from `CLOSER_ZOOM` on only.
    labels
        Texts to draw with them, the most important first.
    tolerance_deg
        How far a simplified outline may lie from the true one [degrees]; 0 keeps every vertex.
    """
    parts = {0: shapes} if smaller is None else {0: shapes, CLOSER_ZOOM: smaller}
    layers = []
    for zoom, part in parts.items():
        drawn = shapely.simplify(part, tolerance_deg) if tolerance_deg > 0.0 else part
        layers.append({"zoom": zoom, "rings": encode_lines(take_rings(drawn))})
    told = [[round(one.lat, 5), round(one.lon, 5), one.zoom, one.text] for one in labels]
    return Encoded.of({"slot": slot, "key": key, "layers": layers, "labels": told})


def encode_paths(slot: str, paths: Sequence[tuple[str, BaseGeometry]], key: str) -> Encoded:
    """Encode lines, each with its look (``road``, ``walk`` or ``closed``); parts of multi-lines are drawn apart."""
    lines = [
        {"look": look, "line": line}
        for look, shape in paths
        for line in encode_lines(np.asarray(shapely.get_parts(shape), object))
    ]
    return Encoded.of({"slot": slot, "key": key, "lines": lines})


def encode_dots(slot: str, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], key: str) -> Encoded:
    """Encode places as dots [degrees], at most `MOST_DOTS` of them, spread evenly over the list."""
    step = max(1, -(-len(lon) // MOST_DOTS))
    places = np.column_stack((lat, lon))[::step].round(5)
    return Encoded.of({"slot": slot, "key": key, "points": places})


def encode_numbers(slot: str, places: Sequence[Label], key: str) -> Encoded:
    """Encode numbered places, 1 for the first, each with the text that is shown when pointed at."""
    points = [[round(one.lat, 5), round(one.lon, 5), number, one.text] for number, one in enumerate(places, start=1)]
    return Encoded.of({"slot": slot, "key": key, "points": points})


def build_shapes(drawn: Mapping[str, Encoded]) -> list[ScriptCall]:
    """Build the calls that draw some slots and clear all others; the same layers always give the same script.

    Parameters
    ----------
    drawn
        Data by slot, as the functions above encode them for that slot.
    """
    unknown = set(drawn) - set(SLOTS)
    if unknown:
        raise KeyError(f"no slot of the map: {sorted(unknown)}")
    nothing = {slot: Encoded.of({"slot": slot, "key": ""}) for slot in SLOTS}
    return [ScriptCall(function, drawn.get(slot, nothing[slot])) for slot, function in SLOTS.items()]
