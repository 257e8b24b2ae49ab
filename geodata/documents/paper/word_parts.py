"""Pieces of Word's own markup that python-docx does not make: fields, tables with heads on each page, the run file."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from docx.document import Document as WordDocument
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from geodata.documents.content.document import DocTable
from geodata.documents.paper.fonts import drop_controls
from geodata.documents.paper.table_plan import TablePlan
from geodata.documents.paper.word_styles import INK, LINE, TINT
from geodata.documents.runs.run_file import RUN_NAMESPACE

_CUSTOM_XML = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
_TWIPS_PER_MM = 1440 / 25.4
_SHORT = 10  # rows of a table that is not parted over pages


def escape_text(text: str) -> str:
    """Escape a text for XML, without the characters that XML has no place for."""
    return escape(drop_controls(text))


def make_runs(text: str, *fields: tuple[str, str]) -> Iterator[str]:
    """Make the runs of a text in which some words stand for fields, such as ``{page}`` for PAGE."""
    rest = text
    while rest:
        at, mark, code = min(
            ((rest.find(mark), mark, code) for mark, code in fields if mark in rest), default=(len(rest), "", "")
        )
        if at:
            yield f'<w:r><w:t xml:space="preserve">{escape_text(rest[:at])}</w:t></w:r>'
        if code:
            yield make_field(code, "1")
        rest = rest[at + len(mark) :]


def make_field(code: str, shown: str, *, is_stale: bool = False) -> str:
    """Make a field with what it shows until Word computes it, at once if it is stale."""
    dirty = ' w:dirty="true"' if is_stale else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{dirty}/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{escape_text(shown)}</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def make_paragraph(runs: str, style_id: str, properties: str = "") -> str:
    """Make a paragraph from runs."""
    return f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style_id}"/>{properties}</w:pPr>{runs}</w:p>'


def make_contents_line(heading: str, level: int, bookmark: str, style_id: str, right_mm: float) -> str:
    """Make a line of the table of contents: the heading, a link to its bookmark, and the page it is on.

    The page is a field of its own, which Word and LibreOffice compute when they open the file; a field over the
    whole table would stay without pages in LibreOffice.
    """
    tab = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{_twips(right_mm)}"/></w:tabs>'
    indent = f'<w:ind w:left="{(level - 1) * 420}"/>'
    page = make_field(rf"PAGEREF {bookmark} \h", "", is_stale=True)
    link = (
        f'<w:hyperlink w:anchor="{bookmark}" w:history="1">'
        f'<w:r><w:t xml:space="preserve">{escape_text(heading)}</w:t></w:r></w:hyperlink>'
    )
    return make_paragraph(f"{link}<w:r><w:tab/></w:r>{page}", style_id, tab + indent)


def make_table(table: DocTable, plan: TablePlan, style_id: str) -> str:
    """Make a table whose first row stands at the head of each page and whose numbers end at the right."""
    widths = [_twips(width) for width in plan.widths_mm]
    size, side_twips = round(plan.size * 2), _twips(plan.padding_mm / 2)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    sides = (("top", 12, INK), ("bottom", 12, INK), ("insideH", 4, LINE))
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{thick}" w:space="0" w:color="{c}"/>' for side, thick, c in sides
    )
    parts = [
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        f'<w:top w:w="40" w:type="dxa"/><w:left w:w="{side_twips}" w:type="dxa"/>'
        f'<w:bottom w:w="40" w:type="dxa"/><w:right w:w="{side_twips}" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="0020" w:firstRow="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
    ]
    head = f'<w:shd w:val="clear" w:color="auto" w:fill="{TINT}"/>'
    titles = [
        _make_cell(column.title, width, "center", size, style_id, head, keeps=True)
        for column, width in zip(table.columns, widths, strict=True)
    ]
    parts.append(f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(titles)}</w:tr>")
    sides_of = ["right" if is_number else "left" for is_number in plan.is_number]
    rows = table.texts.to_numpy(object)
    for number, row in enumerate(rows):
        # The last two rows stay with the notes, and a short table on one page.
        keeps = number >= len(rows) - 2 or (len(rows) <= _SHORT and number < len(rows) - 1)
        cells = [
            _make_cell(str(text), width, side, size, style_id, "", keeps=keeps)
            for text, width, side in zip(row, widths, sides_of, strict=True)
        ]
        parts.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    return "".join([*parts, "</w:tbl>"])


def _make_cell(text: str, width: int, side: str, size: int, style_id: str, fill: str, *, keeps: bool) -> str:
    keep = "<w:keepNext/>" if keeps else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{fill}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style_id}"/>{keep}'
        f'<w:spacing w:line="{size * 13}" w:lineRule="exact"/><w:jc w:val="{side}"/></w:pPr>'
        f'<w:r><w:rPr><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape_text(text)}</w:t></w:r></w:p></w:tc>'
    )


def _twips(mm: float) -> int:
    return round(mm * _TWIPS_PER_MM)


def add_markup(document: WordDocument, markup: str) -> None:
    """Add a paragraph or a table at the end of a document."""
    document.element.body.insert_element_before(parse_xml(markup), "w:sectPr")


def ask_for_pages(document: WordDocument) -> None:
    """Ask Word to compute the fields, which are page numbers all, when it opens the file."""
    settings: Any = document.settings.element
    settings.find(qn("w:compat")).addprevious(parse_xml(f'<w:updateFields {nsdecls("w")} w:val="true"/>'))


def embed_run(document: WordDocument, run: str) -> None:
    """Embed the run file as a part of the document's own, ``customXml/item2.xml``."""
    blob = f'<?xml version="1.0" encoding="UTF-8"?>\n<run xmlns="{RUN_NAMESPACE}">{escape_text(run)}</run>'
    part = Part(PackURI("/customXml/item2.xml"), "application/xml", blob.encode("utf-8"), document.part.package)
    document.part.relate_to(part, _CUSTOM_XML)


def freeze(docx: bytes, day: dt.date) -> bytes:
    """Write the parts of a document again, all of the same day, so that the same report is the same file."""
    stream = io.BytesIO()
    stamp = (max(day.year, 1980), day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(io.BytesIO(docx)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            entry.create_system = 0
            target.writestr(entry, source.read(name))
    return stream.getvalue()
