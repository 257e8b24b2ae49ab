"""Reads the text of opening hours, as OpenStreetMap or as Chinese offices write it, into the minutes of a week."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from itertools import pairwise

import numpy as np
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # not in its stub

from coverage.inputs.chinese_hours import is_chinese, normalize_text, translate_chinese
from coverage.inputs.hours import MINUTES_PER_DAY, MINUTES_PER_WEEK, WeekHours

# A reference year without a clock: weeks from Monday to Monday; a season is thirteen of them.
_YEAR = (dt.datetime(2026, 1, 5), 52)
_SEASONS = {
    "summer": (dt.datetime(2026, 6, 1), 13),
    "winter": (dt.datetime(2025, 12, 1), 13),
    "heavy_snow": (dt.datetime(2025, 12, 1), 13),
}
_LONGEST = 500
_KEPT_TEXTS = 1 << 16
_CLOSED = re.compile(r"(24/7\s+)?(off|closed)\Z", re.IGNORECASE)
_DAY_NAME = re.compile(r"\b(mo|tu|we|th|fr|sa|su)(?:n|e|es|d|dnes|u|ur|urs|rs|i|t|tur)?(?:day)?s?\b\.?", re.IGNORECASE)
_HABITS = (
    (re.compile(r"(?<=\d)\.(?=\d\d)"), ":"),
    (re.compile(r"\b24\s?(?:h|hrs?|hours?)\b", re.IGNORECASE), "24/7"),
    (re.compile(r"(?<!\d)([01]\d)([0-5]\d)-([0-2]\d)([0-5]\d)(?!\d)"), r"\1:\2-\3:\4"),
    (re.compile(r"(?<![\d:.])(\d{1,2})-(\d{1,2})(?![\d:./])"), r"\1:00-\2:00"),
)


@lru_cache(maxsize=_KEPT_TEXTS)
def parse_hours(text: str, season: str | None = None) -> WeekHours | None:
    """Read opening hours.

    Parameters
    ----------
    text
        In the opening_hours syntax of OpenStreetMap (``"Mo-Fr 10:00-14:00,15:30-19:30"``) or as Chinese
        offices write them (``"周一至周五 10:00-18:00"``, ``"24小时"``, ``"每月第一个周一上午"``).
    season
        ``"summer"`` looks at June to August, ``"winter"`` and ``"heavy_snow"`` at December to
        February; None, or any other season, at the whole year.

    Returns
    -------
    Hours of the week, or None if the text is not understood or never opens in the reference year.
    What does not happen every week has its share of the weeks: monthly 3/13 of a season.

    Notes
    -----
    Public holidays are not counted: every week is an ordinary one. Hours that the text itself calls
    unknown (``"unknown"``, only a comment) do not count as open.
    """
    plain = normalize_text(text)
    if not plain or len(plain) > _LONGEST:
        return None
    if is_chinese(re.sub(r'"[^"]*"', "", plain)):
        translated = translate_chinese(text)
        return None if translated is None else _evaluate(translated, season)
    if re.fullmatch(r'"[^"]*"', plain):
        return None
    hours = _evaluate(plain, season)
    return hours if hours is not None else _evaluate(_tidy(plain), season)


def _tidy(text: str) -> str:
    """Put habits of spreadsheets ("24h", "Mon-Fri", "9-17", "9.30") into the syntax."""
    text = _DAY_NAME.sub(lambda found: found.group(1).capitalize(), text)
    for habit, syntax in _HABITS:
        text = habit.sub(syntax, text)
    return text


def _evaluate(expression: str, season: str | None) -> WeekHours | None:
    try:
        opening = OpeningHours(expression, auto_country=False, auto_timezone=False, max_interval_days=366)
        first, weeks = _SEASONS.get(season or "", _YEAR)
        hours = _average(opening, first, weeks)
        if hours.intervals or _CLOSED.match(expression):
            return hours
        # Closed all season is an answer only if it opens at another time of the year.
        return hours if _average(opening, *_YEAR).intervals else None
    except ParserError:
        return None


def _average(opening: OpeningHours, first: dt.datetime, weeks: int) -> WeekHours:
    """Count for every minute of the week in how many weeks it is open."""
    change = np.zeros(MINUTES_PER_WEEK + 1, np.int64)
    spans: list[tuple[int, int]] = []
    for start, end, state, _ in opening.intervals(first, first + dt.timedelta(weeks=weeks)):
        if state != State.OPEN:
            continue
        low, high = ((moment - first) // dt.timedelta(minutes=1) for moment in (start, end))
        low, high = max(low, 0), min(high, weeks * MINUTES_PER_WEEK)
        change[0] += high // MINUTES_PER_WEEK - low // MINUTES_PER_WEEK
        change[low % MINUTES_PER_WEEK] += 1
        change[high % MINUTES_PER_WEEK] -= 1
        spans.append((low, high))
    count = np.cumsum(change[:-1])
    edges = [0, *(np.flatnonzero(np.diff(count)) + 1).tolist(), MINUTES_PER_WEEK]
    intervals = tuple((low, high, float(count[low]) / weeks) for low, high in pairwise(edges) if count[low] > 0)
    return WeekHours(intervals, days_week=_count_days(spans, weeks) / weeks)


def _count_days(spans: list[tuple[int, int]], weeks: int) -> int:
    """Count the days on which something opens; a night counts for the day on which it begins."""
    whole = weeks * MINUTES_PER_WEEK
    if len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == whole:
        spans = [*spans[1:-1], (spans[-1][0], whole + spans[0][1])]
    days: set[int] = set()
    for low, high in spans:
        last = low if high - low <= MINUTES_PER_DAY else high - 1
        days.update(day % (7 * weeks) for day in range(low // MINUTES_PER_DAY, last // MINUTES_PER_DAY + 1))
    return len(days)
