"""The curve from sites or money to people: every point a plan that can be chosen."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from geodata import number_words
from geodata.i18n import Translator
from geodata.run_siting import Suggestion
from pages.ui import charts, looks, siting_words, state, terms
from pages.ui.siting_form import YUAN_PER_WAN
from pages.ui.siting_run import ROW

_HEIGHT_PX = 250
_PICK = "pick"
_OWN = -1  # the plan of an objective that has no point of its own


def find_own_row(found: Suggestion) -> int | None:
    """Find the row of the curve that is the answer itself; None where the objective is another one."""
    if found.siting.method != "mclp" or found.frontier.empty:
        return None
    column = "money" if found.siting.budget is not None else "sites"
    amount = found.siting.budget if found.siting.budget is not None else found.siting.sites
    rows = np.flatnonzero(np.isclose(found.frontier[column].to_numpy(float), float(amount or 0)))
    return int(rows[0]) if len(rows) else None


def draw_curve(found: Suggestion, key: str, tr: Translator) -> None:
    """Draw the curve and, beneath it, the same choice for the keyboard and what the next step buys."""
    table = found.frontier
    if table.empty:
        looks.note(tr("siting.curve_none"))
        return
    looks.heading(tr("siting.curve"))
    own, chosen = find_own_row(found), state.siting(ROW)
    row = own if chosen is None else chosen
    unit = terms.unit_suffix(found.asked.weight_column, tr)

    def take() -> None:
        picked = state.widget_value(key).get("selection", {}).get(_PICK, [])
        if picked:
            state.keep_siting(ROW, int(picked[0]["row"]))

    st.altair_chart(build_chart(found, row, tr), key=key, on_select=take, selection_mode=_PICK, width="stretch")
    options = [*([_OWN] if own is None else []), *range(len(table))]
    slider = f"{key}_row"
    state.preset_widget(slider, _OWN if row is None else row)

    def choose() -> None:
        picked = state.widget_value(slider)
        state.keep_siting(ROW, None if picked == _OWN else picked)

    st.selectbox(
        tr("siting.point"),
        options,
        key=slider,
        format_func=lambda one: tr("siting.point_own") if one == _OWN else _say_budget(table, one, tr),
        on_change=choose,
    )
    if row is not None:
        looks.note(_say_step(found, row, unit, tr))


def _say_budget(table: pd.DataFrame, row: int, tr: Translator) -> str:
    money = float(table["money"].iloc[row])
    if np.isfinite(money):
        return siting_words.say_money(money, tr)
    return tr("siting.n_sites", count=int(table["sites"].iloc[row]))


def _say_step(found: Suggestion, row: int, unit: str, tr: Translator) -> str:
    """Say what a point gains, and what the one after it would add."""
    table = found.frontier
    gained = table["gained"].to_numpy(float)
    people = [number_words.people(float(value)) + unit for value in gained]
    said = tr("siting.step", budget=_say_budget(table, row, tr), people=people[row])
    if row + 1 < len(table):
        more = number_words.people(float(gained[row + 1] - gained[row])) + unit
        said += " " + tr("siting.step_next", budget=_say_budget(table, row + 1, tr), people=more)
    still = float(table["bound"].iloc[row] - table["covered"].iloc[row])
    if still >= 0.5:
        said += " " + tr("siting.step_still", people=number_words.people(still) + unit)
    return said


def build_chart(found: Suggestion, row: int | None, tr: Translator) -> alt.LayerChart:
    """Build the chart: the people gained by each budget, the chosen point larger, all points to be picked."""
    table = found.frontier
    is_money = bool(table["money"].notna().any())
    shown = pd.DataFrame(
        {
            "row": np.arange(len(table)),
            "budget": table["money"].to_numpy(float) / YUAN_PER_WAN if is_money else table["sites"].to_numpy(float),
            "gained": table["gained"].to_numpy(float),
            "share": table["share"].to_numpy(float) * 100,
            "is_chosen": np.arange(len(table)) == (-1 if row is None else row),
        }
    )
    start = pd.DataFrame({"row": [-1], "budget": [0.0], "gained": [0.0], "share": [np.nan], "is_chosen": [False]})
    axis = alt.Axis(tickMinStep=1, format=",.0f") if not is_money else alt.Axis(format=",.0f")
    x = alt.X("budget:Q", title=tr("siting.axis.money" if is_money else "siting.axis.sites"), axis=axis)
    gained = tr("siting.column.newly_covered_times" if found.siting.services else "siting.axis.gained")
    y = alt.Y("gained:Q", title=gained, axis=alt.Axis(format=",.0f"))
    tips = [
        alt.Tooltip("budget:Q", title=tr("siting.axis.money" if is_money else "siting.axis.sites"), format=",.0f"),
        alt.Tooltip("gained:Q", title=gained, format=",.0f"),
        alt.Tooltip("share:Q", title=tr("siting.axis.share"), format=".2f"),
    ]
    pick = alt.selection_point(name=_PICK, fields=["row"], on="click", nearest=True, empty=False)
    line = alt.Chart(pd.concat([start, shown])).mark_line(color=charts.BLUE, strokeWidth=2).encode(x, y)
    dots = (
        alt.Chart(shown)
        .mark_point(filled=True, opacity=1, stroke="#FFFFFF", strokeWidth=1.5, cursor="pointer")
        .encode(
            x,
            y,
            tooltip=tips,
            color=alt.condition(alt.datum.is_chosen, alt.value(charts.WARM), alt.value(charts.BLUE)),
            size=alt.condition(alt.datum.is_chosen, alt.value(190), alt.value(90)),
        )
        .add_params(pick)
    )
    return charts.dress(alt.layer(line, dots), _HEIGHT_PX)
