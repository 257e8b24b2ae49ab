"""Workbooks as offices keep them: titles, formulas, days, several sheets; damaged, locked and hostile ones are told."""

from __future__ import annotations

import base64
import datetime as dt
import zipfile
import zlib
from pathlib import Path

import pytest
import xlsxwriter

from coverage.errors import InputError
from geodata.intake.cells.read_table import read_table
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_stations import read_stations

HEADER = ["编号", "机构名称", "类型", "经度（度）", "纬度（度）", "启用日期"]


# A hidden sheet; 站点 with a list from B2 on (a day, a whole number, TRUE); 旧表. LibreOffice saved it as .xls.
OLD_BOOK = zlib.decompress(
    base64.b64decode(
        "eNrtWGtsVEUUPnP37va29LEtVLFAXVH63Ja2GK1RbKEgomKJVuVHI/SxfcC23fSRUCK6iE2IkQRDon9IDKb4R+MjJhqjxvafPzD4h5ga"
        "TQo/fARNVqMxRNv1O+fO3d6ubdJd0ETac/PN48zMnTP3nDNn5n55IX/67HtFlyiJ7iUPzcYzyefiKSDLqfiJDM2bjcfjDju+Qv8rmtE5"
        "69CE/rwA6zwDsIBMrd9VOl+hG4seowE8wxSgndSPfJBGKRW6CRbjft9Sxswusd9SaWX+9Ofn/Zv3cQ+wmP/zns/+nw3kALlAnh0CKB8o"
        "AFYDa4BCsQmim4G1wC1AEbAOWA9sAIqBW4EAcBuwEbgduAPYBJQApUAZUA5UAJVa7iqdM2pQrtX1LcjvXNmjUqZMC1r0eenjnPOsctH9"
        "JVjEu+ak2MVloJUibBtNbeGOwH9F20WGNsUyTMBItyofbNWAnZ5BmkvvSMsnkm4VCwQ1UqAevfjZZzSK/Ccl3ShpLlJFH8qYr4VTC1v8"
        "Riz9lDiCogzVRG0Upl5qx17Yix5F9Dn72HPSgz1EbZMW7nVtrTXz5oY/qUdlLx6AZzyOPv00hFITPUQPC6eJis1sGmff3BXqDw22hYvN"
        "fDrHfjkKaq3q62ut6uycFkccp9/jAZfTTwSYzzMJ/7el8Y0U+bTs+OP4dgt950q7fyyZX74IP7gIv2IRfuaCfK8jj5Us5zmbb87xTxuo"
        "RCnOuT/qkTw/6pO8IGpKvjqaIfmaqDd+QBxnDOFgj5cDh1KnXhmD8SnZOAw1deSjCNd3Zdr170M9J17ChOyOk8oCiFpOKrpCBzl8xNpF"
        "Dl+Mt3m2YVOHIY8OS05oUi7eFloVY2f/DAu06JjCVNaEakTaSMW/+O0AZeFlFgKQ9Qd86i9sD5YOZtjceno7O0P92AdyWmKjyC48+8bT"
        "yDa3lI0gGw5FQizufpTrRqaOYMrDcSzYop9NO/51WIXAnLoLdW5wkLQ3U/+8zTQba+jEennryZf1+PG6qqb1Vy7fVdSwX/jROXXRJtYK"
        "BdUxtEyaFTKiUtLnpa8TZI8L7wVJSzC+u4vpu4ZSV7ks8d4fGspd5bPYEDMhlWgRbwiqoFqb7Ts+eWC6wckVPYEWi47Kskm9aOXpleYm"
        "Dg52ahl+XQ5qZh7N6IuiPeYn2stfIPagvfqY5Yw3uYcnViM9TbEEWHbMv8ChxaAsGcdj+JByv1FAH+hdn+g+WQ0fL/LEVhICEnXDFLot"
        "94uUc1BaTjqb8yKf1pmS8pzOmGck8ViP3K9Qxts1AzUjUfOg5knUTNTMRM2LmlfXDHkLz/0pDoYGnjy6coIPi69/xeU6Ua1P2ryoK5nR"
        "OagatEG5rSjgtiIrDSuyXFbkW7Gif8PzM5I8v8ats+w0dJZ9fT1f952Ne7LsO5TfMuzQaDc9wHeWPb0dgwNDA13DgZ2HO0LhwD13V7W0"
        "tYfC4ZDoeHtvV1f9tdzdlB3j0qbZOIkiF3gvTY+99uvV5h7/my9bVFn6/hR/7Ge0cXJ7vb7fNeoP8oi+5+3Td71Ofd+L6ED844x9dzNE"
        "mfY4h/5RLpk9Hzn6rXKXU5GfOcbFLy6eqV7nP/0q5A9efXsHn6CTeK36nukcGPwuWffqLY/0XdNZs6FldA4YvOZtkciTocGh3oH++Wtl"
        "86mtq64B0Y1I1/P/j3z/JB9aaAzrpDHHLj+F2QfpEG5bLMehlOUvkFBiHx7jKfxX+TPL8ZMmzNsHG2+GDAfTmt/j+gezlDFBYHfCT5tx"
        "FwylrT8OrKn+/6nW/2rkRop75QjW34f7Jut+N6ygS3TCnGHcVQfAWZzK9PzeFL7/ZuCtxPw7MEOHyBASC0xNnvo01l/nmn+5///7Gy70"
        "UYI="
    )
)
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "manifest")
)


def make_open_book(path: Path, rows: str, *, manifest: str = "") -> Path:
    """Write an .ods file with one sheet of these rows."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {_SPACES}>{manifest}</manifest:manifest>")
        sheet = f'<office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet>'
        body = f"<office:body>{sheet}</office:body>"
        archive.writestr("content.xml", f"<office:document-content {_SPACES}>{body}</office:document-content>")
    return path


def say_row(*cells: tuple[str, str], more: str = "") -> str:
    """Write one row of an .ods file; cells are their kind and value."""
    names = {"float": "value", "date": "date-value", "time": "time-value", "boolean": "boolean-value"}
    written = [
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        if kind == "string"
        else f'<table:table-cell office:value-type="{kind}" office:{names[kind]}="{value}"{more}/>'
        for kind, value in cells
    ]
    return f"<table:table-row{more.replace('columns', 'rows')}>{''.join(written)}</table:table-row>"


def make_book(path: Path, fill: bool = True) -> Path:
    """Write a workbook with an empty sheet, a list under a merged title, and a third sheet that is not read."""
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("说明")
    sheet = book.add_worksheet("站点")
    if fill:
        sheet.merge_range(0, 0, 0, 5, "某县公共法律服务站点一览表")
        sheet.write_row(1, 0, HEADER)
        sheet.write_row(2, 0, ["A1", "甲<b>站</b>\u0007", "司法所", 87.61, 43.82])
        sheet.write_datetime(2, 5, dt.datetime(2027, 6, 30), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_row(3, 0, ["A2", "乙站", "司法所"])
        sheet.write_formula(3, 3, "=D3+0.01", None, 87.62)
        sheet.write_formula(3, 4, "=E3", None, 43.81)
        sheet.write_row(6, 0, ["A3", "丙站", "司法所", "87°36′30″", "４３．８", "2028年"])
        sheet.write_row(7, 0, ["A4", "丁站", "司法所"])
        sheet.write_formula(7, 3, "=1/0", None, "#DIV/0!")
        sheet.write_formula(7, 4, "=E3", None, "")
    book.add_worksheet("旧表").write(0, 0, "去年")
    book.close()
    return path


def code_of(path: Path) -> str:
    """Return the code of the error that reading raises."""
    with pytest.raises(InputError) as caught:
        read_table(path)
    return caught.value.code


def repack(source: Path, target: Path, part: str, content: bytes | None) -> Path:
    """Copy a workbook with one part replaced, or left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
            elif content is not None:
                new.writestr(name, content)
    return target


def test_a_list_of_stations_in_a_workbook(tmp_path: Path) -> None:
    """The first filled sheet is read from under its title; values of formulas, days and row numbers are right."""
    read = read_stations(make_book(tmp_path / "a.xlsx"), read_catalogue())
    assert read.table["name"].tolist() == ["甲<b>站</b>", "乙站", "丙站"]
    assert read.table["lon"].tolist() == pytest.approx([87.61, 87.62, 87.0 + 36.5 / 60.0])
    assert read.table["lat"].tolist() == pytest.approx([43.82, 43.81, 43.8])
    assert read.table["open_date"].tolist() == ["2027-06-30", "", "2028-12-31"]
    assert (read.rows_in, read.rows_accepted, read.rejected["row"].tolist()) == (4, 3, [8])
    told = {issue.code: (issue.count, issue.rows) for issue in read.issues}
    assert told["table.titles"] == (1, (1,))
    assert told["table.blank_rows"] == (2, ())
    sheets = next(issue for issue in read.issues if issue.code == "workbook.sheets_unused")
    assert (sheets.value, dict(sheets.facts)) == ("旧表", {"used": "站点"})


def test_the_name_of_the_file_does_not_matter(tmp_path: Path) -> None:
    """A workbook named .csv and a CSV named .xlsx are read as what they are."""
    make_book(tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    (tmp_path / "b.xlsx").write_text("name,lon,lat\n甲,87.6,43.8\n", encoding="utf-8")
    assert len(read_table(tmp_path / "a.csv").table) == 4
    assert len(read_table(tmp_path / "b.xlsx").table) == 1


def test_workbooks_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    """Damaged, without a list, locked and old workbooks, and other documents of an office, each have their code."""
    whole = make_book(tmp_path / "a.xlsx")
    sheet = "xl/worksheets/sheet2.xml"
    with zipfile.ZipFile(whole) as archive:
        content = archive.read(sheet)
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + content.split(b"?>", 1)[1].replace(b"87.62", b"&b;")
    assert code_of(repack(whole, tmp_path / "b.xlsx", sheet, None)) == "workbook.unreadable"
    assert code_of(repack(whole, tmp_path / "c.xlsx", sheet, content[: len(content) // 2])) == "workbook.unreadable"
    assert not read_table(repack(whole, tmp_path / "d.xlsx", sheet, bomb)).table.isin(["bbbb"]).any(axis=None)
    assert code_of(repack(whole, tmp_path / "e.xlsx", sheet, b"0" * 40_000_000)) == "zip.too_large"
    (tmp_path / "cut.xlsx").write_bytes(whole.read_bytes()[:3000])
    assert code_of(tmp_path / "cut.xlsx") == "zip.invalid"
    assert code_of(repack(whole, tmp_path / "f.docx", "xl/workbook.xml", None)) == "zip.no_layer"
    (tmp_path / "h.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert code_of(tmp_path / "h.doc") == "workbook.unreadable"
    (tmp_path / "i.xls").write_bytes(OLD_BOOK[:3000])
    assert code_of(tmp_path / "i.xls") == "workbook.unreadable"


def test_old_and_open_workbooks(tmp_path: Path) -> None:
    """What .xls, .et and .ods hold is read alike under any ending, with true row numbers; hidden sheets are not."""
    for name in ("a.xls", "a.et", "a.xlsx", "a"):
        (tmp_path / name).write_bytes(OLD_BOOK)
        raw = read_table(tmp_path / name)
        assert raw.table.iloc[0].tolist() == ["", "甲站", "87.62", "2027-06-30", "12", "true"]
        assert raw.rows.tolist() == [3]
        told = next(issue for issue in raw.issues if issue.code == "workbook.sheets_unused")
        assert (told.value, dict(told.facts)) == ("旧表", {"used": "站点"})
    header = say_row(*(("string", name) for name in ("名称", "经度", "启用", "整数", "开", "时")))
    cells = (("float", "87.620000000000005"), ("date", "2027-06-30"), ("float", "12"))
    row = say_row(("string", "甲站"), *cells, ("boolean", "false"), ("time", "PT08H30M00S"))
    raw = read_table(make_open_book(tmp_path / "b.xls", header + "<table:table-row/>" + row))
    assert raw.table.iloc[0].tolist() == ["甲站", "87.62", "2027-06-30", "12", "false", "08:30"]
    assert raw.rows.tolist() == [3]


def test_workbooks_with_a_password(tmp_path: Path) -> None:
    """A password is told as such in each of the three containers."""
    stream = "EncryptedPackage".encode("utf-16-le")
    at = OLD_BOOK.index("Workbook".encode("utf-16-le"))
    locked = OLD_BOOK[:at] + stream.ljust(64, b"\0") + bytes([len(stream) + 2]) + OLD_BOOK[at + 65 :]
    (tmp_path / "a.xlsx").write_bytes(locked)
    second = OLD_BOOK.index(b"\x09\x08\x10\x00") + 20  # after the record that begins the book: FILEPASS
    (tmp_path / "b.xls").write_bytes(OLD_BOOK[:second] + b"\x2f\x00" + OLD_BOOK[second + 2 :])
    entry = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    make_open_book(tmp_path / "c.ods", "", manifest=entry)
    for name in ("a.xlsx", "b.xls", "c.ods"):
        assert code_of(tmp_path / name) == "workbook.encrypted"


def test_a_few_cells_that_ask_for_all_memory(tmp_path: Path) -> None:
    """Cells in opposite corners, repeated cells and too many columns end in an error, not in the end of the process."""
    for cell, code in (("XFD1048576", "workbook.too_large"), ("XFD2", "table.too_many_columns")):
        with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
            sheet = book.add_worksheet()
            sheet.write("A1", 1)
            sheet.write(cell, 1)
        assert code_of(tmp_path / "a.xlsx") == code
    more = ' table:number-columns-repeated="16384"'
    assert code_of(make_open_book(tmp_path / "b.ods", say_row(("float", "1"), more=more))) == "workbook.too_large"


def test_a_workbook_with_nothing_but_a_note_is_no_list(tmp_path: Path) -> None:
    """A sheet of one cell has column names and no rows, which is told as an empty table."""
    assert code_of(make_book(tmp_path / "a.xlsx", fill=False)) == "table.empty"


def test_titles_above_the_names_of_columns(tmp_path: Path) -> None:
    """A merged title and a line of who filled it in are passed over; a narrow list keeps its first row as header."""
    path = tmp_path / "a.csv"
    path.write_text(
        "某县站点一览表\n填报：市局,,,日期：11月,,\n编号,名称,类型,经度,纬度,备注\n1,甲,,87,43,\n", encoding="utf-8"
    )
    raw = read_table(path)
    assert (raw.table["名称"].tolist(), raw.rows.tolist()) == (["甲"], [4])
    assert [(issue.code, issue.rows, issue.value) for issue in raw.issues] == [
        ("table.titles", (1, 2), "某县站点一览表")
    ]
    path.write_text("名称\n甲\n乙\n", encoding="utf-8")
    assert read_table(path).table["名称"].tolist() == ["甲", "乙"]


def test_positions_in_one_column(tmp_path: Path) -> None:
    """A column of pairs, as web maps export it, gives positions; what is no pair is left out with its row."""
    path = tmp_path / "a.csv"
    path.write_text('名称,坐标\n甲,"87.61,43.82"\n乙,（87.62， 43.83）\n丙,和平路\n丁,\n', encoding="utf-8")
    read = read_stations(path, read_catalogue())
    assert read.table[["lon", "lat"]].to_numpy().tolist() == [[87.61, 43.82], [87.62, 43.83]]
    assert read.rejected[["row", "problem"]].to_numpy().tolist() == [
        [4, "position.not_a_pair"],
        [5, "position.missing"],
    ]
