"""What a report is made from and the files it is made into, computed beside the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from coverage.errors import PlannerError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, report_progress
from coverage.report.options import ReportOptions
from coverage.report.redact_report import redact_report
from coverage.report.redaction import Redaction
from coverage.scenario.edits import Edit
from geodata.answers.run_assessment import Answer, answer_question
from geodata.answers.run_siting import Suggestion
from geodata.answers.run_whatif import run_whatif
from geodata.answers.write_assessment import name_download
from geodata.documents.build import ReportMaterial, compose_report, gather_material
from geodata.documents.content.word_report import word_report
from geodata.documents.gis.layer_tables import ReportLayers, build_layers
from geodata.documents.history import MadeEntry, note_report
from geodata.documents.kept_reports import keep_report
from geodata.documents.render import render_report
from geodata.documents.run_report import MadeReport, OpenedStudy, finish_report
from geodata.documents.runs.run_file import Recipe, describe_study
from geodata.documents.runs.siting_json import AskedSites
from geodata.documents.web.html import render_html
from geodata.words.i18n import resolve_language
from pages.ui.memo import cached
from pages.ui.memo.shared_results import Vault
from pages.ui.side_jobs import JobDesk, SideJob

_PICTURES = "png"
# Shares of a file's progress: what it is made from, and its making.
_MATERIAL = 0.7
_EVERY_S = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What reports are asked about: the open study, the question, and what is put beside today.

    Parameters
    ----------
    path, study, other, question
        The open study, the same by the other mode of its mix, and what is asked.
    suggestion, suggestion_key, asked_sites
        Sites that were suggested, what they depend on, and what was asked then; None for none.
    edits, scenario
        The scenario to compare, and its name; () and "" for none.
    """

    path: Path
    study: Study
    other: Study | None
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
    def opened(self) -> OpenedStudy:
        """Return the study as a run file names it."""
        return OpenedStudy(self.study, describe_study(self.study, self.path.name), self.other)

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
class Gathered:
    """What reports of a question are made from, and the layers before anything is hidden."""

    material: ReportMaterial
    layers: ReportLayers


@dataclass(frozen=True, slots=True, eq=False)
class MadeFile:
    """A file that was made: its name, content, and entry in the list of the study."""

    name: str
    content: bytes
    entry: MadeEntry


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
    shelf = cached.vault()
    return materials().begin(asked.key, lambda: SideJob(lambda tell: _gather(asked, shelf, tell), "report"))


def _gather(asked: Asked, shelf: Vault, progress: Progress) -> Gathered:
    study, question = asked.study, asked.question

    def build() -> Answer:
        return answer_question(study, question, other=asked.other, progress=progress)

    answer = shelf.fetch("answer", (study.fingerprint, question), build)
    comparison = None
    if asked.edits:
        comparison = run_whatif(study, question, asked.edits, progress=progress).comparison
    material = gather_material(
        study, question, answer, suggestion=asked.suggestion, comparison=comparison, progress=progress
    )
    layers = build_layers(answer, asked.suggestion)
    # The tables are built here once, so that the preview has them at hand.
    compose_report(material, ReportOptions(), progress=progress)
    return Gathered(material, layers)


def _name_scenario(recipe: Recipe) -> Name | None:
    return Name(recipe.scenario, recipe.scenario) if recipe.edits else None


def compose(asked: Asked, found: Gathered, recipe: Recipe, progress: Progress) -> MadeReport:
    """Compose a report with its run file from what was gathered."""
    built = compose_report(found.material, recipe.options, scenario=_name_scenario(recipe), progress=progress)
    return finish_report(asked.opened, recipe, built, found.layers)


def fetch_preview(asked: Asked, found: Gathered, recipe: Recipe) -> str:
    """Return the page of a report to look at."""

    def build() -> str:
        built = compose_report(found.material, recipe.options, scenario=_name_scenario(recipe))
        shown = redact_report(built, recipe.redaction, (asked.study,), asked.question.choice)
        return render_html(word_report(shown, resolve_language(recipe.options.language)), is_preview=True).decode()

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


def _make(asked: Asked, found: Gathered, recipe: Recipe, kind: str, tell: Progress) -> MadeFile:
    def later(share: float, step: str) -> bool:
        return tell(_MATERIAL + (1.0 - _MATERIAL) * share, step)

    made = compose(asked, found, recipe, later)
    options = recipe.options
    stem = f"{asked.study.id}_{options.date or 'report'}"
    if kind == _PICTURES:
        # Drawing has libraries of its own, which the page need not wait for.
        from geodata.documents.paper.picture_pack import pack_pictures

        content = pack_pictures(word_report(made.report, resolve_language(options.language)), progress=later)
        name = name_download(asked.study, f"{stem}_maps.zip")
    else:
        content = render_report(made.report, made.layers, kind, language=options.language, progress=later)
        name = name_download(asked.study, f"{stem}.{kind}")
    entry = note_report(
        asked.path, name, content, options, fingerprint=asked.study.fingerprint, now=dt.datetime.now(dt.UTC)
    )
    keep_report(asked.path, entry, content, made.report.run)
    return MadeFile(name, content, entry)


def find_error(job: SideJob[Any]) -> PlannerError | None:
    """Return what a job failed of; what was not expected is raised."""
    if job.error is not None and not isinstance(job.error, PlannerError):
        raise job.error
    return job.error
