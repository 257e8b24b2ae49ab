"""Ways between people and candidates, searched in blocks and kept where they matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.errors import InputError, SettingsError
from coverage.network.model import FloatArray, IntArray
from coverage.progress import Progress, ignore_progress
from coverage.travel.reach import ReachMatrix, compute_reach
from coverage.travel.snapping import Snapped, fill_in, snap_points
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import Places, place_points
from coverage.units import is_within

# Bytes that a pair takes while it is collected: site, demand point, minutes.
_BYTES_PER_PAIR = 12


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Ways between people and candidates.

    Parameters
    ----------
    places
        Where the candidates meet the roads, n of them.
    site, point, minutes
        Ends of each way and its time, shapes (k,) [min].
    """

    places: Places
    site: IntArray
    point: IntArray
    minutes: npt.NDArray[np.float32]

    def subset(self, rows: npt.NDArray[np.intp]) -> Ways:
        """Return the ways to some of the candidates, which are numbered anew in this order."""
        number = np.full(self.places.count, -1, np.int32)
        number[rows] = np.arange(len(rows), dtype=np.int32)
        site = number[self.site]
        kept = site >= 0
        return Ways(self.places.subset(rows), site[kept], self.point[kept], self.minutes[kept])


def find_ways(
    basis: TravelBasis,
    candidates: pd.DataFrame,
    cutoffs_min: npt.NDArray[np.float32],
    *,
    progress: Progress = ignore_progress,
) -> Ways:
    """Find the ways to candidates within a threshold of each demand point, shape (d,) [min]."""
    if candidates.empty:
        raise InputError("siting.no_candidates")
    places = place_candidates(basis, candidates)
    nobody = np.full(len(cutoffs_min), np.inf, np.float32)
    collector = PairCollector(cutoffs_min, nobody, True, basis.study.settings.memory_budget_mb)
    collector.take(reach_in_blocks(basis, places, float(cutoffs_min.max(initial=0.0)), progress), 0)
    site, point, minutes = (np.concatenate(columns) for columns in zip(*collector.parts, strict=True))
    return Ways(places, site, point, minutes)


def place_candidates(basis: TravelBasis, candidates: pd.DataFrame) -> Places:
    """Join candidates to the roads; a station that adds an item stays where it was, in the unit it declares."""
    lon, lat = candidates["lon"].to_numpy(float), candidates["lat"].to_numpy(float)
    snapped = snap_points(basis.snap_index, lon, lat)
    unit = basis.find_units(lon, lat)
    hosts = np.flatnonzero((candidates["station_id"] != "").to_numpy(bool))
    if len(hosts):
        rows = basis.study.stations.index.get_indexer(pd.Index(candidates["station_id"].iloc[hosts]))
        if (rows < 0).any():
            raise InputError("siting.unknown_station", value=str(candidates["station_id"].iloc[hosts[rows < 0][0]]))
        old = basis.station_snapped
        snapped = fill_in(snapped, hosts, Snapped(*(getattr(old, name)[rows] for name in Snapped.__slots__)))
        if unit is not None and basis.stations.unit is not None:
            unit = unit.copy()
            unit[hosts] = basis.stations.unit[rows]
    return place_points(basis.timed, snapped, basis.study.settings.snap, unit=unit)


def reach_in_blocks(basis: TravelBasis, places: Places, limit: float, progress: Progress) -> Iterator[ReachMatrix]:
    """Search the ways to some places in blocks, within a quarter of the memory budget: pairs are kept beside."""
    budget = basis.study.settings.memory_budget_mb / 4.0
    return compute_reach(basis.timed, basis.demand, places, limit_min=limit, memory_budget_mb=budget, progress=progress)


class PairCollector:
    """Pairs of all blocks, filtered as they come, so that only those that matter are held."""

    def __init__(
        self, cutoffs: npt.NDArray[np.float32], nearest: npt.NDArray[np.float32], is_covering: bool, budget_mb: float
    ) -> None:
        self.cutoffs, self.nearest, self.is_covering, self.budget_mb = cutoffs, nearest, is_covering, budget_mb
        self.parts: list[tuple[IntArray, IntArray, npt.NDArray[np.float32]]] = []
        self.count = 0

    def take(self, blocks: Iterator[ReachMatrix], first_site: int) -> None:
        """Keep the pairs of a search from some sites that are numbered from `first_site` on."""
        for block in blocks:
            for first, last in block.find_portions():
                pairs = block.find_pairs(first_point=first, last_point=last)
                point = np.repeat(np.arange(first, last, dtype=np.int32), np.diff(pairs.ptr))
                keep = is_within(pairs.minutes, self.cutoffs[point])
                if not self.is_covering:
                    keep |= pairs.minutes < self.nearest[point]
                self._add(pairs.station[keep] + np.int32(first_site), point[keep], pairs.minutes[keep])

    def take_ways(self, ways: Ways) -> None:
        """Keep those of some ways that matter."""
        keep = is_within(ways.minutes, self.cutoffs[ways.point])
        self._add(ways.site[keep], ways.point[keep], ways.minutes[keep])

    def add_existing(self, first_site: int, rows: int) -> None:
        """Add the row that stands for all existing stations."""
        if rows:
            keep = is_within(self.nearest, self.cutoffs) if self.is_covering else np.isfinite(self.nearest)
            point = np.flatnonzero(keep).astype(np.int32)
            self._add(np.full(len(point), first_site, np.int32), point, self.nearest[point])

    def _add(self, site: IntArray, point: IntArray, minutes: npt.NDArray[np.float32]) -> None:
        self.parts.append((site, point, minutes))
        self.count += len(site)
        if self.count * _BYTES_PER_PAIR > self.budget_mb * 1e6:
            raise SettingsError("siting.too_many_pairs", pairs=self.count, megabytes=round(self.budget_mb))

    def finish(self, sites: int) -> tuple[npt.NDArray[np.int64], IntArray, FloatArray]:
        """Return the pairs by site, demand points ascending: ptr, demand, cost."""
        site, point, minutes = (np.concatenate(columns) for columns in zip(*self.parts, strict=True))
        self.parts.clear()
        order = np.lexsort((point, site))
        ptr = np.concatenate(([0], np.cumsum(np.bincount(site, minlength=sites))))
        return ptr.astype(np.int64), point[order].astype(np.int32), minutes[order].astype(np.float64)
