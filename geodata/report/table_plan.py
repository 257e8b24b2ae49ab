"""How a table fits on paper: widths of its columns, size of its type, upright or across the page."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.report.document import DocTable
from geodata.report.fonts import keep_drawable, measure, wrap
from geodata.report.sheet import TEXT_WIDTH_MM, points_to_mm

ACROSS_WIDTH_MM = 237.0  # text of an A4 page on its side: 297 less 30 and 30
PADDING_MM = 2.4  # left and right of a cell together

_SIZES = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0)
_SMALL_SIZES = (7.5, 7.0)
_SMALLEST = 6.0
_WIDE_TEXT, _LEAST_TEXT = 20.0, 6.0  # of a column of names [em]
_WORD_MOST = 9.0  # longer words are broken [em]
_MOST_SPARE_MM = 12.0  # a narrow table is not drawn out over the page
_HEADER_LEAST = 2.0


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How a table is set.

    Parameters
    ----------
    widths_mm
        Of its columns.
    size
        Of its type [pt].
    is_across
        Whether it takes pages on their side.
    is_number
        For each column whether it is set to the right.
    """

    widths_mm: tuple[float, ...]
    size: float
    is_across: bool
    is_number: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _Need:
    """The least width of a column without a number or a usual word broken, and that of its text on one line [em]."""

    least: float
    whole: float


def plan_table(table: DocTable) -> TablePlan:
    """Choose widths and size: as large as fits upright, and on a page on its side only where it would get tiny.

    Numbers are never broken over lines; names are, where they must.
    """
    is_number = tuple(column.kind not in ("text", "word", "date") for column in table.columns)
    needs = [_find_need(table, at, number) for at, number in enumerate(is_number)]
    tries = [(size, False) for size in _SIZES] + [(size, True) for size in _SIZES[2:]]
    tries += [(size, False) for size in _SMALL_SIZES] if not table.is_appendix else []
    tries += [(size, True) for size in _SMALL_SIZES]
    for size, is_across in tries:
        widths = _share_out(needs, size, ACROSS_WIDTH_MM if is_across else TEXT_WIDTH_MM)
        if widths is not None:
            return TablePlan(widths, size, is_across, is_number)
    total = sum(need.least for need in needs) or 1.0
    widths = tuple(ACROSS_WIDTH_MM * need.least / total for need in needs)
    return TablePlan(widths, _SMALLEST, True, is_number)


def break_words(text: str, width_mm: float, size: float) -> list[str]:
    """Split a text where a word is longer than its column, so that it can go on in the next line."""
    room = max((width_mm - PADDING_MM) / points_to_mm(size), 1.0)
    if measure(text) <= room:
        return [text]
    parts: list[str] = []
    for word in text.split(" "):
        pieces = wrap(word, room) if measure(word) > room and word.isascii() else [word]
        parts += [*pieces[:-1], pieces[-1] + " "]
    parts[-1] = parts[-1][:-1]
    return parts


def _find_need(table: DocTable, at: int, is_number: bool) -> _Need:
    texts = [keep_drawable(str(text)) for text in table.texts.iloc[:, at]]
    title = keep_drawable(table.columns[at].title)
    lengths = [measure(text) for text in texts]
    longest = max(lengths, default=0.0)
    header = max(_HEADER_LEAST, _longest_word(title), measure(title) / 3.0)
    if is_number:
        return _Need(max(longest, header), max(longest, min(measure(title), longest + 4.0)))
    word = max(
        (_longest_word(text) for text, length in zip(texts, lengths, strict=True) if length > _LEAST_TEXT), default=0.0
    )
    least = max(min(longest, max(word, _LEAST_TEXT)), header)
    return _Need(least, max(least, min(longest, _WIDE_TEXT)))


def _longest_word(text: str) -> float:
    """Measure the longest piece that is not broken; a run of Chinese counts two characters."""
    longest = 0.0
    for word in text.split(" "):
        is_latin = word.isascii()
        longest = max(longest, measure(word) if is_latin else min(measure(word), 2.0))
    return min(longest, _WORD_MOST)


def _share_out(needs: list[_Need], size: float, room_mm: float) -> tuple[float, ...] | None:
    """Give each column its least, and what is left to those that want more; None where the least does not fit."""
    em = points_to_mm(size) * 1.02
    least = [need.least * em + PADDING_MM for need in needs]
    whole = [need.whole * em + PADDING_MM for need in needs]
    left = room_mm - sum(least)
    if left < 0.0:
        return None
    wanted = sum(whole) - sum(least)
    share = min(1.0, left / wanted) if wanted > 0.0 else 0.0
    widths = [low + (high - low) * share for low, high in zip(least, whole, strict=True)]
    spare = min((room_mm - sum(widths)) / len(widths), _MOST_SPARE_MM)
    return tuple(width + spare for width in widths)
