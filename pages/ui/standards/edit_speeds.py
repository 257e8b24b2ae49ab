"""Standards, speeds and seasons: how fast roads are travelled, and what slows people down."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.inputs.study import Study
from coverage.network.settings import Mode
from coverage.network.speeds import SpeedTable
from geodata.intake.measured_regions import (
    AVERAGE,
    find_region,
    list_regions,
    read_default_sources,
    read_default_speeds,
)
from geodata.intake.read_speeds import read_speed_sources
from geodata.studies.write_speeds import encode_speeds
from geodata.words.i18n import Translator
from pages.ui import drafts, markup, save_bar, state, terms
from pages.ui.drafts import Draft
from pages.ui.standards import speed_sheets
from pages.ui.standards.calibrate_speeds import draw_calibration
from pages.ui.standards.speed_sheets import SEASON

_LONGEST_SEASON = 30


def draw(study: Study, bar: DeltaGenerator, tr: Translator) -> None:
    """Draw the part."""
    start = study.speeds
    path, mode = drafts.find_own_file(study, "speeds"), study.settings.mode
    draft = drafts.begin("speeds", start)
    measured = study.speed_bounds is not None
    markup.note(tr("standards.speeds.measured" if measured else "standards.speeds.assumed", table=start.id))
    if mode == "drive":
        _draw_province(draft, study.province, tr)
        if study.network is not None:
            draw_calibration(draft, study, lambda fitted, source: _put_table(draft, fitted, source), tr)
    _draw_classes(draft, start, mode, tr)
    below = st.container()
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _draw_delays(draft, start, tr)
    with right:
        sources = read_speed_sources(path) if path else read_default_sources(mode)
        _draw_values(draft, _list_values(start, sources), mode, tr)
    _draw_limits(draft, start, tr)
    sheets = {name: sheet.now for name, sheet in draft.sheets.items()}
    # A share of posted limits is asked for only where limits are driven.
    table = speed_sheets.to_table(start, sheets, {"maxspeed_factor": start.maxspeed_factor} | draft.values)
    faults = speed_sheets.find_faults(table, sheets, study.settings.season, tr)

    def build() -> save_bar.Edit:
        province = str(draft.values.get("province", study.province))
        sections = {"speeds": {"province": province}} if province != study.province else {}
        if speed_sheets.is_same_table(table, read_default_speeds(mode, province)):
            return save_bar.Edit({"speeds": None}, sections)
        own = table if path else replace(table, id=f"{table.id}-own")
        return save_bar.Edit({"speeds": encode_speeds(own, sources=draft.values["sources"])}, sections)

    with bar:
        save_bar.draw_bar(draft, start, faults, below, build, tr)


def _draw_province(draft: Draft, start: str, tr: Translator) -> None:
    """Choose whose measured speeds are driven; another choice puts its table on screen."""
    names = {region.id: terms.say(region.name, tr) for region in list_regions()}

    def draw_choice(key: str) -> str:
        def turn() -> None:
            _put_default(draft, "drive", find_region(str(state.widget_value(key))).id)

        return st.selectbox(
            tr("standards.speeds.province"),
            list(names),
            format_func=lambda one: names[one],
            key=key,
            on_change=turn,
            help=tr("standards.speeds.province_help"),
        )

    left, _ = st.columns([1, 2])
    with left:
        drafts.keep_value(draft, "province", start, draw_choice)


def _put_default(draft: Draft, mode: Mode, province: str) -> None:
    """Put the default table of a province on screen."""
    _put_table(draft, read_default_speeds(mode, province), read_default_sources(mode))


def _put_table(draft: Draft, table: SpeedTable, sources: str) -> None:
    """Put another table on screen."""
    for sheet in ("classes", "delays", "limits"):
        drafts.put_sheet(draft, sheet, getattr(speed_sheets, f"to_{sheet}")(table))
    for field, value in _list_values(table, sources).items():
        drafts.put_value(draft, field, value)


def _draw_classes(draft: Draft, start: SpeedTable, mode: Mode, tr: Translator) -> None:
    markup.heading(tr("standards.speeds.classes"))
    first = speed_sheets.to_classes(start)
    sheet = draft.sheets["classes"].now if "classes" in draft.sheets else first
    limits_are = "driven" if mode == "drive" else "bounds"
    columns: dict[str, ColumnConfig] = {
        "class": st.column_config.SelectboxColumn(
            tr("standards.speeds.class"),
            options=speed_sheets.list_classes(start),
            format_func=lambda road: speed_sheets.say_road(str(road), tr),
            required=True,
            width="medium",
        ),
        "kph": _number(tr("standards.speeds.kph"), 300.0, tr(f"standards.speeds.kph_help.{limits_are}")),
        "urban": _number(tr("standards.speeds.urban"), 2.0, tr("standards.speeds.urban_help")),
    }
    for name in sheet.columns:
        if name.startswith(SEASON):
            season = terms.season_name(name.removeprefix(SEASON), tr)
            columns[name] = _number(
                tr("standards.speeds.season", season=season), 2.0, tr("standards.speeds.season_help")
            )
    drafts.edit_sheet(draft, "classes", lambda: first, columns)
    markup.note(tr("standards.speeds.classes_help"))
    _draw_seasons(draft, mode, tr)


def _draw_seasons(draft: Draft, mode: Mode, tr: Translator) -> None:
    known = [name.removeprefix(SEASON) for name in draft.sheets["classes"].now.columns if name.startswith(SEASON)]

    def add() -> None:
        name = str(state.widget_value("w_standards_season") or "").strip()
        if name and name not in ("summer", *known):
            table = draft.sheets["classes"].now
            factor = [1.0 if road == speed_sheets.OTHERS else None for road in table["class"]]
            drafts.put_sheet(draft, "classes", table.assign(**{SEASON + name: pd.Series(factor, table.index, float)}))
            state.forget("w_standards_season")

    def remove() -> None:
        name = state.widget_value("w_standards_season_gone")
        if name in known:
            drafts.put_sheet(draft, "classes", draft.sheets["classes"].now.drop(columns=SEASON + name))

    def reset() -> None:
        _put_default(draft, mode, str(draft.values.get("province", AVERAGE)))

    row = st.columns([1.6, 0.9, 1.6, 0.9, 1.3], vertical_alignment="bottom")
    with row[0]:
        st.text_input(tr("standards.speeds.new_season"), key="w_standards_season", max_chars=_LONGEST_SEASON)
    with row[1]:
        st.button(tr("standards.speeds.add_season"), key="w_standards_season_add", on_click=add, width="stretch")
    with row[2]:
        st.selectbox(
            tr("standards.speeds.old_season"),
            known,
            key="w_standards_season_gone",
            index=None,
            placeholder=tr("standards.choose"),
            format_func=lambda one: terms.season_name(one, tr),
        )
    with row[3]:
        st.button(tr("standards.remove"), key="w_standards_season_remove", on_click=remove, width="stretch")
    with row[4]:
        st.button(tr("standards.speeds.reset"), key="w_standards_speeds_reset", on_click=reset, width="stretch")


def _draw_delays(draft: Draft, start: SpeedTable, tr: Translator) -> None:
    markup.heading(tr("standards.speeds.delays"))
    columns: dict[str, ColumnConfig] = {
        "cause": st.column_config.SelectboxColumn(
            tr("method.column.delay"),
            options=list(speed_sheets.to_delays(start)["cause"]),
            format_func=lambda cause: tr(f"method.delay.{cause}"),
            width="medium",
        ),
        "seconds": _number(tr("standards.speeds.seconds"), 3600.0),
    }
    drafts.edit_sheet(
        draft,
        "delays",
        lambda: speed_sheets.to_delays(start),
        columns,
        rows="fixed",
        disabled=["cause"],
        numbered=False,
    )


def _list_values(table: SpeedTable, sources: str) -> dict[str, str | float]:
    return {
        "maxspeed_factor": table.maxspeed_factor,
        "urban_junctions": table.urban_junctions_per_km2,
        "side": "right" if table.turns.drives_on_right else "left",
        "sources": sources,
    }


def _draw_values(draft: Draft, first: dict[str, str | float], mode: Mode, tr: Translator) -> None:
    markup.heading(tr("standards.speeds.rules"))
    fields = (("maxspeed_factor", 0.1, 2.0, 0.05), ("urban_junctions", 0.0, 10_000.0, 5.0))
    for field, low, high, step in fields if mode == "drive" else fields[1:]:
        label = tr(f"standards.speeds.{field}")
        drafts.keep_value(draft, field, first[field], partial(_draw_value, label, low, high, step))
    drafts.keep_value(
        draft,
        "side",
        first["side"],
        lambda key: st.selectbox(
            tr("standards.speeds.side"),
            ["right", "left"],
            format_func=lambda side: tr(f"standards.speeds.side.{side}"),
            key=key,
        ),
    )
    drafts.keep_value(
        draft,
        "sources",
        first["sources"],
        lambda key: st.text_area(tr("standards.speeds.sources"), key=key, max_chars=1000, height=80),
    )


def _draw_value(label: str, low: float, high: float, step: float, key: str) -> float:
    return st.number_input(label, min_value=low, max_value=high, step=step, format="%g", key=key)


def _draw_limits(draft: Draft, start: SpeedTable, tr: Translator) -> None:
    with st.expander(tr("standards.speeds.limits")):
        columns: dict[str, ColumnConfig] = {
            "tag": st.column_config.SelectboxColumn(
                tr("method.column.tag"),
                options=list(speed_sheets.TAGS),
                format_func=lambda tag: tr(f"method.tag.{tag}"),
                required=True,
            ),
            "value": st.column_config.TextColumn(tr("method.column.tag_value"), required=True, max_chars=60),
            "kph": _number(tr("standards.speeds.limit"), 300.0),
        }
        drafts.edit_sheet(draft, "limits", lambda: speed_sheets.to_limits(start), columns)
        markup.note(tr("standards.speeds.limits_help"))


def _number(label: str, most: float, help_text: str | None = None) -> ColumnConfig:
    return st.column_config.NumberColumn(
        label, min_value=0.0, max_value=most, format="%.4g", alignment="right", help=help_text
    )
