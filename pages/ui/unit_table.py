"""Tables of the Indicators page: units of a level with their indicators, and those where sign and access differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.access.established_reachable import FINDINGS
from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import downloads, gap_list, indicator_tables, markup, state

_FORMATS = {"share": "%.1f%%", "minutes": "%.1f", "people": "localized", "index": "%.3f"}


def draw_units(study: Study, indicators: pd.DataFrame, levels: list[str], tr: Translator) -> None:
    """Draw the units of a level that is chosen above the table; a click on a heading sorts by it."""
    markup.heading(tr("indicators.units"))
    level = st.segmented_control(
        tr("districts.level"),
        levels,
        default=levels[0],
        format_func=lambda one: tr(f"unit.{one}"),
        key="w_indicator_level",
        label_visibility="collapsed",
        required=True,
    )
    table = indicator_tables.pivot_units(indicators, level or levels[0])
    if table.empty:
        markup.note(tr("chart.nothing"))
        return
    shown = pd.DataFrame({"name": gap_list.name_places(study, map(str, table.index), tr)})
    columns: dict[str, ColumnConfig] = {"name": st.column_config.TextColumn(tr("column.district"), width="medium")}
    columns["people"] = _number(tr("column.total"), "localized")
    shown["people"] = table["people"].to_numpy(float).round()
    for code in table.columns[1:]:
        unit = find_indicator(code).unit
        shown[code] = table[code].to_numpy(float) * (100 if unit == "share" else 1)
        found = find_indicator(code)
        columns[code] = _number(
            _shorten(code, study, tr), _FORMATS[unit], help_text=tr(f"indicator.{found.code}.formula")
        )
    st.dataframe(shown, hide_index=True, placeholder="—", column_config=columns)
    markup.note(f"{tr('indicators.units_note')} {tr('indicators.source')}")
    taken = shown.set_axis([str(columns[name]["label"]) for name in shown.columns], axis=1)
    downloads.draw_download(study, taken, f"indicators_{level or levels[0]}", tr("chart.download"))


def draw_mismatches(
    study: Study, mismatches: pd.DataFrame, tr: Translator, *, choose: Callable[[str], None] | None = None
) -> None:
    """Draw, folded, the units with a sign that people do not reach, and those without one that they do.

    Parameters
    ----------
    study, mismatches, tr
        The study, the table of `coverage.access.established_reachable`, and the words.
    choose
        Called with the id of a unit when its row is selected, "" when it no longer is; None for a
        table without selection.
    """
    for finding in FINDINGS:
        own = mismatches[mismatches["finding"] == finding]
        with st.expander(tr(f"indicators.{finding}", count=len(own))):
            if own.empty:
                markup.note(tr("indicators.no_mismatch"))
                continue
            shown = pd.DataFrame(
                {
                    "level": [tr(f"unit.{one}") for one in own["level"]],
                    "name": gap_list.name_places(study, map(str, own["unit_id"]), tr),
                    "people": own["people"].to_numpy(float).round(),
                    "share": own["share_inside"].to_numpy(float) * 100,
                    "median": own["median_min"].to_numpy(float),
                    "stations": own["stations"].to_numpy(int),
                }
            )
            columns: dict[str, ColumnConfig] = {
                "level": st.column_config.TextColumn(tr("districts.level")),
                "name": st.column_config.TextColumn(tr("column.district"), width="medium"),
                "people": _number(tr("column.total"), "localized"),
                "share": _number(tr("indicator.B1.name"), "%.1f%%"),
                "median": _number(tr("indicator.B4.median.name"), "%.1f"),
                "stations": _number(tr("column.stations"), "localized"),
            }
            if choose is None:
                st.dataframe(shown, hide_index=True, placeholder="—", column_config=columns)
            else:
                draw_selectable(f"w_units_{finding}", shown, [str(one) for one in own["unit_id"]], columns, choose)
            markup.note(f"{tr(f'indicators.{finding}_note')} {tr('indicators.source')}")
            taken = shown.set_axis([str(columns[name]["label"]) for name in shown.columns], axis=1)
            downloads.draw_download(study, taken, finding, tr("chart.download"))


def draw_selectable(
    key: str,
    shown: pd.DataFrame,
    ids: list[str],
    columns: dict[str, ColumnConfig],
    choose: Callable[[str], None],
    height: int | Literal["auto"] = "auto",
) -> None:
    """Draw a table in which one row can be selected.

    Parameters
    ----------
    key
        Of the widget.
    shown, ids
        The rows and the id of each.
    columns
        How the columns look.
    choose
        Called with the id of the row, "" when nothing is selected any more.
    height
        Height [px].
    """

    def take() -> None:
        rows = state.widget_value(key)["selection"]["rows"]
        choose(ids[rows[0]] if rows and rows[0] < len(ids) else "")

    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        placeholder="—",
        column_config=columns,
        height=height,
        on_select=take,
        selection_mode="single-row",
    )


def _number(label: str, look: str, help_text: str | None = None) -> ColumnConfig:
    return st.column_config.NumberColumn(label, format=look, alignment="right", help=help_text)


def _shorten(code: str, study: Study, tr: Translator) -> str:
    """Name a column, with its unit where the number does not show it."""
    name = indicator_tables.name_indicator(code, study.catalogue, tr)
    return tr("indicators.in_minutes", name=name) if find_indicator(code).unit == "minutes" else name
