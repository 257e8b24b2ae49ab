"""Blocks of a report as HTML: every text of the data is escaped here, with no exception."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from coverage.progress import Progress, ignore_progress, report_progress
from coverage.tables.report_value import CellKind
from geodata.documents.content.document import Block, DocColumn, DocFigure, DocTable, Document, Paragraph
from geodata.documents.paper.fixed_phrases import list_headings, say
from geodata.documents.web.html_charts import draw_chart
from geodata.documents.web.html_legend import build_legend

_TEXT_KINDS: tuple[CellKind, ...] = ("text", "word", "date")
_FEW_ROWS = 8


def build_head(document: Document) -> str:
    """Build what stands on top: marks, title, department and date, and what the report holds for."""
    marks = "".join(f'<span class="mark">{escape(mark)}</span>' for mark in document.marks)
    by = " · ".join(escape(part) for part in (document.department, document.date) if part)
    strip = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in document.strip)
    return (
        f'<header><div class="marks">{marks}</div><h1>{escape(document.title)}</h1>'
        f'<p class="by">{by}</p><dl class="strip">{strip}</dl></header>'
    )


def build_contents(document: Document) -> str:
    """Build the table of contents."""
    rows = "".join(
        f'<li class="level-{min(max(section.level, 1), 3)}"><a href="#s{number}">{escape(heading)}</a></li>'
        for number, (heading, section) in enumerate(list_headings(document))
    )
    title = escape(say(document, "contents"))
    return f'<nav aria-label="{title}"><details open><summary>{title}</summary><ul>{rows}</ul></details></nav>'


def build_sections(document: Document, progress: Progress = ignore_progress) -> str:
    """Build every section with its blocks; `progress` hears of each, in the first half of the work, and may stop it."""
    parts = []
    headings = list_headings(document)
    maps = iter(range(len(document.figures())))
    for number, (heading, section) in enumerate(headings):
        report_progress(progress, 0.5 * number / len(headings), "report_html")
        level = min(max(section.level, 1), 3) + 1
        parts.append(f'<section id="s{number}"><h{level}>{escape(heading)}</h{level}>')
        parts.extend(_build_block(block, document, maps) for block in section.blocks)
        parts.append("</section>")
    return "".join(parts)


def _build_block(block: Block, document: Document, maps: Any) -> str:
    if isinstance(block, Paragraph):
        return f'<p class="{block.look}">{escape(block.text)}</p>'
    if isinstance(block, DocTable):
        return _build_table(block, document)
    return _build_figure(block, document, maps)


def _build_figure(figure: DocFigure, document: Document, maps: Any) -> str:
    if figure.figure.kind == "map":
        north = escape(say(document, "north"))
        marks = " · ".join(escape(mark) for mark in document.marks)
        body = (
            f'<div class="map-row"><div class="map-box"><div class="map" data-map="{next(maps)}"></div>'
            f'<div class="north" aria-hidden="true"><svg width="16" height="20" viewBox="0 0 16 20">'
            f'<path d="M8 1L14 19L8 15L2 19Z" fill="#1F2933"/></svg>{north}</div>'
            f'<div class="map-marks">{marks}</div></div>{build_legend(figure, document)}</div>'
        )
    else:
        body = draw_chart(figure)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in figure.notes)
    caption = f"<figcaption>{escape(figure.number)}　{escape(figure.title)}</figcaption>"
    return f"<figure>{body}{caption}{notes}</figure>"


def _build_table(table: DocTable, document: Document) -> str:
    heads = "".join(
        f'<th scope="col" class="{_side(column.kind)}" aria-sort="none">'
        f'<button type="button">{escape(column.title)}</button></th>'
        for column in table.columns
    )
    columns = [_build_cells(table, column) for column in table.columns]
    rows = "".join(f"<tr>{''.join(cells)}</tr>" for cells in zip(*columns, strict=True))
    tools = ""
    if len(table.values) > _FEW_ROWS:
        word = escape(say(document, "search"), quote=True)
        counted = escape(say(document, "rows", shown="{shown}", total=len(table.values)), quote=True)
        tools = (
            f'<span class="tools"><input type="search" placeholder="{word}" aria-label="{word}">'
            f'<output data-words="{counted}"></output></span>'
        )
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in table.notes)
    caption = f"<span>{escape(table.number)}　{escape(table.title)}</span>"
    return (
        f'<div class="table"><div class="caption">{caption}{tools}</div><div class="scroll" tabindex="0">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{notes}</div>"
    )


def _side(kind: CellKind) -> str:
    return "t" if kind in _TEXT_KINDS else "n"


def _build_cells(table: DocTable, column: DocColumn) -> list[str]:
    values, texts = table.values[column.id].tolist(), table.texts[column.id].tolist()
    return [_build_cell(value, text, column.kind) for value, text in zip(values, texts, strict=True)]


def _build_cell(value: Any, text: str, kind: CellKind) -> str:
    if kind in _TEXT_KINDS:
        return f"<td>{escape(text)}</td>"
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    key = f' data-v="{value:.10g}"' if is_number else ' data-v=""'
    return f'<td class="n"{key}>{escape(text)}</td>'
