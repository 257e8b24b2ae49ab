"""Two scenarios side by side in Chromium: the maps show the same part of the land, whichever of them is moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from chromium import BROWSER_MARKS
from in_browser import FRAME, Visit

pytestmark = BROWSER_MARKS
_VIEW = "() => { const map = window.planner.current, at = map.getCenter(); return [at.lat, at.lng, map.getZoom()]; }"


def see(page: Any) -> list[list[float]]:
    """Return latitude, longitude and zoom of every map on the page, the large one first."""
    frames = [frame for frame in page.frames if "streamlit_folium" in frame.url]
    return [frame.evaluate(_VIEW) for frame in frames]


@pytest.mark.slow
def test_maps_move_together(open_visit: Callable[..., Visit]) -> None:
    """Dragged or zoomed, the other map follows to the pixel; the map above stays; nothing leaves this computer."""
    visit = open_visit()
    page = visit.page
    visit.turn_to("方案推演")
    page.get_by_text("分区变化").wait_for()
    page.get_by_text("对比", exact=True).first.click()
    maps = page.locator(FRAME)
    for number in (1, 2):
        page.frame_locator(FRAME).nth(number).locator(".leaflet-marker-icon").first.wait_for()
    maps.nth(2).scroll_into_view_if_needed()
    for number in (1, 2):
        visit.settle_map(number)
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
    for number in (1, 2):
        visit.settle_map(number)
    moved = see(page)
    assert moved[2] != right
    assert moved[1] == pytest.approx(moved[2], abs=1e-3)
    shape = maps.nth(1).bounding_box()
    assert shape is not None
    page.mouse.move(shape["x"] + 200, shape["y"] + 200)
    page.mouse.wheel(0, -240)
    visit.wait_for_map(f"map.getZoom() > {moved[1][2]}", 1)
    for number in (1, 2):
        visit.settle_map(number)
    zoomed = see(page)
    assert zoomed[1][2] > moved[1][2]
    assert zoomed[1] == pytest.approx(zoomed[2], abs=1e-3)
    assert zoomed[0] == large
    visit.assert_quiet()
