"""One table on one sheet: title, header in view, values, notes beneath, and what of it is printed."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from geodata.documents.content.document import DocColumn, DocTable
from geodata.documents.sheets.excel_cells import clean_text, find_height, measure, write_value
from geodata.documents.sheets.excel_styles import Styles, find_number_format

HEADER_ROW = 2
_NARROWEST, _WIDEST, _SPARE = 9.0, 46.0, 8.43
# Narrower tables get empty columns beside them, so that title and notes have room on paper.
_NARROWEST_SHEET, _WIDEST_TITLE = 72.0, 140.0
_TITLE_SIZE, _NOTE_SIZE = 14.0, 9.0


def write_table(sheet: Worksheet, table: DocTable, styles: Styles) -> int:
    """Write a table.

    Parameters
    ----------
    sheet
        An empty sheet.
    table
        The table; its header stands in row 2 (from 0), its values below.
    styles
        Formats of the workbook.

    Returns
    -------
    The last column that is printed, from 0: what stands beyond is for the screen only.
    """
    title = clean_text(f"{table.number}  {table.title}")
    sheet.write_string(0, 0, title, styles.title)
    texts = {each.id: table.texts[each.id].tolist() for each in table.columns}
    widths = [_find_width(each, texts[each.id]) for each in table.columns]
    for column, each in enumerate(table.columns):
        sheet.set_column(column, column, widths[column])
        sheet.write_string(HEADER_ROW, column, clean_text(each.title), styles.header_of(each))
        cells = zip(table.values[each.id].tolist(), texts[each.id], strict=True)
        for row, (value, text) in enumerate(cells, start=HEADER_ROW + 1):
            is_wrapped = find_height(text, widths[column]) > find_height("", widths[column])
            look = styles.cell(find_number_format(each.kind, text), is_wrapped=is_wrapped)
            write_value(sheet, row, column, value, text, each.kind == "points", look)
    _set_heights(sheet, table, texts, widths)
    last_row = HEADER_ROW + len(table.values)
    if table.columns:
        sheet.autofilter(HEADER_ROW, 0, last_row, len(table.columns) - 1)
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    wanted = max(_NARROWEST_SHEET, min(measure(title) * _TITLE_SIZE / 10.5, _WIDEST_TITLE))
    while sum(widths) < wanted:
        widths.append(_SPARE)
    _write_notes(sheet, table.notes, last_row + 2, widths, styles)
    sheet.print_area(0, 0, last_row + 2 + len(table.notes), len(widths) - 1)
    sheet.repeat_rows(HEADER_ROW)
    return len(widths) - 1


def _find_width(column: DocColumn, texts: list[str]) -> float:
    """Find a width that shows nearly all cells whole and the header in two lines or so."""
    widths = sorted(measure(text) for text in texts)
    usual = widths[int(0.98 * len(widths)) - 1 if len(widths) > 50 else -1] if widths else 0.0
    return min(max(usual + 3.5, measure(column.title) / 2.0 + 6.0, _NARROWEST), _WIDEST)


def _set_heights(sheet: Worksheet, table: DocTable, texts: dict[str, list[str]], widths: list[float]) -> None:
    """Give rows the height of their longest text: only some programs find it by themselves."""
    titles = [each.title for each in table.columns]
    sheet.set_row(HEADER_ROW, max(map(find_height, titles, widths), default=None))
    for row in range(len(table.values)):
        height = max((find_height(texts[each.id][row], widths[at]) for at, each in enumerate(table.columns)), default=0)
        if height > find_height("", 1.0):
            sheet.set_row(HEADER_ROW + 1 + row, height)


def _write_notes(sheet: Worksheet, notes: tuple[str, ...], first: int, widths: list[float], styles: Styles) -> None:
    for row, note in enumerate(map(clean_text, notes), start=first):
        sheet.set_row(row, find_height(note, sum(widths), size=_NOTE_SIZE))
        if len(widths) > 1:
            sheet.merge_range(row, 0, row, len(widths) - 1, "", styles.note)
        sheet.write_string(row, 0, note, styles.note)
