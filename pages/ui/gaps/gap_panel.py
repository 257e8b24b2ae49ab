"""The ranked gaps beside the map, and everything about the one that is selected."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import gap_list, markup, state, terms
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached, cached_gaps
from pages.ui.memo.cached_shapes import MOST_GAPS
from pages.ui.study_contents import draw_table
from pages.ui.table_row import take_row
from pages.ui.table_view import draw_selectable

_KEY = "w_gap_table"
_LIST_PX, _TALL_PX = 213, 458  # with and without a card beneath
_AROUND_DEG = 0.01


def draw_gaps(study: Study, question: Question, tr: Translator) -> None:
    """Draw the list and the card of the selected gap."""
    gaps = cached.ask(study, question).get("gap_list")
    if gaps.empty:
        markup.note(tr("gaps.none"))
        return
    shown = gaps.head(MOST_GAPS)
    rank = state.selected_gap(question)
    rows = [rank - 1] if 0 < rank <= len(shown) else []
    state.preset_selection(_KEY, rows)
    unit = terms.unit_suffix(cached.ask(study, question).assessment.weight_column, tr)
    named = pd.DataFrame(
        {
            "rank": shown.index.to_numpy(),
            "name": gap_list.name_places(study, map(str, shown["district_id"]), tr),
            "people": shown["people"].to_numpy(float).round(),
            "minutes": say_minutes(shown, tr),
        }
    )
    columns: dict[str, ColumnConfig] = {
        "rank": st.column_config.NumberColumn(tr("gap.rank"), width=32, alignment="right"),
        "name": st.column_config.TextColumn(tr("gap.name")),
        "people": st.column_config.NumberColumn(unit or tr("gap.people"), format="localized", width=60),
        "minutes": st.column_config.TextColumn(tr("gap.minutes_short"), width=60, alignment="right"),
    }
    ids = [str(one) for one in shown.index]
    height = _LIST_PX if rank else _TALL_PX
    draw_selectable(_KEY, named, ids, columns, lambda one: choose_gap(gaps, question, one), height=height)
    markup.note(tr("gap.list_note", count=len(gaps)))
    if rank in gaps.index:
        _draw_card(study, question, gaps, rank, tr)
    else:
        markup.note(tr("gap.choose"))


def say_minutes(gaps: pd.DataFrame, tr: Translator) -> list[str]:
    """Say the minutes of gaps, see `gap_list.say_minutes`."""
    pairs = zip(gaps["median_min"], gaps["status"], strict=True)
    return [gap_list.say_minutes(float(median), str(status), tr) for median, status in pairs]


def choose_gap(gaps: gpd.GeoDataFrame, question: Question, gap_id: str) -> None:
    """Outline a gap and move the map there; "" takes the outline away."""
    state.select_gap(question, int(gap_id or 0))
    if gap_id:
        state.show_panel("gaps")
        west, south, east, north = gaps.geometry[int(gap_id)].bounds
        state.move_map((west - _AROUND_DEG, south - _AROUND_DEG, east + _AROUND_DEG, north + _AROUND_DEG))


def name_station(study: Study, station_id: str) -> str:
    """Name a station; a dash for none."""
    known = station_id in study.stations.index
    return str(study.stations["name"][station_id]) if known else number_format.MISSING


def _draw_card(study: Study, question: Question, gaps: gpd.GeoDataFrame, rank: int, tr: Translator) -> None:
    gap = take_row(gaps, rank)
    weight = cached.ask(study, question).assessment.weight_column
    name = gap_list.name_place(study, str(gap["district_id"]), tr)
    markup.heading(tr("gap.card", rank=rank, name=name))
    people = number_format.people(float(gap["people"])) + terms.unit_suffix(weight, tr)
    parts = [
        tr("gap.card_part", name=tr(f"column.{one}"), people=number_format.people(float(gap[one])))
        for one in ("beyond", "no_route", "unconnected")
        if float(gap[one]) > 0
    ]
    facts = [
        tr("gap.card_people", people=people, points=int(gap["points"]), parts=tr("list.comma").join(parts)),
        tr(
            "gap.card_nearest",
            station=name_station(study, str(gap["station_id"])),
            minutes=number_format.minutes(float(gap["median_min"]), tr.language, 1),
        ),
        tr("gap.card_missing", missing=tr(f"missing.{gap['missing']}")),
    ]
    markup.put(*(markup.element("p", markup.words(fact), look="p-fact") for fact in facts))
    with shown_progress(tr, "doing.remedies") as progress:
        remedies = cached_gaps.fetch_remedies(study, question, rank, progress)
    if remedies.empty:
        markup.note(tr("gap.no_remedy"))
        return
    markup.put(draw_table(_list_remedies(study, remedies, tr)))
    markup.note(tr("gap.remedy_note"))


def _list_remedies(study: Study, remedies: pd.DataFrame, tr: Translator) -> pd.DataFrame:
    """Name every remedy that was computed; the suggested one says so."""
    names = []
    for remedy, station, road_m, suggested in zip(
        *(remedies[name] for name in ("remedy", "station_id", "road_m", "is_suggested")), strict=True
    ):
        name = tr(f"remedy.{remedy}")
        if station:
            name += tr("gap.at_station", station=name_station(study, str(station)))
        if road_m > 0:
            name += tr("gap.road_length", km=number_format.number(road_m / 1000.0, 1))
        names.append(tr("gap.suggested", remedy=name) if suggested else name)
    return pd.DataFrame(
        {
            tr("gap.remedy"): names,
            tr("gap.covers_here"): [number_format.people(float(one)) for one in remedies["newly_covered_gap"]],
            tr("gap.covers_all"): [number_format.people(float(one)) for one in remedies["newly_covered"]],
        }
    )
