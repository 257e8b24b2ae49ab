"""The controls of a question: family, level, service item, season and threshold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from coverage.model import Study
from geodata.i18n import Translator
from pages.ui import state, terms
from pages.ui.state import Question

_T = TypeVar("_T")
CUTOFFS_MIN: tuple[float, ...] = (10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 45.0, 50.0, 60.0)


def draw_controls(study: Study, question: Question, tr: Translator) -> Question:
    """Draw the controls in one row and return what is asked now."""
    catalogue = study.catalogue
    kinds = {kind.id: kind.family for kind in catalogue.kinds}
    present = set(study.stations["kind"].map(kinds).dropna())
    families = ["", *(family.id for family in catalogue.families if family.id in present)]
    of_family = study.stations[
        study.stations["kind"].map(kinds).isin({question.family} if question.family else present)
    ]
    levels = ["", *(level.id for level in catalogue.levels if level.id in set(of_family["level"]))]
    offered = {item for services in of_family["services"] for item in services}
    items = ["", *(item.id for item in catalogue.items if item.id in offered)]
    cutoffs = sorted({*CUTOFFS_MIN, question.cutoff_min})
    question = replace(
        question,
        level=question.level if question.level in levels else "",
        service=question.service if question.service in items else "",
    )
    timeless = study.network is None  # without roads neither season nor threshold changes anything

    def name_service(item: str) -> str:
        return terms.say(catalogue.item(item).name, tr) if item else tr("choice.any_service")

    row = st.columns([1.25, 1.25, 1.25, 0.85, 0.85], gap="small")
    with row[0]:
        _select("family", tr, families, question, lambda one: terms.family_name(catalogue, one, tr))
    with row[1]:
        _select("level", tr, levels, question, lambda one: terms.level_name(catalogue, one, tr))
    with row[2]:
        _select("service", tr, items, question, name_service)
    with row[3]:
        seasons = study.speeds.season_names
        _select("season", tr, seasons, question, lambda one: terms.season_name(one, tr), disabled=timeless)
    with row[4]:
        _select("cutoff_min", tr, cutoffs, question, lambda one: tr("minutes.n", minutes=f"{one:g}"), disabled=timeless)
    state.set_question(question)
    return question


def _select(
    field: str,
    tr: Translator,
    options: Sequence[_T],
    question: Question,
    say: Callable[[_T], str],
    *,
    disabled: bool = False,
) -> None:
    """Draw one control; a change goes into the question before the page runs again."""
    key = f"w_{field}"
    state.preset_widget(key, getattr(question, field))

    def take() -> None:
        state.set_question(replace(question, **{field: state.widget_value(key)}))

    st.selectbox(tr(f"control.{field}"), options, key=key, format_func=say, on_change=take, disabled=disabled)
