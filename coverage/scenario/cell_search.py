"""When stations close: the states that went to them, searched anew from their border inwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from coverage.network.model import BoolArray, FloatArray, IntArray
from coverage.network.ragged_rows import list_ranges
from coverage.travel.search import find_first_alike
from coverage.travel.travel_time import Places, TimedNetwork, to_sources


@dataclass(frozen=True, slots=True, eq=False)
class StateTimes:
    """Seconds to the nearest station from every state, and which: those of before, but for a few searched anew.

    Parameters
    ----------
    base_s, base_station
        Seconds of before (inf where none) and the row of the station (-1 there), shape (states,).
    number
        Position of a state among those searched anew, -1 for the others, shape (states,); None if there are none.
    cell_s, cell_station
        What was found for them.
    """

    base_s: FloatArray
    base_station: IntArray
    number: IntArray | None = None
    cell_s: FloatArray | None = None
    cell_station: IntArray | None = None

    def get(self, states: npt.NDArray[np.integer]) -> tuple[FloatArray, IntArray]:
        """Return the seconds from some states, and their stations."""
        seconds, station = self.base_s[states], self.base_station[states]
        if self.number is not None and self.cell_s is not None and self.cell_station is not None:
            position = self.number[states]
            anew = position >= 0
            seconds[anew], station[anew] = self.cell_s[position[anew]], self.cell_station[position[anew]]
        return seconds, station


class CellSearcher:
    """Searches what stations leave behind, prepared once for a network and its stations.

    Parameters
    ----------
    timed, stations
        The network, and the places of all stations.
    """

    def __init__(self, timed: TimedNetwork, stations: Places) -> None:
        graph = timed.graph
        states = graph.state_count
        arcs = sparse.csr_array((graph.weight_s, graph.target, graph.ptr), shape=(states, states)).tocsc()
        self._ptr, self._from, self._weight_s = arcs.indptr, arcs.indices, arcs.data
        sources = to_sources(timed, stations)
        begin, count = graph.ptr[sources.edge], np.diff(graph.ptr)[sources.edge]
        arc = list_ranges(begin, count)
        self._first_state = graph.target[arc]
        self._first_s = graph.turn_s[arc] + np.repeat(sources.offset_s, count)
        self._first_station = np.repeat(sources.source, count)
        self._alike = find_first_alike(sources)

    def search(self, before: StateTimes, removed: BoolArray, kept: BoolArray) -> StateTimes:
        """Search the states that went to removed stations anew.

        Parameters
        ----------
        before
            Times to all chosen stations.
        removed, kept
            Masks of the stations that no longer count and of those that still do, shape (s,).

        Returns
        -------
        Times to the kept stations, equal to a search from all of them to the bit.

        Notes
        -----
        A state that goes to a kept station does so along states that go there too, so its time stays. Every way out
        of the others either leads over such a state, or from the first states of a kept station: one search from
        there over the states that lost their station finds them, O(c log c) for c such states and O(states) to mark
        them.
        """
        cell = np.flatnonzero(np.append(removed, False)[before.base_station])
        number = np.full(len(before.base_s), -1, np.int32)
        number[cell] = np.arange(len(cell), dtype=np.int32)
        count = (self._ptr[cell + 1] - self._ptr[cell]).astype(np.int64)
        at = list_ranges(self._ptr[cell], count)
        to, origin, weight_s = np.repeat(np.arange(len(cell)), count), self._from[at], self._weight_s[at]
        inside = number[origin] >= 0
        is_border = ~inside & np.isfinite(before.base_s[origin])
        is_first = kept[self._first_station] & (number[self._first_state] >= 0)
        begin = np.concatenate((before.base_station[origin[is_border]], self._first_station[is_first]))
        into = np.concatenate((to[is_border], number[self._first_state[is_first]]))
        seconds = np.concatenate((before.base_s[origin[is_border]] + weight_s[is_border], self._first_s[is_first]))
        begin = self._find_first(kept)[begin]
        station, virtual = np.unique(begin, return_inverse=True)
        row = np.concatenate((number[origin[inside]], len(cell) + virtual))
        column = np.concatenate((to[inside], into))
        value = np.concatenate((weight_s[inside], seconds))
        order = np.argsort(row, kind="stable")
        size = len(cell) + len(station)
        ptr = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=size))))
        if not len(station):
            none = np.full(len(cell), -1, np.int32)
            return StateTimes(before.base_s, before.base_station, number, np.full(len(cell), np.inf), none)
        matrix = sparse.csr_array((value[order], column[order].astype(np.int32), ptr.astype(np.int32)), (size, size))
        distance, _, found = csgraph.dijkstra(
            matrix, indices=np.arange(len(cell), size), min_only=True, return_predecessors=True
        )
        distance, found = distance[: len(cell)], found[: len(cell)]
        nearest = np.where(np.isfinite(distance), station[np.maximum(found - len(cell), 0)], -1).astype(np.int32)
        return StateTimes(before.base_s, before.base_station, number, distance, nearest)

    def _find_first(self, kept: BoolArray) -> IntArray:
        """Find the first kept station at the place of each one, shape (s,); what is not kept has none."""
        rows = np.flatnonzero(kept)
        first = np.full(len(kept), len(kept), np.int32)
        np.minimum.at(first, self._alike[rows], rows.astype(np.int32))
        found: IntArray = first[self._alike]
        return found
