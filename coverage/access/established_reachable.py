"""A sign on the door against people who can get there: A1, B1 and B2 side by side, and who differs by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.assessment import Assessment
from coverage.access.equity import compute_quantiles, sort_times
from coverage.inputs.indicator_registry import DEFAULT_UNIT_SHARE
from coverage.inputs.schema import WHOLE_STUDY
from coverage.inputs.stations import select_stations
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import UnitLevel, divide, number_station_districts
from coverage.network.model import BoolArray, FloatArray
from coverage.units import is_within

SUMMARY_COLUMNS: tuple[str, ...] = (
    "level",
    "units",
    "units_established",
    "established_rate",
    "people",
    "people_covered",
    "reachable_rate",
    "units_with_people",
    "units_reached",
    "unit_reach_rate",
)
MISMATCH_COLUMNS: tuple[str, ...] = (
    "finding",
    "level",
    "unit_id",
    "name",
    "people",
    "share_inside",
    "median_min",
    "stations",
)
# 已设点未达标 (has a point, below standard), and its opposite.
FINDINGS: tuple[str, ...] = ("established_not_reachable", "reachable_not_established")


@dataclass(frozen=True, slots=True, eq=False)
class EstablishedReachable:
    """Established and reachable, side by side.

    Parameters
    ----------
    summary
        One row per level: level, units, units_established, established_rate (A1), people (who live
        in the units), people_covered, reachable_rate (B1), units_with_people, units_reached (with at
        least the share inside), unit_reach_rate (B2, among units with people). Rates are NaN where
        there is nothing to count.
    mismatches
        Units where A1 and B2 differ, those with most people outside first within a finding and level:
        finding, level, unit_id, name, people, share_inside, median_min (over finite times, NaN
        without), stations. Units without people are in neither list.
    """

    summary: pd.DataFrame
    mismatches: pd.DataFrame


def count_stations(level: UnitLevel, station_district: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Count stations by unit of a level, shape (count,); `station_district` is -1 for those in no district."""
    return np.bincount(level.of_district[station_district], minlength=level.count).astype(np.int64)


def is_reached(covered: FloatArray, people: FloatArray, unit_share: float = DEFAULT_UNIT_SHARE) -> BoolArray:
    """Tell which units have at least a share of their people inside; not those without people."""
    # A hair less, so that a share that is met exactly is not lost to the rounding of sums.
    return np.asarray((people > 0) & (covered >= unit_share * people * (1.0 - 1e-9)), bool)


def compare_established(
    levels: Sequence[UnitLevel],
    station_district: npt.NDArray[np.int64],
    minutes: npt.NDArray[np.float32],
    weight: FloatArray,
    cutoff_min: float | npt.NDArray[np.floating],
    *,
    unit_share: float = DEFAULT_UNIT_SHARE,
) -> EstablishedReachable:
    """Put the established rate, the reachable rate and the reached units of every level side by side.

    Parameters
    ----------
    levels
        As `coverage.inputs.unit_levels.build_unit_levels` returns them; the whole study is skipped.
    station_district
        District of each chosen station, -1 for none, see `coverage.inputs.unit_levels.number_station_districts`.
    minutes, weight
        Time to the nearest chosen station (inf without) and people at each demand point, shape (p,).
    cutoff_min
        Threshold, inclusive, one for all or one each [min].
    unit_share
        Share of a unit's people that must be inside for the unit to count as reached.
    """
    covered = is_within(minutes, np.asarray(cutoff_min, np.float64))
    summary, mismatches = [], []
    for level in (one for one in levels if one.level != WHOLE_STUDY):
        units = slice(0, level.unit_count)
        stations = count_stations(level, station_district)[units]
        people, inside = level.sum(weight)[units], level.sum(weight * covered)[units]
        established, reached = stations > 0, is_reached(inside, people, unit_share)
        counts = len(stations), int(established.sum()), float(people.sum()), float(inside.sum())
        populated = int((people > 0).sum())
        summary.append(
            (
                level.level,
                *counts[:2],
                _rate(counts[1], counts[0]),
                *counts[2:],
                _rate(counts[3], counts[2]),
                populated,
                int(reached.sum()),
                _rate(int(reached.sum()), populated),
            )
        )
        table = pd.DataFrame(
            {
                "level": level.level,
                "unit_id": level.ids[:-1],
                "name": level.names[:-1],
                "people": people,
                "share_inside": divide(inside, people),
                "median_min": compute_quantiles(sort_times(minutes, weight, level.group, level.count), 0.5)[units],
                "stations": stations,
            }
        )
        table = table.iloc[np.argsort(inside - people, kind="stable")]
        finding = np.select([established & ~reached, ~established & reached], [0, 1], -1)
        finding = np.where(people > 0, finding, -1)[table.index]
        for number, name in enumerate(FINDINGS):
            part = table[finding == number].copy()
            part.insert(0, "finding", name)
            mismatches.append(part)
    listed = pd.concat(mismatches, ignore_index=True) if mismatches else pd.DataFrame(columns=list(MISMATCH_COLUMNS))
    listed = listed.sort_values("finding", kind="stable", ignore_index=True)
    return EstablishedReachable(pd.DataFrame(summary, columns=list(SUMMARY_COLUMNS)), listed)


def compare_assessment(study: Study, assessment: Assessment) -> EstablishedReachable:
    """Put established and reachable side by side for a study and its answer, see `compare_established`."""
    chosen = select_stations(study.stations, study.catalogue, assessment.choice)
    return compare_established(
        assessment.units,
        number_station_districts(study)[chosen],
        assessment.demand["minutes"].to_numpy(np.float32),
        assessment.demand["weight"].to_numpy(float),
        assessment.cutoffs_min,
    )


def _rate(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else float("nan")
