"""Maps of a report as data for a page: shapes simplified to what a screen shows, texts as plain texts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from coverage.progress import Progress, ignore_progress, report_progress
from coverage.tables.report_value import MapLayer
from geodata.documents.content.document import DocFigure, Document
from geodata.documents.content.map_colours import colour_of_band
from geodata.documents.paper.fixed_phrases import say
from geodata.maps.labels import Markup
from geodata.maps.lines import encode_lines, take_rings
from geodata.maps.palette import NO_ROUTE_COLOUR
from geodata.maps.symbols import draw_symbol, style_of_family
from geodata.words.number_format import people

_MOST_BYTES = 2_400_000
_SCREEN = 2200.0  # an outline may lie this part of the map's extent from the true one
_COARSER = 1.7
_LEVEL_ZOOMS = {"village": 10}
_MOST_SYMBOLS = 1500
_LONGEST_TEXT = 120

Layer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What every layer of a map needs: its figure, how coarse shapes may be [degrees], words."""

    figure: DocFigure
    document: Document
    tolerance: float

    def find_legend(self, symbol: str) -> str:
        entries = self.figure.legend
        return next((entry.text for entry in entries if entry.symbol == symbol), "")

    def count(self, value: object, word: str = "people_of") -> str:
        number = float(value) if isinstance(value, int | float) else math.nan
        return "" if math.isnan(number) else say(self.document, word, people=people(number))


def encode_maps(document: Document, progress: Progress = ignore_progress) -> dict[str, Any]:
    """Encode every map of a document; `progress` hears of each, in the second half of the work, and may stop it.

    Returns
    -------
    ``layers``: each distinct layer once, and ``maps``: for each figure its id, the bounds as
    ``[[south, west], [north, east]]`` and the numbers of its layers, the lowest first. If all of it takes more than
    2.4 MB, shapes are drawn coarser.
    """
    figures = [figure for figure in document.figures() if figure.figure.kind == "map"]
    screen = _SCREEN
    while True:
        pool: dict[str, int] = {}
        maps = []
        for number, figure in enumerate(figures):
            report_progress(progress, 0.5 + 0.5 * number / len(figures), "report_html")
            maps.append(_encode_map(figure, document, pool, screen))
        if sum(map(len, pool)) <= _MOST_BYTES or screen < _SCREEN / 50.0:
            return {"layers": [json.loads(text) for text in pool], "maps": maps}
        screen /= _COARSER


def _encode_map(figure: DocFigure, document: Document, pool: dict[str, int], screen: float) -> dict[str, Any]:
    bounds = find_bounds(figure)
    drawing = _Drawing(figure, document, max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / screen)
    has_bands = any(layer.kind == "bands" for layer in figure.figure.layers)
    numbers = []
    for layer in figure.figure.layers:
        frame = layer.frame[~(layer.frame.geometry.isna() | layer.frame.geometry.is_empty)]
        encoded = {"kind": layer.kind, **_ENCODERS[layer.kind](frame, drawing)}
        if layer.kind == "boundary":
            encoded["hatched"] = has_bands
        text = json.dumps(encoded, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        numbers.append(pool.setdefault(text, len(pool)))
    west, south, east, north = (round(value, 5) for value in bounds)
    return {"id": figure.figure.id, "bounds": [[south, west], [north, east]], "layers": numbers}


def find_bounds(figure: DocFigure) -> tuple[float, float, float, float]:
    """Find what a map is fitted to: west, south, east, north of its boundary, else of all its layers."""
    layers = figure.figure.layers
    frames = [layer.frame for layer in layers if layer.kind == "boundary"] or [layer.frame for layer in layers]
    edges = np.array([frame.total_bounds for frame in frames if len(frame)]).reshape(-1, 4)
    edges = edges[np.isfinite(edges).all(axis=1)]
    if not len(edges):
        return 73.0, 34.0, 97.0, 50.0  # Xinjiang
    west, south = edges[:, :2].min(axis=0).tolist()
    east, north = edges[:, 2:].max(axis=0).tolist()
    pad = 0.02 if east - west < 1e-6 and north - south < 1e-6 else 0.0
    return west - pad, south - pad, east + pad, north + pad


def plain(value: object) -> str:
    """Return a text of the data as it is shown in a map: one line, not endless."""
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _rings(shapes: np.ndarray, drawing: _Drawing) -> list[list[int]]:
    """Encode rings that a screen can show; those smaller than the tolerance are left out."""
    areas = np.asarray(shapes, object)[shapely.get_dimensions(shapes) == 2]
    rings = take_rings(shapely.simplify(areas, drawing.tolerance))
    if not len(rings):
        return []
    size = shapely.bounds(rings)
    is_seen = np.maximum(size[:, 2] - size[:, 0], size[:, 3] - size[:, 1]) >= drawing.tolerance
    return encode_lines(rings[is_seen])


def _lines(shapes: np.ndarray, drawing: _Drawing) -> list[list[int]]:
    dimension = shapely.get_dimensions(shapes)
    rings = take_rings(shapes[dimension == 2])
    lines = np.concatenate([shapely.get_parts(shapes[dimension == 1]), rings])
    return encode_lines(shapely.simplify(lines, drawing.tolerance)) if len(lines) else []


def _places(frame: gpd.GeoDataFrame) -> list[list[float]]:
    inside = shapely.point_on_surface(frame.geometry.to_numpy())
    return np.column_stack((shapely.get_y(inside), shapely.get_x(inside))).round(5).tolist() if len(frame) else []


def _column(frame: gpd.GeoDataFrame, name: str) -> list[Any]:
    return frame[name].tolist() if name in frame else [""] * len(frame)


def _encode_bands(frame: gpd.GeoDataFrame, drawing: _Drawing) -> Layer:
    shapes = frame.geometry.to_numpy()
    if len(shapes) > 1 and (shapely.get_dimensions(shapes) == 2).all() and shapely.coverage_is_valid(shapes):
        shapes = np.asarray(shapely.coverage_simplify(shapes, drawing.tolerance), object)
    areas = []
    columns = (_column(frame, name) for name in ("band_min", "kind", "people"))
    for shape, limit, kind, count in zip(shapes, *columns, strict=True):
        is_reached = isinstance(limit, int | float) and not math.isnan(limit)
        symbol = f"band.{limit:g}" if is_reached else f"band.{kind or 'unconnected'}"
        told = [drawing.find_legend(symbol) or drawing.count(count)]
        unreached = NO_ROUTE_COLOUR if kind == "no_route" else ""
        colour = colour_of_band(float(limit), drawing.figure.figure.cutoff_min) if is_reached else unreached
        areas.append(
            {"c": colour, "r": _rings(np.array([shape], object), drawing), "t": [plain(each) for each in told]}
        )
    return {"areas": areas}


def _encode_gaps(frame: gpd.GeoDataFrame, drawing: _Drawing) -> Layer:
    areas = []
    rows = zip(
        frame.geometry,
        _places(frame),
        *(_column(frame, name) for name in ("gap_id", "district", "people")),
        strict=True,
    )
    for shape, place, gap_id, district, count in rows:
        number = plain(f"{gap_id:g}" if isinstance(gap_id, float) else gap_id)
        told = [plain(f"{number}  {district}"), drawing.count(count)]
        areas.append({"at": place, "n": number, "r": _rings(np.array([shape], object), drawing), "t": told})
    return {"areas": areas}


def _encode_stations(frame: gpd.GeoDataFrame, drawing: _Drawing) -> Layer:
    symbols: dict[Markup, int] = {}
    points = []
    looks = (_column(frame, name) for name in ("name", "family", "level", "status"))
    for place, name, family, level, status in zip(_places(frame), *looks, strict=True):
        symbol = draw_symbol(str(family), str(level), str(status or "existing"))
        told = [plain(name), plain(drawing.find_legend(f"station.{family}.{level}"))]
        zoom = _LEVEL_ZOOMS.get(str(level), 0)
        number = symbols.setdefault(symbol, len(symbols))
        points.append([*place, number, zoom, style_of_family(str(family)).colour, [each for each in told if each]])
    return {"symbols": [str(each) for each in symbols], "points": points, "many": len(points) > _MOST_SYMBOLS}


def _encode_sites(frame: gpd.GeoDataFrame, drawing: _Drawing) -> Layer:
    points = []
    columns = (_column(frame, name) for name in ("order", "name", "people"))
    for place, order, name, count in zip(_places(frame), *columns, strict=True):
        number = plain(f"{order:g}" if isinstance(order, int | float) else order)
        told = [plain(name), drawing.count(count, "people_gained")]
        points.append([*place, number, [each for each in told if each]])
    return {"points": points}


def _encode_change(frame: gpd.GeoDataFrame, drawing: _Drawing) -> Layer:
    areas: list[Layer] = []
    points = []
    places = _places(frame)
    columns = (_column(frame, name) for name in ("change", "people"))
    for shape, place, change, count in zip(frame.geometry, places, *columns, strict=True):
        is_gain = change == "gain"
        told = [drawing.count(count, "people_gained" if is_gain else "people_lost")]
        if shapely.get_dimensions(shape) == 2:
            areas.append({"gain": is_gain, "r": _rings(np.array([shape], object), drawing), "t": told})
        else:
            points.append([*place, is_gain, told])
    return {"areas": areas, "points": points}


def _encode_boundary(frame: gpd.GeoDataFrame, drawing: _Drawing) -> Layer:
    shapes = frame.geometry.to_numpy()
    if len(shapes) > 1 and (shapely.get_dimensions(shapes) == 2).all() and shapely.coverage_is_valid(shapes):
        shapes = np.asarray(shapely.coverage_simplify(shapes, drawing.tolerance), object)
    order = np.argsort(-shapely.area(shapes), kind="stable").tolist()
    places, names = _places(frame), _column(frame, "name")
    told = [[*places[row], plain(names[row])] for row in order if names[row]]
    return {"rings": _rings(shapes, drawing), "lines": _lines(shapes, drawing), "names": told}


def _encode_ways(frame: gpd.GeoDataFrame, drawing: _Drawing) -> Layer:
    shapes = frame.geometry.to_numpy()
    return {"rings": _rings(shapes, drawing), "lines": _lines(shapes, drawing)}


_ENCODERS: Mapping[str, Callable[[gpd.GeoDataFrame, _Drawing], Layer]] = {
    "boundary": _encode_boundary,
    "roads": _encode_ways,
    "water": _encode_ways,
    "bands": _encode_bands,
    "gaps": _encode_gaps,
    "stations": _encode_stations,
    "sites": _encode_sites,
    "change": _encode_change,
}


def list_layers(figure: DocFigure) -> list[MapLayer]:
    """Return the layers of a map with something to draw, the highest first, as a legend names them."""
    return [layer for layer in reversed(figure.figure.layers) if len(layer.frame)]
