"""A station of the scenario: moving, closing, reopening it, and changing what it offers."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import streamlit as st

from coverage.errors import PlannerError
from coverage.inputs.schema import STATION_STATUSES
from coverage.scenario.edits import AddStation, ChangeStation, CloseStation, MoveStation, ReopenStation
from geodata.intake.cells.read_place_text import read_place_text
from geodata.words import number_format
from pages.ui import markup, state, terms
from pages.ui.failures import show_failure
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.table_row import take_row
from pages.ui.whatif import whatif_acts, whatif_words
from pages.ui.whatif.whatif_acts import Work


def draw_station(work: Work, found: Outcome, station: str) -> None:
    """Draw what a station is after the edits, and what can be done with it."""
    tr, row = work.tr, take_row(found.study.stations, station)
    status = str(row["status"])
    markup.heading(str(row["name"]))
    facts = [
        whatif_words.kind_name(work.study, str(row["kind"]), tr),
        terms.level_name(work.study.catalogue, str(row["level"]), tr),
        tr(f"station_status.{status}"),
        tr("whatif.serves", people=number_format.people(_count_people(found, station))),
    ]
    markup.put(markup.element("p", markup.words(" · ".join(facts)), look="p-fact"))
    if not work.is_open:
        markup.note(work.closed_note)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if status != "existing":
            label = "whatif.reopen" if status == "closed" else "whatif.open"
            _button(work, label, "w_whatif_reopen", ReopenStation(station), is_first=True)
        if status != "closed":
            _button(work, "whatif.close", "w_whatif_close", CloseStation(station), is_first=status == "existing")
        with st.popover(tr("whatif.edit_station")):
            _draw_form(work, station, row)
        with st.popover(tr("whatif.move_to")):
            _draw_move(work, station)
        st.button(tr("whatif.done"), key="w_whatif_leave", on_click=whatif_acts.leave, args=(work,))
    markup.note(tr("whatif.drag_hint"))
    fault = state.whatif("fault")
    if fault is not None:
        show_failure(fault, tr)


def _count_people(found: Outcome, station: str) -> float:
    demand = found.assessment.demand
    return float(demand["weight"].to_numpy(float)[(demand["station_id"] == station).to_numpy(bool)].sum())


def _button(work: Work, label: str, key: str, edit: CloseStation | ReopenStation, *, is_first: bool) -> None:
    look: Literal["primary", "secondary"] = "primary" if is_first else "secondary"

    def act() -> None:
        whatif_acts.do(work, edit)

    st.button(work.tr(label), key=key, type=look, on_click=act)


def _draw_form(work: Work, station: str, row: pd.Series[Any]) -> None:
    """Draw what a station offers in a form: it is saved as one edit."""
    tr, catalogue = work.tr, work.study.catalogue
    is_new = any(isinstance(edit, AddStation) and edit.station_id == station for edit in work.edits)
    offered = whatif_acts.offer_items(work, is_new=is_new)
    now = [one for one in row["services"] if one in offered]
    capacity = None if pd.isna(row["capacity"]) else float(row["capacity"])
    keys = {name: f"w_whatif_form_{name}_{station}" for name in ("services", "hours", "capacity", "status")}

    def take() -> None:
        values: dict[str, Any] = {name: state.widget_value(key) for name, key in keys.items()}
        changed: dict[str, Any] = {}
        if set(values["services"]) != set(now):
            changed["services"] = tuple(values["services"])
        if values["hours"].strip() != row["hours"]:
            changed["hours"] = values["hours"].strip()
        if values["capacity"] is not None and values["capacity"] != capacity:
            changed["capacity"] = float(values["capacity"])
        if values["status"] != row["status"]:
            changed["status"] = values["status"]
        if changed:
            whatif_acts.do(work, ChangeStation(station, **changed))

    with st.form(f"w_whatif_form_{station}", border=False):
        st.multiselect(
            tr("whatif.services"),
            offered,
            default=now,
            key=keys["services"],
            format_func=lambda one: terms.say(catalogue.item(one).name, tr),
            placeholder=tr("whatif.services_none"),
        )
        st.text_input(tr("whatif.hours"), value=str(row["hours"]), key=keys["hours"], max_chars=200)
        st.number_input(
            tr("whatif.capacity"),
            value=capacity,
            min_value=0.0,
            step=1.0,
            format="%g",
            key=keys["capacity"],
            placeholder="—",
        )
        st.selectbox(
            tr("whatif.status"),
            STATION_STATUSES,
            index=STATION_STATUSES.index(str(row["status"])),
            key=keys["status"],
            format_func=lambda one: tr(f"station_status.{one}"),
        )
        st.form_submit_button(tr("whatif.save"), type="primary", on_click=take)


def _draw_move(work: Work, station: str) -> None:
    key = f"w_whatif_move_{station}"

    def take() -> None:
        text = str(state.widget_value(key))
        if not text.strip():
            return
        try:
            lon, lat = read_place_text(text)
        except PlannerError as error:
            state.keep_refusal(error)
            return
        whatif_acts.do(work, MoveStation(station, lon, lat))
        state.preset_widget(key, "")

    st.text_input(work.tr("whatif.coordinates"), key=key, placeholder="87.61, 43.82", max_chars=120, on_change=take)
