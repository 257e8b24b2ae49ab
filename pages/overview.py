"""Overview: the situation in a sentence, a map and five names; then the districts and the next steps."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coverage.assessment import Assessment
from coverage.model import Study
from geodata import number_words
from geodata.i18n import Translator
from geodata.maps.labels import Markup
from pages.ui import cached, district_table, gap_list, ladder, legend, looks, state, strip, terms
from pages.ui.controls import draw_controls
from pages.ui.entry import enter
from pages.ui.failures import guard, show_empty, show_stopped
from pages.ui.long_jobs import shown_progress
from pages.ui.map_panel import draw_map
from pages.ui.state import Question


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
            cached.fetch_basis(study, question.season, progress)
        assessment = cached.fetch_assessment(study, question)
        with head:
            _draw_sentence(study, question, assessment, tr)
        _draw_figures(study, question, assessment, tr)


def _draw_sentence(study: Study, question: Question, assessment: Assessment, tr: Translator) -> None:
    totals = assessment.totals
    if assessment.station_count == 0:
        show_empty(tr("overview.no_station.what"), tr("overview.no_station.why"))
        return
    outside = totals.uncovered
    said = tr(
        "overview.sentence" if outside >= 0.5 else "overview.sentence_all",
        study=tr("overview.place", name=terms.say(study.name, tr))
        if not study.schematic
        else terms.say(study.name, tr),
        total=number_words.people_short(totals.total, tr.language),
        whom=tr(f"whom.{assessment.weight_column}"),
        outside="\x01",
        circle=terms.circle_name(question.cutoff_min, tr),
        target=terms.target_name(study, question, tr),
    )
    number = tr(
        "overview.outside",
        people=number_words.people_short(outside, tr.language),
        unit=terms.unit_suffix(assessment.weight_column, tr),
        share=number_words.percent(outside / totals.total if totals.total else 0.0),
    )
    before, _, after = said.partition("\x01")
    middle = looks.element("em", looks.words(number)) if after else Markup("")
    looks.put(looks.element("p", looks.words(before), middle, looks.words(after), look="p-sentence"))
    looks.note(
        tr(
            "overview.denominator",
            whom=tr(f"whom.{assessment.weight_column}"),
            total=number_words.people(totals.total),
            beyond=number_words.people(totals.beyond),
            no_route=number_words.people(totals.no_route),
            unconnected=number_words.people(totals.unconnected),
            median=number_words.minutes(totals.median_min, tr.language),
            p90=number_words.minutes(totals.p90_min, tr.language),
        )
    )


def _draw_figures(study: Study, question: Question, assessment: Assessment, tr: Translator) -> None:
    left, right = st.columns([2, 1], gap="medium")
    with right:
        looks.heading(tr("ladder.title"))
        ladder.draw_ladder(study, question, tr)
        gap_list.draw_gaps(study, assessment, cached.fetch_gaps(study, question), tr)
        looks.note(tr("source.same"))
    with left:
        _draw_search(study, tr)
        with shown_progress(tr, "doing.bands") as progress:
            cached.fetch_bands(study, question, progress)
        draw_map(study, question, tr)
        legend.draw_legend(assessment, tr)
        legend.draw_symbols(study, question, tr)
        looks.note(strip.source_line(study, tr) + " " + tr("map.notice"))
    if len(study.districts):
        district_table.draw_districts(study, assessment, tr)
        looks.note(tr("source.same"))
    _draw_next_steps(study, cached.fetch_gaps(study, question), tr)


def _draw_search(study: Study, tr: Translator) -> None:
    if not len(study.districts):
        return

    def go() -> None:
        found = state.widget_value("w_search")
        if found:
            district_table.show_district(study, found)

    st.selectbox(
        tr("map.search"),
        [str(one) for one in study.districts.index],
        index=None,
        format_func=lambda one: gap_list.name_place(study, one, tr),
        placeholder=tr("map.search"),
        key="w_search",
        label_visibility="collapsed",
        on_change=go,
    )


def _draw_next_steps(study: Study, gaps: pd.DataFrame, tr: Translator) -> None:
    looks.heading(tr("next.title"))
    with st.container(horizontal=True):
        if len(gaps):
            worst = gaps.iloc[0]
            st.button(
                tr("next.gap"),
                key="w_next_gap",
                type="primary",
                on_click=gap_list.show_gap,
                args=(float(worst["lon"]), float(worst["lat"]), str(worst["district_id"])),
            )
        if st.button(tr("next.data"), key="w_next_data"):
            _turn_to_data("contents")
        if study.schematic and st.button(tr("next.own"), key="w_next_own"):
            _turn_to_data("new")


def _turn_to_data(section: str) -> None:
    state.set_data_section(section)
    st.switch_page("pages/data.py")


def _draw_without_roads(study: Study, question: Question, tr: Translator) -> None:
    show_empty(tr("overview.no_roads.what"), tr("overview.no_roads.why"))
    if st.button(tr("overview.no_roads.button"), type="primary"):
        _turn_to_data("new")
    left, right = st.columns([2, 1], gap="medium")
    with left:
        _draw_search(study, tr)
        draw_map(study, question, tr)
        looks.note(strip.source_line(study, tr) + " " + tr("map.notice"))
    with right:
        looks.heading(tr("ladder.title"))
        ladder.draw_ladder(study, question, tr)


enter("pages/overview.py", draw)
