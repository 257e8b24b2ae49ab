"""The figures of a report as pictures for print: PNG of 300 dots an inch, the width of an A4 page's text."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from geodata.documents.content.document import DocFigure, Document
from geodata.documents.paper.print_chart import draw_chart
from geodata.documents.paper.print_map import draw_map

SUMMARY = "summary"  # id of the section that has a page of its own
SUMMARY_MAP_MM = 72.0

Progress = Callable[[float], None]


def draw_figure(document: Document, drawn: DocFigure, *, is_alone: bool = False, tallest_mm: float = 0.0) -> bytes:
    """Draw a figure as a PNG; the same figure always gives the same bytes.

    Parameters
    ----------
    document
        The report it is of.
    drawn
        A map or a chart.
    is_alone
        With its title, source and date on the picture, to be read without the report.
    tallest_mm
        How tall a map may be, without what stands around it; 0 for the usual height.
    """
    if drawn.figure.kind == "map":
        return draw_map(document, drawn, is_alone=is_alone, tallest_mm=tallest_mm)
    return draw_chart(document, drawn, is_alone=is_alone)


def draw_figures(document: Document, progress: Progress | None = None) -> dict[str, bytes]:
    """Draw every figure of a report for its pages, by id; `progress` hears the fraction done."""
    count = len(document.figures())
    pictures: dict[str, bytes] = {}
    with drawing_beside() as beside:
        drawn_by_id: dict[str, Future[bytes]] = {}
        for section in document.sections:
            # The summary has room for a small map on its page.
            tallest_mm = SUMMARY_MAP_MM if section.id == SUMMARY else 0.0
            for drawn in (block for block in section.blocks if isinstance(block, DocFigure)):
                drawing = beside.submit(draw_figure, document, drawn, tallest_mm=tallest_mm)
                drawn_by_id[drawn.figure.id] = drawing
        for name, drawing in drawn_by_id.items():
            pictures[name] = drawing.result()
            if progress is not None:
                progress(len(pictures) / count)
    return pictures


@contextlib.contextmanager
def drawing_beside() -> Iterator[ThreadPoolExecutor]:
    """Open threads in which figures are drawn: while one is packed as a PNG, the next is drawn on another core.

    Where the report is given up, figures that are not begun yet are left out.
    """
    beside = ThreadPoolExecutor(max_workers=2)
    try:
        yield beside
    finally:
        beside.shutdown(wait=True, cancel_futures=True)
