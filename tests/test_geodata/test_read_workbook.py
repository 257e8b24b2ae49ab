"""Workbooks as offices keep them: titles, formulas, days, several sheets; damaged, locked and hostile ones are told."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from coverage.errors import InputError
from geodata.read_catalogue import read_catalogue
from geodata.read_stations import read_stations
from geodata.read_table import read_table

HEADER = ["编号", "机构名称", "类型", "经度（度）", "纬度（度）", "启用日期"]


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
    assert told["workbook.error_cells"] == (1, (8,))
    assert told["workbook.not_calculated"] == (1, (8,))
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
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><worksheet>&b;</worksheet>'
    assert code_of(repack(whole, tmp_path / "b.xlsx", sheet, None)) == "workbook.unreadable"
    assert code_of(repack(whole, tmp_path / "c.xlsx", sheet, b"<worksheet><row>")) == "workbook.unreadable"
    assert code_of(repack(whole, tmp_path / "d.xlsx", sheet, bomb)) == "workbook.unreadable"
    assert code_of(repack(whole, tmp_path / "e.xlsx", sheet, b"0" * 40_000_000)) == "zip.too_large"
    (tmp_path / "cut.xlsx").write_bytes(whole.read_bytes()[:3000])
    assert code_of(tmp_path / "cut.xlsx") == "zip.invalid"
    assert code_of(repack(whole, tmp_path / "f.docx", "xl/workbook.xml", None)) == "zip.no_layer"
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    for stream, code in (("Workbook", "old"), ("EncryptedPackage", "encrypted")):
        (tmp_path / "g.xlsx").write_bytes(old + stream.encode("utf-16-le") + bytes(600))
        assert code_of(tmp_path / "g.xlsx") == f"workbook.{code}"
    (tmp_path / "h.xls").write_bytes(old)
    assert code_of(tmp_path / "h.xls") == "file.format_unknown"


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
