"""The report of a study: what the engine answered, put together as a value that every format is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coverage.answer.answer import Answer
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.report.assemble import build_sections
from coverage.report.options import SECTIONS, ReportOptions
from coverage.report.sections import Builder
from coverage.scenario.compare import Comparison
from coverage.tables.evidence import Evidence, PlanEvidence
from coverage.tables.report_value import Figure, Finding, Report, Table
from geodata.answers.run_siting import Suggestion
from geodata.documents.content.map_figures import build_maps
from geodata.documents.content.method_notes import list_texts
from geodata.documents.content.names_in_both_languages import build_strip, list_names


def build_report(
    study: Study,
    question: Question,
    answer: Answer,
    options: ReportOptions,
    *,
    suggestion: Suggestion | None = None,
    comparison: Comparison | None = None,
    scenario: Name | None = None,
    progress: Progress = ignore_progress,
) -> Report:
    """Build a report.

    Parameters
    ----------
    study, question, answer
        The study, what was asked, and what `geodata.answers.run_assessment.answer_question` answered.
    options
        Sections in order, title, department, date, language.
    suggestion, comparison
        Suggested sites, and a scenario beside today; without them their sections are left out.
    scenario
        Name of the scenario that is compared.
    progress
        Told the share done.

    Notes
    -----
    Nothing is computed anew but the ladder of families and levels, one search for each that has stations. The
    same arguments give the same report.
    """
    material = gather_material(
        study,
        question,
        answer,
        suggestion=suggestion,
        comparison=comparison,
        sections=options.sections,
        progress=progress,
    )
    return compose_report(material, options, scenario=scenario, progress=progress)


@dataclass(frozen=True, slots=True, eq=False)
class ReportMaterial:
    """What every report of an answer is written from, whatever sections are chosen and in which language.

    Parameters
    ----------
    study, question, evidence
        The study, what was asked, and what the tables are read from.
    maps, texts
        Maps, and sentences that no rule drafts, by id of the part they stand in.
    tables
        Tables that were built already; `compose_report` adds to them.
    """

    study: Study
    question: Question
    evidence: Evidence
    maps: Mapping[str, tuple[Figure, ...]]
    texts: Mapping[str, tuple[Finding, ...]]
    tables: dict[Builder, Table | None] = field(default_factory=dict)


def gather_material(
    study: Study,
    question: Question,
    answer: Answer,
    *,
    suggestion: Suggestion | None = None,
    comparison: Comparison | None = None,
    sections: Sequence[str] = SECTIONS,
    progress: Progress = ignore_progress,
) -> ReportMaterial:
    """Gather what reports with any of the sections are written from; parameters as for `build_report`."""
    report_progress(progress, 0.0, "report")
    evidence = Evidence(answer, None if suggestion is None else read_plan(suggestion), comparison)
    return ReportMaterial(
        study,
        question,
        evidence,
        maps=build_maps(study, answer, suggestion=suggestion, comparison=comparison, wanted=sections),
        texts=list_texts(
            study,
            question,
            (*study.issues, *answer.issues),
            siting_method="" if suggestion is None else suggestion.siting.method,
            services=() if suggestion is None else tuple(map(str, suggestion.asked.services)),
        ),
    )


def compose_report(
    material: ReportMaterial,
    options: ReportOptions,
    *,
    scenario: Name | None = None,
    progress: Progress = ignore_progress,
) -> Report:
    """Compose a report from its material: the same as `build_report` builds, and at once where the tables are there.

    Parameters
    ----------
    material
        What `gather_material` gathered for these sections or more.
    options, scenario, progress
        As for `build_report`.
    """
    study, question = material.study, material.question
    sections = build_sections(
        material.evidence,
        options.sections,
        maps=material.maps,
        texts=material.texts,
        known=material.tables,
        progress=progress,
    )
    report_progress(progress, 1.0, "report")
    return Report(
        study_id=study.id,
        study_name=study.name.zh if options.language == "zh_CN" else study.name.en,
        is_schematic=study.schematic,
        attribution=study.attribution,
        title=options.title,
        department=options.department,
        date=options.date,
        sections=sections,
        strip=build_strip(study, question),
        names=list_names(study, question, scenario=scenario),
    )


def read_plan(suggestion: Suggestion) -> PlanEvidence:
    """Read what a report tells of a suggestion."""
    return PlanEvidence(
        sites=suggestion.sites,
        frontier=suggestion.frontier,
        unserved=suggestion.unserved,
        years=suggestion.years,
        covered_before=suggestion.marginal.before,
        total=suggestion.marginal.total,
        is_proved=suggestion.solved.answer.status == "optimal",
        services=suggestion.services,
    )
