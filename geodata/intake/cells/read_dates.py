"""Reads days as people write them: 2027-06-30, 2027/6/30, 2027年6月30日, 2027年6月, 2027."""

from __future__ import annotations

import calendar
import re
import unicodedata

_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?(?:[ T]00:00(?::00)?)?")


def parse_date(text: str) -> str | None:
    """Write a day as ``2027-06-30``; a month or a year alone stands for its last day.

    Returns
    -------
    "" for an empty text, None for one that is no day.

    Examples
    --------
    >>> parse_date("2027年6月"), parse_date("2027/2/3"), parse_date("2027-02-30")
    ('2027-06-30', '2027-02-03', None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return ""
    match = _DATE.fullmatch(plain)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2] or 12)
    if not (1900 <= year <= 2200 and 1 <= month <= 12):
        return None
    last = calendar.monthrange(year, month)[1]
    day = int(match[3]) if match[3] else last
    return f"{year}-{month:02}-{day:02}" if 1 <= day <= last else None
