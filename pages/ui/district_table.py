"""The table of districts, worst first, linked with the map."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.access.assessment import Assessment
from coverage.inputs.indicator_registry import DEFAULT_UNIT_SHARE
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import drop_outside, put_outside_last
from geodata.words.i18n import Translator
from pages.ui import gap_list, markup, state

_KEY = "w_districts"


def order_districts(assessment: Assessment, level: str, *, only_established: bool) -> pd.DataFrame:
    """Return the districts of a level, the smallest share inside first, and at the end who is outside all of them.

    Parameters
    ----------
    assessment
        The answer.
    level
        Level of the districts.
    only_established
        Only units with a station of their own, of whose people fewer than 80 % are inside.
    """
    table = assessment.districts
    table = table[(table["level"] == level) & (table["total"] > 0)]
    if only_established:
        table = drop_outside(table, table.index)
        table = table[table["has_station"].astype(bool) & (table["share_covered"] < DEFAULT_UNIT_SHARE)]
    table = table.sort_values(["share_covered", "total"], ascending=[True, False], kind="stable")
    return put_outside_last(table, table.index)


def draw_districts(study: Study, assessment: Assessment, tr: Translator) -> None:
    """Draw the table; choosing a row outlines the district and moves the map there."""
    levels = [level for level in DISTRICT_LEVELS if (study.districts["level"] == level).any()]
    levels = [level for level in levels if (study.districts["level"] == level).sum() > 1] or levels
    markup.heading(tr("districts.title"))
    with st.container(horizontal=True, vertical_alignment="center"):
        level = st.segmented_control(
            tr("districts.level"),
            levels,
            default=levels[0],
            format_func=lambda one: tr(f"unit.{one}"),
            key="w_district_level",
            label_visibility="collapsed",
            required=True,
        )
        only = st.checkbox(tr("districts.only_established"), key="w_only_established")
    level = level or levels[0]
    table = order_districts(assessment, level, only_established=only)
    if table.empty:
        markup.note(tr("districts.none_established"))
        return
    ids = [str(one) for one in table.index]
    shown = pd.DataFrame(
        {
            "name": gap_list.name_places(study, ids, tr),
            "stations": table["stations"].to_numpy(int),
            "total": table["total"].to_numpy(float).round(),
            "share": table["share_covered"].to_numpy(float) * 100,
            "beyond": table["beyond"].to_numpy(float).round(),
            "no_route": table["no_route"].to_numpy(float).round(),
            "unconnected": table["unconnected"].to_numpy(float).round(),
            "median": table["median_min"].to_numpy(float).round(1),
            "p90": table["p90_min"].to_numpy(float).round(1),
        }
    )

    def number(label: str, look: str) -> ColumnConfig:
        return st.column_config.NumberColumn(label, format=look, alignment="right")

    st.dataframe(
        shown,
        key=_KEY,
        hide_index=True,
        placeholder="—",
        on_select=lambda: _choose(study, ids),
        selection_mode="single-row",
        column_config={
            "name": st.column_config.TextColumn(tr("column.district"), width="medium"),
            "stations": number(tr("column.stations"), "localized"),
            "total": number(tr("column.total"), "localized"),
            "share": number(tr("column.share"), "%.1f%%"),
            "beyond": number(tr("column.beyond"), "localized"),
            "no_route": number(tr("column.no_route"), "localized"),
            "unconnected": number(tr("column.unconnected"), "localized"),
            "median": number(tr("column.median"), "%.1f"),
            "p90": number(tr("column.p90"), "%.1f"),
        },
    )


def _choose(study: Study, ids: list[str]) -> None:
    rows = state.widget_value(_KEY)["selection"]["rows"]
    if not rows or rows[0] >= len(ids):
        state.select_district("")
        return
    show_district(study, ids[rows[0]])


def show_district(study: Study, district_id: str) -> None:
    """Outline a district and move the map there."""
    if district_id in study.districts.index:
        state.select_district(district_id)
        west, south, east, north = study.districts.geometry[district_id].bounds
        state.move_map((float(west), float(south), float(east), float(north)))


def draw_search(study: Study, tr: Translator) -> None:
    """Draw the list of names to search; choosing one shows that district on the map."""
    if not len(study.districts):
        return

    def go() -> None:
        found = state.widget_value("w_search")
        if found:
            show_district(study, found)

    st.selectbox(
        tr("map.search"),
        [str(one) for one in study.districts.index],
        index=None,
        format_func=lambda one: gap_list.name_place(study, one, tr),
        placeholder=tr("map.search"),
        key="w_search",
        label_visibility="collapsed",
        on_change=go,
    )
