"""A map on paper: true to scale in the middle, with scale bar, north arrow, legend, marks, title and source."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from coverage.tables.report_value import Figure, MapLayer
from geodata.documents.content.document import DocFigure, Document
from geodata.documents.paper.draw_map_layers import MapCanvas, draw_layer, is_beyond_drawn
from geodata.documents.paper.fonts import keep_drawable, measure, wrap
from geodata.documents.paper.map_legend import Legend, LegendLook, draw_legend, lay_out_legend
from geodata.documents.paper.sheet import INK, LINE, MUTED, TEXT_WIDTH_MM, WHITE, Sheet, points_to_mm
from geodata.files.crs import WGS84

_SIDE_MM = 50.0  # a legend at the side
_BENEATH_MM, _BESIDE_MM = 112.0, 128.0  # tallest map over a legend, and beside one
_LEAST_MM = 45.0
_SPACE = 3.0
_TITLE, _SMALL, _SMALL_LEADING = 12.0, 7.0, 3.4
_MARGIN = 0.03  # of the map around what it shows
_STEPS = (1.0, 2.0, 5.0)
_SCALE_BOX = (50.0, 12.0)  # room of the scale bar [mm]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sizes of a map and of its legend [mm], and the scale [mm/m]."""

    map_width: float
    map_height: float
    legend: Legend
    is_beside: bool
    mm_per_metre: float

    @property
    def height(self) -> float:
        """Return the height of both together [mm]."""
        if self.is_beside:
            return max(self.map_height, self.legend.height)
        return self.map_height + (_SPACE + self.legend.height if self.legend.columns else 0.0)


def find_projection(layers: tuple[MapLayer, ...]) -> pyproj.CRS:
    """Find the equal-area map around the middle of the layers, in metres, true to length in the middle."""
    west, south, east, north = _find_bounds(layers)
    return pyproj.CRS.from_proj4(
        f"+proj=laea +lat_0={(south + north) / 2:.6f} +lon_0={(west + east) / 2:.6f} +datum=WGS84 +units=m"
    )


def draw_map(document: Document, drawn: DocFigure, *, is_alone: bool, tallest_mm: float = 0.0) -> bytes:
    """Draw a map as a PNG of 300 dots an inch, as wide as the text of an A4 page.

    Parameters
    ----------
    document
        The report: marks, what it holds for, short words.
    drawn
        A figure of the kind ``map``.
    is_alone
        With its title, what it holds for, source and date on the picture, to be read without the report.
    tallest_mm
        How tall the map may be without what stands around it; 0 for the usual height.
    """
    crs = find_projection(drawn.figure.layers)
    layers = tuple(MapLayer(layer.kind, layer.frame.to_crs(crs)) for layer in drawn.figure.layers)
    extent = _find_bounds(layers)
    layout = _choose_layout(extent, drawn, tallest_mm)
    em = points_to_mm(_SMALL)
    title: list[str] = []
    strip: list[str] = []
    notes: list[str] = []  # in a report they stand beneath the picture
    if is_alone:
        title = wrap(keep_drawable(drawn.title), TEXT_WIDTH_MM / points_to_mm(_TITLE), 2)
        strip = wrap(keep_drawable(_say_strip(document)), TEXT_WIDTH_MM / em)
        told = [*drawn.notes, " · ".join(document.marks)]
        notes = [line for note in told if note for line in wrap(keep_drawable(note), TEXT_WIDTH_MM / em)]
    head = len(title) * 6.0 + len(strip) * _SMALL_LEADING + (2.0 if title else 0.0)
    edge = 4.0 if is_alone else 0.3
    height = head + layout.height + (len(notes) * _SMALL_LEADING + 1.5 if notes else 0.0) + 2 * edge
    sheet = Sheet(TEXT_WIDTH_MM + 2 * edge, height)

    top = height - edge
    sheet.write_lines(edge, top, title, _TITLE, leading=6.0)
    sheet.write_lines(edge, top - len(title) * 6.0, strip, _SMALL, leading=_SMALL_LEADING, colour=MUTED)
    top -= head
    beneath, beside = (edge, top - layout.map_height - _SPACE), (edge + layout.map_width + _SPACE, top)
    scale_is_left = _choose_scale_corner(layout, layers, extent)
    _draw_frame(sheet, layout, layers, extent, (edge, top - layout.map_height), drawn.figure, scale_is_left)
    _draw_north(sheet, crs, document.words.get("north", "N"), edge + layout.map_width - 6.0, top - 4.0, layout)
    scale_left = edge + (4.0 if scale_is_left else layout.map_width - _SCALE_BOX[0] + 2.0)
    _draw_scale(sheet, layout, scale_left, top - layout.map_height + 4.0, document.words.get("scale", ""))
    if document.is_schematic and document.marks:
        _draw_tag(sheet, document.marks[0], edge, top, layout.map_width)
    look = LegendLook(drawn.figure.cutoff_min, is_beyond_drawn(layers))
    draw_legend(sheet, layout.legend, *(beside if layout.is_beside else beneath), look)
    foot = top - layout.height - 1.5
    sheet.write_lines(edge, foot, notes, _SMALL, leading=_SMALL_LEADING, colour=MUTED)
    sheet.raise_ground()
    return sheet.to_png()


def _say_strip(document: Document) -> str:
    told = [f"{label} {value}" for label, value in document.strip]
    return " | ".join([*told, *([document.date] if document.date else [])])


def _find_bounds(layers: tuple[MapLayer, ...]) -> tuple[float, float, float, float]:
    """Find what a map shows: the boundary, else everything that is drawn."""
    frames = [layer.frame for layer in layers if layer.kind == "boundary" and len(layer.frame)]
    frames = frames or [layer.frame for layer in layers if len(layer.frame)]
    if not frames:
        return 73.0, 34.0, 97.0, 50.0  # Xinjiang
    bounds = np.asarray([frame.total_bounds for frame in frames], float)
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _choose_layout(extent: tuple[float, float, float, float], drawn: DocFigure, tallest_mm: float) -> _Layout:
    """Put the legend beneath a wide map and beside a tall one, whichever shows the map larger."""
    width = max(extent[2] - extent[0], 1.0) * (1 + 2 * _MARGIN)
    height = max(extent[3] - extent[1], 1.0) * (1 + 2 * _MARGIN)
    found = []
    for is_beside in (False, True):
        room = TEXT_WIDTH_MM - (_SIDE_MM + _SPACE if is_beside else 0.0)
        tallest = tallest_mm or (_BESIDE_MM if is_beside else _BENEATH_MM)
        legend = lay_out_legend(drawn.legend, _SIDE_MM if is_beside else TEXT_WIDTH_MM)
        scale = min(room / width, tallest / height)
        tall = min(tallest, max(_LEAST_MM, height * scale, legend.height if is_beside else 0.0))
        found.append(_Layout(room, tall, legend, is_beside, scale))
    beneath, beside = found
    return beside if drawn.legend and beside.mm_per_metre >= 0.95 * beneath.mm_per_metre else beneath


def _draw_frame(
    sheet: Sheet,
    layout: _Layout,
    layers: tuple[MapLayer, ...],
    extent: tuple[float, float, float, float],
    at: tuple[float, float],
    figure: Figure,
    scale_is_left: bool,
) -> None:
    frame = sheet.add_frame(*at, layout.map_width, layout.map_height)
    x, y = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
    half_x, half_y = layout.map_width / layout.mm_per_metre / 2, layout.map_height / layout.mm_per_metre / 2
    frame.set(xlim=(x - half_x, x + half_x), ylim=(y - half_y, y + half_y), autoscale_on=False)
    for side in frame.spines.values():
        side.set(edgecolor=LINE, linewidth=0.6)
    has_bands = any(layer.kind == "bands" and len(layer.frame) for layer in layers)
    canvas = MapCanvas(sheet, frame, layout.mm_per_metre, figure.cutoff_min, has_bands)
    left, right = frame.get_xlim()
    low, high = frame.get_ylim()
    mm = 1.0 / layout.mm_per_metre
    canvas.taken += [  # the north arrow and the scale bar
        (right - 12 * mm, right, high - 16 * mm, high),
        (left, left + _SCALE_BOX[0] * mm, low, low + _SCALE_BOX[1] * mm)
        if scale_is_left
        else (right - _SCALE_BOX[0] * mm, right, low, low + _SCALE_BOX[1] * mm),
    ]
    # Sites take their places before the ranks of gaps, and these before names.
    order = {"sites": 0, "gaps": 1}
    for layer in sorted(layers, key=lambda one: order.get(one.kind, 2)):
        draw_layer(canvas, MapLayer(layer.kind, _cut(layer.frame, (left, low, right, high))))


def _choose_scale_corner(
    layout: _Layout, layers: tuple[MapLayer, ...], extent: tuple[float, float, float, float]
) -> bool:
    """Tell whether the scale bar hides less in the lower left corner than in the lower right one."""
    ground = [layer.frame for layer in layers if layer.kind == "boundary"] or [layer.frame for layer in layers]
    x, y, mm = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2, 1.0 / layout.mm_per_metre
    low = y - layout.map_height / 2 * mm
    width, height = _SCALE_BOX[0] * mm, _SCALE_BOX[1] * mm
    hidden = []
    for left in (x - layout.map_width / 2 * mm, x + layout.map_width / 2 * mm - width):
        corner = shapely.box(left, low, left + width, low + height)
        shapes = [shapely.intersection(shapely.make_valid(frame.geometry.to_numpy()), corner) for frame in ground]
        hidden.append(
            sum(float(shapely.area(one).sum()) + 1e-6 * int((~shapely.is_empty(one)).sum()) for one in shapes)
        )
    return hidden[0] <= hidden[1]


def _cut(frame: gpd.GeoDataFrame, box: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Leave out what lies off the map altogether."""
    left, low, right, high = box
    bounds = frame.geometry.bounds.to_numpy(float)
    seen = (bounds[:, 0] <= right) & (bounds[:, 2] >= left) & (bounds[:, 1] <= high) & (bounds[:, 3] >= low)
    return frame[seen]


def _draw_north(sheet: Sheet, crs: pyproj.CRS, word: str, x: float, top: float, layout: _Layout) -> None:
    """Draw an arrow that points to the north at the place where it stands."""
    to_degrees = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
    half_x, half_y = layout.map_width / layout.mm_per_metre / 2, layout.map_height / layout.mm_per_metre / 2
    lon, lat = to_degrees.transform(half_x * 0.92, half_y * 0.9)
    east, north = to_degrees.transform([lon, lon], [lat, lat + 0.01], direction="INVERSE")
    turn = math.atan2(east[1] - east[0], north[1] - north[0]) if all(map(math.isfinite, (*east, *north))) else 0.0
    middle = top - 6.5

    def place(right: float, up: float) -> tuple[float, float]:
        return (
            x + right * math.cos(turn) + up * math.sin(turn),
            middle - right * math.sin(turn) + up * math.cos(turn),
        )

    tip, foot = place(0.0, 4.0), place(0.0, -2.4)
    sheet.draw_outline(
        [tip, place(2.3, -4.0), foot, place(-2.3, -4.0)], facecolor=WHITE, edgecolor=WHITE, linewidth=2.0
    )
    sheet.draw_outline([tip, foot, place(-2.3, -4.0)], facecolor=INK, edgecolor=INK)
    sheet.draw_outline([tip, place(2.3, -4.0), foot], facecolor=WHITE, edgecolor=INK)
    sheet.write(x, top - 2.2, keep_drawable(word)[:12], 7.5, across="center", along="bottom", halo=True)


def _draw_scale(sheet: Sheet, layout: _Layout, left: float, bottom: float, word: str) -> None:
    """Draw a bar of a round length, two halves, with the kilometres or metres it stands for."""
    longest_m = min(38.0, layout.map_width / 3) / layout.mm_per_metre
    power = 10.0 ** math.floor(math.log10(longest_m))
    length_m = max(step * power for step in _STEPS if step * power <= longest_m)
    length_mm = length_m * layout.mm_per_metre
    unit, divisor = ("km", 1000.0) if length_m >= 1000.0 else ("m", 1.0)
    half = length_mm / 2
    sheet.draw_box(left - 0.4, bottom - 0.4, length_mm + 0.8, 2.0, facecolor=WHITE, linewidth=0.0, zorder=14)
    sheet.draw_box(left, bottom, half, 1.2, facecolor=INK, edgecolor=INK, linewidth=0.4)
    sheet.draw_box(left + half, bottom, half, 1.2, facecolor=WHITE, edgecolor=INK, linewidth=0.4)
    for part in (0.0, 0.5, 1.0):
        text = f"{length_m * part / divisor:g}" + (f" {unit}" if part == 1.0 else "")
        sheet.write(left + length_mm * part, bottom + 2.0, text, 7.0, across="center", along="bottom", halo=True)
    if word and measure(keep_drawable(word)) < 12:
        sheet.write(left, bottom + 5.2, keep_drawable(word), 7.0, along="bottom", halo=True)


def _draw_tag(sheet: Sheet, mark: str, left: float, top: float, width: float) -> None:
    """Write the mark of schematic data into the upper left corner."""
    text = wrap(keep_drawable(mark), (width - 24.0) / points_to_mm(8.0), 1)[0]
    length = measure(text) * points_to_mm(8.0) + 4.0
    sheet.draw_box(left + 2.5, top - 8.0, length, 5.5, facecolor=WHITE, edgecolor="#9C3B1B", linewidth=0.8)
    sheet.write(left + 4.5, top - 6.4, text, 8.0, colour="#9C3B1B")
