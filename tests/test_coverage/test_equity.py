"""Evenness of times: quantiles, Gini, Lorenz curve, depth of the gap, the worst off, against hand computations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.access.equity import (
    compute_coverage_curve,
    compute_depth,
    compute_ginis,
    compute_lorenz,
    compute_quantiles,
    compute_urban_rural_gap,
    compute_worst,
    find_lowest_unit,
    sort_times,
)
from coverage.access.totals import compute_totals
from coverage.inputs.unit_levels import divide
from coverage.units import is_within

INF = np.inf
MINUTES = st.one_of(st.floats(0, 200, width=32), st.just(INF))


@st.composite
def _people(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    minutes = draw(st.lists(MINUTES, min_size=1, max_size=12))
    weight = draw(st.lists(st.integers(0, 9), min_size=len(minutes), max_size=len(minutes)))
    return np.array(minutes, np.float32), np.array(weight, float)


def _gini(minutes: np.ndarray, weight: np.ndarray) -> float:
    numerator, denominator = compute_ginis(sort_times(minutes, weight))
    return float(divide(numerator, denominator)[0])


def _worst_mean(minutes: np.ndarray, weight: np.ndarray, share: float) -> float:
    numerator, denominator = compute_worst(sort_times(minutes, weight), share)
    return float(divide(numerator, denominator)[0])


def _fgt(minutes: np.ndarray, weight: np.ndarray, cutoff_min: float | np.ndarray, alpha: int) -> float:
    depth = compute_depth(minutes, cutoff_min, alpha)
    known = np.isfinite(depth)
    return float(divide(np.array([depth[known] @ weight[known]]), np.array([weight[known].sum()]))[0])


def _gini_of_pairs(minutes: np.ndarray, weight: np.ndarray) -> float:
    """Return the Gini coefficient by its definition: all pairs of people."""
    t, p = minutes.astype(float), weight
    differences = (p[:, None] * p[None, :] * np.abs(t[:, None] - t[None, :])).sum()
    return float(differences / (2.0 * p.sum() * np.dot(p, t)))


def test_gini_of_one_to_five() -> None:
    """1, 2, 3, 4, 5: all pairs differ by 40 in sum, the mean is 3, so G = 40 / (2 · 25 · 3) = 4/15."""
    assert _gini(np.array([3.0, 1, 5, 2, 4]), np.ones(5)) == pytest.approx(4 / 15)


def test_gini_counts_people_and_not_points() -> None:
    """One person at 10 min and three at 30: |difference| 20 for 6 of 16 ordered pairs, mean 25: G = 7.5 / 50."""
    once = _gini(np.array([10.0, 30.0]), np.array([1.0, 3.0]))
    assert once == pytest.approx(0.15)
    assert _gini(np.array([10.0, 30, 30, 30]), np.ones(4)) == pytest.approx(once)


def test_equal_times_are_equal() -> None:
    """Everybody at the same time is evenly served; nobody, or nobody with a finite time, has no Gini."""
    assert _gini(np.full(7, 12.5), np.arange(7.0)) == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(_gini(np.array([INF, np.nan]), np.ones(2)))
    assert np.isnan(_gini(np.array([5.0]), np.zeros(1)))
    assert np.isnan(_gini(np.zeros(0), np.zeros(0)))


@given(_people())
def test_gini_equals_the_definition_over_all_pairs(people: tuple[np.ndarray, np.ndarray]) -> None:
    """The sorted formula gives what a walk over all pairs of people gives."""
    minutes, weight = people
    finite = np.isfinite(minutes) & (weight > 0)
    found = _gini(minutes, weight)
    if np.dot(weight[finite], minutes[finite]) > 0:
        assert found == pytest.approx(_gini_of_pairs(minutes[finite], weight[finite]), abs=1e-9)
    else:
        assert np.isnan(found)


@given(_people(), st.randoms())
def test_order_and_groups_change_nothing(people: tuple[np.ndarray, np.ndarray], random: object) -> None:
    """Rows in any order, and other groups beside, leave a group's numbers as they are."""
    minutes, weight = people
    order = np.arange(len(minutes))
    random.shuffle(order)  # type: ignore[attr-defined]
    both = np.concatenate((minutes[order], [1.0, 99.0])).astype(np.float32)
    group = np.concatenate((np.full(len(minutes), 2), [0, 0]))
    times = sort_times(both, np.concatenate((weight[order], [3.0, 4.0])), group, 4)
    alone = sort_times(minutes, weight)
    np.testing.assert_allclose(times.people, [7.0, 0.0, alone.people[0], 0.0])
    np.testing.assert_allclose(compute_ginis(times)[0][2], compute_ginis(alone)[0][0], atol=1e-6)
    for share in (0.5, 0.9):
        np.testing.assert_array_equal(compute_quantiles(times, share)[2], compute_quantiles(alone, share)[0])
    assert np.isnan(compute_quantiles(times, 0.5)[[1, 3]]).all()


@given(_people())
def test_quantiles_agree_with_the_totals(people: tuple[np.ndarray, np.ndarray]) -> None:
    """Mean, median and P90 are those that the assessment prints."""
    minutes, weight = people
    totals = compute_totals(minutes, np.zeros(len(minutes), np.int8), weight)
    times = sort_times(minutes, weight)
    assert compute_quantiles(times, 0.5)[0] == pytest.approx(totals.median_min, nan_ok=True)
    assert compute_quantiles(times, 0.9)[0] == pytest.approx(totals.p90_min, nan_ok=True)
    if times.people[0] > 0:
        assert times.person_minutes[0] / times.people[0] == pytest.approx(totals.mean_min)


def test_a_quantile_is_reached_by_whoever_fills_the_share() -> None:
    """Four of eight people fill a half exactly; one more beyond moves it; a billionth less is rounding, more is not."""
    assert compute_quantiles(sort_times(np.array([10.0, 20.0]), np.array([4.0, 4.0])), 0.5)[0] == 10.0
    least = 0.5 - 1e-9
    for first, reached in ((least, 10.0), (float(np.nextafter(least, 0.0)), 20.0)):
        times = sort_times(np.array([10.0, 20.0]), np.array([first, 1.0 - first]))
        assert (times.people[0], compute_quantiles(times, 0.5)[0]) == (1.0, reached)
    assert compute_quantiles(sort_times(np.array([10.0, 20.0]), np.array([4.0, 5.0])), 0.5)[0] == 20.0
    # 0.1 + 0.2 is a hair more than 0.3, so that three tenths of one person are a hair too few.
    tenths = sort_times(np.array([10.0, 20.0, 30.0]), np.array([0.1, 0.2, 0.7]))
    assert compute_quantiles(tenths, 0.3)[0] == 20.0


def test_half_a_person_counts_and_nobody_does_not() -> None:
    """Weights are people, also parts of one; a point without people is no point at all."""
    times = sort_times(np.array([5.0, 7.0, 9.0]), np.array([0.5, 0.0, 0.5]))
    assert times.minutes.tolist() == [5.0, 9.0]
    assert times.people.tolist() == [1.0]
    assert find_lowest_unit(np.array([0.5, 0.0]), np.array([0.5, 0.5])) == 1
    half, sides = np.array([0.5, 0.5]), (np.array([True, False]), np.array([False, True]))
    missing, country = compute_urban_rural_gap(np.array([True, False]), half, *sides)
    assert (missing[0], country[0]) == (0.5, 0.5)
    alone, nobody = compute_urban_rural_gap(np.array([True, False]), np.array([0.5, 0.0]), *sides)
    assert (np.isnan(alone[0]), nobody[0]) == (True, 0.0)


def test_lorenz_curve_of_one_to_five() -> None:
    """The fastest fifth of 1 … 5 travel 1/15 of all minutes, two fifths 3/15, and so on."""
    people, minutes = compute_lorenz(np.array([5.0, 4, 3, 2, 1]), np.ones(5), steps=5)
    np.testing.assert_allclose(people, [0, 0.2, 0.4, 0.6, 0.8, 1])
    np.testing.assert_allclose(minutes, np.array([0, 1, 3, 6, 10, 15]) / 15)
    area = np.trapezoid(minutes, people)
    assert 1 - 2 * area == pytest.approx(4 / 15)
    assert [len(part) for part in compute_lorenz(np.array([INF]), np.ones(1))] == [0, 0]


def test_coverage_against_minutes() -> None:
    """The curve climbs by whoever lives at the threshold exactly, and ends below 1 where some reach nothing."""
    minutes, weight = np.array([10, 20, INF], np.float32), np.array([1.0, 2.0, 1.0])
    curve = compute_coverage_curve(minutes, weight, np.array([9.9, 10, 19, 20, 1000]))
    np.testing.assert_allclose(curve, [0, 0.25, 0.25, 0.75, 0.75])
    assert np.isnan(compute_coverage_curve(minutes, np.zeros(3), np.array([10.0]))).all()


def test_depth_of_the_gap_by_hand() -> None:
    """T = 30: 20 and 30 min are inside, 45 lies 0.5 beyond, 60 lies 1 beyond, one person reaches nothing.

    Ten people each: FGT0 = 30/50 (with the unreachable), FGT1 = (5 + 10)/40, FGT2 = (2.5 + 10)/40.
    """
    minutes = np.array([20, 30, 45, 60, INF], np.float32)
    weight = np.full(5, 10.0)
    assert _fgt(minutes, weight, 30.0, 0) == pytest.approx(0.6)
    assert _fgt(minutes, weight, 30.0, 1) == pytest.approx(15 / 40)
    assert _fgt(minutes, weight, 30.0, 2) == pytest.approx(12.5 / 40)


def test_a_threshold_of_half_a_minute_has_a_depth() -> None:
    """However small the threshold, as long as it is above nothing: 1 min is one threshold beyond half a minute."""
    assert compute_depth(np.array([1.0]), 0.5, 1).tolist() == [1.0]


def test_each_point_has_its_own_threshold() -> None:
    """45 min lie within a threshold of 60 and half a threshold beyond one of 30."""
    minutes = np.array([45, 45], np.float32)
    cutoff = np.array([30.0, 60.0])
    np.testing.assert_allclose(compute_depth(minutes, cutoff, 0), [1, 0])
    np.testing.assert_allclose(compute_depth(minutes, cutoff, 1), [0.5, 0])
    assert _fgt(minutes, np.ones(2), cutoff, 1) == pytest.approx(0.25)


def test_a_threshold_of_nothing_has_no_relative_depth() -> None:
    """With T = 0 nobody can be told how many thresholds beyond he is; whether he is beyond is known."""
    minutes = np.array([0, 5], np.float32)
    assert _fgt(minutes, np.ones(2), 0.0, 0) == 0.5
    assert np.isnan(_fgt(minutes, np.ones(2), 0.0, 1))
    assert np.isnan(_fgt(minutes, np.zeros(2), 30.0, 0))


@given(_people(), st.floats(1, 120))
def test_fgt_falls_with_the_threshold(people: tuple[np.ndarray, np.ndarray], cutoff: float) -> None:
    """A larger threshold never deepens the gap, and FGT0 is what is not covered."""
    minutes, weight = people
    for alpha in (0, 1, 2):
        near, far = _fgt(minutes, weight, cutoff, alpha), _fgt(minutes, weight, cutoff * 1.5, alpha)
        assert np.isnan(near) or far <= near + 1e-12
    if weight.sum() > 0:
        covered = weight[is_within(minutes, cutoff)].sum() / weight.sum()
        assert _fgt(minutes, weight, cutoff, 0) == pytest.approx(1 - covered)


def test_the_worst_tenth_takes_part_of_a_point() -> None:
    """Of 30 people the worst 3 are one at 60 min and two of the five at 40: mean 140 / 3."""
    minutes = np.array([60.0, 40.0, 10.0, INF])
    weight = np.array([1.0, 5.0, 24.0, 9.0])
    assert _worst_mean(minutes, weight, 0.1) == pytest.approx(140 / 3)
    assert _worst_mean(minutes, weight, 1.0) == pytest.approx((60 + 200 + 240) / 30)
    assert np.isnan(_worst_mean(np.array([INF]), np.ones(1), 0.1))


def test_gap_between_town_and_country() -> None:
    """Towns 9 of 10, country 4 of 8: 0.4 apart, and 3.2 more country people would close it."""
    covered = np.array([True, False, True, False, True])
    weight = np.array([9.0, 1, 4, 4, 100])
    town = np.array([True, True, False, False, False])
    country = np.array([False, False, True, True, False])
    missing, people = compute_urban_rural_gap(covered, weight, town, country)
    assert (missing[0], people[0]) == (pytest.approx(3.2), 8.0)
    missing, people = compute_urban_rural_gap(covered, weight, np.zeros(5, bool), country)
    assert np.isnan(missing[0])
    assert people[0] == 0.0


def test_the_lowest_unit() -> None:
    """The lowest share wins, of equals the one with most people; units without people are passed over."""
    assert find_lowest_unit(np.array([5.0, 1, 10, 0]), np.array([10.0, 10, 100, 0])) == 2
    assert find_lowest_unit(np.zeros(2), np.zeros(2)) == -1
