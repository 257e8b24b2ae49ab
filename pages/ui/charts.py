"""Charts of the screens; everything is labelled, nothing told by colour alone."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from coverage.access.headline_range import HeadlineRange
from coverage.inputs.indicator_registry import DEFAULT_UNIT_SHARE
from geodata.maps.palette import INSIDE_COLOURS, OUTSIDE_COLOURS
from geodata.words import number_format
from geodata.words.i18n import Translator

_FONT = "Microsoft YaHei, PingFang SC, Noto Sans SC, Noto Sans CJK SC, sans-serif"
_INK, _MUTED, _LINE, BLUE, WARM = "#1F2933", "#5B6672", "#E4E6E9", "#1F4E79", OUTSIDE_COLOURS[2]
_HEIGHT_PX, _BAR_PX, _AXIS_PX = 300, 20, 70
_NUMBERS_PX = 52  # room for the numbers at the right of the bars
_SHARE = alt.Scale(domain=[0, 100])


def draw_curve(table: pd.DataFrame, cutoff_min: float, tr: Translator) -> alt.LayerChart:
    """Draw people reached against minutes, with the threshold marked."""
    shown = table.assign(share=table["share"] * 100)
    here = shown[shown["minutes"] == cutoff_min]
    said = tr(
        "chart.at_cutoff", minutes=f"{cutoff_min:g}", share=number_format.percent(float(here["share"].iloc[0]) / 100)
    )
    x = alt.X("minutes:Q", title=tr("chart.minutes"), axis=alt.Axis(tickMinStep=5))
    y = alt.Y("share:Q", title=tr("chart.share_inside"), scale=_SHARE)
    base = alt.Chart(shown)
    tips = [
        alt.Tooltip("minutes:Q", title=tr("chart.minutes")),
        alt.Tooltip("share:Q", title=tr("chart.share_inside"), format=".1f"),
        alt.Tooltip("people:Q", title=tr("chart.people"), format=",.0f"),
    ]
    line = base.mark_line(color=BLUE, strokeWidth=2.5, point=alt.OverlayMarkDef(opacity=0, size=60)).encode(
        x, y, tooltip=tips
    )
    rule = alt.Chart(here).mark_rule(color=WARM, strokeDash=[5, 4], strokeWidth=1.5).encode(x)
    dot = alt.Chart(here).mark_point(color=WARM, filled=True, size=70, opacity=1).encode(x, y)
    label = alt.Chart(here).mark_text(align="left", dx=8, dy=18, fontSize=13, color=WARM, text=said).encode(x, y)
    return dress(alt.layer(line, rule, dot, label), _HEIGHT_PX)


def draw_lorenz(table: pd.DataFrame, tr: Translator) -> alt.LayerChart:
    """Draw the Lorenz curve of minutes beside the line of equal times."""
    shown = table * 100
    x = alt.X("people:Q", title=tr("chart.quickest_people"), scale=_SHARE)
    y = alt.Y("minutes:Q", title=tr("chart.share_minutes"), scale=_SHARE)
    even = pd.DataFrame({"people": [0.0, 100.0], "minutes": [0.0, 100.0]})
    tips = [
        alt.Tooltip("people:Q", title=tr("chart.quickest_people"), format=".0f"),
        alt.Tooltip("minutes:Q", title=tr("chart.share_minutes"), format=".1f"),
    ]
    area = alt.Chart(shown).mark_area(color=INSIDE_COLOURS[2], opacity=0.45).encode(x, y)
    line = alt.Chart(shown).mark_line(color=BLUE, strokeWidth=2.5, point=alt.OverlayMarkDef(opacity=0, size=60))
    diagonal = alt.Chart(even).mark_line(color=_MUTED, strokeDash=[5, 4], strokeWidth=1.5).encode(x, y)
    middle = pd.DataFrame({"people": [48.0], "minutes": [52.0]})
    even_label = (
        alt.Chart(middle).mark_text(align="right", fontSize=13, color=_MUTED, text=tr("chart.even")).encode(x, y)
    )
    at = shown.iloc[[int(np.argmin(np.abs(shown["people"].to_numpy() - 62.0)))]]
    own_label = alt.Chart(at).mark_text(align="left", dx=8, dy=10, fontSize=13, color=BLUE, text=tr("chart.own"))
    layers = alt.layer(area, diagonal, line.encode(x, y, tooltip=tips), even_label, own_label.encode(x, y))
    return dress(layers, _HEIGHT_PX)


def draw_ranked(table: pd.DataFrame, tr: Translator, *, title: str, with_mark: bool) -> alt.LayerChart:
    """Draw shares as bars in the order of the table, each with its number.

    Parameters
    ----------
    table
        name, share (0..1) and, for the pop-up text, parts (numerator ÷ denominator).
    tr
        The words.
    title
        Title of the axis of the shares.
    with_mark
        Mark the share at which a unit counts as reached; bars below it also stand apart by colour.
    """
    names = _tell_apart([str(one) for one in table["name"]])
    shown = table.assign(name=names, said=[number_format.percent(one) for one in table["share"]])
    shown["share"] = shown["share"] * 100
    limit = DEFAULT_UNIT_SHARE * 100
    scale = alt.Scale(domain=[0, 100], range=[0, alt.ExprRef(f"width - {_NUMBERS_PX}")])
    y = alt.Y("name:N", title=None, sort=names, axis=alt.Axis(labelLimit=190, ticks=False, domain=False))
    x = alt.X(
        "share:Q",
        title=title,
        scale=scale,
        axis=alt.Axis(values=[0, 50, 80, 100] if with_mark else [0, 50, 100], labelOverlap="greedy", labelSeparation=4),
    )
    colour: alt.Color | alt.ColorValue | object = alt.value(INSIDE_COLOURS[1])
    if with_mark:
        colour = alt.condition(alt.datum.share < limit, alt.value(OUTSIDE_COLOURS[1]), alt.value(INSIDE_COLOURS[1]))
    tips = [
        alt.Tooltip("name:N", title=tr("indicators.column.name")),
        alt.Tooltip("said:N", title=title),
        alt.Tooltip("parts:N", title=tr("indicators.column.parts")),
    ]
    layers = [
        alt.Chart(shown).mark_bar(height=_BAR_PX - 7).encode(x, y, color=colour, tooltip=tips),
        alt.Chart(shown)
        .mark_text(align="right", fontSize=12, color=_INK)
        .encode(y=y, x=alt.value("width"), text="said:N"),
    ]
    if with_mark:
        edge = alt.Chart(pd.DataFrame({"share": [limit]}))
        layers.append(edge.mark_rule(color=_INK, strokeDash=[5, 4], strokeWidth=1.2).encode(alt.X("share:Q")))
    return dress(alt.layer(*layers), len(shown) * _BAR_PX + _AXIS_PX)


def draw_tornado(found: HeadlineRange, names: dict[str, str], tr: Translator) -> alt.LayerChart:
    """Draw how far the headline moves with each factor, the widest first, around the headline itself.

    Parameters
    ----------
    found
        The range.
    names
        What each factor is called, by its id.
    tr
        The words.
    """
    shown = pd.DataFrame(
        {
            "name": [names[str(one)] for one in found.tornado["factor"]],
            "low": found.tornado["low"] * 100,
            "high": found.tornado["high"] * 100,
        }
    )
    shown["said"] = [
        f"{number_format.percent(low / 100)} – {number_format.percent(high / 100)}"
        for low, high in zip(shown["low"], shown["high"], strict=True)
    ]
    low, high = float(shown["low"].min()), float(shown["high"].max())
    margin = max(high - low, 1.0) * 0.15
    domain = [max(0.0, low - margin), min(100.0, high + margin)]
    scale = alt.Scale(domain=domain, range=[0, alt.ExprRef("width - 100")])
    y = alt.Y("name:N", title=None, sort=list(shown["name"]), axis=alt.Axis(labelLimit=190, ticks=False, domain=False))
    axis = alt.Axis(tickCount=4, labelOverlap=True)
    x = alt.X("low:Q", title=tr("chart.share_inside"), scale=scale, axis=axis)
    tips = [
        alt.Tooltip("name:N", title=tr("chart.factor")),
        alt.Tooltip("said:N", title=tr("chart.share_inside")),
    ]
    here = pd.DataFrame({"share": [found.value * 100], "said": [number_format.percent(found.value)]})
    middle = alt.Chart(here).encode(x=alt.X("share:Q"))
    return dress(
        alt.layer(
            alt.Chart(shown).mark_bar(height=16, color=INSIDE_COLOURS[1]).encode(x, y, x2="high:Q", tooltip=tips),
            alt.Chart(shown)
            .mark_text(align="left", dx=6, fontSize=12, color=_INK)
            .encode(y=y, x="high:Q", text="said:N"),
            middle.mark_rule(color=WARM, strokeDash=[5, 4], strokeWidth=1.5),
            middle.mark_text(color=WARM, fontSize=13, dy=-8, baseline="bottom").encode(y=alt.value(0), text="said:N"),
        ),
        len(shown) * 34 + _AXIS_PX,
    )


def draw_cases(table: pd.DataFrame, tr: Translator) -> alt.LayerChart:
    """Draw coverage in each season as bars, each with its number and, in brackets, the change against the first.

    Parameters
    ----------
    table
        name, share and change (0..1), one row for each case.
    tr
        The words.
    """
    shown = table.assign(
        share=table["share"] * 100,
        said=[
            number_format.percent(share) + (f" ({change * 100:+.1f})".replace("-", "−") if change else "")
            for share, change in zip(table["share"], table["change"], strict=True)
        ],
    )
    y = alt.Y("name:N", title=None, sort=list(shown["name"]), axis=alt.Axis(labelLimit=190, ticks=False, domain=False))
    scale = alt.Scale(domain=[0, 100], range=[0, alt.ExprRef("width - 100")])
    x = alt.X("share:Q", title=tr("chart.share_inside"), scale=scale, axis=alt.Axis(values=[0, 50, 100]))
    bars = alt.Chart(shown).mark_bar(height=16, color=INSIDE_COLOURS[1]).encode(x, y)
    numbers = alt.Chart(shown).mark_text(align="left", dx=6, fontSize=12, color=_INK).encode(x, y, text="said:N")
    return dress(alt.layer(bars, numbers), len(shown) * 28 + _AXIS_PX)


def _tell_apart(names: list[str]) -> list[str]:
    """Give names that occur more than once a number, for a row is found by its name."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def dress(chart: alt.LayerChart | alt.FacetChart, height: int) -> alt.LayerChart:
    """Give a chart the looks of the screens; no menu that leads to other sites."""
    if not isinstance(chart, alt.LayerChart):  # what `alt.layer` makes of charts that are split into several
        raise TypeError("a chart of the screens is one picture")
    dressed: alt.LayerChart = (
        chart.properties(height=height, usermeta={"embedOptions": {"actions": False}})
        .configure(font=_FONT, background="#FFFFFF", padding={"left": 6, "right": 14, "top": 12, "bottom": 6})
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12, titleFontSize=13, titleFontWeight="normal", labelColor=_INK, titleColor=_MUTED,
            gridColor=_LINE, domainColor=_MUTED, tickColor=_MUTED, titlePadding=8,
        )
    )  # fmt: skip
    return dressed
