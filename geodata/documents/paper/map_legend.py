"""The legend of a printed map: a symbol and a text for each line, in columns that fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geodata.documents.content.document import LegendEntry
from geodata.documents.content.map_colours import (
    BOUNDARY_COLOUR,
    CHANGE_COLOURS,
    GAP_EDGE,
    ROAD_COLOUR,
    WATER_COLOUR,
    colour_of_band,
)
from geodata.documents.paper.draw_map_layers import HATCH, HATCH_WIDTH, SITE_LOOK, look_of_change
from geodata.documents.paper.fonts import keep_drawable, measure, wrap
from geodata.documents.paper.sheet import WHITE, Sheet, look_of_station, points_to_mm
from geodata.maps.palette import GROUND, NO_ROUTE_COLOUR, UNCONNECTED_COLOUR

SIZE, LEADING = 7.5, 3.6
_SWATCH, _GAP, _BETWEEN = 6.0, 1.6, 4.0
_MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Legend:
    """A legend laid out: its columns of entries with their lines of text, and how wide a column is [mm]."""

    columns: tuple[tuple[tuple[LegendEntry, tuple[str, ...]], ...], ...]
    column_mm: float

    @property
    def height(self) -> float:
        """Return its height [mm]."""
        return max((sum(_height(lines) for _, lines in column) for column in self.columns), default=0.0)


def lay_out_legend(entries: tuple[LegendEntry, ...], width_mm: float) -> Legend:
    """Lay out a legend in as many columns as its longest text leaves room for, filled downwards."""
    texts = [keep_drawable(entry.text) for entry in entries]
    longest = max((measure(text) for text in texts), default=0.0) * points_to_mm(SIZE) + 0.5
    wanted = _SWATCH + _GAP + longest + _BETWEEN
    count = max(1, min(len(entries) or 1, int((width_mm + _BETWEEN) // wanted)))
    column_mm = (width_mm + _BETWEEN) / count
    room = (column_mm - _SWATCH - _GAP - _BETWEEN) / points_to_mm(SIZE)
    told = [(entry, tuple(wrap(text, room, _MOST_LINES) or [""])) for entry, text in zip(entries, texts, strict=True)]
    rows = math.ceil(len(told) / count)
    return Legend(tuple(tuple(told[at : at + rows]) for at in range(0, len(told), rows or 1)), column_mm)


@dataclass(frozen=True, slots=True)
class LegendLook:
    """The threshold of a map [min], and whether the areas beyond the last limit are drawn on it."""

    cutoff_min: float
    is_beyond_drawn: bool = True


def draw_legend(sheet: Sheet, legend: Legend, left: float, top: float, look: LegendLook) -> None:
    """Draw a legend from its upper left corner on [mm]."""
    for number, column in enumerate(legend.columns):
        x, y = left + number * legend.column_mm, top
        for entry, lines in column:
            _draw_swatch(sheet, entry.symbol, x, y - LEADING / 2 - 0.35, look)
            sheet.write_lines(x + _SWATCH + _GAP, y, lines, SIZE, leading=LEADING)
            y -= _height(lines)


def _height(lines: tuple[str, ...]) -> float:
    return len(lines) * LEADING + 0.9


def _draw_swatch(sheet: Sheet, symbol: str, x: float, y: float, look: LegendLook) -> None:
    """Draw a symbol around the middle of the space before a text."""
    middle, box = x + _SWATCH / 2, (x, y - 1.4, _SWATCH, 2.8)
    kind, _, rest = symbol.partition(".")
    if kind == "band" and (rest == "unconnected" or (rest in ("inf", "no_route") and not look.is_beyond_drawn)):
        _hatched(sheet, box, UNCONNECTED_COLOUR, GROUND)
    elif kind == "band" and rest == "no_route":
        sheet.draw_box(*box, facecolor=NO_ROUTE_COLOUR, linewidth=0.0)
    elif kind == "band":
        sheet.draw_box(*box, facecolor=colour_of_band(float(rest), look.cutoff_min), linewidth=0.0)
    elif kind == "gap":
        sheet.draw_box(*box, facecolor="#F3E7E3", edgecolor=GAP_EDGE, linewidth=1.1)
    elif kind in CHANGE_COLOURS:
        sheet.draw_marker(middle, y, **look_of_change(kind))
    elif kind == "site":
        sheet.draw_marker(middle, y, **SITE_LOOK)
        sheet.write(middle, y, "1", 6.0, colour=WHITE, across="center", along="center_baseline", order=21.0)
    elif kind == "station":
        family, _, level = rest.partition(".")
        level, _, status = level.partition(".")
        sheet.draw_marker(middle, y, **look_of_station(family, level, status or "existing"))
    elif kind == "water":
        sheet.draw_box(*box, facecolor=WATER_COLOUR, linewidth=0.0)
    elif kind == "roads":
        for width, colour in ((1.6, ROAD_COLOUR), (0.9, WHITE)):
            sheet.draw_outline([(x, y), (x + _SWATCH, y)], closed=False, edgecolor=colour, linewidth=width)
    else:
        sheet.draw_box(*box, facecolor="none", edgecolor=BOUNDARY_COLOUR, linewidth=0.7)


def _hatched(sheet: Sheet, box: tuple[float, float, float, float], colour: str, ground: str) -> None:
    sheet.draw_box(*box, facecolor=ground, edgecolor=colour, linewidth=0.3, hatch=HATCH, hatch_linewidth=HATCH_WIDTH)
