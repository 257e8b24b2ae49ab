"""Site suggestions in Chromium: a traffic officer picks ten post offices within numbers by district, and keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from chromium import BROWSER_MARKS
from in_browser import Visit

from coverage.inputs.districts import assign_districts
from coverage.inputs.stations import StationChoice
from coverage.siting.model.candidate_sources import find_village_seats
from geodata.intake.read_site_costs import read_site_costs
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study

pytestmark = BROWSER_MARKS
ITEM = "驾驶证换证"
LARGEST = 2


def write_post_offices(path: Path) -> int:
    """Write a list of post offices at the demo's village seats, and one row without a position; return how many."""
    study = open_study(demo_folder())
    weight = study.demand["population"].to_numpy(float)
    seats = find_village_seats(study, StationChoice(family="traffic"), weight, read_site_costs())
    rows = [
        f"{name}邮政所,{lon},{lat},邮政代办点"
        for name, lon, lat in zip(seats["name"], seats["lon"], seats["lat"], strict=True)
    ]
    path.write_text("\n".join(["名称,lon,lat,种类", *rows, "没有位置的邮政所,,,邮政代办点"]), encoding="utf-8")
    return len(rows)


def choose(visit: Visit, label: str, option: str) -> None:
    """Choose an option of a list, and wait for the page."""
    visit.page.get_by_role("combobox", name=label).first.click()
    visit.run(lambda: visit.page.get_by_role("option", name=option, exact=True).first.click())


def fill(visit: Visit, label: str, value: str) -> None:
    """Fill in a number, and wait for the page."""
    box = visit.page.get_by_role("spinbutton", name=label)
    box.fill(value)
    visit.run(lambda: box.press("Enter"))


@pytest.mark.slow
def test_ten_post_offices_within_numbers_by_district(
    open_visit: Callable[..., Visit], tmp_path: Path, home: Path
) -> None:
    """Upload, numbers by district, the curve; accepted it gains on What-if what was said; and planned stations."""
    offices = tmp_path / "offices.csv"
    count = write_post_offices(offices)
    visit = open_visit()
    page = visit.page
    visit.turn_to("选址建议")
    page.get_by_role("button", name="推荐站点").wait_for()
    choose(visit, "服务类别", "交管服务")
    choose(visit, "层级", "任一层级")
    choose(visit, "服务事项", ITEM)
    for source in ("现有场所增设", "村（社区）驻地"):
        visit.run(page.get_by_role("button", name=source).click)
    page.get_by_role("button", name="上传场所名单").click()
    page.locator("input[type=file]").first.set_input_files(str(offices))
    page.get_by_text(f"读入 {count:,} 行，剔除 1 行").wait_for()
    page.keyboard.press("Escape")
    fill(visit, "新增点数", "10")
    page.get_by_text("各县名额").click()
    fill(visit, "每县至多", str(LARGEST))
    page.get_by_text(f"从 {count:,} 个候选点中选 10 个").wait_for()
    visit.settle()
    page.get_by_role("button", name="推荐站点").click()
    page.get_by_text("建议站点 10 个").wait_for()
    visit.map.locator(".planner-number").nth(9).wait_for()
    assert page.get_by_text("10 个点，").count() == 1
    canvas = page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first
    canvas.wait_for()
    shape = canvas.bounding_box()
    assert shape is not None
    canvas.click(position={"x": 0.3 * shape["width"], "y": 0.4 * shape["height"]})
    page.get_by_text("建议站点 10 个").wait_for(state="detached")
    choose(visit, "看哪一个方案", "10 个点")
    page.get_by_text("建议站点 10 个").wait_for()
    said = re.search(r"10 个点，\s*([0-9,.]+ ?万?)\s*人", page.locator("body").inner_text())
    assert said is not None
    page.get_by_role("button", name="采纳为方案").click()
    page.get_by_text("调整记录 10").wait_for()
    gained = page.get_by_text(re.compile("让 [0-9,]+人 新进入半小时服务圈"))
    gained.wait_for()
    shown = re.search(r"让 ([0-9,]+)人", gained.inner_text())
    assert shown is not None
    assert f"{int(shown[1].replace(',', '')) / 1e4:.1f}万" == said[1].replace(" ", "")
    assert page.get_by_text("没有人失去").count() == 1
    visit.turn_to("选址建议")
    before = set(home.glob("studies/*/study.toml"))
    page.get_by_role("button", name="保存为规划站点").click()
    page.get_by_text("已保存 10 个规划站点").wait_for()
    (made,) = set(home.glob("studies/*/study.toml")) - before
    saved = open_study(made)
    new = saved.stations[(saved.stations["status"] == "planned") & saved.stations["name"].str.endswith("邮政所")]
    assert len(new) == 10
    assert (new["kind"] == "postal_agent").all()
    counties = assign_districts(new, saved.districts)["district_id"].str[:6].value_counts()
    assert counties.max() <= LARGEST
    visit.assert_quiet()


@pytest.mark.slow
def test_a_click_adds_a_candidate_and_leaves_no_dot(open_visit: Callable[..., Visit]) -> None:
    """Where clicks add nothing they leave nothing; added, a candidate stays in sight beside a plan of one site."""
    visit = open_visit("/?lang=en", "en-US")
    page = visit.page
    visit.turn_to("Site suggestions")
    page.get_by_text("Choose 5 of").wait_for()
    ground, dot = visit.map.locator(".leaflet-container"), visit.map.locator(".leaflet-marker-pane svg path")
    ground.wait_for()
    visit.settle_map()
    before = page.get_by_text("Choose 5 of").inner_text()
    visit.run(lambda: ground.click(position={"x": 80, "y": 330}))
    assert dot.count() == 0
    assert page.get_by_text("Choose 5 of").inner_text() == before
    page.get_by_text("Add by map click", exact=True).click()
    page.get_by_text("Click the map to add a candidate").wait_for()
    visit.settle_map()
    ground.click(position={"x": 90, "y": 330})
    page.get_by_role("button", name="Take back the last (1)").wait_for()
    dot.first.wait_for(state="detached")
    count = int(before.split()[3].replace(",", ""))
    page.get_by_text(f"Choose 5 of {count + 1:,} candidates").wait_for()  # the first click added none
    fill(visit, "New sites", "1")
    page.get_by_text("Choose 1 of").wait_for()
    page.get_by_role("button", name="Suggest sites").click()
    page.get_by_text("1 suggested site, in build order").wait_for()
    assert page.get_by_text("1 new site brings").count() == 1
    assert page.locator(".p-legend").get_by_text("Clicked on the map").count() == 1
    # Above the names of places, which would hide them.
    visit.map.locator(".leaflet-numbers-pane .planner-number").first.wait_for()
    visit.assert_quiet()
