"""What a scenario touches on the map: stations that are new, elsewhere, closed or changed, and the place at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from coverage.network.closures import Closure
from geodata.maps.elements import Encoded
from geodata.maps.labels import Markup, SafeText
from geodata.maps.layers import name_station_key
from geodata.maps.symbols import draw_symbol

Look = Literal["added", "moved", "closed", "changed", "selected", "draft"]
DRAFT = "draft"  # name of the place at hand in the events of the map


@dataclass(frozen=True, slots=True)
class ScenePoint:
    """A station that a scenario touches, or the place of one that is not added yet.

    Parameters
    ----------
    station_id
        The station, "" for the place at hand.
    lon, lat
        Where it is [degrees].
    symbol
        Family, level and status, as `geodata.maps.symbols.draw_symbol` draws them.
    look
        Why it is here.
    text
        Shown when pointed at.
    is_movable
        True if it can be dragged.
    """

    station_id: str
    lon: float
    lat: float
    symbol: tuple[str, str, str]
    look: Look
    text: SafeText | Markup
    is_movable: bool


Line = tuple[tuple[float, float], tuple[float, float]]


def encode_scene(
    points: Sequence[ScenePoint], *, moves: Sequence[Line] = (), leg: Line | None = None, place: Closure | None = None
) -> Encoded:
    """Encode what a scenario touches; equal content gives equal text, and an unchanged one stays on screen.

    Parameters
    ----------
    points
        Stations, and the place at hand.
    moves
        Stations that moved: where from and where to, lon and lat [degrees].
    leg
        The walk from the place at hand to the road, None if there is none.
    place
        Where roads are being closed or slowed, None if they are not.
    """
    symbols: dict[tuple[str, str, str], int] = {}
    drawn: list[Markup] = []
    entries = []
    for point in points:
        if point.symbol not in symbols:
            symbols[point.symbol] = len(drawn)
            drawn.append(draw_symbol(*point.symbol))
        entries.append(
            {
                "at": _turn((point.lon, point.lat)),
                "symbol": symbols[point.symbol],
                "text": point.text,
                "id": name_station_key(point.station_id) if point.station_id else DRAFT,
                "look": point.look,
                "movable": point.is_movable,
            }
        )
    content: dict[str, object] = {
        "symbols": drawn,
        "points": entries,
        "moves": [[_turn(end) for end in move] for move in moves],
        "leg": [] if leg is None else [_turn(end) for end in leg],
        "place": [] if place is None else [_turn(one) for one in place.coordinates],
    }
    text = Encoded.of(content)
    key = hashlib.sha256(text.encode()).hexdigest()[:24]
    return Encoded.of(content | {"key": key})


def _turn(place: tuple[float, float]) -> list[float]:
    return [round(place[1], 6), round(place[0], 6)]
