"""The map of the Coverage page with the panel beside it; a click, a row or a layer runs only this part again."""

from __future__ import annotations

import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.access.explain import Explanation
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.maps.base import build_base
from geodata.maps.elements import Encoded
from geodata.maps.labels import safe_label
from geodata.maps.layers import Place, build_layers, encode_focus, encode_highlight, encode_place
from geodata.maps.shapes import build_shapes
from geodata.words.i18n import Translator
from pages.ui import legend, map_frame, markup, state, terms
from pages.ui.failures import guard, show_stopped
from pages.ui.gaps import gap_panel, layer_choice, why_panel
from pages.ui.memo import cached, cached_gaps, cached_map, cached_shapes

HEIGHT_PX = 500
_KEY = "coverage_map"


@st.fragment
def draw_workbench(study: Study, question: Question, tr: Translator) -> None:
    """Draw the map on the left, and on the right the ranked gaps or why a place has its colour."""
    with guard(tr):
        if state.was_stopped():
            show_stopped(tr)
            return
        explanation = _explain(study, question)
        left, right = st.columns([1.5, 1], gap="small")
        with left:
            _draw_map(study, question, explanation, tr)
        with right:
            _draw_panel(study, question, explanation, tr)


def _draw_panel(study: Study, question: Question, explanation: Explanation | None, tr: Translator) -> None:
    key = "w_panel"
    state.preset_widget(key, state.shown_panel())
    st.segmented_control(
        tr("panel.label"),
        ("gaps", "why"),
        key=key,
        format_func=lambda one: tr(f"panel.{one}"),
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.show_panel(state.widget_value(key)),
    )
    if state.shown_panel() == "why":
        why_panel.draw_why(study, question, explanation, tr)
    else:
        gap_panel.draw_gaps(study, question, tr)


def _draw_map(study: Study, question: Question, explanation: Explanation | None, tr: Translator) -> None:
    on = layer_choice.draw_choice(question, tr)
    layers = build_layers(
        bands=cached_map.fetch_bands(study, question) if "bands" in on else None,
        stations=cached_map.fetch_stations(study, question.choice, tr.language) if "stations" in on else None,
        highlight=encode_highlight(_find_selected(study, question)),
        place=encode_place(None if explanation is None else _describe_place(study, explanation, tr)),
        focus=encode_focus(state.focus()),
        shapes=build_shapes(_fetch_shapes(study, question, explanation, on, tr)),
    )
    map_frame.show_map(
        build_base(cached_map.fetch_base(study)),
        layers,
        key=_KEY,
        height=HEIGHT_PX,
        on_change=lambda: _take_click(study, question),
    )
    assessment = cached.ask(study, question).assessment
    if "bands" in on:
        legend.draw_legend(assessment, tr)
    layer_choice.draw_legend(on, has_route=explanation is not None and explanation.route is not None, tr=tr)
    if "stations" in on:
        legend.draw_symbols(study, question, tr)
    markup.note(tr("why.hint") + " " + tr("map.notice"))


def _fetch_shapes(
    study: Study, question: Question, explanation: Explanation | None, on: list[str], tr: Translator
) -> dict[str, Encoded]:
    wanted: dict[str, Encoded | None] = {}
    if "gaps" in on:
        wanted["gaps"] = cached_shapes.fetch_gap_shapes(study, question)
    if "area" in on:
        wanted["area"] = cached_shapes.fetch_area(study, question)
    if "own" in on:
        station = layer_choice.draw_station(study, question, explanation, tr)
        wanted["own"] = cached_shapes.fetch_station_area(study, question, station) if station else None
    if "far" in on:
        wanted["far"] = cached_shapes.fetch_far_dots(study, question)
    if "closed" in on:
        wanted["closed"] = cached_shapes.fetch_closed_roads(study, question)
    if explanation is not None:
        wanted["route"] = cached_shapes.encode_route(explanation)
    return {slot: data for slot, data in wanted.items() if data is not None}


def _find_selected(study: Study, question: Question) -> BaseGeometry | None:
    gap_id = state.selected_gap(question)
    if gap_id:
        gaps = cached.ask(study, question).get("gap_list")
        return gaps.geometry[gap_id] if gap_id in gaps.index else None
    unit = state.selected_district()
    return study.districts.geometry[unit] if unit in study.districts.index else None


def _take_click(study: Study, question: Question) -> None:
    """Ask about the place that was clicked, and select the gap it lies in."""
    clicked = (state.widget_value(_KEY) or {}).get("last_clicked")
    if clicked and state.ask_place(float(clicked["lng"]), float(clicked["lat"])):
        choose_place(study, question)


def choose_place(study: Study, question: Question) -> None:
    """Turn to the place that is kept: its gap is selected, and the panel explains it."""
    place = map_frame.wrap_place(state.asked_place())
    if place is None:
        return
    gap_id = cached_gaps.find_gap_at(cached.ask(study, question).get("gap_list"), *place)
    if gap_id:
        state.select_gap(question, gap_id)
    state.show_panel("why")


def _explain(study: Study, question: Question) -> Explanation | None:
    place = map_frame.wrap_place(state.asked_place())
    return None if place is None else cached_gaps.fetch_explanation(study, question, *place)


def _describe_place(study: Study, explanation: Explanation, tr: Translator) -> Place:
    """Say the class and the nearest station in the map's own popup; the panel has the rest."""
    lines = terms.place_verdict(study, explanation.status, explanation.minutes, explanation.station_id, tr)
    return Place(explanation.lon, explanation.lat, tuple(safe_label(line) for line in lines))
