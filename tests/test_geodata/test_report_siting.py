"""Sites in a report: what was asked travels in the run file, exactly, and gives the same sites again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from police_study import POLICE_IDS, write_police_study
from small_study import LAT, LON, STEP, write_small_study

from coverage.errors import InputError
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.report.options import ReportOptions
from coverage.report.redaction import Redaction, find_hidden
from coverage.siting.model.from_study import SiteQuota
from coverage.siting.plan.solve import SitingQuestion
from geodata.answers.siting_candidates import SitingOptions
from geodata.documents.replay import replay
from geodata.documents.run_report import MadeReport, make_report, open_for_report, write_report
from geodata.documents.runs import siting_json
from geodata.documents.runs.find_run import read_run
from geodata.documents.runs.run_file import Recipe
from geodata.documents.runs.siting_json import AskedSites, ask_sites, parse_asked_sites, write_asked_sites
from geodata.intake.read_site_costs import read_site_costs
from geodata.studies.open_study import open_study

_MEDIATION = Question(StationChoice(service="mediation"), cutoff_min=1.5)
_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
_ids = st.lists(_texts, max_size=3).map(tuple)


@pytest.fixture
def candidates(tmp_path: Path) -> Path:
    """Return a list of places that no rule of the planner would come upon."""
    path = tmp_path / "places.csv"
    path.write_text(
        f"id,name,lon,lat,cost\nwest,西侧,{LON + 0.1 * STEP},{LAT},70000\n"
        f"east,东侧,{LON + 2.1 * STEP},{LAT},50000\nfar,远处,{LON + 2.9 * STEP},{LAT},10000\n",
        encoding="utf-8",
    )
    return path


def make(study: Path, recipe: Recipe) -> MadeReport:
    """Make a report of a study."""
    return make_report([open_for_report(study, name=study.parent.name)], recipe)


@given(
    st.builds(
        AskedSites,
        siting=st.builds(
            SitingQuestion,
            method=st.sampled_from(["mclp", "lscp", "p-median"]),
            sites=st.none() | st.integers(1, 99),
            budget=st.none() | st.floats(0, 1e9),
            services=_ids,
        ),
        options=st.builds(
            SitingOptions,
            sources=st.none() | _ids,
            costs=st.none() | st.just(read_site_costs()),
            item_costs=st.lists(st.tuples(_texts, st.floats(0, 1e9)), max_size=2).map(tuple),
            drawn=st.lists(st.tuples(st.floats(-80, 80), st.floats(-80, 80)), max_size=2).map(tuple),
            min_distance_km=st.floats(0, 100),
            required=_ids,
            quotas=st.lists(st.builds(SiteQuota, _texts, st.integers(0, 9)), max_size=2).map(tuple),
            limit_min=st.none() | st.floats(0, 1440),
            per_year=st.none() | st.integers(1, 9),
        ),
        row=st.none() | st.integers(0, 50),
    )
)
def test_what_was_asked_survives_json_exactly(asked: AskedSites) -> None:
    """Problem, candidates, limits, costs and the plan chosen are equal to what was written, to the last digit."""
    assert parse_asked_sites(json.loads(json.dumps(write_asked_sites(asked), allow_nan=False))) == asked


@pytest.mark.slow
def test_a_report_of_other_candidates_is_computed_again(tmp_path: Path, candidates: Path) -> None:
    """A list of places, other costs, years, a point of the curve: replay is identical, also once the list is gone."""
    study = write_small_study(tmp_path / "study")
    wanted = SitingOptions(
        candidates=candidates,
        costs=replace(read_site_costs(), item=(("mediation", 1234.0),)),
        drawn=((LON + 2 * STEP, LAT - 0.009),),
        min_distance_km=0.2,
        per_year=1,
        first_year=2030,
    )
    recipe = Recipe(_MEDIATION, ReportOptions(sections=("sites", "plan"), date="2026-11-22"))
    for row in (None, 0):
        asked = ask_sites(SitingQuestion(sites=2), wanted, row)
        made = make(study, replace(recipe, suggestion=asked))
        sites = made.report.tables()["sites"].rows
        assert len(sites) == (2 if row is None else 1)
        assert "西侧" in set(sites["site_name"])
        out = tmp_path / "report.html"
        write_report(out, made, recipe)
        run = read_run(out)
        assert run.recipe.suggestion == asked
        assert candidates.name not in out.read_text("utf-8")
        candidates_text = candidates.read_text("utf-8")
        candidates.unlink()
        found = replay(run, [study])
        candidates.write_text(candidates_text, encoding="utf-8")
        assert found.is_identical
        assert found.count > 20


def test_other_candidates_are_told_as_differences(tmp_path: Path, candidates: Path) -> None:
    """Without its list the same problem gives other numbers: what is kept is what makes a report the same."""
    study = write_small_study(tmp_path / "study")
    recipe = Recipe(_MEDIATION, ReportOptions(sections=("sites",)))
    asked = ask_sites(SitingQuestion(sites=1), SitingOptions(candidates=candidates))
    out = tmp_path / "report.html"
    write_report(out, make(study, replace(recipe, suggestion=asked)), recipe)
    run = read_run(out)
    assert not replay(
        replace(run, recipe=replace(run.recipe, suggestion=replace(asked, files=()))), [study]
    ).is_identical


def test_a_file_too_large_to_carry_is_named(tmp_path: Path, candidates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its hash stays in the report, and computing it again is refused with that hash."""
    monkeypatch.setattr(siting_json, "MOST_FILE_BYTES", 10)
    asked = ask_sites(SitingQuestion(sites=1), SitingOptions(candidates=candidates))
    assert parse_asked_sites(json.loads(json.dumps(write_asked_sites(asked)))) == asked
    with pytest.raises(InputError, match=r"replay\.file_too_large") as caught:
        make(write_small_study(tmp_path / "study"), Recipe(_MEDIATION, suggestion=asked))
    assert caught.value.context["sha256"] == asked.files[0].sha256


def test_a_plan_that_is_no_longer_there_is_refused(tmp_path: Path) -> None:
    """A row beyond the curve is told with how many there are."""
    asked = AskedSites(SitingQuestion(sites=1), SitingOptions(drawn=((LON, LAT),)), row=40)
    with pytest.raises(InputError, match=r"replay\.no_such_plan"):
        make(write_small_study(tmp_path / "study"), Recipe(_MEDIATION, suggestion=asked))


def test_what_would_give_hidden_places_away_is_withheld(tmp_path: Path, candidates: Path) -> None:
    """An id of a police station, or places for a kind that is hidden, leave only a hash; replay says so."""
    study = write_police_study(tmp_path / "study")
    closing = SitingOptions(relocatable=(POLICE_IDS[0],))
    listed = SitingOptions(candidates=candidates)
    cases = (
        (closing, Redaction(), True),
        (closing, Redaction(families=()), False),
        (listed, Redaction(), False),
        (listed, Redaction(kinds=("legal_station",)), True),
    )
    opened: Study = open_study(study)
    for options, redaction, is_hidden in cases:
        hidden = siting_json.tells_hidden(
            ask_sites(SitingQuestion(sites=1), options), find_hidden(opened, redaction), opened
        )
        assert hidden == is_hidden
    asked = ask_sites(SitingQuestion(sites=1), listed)
    recipe = Recipe(_MEDIATION, suggestion=asked, redaction=Redaction(kinds=("legal_station",)))
    out = tmp_path / "report.html"
    write_report(out, make(study, recipe), recipe)
    assert asked.files[0].content not in out.read_text("utf-8")
    run = read_run(out)
    assert run.recipe.suggestion is None
    assert len(run.sites_sha256) == 64
    with pytest.raises(InputError, match=r"replay\.sites_withheld"):
        replay(run, [study])


@pytest.mark.parametrize(
    "change",
    [
        {"files": [{"role": "speeds", "ending": "", "sha256": "", "content": ""}]},
        {"files": [{"role": "places", "ending": "./../x", "sha256": "", "content": ""}]},
        {"files": [{"role": "places", "ending": ".csv", "sha256": "", "content": "%"}]},
        {"row": -1},
        {"options": {"candidates": "/etc/passwd"}},
    ],
)
def test_what_was_changed_by_hand_is_refused(change: dict[str, object]) -> None:
    """No role, ending or way of a run file from elsewhere reaches another file."""
    with pytest.raises((ValueError, KeyError)):
        parse_asked_sites(write_asked_sites(AskedSites(SitingQuestion(sites=1))) | change)
