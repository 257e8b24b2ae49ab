"""Counting people: the four classes, and minutes of those who can reach a station, for any grouping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.inputs.schema import STATUSES
from coverage.network.model import BoolArray, FloatArray
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
# Those that depend on the threshold; the others are of the minutes alone.
COUNTED: tuple[str, ...] = ("total", *STATUSES, "share_covered")


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
    found = sum_totals(minutes, status, weight, np.zeros(len(weight), np.int64), 1)[0]
    return Totals(**dict(zip(TOTALS_COLUMNS, found.tolist(), strict=True)))


def count_classes(
    status: npt.NDArray[np.int8],
    weight: FloatArray,
    group: npt.NDArray[np.integer] | None = None,
    count: int = 1,
) -> FloatArray:
    """Sum people by class for every group: columns `COUNTED`, shape (count, 6).

    Parameters
    ----------
    status, weight
        As for `compute_totals`.
    group, count
        Group of each point, 0 to count - 1, shape (p,), and how many groups there are; None takes all as one.
    """
    classes = len(STATUSES)
    key = status.astype(np.int64) if group is None else group * np.int64(classes) + status
    people = np.bincount(key, weights=weight, minlength=count * classes).reshape(count, classes)
    zero = np.zeros(len(weight), np.int64) if group is None else group
    total = np.bincount(zero, weights=weight, minlength=count)
    covered = people[:, 0]
    share = np.divide(covered, total, out=np.full(count, np.nan), where=total > 0)
    return np.column_stack((total, people, share))


@dataclass(frozen=True, slots=True, eq=False)
class ReachedPeople:
    """People with a finite time in the order of their minutes: their points, minutes [min] and weight, shape (r,)."""

    order: npt.NDArray[np.int64]
    minutes: npt.NDArray[np.float32]
    weight: FloatArray


def order_reached(minutes: npt.NDArray[np.float32], weight: FloatArray) -> ReachedPeople:
    """Put the people with a finite time into the order of their minutes; serves every grouping of them."""
    order = np.argsort(minutes, kind="stable")
    order = order[np.isfinite(minutes[order]) & (weight[order] > 0)]
    return ReachedPeople(order, minutes[order], weight[order])


def tabulate_totals(
    minutes: npt.NDArray[np.float32],
    status: npt.NDArray[np.int8],
    weight: FloatArray,
    group: npt.NDArray[np.integer],
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
    found = sum_totals(minutes, status, weight, group, count)
    return pd.DataFrame(found, columns=list(TOTALS_COLUMNS))


def sum_totals(
    minutes: npt.NDArray[np.float32],
    status: npt.NDArray[np.int8],
    weight: FloatArray,
    group: npt.NDArray[np.integer],
    count: int,
    *,
    reached: ReachedPeople | None = None,
) -> FloatArray:
    """Return the numbers of `tabulate_totals` alone: columns `TOTALS_COLUMNS`, shape (count, 9).

    `reached` is `order_reached` of the same people, where it is known already.
    """
    people = order_reached(minutes, weight) if reached is None else reached
    own = group[people.order]
    # Numbers of sixteen bits are sorted by their digits, several times as fast.
    short = own.astype(np.uint16 if count <= np.iinfo(np.uint16).max else np.int32, copy=False)
    by_group = np.argsort(short, kind="stable")
    mean, (median, p90) = _summarise(
        people.minutes[by_group], people.weight[by_group], own[by_group], count, (0.5, 0.9)
    )
    return np.column_stack((count_classes(status, weight, group, count), mean, median, p90))


def _summarise(
    minutes: npt.NDArray[np.float32],
    weight: FloatArray,
    group: npt.NDArray[np.integer],
    count: int,
    shares: tuple[float, ...],
) -> tuple[FloatArray, list[FloatArray]]:
    """Return the weighted mean of every group, and the smallest time that holds each share of its people.

    Points come by group and within it by minutes.
    """
    missing = np.full(count, np.nan)
    people = np.bincount(group, weights=weight, minlength=count)
    some = people > 0
    if not some.any():
        return missing, [missing.copy() for _ in shares]
    weighted = np.bincount(group, weights=weight * minutes.astype(np.float64), minlength=count)
    mean = np.divide(weighted, people, out=missing.copy(), where=some)
    minutes, below = minutes.astype(np.float64), np.cumsum(weight)
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
