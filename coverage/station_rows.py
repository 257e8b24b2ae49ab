"""Times from everybody to one station, searched as far as the answer can depend on it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.network import FloatArray, IntArray
from coverage.station_search import StationSearcher
from coverage.travel_time import Places, TimedNetwork, count_before, find_ends, find_on_same_edge, to_sources

# A hair more than equal: sums of the same legs in another order differ by less.
_ALIKE = 1.0 + 1e-9
_FARTHER = 4.0
_KEPT_ROWS = 512


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """Arcs that lead out of what was searched.

    Parameters
    ----------
    from_state, from_s
        The state an arc begins in (one more than all states: the station itself), and the seconds there [s].
    to_state, to_s
        The state it leads to, and the seconds there [s].
    """

    from_state: IntArray
    from_s: FloatArray
    to_state: IntArray
    to_s: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class StationRow:
    """Times to one station.

    Parameters
    ----------
    limit_s
        The search ended here [s].
    point, seconds
        Demand points that were reached, ascending, and their door-to-door times [s].
    border
        Where the search ended; None if nobody asked, or if it went everywhere.
    """

    limit_s: float
    point: npt.NDArray[np.int64]
    seconds: FloatArray
    border: Border | None = None


class RowSearcher:
    """Searches single stations on one network for the same people, and keeps what it found.

    Parameters
    ----------
    timed, demand
        The network and people's places on it.
    limit_s
        How far a search goes unless more is asked [s].
    """

    def __init__(self, timed: TimedNetwork, demand: Places, limit_s: float) -> None:
        self.limit_s = limit_s
        self._timed = timed
        self._demand = demand
        self._searcher = StationSearcher(timed.graph)
        ends = find_ends(timed, demand)
        self._state = ends.state
        order = np.argsort(ends.end, kind="stable")
        self._point = ends.point[order]
        self._leg_s = ends.leg_s[order]
        self._ptr = np.concatenate(([0], np.cumsum(np.bincount(ends.end, minlength=len(ends.state)))))
        by_edge = np.argsort(demand.edge, kind="stable")
        self._by_edge = by_edge
        self._edge = demand.edge[by_edge]
        self._known: OrderedDict[bytes, StationRow] = OrderedDict()

    def find(self, place: Places, *, limit_s: float = 0.0, has_border: bool = False) -> StationRow:
        """Find the times to one station up to a limit, at least the usual one; with the border if it is asked for."""
        limit = max(limit_s, self.limit_s)
        key = place.edge.tobytes() + place.from_tail_s.tobytes() + place.access_s.tobytes()
        known = self._known.get(key)
        if (
            known is not None
            and known.limit_s >= limit
            and (known.border is not None or not has_border or np.isinf(known.limit_s))
        ):
            return known
        row = self._search(place, limit, has_border=has_border)
        self._known[key] = row
        while len(self._known) > _KEPT_ROWS:
            self._known.popitem(last=False)
        return row

    def find_until_slower(self, place: Places, state_s: FloatArray) -> StationRow:
        """Find the times to one station as far as it is not slower than what every state has already.

        Parameters
        ----------
        place
            The station.
        state_s
            Seconds from every state to the nearest of the other stations, inf where none, shape (states,).

        Returns
        -------
        Times to everybody for whom the station may be the nearest, and to others.

        Notes
        -----
        Along the quickest way to the station, once somebody else is nearer it stays so: sums of floating-point
        numbers keep their order when the same number is added. So if no arc that leaves what was searched
        begins and ends where the station may be the nearest, nobody farther out goes there.
        """
        row = self.find(place, has_border=True)
        while row.border is not None:
            border = row.border
            there = np.append(state_s, np.inf)[border.from_state]
            may_go = (border.from_s <= there * _ALIKE) & (border.to_s <= state_s[border.to_state] * _ALIKE)
            if not may_go.any():
                break
            farther = row.limit_s * _FARTHER
            limit_s = farther if farther < self.limit_s * _FARTHER**2 else np.inf
            row = self.find(place, limit_s=limit_s, has_border=True)
        return row

    def _search(self, place: Places, limit_s: float, *, has_border: bool) -> StationRow:
        timed, states = self._timed, self._timed.graph.state_count
        sources = to_sources(timed, place)
        distance = self._searcher.search(sources, limit_s=limit_s)
        reached = distance[self._state]
        end = np.flatnonzero(np.isfinite(reached))
        count = np.diff(self._ptr)[end]
        at = np.repeat(self._ptr[end] - count_before(count), count) + np.arange(int(count.sum()))
        same_point, _, same_s = find_on_same_edge(timed, self._find_beside(place), place)
        point = np.concatenate((self._point[at], same_point))
        total = np.concatenate((self._leg_s[at] + np.repeat(reached[end], count), same_s))
        seconds = np.full(self._demand.count, np.inf)
        np.minimum.at(seconds, point, total)
        found = np.flatnonzero(np.isfinite(seconds))
        if not (has_border and np.isfinite(limit_s)):
            return StationRow(limit_s, found, seconds[found])
        graph = timed.graph
        inside = np.flatnonzero(np.isfinite(distance))
        count = np.diff(graph.ptr)[inside]
        arc = np.repeat(graph.ptr[inside] - count_before(count), count) + np.arange(int(count.sum()))
        begin = np.repeat(inside, count)
        first, first_s = self._searcher.find_arcs(sources)
        border_from = np.concatenate((begin, np.full(len(first), states)))
        border_from_s = np.concatenate((distance[begin], np.zeros(len(first))))
        border_to = np.concatenate((graph.target[arc], first))
        border_to_s = np.concatenate((distance[begin] + graph.weight_s[arc], first_s))
        out = (border_to_s > limit_s) & np.isfinite(border_to_s) & ~np.isfinite(distance[border_to])
        border = Border(
            border_from[out].astype(np.int32), border_from_s[out], border_to[out].astype(np.int32), border_to_s[out]
        )
        return StationRow(limit_s, found, seconds[found], border)

    def _find_beside(self, place: Places) -> Places:
        """Return the demand points on the edges of a station, under their own numbers."""
        edges = np.unique(place.edge)
        low, high = np.searchsorted(self._edge, edges, side="left"), np.searchsorted(self._edge, edges, side="right")
        parts = [self._by_edge[first:last] for first, last in zip(low.tolist(), high.tolist(), strict=True)]
        rows = np.sort(np.concatenate((np.zeros(0, np.int64), *parts)))
        demand = self._demand
        return Places(
            demand.point[rows],
            demand.edge[rows],
            demand.from_tail_s[rows],
            demand.to_head_s[rows],
            demand.access_s,
        )
