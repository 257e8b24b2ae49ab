"""What changes on the map while people look: bands, stations, what is selected, the place asked about."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import folium
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from coverage.inputs.study import Catalogue
from geodata.maps.elements import Encoded, ScriptCall
from geodata.maps.labels import Markup, SafeText, join_markup, safe_label
from geodata.maps.lines import encode_lines, take_rings
from geodata.maps.symbols import draw_symbol, size_of_level
from geodata.words.i18n import Language

MOST_SYMBOLS = 2000
_SYMBOL_ZOOM = {"village": 10}


@dataclass(frozen=True, slots=True)
class Place:
    """A place asked about, and what is said about it there."""

    lon: float
    lat: float
    lines: tuple[SafeText, ...]


@dataclass(frozen=True, slots=True)
class Focus:
    """What the map is moved to: bounds west, south, east, north [degrees] and a number that is new each time."""

    bounds: tuple[float, float, float, float]
    number: int


def encode_bands(picture: Markup, corners: list[list[float]], key: str) -> Encoded:
    """Encode the picture of the bands; `key` names its content, so an unchanged one stays on screen."""
    return Encoded.of({"key": key, "url": picture, "corners": corners})


def encode_stations(
    stations: pd.DataFrame,
    catalogue: Catalogue,
    language: Language,
    chosen: npt.NDArray[np.bool_],
    key: str,
    *,
    is_clickable: bool = False,
) -> Encoded:
    """Encode symbols of stations: the chosen ones full, at most `MOST_SYMBOLS`, higher levels first.

    Parameters
    ----------
    stations
        Stations of the study.
    catalogue, language
        For the names of kinds.
    chosen
        Stations to draw, shape (s,).
    key
        Names the content.
    is_clickable
        True where a click on a station is an event of its own, see ``listen`` of ``planner.js``.
    """
    table = stations[chosen]
    size = table["level"].map(size_of_level)
    table = table.loc[size.sort_values(ascending=False, kind="stable").index[:MOST_SYMBOLS]]
    kinds = {kind.id: kind for kind in catalogue.kinds}
    symbols: dict[tuple[str, str, str], int] = {}
    drawn: list[Markup] = []
    points = []
    columns = (table[name] for name in ("lon", "lat", "name", "kind", "level", "status"))
    for station, lon, lat, name, kind_id, level, status in zip(table.index, *columns, strict=True):
        kind = kinds.get(kind_id)
        look = (kind.family if kind else "", level, status)
        if look not in symbols:
            symbols[look] = len(drawn)
            drawn.append(draw_symbol(*look))
        called = kind_id if kind is None else kind.name.zh if language == "zh_CN" else kind.name.en
        label = join_markup(safe_label(name), SafeText(" · "), safe_label(called))
        point = [round(float(lat), 5), round(float(lon), 5), symbols[look], _SYMBOL_ZOOM.get(level, 0), label]
        points.append([*point, name_station_key(str(station))] if is_clickable else point)
    return Encoded.of({"key": key, "symbols": drawn, "points": points})


def name_station_key(station_id: str) -> str:
    """Return the plain name by which the map's script tells of a station; ids themselves may be any text."""
    return hashlib.sha256(station_id.encode(errors="replace")).hexdigest()[:16]


def encode_highlight(shape: BaseGeometry | None) -> Encoded:
    """Encode the outline of what is selected; None takes it away."""
    if shape is None:
        return Encoded.of({"key": "", "lines": []})
    west, _, east, _ = shapely.bounds(shape)
    simpler = shapely.simplify(shape, float(east - west) / 600.0)
    lines = encode_lines(take_rings(simpler))
    return Encoded.of({"key": f"outline {len(lines)} {shape.centroid.x:.5f} {shape.centroid.y:.5f}", "lines": lines})


def encode_place(place: Place | None) -> Encoded:
    """Encode the place asked about; None takes it away."""
    if place is None:
        return Encoded.of({"key": "", "at": None, "text": []})
    at = [round(place.lat, 6), round(place.lon, 6)]
    said = zlib.crc32("\n".join(place.lines).encode())
    return Encoded.of({"key": f"{at[0]} {at[1]} {said}", "at": at, "text": list(place.lines)})


def encode_focus(focus: Focus | None) -> Encoded:
    """Encode where the map is moved to; it moves once for every number."""
    if focus is None:
        return Encoded.of({"number": 0, "bounds": None})
    west, south, east, north = focus.bounds
    return Encoded.of({"number": focus.number, "bounds": [[south, west], [north, east]]})


def encode_marks(shown: bool, key: str) -> Encoded:
    """Encode whether a click leaves a dot at once; every new `key` takes the last dot away."""
    return Encoded.of({"key": f"{shown} {key}", "shown": shown})


def build_layers(
    *,
    bands: Encoded | None,
    stations: Encoded | None,
    highlight: Encoded,
    place: Encoded,
    focus: Encoded,
    shapes: Sequence[ScriptCall] = (),
    marks: Encoded | None = None,
) -> folium.FeatureGroup:
    """Put the changing layers into one group; the same layers always give the same script.

    Parameters
    ----------
    bands, stations, highlight, place, focus
        As the functions above encode them; None takes a layer away.
    shapes
        Further layers, as `geodata.maps.shapes.build_shapes` returns them.
    marks
        As `encode_marks` gives it; None where every click leaves its dot.
    """
    group = folium.FeatureGroup(name="layers", control=False)
    nothing = Encoded.of({"key": ""})
    group.add_child(ScriptCall("bands", bands or nothing))
    group.add_child(ScriptCall("stations", stations or nothing))
    for call in shapes:
        group.add_child(call)
    group.add_child(ScriptCall("highlight", highlight))
    group.add_child(ScriptCall("place", place))
    if marks is not None:
        group.add_child(ScriptCall("marks", marks))
    group.add_child(ScriptCall("focus", focus))
    return group
