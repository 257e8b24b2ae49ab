"""Calibration of car speeds: factors of groups of road classes from trips whose minutes are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from coverage.errors import InputError
from coverage.network.chains import FERRY_CLASS
from coverage.network.model import FloatArray, IntArray, RoadNetwork
from coverage.network.speeds import Pairs, SpeedTable, compute_profile_speeds

# Groups of road classes; "posted" is every road with a posted limit, whatever its class.
GROUPS: tuple[str, ...] = ("motorway", "main", "district", "local", "posted")
_GROUP_OF_CLASS = {
    "motorway": 0, "trunk": 1, "primary": 1, "secondary": 2, "tertiary": 2,
}  # fmt: skip
_LOCAL, _POSTED = GROUPS.index("local"), GROUPS.index("posted")
FIXED = -1

LEAST_TRIPS = 8
# A group is driven if it takes this share of the time of at least so many trips.
LEAST_SHARE, LEAST_DRIVEN = 0.1, 3
# Speeds at most this many times below or above those of the table.
MOST_CHANGE = 2.5
# Trips whose times differ by more than this from the fit, at the median, contradict each other.
MOST_RESIDUAL = 0.2
# How strongly the factor of a group is drawn to the one of all trips; a group driven in all trips hardly feels it.
_PULL = 0.01
_USUAL_RESIDUAL = 0.1
_MOST_ROUNDS = 8
_SETTLED = 0.002


@dataclass(frozen=True, slots=True, eq=False)
class TripTimes:
    """Times of trips on the ways that are the quickest at some speeds.

    Parameters
    ----------
    group_s
        Seconds on the roads of each of `GROUPS`, shape (n, 5).
    fixed_s
        Seconds that do not follow the speeds of classes: delays, ferries, roads slowed by their surface,
        shape (n,).
    """

    group_s: FloatArray
    fixed_s: FloatArray

    @property
    def total_s(self) -> FloatArray:
        """Return the seconds of each trip, shape (n,)."""
        answer: FloatArray = self.group_s.sum(axis=1) + self.fixed_s
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A speed table fitted to trips.

    Parameters
    ----------
    table
        The fitted table.
    factor
        Speed factor of each of `GROUPS`, shape (5,).
    driven
        Whether the trips tell about the group, shape (5,); others follow the factor of all trips.
    share
        Share of the time of all trips on the group, shape (5,).
    before_s, after_s
        Times of the trips before and after, each on the way that is then the quickest, shape (n,) [s].
    """

    table: SpeedTable
    factor: FloatArray
    driven: npt.NDArray[np.bool_]
    share: FloatArray
    before_s: FloatArray
    after_s: FloatArray


def group_profiles(network: RoadNetwork, speeds: SpeedTable) -> IntArray:
    """Find the group of every road profile, shape (profiles,).

    Returns
    -------
    Index into `GROUPS`; `FIXED` for ferries and for roads whose surface, state or kind sets their speed.
    """
    profiles = network.profiles
    highway = profiles["highway"].astype(str).str.removesuffix("_link")
    group: IntArray = highway.map(_GROUP_OF_CLASS).fillna(_LOCAL).to_numpy().astype(np.int32)
    posted = profiles[["maxspeed_forward_kph", "maxspeed_backward_kph"]].notna().any(axis=1).to_numpy(bool)
    group[posted] = _POSTED
    faster = apply_factors(speeds, np.full(len(GROUPS), 1.05))
    season = speeds.season_names[0]
    now, then = (np.stack(compute_profile_speeds(network, table, season)) for table in (speeds, faster))
    is_bound = (then <= now * 1.001).all(axis=(0, 1))
    group[is_bound | (profiles["highway"] == FERRY_CLASS).to_numpy(bool)] = FIXED
    return group


def split_times(group: IntArray, profile: IntArray, piece_s: FloatArray) -> FloatArray:
    """Sum the seconds on pieces of road by the group of their profile, shape (5,); fixed ones are left out."""
    of_piece = group[profile]
    counted = of_piece >= 0
    answer: FloatArray = np.bincount(of_piece[counted], piece_s[counted], len(GROUPS)).astype(np.float64)
    return answer


def apply_factors(speeds: SpeedTable, factor: FloatArray) -> SpeedTable:
    """Return a table whose classes, and posted limits, are driven at the factors of `GROUPS`."""

    def scale(pairs: Pairs) -> Pairs:
        return tuple((road, kph * _find_factor(road, factor)) for road, kph in pairs)

    return replace(
        speeds,
        speeds_kph=scale(speeds.speeds_kph),
        maxspeed_factor=float(speeds.maxspeed_factor * factor[_POSTED]),
    )


def _find_factor(road: str, factor: FloatArray) -> float:
    if road == FERRY_CLASS:
        return 1.0
    return float(factor[_GROUP_OF_CLASS.get(road.removesuffix("_link"), _LOCAL)])


def calibrate(speeds: SpeedTable, observed_s: FloatArray, measure: Callable[[SpeedTable], TripTimes]) -> Calibration:
    """Fit the speeds of a table to trips whose times are known.

    Parameters
    ----------
    speeds
        The table to begin with.
    observed_s
        Known times of the trips, shape (n,) [s].
    measure
        Gives the times of the trips at a table, each on the way that is then the quickest.

    Returns
    -------
    The fitted table with what it rests on.

    Raises
    ------
    InputError
        ``calibration.too_few`` below 8 trips; ``calibration.one_group`` if fewer than two groups of classes
        take a tenth of the time of three trips; ``calibration.out_of_range`` if speeds would have to change
        more than 2.5 times; ``calibration.inconsistent`` if half of the trips still differ by more than a
        fifth. Give more trips, on other roads, or without errors.

    Notes
    -----
    Robust least squares (soft L1) of relative residuals on the time shares of the groups, each factor bounded
    and drawn a little to the one of all trips. Ways depend on speeds, so the trips are routed anew until the
    factors settle.
    """
    if len(observed_s) < LEAST_TRIPS:
        raise InputError("calibration.too_few", count=len(observed_s), least=LEAST_TRIPS)
    before = measure(speeds)
    _check_driven(before)
    factor = np.ones(len(GROUPS))
    times = before
    for _ in range(_MOST_ROUNDS):
        # Seconds at the speeds of the first table, on the ways of the present one.
        slowness = _fit(times.group_s * factor, times.fixed_s, observed_s)
        fitted = 1.0 / slowness
        moved = float(np.abs(fitted / factor - 1.0).max())
        factor = fitted
        times = measure(apply_factors(speeds, factor))
        if moved < _SETTLED:
            break
    driven = _find_driven(times)
    if (factor[driven] <= 1.001 / MOST_CHANGE).any() or (factor[driven] >= 0.999 * MOST_CHANGE).any():
        worst = int(np.argmax(np.where(driven, np.abs(np.log(factor)), 0.0)))
        raise InputError("calibration.out_of_range", group=GROUPS[worst], factor=float(factor[worst]), most=MOST_CHANGE)
    apart = np.abs(times.total_s / observed_s - 1.0)
    if float(np.median(apart)) > MOST_RESIDUAL:
        raise InputError(
            "calibration.inconsistent", percent=100.0 * float(np.median(apart)), most=100.0 * MOST_RESIDUAL
        )
    return Calibration(
        table=apply_factors(speeds, factor),
        factor=factor,
        driven=driven,
        share=times.group_s.sum(axis=0) / times.total_s.sum(),
        before_s=before.total_s,
        after_s=times.total_s,
    )


def _find_driven(times: TripTimes) -> npt.NDArray[np.bool_]:
    share = times.group_s / times.total_s[:, None]
    answer: npt.NDArray[np.bool_] = (share >= LEAST_SHARE).sum(axis=0) >= LEAST_DRIVEN
    return answer


def _check_driven(times: TripTimes) -> None:
    driven = _find_driven(times)
    if driven.sum() < 2:
        named = ", ".join(name for name, is_driven in zip(GROUPS, driven, strict=True) if is_driven)
        raise InputError("calibration.one_group", groups=named)


def _fit(group_s: FloatArray, fixed_s: FloatArray, observed_s: FloatArray) -> FloatArray:
    """Fit the slowness (1 / speed factor) of every group, shape (5,)."""
    low, high = 1.0 / MOST_CHANGE, MOST_CHANGE
    moving = np.maximum(group_s.sum(axis=1), 1e-9)
    overall = float(np.clip(np.median((observed_s - fixed_s) / moving), low, high))
    pull = np.sqrt(_PULL)

    def compare(slowness: FloatArray) -> FloatArray:
        apart = (fixed_s + group_s @ slowness) / observed_s - 1.0
        return np.concatenate((apart, pull * (slowness / overall - 1.0)))

    start = np.full(group_s.shape[1], overall)
    found = least_squares(compare, start, bounds=(low, high), loss="soft_l1", f_scale=_USUAL_RESIDUAL)
    slowness: FloatArray = found.x
    return slowness
