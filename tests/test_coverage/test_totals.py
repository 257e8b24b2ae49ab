"""Totals at their limits: parts of a person, places without people, groups without anybody."""

from __future__ import annotations

import numpy as np
import pytest

from coverage.access.totals import compute_totals, order_reached, tabulate_totals


def test_half_a_person_has_a_share_and_a_median() -> None:
    """Weights may be parts of people: half a person inside is everybody inside."""
    totals = compute_totals(np.array([5.0], np.float32), np.zeros(1, np.int8), np.array([0.5]))
    assert (totals.total, totals.share_covered, totals.median_min) == (0.5, 1.0, 5.0)


def test_places_without_people_are_not_in_the_order() -> None:
    """Only people are put in order of their minutes, and only those with a finite time."""
    reached = order_reached(np.array([9.0, 1.0, np.inf, 5.0], np.float32), np.array([1.0, 0.0, 1.0, 0.5]))
    assert reached.order.tolist() == [3, 0]


def test_a_quantile_forgives_a_billionth() -> None:
    """Whoever lacks a billionth of the share fills it, for rounding; whoever lacks more does not."""
    for lacking, median in ((0.99e-9, 10.0), (1.05e-9, 20.0)):
        weight = np.array([0.5 - lacking, 0.5 + lacking])
        totals = compute_totals(np.array([10.0, 20.0], np.float32), np.zeros(2, np.int8), weight)
        assert totals.median_min == median


@pytest.mark.parametrize("empty", [0, 1, 2])
def test_a_group_without_anybody_has_no_minutes(empty: int) -> None:
    """First, last or between: an empty group is NaN, and the others keep their own median and 90th percentile."""
    groups = np.array([one for one in range(3) if one != empty for _ in range(2)])
    minutes = np.array([10.0, 20.0, 30.0, 40.0], np.float32)
    table = tabulate_totals(minutes, np.zeros(4, np.int8), np.ones(4), groups, 3)
    assert table["total"].tolist() == [0.0 if one == empty else 2.0 for one in range(3)]
    full = table.drop(index=empty)
    assert full[["median_min", "p90_min"]].to_numpy().tolist() == [[10.0, 20.0], [30.0, 40.0]]
    assert table.loc[empty, ["share_covered", "mean_min", "median_min", "p90_min"]].isna().all()
