"""Numbers of a report as people read them: in a table without units, in a sentence with them."""

from __future__ import annotations

import datetime as dt
import math

from coverage.tables.report_value import CellKind, Fact
from geodata.words import number_format
from geodata.words.i18n import Translator

_FEW_MINUTES = 10.0
_KILOMETRE_M = 1000.0
_LARGE_YUAN = 100.0
# Kinds whose unit stands in the title of the column, and its message.
UNIT_KINDS: tuple[CellKind, ...] = ("points", "minutes", "hours", "metres", "km", "yuan", "degrees")
_CELL_DECIMALS: dict[CellKind, int] = {"minutes": 1, "hours": 1, "visits": 1, "km": 1, "index": 3, "degrees": 5}


def say_cell(value: float, kind: CellKind, decimals: int = 1) -> str:
    """Write a number of a table; its unit stands in the title of the column. `decimals` are of shares and points."""
    if not math.isfinite(value):
        return number_format.MISSING
    if kind == "share":
        return number_format.percent(value, decimals)
    if kind == "points":
        return number_format.points(value, decimals)
    if kind == "year":
        return f"{value:.0f}"
    decimals = 1 if kind == "yuan" and abs(value) < _LARGE_YUAN else _CELL_DECIMALS.get(kind, 0)
    text = number_format.number(value, decimals)
    return text.rstrip("0").rstrip(".") if kind == "index" else text


def say_cell_with_unit(value: float, kind: CellKind, tr: Translator, *, signed: bool = True) -> str:
    """Write a number of a column whose unit differs from row to row; `signed` shows the sign of points."""
    text = number_format.points(value, signed=signed) if kind == "points" else say_cell(value, kind)
    if text == number_format.MISSING or kind not in UNIT_KINDS:
        return text
    return tr(f"report.number.{kind}", value=text)


def say_in_sentence(value: float, kind: CellKind, whom: str, tr: Translator, decimals: int | None = None) -> str:
    """Write a number within a sentence: with its unit, a difference without its sign.

    Parameters
    ----------
    value, kind
        The number and what it is.
    whom
        For people: whom they count.
    tr
        Language.
    decimals
        Of shares, points and minutes; the usual number if not given.
    """
    if not math.isfinite(value):
        return number_format.MISSING
    if kind == "share" and decimals is not None:
        return number_format.percent(value, decimals)
    if kind == "people":
        return say_people(value, whom, tr)
    if kind == "minutes":
        usual = 1 if value < _FEW_MINUTES else 0
        return number_format.minutes(value, tr.language, usual if decimals is None else decimals)
    if kind == "points":
        return tr("report.number.points", value=number_format.points(abs(value), decimals or 1, signed=False))
    if kind == "metres" and value >= _KILOMETRE_M:
        return tr("report.number.km", value=number_format.number(value / _KILOMETRE_M, 1))
    if kind == "metres":
        return tr("report.number.metres", value=number_format.number(value))
    if kind == "yuan":
        short = (
            number_format.people_short(value, tr.language) if value >= _LARGE_YUAN else number_format.number(value, 1)
        )
        return tr("report.number.yuan", value=short)
    if kind == "hours" and value < 1.0:
        return number_format.minutes(value * 60.0, tr.language)
    if kind in ("hours", "km"):
        return tr(f"report.number.{kind}", value=number_format.number(value, 1))
    return say_cell(value, kind)


def say_people(value: float, whom: str, tr: Translator) -> str:
    """Write a number of people with whom it counts: ``31.2万人``, ``312,000 people``."""
    return tr(f"report.people.{whom or 'population'}", value=number_format.people_short(value, tr.language))


def say_whom(fact: Fact, tr: Translator) -> str:
    """Write a number of people as who they are: ``405.4万居民``, ``4,054,369 residents``."""
    short = number_format.people_short(float(fact.value), tr.language)
    return tr(f"report.whom.{fact.words or 'population'}", value=short)


def say_date(day: str, tr: Translator) -> str:
    """Write an ISO date in full, "" for none."""
    return number_format.date(dt.date.fromisoformat(day), tr.language) if day else ""
