"""Two scenarios compared and one taken step by step on the What-if page: the numbers are those of the engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from page_steps import open_page, read_page, take_table
from streamlit.testing.v1 import AppTest

from coverage.access.assessment import assess
from coverage.inputs.question import Question, find_question_cutoffs
from coverage.inputs.study import Study
from coverage.scenario.apply_edits import apply_edits
from coverage.scenario.compare import Comparison, compare
from coverage.scenario.edits import AddStation, CloseStation, Edit, MoveStation
from coverage.travel.travel_basis import build_travel_basis
from geodata.files.folders import store_folder
from geodata.store.changes import Change
from geodata.store.database import open_store
from geodata.store.scenarios import create_scenario, open_scenario, save_changes
from geodata.store.studies import keep_study
from geodata.studies.demo import demo_folder
from pages.ui.first_question import first_question


@pytest.fixture(scope="session")
def plans(study: Study) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """Return two plans: stations in uncovered villages, and one of them with a closed and a moved station."""
    question = first_question(study)
    answer = _assess(study, question, ())
    outside = answer.demand[answer.demand["status"] == "beyond"].sort_values("weight", ascending=False)
    places = [(float(lon), float(lat)) for lon, lat in outside[["lon", "lat"]].iloc[:60:20].to_numpy()]
    first = tuple(AddStation(f"N{number}", lon, lat, "legal_station") for number, (lon, lat) in enumerate(places))
    stations = study.stations.index[study.stations["kind"] == "legal_station"]
    second = (CloseStation(str(stations[0])), MoveStation(str(stations[1]), *places[2]), first[0])
    return first, second


def _assess(study: Study, question: Question, edits: tuple[Edit, ...]):  # type: ignore[no-untyped-def]
    basis = build_travel_basis(apply_edits(study, edits), season=question.season)
    cutoffs = find_question_cutoffs(study, question)
    return assess(basis, question.choice, cutoff_min=question.cutoff_min, cutoffs_min=cutoffs)


def _compare(study: Study, one: tuple[Edit, ...], other: tuple[Edit, ...]) -> Comparison:
    question = first_question(study)
    return compare(_assess(study, question, one), _assess(study, question, other))


@pytest.fixture
def kept(app: AppTest, plans: tuple[tuple[Edit, ...], tuple[Edit, ...]]) -> tuple[str, str]:
    """Keep both plans as scenarios of the demo, the second one locked; return their ids."""
    with open_store(store_folder()) as store:
        study_id = keep_study(store, Path(demo_folder()) / "study.toml", "demo").id
        first, second = (
            create_scenario(store, study_id, name, edits=edits) for name, edits in zip(("甲", "乙"), plans, strict=True)
        )
        save_changes(store, second.head.id, (Change("status", text="locked"),), version=len(plans[1]))
    return first.head.id, second.head.id


def _open(app: AppTest, scenario: str, **kept: object) -> str:
    app.query_params["study"] = "demo"
    app.query_params["scenario"] = scenario
    return _strip(open_page(app, "what_if", whatif=kept))


def _strip(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)


def test_two_scenarios_are_compared(
    app: AppTest, study: Study, kept: tuple[str, str], plans: tuple[tuple[Edit, ...], tuple[Edit, ...]]
) -> None:
    """From the first to the locked second: people by county are those of a comparison from scratch; turned too."""
    delta = _compare(study, *plans)
    assert delta.newly_lost > 0
    page = _open(app, kept[0], part="compare", compare_a=kept[0], compare_b=kept[1], level="county")
    table = take_table(app, "mean_before")
    counties = delta.districts[delta.districts["level"] == "county"]
    assert table["gained"].sum() == pytest.approx(counties["newly_covered"].sum(), abs=len(counties))
    assert table["lost"].sum() == pytest.approx(counties["newly_lost"].sum(), abs=len(counties))
    assert f"{delta.newly_lost:,.0f}人 失去" in page
    assert "A · 甲" in page
    assert "B · 乙（" in page
    app.button(key="w_compare_turn").click().run()
    turned = take_table(app, "mean_before")
    assert (turned["gained"].sum(), turned["lost"].sum()) == (table["lost"].sum(), table["gained"].sum())
    app.selectbox(key="w_compare_a").set_value("").run()
    app.selectbox(key="w_compare_b").set_value("").run()
    assert "没有差别" in read_page(app)
    # The other tables and the other picture, whose words are checked wherever they are drawn.
    for shown in ("services", "winners"):
        _open(app, kept[0], part="compare", compare_table=shown, compare_layer="changes")


def test_steps_sum_to_the_scenario_and_can_be_put_into_another_order(
    app: AppTest, study: Study, kept: tuple[str, str], plans: tuple[tuple[Edit, ...], tuple[Edit, ...]]
) -> None:
    """Each edit has its gain, all sum to the comparison; moved up it is saved so, and undo takes that back."""
    delta = _compare(study, (), plans[0])
    _open(app, kept[0], part="order", order_row=2)
    table = take_table(app, "all")
    assert len(table) == len(plans[0])
    assert table["all"].iloc[-1] == pytest.approx(delta.newly_covered - delta.newly_lost, abs=1)
    app.button(key="w_order_up").click().run()
    with open_store(store_folder()) as store:
        assert open_scenario(store, kept[0]).edits == (plans[0][0], plans[0][2], plans[0][1])
    again = take_table(app, "all")
    assert again["all"].iloc[-1] == table["all"].iloc[-1]
    assert again["edit"].tolist() == [table["edit"].iloc[number] for number in (0, 2, 1)]
    app.button(key="w_whatif_undo").click().run()
    with open_store(store_folder()) as store:
        assert open_scenario(store, kept[0]).edits == plans[0]


def test_a_locked_scenario_keeps_its_order(app: AppTest, kept: tuple[str, str]) -> None:
    """Its steps are told, and no button puts them into another order."""
    _open(app, kept[1], part="order", order_row=1)
    assert any("all" in each.value.columns for each in app.dataframe)
    assert all(app.button(key=f"w_order_{name}").disabled for name in ("up", "down", "best"))
