"""Supply against demand: two-step floating catchments with a decay, and over-loaded stations (B9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.inputs.unit_levels import divide, sum_groups
from coverage.network.model import BoolArray, FloatArray
from coverage.travel.reach import PairTimes
from coverage.units import is_within

# Portions of pairs: number of the first demand point, and the times of it and the following ones.
# Gone through twice, so a list, or an object that makes a new iterator each time.
PairPortions = Iterable[tuple[int, PairTimes]]


@dataclass(frozen=True, slots=True)
class Decay:
    """How much a station counts the farther it is, as steps of the threshold.

    Parameters
    ----------
    limits
        Ascending upper limits of the steps as shares of the threshold, the last one 1; inclusive.
    weights
        Weight of each step, not negative.

    Notes
    -----
    `NO_DECAY` is Luo & Wang (2003). `SLOW_DECAY` and `FAST_DECAY` are the two sets of Luo & Qi (2009):
    0-10, 10-20 and 20-30 minutes of a threshold of 30.
    """

    limits: tuple[float, ...] = (1.0,)
    weights: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        ascending = list(self.limits) == sorted(set(self.limits)) and self.limits[:1] > (0.0,)
        fits = len(self.limits) == len(self.weights) and self.limits[-1:] == (1.0,) and min(self.weights) >= 0.0
        if not (ascending and fits):
            raise SettingsError("supply.decay_invalid", limits=str(self.limits), weights=str(self.weights))

    def weigh(
        self, minutes: npt.NDArray[np.float32], cutoff_min: float | npt.NDArray[np.floating]
    ) -> npt.NDArray[np.float64]:
        """Compute the weight of times, 0 beyond the threshold, which is one for all or one each [min]."""
        steps = np.zeros(minutes.shape, np.int8)
        for limit in self.limits:
            steps += is_within(minutes, np.asarray(np.asarray(cutoff_min) * limit))
        # The nearest are within all limits, those beyond the threshold within none.
        by_steps: npt.NDArray[np.float64] = np.array([0.0, *reversed(self.weights)])[steps]
        return by_steps


NO_DECAY = Decay()
SLOW_DECAY = Decay((1 / 3, 2 / 3, 1.0), (1.0, 0.68, 0.22))
FAST_DECAY = Decay((1 / 3, 2 / 3, 1.0), (1.0, 0.42, 0.09))


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """Capacity against people.

    Parameters
    ----------
    access
        Capacity within reach of one person at each demand point, A_i, shape (p,); 0 where none is reached.
    people_in_reach
        Weighted people around each station, shape (s,); people near several stations count at each.
    ratio
        Capacity of each station for one person around it, R_j, shape (s,); NaN without a known
        capacity, or with nobody around.
    people_served
        People of each station when everybody shares out over the stations within reach by their
        weights, shape (s,): they add up to the people who reach any.
    load
        Visits expected in a year over capacity, shape (s,); NaN without a known capacity.
    is_overloaded
        Load above 1, shape (s,).
    """

    access: FloatArray
    people_in_reach: FloatArray
    ratio: FloatArray
    people_served: FloatArray
    load: FloatArray
    is_overloaded: BoolArray


def compute_supply(
    portions: PairPortions,
    people: FloatArray,
    capacity: FloatArray,
    cutoff_min: float | npt.NDArray[np.floating],
    *,
    chosen: BoolArray | None = None,
    decay: Decay = SLOW_DECAY,
    visits_per_person: float = 1.0,
) -> Supply:
    """Compare the capacity of stations with the people around them.

    Assumes that a station's capacity is the people or cases it can serve in a year.

    Parameters
    ----------
    portions
        Times of demand points and stations up to the largest threshold; rows of portions of the same
        demand points hold different stations. Gone through twice.
    people
        People at each demand point, shape (p,).
    capacity
        Capacity of each station, shape (s,). NaN is unknown: such a station takes its share of people,
        but adds nothing to `access`.
    cutoff_min
        Threshold, inclusive, one for all or one for each demand point, shape (p,) [min].
    chosen
        Mask of the stations that count, shape (s,); None counts all.
    decay
        How much a station counts the farther it is.
    visits_per_person
        Visits of one person in a year, for the load; 1 where capacity is given as people.

    Notes
    -----
    ``R_j = S_j / Σ_i w(t_ij) p_i`` and ``A_i = Σ_j w(t_ij) R_j``, so that ``Σ p_i A_i = Σ S_j`` over
    stations of known capacity with people around them. Time and memory grow with the pairs of a portion.

    References
    ----------
    Luo & Wang (2003), Environment and Planning B 30(6). Luo & Qi (2009), Health & Place 15(4).
    """
    stations = len(capacity)
    chosen = np.ones(stations, bool) if chosen is None else chosen
    capacity = np.where(chosen, capacity, np.nan)
    cutoff = np.asarray(cutoff_min, np.float64)
    around, weight_sum = np.zeros(stations), np.zeros(len(people))
    for first, pairs in portions:
        rows = slice(first, first + len(pairs.ptr) - 1)
        weight = _weigh(rows, pairs, cutoff, decay, chosen)
        around += sum_groups(weight * _spread(people[rows], pairs), pairs.station, stations)
        weight_sum[rows] += _sum_rows(weight, pairs)
    known = np.isfinite(capacity)
    ratio = np.where(known, divide(np.where(known, capacity, 0.0), around), np.nan)
    offered = np.nan_to_num(ratio, nan=0.0)
    share = np.nan_to_num(divide(people, weight_sum), nan=0.0)
    access, served = np.zeros(len(people)), np.zeros(stations)
    for first, pairs in portions:
        rows = slice(first, first + len(pairs.ptr) - 1)
        weight = _weigh(rows, pairs, cutoff, decay, chosen)
        access[rows] += _sum_rows(weight * offered[pairs.station], pairs)
        served += sum_groups(weight * _spread(share[rows], pairs), pairs.station, stations)
    visits = served * visits_per_person
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(known, np.where(visits > 0, visits / capacity, 0.0), np.nan)
    return Supply(access, around, ratio, served, load, load > 1.0)


def _weigh(rows: slice, pairs: PairTimes, cutoff: FloatArray, decay: Decay, chosen: BoolArray) -> FloatArray:
    """Return the weight of every pair of a portion."""
    weight = decay.weigh(pairs.minutes, _spread(cutoff[rows], pairs) if cutoff.ndim else cutoff)
    return weight if chosen.all() else weight * chosen[pairs.station]


def _spread(values: FloatArray, pairs: PairTimes) -> FloatArray:
    """Give every pair the value of its demand point."""
    return np.repeat(values, np.diff(pairs.ptr))


def _sum_rows(values: FloatArray, pairs: PairTimes) -> FloatArray:
    """Sum the values of the pairs of each demand point."""
    filled = np.flatnonzero(np.diff(pairs.ptr))
    total = np.zeros(len(pairs.ptr) - 1)
    if len(filled):
        total[filled] = np.add.reduceat(values, pairs.ptr[filled])
    return total
