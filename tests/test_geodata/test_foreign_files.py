"""Files that people bring by mistake are told apart by content; workbooks of other programs are read."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from docx import Document

from coverage.errors import InputError
from geodata.intake.cells.read_table import read_table
from geodata.intake.read_boundaries import read_districts
from geodata.words.i18n import describe

Patch = Callable[[bytes], bytes]


def write_archive(path: Path, parts: dict[str, bytes]) -> Path:
    """Write a ZIP archive of these parts."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def refuse(path: Path) -> InputError:
    """Return the error that reading raises."""
    with pytest.raises(InputError) as caught:
        read_table(path)
    return caught.value


def test_a_text_document_is_no_archive_of_layers(tmp_path: Path) -> None:
    """A .docx, whatever it is called, is named as what it is."""
    path = tmp_path / "stations.xlsx"
    Document().save(str(path))
    error = refuse(path)
    assert (error.code, error.context["format"]) == ("file.foreign", "text_document")
    assert "文字文档" in describe(error, "zh_CN").what
    assert "stations.xlsx" in describe(error, "en").what


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "pdf"),
        (b"\x89PNG\r\n", "picture"),
        (b"Rar!\x1a\x07", "archive"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "web_page"),
        (b'\xef\xbb\xbf<meta charset="utf-8"><TABLE border=1></TABLE>', "web_page"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "xml_sheet"),
        (b"{\\rtf1 text}", "text_document"),
    ],
)
def test_foreign_content(tmp_path: Path, content: bytes, kind: str) -> None:
    """PDF, pictures, archives, and web pages saved as .xls are told from tables."""
    path = tmp_path / "list.xls"
    path.write_bytes(content)
    error = refuse(path)
    assert (error.code, error.context["format"]) == ("file.foreign", kind)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"ppt/presentation.xml": b"<p/>"}, "slides"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "text_document"),
        ({"mimetype": b"application/vnd.oasis.opendocument.presentation"}, "slides"),
    ],
)
def test_archives_that_are_documents(tmp_path: Path, parts: dict[str, bytes], kind: str) -> None:
    """Slides and texts of other programs are archives, and not called that."""
    assert refuse(write_archive(tmp_path / "a.zip", parts)).context["format"] == kind


def test_an_archive_without_a_layer_says_what_it_holds(tmp_path: Path) -> None:
    """The message lists the members."""
    error = refuse(write_archive(tmp_path / "a.zip", {"stations.csv": b"a,b\n1,2\n", "readme.txt": b"x"}))
    assert error.code == "zip.no_layer"
    assert error.context["value"] == "readme.txt, stations.csv"


def test_content_decides_between_table_and_layer(tmp_path: Path) -> None:
    """CSV named .xlsx is read; a workbook given as an area is refused for what it lacks."""
    path = tmp_path / "list.xlsx"
    path.write_text("name,lon,lat\na,87.6,43.8\n", encoding="utf-8")
    assert read_table(path).table["name"].tolist() == ["a"]
    pd.DataFrame({"name": ["a"], "lon": [1]}).to_excel(path, index=False, engine="xlsxwriter")
    with pytest.raises(InputError, match=r"districts\.no_polygons"):
        read_districts(path)


def _pad(pattern: bytes, template: bytes) -> Patch:
    return lambda content: re.sub(pattern, template, content)


@pytest.mark.parametrize(
    "patch",
    [
        _pad(rb'<c (r="\w+"(?: s="\d+")?)><v>([^<]+)</v>', rb'<c \1 t="n"><v>          \2</v>'),
        _pad(rb'<c (r="\w+"(?: s="\d+")?)><v>([^<]+)</v>', rb"<c \1><v>          \2</v>"),
        _pad(rb"<v>([^<]+)</v>", rb"<v>  \1\n</v>"),
    ],
)
def test_workbooks_whose_values_are_padded(tmp_path: Path, patch: Patch) -> None:
    """Numbers, days and indexes of texts with blanks around them, as R writes them, are read as what they mean."""
    plain, padded = tmp_path / "plain.xlsx", tmp_path / "padded.xlsx"
    table = pd.DataFrame(
        {"name": ["甲", "乙"], "lon": [87.61, 87.62], "n": [12, 3], "day": pd.to_datetime(["2027-06-30"] * 2)}
    )
    table.to_excel(plain, index=False, engine="xlsxwriter")
    with zipfile.ZipFile(plain) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert patch(parts[sheet]) != parts[sheet]
    write_archive(padded, parts | {sheet: patch(parts[sheet])})
    pd.testing.assert_frame_equal(read_table(padded).table, read_table(plain).table)
