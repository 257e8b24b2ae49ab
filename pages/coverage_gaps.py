"""Coverage and gaps: who is outside and where, why a place has its colour, what would help, and files to hand over."""

from __future__ import annotations

import streamlit as st

from geodata.i18n import Translator
from pages.ui import cached, cached_gaps, cached_map, cutoff_control, gap_sections, looks, state, strip
from pages.ui.controls import draw_controls
from pages.ui.entry import enter
from pages.ui.failures import guard, show_stopped
from pages.ui.gap_map import draw_workbench
from pages.ui.long_jobs import shown_progress
from pages.ui.preconditions import meet_needs
from pages.ui.sentence import draw_sentence


def draw() -> None:
    """Draw the page."""
    tr = state.translator()
    if state.was_stopped():
        show_stopped(tr)
        return
    with guard(tr):
        _draw(tr)


def _draw(tr: Translator) -> None:
    with shown_progress(tr, "doing.open") as progress:
        study = cached.fetch_study(state.study_path(), progress)
    question = state.question(study)
    head = st.container()
    question = draw_controls(study, question, tr)
    with head:
        strip.draw_strip(study, question, tr)
    if not meet_needs(study, question, tr):
        return
    assessment = cached.fetch_assessment(study, question)
    with head:
        draw_sentence(study, question, assessment, tr)
    cutoff_control.draw_cutoff(study, question, assessment, tr)
    # What takes long is done here, where the whole page can be stopped; the map then only reads it.
    with shown_progress(tr, "doing.bands") as progress:
        cached_map.fetch_bands(study, question, progress)
    with shown_progress(tr, "doing.gaps") as progress:
        cached_gaps.fetch_gap_list(study, question, progress)
    draw_workbench(study, question, tr)
    gap_sections.draw_sections(study, question, tr)
    looks.note(strip.source_line(study, tr))


enter("pages/coverage_gaps.py", draw)
