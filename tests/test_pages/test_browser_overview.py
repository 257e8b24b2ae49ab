"""The Overview in Chromium with nothing outside this computer: the map, a click, both languages."""

from __future__ import annotations

import re

import pytest
from in_browser import CHROMIUM, FRAME, WAIT_MS, Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,  # Playwright talks to its driver through pipes that asyncio makes of sockets
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed at /usr/bin/chromium"),
]


def test_an_address_opened_on_a_fresh_server_gets_the_frame(address: str, browser: object) -> None:
    """The very first visit, straight to the data page, is led through app.py: our navigation stands beside it."""
    page = browser.new_page(locale="zh-CN")  # type: ignore[attr-defined]
    page.goto(f"{address}/data?lang=zh")
    page.get_by_text("输入文件").first.wait_for(timeout=WAIT_MS)
    assert page.get_by_role("link", name="总览").count() == 1
    assert page.get_by_role("link", name="app").count() == 0
    page.close()


@pytest.mark.parametrize(
    ("locale", "sentence", "minutes"),
    [
        ("zh-CN", "半小时内到不了公共法律服务", r"\d+分钟|路网数据未接入"),
        ("en-US", "cannot reach a township station", r"\d+ min|Not connected"),
    ],
)
def test_the_map_is_mounted_and_answers_a_click(
    address: str, browser: object, locale: str, sentence: str, minutes: str
) -> None:
    """In the browser's own language: the sentence, the map with bands and stations, minutes at a clicked place."""
    visit = Visit(address, "/", locale, browser)
    visit.page.get_by_text(sentence).first.wait_for(timeout=WAIT_MS)
    visit.map.locator("img.planner-bands").wait_for(timeout=WAIT_MS)
    assert visit.map.locator(".planner-symbol").count() > 50
    assert visit.map.locator(".planner-name:not(.planner-hidden)").count() >= 3
    visit.page.wait_for_timeout(800)
    visit.map.locator(".leaflet-container").click(position={"x": 330, "y": 260})
    popup = visit.map.locator(".leaflet-popup-content")
    popup.wait_for(timeout=WAIT_MS)
    assert re.search(minutes, popup.inner_text())
    visit.assert_quiet()
    visit.page.close()


def test_a_second_click_replaces_the_answer_without_mounting_the_map_again(address: str, browser: object) -> None:
    """The map object lives on through clicks, and exactly one popup is open."""
    visit = Visit(address, "/?lang=zh", "zh-CN", browser)
    visit.map.locator("img.planner-bands").wait_for(timeout=WAIT_MS)
    visit.page.wait_for_timeout(800)
    body = visit.map.locator("body")
    body.evaluate("() => { window.map._testMark = 1; }")
    first = ""
    for x in (330, 370):
        visit.map.locator(".leaflet-container").click(position={"x": x, "y": 300})
        visit.page.wait_for_function(
            """([selector, before]) => {
                const text = document.querySelector(selector).contentDocument.querySelector('.leaflet-popup-content');
                return text && text.innerText !== before;
            }""",
            arg=[FRAME, first],
            timeout=WAIT_MS,
        )
        first = visit.map.locator(".leaflet-popup-content").first.inner_text()
    assert visit.map.locator(".leaflet-popup-content").count() == 1
    assert body.evaluate("() => window.map._testMark") == 1
    visit.assert_quiet()
    visit.page.close()


def test_the_switch_changes_the_language(address: str, browser: object) -> None:
    """From Chinese to English by the switch in the sidebar, in the address too; the map comes back."""
    visit = Visit(address, "/?lang=zh", "zh-CN", browser)
    visit.page.get_by_role("radio", name="English").or_(visit.page.get_by_role("button", name="English")).first.click()
    visit.page.get_by_text("cannot reach a").first.wait_for(timeout=WAIT_MS)
    assert "lang=en" in visit.page.url
    visit.map.locator("img.planner-bands").wait_for(timeout=WAIT_MS)
    visit.assert_quiet()
    visit.page.close()


def test_a_gap_is_shown_and_its_district_outlined(address: str, browser: object) -> None:
    """The button beside a gap zooms the map in and draws the outline."""
    visit = Visit(address, "/?lang=zh", "zh-CN", browser)
    visit.map.locator("img.planner-bands").wait_for(timeout=WAIT_MS)
    body = visit.map.locator("body")
    before = body.evaluate("() => window.map.getZoom()")
    visit.page.get_by_role("button", name="查看").first.click()
    visit.map.locator(".leaflet-highlight-pane path").first.wait_for(state="attached", timeout=WAIT_MS)
    assert body.evaluate("() => window.map.getZoom()") > before
    visit.assert_quiet()
    visit.page.close()


def test_the_data_page_is_reached_through_the_navigation(address: str, browser: object) -> None:
    """It shows what the study contains, with the navigation and the footer around it."""
    visit = Visit(address, "/?lang=zh", "zh-CN", browser)
    visit.page.get_by_role("link", name="新建与导入").click()
    visit.page.get_by_text("输入文件").first.wait_for(timeout=WAIT_MS)
    assert visit.page.get_by_role("link", name="总览").count() == 1
    visit.page.get_by_text("非涉密工具").first.wait_for(timeout=WAIT_MS)
    visit.assert_quiet()
    visit.page.close()
