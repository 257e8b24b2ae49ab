"""The base of the map, which never changes for a study: outlines, main roads and names of places."""

from __future__ import annotations

from dataclasses import dataclass

import folium
import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from coverage.inputs.study import Study
from geodata.maps.elements import Encoded, ScriptCall
from geodata.maps.labels import safe_label
from geodata.maps.lines import encode_lines, take_rings
from geodata.maps.palette import UNCONNECTED_COLOUR
from geodata.maps.roads import encode_roads
from geodata.maps.simple_shapes import simplify_outlines

MAX_ZOOM = 17
_OUTLINE_VERTICES = 1800
_MOST_NAMES = 600
# Zoom from which the names of a level are shown.
_NAME_ZOOM = {"prefecture": 0, "county": 0, "township": 9, "village": 11}

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class BaseMap:
    """What the base of a map shows, encoded once.

    Parameters
    ----------
    bounds
        West, south, east, north of the study [degrees].
    ground
        The study area, hatched where no travel time is drawn over it.
    outlines, roads, names
        Layer data.
    """

    bounds: Bounds
    ground: Encoded
    outlines: Encoded
    roads: Encoded
    names: Encoded


def encode_base(study: Study) -> BaseMap:
    """Prepare the base of a study's map: done once, then every map of the study is put together from it."""
    return BaseMap(
        bounds=find_bounds(study),
        ground=_encode_ground(study),
        outlines=_encode_outlines(study.districts),
        roads=encode_roads(study.network),
        names=_encode_names(study.districts),
    )


def find_bounds(study: Study) -> Bounds:
    """Find what the map is fitted to: the districts, else the people, else the stations."""
    if len(study.districts):
        west, south, east, north = (float(value) for value in study.districts.total_bounds)
        return west, south, east, north
    points = study.demand if len(study.demand) else study.stations
    if len(points) == 0:
        return 73.0, 34.0, 97.0, 50.0  # Xinjiang
    lon, lat = points["lon"].to_numpy(float), points["lat"].to_numpy(float)
    pad = 0.02
    return float(lon.min()) - pad, float(lat.min()) - pad, float(lon.max()) + pad, float(lat.max()) + pad


def build_base(base: BaseMap) -> folium.Map:
    """Build the map; the same base always gives the same script, so a page never mounts it again."""
    west, south, east, north = base.bounds
    fig = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        max_zoom=MAX_ZOOM,
        zoom_start=8,
        prefer_canvas=True,
        zoom_snap=0.5,
        zoom_delta=1,
    )
    fig.add_child(ScriptCall("prepare", {"bounds": [[south, west], [north, east]], "maxZoom": MAX_ZOOM}))
    fig.add_child(ScriptCall("ground", base.ground))
    fig.add_child(ScriptCall("outlines", base.outlines))
    fig.add_child(ScriptCall("roads", base.roads))
    fig.add_child(ScriptCall("names", base.names))
    return fig


def _encode_ground(study: Study) -> Encoded:
    area: BaseGeometry = shapely.box(*find_bounds(study))
    if len(study.districts):
        area = study.districts.geometry.union_all()
        west, _, east, _ = area.bounds
        area = shapely.simplify(area, (east - west) / 2000.0)
    return Encoded.of({"colour": UNCONNECTED_COLOUR, "rings": encode_lines(take_rings(area))})


def _encode_outlines(districts: gpd.GeoDataFrame) -> Encoded:
    layers = []
    if len(districts):
        levels = [
            level for level in ("village", "township", "county", "prefecture") if level in set(districts["level"])
        ]
        shown = [level for level in levels if level != "village"] or levels
        shapes = simplify_outlines(districts[districts["level"].isin(shown)], _OUTLINE_VERTICES)
        for level in shown:
            rank = {"prefecture": 2, "county": 1}.get(level, 0)
            rings = take_rings(shapes[shapes["level"] == level].geometry.to_numpy())
            layers.append({"rank": rank, "lines": encode_lines(rings)})
    return Encoded.of(layers)


def _encode_names(districts: gpd.GeoDataFrame) -> Encoded:
    names = []
    inside = np.asarray(shapely.point_on_surface(districts.geometry.to_numpy()), dtype=object)
    order = {"prefecture": 0, "county": 1, "township": 2, "village": 3}
    finer = set(districts["level"])
    for point, name, level in zip(inside, districts["name"], districts["level"], strict=True):
        if level == "prefecture" and "county" in finer:
            continue  # the name of the whole would lie on one of its parts
        if shapely.is_empty(point):
            continue
        at = [round(point.y, 5), round(point.x, 5)]
        names.append({"at": at, "text": safe_label(name, longest=24), "rank": order[level], "zoom": _NAME_ZOOM[level]})
    names.sort(key=lambda entry: int(str(entry["rank"])))
    return Encoded.of(names[:_MOST_NAMES])
