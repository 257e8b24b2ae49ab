"""The study's own roads as the ground of its map: by class, simplified, within a budget of vertices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from coverage.network.model import RoadNetwork
from geodata.maps.elements import Encoded
from geodata.maps.lines import encode_lines
from geodata.maps.simple_shapes import find_road_classes, take_lines

_MOST_VERTICES = 24_000
_TOLERANCES_DEG = (0.0002, 0.0005, 0.0012, 0.003)
# Classes in the order of drawing rights: look (0 widest) and zoom from which they are shown.
_CLASSES: tuple[tuple[frozenset[str], int, int], ...] = (
    (frozenset({"motorway", "trunk"}), 0, 0),
    (frozenset({"primary"}), 1, 0),
    (frozenset({"secondary"}), 2, 8),
    (frozenset({"motorway_link", "trunk_link", "primary_link", "secondary_link"}), 3, 11),
    (frozenset({"tertiary", "tertiary_link"}), 3, 9),
    (frozenset({"unclassified", "road"}), 4, 10),
    (frozenset({"residential", "living_street", "service", "track"}), 4, 11),
)


def encode_roads(network: RoadNetwork | None) -> Encoded:
    """Encode the roads of a network; lesser classes are left out when the budget is used up.

    Parameters
    ----------
    network
        The network, or None for a study without roads.
    """
    layers: list[dict[str, object]] = []
    left = _MOST_VERTICES
    if network is not None and network.road_count:
        names = find_road_classes(network)
        for members, look, zoom in _CLASSES:
            lines = take_lines(network, np.isin(names, list(members)))
            fitting = _simplify_to(lines, left)
            if fitting is None:
                break
            if len(fitting):
                layers.append({"look": look, "zoom": zoom, "lines": encode_lines(fitting)})
                left -= int(shapely.get_num_coordinates(fitting).sum())
    return Encoded.of(layers)


def _simplify_to(lines: npt.NDArray[np.object_], most_vertices: int) -> npt.NDArray[np.object_] | None:
    for tolerance in _TOLERANCES_DEG:
        simpler = np.asarray(shapely.simplify(lines, tolerance, preserve_topology=False), object)
        if int(shapely.get_num_coordinates(simpler).sum()) <= most_vertices:
            return simpler
    return None
