"""A report as PDF, typeset by typst from a template of ours; the report goes in as JSON, never as markup."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import typst
from PIL import Image

from geodata.documents.content.document import Block, DocFigure, DocTable, Document, Paragraph
from geodata.documents.paper.fonts import (
    CHINESE_FAMILY,
    OTHER_FAMILY,
    find_chinese_font,
    find_other_font,
    keep_drawable,
)
from geodata.documents.paper.headings import find_day, number_headings, set_title
from geodata.documents.paper.pictures import SUMMARY, draw_figures
from geodata.documents.paper.sheet import TEXT_WIDTH_MM
from geodata.documents.paper.table_plan import SERIF, TablePlan, break_words, part_table

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_SERIF_FAMILY = "Libertinus Serif"  # embedded in typst itself
_TALLEST_MM = 195.0
_KEPT_WHOLE = 10  # rows of a table that is not parted over pages
_MAY_BREAK = "\u200b"


def render_pdf(document: Document, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Render a report as a tagged PDF of A4 pages, with its run file attached as ``run.json``.

    Cover, contents and sections; tables repeat their heads on each page and lie across the page where they
    are wide. Only fonts that come with installed packages are used and embedded; a sign that none of them
    has is printed as □. The same report always gives the same bytes: the date of the file is that of the report.

    Parameters
    ----------
    document
        The report.
    pictures
        Its figures by id from `geodata.documents.paper.pictures.draw_figures`; drawn here if not given.
    """
    drawn = draw_figures(document) if pictures is None else pictures
    day = find_day(document)
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        files = {figure_id: f"figure-{number}.png" for number, figure_id in enumerate(drawn)}
        for figure_id, file in files.items():
            (folder / file).write_bytes(drawn[figure_id])
        inputs = {
            "document": json.dumps(_describe(document, day, folder, files), ensure_ascii=False),
            "run": json.dumps(document.run, ensure_ascii=False, sort_keys=True, indent=1, default=str),
        }
        main = folder / "report.typ"
        main.write_bytes(_TEMPLATE.read_bytes())
        answer = typst.compile(
            main,
            root=folder,
            font_paths=_load_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=inputs,
            timestamp=int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()),
        )
    return bytes(answer)


@cache
def _load_fonts() -> typst.Fonts:
    folders = [find_chinese_font().parent, find_other_font().parent]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


def _describe(document: Document, day: dt.date, folder: Path, files: Mapping[str, str]) -> dict[str, object]:
    is_chinese = document.language == "zh_CN"
    words = {name: keep_drawable(word) for name, word in document.words.items()}
    latin = 1.0 if is_chinese else SERIF
    sections: list[dict[str, object]] = []
    lines, size = set_title(keep_drawable(document.title))
    for section, number in zip(document.sections, number_headings(document), strict=True):
        sections.append(
            {
                "heading": number + keep_drawable(section.title),
                "level": min(max(section.level, 1), 3),
                "is-summary": section.id == SUMMARY,
                "starts-page": any(isinstance(block, DocTable) and block.is_appendix for block in section.blocks),
                "blocks": [_describe_block(block, folder, files, latin) for block in section.blocks],
            }
        )
    return {
        "lang": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "gb",
        "fonts": [CHINESE_FAMILY, OTHER_FAMILY] if is_chinese else [_SERIF_FAMILY, CHINESE_FAMILY, OTHER_FAMILY],
        "day": [day.year, day.month, day.day],
        "title": keep_drawable(document.title),
        "title-lines": lines,
        "title-size": size,
        "department": keep_drawable(document.department),
        "date": keep_drawable(document.date),
        "strip": [[keep_drawable(label), keep_drawable(value)] for label, value in document.strip],
        "marks": [keep_drawable(mark) for mark in document.marks],
        "contents": words.get("contents", ""),
        "continued": words.get("continued", ""),
        "page": words.get("page", "{page} / {pages}"),
        "sections": sections,
    }


def _describe_block(block: Block, folder: Path, files: Mapping[str, str], latin: float) -> dict[str, object]:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "look": block.look, "text": keep_drawable(block.text)}
    told = {
        "number": keep_drawable(block.number),
        "title": keep_drawable(block.title),
        "notes": [keep_drawable(note) for note in block.notes],
    }
    if isinstance(block, DocFigure):
        file = files[block.figure.id]
        with Image.open(folder / file) as picture:
            width, height = picture.size
        is_tall = height * TEXT_WIDTH_MM / width > _TALLEST_MM
        return {"kind": "figure", "file": file, "is-tall": is_tall, "height-to-width": height / width, **told}
    parts = part_table(block, latin)
    return {
        "kind": "table",
        "id": block.id,
        "across": parts[0][1].is_across,
        "breaks": len(block.texts) > _KEPT_WHOLE,
        "parts": [_describe_part(*part) for part in parts],
        **told,
    }


def _describe_part(table: DocTable, plan: TablePlan) -> dict[str, object]:
    columns = list(zip(plan.widths_mm, table.texts.to_numpy().T, strict=True))
    cells = [
        [_MAY_BREAK.join(break_words(keep_drawable(str(text)), width, plan.size)) for text in texts]
        for width, texts in columns
    ]
    return {
        "columns": [keep_drawable(column.title) for column in table.columns],
        "widths": [round(width, 3) for width in plan.widths_mm],
        "numbers": list(plan.is_number),
        "size": plan.size,
        "inset": plan.padding_mm / 2,
        "cells": [text for row in zip(*cells, strict=True) for text in row],
    }
