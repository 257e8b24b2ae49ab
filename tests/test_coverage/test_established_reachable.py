"""A sign on the door against people who get there in time, and who differs by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_worlds import build_study, crossroads, demand_table, district_table, station_table

from coverage.access.assessment import assess
from coverage.access.established import compute_established_rate
from coverage.access.established_reachable import (
    MISMATCH_COLUMNS,
    SUMMARY_COLUMNS,
    EstablishedReachable,
    compare_assessment,
    compare_established,
    is_reached,
)
from coverage.access.rebin import change_cutoff
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import build_unit_levels, number_station_districts
from coverage.travel.travel_basis import build_travel_basis

INF = np.inf
DISTRICTS = [
    ("c1", "county", ""),
    ("c2", "county", ""),
    ("t1", "township", "c1"),
    ("t2", "township", "c1"),
    ("t3", "township", "c2"),
    ("t4", "township", "c2"),
]


def _study() -> Study:
    """Return two counties of two townships, stations in t1, t2 and (by its code) t4; nobody lives in t4.

    ::

        c1: t1 (station, all near)   t2 (station, 79 of 100 near)
        c2: t3 (none, all near)      t4 (station, nobody)
    """
    demand = demand_table([(0, 0)] * 6, [50, 79, 20, 1, 40, 5], ["t1", "t2", "t2", "t2", "t3", ""])
    stations = station_table([(0, 0)] * 3, ["t1", "t2", "t1"], code=["", "", "t4"])
    return build_study(None, demand, stations, district_table(DISTRICTS))


MINUTES = np.array([5, 30, 30.5, INF, 10, 5], np.float32)


def _compare(study: Study, minutes: np.ndarray = MINUTES, **more: object) -> EstablishedReachable:
    weight = study.demand["population"].to_numpy(float)
    levels = build_unit_levels(study)
    return compare_established(levels, number_station_districts(study), minutes, weight, 30.0, **more)  # type: ignore[arg-type]


def test_side_by_side() -> None:
    """Three of four townships have a station; two of three with people are reached; both counties have one."""
    summary = _compare(_study()).summary.set_index("level")
    assert tuple(_compare(_study()).summary.columns) == SUMMARY_COLUMNS
    township = summary.loc["township"]
    assert (township["units"], township["units_established"], township["established_rate"]) == (4, 3, 0.75)
    assert (township["people"], township["people_covered"]) == (190.0, 169.0)
    assert township["reachable_rate"] == pytest.approx(169 / 190)
    assert (township["units_with_people"], township["units_reached"]) == (3, 2)
    assert township["unit_reach_rate"] == pytest.approx(2 / 3)
    county = summary.loc["county"]
    assert (county["established_rate"], county["unit_reach_rate"]) == (1.0, 1.0)
    assert list(summary.index) == ["county", "township"]


def test_the_two_lists_name_who_differs() -> None:
    """t2 has a station that a fifth cannot reach in time, t3 has none and is reached; empty t4 is in no list."""
    listed = _compare(_study()).mismatches
    assert tuple(listed.columns) == MISMATCH_COLUMNS
    assert listed[["finding", "level", "unit_id", "name"]].to_numpy().tolist() == [
        ["established_not_reachable", "township", "t2", "区t2"],
        ["reachable_not_established", "township", "t3", "区t3"],
    ]
    first = listed.iloc[0]
    assert (first["people"], first["share_inside"], first["stations"]) == (100.0, pytest.approx(0.79), 1)
    assert first["median_min"] == pytest.approx(30.0)


def test_exactly_the_share_is_enough() -> None:
    """80 of 100 inside count as reached at 80 %, also when the sum was rounded; 79 of 100 at 79 %."""
    assert _compare(_study(), unit_share=0.79).summary.set_index("level").loc["township", "units_reached"] == 3
    tenths = np.full(8, 0.1)
    assert is_reached(np.array([np.sum(tenths[:7]) + 0.1]), np.array([1.0]), 0.8)[0]
    assert is_reached(np.array([80.0, 79.99, 0.0]), np.array([100.0, 100.0, 0.0])).tolist() == [True, False, False]


def test_nobody_reaches_anything() -> None:
    """Where no time is finite every unit with a station and people is listed, without a median."""
    listed = _compare(_study(), np.full(6, INF, np.float32)).mismatches
    found = listed[listed["finding"] == "established_not_reachable"]
    assert found["unit_id"].tolist() == ["c1", "c2", "t2", "t1"]
    assert found["median_min"].isna().all()
    assert (found["share_inside"] == 0).all()


def test_most_people_outside_come_first() -> None:
    """Within a level the list is ranked by the people who are left outside."""
    listed = _compare(_study(), np.array([40, 40, 40, 40, 40, 40], np.float32)).mismatches
    townships = listed[(listed["level"] == "township") & (listed["finding"] == "established_not_reachable")]
    assert townships["unit_id"].tolist() == ["t2", "t1"]


def test_without_districts_there_is_nothing_to_compare() -> None:
    """A study without districts has empty tables with the usual columns."""
    study = build_study(None, demand_table([(0, 0)], [1.0], [""]), station_table([(0, 0)], [""]))
    answer = _compare(study, np.array([5.0], np.float32))
    assert tuple(answer.summary.columns) == SUMMARY_COLUMNS
    assert tuple(answer.mismatches.columns) == MISMATCH_COLUMNS
    assert answer.summary.empty
    assert answer.mismatches.empty


@given(st.lists(st.sampled_from(["", *(row[0] for row in DISTRICTS)]), max_size=6))
def test_agrees_with_the_established_rate_of_the_summary(homes: list[str]) -> None:
    """However stations stand or declare themselves, A1 is what the assessment prints without roads."""
    stations = station_table([(0, 0)] * len(homes), ["t1"] * len(homes), code=homes)
    stations["district_id"] = pd.Series(["t1"] * len(homes), index=stations.index, dtype=str)
    study = build_study(None, _study().demand, stations, district_table(DISTRICTS))
    summary = _compare(study).summary.set_index("level")
    for level in ("county", "township"):
        rate = compute_established_rate(study, StationChoice(), level)
        assert summary.loc[level, "units_established"] == rate.units_with_station
        assert summary.loc[level, "units"] == rate.units


def test_from_an_assessment() -> None:
    """Read from an assessment, the tables are those of its times, people and stations."""
    world = crossroads()
    demand = demand_table([(0.0, 1000.0), (1000.0, 0.0)], [10, 20], ["t1", "t3"])
    study = build_study(world.network(), demand, station_table([(0.0, 1000.0)], ["t1"]), district_table(DISTRICTS))
    answer = assess(build_travel_basis(study), StationChoice(), cutoff_min=1.0)
    summary = compare_assessment(study, answer).summary.set_index("level")
    assert summary.loc["township", ["units_established", "units_reached", "people_covered"]].tolist() == [1, 1, 10]
    later = compare_assessment(study, change_cutoff(answer, 1.0, cutoffs_min=np.array([1.0, 5.0]))).mismatches
    assert later["unit_id"].tolist() == ["c2", "t3"]
