"""Town or country: junctions per km² around a place."""

from __future__ import annotations

import numpy as np
import pytest

from coverage.network.junction_density import compute_junction_density


def _town(lon: float, lat: float, spacing_km: float) -> tuple[np.ndarray, np.ndarray]:
    """Return junctions of a square street grid of 8 km around a place."""
    step = np.arange(-4.0, 4.0, spacing_km) + spacing_km / 2
    east, north = np.meshgrid(step, step)
    return lon + east.ravel() / (111.32 * np.cos(np.radians(lat))), lat + north.ravel() / 111.2


@pytest.mark.parametrize("lat", [0.0, 43.8, -30.0, 60.0])
def test_a_street_grid_has_its_density_at_every_latitude(lat: float) -> None:
    """Streets every 200 m have 25 junctions per km²."""
    lon = 87.6
    density = compute_junction_density(*_town(lon, lat, 0.2), np.array([lon]), np.array([lat]))
    assert density[0] == pytest.approx(25.0, rel=0.12)


def test_the_answer_does_not_depend_on_what_lies_far_away() -> None:
    """Cutting a file or adding another city far away changes no density here."""
    here = _town(87.6, 43.8, 0.3)
    far = _town(76.9, 43.2, 0.1)
    rng = np.random.default_rng(1)
    lon, lat = 87.6 + rng.uniform(-0.04, 0.04, 200), 43.8 + rng.uniform(-0.03, 0.03, 200)
    alone = compute_junction_density(*here, lon, lat)
    both = compute_junction_density(*(np.concatenate(pair) for pair in zip(here, far, strict=True)), lon, lat)
    np.testing.assert_array_equal(alone, both)


def test_no_junction_anywhere_is_density_zero() -> None:
    """A single road without a junction is country."""
    none = np.zeros(0)
    assert compute_junction_density(none, none, np.array([87.6]), np.array([43.8])).tolist() == [0.0]
