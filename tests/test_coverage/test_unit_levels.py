"""Group codes of the study and its district levels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_worlds import build_study, demand_table, district_table, station_table

from coverage.errors import InputError
from coverage.inputs.districts import district_at_level
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.unit_levels import build_unit_levels, number_station_districts

DISTRICTS = [
    ("p", "prefecture", ""),
    ("c1", "county", "p"),
    ("c2", "county", ""),
    ("t", "township", "c1"),
    ("v", "village", "t"),
    ("w", "village", "c2"),
]


def test_levels_from_coarse_to_fine() -> None:
    """People in village v count for its township, county and prefecture; w has no township above it."""
    study = build_study(
        None,
        demand_table([(0, 0)] * 4, [1, 2, 4, 8], ["v", "w", "c1", ""]),
        station_table([], []),
        district_table(DISTRICTS),
    )
    levels = {level.level: level for level in build_unit_levels(study)}
    assert list(levels) == ["study", "prefecture", "county", "township", "village"]
    weight = study.demand["population"].to_numpy(float)
    sums = {name: dict(zip(level.ids, level.sum(weight), strict=True)) for name, level in levels.items()}
    assert sums == {
        "study": {"": 15.0},
        "prefecture": {"p": 5.0, "": 10.0},
        "county": {"c1": 5.0, "c2": 2.0, "": 8.0},
        "township": {"t": 1.0, "": 14.0},
        "village": {"v": 1.0, "w": 2.0, "": 12.0},
    }
    assert [level.unit_count for level in levels.values()] == [1, 1, 2, 1, 2]
    assert [one.level for one in build_unit_levels(study, ("county",))] == ["county"]


def test_a_station_belongs_where_it_declares() -> None:
    """The declared code goes before the place, an unknown code does not count."""
    stations = station_table([(0, 0)] * 4, ["v", "v", "v", ""], code=["w", "", "nonsense", ""])
    study = build_study(None, demand_table([], [], []), stations, district_table(DISTRICTS))
    assert number_station_districts(study).tolist() == [5, 4, 4, -1]


@given(st.permutations(range(len(DISTRICTS))))
def test_equals_climbing_one_by_one(order: list[int]) -> None:
    """All at once gives what climbing district by district gives, in any order of rows."""
    districts = district_table([DISTRICTS[number] for number in order])
    study = build_study(None, demand_table([], [], []), station_table([], []), districts)
    for level in build_unit_levels(study):
        if level.level in DISTRICT_LEVELS:
            found = np.array(level.ids, object)[level.of_district[:-1]]
            assert found.tolist() == district_at_level(districts, level.level).tolist()
            assert districts.index[level.districts].tolist() == list(level.ids[:-1])
            assert level.of_district[-1] == level.unit_count


def test_a_circle_of_parents_is_refused() -> None:
    """Two districts that are each other's parent are an error that names one of them."""
    districts = district_table([("a", "township", "b"), ("b", "township", "a"), ("c", "county", "")])
    study = build_study(None, demand_table([], [], []), station_table([], []), districts)
    with pytest.raises(InputError) as caught:
        build_unit_levels(study)
    assert caught.value.code == "districts.parent_cycle"
    assert caught.value.context["value"] in ("a", "b")
