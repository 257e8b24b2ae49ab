"""How evenly times are spread over people: quantiles, Gini, Lorenz curve, depth of the gap, the worst off.

People without a finite time (no route, unconnected) have no minutes to compare: they are left out
here, and their shares stand beside every result. `NaN` minutes count as no finite time. Everything
is computed for all groups at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.inputs.unit_levels import divide, sum_groups
from coverage.network.model import BoolArray, FloatArray
from coverage.units import is_within

Minutes = npt.NDArray[np.floating]
Groups = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False)
class SortedTimes:
    """Finite times in ascending order within each group, people with weight only.

    Parameters
    ----------
    minutes, weight, group
        Time [min], people and group, sorted by group, then time, shape (m,).
    people_before
        People of the same group at earlier rows, shape (m,).
    people, person_minutes
        Sums of people, and of people times minutes, shape (g,).
    """

    minutes: FloatArray
    weight: FloatArray
    group: Groups
    people_before: FloatArray
    people: FloatArray
    person_minutes: FloatArray
    _begin: npt.NDArray[np.int64]


def sort_times(
    minutes: Minutes, weight: FloatArray, group: Groups | None = None, count: int = 1, *, is_sorted: bool = False
) -> SortedTimes:
    """Sort people by group and time.

    Parameters
    ----------
    minutes
        Times, shape (p,) [min]; those that are not finite are left out.
    weight
        People, not negative, shape (p,).
    group
        Group of each point, 0 to count - 1, shape (p,); None puts everybody into one.
    count
        Number of groups, also empty ones.
    is_sorted
        The points are in ascending order of time already.
    """
    group = np.zeros(len(minutes), np.int32) if group is None else group
    keep = np.isfinite(minutes) & (weight > 0)
    group = group[keep]
    order = np.argsort(group, kind="stable") if is_sorted else np.lexsort((minutes[keep], group))
    times: FloatArray = minutes[keep][order].astype(np.float64)
    people: FloatArray = weight[keep][order].astype(np.float64)
    group = group[order]
    begin = np.searchsorted(group, np.arange(count + 1))
    return SortedTimes(
        minutes=times,
        weight=people,
        group=group,
        people_before=_sum_before(people, group, begin),
        people=sum_groups(people, group, count),
        person_minutes=sum_groups(people * times, group, count),
        _begin=begin,
    )


def _sum_before(values: FloatArray, group: Groups, begin: npt.NDArray[np.int64]) -> FloatArray:
    """Sum the values of the same group at earlier rows, shape (m,)."""
    total: FloatArray = np.concatenate(([0.0], np.cumsum(values)))
    return total[:-1] - total[begin[group]]


def compute_quantiles(times: SortedTimes, share: float) -> FloatArray:
    """Compute the smallest time within which at least a share of each group's people are [min], NaN without."""
    answer = np.full(len(times.people), np.nan)
    # A hair less, so that rounding of the running sum does not skip the point that fills the share.
    wanted = times.people * (share - 1e-9)
    reached = times.people_before + times.weight >= wanted[times.group]
    rows = np.flatnonzero(reached)
    groups, first = np.unique(times.group[rows], return_index=True)
    answer[groups] = times.minutes[rows[first]]
    return answer


def compute_ginis(times: SortedTimes) -> tuple[FloatArray, FloatArray]:
    """Compute the Gini coefficient of minutes among people as numerator and denominator, shape (g,).

    Returns
    -------
    Half the mean absolute difference between two people, summed over people, and the sum of their minutes;
    the coefficient is the quotient, NaN (0 / 0) without people or minutes.

    Notes
    -----
    With people in ascending order of time and S_k their running minutes,
    ``G = 1 - Σ p_k (S_k + S_{k-1}) / (P S)``.

    Examples
    --------
    >>> numerator, denominator = compute_ginis(sort_times(np.array([1.0, 2, 3, 4, 5]), np.ones(5)))
    >>> round(float(numerator[0] / denominator[0]), 4)
    0.2667
    """
    own = times.weight * times.minutes
    before = _sum_before(own, times.group, times._begin)
    area = sum_groups(times.weight * (2.0 * before + own), times.group, len(times.people))
    numerator = times.person_minutes - np.nan_to_num(divide(area, times.people))
    return np.maximum(numerator, 0.0), times.person_minutes


def compute_worst(times: SortedTimes, share: float) -> tuple[FloatArray, FloatArray]:
    """Sum the minutes of the slowest share of people, and those people, shape (g,); the quotient is their mean.

    The point on the border counts with the part of its people that fills the share.
    """
    last_before = (times.people * (1.0 - share))[times.group]
    part = np.clip(times.people_before + times.weight - last_before, 0.0, times.weight)
    count = len(times.people)
    return (
        sum_groups(part * times.minutes, times.group, count),
        sum_groups(part, times.group, count),
    )


def compute_lorenz(minutes: Minutes, weight: FloatArray, *, steps: int = 100) -> tuple[FloatArray, FloatArray]:
    """Compute the Lorenz curve: share of people (fastest first) against their share of all minutes.

    Parameters
    ----------
    minutes, weight
        As for `sort_times`.
    steps
        The curve is given at steps + 1 equal shares of people.

    Returns
    -------
    Shares of people and of minutes, shape (steps + 1,), from 0 to 1; both empty without people or minutes.
    """
    times = sort_times(minutes, weight)
    if not times.person_minutes[0] > 0.0:
        return np.zeros(0), np.zeros(0)
    people = np.concatenate(([0.0], np.cumsum(times.weight))) / times.people[0]
    travelled = np.concatenate(([0.0], np.cumsum(times.weight * times.minutes))) / times.person_minutes[0]
    share = np.linspace(0.0, 1.0, steps + 1)
    curve = np.interp(share, people, travelled)
    curve[-1] = 1.0
    return share, curve


def compute_coverage_curve(minutes: Minutes, weight: FloatArray, cutoffs_min: Minutes) -> FloatArray:
    """Compute the share of people within each of several thresholds, shape (c,); NaN without people.

    Parameters
    ----------
    minutes, weight
        Times (inf without a station) and people; everybody counts, shape (p,).
    cutoffs_min
        Thresholds, inclusive, shape (c,) [min].
    """
    inside = [float(weight[is_within(minutes, float(cutoff))].sum()) for cutoff in cutoffs_min]
    return divide(np.array(inside, np.float64), np.full(len(inside), float(weight.sum())))


def compute_depth(minutes: Minutes, cutoff_min: float | Minutes, alpha: int) -> FloatArray:
    """Compute how deep each point lies in the gap, ``(max(0, t - T) / T) ** alpha``, shape (p,).

    Parameters
    ----------
    minutes
        Times, shape (p,) [min].
    cutoff_min
        Threshold T, one for all or one each [min].
    alpha
        0 tells whether (1 for everybody not within, also without a finite time), 1 how far, 2 stresses
        the farthest.

    Returns
    -------
    For alpha > 0: NaN where the time is not finite or the threshold is 0, for there is no relative distance.

    Notes
    -----
    The people-weighted mean over points that are not NaN is the index ``FGT_α``; for α = 0 it is the uncovered share.

    References
    ----------
    Foster, Greer & Thorbecke (1984), Econometrica 52(3).
    """
    outside = ~np.asarray(is_within(np.asarray(minutes), np.asarray(cutoff_min, float)))
    if alpha == 0:
        return outside.astype(np.float64)
    cutoff = np.broadcast_to(np.asarray(cutoff_min, np.float64), outside.shape)
    known = np.isfinite(minutes) & (cutoff > 0)
    depth = np.full(outside.shape, np.nan)
    times = np.asarray(minutes, np.float64)[known]
    depth[known] = np.where(outside[known], np.maximum(times / cutoff[known] - 1.0, 0.0), 0.0) ** alpha
    return depth


def compute_urban_rural_gap(
    covered: BoolArray,
    weight: FloatArray,
    is_urban: BoolArray,
    is_rural: BoolArray,
    group: Groups | None = None,
    count: int = 1,
) -> tuple[FloatArray, FloatArray]:
    """Compare the covered share of the towns with that of the countryside, shape (g,).

    Parameters
    ----------
    covered, weight
        Whether each point is covered, and its people, shape (p,).
    is_urban, is_rural
        Masks of the two sides, shape (p,); points in neither are left out.
    group, count
        As for `sort_times`.

    Returns
    -------
    Country people who would have to be covered besides to be level with the towns (negative if the
    country is ahead), and all country people; the quotient is the gap, urban share - rural share.
    They are NaN and 0 where one of the two sides has nobody.
    """
    group = np.zeros(len(weight), np.int32) if group is None else group
    town, town_covered, country, country_covered = (
        sum_groups(weight * mask, group, count) for mask in (is_urban, is_urban & covered, is_rural, is_rural & covered)
    )
    missing = divide(town_covered, town) * country - country_covered
    both = (town > 0) & (country > 0)
    return np.where(both, missing, np.nan), np.where(both, country, 0.0)


def find_lowest_unit(covered: FloatArray, people: FloatArray) -> int:
    """Find the unit with the lowest covered share, the one with most people where several tie; -1 without people."""
    if not (people > 0).any():
        return -1
    share = np.nan_to_num(divide(covered, people), nan=np.inf)
    return int(np.lexsort((-people, share))[0])
