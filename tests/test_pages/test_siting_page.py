"""The Site suggestions page: what it proposes is what the engine proposes, and a plan can be kept and taken back."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_study import STUDY, write_small_study
from streamlit.testing.v1 import AppTest

from coverage.errors import CancelledError
from coverage.model import Study
from coverage.question import Question
from coverage.scenario import AddStation
from coverage.siting.from_study import SiteQuota
from coverage.siting.solve import SITING_METHODS, SitingMethod, SitingQuestion
from coverage.siting.watch import SolveProgress
from coverage.stations import StationChoice, select_stations
from coverage.travel_basis import build_travel_basis
from geodata import number_words
from geodata.demo import demo_folder
from geodata.folders import store_folder
from geodata.i18n import LANGUAGES, Language, Translator, load_messages
from geodata.plan_stations import add_planned, find_open_dates
from geodata.run_siting import Suggestion, choose_plan, suggest_sites
from geodata.run_whatif import run_whatif
from geodata.siting_candidates import SitingOptions, list_candidates
from geodata.store.database import open_store
from geodata.store.scenarios import list_scenarios, open_scenario
from geodata.study import open_study
from pages.ui import drafts, siting_curve, siting_form, siting_measures, siting_words
from pages.ui.siting_files import hide_police
from pages.ui.siting_form import SitingForm
from pages.ui.siting_jobs import Desk, Job


@pytest.fixture(scope="module")
def study() -> Study:
    """Return the embedded demo study."""
    return open_study(demo_folder())


@pytest.fixture(scope="module")
def found(study: Study) -> Suggestion:
    """Return five sites for legal aid from the engine itself."""
    question = Question(StationChoice(service="legal_aid", family="legal"), season="summer")
    return suggest_sites(study, question, SitingQuestion("mclp", sites=5), SitingOptions(per_year=2, first_year=2030))


def read_page(app: AppTest) -> str:
    """Return everything the page says."""
    assert not app.exception
    said = [str(block.proto.body) for block in app.get("html") if "<style>" not in str(block.proto.body)]
    for kind in ("button", "selectbox", "number_input", "toggle"):
        said += [str(entry.label) for entry in getattr(app, kind)]
    said += [str(button.label) for button in app.get("download_button")]
    return "\n".join(said)


def turn_to(app: AppTest, language: str = "zh", *, question: Question | None = None) -> str:
    """Open the page, with a question where one is given, and return everything it says."""
    app.query_params["lang"] = language
    app.run()
    if question is not None:
        app.session_state["question"] = question
    app.switch_page("pages/siting.py").run()
    return read_page(app)


def run_to_end(app: AppTest) -> str:
    """Press the button and wait until the proposal is there."""
    app.button(key="w_siting_run").click().run()
    for _ in range(200):
        if not any(button.key == "w_siting_stop" for button in app.button):
            return read_page(app)
        time.sleep(0.2)
        app.run()
    raise AssertionError("no proposal after 40 s")


def ask_legal_aid(study: Study) -> Question:
    """Return a question about legal aid at the stations of the legal family."""
    return Question(StationChoice(service="legal_aid", family="legal"), season=study.settings.season)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_all_its_words(app: AppTest, language: str) -> None:
    """Before and after a proposal no message id is left on the page, nor a name of a solver."""
    page = turn_to(app, language) + run_to_end(app)
    for group in ("siting.", "layers.", "column.", "nav.", "progress.", "fact."):
        assert f">{group}" not in page
        assert f"\n{group}" not in page
    for name in ("MCLP", "mclp", "LSCP", "HiGHS", "p-median"):
        assert name not in page
    assert ("Suggest sites" in page) == (language == "en")


def test_five_sites_are_those_of_the_engine(app: AppTest, study: Study, found: Suggestion) -> None:
    """Sentence, proof and table hold the numbers of `geodata.run_siting`."""
    turn_to(app, question=ask_legal_aid(study))
    page = run_to_end(app)
    gained = float(found.sites["newly_covered"].sum())
    assert number_words.people_short(gained, "zh_CN") + "人" in page
    assert "已证明" in page
    table = next(frame.value for frame in app.dataframe if "newly_covered" in frame.value.columns)
    assert table["newly_covered"].tolist() == found.sites["newly_covered"].round().tolist()
    assert table["cumulative_share"].tolist() == pytest.approx((found.sites["cumulative_share"] * 100).tolist())
    assert table["name"].tolist() == found.sites["name"].tolist()
    assert number_words.percent(float(found.sites["cumulative_share"].iloc[-1])).replace("%", "&#37;") in page


def test_a_point_of_the_curve_turns_to_its_plan(app: AppTest, study: Study, found: Suggestion) -> None:
    """The third point lists three sites that gain what the curve says."""
    turn_to(app, question=ask_legal_aid(study))
    run_to_end(app)
    choice = next(box for box in app.selectbox if str(box.key).endswith("_row"))
    choice.set_value(2).run()
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "newly_covered" in frame.value.columns)
    assert len(table) == 3
    assert table["newly_covered"].sum() == found.frontier["gained"].iloc[2]


def test_every_point_of_the_curve_is_the_plan_behind_it(found: Suggestion) -> None:
    """Chosen plans gain exactly what their point says, with as many sites at most."""
    for row in range(len(found.frontier)):
        chosen = choose_plan(found, row)
        assert chosen.sites["newly_covered"].sum() == pytest.approx(found.frontier["gained"].iloc[row])
        assert len(chosen.sites) <= found.frontier["sites"].iloc[row]
        assert len(chosen.stations_after) == len(found.basis.study.stations) + (chosen.sites["station_id"] == "").sum()


def test_changed_inputs_mark_the_result_as_stale(app: AppTest) -> None:
    """The mark comes with another number of sites, forbids saving, and goes when the number is put back."""
    turn_to(app)
    assert "条件已改变" not in run_to_end(app)
    app.number_input(key="w_siting_sites").set_value(6).run()
    assert "条件已改变" in read_page(app)
    assert app.button(key="w_siting_accept").disabled
    app.number_input(key="w_siting_sites").set_value(5).run()
    assert "条件已改变" not in read_page(app)
    assert not app.button(key="w_siting_accept").disabled


def test_what_is_filled_in_stays_while_people_look_elsewhere(app: AppTest) -> None:
    """After a visit to another page the number and the result are still there."""
    turn_to(app)
    app.number_input(key="w_siting_sites").set_value(3).run()
    run_to_end(app)
    app.switch_page("pages/methods.py").run()
    app.switch_page("pages/siting.py").run()
    page = read_page(app)
    assert app.number_input(key="w_siting_sites").value == 3
    assert "建议站点 3 个" in page
    assert "条件已改变" not in page


def test_police_proposes_existing_places_only(app: AppTest, study: Study) -> None:
    """Without an item nothing is offered; with one every site is an existing station that adds it."""
    page = turn_to(app, question=Question(StationChoice(family="police"), season=study.settings.season))
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
    turn_to(app, question=Question(StationChoice(family="police", service=item), season=study.settings.season))
    run_to_end(app)
    table = next(frame.value for frame in app.dataframe if "newly_covered" in frame.value.columns)
    assert len(table)
    assert set(table["source"]) == {"现有场所增设"}
    assert set(table["name"]) <= set(study.stations["name"])


def test_the_form_offers_no_police_post_whatever_is_filled_in(study: Study) -> None:
    """Uploaded, clicked and generated places are left out for the police family."""
    form = SitingForm(sources=("village", "cluster"), places=Path("x.csv"), drawn=((87.0, 43.0),))
    question = Question(StationChoice(family="police", service="identity_card"))
    options = siting_form.build_options(form, study, question)
    assert (options.sources, options.candidates, options.drawn) == (("item",), None, ())


def test_saving_makes_a_copy_with_planned_stations_and_undo_takes_them_back(app: AppTest, study: Study) -> None:
    """The demo is copied; the sites count from the day they open; undo restores the study."""
    question = ask_legal_aid(study)
    turn_to(app, question=question)
    run_to_end(app)
    table = next(frame.value for frame in app.dataframe if "newly_covered" in frame.value.columns)
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
    turn_to(app, question=question)
    run_to_end(app)
    table = next(frame.value for frame in app.dataframe if "newly_covered" in frame.value.columns)
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


def test_planned_sites_open_year_by_year(found: Suggestion) -> None:
    """Two a year from 2030: the fifth opens in 2032; an item that is added stands beside its host."""
    assert find_open_dates(found) == ["2030-12-31", "2030-12-31", "2031-12-31", "2031-12-31", "2032-12-31"]
    table = add_planned(found, [f"点{number}" for number in range(5)])
    added = table.iloc[-5:]
    hosts = found.sites["station_id"].to_numpy()
    assert (hosts != "").any()
    for site, host in zip(added.itertuples(), hosts, strict=True):
        if host:
            assert site.services == ("legal_aid",)
            assert (site.lon, site.lat) == tuple(table.loc[host, ["lon", "lat"]])
        else:
            assert "legal_aid" in site.services


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
    table = next(frame.value for frame in app.dataframe if "newly_covered" in frame.value.columns)
    assert len(table) == 4
    assert (table["county"] == "乌鲁木齐县").sum() == 2
    job = app.session_state["siting"]["shown"][0]
    assert job[3].required == form.required


def test_a_study_with_nothing_but_roads_people_and_stations(app: AppTest, tmp_path: Path) -> None:
    """Without districts clusters are the candidates, and a site is proposed."""
    path = write_small_study(tmp_path / "bare", study=STUDY.replace('districts = "districts.geojson"\n', ""))
    app.session_state["study_path"] = str(path)
    turn_to(app)
    app.number_input(key="w_siting_sites").set_value(1).run()
    assert "建议站点" in run_to_end(app) or "不用新增" in read_page(app)
    bare = write_small_study(tmp_path / "none", study=STUDY.replace('roads = "roads.geojson"\n', ""))
    app.session_state["study_path"] = str(bare)
    app.run()
    assert app.button(key="w_to_data")


@pytest.mark.parametrize("method", SITING_METHODS)
def test_every_objective_is_answered_in_words(study: Study, method: SitingMethod) -> None:
    """The form asks what the model accepts, and the answer has a sentence and a proof without holes."""
    form = SitingForm(method=method, percent=96.0, sources=("village",), time_limit_s=4.0)
    question = Question(StationChoice(family="legal", level="township"))
    asked = siting_form.build_question(form)
    answer = suggest_sites(study, question, asked, siting_form.build_options(form, study, question))
    for language in LANGUAGES:
        tr = Translator(language)
        for said in (siting_words.say_plan(answer, tr), siting_words.say_proof(answer, tr)):
            assert said
            assert "{" not in said
            assert "siting." not in said
        assert "{" not in siting_words.say_aim_reached(answer, tr)
        named = [siting_measures.name_axis(answer, tr), siting_measures.name_value(answer, tr)]
        points = [siting_measures.say_point(answer, row, tr) for row in range(len(answer.frontier))]
        for said in (*named, siting_measures.name_curve(answer, tr), *points):
            assert said
            assert "{" not in said
            assert "siting." not in said


def test_the_points_of_an_aim_are_plans_of_that_aim(study: Study) -> None:
    """A point of the mean trip, of a share to reach and of two places is asked of its own model, and drawn."""
    question = Question(StationChoice(service="legal_aid", family="legal"), season="summer")
    for asked, method in (
        (SitingQuestion("p-median", sites=2), "p-median"),
        (SitingQuestion("lscp", share=0.99), "lscp"),
        (SitingQuestion("bacop", sites=2), "bacop"),
    ):
        answer = suggest_sites(study, question, asked, SitingOptions(time_limit_s=20.0))
        assert len(answer.frontier) > 1
        chosen = choose_plan(answer, 1)
        assert chosen.siting.method == method
        assert len(chosen.sites) == len(answer.curve.plans[1].answer.opened)
        drawn = siting_curve.build_chart(answer, 1, Translator("en")).to_dict()
        titles = json.dumps(drawn, ensure_ascii=False)
        assert siting_measures.name_value(answer, Translator("en")) in titles
        assert siting_measures.name_axis(answer, Translator("en")) in titles


def test_a_picked_point_is_one_of_its_own_curve(app: AppTest) -> None:
    """After another aim is asked for its own plan is shown, not the point that was picked before."""
    turn_to(app)
    run_to_end(app)
    choice = next(box for box in app.selectbox if str(box.key).endswith("_row"))
    choice.set_value(3).run()
    app.number_input(key="w_siting_sites").set_value(2).run()
    page = run_to_end(app)
    assert "建议站点 2 个" in page or "新增 2 个点" in page


def test_edited_costs_count(study: Study) -> None:
    """An edited class cost stands in the candidates and in the answer's cost."""
    form = SitingForm(sources=("village",), sites=1, costs=(("kind", "legal_station", 77_000.0),))
    question = Question(StationChoice(family="legal", level="township"))
    options = siting_form.build_options(form, study, question)
    answer = suggest_sites(study, question, siting_form.build_question(form), options)
    assert answer.sites["cost"].tolist() == [77_000.0]


def test_positions_of_police_places_are_not_handed_out(study: Study) -> None:
    """The table of stations to download leaves their positions empty, and nobody else's."""
    police = {kind.id for kind in study.catalogue.kinds if kind.family == "police"}
    table = hide_police(study, study.stations)
    hidden = table["kind"].isin(police)
    assert hidden.any()
    assert table["lon"][hidden].isna().all()
    assert table["lat"][~hidden].notna().all()


def test_a_job_is_shared_stopped_and_taken_up_again() -> None:
    """One question is computed once; a stopped job is begun anew; errors are kept for the page."""
    begun = threading.Event()

    def work(progress: Any, watch: Any) -> Any:
        begun.set()
        while progress(0.5, "siting_solve") and watch(SolveProgress("swap", 1.0, 2.0)):
            time.sleep(0.01)
        raise CancelledError("cancelled")

    desk = Desk()
    job = desk.start("key", work)
    assert begun.wait(5.0)
    assert desk.start("key", work) is job
    assert not job.is_done
    job.stop()
    assert job.wait(5.0)
    assert isinstance(job.error, CancelledError)
    assert (job.step, job.share) == ("siting_solve", 0.5)
    assert job.seen is not None
    again = desk.start("key", lambda progress, watch: None)  # type: ignore[arg-type,return-value]
    assert again is not job
    assert again.wait(5.0)
    assert desk.start("key", work) is again
    for number in range(12):
        desk.start(number, lambda progress, watch: None).wait(5.0)  # type: ignore[arg-type,return-value]
    assert desk.find("key") is None
    assert isinstance(desk.find(11), Job)


def test_a_stopped_proposal_keeps_the_best_so_far(study: Study) -> None:
    """Returning False from the watch ends the search with a plan and its bound."""
    question = Question(StationChoice(service="legal_aid", family="legal"))
    seen: list[SolveProgress] = []

    def watch(now: SolveProgress) -> bool:
        seen.append(now)
        return False

    answer = suggest_sites(study, question, SitingQuestion("mclp", sites=20), watch=watch)
    assert seen
    assert answer.solved.answer.status in ("cancelled", "optimal")
    assert len(answer.sites)
    assert answer.solved.answer.bound >= answer.solved.answer.objective


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_composed_id_has_words(language: Language) -> None:
    """Objectives, sources, reasons, parts: none can be met without words."""
    wanted = [f"siting.aim.{one}{end}" for one in SITING_METHODS for end in ("", ".help")]
    wanted += [f"siting.asks.{one}" for one in SITING_METHODS]
    wanted += [f"siting.asks.{one}_money" for one in siting_form.BY_MONEY]
    wanted += [f"siting.source.{one}" for one in ("item", "place", "village", "cluster", "junction", "drawn")]
    wanted += [f"siting.reason.{one}" for one in ("no_road", "no_route", "no_candidate_within")]
    wanted += [f"siting.name.{one}" for one in ("cluster", "junction", "drawn")]
    wanted += [f"progress.{one}" for one in ("candidates", "siting_solve", "siting_curve", "siting_check", "reach")]
    messages = load_messages(language)
    assert [one for one in wanted if not messages.get(one)] == []


def test_stations_that_close_are_named(study: Study) -> None:
    """A plan that moves a station says which one closes."""
    asked = SitingQuestion("mclp", sites=1, moves=1)
    moved = suggest_sites(study, ask_legal_aid(study), asked, SitingOptions(time_limit_s=20.0))
    (closed,) = moved.solved.answer.closed
    row = moved.asked.station_row[closed - len(moved.asked.candidates)]
    for language in LANGUAGES:
        assert str(study.stations["name"].iloc[row]) in siting_words.say_closed(moved, Translator(language))


def test_no_closing_is_told_where_no_station_closes(found: Suggestion) -> None:
    """A plan of new sites alone says nothing of closing."""
    assert siting_words.say_closed(found, Translator("zh_CN")) == ""


def test_a_candidate_left_out_is_told_by_its_name(study: Study, tmp_path: Path) -> None:
    """A clicked place inside an excluded area is called as people see it, not by its id."""
    area = tmp_path / "all.geojson"
    shape = {"type": "Polygon", "coordinates": [[[80, 40], [95, 40], [95, 50], [80, 50], [80, 40]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    area.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    options = SitingOptions(sources=(), drawn=((87.6, 43.8),), exclude=area)
    question = ask_legal_aid(study)
    listed = list_candidates(build_travel_basis(study), question, options)
    (issue,) = (one for one in listed.issues if one.code == "candidates.excluded_area")
    assert siting_words.say_issue(issue, Translator("zh_CN")).value == "点选 1"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_several_services_are_told_one_by_one(app: AppTest, study: Study, language: str) -> None:
    """Two items at once: the sentence, each item's row and what each site gives are those of the engine."""
    turn_to(app, language, question=ask_legal_aid(study))
    app.selectbox(key="w_siting_method").set_value("bundle").run()
    services = ("notarisation", "mediation")
    app.multiselect(key="w_siting_services").set_value(list(services)).run()
    page = run_to_end(app)
    asked = SitingQuestion("mclp", sites=5, services=services)
    options = siting_form.build_options(SitingForm(method="bundle"), study, ask_legal_aid(study))
    question = replace(ask_legal_aid(study), cutoff_min=study.settings.cutoff_min)
    engine = suggest_sites(study, question, asked, options)
    for gained in engine.services["newly_covered"]:
        assert number_words.people(float(gained)) in page
    table = next(frame.value for frame in app.dataframe if "services" in frame.value.columns)
    assert table["newly_covered"].tolist() == engine.sites["newly_covered"].round().tolist()
    for message in ("siting.", "unit.", "progress."):
        assert f">{message}" not in page
