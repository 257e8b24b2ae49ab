"""The world worked out on paper, with a police post and a vehicle that stops on Tuesdays: one rule everywhere."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from coverage.access.assessment import assess
from coverage.access.explain import explain_place
from coverage.answer.answer import ask
from coverage.errors import SettingsError
from coverage.inputs.hours import MINUTES_PER_DAY
from coverage.inputs.question import Question, change_to_minutes, settle_question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.scenario.edits import AddMobileStop, AddStation
from coverage.siting.plan.solve import SitingQuestion
from geodata.answers.run_assessment import answer_question
from geodata.answers.run_siting import suggest_sites
from geodata.answers.run_whatif import run_whatif
from geodata.intake.read_thresholds import read_thresholds
from geodata.studies.open_study import open_study
from geodata.words.explain_words import explain_text
from geodata.words.i18n import Translator

TINY = Path(__file__).resolve().parents[3] / "shared" / "cases" / "tiny"
pytestmark = pytest.mark.skipif(not TINY.is_dir(), reason="../shared/cases/tiny is not here")
PLACE_C = (87.7, 44.0)
HOTLINE = "S6,热线,hotline,,legal_consultation,24小时,,existing,local,,87.7,44.0,\n"


def _write(folder: Path, *, more: str = "", study: str = "") -> Path:
    """Write the world with its further stations, and what a test adds."""
    shutil.copytree(TINY, folder)
    stations = (folder / "stations_more.csv").read_text(encoding="utf-8-sig")
    (folder / "stations_more.csv").write_text(stations.rstrip("\n") + "\n" + more, encoding="utf-8")
    text = (folder / "study.toml").read_text(encoding="utf-8").replace("stations.csv", "stations_more.csv")
    (folder / "study.toml").write_text(text + study, encoding="utf-8")
    return folder / "study.toml"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return the world with its further stations."""
    return open_study(_write(tmp_path_factory.mktemp("layers") / "tiny"))


def _ask(study: Study, **asked: str) -> Question:
    return Question(StationChoice(**asked), cutoff_min=30.0)


def _read(path: Path, key: str) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def test_the_files_say_fixed_and_mobile_with_hours_and_visits(tmp_path: Path) -> None:
    """B1 stays 66.7 %, with the stop 94.4 % at 5 h a week and 4.3 visits a month, remote unknown; the stop is named."""
    study, out = _write(tmp_path / "tiny", more=HOTLINE), tmp_path / "out"
    result = CliRunner().invoke(main, ["assess", str(study), "--out", str(out)])
    assert result.exit_code == 0, result.output
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (summary["population_covered"], summary["stations"]) == (1200.0, 3)
    assert (summary["stations_not_counted"], summary["stations_with_unknown_hours"]) == (2, 0)
    with (out / "indicators.csv").open(encoding="utf-8-sig", newline="") as file:
        whole = {row["code"]: row for row in csv.DictReader(file) if row["unit_level"] == "study"}
    assert [float(whole[code]["numerator"]) for code in ("B1", "B12.fixed", "B12.mobile")] == [1200, 1200, 1700]
    assert whole["B12.remote"]["value"] == ""
    assert [round(float(whole[f"B13.{one}"]["value"]), 1) for one in ("hours", "visits")] == [5.0, 4.3]
    listed = _read(out / "stations_not_counted.csv", "station_id")
    assert {one: row["reason"] for one, row in listed.items()} == {"S5": "visiting", "S6": "remote"}
    assert {row["station_id"] for row in _read(out / "demand.csv", "demand_id").values()} == {"S1", "S2", "S4", ""}
    codes = _read(out / "issues.csv", "code")
    assert codes["stations.remote_no_place"]["count"] == "1"


def test_an_explanation_names_the_stop(tiny: Study) -> None:
    """At C the nearest counted point is 48 minutes away, and the vehicle that is nearer is named with its hours."""
    question = settle_question(tiny, _ask(tiny))
    found = explain_place(ask(tiny, question).basis, *PLACE_C, question.choice, cutoff_min=30.0)
    assert (found.status, found.station_id, round(found.minutes, 1)) == ("beyond", "S1", 48.1)
    assert [one.station.station_id for one in found.uncounted] == ["S5"]
    told = "\n".join(explain_text(found, Translator("zh_CN"), names={"S5": "车五"}))
    assert "车五" in told
    assert "每周开放 5.0 小时、每月到访 4.3 次，未计入" in told


def test_siting_does_not_take_the_stop_for_a_station(tiny: Study) -> None:
    """One more site is proposed at C, for the 500 people whom only the vehicle reaches."""
    sites = suggest_sites(tiny, _ask(tiny), SitingQuestion("mclp", sites=1)).sites
    assert sites[["lon", "lat", "newly_covered"]].to_numpy().tolist() == [[*PLACE_C, 500.0]]


def test_a_stop_in_a_scenario_saves_nothing_as_a_station(tiny: Study) -> None:
    """Adding a Tuesday stop at C changes no headline and is said; a fixed point of unknown hours counts."""
    stop = AddMobileStop("M1", 87.7, 44.0, "mobile_vehicle", hours="周二 11:00-16:00")
    found = run_whatif(tiny, _ask(tiny), (stop,))
    assert (found.comparison.newly_covered, found.comparison.newly_lost) == (0.0, 0.0)
    assert [(issue.code, issue.value) for issue in found.issues] == [("edits.not_counted", "M1")]
    fixed = run_whatif(tiny, _ask(tiny), (AddStation("N1", 87.7, 44.0, "legal_station"),))
    assert (fixed.comparison.newly_covered, fixed.issues) == (500.0, ())


@pytest.mark.parametrize(("least", "covered"), [(20, 1200.0), (20.1, 200.0), (0, 1200.0)])
def test_the_thresholds_file_says_how_many_hours(tiny: Study, tmp_path: Path, least: float, covered: float) -> None:
    """S1 and S4 are open 20 hours a week: 20 count, 20.1 do not; 0 asks for none, and a vehicle stays a vehicle."""
    file = tmp_path / "own.toml"
    file.write_text(
        f'id="own"\nzh="表"\nen="Table"\nleast_hours_week={least}\n[[rule]]\nminutes=30\n', encoding="utf-8"
    )
    study = replace(tiny, thresholds=read_thresholds(file))
    question = change_to_minutes(study, _ask(study), 30.0)
    basis = ask(study, question).basis
    assert assess(basis, question.choice, cutoff_min=30.0).totals.covered == covered


def test_at_a_moment_the_week_decides_what_is_fixed(tiny: Study) -> None:
    """On Tuesday at noon the vehicle is there, and still it is no fixed service: 1,200 of 1,800."""
    question = replace(_ask(tiny), moment_min=MINUTES_PER_DAY + 12 * 60)
    assert answer_question(tiny, question).assessment.totals.covered == 1200.0


def test_a_stated_readiness_is_counted(tmp_path: Path) -> None:
    """With 60 % who can use the hotline, 1,700 people and 60 of the other 100 are served; a share needs a source."""
    stated = '\n[remote]\nshare=0.6\nsource="入户调查（2026）"\n'
    study = open_study(_write(tmp_path / "tiny", study=stated))
    answer = answer_question(study, _ask(study, service="legal_consultation"))
    whole = answer.indicators[answer.indicators["unit_level"] == "study"].set_index("code")["numerator"]
    assert whole["B12.remote"] == pytest.approx(1760.0)
    with pytest.raises(SettingsError, match="source"):
        open_study(_write(tmp_path / "bare", study="\n[remote]\nshare=0.6\n"))
