"""The controls of a question: family, level, service item, season and standard; the rest folded away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from coverage.inputs.question import Question, change_to_minutes
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from geodata.intake.read_thresholds import DEFAULT_PRESET, read_presets
from geodata.words.i18n import Translator
from pages.ui import state, terms

_T = TypeVar("_T")
_Change = Callable[[_T], Question]
CUTOFFS_MIN: tuple[float, ...] = (10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 45.0, 50.0, 60.0)
_DAY_MIN = 1440
_NOON_MIN = 10 * 60 + 30


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
    choice = replace(
        question.choice,
        level=question.level if question.level in levels else "",
        service=question.service if question.service in items else "",
    )
    question = replace(question, choice=choice)
    timeless = study.network is None  # without roads neither season nor threshold changes anything

    def name_service(item: str) -> str:
        return terms.say(catalogue.item(item).name, tr) if item else tr("choice.any_service")

    def ask(changed: StationChoice) -> Question:
        return replace(question, choice=changed)

    with st.container(key="question"):  # its style lets the row break on narrow screens
        row = st.columns([1.2, 1.2, 1.2, 0.8, 1.1, 0.62], gap="small", vertical_alignment="bottom")
    with row[0]:
        _select(
            "family",
            tr,
            families,
            choice.family,
            lambda one: terms.family_name(catalogue, one, tr),
            lambda family: ask(replace(choice, family=family)),
        )
    with row[1]:
        _select(
            "level",
            tr,
            levels,
            choice.level,
            lambda one: terms.level_name(catalogue, one, tr),
            lambda level: ask(replace(choice, level=level)),
        )
    with row[2]:
        _select(
            "service",
            tr,
            items,
            choice.service,
            name_service,
            lambda service: ask(replace(choice, service=service)),
        )
    with row[3]:
        _select(
            "season",
            tr,
            study.speeds.season_names,
            question.season or study.settings.season,
            lambda one: terms.season_name(one, tr),
            lambda season: replace(question, season=season),
            disabled=timeless,
        )
    with row[4]:
        _draw_standard(study, question, tr, disabled=timeless)
    with row[5], st.popover(tr("control.more"), width="stretch", disabled=timeless):
        _draw_more(study, question, tr)
    state.set_question(question)
    return question


def list_standards(study: Study, question: Question) -> dict[str, Question]:
    """List the standards on offer: a threshold for all, the tables that come along, and the study's own."""
    offered = {
        f"{minutes:g}": change_to_minutes(study, question, minutes)
        for minutes in sorted({*CUTOFFS_MIN, study.settings.cutoff_min, question.cutoff_min})
    }
    tables = [table for table in read_presets() if table.id != DEFAULT_PRESET]
    if study.thresholds is not None:
        tables.insert(0, study.thresholds)
    return offered | {f"table {table.id}": replace(question, thresholds=table) for table in tables}


def _draw_standard(study: Study, question: Question, tr: Translator, *, disabled: bool) -> None:
    offered = list_standards(study, question)
    now = next(
        (key for key, one in offered.items() if one == question),
        f"{question.cutoff_min:g}",
    )

    def say(key: str) -> str:
        one = offered[key]
        return terms.say(one.thresholds.name, tr) if one.thresholds else tr("minutes.n", minutes=key)

    _select("standard", tr, list(offered), now, say, offered.__getitem__, disabled=disabled)


def _select(
    field: str,
    tr: Translator,
    options: Sequence[_T],
    now: _T,
    say: Callable[[_T], str],
    change: _Change[_T],
    *,
    disabled: bool = False,
) -> None:
    """Draw one control; a change goes into the question before the page runs again."""
    key = f"w_{field}"
    state.preset_widget(key, now)

    def take() -> None:
        state.set_question(change(state.widget_value(key)))

    st.selectbox(tr(f"control.{field}"), options, key=key, format_func=say, on_change=take, disabled=disabled)


def _draw_more(study: Study, question: Question, tr: Translator) -> None:
    """Draw what is asked less often: opening hours, a day in the future, responsibility, closed roads."""

    def take_moment() -> None:
        day, time = state.widget_value("w_moment_day"), state.widget_value("w_moment_time")
        minute = None if day < 0 else day * _DAY_MIN + time.hour * 60 + time.minute
        state.set_question(replace(question, moment_min=minute))

    moment = question.moment_min
    state.preset_widget("w_moment_day", -1 if moment is None else moment // _DAY_MIN)
    within_day = _NOON_MIN if moment is None else moment % _DAY_MIN
    state.preset_widget("w_moment_time", dt.time(within_day // 60, within_day % 60))
    left, right = st.columns(2)
    with left:
        st.selectbox(
            tr("control.moment"),
            range(-1, 7),
            key="w_moment_day",
            format_func=lambda day: tr("control.any_time") if day < 0 else tr(f"weekday.{day}"),
            on_change=take_moment,
        )
    with right:
        st.time_input(
            tr("control.time"), key="w_moment_time", step=1800, on_change=take_moment, disabled=moment is None
        )
    _draw_date(question, tr)
    _draw_switch("own_jurisdiction", question.own_jurisdiction, tr, lambda on: replace(question, own_jurisdiction=on))
    if study.closures:
        _draw_switch(
            "closures",
            bool(question.closures),
            tr,
            lambda on: replace(question, closures=study.closures if on else ()),
        )


def _draw_date(question: Question, tr: Translator) -> None:
    """Draw the day that is asked about: planned stations that are to open by then count."""
    on_date = question.choice.on_date
    state.preset_widget("w_on_date", dt.date.fromisoformat(on_date) if on_date else None)

    def take() -> None:
        day = state.widget_value("w_on_date")
        choice = replace(question.choice, on_date="" if day is None else day.isoformat())
        state.set_question(replace(question, choice=choice))

    st.date_input(
        tr("control.on_date"),
        key="w_on_date",
        min_value=dt.date(2000, 1, 1),
        max_value=dt.date(2100, 12, 31),
        format="YYYY-MM-DD",
        on_change=take,
        help=tr("control.on_date_help"),
    )


def _draw_switch(field: str, now: bool, tr: Translator, change: Callable[[bool], Question]) -> None:
    key = f"w_{field}"
    state.preset_widget(key, now)
    st.toggle(
        tr(f"control.{field}"),
        key=key,
        help=tr(f"control.{field}_help"),
        on_change=lambda: state.set_question(change(state.widget_value(key))),
    )
