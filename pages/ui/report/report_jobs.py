"""What a report is made from, the parts of the answer that the screens share, and the files it is made into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from coverage.answer.lazy import Memo
from coverage.errors import PlannerError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, report_progress
from coverage.report.options import ReportOptions
from coverage.report.redact_report import redact_report
from coverage.report.redaction import Redaction
from coverage.scenario.edits import Edit
from coverage.tables.report_value import Table
from geodata.answers.run_assessment import answer_question
from geodata.answers.run_siting import Suggestion
from geodata.answers.run_whatif import run_whatif
from geodata.answers.write_assessment import name_download
from geodata.documents.build import ReportMaterial, compose_report, gather_material
from geodata.documents.gis.layer_tables import ReportLayers, build_layers
from geodata.documents.history import MadeEntry, note_report
from geodata.documents.kept_reports import keep_report
from geodata.documents.report_job import PICTURES, render_in_job, render_page
from geodata.documents.run_report import OpenedStudy, finish_report
from geodata.documents.runs.run_file import Recipe, describe_study
from geodata.documents.runs.siting_json import AskedSites
from pages.ui.memo import cached
from pages.ui.side_jobs import JobDesk, SideJob

ReportTables = dict[str, Table]

# Shares of a file's progress: what it is made from, and its making.
_MATERIAL = 0.7
_EVERY_S = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What reports are asked about: the open study, the question, and what is put beside today.

    Parameters
    ----------
    path, study, question
        The open study, and what is asked.
    suggestion, suggestion_key, asked_sites
        Sites that were suggested, what they depend on, and what was asked then; None for none.
    edits, scenario
        The scenario to compare, and its name; () and "" for none.
    """

    path: Path
    study: Study
    question: Question
    suggestion: Suggestion | None = None
    suggestion_key: Hashable = None
    asked_sites: AskedSites | None = None
    edits: tuple[Edit, ...] = ()
    scenario: str = ""

    @property
    def key(self) -> Hashable:
        """Return what the material depends on."""
        return (self.study.fingerprint, self.question, self.suggestion_key, self.edits)

    @property
    def compared(self) -> Name | None:
        """Return the name of the scenario that is compared, None without one."""
        return Name(self.scenario, self.scenario) if self.edits else None

    def build_recipe(self, options: ReportOptions, redaction: Redaction) -> Recipe:
        """Return how a report is made with these choices."""
        return Recipe(
            question=self.question,
            options=options,
            edits=self.edits,
            scenario=self.scenario,
            suggestion=self.asked_sites,
            redaction=redaction,
        )


@dataclass(frozen=True, slots=True, eq=False)
class MadeFile:
    """A file that was made: its name, content, and entry in the list of the study."""

    name: str
    content: bytes
    entry: MadeEntry


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """What reports are made from: material with its tables, and the layers."""

    material: ReportMaterial
    layers: ReportLayers

    @property
    def tables(self) -> ReportTables:
        """Return the tables by their ids."""
        return {one.id: one for one in self.material.tables.values() if one is not None}


@st.cache_resource(show_spinner=False)
def materials() -> JobDesk[SideJob[Gathered]]:
    """Return the desk of what reports are made from."""
    return JobDesk(3)


@st.cache_resource(show_spinner=False)
def files() -> JobDesk[SideJob[MadeFile]]:
    """Return the desk of files that were made."""
    return JobDesk(24)


def begin_material(asked: Asked) -> SideJob[Gathered]:
    """Begin to gather what reports are made from, or return the job that does or did."""
    memo = cached.vault()
    return materials().begin(asked.key, lambda: SideJob(lambda tell: _gather(asked, memo, tell), "report"))


def _gather(asked: Asked, memo: Memo, tell: Progress) -> Gathered:
    """Gather the parts of the answer; those that a screen has shown are not computed a second time."""
    study, question = asked.study, asked.question
    answer = answer_question(study, question, memo=memo, progress=tell)
    comparison = None
    if asked.edits:
        comparison = run_whatif(study, question, asked.edits, memo=memo, progress=tell).comparison
    material = gather_material(
        study, question, answer, suggestion=asked.suggestion, comparison=comparison, progress=tell
    )
    # The tables are built once, so that every format has them at hand.
    compose_report(material, ReportOptions(), progress=tell)
    return Gathered(material, build_layers(answer, asked.suggestion))


def fetch_preview(asked: Asked, gathered: Gathered, recipe: Recipe, progress: Progress) -> str:
    """Return the page of a report to look at."""

    def build() -> str:
        built = compose_report(gathered.material, recipe.options, scenario=asked.compared)
        shown = redact_report(built, recipe.redaction, (asked.study,), asked.question.choice)
        return render_page(shown, recipe.options.language, progress)

    return cached.vault().fetch("preview", (asked.key, recipe), build)


def file_key(asked: Asked, recipe: Recipe, kind: str) -> Hashable:
    """Return what a file depends on."""
    return (asked.key, recipe, kind)


def begin_file(asked: Asked, recipe: Recipe, kind: str) -> SideJob[MadeFile]:
    """Begin to make a file of a kind (a format, or ``png`` for pictures), or return the job that does or did."""
    gathering = begin_material(asked)

    def work(tell: Progress) -> MadeFile:
        while not gathering.wait(_EVERY_S):
            report_progress(tell, _MATERIAL * gathering.share, gathering.step)
        if gathering.found is None:
            raise gathering.error or RuntimeError("no material")
        return _make(asked, gathering.found, recipe, kind, tell)

    return files().begin(file_key(asked, recipe, kind), lambda: SideJob(work, f"report-{kind}"))


def _make(asked: Asked, gathered: Gathered, recipe: Recipe, kind: str, tell: Progress) -> MadeFile:
    def later(share: float, step: str) -> bool:
        return tell(_MATERIAL + (1.0 - _MATERIAL) * share, step)

    options = recipe.options
    built = compose_report(gathered.material, options, scenario=asked.compared, progress=later)
    opened = OpenedStudy(asked.study, describe_study(asked.study, asked.path.name, speeds=""))
    made = render_in_job(finish_report(opened, recipe, built, gathered.layers), options.language, kind, later)
    stem = f"{asked.study.id}_{options.date or 'report'}"
    name = name_download(asked.study, f"{stem}_maps.zip" if kind == PICTURES else f"{stem}.{kind}")
    entry = note_report(
        asked.path, name, made.content, options, fingerprint=asked.study.fingerprint, now=dt.datetime.now(dt.UTC)
    )
    keep_report(asked.path, entry, made.content, made.run)
    return MadeFile(name, made.content, entry)


def find_error(job: SideJob[Any]) -> PlannerError | None:
    """Return what a job failed of; what was not expected is raised."""
    if job.error is not None and not isinstance(job.error, PlannerError):
        raise job.error
    return job.error
