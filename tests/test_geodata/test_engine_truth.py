"""Is our travel time right? Sixty places of each extract against independent routing engines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy import CAR_CITIES, WALK_CITIES, compare_car, compare_cycle, compare_walk


@pytest.mark.parametrize("city", CAR_CITIES)
def test_car_times_agree_with_an_independent_engine(shared_data: Path, city: str) -> None:
    """Every pair is answered, half within 3 % and 95 of 100 within 12 %, and 98.5 % agree on 15 and 30 minutes."""
    found = compare_car(shared_data, city)
    assert len(found.ours) == 3540
    assert np.isfinite(found.ours).all()
    assert np.median(found.error) <= 0.03
    assert np.quantile(found.error, 0.95) <= 0.12
    assert min(found.find_agreement(15.0), found.find_agreement(30.0)) >= 0.985


@pytest.mark.parametrize("city", WALK_CITIES)
def test_walking_times_agree_with_the_kilometres_of_an_independent_engine(shared_data: Path, city: str) -> None:
    """At our own walking speed their kilometres take what we say: the limits posted for cars change nothing."""
    found = compare_walk(shared_data, city)
    assert len(found.ours) == 3540
    assert np.isfinite(found.ours).all()
    assert found.median_ratio == pytest.approx(1.0, abs=0.05)
    assert found.find_agreement(30.0) >= 0.985


def test_cycling_takes_what_its_way_is_long(shared_data: Path) -> None:
    """Times are those of the length of the way at our cycling speed; slow classes and signals add little."""
    found = compare_cycle(shared_data, "andorra")
    assert np.isfinite(found.ours).all()
    assert found.median_ratio == pytest.approx(1.0, abs=0.05)
    assert (found.ours / found.theirs).min() >= 1.0 - 1e-6
