"""What visits cost in a year, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from coverage.access.service_cost import CostAssumptions, compare_service_cost, compute_service_cost
from coverage.errors import SettingsError

INF = np.inf
# Two matters a year, one and a half journeys each, 0.5 yuan a km, 20 yuan an hour.
ASSUMED = CostAssumptions(2.0, 1.5, 0.5, 20.0)


def test_a_year_of_one_hundred_people() -> None:
    """100 people 30 min and 20 km away: 300 journeys, 300 hours both ways, 12,000 km, 6,000 + 6,000 yuan."""
    cost = compute_service_cost(np.array([30.0, INF]), np.array([20e3, np.nan]), np.array([100.0, 7.0]), ASSUMED)
    assert (cost.people, cost.people_left_out) == (100.0, 7.0)
    assert (cost.trips, cost.hours, cost.km, cost.yuan) == pytest.approx((300, 300, 12_000, 12_000))


def test_before_and_after_count_the_same_people() -> None:
    """Only who is served both times is compared; who is reached anew or lost is told apart."""
    before = np.array([60.0, INF, 20.0, INF])
    after = np.array([30.0, 10.0, INF, INF])
    far, near = np.array([40e3, np.nan, 9e3, np.nan]), np.array([20e3, 5e3, np.nan, np.nan])
    change = compare_service_cost((before, far), (after, near), np.array([10.0, 5.0, 3.0, 1.0]), ASSUMED)
    assert (change.before.people, change.after.people) == (10.0, 10.0)
    assert change.before.hours == pytest.approx(2 * change.after.hours)
    assert change.saved_yuan == pytest.approx(change.before.yuan / 2)
    assert (change.people_newly_reached, change.people_lost) == (5.0, 3.0)


def test_nobody_costs_nothing() -> None:
    """No demand points, no cost."""
    cost = compute_service_cost(np.zeros(0), np.zeros(0), np.zeros(0), ASSUMED)
    assert (cost.people, cost.trips, cost.yuan) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("field", ["visits_per_person", "trips_per_visit", "yuan_per_km", "yuan_per_hour"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), 1e9])
def test_assumptions_outside_their_range_are_refused(field: str, value: float) -> None:
    """Negative, endless and missing assumptions are refused by name."""
    with pytest.raises(SettingsError) as caught:
        CostAssumptions(**{field: value})
    assert caught.value.context["name"] == field
