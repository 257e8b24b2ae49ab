"""A report as a Word document in the official layout: real headings, tables, captions, contents and page numbers."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.shared import Mm, Pt
from PIL import Image

from geodata.documents.content.document import DocFigure, DocSection, DocTable, Document, Paragraph
from geodata.documents.paper.fonts import drop_controls, keep_drawable
from geodata.documents.paper.headings import find_day, number_headings, set_title
from geodata.documents.paper.pictures import SUMMARY, draw_figures
from geodata.documents.paper.sheet import TEXT_WIDTH_MM
from geodata.documents.paper.table_plan import SERIF, part_table
from geodata.documents.paper.word_parts import (
    add_markup,
    ask_for_pages,
    embed_run,
    freeze,
    make_contents_line,
    make_paragraph,
    make_runs,
    make_table,
)
from geodata.documents.paper.word_styles import (
    CONTENTS,
    COVER,
    FIGURE,
    FORMULA,
    HEADLINE,
    NOTE,
    SUMMARY_TEXT,
    TABLE_TEXT,
    set_page,
    set_styles,
)
from geodata.documents.paper.word_summary import FIGURE_SHARE, fit_summary

_TALLEST_MM = 190.0
_LOOKS = {"headline": HEADLINE, "note": NOTE, "formula": FORMULA}


def render_docx(document: Document, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Render a report as a Word document of A4 pages, with its run file as a part of it.

    Chinese reports have the official layout: title in 小标宋, text in 仿宋 of size 三号 with lines of 28 pt and
    an indent of two characters, headings 一、 in 黑体 and （一） in 楷体. Fonts are named, not embedded; where one
    is not installed, Word takes the substitute that the file names. The same report always gives the same bytes.

    Parameters
    ----------
    document
        The report.
    pictures
        Its figures by id from `geodata.documents.paper.pictures.draw_figures`; drawn here if not given.
    """
    drawn = draw_figures(document) if pictures is None else pictures
    day = find_day(document)
    writer = _Writer(document, drawn)
    writer.write_cover()
    writer.write_contents()
    for number, section in enumerate(document.sections):
        writer.write_section(number, section)
    word = writer.word
    ask_for_pages(word)
    embed_run(word, json.dumps(document.run, ensure_ascii=False, sort_keys=True, indent=1, default=str))
    _set_properties(word, document, day)
    stream = io.BytesIO()
    word.save(stream)
    return freeze(stream.getvalue(), day)


class _Writer:
    """Writes one report; keeps what Word numbers and whether the page lies on its side."""

    def __init__(self, document: Document, pictures: Mapping[str, bytes]) -> None:
        self.word: WordDocument = docx.Document()
        self._document, self._pictures = document, pictures
        self._numbers = number_headings(document)
        self._is_across = False
        self._style_ids: dict[str, str] = {}
        summary = next((section.blocks for section in document.sections if section.id == SUMMARY), ())
        set_styles(self.word, document.language, fit_summary(summary))
        first = self.word.sections[0]
        set_page(first, is_across=False)
        first.different_first_page_header_footer = True  # the cover has no page number
        self._write_footer(first)

    def write_cover(self) -> None:
        """Write the cover: title, what it holds for, department and date."""
        document = self._document
        lines, _ = set_title(keep_drawable(document.title))
        title = self._add("", "Title")
        title.paragraph_format.space_before = Pt(110)
        title.add_run("\n".join(lines) if document.language == "zh_CN" else drop_controls(document.title))
        for number, (label, value) in enumerate(document.strip):
            line = self._add(f"{label}：{value}" if document.language == "zh_CN" else f"{label}: {value}", COVER)
            line.paragraph_format.space_before = Pt(40 if number == 0 else 0)
        for number, text in enumerate((document.department, document.date)):
            self._add(text, COVER).paragraph_format.space_before = Pt(80 if number == 0 else 4)
        marks = self._add(" · ".join(document.marks), NOTE)
        marks.paragraph_format.space_before, marks.alignment = Pt(30), WD_ALIGN_PARAGRAPH.CENTER

    def write_contents(self) -> None:
        """Write the table of contents on a page of its own."""
        title = self._add(self._document.words.get("contents", ""), "Title")
        title.paragraph_format.page_break_before = True
        for at, (number, section) in enumerate(zip(self._numbers, self._document.sections, strict=True)):
            if section.level <= 2:
                style = self._style_id(CONTENTS)
                level = max(section.level, 1)
                heading = number + section.title
                add_markup(self.word, make_contents_line(heading, level, f"section_{at}", style, TEXT_WIDTH_MM))

    def write_section(self, at: int, section: DocSection) -> None:
        """Write a section: its heading, a real one, and what stands in it."""
        first = section.blocks[0] if section.blocks else None
        latin = SERIF if self._document.language == "en" else 1.0
        parts = {block.id: part_table(block, latin) for block in section.blocks if isinstance(block, DocTable)}
        was_across = self._is_across
        self._lay(isinstance(first, DocTable) and parts[first.id][0][1].is_across)
        level = min(max(section.level, 1), 3)
        heading: Any = self._add(self._numbers[at] + section.title, f"Heading {level}")
        has_appendix = any(isinstance(block, DocTable) and block.is_appendix for block in section.blocks)
        if at == 0 or (has_appendix and self._is_across == was_across):
            heading.paragraph_format.page_break_before = True
        _mark(heading, f"section_{at}", at)
        for block in section.blocks:
            if isinstance(block, DocTable):
                self._lay(parts[block.id][0][1].is_across)
                self._caption(block)
                for number, (part, plan) in enumerate(parts[block.id]):
                    if number:  # tables that touch would be one
                        self._add("", FIGURE)
                    add_markup(self.word, make_table(part, plan, self._style_id(TABLE_TEXT)))
                self._notes(block.notes)
            else:
                self._lay(False)
                self._add_block(block, is_summary=section.id == SUMMARY)

    def _add_block(self, block: Paragraph | DocFigure, *, is_summary: bool) -> None:
        if isinstance(block, Paragraph):
            self._add(block.text, _LOOKS.get(block.look, SUMMARY_TEXT if is_summary else "Normal"))
            return
        room = TEXT_WIDTH_MM * (FIGURE_SHARE if is_summary else 1.0)
        data = self._pictures[block.figure.id]
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
        run = self._add("", FIGURE).add_run()
        tall = height * room / width
        size: dict[str, Any] = {"height": Mm(_TALLEST_MM)} if tall > _TALLEST_MM else {"width": Mm(room)}
        shape: Any = run.add_picture(io.BytesIO(data), **size)
        for side in ("distT", "distB", "distL", "distR"):
            shape._inline.set(side, "0")
        shape._inline.docPr.set("descr", drop_controls(block.title))
        caption = self._caption(block)
        caption.paragraph_format.space_before = Pt(2)
        caption.paragraph_format.keep_with_next = bool(block.notes)
        self._notes(block.notes)

    def _caption(self, block: DocTable | DocFigure) -> Any:
        return self._add(f"{block.number}  {block.title}", "Caption")

    def _notes(self, notes: tuple[str, ...]) -> None:
        for number, note in enumerate(notes or ("",)):
            self._add(note, NOTE).paragraph_format.keep_with_next = number < len(notes) - 1

    def _add(self, text: str, style: str) -> Any:
        # By its id: looking a style up by name for each paragraph took half the time of the file.
        paragraph = self.word.add_paragraph(drop_controls(text))
        paragraph._p.style = self._style_id(style)
        return paragraph

    def _style_id(self, style: str) -> str:
        if style not in self._style_ids:
            self._style_ids[style] = str(self.word.styles[style].style_id)
        return self._style_ids[style]

    def _lay(self, is_across: bool) -> None:
        """Begin pages that lie as wanted, if they do not yet."""
        if is_across == self._is_across:
            return
        section = self.word.add_section(WD_SECTION.NEW_PAGE)
        set_page(section, is_across=is_across)
        section.different_first_page_header_footer = False
        self._is_across = is_across

    def _write_footer(self, section: Any) -> None:
        footer: Any = section.footer
        page = self._document.words.get("page", "{page} / {pages}")
        runs = "".join(make_runs(page, ("{page}", "PAGE"), ("{pages}", "NUMPAGES")))
        style = self._style_id("Footer")
        element = footer._element
        for paragraph in list(element):
            element.remove(paragraph)
        element.append(parse_xml(make_paragraph(runs, style)))
        marks = footer.add_paragraph(style="Footer").add_run(drop_controls(" · ".join(self._document.marks)))
        marks.font.size = Pt(8)


def _mark(heading: Any, name: str, number: int) -> None:
    """Put a bookmark around a heading, for the table of contents."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    heading._p.insert(1, parse_xml(f'<w:bookmarkStart {space} w:id="{number}" w:name="{name}"/>'))
    heading._p.append(parse_xml(f'<w:bookmarkEnd {space} w:id="{number}"/>'))


def _set_properties(word: WordDocument, document: Document, day: dt.date) -> None:
    properties = word.core_properties
    moment = dt.datetime(day.year, day.month, day.day)
    properties.created = properties.modified = properties.last_printed = moment
    properties.title = drop_controls(document.title)[:255]
    properties.author = properties.last_modified_by = drop_controls(document.department)[:255]
    properties.language = "zh-CN" if document.language == "zh_CN" else "en-GB"
    properties.comments = drop_controls(" · ".join(document.marks))[:255]
    properties.keywords = ""
    properties.revision = 1
