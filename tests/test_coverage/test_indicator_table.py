"""The table of indicators: worked by hand on a crossroads, and sums that must hold whatever the people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_worlds import CATALOGUE, build_study, crossroads, demand_table, district_table, station_table

from coverage.access.assessment import Assessment, assess, find_reach
from coverage.access.headline_range import compute_range
from coverage.access.indicator_rows import INDICATOR_COLUMNS
from coverage.access.indicator_table import IndicatorExtras, compute_indicators
from coverage.access.service_cost import CostAssumptions
from coverage.access.station_load import LOAD_COLUMNS, tabulate_station_loads
from coverage.access.supply import NO_DECAY
from coverage.errors import SettingsError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.indicator_registry import INDICATORS, find_indicator
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Bundle, CapacityUse, Source
from coverage.travel.travel_basis import TravelBasis, build_travel_basis

DISTRICTS = [
    ("p", "prefecture", ""),
    ("c1", "county", "p"),
    ("c2", "county", "p"),
    ("t1", "township", "c1"),
    ("t2", "township", "c1"),
    ("t3", "township", "c2"),
]
HOMES = [(0.0, 1000.0), (1000.0, 0.0), (-1000.0, 0.0), (0.0, -1000.0), (8500.0, -1000.0), (0.0, 30_000.0)]


def _basis(
    population: list[float] | None = None,
    homes: list[str] | None = None,
    zones: list[str] | None = None,
    capacity: list[float] | None = None,
) -> TravelBasis:
    """Return four homes 1 min from the middle, one on an islet of road, one without a road; two stations.

    ::

              n 10                   t1: n, s (station at s)    t2: e
              |
       w 30 - m - e 20               t3: w and x, no road       o is in no district
              |                      m: station of c1
              s 40        o 5   x 7
    """
    world = crossroads()
    world.places |= {"o": (8000, -1000), "o2": (9000, -1000)}
    world.road("o o2")
    demand = demand_table(HOMES, population or [10, 20, 30, 40, 5, 7], homes or ["t1", "t2", "t3", "t1", "", "t3"])
    zones = zones or ["urban", "urban", "rural", "urban", "", "pastoral"]
    demand = demand.assign(
        zone=pd.Series(zones, index=demand.index, dtype=str), drivers=demand["population"].to_numpy(float) / 2
    )
    stations = station_table(
        [(0, 0), (0, -1000)],
        ["c1", "t1"],
        services=[("advice", "notary"), ("licence",)],
        capacity=capacity or [50.0, np.nan],
    )
    study = build_study(world.network(), demand, stations, district_table(DISTRICTS))
    bundle = Bundle("both", Name("", ""), ("advice", "notary"))
    source = Source("population", "people.csv", "", 0, rows_in=8, rows_accepted=6, rows_rejected=2)
    catalogue = replace(CATALOGUE, bundles=(bundle,))
    return build_travel_basis(replace(study, catalogue=catalogue, sources=(source,), capacity_use=CapacityUse(1.0)))


def _compute(basis: TravelBasis, cutoff: object = 1.5, *, with_reach: bool = True, **more: object) -> pd.DataFrame:
    answer = assess(basis, StationChoice(), cutoffs_min=np.asarray(cutoff))
    reach = find_reach(basis, 60.0) if with_reach else None
    return compute_indicators(basis, answer, reach=reach, **more)  # type: ignore[arg-type]


def _row(table: pd.DataFrame, code: str, level: str = "study", unit: str = "") -> tuple[float, float, float]:
    """Return value, numerator and denominator of one row."""
    rows = table[(table["code"] == code) & (table["unit_level"] == level) & (table["unit_id"] == unit)]
    assert len(rows) == 1, (code, level, unit, len(rows))
    value, numerator, denominator = rows[["value", "numerator", "denominator"]].to_numpy(float)[0]
    return float(value), float(numerator), float(denominator)


def test_the_study_comes_first() -> None:
    """Rows stand from the whole study to the finest units, and by the order of the registry within them."""
    table = _compute(_basis())
    places = [(table["unit_level"].cat.codes.iloc[row], find_indicator(code)) for row, code in enumerate(table["code"])]
    order = [(level, INDICATORS.index(indicator)) for level, indicator in places]
    assert order == sorted(order)
    assert table["unit_level"].iloc[0] == "study"


def test_columns_and_rows() -> None:
    """Every row has a known code, a unit, a numerator and a denominator; ratios are their quotient."""
    table = _compute(_basis())
    assert tuple(table.columns) == INDICATOR_COLUMNS
    assert isinstance(table.index, pd.RangeIndex)
    assert not table.duplicated(["code", "unit_level", "unit_id"]).any()
    assert list(table["unit_level"].cat.categories) == ["study", "prefecture", "county", "township"]
    assert set(table.loc[table["unit_level"] == "township", "unit_id"]) == {"t1", "t2", "t3", ""}
    assert table["denominator"].notna().all()
    is_ratio = np.array([find_indicator(code).is_ratio for code in table["code"]])
    counted = (table["denominator"] > 0).to_numpy()
    ratios = table[is_ratio & counted]
    np.testing.assert_allclose(ratios["value"], ratios["numerator"] / ratios["denominator"], rtol=1e-12)
    assert table.loc[~counted, "value"].isna().all()


def test_coverage_by_hand() -> None:
    """Within 1.5 min: 100 of 112; the islet has no route, x no road; c1 is covered, c2 loses x."""
    table = _compute(_basis())
    assert _row(table, "B1") == (pytest.approx(100 / 112), 100.0, 112.0)
    assert [_row(table, f"B1.{name}")[1] for name in ("beyond", "no_route", "unconnected")] == [0.0, 5.0, 7.0]
    assert _row(table, "B1", "county", "c1") == (1.0, 70.0, 70.0)
    assert _row(table, "B1", "county", "c2") == (pytest.approx(30 / 37), 30.0, 37.0)
    assert _row(table, "B1", "township", "") == (0.0, 0.0, 5.0)
    assert _row(table, "B1.urban")[1:] == (70.0, 70.0)
    assert _row(table, "B1.pastoral") == (0.0, 0.0, 7.0)
    assert _row(table, "B10.urban_rural") == (pytest.approx(1 - 30 / 37), pytest.approx(7.0), 37.0)
    assert _row(table, "B1.drivers") == (pytest.approx(50 / 56), 50.0, 56.0)
    assert _row(table, "B10.lowest_county") == (pytest.approx(30 / 37), 30.0, 37.0)


def test_times_and_gap_by_hand() -> None:
    """Home s is at a station (0 min), the others 1 min away: mean 60/100; all uncovered people have no time."""
    table = _compute(_basis())
    assert _row(table, "B4.mean") == (pytest.approx(0.6, rel=1e-3), pytest.approx(60, rel=1e-3), 100.0)
    assert _row(table, "B4.median")[0] == pytest.approx(1.0, rel=1e-3)
    assert _row(table, "B4.p90") == (pytest.approx(1.0, rel=1e-3), pytest.approx(90.0), 100.0)
    assert _row(table, "B5.people") == (12.0, 12.0, 112.0)
    assert _row(table, "B5.fgt0")[0] == pytest.approx(12 / 112)
    assert _row(table, "B5.fgt1")[1:] == (0.0, 112.0)
    tight = _compute(_basis(), 0.5)
    assert _row(tight, "B5.fgt1") == (pytest.approx(60 / 112, rel=1e-2), pytest.approx(60, rel=1e-2), 112.0)
    assert _row(table, "B10.gini") == (
        pytest.approx(0.4, rel=1e-3),
        pytest.approx(24, rel=1e-3),
        pytest.approx(60, rel=1e-3),
    )
    assert _row(table, "B10.worst_tenth") == (
        pytest.approx(1.0, rel=1e-3),
        pytest.approx(10, rel=1e-3),
        pytest.approx(10),
    )


def test_units_by_hand() -> None:
    """Both stations stand in c1 and one in t1; t3 has 30 of 37 inside, which is 81 %."""
    table = _compute(_basis())
    assert _row(table, "A1.county") == (0.5, 1.0, 2.0)
    assert _row(table, "A1.township") == (pytest.approx(1 / 3), 1.0, 3.0)
    assert _row(table, "A1.township", "county", "c1") == (0.5, 1.0, 2.0)
    assert _row(table, "A1.township", "county", "c2") == (0.0, 0.0, 1.0)
    assert _row(table, "A1.township", "township", "t1") == (1.0, 1.0, 1.0)
    assert _row(table, "A1k.county.licence") == (0.5, 1.0, 2.0)
    assert _row(table, "A1k.township.notary") == (0.0, 0.0, 3.0)
    assert _row(table, "B2.township") == (1.0, 3.0, 3.0)
    strict = _compute(_basis(), extras=IndicatorExtras(unit_share=0.9))
    assert _row(strict, "B2.township") == (pytest.approx(2 / 3), 2.0, 3.0)
    assert _row(strict, "B2.township", "county", "c2") == (0.0, 0.0, 1.0)


def test_units_without_people_are_not_judged() -> None:
    """Where nobody lives nobody is reached or missed: t2 counts for A1, not for B2."""
    table = _compute(_basis(population=[10, 0, 30, 40, 5, 7]))
    assert _row(table, "A1.township")[2] == 3.0
    assert _row(table, "B2.township") == (1.0, 2.0, 2.0)
    assert np.isnan(_row(table, "B2.township", "township", "t2")[0])


def test_stations_in_reach_by_hand() -> None:
    """Within 1.5 min both stations are near s only; advice is at the middle, licences are at s for its 20 drivers."""
    table = _compute(_basis(), extras=IndicatorExtras(decay=NO_DECAY))
    assert _row(table, "B6") == (pytest.approx(40 / 112), 40.0, 112.0)
    assert _row(table, "B7.item.advice")[1:] == (100.0, 112.0)
    assert _row(table, "B7.item.licence")[1:] == (20.0, 56.0)
    assert _row(table, "B7.bundle.both")[1:] == (100.0, 112.0)
    assert _row(table, "B7.family.legal")[1:] == (100.0, 112.0)
    assert _row(table, "B9.access")[1:] == (pytest.approx(50.0), 112.0)
    # Of 100 people s shares its 40 between both, so 80 come to a station with room for 50.
    assert _row(table, "B9.overloaded") == (1.0, 1.0, 1.0)
    basis = _basis()
    loads = tabulate_station_loads(
        basis, assess(basis, StationChoice(), cutoff_min=1.5), find_reach(basis, 5.0), decay=NO_DECAY
    )
    assert tuple(loads.columns) == LOAD_COLUMNS
    assert loads.index.tolist() == ["s0", "s1"]
    assert loads["people_served"].tolist() == pytest.approx([80.0, 20.0])
    assert loads["load"].tolist() == pytest.approx([1.6, np.nan], nan_ok=True)
    # 80 people with half a case a year each are 40 cases for a room of 50; without a use there is no load at all.
    halved = replace(basis, study=replace(basis.study, capacity_use=CapacityUse(0.5)))
    assert _row(_compute(halved, extras=IndicatorExtras(decay=NO_DECAY)), "B9.overloaded") == (0.0, 0.0, 1.0)
    unknown = replace(basis, study=replace(basis.study, capacity_use=None))
    codes = _compute(unknown, extras=IndicatorExtras(decay=NO_DECAY))["code"].astype(str)
    assert "B6" in set(codes)
    assert not codes.str.startswith("B9").any()
    roomy = _compute(_basis(capacity=[80.0, 19.0]), extras=IndicatorExtras(decay=NO_DECAY))
    assert _row(roomy, "B9.overloaded") == (0.5, 1.0, 2.0)
    assert _row(roomy, "B9.overloaded", "township", "t1") == (1.0, 1.0, 1.0)


def test_costs_and_data_quality_by_hand() -> None:
    """Two visits a year of one journey: 100 people, 200 journeys, 60 min and km one way in all are 4 h, 240 km."""
    costs = CostAssumptions(visits_per_person=2.0, yuan_per_km=1.0)
    table = _compute(_basis(), extras=IndicatorExtras(costs=costs))
    assert _row(table, "B17.trips") == (2.0, 200.0, 100.0)
    assert _row(table, "B17.hours")[1] == pytest.approx(4.0, rel=1e-3)
    assert _row(table, "B17.yuan")[1] == pytest.approx(240.0, rel=1e-3)
    assert _row(table, "B16.matched") == (pytest.approx(5 / 6), 5.0, 6.0)
    assert _row(table, "B16.stations_matched") == (1.0, 2.0, 2.0)
    assert _row(table, "B16.rejected") == (0.25, 2.0, 8.0)
    assert _row(table, "B16.access_m")[0] == pytest.approx(0.0, abs=0.1)


def test_extras_are_given_when_they_are_known() -> None:
    """Hours, winter and range appear with their inputs, and not without."""
    plain = set(_compute(_basis())["code"])
    assert not plain & {"B8", "B11", "B15.low", "B15.high"}
    minutes = np.array([1, 1, 2, 1, np.inf, np.inf], np.float32)
    extras = IndicatorExtras(
        weekly_hours=np.array([40.0, 40, 10, 40, 0, 0]),
        winter_minutes=minutes,
        headline_range=compute_range(100 / 112, {"speed": (0.8, 0.95)}),
    )
    table = _compute(_basis(), extras=extras)
    assert _row(table, "B8") == (pytest.approx(3100 / 112), 3100.0, 112.0)
    assert _row(table, "B8", "county", "c2") == (pytest.approx(300 / 37), 300.0, 37.0)
    assert _row(table, "B11") == (pytest.approx(30 / 112), 30.0, 112.0)
    assert _row(_compute(_basis(), extras=replace(extras, winter_cutoff_min=2.0)), "B11")[1] == 0.0
    assert [_row(table, f"B15.{name}")[0] for name in ("low", "high")] == [0.8, 0.95]


def test_each_point_has_its_own_threshold() -> None:
    """With half a minute for w alone, w is beyond and the others are covered."""
    cutoff = np.array([1.5, 1.5, 0.5, 1.5, 1.5, 1.5], np.float32)
    table = _compute(_basis(), cutoff)
    assert _row(table, "B1")[1] == 70.0
    assert _row(table, "B1.beyond")[1] == 30.0
    assert _row(table, "B7.item.advice")[1] == 70.0
    assert _row(table, "B10.urban_rural") == (1.0, 37.0, 37.0)


def test_kept_times_and_searches_agree() -> None:
    """Without kept times B6 and B9 are left out, and all else is the same to the last bit."""
    basis = _basis()
    keys = ["code", "unit_level", "unit_id"]
    kept = _compute(basis).set_index(keys)
    searched = _compute(basis, with_reach=False).set_index(keys)
    assert {code for code, *_ in kept.index.difference(searched.index)} == {"B6", "B9.access", "B9.overloaded"}
    pd.testing.assert_frame_equal(
        kept.loc[searched.index].reset_index(drop=True), searched.reset_index(drop=True), check_exact=True
    )


def test_times_that_end_too_early_are_refused() -> None:
    """A threshold beyond the kept times cannot be answered from them."""
    basis = _basis()
    for more in ({}, {"extras": IndicatorExtras(item_cutoffs={"": 1.0, "advice": 30.0})}):
        answer = assess(basis, StationChoice(), cutoff_min=1.0 if more else 30.0)
        with pytest.raises(SettingsError) as caught:
            compute_indicators(basis, answer, reach=find_reach(basis, 5.0), **more)  # type: ignore[arg-type]
        assert caught.value.context == {"limit": 5.0, "largest": 30.0}


@pytest.mark.parametrize("population", [[0.0] * 6, [0, 0, 0, 0, 5, 7]])
def test_nobody_or_nobody_who_reaches_anything(population: list[float]) -> None:
    """Without people, or with people who reach nothing, shares are NaN or 0 and nothing breaks."""
    table = _compute(_basis(population=population), 30.0)
    assert _row(table, "B1")[1] == 0.0
    assert np.isnan(_row(table, "B4.mean")[0])
    assert np.isnan(_row(table, "B10.gini")[0])
    assert np.isnan(_row(table, "B1")[0]) == (sum(population) == 0)


def test_no_stations_at_all() -> None:
    """A choice that no station fulfils covers nobody at any level."""
    basis = _basis()
    answer = assess(basis, StationChoice(level="village"))
    table = compute_indicators(basis, answer, reach=find_reach(basis, 60.0))
    assert (table.loc[table["code"] == "B1", "numerator"] == 0).all()
    assert _row(table, "A1.county") == (0.0, 0.0, 2.0)
    assert _row(table, "B6")[1] == 0.0


def test_a_study_without_districts() -> None:
    """Only the whole study is given, and no county is the lowest."""
    bare = build_travel_basis(replace(_basis().study, districts=district_table([])))
    table = compute_indicators(bare, assess(bare, StationChoice()))
    assert set(table["unit_level"]) == {"study"}
    assert "B10.lowest_county" not in set(table["code"])
    assert not table["code"].astype(str).str.startswith(("A1", "B2")).any()


UNITS = st.sampled_from(["", "t1", "t2", "t3", "c1", "c2", "p"])
ZONES = st.sampled_from(["", "urban", "rural", "pastoral"])


@given(
    st.lists(st.integers(0, 9), min_size=6, max_size=6),
    st.lists(UNITS, min_size=6, max_size=6),
    st.lists(ZONES, min_size=6, max_size=6),
    st.lists(st.floats(0.2, 3.0), min_size=6, max_size=6),
)
def test_sums_and_order_hold_for_any_people(
    population: list[int], homes: list[str], zones: list[str], cutoffs: list[float]
) -> None:
    """Rows of a level add up to the study, classes to everybody, more minutes never uncover, bundle ≤ item."""
    basis = _basis([float(one) for one in population], homes, zones)
    cutoff = np.array(cutoffs, np.float32)
    hours = np.arange(6.0)
    winter = assess(basis, StationChoice()).demand["minutes"].to_numpy(np.float32) * np.float32(1.5)
    extras = IndicatorExtras(weekly_hours=hours, winter_minutes=winter)
    table = _compute(basis, cutoff, extras=extras)
    additive = table[[find_indicator(code).is_additive for code in table["code"]]]
    sums = additive.groupby(["code", "unit_level"], observed=True)[["numerator", "denominator"]].sum()
    for code, level in sums.index:
        np.testing.assert_allclose(sums.loc[(code, level)], sums.loc[(code, "study")], atol=1e-6, err_msg=str(code))
    classes = sum(_row(table, f"B1{name}")[1] for name in ("", ".beyond", ".no_route", ".unconnected"))
    assert classes == pytest.approx(sum(population))
    wider = _compute(basis, cutoff * np.float32(1.3), extras=extras)
    for code in ("B1", "B6", "B7.item.advice", "B7.bundle.both"):
        assert _row(wider, code)[1] >= _row(table, code)[1]
    assert _row(wider, "B5.people")[1] <= _row(table, "B5.people")[1]
    assert _row(table, "B7.item.advice")[1] >= _row(table, "B7.bundle.both")[1]
    assert _row(table, "B11")[1] >= 0.0
    assert _row(table, "B6")[1] <= _row(table, "B1")[1]


def test_agrees_with_the_assessment() -> None:
    """Coverage and times of every district are those of the assessment's own table."""
    basis = _basis()
    answer: Assessment = assess(basis, StationChoice(), cutoff_min=0.5)
    table = compute_indicators(basis, answer)
    codes = {"B4.mean": "mean_min", "B4.median": "median_min", "B4.p90": "p90_min", "B1": "share_covered"}
    for code, column in codes.items():
        rows = table[(table["code"] == code) & (table["unit_id"] != "")].set_index("unit_id")["value"]
        expected = answer.districts.loc[rows.index, column]
        np.testing.assert_allclose(rows, expected, err_msg=code)
