"""Where a new station could go: typed coordinates, a name, or a row of villages left out, gaps and candidates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.errors import PlannerError
from geodata.intake.cells.read_place_text import read_place_text
from geodata.words import number_format
from pages.ui import gap_list, markup, state, terms
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached, cached_siting
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.siting import siting_form
from pages.ui.siting.siting_fields import get_form
from pages.ui.table_view import draw_selectable
from pages.ui.whatif import whatif_acts
from pages.ui.whatif.whatif_acts import Work

_MOST_ROWS = 200
_TABLE_PX = 196
_AROUND_DEG = 0.06
_LISTS = ("villages", "gaps", "candidates")


def draw_places(work: Work, found: Outcome) -> None:
    """Draw the ways to a place other than a click on the map."""
    tr = work.tr
    markup.note(tr("whatif.click_hint"))
    left, right = st.columns(2, gap="small")
    with left:
        _draw_coordinates(work)
    with right:
        _draw_names(work)
    key = "w_whatif_list"
    state.preset_widget(key, state.whatif("list", _LISTS[0]))
    st.segmented_control(
        tr("whatif.list"),
        _LISTS,
        key=key,
        format_func=lambda one: tr(f"whatif.list.{one}"),
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.keep_whatif(list=state.widget_value(key)),
    )
    chosen = state.whatif("list", _LISTS[0])
    build = {"villages": _list_villages, "gaps": _list_gaps, "candidates": _list_candidates}[chosen]
    table = build(work, found)
    _draw_table(work, chosen, table, terms.unit_suffix(found.assessment.weight_column, tr))


def _draw_coordinates(work: Work) -> None:
    key = "w_whatif_coordinates"

    def take() -> None:
        text = str(state.widget_value(key))
        if not text.strip():
            return
        districts = work.study.districts
        try:
            lon, lat = read_place_text(text, districts.geometry.union_all() if len(districts) else None)
        except PlannerError as error:
            state.keep_refusal(error)
            return
        state.preset_widget(key, "")
        go_to(work, lon, lat)

    st.text_input(work.tr("whatif.coordinates"), key=key, placeholder="87.61, 43.82", max_chars=120, on_change=take)


def _draw_names(work: Work) -> None:
    study, tr, key = work.study, work.tr, "w_whatif_search"
    names = cached.vault().fetch("search_names", (study.fingerprint, tr.language), lambda: _name_all(work))
    state.preset_widget(key, None)

    def take() -> None:
        found = state.widget_value(key)
        if not found:
            return
        what, one = found[0], found[2:]
        if what == "s":
            row = study.stations.loc[one]
            state.keep_whatif(selected=one, draft=None)
            move_to(float(row["lon"]), float(row["lat"]))
        else:
            west, south, east, north = study.districts.geometry[one].bounds
            state.move_map((float(west), float(south), float(east), float(north)))

    st.selectbox(
        tr("whatif.search"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=tr("whatif.search_hint"),
        key=key,
        on_change=take,
    )


def _name_all(work: Work) -> dict[str, str]:
    """Name every district and station, by what it is and its id."""
    ids = [str(one) for one in work.study.districts.index]
    names = dict(zip((f"d {one}" for one in ids), gap_list.name_places(work.study, ids, work.tr), strict=True))
    stations = work.study.stations["name"]
    return names | dict(zip((f"s {one}" for one in stations.index), stations.astype(str).tolist(), strict=True))


def go_to(work: Work, lon: float, lat: float, name: str = "") -> None:
    """Try a station at a place and move the map there."""
    whatif_acts.begin_draft(work, lon, lat, name)
    move_to(lon, lat)


def move_to(lon: float, lat: float) -> None:
    """Move the map to a place."""
    tall = _AROUND_DEG * float(np.cos(np.radians(lat)))
    state.move_map((lon - _AROUND_DEG, lat - tall, lon + _AROUND_DEG, lat + tall))


def _list_villages(work: Work, found: Outcome) -> pd.DataFrame:
    """List the demand points that are outside after the edits, most people first."""

    def build() -> pd.DataFrame:
        demand = found.assessment.demand
        people = np.where((demand["status"] != "covered").to_numpy(bool), demand["weight"].to_numpy(float), 0.0)
        rows = np.argsort(-people, kind="stable")[:_MOST_ROWS]
        outside = demand.iloc[rows[people[rows] > 0]]
        names = gap_list.name_places(work.study, outside["district_id"].tolist(), work.tr)
        return _build(outside.index.astype(str), names, outside["weight"], outside["minutes"], outside)

    key = (found.study.fingerprint, found.question, work.tr.language)
    return cached.vault().fetch("villages", key, build)


def _list_gaps(work: Work, found: Outcome) -> pd.DataFrame:
    gaps = cached.ask(work.study, work.question).get("gap_list").head(_MOST_ROWS)
    names = gap_list.name_places(work.study, gaps["district_id"].tolist(), work.tr)
    return _build(gaps.index.astype(str), names, gaps["people"], gaps["median_min"], gaps)


def _list_candidates(work: Work, found: Outcome) -> pd.DataFrame:
    """List the candidates of the Sites page that are no existing station."""
    options = siting_form.build_options(get_form(), work.study, work.question)
    with shown_progress(work.tr, "doing.candidates") as progress:
        listed = cached_siting.fetch_candidates(work.study, work.question, options, progress).table
    new = listed[(listed["station_id"] == "").to_numpy(bool)].head(_MOST_ROWS)
    nothing = np.full(len(new), np.nan)
    return _build(new.index.astype(str), new["name"].astype(str).tolist(), nothing, nothing, new)


def _build(ids: pd.Index[str], names: list[str], people: object, minutes: object, at: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": list(ids),
            "name": names,
            "people": np.asarray(people, float).round(),
            "minutes": np.asarray(minutes, float),
            "lon": at["lon"].to_numpy(float),
            "lat": at["lat"].to_numpy(float),
        }
    )


def _draw_table(work: Work, chosen: str, table: pd.DataFrame, unit: str) -> None:
    tr = work.tr
    if table.empty:
        markup.note(tr("whatif.list_none"))
        return
    shown = table[["name", "people"]].copy()
    shown["minutes"] = [number_format.minutes(one, tr.language) for one in table["minutes"]]
    columns: dict[str, ColumnConfig] = {
        "name": st.column_config.TextColumn(tr("gap.name")),
        "people": st.column_config.NumberColumn(unit or tr("gap.people"), format="localized", width=58),
        "minutes": st.column_config.TextColumn(tr("gap.minutes_short"), width=58, alignment="right"),
    }
    if chosen == "candidates":
        shown, columns = shown[["name"]], {"name": columns["name"]}

    def choose(one: str) -> None:
        if one:
            row = table[table["id"] == one].iloc[0]
            go_to(work, float(row["lon"]), float(row["lat"]))

    key = f"w_whatif_table_{chosen}"
    state.preset_selection(key, [])
    draw_selectable(key, shown, table["id"].tolist(), columns, choose, height=_TABLE_PX)
