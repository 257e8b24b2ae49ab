"""Indicators: six at the head, the rest folded by group, charts, and the units of every level in a table."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.inputs.question import Question
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import downloads, indicator_tables, markup, unit_table
from pages.ui.frame import banner
from pages.ui.frame.entry import enter_question
from pages.ui.indicators import indicator_charts, indicator_groups, target_table
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached
from pages.ui.preconditions import meet_needs


def draw(study: Study, question: Question, _: DeltaGenerator, tr: Translator) -> None:
    """Draw the page."""
    if not meet_needs(study, question, tr):
        return
    answer = cached.ask(study, question)
    if study.mode_mix is not None:
        with shown_progress(tr, "doing.open") as progress:
            answer.get("other_mode", progress)
    with shown_progress(tr, "doing.indicators") as progress:
        table = answer.get("indicators", progress)
    if question.moment_min is not None:
        markup.note(tr("indicators.moment"))
    _draw_figures(study, question, table, tr)


def _draw_figures(study: Study, question: Question, table: pd.DataFrame, tr: Translator) -> None:
    whole = indicator_tables.whole_study(table)
    codes = indicator_tables.choose_headlines(whole, question)
    markup.heading(tr("indicators.title"))
    half = (len(codes) + 1) // 2
    for column, part in zip(st.columns(2, gap="medium"), (codes[:half], codes[half:]), strict=True):
        with column:
            markup.put(indicator_tables.draw_headlines(whole, part, study.catalogue, tr))
    markup.note(banner.source_line(study, tr))
    left, right = st.columns(2, gap="medium")
    levels = [level for level in DISTRICT_LEVELS if (study.districts["level"] == level).sum() > 1]
    with left:
        indicator_charts.draw_curve(study, question, tr)
        indicator_charts.draw_lorenz(study, question, whole, tr)
        with shown_progress(tr, "doing.range") as progress:
            found = cached.ask(study, question).get("range", progress)
        indicator_charts.draw_range(study, found, tr)
        with shown_progress(tr, "doing.seasons") as progress:
            indicator_charts.draw_seasons(study, question, tr, progress)
    with right:
        if levels:
            indicator_charts.draw_units(study, table, levels[0], tr)
        indicator_charts.draw_offers(study, whole, tr)
    if question.moment_min is None:  # a plan has targets for the whole week
        target_table.draw_targets(study, table, tr)
    if levels:
        unit_table.draw_units(study, table, levels, tr)
        unit_table.draw_mismatches(cached.ask(study, question), tr)
    indicator_groups.draw_groups(study, whole, tr)
    downloads.draw_download(study, table, "indicators", tr("indicators.download"))


enter_question(draw)
