"""Closed roads on the map: the stretches that are closed, and the places that close them."""

from __future__ import annotations

import hashlib

import numpy as np
import shapely

from coverage.network.closures import Closure
from coverage.network.model import BoolArray, RoadNetwork
from geodata.maps.elements import Encoded
from geodata.maps.labels import Markup, SafeText, join_markup, safe_label
from geodata.maps.lines import encode_lines

_MOST_ROADS = 3000
_CROSS = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="0 0 18 18">'
    '<circle cx="9" cy="9" r="7.5" fill="#9C3B1B" stroke="#FFFFFF" stroke-width="1.5"/>'
    '<path d="M6 6L12 12M6 12L12 6" stroke="#FFFFFF" stroke-width="2"/></svg>'
)


def encode_closed_roads(network: RoadNetwork | None, closed: BoolArray) -> Encoded:
    """Encode the stretches of road that are closed, at most 3,000.

    Parameters
    ----------
    network
        The network, None if there are no roads.
    closed
        Mask of its roads, shape (r,).
    """
    if network is None or not closed.any():
        return Encoded.of({"key": "", "lines": []})
    roads = np.flatnonzero(closed)[:_MOST_ROADS]
    slots = [np.arange(network.vertex_ptr[road], network.vertex_ptr[road + 1]) for road in roads]
    lines = np.array(
        [shapely.LineString(np.column_stack((network.vertex_lon[at], network.vertex_lat[at]))) for at in slots], object
    )
    key = hashlib.sha256(roads.tobytes()).hexdigest()[:16]
    return Encoded.of({"key": f"closed {key}", "lines": encode_lines(lines)})


def encode_closure_places(closures: tuple[Closure, ...], word: str) -> Encoded:
    """Encode a cross at the first place of every closure, labelled with its name and the word for what it is."""
    points = []
    for number, one in enumerate(closures, start=1):
        lon, lat = one.coordinates[0]
        label = join_markup(safe_label(one.name or number), SafeText(" · "), safe_label(word))
        points.append([round(lat, 5), round(lon, 5), 0, 0, label])
    said = repr([(one.name, one.coordinates[0]) for one in closures])
    key = f"closures {hashlib.sha256(said.encode()).hexdigest()[:16]}"
    return Encoded.of({"key": key, "symbols": [_CROSS], "points": points})
