"""Charts on paper: bars, a curve and a tornado, each number written out as in the table it draws."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from coverage.tables.report_value import CellKind
from geodata.documents.content.document import DocFigure, DocTable, Document
from geodata.documents.paper.fonts import keep_drawable, measure, wrap
from geodata.documents.paper.sheet import LINE, MUTED, TEXT_WIDTH_MM, Sheet, points_to_mm
from geodata.maps.palette import INSIDE_COLOURS, OUTSIDE_COLOURS

WARM = OUTSIDE_COLOURS[2]
SERIES_COLOURS = (INSIDE_COLOURS[1], OUTSIDE_COLOURS[1], INSIDE_COLOURS[0], WARM)

_SIZE, _TITLE, _SMALL, _SMALL_LEADING = 8.0, 12.0, 7.0, 3.4
_BAR_MM, _BETWEEN_MM = 3.6, 2.2
_LABEL_MM, _NUMBER_MM = 46.0, 24.0
_TALLEST_MM = 175.0
_CURVE_MM = 70.0
_BASE_MM = 3.0  # room for the number a tornado lies around
_MOST_DOTS = 25
_GRID = "#E4E6E9"
_SHARES: tuple[CellKind, ...] = ("share", "points")


def draw_chart(document: Document, drawn: DocFigure, *, is_alone: bool) -> bytes:
    """Draw a chart as a PNG of 300 dots an inch, as wide as the text of an A4 page.

    Parameters
    ----------
    document
        The report: its marks and date.
    drawn
        A figure of the kinds ``bars``, ``curve`` or ``tornado`` with its table. Bars are drawn in the order of
        the table, as many as a page has room for; a tornado draws the range between its first two values, and its
        third, where there is one, as the line they lie around.
    is_alone
        With its title, source and date on the picture.
    """
    table = _table(drawn)
    em = points_to_mm(_SMALL)
    title: list[str] = []
    notes: list[str] = []
    if is_alone:
        title = wrap(keep_drawable(drawn.title), TEXT_WIDTH_MM / points_to_mm(_TITLE), 2)
        told = [*drawn.notes, " · ".join((*document.marks, document.date))]
        notes = [line for note in told for line in wrap(keep_drawable(note), TEXT_WIDTH_MM / em)]
    head = len(title) * 6.0 + (2.0 if title else 0.0)
    foot = len(notes) * _SMALL_LEADING + (1.5 if notes else 0.0)
    edge = 4.0 if is_alone else 0.3
    series = _name_series(drawn)
    has_key = len(series) > 1 and drawn.figure.kind != "tornado"
    key = _lay_out_key(series) if has_key else []
    bar = _BAR_MM * (len(series) if drawn.figure.kind == "bars" else 1)
    rows = min(len(table.values), int(_TALLEST_MM / (bar + _BETWEEN_MM)))
    body = _CURVE_MM if drawn.figure.kind == "curve" else rows * (bar + _BETWEEN_MM) + 4.0
    is_titled = drawn.figure.kind == "curve" or (drawn.figure.kind == "bars" and len(series) == 1)
    axis = 9.0 if is_titled else 5.5
    above = {"tornado": _BASE_MM + 1.0, "curve": 2.0}.get(drawn.figure.kind, 0.0)
    height = head + foot + body + axis + above + len(key) * 5.0 + 2 * edge
    sheet = Sheet(TEXT_WIDTH_MM + 2 * edge, height)
    top = height - edge
    sheet.write_lines(edge, top, title, _TITLE, leading=6.0)
    top -= head + above
    _draw_key(sheet, key, edge, top)
    top -= len(key) * 5.0
    is_curve = drawn.figure.kind == "curve"
    left = edge + (18.0 if is_curve else _LABEL_MM)
    width = TEXT_WIDTH_MM + edge - left - (4.0 if is_curve else _NUMBER_MM)
    frame = sheet.add_frame(left, top - body, width, body)
    for name, side in frame.spines.items():
        side.set(visible=name == "bottom" or (is_curve and name == "left"), edgecolor=LINE, linewidth=0.7)
    {"bars": _draw_bars, "curve": _draw_curve, "tornado": _draw_tornado}[drawn.figure.kind](
        sheet, frame, drawn, range(rows), (left, top - body, width, body)
    )
    sheet.write_lines(edge, edge + foot - 1.5, notes, _SMALL, leading=_SMALL_LEADING, colour=MUTED)
    sheet.raise_ground()
    return sheet.to_png()


_Box = tuple[float, float, float, float]


def _name_series(drawn: DocFigure) -> list[str]:
    titles = {column.id: column.title for column in _table(drawn).columns}
    return [keep_drawable(titles.get(value, value)) for value in drawn.figure.values]


def _kind_of(table: DocTable, column: str) -> CellKind:
    return next(each.kind for each in table.columns if each.id == column)


def _is_share(table: DocTable, column: str) -> bool:
    return _kind_of(table, column) in _SHARES


def _read(table: DocTable, column: str) -> npt.NDArray[np.float64]:
    """Read the numbers of a column as they are drawn: shares in per cent."""
    numbers = table.values[column].to_numpy(float)
    return numbers * 100.0 if _is_share(table, column) else numbers


def _lay_out_key(series: Sequence[str]) -> list[list[tuple[int, str, float]]]:
    """Lay out the names of several series in lines: the number of each, its name and its place [mm]."""
    lines: list[list[tuple[int, str, float]]] = [[]]
    x = 0.0
    for number, name in enumerate(series):
        length = 5.2 + measure(name) * points_to_mm(_SIZE) + 5.0
        if lines[-1] and x + length > TEXT_WIDTH_MM:
            lines.append([])
            x = 0.0
        lines[-1].append((number, name, x))
        x += length
    return lines


def _draw_key(sheet: Sheet, key: list[list[tuple[int, str, float]]], left: float, top: float) -> None:
    for line, entries in enumerate(key):
        y = top - line * 5.0
        for number, name, x in entries:
            sheet.draw_box(left + x, y - 3.2, 4.0, 2.4, facecolor=SERIES_COLOURS[number % 4], linewidth=0.0)
            sheet.write(left + x + 5.2, y - 2.9, name, _SIZE)


def _draw_bars(sheet: Sheet, frame: Axes, drawn: DocFigure, rows: Sequence[int], box: _Box) -> None:
    table = _table(drawn)
    numbers = np.column_stack([_read(table, value)[: len(rows)] for value in drawn.figure.values])
    title = _name_series(drawn)[0] if len(drawn.figure.values) == 1 else ""
    _set_scale(
        sheet, frame, _range_of_bars(numbers, table, drawn), _is_share(table, drawn.figure.values[0]), box, title
    )
    _write_labels(sheet, drawn, rows, box)
    step, count = box[3] / max(len(rows), 1), numbers.shape[1]
    thick = min(_BAR_MM, step * 0.8 / count)
    for at in range(len(rows)):
        for which in range(count):
            value = numbers[at, which]
            middle = box[1] + box[3] - step * (at + 0.5) + thick * ((count - 1) / 2 - which)
            text = keep_drawable(str(table.texts[drawn.figure.values[which]].iloc[at]))
            x0, x1 = _to_mm(frame, box, 0.0), _to_mm(frame, box, value if math.isfinite(value) else 0.0)
            if math.isfinite(value):
                sheet.draw_box(
                    min(x0, x1), middle - thick * 0.44, abs(x1 - x0), thick * 0.88,
                    facecolor=SERIES_COLOURS[which % 4], linewidth=0.0,
                )  # fmt: skip
            sheet.write(max(x0, x1) + 1.0, middle, text, _SMALL, along="center_baseline")


def _draw_tornado(sheet: Sheet, frame: Axes, drawn: DocFigure, rows: Sequence[int], box: _Box) -> None:
    table, values = _table(drawn), drawn.figure.values
    low, high = (_read(table, value)[: len(rows)] for value in values[:2])
    base = _read(table, values[2])[: len(rows)] if len(values) > 2 else np.empty(0)
    least, most = _range_of(np.concatenate((low, high, base)))
    pad = (most - least) * 0.06
    _set_scale(sheet, frame, (least - pad, most + pad), _is_share(table, values[0]), box, "")
    _write_labels(sheet, drawn, rows, box)
    step = box[3] / max(len(rows), 1)
    for at, (one, two) in enumerate(zip(low, high, strict=True)):
        if not (math.isfinite(one) and math.isfinite(two)):
            continue
        left, right = sorted((_to_mm(frame, box, one), _to_mm(frame, box, two)))
        middle = box[1] + box[3] - step * (at + 0.5)
        sheet.draw_box(
            left, middle - _BAR_MM * 0.44, max(right - left, 0.3), _BAR_MM * 0.88,
            facecolor=INSIDE_COLOURS[1], linewidth=0.0,
        )  # fmt: skip
        text = keep_drawable("–".join(str(table.texts[value].iloc[at]) for value in values[:2]))
        sheet.write(right + 1.0, middle, text, _SMALL, along="center_baseline")
    known = base[np.isfinite(base)]
    if len(known):
        x = _to_mm(frame, box, float(known[0]))
        sheet.draw_outline(
            [(x, box[1]), (x, box[1] + box[3])], closed=False, edgecolor=WARM, linestyle="--", linewidth=1.0
        )
        text = keep_drawable(str(table.texts[values[2]].iloc[int(np.flatnonzero(np.isfinite(base))[0])]))
        sheet.write(x, box[1] + box[3] + 0.6, text, _SIZE, colour=WARM, across="center")


def _draw_curve(sheet: Sheet, frame: Axes, drawn: DocFigure, _rows: Sequence[int], box: _Box) -> None:
    table, values = _table(drawn), drawn.figure.values
    x = _read(table, drawn.figure.label)
    across = next(each for each in table.columns if each.id == drawn.figure.label)
    _set_scale(sheet, frame, _range_of(x), across.kind in _SHARES, box, across.title)
    is_share = _is_share(table, values[0])
    low, high = _range_of(np.concatenate([_read(table, value) for value in values]))
    if low > high / 2:  # a curve between 99 and 100 % is not drawn as a flat line
        low, high = low - (high - low) * 0.1, high + (high - low) * 0.1
    else:
        low, high = min(0.0, low), 100.0 if is_share and high > 60.0 else high * 1.08
    for tick in _ticks(low, high, 5):
        y = box[1] + box[3] * (tick - low) / (high - low)
        sheet.draw_outline([(box[0], y), (box[0] + box[2], y)], closed=False, edgecolor=_GRID, zorder=1)
        sheet.write(box[0] - 1.2, y, _say(tick, is_share), _SIZE, across="right", along="center_baseline")
    if across.kind == "minutes" and frame.get_xlim()[0] < drawn.figure.cutoff_min < frame.get_xlim()[1]:
        limit = _to_mm(frame, box, drawn.figure.cutoff_min)
        sheet.draw_outline(
            [(limit, box[1]), (limit, box[1] + box[3])], closed=False, edgecolor=WARM, linestyle="--", linewidth=1.0
        )
    for number, value in enumerate(values):
        colour = SERIES_COLOURS[number % 4]
        height = _read(table, value)
        known = np.isfinite(x) & np.isfinite(height)
        line = [
            (_to_mm(frame, box, right), box[1] + box[3] * (up - low) / (high - low))
            for right, up in zip(x[known], height[known], strict=True)
        ]
        if line:
            sheet.draw_outline(line, closed=False, edgecolor=colour, linewidth=1.6, joinstyle="round")
        if len(line) <= _MOST_DOTS:
            for right, up in line:
                sheet.draw_marker(
                    right, up, marker="o", markersize=4.0, markerfacecolor=colour, markeredgecolor="#FFFFFF"
                )
    title = _name_series(drawn)[0] if len(values) == 1 else ""
    sheet.write(
        box[0] - 13.5, box[1] + box[3] / 2, title, _SIZE, colour=MUTED, across="center", along="center", angle=90.0
    )


def _range_of(numbers: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the least and the greatest finite number, apart from each other."""
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _range_of_bars(numbers: npt.NDArray[np.float64], table: DocTable, drawn: DocFigure) -> tuple[float, float]:
    """Return the range of bars, which starts at nothing; shares end at the whole where one is above 60 %."""
    finite = numbers[np.isfinite(numbers)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    if _is_share(table, drawn.figure.values[0]) and high > 60.0:
        high = max(100.0, high)
    return (low, high) if high > low else (low, low + 1.0)


def _ticks(low: float, high: float, most: int) -> list[float]:
    return [
        float(tick) for tick in MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= tick <= high
    ]


def _set_scale(sheet: Sheet, frame: Axes, limits: tuple[float, float], is_share: bool, box: _Box, title: str) -> None:
    """Set the range of the axis across, and draw its lines, numbers and title."""
    frame.set(xlim=limits, ylim=(0.0, 1.0))
    for tick in _ticks(*limits, 6):
        x = _to_mm(frame, box, tick)
        sheet.draw_outline([(x, box[1]), (x, box[1] + box[3])], closed=False, edgecolor=_GRID, zorder=1)
        sheet.write(x, box[1] - 1.2, _say(tick, is_share), _SIZE, across="center", along="top")
    sheet.write(
        box[0] + box[2] / 2, box[1] - 8.6, keep_drawable(title), _SIZE, colour=MUTED, across="center", along="bottom"
    )


def _write_labels(sheet: Sheet, drawn: DocFigure, rows: Sequence[int], box: _Box) -> None:
    texts = _table(drawn).texts[drawn.figure.label]
    step = box[3] / max(len(rows), 1)
    room = (_LABEL_MM - 3.0) / points_to_mm(_SIZE)
    for at in range(len(rows)):
        lines = wrap(keep_drawable(str(texts.iloc[at])), room, 2 if step >= 6.8 else 1)
        middle = box[1] + box[3] - step * (at + 0.5)
        for number, line in enumerate(lines):
            y = middle + ((len(lines) - 1) / 2 - number) * 3.2
            sheet.write(box[0] - 1.5, y, line, _SIZE, across="right", along="center_baseline")


def _to_mm(frame: Axes, box: _Box, value: float) -> float:
    low, high = frame.get_xlim()
    return box[0] + box[2] * (value - low) / (high - low)


def _say(tick: float, is_share: bool) -> str:
    text = f"{tick:,.6g}".replace("-", "−")
    return f"{text}%" if is_share else text


def _table(drawn: DocFigure) -> DocTable:
    if drawn.table is None:
        raise ValueError(f"the figure {drawn.figure.id} has no table to draw")
    return drawn.table
