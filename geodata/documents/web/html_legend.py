"""The legend of a map on a page: each layer can be switched, its entries stand beneath it."""

from __future__ import annotations

import math
from html import escape

from coverage.tables.report_value import LayerKind
from geodata.documents.content.document import DocFigure, Document, LegendEntry
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
from geodata.documents.paper.draw_map_layers import is_beyond_drawn
from geodata.documents.paper.fixed_phrases import say
from geodata.documents.web.html_maps import list_layers
from geodata.maps.palette import NO_ROUTE_COLOUR
from geodata.maps.symbols import draw_symbol

_LAYER_OF: dict[str, LayerKind] = {
    "band": "bands",
    "gap": "gaps",
    "gain": "change",
    "loss": "change",
    "site": "sites",
    "station": "stations",
    "boundary": "boundary",
    "water": "water",
    "roads": "roads",
}


def build_legend(figure: DocFigure, document: Document) -> str:
    """Build the legend: a switch for each layer that holds something, entries of none at the end."""
    layers = list_layers(figure)
    numbers = {layer.kind: number for number, layer in enumerate(figure.figure.layers)}
    groups = []
    for layer in layers:
        entries = [entry for entry in figure.legend if _find_layer(entry) == layer.kind]
        title = entries[0].text if len(entries) == 1 else say(document, f"layer_{layer.kind}")
        mark = _swatch(entries[0], figure) if len(entries) == 1 else ""
        switch = f'<input type="checkbox" checked data-layer="{numbers[layer.kind]}">'
        rows = "".join(_row(entry, figure) for entry in entries) if len(entries) > 1 else ""
        groups.append(f'<div class="group"><label>{switch}{mark}<span>{escape(title)}</span></label>{rows}</div>')
    drawn = {layer.kind for layer in layers}
    rest = "".join(_row(entry, figure) for entry in figure.legend if _find_layer(entry) not in drawn)
    return f'<div class="legend">{"".join(groups)}{f"<div class=group>{rest}</div>" if rest else ""}</div>'


def _find_layer(entry: LegendEntry) -> str:
    return _LAYER_OF.get(entry.symbol.partition(".")[0], "")


def _row(entry: LegendEntry, figure: DocFigure) -> str:
    return f'<div class="entry">{_swatch(entry, figure)}<span>{escape(entry.text)}</span></div>'


def _swatch(entry: LegendEntry, figure: DocFigure) -> str:
    kind, _, rest = entry.symbol.partition(".")
    if kind == "station":
        family, level, status = (*rest.split("."), "", "")[:3]
        return f'<i class="swatch">{draw_symbol(family, level, status or "existing")}</i>'
    if kind == "site":
        return _draw(f'<circle cx="11" cy="7" r="6" fill="{SITE_COLOUR}"/><text x="11" y="10">1</text>')
    if kind in ("boundary", "roads"):
        colour, width = (BOUNDARY_COLOUR, 1.3) if kind == "boundary" else (ROAD_COLOUR, 2.5)
        return _draw(f'<path d="M1 7H21" stroke="{colour}" stroke-width="{width}"/>')
    return _draw(f'<rect x="1" y="1" width="20" height="12" {_fill(kind, rest, figure)}/>')


def _fill(kind: str, rest: str, figure: DocFigure) -> str:
    if kind == "gap":
        return f'fill="{GAP_FILL}" fill-opacity="0.12" stroke="{GAP_EDGE}" stroke-width="1.6"'
    if kind == "gain":
        return f'fill="{CHANGE_COLOURS["gain"]}"'
    if kind == "loss":
        return 'fill="url(#hatch-loss)"'
    if kind == "water":
        return f'fill="{WATER_COLOUR}"'
    if rest == "no_route" and is_beyond_drawn(figure.figure.layers):
        return f'fill="{NO_ROUTE_COLOUR}"'
    try:
        minutes = float(rest)
    except ValueError:
        minutes = math.nan
    if math.isnan(minutes) or (math.isinf(minutes) and not is_beyond_drawn(figure.figure.layers)):
        return 'fill="url(#hatch-ground)"'
    return f'fill="{colour_of_band(minutes, figure.figure.cutoff_min)}"'


def _draw(shape: str) -> str:
    return f'<i class="swatch"><svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">{shape}</svg></i>'
