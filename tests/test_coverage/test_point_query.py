"""One place on the map: the same answer as the tables, and its four classes."""

from __future__ import annotations

import numpy as np
import pytest
from toy_worlds import build_study, crossroads, demand_table, station_table, to_degrees

from coverage.access.assessment import assess
from coverage.access.point_query import locate_point
from coverage.errors import InputError
from coverage.inputs.stations import StationChoice
from coverage.travel.travel_basis import TravelBasis, build_travel_basis

_PLACES = [(0.0, 900.0), (500.0, 30.0), (-900.0, 0.0), (40.0, -700.0), (60_000.0, 60_000.0)]


@pytest.fixture(scope="module")
def basis() -> TravelBasis:
    """Return people on a crossroads with two stations, and one person far from any road."""
    demand = demand_table(_PLACES, [1.0] * len(_PLACES), [""] * len(_PLACES))
    study = build_study(crossroads().network(), demand, station_table([(0, 900), (-400, 0)], ["", ""]))
    return build_travel_basis(study)


@pytest.mark.parametrize("cutoff_min", [0.5, 1.0, 30.0])
def test_a_place_has_the_answer_of_a_demand_point_there(basis: TravelBasis, cutoff_min: float) -> None:
    """Minutes, station, access and class equal the assessment's to the bit."""
    demand = assess(basis, StationChoice(), cutoff_min=cutoff_min).demand
    for place, (_, row) in zip(_PLACES, demand.iterrows(), strict=True):
        answer = locate_point(basis, *to_degrees(*place), StationChoice(), cutoff_min=cutoff_min)
        assert np.float32(answer.minutes) == row["minutes"]
        assert (answer.station_id, answer.status) == (row["station_id"], row["status"])
        assert answer.access_m == row["access_m"]


def test_without_a_chosen_station_there_is_no_route(basis: TravelBasis) -> None:
    """Where no station meets the choice the time is infinite and no station is named."""
    answer = locate_point(basis, *to_degrees(0, 0), StationChoice(status=("closed",)))
    assert (answer.minutes, answer.station_id, answer.status) == (float("inf"), "", "no_route")


def test_far_from_roads_is_unconnected(basis: TravelBasis) -> None:
    """Beyond the snap limit there is neither a time nor an access leg."""
    answer = locate_point(basis, *to_degrees(60_000, 60_000), StationChoice())
    assert (answer.minutes, answer.access_m, answer.status) == (float("inf"), float("inf"), "unconnected")


@pytest.mark.parametrize(("lon", "lat"), [(float("nan"), 0.0), (0.0, 89.0), (181.0, 0.0), (0.0, float("inf"))])
def test_a_position_off_the_map_is_refused(basis: TravelBasis, lon: float, lat: float) -> None:
    """Positions that are no place on the map raise, they are not snapped to something."""
    with pytest.raises(InputError, match="position_invalid"):
        locate_point(basis, lon, lat, StationChoice())
