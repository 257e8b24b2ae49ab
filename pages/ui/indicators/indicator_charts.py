"""The charts of the Indicators page, each with its words, its source and its data to take away."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from coverage.access.headline_range import HeadlineRange
from coverage.inputs.indicator_registry import DEFAULT_UNIT_SHARE
from coverage.inputs.question import Question
from coverage.inputs.schema import DISTRICT_LEVELS, WHOLE_STUDY
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import drop_outside
from coverage.progress import Progress
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import charts, downloads, gap_list, indicator_tables, markup, terms
from pages.ui.memo import cached

_LONGEST_RANKING = 25
_OFFERS: tuple[str, ...] = ("item", "bundle", "family")


def draw_curve(study: Study, question: Question, tr: Translator) -> None:
    """Draw people reached against minutes."""
    markup.heading(tr("chart.curve"))
    table = cached.ask(study, question).get("curves")[0]
    _show(charts.draw_curve(table, question.cutoff_min, tr), "curve")
    named = {"minutes": tr("chart.minutes"), "share": tr("indicators.column.value"), "people": tr("chart.people")}
    _end(study, tr("chart.curve_note"), table.rename(columns=named), "coverage_curve", tr)


def draw_lorenz(study: Study, question: Question, whole: pd.DataFrame, tr: Translator) -> None:
    """Draw how evenly the minutes are spread."""
    markup.heading(tr("chart.lorenz"))
    table = cached.ask(study, question).get("curves")[1]
    if table.empty:
        markup.note(tr("chart.nothing"))
        return
    _show(charts.draw_lorenz(table, tr), "lorenz")
    gini = float(whole["value"].get("B10.gini", float("nan")))
    named = {"people": tr("chart.quickest_people_share"), "minutes": tr("chart.share_minutes_share")}
    told = tr("chart.lorenz_note", gini=number_format.number(gini, 3))
    _end(study, told, table.rename(columns=named), "lorenz", tr)


def draw_units(study: Study, indicators: pd.DataFrame, level: str, tr: Translator) -> None:
    """Draw the units of a level by their reachable rate, the lowest first."""
    markup.heading(tr("chart.units", level=tr(f"unit.{level}")))
    own = indicators[(indicators["unit_level"] == level) & (indicators["code"] == "B1")]
    own = drop_outside(own, own["unit_id"])
    own = own[own["denominator"] > 0].sort_values(["value", "denominator"], ascending=[True, False], kind="stable")
    if own.empty:
        markup.note(tr("chart.nothing"))
        return
    table = _to_bars("B1", own, gap_list.name_places(study, map(str, own["unit_id"]), tr))
    title = tr("chart.share_inside")
    _show(charts.draw_ranked(table.head(_LONGEST_RANKING), tr, title=title, with_mark=True), "units")
    limit = number_format.percent(DEFAULT_UNIT_SHARE, 0)
    told = tr("chart.units_note", limit=limit, shown=min(len(table), _LONGEST_RANKING), count=len(table))
    _end(study, told, _spell(table, tr), f"ranked_{level}", tr)


def draw_offers(study: Study, whole: pd.DataFrame, tr: Translator) -> None:
    """Draw who reaches each service item, bundle or family, the least reached first."""
    markup.heading(tr("chart.offers"))
    kind = st.segmented_control(
        tr("chart.offers"),
        _OFFERS,
        default="item",
        format_func=lambda one: tr(f"chart.offers_{one}"),
        key="w_offers",
        label_visibility="collapsed",
        required=True,
    )
    prefix = f"B7.{kind or 'item'}."
    own = whole[[str(code).startswith(prefix) for code in whole.index]].sort_values("value", kind="stable")
    own = own[own["value"].notna()]
    if own.empty:
        markup.note(tr("chart.nothing"))
        return
    codes = [str(code) for code in own.index]
    names = [" · ".join(indicator_tables.name_details(code, study.catalogue, tr)) for code in codes]
    table = _to_bars(codes[0], own, names)
    _show(charts.draw_ranked(table, tr, title=tr("chart.share_counted"), with_mark=False), "offers")
    _end(study, tr("chart.offers_note"), _spell(table, tr), f"coverage_by_{kind or 'item'}", tr)


def draw_range(study: Study, found: HeadlineRange, tr: Translator) -> None:
    """Draw what the headline rests on: the interval, and how far each factor moves it."""
    markup.heading(tr("chart.tornado"))
    names = {str(one): tr(f"range.{one}") for one in found.tornado["factor"]}
    _show(charts.draw_tornado(found, names, tr), "tornado")
    told = tr(
        "chart.tornado_note",
        value=number_format.percent(found.value),
        low=number_format.percent(found.low),
        high=number_format.percent(found.high),
    )
    table = found.tornado.assign(factor=found.tornado["factor"].map(names))
    named = {one: tr(f"chart.tornado_{one}") for one in ("factor", "low", "high", "swing")}
    _end(study, told, table.rename(columns=named), "range", tr)


def draw_seasons(study: Study, question: Question, tr: Translator, progress: Progress) -> None:
    """Draw coverage in every season and with closed roads, and whom each loses (ΔC)."""
    markup.heading(tr("chart.seasons"))
    table = cached.ask(study, question).get("seasons", progress)
    whole = table[table["unit_level"] == WHOLE_STUDY]
    names = [name_case(str(one), tr) for one in whole["case"]]
    _show(charts.draw_cases(whole.assign(name=names), tr), "seasons")
    levels = [level for level in DISTRICT_LEVELS if (table["unit_level"] == level).any()]
    listed = table[table["unit_level"].isin([WHOLE_STUDY, *levels])]
    named = {
        tr("chart.case"): [name_case(str(one), tr) for one in listed["case"]],
        tr("districts.level"): [
            tr("targets.whole" if one == WHOLE_STUDY else f"unit.{one}") for one in listed["unit_level"]
        ],
        tr("indicators.column.name"): [
            gap_list.name_place(study, str(one), tr) if one else "" for one in listed["unit_id"]
        ],
        tr("chart.people"): listed["covered"].round().to_numpy(),
        tr("indicators.column.value"): listed["share"].to_numpy(),
        tr("chart.change"): listed["change"].to_numpy(),
        tr("chart.newly_lost"): listed["newly_lost"].round().to_numpy(),
    }
    worst = whole.iloc[int(whole["change"].argmin())]
    told = (
        tr("chart.seasons_none")
        if not worst["change"]
        else tr(
            "chart.seasons_note",
            case=name_case(str(worst["case"]), tr),
            people=number_format.people_short(float(worst["newly_lost"]), tr.language),
        )
    )
    _end(study, told, pd.DataFrame(named), "seasons", tr)


def name_case(case: str, tr: Translator) -> str:
    """Name a season, or the case in which the study's closed roads are closed."""
    return tr("chart.closed_roads") if case == "closed_roads" else terms.season_name(case, tr)


def _to_bars(code: str, rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    pairs = zip(rows["numerator"], rows["denominator"], strict=True)
    return pd.DataFrame(
        {
            "name": names,
            "share": rows["value"].to_numpy(float),
            "parts": [indicator_tables.say_parts(code, float(above), float(below)) for above, below in pairs],
            "numerator": rows["numerator"].to_numpy(float),
            "denominator": rows["denominator"].to_numpy(float),
        }
    )


def _spell(table: pd.DataFrame, tr: Translator) -> pd.DataFrame:
    columns = {"name": "name", "share": "value", "numerator": "numerator", "denominator": "denominator"}
    return table[list(columns)].rename(columns={key: tr(f"indicators.column.{one}") for key, one in columns.items()})


def _show(chart: alt.LayerChart, key: str) -> None:
    st.altair_chart(chart, width="stretch", theme=None, key=f"w_chart_{key}")


def _end(study: Study, told: str, table: pd.DataFrame, stem: str, tr: Translator) -> None:
    """Draw what stands beneath a chart: how to read it, the source, and its data to take away."""
    markup.note(f"{told} {tr('indicators.source')}")
    downloads.draw_download(study, table, stem, tr("chart.download"))
