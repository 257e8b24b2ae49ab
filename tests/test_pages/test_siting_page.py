"""The Site suggestions page: what it proposes is what the engine proposes, and a plan can be kept and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from page_steps import open_page, read_page, take_table
from siting_steps import ask_legal_aid, run_to_end, turn_to
from small_study import STUDY, write_small_study
from streamlit.testing.v1 import AppTest

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.scenario.edits import AddStation
from coverage.siting.model.from_study import SiteQuota
from coverage.siting.plan.solve import SitingQuestion
from geodata.answers.run_siting import Suggestion, suggest_sites
from geodata.answers.run_whatif import run_whatif
from geodata.files.folders import store_folder
from geodata.store.database import open_store
from geodata.store.scenarios import list_scenarios, open_scenario
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study
from geodata.words import number_format
from pages.ui import drafts
from pages.ui.siting import siting_form
from pages.ui.siting.siting_form import SitingForm


def test_five_sites_are_those_of_the_engine(app: AppTest, study: Study, found: Suggestion) -> None:
    """Sentence, proof and table hold the numbers of `run_siting`, and no solver's name; so does a point."""
    page = turn_to(app, question=ask_legal_aid(study), study=study)
    done = run_to_end(app)
    for name in ("MCLP", "mclp", "LSCP", "HiGHS", "p-median"):
        assert name not in page + done
    gained = float(found.sites["newly_covered"].sum())
    assert number_format.people_short(gained, "zh_CN") + "人" in done
    assert "已证明" in done
    table = take_table(app, "newly_covered")
    assert table["newly_covered"].tolist() == found.sites["newly_covered"].round().tolist()
    assert table["cumulative_share"].tolist() == pytest.approx((found.sites["cumulative_share"] * 100).tolist())
    assert table["name"].tolist() == found.sites["name"].tolist()
    assert number_format.percent(float(found.sites["cumulative_share"].iloc[-1])).replace("%", "&#37;") in done
    choice = next(box for box in app.selectbox if str(box.key).endswith("_row"))
    choice.set_value(2).run()
    assert not app.exception
    table = take_table(app, "newly_covered")
    assert len(table) == 3
    assert table["newly_covered"].sum() == found.frontier["gained"].iloc[2]


@pytest.mark.slow
def test_a_moment_is_said_to_have_no_effect(app: AppTest, study: Study, found: Suggestion) -> None:
    """On a Monday at three in the morning the sites are those of the whole week, and the page says so."""
    week = ask_legal_aid(study)
    night = replace(week, moment_min=3 * 60)
    said = {"zh": "上方所选的时刻在本页不起作用", "en": "the moment chosen above has no effect on this page"}
    for language, words in said.items():
        assert words not in turn_to(app, language, question=week, study=study)
        assert words in turn_to(app, language, question=night, study=study)
    assert said["en"] in run_to_end(app)
    table = take_table(app, "newly_covered")
    assert table["newly_covered"].tolist() == found.sites["newly_covered"].round().tolist()
    assert table["name"].tolist() == found.sites["name"].tolist()
    app.session_state["question"] = week  # without the moment the proposal is still the answer to what is asked
    app.run()
    page = read_page(app)
    assert said["en"] not in page
    assert "What is asked has changed" not in page
    assert take_table(app, "newly_covered").equals(table)


@pytest.mark.slow
def test_a_result_stays_until_its_inputs_change(app: AppTest) -> None:
    """It survives a visit to another page; another number marks it and forbids saving until it is put back."""
    turn_to(app)
    app.number_input(key="w_siting_sites").set_value(3).run()
    assert "条件已改变" not in run_to_end(app)
    open_page(app, "methods")
    page = open_page(app, "siting")
    assert app.number_input(key="w_siting_sites").value == 3
    assert "建议站点 3 个" in page
    assert "条件已改变" not in page
    app.number_input(key="w_siting_sites").set_value(6).run()
    assert "条件已改变" in read_page(app)
    assert app.button(key="w_siting_accept").disabled
    app.number_input(key="w_siting_sites").set_value(3).run()
    assert "条件已改变" not in read_page(app)
    assert not app.button(key="w_siting_accept").disabled
    # A point that was picked belongs to its curve: another aim shows its own plan.
    choice = next(box for box in app.selectbox if str(box.key).endswith("_row"))
    choice.set_value(3).run()
    app.number_input(key="w_siting_sites").set_value(2).run()
    page = run_to_end(app)
    assert "建议站点 2 个" in page or "新增 2 个点" in page


def test_police_proposes_existing_places_only(app: AppTest, study: Study) -> None:
    """Without an item nothing is offered; with one every site is an existing station that adds it."""
    page = turn_to(app, question=Question(StationChoice(family="police"), season=study.settings.season), study=study)
    assert "不提议新设警务站点" in page
    assert not any(button.key == "w_siting_run" for button in app.button)
    police = {kind.id for kind in study.catalogue.kinds if kind.family == "police"}
    rows = study.stations["kind"].isin(police) & (study.stations["status"] == "existing")
    offers = study.stations["services"][rows]
    item = next(
        one.id
        for one in study.catalogue.items
        if one.family == "police" and 0 < sum(one.id in offered for offered in offers) < len(offers)
    )
    app.session_state["question"] = Question(StationChoice(family="police", service=item), season=study.settings.season)
    app.run()
    run_to_end(app)
    table = take_table(app, "newly_covered")
    assert len(table)
    assert set(table["source"]) == {"现有场所增设"}
    assert set(table["name"]) <= set(study.stations["name"])


@pytest.mark.slow
def test_saving_makes_a_copy_with_planned_stations_and_undo_takes_them_back(app: AppTest, study: Study) -> None:
    """The demo is copied; the sites count from the day they open; undo restores the study."""
    question = ask_legal_aid(study)
    turn_to(app, question=question, study=study)
    run_to_end(app)
    table = take_table(app, "newly_covered")
    app.button(key="w_siting_accept").click().run()
    page = read_page(app)
    assert "已保存 5 个规划站点" in page
    assert "条件已改变" not in page
    path = Path(app.session_state["study_path"])
    assert not path.is_relative_to(demo_folder().parents[1])
    saved = open_study(path)
    new = saved.stations[~saved.stations.index.isin(study.stations.index)]
    assert new["name"].tolist() == table["name"].tolist()
    assert set(new["status"]) == {"planned"}
    assert new["cost"].tolist() == table["cost"].tolist()
    same = saved.stations.loc[study.stations.index]
    pd.testing.assert_frame_equal(same, study.stations[same.columns], check_dtype=False)
    later = replace(question.choice, on_date=str(new["open_date"].max()))
    assert select_stations(saved.stations, saved.catalogue, later)[-5:].all()
    assert not select_stations(saved.stations, saved.catalogue, question.choice)[-5:].any()
    assert app.session_state["question"].choice == question.choice
    app.button(key="w_siting_undo").click().run()
    assert "已保存" not in read_page(app)
    assert len(open_study(path).stations) == len(study.stations)


def test_accepting_opens_a_scenario_that_gains_what_was_claimed(app: AppTest, study: Study) -> None:
    """The sites become edits with the names shown, a note tells method and proof, and compared they gain as claimed."""
    question = ask_legal_aid(study)
    turn_to(app, question=question, study=study)
    run_to_end(app)
    table = take_table(app, "newly_covered")
    app.button(key="w_siting_scenario").click().run()
    assert not app.exception
    with open_store(store_folder()) as store:
        head = list_scenarios(store, "demo")[0]
        edits = open_scenario(store, head.id).edits
    assert app.session_state["scenario"] == head.id
    assert head.name.startswith("选址建议 5 点")
    assert "覆盖尽量多的人" in head.note
    assert "已证明" in head.note
    assert [edit.name for edit in edits if isinstance(edit, AddStation)] == [
        name for name, source in zip(table["name"], table["source"], strict=True) if source != "现有场所增设"
    ]
    delta = run_whatif(study, question, edits).comparison
    assert delta.newly_covered - delta.newly_lost == pytest.approx(table["newly_covered"].sum(), abs=len(table))
    assert open_study(demo_folder()).fingerprint == study.fingerprint


def test_required_forbidden_and_quotas_hold(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ticked candidates and numbers by county are kept by the proposal."""

    def edit(table: pd.DataFrame, *, key: str, **how: Any) -> pd.DataFrame:
        if "_sheet_sites_" in key:
            return table.assign(required=[row == 7 for row in range(len(table))])
        return table

    monkeypatch.setattr(drafts, "show_editor", edit)
    turn_to(app)
    app.session_state["w_siting_detail"] = "sites"
    app.run()
    form = app.session_state["siting"]["form"]
    assert len(form.required) == 1
    app.session_state["siting"]["form"] = replace(form, sites=4, quotas=(SiteQuota("650121", 2, 2),))
    run_to_end(app)
    table = take_table(app, "newly_covered")
    assert len(table) == 4
    assert (table["county"] == "乌鲁木齐县").sum() == 2
    job = app.session_state["siting"]["shown"][0]
    assert job[3].required == form.required


def test_a_study_with_nothing_but_roads_people_and_stations(app: AppTest, tmp_path: Path, bare: Path) -> None:
    """Without districts clusters are the candidates, and a site is proposed."""
    path = write_small_study(tmp_path / "plain", study=STUDY.replace('districts = "districts.geojson"\n', ""))
    open_page(app, "siting", study_path=str(path))
    app.number_input(key="w_siting_sites").set_value(1).run()
    assert "建议站点" in run_to_end(app) or "不用新增" in read_page(app)
    app.session_state["study_path"] = str(bare)
    app.run()
    assert app.button(key="w_to_data")


@pytest.mark.slow
def test_several_services_are_told_one_by_one(app: AppTest, study: Study) -> None:
    """Two items at once: the sentence, each item's row and what each site gives are those of the engine."""
    turn_to(app, "en", question=ask_legal_aid(study), study=study)
    app.selectbox(key="w_siting_method").set_value("bundle").run()
    services = ("notarisation", "mediation")
    app.multiselect(key="w_siting_services").set_value(list(services)).run()
    page = run_to_end(app)
    asked = SitingQuestion("mclp", sites=5, services=services)
    options = siting_form.build_options(SitingForm(method="bundle"), study, ask_legal_aid(study))
    question = replace(ask_legal_aid(study), cutoff_min=study.settings.cutoff_min)
    engine = suggest_sites(study, question, asked, options)
    for gained in engine.services["newly_covered"]:
        assert number_format.people(float(gained)) in page
    table = take_table(app, "services")
    assert table["newly_covered"].tolist() == engine.sites["newly_covered"].round().tolist()
