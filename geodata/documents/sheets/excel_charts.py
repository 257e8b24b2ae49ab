"""Native charts beside the table they draw; they hold values and the places of the cells, no formula."""

from __future__ import annotations

from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from geodata.documents.content.document import DocFigure, DocTable, Document
from geodata.documents.sheets.excel_styles import INK, MUTED, RULE

_MOST_BARS = 40
_COLOURS = ("#2C7DA0", "#E08A3C", "#08415C", "#9C3B1B")
_WIDTH, _BAR_HEIGHT = 560, 22


def draw_charts(book: Workbook, sheet: Worksheet, table: DocTable, document: Document, *, at: tuple[int, int]) -> None:
    """Draw the charts of a document that show a table, to the right of it.

    Parameters
    ----------
    book, sheet
        The workbook and the sheet of the table.
    table
        The table; longer ones than a chart can show are drawn for their first 40 rows.
    document
        Its figures tell which columns are drawn.
    at
        Row and column of the first chart, from 0; the row is that of the first values.
    """
    row = first_row = at[0]
    for figure in document.figures():
        if figure.table is None or figure.table.id != table.id or not len(table.values):
            continue
        columns = {column.id: place for place, column in enumerate(table.columns)}
        drawn = [name for name in figure.figure.values if name in columns]
        if figure.figure.label in columns and drawn:
            chart = _make_chart(book, sheet.get_name(), table, figure, columns, drawn, first_row)
            sheet.insert_chart(row, at[1], chart)
            row += 30


def _make_chart(
    book: Workbook,
    name: str,
    table: DocTable,
    figure: DocFigure,
    columns: dict[str, int],
    drawn: list[str],
    first_row: int,
) -> Any:
    is_curve = figure.figure.kind == "curve"
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"} if is_curve else {"type": "bar"})
    count = len(table.values) if is_curve else min(len(table.values), _MOST_BARS)
    last_row = first_row + count - 1
    label = columns[figure.figure.label]
    for number, value in enumerate(drawn):
        place, colour = columns[value], _COLOURS[number % len(_COLOURS)]
        series: dict[str, Any] = {
            "name": table.columns[place].title[:200],
            "categories": [name, first_row, label, last_row, label],
            "values": [name, first_row, place, last_row, place],
        }
        look = {
            "line": {"color": colour, "width": 2},
            "marker": {"type": "circle", "size": 4, "fill": {"color": colour}},
        }
        chart.add_series(series | (look if is_curve else {"fill": {"color": colour}, "gap": 60}))
    small = {"size": 9, "color": MUTED}
    axis = {"num_font": small, "line": {"color": RULE}, "major_gridlines": {"visible": False}}
    title = f"{figure.number}  {figure.title}"[:200]
    chart.set_title({"name": title, "name_font": {"size": 11, "color": INK}, "overlay": False})
    chart.set_x_axis(axis | {"major_gridlines": {"visible": not is_curve, "line": {"color": RULE}}})
    chart.set_y_axis(axis | ({} if is_curve else {"reverse": True, "crossing": "max"}))
    chart.set_legend({"none": True} if len(drawn) == 1 else {"position": "bottom", "font": small})
    chart.set_size({"width": _WIDTH, "height": 380 if is_curve else min(160 + count * _BAR_HEIGHT * len(drawn), 900)})
    return chart
