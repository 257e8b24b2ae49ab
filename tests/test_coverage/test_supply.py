"""Supply against demand on the published figure, on paper, and by dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.access.supply import FAST_DECAY, NO_DECAY, SLOW_DECAY, Decay, Supply, compute_supply
from coverage.errors import SettingsError
from coverage.travel.reach import PairTimes
from coverage.units import is_within

INF = np.inf


def _pairs(minutes: np.ndarray) -> PairTimes:
    """Turn a dense table of times (points x stations, inf for no way) into pairs."""
    point, station = np.nonzero(np.isfinite(minutes))
    ptr = np.concatenate(([0], np.cumsum(np.bincount(point, minlength=len(minutes)))))
    return PairTimes(ptr, station.astype(np.int32), minutes[point, station].astype(np.float32))


def _compute(minutes: np.ndarray, people: list[float], capacity: list[float], **more: object) -> Supply:
    cutoff = more.pop("cutoff_min", 30.0)
    return compute_supply(
        [(0, _pairs(minutes))],
        np.array(people, float),
        np.array(capacity, float),
        cutoff,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def test_two_catchments_that_overlap() -> None:
    """The figure of Luo & Wang (2003): one doctor and 8 residents round a, one and 4 round b, one of them both.

    The ratios are 1/8 and 1/4; who lives in the overlap has 1/8 + 1/4 = 3/8, who lives in neither 0.
    """
    minutes = np.full((12, 2), INF)
    minutes[:8, 0] = 20.0
    minutes[7:11, 1] = 30.0
    supply = _compute(minutes, [1.0] * 12, [1.0, 1.0], decay=NO_DECAY)
    np.testing.assert_allclose(supply.ratio, [0.125, 0.25])
    np.testing.assert_allclose(supply.access, [0.125] * 7 + [0.375] + [0.25] * 3 + [0.0])
    assert supply.access.sum() == pytest.approx(2.0)


def test_bands_weigh_as_in_luo_and_qi() -> None:
    """100 people at 10, 20, 30 and 31 min of one station with 190 places.

    Weights 1, 0.68, 0.22 and 0 make 190 people in reach, so R = 1 and A is the weight itself.
    """
    minutes = np.array([[10.0], [20.0], [30.0], [31.0]])
    supply = _compute(minutes, [100.0] * 4, [190.0], decay=SLOW_DECAY)
    assert supply.people_in_reach[0] == pytest.approx(190.0)
    np.testing.assert_allclose(supply.access, [1.0, 0.68, 0.22, 0.0])
    fast = _compute(minutes, [100.0] * 4, [151.0], decay=FAST_DECAY)
    np.testing.assert_allclose(fast.access, [1.0, 0.42, 0.09, 0.0])


def test_bands_follow_the_threshold_of_each_point() -> None:
    """20 min are the middle band of 30 and the first of 60; a threshold of 15 leaves the point out."""
    supply = _compute(
        np.full((3, 1), 20.0), [1.0] * 3, [1.68], decay=SLOW_DECAY, cutoff_min=np.array([30.0, 60.0, 15.0])
    )
    np.testing.assert_allclose(supply.access, [0.68, 1.0, 0.0])


def test_people_share_out_and_overload() -> None:
    """Ten people by station a, ten between a and b: b serves 5 with room for 4, a serves 15 with room for 15.

    Two visits a person overload both; the third station has no known capacity and no load.
    """
    minutes = np.array([[5.0, INF, INF], [5.0, 5.0, INF], [INF, INF, 5.0]])
    supply = _compute(minutes, [10.0, 10.0, 3.0], [15.0, 4.0, np.nan], decay=NO_DECAY)
    np.testing.assert_allclose(supply.people_served, [15.0, 5.0, 3.0])
    np.testing.assert_allclose(supply.load, [1.0, 1.25, np.nan])
    assert supply.is_overloaded.tolist() == [False, True, False]
    twice = _compute(minutes, [10.0, 10.0, 3.0], [15.0, 4.0, np.nan], decay=NO_DECAY, visits_per_person=2.0)
    assert twice.is_overloaded.tolist() == [True, True, False]
    assert supply.access[2] == 0.0
    assert np.isnan(supply.ratio[2])


def test_nobody_and_nothing() -> None:
    """No pairs, no people and no capacity give zeros and NaN, not errors."""
    supply = _compute(np.full((2, 1), INF), [5.0, 5.0], [10.0])
    assert supply.access.tolist() == [0.0, 0.0]
    assert np.isnan(supply.ratio[0])
    assert (supply.load[0], bool(supply.is_overloaded[0])) == (0.0, False)
    empty = _compute(np.array([[5.0]]), [0.0], [10.0])
    assert empty.access[0] == 0.0
    half = _compute(np.array([[5.0]]), [0.5], [0.25])
    assert (half.load[0], bool(half.is_overloaded[0])) == (2.0, True)
    closed = _compute(np.array([[5.0]]), [7.0], [0.0])
    assert closed.is_overloaded[0]


@given(st.integers(0, 2**32 - 1))
def test_equals_dense_matrices_in_any_portions(seed: int) -> None:
    """A computation with full matrices gives the same, however points and stations are cut up."""
    random = np.random.default_rng(seed)
    minutes = np.where(random.random((9, 5)) < 0.6, random.uniform(0, 50, (9, 5)), INF)
    people, capacity = random.integers(0, 9, 9).astype(float), random.integers(1, 99, 5).astype(float)
    cutoff = random.choice([20.0, 30.0, 45.0], 9)
    chosen = random.random(5) < 0.8
    weight = np.zeros((9, 5))
    for limit, value in ((1.0, 0.22), (2 / 3, 0.68), (1 / 3, 1.0)):
        weight[is_within(minutes, (cutoff * limit)[:, None])] = value
    weight *= chosen
    around = people @ weight
    ratio = np.divide(capacity, around, out=np.zeros(5), where=around > 0)
    whole = compute_supply([(0, _pairs(minutes))], people, capacity, cutoff, chosen=chosen)
    np.testing.assert_allclose(whole.access, weight @ ratio)
    np.testing.assert_allclose(people @ whole.access, capacity[(around > 0) & chosen].sum())
    reached = weight.sum(axis=1) > 0
    np.testing.assert_allclose(whole.people_served.sum(), people[reached].sum())
    left = np.where(np.arange(5) < 2, minutes, INF)
    right = np.where(np.arange(5) < 2, INF, minutes)
    cut = [(0, _pairs(left[:4])), (4, _pairs(left[4:])), (0, _pairs(right))]
    parts = compute_supply(cut, people, capacity, cutoff, chosen=chosen)
    np.testing.assert_allclose(parts.access, whole.access)
    np.testing.assert_allclose(parts.people_served, whole.people_served)


@pytest.mark.parametrize(
    ("limits", "weights"),
    [
        ((1.0,), (1.0, 0.5)),
        ((0.5, 0.9), (1.0, 0.5)),
        ((0.9, 0.5, 1.0), (1, 1, 1)),
        ((0.0, 1.0), (1, 1)),
        ((1.0,), (-1.0,)),
        ((), ()),
    ],
)
def test_steps_that_do_not_fit_are_refused(limits: tuple[float, ...], weights: tuple[float, ...]) -> None:
    """Steps end at the threshold, ascend, and have one weight each."""
    with pytest.raises(SettingsError) as caught:
        Decay(limits, weights)
    assert caught.value.code == "supply.decay_invalid"
