"""Roads of a scenario: closing them or slowing them, at a point, along a line or within an area; and the threshold."""

from __future__ import annotations

import streamlit as st

from coverage.scenario.edits import SetThreshold
from geodata.words import number_format
from pages.ui import markup, state
from pages.ui.failures import show_failure
from pages.ui.whatif import whatif_acts
from pages.ui.whatif.whatif_acts import Work
from pages.ui.whatif.whatif_spot import count_roads

_FORMS = ("point", "line", "area")
_LEAST = {"point": 1, "line": 2, "area": 3}


def draw_roads(work: Work) -> None:
    """Draw which roads are meant and what becomes of them."""
    tr = work.tr
    if not work.is_open:
        markup.note(work.closed_note)
        return
    with st.container(horizontal=True):
        _choose(work, "road_act", ("close", "slow"))
        _choose(work, "road_form", _FORMS)
    places = state.whatif("road_places", ())
    form = state.whatif("road_form", "point")
    markup.note(tr(f"whatif.road_hint.{form}"))
    if state.whatif("road_act", "close") == "slow":
        key = "w_whatif_percent"
        state.preset_widget(key, state.whatif("road_percent", 50))
        st.slider(
            tr("whatif.percent"),
            10,
            200,
            step=5,
            format="%d%%",
            key=key,
            on_change=lambda: state.keep_whatif(road_percent=state.widget_value(key)),
        )
    if len(places) < _LEAST[form] or work.place is None:
        return
    count = count_roads(work.study, work.place)
    markup.put(
        markup.element("p", markup.words(tr("whatif.roads_met", count=number_format.number(count))), look="p-fact")
    )
    st.text_input(
        tr("whatif.road_name"),
        key="w_whatif_road_name",
        max_chars=100,
        on_change=lambda: state.keep_whatif(road_name=state.widget_value("w_whatif_road_name").strip()),
    )
    factor = state.whatif("road_percent", 50) / 100.0 if state.whatif("road_act", "close") == "slow" else None
    with st.container(horizontal=True):
        st.button(
            tr("whatif.close_roads" if factor is None else "whatif.slow_roads"),
            type="primary",
            key="w_whatif_roads",
            disabled=count == 0,
            on_click=lambda: whatif_acts.add_roads(work, factor),
        )
        st.button(tr("whatif.leave"), key="w_whatif_leave", on_click=whatif_acts.leave, args=(work,))


def _choose(work: Work, name: str, options: tuple[str, ...]) -> None:
    key = f"w_whatif_{name}"
    state.preset_widget(key, state.whatif(name, options[0]))

    def take() -> None:
        state.keep_whatif(**{name: state.widget_value(key), "road_places": ()})

    st.segmented_control(
        work.tr(f"whatif.{name}"),
        options,
        key=key,
        format_func=lambda one: work.tr(f"whatif.{name}.{one}"),
        label_visibility="collapsed",
        required=True,
        on_change=take,
    )


def draw_threshold(work: Work, minutes: float) -> None:
    """Draw the threshold that holds after the edits, and changing it."""
    tr, key = work.tr, "w_whatif_minutes"
    if not work.is_open:
        markup.note(work.closed_note)
        return
    state.preset_widget(key, state.whatif("minutes") or minutes)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            tr("whatif.minutes"),
            min_value=1.0,
            max_value=240.0,
            step=5.0,
            format="%g",
            key=key,
            width=160,
            on_change=lambda: state.keep_whatif(minutes=state.widget_value(key)),
        )

        def take() -> None:
            whatif_acts.do(work, SetThreshold(float(state.widget_value(key))))
            state.keep_whatif(minutes=None)

        st.button(tr("whatif.set_minutes"), type="primary", key="w_whatif_set_minutes", on_click=take)
    markup.note(tr("whatif.minutes_note", now=f"{minutes:g}"))
    fault = state.whatif("fault")
    if fault is not None:
        show_failure(fault, tr)
