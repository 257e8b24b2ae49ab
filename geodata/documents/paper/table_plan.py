"""How a table fits on paper: widths of its columns, size of its type, upright or across the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from geodata.documents.content.document import DocTable
from geodata.documents.paper.fonts import keep_drawable, measure, split_pieces, wrap
from geodata.documents.paper.sheet import TEXT_WIDTH_MM, points_to_mm

ACROSS_WIDTH_MM = 237.0  # text of an A4 page on its side: 297 less 30 and 30
SERIF = 0.92  # width of Latin signs of a serif, to those of the Chinese font
_PADDING_MM, _SMALL_PADDING_MM = 2.4, 1.6  # left and right of a cell together

_SIZES = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0)
_SMALL_SIZES = (7.5, 7.0, 6.5)
_SMALLEST = 6.0
_READABLE = _SIZES[-1]  # a table that would be set smaller comes in parts, one under the other
_MOST_PARTS = 3
_WIDE_TEXT, _LEAST_TEXT = 26.0, 6.0  # of a column of names [em]
_USUAL = 0.9  # share of the texts of a column that are looked at for its width; the longest may be broken
# Shares of the whole width of texts that are tried before they are squeezed; and a short text [em].
_COMFORT, _SHORT_TEXT, _COMFORTABLE_SIZE = (0.6, 0.45, 0.35), 20.0, 8.5
_WORD_MOST = 9.0  # longer words are broken [em]
_MOST_SPARE_MM = 12.0  # a narrow table is not drawn out over the page
_HEADER_LEAST, _HEADER_LINES, _LONG_HEADER = 2.0, 3, 14.0
_LATIN_RUN = re.compile(r"[!-~\u00a0-\u2e7f]+")


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

    @property
    def padding_mm(self) -> float:
        """Return what is left free left and right of the text of a cell, together [mm]."""
        return find_padding(self.size)


@dataclass(frozen=True, slots=True)
class _Need:
    """The least width of a column without a number or a usual word broken, and that of its text on one line [em]."""

    least: float
    whole: float


def plan_table(table: DocTable, latin: float = 1.0) -> TablePlan:
    """Choose widths and size: as large as fits upright, and on a page on its side only where it would get tiny.

    Numbers are never broken over lines; names are, where they must. Only an appendix is laid across the page
    before its type is set very small; other tables are parted then, see `part_table`.

    Parameters
    ----------
    table
        The table.
    latin
        How wide Latin signs are in the font of the table, to those of the Chinese font.
    """
    is_number = tuple(column.kind not in ("text", "word", "date") for column in table.columns)
    needs = [_find_need(table, at, number, latin) for at, number in enumerate(is_number)]
    upright = [(size, False) for size in (_SIZES if table.is_appendix else (*_SIZES, *_SMALL_SIZES))]
    tries = upright + [(size, True) for size in (*_SIZES[2:], *_SMALL_SIZES)]
    comfortable = [(size, False) for size in _SIZES if size >= _COMFORTABLE_SIZE]
    rounds = [([_give(need, share) for need in needs], comfortable) for share in _COMFORT]
    for wanted, choices in (*rounds, (needs, tries)):
        for size, is_across in choices:
            widths = _share_out(wanted, size, ACROSS_WIDTH_MM if is_across else TEXT_WIDTH_MM)
            if widths is not None:
                return TablePlan(widths, size, is_across, is_number)
    total = sum(need.least for need in needs) or 1.0
    widths = tuple(ACROSS_WIDTH_MM * need.least / total for need in needs)
    return TablePlan(widths, _SMALLEST, True, is_number)


def part_table(table: DocTable, latin: float = 1.0) -> tuple[tuple[DocTable, TablePlan], ...]:
    """Plan a table in as few parts as it takes to set it in 8 pt or more, each with the names its rows begin with.

    Parameters
    ----------
    table, latin
        As for `plan_table`.

    Returns
    -------
    The parts, to be set one under the other, with their plans. An appendix lies across the page and stays whole, and
    so does a table that parts would not help.
    """
    plan = plan_table(table, latin)
    names = next((at for at, is_number in enumerate(plan.is_number) if is_number), len(table.columns))
    numbers = list(range(names, len(table.columns)))
    if plan.size >= _READABLE or table.is_appendix or not names:
        return ((table, plan),)
    for count in range(2, min(_MOST_PARTS, len(numbers)) + 1):
        shares = [list(map(int, share)) for share in np.array_split(numbers, count)]
        parts = [_take_columns(table, [*range(names), *share]) for share in shares]
        plans = [plan_table(part, latin) for part in parts]
        if all(each.size >= _READABLE and not each.is_across for each in plans):
            size = min(each.size for each in plans)
            return tuple((part, replace(each, size=size)) for part, each in zip(parts, plans, strict=True))
    return ((table, plan),)


def _take_columns(table: DocTable, places: list[int]) -> DocTable:
    columns = tuple(table.columns[at] for at in places)
    return replace(table, columns=columns, values=table.values.iloc[:, places], texts=table.texts.iloc[:, places])


def find_padding(size: float) -> float:
    """Return what is left free in a cell with type of a size [pt]: left and right together [mm]."""
    return _PADDING_MM if size >= _SIZES[-1] else _SMALL_PADDING_MM


def break_words(text: str, width_mm: float, size: float) -> list[str]:
    """Split a text where a word is longer than its column, so that it can go on in the next line."""
    room = max((width_mm - find_padding(size)) / points_to_mm(size), 1.0)
    if measure(text) <= room:
        return [text]
    parts: list[str] = []
    for word in text.split(" "):
        pieces = wrap(word, room) if measure(word) > room and word.isascii() else [word]
        parts += [*pieces[:-1], pieces[-1] + " "]
    parts[-1] = parts[-1][:-1]
    return parts


def _give(need: _Need, share: float) -> _Need:
    """Give a column a share of the width of its whole text, and all of it if that is short."""
    return _Need(min(need.whole, max(need.least, _SHORT_TEXT * share, share * need.whole)), need.whole)


def _find_need(table: DocTable, at: int, is_number: bool, latin: float) -> _Need:
    texts = [keep_drawable(str(text)) for text in table.texts.iloc[:, at]]
    title = keep_drawable(table.columns[at].title)
    lengths = [measure(text, latin) for text in texts]
    longest = max(lengths, default=0.0)
    header = max(_longest_word(title), _find_header_width(title)) * (latin if title.isascii() else 1.0)
    if is_number:
        return _Need(max(longest, header), max(longest, min(measure(title, latin), longest + 4.0)))
    word = max(
        (_longest_word(text) for text, length in zip(texts, lengths, strict=True) if length > _LEAST_TEXT), default=0.0
    )
    least = max(min(longest, max(word, _LEAST_TEXT)), header)
    usual = sorted(lengths)[int(_USUAL * (len(lengths) - 1))] if lengths else 0.0
    return _Need(least, max(least, min(usual, _WIDE_TEXT)))


def _find_header_width(title: str) -> float:
    """Find the least width in which a title has at most three lines, a long one four [em]."""
    lines = _HEADER_LINES + int(measure(title) > _LONG_HEADER)
    width = max([_HEADER_LEAST, *(min(measure(piece.strip()), _WORD_MOST) for piece in split_pieces(title))])
    while len(wrap(title, width)) > lines:
        width += 0.5
    return width + 0.1


def _longest_word(text: str) -> float:
    """Measure the longest run that is not broken; Chinese may break after any two characters."""
    longest = min(measure(text), 2.0)
    for word in _LATIN_RUN.findall(text):
        longest = max(longest, measure(word))
    return min(longest, _WORD_MOST)


def _share_out(needs: list[_Need], size: float, room_mm: float) -> tuple[float, ...] | None:
    """Give each column its least, and what is left to those that want more; None where the least does not fit."""
    em = points_to_mm(size) * 1.02
    padding = find_padding(size)
    least = [need.least * em + padding for need in needs]
    whole = [need.whole * em + padding for need in needs]
    left = room_mm - sum(least)
    if left < 0.0:
        return None
    wanted = sum(whole) - sum(least)
    share = min(1.0, left / wanted) if wanted > 0.0 else 0.0
    widths = [low + (high - low) * share for low, high in zip(least, whole, strict=True)]
    spare = min((room_mm - sum(widths)) / len(widths), _MOST_SPARE_MM)
    return tuple(width + spare for width in widths)
