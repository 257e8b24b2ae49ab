"""Toy layers of road lines."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely


def build_layer(
    lines: list[list[tuple[float, float]]], crs: str | None = "EPSG:4326", **columns: Any
) -> gpd.GeoDataFrame:
    """Return a layer with one row for each line, with any further columns."""
    shapes = [shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame(columns, index=range(len(shapes)), geometry=shapes, crs=crs)


CROSSING = [[(0.0, 0.01), (0.02, 0.01)], [(0.01, 0.0), (0.01, 0.02)]]
