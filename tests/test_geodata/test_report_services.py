"""Sites for several services at once in a report: each service by itself, the sums as what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from demo_study import open_demo

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.report.options import ReportOptions
from coverage.siting.plan.solve import SitingQuestion
from coverage.tables.report_value import Report
from geodata.answers.run_siting import Suggestion, suggest_sites
from geodata.answers.siting_candidates import SitingOptions
from geodata.documents.content.word_report import word_report
from geodata.documents.replay import replay
from geodata.documents.run_report import MadeReport, make_report, open_for_report, write_report
from geodata.documents.runs.find_run import read_run
from geodata.documents.runs.run_file import Recipe
from geodata.documents.runs.siting_json import AskedSites, ask_sites
from geodata.studies.demo import demo_folder

_SERVICES = ("legal_consultation", "licence_renewal")
_QUESTION = Question(StationChoice(), cutoff_min=15.0)
_OPTIONS = SitingOptions(sources=("junction", "item"), spacing_km=15.0, any_family=True, time_limit_s=600.0)
_SITING = SitingQuestion("mclp", sites=3, services=_SERVICES)
_RECIPE = Recipe(_QUESTION, ReportOptions(sections=("summary", "sites", "methods"), date="2026-11-26"))


@pytest.fixture(scope="module")
def asked() -> AskedSites:
    """Ask for sites that give two services."""
    return ask_sites(_SITING, _OPTIONS)


@pytest.fixture(scope="module")
def made(asked: AskedSites) -> MadeReport:
    """Make a report of the demo with them."""
    path = demo_folder() / "study.toml"
    recipe = Recipe(_QUESTION, _RECIPE.options, suggestion=asked)
    return make_report([open_for_report(path, name="demo")], recipe)


@pytest.fixture(scope="module")
def found() -> Suggestion:
    """Suggest the same sites without a report."""
    return suggest_sites(open_demo(), _QUESTION, _SITING, _OPTIONS)


def _say(report: Report, language: str = "zh_CN") -> str:
    document = word_report(report, "zh_CN" if language == "zh_CN" else "en")
    blocks = [block for section in document.sections for block in section.blocks]
    return "\n".join(block.text for block in blocks if hasattr(block, "text"))


@pytest.mark.slow
def test_each_service_has_its_sites_people_and_costs(made: MadeReport, found: Suggestion) -> None:
    """The table of services holds what the suggestion tells of each, and costs of the sites that give it."""
    tables = made.report.tables()
    rows = tables["site_services"].rows.set_index("service")
    assert tuple(rows.index) == _SERVICES
    told = found.services.set_index("service")
    for name in ("sites", "newly_covered", "share_before", "share_after", "unserved"):
        assert np.allclose(rows[name], told[name]), name
    for service in _SERVICES:
        gives = found.sites["services"].str.split(";").map(lambda given, one=service: one in given)
        assert rows.loc[service, "cost"] == found.sites["cost"][gives].sum()
        assert rows.loc[service, "sites"] == gives.sum()
    assert tables["site_totals"].rows["newly_covered"].iloc[0] == pytest.approx(rows["newly_covered"].sum())
    assert tables["sites"].rows["services"].tolist() == found.sites["services"].tolist()
    unserved = tables["unserved"].rows.groupby("service")["people"].sum()
    assert np.allclose(unserved.reindex(_SERVICES).fillna(0.0), rows["unserved"])


def test_sums_are_told_as_what_they_are(made: MadeReport) -> None:
    """Sums over services read as person-services, and the items by their names in both languages."""
    document = word_report(made.report, "zh_CN")
    table = next(one for one in document.tables() if one.id == "sites")
    titles = [column.title for column in document.tables()[0].columns] + [column.title for column in table.columns]
    assert "新增覆盖（人次）" in titles
    names = {open_demo().catalogue.item(one).name.zh for one in _SERVICES}
    assert names >= {one for cell in table.texts["services"] for one in cell.split("、")}
    said = _say(made.report)
    assert "人次进入时限" in said
    assert "站点同时为几项服务推荐：" in said
    assert "each person-service newly covered" in _say(made.report, "en")


@pytest.mark.slow
def test_the_report_is_computed_again(made: MadeReport, asked: AskedSites, tmp_path: Path) -> None:
    """The run file carries the services, and replay finds every number again."""
    recipe = Recipe(_QUESTION, _RECIPE.options, suggestion=asked)
    out = tmp_path / "report.html"
    write_report(out, made, recipe)
    run = read_run(out)
    assert run.recipe.suggestion == asked
    again = replay(run, [demo_folder() / "study.toml"])
    assert again.is_identical
    assert again.count > 20
