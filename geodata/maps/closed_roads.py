"""Closed roads on the map: the stretches that are closed, and the places that close them."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import shapely

from coverage.closures import Closure
from coverage.model import Catalogue
from coverage.network import BoolArray, RoadNetwork
from geodata.i18n import Language
from geodata.maps.elements import Encoded
from geodata.maps.layers import encode_stations
from geodata.maps.lines import encode_lines

_MOST_ROADS = 3000


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


def encode_closure_places(
    closures: tuple[Closure, ...], catalogue: Catalogue, language: Language, word: str
) -> Encoded:
    """Encode a cross at the first place of every closure, with its name and the word for what it is."""
    places = [one.coordinates[0] for one in closures]
    table = pd.DataFrame(
        {
            "lon": [lon for lon, _ in places],
            "lat": [lat for _, lat in places],
            "name": [one.name or str(number) for number, one in enumerate(closures, start=1)],
            "kind": word,
            "level": "township",
            "status": "closed",
        }
    )
    said = repr([(one.name, one.coordinates[0]) for one in closures])
    key = f"closures {hashlib.sha256(said.encode()).hexdigest()[:16]}"
    return encode_stations(table, catalogue, language, np.ones(len(table), bool), key)
