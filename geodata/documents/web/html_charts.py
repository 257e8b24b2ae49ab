"""Charts of a page as SVG without scripts: bars, curves and ranges (tornado), drawn from the values of a table."""

from __future__ import annotations

import math
from html import escape, unescape
from typing import Any

from geodata.documents.content.document import DocColumn, DocFigure, DocTable
from geodata.documents.sheets.excel_cells import measure

_COLOURS = ("#2C7DA0", "#E08A3C", "#08415C", "#9C3B1B")
_WIDTH, _LABELS, _RIGHT = 860.0, 210.0, 96.0
_BAR, _ROW_GAP = 13.0, 9.0
_MOST_ROWS = 40
_LONGEST_LABEL = 28
_CURVE_HEIGHT = 330.0
_DIGIT_PX = 6.8


def draw_chart(figure: DocFigure) -> str:
    """Draw a chart as SVG; "" where its table has none of the columns it draws, or no number in them."""
    table = figure.table
    if table is None:
        return ""
    columns = {column.id: column for column in table.columns}
    drawn = [columns[name] for name in figure.figure.values if name in columns]
    if not drawn or figure.figure.label not in columns or not _numbers(table, drawn):
        return ""
    if figure.figure.kind == "curve":
        return _draw_curve(figure, table, drawn)
    if figure.figure.kind == "tornado" and len(drawn) >= 2:
        return _draw_ranges(figure, table, drawn)
    return _draw_bars(figure, table, drawn)


def _value(table: DocTable, column: DocColumn, row: int) -> float:
    value: Any = table.values[column.id].iloc[row]
    is_number = not isinstance(value, str | bool) and value is not None
    number = float(value) if is_number else math.nan
    return number if math.isfinite(number) else math.nan


def _numbers(table: DocTable, columns: list[DocColumn]) -> list[float]:
    every = (_value(table, column, row) for column in columns for row in range(len(table.values)))
    return [value for value in every if not math.isnan(value)]


def _label(table: DocTable, name: str, row: int) -> str:
    text = " ".join(str(table.texts[name].iloc[row]).split())
    while measure(text) > _LONGEST_LABEL:
        text = text[:-2].rstrip("…") + "…"
    return escape(text)


def _wrap(body: str, height: float, figure: DocFigure, columns: list[DocColumn], *, keys: bool) -> str:
    legend = ""
    if keys:
        rows = (
            f'<span><i class="key"><svg width="12" height="12"><rect width="12" height="12" '
            f'fill="{_COLOURS[number % len(_COLOURS)]}"/></svg></i>{escape(column.title)}</span>'
            for number, column in enumerate(columns)
        )
        legend = f'<div class="keys">{"".join(rows)}</div>'
    name = escape(f"{figure.number} {figure.title}", quote=True)
    return (
        f'{legend}<svg class="chart" role="img" aria-label="{name}" viewBox="0 0 {_WIDTH:g} {height:g}" '
        f'width="{_WIDTH:g}" height="{height:g}">{body}</svg>'
    )


def _draw_bars(figure: DocFigure, table: DocTable, drawn: list[DocColumn]) -> str:
    count = min(len(table.values), _MOST_ROWS)
    numbers = _numbers(table, drawn)
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    room = _WIDTH - _LABELS - _RIGHT
    scale = room / ((high - low) or 1.0)
    zero = _LABELS - low * scale
    step = _BAR * len(drawn) + _ROW_GAP
    parts = []
    for row in range(count):
        top = row * step + _ROW_GAP / 2
        middle = top + _BAR * len(drawn) / 2 + 4.0
        parts.append(_text("label", _LABELS - 8.0, middle, _label(table, figure.figure.label, row)))
        for number, column in enumerate(drawn):
            value, y = _value(table, column, row), top + number * _BAR
            end = zero + (0.0 if math.isnan(value) else value * scale)
            left, width = min(zero, end), abs(end - zero)
            colour = _COLOURS[number % len(_COLOURS)]
            parts.append(_bar(left, y, width, _BAR - 2.0, colour))
            parts.append(_text("value", max(zero, end) + 5.0, y + _BAR - 3.0, _cell(table, column, row)))
    height = count * step + 6.0
    parts.append(f'<path class="axis" d="M{zero:.1f} 0V{height:.1f}"/>')
    return _wrap("".join(parts), height, figure, drawn, keys=len(drawn) > 1)


def _draw_ranges(figure: DocFigure, table: DocTable, drawn: list[DocColumn]) -> str:
    low, high = drawn[0], drawn[1]
    count = min(len(table.values), _MOST_ROWS)
    numbers = _numbers(table, drawn)
    least, most = min(numbers), max(numbers)
    left, right = _LABELS + 70.0, _WIDTH - _RIGHT
    scale = (right - left) / ((most - least) or 1.0)
    step, parts = _BAR + _ROW_GAP + 4.0, []
    for row in range(count):
        y = row * step + _ROW_GAP / 2
        parts.append(_text("label", _LABELS - 8.0, y + 12.0, _label(table, figure.figure.label, row)))
        ends = [_value(table, low, row), _value(table, high, row)]
        if any(math.isnan(end) for end in ends):
            continue
        places = [left + (end - least) * scale for end in ends]
        start, stop = min(places), max(places)
        parts.append(_bar(start, y, max(stop - start, 1.5), _BAR + 2.0, _COLOURS[0]))
        texts = [_cell(table, column, row) for column in (low, high)]
        texts = texts if places[0] <= places[1] else texts[::-1]
        parts.append(_text("value before", start - 5.0, y + 12.0, texts[0]))
        parts.append(_text("value", stop + 5.0, y + 12.0, texts[1]))
    bottom = count * step + 6.0
    base = _value(table, drawn[2], 0) if len(drawn) > 2 and count else math.nan
    if not math.isnan(base):
        x = left + (base - least) * scale
        parts.append(f'<path class="base" d="M{x:.1f} 0V{bottom:.1f}"/>')
        parts.append(_text("tick", x, bottom + 14.0, f"{escape(drawn[2].title)} {_cell(table, drawn[2], 0)}"))
        bottom += 20.0
    return _wrap("".join(parts), bottom, figure, drawn, keys=False)


def _draw_curve(figure: DocFigure, table: DocTable, drawn: list[DocColumn]) -> str:
    count = len(table.values)
    label = next(column for column in table.columns if column.id == figure.figure.label)
    xs = [_value(table, label, row) for row in range(count)]
    is_ordered = any(math.isnan(x) for x in xs) or len(set(xs)) < 2
    xs = [float(row) for row in range(count)] if is_ordered else xs
    left, right, top, bottom = 90.0, _WIDTH - 30.0, 12.0, _CURVE_HEIGHT - 40.0
    least, most = min(xs), max(xs)
    numbers = _numbers(table, drawn)
    low, high = min(numbers), max(numbers)
    pad = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    low, high = (max(0.0, low - pad) if low >= 0 else low - pad), high + pad
    across = [left + (x - least) / ((most - least) or 1.0) * (right - left) for x in xs]
    parts = [f'<path class="axis" d="M{left:g} {top:g}V{bottom:g}H{right:g}"/>']
    parts += _mark_rows(table, drawn[0], low, high, (left, right, top, bottom))
    told_until = -math.inf
    for row in range(count):
        text = _label(table, label.id, row)
        half = measure(unescape(text)) * _DIGIT_PX / 2.0
        if across[row] - half > told_until:
            parts.append(_text("tick", across[row], bottom + 18.0, text))
            told_until = across[row] + half + 10.0
    for number, column in enumerate(drawn):
        colour = _COLOURS[number % len(_COLOURS)]
        values = [_value(table, column, row) for row in range(count)]
        at = [
            (x, bottom - (value - low) / (high - low) * (bottom - top), row)
            for row, (x, value) in enumerate(zip(across, values, strict=True))
            if not math.isnan(value)
        ]
        line = "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in at)
        parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y, row in at:
            told = f"{_cell(table, label, row)}: {_cell(table, column, row)}"
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{colour}"><title>{told}</title></circle>')
    parts.append(_text("tick", (left + right) / 2, _CURVE_HEIGHT - 4.0, escape(label.title)))
    return _wrap("".join(parts), _CURVE_HEIGHT, figure, drawn, keys=True)


def _mark_rows(
    table: DocTable, column: DocColumn, low: float, high: float, frame: tuple[float, float, float, float]
) -> list[str]:
    """Draw four light lines across and write beside each the value as the column's cells are written."""
    left, right, top, bottom = frame
    parts = []
    for part in range(5):
        value = low + (high - low) * part / 4
        y = bottom - (bottom - top) * part / 4
        is_share = column.kind in ("share", "points")
        text = f"{value * 100:.1f}%" if is_share else f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
        parts.append(f'<path class="grid" d="M{left:g} {y:.1f}H{right:g}"/>')
        parts.append(_text("label", left - 8.0, y + 4.0, text))
    return parts


def _cell(table: DocTable, column: DocColumn, row: int) -> str:
    return escape(str(table.texts[column.id].iloc[row]))


def _text(look: str, x: float, y: float, escaped: str) -> str:
    return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}">{escaped}</text>'


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:g}" fill="{colour}"/>'
