"""Indicators in words: their groups and names, values with units, and the tables they stand in."""

from __future__ import annotations

import pandas as pd

from coverage.inputs.indicator_registry import find_indicator
from coverage.inputs.question import Question
from coverage.inputs.schema import DISTRICT_LEVELS, WHOLE_STUDY
from coverage.inputs.study import Bundle, Catalogue, Family, ServiceItem
from coverage.inputs.unit_levels import put_outside_last
from geodata.maps.labels import Markup
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, terms
from pages.ui.table_row import take_row

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("established", ("A1", "A1k")),
    ("reach", ("B1", "B2")),
    ("layers", ("B12", "B13")),
    ("times", ("B4",)),
    ("gap", ("B5",)),
    ("services", ("B6", "B7")),
    ("supply", ("B8", "B9")),
    ("equity", ("B10", "B11")),
    ("sites", ("B14",)),
    ("quality", ("B15", "B16")),
    ("burden", ("B17",)),
)
# Differences between two shares, told in percentage points.
_DIFFERENCES: tuple[str, ...] = ("B10.urban_rural", "B11")
_HEADLINES = 6
_BIG = "font-size: 17px; font-weight: 600; white-space: nowrap; line-height: 1.3"
_UNIT_CODES: tuple[str, ...] = (
    "B1", "B5.people", "A1", "B2", "B4.median", "B4.p90", "B6", "B10.gini", "B10.worst_tenth", "B11", "B16.matched",
)  # fmt: skip


def find_group(code: str) -> str:
    """Return the group an indicator is listed under."""
    head = code.split(".")[0]
    return next(group for group, heads in GROUPS if head in heads)


def list_named(code: str, catalogue: Catalogue) -> tuple[Family | ServiceItem | Bundle, ...]:
    """List what an indicator of the catalogue's entries is computed for, one by one."""
    named: dict[str, tuple[Family | ServiceItem | Bundle, ...]] = {
        "B7.family": catalogue.families,
        "B7.item": catalogue.items,
        "B7.bundle": catalogue.bundles,
    }
    return named[code]


def name_indicator(code: str, catalogue: Catalogue, tr: Translator) -> str:
    """Name an indicator with its detail: ``设立率（县（市、区））`` is written ``设立率 · 县（市、区）``."""
    return " · ".join([tr(f"indicator.{find_indicator(code).code}.name"), *name_details(code, catalogue, tr)])


def name_details(code: str, catalogue: Catalogue, tr: Translator) -> list[str]:
    """Name what an indicator is computed for: a level, a level and an item, or an entry of the catalogue."""
    found = find_indicator(code)
    detail = code.removeprefix(found.code).lstrip(".")
    if not detail:
        return []
    if found.detail == "id":
        return [next(terms.say(one.name, tr) for one in list_named(found.code, catalogue) if one.id == detail)]
    level, _, item = detail.partition(".")
    return [tr(f"unit.{level}"), *([terms.say(catalogue.item(item).name, tr)] if item else [])]


def say_value(code: str, value: float, tr: Translator) -> str:
    """Write a value with its unit."""
    found = find_indicator(code)
    if found.code in _DIFFERENCES:
        return number_format.change(value, tr.language)
    if found.unit == "share":
        return number_format.percent(value)
    if found.unit == "minutes":
        return number_format.minutes(value, tr.language, 1)
    decimals = {"people": 0, "metres": 0, "index": 3, "capacity": 3}.get(found.unit, 2)
    text = number_format.number(value, decimals)
    return text if text == number_format.MISSING else tr(f"indicator_unit.{found.unit}", value=text)


def say_change(code: str, value: float, tr: Translator) -> str:
    """Write a difference between two values of an indicator with its sign; that of two shares in percentage points."""
    if find_indicator(code).unit == "share":
        return number_format.change(value, tr.language)
    return ("+" if value > 0 else "") + say_value(code, value, tr)


def say_parts(code: str, numerator: float, denominator: float) -> str:
    """Write numerator ÷ denominator, or only whom a value that is no quotient counts."""
    found = find_indicator(code)
    below = number_format.number(denominator)
    return f"{number_format.number(numerator)} ÷ {below}" if found.is_ratio else below


def whole_study(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the whole study by code."""
    return table[table["unit_level"] == WHOLE_STUDY].set_index("code")


def choose_headlines(whole: pd.DataFrame, question: Question) -> list[str]:
    """Choose six codes that have a value: signs, people, the gap, units, the slow end, and fairness."""
    known = {str(code) for code in whole.index[whole["value"].notna()]}
    levels = [question.level, "township", "county", "village", "prefecture"]
    level = next((one for one in levels if f"A1.{one}" in known), "")
    wanted = [f"A1.{level}", "B1", "B5.people", f"B2.{level}", "B4.p90", "B10.urban_rural"]
    reserve = ["B10.gini", "B4.median", "B6", "B16.matched"]
    return [code for code in [*wanted, *reserve] if code in known][:_HEADLINES]


def draw_headlines(whole: pd.DataFrame, codes: list[str], catalogue: Catalogue, tr: Translator) -> Markup:
    """Draw indicators as a plain list: name, whom it counts, value, and the formula one click away."""
    rows = []
    for code in codes:
        found, row = find_indicator(code), take_row(whole, code)
        below = tr(
            "indicators.counts",
            parts=say_parts(code, float(row["numerator"]), float(row["denominator"])),
            whom=tr(f"indicator.{found.code}.denominator"),
        )
        name = markup.element("b", markup.words(name_indicator(code, catalogue, tr)))
        fold = markup.element(
            "details",
            markup.element("summary", markup.words(tr("indicators.formula")), style="cursor: pointer; color: #1F4E79"),
            markup.element("div", markup.words(tr(f"indicator.{found.code}.formula"))),
            markup.element("div", markup.words(tr("indicators.from", source=tr(f"indicator.{found.code}.source")))),
            style="color: #5B6672",
        )
        value = markup.element("span", markup.words(say_value(code, float(row["value"]), tr)), style=_BIG)
        head = markup.element("div", name, value, style="display: flex; justify-content: space-between; gap: 12px")
        rows.append(
            markup.element(
                "tr",
                markup.element("td", head, markup.element("div", markup.words(below), style="color: #5B6672"), fold),
            )
        )
    return markup.element("table", *rows, look="p-table")


def list_group(whole: pd.DataFrame, group: str, catalogue: Catalogue, tr: Translator) -> pd.DataFrame:
    """List the indicators of a group as texts; established services, a table of their own, are left out."""
    rows = []
    for code, row in whole.iterrows():
        found = find_indicator(str(code))
        if find_group(str(code)) == group and found.code != "A1k":
            rows.append(
                {
                    tr("indicators.column.name"): name_indicator(str(code), catalogue, tr),
                    tr("indicators.column.formula"): tr(f"indicator.{found.code}.formula"),
                    tr("indicators.column.value"): say_value(str(code), float(row["value"]), tr),
                    tr("indicators.column.parts"): say_parts(
                        str(code), float(row["numerator"]), float(row["denominator"])
                    ),
                }
            )
    return pd.DataFrame(rows)


def list_established_items(whole: pd.DataFrame, catalogue: Catalogue, tr: Translator) -> pd.DataFrame:
    """List which share of the units of each level has a station that does each item (A1k), as texts."""
    levels = [one for one in DISTRICT_LEVELS if any(str(code).startswith(f"A1k.{one}.") for code in whole.index)]
    rows = []
    for item in catalogue.items:
        if levels and f"A1k.{levels[0]}.{item.id}" in whole.index:
            row = {tr("control.service"): terms.say(item.name, tr)}
            for level in levels:
                row[tr(f"unit.{level}")] = number_format.percent(float(whole["value"][f"A1k.{level}.{item.id}"]))
            rows.append(row)
    return pd.DataFrame(rows)


def pivot_units(table: pd.DataFrame, level: str) -> pd.DataFrame:
    """Put the units of a level into rows and their indicators into columns, the lowest reachable rate first.

    Parameters
    ----------
    table
        As `coverage.access.indicator_table.compute_indicators` returns it.
    level
        A level of districts.

    Returns
    -------
    Indexed by unit id ("" outside all units): people, then one column per code that has values.
    Of rates that count units (A1, B2) those of the next level below stand here.
    """
    own = table[table["unit_level"] == level]
    codes = [str(one) for one in own["code"].unique()]
    below = DISTRICT_LEVELS[DISTRICT_LEVELS.index(level) + 1 :]
    next_below = next((one for one in below if f"A1.{one}" in codes), "")
    wanted = [f"{code}.{next_below}" if code in ("A1", "B2") else code for code in _UNIT_CODES]
    shown = [code for code in wanted if code in codes]
    by_code = {str(code): rows.set_index("unit_id") for code, rows in own.groupby("code", observed=True)}
    values = pd.DataFrame({"people": by_code["B1"]["denominator"], **{code: by_code[code]["value"] for code in shown}})
    values = values[values["people"] > 0].dropna(axis=1, how="all")
    values = values.sort_values(["B1", "people"], ascending=[True, False], kind="stable")
    return put_outside_last(values, values.index)
