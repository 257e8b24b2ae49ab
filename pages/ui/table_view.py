"""Typed tables on screen: titles, units and cells are those of the report; a row may be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.answer.answer import Answer
from coverage.tables.report_value import CellKind, Table
from geodata.documents.content.id_names import Words
from geodata.documents.content.names_in_both_languages import list_names
from geodata.documents.content.word_table import TableWording, WordedTable
from geodata.words.i18n import Translator
from pages.ui import downloads, markup, state

# How the numbers of a kind are shown; all else is text. Shares are multiplied by 100 for it.
_FORMATS: dict[CellKind, str] = {
    "people": "localized",
    "count": "localized",
    "share": "%.1f%%",
    "points": "%+.1f",
    "minutes": "%.1f",
    "hours": "%.1f",
    "metres": "localized",
    "km": "%.1f",
    "yuan": "localized",
    "visits": "%.1f",
    "index": "%.3f",
    "year": "%d",
}
_PERCENT: tuple[CellKind, ...] = ("share", "points")


def word_table(table: Table, answer: Answer, tr: Translator) -> WordedTable:
    """Put a table about an answer into words."""
    names = list_names(answer.study, answer.question)
    words = Words(names, tr)
    always = {one.removeprefix("strip."): words.say(name) for one, name in names.items() if one.startswith("strip.")}
    return TableWording(words, tr, always).word(table)


def draw_typed(
    table: Table,
    answer: Answer,
    tr: Translator,
    *,
    key: str = "",
    ids: Sequence[str] = (),
    choose: Callable[[str], None] | None = None,
    height: int | Literal["auto"] = "auto",
    download: str = "",
) -> None:
    """Draw a table, its notes and, where it has a name for it, a button that hands it over as CSV.

    Parameters
    ----------
    table
        The table.
    answer, tr
        What it is about, and the words.
    key, ids, choose
        Of a table in which one row can be selected: key of the widget, the id of each row, and what is called with the
        id of the row, "" when nothing is selected any more.
    height
        Height [px].
    download
        Name of the file; "" for none.
    """
    worded = word_table(table, answer, tr)
    shown = pd.DataFrame({one.id: _show(worded, one.id, one.kind) for one in worded.columns})
    columns = {one.id: _configure(one.title, one.kind) for one in worded.columns}
    if choose is None:
        st.dataframe(shown, hide_index=True, placeholder="—", column_config=columns, height=height)
    else:
        draw_selectable(key, shown, list(ids), columns, choose, height)
    for note in worded.notes:
        markup.note(note)
    if download:
        taken = worded.values.set_axis([one.title for one in worded.columns], axis=1)
        downloads.draw_download(answer.study, taken, download, tr("chart.download"))


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


def _show(worded: WordedTable, column: str, kind: CellKind) -> pd.Series:
    """Return cells as the table of the browser takes them: numbers that it can sort, the rest as people read it."""
    if kind not in _FORMATS:
        return worded.texts[column].astype(str)
    values = worded.values[column].astype(float).replace(np.inf, np.nan)
    if kind in ("people", "count"):
        return values.round()
    return values * 100.0 if kind in _PERCENT else values


def _configure(title: str, kind: CellKind) -> ColumnConfig:
    if kind in _FORMATS:
        return st.column_config.NumberColumn(title, format=_FORMATS[kind], alignment="right")
    return st.column_config.TextColumn(title)
