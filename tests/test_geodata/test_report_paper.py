"""The report as PDF and as a Word document, tested on the bytes."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import subprocess
import time
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from sample_document import HOSTILE, LONG, UNBROKEN, make_document

from geodata.documents.content.document import DocColumn, DocSection, DocTable, Document, Paragraph
from geodata.documents.paper.headings import find_day, number_headings, say_numeral, set_title
from geodata.documents.paper.pdf import render_pdf
from geodata.documents.paper.pictures import draw_figures
from geodata.documents.paper.sheet import TEXT_WIDTH_MM
from geodata.documents.paper.table_plan import ACROSS_WIDTH_MM, SERIF, part_table, plan_table
from geodata.documents.paper.word import render_docx
from geodata.documents.paper.word_summary import fit_summary
from geodata.documents.runs.run_file import RUN_NAMESPACE
from geodata.words.i18n import Language

DOCUMENTS: dict[Language, Document] = {"zh_CN": make_document("zh_CN"), "en": make_document("en")}
LANGUAGES: list[Language] = ["zh_CN", "en"]
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


@pytest.fixture(scope="module")
def pictures() -> Mapping[str, Mapping[str, bytes]]:
    """Return the figures of both documents, drawn once."""
    return {language: draw_figures(document) for language, document in DOCUMENTS.items()}


@pytest.fixture(scope="module")
def pdfs(pictures: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    """Return both documents as PDF."""
    return {language: render_pdf(document, pictures[language]) for language, document in DOCUMENTS.items()}


@pytest.fixture(scope="module")
def words(pictures: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    """Return both documents as Word documents."""
    return {language: render_docx(document, pictures[language]) for language, document in DOCUMENTS.items()}


def _read_pdf(pdf: bytes, folder: Path) -> str:
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def _squeeze(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


@needs_pdftotext
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_stands_in_the_pdf_as_it_is(language: Language, pdfs: dict[str, bytes], tmp_path: Path) -> None:
    """Names that look like markup, formulas or code are printed literally, long ones are whole."""
    text = _squeeze(_read_pdf(pdfs[language], tmp_path))
    for name in (*HOSTILE[:7], "测试司法所"):
        assert _squeeze(name) in text, name
    assert "1337" not in text
    assert "\ufffd" not in text
    assert _squeeze(LONG)[:30] in text
    document = DOCUMENTS[language]
    for section, number in zip(document.sections, number_headings(document), strict=True):
        assert _squeeze(number + section.title) in text
    for table in document.tables():
        assert _squeeze(f"{table.number}{table.title}") in text


@needs_pdftotext
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_numbers_its_pages_and_repeats_the_heads(
    language: Language, pdfs: dict[str, bytes], tmp_path: Path
) -> None:
    """Every page but the cover says which of how many it is, and a long table has its head on each of its pages."""
    pages = _read_pdf(pdfs[language], tmp_path).split("\f")[:-1]
    last = len(pages) - 1
    for number, page in enumerate(pages[1:], start=1):
        wanted = DOCUMENTS[language].words["page"].format(page=number, pages=last)
        assert _squeeze(wanted) in _squeeze(page)
        assert _squeeze(DOCUMENTS[language].marks[1]) in _squeeze(page)
    title = _squeeze(DOCUMENTS[language].tables()[-1].title)
    assert sum(title in _squeeze(page) for page in pages) >= 2
    assert sum("6501000" in page for page in pages) == sum(
        title in _squeeze(page) for page in pages if "6501000" in page
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_the_same_each_time(
    language: Language, pdfs: dict[str, bytes], pictures: Mapping[str, Mapping[str, bytes]]
) -> None:
    """The same report gives the same bytes, dated as the report is."""
    assert render_pdf(make_document(language), pictures[language]) == pdfs[language]
    assert b"D:20261122" in pdfs[language]
    assert pdfs[language].startswith(b"%PDF-1.")


def test_the_pdf_embeds_only_fonts_of_packages(pdfs: dict[str, bytes]) -> None:
    """No font of the system is used."""
    names = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z-]+)", _inflate(pdfs["zh_CN"])))
    assert names
    assert all(name.startswith((b"NotoSansSC-Regular", b"DejaVuSans")) for name in names), names


def test_the_pdf_carries_its_run_file(pdfs: dict[str, bytes]) -> None:
    """The run file is attached as JSON, whatever stands in it."""
    streams = _streams(pdfs["en"])
    runs = [stream for stream in streams if stream.lstrip().startswith(b"{") and b'"study"' in stream]
    assert [json.loads(run) for run in runs] == [dict(DOCUMENTS["en"].run)]
    assert b"run.json" in pdfs["en"]


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(raw))
        except zlib.error:
            found.append(raw)
    return found


def _inflate(pdf: bytes) -> bytes:
    return pdf + b"\n".join(_streams(pdf))


def test_a_report_of_a_thousand_townships_is_quick() -> None:
    """A long appendix takes seconds, not minutes."""
    document = replace(
        make_document("zh_CN", appendix_rows=1100), sections=make_document(appendix_rows=1100).sections[-1:]
    )
    start = time.perf_counter()
    pdf, word = render_pdf(document, {}), render_docx(document, {})
    assert time.perf_counter() - start < 60.0  # 4 s on an idle machine
    assert len(pdf) > 100_000
    assert len(docx.Document(io.BytesIO(word)).tables[0].rows) == 1101


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_file_holds_the_same_tables(language: Language, words: dict[str, bytes]) -> None:
    """Every table is there with its head and every cell, in order."""
    opened = docx.Document(io.BytesIO(words[language]))
    tables = DOCUMENTS[language].tables()
    assert len(opened.tables) == len(tables)
    for found, wanted in zip(opened.tables, tables, strict=True):
        rows = [[cell.text for cell in row.cells] for row in found.rows]
        assert rows[0] == [column.title for column in wanted.columns]
        assert rows[1:] == wanted.texts.to_numpy().tolist()
        assert found._tbl.tr_lst[0].find(qn("w:trPr")).find(qn("w:tblHeader")) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_file_has_real_headings_captions_and_pictures(language: Language, words: dict[str, bytes]) -> None:
    """Headings have the styles of headings with their numbers, captions that of captions, pictures a text."""
    opened = docx.Document(io.BytesIO(words[language]))
    document = DOCUMENTS[language]
    styled = [(str(p.style.name), p.text) for p in opened.paragraphs if p.style]
    assert [pair for pair in styled if pair[0].startswith("Heading")] == [
        (f"Heading {section.level}", number + section.title)
        for section, number in zip(document.sections, number_headings(document), strict=True)
    ]
    captions = [text for style, text in styled if style == "Caption"]
    assert len(captions) == len(document.tables()) + len(document.figures())
    assert len(opened.inline_shapes) == len(document.figures())
    described = {shape._inline.docPr.get("descr") for shape in opened.inline_shapes}
    assert described == {figure.title for figure in document.figures()}
    footer = opened.sections[0].footer._element.xml
    assert "PAGE" in footer
    assert "NUMPAGES" in footer


def test_the_official_fonts_are_named_with_what_stands_in_for_them(words: dict[str, bytes]) -> None:
    """Text is 仿宋, headings 黑体 and 楷体, the title 小标宋, and others stand in for them."""
    with zipfile.ZipFile(io.BytesIO(words["zh_CN"])) as file:
        styles, fonts = file.read("word/styles.xml").decode(), file.read("word/fontTable.xml").decode()
    for name in ("方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"):
        assert f'w:eastAsia="{name}"' in styles
    assert '<w:altName w:val="仿宋"/>' in fonts
    opened = docx.Document(io.BytesIO(words["zh_CN"]))
    normal = opened.styles["Normal"].element
    assert normal.rPr.sz.val.pt == 16
    assert normal.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"


def test_the_word_file_carries_its_run_file_and_date(words: dict[str, bytes]) -> None:
    """The run file is a part of its own, and the properties are those of the report."""
    with zipfile.ZipFile(io.BytesIO(words["en"])) as file:
        root = ET.fromstring(file.read("customXml/item2.xml"))  # noqa: S314 our own
        assert {entry.date_time for entry in file.infolist()} == {(2026, 11, 22, 0, 0, 0)}
        assert file.testzip() is None
    assert root.tag == f"{{{RUN_NAMESPACE}}}run"
    assert json.loads(str(root.text)) == dict(DOCUMENTS["en"].run)
    properties = docx.Document(io.BytesIO(words["en"])).core_properties
    assert properties.title == DOCUMENTS["en"].title
    assert properties.created is not None
    assert properties.created.date() == dt.date(2026, 11, 22)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_file_is_the_same_each_time(
    language: Language, words: dict[str, bytes], pictures: Mapping[str, Mapping[str, bytes]]
) -> None:
    """The same report gives the same bytes, whenever it is made."""
    assert render_docx(make_document(language), pictures[language]) == words[language]


def test_signs_that_no_file_may_hold_do_not_stop_a_report() -> None:
    """Control characters, halves of characters and turned directions are dropped in both formats."""
    cell = "a\x00b\x0bcd\u202ee\ufffef"
    bad = cell + "\ud800"
    frame = pd.DataFrame({"name": [cell]})
    table = DocTable("t", "表1", bad, (DocColumn("name", bad, "text"),), frame, frame)
    document = Document(
        language="zh_CN", title=bad, department=bad, date="", strip=((bad, bad),), marks=(bad,),
        sections=(DocSection("s", bad, 1, (Paragraph(bad), table)),),
    )  # fmt: skip
    assert render_pdf(document).startswith(b"%PDF")
    opened = docx.Document(io.BytesIO(render_docx(document)))
    assert opened.tables[0].rows[1].cells[0].text == "abcdef"


def test_an_empty_report_is_a_file() -> None:
    """Nothing but a cover is fine."""
    document = Document("en", "T", "", "", (), (), ())
    assert render_pdf(document).startswith(b"%PDF")
    assert docx.Document(io.BytesIO(render_docx(document))).tables == []


def test_headings_are_numbered_as_papers_are() -> None:
    """一、（一）1. in Chinese, 1, 1.1, 1.1.1 in English; a higher heading begins anew."""
    levels = (1, 2, 3, 3, 2, 1, 2)
    sections = tuple(DocSection(str(at), "", level, ()) for at, level in enumerate(levels))
    told = number_headings(Document("zh_CN", "", "", "", (), (), sections))
    assert told == ["一、", "（一）", "1. ", "2. ", "（二）", "二、", "（一）"]
    english = number_headings(Document("en", "", "", "", (), (), sections))
    assert [one.strip() for one in english] == ["1", "1.1", "1.1.1", "1.1.2", "1.2", "2", "2.1"]
    assert [say_numeral(number) for number in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]


def test_a_report_without_a_day_is_the_same_file_each_time() -> None:
    """The day of the files is that of the report, and a fixed one where it has none."""
    assert find_day(Document("en", "", "", "", (), (), (), day="2026-01-31")) == dt.date(2026, 1, 31)
    assert find_day(Document("en", "", "", "", (), (), ())) == dt.date(2000, 1, 1)


def test_a_title_is_set_in_lines_of_about_the_same_length() -> None:
    """A short title has one line, a long one no orphan of a last line."""
    assert set_title("半小时服务圈")[0] == ["半小时服务圈"]
    lines, _ = set_title("乌鲁木齐市公共法律服务半小时服务圈评估报告")
    assert len(lines) == 2
    assert min(map(len, lines)) >= 9


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_fit_their_pages(language: Language) -> None:
    """No table is wider than its page, and only a long list of many columns is laid across."""
    for table in DOCUMENTS[language].tables():
        for _, plan in part_table(table):
            assert sum(plan.widths_mm) <= (ACROSS_WIDTH_MM if plan.is_across else TEXT_WIDTH_MM) + 0.01
            assert plan.size >= 8.0
            assert plan.is_across <= table.is_appendix
    assert UNBROKEN in DOCUMENTS[language].tables()[0].texts["name"].tolist()


def _widen(count: int) -> DocTable:
    """Build a table of two names and so many numbers with long titles."""
    columns = [DocColumn("name", "Level of area", "text"), DocColumn("kind", "Kind", "word")]
    columns += [DocColumn(f"n{at}", f"Reached without a station {at}", "count") for at in range(count)]
    texts = pd.DataFrame({one.id: ["1,234,567"] * 3 for one in columns}, dtype=object)
    texts["name"] = ["Counties", "Townships", "Villages"]
    return DocTable("wide", "Table 1", "Wide", tuple(columns), texts, texts, ("A note",))


def test_a_table_too_wide_for_readable_type_comes_in_parts() -> None:
    """Each part has the names, every number stands in one of them, all in one size of 8 pt or more; others stay."""
    for count, most in ((4, 1), (11, 3)):
        table = _widen(count)
        parts = part_table(table, SERIF)
        assert 1 <= len(parts) <= most
        assert (len(parts) == 1) == (plan_table(table, SERIF).size >= 8.0)
        assert {plan.size for _, plan in parts} == {parts[0][1].size}
        assert parts[0][1].size >= 8.0
        assert [part.columns[:2] for part, _ in parts] == [table.columns[:2]] * len(parts)
        assert [one for part, _ in parts for one in part.columns[2:]] == list(table.columns[2:])
        for part, plan in parts:
            assert list(part.texts.columns) == [one.id for one in part.columns]
            assert len(plan.widths_mm) == len(part.columns)
    assert part_table(replace(_widen(11), is_appendix=True), SERIF)[0][0].columns == _widen(11).columns
    assert len(part_table(_widen(40), SERIF)) == 1


@needs_pdftotext
def test_parts_of_a_table_stand_in_both_files(tmp_path: Path) -> None:
    """Word has one table for each part under one caption; the PDF has every title and number."""
    wide = _widen(11)
    document = replace(DOCUMENTS["en"], sections=(DocSection("x", "Section", 1, (wide,)),))
    word = docx.Document(io.BytesIO(render_docx(document, {})))
    parts = part_table(wide, SERIF)
    assert len(word.tables) == len(parts) > 1
    assert [len(table.columns) for table in word.tables] == [len(part.columns) for part, _ in parts]
    assert [one.text for one in word.paragraphs if one.style.name == "Caption"] == ["Table 1  Wide"]
    (tmp_path / "wide.pdf").write_bytes(render_pdf(document, {}))
    read = subprocess.run(["pdftotext", "-layout", tmp_path / "wide.pdf", "-"], capture_output=True, check=True)
    text = read.stdout.decode().replace("\u200b", "")
    assert all(str(at) in text for at in range(11))
    assert text.count("Townships") == len(parts)


def test_sentences_of_the_summary_fit_a_page() -> None:
    """Few sentences have the official size; more of them narrower lines, then smaller type, and never less than 12."""
    line = Paragraph("时限内到不了站点的居民分布在308处盲区，人数最多的10处共13.2万人，占56.9%。")
    head = Paragraph("按“半小时”标准，乌鲁木齐405.4万居民中，23.2万人到不了工作站。", "headline")
    found = [fit_summary((head, *(line for _ in range(count)))) for count in range(0, 40)]
    assert found[0] == found[8] == (16, 28)
    assert found == sorted(found, reverse=True)
    assert found[9][0] == 16
    assert found[-1] == (12, 18)
