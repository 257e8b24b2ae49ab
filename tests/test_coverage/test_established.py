"""The established rate: units with a point of their own, whether or not it can be reached."""

from __future__ import annotations

import numpy as np
import pytest
from toy_worlds import build_study, demand_table, district_table, station_table

from coverage.access.established import compute_established_rate
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study


def _study(**columns: list[object]) -> Study:
    """Return two counties, three townships in the first, and three stations; no roads are needed."""
    districts = district_table(
        [
            ("c1", "county", ""),
            ("c2", "county", ""),
            ("t1", "township", "c1"),
            ("t2", "township", "c1"),
            ("t3", "township", "c1"),
        ]
    )
    stations = station_table([(0, 0)] * 3, ["t1", "t1", "c2"], **columns)
    return build_study(None, demand_table([], [], []), stations, districts)


@pytest.mark.parametrize(("level", "units", "with_station"), [("county", 2, 2), ("township", 3, 1)])
def test_units_with_a_station(level: str, units: int, with_station: int) -> None:
    """Two stations in one township are one unit with a station; a county has those of its townships."""
    rate = compute_established_rate(_study(), StationChoice(), level)
    assert (rate.level, rate.units, rate.units_with_station) == (level, units, with_station)
    assert rate.rate == pytest.approx(with_station / units)


def test_a_declared_code_goes_before_the_place() -> None:
    """A station counts for the unit whose code it declares, even if it stands in another."""
    study = _study(code=["t2", "", "unknown"])
    assert compute_established_rate(study, StationChoice(), "township").units_with_station == 2
    assert compute_established_rate(study, StationChoice(), "county").units_with_station == 2


def test_only_chosen_stations_count() -> None:
    """Planned stations and other services do not establish anything."""
    study = _study(status=["planned", "existing", "closed"])
    assert compute_established_rate(study, StationChoice(), "county").units_with_station == 1
    assert compute_established_rate(study, StationChoice(service="licence"), "county").units_with_station == 0


def test_without_units_there_is_no_rate() -> None:
    """A level nobody drew has no units and no rate."""
    rate = compute_established_rate(_study(), StationChoice(), "village")
    assert (rate.units, rate.units_with_station) == (0, 0)
    assert np.isnan(rate.rate)
