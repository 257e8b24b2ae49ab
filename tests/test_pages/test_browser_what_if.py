"""The What-if page in Chromium: three stations for villages left out, one dragged, one closed, and all of it kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from chromium import BROWSER_MARKS
from in_browser import Visit
from playwright.sync_api import Page, expect

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.scenario.edits import AddStation, CloseStation, Edit, MoveStation
from geodata.answers.run_whatif import WhatIf, run_whatif
from geodata.store.database import open_store
from geodata.store.scenarios import open_scenario
from geodata.words import number_format
from pages.ui.first_question import first_question
from pages.ui.memo import cached

pytestmark = BROWSER_MARKS


def find_villages(study: Study, question: Question, count: int) -> list[tuple[float, float]]:
    """Find places of people left out, far apart and off every symbol of a station, most people first: lat and lon."""
    demand = cached.ask(study, question).assessment.demand
    outside = demand[(demand["status"] != "covered").to_numpy(bool)].sort_values("weight", ascending=False)
    drawn = study.stations[(study.stations["level"] == "township").to_numpy(bool)][["lat", "lon"]].to_numpy(float)
    found: list[tuple[float, float]] = []
    for lat, lon in zip(outside["lat"], outside["lon"], strict=True):
        is_free = np.hypot(*(drawn - (lat, lon)).T).min() > 0.12
        if is_free and all(np.hypot(lat - one[0], lon - one[1]) > 0.3 for one in found):
            found.append((float(lat), float(lon)))
    return found[:count]


class Bench:
    """The page as a person uses it: by clicks, drags and keys."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page, self.map = visit, visit.page, visit.map

    def say(self, text: str) -> None:
        """Wait until the page says something."""
        self.page.get_by_text(text).first.wait_for()

    def find_pixel(self, place: tuple[float, float]) -> dict[str, float]:
        """Return where a place is on the map [px]."""
        return self.map.locator("body").evaluate(  # type: ignore[no-any-return]
            "(_, at) => { const p = window.map.latLngToContainerPoint(at); return { x: p.x, y: p.y }; }", list(place)
        )

    def add(self, place: tuple[float, float], number: int) -> None:
        """Click a place, see what it would bring and where it meets the road, and add a station there."""
        self.map.locator(".leaflet-container").click(position=self.find_pixel(place))
        self.say("预览，尚未加入")
        self.say("步行接驳")
        expect(self.map.locator(".planner-scene-draft")).to_have_count(1)
        self.page.get_by_role("button", name="加入方案").click()
        self.say(f"调整记录 {number}")

    def drag(self, look: str, by: tuple[int, int]) -> None:
        """Drag the first station of a look."""
        box = self.map.locator(f".planner-scene-{look}").first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by[0] / 2, y + by[1] / 2, steps=4)
        self.page.mouse.move(x + by[0], y + by[1], steps=4)
        self.page.mouse.up()

    def read_numbers(self) -> str:
        """Return the figures at the head."""
        return str(self.page.locator(".p-figures").first.inner_text())

    def check_numbers(self, study: Study, edits: tuple[Edit, ...]) -> None:
        """Check that the figures are those of the engine for the same edits."""
        found = run_whatif(study, first_question(study), edits)
        for wanted in say_figures(found):
            self.page.locator(".p-figures", has_text=wanted).first.wait_for()


def say_figures(found: WhatIf) -> list[str]:
    """Put the figures into the words of the page."""
    delta = found.comparison
    return [
        f"新增覆盖 {number_format.people(delta.newly_covered)}人",
        f"失去覆盖 {number_format.people(delta.newly_lost)}人",
        number_format.percent(delta.after.share_covered, 2),
        number_format.number(delta.after.mean_min, 2) + "分钟",
        f"投入估算 {number_format.number(found.cost / 1e4, 1)} 万元",
    ]


def read_edits(home: Path, page: Page) -> tuple[Edit, ...]:
    """Return the edits of the scenario that the address names, as they are on disk."""
    expect(page).to_have_url(re.compile(r"scenario=[0-9a-f]{32}"))
    with open_store(home / "store") as store:
        return open_scenario(store, page.url.split("scenario=")[1][:32]).edits


@pytest.mark.slow
def test_three_villages_are_reached_and_everything_is_found_again(
    address: str, open_visit: Callable[..., Visit], study: Study, home: Path
) -> None:
    """Place three, drag one, close one, undo twice, compare with the engine, reload by the link: nothing is lost."""
    visit = open_visit()
    page, bench = visit.page, Bench(visit)
    visit.turn_to("方案推演")
    visit.map.locator("img.planner-changes").wait_for()
    visit.settle_map()
    visit.map.locator("body").evaluate("() => { window.map._testMark = 1; }")
    for number, place in enumerate(find_villages(study, first_question(study), 3), start=1):
        bench.add(place, number)
    expect(visit.map.locator(".planner-scene-added")).to_have_count(3)
    three = read_edits(home, page)
    assert all(isinstance(edit, AddStation) for edit in three)
    bench.check_numbers(study, three)
    bench.drag("added", (18, 12))
    bench.say("调整记录 4")
    assert isinstance(read_edits(home, page)[-1], MoveStation)
    # A click on the symbol of a station that is there today.
    bench.map.locator(".planner-symbol").nth(2).dispatch_event("click")
    page.get_by_role("button", name="关闭", exact=True).click()
    bench.say("调整记录 5")
    bench.map.locator(".planner-scene-selected").wait_for()
    five = read_edits(home, page)
    assert isinstance(five[-1], CloseStation)
    bench.check_numbers(study, five)
    page.keyboard.press("Escape")
    bench.map.locator(".planner-scene-closed").wait_for()
    # From the page and from within the map alike.
    page.keyboard.press("Control+z")
    bench.say("调整记录 4")
    bench.map.locator(".leaflet-container").press("Control+z")
    bench.say("调整记录 3")
    expect(page.locator(".p-undone")).to_have_count(2)
    assert read_edits(home, page) == three
    bench.check_numbers(study, three)
    assert visit.map.locator("body").evaluate("() => window.map._testMark") == 1
    visit.assert_quiet()
    numbers, link = bench.read_numbers(), page.url
    assert re.search(r"study=demo&scenario=[0-9a-f]{32}", link)
    again = open_visit(link.removeprefix(address))
    bench = Bench(again)
    bench.say("调整记录 3")
    expect(again.page.locator(".p-figures").first).to_have_text(numbers, use_inner_text=True)
    expect(again.page.locator(".p-undone")).to_have_count(2)
    again.map.locator(".planner-scene-added").nth(2).wait_for()
    again.page.get_by_role("button", name="重做").click()
    bench.say("调整记录 4")
    # A page that is opened by its address is asked for the server's state under that address first.
    again.errors = [line for line in again.errors if "404" not in line]
    again.assert_quiet()
