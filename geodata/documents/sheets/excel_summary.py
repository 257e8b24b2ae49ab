"""The first sheet of a workbook: what the report says in sentences, and the way to each table."""

from __future__ import annotations

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from geodata.documents.content.document import DocTable, Document, Paragraph
from geodata.documents.paper.fixed_phrases import list_headings, say
from geodata.documents.sheets.excel_cells import clean_text, find_height
from geodata.documents.sheets.excel_styles import Styles

_LABEL_WIDTH, _TEXT_WIDTH = 16.0, 92.0


def write_summary(sheet: Worksheet, document: Document, tables: list[tuple[DocTable, str]], styles: Styles) -> None:
    """Write title, strip, marks, every sentence under its heading, and a list of the tables with their sheets."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, _LABEL_WIDTH)
    sheet.set_column(1, 1, _TEXT_WIDTH)
    page = _Page(sheet)
    page.write_wide(document.title, styles.report_title, size=20.0)
    page.write_wide("  ".join(part for part in (document.department, document.date) if part), styles.label)
    if document.marks:
        page.write_wide("　".join(document.marks), styles.mark)
    page.row += 1
    for label, value in document.strip:
        page.write_pair(label, value, styles.label, styles.text)
    looks = {"headline": styles.headline, "finding": styles.text, "note": styles.note}
    for heading, section in list_headings(document):
        paragraphs = [block for block in section.blocks if isinstance(block, Paragraph)]
        if not paragraphs:
            continue
        page.row += 1
        page.write_wide(heading, styles.heading, size=13.0)
        for each in paragraphs:
            size = 13.0 if each.look == "headline" else 10.5
            page.write_wide(each.text, looks.get(each.look, styles.text), size=size)
    page.row += 1
    page.write_wide(say(document, "tables"), styles.heading, size=13.0)
    for table, name in tables:
        page.write_link(table.number, table.title, name, styles)


class _Page:
    """Writes lines one under the other and gives each the height its text needs."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.row = 0

    def write_wide(self, text: str, look: Format, *, size: float = 10.5) -> None:
        shown = clean_text(text)
        self._set_height(shown, _LABEL_WIDTH + _TEXT_WIDTH, size)
        self.sheet.merge_range(self.row, 0, self.row, 1, "", look)
        self.sheet.write_string(self.row, 0, shown, look)
        self.row += 1

    def write_pair(self, label: str, value: str, label_look: Format, look: Format) -> None:
        self._set_height(clean_text(value), _TEXT_WIDTH, 10.5)
        self.sheet.write_string(self.row, 0, clean_text(label), label_look)
        self.sheet.write_string(self.row, 1, clean_text(value), look)
        self.row += 1

    def write_link(self, label: str, text: str, name: str, styles: Styles) -> None:
        self.sheet.write_string(self.row, 0, clean_text(label), styles.label)
        place = "internal:'{}'!A1".format(name.replace("'", "''"))
        if self.sheet.write_url(self.row, 1, place, styles.link, clean_text(text)[:250]) != 0:
            self.sheet.write_string(self.row, 1, clean_text(text), styles.text)
        self.row += 1

    def _set_height(self, text: str, width: float, size: float) -> None:
        self.sheet.set_row(self.row, find_height(text, width, size=size))
