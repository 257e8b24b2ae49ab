"""Overview: the situation in a sentence, a map and five names; then the districts and the next steps."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.access.assessment import Assessment
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import district_table, gap_list, legend, markup
from pages.ui.failures import show_empty
from pages.ui.frame import banner
from pages.ui.frame.entry import enter_question
from pages.ui.long_jobs import shown_progress
from pages.ui.map_panel import draw_map
from pages.ui.memo import cached, cached_map
from pages.ui.next_steps import draw_next_steps, turn_to_data
from pages.ui.overview import ladder
from pages.ui.overview.sentence import draw_sentence
from pages.ui.preconditions import meet_needs


def draw(study: Study, question: Question, head: DeltaGenerator, tr: Translator) -> None:
    """Draw the page."""
    if study.network is None:
        _draw_without_roads(study, question, tr)
        return
    if not meet_needs(study, question, tr):
        return
    assessment = cached.ask(study, question).assessment
    with head:
        draw_sentence(study, question, assessment, tr)
        below = st.empty()
    _draw_figures(study, question, assessment, tr)
    # Last, because it takes several searches and nobody should wait for it.
    with shown_progress(tr, "doing.range") as progress:
        found = cached.ask(study, question).get("range", progress)
    with below:
        low, high = number_format.percent(found.low), number_format.percent(found.high)
        markup.note(tr("overview.range", low=low, high=high, speed=tr(f"range.{found.speed_factor}")))


def _draw_figures(study: Study, question: Question, assessment: Assessment, tr: Translator) -> None:
    left, right = st.columns([2, 1], gap="medium")
    with right:
        markup.heading(tr("ladder.title"))
        ladder.draw_ladder(study, question, tr)
        gap_list.draw_gaps(study, assessment, cached.ask(study, question).get("gap_members")[0], tr)
        markup.note(tr("source.same"))
    with left:
        district_table.draw_search(study, tr)
        with shown_progress(tr, "doing.bands") as progress:
            cached_map.fetch_bands(study, question, progress)
        draw_map(study, question, tr)
        legend.draw_legend(assessment, tr)
        legend.draw_symbols(study, question, tr)
        markup.note(banner.source_line(study, tr) + " " + tr("map.notice"))
    if len(study.districts):
        district_table.draw_districts(study, assessment, tr)
        markup.note(tr("source.same"))
    draw_next_steps(study, cached.ask(study, question).get("gap_members")[0], tr)


def _draw_without_roads(study: Study, question: Question, tr: Translator) -> None:
    show_empty(tr("overview.no_roads.what"), tr("overview.no_roads.why"))
    if st.button(tr("overview.no_roads.button"), type="primary"):
        turn_to_data("new")
    left, right = st.columns([2, 1], gap="medium")
    with left:
        district_table.draw_search(study, tr)
        draw_map(study, question, tr)
        markup.note(banner.source_line(study, tr) + " " + tr("map.notice"))
    with right:
        markup.heading(tr("ladder.title"))
        ladder.draw_ladder(study, question, tr)


enter_question(draw)
