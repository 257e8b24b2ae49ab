"""Tables of the Indicators page: units of a level with their indicators, and those where sign and access differ."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.access.established_reachable import FINDINGS
from coverage.answer.answer import Answer
from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.study import Study
from coverage.tables.evidence import Evidence
from coverage.tables.unit_tables import build_mismatches, list_mismatches
from geodata.words.i18n import Translator
from pages.ui import downloads, gap_list, indicator_tables, markup
from pages.ui.table_view import draw_typed

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


def draw_mismatches(answer: Answer, tr: Translator, *, choose: Callable[[str], None] | None = None) -> None:
    """Draw, folded, the units with a point below standard, and those without one whose people are served.

    Parameters
    ----------
    answer, tr
        The answer to the question, and the words.
    choose
        Called with the id of a unit when its row is selected, "" when it no longer is; None for a
        table without selection.
    """
    evidence = Evidence(answer)
    for finding, name in zip(FINDINGS, ("not_reachable_all", "reachable_only"), strict=True):
        ids = list_mismatches(evidence, finding)["unit_id"].astype(str).tolist()
        with st.expander(tr(f"indicators.{finding}", count=len(ids))):
            table = build_mismatches(evidence, finding, table_id=name)
            if table is None:
                markup.note(tr("indicators.no_mismatch"))
                continue
            draw_typed(table, answer, tr, key=f"w_units_{finding}", ids=ids, choose=choose, download=finding)


def _number(label: str, look: str, help_text: str | None = None) -> ColumnConfig:
    return st.column_config.NumberColumn(label, format=look, alignment="right", help=help_text)


def _shorten(code: str, study: Study, tr: Translator) -> str:
    """Name a column, with its unit where the number does not show it."""
    name = indicator_tables.name_indicator(code, study.catalogue, tr)
    return tr("indicators.in_minutes", name=name) if find_indicator(code).unit == "minutes" else name
