"""Kilometres along the search tree: those of the routes one by one, whatever the direction, units and edits."""

from __future__ import annotations

import numpy as np
import pytest
from random_study import build_random_study

from coverage.access.assessment import find_nearest
from coverage.inputs.stations import StationChoice
from coverage.travel.route import find_spot, trace_route
from coverage.travel.travel_basis import TravelBasis, build_travel_basis


def _list_routes(basis: TravelBasis) -> tuple[np.ndarray, np.ndarray]:
    """Return the metres of every demand point along the tree, and those of its route searched on its own."""
    nearest, chosen = find_nearest(basis, StationChoice(), with_roads=True)
    assert nearest.route_m is not None
    alone = np.full(len(nearest.minutes), np.nan)
    for number in np.flatnonzero(nearest.station >= 0).tolist():
        row = basis.study.demand.iloc[number]
        spot = find_spot(basis, float(row["lon"]), float(row["lat"]))
        alone[number] = trace_route(
            basis, spot, int(chosen[nearest.station[number]]), float(nearest.minutes[number])
        ).length_m
    return nearest.route_m, alone


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", ["to", "from"])
def test_lengths_are_those_of_the_routes(seed: int, direction: str) -> None:
    """On random networks the sum along the tree equals the route of each point to its nearest station."""
    basis = build_travel_basis(build_random_study(seed), direction=direction)  # type: ignore[arg-type]
    tree, alone = _list_routes(basis)
    assert np.isfinite(tree).any()
    np.testing.assert_allclose(tree, alone, atol=0.01)
