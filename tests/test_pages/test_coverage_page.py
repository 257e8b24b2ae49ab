"""The Coverage page: thresholds, gaps and map linked both ways, explanations, lists and files, on the demo study."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from fake_map import FakeMap
from page_steps import open_page, read_page, take_table
from streamlit.testing.v1 import AppTest

from coverage.access.established_reachable import FINDINGS
from coverage.access.layer_coverage import tabulate_uncounted
from coverage.access.rebin import tabulate_within
from coverage.access.referral import summarise_referrals
from coverage.access.service_area import find_service_areas
from coverage.access.suspicion import find_far_from_roads
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.tables.evidence import Evidence
from coverage.tables.unit_tables import list_mismatches
from geodata.intake.read_thresholds import read_presets
from geodata.maps.shapes import SLOTS
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui.first_question import first_question
from pages.ui.gaps import area_files, cutoff_control, why_panel
from pages.ui.gaps.layer_choice import LAYERS
from pages.ui.memo import cached, cached_gaps

PAGE = "coverage_gaps"


@pytest.fixture(autouse=True)
def fake(fake_map: FakeMap) -> FakeMap:
    """Draw every map of this file on the stand-in."""
    return fake_map


def test_several_thresholds_stand_side_by_side(
    app: AppTest, fake_map: FakeMap, study: Study, question: Question
) -> None:
    """The small table is that of the core, and the threshold in force is the headline."""
    page = open_page(app, PAGE, "en")
    assessment = cached.ask(study, question).assessment
    table = tabulate_within(assessment, cutoff_control.QUICK_MIN)
    for row in table.itertuples():
        assert number_format.people(row.people) in page
        assert number_format.percent(row.share).replace("%", "&#37;") in page
    here = table[table["cutoff_min"] == question.cutoff_min]
    assert here["people"].iloc[0] == assessment.totals.covered


def test_the_slider_only_bins_anew(app: AppTest, fake_map: FakeMap, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another threshold changes sentence, bands and gaps, and no search is made for it."""
    page = open_page(app, PAGE)
    before = dict(fake_map.layers)

    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("a search for a threshold")

    monkeypatch.setattr("coverage.answer.time_parts.find_nearest", refuse)
    monkeypatch.setattr("pages.ui.memo.cached_map.compute_time_field", refuse)
    app.slider(key="w_cutoff").set_value(65).run()
    assert not app.exception
    assert "p-sentence" in page
    assert "65分钟内" in read_page(app)
    assert fake_map.layers["bands"]["key"] != before["bands"]["key"]
    assert fake_map.layers["gaps"]["key"] != before["gaps"]["key"]
    assert fake_map.layers["stations"]["key"] == before["stations"]["key"]


def test_a_table_of_thresholds_takes_the_place_of_the_slider(app: AppTest, fake_map: FakeMap, study: Study) -> None:
    """The table is named with its source and its threshold by zone; a quick threshold ends it."""
    open_page(app, PAGE)
    table = next(one for one in read_presets() if "altay" in one.id or len(one.rules) > 1)
    app.selectbox(key="w_standard").set_value(f"table {table.id}").run()
    assert not app.exception
    page = read_page(app)
    assert len(app.slider) == 0
    assert table.name.zh.split("（")[0] in page
    asked = replace(first_question(study), thresholds=table)
    told = cutoff_control.say_thresholds(study, asked, Translator("zh_CN"))
    assert table.source in told
    assert "分钟" in told
    app.segmented_control(key="w_quick_cutoff").set_value(45).run()
    assert len(app.slider) == 1
    assert "45分钟内" in read_page(app)


def test_every_gap_is_listed_and_drawn(app: AppTest, fake_map: FakeMap, study: Study, question: Question) -> None:
    """List and map show the gaps of the core, largest first, and the people of the list are all outside."""
    open_page(app, PAGE)
    gaps = cached.ask(study, question).get("gap_members")[0]
    listed = take_table(app, "minutes", without="station")
    assert listed["rank"].tolist() == gaps.index.tolist()
    assert listed["people"].tolist() == gaps["people"].tolist()
    assert listed["people"].sum() == cached.ask(study, question).assessment.totals.uncovered
    drawn = fake_map.layers["gaps"]
    assert [label[3] for label in drawn["labels"]] == [str(rank) for rank in gaps.index]
    assert sum(len(layer["rings"]) for layer in drawn["layers"]) >= len(gaps)


def test_a_selected_gap_is_outlined_with_its_remedies(
    app: AppTest, fake_map: FakeMap, study: Study, question: Question
) -> None:
    """The row moves the map and shows a card with the remedies the core computes for this gap."""
    open_page(app, PAGE)
    assert not fake_map.is_on("highlight")
    app.session_state["selected_gap"] = (question, 12)
    app.run()
    assert not app.exception
    assert fake_map.is_on("highlight")
    page = read_page(app)
    gap = cached.ask(study, question).get("gap_members")[0].loc[12]
    assert number_format.people(float(gap["people"])) in page
    remedies = cached_gaps.fetch_remedies(study, question, 12)
    assert len(remedies)
    assert (remedies["gap_id"] == 12).all()
    for people in remedies["newly_covered_gap"]:
        assert number_format.people(float(people)) in page


def test_a_click_in_a_gap_selects_it_and_explains_the_place(
    app: AppTest, fake_map: FakeMap, study: Study, question: Question
) -> None:
    """The place gets its class, its way and its minutes by part; the gap around it is outlined."""
    open_page(app, PAGE)
    member = cached.ask(study, question).get("gap_members")[0].loc[1]
    demand = cached.ask(study, question).assessment.demand
    inside = demand[(demand["status"] == "beyond") & (demand["district_id"] == member["district_id"])].iloc[0]
    place = float(inside["lon"]), float(inside["lat"])
    app.session_state["coverage_map"] = {"last_clicked": {"lng": place[0], "lat": place[1]}}
    fake_map.is_clicked = True
    app.run()
    fake_map.is_clicked = False
    app.run()
    assert not app.exception
    gaps = cached.ask(study, question).get("gap_list")
    found = cached_gaps.find_gap_at(gaps, *place)
    assert found > 0
    assert app.session_state["selected_gap"][1] == found
    assert fake_map.is_on("highlight")
    assert fake_map.is_on("route")
    page = read_page(app)
    answer = cached_gaps.fetch_explanation(study, question, *place)
    assert answer.minutes == pytest.approx(float(inside["minutes"]))
    assert "超出时限" in page
    assert f"位于盲区 {found}" in page
    assert answer.route is not None
    legs = why_panel.list_legs(answer.route, answer.direction, Translator("zh_CN"))
    assert sum(minutes for *_, minutes in legs) == pytest.approx(answer.route.minutes)
    for name, *_ in legs:
        assert name in page


def test_an_unconnected_place_has_no_way(app: AppTest, fake_map: FakeMap, study: Study, question: Question) -> None:
    """Where there is no road the panel says so, and no route is drawn."""
    open_page(app, PAGE)
    demand = cached.ask(study, question).assessment.demand
    row = demand[demand["status"] == "unconnected"].iloc[0]
    app.session_state["asked_place"] = (float(row["lon"]), float(row["lat"]))
    app.session_state["shown_panel"] = "why"
    app.run()
    assert not app.exception
    assert not fake_map.is_on("route")
    page = read_page(app)
    assert "附近无道路数据" in page
    assert 'class="p-bar"' not in page


def test_layers_are_switched_on_and_off(app: AppTest, fake_map: FakeMap, study: Study, question: Question) -> None:
    """Each layer is drawn when it is on and cleared when it is off; the far people are those of the core."""
    open_page(app, PAGE)
    assert [slot for slot in SLOTS if fake_map.is_on(slot)] == ["gaps"]
    key = f"w_layers_{len(LAYERS) - 1}"
    app.pills(key=key).set_value(["area", "own", "far"]).run()
    assert not app.exception
    assert [slot for slot in SLOTS if fake_map.is_on(slot)] == ["area", "own", "far"]
    assert not fake_map.is_on("bands")
    assert not fake_map.is_on("stations")
    far = find_far_from_roads(cached.ask(study, question).basis).is_far
    assert len(fake_map.layers["far"]["points"]) == int(far.sum())
    assert len(json.dumps(fake_map.layers["area"])) < 60_000


def test_established_and_reachable_stand_side_by_side(
    app: AppTest, fake_map: FakeMap, study: Study, question: Question
) -> None:
    """A1, B1 and B2 of every level with their denominators, and both lists; a row outlines its unit."""
    open_page(app, PAGE, "en")
    app.segmented_control(key="w_section").set_value("established").run()
    assert not app.exception
    page = read_page(app)
    found = cached.ask(study, question).established
    listed = take_table(app, "units_established")
    for name in ("units", "units_reached"):
        assert listed[name].tolist() == found.summary[name].tolist()
    # Levels below the level asked about have no stations of their own: their number is not known, rather than 0.
    known = listed["units_established"].notna()
    assert listed["units_established"][known].tolist() == found.summary["units_established"][known].tolist()
    assert (listed["unit_reach_rate"] / 100).tolist() == pytest.approx(found.summary["unit_reach_rate"].tolist())
    for finding in FINDINGS:
        part = list_mismatches(Evidence(cached.ask(study, question)), finding)
        assert Translator("en")(f"indicators.{finding}", count=len(part)) in page
    unit = str(found.mismatches["unit_id"].iloc[0])
    app.session_state["selected_district"] = unit
    app.run()
    assert fake_map.is_on("highlight")


def test_people_far_from_roads_are_counted_by_district(
    app: AppTest, fake_map: FakeMap, study: Study, question: Question
) -> None:
    """The sentence has everybody, the list the districts of a level, and they agree."""
    open_page(app, PAGE, "en")
    app.segmented_control(key="w_section").set_value("suspicion").run()
    table = cached.ask(study, question).get("far_from_roads")[1]
    whole = float(table["far_people"].iloc[0])
    assert f"{number_format.people(whole)} people" in read_page(app)
    listed = take_table(app, "far_people")
    assert listed["far_people"].sum() == whole


def test_stations_that_do_not_count_are_named_with_the_reason(app: AppTest, fake_map: FakeMap, study: Study) -> None:
    """Below the map stands how many do not count, with the first; their table has hours, visits and reasons."""
    asked = Question(StationChoice(family="legal", season="summer"), season="summer")
    open_page(app, PAGE, "en", question=asked, question_of=study.fingerprint)
    app.segmented_control(key="w_section").set_value("uncounted").run()
    listed = tabulate_uncounted(study, asked.choice)
    page = read_page(app)
    assert len(listed) > 1
    assert f"{len(listed)} stations do not count" in page
    assert str(listed["name"].iloc[0]) in page
    assert len(take_table(app, "Why it does not count")) == len(listed)


def test_the_referral_chain_is_told_step_by_step(
    app: AppTest, fake_map: FakeMap, study: Study, question: Question
) -> None:
    """Stations, median and share of each step are those of the core; the worst twenty stand in order."""
    open_page(app, PAGE, "en")
    app.segmented_control(key="w_section").set_value("referral").run()
    referrals = cached.ask(study, question).referrals
    steps, listed = summarise_referrals(referrals), take_table(app, "next_level")
    assert listed["stations"].tolist() == steps["stations"].tolist()
    assert listed["median"].tolist() == pytest.approx(steps["median_min"].tolist())
    assert (listed["share_within"] / 100).tolist() == pytest.approx(steps["share_within"].tolist())
    worst = take_table(app, "Minutes")
    assert len(worst) == 20
    assert worst["Minutes"].tolist() == sorted(referrals["minutes"].tolist(), reverse=True)[:20]


def test_remedies_of_the_first_gaps_are_computed_on_demand(app: AppTest, fake_map: FakeMap) -> None:
    """The table has no empty column before, and the suggested remedy with its people after the button."""
    open_page(app, PAGE, "en")
    app.selectbox(key="w_season").set_value("winter").run()
    table = take_table(app, "station")
    assert "remedy" not in table
    app.button(key="w_compute_remedies").click().run()
    assert not app.exception
    table = take_table(app, "station")
    assert table["remedy_people"].notna().sum() > 0
    assert (table["remedy_people_total"].dropna() >= table["remedy_people"].dropna()).all()


def test_files_hold_gaps_and_areas(
    app: AppTest, fake_map: FakeMap, study: Study, question: Question, tmp_path: Path
) -> None:
    """The files are offered once they are prepared; they hold what the core computes, marked as schematic."""
    open_page(app, PAGE)
    app.segmented_control(key="w_section").set_value("files").run()
    before = len(app.get("download_button"))
    if not cached.ask(study, question).has("areas"):
        app.button(key="w_prepare_files").click().run()
        assert len(app.get("download_button")) == before + 3
    assert not app.exception
    gaps, areas = cached.ask(study, question).get("gaps")[0], cached.ask(study, question).areas
    written = gpd.read_file(area_files.write_gaps(tmp_path / "gaps.geojson", study, gaps))
    assert written["people"].tolist() == gaps["people"].tolist()
    assert json.loads((tmp_path / "gaps.geojson").read_text("utf-8"))["schematic"] is True
    package = area_files.write_package(tmp_path / "coverage.gpkg", study, gaps, areas)
    assert {name for name, _ in pyogrio.list_layers(package)} == {"gaps", "service_areas"}
    drawn = gpd.read_file(area_files.write_areas(tmp_path / "areas.geojson", study, areas))
    assert drawn["to_min"].tolist() == areas["to_min"].tolist()
    assert areas["to_min"].max() >= question.cutoff_min
    places = cached.ask(study, question).get("area_cells")
    again = find_service_areas(cached.ask(study, question).basis, places, question.choice)
    assert again["area_km2"].sum() == pytest.approx(areas["area_km2"].sum(), rel=1e-6)


def test_without_roads_or_stations_there_is_no_false_figure(app: AppTest, fake_map: FakeMap, bare: Path) -> None:
    """What is missing, why, and one button; no map, no rate."""
    page = open_page(app, PAGE, study_path=str(bare))
    assert "p-calm" in page
    assert 'class="p-sentence"' not in page
    assert fake_map.layers.get("gaps") is None
    assert app.button(key="w_to_data")


def test_a_small_study_with_hostile_names_is_shown(app: AppTest, fake_map: FakeMap, hostile: Path) -> None:
    """Names that are templates or markup stay words in the panel, in the card and on the map."""
    session = {"study_path": str(hostile), "asked_place": (87.6, 43.8), "shown_panel": "why"}
    open_page(app, PAGE, **session)
    said = read_page(app) + json.dumps(fake_map.layers)
    assert "1337" not in said
    assert "<img src=x" not in said
    assert "&#123;&#123;7" in said
    app.session_state["selected_gap"] = (app.session_state["question"], 1)
    app.session_state["shown_panel"] = "gaps"
    app.run()
    assert not app.exception
    page = read_page(app)
    assert "<b>north" not in page
    assert "&#60;b&#62;north" in page


def test_controls_show_the_question_after_turning_the_page(app: AppTest) -> None:
    """What was chosen on another page stands in the controls of this one."""
    open_page(app, "overview")
    app.selectbox(key="w_standard").set_value("20").run()
    open_page(app, PAGE)
    assert app.selectbox(key="w_standard").value == "20"
    assert app.selectbox(key="w_family").value == "legal"
    assert app.slider(key="w_cutoff").value == 20


def test_a_row_of_the_whole_table_chooses_its_gap(
    app: AppTest, fake_map: FakeMap, study: Study, question: Question
) -> None:
    """What is chosen anywhere is selected in both tables, and the map moves to its bounds."""
    open_page(app, PAGE)
    gaps = cached.ask(study, question).get("gap_list")
    app.session_state["selected_gap"] = (question, 2)
    app.run()
    for key in ("w_gap_table", "w_all_gaps"):
        assert list(app.session_state[key]["selection"]["rows"]) == [1]
    west, south, east, north = gaps.geometry[2].bounds
    assert west < gaps["lon"][2] < east
    assert south < gaps["lat"][2] < north
    app.slider(key="w_cutoff").set_value(60).run()
    assert not fake_map.is_on("highlight")  # numbers of another threshold's gaps mean other places
