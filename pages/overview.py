"""Overview: the situation in a sentence, a map and five names; then the districts and the next steps."""

from __future__ import annotations

import streamlit as st

from coverage.assessment import Assessment
from coverage.model import Study
from coverage.question import Question
from geodata import number_words
from geodata.i18n import Translator
from pages.ui import cached, cached_map, district_table, gap_list, ladder, legend, looks, state, strip
from pages.ui.controls import draw_controls
from pages.ui.entry import enter
from pages.ui.failures import guard, show_empty, show_stopped
from pages.ui.long_jobs import shown_progress
from pages.ui.map_panel import draw_map
from pages.ui.next_steps import draw_next_steps, turn_to_data
from pages.ui.sentence import draw_sentence


def draw() -> None:
    """Draw the page."""
    tr = state.translator()
    if state.was_stopped():
        show_stopped(tr)
        return
    with guard(tr):
        with shown_progress(tr, "doing.open") as progress:
            study = cached.fetch_study(state.study_path(), progress)
        question = state.question(study)
        head = st.container()
        question = draw_controls(study, question, tr)
        with head:
            strip.draw_strip(study, question, tr)
        if study.network is None:
            _draw_without_roads(study, question, tr)
            return
        with shown_progress(tr, "doing.join") as progress:
            cached.fetch_basis(study, question, progress)
        assessment = cached.fetch_assessment(study, question)
        if assessment.station_count == 0:
            _draw_without_stations(study, tr)
            return
        with head:
            draw_sentence(study, question, assessment, tr)
            below = st.empty()
        _draw_figures(study, question, assessment, tr)
        # Last, because it takes several searches and nobody should wait for it.
        with shown_progress(tr, "doing.range") as progress:
            found = cached.fetch_range(study, question, progress)
        with below:
            looks.note(tr("overview.range", low=number_words.percent(found.low), high=number_words.percent(found.high)))


def _draw_figures(study: Study, question: Question, assessment: Assessment, tr: Translator) -> None:
    left, right = st.columns([2, 1], gap="medium")
    with right:
        looks.heading(tr("ladder.title"))
        ladder.draw_ladder(study, question, tr)
        gap_list.draw_gaps(study, assessment, cached.fetch_gaps(study, question), tr)
        looks.note(tr("source.same"))
    with left:
        district_table.draw_search(study, tr)
        with shown_progress(tr, "doing.bands") as progress:
            cached_map.fetch_bands(study, question, progress)
        draw_map(study, question, tr)
        legend.draw_legend(assessment, tr)
        legend.draw_symbols(study, question, tr)
        looks.note(strip.source_line(study, tr) + " " + tr("map.notice"))
    if len(study.districts):
        district_table.draw_districts(study, assessment, tr)
        looks.note(tr("source.same"))
    draw_next_steps(study, cached.fetch_gaps(study, question), tr)


def _draw_without_stations(study: Study, tr: Translator) -> None:
    if study.stations.empty:
        show_empty(tr("overview.no_list.what"), tr("overview.no_list.why"))
        if st.button(tr("overview.no_list.button"), type="primary", key="w_add_stations"):
            turn_to_data("new")
        return
    show_empty(tr("overview.no_station.what"), tr("overview.no_station.why"))
    st.button(
        tr("overview.no_station.button"),
        type="primary",
        key="w_first_question",
        on_click=lambda: state.set_question(state.first_question(study)),
    )


def _draw_without_roads(study: Study, question: Question, tr: Translator) -> None:
    show_empty(tr("overview.no_roads.what"), tr("overview.no_roads.why"))
    if st.button(tr("overview.no_roads.button"), type="primary"):
        turn_to_data("new")
    left, right = st.columns([2, 1], gap="medium")
    with left:
        district_table.draw_search(study, tr)
        draw_map(study, question, tr)
        looks.note(strip.source_line(study, tr) + " " + tr("map.notice"))
    with right:
        looks.heading(tr("ladder.title"))
        ladder.draw_ladder(study, question, tr)


enter("pages/overview.py", draw)
