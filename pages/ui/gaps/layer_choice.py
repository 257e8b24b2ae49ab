"""Which layers the map of the Coverage page shows, and what their lines mean."""

from __future__ import annotations

import streamlit as st

from coverage.access.explain import Explanation
from coverage.inputs.question import Question
from coverage.inputs.stations import select_stations
from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import markup, state
from pages.ui.memo import cached

LAYERS: tuple[str, ...] = ("bands", "gaps", "area", "own", "far", "stations", "closed")
_AT_FIRST = ("bands", "gaps", "stations", "closed")
# How the line of a layer looks in the legend; the same colours stand in planner.js.
_MARKS = {
    "gaps": "border: 2px solid #6B1F0A; background: rgba(156, 59, 27, .12)",
    "area": "border: 0; border-top: 3px solid #0B3C5D; height: 0; border-radius: 0",
    "own": "border: 0; border-top: 3px dashed #4B2E83; height: 0; border-radius: 0",
    "far": "border: 2px solid #1F2933; background: #FFF; width: 12px; border-radius: 50%",
    "closed": "border: 0; border-top: 4px dashed #1F2933; height: 0; border-radius: 0",
    "route": "border: 0; border-top: 4px solid #4B2E83; height: 0; border-radius: 0",
}


def draw_choice(question: Question, tr: Translator) -> list[str]:
    """Draw the switches of the layers and return those that are on; closed roads only if the question closes any."""
    offered = [one for one in LAYERS if one != "closed" or question.closures]
    chosen = st.pills(
        tr("layers.label"),
        offered,
        selection_mode="multi",
        default=[one for one in _AT_FIRST if one in offered],
        format_func=lambda one: tr(f"layers.{one}"),
        key=f"w_layers_{len(offered)}",
        label_visibility="collapsed",
        wrap=True,
    )
    return list(chosen or [])


def draw_station(study: Study, question: Question, explanation: Explanation | None, tr: Translator) -> str:
    """Draw the choice of the one station whose area is shown: at first the nearest of what is selected."""
    ids = [str(one) for one in study.stations.index[select_stations(study.stations, study.catalogue, question.choice)]]
    if not ids:
        return ""
    key = "w_area_station"
    kept = str(state.widget_or(key, "") or "")
    state.preset_widget(key, kept if kept in ids else _guess_station(study, question, explanation, ids))
    names = study.stations["name"]
    chosen = st.selectbox(
        tr("layers.station"), ids, key=key, format_func=lambda one: str(names[one]), label_visibility="collapsed"
    )
    return str(chosen or "")


def _guess_station(study: Study, question: Question, explanation: Explanation | None, ids: list[str]) -> str:
    if explanation is not None and explanation.station_id in ids:
        return explanation.station_id
    gaps = cached.ask(study, question).get("gap_list")
    gap_id = state.selected_gap(question)
    nearest = str(gaps["station_id"].get(gap_id, "")) if gap_id else ""
    return nearest if nearest in ids else ids[0]


def draw_legend(on: list[str], *, has_route: bool, tr: Translator) -> None:
    """Draw what the lines on the map mean."""
    shown = [one for one in LAYERS if one in on and one in _MARKS] + (["route"] if has_route else [])
    entries = [
        markup.element("span", markup.element("i", style=_MARKS[one]), markup.words(tr(f"layers.{one}_legend")))
        for one in shown
    ]
    if entries:
        markup.put(markup.element("div", *entries, look="p-legend"))
