"""The hours of a week in which a resident finds an open station within reach (B8)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from coverage.inputs.hours import MINUTES_PER_WEEK
from coverage.network.model import BoolArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.reach import PairTimes, ReachMatrix
from coverage.units import FloatArray, is_within

# Pairs that are gone through at a time.
_PORTION = 4_000_000


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
