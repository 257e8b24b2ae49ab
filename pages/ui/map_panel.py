"""The map of a study: bands, stations, selection, and the answer for the place that was clicked."""

from __future__ import annotations

import math

import streamlit as st

from coverage.access.point_query import PointAnswer, locate_point
from coverage.inputs.question import Question, find_place_cutoff
from coverage.inputs.study import Study
from geodata.maps.base import build_base
from geodata.maps.labels import safe_label
from geodata.maps.layers import Place, build_layers, encode_focus, encode_highlight, encode_place
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import map_frame, markup, state, terms
from pages.ui.failures import guard
from pages.ui.memo import cached, cached_map

HEIGHT_PX = 520
_KEY = "overview_map"


@st.fragment
def draw_map(study: Study, question: Question, tr: Translator) -> None:
    """Draw the map; a click runs only this part of the page again.

    Nothing here takes long: the page has fetched the bands before, where the whole page can be stopped.
    """
    with guard(tr):
        _draw(study, question, tr)


def _draw(study: Study, question: Question, tr: Translator) -> None:
    bands = cached_map.fetch_bands(study, question) if study.network is not None else None
    answer = _ask(study, question)
    shape = None
    selected = state.selected_district()
    if selected and selected in study.districts.index:
        shape = study.districts.geometry[selected]
    layers = build_layers(
        bands=bands,
        stations=cached_map.fetch_stations(study, question.choice, tr.language),
        highlight=encode_highlight(shape),
        place=encode_place(_describe_place(study, answer, tr)),
        focus=encode_focus(state.focus()),
    )
    fig = build_base(cached_map.fetch_base(study))
    map_frame.show_map(fig, layers, key=_KEY, height=HEIGHT_PX, on_change=_take_click)
    if answer is not None:
        markup.note(" · ".join([tr("map.asked"), *_say(study, answer, tr)]))
    elif study.network is not None:
        markup.note(tr("map.hint"))


def _take_click() -> None:
    clicked = (state.widget_value(_KEY) or {}).get("last_clicked")
    if clicked:
        state.ask_place(float(clicked["lng"]), float(clicked["lat"]))


def _ask(study: Study, question: Question) -> PointAnswer | None:
    place = map_frame.wrap_place(state.asked_place())
    if place is None or study.network is None:
        return None
    cutoff = find_place_cutoff(study, question, *place)
    wanted = cached.ask(study, question).is_open
    basis = cached.ask(study, question).basis
    return locate_point(basis, *place, question.choice, cutoff_min=cutoff, wanted=wanted)


def _describe_place(study: Study, answer: PointAnswer | None, tr: Translator) -> Place | None:
    if answer is None:
        return None
    return Place(answer.lon, answer.lat, tuple(safe_label(line) for line in _say(study, answer, tr)))


def _say(study: Study, answer: PointAnswer, tr: Translator) -> list[str]:
    lines = terms.place_verdict(study, answer.status, answer.minutes, answer.station_id, tr)
    if math.isfinite(answer.access_m):
        lines.append(tr("place.access", metres=number_format.number(answer.access_m)))
    else:
        lines.append(tr("place.no_road", metres=number_format.number(study.settings.snap.max_access_m)))
    return lines
