"""Another threshold without a search: the same as assessing anew."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from toy_worlds import build_study, crossroads, demand_table, station_table

from coverage.access.assessment import assess
from coverage.access.rebin import WITHIN_COLUMNS, change_cutoff, tabulate_within
from coverage.inputs.stations import StationChoice
from coverage.travel.travel_basis import TravelBasis, build_travel_basis


@pytest.fixture(scope="module")
def basis() -> TravelBasis:
    """Return forty people along a crossroads and one far off."""
    places = [(float(50 * step - 1000), 20.0) for step in range(40)] + [(60_000.0, 0.0)]
    demand = demand_table(places, list(range(1, 42)), [""] * 41)
    study = build_study(crossroads().network(), demand, station_table([(0, 900), (-400, 0)], ["", ""]))
    return build_travel_basis(study)


@pytest.mark.parametrize("cutoff_min", [0.4, 1.0, 2.5, 60.0])
def test_changing_the_threshold_equals_assessing_anew(basis: TravelBasis, cutoff_min: float) -> None:
    """Classes, totals and district rows are the same whichever way the threshold is reached."""
    anew = assess(basis, StationChoice(), cutoff_min=cutoff_min)
    changed = change_cutoff(assess(basis, StationChoice(), cutoff_min=10.0), cutoff_min)
    pd.testing.assert_frame_equal(changed.demand, anew.demand)
    pd.testing.assert_frame_equal(changed.districts, anew.districts)
    for field in dataclasses.fields(anew.totals):
        np.testing.assert_equal(getattr(changed.totals, field.name), getattr(anew.totals, field.name))
    assert changed.cutoff_min == cutoff_min
    assert math.isnan(changed.double_covered)


def test_a_larger_threshold_never_uncovers(basis: TravelBasis) -> None:
    """The people inside grow with the threshold and the four classes keep summing to everybody."""
    first = assess(basis, StationChoice())
    covered = []
    for cutoff_min in (0.0, 0.5, 1.0, 1.5, 2.0, 5.0):
        totals = change_cutoff(first, cutoff_min).totals
        assert totals.covered + totals.uncovered == pytest.approx(totals.total)
        covered.append(totals.covered)
    assert covered == sorted(covered)
    assert covered[0] < covered[-1]


def test_people_within_several_thresholds_at_once(basis: TravelBasis) -> None:
    """Each row equals an assessment with that threshold, whatever the threshold that was assessed."""
    first = assess(basis, StationChoice(), cutoff_min=0.7)
    table = tabulate_within(first, (0.4, 1.0, 60.0))
    assert tuple(table.columns) == WITHIN_COLUMNS
    for row in table.itertuples():
        totals = assess(basis, StationChoice(), cutoff_min=row.cutoff_min).totals
        assert row.people == totals.covered
        assert row.share == pytest.approx(totals.share_covered)


def test_without_people_there_is_no_share(basis: TravelBasis) -> None:
    """Nobody within, and no false 0 %."""
    study = dataclasses.replace(basis.study, demand=basis.study.demand.iloc[:0])
    table = tabulate_within(assess(build_travel_basis(study), StationChoice()), (30.0,))
    assert table["people"].tolist() == [0.0]
    assert table["share"].isna().all()
