"""Report: what goes into it, how it will look, and its files; the reports made; several counties put together."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.errors import CancelledError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import markup, state
from pages.ui.failures import show_failure
from pages.ui.frame import banner
from pages.ui.frame.entry import enter_question
from pages.ui.preconditions import meet_needs
from pages.ui.report import report_history, report_merge
from pages.ui.report.report_beside import find_beside
from pages.ui.report.report_choices import draw_choices
from pages.ui.report.report_files import draw_files
from pages.ui.report.report_form import get_form
from pages.ui.report.report_hidden import draw_hidden, keep_known
from pages.ui.report.report_jobs import Asked, begin_material, materials
from pages.ui.report.report_preview import draw_preview

_PARTS: tuple[str, ...] = ("make", "made", "merge")


def draw(study: Study, question: Question, _: DeltaGenerator, tr: Translator) -> None:
    """Draw the page."""
    part = st.segmented_control(
        tr("report_page.part"),
        _PARTS,
        default=_PARTS[0],
        format_func=lambda one: tr(f"report_page.part.{one}"),
        key="w_report_part",
        label_visibility="collapsed",
        required=True,
    )
    refusal = state.take_refusal()
    if refusal is not None:
        show_failure(refusal, tr)
    if part == "made":
        report_history.draw_history(study, tr)
    elif part == "merge":
        report_merge.draw_merge(study, question, tr)
    elif meet_needs(study, question, tr):
        _draw_making(study, question, tr)
    markup.note(banner.source_line(study, tr))


def _draw_making(study: Study, question: Question, tr: Translator) -> None:
    beside = find_beside(study, question, tr)
    form = get_form(tr)
    is_on = form.takes_sites and beside.suggestion is not None
    asked = Asked(
        state.study_path(),
        study,
        question,
        suggestion=beside.suggestion if is_on else None,
        suggestion_key=beside.key if is_on else None,
        asked_sites=beside.asked_sites if is_on else None,
        edits=beside.edits,
        scenario=beside.scenario,
    )
    recipe = asked.build_recipe(form.build_options(), keep_known(study, form.redaction))
    known = materials().find(asked.key)
    # What somebody stopped is begun again by a button only.
    job = known if known is not None and isinstance(known.error, CancelledError) else begin_material(asked)
    draw_files(asked, recipe, tr)
    left, right = st.columns([1, 2.6], gap="medium")
    with left:
        draw_choices(study, beside, tr)
        markup.heading(tr("report_hidden.heading"))
        draw_hidden(study, None if job.found is None else job.found.tables, tr)
    with right:
        draw_preview(asked, recipe, job, tr)


enter_question(draw)
