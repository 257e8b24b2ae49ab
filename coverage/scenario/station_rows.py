"""Times from everybody to one station, searched as far as the answer can depend on it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.network.model import FloatArray, IntArray
from coverage.network.ragged_rows import list_ranges
from coverage.scenario.cell_search import StateTimes
from coverage.scenario.station_search import StationSearcher
from coverage.travel.travel_time import Places, TimedNetwork, find_ends, find_on_same_edge, to_sources

# A hair more than equal: sums of the same legs in another order differ by less.
_ALIKE = 1.0 + 1e-9
# How far the first search goes [s], at least; the next ones go so much farther, and the last one everywhere.
_FIRST_S = 600.0
_FIRST_SHARE = 1.5
_FARTHER = 2.0
_EVERYWHERE_S = 6 * 3600.0
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
    """

    def __init__(self, timed: TimedNetwork, demand: Places) -> None:
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

    def find(self, place: Places, limit_s: float, *, has_border: bool = False) -> StationRow:
        """Find the times to one station up to a limit at least; with the border if it is asked for."""
        key = place.edge.tobytes() + place.from_tail_s.tobytes() + place.access_s.tobytes()
        known = self._known.get(key)
        if (
            known is not None
            and known.limit_s >= limit_s
            and (known.border is not None or not has_border or np.isinf(known.limit_s))
        ):
            return known
        row = self._search(place, limit_s, has_border=has_border)
        self._known[key] = row
        while len(self._known) > _KEPT_ROWS:
            self._known.popitem(last=False)
        return row

    def find_until_slower(self, place: Places, states: StateTimes) -> StationRow:
        """Find the times to one station as far as it is not slower than what every state has already.

        Parameters
        ----------
        place
            The station.
        states
            Seconds from every state to the nearest of the other stations.

        Returns
        -------
        Times to everybody for whom the station may be the nearest, and to others.

        Notes
        -----
        Along the quickest way to the station, once somebody else is nearer it stays so: sums of floating-point
        numbers keep their order when the same number is added. So if no arc that leaves what was searched
        begins and ends where the station may be the nearest, nobody farther out goes there. The first search goes
        about as far as the nearest other station is away.
        """
        first = self._searcher.find_arcs(to_sources(self._timed, place))[0]
        away_s = float(states.get(first)[0].min(initial=np.inf))
        row = self.find(place, max(_FIRST_S, away_s * _FIRST_SHARE), has_border=True)
        while row.border is not None:
            border = row.border
            is_state = border.from_state < self._timed.graph.state_count
            there_s = np.full(len(border.from_s), np.inf)
            there_s[is_state] = states.get(border.from_state[is_state])[0]
            may_go = border.from_s <= there_s * _ALIKE
            may_go &= border.to_s <= states.get(border.to_state)[0] * _ALIKE
            if not may_go.any():
                break
            row = self.find(place, _go_farther(row.limit_s), has_border=True)
        return row

    def find_until_served(self, place: Places, points: npt.NDArray[np.intp], seconds: FloatArray) -> StationRow:
        """Find the times to one station until some demand points are reached or nearer to another one.

        Parameters
        ----------
        place
            The station.
        points, seconds
            Demand points that are joined to the roads, and everybody's time to the nearest of the other stations.
        """
        row = self.find(place, _FIRST_S)
        while np.isfinite(row.limit_s):
            best_s = seconds.copy()
            best_s[row.point] = np.minimum(best_s[row.point], row.seconds)
            # A time within the limit is final; beyond it a quicker way may have been cut off.
            if (best_s[points] <= row.limit_s).all():
                break
            row = self.find(place, _go_farther(row.limit_s))
        return row

    def _search(self, place: Places, limit_s: float, *, has_border: bool) -> StationRow:
        timed, states = self._timed, self._timed.graph.state_count
        sources = to_sources(timed, place)
        distance = self._searcher.search(sources, limit_s=limit_s)
        reached = distance[self._state]
        end = np.flatnonzero(np.isfinite(reached))
        count = self._ptr[end + 1] - self._ptr[end]
        at = list_ranges(self._ptr[end], count)
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
        count = (graph.ptr[inside + 1] - graph.ptr[inside]).astype(np.int64)
        arc = list_ranges(graph.ptr[inside], count)
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


def _go_farther(limit_s: float) -> float:
    """Return how far to search when a limit was not enough [s]."""
    farther = limit_s * _FARTHER
    return farther if farther < _EVERYWHERE_S else np.inf
