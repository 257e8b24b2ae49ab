"""Counting people: the four classes, and minutes of those who can reach a station, for any grouping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network import BoolArray, FloatArray
from coverage.schema import STATUSES
from coverage.units import is_within


@dataclass(frozen=True, slots=True)
class Totals:
    """People by class, and the minutes of those who can reach a station.

    Parameters
    ----------
    total, covered, beyond, no_route, unconnected
        People; the four classes sum to the total up to float rounding.
    share_covered
        covered / total, NaN if there is nobody.
    mean_min, median_min, p90_min
        People-weighted, over finite times only [min]; NaN if there is none. The median and the 90th
        percentile are the smallest time within which at least half (nine tenths) of those people are.
    """

    total: float
    covered: float
    beyond: float
    no_route: float
    unconnected: float
    share_covered: float
    mean_min: float
    median_min: float
    p90_min: float

    @property
    def uncovered(self) -> float:
        """Return the people of the three classes that are not covered."""
        return self.beyond + self.no_route + self.unconnected


TOTALS_COLUMNS: tuple[str, ...] = Totals.__slots__


def classify(
    minutes: npt.NDArray[np.float32], is_connected: BoolArray, cutoff_min: float | npt.NDArray[np.floating]
) -> npt.NDArray[np.int8]:
    """Put every demand point into one of the four classes, as an index into `STATUSES`.

    The threshold is one for all points or one each, shape (p,) [min].
    """
    status = np.where(is_within(minutes, cutoff_min), 0, np.where(np.isfinite(minutes), 1, 2))
    return np.where(is_connected, status, 3).astype(np.int8)


def compute_totals(minutes: npt.NDArray[np.float32], status: npt.NDArray[np.int8], weight: FloatArray) -> Totals:
    """Sum people by class and summarise their minutes.

    Parameters
    ----------
    minutes
        Time to the nearest station, inf where none, shape (p,) [min].
    status
        Class of each point, see `classify`, shape (p,).
    weight
        People at each point, shape (p,).
    """
    table = tabulate_totals(minutes, status, weight, np.zeros(len(weight), np.int64), 1)
    return Totals(**{name: float(table[name].iloc[0]) for name in TOTALS_COLUMNS})


def tabulate_totals(
    minutes: npt.NDArray[np.float32],
    status: npt.NDArray[np.int8],
    weight: FloatArray,
    group: npt.NDArray[np.int64],
    count: int,
) -> pd.DataFrame:
    """Sum people by class and summarise their minutes, for every group at once.

    Parameters
    ----------
    minutes, status, weight
        As for `compute_totals`.
    group
        Group of each point, 0 to count - 1, shape (p,).
    count
        Number of groups, also empty ones.

    Returns
    -------
    One row per group with the fields of `Totals`.
    """
    classes = len(STATUSES)
    people = np.bincount(group * classes + status, weights=weight, minlength=count * classes).reshape(count, classes)
    total = np.bincount(group, weights=weight, minlength=count)
    reached = np.isfinite(minutes) & (weight > 0)
    mean, (median, p90) = _summarise(minutes[reached], weight[reached], group[reached], count, (0.5, 0.9))
    columns = dict(zip(STATUSES, people.T, strict=True))
    share = np.divide(columns["covered"], total, out=np.full(count, np.nan), where=total > 0)
    values = (total, *(columns[name] for name in STATUSES), share, mean, median, p90)
    return pd.DataFrame(dict(zip(TOTALS_COLUMNS, values, strict=True)))


def _summarise(
    minutes: npt.NDArray[np.float32],
    weight: FloatArray,
    group: npt.NDArray[np.int64],
    count: int,
    shares: tuple[float, ...],
) -> tuple[FloatArray, list[FloatArray]]:
    """Return the weighted mean of every group, and the smallest time that holds each share of its people."""
    missing = np.full(count, np.nan)
    people = np.bincount(group, weights=weight, minlength=count)
    some = people > 0
    if not some.any():
        return missing, [missing.copy() for _ in shares]
    weighted = np.bincount(group, weights=weight * minutes.astype(np.float64), minlength=count)
    mean = np.divide(weighted, people, out=missing.copy(), where=some)
    order = np.lexsort((minutes, group))
    minutes, below = minutes[order].astype(np.float64), np.cumsum(weight[order])
    size = np.bincount(group, minlength=count)
    last = np.cumsum(size) - 1
    before = np.concatenate(([0.0], below))[last - size + 1]
    quantiles = []
    for share in shares:
        # A hair less, so that rounding of the running sum does not skip the point that fills the share.
        wanted = before + people * (share - 1e-9)
        at = np.clip(np.searchsorted(below, wanted), last - size + 1, np.maximum(last, 0))
        quantiles.append(np.where(some, minutes[np.minimum(at, len(minutes) - 1)], np.nan))
    return mean, quantiles
