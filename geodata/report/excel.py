"""A report as a workbook: the summary, one sheet for each table, the run file; values only, no formula anywhere."""

from __future__ import annotations

import datetime as dt
import io
import json
import unicodedata

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from geodata.report.document import DocColumn, DocTable, Document
from geodata.report.excel_cells import LONGEST_CELL, clean_text, measure, write_value
from geodata.report.excel_charts import draw_charts
from geodata.report.excel_styles import Styles, find_number_format
from geodata.report.excel_summary import write_summary
from geodata.report.short_words import say

RUN_SHEET = "run.json"
_FIXED_DATE = dt.datetime(2000, 1, 1)  # equal documents give equal bytes
_LONGEST_NAME = 31
_HEADER_ROW = 2
_NARROWEST, _WIDEST = 9.0, 46.0
_A4 = 9


def render_xlsx(document: Document) -> bytes:
    """Render a document as an Excel workbook.

    Parameters
    ----------
    document
        The report in words.

    Returns
    -------
    The file. Its first sheet holds every sentence, then comes one sheet for each table: title, a header that stays
    in view and filters, the values as numbers (differences of shares in percentage points, missing ones empty),
    notes beneath. The last sheet, ``run.json``, holds the run file: its cells in column A put together are JSON.
    Equal documents give equal bytes.
    """
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties(
            {"title": document.title[:255], "author": document.department[:255], "created": _FIXED_DATE}
        )
        styles = Styles(book, document.language)
        tables = document.tables()
        first = say(document, "summary")
        names = name_sheets([first, *(f"{table.number} {table.title}" for table in tables)], taken=(RUN_SHEET,))
        summary = book.add_worksheet(names[0])
        write_summary(summary, document, list(zip(tables, names[1:], strict=True)), styles)
        _set_up_print(summary, document)
        for table, name in zip(tables, names[1:], strict=True):
            sheet = book.add_worksheet(name)
            _write_table(sheet, table, styles)
            _set_up_print(sheet, document, is_wide=len(table.columns) > 6)
            sheet.repeat_rows(_HEADER_ROW)
            draw_charts(book, sheet, table, document, first_row=_HEADER_ROW + 1)
        _write_run(book, document, styles)
    return stream.getvalue()


def name_sheets(titles: list[str], *, taken: tuple[str, ...] = ()) -> list[str]:
    """Make names of sheets from titles: legal, at most 31 characters, none twice whatever the case.

    Examples
    --------
    >>> name_sheets(["表1 甲/乙", "表1 甲:乙", "History", "'x'"])
    ['表1 甲 乙', '表1 甲 乙 2', 'History_', 'x']
    """
    seen = {name.casefold() for name in taken}
    answer = []
    for title in titles:
        legal = "".join(" " if each in "[]:*?/\\" or unicodedata.category(each)[0] == "C" else each for each in title)
        stem = " ".join(legal.split()).strip("' ") or "_"
        stem = f"{stem}_" if stem.casefold() == "history" else stem
        name, number = _cut(stem, _LONGEST_NAME), 1
        while name.casefold() in seen:
            number += 1
            name = f"{_cut(stem, _LONGEST_NAME - len(str(number)) - 1)} {number}"
        seen.add(name.casefold())
        answer.append(name)
    return answer


def _cut(text: str, longest: int) -> str:
    """Cut a name to so many UTF-16 units, the way Excel counts."""
    while len(text.encode("utf-16-le")) > 2 * longest:
        text = text[:-1]
    return text.rstrip("' ")


def _write_table(sheet: Worksheet, table: DocTable, styles: Styles) -> None:
    sheet.write_string(0, 0, clean_text(f"{table.number}  {table.title}"), styles.title)
    for column, each in enumerate(table.columns):
        sheet.write_string(_HEADER_ROW, column, clean_text(each.title), styles.header_of(each))
        values, texts = table.values[each.id].tolist(), table.texts[each.id].tolist()
        width = _find_width(each, texts)
        sheet.set_column(column, column, width)
        for row, (value, text) in enumerate(zip(values, texts, strict=True), start=_HEADER_ROW + 1):
            look = styles.cell(find_number_format(each.kind, text), is_wrapped=len(text) * 2 > width)
            write_value(sheet, row, column, value, text, each.kind == "points", look)
    last = _HEADER_ROW + len(table.values)
    if table.columns:
        sheet.autofilter(_HEADER_ROW, 0, max(last, _HEADER_ROW), len(table.columns) - 1)
        # Charts stand to the right for the screen; on paper they would make the table tiny.
        sheet.print_area(0, 0, last + 2 + len(table.notes), len(table.columns) - 1)
    sheet.freeze_panes(_HEADER_ROW + 1, 1)
    for number, note in enumerate(table.notes, start=last + 2):
        sheet.write_string(number, 0, clean_text(note), styles.note)


def _find_width(column: DocColumn, texts: list[str]) -> float:
    """Find a width that shows most cells whole and the header in at most two or three lines."""
    widths = sorted(measure(text) for text in texts[:2000])
    usual = widths[int(0.98 * (len(widths) - 1))] if widths else 0.0
    return min(max(usual + 2.5, measure(column.title) / 2.0 + 4.0, _NARROWEST), _WIDEST)


def _set_up_print(sheet: Worksheet, document: Document, *, is_wide: bool = False) -> None:
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.5, 0.5, 0.7, 0.7)
    if is_wide:
        sheet.set_landscape()
    page = say(document, "page", page="&P", pages="&N")
    sheet.set_header(f"&R&9{_as_print_text('  '.join(document.marks))}")
    sheet.set_footer(f"&L&9{_as_print_text(document.title)}&R&9{page}")


def _as_print_text(text: str) -> str:
    return clean_text(text)[:100].replace("&", "&&").replace("\n", " ")


def _write_run(book: Workbook, document: Document, styles: Styles) -> None:
    sheet = book.add_worksheet(RUN_SHEET)
    sheet.set_column(0, 0, 110)
    row = 0
    for line in json.dumps(document.run, ensure_ascii=True, indent=1).splitlines():
        for start in range(0, len(line), LONGEST_CELL):
            sheet.write_string(row, 0, line[start : start + LONGEST_CELL], styles.code)
            row += 1
    _set_up_print(sheet, document)
