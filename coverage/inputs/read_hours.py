"""Reads the hours of a table of stations, and a moment of the week that is asked about."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from coverage.errors import DataIssue, InputError
from coverage.inputs.chinese_hours import normalize_text
from coverage.inputs.hours import MINUTES_PER_DAY
from coverage.inputs.hours_text import parse_hours

_ROWS_SHOWN = 20
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
