"""Times after edits of stations, without searching anew what did not change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.access.assessment import find_nearest
from coverage.inputs.stations import StationChoice, select_stations
from coverage.network.model import BoolArray, FloatArray, IntArray
from coverage.network.ragged_rows import list_ranges
from coverage.scenario.cell_search import CellSearcher, StateTimes
from coverage.scenario.station_rows import RowSearcher, StationRow
from coverage.travel.road_lengths import measure_roads
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import (
    Nearest,
    compute_nearest_seconds,
    find_ends,
    find_on_same_edge,
    search_stations,
)
from coverage.units import to_minutes


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """Times before the edits: who goes where, and the same for every state of the roads (None with units)."""

    chosen: BoolArray
    seconds: FloatArray
    station: IntArray
    route_m: FloatArray | None
    states: StateTimes | None

    @property
    def megabytes(self) -> float:
        states = 0 if self.states is None else self.states.base_s.nbytes + self.states.base_station.nbytes
        routes = 0 if self.route_m is None else self.route_m.nbytes
        return (self.seconds.nbytes + self.station.nbytes + routes + states) / 1e6


class ScenarioTimes:
    """What is searched once for a study, so that edits of its stations are answered at once.

    Parameters
    ----------
    basis
        The study before the edits, joined to its roads.
    with_roads
        Measure the roads of each way too; False for places other than the study's people, such as map cells.

    Notes
    -----
    For each choice of stations one search from all of them; then a few milliseconds, on half a million nodes too:
    the states that lose their station are searched from their border inwards, and a station that is new or
    elsewhere as far out as it may be the nearest. No time of anybody to any farther station is kept, so there is no
    limit to the times, and no matrix to fit into the memory: the study's budget bounds how many choices are kept
    (12 bytes for each state, 20 for each demand point), and a choice that was dropped is searched again. Where
    residents keep to their unit, those who lose their station are searched for in their units. Edits of roads, another
    season or rule need a new value.
    """

    def __init__(self, basis: TravelBasis, *, with_roads: bool = True) -> None:
        self.basis = basis
        self._with_roads = with_roads
        timed, demand = basis.timed, basis.demand
        ends = find_ends(timed, demand)
        self._end_state = ends.state[ends.end]
        self._end_leg_s = ends.leg_s
        self._end_ptr = np.searchsorted(ends.point, np.arange(demand.count + 1))
        same = find_on_same_edge(timed, demand, basis.stations)
        order = np.argsort(same[0], kind="stable")
        self._same_ptr = np.searchsorted(same[0][order], np.arange(demand.count + 1))
        self._same_station, self._same_s = same[1][order], same[2][order]
        self._rows = RowSearcher(timed, demand)
        self._cells = CellSearcher(timed, basis.stations)
        self._starts: OrderedDict[StationChoice, _Start] = OrderedDict()
        # Sessions share what is kept.
        self._lock = threading.Lock()

    def find_nearest(self, after: TravelBasis, choice: StationChoice) -> tuple[Nearest, IntArray]:
        """Find the nearest of the chosen stations after edits; also the row of each chosen station.

        Parameters
        ----------
        after
            `coverage.scenario.edited_basis.change_stations` of the basis before, for the same people or cells.
        choice
            Which stations count, before and after.

        Returns
        -------
        What `coverage.access.assessment.find_nearest` finds for `after`, to the bit, but for the name of the station
        where two are equally near to the last bit of a second; `Nearest.station` numbers the chosen stations.
        """
        study = after.study
        if after.snap_index is not self.basis.snap_index:
            # A small net became a true one, or ceased to be: people are joined to other roads.
            return find_nearest(after, choice, with_roads=self._with_roads)
        start = self._find_start(choice)
        chosen = select_stations(study.stations, study.catalogue, choice)
        kept = start.chosen & chosen[: len(start.chosen)] & self._find_same(after)
        added = chosen.copy()
        added[: len(kept)] &= ~kept
        seconds, station, states = start.seconds.copy(), start.station.copy(), start.states
        removed = start.chosen & ~kept
        if removed.any():
            orphans = np.flatnonzero(np.append(removed, False)[station])
            if states is None:
                seconds[orphans], station[orphans] = self._find_in_units(orphans, kept)
            else:
                states = self._cells.search(states, removed, kept)
                seconds[orphans], station[orphans] = self._read_states(orphans, states, kept)
        for row in np.flatnonzero(added).tolist():
            found, allowed = self._find_row(after, row, seconds, states)
            _take(found, row, seconds, station, allowed)
        rows = np.flatnonzero(chosen)
        number = np.full(len(chosen) + 1, -1, np.int32)
        number[rows] = np.arange(len(rows), dtype=np.int32)
        route_m = None if start.route_m is None else self._measure(after, start.route_m, start, seconds, station)
        nearest = Nearest(to_minutes(seconds), number[station], self.basis.demand.is_connected, route_m)
        return nearest, rows.astype(np.int32)

    def _measure(
        self, after: TravelBasis, known: FloatArray, start: _Start, seconds: FloatArray, station: IntArray
    ) -> FloatArray:
        """Measure the roads of the ways that changed: one search from the stations they now lead to."""
        moved = (station != start.station) | (seconds != start.seconds)
        points = np.flatnonzero(moved & (station >= 0))
        route_m = np.where(station >= 0, known, np.nan)
        if len(points):
            limit_s = float(seconds[points].max()) + 1.0
            route_m[points] = measure_roads(after, np.unique(station[points]), points=points, limit_s=limit_s)
        return route_m

    def _find_start(self, choice: StationChoice) -> _Start:
        with self._lock:
            known = self._starts.get(choice)
            if known is not None:
                self._starts.move_to_end(choice)
                return known
        basis = self.basis
        chosen = select_stations(basis.study.stations, basis.study.catalogue, choice)
        rows = np.flatnonzero(chosen)
        stations = basis.stations.subset(rows)
        to_row = np.append(rows, -1).astype(np.int32)
        searched = None if stations.unit is not None else search_stations(basis.timed, stations)
        seconds, nearest = compute_nearest_seconds(basis.timed, basis.demand, stations, searched=searched)
        states = None if searched is None else StateTimes(searched.seconds, to_row[searched.station])
        route_m = measure_roads(basis, rows.astype(np.int32), searched=searched) if self._with_roads else None
        found = _Start(chosen, seconds, to_row[nearest], route_m, states)
        with self._lock:
            self._starts[choice] = found
            while (
                len(self._starts) > 1
                and sum(each.megabytes for each in self._starts.values()) > basis.study.settings.memory_budget_mb
            ):
                self._starts.popitem(last=False)
        return found

    def _find_same(self, after: TravelBasis) -> BoolArray:
        """Mark the stations of before that stand where they stood, in the unit they were in."""
        old, new = self.basis.study.stations, after.study.stations.iloc[: len(self.basis.study.stations)]
        same = np.ones(len(old), bool)
        for name in ("lon", "lat"):
            same &= old[name].to_numpy(float) == new[name].to_numpy(float)
        if self.basis.stations.unit is not None and after.stations.unit is not None:
            same &= self.basis.stations.unit == after.stations.unit[: len(old)]
        return same

    def _find_in_units(self, points: npt.NDArray[np.intp], kept: BoolArray) -> tuple[FloatArray, IntArray]:
        """Find the nearest kept station of some demand points that keep to their units."""
        rows = np.flatnonzero(kept)
        demand, stations = self.basis.demand.subset(points), self.basis.stations.subset(rows)
        seconds, nearest = compute_nearest_seconds(self.basis.timed, demand, stations)
        return seconds, np.append(rows, -1).astype(np.int32)[nearest]

    def _read_states(
        self, points: npt.NDArray[np.intp], states: StateTimes, kept: BoolArray
    ) -> tuple[FloatArray, IntArray]:
        """Read the times of some demand points from the states they leave by, and from stations on their own edges."""
        owner, at = _expand(self._end_ptr, points)
        state_s, nearest = states.get(self._end_state[at])
        owner_same, same = _expand(self._same_ptr, points)
        counts = kept[self._same_station[same]]
        owner_same, same = owner_same[counts], same[counts]
        owner = np.concatenate((owner, owner_same))
        total = np.concatenate((self._end_leg_s[at] + state_s, self._same_s[same]))
        nearest = np.concatenate((nearest, self._same_station[same]))
        seconds = np.full(len(points), np.inf)
        np.minimum.at(seconds, owner, total)
        # Of stations that are equally near the first one counts.
        best = np.isfinite(total) & (total == seconds[owner])
        none = np.iinfo(np.int32).max
        station = np.full(len(points), none, np.int32)
        np.minimum.at(station, owner[best], nearest[best].astype(np.int32))
        return seconds, np.where(station == none, np.int32(-1), station).astype(np.int32)

    def _find_row(
        self, after: TravelBasis, row: int, seconds: FloatArray, states: StateTimes | None
    ) -> tuple[StationRow, BoolArray | None]:
        """Find the times to a station that is new or elsewhere, as far as they can matter, and who may go there."""
        place = replace(after.stations.subset(np.array([row])), unit=None)
        if states is not None:
            return self._rows.find_until_slower(place, states), None
        demand, units = self.basis.demand, after.stations.unit
        allowed = np.ones(demand.count, bool)
        if demand.unit is not None and units is not None:
            allowed = (demand.unit < 0) | (demand.unit == units[row])
        return self._rows.find_until_served(place, np.flatnonzero(allowed & demand.is_connected), seconds), allowed


def _expand(
    ptr: npt.NDArray[np.integer], points: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List (position in `points`, row) for the rows of each point."""
    count = (ptr[points + 1] - ptr[points]).astype(np.int64)
    which = np.repeat(np.arange(len(points)), count)
    return which, list_ranges(ptr[points], count)


def _take(row: StationRow, number: int, seconds: FloatArray, station: IntArray, allowed: BoolArray | None) -> None:
    """Let everybody go to a station who is nearer to it, or as near and it comes first."""
    point, offered = row.point, row.seconds
    if allowed is not None:
        mine = allowed[point]
        point, offered = point[mine], offered[mine]
    now = seconds[point]
    better = (offered < now) | ((offered == now) & (number < station[point]))
    seconds[point[better]], station[point[better]] = offered[better], number
