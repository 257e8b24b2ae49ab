"""Outlines and roads with as few vertices as a map shows, on screen and on paper."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from coverage.network.model import RoadNetwork


def simplify_outlines(districts: gpd.GeoDataFrame, most_vertices: int) -> gpd.GeoDataFrame:
    """Simplify polygons together, so that shared borders stay shared, until they have few enough vertices.

    Parameters
    ----------
    districts
        Polygons in WGS-84.
    most_vertices
        Vertices allowed for all polygons of one level together.
    """
    answer = districts.copy()
    for level in districts["level"].unique():
        at_level = (districts["level"] == level).to_numpy()
        shapes = districts.geometry.to_numpy()[at_level]
        extent = np.ptp(shapely.bounds(shapes)[:, [0, 2]]) or 1.0
        tolerance = extent / 4000.0
        simpler = shapes
        while shapely.get_num_coordinates(simpler).sum() > most_vertices and tolerance < extent:
            simpler = _simplify(shapes, tolerance)
            tolerance *= 1.6
        answer.loc[at_level, "geometry"] = simpler
    return answer


def _simplify(shapes: np.ndarray, tolerance: float) -> np.ndarray:
    simpler = shapely.simplify(shapes, tolerance, preserve_topology=True)
    if shapely.coverage_is_valid(shapes):
        simpler = shapely.coverage_simplify(shapes, tolerance)
    return np.asarray(simpler, dtype=object)


def find_road_classes(network: RoadNetwork) -> npt.NDArray[np.object_]:
    """Return the class of every road, taken from its first piece, shape (r,)."""
    classes = network.profiles["highway"].to_numpy(object)
    answer: npt.NDArray[np.object_] = classes[network.piece_profile[network.vertex_ptr[:-1]]]
    return answer


def take_lines(network: RoadNetwork, wanted: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """Return the lines of some roads, shape (r,) bool, joined where they meet end to end."""
    roads = np.flatnonzero(wanted)
    if len(roads) == 0:
        return np.zeros(0, object)
    count = np.diff(network.vertex_ptr)
    slots = np.repeat(wanted, count)
    owner = np.repeat(np.arange(len(roads)), count[roads])
    xy = np.column_stack((network.vertex_lon[slots], network.vertex_lat[slots]))
    lines = np.asarray(shapely.linestrings(xy, indices=owner), object)
    merged = shapely.line_merge(shapely.multilinestrings(list(lines)))
    return np.asarray(shapely.get_parts(merged), object)
