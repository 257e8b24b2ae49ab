"""The Overview in Chromium with nothing outside this computer: the map, a click, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from chromium import BROWSER_MARKS
from in_browser import Visit
from playwright.sync_api import expect

pytestmark = BROWSER_MARKS


@pytest.mark.slow
def test_an_address_opened_on_a_fresh_server_gets_the_frame(fresh_address: str, chromium: Any) -> None:
    """The very first visit, straight to the data page, has our navigation and no list of files next to it."""
    visit = Visit(chromium, fresh_address, "/data?lang=zh", "zh-CN")
    visit.page.get_by_text("输入文件").first.wait_for()
    expect(visit.page.get_by_role("link", name="总览")).to_have_count(1)
    expect(visit.page.get_by_role("link", name=re.compile("^(app|frame)$"))).to_have_count(0)
    visit.close()


@pytest.mark.parametrize(
    ("locale", "sentence", "minutes"),
    [
        ("zh-CN", "半小时内到不了公共法律服务", r"\d+分钟|附近无道路数据"),
        pytest.param("en-US", "cannot reach a township station", r"\d+ min|Not connected", marks=pytest.mark.slow),
    ],
)
def test_the_map_is_mounted_once_and_answers_clicks(
    open_visit: Callable[..., Visit], locale: str, sentence: str, minutes: str
) -> None:
    """In the browser's own language: sentence, bands, stations; each click has its one popup, on the same map."""
    visit = open_visit("/", locale)
    visit.page.get_by_text(sentence).first.wait_for()
    visit.map.locator("img.planner-bands").wait_for()
    expect(visit.map.locator(".planner-symbol").nth(50)).to_be_attached()
    expect(visit.map.locator(".planner-name:not(.planner-hidden)").nth(2)).to_be_attached()
    body, popup = visit.map.locator("body"), visit.map.locator(".leaflet-popup-content")
    visit.settle_map()
    body.evaluate("() => { window.map._testMark = 1; }")
    for x, y in ((330, 260), (370, 300)):
        before = str(popup.first.text_content()) if popup.count() else ""
        visit.map.locator(".leaflet-container").click(position={"x": x, "y": y})
        if before:
            expect(popup.filter(has_text=before)).to_have_count(0)  # it fades while the next one opens
        expect(popup).to_have_count(1)
        expect(popup).to_have_text(re.compile(minutes))
        visit.settle_map()
    assert body.evaluate("() => window.map._testMark") == 1
    visit.assert_quiet()


@pytest.mark.slow
def test_a_gap_another_language_and_another_page(open_visit: Callable[..., Visit]) -> None:
    """A gap's button zooms and outlines; the switch changes words and address, and the map is back; so is the frame."""
    visit = open_visit()
    page = visit.page
    visit.map.locator("img.planner-bands").wait_for()
    visit.settle_map()
    before = visit.map.locator("body").evaluate("() => window.map.getZoom()")
    page.get_by_role("button", name="查看").first.click()
    visit.map.locator(".leaflet-highlight-pane path").first.wait_for(state="attached")
    visit.wait_for_map(f"map.getZoom() > {before}")
    page.get_by_role("radio", name="English").or_(page.get_by_role("button", name="English")).first.click()
    page.get_by_text("cannot reach a").first.wait_for()
    expect(page).to_have_url(re.compile("lang=en"))
    visit.map.locator("img.planner-bands").wait_for()
    visit.turn_to("Set up & import")
    page.get_by_text("Input files").first.wait_for()
    expect(page.get_by_role("link", name="Overview")).to_have_count(1)
    page.get_by_text("Not for classified use").first.wait_for()
    visit.assert_quiet()
