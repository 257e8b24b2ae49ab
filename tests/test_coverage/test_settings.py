"""Settings refuse what makes no sense, and compare by content."""

from __future__ import annotations

import math

import pytest

from coverage.errors import PlannerError, SettingsError
from coverage.network.settings import AssessmentSettings, SnapSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_access_m", 0.0),
        ("max_access_m", 5000.1),
        ("max_access_m", math.nan),
        ("access_kph", 0.0),
        ("access_kph", math.inf),
        ("min_component_km", -1.0),
        ("junction_tolerance_m", -0.1),
        ("motorway_within_m", 101.0),
    ],
)
def test_snap_settings_out_of_range(name: str, value: float) -> None:
    """A value outside its range, or no number at all, is refused with the range."""
    with pytest.raises(SettingsError) as caught:
        SnapSettings(**{name: value})
    assert caught.value.code == "settings.out_of_range"
    assert caught.value.context["name"] == name
    assert {"low", "high", "value"} <= set(caught.value.context)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": "fly"}, "settings.unknown_choice"),
        ({"direction": "both"}, "settings.unknown_choice"),
        ({"cutoff_min": -1.0}, "settings.out_of_range"),
        ({"cutoff_min": math.nan}, "settings.out_of_range"),
        ({"cutoff_min": 1441.0}, "settings.out_of_range"),
        ({"memory_budget_mb": 0.0}, "settings.out_of_range"),
        ({"cutoffs_min": ()}, "settings.cutoffs_not_ascending"),
        ({"cutoffs_min": (30.0, 10.0)}, "settings.cutoffs_not_ascending"),
        ({"cutoffs_min": (10.0, 10.0)}, "settings.cutoffs_not_ascending"),
    ],
)
def test_assessment_settings_that_contradict(change: dict[str, object], code: str) -> None:
    """Unknown choices, thresholds out of range and limits out of order are refused."""
    with pytest.raises(SettingsError) as caught:
        AssessmentSettings(**change)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert isinstance(caught.value, PlannerError)
    assert isinstance(caught.value, ValueError)


def test_equal_settings_are_one_key() -> None:
    """Settings of the same content are equal and hash alike, so that answers can be kept by them."""
    assert AssessmentSettings(cutoff_min=45.0) == AssessmentSettings(cutoff_min=45.0)
    assert len({AssessmentSettings(), AssessmentSettings(), AssessmentSettings(direction="from")}) == 2


def test_the_largest_threshold_bounds_the_matrix() -> None:
    """The largest of the threshold and the class limits counts."""
    assert AssessmentSettings(cutoff_min=90.0).largest_cutoff_min == 90.0
    assert AssessmentSettings(cutoff_min=30.0).largest_cutoff_min == 60.0
