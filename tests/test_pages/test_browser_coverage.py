"""The Coverage page in Chromium with nothing outside this computer: threshold, gaps and explanations on one map."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from in_browser import CHROMIUM, FRAME, WAIT_MS, Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,  # for Playwright, see test_browser_overview
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def visit(address: str, browser: object) -> Iterator[Visit]:
    """Turn to the page through the navigation, once for all tests of this file."""
    visit = Visit(address, "/?lang=zh", "zh-CN", browser)
    visit.page.get_by_role("link", name="覆盖与盲区").click()
    visit.page.locator(".stSlider").wait_for(timeout=WAIT_MS)
    visit.map.locator("img.planner-bands").wait_for(timeout=WAIT_MS)
    visit.map.locator(".planner-rank span").first.wait_for(timeout=WAIT_MS)
    visit.map.locator("body").evaluate("() => { window.map._testMark = 1; }")
    yield visit
    visit.page.close()


def is_marked(visit: Visit) -> bool:
    """Tell whether the map is still the one that was mounted first."""
    return bool(visit.map.locator("body").evaluate("() => window.map._testMark === 1"))


def test_the_map_shows_bands_gaps_and_ranks(visit: Visit) -> None:
    """Picture, stations, and the largest gaps by their numbers."""
    assert visit.map.locator(".planner-symbol").count() > 50
    ranks = [int(text) for text in visit.map.locator(".planner-rank span").all_inner_texts()]
    assert 1 in ranks
    assert max(ranks) <= 40  # the smaller ones wait for a closer look
    visit.assert_quiet()


def test_another_threshold_changes_numbers_and_picture_on_the_same_map(visit: Visit) -> None:
    """The slider moves the sentence, the bands and the gaps, and the map is not mounted again."""
    picture = visit.map.locator("img.planner-bands").get_attribute("src")
    said = visit.page.locator(".p-sentence").inner_text()
    visit.page.get_by_role("slider").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.wait_for_function(
        """([frame, picture, said]) => {
            const bands = document.querySelector(frame).contentDocument.querySelector('img.planner-bands');
            const now = document.querySelector('.p-sentence');
            return bands && bands.src !== picture && now && now.innerText !== said;
        }""",
        arg=[FRAME, picture, said],
        timeout=WAIT_MS,
    )
    assert "35分钟" in visit.page.locator(".p-sentence").inner_text()
    assert is_marked(visit)
    visit.assert_quiet()


def test_a_row_is_outlined_and_a_click_is_explained(visit: Visit) -> None:
    """A row zooms to its gap; a click there gives the class, the way on the map, and its minutes by part."""
    zoom = visit.map.locator("body").evaluate("() => window.map.getZoom()")
    box = visit.page.locator("[data-testid=stDataFrame]").first.bounding_box()
    visit.page.mouse.click(box["x"] + 18, box["y"] + 52)
    visit.map.locator(".leaflet-highlight-pane path").first.wait_for(state="attached", timeout=WAIT_MS)
    assert visit.map.locator("body").evaluate("() => window.map.getZoom()") > zoom
    visit.page.get_by_text("补救办法").first.wait_for(timeout=WAIT_MS)
    visit.map.locator(".leaflet-container").click(position={"x": 420, "y": 330})
    visit.page.locator(".p-verdict").wait_for(timeout=WAIT_MS)
    visit.map.locator(".leaflet-popup-content").wait_for(timeout=WAIT_MS)
    assert "到最近的" in visit.page.locator(".p-verdict").inner_text()
    assert visit.page.locator(".p-bar i").count() >= 3
    assert visit.map.locator(".leaflet-paths-pane path").count() >= 2
    assert is_marked(visit)
    visit.assert_quiet()
