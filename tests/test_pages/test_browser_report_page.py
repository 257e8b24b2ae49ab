"""The report in Chromium: three clicks to a file, chosen sections, a name that looks like code, nothing that leaves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from chromium import BROWSER_MARKS
from in_browser import Visit
from small_study import write_small_study

from geodata.documents.runs.find_run import read_run

pytestmark = BROWSER_MARKS
STUDY = "20260101-000000-abcdef"
HOSTILE = "{{7*191}}<img src=x onerror=alert(1)>"


def download(visit: Visit, kind: str, folder: Path) -> Path:
    """Make a file and download it, a click each."""
    visit.page.get_by_role("button", name=kind, exact=True).click()
    button = visit.page.get_by_role("button", name=f"下载 {kind}")
    button.wait_for()
    with visit.page.expect_download() as expected:
        button.click()
    path = folder / expected.value.suggested_filename
    expected.value.save_as(path)
    return path


@pytest.mark.slow
def test_chosen_sections_become_files(open_visit: Callable[..., Visit], tmp_path: Path, home: Path) -> None:
    """The preview follows the choices; PDF and workbook hold them; no request leaves and no script of a name runs."""
    own = write_small_study(home / "studies" / STUDY)
    stations = own.parent / "stations.csv"
    stations.write_text(stations.read_text("utf-8").replace("示意点01", HOSTILE), encoding="utf-8")
    visit = open_visit(f"/?lang=zh&study={STUDY}")
    page = visit.page
    page.on("dialog", lambda dialog: visit.errors.append(dialog.message))
    page.get_by_role("button", name="出报告").click()
    shown = page.frame_locator("iframe[srcdoc]")
    shown.get_by_role("heading", name="一、摘要").wait_for()
    shown.locator(".leaflet-container").first.wait_for()
    page.locator(".st-key-w_report_on_summary label").click()
    shown.get_by_role("heading", name="一、总体情况").wait_for()
    page.get_by_label("标题").fill(HOSTILE)
    page.get_by_label("标题").press("Enter")
    shown.locator("h1", has_text=HOSTILE).wait_for()
    pdf = download(visit, "PDF", tmp_path)
    assert pdf.name.endswith("_示意.pdf")
    assert pdf.read_bytes()[:5] == b"%PDF-"
    book = download(visit, "Excel", tmp_path)
    with zipfile.ZipFile(io.BytesIO(book.read_bytes())) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert not any(b"<f>" in sheet for sheet in sheets)
    for path in (pdf, book):
        options = read_run(path).recipe.options
        assert "summary" not in options.sections
        assert options.sections[0] == "situation"
        assert options.title == HOSTILE
    page.get_by_role("radio", name="已出的报告").click()
    page.get_by_text("未复算").first.wait_for()
    page.get_by_role("button", name="复算核对").click()
    page.get_by_text("完全一致").first.wait_for()
    visit.assert_quiet()
