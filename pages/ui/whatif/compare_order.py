"""A scenario step by step: what each edit adds to those before it, and the edits in another order."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.errors import InputError
from coverage.scenario.edit_order import find_order_of_moves, order_by_gain, order_edits
from coverage.scenario.edits import SetThreshold
from geodata.store.changes import Change
from geodata.words.number_format import number
from pages.ui import markup, state
from pages.ui.failures import show_failure
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached_compare
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.table_view import draw_selectable
from pages.ui.whatif import whatif_acts, whatif_words
from pages.ui.whatif.whatif_acts import Work

_TABLE_PX = 300
_ROW = "order_row"


def draw_order(work: Work, _: Outcome) -> None:
    """Draw the edits in order with what each adds, and the buttons that put them into another order."""
    tr, edits = work.tr, work.edits
    with shown_progress(tr, "doing.whatif") as progress:
        gains = cached_compare.fetch_gains(work.study, work.question, edits, progress)
    row = int(state.whatif(_ROW, -1))
    row = row if 0 <= row < len(edits) else -1
    _draw_buttons(work, gains, row)
    refused = state.whatif("order_refused")
    if isinstance(refused, InputError):
        show_failure(refused, tr)
    shown = pd.DataFrame(
        {
            "number": gains.index.to_numpy(int),
            "edit": whatif_words.say_edits(work.study, edits, tr),
            "gained": gains["newly_covered"].round(),
            "lost": gains["newly_lost"].round(),
            "net": gains["net"].round(),
            "all": gains["cumulative_net"].round(),
            "share": gains["share_after"] * 100,
            "minutes": gains["person_minutes_saved"].round(),
            "cost": gains["cost"] / (1e4 if tr.language == "zh_CN" else 1.0),
            "per_person": [_per_person(money, net) for money, net in zip(gains["cost"], gains["net"], strict=True)],
        }
    )
    draw_selectable(
        f"w_order_table_{tr.language}",
        shown,
        [str(position) for position in range(len(edits))],
        _list_columns(work),
        lambda one: state.keep_whatif(order_row=int(one) if one else -1, order_refused=None),
        height=_TABLE_PX if len(edits) > 7 else "auto",
    )
    total = gains[["net", "person_minutes_saved", "cost"]].sum()
    markup.note(
        tr(
            "order.total",
            people=number(float(total["net"])),
            minutes=number(float(total["person_minutes_saved"])),
            cost=whatif_words.say_money(float(total["cost"]), tr),
        )
    )
    markup.note(tr("order.note_threshold" if any(isinstance(one, SetThreshold) for one in edits) else "order.note"))


def _per_person(money: float, net: float) -> float | None:
    return money / net if net > 0 and money > 0 else None


def _list_columns(work: Work) -> dict[str, ColumnConfig]:
    tr = work.tr
    formats = {"share": "%.2f%%", "per_person": "%.2f", "number": "%d", "cost": "%.1f"}
    formats |= {} if tr.language == "zh_CN" else {"cost": "localized"}
    names = ("gained", "lost", "net", "all", "share", "minutes", "cost", "per_person")
    columns: dict[str, ColumnConfig] = {
        "number": st.column_config.NumberColumn(tr("order.column.number"), format="%d", width=50),
        "edit": st.column_config.TextColumn(tr("order.column.edit"), width="medium"),
    }
    return columns | {
        name: st.column_config.NumberColumn(
            tr(f"order.column.{name}"), format=formats.get(name, "localized"), alignment="right"
        )
        for name in names
    }


def _draw_buttons(work: Work, gains: pd.DataFrame, row: int) -> None:
    tr, count = work.tr, len(work.edits)
    best = order_by_gain(gains)
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, by in (("up", -1), ("down", 1)):
            st.button(
                tr(f"order.{name}"),
                key=f"w_order_{name}",
                disabled=not work.is_open or row < 0 or not 0 <= row + by < count,
                on_click=_reorder,
                args=(work, find_order_of_moves(count, max(row, 0), by), row + by),
            )
        st.button(
            tr("order.best"),
            key="w_order_best",
            disabled=not work.is_open or best == tuple(range(count)),
            help=tr("order.best_help"),
            on_click=_reorder,
            args=(work, best, -1),
        )
        if not work.is_open:
            markup.note(work.closed_note)
        elif row < 0:
            markup.note(tr("order.pick"))
        else:
            markup.note(tr("order.picked", number=row + 1))


def _reorder(work: Work, order: tuple[int, ...], row: int) -> None:
    """Save the new order as a change that can be undone; one that cannot be is told instead."""
    try:
        order_edits(work.study, work.edits, order)
    except InputError as error:
        state.keep_whatif(order_refused=error)
        return
    state.keep_whatif(order_refused=None)
    if whatif_acts.change_edits(work, Change("order", order=order)):
        state.keep_whatif(order_row=row)
