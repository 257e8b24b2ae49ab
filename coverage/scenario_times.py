"""Times after edits of stations, without searching anew what did not change."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.network import BoolArray, FloatArray, IntArray
from coverage.progress import Progress, ignore_progress
from coverage.reach import LIMIT_MARGIN_S, ReachMatrix, compute_reach
from coverage.station_rows import RowSearcher, StationRow
from coverage.stations import StationChoice, select_stations
from coverage.travel_basis import TravelBasis
from coverage.travel_time import Nearest, compute_nearest, compute_nearest_seconds, search_stations
from coverage.units import to_minutes

# Choices whose start is kept; each takes 8 bytes for every state of the roads.
_KEPT_CHOICES = 8


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """Times before the edits: who goes where, and how far every state is from a station (None with units)."""

    chosen: BoolArray
    seconds: FloatArray
    station: IntArray
    state_s: FloatArray | None


class ScenarioTimes:
    """What is searched once for a study, so that edits of its stations are answered at once.

    Parameters
    ----------
    basis
        The study before the edits, joined to its roads.
    limit_min
        Times up to it are kept for every station, whatever its services [min]; the thresholds asked about
        should not exceed it.
    progress
        Told the share of stations done.

    Raises
    ------
    SettingsError
        ``scenario.too_large`` if the times kept exceed the study's memory budget.

    Notes
    -----
    One bounded search per station now; later one for each station that is new or elsewhere, about ten
    milliseconds on 500,000 nodes. Edits of roads, another season, rule or larger limit need a new value.
    """

    def __init__(self, basis: TravelBasis, limit_min: float, *, progress: Progress = ignore_progress) -> None:
        self.basis = basis
        self.limit_min = limit_min
        budget = basis.study.settings.memory_budget_mb
        self._blocks: list[ReachMatrix] = []
        reach = compute_reach(
            basis.timed,
            basis.demand,
            basis.stations,
            limit_min=limit_min,
            memory_budget_mb=budget,
            progress=progress,
        )
        for block in reach:
            self._blocks.append(block)
            if len(self._blocks) > 1:
                raise SettingsError("scenario.too_large", megabytes=round(budget), limit_min=limit_min)
        self._rows = RowSearcher(basis.timed, basis.demand, limit_min * 60.0 + LIMIT_MARGIN_S)
        self._starts: OrderedDict[StationChoice, _Start] = OrderedDict()

    @property
    def blocks(self) -> list[ReachMatrix]:
        """Return the kept times of the stations before the edits."""
        return self._blocks

    def find_nearest(self, after: TravelBasis, choice: StationChoice) -> tuple[Nearest, IntArray]:
        """Find the nearest of the chosen stations after edits; also the row of each chosen station.

        Parameters
        ----------
        after
            `coverage.scenario_basis.change_stations` of the basis before.
        choice
            Which stations count, before and after.

        Returns
        -------
        What `coverage.assessment.find_nearest` finds for `after`, to the bit, but for the name of the station
        where two are equally near to the last bit of a second; `Nearest.station` numbers the chosen stations.
        """
        start = self._find_start(choice)
        study = after.study
        chosen = select_stations(study.stations, study.catalogue, choice)
        kept = start.chosen & chosen[: len(start.chosen)] & self._find_same(after)
        added = chosen.copy()
        added[: len(kept)] &= ~kept
        seconds, station = start.seconds.copy(), start.station.copy()
        orphans = self._find_orphans(start, kept)
        if len(orphans):
            seconds[orphans], station[orphans] = self._find_least(orphans, kept)
        for row in np.flatnonzero(added).tolist():
            _take(self._find_row(after, row, start), row, seconds, station, self._find_allowed(after, row))
        rows = np.flatnonzero(chosen)
        number = np.full(len(chosen) + 1, -1, np.int32)
        number[rows] = np.arange(len(rows), dtype=np.int32)
        minutes, nearest = to_minutes(seconds), number[station]
        # Beyond the limit what was kept does not tell who is next.
        far = orphans[(seconds[orphans] > self._rows.limit_s) & self.basis.demand.is_connected[orphans]]
        if len(far):
            found = compute_nearest(self.basis.timed, self.basis.demand.subset(far), after.stations.subset(rows))
            minutes[far], nearest[far] = found.minutes, found.station
        return Nearest(minutes, nearest, self.basis.demand.is_connected), rows.astype(np.int32)

    def _find_start(self, choice: StationChoice) -> _Start:
        found = self._starts.get(choice)
        if found is not None:
            return found
        basis = self.basis
        chosen = select_stations(basis.study.stations, basis.study.catalogue, choice)
        rows = np.flatnonzero(chosen)
        stations = basis.stations.subset(rows)
        searched = None if stations.unit is not None else search_stations(basis.timed, stations)
        seconds, nearest = compute_nearest_seconds(basis.timed, basis.demand, stations, searched=searched)
        station = np.append(rows, -1).astype(np.int32)[nearest]
        found = _Start(chosen, seconds, station, None if searched is None else searched.seconds)
        self._starts[choice] = found
        while len(self._starts) > _KEPT_CHOICES:
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

    def _find_orphans(self, start: _Start, kept: BoolArray) -> npt.NDArray[np.intp]:
        """Find the demand points whose station is no longer there."""
        stays = np.append(kept, True)  # the last stands for -1: who had no station has none less
        return np.flatnonzero(~stays[start.station])

    def _find_least(self, points: npt.NDArray[np.intp], wanted: BoolArray) -> tuple[FloatArray, IntArray]:
        seconds, station = np.full(len(points), np.inf), np.full(len(points), -1, np.int32)
        for block in self._blocks:
            found_s, found = block.find_least(points, wanted)
            # Blocks hold stations in ascending order: of equals the first stays.
            less = found_s < seconds
            seconds[less], station[less] = found_s[less], found[less]
        return seconds, station

    def _find_allowed(self, after: TravelBasis, row: int) -> BoolArray | None:
        """Mark the demand points that may go to a station; None for all."""
        resident, units = self.basis.demand.unit, after.stations.unit
        if resident is None or units is None:
            return None
        allowed: BoolArray = (resident < 0) | (resident == units[row])
        return allowed

    def _find_row(self, after: TravelBasis, row: int, start: _Start) -> StationRow:
        """Find the times to a station that is new or elsewhere, as far as they can matter."""
        place = replace(after.stations.subset(np.array([row])), unit=None)
        allowed = self._find_allowed(after, row)
        waiting = self.basis.demand.is_connected & (start.seconds > self._rows.limit_s)
        if allowed is not None:
            waiting &= allowed
        if not waiting.any():
            return self._rows.find(place)
        if start.state_s is None:
            return self._rows.find(place, limit_s=float(start.seconds[waiting].max()) + LIMIT_MARGIN_S)
        return self._rows.find_until_slower(place, start.state_s)


def _take(row: StationRow, number: int, seconds: FloatArray, station: IntArray, allowed: BoolArray | None) -> None:
    """Let everybody go to a station who is nearer to it, or as near and it comes first."""
    point, offered = row.point, row.seconds
    if allowed is not None:
        mine = allowed[point]
        point, offered = point[mine], offered[mine]
    now = seconds[point]
    better = (offered < now) | ((offered == now) & (number < station[point]))
    seconds[point[better]], station[point[better]] = offered[better], number
