"""Taking hidden stations out of the maps of a report: points move to their township, areas around one of them go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.network.model import BoolArray
from coverage.report.redaction import HiddenStations
from coverage.tables.report_value import Figure, MapLayer


def redact_figure(figure: Figure, hidden: HiddenStations, stations: pd.DataFrame) -> Figure:
    """Take hidden stations out of the layers of a map.

    Parameters
    ----------
    figure, hidden
        The figure, and what is hidden.
    stations
        The stations its bands are drawn around.
    """
    if not hidden:
        return figure
    return replace(figure, layers=tuple(_redact_layer(layer, hidden, stations) for layer in figure.layers))


def _redact_layer(layer: MapLayer, hidden: HiddenStations, stations: pd.DataFrame) -> MapLayer:
    if layer.kind == "bands":
        return MapLayer(layer.kind, remove_lonely_areas(layer.frame, hidden, stations))
    if layer.kind in ("stations", "sites"):
        return MapLayer(layer.kind, move_points(layer.frame, hidden))
    return layer


def move_points(frame: gpd.GeoDataFrame, hidden: HiddenStations) -> gpd.GeoDataFrame:
    """Move the points of a map that are hidden stations, and name them by their unit; those without one go."""
    if frame.empty:
        return frame
    shapes = np.asarray(frame.geometry.to_numpy(), object)
    found = hidden.find_places(shapely.get_x(shapes), shapely.get_y(shapes))
    own = frame["name"].astype(str).to_numpy(object)
    # Another station may stand at the same place and not be hidden: its family or its name tells.
    if "family" in frame.columns:
        is_public = ~frame["family"].isin(hidden.families).to_numpy(bool) & frame["name"].isin(hidden.public).to_numpy()
    else:
        is_public = frame["name"].isin(hidden.public).to_numpy(bool)
    mine = (found >= 0) & ~is_public
    if not mine.any():
        return frame
    shown = hidden.stations.iloc[found[mine]]
    moved = shapes.copy()
    moved[mine] = shapely.points(shown["shown_lon"].to_numpy(float), shown["shown_lat"].to_numpy(float))
    names_after = own.copy()
    names_after[mine] = shown["shown_name"].to_numpy(object)
    result = frame.assign(name=pd.Series(names_after, frame.index, dtype=str)).set_geometry(
        gpd.GeoSeries(moved, index=frame.index, crs=frame.crs)
    )
    homeless = np.zeros(len(frame), bool)
    homeless[mine] = shown["shown_lon"].isna().to_numpy(bool)
    return result.loc[~homeless]


def remove_lonely_areas(frame: gpd.GeoDataFrame, hidden: HiddenStations, stations: pd.DataFrame) -> gpd.GeoDataFrame:
    """Take out of areas the parts that lie around one station alone, if it is hidden.

    Parameters
    ----------
    frame
        Polygons; parts of the same polygon may lie apart.
    hidden
        What is hidden.
    stations
        The stations the areas are drawn around: index station_id, lon and lat.
    """
    is_hidden = np.asarray(stations.index.astype(str).isin(hidden.stations.index), bool)
    if frame.empty or not is_hidden.any():
        return frame
    places = stations[["lon", "lat"]].to_numpy(float)
    points: npt.NDArray[np.object_] = np.asarray(shapely.points(places), object)
    shapes = [_keep_parts(shape, points, is_hidden) for shape in frame.geometry]
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def _keep_parts(shape: Any, points: npt.NDArray[np.object_], is_hidden: BoolArray) -> Any:
    if shape is None or shape.is_empty:
        return shape
    parts = shapely.get_parts(shape)
    # A ring lies around what its inner border encloses.
    filled = np.array([shapely.Polygon(part.exterior) if part.geom_type == "Polygon" else part for part in parts])
    holders = np.full(len(points), -1)
    part_of, point = shapely.STRtree(points).query(filled, predicate="intersects")
    # The smallest part around a station is the one it lies in.
    for part in np.argsort(-shapely.area(filled)):
        holders[point[part_of == part]] = part
    inside = holders >= 0
    around = np.bincount(holders[inside], minlength=len(parts))
    hidden_around = np.bincount(holders[inside & is_hidden], minlength=len(parts))
    is_lonely = (around == 1) & (hidden_around == 1)
    if not is_lonely.any():
        return shape
    kept = parts[~is_lonely]
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)
