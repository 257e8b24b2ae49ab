"""Title, numbers of headings and day of a report: 一、（一）1. in Chinese, 1, 1.1 and 1.1.1 in English."""

from __future__ import annotations

import datetime as dt

from geodata.documents.content.document import Document
from geodata.documents.paper.fonts import measure, wrap
from geodata.documents.paper.sheet import TEXT_WIDTH_MM, points_to_mm

_DIGITS = "〇一二三四五六七八九"
_NO_DAY = dt.date(2000, 1, 1)


def number_headings(document: Document) -> list[str]:
    """Return the number that stands before the heading of each section, with the sign that parts it from the title."""
    counts = [0, 0, 0]
    numbers = []
    for section in document.sections:
        level = min(max(section.level, 1), 3)
        counts = [*counts[: level - 1], counts[level - 1] + 1, *[0] * (3 - level)]
        if document.language == "zh_CN":
            count = counts[level - 1]
            numbers.append((f"{say_numeral(count)}、", f"（{say_numeral(count)}）", f"{count}. ")[level - 1])
        else:
            numbers.append(".".join(str(max(count, 1)) for count in counts[:level]) + "  ")
    return numbers


def say_numeral(count: int) -> str:
    """Write a whole number from 1 to 99 in Chinese numerals.

    Examples
    --------
    >>> say_numeral(3), say_numeral(10), say_numeral(21)
    ('三', '十', '二十一')
    """
    tens, ones = divmod(count, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (_DIGITS[ones] if ones else "")


def find_day(document: Document) -> dt.date:
    """Return the day of a report, 1 January 2000 for one without: it is the same file each time."""
    return dt.date.fromisoformat(document.day) if document.day else _NO_DAY


def set_title(title: str) -> tuple[list[str], float]:
    """Set a title on one line if it fits, else on lines of about the same length; return them and their size [pt]."""
    for size in (26.0, 24.0, 22.0):
        if measure(title) * points_to_mm(size) <= TEXT_WIDTH_MM:
            return [title], size
    size = 24.0
    room = TEXT_WIDTH_MM / points_to_mm(size)
    for most in range(2, len(title) + 2):
        lines = wrap(title, min(room, measure(title) / most + 1.5))
        if len(lines) <= most:
            return lines, size
    return wrap(title, room), size
