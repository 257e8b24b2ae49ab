"""Answers of the Site suggestions page without the screen: forms, words, plans, jobs and files."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from siting_steps import ask_legal_aid

from coverage.errors import CancelledError
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.siting.model.solver_progress import SolveProgress
from coverage.siting.plan.solve import SITING_METHODS, SitingMethod, SitingQuestion
from coverage.travel.travel_basis import build_travel_basis
from geodata.answers.plan_stations import add_planned, find_open_dates
from geodata.answers.run_siting import Suggestion, choose_plan, suggest_sites
from geodata.answers.siting_candidates import SitingOptions, list_candidates
from geodata.words.i18n import LANGUAGES, Language, Translator, load_messages
from pages.ui.siting import siting_curve, siting_form, siting_measures, siting_words
from pages.ui.siting.siting_files import hide_police
from pages.ui.siting.siting_form import SitingForm
from pages.ui.siting.siting_jobs import Desk, Job

# Sharing out people takes a flow for each site on the demo.
_METHODS = [pytest.param(one, marks=pytest.mark.slow) if one == "capacitated" else one for one in SITING_METHODS]


@pytest.mark.slow
def test_every_point_of_the_curve_is_the_plan_behind_it(found: Suggestion) -> None:
    """Chosen plans gain exactly what their point says, with as many sites at most."""
    for row in range(len(found.frontier)):
        chosen = choose_plan(found, row)
        assert chosen.sites["newly_covered"].sum() == pytest.approx(found.frontier["gained"].iloc[row])
        assert len(chosen.sites) <= found.frontier["sites"].iloc[row]
        assert len(chosen.stations_after) == len(found.basis.study.stations) + (chosen.sites["station_id"] == "").sum()


def test_the_form_offers_no_police_post_whatever_is_filled_in(study: Study) -> None:
    """Uploaded, clicked and generated places are left out for the police family."""
    form = SitingForm(sources=("village", "cluster"), places=Path("x.csv"), drawn=((87.0, 43.0),))
    question = Question(StationChoice(family="police", service="identity_card"))
    options = siting_form.build_options(form, study, question)
    assert (options.sources, options.candidates, options.drawn) == (("item",), None, ())


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


@pytest.mark.parametrize("method", _METHODS)
def test_every_objective_is_answered_in_words(study: Study, method: SitingMethod) -> None:
    """The form asks what the model accepts, and the answer has a sentence and a proof without holes."""
    form = SitingForm(method=method, percent=96.0, sources=("village",), time_limit_s=2.0)
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


@pytest.mark.slow
def test_the_points_of_an_aim_are_plans_of_that_aim(study: Study) -> None:
    """A point of the mean trip, of a share to reach and of two places is asked of its own model, and drawn."""
    question = Question(StationChoice(service="legal_aid", family="legal"), season="summer")
    for asked, method in (
        (SitingQuestion("p-median", sites=2), "p-median"),
        (SitingQuestion("lscp", share=0.99), "lscp"),
        (SitingQuestion("bacop", sites=2), "bacop"),
    ):
        answer = suggest_sites(study, question, asked, SitingOptions(sources=("village",), time_limit_s=20.0))
        assert len(answer.frontier) > 1
        chosen = choose_plan(answer, 1)
        assert chosen.siting.method == method
        assert len(chosen.sites) == len(answer.curve.plans[1].answer.opened)
        drawn = siting_curve.build_chart(answer, 1, Translator("en")).to_dict()
        titles = json.dumps(drawn, ensure_ascii=False)
        assert siting_measures.name_value(answer, Translator("en")) in titles
        assert siting_measures.name_axis(answer, Translator("en")) in titles


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
    assert siting_words.say_issue(study, issue, Translator("zh_CN")).value == "点选 1"
