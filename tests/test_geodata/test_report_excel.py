"""The workbook of a report, read back as the XML it is: values equal, no formula, the same bytes each time."""

from __future__ import annotations

import io
import json
import math
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from geodata.documents.content.document import DocTable, Document
from geodata.documents.sheets.excel import name_sheets, render_xlsx
from geodata.documents.sheets.excel_cells import clean_text
from tests.hostile_document import HOSTILE_NAMES, build_document

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Cells = dict[tuple[int, int], str | float]


def read_book(content: bytes) -> tuple[dict[str, Cells], dict[str, ElementTree.Element]]:
    """Read the cells and the XML of every sheet by its name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        strings = [
            "".join(part.text or "" for part in entry.iter(f"{MAIN}t"))
            for entry in _parse(archive, "xl/sharedStrings.xml").iter(f"{MAIN}si")
        ]
        links = {
            each.attrib["Id"]: each.attrib["Target"]
            for each in _parse(archive, "xl/_rels/workbook.xml.rels").iter()
            if "Id" in each.attrib
        }
        sheets = {
            each.attrib["name"]: _parse(archive, f"xl/{links[each.attrib[LINK]]}")
            for each in _parse(archive, "xl/workbook.xml").iter(f"{MAIN}sheet")
        }
    return {name: _read_cells(sheet, strings) for name, sheet in sheets.items()}, sheets


def _parse(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(name))  # noqa: S314 - written a moment ago by ourselves


def _read_cells(sheet: ElementTree.Element, strings: list[str]) -> Cells:
    cells: Cells = {}
    for cell in sheet.iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        letters = "".join(each for each in cell.attrib["r"] if each.isalpha())
        column = sum((ord(letter) - 64) * 26**place for place, letter in enumerate(reversed(letters))) - 1
        row = int(cell.attrib["r"].removeprefix(letters)) - 1
        if value is not None and value.text is not None:
            cells[row, column] = strings[int(value.text)] if cell.attrib.get("t") == "s" else float(value.text)
    return cells


def find_sheet(sheets: dict[str, Cells], document: Document, table: DocTable) -> Cells:
    """Return the sheet of a table: the sheets stand in the order of the tables, after the summary."""
    return list(sheets.values())[1 + [each.id for each in document.tables()].index(table.id)]


@pytest.fixture(scope="module")
def document() -> Document:
    """Return a document whose names are hostile."""
    return build_document()


@pytest.fixture(scope="module")
def book(document: Document) -> bytes:
    """Return its workbook."""
    return render_xlsx(document)


def test_values_are_those_of_the_tables(document: Document, book: bytes) -> None:
    """Every cell of every table stands in its sheet: numbers as numbers, texts as they are, missing ones empty."""
    sheets, _ = read_book(book)
    for table in document.tables():
        cells = find_sheet(sheets, document, table)
        for column, each in enumerate(table.columns):
            assert cells[2, column] == each.title
            for row, value in enumerate(table.values[each.id].tolist()):
                written = cells.get((3 + row, column))
                if isinstance(value, str):
                    assert (written or "") == clean_text(value)
                elif math.isnan(value):
                    assert written is None
                elif each.kind == "points":  # as it is read: the difference of the shares next to it
                    assert written == float(table.texts[each.id].iloc[row].replace("−", "-"))
                    assert written == pytest.approx(value * 100, abs=0.11)
                else:
                    assert written == pytest.approx(value, rel=1e-15, abs=0)  # a workbook keeps 16 digits
        notes = [cells.get((3 + len(table.values) + 1 + number, 0)) for number in range(len(table.notes))]
        assert notes == list(table.notes)


def test_nothing_is_a_formula_or_an_outside_link(book: bytes) -> None:
    """No cell holds a formula and no link leaves the workbook, whatever names look like."""
    _, sheets = read_book(book)
    for sheet in sheets.values():
        assert list(sheet.iter(f"{MAIN}f")) == []
        assert all("location" in link.attrib and LINK not in link.attrib for link in sheet.iter(f"{MAIN}hyperlink"))
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert not [name for name in archive.namelist() if "externalLink" in name or "vbaProject" in name]
        outside = [name for name in archive.namelist() if b'TargetMode="External"' in archive.read(name)]
    assert outside == []


def test_tables_filter_and_keep_their_header_in_view(document: Document, book: bytes) -> None:
    """Each table has a filter over all its rows, a frozen header, and prints on the width of a page."""
    _, sheets = read_book(book)
    for table, sheet in zip(document.tables(), list(sheets.values())[1:-1], strict=True):
        last = 3 + len(table.values)
        assert next(sheet.iter(f"{MAIN}autoFilter")).attrib["ref"].endswith(str(last))
        assert next(sheet.iter(f"{MAIN}pane")).attrib["topLeftCell"] == "B4"
        assert next(sheet.iter(f"{MAIN}pageSetup")).attrib["fitToHeight"] == "0"


def test_every_sentence_stands_on_the_first_sheet(document: Document, book: bytes) -> None:
    """The summary has title, strip, marks and each paragraph, and links to each table."""
    sheets, xml = read_book(book)
    first = next(iter(sheets))
    said = set(sheets[first].values())
    for section in document.sections:
        for block in section.blocks:
            if hasattr(block, "look"):
                assert block.text in said
    assert {document.title, "　".join(document.marks), *(value for _, value in document.strip)} <= said
    assert len(list(xml[first].iter(f"{MAIN}hyperlink"))) == len(document.tables())


def test_the_run_file_is_inside(document: Document, book: bytes) -> None:
    """The cells of the last sheet, put together, are the run file."""
    sheets, _ = read_book(book)
    assert json.loads("".join(str(text) for text in sheets["run.json"].values())) == document.run


def test_a_run_file_with_one_long_line_is_whole(document: Document) -> None:
    """A text longer than a cell holds is cut over several cells and comes back whole."""
    run = {"long": "名=" * 30_000}
    sheets, _ = read_book(render_xlsx(replace(document, run=run)))
    assert json.loads("".join(str(text) for text in sheets["run.json"].values())) == run


def test_equal_documents_give_equal_bytes(document: Document, book: bytes) -> None:
    """The same report, made again, is the same file to the byte."""
    assert render_xlsx(build_document()) == book
    assert render_xlsx(build_document("en")) != book


def test_sheet_names_are_legal_and_differ() -> None:
    """Names have no forbidden character, at most 31 UTF-16 units, and differ whatever their case."""
    names = name_sheets([*HOSTILE_NAMES, "a", "A", "History", "", "😀" * 40, "run.json"], taken=("run.json",))
    assert len({name.casefold() for name in (*names, "run.json")}) == len(names) + 1
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) <= 62
        assert not set(name) & set("[]:*?/\\\t\n")
        assert name.strip("'") == name
        assert name.casefold() != "history"
