"""The figures of a report as pictures for print: PNG of 300 dots an inch, the width of an A4 page's text."""

from __future__ import annotations

from collections.abc import Callable

from geodata.report.document import DocFigure, Document
from geodata.report.print_chart import draw_chart
from geodata.report.print_map import draw_map

Progress = Callable[[float], None]


def draw_figure(document: Document, drawn: DocFigure, *, is_alone: bool = False) -> bytes:
    """Draw a figure as a PNG; the same figure always gives the same bytes.

    Parameters
    ----------
    document
        The report it is of.
    drawn
        A map or a chart.
    is_alone
        With its title, source and date on the picture, to be read without the report.
    """
    if drawn.figure.kind == "map":
        return draw_map(document, drawn, is_alone=is_alone)
    return draw_chart(document, drawn, is_alone=is_alone)


def draw_figures(document: Document, progress: Progress | None = None) -> dict[str, bytes]:
    """Draw every figure of a report for its pages, by id; `progress` hears the fraction done."""
    figures = document.figures()
    pictures = {}
    for number, drawn in enumerate(figures, start=1):
        pictures[drawn.figure.id] = draw_figure(document, drawn)
        if progress is not None:
            progress(number / len(figures))
    return pictures
