"""What a report is made from and the files it is made into, computed beside the page."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from coverage.errors import PlannerError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, report_progress
from coverage.report.options import ReportOptions
from coverage.report.redaction import Redaction
from coverage.scenario.edits import Edit
from coverage.tables.report_value import Table
from geodata.answers.run_siting import Suggestion
from geodata.answers.write_assessment import name_download
from geodata.documents.history import MadeEntry, note_report
from geodata.documents.kept_reports import keep_report
from geodata.documents.report_job import PICTURES, ReportAsked, gather_tables, render_in_job, render_preview
from geodata.documents.runs.run_file import Recipe
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
    def material(self) -> ReportAsked:
        """Return what another process needs to make reports."""
        return ReportAsked(
            (self.path,), self.study.fingerprint, self.question, self.edits, self.scenario, self.suggestion
        )

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


@st.cache_resource(show_spinner=False)
def materials() -> JobDesk[SideJob[ReportTables]]:
    """Return the desk of what reports are made from."""
    return JobDesk(3)


@st.cache_resource(show_spinner=False)
def files() -> JobDesk[SideJob[MadeFile]]:
    """Return the desk of files that were made."""
    return JobDesk(24)


def begin_material(asked: Asked) -> SideJob[ReportTables]:
    """Begin to gather what reports are made from, or return the job that does or did; its tables come back."""
    return materials().begin(
        asked.key, lambda: SideJob(lambda tell: gather_tables(asked.material, _name(asked.key), tell), "report")
    )


def _name(key: Hashable) -> str:
    """Return the name of what was gathered in the process that keeps it."""
    return hashlib.sha256(repr(key).encode()).hexdigest()


def fetch_preview(asked: Asked, recipe: Recipe, progress: Progress) -> str:
    """Return the page of a report to look at."""

    def build() -> str:
        return render_preview(asked.material, _name(asked.key), recipe, progress)

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
        return _make(asked, recipe, kind, tell)

    return files().begin(file_key(asked, recipe, kind), lambda: SideJob(work, f"report-{kind}"))


def _make(asked: Asked, recipe: Recipe, kind: str, tell: Progress) -> MadeFile:
    made = render_in_job(asked.material, _name(asked.key), recipe, kind, tell)
    options = recipe.options
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
