"""A report as a workbook: the summary, one sheet for each table, the run file; values only, no formula anywhere."""

from __future__ import annotations

import datetime as dt
import io
import json
import unicodedata

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from coverage.progress import Progress, ignore_progress, report_progress
from geodata.documents.content.document import Document
from geodata.documents.paper.fixed_phrases import say
from geodata.documents.sheets.excel_cells import LONGEST_CELL, clean_text
from geodata.documents.sheets.excel_charts import draw_charts
from geodata.documents.sheets.excel_styles import Styles
from geodata.documents.sheets.excel_summary import write_summary
from geodata.documents.sheets.excel_table import HEADER_ROW, write_table

RUN_SHEET = "run.json"
_FIXED_DATE = dt.datetime(2000, 1, 1)  # equal documents give equal bytes
_LONGEST_NAME = 31
_A4 = 9


def render_xlsx(document: Document, progress: Progress = ignore_progress) -> bytes:
    """Render a document as an Excel workbook.

    Parameters
    ----------
    document
        The report in words.
    progress
        Told the share done before each sheet; it may stop the work there.

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
        for number, (table, name) in enumerate(zip(tables, names[1:], strict=True), start=1):
            report_progress(progress, number / (len(tables) + 2), "report_xlsx")
            sheet = book.add_worksheet(name)
            last_column = write_table(sheet, table, styles)
            _set_up_print(sheet, document, is_wide=len(table.columns) > 6)
            draw_charts(book, sheet, table, document, at=(HEADER_ROW + 1, last_column + 2))
        report_progress(progress, (len(tables) + 1) / (len(tables) + 2), "report_xlsx")
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


def _set_up_print(sheet: Worksheet, document: Document, *, is_wide: bool = False) -> None:
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.5, 0.5, 0.7, 0.7)
    if is_wide:
        sheet.set_landscape()
    page = say(document, "page", page="&P", pages="&N")
    sheet.set_header(f"&R&9{_as_print_text(' · '.join(document.marks))}")
    sheet.set_footer(f"&L&9{_as_print_text(document.title)}&R&9{page}")


def _as_print_text(text: str) -> str:
    return clean_text(text)[:180].replace("&", "&&").replace("\n", " ")


def _write_run(book: Workbook, document: Document, styles: Styles) -> None:
    sheet = book.add_worksheet(RUN_SHEET)
    sheet.set_column(0, 0, 110)
    row = 0
    for line in json.dumps(document.run, ensure_ascii=True, indent=1).splitlines():
        for start in range(0, len(line), LONGEST_CELL):
            sheet.write_string(row, 0, line[start : start + LONGEST_CELL], styles.code)
            row += 1
    _set_up_print(sheet, document)
