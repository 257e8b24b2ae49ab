"""Entering a page: its study, its question, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import state
from pages.ui.failures import guard, show_stopped
from pages.ui.frame import banner
from pages.ui.frame.controls import draw_controls
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached


def enter_study(draw: Callable[[Study, Translator], None]) -> None:
    """Draw a page about the study that is open; what goes wrong becomes a box, a stopped job a button.

    Parameters
    ----------
    draw
        Draws the page about a study, in the language of the visit.
    """
    tr = state.translator()
    if state.was_stopped():
        show_stopped(tr)
        return
    with guard(tr):
        with shown_progress(tr, "doing.open") as progress:
            study = cached.fetch_study(state.study_path(), progress)
        draw(study, tr)


def enter_question(draw: Callable[[Study, Question, DeltaGenerator, Translator], None]) -> None:
    """Draw a page that answers a question: the strip and its controls at the head, the answer beneath.

    Parameters
    ----------
    draw
        Draws the answer; what it puts into the container stands between the strip and the controls.
    """

    def draw_asked(study: Study, tr: Translator) -> None:
        head = st.container()
        question = draw_controls(study, state.question(study), tr)
        with head:
            banner.draw_strip(study, question, tr)
        draw(study, question, head, tr)

    enter_study(draw_asked)
