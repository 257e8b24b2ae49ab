"""Opening hours as a week of minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from coverage.errors import SettingsError
from coverage.network.model import BoolArray

MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
SLOT_MIN = 30
_WEEKS_PER_MONTH = 365.25 / 7.0 / 12.0
# Open in more than this share of the weeks counts as open in the usual week.
USUAL_SHARE = 2.0 / 3.0


@dataclass(frozen=True, slots=True)
class WeekHours:
    """When a place is open in the week, Monday 0:00 being minute 0.

    Parameters
    ----------
    intervals
        (from, to, share): open from this minute of the week up to, but not including, that one, in
        this share of the weeks (1 every week, 3/13 on the first Monday of each month). In ascending
        order, not overlapping.
    days_week
        Days a week on which it opens, on average over the weeks that were counted; None to read them off the
        intervals, which counts visits that take turns on one weekday low.

    Notes
    -----
    A place counts as *open* at a minute if it is so in the usual week, that is in more than two thirds
    of all weeks: a window that opens once a month does not make Monday morning covered. Its hours
    still count, by their share, in `weekly_hours`.
    """

    intervals: tuple[tuple[int, int, float], ...] = ()
    days_week: float | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for start, end, share in self.intervals:
            if not (0 <= start < end <= MINUTES_PER_WEEK and 0.0 < share <= 1.0):
                raise SettingsError("hours.interval_invalid", value=f"{start}-{end} x {share:g}")
        for before, after in pairwise(self.intervals):
            if after[0] < before[1]:
                raise SettingsError("hours.interval_invalid", value=f"{before[0]}-{before[1]}, {after[0]}-{after[1]}")

    @property
    def weekly_hours(self) -> float:
        """Return the hours open in an average week [h]; occasional hours count by their share."""
        return sum((end - start) * share for start, end, share in self.intervals) / 60.0

    @property
    def visits_month(self) -> float:
        """Return the days a month on which it opens: 4.3 for every Tuesday, 1.0 for the first Monday of each month.

        A night that begins on a day counts for that day.
        """
        if self.days_week is not None:
            return self.days_week * _WEEKS_PER_MONTH
        spans = list(self.intervals)
        if len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == MINUTES_PER_WEEK:
            _, end, _ = spans.pop(0)  # the rest of the night from Sunday to Monday, or of a longer time
            start, _, share = spans[-1]
            spans[-1] = (start, MINUTES_PER_WEEK + end, share)
        days = [0.0] * 7
        for start, end, share in spans:
            last = start if end - start <= MINUTES_PER_DAY else end - 1
            for day in range(start // MINUTES_PER_DAY, last // MINUTES_PER_DAY + 1):
                days[day % 7] = max(days[day % 7], share)
        return sum(days) * _WEEKS_PER_MONTH


ALWAYS = WeekHours(((0, MINUTES_PER_WEEK, 1.0),))


def is_open(hours: WeekHours, minute_of_week: float) -> bool:
    """Tell whether a place is open at a minute of the usual week; at closing time it is closed.

    Examples
    --------
    >>> monday = WeekHours(((600, 840, 1.0),))
    >>> is_open(monday, 600), is_open(monday, 839), is_open(monday, 840)
    (True, True, False)
    """
    minute = minute_of_week % MINUTES_PER_WEEK
    return any(start <= minute < end and share > USUAL_SHARE for start, end, share in hours.intervals)


def find_open(hours: Sequence[WeekHours | None], minute_of_week: float) -> BoolArray:
    """Tell which stations are open at a minute of the usual week, shape (s,).

    Parameters
    ----------
    hours
        Hours of each station, None where they are not known: such a station is taken as closed.
    minute_of_week
        Minutes since Monday 0:00.
    """
    return np.array([one is not None and is_open(one, minute_of_week) for one in hours], dtype=bool)


def tabulate_open_slots(hours: Sequence[WeekHours | None], *, slot_min: int = SLOT_MIN) -> BoolArray:
    """Cut the usual week into slots and tell which stations are open in each.

    Parameters
    ----------
    hours
        As for `find_open`.
    slot_min
        Length of a slot [min]; divides the week.

    Returns
    -------
    Shape (s, slots), slot 0 beginning on Monday 0:00. A slot is open if its middle is: hours on the
    half hour are exact, others are rounded to the nearest slot.

    Raises
    ------
    SettingsError
        ``hours.slot_invalid`` if the week is not a whole number of slots.
    """
    if slot_min < 1 or MINUTES_PER_WEEK % slot_min:
        raise SettingsError("hours.slot_invalid", value=slot_min)
    middle = np.arange(0, MINUTES_PER_WEEK, slot_min) + slot_min / 2.0
    slots = np.zeros((len(hours), len(middle)), bool)
    for station, one in enumerate(hours):
        for start, end, share in (one or WeekHours()).intervals:
            if share > USUAL_SHARE:
                slots[station] |= (middle >= start) & (middle < end)
    return slots
