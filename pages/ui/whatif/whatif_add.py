"""A new station on the What-if page: how it meets the road, what it is, and adding it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from coverage.scenario.edits import AddStation
from geodata.words import number_format
from pages.ui import markup, state, terms
from pages.ui.failures import show_failure
from pages.ui.whatif import whatif_acts
from pages.ui.whatif.whatif_acts import Work
from pages.ui.whatif.whatif_spot import find_snapped


def draw_draft(work: Work, draft: AddStation) -> None:
    """Draw the form of the station that is being placed."""
    tr, study = work.tr, work.study
    markup.heading(tr("whatif.new_station"))
    _draw_place(work, draft)
    kinds = {kind.id: kind for kind in whatif_acts.offer_kinds(work)}

    def name_kind(kind: str) -> str:
        layer = "" if kinds[kind].is_fixed else tr(f"whatif.layer.{kinds[kind].layer}")
        return terms.say(kinds[kind].name, tr) + layer

    left, right = st.columns(2, gap="small")
    with left:
        key = _bind("kind", draft)
        state.preset_widget(key, draft.kind)
        st.selectbox(
            tr("whatif.kind"),
            list(kinds),
            key=key,
            format_func=name_kind,
            on_change=lambda: whatif_acts.turn_draft(work, kinds[state.widget_value(key)]),
        )
    with right:
        _draw_text(work, draft, "name", tr("whatif.name"), draft.station_id)
    _draw_services(work, draft)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            tr("whatif.confirm"),
            type="primary",
            key="w_whatif_confirm",
            on_click=whatif_acts.confirm_draft,
            args=(work,),
        )
        st.button(tr("whatif.leave"), key="w_whatif_leave", on_click=whatif_acts.leave, args=(work,))
        with st.popover(tr("whatif.more")):
            _draw_more(work, draft)
    faults = state.whatif("fault")
    if faults is not None:
        show_failure(faults, tr)
    if study.catalogue.kinds and len(kinds) < len(study.catalogue.kinds):
        markup.note(tr("whatif.no_police"))


def _draw_place(work: Work, draft: AddStation) -> None:
    tr = work.tr
    spot, road = find_snapped(work.study, work.question, draft.lon, draft.lat)
    at = f"{draft.lon:.5f}, {draft.lat:.5f}"
    if road is None:
        markup.put(markup.element("p", markup.words(tr("whatif.no_road", at=at)), look="p-fact p-warn"))
        return
    snap = work.study.settings.snap
    metres = float(spot.snapped.access_m[0])
    minutes = float(np.asarray(spot.places.access_s)[0]) / 60.0
    said = tr(
        "whatif.snapped",
        at=at,
        metres=number_format.number(metres),
        minutes=number_format.number(minutes, 1),
        speed=f"{snap.access_kph:g}",
    )
    markup.put(markup.element("p", markup.words(said), look="p-fact"))


def _bind(field: str, draft: AddStation) -> str:
    return f"w_whatif_{field}_{draft.station_id}"


def _draw_text(work: Work, draft: AddStation, field: str, label: str, hint: str) -> None:
    key = _bind(field, draft)
    state.preset_widget(key, getattr(draft, field))
    st.text_input(
        label,
        key=key,
        max_chars=100,
        placeholder=hint,
        on_change=lambda: whatif_acts.change_draft(work, **{field: state.widget_value(key).strip()}),
    )


def _draw_services(work: Work, draft: AddStation) -> None:
    catalogue, tr, key = work.study.catalogue, work.tr, _bind("services", draft)
    state.preset_widget(key, list(draft.services or ()))
    st.multiselect(
        tr("whatif.services"),
        whatif_acts.offer_items(work, is_new=True),
        key=key,
        format_func=lambda one: terms.say(catalogue.item(one).name, tr),
        placeholder=tr("whatif.services_none"),
        on_change=lambda: whatif_acts.change_draft(work, services=tuple(state.widget_value(key))),
    )


def _draw_more(work: Work, draft: AddStation) -> None:
    catalogue, tr = work.study.catalogue, work.tr
    key = _bind("level", draft)
    levels = [level.id for level in catalogue.levels]
    state.preset_widget(key, draft.level or catalogue.kind(draft.kind).level)
    st.selectbox(
        tr("control.level"),
        levels,
        key=key,
        format_func=lambda one: terms.level_name(catalogue, one, tr),
        on_change=lambda: whatif_acts.change_draft(work, level=state.widget_value(key)),
    )
    _draw_text(work, draft, "hours", tr("whatif.hours"), tr("whatif.hours_hint"))
    _draw_number(work, draft, "capacity", tr("whatif.capacity"), 1.0)
    _draw_number(work, draft, "cost", tr("whatif.cost_wan"), 10_000.0)


def _draw_number(work: Work, draft: AddStation, field: str, label: str, unit: float) -> None:
    key = _bind(field, draft)
    value: float | None = getattr(draft, field)
    state.preset_widget(key, None if value is None else value / unit)

    def take() -> None:
        now: Any = state.widget_value(key)
        whatif_acts.change_draft(work, **{field: None if now is None else float(now) * unit})

    st.number_input(
        label, min_value=0.0, max_value=1e9, step=1.0, format="%g", key=key, placeholder="—", on_change=take
    )
