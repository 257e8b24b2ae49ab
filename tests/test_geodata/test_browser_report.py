"""The page of a report in Chromium, opened from a file with the network cut: maps, switches, tables, no request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import BROWSER_MARKS, WAIT_MS

from geodata.documents.web.html import render_html
from tests.hostile_document import HOSTILE_NAMES, build_document

pytestmark = BROWSER_MARKS


@pytest.fixture(scope="module")
def page(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Open the page of a document with hostile names; all that happens is noted in ``page.seen``."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_bytes(render_html(build_document()))
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    context.set_default_timeout(WAIT_MS)
    opened = context.new_page()
    seen: list[str] = []
    opened.on("request", lambda request: seen.append(request.url))
    opened.on("console", lambda message: seen.append(f"console {message.text}"))
    opened.on("pageerror", lambda error: seen.append(f"error {error}"))
    opened.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    opened.goto(file.as_uri())
    assert seen == [file.as_uri()]
    seen.clear()
    opened.seen = seen
    for box in opened.locator(".map").all():
        box.scroll_into_view_if_needed()
        box.locator(".leaflet-control-scale").wait_for()
    yield opened
    context.close()


def count(page: Any, figure: int, selector: str) -> int:
    """Count elements within a figure."""
    return int(page.locator("figure").nth(figure).locator(selector).count())


def test_layers_are_drawn_and_can_be_switched(page: Any) -> None:
    """Bands, gaps, stations and sites are on the map; each goes and comes back with its switch."""
    figure = page.locator("figure").first
    paths, symbols, sites = (count(page, 0, one) for one in ("path.leaflet-interactive", ".symbol", ".number"))
    assert paths == 4
    assert symbols == len(HOSTILE_NAMES)
    assert sites == 3
    for selector, whole, title in ((".number", sites, "建议点"), ("path.leaflet-interactive", paths, "出行时间")):
        switch = figure.locator(".legend label", has_text=title).locator("input")
        switch.uncheck()
        assert count(page, 0, selector) < whole
        switch.check()
        assert count(page, 0, selector) == whole
    assert page.seen == []


def test_popups_show_hostile_names_as_text(page: Any) -> None:
    """A name that is markup is shown letter by letter and runs nothing."""
    page.locator("figure").first.locator(".number").nth(1).dispatch_event("click")
    popup = page.locator(".leaflet-popup-content")
    popup.wait_for()
    assert HOSTILE_NAMES[1] in popup.inner_text()
    assert popup.locator("img").count() == 0
    assert page.locator("text='1337'").count() == 0
    assert page.seen == []


def test_tables_sort_and_filter(page: Any) -> None:
    """A click sorts numbers from the largest down and back; the filter leaves what was asked for."""
    table = page.locator(".table").nth(1)
    head = table.locator("th button").nth(1)
    head.click()
    assert table.locator("tbody tr").first.inner_text().split() == ["村299", "2,093"]
    assert table.locator("th").nth(1).get_attribute("aria-sort") == "descending"
    head.click()
    assert table.locator("tbody tr").first.inner_text().split() == ["村000", "0"]
    table.locator("input[type=search]").fill("村12")
    assert table.locator("tbody tr:visible").count() == 10
    assert "10 / 300" in table.locator("output").inner_text()
    assert page.seen == []


def test_missing_numbers_stay_at_the_end(page: Any) -> None:
    """A cell without a number is last, whichever way the column is sorted."""
    table = page.locator(".table").first
    column = [column.id for column in build_document().tables()[0].columns].index("minutes")
    head = table.locator("th button").nth(column)
    for _ in range(2):
        head.click()
        assert table.locator("tbody tr").last.locator("td").nth(column).inner_text() == "—"


def test_chinese_is_drawn_by_the_font_inside(page: Any) -> None:
    """The font that the page carries is permitted by its policy and loads."""
    assert page.evaluate("document.fonts.load('15px \"Report Sans\"', '乌').then(found => found.length)") == 1
    assert page.seen == []


def test_the_run_file_can_be_saved(page: Any) -> None:
    """The button gives the run file back as it was embedded."""
    with page.expect_download() as saved:
        page.locator("#save-run").click()
    assert json.loads(Path(saved.value.path()).read_text("utf-8")) == build_document().run
    assert [line for line in page.seen if not line.startswith("blob:")] == []
