"""The threshold of the Coverage page: a slider that only reads known times again, and several thresholds at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from coverage.access.assessment import Assessment
from coverage.access.rebin import tabulate_within
from coverage.inputs.question import Question, change_to_minutes, find_question_cutoffs
from coverage.inputs.schema import ZONES
from coverage.inputs.study import Study
from geodata.maps.labels import Markup
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, state, terms

QUICK_MIN: tuple[int, ...] = (10, 15, 20, 30, 45, 60)
_SHORTEST_MIN, _LONGEST_MIN, _STEP_MIN = 5, 120, 5


def draw_cutoff(study: Study, question: Question, assessment: Assessment, tr: Translator) -> None:
    """Draw the slider, or the table of thresholds in force; quick thresholds; and people within several at once."""
    left, right = st.columns([1, 1.25], gap="medium", vertical_alignment="bottom")
    with left:
        if question.thresholds is None:
            _draw_slider(study, question, tr)
        else:
            markup.note(say_thresholds(study, question, tr))
        _draw_quick(study, question, tr)
    with right:
        markup.put(_lay_out(tabulate_within(assessment, QUICK_MIN), question, tr))


def _draw_slider(study: Study, question: Question, tr: Translator) -> None:
    key = "w_cutoff"
    state.preset_widget(key, int(min(max(round(question.cutoff_min), _SHORTEST_MIN), _LONGEST_MIN)))
    st.slider(
        tr("cutoff.label"),
        _SHORTEST_MIN,
        _LONGEST_MIN,
        step=_STEP_MIN,
        key=key,
        help=tr("cutoff.help"),
        on_change=lambda: _take(study, question, state.widget_value(key)),
    )


def _draw_quick(study: Study, question: Question, tr: Translator) -> None:
    """Draw the usual thresholds; choosing one ends a table of thresholds."""
    key = "w_quick_cutoff"
    now = None if question.thresholds else next((one for one in QUICK_MIN if one == question.cutoff_min), None)
    state.preset_widget(key, now)
    st.segmented_control(
        tr("cutoff.quick"),
        QUICK_MIN,
        key=key,
        format_func=lambda one: tr("minutes.n", minutes=one) if one == QUICK_MIN[-1] else str(one),
        label_visibility="collapsed",
        on_change=lambda: _take(study, question, state.widget_value(key)),
    )


def _take(study: Study, question: Question, minutes: int | None) -> None:
    if minutes is not None:
        state.set_question(change_to_minutes(study, question, float(minutes)))


def say_thresholds(study: Study, question: Question, tr: Translator) -> str:
    """Name the table in force, its source, and its threshold in every zone where people of the study live."""
    table = question.thresholds
    if table is None:
        return ""
    cutoffs = find_question_cutoffs(study, question)
    zones = study.demand["zone"].astype(str).to_numpy(object)
    told = []
    for zone in (one for one in (*ZONES, "") if one in set(zones)):
        minutes = float(cutoffs[int(np.argmax(zones == zone))])
        told.append(tr("cutoff.zone", zone=tr(f"cutoff.zone.{zone or 'unknown'}"), minutes=f"{minutes:g}"))
    source = tr("cutoff.source", source=table.source) if table.source else ""
    return tr("cutoff.table", name=terms.say(table.name, tr), zones=tr("list.comma").join(told), source=source)


def _lay_out(within: pd.DataFrame, question: Question, tr: Translator) -> Markup:
    """Lay out several thresholds side by side; the one in force is marked."""
    is_now = [question.thresholds is None and one == question.cutoff_min for one in within["cutoff_min"]]
    rows = {
        tr("cutoff.within"): [tr("cutoff.minutes", minutes=f"{one:g}") for one in within["cutoff_min"]],
        tr("cutoff.share"): [number_format.percent(one) for one in within["share"]],
        tr("cutoff.people"): [number_format.people_short(one, tr.language) for one in within["people"]],
    }
    lines = []
    for number, (name, cells) in enumerate(rows.items()):
        tag = "td" if number else "th"
        drawn = [markup.element(tag, markup.words(name))]
        for text, now in zip(cells, is_now, strict=True):
            drawn.append(markup.element(tag, markup.words(text), look="p-here" if now else ""))
        lines.append(markup.element("tr", *drawn))
    return markup.element("table", *lines, look="p-table")
