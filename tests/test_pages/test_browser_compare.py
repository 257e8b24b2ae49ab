"""Two scenarios side by side in Chromium: the maps show the same part of the land, whichever of them is moved."""

from __future__ import annotations

from typing import Any

import pytest
from in_browser import CHROMIUM, WAIT_MS, Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,  # for Playwright, see test_browser_overview
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed at /usr/bin/chromium"),
]
_VIEW = "() => { const map = window.planner.current, at = map.getCenter(); return [at.lat, at.lng, map.getZoom()]; }"


def see(page: Any) -> list[list[float]]:
    """Return latitude, longitude and zoom of every map on the page, the large one first."""
    frames = [frame for frame in page.frames if "streamlit_folium" in frame.url]
    return [frame.evaluate(_VIEW) for frame in frames]


def test_maps_move_together(address: str, browser: object) -> None:
    """Dragged or zoomed, the other map follows to the pixel; the map above stays; nothing leaves this computer."""
    visit = Visit(address, "/?lang=zh", "zh-CN", browser)
    page = visit.page
    page.get_by_role("link", name="方案推演").click()
    page.get_by_text("分区变化").wait_for(timeout=WAIT_MS)
    page.get_by_text("对比", exact=True).first.click()
    maps = page.locator("iframe[title='streamlit_folium.st_folium']")
    maps.nth(2).wait_for(timeout=WAIT_MS)
    for number in (1, 2):
        frame = page.frame_locator("iframe[title='streamlit_folium.st_folium']").nth(number)
        frame.locator(".leaflet-marker-icon").first.wait_for(timeout=WAIT_MS)
    maps.nth(2).scroll_into_view_if_needed()
    page.wait_for_timeout(800)
    large, left, right = see(page)
    assert left == right
    shape = maps.nth(2).bounding_box()
    assert shape is not None
    x, y = shape["x"] + 150, shape["y"] + 150
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(10):
        page.mouse.move(x + 8 * step, y + 5 * step)
    page.mouse.up()
    page.wait_for_timeout(1200)
    moved = see(page)
    assert moved[2] != right
    assert moved[1] == pytest.approx(moved[2], abs=1e-3)
    shape = maps.nth(1).bounding_box()
    assert shape is not None
    page.mouse.move(shape["x"] + 200, shape["y"] + 200)
    page.mouse.wheel(0, -240)
    page.wait_for_timeout(1500)
    zoomed = see(page)
    assert zoomed[1][2] > moved[1][2]
    assert zoomed[1] == pytest.approx(zoomed[2], abs=1e-3)
    assert zoomed[0] == large
    visit.assert_quiet()
    page.close()
