"""Site suggestions: objective, candidates, limits; then where to build, what it brings, and keeping it as a plan."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.errors import InputError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.siting.model.candidates import is_police_question
from geodata.answers.siting_candidates import CandidateList
from geodata.words.i18n import Translator
from pages.ui import markup
from pages.ui.failures import show_empty, show_failure
from pages.ui.frame import banner
from pages.ui.frame.entry import enter_question
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached, cached_siting
from pages.ui.next_steps import turn_to_data
from pages.ui.siting import (
    siting_accept,
    siting_aim,
    siting_form,
    siting_limits,
    siting_map,
    siting_result,
    siting_run,
    siting_sheets,
    siting_sources,
)
from pages.ui.siting.siting_fields import get_form


def draw(study: Study, question: Question, _: DeltaGenerator, tr: Translator) -> None:
    """Draw the page."""
    if study.network is None:
        show_empty(tr("overview.no_roads.what"), tr("siting.no_roads"))
        if st.button(tr("overview.no_roads.button"), type="primary", key="w_to_data"):
            turn_to_data("new")
        return
    if question.moment_min is not None:
        markup.put(markup.element("div", markup.words(tr("siting.whole_week")), look="p-box"))
    with shown_progress(tr, "doing.join") as progress:
        cached.ask(study, question).get("basis", progress)
    _draw_form(study, question, tr)
    listed = _list_candidates(study, question, tr)
    if listed is None:
        return
    # What comes and goes has a container of its own: the map keeps its place and is not mounted again.
    with st.container():
        siting_sheets.draw_details(study, question, listed, tr)
    accepted = siting_accept.find_accepted(study)
    saved_from = None if accepted is None else accepted.key
    with st.container():
        shown = siting_run.draw_run(study, question, listed, tr, saved_from=saved_from)
    _draw_answer(study, question, listed, shown, tr)
    markup.note(banner.source_line(study, tr))


def _draw_form(study: Study, question: Question, tr: Translator) -> None:
    parts = st.columns(3, gap="small")
    with parts[0], st.container(border=True, height="stretch", key="siting_aim"):
        siting_aim.draw_aim(study, tr)
    with parts[1], st.container(border=True, height="stretch", key="siting_sources"):
        siting_sources.draw_sources(study, question, tr)
    with parts[2], st.container(border=True, height="stretch", key="siting_limits"):
        siting_limits.draw_limits(study, question, tr)


def _list_candidates(study: Study, question: Question, tr: Translator) -> CandidateList | None:
    """List the candidates; where there can be none, say why."""
    form = get_form()
    asked = siting_form.build_question(form)
    if form.method == "bundle" and not asked.services:
        show_empty(tr("siting.services_none"), tr("siting.services_why"))
        return None
    if is_police_question(study.catalogue, question.choice) and not (question.service or asked.services):
        show_empty(tr("siting.police_item_what"), tr("siting.police"))
        return None
    with shown_progress(tr, "doing.candidates") as progress:
        options = siting_form.build_options(form, study, question)
        try:
            listed = cached_siting.fetch_candidates(study, question, options, progress, services=asked.services)
        except InputError as error:
            show_failure(error, tr)
            return None
    siting_sheets.keep_known(listed)
    return listed


def _draw_answer(
    study: Study, question: Question, listed: CandidateList, shown: siting_run.Shown | None, tr: Translator
) -> None:
    above = st.container()
    with above:
        is_there = shown is not None and siting_run.draw_state(shown, tr)
    found = shown.job.found if shown is not None and is_there else None
    chosen = siting_result.fetch_chosen(shown, found) if shown is not None and found is not None else None
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        siting_map.draw_map(study, question, listed, chosen, tr)
    if shown is None or found is None or chosen is None:
        with right:
            markup.heading(tr("siting.how"))
            markup.put(*(markup.element("p", markup.words(tr(f"siting.how.{n}")), look="p-fact") for n in (1, 2, 3, 4)))
        return
    siting_result.draw_summary(shown, found, chosen, above, right, tr)
    siting_result.draw_parts(study, shown, chosen, tr)
    siting_accept.draw_accept(study, shown, chosen, tr)


enter_question(draw)
