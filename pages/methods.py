"""Methods: how times are made, what the study is set to, every definition, and where the figures come from."""

from __future__ import annotations

import streamlit as st

from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import downloads, markup, state, terms
from pages.ui.frame import banner
from pages.ui.frame.entry import enter_study
from pages.ui.methods import method_texts
from pages.ui.study_contents import draw_table

_PARTS: tuple[str, ...] = ("travel", "settings", "indicators", "sources")


def draw(study: Study, tr: Translator) -> None:
    """Draw the page."""
    banner.draw_strip(study, state.question(study), tr)
    travel, settings, indicators, sources = st.tabs([tr(f"method.part.{part}") for part in _PARTS])
    with travel:
        _draw_travel(study, tr)
    with settings:
        _draw_settings(study, tr)
    with indicators:
        _draw_indicators(study, tr)
    with sources:
        _draw_sources(study, tr)


def _draw_travel(study: Study, tr: Translator) -> None:
    speeds = study.speeds
    left, right = st.columns([1, 1], gap="medium")
    with left:
        markup.heading(tr("method.travel"))
        _say([tr(f"method.travel.{part}") for part in method_texts.TRAVEL])
        markup.heading(tr("method.delays"))
        _say([tr("method.delays.turn", seconds=f"{speeds.turns.turn_s:g}")])
        markup.put(draw_table(method_texts.list_delays(speeds, tr)))
        markup.note(tr(f"method.delays.{'right' if speeds.turns.drives_on_right else 'left'}"))
    with right:
        markup.heading(tr("method.speeds", table=speeds.id))
        limits_are = "driven" if study.settings.mode == "drive" else "bounds"
        _say([tr(f"method.speeds.how.{limits_are}", factor=f"{speeds.maxspeed_factor:g}"), tr("method.speeds.columns")])
        listed = method_texts.list_speeds(speeds, tr)
        markup.put(draw_table(listed))
        markup.note(tr("method.speeds.town", density=f"{speeds.urban_junctions_per_km2:g}"))
        downloads.draw_download(study, listed, "speeds", tr("method.speeds.download"))
        limits = method_texts.list_limits(speeds, tr)
        if not limits.empty:
            with st.expander(tr("method.limits")):
                _say([tr("method.limits.how")])
                markup.put(draw_table(limits, left=2))
    markup.note(banner.source_line(study, tr))


def _draw_settings(study: Study, tr: Translator) -> None:
    question = state.question(study)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        markup.heading(tr("method.settings"))
        _say(method_texts.describe_settings(study, tr))
        markup.note(tr("method.settings.asked", standard=terms.standard_name(question, tr)))
    with right:
        markup.heading(tr("method.classes"))
        _say([tr("method.classes.how")])
        markup.put(draw_table(method_texts.list_classes_of_people(tr), left=2))


def _draw_indicators(study: Study, tr: Translator) -> None:
    markup.heading(tr("method.indicators"))
    _say([tr("method.indicators.how")])
    markup.put(method_texts.draw_definitions(tr))
    downloads.draw_download(study, method_texts.list_indicators(tr), "definitions", tr("method.indicators.download"))


def _draw_sources(study: Study, tr: Translator) -> None:
    markup.heading(tr("method.inputs"))
    inputs = method_texts.list_inputs(study.sources, tr)
    markup.put(draw_table(inputs, left=3))
    downloads.draw_download(study, inputs, "inputs", tr("method.inputs.download"))
    markup.note(banner.source_line(study, tr))
    left, right = st.columns([1, 1], gap="medium")
    with left:
        markup.heading(tr("method.engines"))
        _say([tr(f"method.engines.{part}") for part in method_texts.ENGINES])
    with right:
        markup.heading(tr("method.versions"))
        markup.put(draw_table(method_texts.list_versions(study, tr), left=2))


def _say(paragraphs: list[str]) -> None:
    style = "font-size: 15px; margin: 0 0 6px; max-width: 46em"
    markup.put(*(markup.element("p", markup.words(text, 1200), style=style) for text in paragraphs))


enter_study(draw)
