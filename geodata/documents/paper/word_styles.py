"""Styles of the Word report: the official Chinese layout, and a plain one with a serif in English."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from geodata.words.i18n import Language

TABLE_TEXT, HEADLINE, NOTE, FORMULA, CONTENTS, COVER, FIGURE, SUMMARY_TEXT = (
    "Table Text",
    "Report Headline",
    "Report Note",
    "Report Formula",
    "Report Contents",
    "Report Cover",
    "Report Figure",
    "Report Summary",
)
INK, MUTED, PRIMARY, TINT, LINE = "1F2933", "5B6672", "1F4E79", "EEF2F6", "C9D0D8"

_LATIN = "Times New Roman"
_SONG, _FANG, _HEI, _KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
# What Word takes where a machine lacks an official font.
_INSTEAD = {_SONG: "宋体", _FANG: "仿宋", _KAI: "楷体"}


@dataclass(frozen=True, slots=True)
class _Look:
    """Settings of a paragraph style: Chinese font, size [pt], exact line height [pt] or a multiple below 5, spacing."""

    font: str
    size: float
    line: float
    before: float = 0.0
    after: float = 0.0
    is_bold: bool = False
    is_centred: bool = False
    is_indented: bool = False
    keeps_next: bool = False
    colour: str = INK
    fill: str = ""


_CHINESE: dict[str, _Look] = {
    "Normal": _Look(_FANG, 16, 28, is_indented=True),
    "Title": _Look(_SONG, 22, 34, 0, 12, is_centred=True),
    "Heading 1": _Look(_HEI, 16, 28, 14, 6, keeps_next=True),
    "Heading 2": _Look(_KAI, 16, 28, 8, 4, keeps_next=True),
    "Heading 3": _Look(_FANG, 16, 28, 6, 2, is_bold=True, keeps_next=True),
    "Caption": _Look(_HEI, 12, 20, 8, 4, is_centred=True, keeps_next=True),
    TABLE_TEXT: _Look(_FANG, 10.5, 1.0),
    HEADLINE: _Look(_HEI, 16, 28, 6, 10, colour=PRIMARY, fill=TINT),
    NOTE: _Look(_FANG, 10.5, 16, 2, 4, colour=MUTED),
    FORMULA: _Look(_FANG, 12, 1.2, 4, 4, fill=TINT),
    CONTENTS: _Look(_FANG, 14, 26),
    COVER: _Look(_FANG, 16, 28, is_centred=True),
    FIGURE: _Look(_FANG, 10.5, 1.0, 6, 2, is_centred=True, keeps_next=True),
    "Footer": _Look(_FANG, 10.5, 1.0, is_centred=True),
}
_ENGLISH: dict[str, _Look] = {
    "Normal": _Look(_FANG, 11.5, 1.25, 0, 7),
    "Title": _Look(_SONG, 25, 1.15, 0, 12, is_bold=True, is_centred=True),
    "Heading 1": _Look(_HEI, 16, 1.15, 16, 7, is_bold=True, keeps_next=True),
    "Heading 2": _Look(_HEI, 13.5, 1.15, 12, 5, is_bold=True, keeps_next=True),
    "Heading 3": _Look(_HEI, 12, 1.15, 10, 4, is_bold=True, keeps_next=True),
    "Caption": _Look(_HEI, 10.5, 1.1, 8, 4, is_bold=True, is_centred=True, keeps_next=True),
    TABLE_TEXT: _Look(_FANG, 10, 1.0),
    HEADLINE: _Look(_HEI, 14, 1.25, 4, 10, colour=PRIMARY, fill=TINT),
    NOTE: _Look(_FANG, 9.5, 1.1, 2, 4, colour=MUTED),
    FORMULA: _Look(_FANG, 11, 1.15, 4, 6, fill=TINT),
    CONTENTS: _Look(_FANG, 11.5, 1.4),
    COVER: _Look(_FANG, 13, 1.3, is_centred=True),
    FIGURE: _Look(_FANG, 10.5, 1.0, 6, 2, is_centred=True, keeps_next=True),
    "Footer": _Look(_FANG, 9.5, 1.0, is_centred=True),
}


def set_styles(document: WordDocument, language: Language, summary: tuple[float, float]) -> None:
    """Give a new document the styles of a language, and say what to take for fonts that are not installed.

    `summary` gives size and line of the sentences of a Chinese summary [pt].
    """
    looks = _CHINESE if language == "zh_CN" else _ENGLISH
    text = looks["Normal"]
    size, line = summary if language == "zh_CN" else (text.size, text.line)
    for name, look in {**looks, SUMMARY_TEXT: replace(text, size=size, line=line)}.items():
        known = name in document.styles
        style = document.styles[name] if known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if isinstance(style, ParagraphStyle):
            _set_style(style, look, name)
    _set_language(document, language)
    _name_substitutes(document)


def _set_style(style: ParagraphStyle, look: _Look, name: str) -> None:
    style.hidden, style.quick_style = False, True
    style.font.name, style.font.size = _LATIN, Pt(look.size)
    style.font.bold, style.font.italic = look.is_bold, False
    style.font.color.rgb = RGBColor.from_string(look.colour)
    properties: Any = style.element.get_or_add_rPr()
    for tag in ("w:spacing", "w:kern"):
        for found in properties.findall(qn(tag)):
            properties.remove(found)
    fonts = properties.find(qn("w:rFonts"))
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for attribute, font in (("ascii", _LATIN), ("hAnsi", _LATIN), ("cs", _LATIN), ("eastAsia", look.font)):
        fonts.set(qn(f"w:{attribute}"), font)
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(look.before), Pt(look.after)
    if look.line < 5.0:
        layout.line_spacing = look.line
    else:
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.line)
    is_text = look.is_indented
    layout.alignment = (
        WD_ALIGN_PARAGRAPH.CENTER
        if look.is_centred
        else WD_ALIGN_PARAGRAPH.JUSTIFY
        if is_text
        else WD_ALIGN_PARAGRAPH.LEFT
    )
    layout.keep_with_next = look.keeps_next
    layout.widow_control = True
    paragraph: Any = style.element.get_or_add_pPr()
    for tag in ("w:pBdr", "w:ind", "w:contextualSpacing", "w:shd"):
        for found in paragraph.findall(qn(tag)):
            paragraph.remove(found)
    if look.fill:
        _insert(paragraph, f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{look.fill}"/>')
    if name == TABLE_TEXT:  # columns are measured without the space between Chinese and Latin
        for tag in ("w:autoSpaceDE", "w:autoSpaceDN"):
            _insert(paragraph, f'<{tag} {nsdecls("w")} w:val="0"/>')
    # Two characters, not millimetres: it follows the size of the type.
    wide = "200" if look.is_indented else "0"
    first = str(round(look.size * 40)) if look.is_indented else "0"
    _insert(paragraph, f'<w:ind {nsdecls("w")} w:firstLineChars="{wide}" w:firstLine="{first}"/>')


_AFTER_SHADING = (
    "w:tabs",
    "w:suppressAutoHyphens",
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:jc",
    "w:outlineLvl",
)


def _insert(paragraph: Any, markup: str) -> None:
    """Insert a property where the schema wants it: shading before spacing, the indent after it."""
    element = parse_xml(markup)
    later = _AFTER_SHADING[4:] if element.tag == qn("w:ind") else _AFTER_SHADING
    paragraph.insert_element_before(element, *later)


def _set_language(document: WordDocument, language: Language) -> None:
    spoken = "en-GB" if language == "en" else "en-US"
    for found in document.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), spoken)
        found.set(qn("w:eastAsia"), "zh-CN")


def _name_substitutes(document: WordDocument) -> None:
    """Add the official fonts to the table of fonts, each with the one that Word carries."""
    part: Any = next(rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/fontTable"))
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in _INSTEAD.items()
    )
    blob = part.blob.decode("utf-8").replace("</w:fonts>", f"{entries}</w:fonts>")
    part._blob = blob.encode("utf-8")


def set_page(section: Any, *, is_across: bool) -> None:
    """Give a section of pages the official margins, or lay its pages on their side."""
    width, height = (Mm(297), Mm(210)) if is_across else (Mm(210), Mm(297))
    section.page_width, section.page_height = width, height
    top, bottom, left, right = (28, 26, 30, 30) if is_across else (37, 35, 28, 26)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.header_distance, section.footer_distance = Mm(15), Mm(15 if is_across else 20)
