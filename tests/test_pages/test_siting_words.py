"""What the Sites page says while it computes, of what cannot be had, and of what was left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from page_steps import read_page
from siting_steps import ask_legal_aid, run_to_end, turn_to
from streamlit.testing.v1 import AppTest

from coverage.errors import DataIssue
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.siting.model.from_study import SiteQuota
from coverage.siting.model.solver_progress import SolveProgress
from coverage.siting.plan.solve import SitingQuestion
from coverage.travel.travel_basis import build_travel_basis
from geodata.answers.run_siting import Suggestion, suggest_sites
from geodata.answers.siting_candidates import SitingOptions, list_candidates
from geodata.words.i18n import LANGUAGES, Language, Translator
from pages.ui.siting import siting_form, siting_progress, siting_quotas, siting_shortfall, siting_unserved, siting_words
from pages.ui.siting.siting_form import SitingForm

TOWNSHIPS = Question(StationChoice(family="legal", level="township"))
PLACES = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
<node id="1" lat="43.70" lon="87.50" version="1"><tag k="amenity" v="post_office"/><tag k="name" v="柳树邮局"/></node>
<node id="2" lat="43.90" lon="87.40" version="1"><tag k="amenity" v="police"/></node>
</osm>
"""


@pytest.fixture(scope="session")
def short(study: Study) -> Suggestion:
    """Return what is found where everybody is to be reached, which nobody can do."""
    return suggest_sites(study, TOWNSHIPS, SitingQuestion("lscp"), SitingOptions(time_limit_s=10.0))


@pytest.mark.parametrize(
    ("asked", "step", "seen", "said"),
    [
        (SitingQuestion("mclp", sites=5), "siting_solve", (900.0, 1000.0), ("900", "1,000", "10.0%")),
        (SitingQuestion("p-median", sites=5), "siting_solve", (8000.0, 6000.0), ("8", "6", "25.0%")),
        (SitingQuestion("p-center", sites=5), "siting_solve", (40.0, 30.0), ("40", "30", "25.0%")),
        (SitingQuestion("lscp"), "siting_solve", (10.0, 8.0), ("10", "8", "20.0%")),
        (SitingQuestion("lscp", least_money=True), "siting_solve", (5e5, 4e5), ("50", "40", "20.0%")),
        (SitingQuestion("fair", sites=5), "siting_solve", (0.5, 1.0), ("50.0%", "100.0%")),
        (SitingQuestion("lscp"), "siting_curve", (900.0, 1000.0), ("900", "1,000", "10.0%")),
    ],
)
def test_progress_tells_best_bound_and_gap(
    asked: SitingQuestion, step: str, seen: tuple[float, float], said: tuple[str, ...]
) -> None:
    """Each objective in its own unit: people, minutes, sites, money, or a share."""
    told = siting_progress.say_seen(SolveProgress("x", *seen), asked, step, 1000.0, Translator("zh_CN"))
    assert [one for one in said if one not in told] == []
    english = siting_progress.say_seen(SolveProgress("x", *seen), asked, step, 1000.0, Translator("en"))
    assert "{" not in told + english
    assert "siting." not in told + english


def test_progress_without_a_bound_or_an_answer() -> None:
    """Where no bound is known only the best is told; where there is no answer, nothing."""
    asked, tr = SitingQuestion("p-center", sites=2), Translator("en")
    unbound = SolveProgress("x", 40.0, float("-inf"))
    assert "none can" not in siting_progress.say_seen(unbound, asked, "siting_solve", 10.0, tr)
    assert siting_progress.say_seen(SolveProgress("x", float("nan"), 3.0), asked, "siting_solve", 10.0, tr) == ""


def test_what_cannot_be_had_names_people_and_counties(short: Suggestion) -> None:
    """The box says how many stay out of reach and where most are; the list adds up to the same people."""
    people = float(short.unserved["people"].sum())
    what, why = siting_shortfall.say_shortfall(short, Translator("zh_CN"))
    assert siting_shortfall.is_short(short)
    assert f"{round(people):,}人" in what
    listed = siting_unserved.list_unserved(short, Translator("zh_CN"))
    most = listed.groupby("county")["people"].sum().idxmax()
    assert str(most) in why
    assert listed["people"].sum() == pytest.approx(people, abs=len(listed))
    assert not listed.duplicated(["district", "county", "reason", "people"]).any()
    assert set(listed["reason"]) <= {"附近无道路数据", "无通路", "时限内没有候选点"}


def test_the_best_time_is_no_failure(study: Study) -> None:
    """Where some have no road at all, the best average is still proved for everybody else, and they are counted."""
    found = suggest_sites(study, TOWNSHIPS, SitingQuestion("p-median", sites=1), SitingOptions(time_limit_s=30.0))
    assert found.solved.answer.status == "infeasible"
    assert not siting_shortfall.is_short(found)
    left = float(found.asked.problem.weight[found.solved.answer.unserved].sum())
    assert f"{round(left):,}人" in siting_words.say_proof(found, Translator("zh_CN"))


def test_the_list_of_those_left_out_opens_first(app: AppTest, study: Study) -> None:
    """Asked to reach everybody the page answers with a box and the list; another part stays open once it is chosen."""
    turn_to(app, question=replace(TOWNSHIPS, season=study.settings.season), study=study)
    app.selectbox(key="w_siting_method").set_value("lscp").run()
    app.number_input(key="w_siting_percent").set_value(100.0).run()
    page = run_to_end(app)
    assert "无法覆盖所有人" in page
    assert app.session_state["w_siting_part"] == "unserved"
    assert any("reason" in frame.value.columns for frame in app.dataframe)
    app.session_state["siting"]["part"] = (app.session_state["siting"]["shown"][0], "files")
    app.run()
    assert "曲线 frontier.csv" in read_page(app)
    assert app.session_state["w_siting_part"] == "files"


@pytest.mark.parametrize(
    ("quotas", "said"),
    [
        ((SiteQuota("650121", 3, 1),), "乌鲁木齐县"),
        ((SiteQuota("650121", 4, None), SiteQuota("650109", 3, None)), "7"),
        ((SiteQuota("650121", 2, 2),), ""),
    ],
)
def test_numbers_by_county_that_contradict_are_told(study: Study, quotas: tuple[SiteQuota, ...], said: str) -> None:
    """At least above at most is told with the county's name, more in all than are built with both numbers."""
    told = siting_quotas.say_contradiction(study, SitingForm(sites=5, quotas=quotas), Translator("zh_CN"))
    assert said in told
    assert bool(told) == bool(said)


def test_contradicting_numbers_are_refused_at_once(app: AppTest) -> None:
    """The button answers with the county's name, and nothing is computed."""
    turn_to(app)
    form = app.session_state["siting"]["form"]
    app.session_state["siting"]["form"] = replace(form, quotas=(SiteQuota("650121", 3, 1),))
    app.button(key="w_siting_run").click().run()
    page = read_page(app)
    assert "各县名额互相矛盾" in page
    assert "乌鲁木齐县" in page
    assert "shown" not in app.session_state["siting"]


def test_a_plan_that_founds_nothing_is_not_told_as_new_sites(study: Study) -> None:
    """For the police family every site is an existing place, and the sentence says so."""
    question = Question(StationChoice(family="police", service="identity_card"))
    found = suggest_sites(study, question, SitingQuestion("mclp", sites=1), SitingOptions(time_limit_s=10.0))
    assert "在 1 个现有场所增设事项" in siting_words.say_plan(found, Translator("zh_CN"))
    assert siting_words.say_plan(found, Translator("en")).startswith("1 existing place gives the item")


@pytest.mark.parametrize("value", ["village", "item", "junction-12", "post_office", "太空站"])
def test_whatever_was_left_out_has_a_name(study: Study, value: str) -> None:
    """Villages, stations, generated places and classes are called as people call them; other words stay."""
    first = {"village": study.districts, "item": study.stations}.get(value)
    ident = value if first is None else f"{value}-{first.index[0]}"
    issue = DataIssue("candidates.too_near", "note", "candidates", 1, value=ident)
    wanted = {"junction-12": "路口 12", "post_office": "邮局"}.get(value, value)
    if first is not None:
        wanted = str(first["name"].iloc[0])
    assert siting_words.say_issue(study, issue, Translator("zh_CN")).value == wanted


def test_places_of_openstreetmap_become_candidates(study: Study, tmp_path: Path) -> None:
    """An uploaded .osm file is read for its places; a police station in it is never a new post."""
    path = tmp_path / "places.osm"
    path.write_text(PLACES, encoding="utf-8")
    question = replace(ask_legal_aid(study), choice=StationChoice(family="traffic", service="licence_renewal"))
    options = siting_form.build_options(SitingForm(places=path, sources=()), study, question)
    assert (options.candidates, options.places) == (None, path)
    listed = list_candidates(build_travel_basis(study), question, options)
    assert listed.table["name"].tolist() == ["柳树邮局"]
    assert listed.table["source"].tolist() == ["place"]


def test_a_listed_place_without_a_kind_is_not_called_clicked(study: Study, tmp_path: Path) -> None:
    """Its source is the list, whatever columns the list has."""
    path = tmp_path / "places.csv"
    path.write_text("name,lon,lat\n备选点,87.6,43.8\n", encoding="utf-8")
    options = SitingOptions(sources=(), candidates=path)
    listed = list_candidates(build_travel_basis(study), TOWNSHIPS, options)
    assert listed.table["source"].tolist() == ["place"]


@pytest.mark.parametrize(("language", "one"), [("en", "1 site"), ("zh_CN", "1 个点")])
def test_one_is_not_several(language: Language, one: str) -> None:
    """English tells one site from several."""
    assert language in LANGUAGES
    tr = Translator(language)
    assert tr("siting.n_sites", count=1) == one
    assert tr("siting.n_sites", count=2) == ("2 sites" if language == "en" else "2 个点")
