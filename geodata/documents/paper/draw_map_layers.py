"""The layers of a printed map, drawn in a frame of metres: the palette and symbols are those of the web map."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from coverage.tables.report_value import LayerKind, MapLayer
from geodata.documents.content.map_colours import (
    BOUNDARY_COLOUR,
    CHANGE_COLOURS,
    GAP_EDGE,
    GAP_FILL,
    ROAD_COLOUR,
    SITE_COLOUR,
    WATER_COLOUR,
    colour_of_band,
)
from geodata.documents.paper.fonts import keep_drawable, measure, wrap
from geodata.documents.paper.sheet import WHITE, Look, Sheet, look_of_station, points_to_mm
from geodata.maps.palette import GROUND, NO_ROUTE_COLOUR, UNCONNECTED_COLOUR

HATCH, HATCH_WIDTH = "//////", 0.5

_MANY_STATIONS = 150
_MOST_NAMES, _LONGEST_NAME = 80, 12
_GAP_RANKS = 20

Boxes = list[tuple[float, float, float, float]]


@dataclass(slots=True)
class MapCanvas:
    """Where a map is drawn.

    Parameters
    ----------
    sheet, frame
        The sheet, and on it the frame whose coordinates are metres.
    mm_per_metre
        Scale of the map.
    cutoff_min
        The threshold that splits the colours [min].
    has_bands
        Whether travel times are drawn, so that ground without any is hatched.
    taken
        Boxes of the texts drawn so far [m].
    """

    sheet: Sheet
    frame: Axes
    mm_per_metre: float
    cutoff_min: float
    has_bands: bool
    taken: Boxes = field(default_factory=list)

    def has_room(self, x: float, y: float, width_mm: float, height_mm: float) -> bool:
        """Tell whether a box around a place [m] meets no text and no edge yet; if so, it is taken."""
        half_x, half_y = width_mm / 2 / self.mm_per_metre, height_mm / 2 / self.mm_per_metre
        west, east, south, north = x - half_x, x + half_x, y - half_y, y + half_y
        (left, right), (low, high) = self.frame.get_xlim(), self.frame.get_ylim()
        if west < left or east > right or south < low or north > high:
            return False
        if any(west < b[1] and east > b[0] and south < b[3] and north > b[2] for b in self.taken):
            return False
        self.taken.append((west, east, south, north))
        return True


def draw_layer(canvas: MapCanvas, layer: MapLayer) -> None:
    """Draw a layer, whose frame is in the metres of the canvas."""
    frame = layer.frame[~(layer.frame.geometry.isna() | layer.frame.geometry.is_empty)]
    if len(frame):
        _DRAWERS[layer.kind](canvas, frame)


def is_beyond_drawn(layers: Sequence[MapLayer]) -> bool:
    """Tell whether areas beyond the last limit are drawn; if not, they are hatched like all ground without bands."""
    frames = [layer.frame for layer in layers if layer.kind == "bands"]
    return any(
        bool((np.isinf(frame["band_min"]) & ~frame.geometry.is_empty & ~frame.geometry.isna()).any())
        for frame in frames
    )


def outline_of(shapes: npt.NDArray[np.object_]) -> Outline:
    """Put polygons into one outline whose holes stay open; other shapes are left out."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    polygons = shapely.orient_polygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
    rings = shapely.get_rings(polygons)
    if len(rings) == 0:
        return Outline(np.empty((0, 2)))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(corners), Outline.LINETO, Outline.code_type)
    first = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
    codes[first] = Outline.MOVETO
    codes[np.append(first[1:], len(corners)) - 1] = Outline.CLOSEPOLY
    return Outline(corners, codes)


def _fill(canvas: MapCanvas, frame: gpd.GeoDataFrame, order: float, **look: Any) -> None:
    outline = outline_of(frame.geometry.to_numpy())
    if outline.codes is not None:
        canvas.frame.add_artist(PathPatch(outline, zorder=order, **({"linewidth": 0.0} | look)))


def _hatch(canvas: MapCanvas, frame: gpd.GeoDataFrame, order: float, colour: str, ground: str) -> None:
    _fill(
        canvas, frame, order,
        facecolor=ground, edgecolor=colour, linewidth=0.0, hatch=HATCH, hatch_linewidth=HATCH_WIDTH,
    )  # fmt: skip


def _trace(
    canvas: MapCanvas, frame: gpd.GeoDataFrame, order: float, width: float, colour: str, dash: str = "solid"
) -> None:
    shapes = frame.geometry.to_numpy()
    areas = shapely.get_dimensions(shapes) == 2
    lines = np.concatenate((shapes[~areas], shapely.boundary(shapes[areas])))
    parts = [shapely.get_coordinates(part) for part in shapely.get_parts(lines)]
    canvas.frame.add_collection(
        LineCollection(parts, colors=colour, linewidths=width, linestyles=dash, zorder=order), autolim=False
    )


def _draw_boundary(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    areas = frame[shapely.get_dimensions(frame.geometry.to_numpy()) == 2]
    if canvas.has_bands:
        _hatch(canvas, areas, 1.0, UNCONNECTED_COLOUR, GROUND)
    else:
        _fill(canvas, areas, 1.0, facecolor=GROUND)
    _trace(canvas, frame, 6.0, 0.7, BOUNDARY_COLOUR)
    if "name" in frame:
        sized = frame.assign(_size=shapely.area(frame.geometry.to_numpy())).sort_values(
            ["_size", "name"], ascending=[False, True], kind="stable"
        )
        _write_names(canvas, sized.head(_MOST_NAMES))


def _write_names(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    size = 6.5
    for place, name in zip(shapely.point_on_surface(frame.geometry.to_numpy()), frame["name"], strict=True):
        text = wrap(keep_drawable(str(name)), _LONGEST_NAME, 1)[0]
        if canvas.has_room(place.x, place.y, points_to_mm(size) * measure(text) + 1.0, points_to_mm(size) + 1.0):
            canvas.sheet.write(
                place.x, place.y, text, size, across="center", along="center", halo=True, frame=canvas.frame, order=11.0
            )


def _draw_roads(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    _trace(canvas, frame, 4.0, 0.9, ROAD_COLOUR)
    _trace(canvas, frame, 4.1, 0.45, WHITE)


def _draw_water(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    _fill(canvas, frame, 3.0, facecolor=WATER_COLOUR)
    lines = frame[shapely.get_dimensions(frame.geometry.to_numpy()) == 1]
    if len(lines):
        _trace(canvas, lines, 3.0, 0.6, WATER_COLOUR)


def _draw_bands(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    limits = frame["band_min"].to_numpy(float)
    points = shapely.get_dimensions(frame.geometry.to_numpy()) == 0
    has_way = (frame["kind"] != "no_route").to_numpy(bool) if "kind" in frame else np.ones(len(frame), bool)
    _fill(canvas, frame[~has_way & ~points], 2.0, facecolor=NO_ROUTE_COLOUR)
    for limit in np.unique(limits[has_way]):  # NaN comes last, once
        mine = has_way & (np.isnan(limits) if math.isnan(limit) else limits == limit)
        colour = colour_of_band(float(limit), canvas.cutoff_min)
        areas = frame[mine & ~points]
        if math.isnan(limit):
            _hatch(canvas, areas, 2.0, colour, GROUND)
        else:
            _fill(canvas, areas, 2.0, facecolor=colour, edgecolor=colour, linewidth=0.15)
        dots = shapely.get_coordinates(frame.geometry.to_numpy()[mine & points])
        look: Look = {"markeredgecolor": WHITE, "markeredgewidth": 0.15, "markersize": 2.4, "markerfacecolor": colour}
        canvas.frame.plot(dots[:, 0], dots[:, 1], linestyle="none", marker="o", zorder=5.0, **look)


def _draw_gaps(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    _fill(canvas, frame, 7.0, facecolor=GAP_FILL, alpha=0.12)
    _trace(canvas, frame, 7.1, 2.2, WHITE)
    _trace(canvas, frame, 7.2, 1.1, GAP_EDGE)
    places = shapely.point_on_surface(frame.geometry.to_numpy()[:_GAP_RANKS])
    at = shapely.get_coordinates(places)
    # Dots, as most gaps are smaller on paper than a line is wide.
    canvas.frame.plot(
        at[:, 0], at[:, 1], linestyle="none", marker="o", zorder=7.3,
        markersize=1.6, markerfacecolor=GAP_EDGE, markeredgewidth=0.0,
    )  # fmt: skip
    for rank, (x, y) in enumerate(at.tolist(), start=1):
        _write_rank(canvas, rank, x, y)


def _write_rank(canvas: MapCanvas, rank: int, x: float, y: float) -> None:
    """Write the rank of a gap at it or, with a line, beside it, where there is room."""
    for far in (0.0, 4.0, 6.5, 9.0):
        step = far / canvas.mm_per_metre
        for right, up in ((0, 1), (0, -1), (1, 0), (-1, 0), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7)):
            there = x + right * step, y + up * step
            if not canvas.has_room(*there, 1.8 + 0.9 * len(str(rank)), 2.4):
                continue
            if far:
                canvas.frame.add_collection(
                    LineCollection([[(x, y), there]], colors=GAP_EDGE, linewidths=0.5, zorder=11.5), autolim=False
                )
            canvas.sheet.write(
                *there, str(rank), 5.0, colour=WHITE, across="center", along="center",
                box=GAP_EDGE, frame=canvas.frame, order=14.0,
            )  # fmt: skip
            return


def _draw_stations(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    scale = min(1.0, max(0.45, math.sqrt(_MANY_STATIONS / len(frame))))
    status = frame["status"] if "status" in frame else ["existing"] * len(frame)
    kinds = frame.assign(status=status).astype({"family": str, "level": str, "status": str})
    order = {"village": 0, "township": 1, "county": 2}
    known = sorted({tuple(map(str, row)) for row in kinds[["family", "level", "status"]].to_numpy()})
    for family, level, state in sorted(known, key=lambda each: order.get(each[1], 3)):
        is_one = (kinds["family"] == family) & (kinds["level"] == level) & (kinds["status"] == state)
        group = kinds[is_one]
        at = shapely.get_coordinates(shapely.point_on_surface(group.geometry.to_numpy()))
        look = look_of_station(family, level, state, scale=scale)
        height = 9.0 + order.get(level, 3) * 0.1
        canvas.frame.plot(at[:, 0], at[:, 1], linestyle="none", zorder=height, **look)
        if state == "closed":
            cross: Look = {"marker": "x", "markersize": look["markersize"], "markeredgecolor": look["markeredgecolor"]}
            canvas.frame.plot(at[:, 0], at[:, 1], linestyle="none", zorder=height, **cross)


def _draw_sites(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    numbers = frame["order"] if "order" in frame else range(1, len(frame) + 1)
    places = shapely.point_on_surface(frame.geometry.to_numpy())
    for place, number in zip(places[::-1], list(numbers)[::-1], strict=True):  # the first lies on top
        canvas.has_room(place.x, place.y, 3.6, 3.6)
        canvas.frame.plot([place.x], [place.y], zorder=12.0, **SITE_LOOK)
        canvas.sheet.write(
            place.x, place.y, f"{number:g}", 6.0, colour=WHITE, across="center", along="center_baseline",
            frame=canvas.frame, order=12.0,
        )  # fmt: skip


def _draw_change(canvas: MapCanvas, frame: gpd.GeoDataFrame) -> None:
    for change, colour in CHANGE_COLOURS.items():
        mine = frame[frame["change"] == change]
        shapes = mine.geometry.to_numpy()
        areas = mine[shapely.get_dimensions(shapes) == 2]
        if change == "loss":
            _hatch(canvas, areas, 2.0, colour, WHITE)
        else:
            _fill(canvas, areas, 2.0, facecolor=colour)
        dots = shapely.get_coordinates(shapes[shapely.get_dimensions(shapes) == 0])
        canvas.frame.plot(dots[:, 0], dots[:, 1], linestyle="none", zorder=5.0, **look_of_change(change))


def look_of_change(change: str) -> Look:
    """Return the look of a place that is won (a dot) or lost (a cross): told apart by shape as well as by colour."""
    colour = CHANGE_COLOURS[change]
    if change == "loss":
        return {"marker": "X", "markersize": 4.0, "markerfacecolor": colour, "markeredgecolor": WHITE,
                "markeredgewidth": 0.3}  # fmt: skip
    return {"marker": "o", "markersize": 3.4, "markerfacecolor": colour, "markeredgecolor": WHITE,
            "markeredgewidth": 0.3}  # fmt: skip


SITE_LOOK: Look = {
    "marker": "o",
    "markersize": 9.0,
    "markerfacecolor": SITE_COLOUR,
    "markeredgecolor": WHITE,
    "markeredgewidth": 0.9,
}
_DRAWERS: dict[LayerKind, Callable[[MapCanvas, gpd.GeoDataFrame], None]] = {
    "boundary": _draw_boundary,
    "roads": _draw_roads,
    "water": _draw_water,
    "bands": _draw_bands,
    "gaps": _draw_gaps,
    "stations": _draw_stations,
    "sites": _draw_sites,
    "change": _draw_change,
}
