"""Cells of a workbook: what may stand in one, and how wide it is."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

LONGEST_CELL = 32_000
_USUAL_SIZE = 10.5
_HIGHEST = 400.0


def write_value(sheet: Worksheet, row: int, column: int, value: Any, text: str, is_points: bool, look: Format) -> None:
    """Write a cell: finite numbers as numbers, missing ones empty, everything else as the text people read."""
    if isinstance(value, str):
        sheet.write_string(row, column, clean_text(value), look)
    elif value is None or pd.isna(value):
        sheet.write_blank(row, column, None, look)
    elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        sheet.write_string(row, column, clean_text(text), look)
    else:
        sheet.write_number(row, column, _read_points(value, text) if is_points else value, look)


def _read_points(value: float, text: str) -> float:
    """Return a difference of shares in percentage points, which no number format can say of a fraction.

    It is the number people read: the difference of the shares as they are shown next to it.
    """
    try:
        return float(text.replace("−", "-"))
    except ValueError:
        return round(value * 100.0, 10)


def clean_text(text: str) -> str:
    """Return a text a cell can hold: no control characters, not too long."""
    kept = "".join(each for each in text if each in "\t\n" or unicodedata.category(each) not in ("Cc", "Cs", "Cn"))
    longest = LONGEST_CELL // 2 if any(ord(each) > 0xFFFF for each in kept[:LONGEST_CELL]) else LONGEST_CELL
    return kept[:longest]


def measure(text: str) -> float:
    """Return how wide a text is, in digits: a Chinese character is as wide as two."""
    return float(sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in text))


def find_height(text: str, width: float, *, size: float = _USUAL_SIZE) -> float:
    """Find the height [pt] that a text takes in a column of a width [digits], its font of a size [pt]."""
    room = max(width * _USUAL_SIZE / size, 1.0)
    lines = sum(max(1, math.ceil(_fill(part) / room)) for part in text.split("\n"))
    return min(lines * size * 1.55 + 2.0, _HIGHEST)


def _fill(text: str) -> float:
    # Letters are narrower than digits on average; and lines break before they are full.
    return sum(2.0 if unicodedata.east_asian_width(each) in "WFA" else 0.9 for each in text) * 1.04
