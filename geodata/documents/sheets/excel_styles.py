"""Looks of a workbook: fonts, colours and number formats by what a column holds."""

from __future__ import annotations

from functools import cached_property

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from coverage.tables.report_value import CellKind
from geodata.documents.content.document import DocColumn
from geodata.words.i18n import Language

INK, MUTED, PRIMARY, HEADER_GROUND, RULE = "#1F2933", "#5B6672", "#1F4E79", "#E4EBF2", "#C9D0D8"
_FONTS: dict[Language, str] = {"zh_CN": "微软雅黑", "en": "Calibri"}
_FORMATS: dict[CellKind, str] = {
    "text": "@",
    "word": "@",
    "date": "@",
    "people": "#,##0",
    "count": "#,##0",
    "share": "0.0%",
    "points": "+0.0;-0.0;0.0",
    "minutes": "#,##0.0",
    "hours": "#,##0.0",
    "metres": "#,##0",
    "km": "#,##0.0",
    "yuan": "#,##0",
    "visits": "#,##0.0",
    "index": "0.000",
    "year": "0",
    "degrees": "0.00000",
}
_TEXT_KINDS = ("text", "word", "date")


def find_number_format(kind: CellKind, text: str) -> str:
    """Find the format of a cell; shares, points and a ``number``, whose unit differs by row, as their text shows them.

    Examples
    --------
    >>> find_number_format("share", ""), find_number_format("number", "97.5%"), find_number_format("number", "1,234.50")
    ('0.0%', '0.0%', '#,##0.00')
    >>> find_number_format("share", "99.76%"), find_number_format("points", "+0.03")
    ('0.00%', '+0.00;-0.00;0.00')
    """
    decimals = len("".join(each for each in text.partition(".")[2] if each.isdigit()))
    if kind in ("share", "points"):
        return _FORMATS[kind].replace("0.0", "0." + "0" * max(decimals, 1))
    if kind != "number":
        return _FORMATS[kind]
    if "%" in text:
        return "0.0%"
    return "#,##0" + ("." + "0" * min(decimals, 6) if decimals else "")


class Styles:
    """Formats of one workbook, each made once."""

    def __init__(self, book: Workbook, language: Language) -> None:
        self._book = book
        self._base = {"font_name": _FONTS[language], "font_size": 10.5, "font_color": INK, "valign": "vcenter"}
        self._cells: dict[tuple[str, bool], Format] = {}

    def make(self, **looks: object) -> Format:
        """Make a format from the base and what differs."""
        return self._book.add_format(self._base | looks)

    def cell(self, number_format: str, *, is_wrapped: bool = False) -> Format:
        """Return the format of a cell of a table."""
        key = (number_format, is_wrapped)
        if key not in self._cells:
            is_text = number_format == "@"
            looks = {
                "num_format": number_format,
                "align": "left" if is_text else "right",
                "text_wrap": is_wrapped,
                "indent": int(is_text),
            }
            self._cells[key] = self.make(**looks, bottom=1, bottom_color="#E4E7EB")
        return self._cells[key]

    def header_of(self, column: DocColumn) -> Format:
        """Return the format of a column's header, on the side of its cells."""
        return self._text_header if column.kind in _TEXT_KINDS else self._number_header

    @cached_property
    def _text_header(self) -> Format:
        return self._make_header("left")

    @cached_property
    def _number_header(self) -> Format:
        return self._make_header("right")

    def _make_header(self, side: str) -> Format:
        looks = {"bg_color": HEADER_GROUND, "bottom": 2, "bottom_color": PRIMARY}
        return self.make(bold=True, align=side, text_wrap=True, indent=int(side == "left"), **looks)

    @cached_property
    def title(self) -> Format:
        """Title of a table."""
        return self.make(bold=True, font_size=14, font_color=PRIMARY)

    @cached_property
    def report_title(self) -> Format:
        """Title of the report."""
        return self.make(bold=True, font_size=20, font_color=PRIMARY, text_wrap=True)

    @cached_property
    def heading(self) -> Format:
        """Heading of a section."""
        return self.make(bold=True, font_size=13, font_color=PRIMARY, bottom=1, bottom_color=RULE, text_wrap=True)

    @cached_property
    def headline(self) -> Format:
        """The sentence a leader reads."""
        return self.make(bold=True, font_size=13, text_wrap=True)

    @cached_property
    def text(self) -> Format:
        """A paragraph."""
        return self.make(text_wrap=True, valign="top")

    @cached_property
    def label(self) -> Format:
        """A label at the left."""
        return self.make(font_color=MUTED, valign="top")

    @cached_property
    def mark(self) -> Format:
        """What every page says: schematic, no claim about boundaries."""
        return self.make(bold=True, font_color="#9C3B1B", text_wrap=True)

    @cached_property
    def note(self) -> Format:
        """A note beneath a table or among paragraphs."""
        return self.make(font_size=9, font_color=MUTED, text_wrap=True, valign="top")

    @cached_property
    def link(self) -> Format:
        """A way to another sheet."""
        return self.make(font_color=PRIMARY, underline=1)

    @cached_property
    def code(self) -> Format:
        """The run file."""
        return self.make(font_name="Consolas", font_size=9)
