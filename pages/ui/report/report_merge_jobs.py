"""Reports of several studies, computed beside the page, and the files they are made into."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from coverage.progress import Progress
from geodata.documents.history import note_report
from geodata.documents.kept_reports import keep_report
from geodata.documents.report_job import merge_page, render_merged
from geodata.documents.runs.run_file import Recipe
from pages.ui import state
from pages.ui.report.report_jobs import MadeFile, files
from pages.ui.side_jobs import JobDesk, SideJob


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

    @property
    def name(self) -> str:
        """Return the name of what was put together in the process that keeps it."""
        return hashlib.sha256(repr(self.key).encode()).hexdigest()


@st.cache_resource(show_spinner=False)
def merges() -> JobDesk[SideJob[str]]:
    """Return the desk of merged reports: the page of each to look at."""
    return JobDesk(3)


def begin_merge(merging: Merging) -> SideJob[str]:
    """Begin to put studies together, or return the job that does or did; the page to look at comes back."""
    return merges().begin(
        merging.key,
        lambda: SideJob(lambda tell: merge_page(merging.paths, merging.recipe, merging.name, tell), "merge"),
    )


def find_merged_file(merging: Merging, kind: str) -> SideJob[MadeFile] | None:
    """Return the job of a file of a merged report, None if there is none."""
    return files().find((merging.key, kind))


def begin_merged_file(merging: Merging, kind: str) -> SideJob[MadeFile]:
    """Begin to make a file of a merged report, or return the job that does or did."""
    merged, listed_with = begin_merge(merging), state.study_path()

    def work(tell: Progress) -> MadeFile:
        if merged.found is None:
            raise merged.error or RuntimeError("not merged")
        options = merging.recipe.options
        made = render_merged(merging.paths, merging.recipe, merging.name, kind, tell)
        mark = "_示意" if made.is_schematic else ""
        name = f"summary_{options.date or 'report'}{mark}.{kind}"
        entry = note_report(listed_with, name, made.content, options, fingerprint="", now=dt.datetime.now(dt.UTC))
        keep_report(listed_with, entry, made.content, made.run)
        return MadeFile(name, made.content, entry)

    return files().begin((merging.key, kind), lambda: SideJob(work, f"merge-{kind}"))
