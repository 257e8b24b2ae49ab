"""Numbers as people read them: 31.2万, 87.3%, 28分钟, +3.2个百分点, 2026年11月22日."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

from babel.dates import format_date

from geodata.words.i18n import Language, Translator

MISSING = "—"


def number(value: float, decimals: int = 0) -> str:
    """Write a number with grouped thousands, e.g. ``312,456``; missing values are a dash."""
    if not math.isfinite(value):
        return MISSING
    return _with_minus(f"{value:,.{decimals}f}")


def people(value: float) -> str:
    """Write a number of people for a table, e.g. ``312,456``."""
    return number(value)


def people_short(value: float, language: Language) -> str:
    """Write a number of people for a sentence or a card: ``31.2万`` in Chinese, ``312,000`` in English.

    Examples
    --------
    >>> people_short(312_000, "zh_CN"), people_short(312_000, "en"), people_short(9_500, "zh_CN")
    ('31.2万', '312,000', '9,500')
    """
    if language == "en" or not math.isfinite(value) or round(abs(value)) < 10_000:
        return number(value)
    if round(abs(value) / 1e4, 1) >= 1e4:
        return _with_minus(f"{value / 1e8:,.1f}亿")
    return _with_minus(f"{value / 1e4:,.1f}万")


def percent(share: float, decimals: int = 1) -> str:
    """Write a share (0..1) as a percentage; a share that is not quite 0 or 1 never reads as if it were.

    Examples
    --------
    >>> percent(0.8734), percent(0.0), percent(0.0001), percent(0.99999), percent(float("nan"))
    ('87.3%', '0.0%', '<0.1%', '>99.9%', '—')
    """
    if not math.isfinite(share):
        return MISSING
    step = 10.0**-decimals
    text = f"{share * 100:.{decimals}f}"
    if share > 0 and float(text) == 0:
        return f"<{step:.{decimals}f}%"
    if share < 1 and float(text) == 100:
        return f">{100 - step:.{decimals}f}%"
    return _with_minus(text) + "%"


def choose_decimals(before: float, after: float, *, least: int = 1, most: int = 4) -> int:
    """Choose the fewest decimals with which two shares are read as numbers, and as different ones if they differ.

    Their exact difference must not round to 0 either: 99.749% and 99.751% are not 0.1 apart.

    Examples
    --------
    >>> choose_decimals(0.667, 0.111), choose_decimals(0.99761, 0.99788), choose_decimals(0.9999, 1.0)
    (1, 2, 2)
    """
    for decimals in range(least, most):
        said = percent(before, decimals), percent(after, decimals)
        is_seen = said[0] != said[1] and float(f"{abs(after - before) * 100:.{decimals}f}") > 0
        if (before == after or is_seen) and not any(one[0] in "<>" for one in said):
            return decimals
    return most


def subtract_shares(before: float, after: float, decimals: int = 1) -> float:
    """Return the difference of two shares as they are read, so that whoever subtracts them finds the same.

    Examples
    --------
    >>> round(subtract_shares(0.99759, 0.99794, 2), 6)  # 99.76% and 99.79%
    0.0003
    """
    if not (math.isfinite(before) and math.isfinite(after)):
        return math.nan
    printed = [Decimal(f"{share * 100:.{decimals}f}") for share in (before, after)]
    return float((printed[1] - printed[0]) / 100)


def points(apart: float, decimals: int = 1, *, signed: bool = True) -> str:
    """Write a difference of shares in percentage points without their unit: 0.032 is ``+3.2``, or ``3.2`` unsigned."""
    if not math.isfinite(apart):
        return MISSING
    text = f"{apart * 100:{'+' if signed else ''}.{decimals}f}"
    return f"{0:.{decimals}f}" if float(text) == 0 else _with_minus(text)


def change(apart: float, language: Language, decimals: int = 1) -> str:
    """Write a change between two shares (0.032 → ``+3.2个百分点``) with its sign."""
    said = points(apart, decimals)
    return said if said == MISSING else Translator(language)("report.number.points", value=said)


def minutes(value: float, language: Language, decimals: int = 0) -> str:
    """Write a travel time [min]; ``inf`` is unreachable, ``nan`` is missing.

    Examples
    --------
    >>> minutes(28.2, "zh_CN"), minutes(28.2, "en"), minutes(float("inf"), "zh_CN")
    ('28分钟', '28 min', '无法到达')
    """
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return Translator(language)("report.number.unreachable")
    return Translator(language)("report.number.minutes", value=number(value, decimals))


def date(day: dt.date, language: Language) -> str:
    """Write a date in full: ``2026年11月22日``, ``22 November 2026``."""
    return format_date(day, "y年M月d日" if language == "zh_CN" else "d MMMM y", locale=language)


def _with_minus(text: str) -> str:
    return "0" + text[2:] if text.startswith("-0") and not text.strip("-0.,") else text.replace("-", "−")
