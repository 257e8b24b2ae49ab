"""Reads opening hours, as OpenStreetMap or as Chinese offices write them, into the minutes of a week."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # not in its stub

from coverage.errors import DataIssue, InputError
from coverage.hours import MINUTES_PER_DAY, MINUTES_PER_WEEK, WeekHours, find_open
from coverage.model import Study
from coverage.network import BoolArray
from coverage.season_changes import SUMMER
from geodata.chinese_hours import is_chinese, normalize_text, translate_chinese

# A reference year without a clock: weeks from Monday to Monday; a season is thirteen of them.
_YEAR = (dt.datetime(2026, 1, 5), 52)
_SEASONS = {
    "summer": (dt.datetime(2026, 6, 1), 13),
    "winter": (dt.datetime(2025, 12, 1), 13),
    "heavy_snow": (dt.datetime(2025, 12, 1), 13),
}
_LONGEST = 500
_ROWS_SHOWN = 20
_CLOSED = re.compile(r"(24/7\s+)?(off|closed)\Z", re.IGNORECASE)
_DAY_NAME = re.compile(r"\b(mo|tu|we|th|fr|sa|su)(?:n|e|es|d|dnes|u|ur|urs|rs|i|t|tur)?(?:day)?s?\b\.?", re.IGNORECASE)
_HABITS = (
    (re.compile(r"(?<=\d)\.(?=\d\d)"), ":"),
    (re.compile(r"\b24\s?(?:h|hrs?|hours?)\b", re.IGNORECASE), "24/7"),
    (re.compile(r"(?<!\d)([01]\d)([0-5]\d)-([0-2]\d)([0-5]\d)(?!\d)"), r"\1:\2-\3:\4"),
    (re.compile(r"(?<![\d:.])(\d{1,2})-(\d{1,2})(?![\d:./])"), r"\1:00-\2:00"),
)
_MOMENT = re.compile(
    r"(?:(?P<english>mon?|tue?s?|wed?(?:nes)?|thu?r?s?|fri?|sat?(?:ur)?|sun?)(?:day)?|(?:周|星期|礼拜)(?P<chinese>[一二三四五六日天1-7]))"
    r"[\s,]*(?P<hour>\d{1,2})(?:[:点时](?P<minute>\d{1,2}|半)?分?)?\Z",
    re.IGNORECASE,
)
_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_CHINESE_DAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}


def parse_moment(text: str) -> int:
    """Return the minute of the week (Monday 0:00 = 0) of a weekday and time.

    Raises
    ------
    InputError
        ``hours.moment_invalid`` if it is not a weekday and a time.

    Examples
    --------
    >>> parse_moment("Wed 10:30"), parse_moment("周三 10:30"), parse_moment("Mon 00:00")
    (3510, 3510, 0)
    """
    found = _MOMENT.match(normalize_text(text))
    if found is not None:
        english, chinese = found["english"], found["chinese"]
        day = _DAYS.index(english[:2].casefold()) if english else _CHINESE_DAYS.get(chinese, -1)
        day = int(chinese) - 1 if day < 0 else day
        hour, minute = int(found["hour"]), 30 if found["minute"] == "半" else int(found["minute"] or 0)
        if hour < 24 and minute < 60:
            return day * MINUTES_PER_DAY + hour * 60 + minute
    raise InputError("hours.moment_invalid", value=text[:100])


@lru_cache(maxsize=4096)
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


def find_open_in_seasons(study: Study, minute_of_week: int | None, *more: str) -> dict[str, BoolArray] | None:
    """Mark by season the stations of a study open at a minute of the week, shape (s,) each; None without a minute.

    The seasons are those of the study's speeds, summer, and `more`.
    """
    if minute_of_week is None:
        return None
    seasons = dict.fromkeys((SUMMER, *study.speeds.season_names, *more))
    texts = study.stations["hours"]
    return {one: find_open(list(read_hours(texts, season=one)[0]), minute_of_week) for one in seasons}


def read_hours(
    texts: pd.Series, *, season: str | None = None, source: str = "stations"
) -> tuple[pd.Series, list[DataIssue]]:
    """Read the hours of every station.

    Parameters
    ----------
    texts
        Column ``hours`` of the stations, ``""`` where it is not given.
    season
        As for `parse_hours`.
    source
        Name of the input, for the findings.

    Returns
    -------
    `WeekHours` or None per station, object, indexed like `texts`; and findings:
    ``hours.not_given`` and ``hours.not_understood`` with the number of stations, the latter as a
    warning with the commonest text.
    """
    cells = texts.fillna("").astype(str).str.strip()
    parsed = {text: parse_hours(text, season) if text else None for text in cells.unique()}
    hours = pd.Series([parsed[text] for text in cells], index=texts.index, name="hours", dtype=object)
    issues = []
    empty = (cells == "").to_numpy(dtype=bool)
    failed = np.array([one is None for one in hours], dtype=bool) & ~empty
    if empty.any():
        issues.append(DataIssue("hours.not_given", "note", source, int(empty.sum()), column="hours"))
    if failed.any():
        rows = tuple(int(row) + 2 for row in np.flatnonzero(failed)[:_ROWS_SHOWN])
        commonest = str(cells[failed].value_counts().index[0])[:200]
        issues.append(DataIssue("hours.not_understood", "warning", source, int(failed.sum()), rows, "hours", commonest))
    return hours, issues


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
    for start, end, state, _ in opening.intervals(first, first + dt.timedelta(weeks=weeks)):
        if state != State.OPEN:
            continue
        low, high = ((moment - first) // dt.timedelta(minutes=1) for moment in (start, end))
        low, high = max(low, 0), min(high, weeks * MINUTES_PER_WEEK)
        change[0] += high // MINUTES_PER_WEEK - low // MINUTES_PER_WEEK
        change[low % MINUTES_PER_WEEK] += 1
        change[high % MINUTES_PER_WEEK] -= 1
    count = np.cumsum(change[:-1])
    edges = [0, *(np.flatnonzero(np.diff(count)) + 1).tolist(), MINUTES_PER_WEEK]
    return WeekHours(tuple((low, high, float(count[low]) / weeks) for low, high in pairwise(edges) if count[low] > 0))
