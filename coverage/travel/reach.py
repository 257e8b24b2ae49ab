"""Times between people and every station within a limit: sparse, in blocks that fit the memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from coverage.network.model import BoolArray, FloatArray, IntArray
from coverage.network.ragged_rows import list_ranges
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.search import search_each
from coverage.travel.travel_time import Ends, Places, TimedNetwork, find_ends, find_on_same_edge, to_sources
from coverage.units import is_within, to_minutes

# Beyond the largest threshold by this much, so that a time that rounds down to it is still found [s].
LIMIT_MARGIN_S = 1.0
# Pairs that are expanded at a time when all are gone through.
_PORTION = 5_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PairTimes:
    """Times of demand points and stations within a limit, sparse, one row for each demand point.

    Parameters
    ----------
    ptr
        Demand point i has the entries ``ptr[i]:ptr[i + 1]``, shape (p + 1,).
    station
        Stations in ascending order within each row.
    minutes
        Door-to-door times, float32 [min].
    """

    ptr: npt.NDArray[np.int64]
    station: IntArray
    minutes: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ReachMatrix:
    """Times from the ends of populated edges to a block of stations, truncated at a limit.

    Demand points that share an edge share its entries, so the matrix is as large as the roads
    people live on, not as the number of people's cells.

    Parameters
    ----------
    demand_count
        Number of demand points.
    first_station, last_station
        The block holds the stations ``first_station <= j < last_station``.
    limit_min
        Pairs beyond it are left out [min].
    """

    demand_count: int
    first_station: int
    last_station: int
    limit_min: float
    _ends: Ends
    _end_ptr: npt.NDArray[np.int64]  # entries of each end, then by station
    _station: IntArray
    _seconds: FloatArray
    _same: tuple[IntArray, IntArray, FloatArray]
    _units: tuple[IntArray, IntArray] | None = None  # of points and stations, where only their own count

    def find_pairs(
        self, wanted: BoolArray | None = None, *, first_point: int = 0, last_point: int | None = None
    ) -> PairTimes:
        """Expand to pairs of demand point and station.

        Parameters
        ----------
        wanted
            Mask of the stations to keep, shape (s,); None keeps all.
        first_point, last_point
            Only the demand points ``first_point <= i < last_point``; the rows begin with the first.
        """
        last_point = self.demand_count if last_point is None else last_point
        bounds = (first_point, last_point)
        low, high = np.searchsorted(self._ends.point, bounds)
        end, leg_s = self._ends.end[low:high], self._ends.leg_s[low:high]
        count = np.diff(self._end_ptr)[end]
        row = np.repeat(np.arange(len(end)), count)
        at = list_ranges(self._end_ptr[end], count)
        low_same, high_same = np.searchsorted(self._same[0], bounds)
        same_point, same_station, same_s = (column[low_same:high_same] for column in self._same)
        point = np.concatenate((self._ends.point[low:high][row], same_point)) - first_point
        station = np.concatenate((self._station[at], same_station))
        minutes = to_minutes(np.concatenate((leg_s[row] + self._seconds[at], same_s)))
        keep = is_within(minutes, self.limit_min) if np.isfinite(self.limit_min) else np.isfinite(minutes)
        if wanted is not None:
            keep &= wanted[station]
        if self._units is not None:
            resident = self._units[0][point + first_point]
            keep &= (resident < 0) | (resident == self._units[1][station])
        pair = point[keep].astype(np.int64) * self.last_station + station[keep].astype(np.int64)
        order = np.argsort(pair, kind="stable")
        pair, minutes = pair[order], minutes[keep][order]
        first = np.flatnonzero(np.diff(pair, prepend=-1))
        minutes = np.minimum.reduceat(minutes, first) if len(first) else minutes
        point, station = np.divmod(pair[first], self.last_station)
        rows = np.concatenate(([0], np.cumsum(np.bincount(point, minlength=last_point - first_point))))
        return PairTimes(rows, station.astype(np.int32), minutes)

    def find_portions(self) -> list[tuple[int, int]]:
        """Cut the demand points into ranges whose pairs fit the memory together: (first, last)."""
        entries = np.diff(self._end_ptr)[self._ends.end]
        before = np.cumsum(np.bincount(self._ends.point, weights=entries, minlength=self.demand_count))
        portion = (before // _PORTION).astype(np.int64)
        cuts = [0, *(np.flatnonzero(np.diff(portion)) + 1).tolist(), self.demand_count]
        return list(pairwise(cuts))


_BYTES_PER_ENTRY = 12  # int32 station, float64 seconds


def compute_reach(
    timed: TimedNetwork,
    demand: Places,
    stations: Places,
    *,
    limit_min: float = np.inf,
    memory_budget_mb: float = np.inf,
    progress: Progress = ignore_progress,
) -> Iterator[ReachMatrix]:
    """Compute the times between people and every station within a limit, in blocks of stations.

    Parameters
    ----------
    timed, demand, stations
        As for `compute_nearest`.
    limit_min
        Pairs whose rounded time exceeds it are left out [min]; inf keeps all that are joined.
    memory_budget_mb
        A block is handed out when its matrix has grown to this size [MB].
    progress
        Told the share of stations done.

    Yields
    ------
    Blocks of consecutive stations that together hold every station; one block if all fit.

    Notes
    -----
    One bounded search per station. The smallest time of a demand point over all blocks equals
    `compute_nearest` to the bit.
    """
    ends = find_ends(timed, demand)
    same = find_on_same_edge(timed, demand, stations)
    limit_s = limit_min * 60.0 + LIMIT_MARGIN_S
    first, entries = 0, 0
    found: list[tuple[int, IntArray, FloatArray]] = []
    sources = to_sources(timed, stations)
    units = None if demand.unit is None or stations.unit is None else (demand.unit, stations.unit)
    for station, position, seconds in search_each(timed.graph, sources, ends.state, limit_s=limit_s):
        found.append((station, position, seconds))
        entries += len(position)
        report_progress(progress, (station + 1) / stations.count, "reach")
        if entries * _BYTES_PER_ENTRY > memory_budget_mb * 1e6:
            yield _to_block(demand.count, first, station + 1, limit_min, ends, found, same, units)
            first, entries, found = station + 1, 0, []
    if first < stations.count or first == 0:
        yield _to_block(demand.count, first, stations.count, limit_min, ends, found, same, units)


def _to_block(
    demand_count: int,
    first: int,
    last: int,
    limit_min: float,
    ends: Ends,
    found: list[tuple[int, IntArray, FloatArray]],
    same: tuple[IntArray, IntArray, FloatArray],
    units: tuple[IntArray, IntArray] | None,
) -> ReachMatrix:
    lengths = np.array([len(position) for _, position, _ in found], np.int64)
    station = np.repeat(np.array([number for number, _, _ in found], np.int32), lengths)
    position = np.concatenate([np.zeros(0, np.int32), *(position for _, position, _ in found)])
    seconds = np.concatenate([np.zeros(0), *(seconds for _, _, seconds in found)])
    order = np.argsort(position, kind="stable")
    end_ptr = np.concatenate(([0], np.cumsum(np.bincount(position, minlength=len(ends.state)))))
    in_block = (same[1] >= first) & (same[1] < last)
    pairs = (same[0][in_block], same[1][in_block], same[2][in_block])
    return ReachMatrix(
        demand_count, first, last, limit_min, ends, end_ptr, station[order], seconds[order], pairs, units
    )


def count_within(
    blocks: Iterable[ReachMatrix],
    demand_count: int,
    cutoff_min: float | npt.NDArray[np.floating],
    wanted: BoolArray | None = None,
) -> IntArray:
    """Count the stations within the threshold of each demand point, shape (p,).

    Parameters
    ----------
    blocks
        All blocks of `compute_reach`, with a limit not below the threshold.
    demand_count
        Number of demand points p.
    cutoff_min
        The threshold, inclusive, one for all or one for each demand point [min].
    wanted
        Mask of the stations that count, shape (s,); None counts all.
    """
    cutoffs = np.broadcast_to(np.asarray(cutoff_min, np.float32), demand_count)
    count = np.zeros(demand_count, np.int32)
    for block in blocks:
        for first, last in block.find_portions():
            pairs = block.find_pairs(wanted, first_point=first, last_point=last)
            point = np.repeat(np.arange(last - first), np.diff(pairs.ptr))
            near = is_within(pairs.minutes, cutoffs[first:last][point])
            count[first:last] += np.bincount(point[near], minlength=last - first).astype(np.int32)
    return count
