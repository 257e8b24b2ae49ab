"""Reports of several studies, computed beside the page, and the files they are made into."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from coverage.progress import Progress
from geodata.documents.content.word_report import word_report
from geodata.documents.history import note_report
from geodata.documents.kept_reports import keep_report
from geodata.documents.render import render_report
from geodata.documents.run_report import MadeReport, make_report, open_for_report
from geodata.documents.runs.run_file import Recipe
from geodata.documents.web.html import render_html
from geodata.files.folders import network_cache_folder
from geodata.words.i18n import resolve_language
from pages.ui import state
from pages.ui.memo import cached
from pages.ui.report.report_jobs import MadeFile, files
from pages.ui.side_jobs import JobDesk, SideJob

# Share of the progress of opening the studies; what is left is their computing.
_OPENING = 0.3


@dataclass(frozen=True, slots=True)
class Merging:
    """Which studies are put together (their ``study.toml``), and how."""

    paths: tuple[Path, ...]
    recipe: Recipe

    @property
    def key(self) -> tuple[object, ...]:
        """Return what the result depends on; a file that was changed makes it another one."""
        times = tuple(path.stat().st_mtime_ns for path in self.paths)
        return (self.paths, times, self.recipe)


@st.cache_resource(show_spinner=False)
def merges() -> JobDesk[SideJob[MadeReport]]:
    """Return the desk of merged reports."""
    return JobDesk(3)


def begin_merge(merging: Merging) -> SideJob[MadeReport]:
    """Begin to put studies together, or return the job that does or did."""

    def work(tell: Progress) -> MadeReport:
        opened = []
        for number, path in enumerate(merging.paths):

            def later(share: float, step: str, done: int = number) -> bool:
                return tell(_OPENING * (done + share) / len(merging.paths), step)

            opened.append(open_for_report(path, name=path.parent.name, cache=network_cache_folder(), progress=later))
        return make_report(
            opened, merging.recipe, progress=lambda share, step: tell(_OPENING + (1.0 - _OPENING) * share, step)
        )

    return merges().begin(merging.key, lambda: SideJob(work, "merge"))


def fetch_merged_page(merging: Merging, made: MadeReport) -> str:
    """Return the page of a merged report to look at."""

    def build() -> str:
        document = word_report(made.report, resolve_language(merging.recipe.options.language))
        return render_html(document, is_preview=True).decode()

    return cached.vault().fetch("preview", merging.key, build)


def find_merged_file(merging: Merging, kind: str) -> SideJob[MadeFile] | None:
    """Return the job of a file of a merged report, None if there is none."""
    return files().find((merging.key, kind))


def begin_merged_file(merging: Merging, kind: str) -> SideJob[MadeFile]:
    """Begin to make a file of a merged report, or return the job that does or did."""
    merged, listed_with = begin_merge(merging), state.study_path()

    def work(tell: Progress) -> MadeFile:
        if merged.found is None:
            raise merged.error or RuntimeError("not merged")
        report, layers, options = merged.found.report, merged.found.layers, merging.recipe.options
        content = render_report(report, layers, kind, language=options.language, progress=tell)
        mark = "_示意" if report.is_schematic else ""
        name = f"summary_{options.date or 'report'}{mark}.{kind}"
        entry = note_report(listed_with, name, content, options, fingerprint="", now=dt.datetime.now(dt.UTC))
        keep_report(listed_with, entry, content, report.run)
        return MadeFile(name, content, entry)

    return files().begin((merging.key, kind), lambda: SideJob(work, f"merge-{kind}"))
