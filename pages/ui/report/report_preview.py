"""The report as it will be, on screen: the page of its HTML file within a frame."""

from __future__ import annotations

from typing import Any

import streamlit as st

from coverage.errors import CancelledError
from geodata.documents.runs.run_file import Recipe
from geodata.words.i18n import Translator
from pages.ui import markup
from pages.ui.failures import show_empty, show_failure
from pages.ui.long_jobs import shown_progress
from pages.ui.report.report_jobs import Asked, Gathered, fetch_preview, find_error
from pages.ui.side_jobs import SideJob

HEIGHT_PX = 1120
_EVERY_S = 1.5  # each look takes time from the job itself
_AT_ONCE_S = 1.0


def draw_preview(asked: Asked, recipe: Recipe, job: SideJob[Gathered], tr: Translator) -> None:
    """Draw the report once what it is made from is there; until then how far that is."""
    if not job.wait(_AT_ONCE_S):
        markup.note(tr("report_page.gathering"))
        draw_progress(job, "w_report_stop", tr)
        return
    error = find_error(job)
    if isinstance(error, CancelledError):
        show_empty(tr("report_page.stopped.what"), tr("report_page.stopped.why"))
        # The next run of the page takes the job up again.
        st.button(tr("job.again"), key="w_report_again", type="primary")
        return
    if error is not None or job.found is None:
        if error is not None:
            show_failure(error, tr)
        return
    if not recipe.options.sections:
        show_empty(tr("report_page.no_section.what"), tr("report_page.no_section.why"))
        return
    # The page forbids itself every connection and every script but its own, see `geodata.documents.web.html`.
    with shown_progress(tr, "doing.preview") as progress:
        page = fetch_preview(asked, job.found, recipe, progress)
    st.iframe(page, height=HEIGHT_PX)


@st.fragment(run_every=_EVERY_S)
def draw_progress(job: SideJob[Any], stop_key: str, tr: Translator) -> None:
    """Draw how far a job is, with a button to stop it; runs again by itself, and the page with it once it is done."""
    if job.is_done:
        st.rerun()
    step = tr(f"progress.{job.step}") if job.step else tr("report_page.begins")
    with st.container(horizontal=True, vertical_alignment="center"):
        words = tr("report_page.step", step=step, seconds=f"{job.elapsed_s:.0f}")
        st.progress(min(max(job.share, 0.0), 1.0), text=words)
        st.button(tr("job.stop"), key=stop_key, on_click=job.stop)
