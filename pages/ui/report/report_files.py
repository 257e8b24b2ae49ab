"""The files of a report: a button that makes each beside the page, then one that hands it over."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from coverage.errors import CancelledError
from geodata.documents.runs.run_file import Recipe
from geodata.words.i18n import Translator
from pages.ui import markup
from pages.ui.failures import show_failure
from pages.ui.report.report_jobs import Asked, MadeFile, begin_file, file_key, files, find_error
from pages.ui.side_jobs import SideJob

# In the order of what a leader asks for first; `png` are the pictures alone.
KINDS: tuple[str, ...] = ("pdf", "docx", "xlsx", "html", "gpkg", "png", "zip")
MIME = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "gpkg": "application/geopackage+sqlite3",
    "zip": "application/zip",
}
_EVERY_S = 1.5  # each look takes time from the job itself
_AT_ONCE_S = 1.0


Find = Callable[[str], SideJob[MadeFile] | None]
Begin = Callable[[str], SideJob[MadeFile]]


def draw_files(asked: Asked, recipe: Recipe, tr: Translator) -> None:
    """Draw the files of a report of the open study."""
    draw_kinds(
        KINDS,
        lambda kind: files().find(file_key(asked, recipe, kind)),
        lambda kind: begin_file(asked, recipe, kind),
        tr,
    )
    markup.note(tr("report_page.files_note"))


def draw_kinds(kinds: tuple[str, ...], find: Find, begin: Begin, tr: Translator) -> None:
    """Draw a button for every kind of file: make it, or download the one that is made; beneath what is on its way.

    Parameters
    ----------
    kinds
        Formats, and ``png``.
    find, begin
        Return the job of a kind that there is, and one that is begun where there is none.
    tr
        The words.
    """
    running: dict[str, SideJob[MadeFile]] = {}
    failed: list[SideJob[MadeFile]] = []
    with st.container(horizontal=True, vertical_alignment="center", key="report_files"):
        for kind in kinds:
            job = _draw_kind(kind, find, begin, tr)
            if job is None or job.is_stopped:
                continue
            if not job.is_done:
                running[kind] = job
            elif job.error is not None:
                failed.append(job)
    for job in failed:
        error = find_error(job)
        if error is not None and not isinstance(error, CancelledError):
            show_failure(error, tr)
    if running:
        _draw_progress(running, tr)


def _draw_kind(kind: str, find: Find, begin: Begin, tr: Translator) -> SideJob[MadeFile] | None:
    """Draw one button and return the job behind it, None if there is none."""
    job = find(kind)
    place = st.empty()
    label = tr(f"report_page.kind.{kind}")
    if job is None or not job.is_whole:
        with place:
            pressed = st.button(label, key=f"w_report_make_{kind}", type="primary" if kind == "pdf" else "secondary")
        if not pressed:
            return job
        job = begin(kind)
        job.wait(_AT_ONCE_S)
    with place:
        if job.found is not None:
            made = job.found
            st.download_button(
                tr("report_page.download", kind=label, size=say_size(len(made.content))),
                data=made.content,
                file_name=made.name,
                mime=MIME.get(kind, MIME["zip"]),
                on_click="ignore",
                key=f"w_report_get_{kind}",
                type="primary",
                icon=":material/download:",
            )
        else:
            st.button(label, key=f"w_report_busy_{kind}", disabled=True)
    return job


def say_size(size_bytes: int) -> str:
    """Write the size of a file."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{max(size_bytes / 1e3, 0.1):.1f} kB"


@st.fragment(run_every=_EVERY_S)
def _draw_progress(running: dict[str, SideJob[MadeFile]], tr: Translator) -> None:
    """Draw how far files are; runs again by itself, and the page with it once one is done."""
    if any(job.is_done or job.is_stopped for job in running.values()):
        st.rerun()
    for kind, job in running.items():
        step = tr(f"progress.{job.step}") if job.step else tr("report_page.begins")
        words = tr("report_page.making", kind=tr(f"report_page.kind.{kind}"), step=step, seconds=f"{job.elapsed_s:.0f}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(max(job.share, 0.0), 1.0), text=words)
            st.button(tr("job.stop"), key=f"w_report_stop_{kind}", on_click=job.stop)
