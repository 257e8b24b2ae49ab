"""Reports of the demo study for tests, each built once: as it is asked first, and with everything a report can tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from demo_study import open_demo

from coverage.answer.answer import Answer
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.inputs.targets import Target
from coverage.network.closures import Closure
from coverage.report.options import ReportOptions
from coverage.scenario.compare import Comparison
from coverage.scenario.edits import CloseStation
from coverage.siting.plan.solve import SitingQuestion
from coverage.tables.report_value import Report
from geodata.answers.run_assessment import answer_question
from geodata.answers.run_siting import Suggestion, suggest_sites
from geodata.answers.run_whatif import run_whatif
from geodata.answers.siting_candidates import SitingOptions
from geodata.documents.build import build_report

OPTIONS = ReportOptions(date="2026-11-22", department="示意部门")
TARGETS = (
    Target("B1", 0.98, 2027, base_value=0.9, base_year=2024),
    Target("B2.township", 0.9, 2027, "county", "650121"),
    Target("B4.p90", 20.0, 2027),
)
CORNERS = ((87.5, 43.5), (87.6, 43.5), (87.6, 43.6), (87.5, 43.6), (87.5, 43.5))


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A report with what it was built from."""

    study: Study
    question: Question
    answer: Answer
    report: Report
    suggestion: Suggestion | None = None
    comparison: Comparison | None = None


@cache
def build_plain() -> Sample:
    """Build the report of any station of the demo, without plans."""
    study, question = open_demo(), Question()
    answer = answer_question(study, question)
    return Sample(study, question, answer, build_report(study, question, answer, OPTIONS))


@cache
def build_full() -> Sample:
    """Build the report of township legal stations with targets, closed roads, sites over years and a scenario."""
    study = replace(open_demo(), targets=TARGETS, closures=(Closure("示意封闭", CORNERS),))
    question = Question(choice=StationChoice(family="legal", level="township"))
    answer = answer_question(study, question)
    suggestion = suggest_sites(
        study,
        question,
        SitingQuestion("mclp", sites=4),
        SitingOptions(per_year=2, first_year=2027, time_limit_s=600),
        basis=answer.basis,
    )
    mine = study.stations[(study.stations["kind"] == "legal_station") & (study.stations["district_id"] != "")]
    edits = tuple(CloseStation(str(one)) for one in mine.index[mine["code"].str.startswith("650121")])
    comparison = run_whatif(study, question, edits).comparison
    report = build_report(
        study,
        question,
        answer,
        OPTIONS,
        suggestion=suggestion,
        comparison=comparison,
        scenario=Name("撤销示意站点", "Stations closed"),
    )
    return Sample(study, question, answer, report, suggestion, comparison)
