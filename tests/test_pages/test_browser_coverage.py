"""The Coverage page in Chromium with nothing outside this computer: threshold, gaps and explanations on one map."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from chromium import BROWSER_MARKS
from in_browser import Visit
from playwright.sync_api import expect

pytestmark = BROWSER_MARKS


def is_marked(visit: Visit) -> bool:
    """Tell whether the map is still the one that was mounted first."""
    return bool(visit.map.locator("body").evaluate("() => window.map._testMark === 1"))


@pytest.mark.slow
def test_threshold_gaps_and_explanations_share_one_map(open_visit: Callable[..., Visit]) -> None:
    """Bands and ranks, another threshold, a row that is outlined, a click that is explained: never mounted again."""
    visit = open_visit()
    visit.turn_to("覆盖与盲区")
    visit.page.locator(".stSlider").wait_for()
    visit.map.locator("img.planner-bands").wait_for()
    visit.map.locator(".planner-rank span").first.wait_for()
    visit.settle_map()
    visit.map.locator("body").evaluate("() => { window.map._testMark = 1; }")
    expect(visit.map.locator(".planner-symbol").nth(50)).to_be_attached()
    ranks = [int(text) for text in visit.map.locator(".planner-rank span").all_inner_texts()]
    assert 1 in ranks
    assert max(ranks) <= 40  # the smaller ones wait for a closer look
    check_another_threshold(visit)
    check_a_row_and_a_click(visit)
    visit.assert_quiet()


def check_another_threshold(visit: Visit) -> None:
    """Check that the slider moves the sentence, the bands and the gaps."""
    picture = visit.map.locator("img.planner-bands").get_attribute("src")
    said = visit.page.locator(".p-sentence").inner_text()
    visit.page.get_by_role("slider").focus()
    visit.page.keyboard.press("ArrowRight")
    expect(visit.page.locator(".p-sentence")).to_contain_text("35分钟")
    expect(visit.page.locator(".p-sentence")).not_to_have_text(said)
    expect(visit.map.locator("img.planner-bands")).not_to_have_attribute("src", str(picture))
    assert is_marked(visit)


def check_a_row_and_a_click(visit: Visit) -> None:
    """Check that a row zooms to its gap, and that a click has its class, its way on the map and its minutes by part."""
    visit.settle_map()
    zoom = visit.map.locator("body").evaluate("() => window.map.getZoom()")
    box = visit.page.locator("[data-testid=stDataFrame]").first.bounding_box()
    assert box is not None
    visit.page.mouse.click(box["x"] + 18, box["y"] + 52)
    visit.map.locator(".leaflet-highlight-pane path").first.wait_for(state="attached")
    visit.page.get_by_text("改进办法").first.wait_for()
    visit.wait_for_map(f"map.getZoom() > {zoom}")
    visit.settle_map()
    visit.map.locator(".leaflet-container").click(position={"x": 420, "y": 330})
    visit.page.locator(".p-verdict").wait_for()
    visit.map.locator(".leaflet-popup-content").wait_for()
    expect(visit.page.locator(".p-verdict")).to_contain_text("到最近的")
    expect(visit.page.locator(".p-bar i").nth(2)).to_be_attached()
    expect(visit.map.locator(".leaflet-paths-pane path").nth(1)).to_be_attached()
    assert is_marked(visit)
