"""Opening hours as a week of minutes, and the hours in which a resident finds somebody there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.network import BoolArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.reach import PairTimes, ReachMatrix
from coverage.units import FloatArray, is_within

MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
SLOT_MIN = 30
_WEEKS_PER_MONTH = 365.25 / 7.0 / 12.0
# Open in more than this share of the weeks counts as open in the usual week.
USUAL_SHARE = 2.0 / 3.0
# Pairs that are gone through at a time.
_PORTION = 4_000_000


@dataclass(frozen=True, slots=True)
class WeekHours:
    """When a place is open in the week, Monday 0:00 being minute 0.

    Parameters
    ----------
    intervals
        (from, to, share): open from this minute of the week up to, but not including, that one, in
        this share of the weeks (1 every week, 3/13 on the first Monday of each month). In ascending
        order, not overlapping.

    Notes
    -----
    A place counts as *open* at a minute if it is so in the usual week, that is in more than two thirds
    of all weeks: a window that opens once a month does not make Monday morning covered. Its hours
    still count, by their share, in `weekly_hours`.
    """

    intervals: tuple[tuple[int, int, float], ...] = ()

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

        A night that begins on a day counts for that day. Of several times on one weekday the commonest counts, so
        visits that take turns on it are counted low.
        """
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


def compute_weekly_reachable_hours(
    pairs: PairTimes, cutoff_min: float | FloatArray, open_slots: BoolArray
) -> npt.NDArray[np.float64]:
    """Compute the weekly hours in which each demand point reaches at least one open station (B8) [h].

    Parameters
    ----------
    pairs
        Times of demand points and stations.
    cutoff_min
        The threshold, inclusive, one for all or one each, shape (p,) [min].
    open_slots
        From `tabulate_open_slots`, shape (s, slots); rows of stations that do not count are False.

    Returns
    -------
    Shape (p,), 0..168; 0 where no station is within the threshold.

    Notes
    -----
    Each slot of a station is one bit; the bits of all stations within the threshold are joined. 50
    million pairs take a few seconds, and memory for four million of them at a time.
    """
    words = _collect(pairs, cutoff_min, _pack(open_slots))
    return _count_hours(words, open_slots.shape[1])


def compute_weekly_hours_of_blocks(
    blocks: Iterable[ReachMatrix],
    demand_count: int,
    cutoff_min: float | FloatArray,
    open_slots: BoolArray,
    *,
    wanted: BoolArray | None = None,
    progress: Progress = ignore_progress,
) -> npt.NDArray[np.float64]:
    """Compute B8 from the blocks of `compute_reach`, portion by portion [h]; shape (p,).

    Parameters
    ----------
    blocks
        All blocks, with a limit not below the largest threshold.
    demand_count
        Number of demand points p.
    cutoff_min, open_slots
        As for `compute_weekly_reachable_hours`.
    wanted
        Mask of the stations that count, shape (s,); None counts all.
    progress
        Told the share of portions done.
    """
    cutoff = np.broadcast_to(np.asarray(cutoff_min, np.float32), (demand_count,))
    packed = _pack(open_slots)
    words = np.zeros((packed.shape[1], demand_count), np.uint64)
    stations = open_slots.shape[0]
    for block in blocks:
        for first, last in block.find_portions():
            pairs = block.find_pairs(wanted, first_point=first, last_point=last)
            words[:, first:last] |= _collect(pairs, cutoff[first:last], packed)
            done = (block.first_station + (block.last_station - block.first_station) * last / max(demand_count, 1)) / (
                max(stations, 1)
            )
            report_progress(progress, min(done, 1.0), "weekly_hours")
    return _count_hours(words, open_slots.shape[1])


def _pack(open_slots: BoolArray) -> npt.NDArray[np.uint64]:
    """Pack slots into words of 64 bits, shape (s, words)."""
    missing = -open_slots.shape[1] % 64
    padded = np.pad(open_slots, ((0, 0), (0, missing)))
    packed: npt.NDArray[np.uint64] = np.ascontiguousarray(np.packbits(padded, axis=1)).view(np.uint64)
    return packed


def _collect(
    pairs: PairTimes, cutoff_min: float | FloatArray, packed: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """Join the words of all stations within the threshold of each demand point, shape (words, p)."""
    count = len(pairs.ptr) - 1
    cutoff = np.broadcast_to(np.asarray(cutoff_min, np.float32), (count,))
    joined = np.zeros((packed.shape[1], count), np.uint64)
    columns = np.ascontiguousarray(packed.T)
    first = 0
    while first < count:
        last = int(np.searchsorted(pairs.ptr, pairs.ptr[first] + _PORTION, side="right")) - 1
        last = min(max(last, first + 1), count)
        low, high = int(pairs.ptr[first]), int(pairs.ptr[last])
        length = np.diff(pairs.ptr[first : last + 1])
        near = is_within(pairs.minutes[low:high], np.repeat(cutoff[first:last], length))
        station = pairs.station[low:high][near]
        before = np.concatenate(([0], np.cumsum(near)))[pairs.ptr[first : last + 1] - low]
        some = np.flatnonzero(np.diff(before))
        if len(some):
            for word, column in enumerate(columns):
                joined[word, first + some] = np.bitwise_or.reduceat(column[station], before[:-1][some])
        first = last
    return joined


def _count_hours(words: npt.NDArray[np.uint64], slots: int) -> npt.NDArray[np.float64]:
    open_count = np.bitwise_count(words).sum(axis=0, dtype=np.int64)
    hours: npt.NDArray[np.float64] = open_count * (MINUTES_PER_WEEK / 60.0 / max(slots, 1))
    return hours
