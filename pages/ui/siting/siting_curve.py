"""The curve of the aim: what sites, money or a share to reach give, every point a plan that can be chosen."""

from __future__ import annotations

import zlib
from collections.abc import Hashable

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from geodata.answers.run_siting import Suggestion
from geodata.words.i18n import Translator
from pages.ui import charts, markup, state
from pages.ui.siting import siting_measures
from pages.ui.siting.siting_run import find_row, keep_row

_HEIGHT_PX = 250
_PICK = "pick"
# Formats of an axis and of a hover, by unit.
_FORMATS = {
    "people": (",.0f", ",.0f"),
    "min": (",.3~g", ",.2f"),
    "share": (",.3~g", ",.2f"),
    "sites": (",.0f", ",.0f"),
    "yuan": (",.4~g", ",.1f"),
}
_OWN = -1  # the plan of an objective that has no point of its own


def draw_curve(found: Suggestion, asked: Hashable, tr: Translator) -> None:
    """Draw the curve and, beneath it, the same choice for the keyboard and what the next step buys.

    Parameters
    ----------
    found, asked
        The proposal, and what it depends on.
    tr
        The words.
    """
    table = found.frontier
    if table.empty:
        markup.note(tr("siting.curve_none"))
        return
    markup.heading(siting_measures.name_curve(found, tr))
    own, chosen = found.curve.own, find_row(asked)
    key = f"siting_curve_{zlib.crc32(repr(asked).encode())}_{tr.language}"
    row = own if chosen is None else chosen

    def take() -> None:
        picked = state.widget_value(key).get("selection", {}).get(_PICK, [])
        if picked:
            keep_row(asked, int(picked[0]["row"]))

    st.altair_chart(build_chart(found, row, tr), key=key, on_select=take, selection_mode=_PICK, width="stretch")
    options = [*([_OWN] if own is None else []), *range(len(table))]
    slider = f"{key}_row"
    state.preset_widget(slider, _OWN if row is None else row)

    def name(one: int) -> str:
        return tr("siting.point_own") if one == _OWN else siting_measures.say_given(found.curve, one, tr)

    def choose() -> None:
        picked = state.widget_value(slider)
        keep_row(asked, None if picked == _OWN else picked)

    st.selectbox(
        tr("siting.point"),
        options,
        key=slider,
        format_func=lambda one: (
            tr("siting.point_own") if one == _OWN else siting_measures.say_given(found.curve, one, tr)
        ),
        on_change=choose,
    )
    if row is not None:
        markup.note(siting_measures.say_point(found, row, tr))
    if found.curve.is_cut and found.curve.measure.id != "covered":
        markup.note(tr("siting.curve_cut"))


def build_chart(found: Suggestion, row: int | None, tr: Translator) -> alt.LayerChart:
    """Build the chart: what each point gets, the chosen one larger, all to be picked; bounds where not proved."""
    curve, table = found.curve, found.frontier
    shown = pd.DataFrame(
        {
            "row": np.arange(len(table)),
            "given": siting_measures.scale_given(curve),
            "value": siting_measures.scale_values(found, curve.value),
            "bound": siting_measures.scale_values(found, curve.bound),
            "share": table["share"].to_numpy(float) * 100,
            "is_chosen": np.arange(len(table)) == (-1 if row is None else row),
        }
    )
    is_plain = curve.measure.id == "covered"
    is_number = curve.axis == "sites"
    x = alt.X(
        "given:Q",
        title=siting_measures.name_axis(found, tr),
        axis=alt.Axis(tickMinStep=1, format=",.0f") if is_number else alt.Axis(format=",.4~g"),
        scale=alt.Scale(zero=curve.axis != "target"),
    )
    numbers = _FORMATS[curve.measure.unit]
    ticks = alt.Axis(format=numbers[0])
    if curve.measure.unit == "sites":
        ticks = alt.Axis(format=numbers[0], tickMinStep=1)
    # Nobody is gained with nothing; other measures have a value today, from which differences are to be seen.
    scale = alt.Scale(zero=is_plain or curve.measure.unit in ("sites", "yuan"))
    y = alt.Y("value:Q", title=siting_measures.name_value(found, tr), axis=ticks, scale=scale)
    tips = [
        alt.Tooltip("given:Q", title=siting_measures.name_axis(found, tr), format=",.4~g"),
        alt.Tooltip("value:Q", title=siting_measures.name_value(found, tr), format=numbers[1]),
        alt.Tooltip("share:Q", title=tr("siting.axis.share"), format=".2f"),
    ]
    layers: list[alt.Chart] = []
    open_points = shown[~curve.is_proved]
    if len(open_points) and not is_plain:
        tips.append(alt.Tooltip("bound:Q", title=tr("siting.axis.bound"), format=numbers[1]))
        reach = alt.Chart(open_points).mark_rule(color=charts.BLUE, opacity=0.35, strokeWidth=5)
        layers.append(reach.encode(x, y, alt.Y2("bound:Q")))
    start = pd.DataFrame({"row": [-1], "given": [0.0], "value": [0.0]})
    line = pd.concat([start, shown[["row", "given", "value"]]]) if is_plain else shown
    layers.append(alt.Chart(line).mark_line(color=charts.BLUE, strokeWidth=2).encode(x, y))
    pick = alt.selection_point(name=_PICK, fields=["row"], on="click", nearest=True, empty=False)
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
    return charts.dress(alt.layer(*layers, dots), _HEIGHT_PX)
