"""Every indicator on real roads: Comoros and Almaty, with districts of four levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from real_studies import write_almaty, write_comoros

from coverage.access.assessment import assess, find_nearest
from coverage.access.service_area import find_service_areas, join_area_grid
from coverage.answer.answer import Answer
from coverage.inputs.indicator_registry import INDICATORS, find_indicator
from coverage.inputs.question import Question
from coverage.inputs.schema import DISTRICT_LEVELS, STATUSES
from coverage.inputs.stations import StationChoice
from coverage.travel.travel_basis import build_travel_basis
from coverage.units import is_within
from geodata.answers.run_assessment import answer_question
from geodata.studies.open_study import open_study

# What a study can only have with data these two lack: a pastoral zone, and vehicles and children counted.
_LACKING = {"B1.pastoral", "B1.vehicles", "B1.children"}
_ONLY_ALMATY = {"B1.aged", "B1.drivers", "B1.disabled", "B1.carless"}


@pytest.fixture(scope="module", params=[pytest.param(one, marks=pytest.mark.slow) for one in ("comoros", "almaty")])
def answered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Answer]:
    """Return the name of a real study and everything that follows from the question about one of its items."""
    shared = request.getfixturevalue("shared_data")
    write = write_comoros if request.param == "comoros" else write_almaty
    path = write(tmp_path_factory.mktemp("real") / request.param, shared)
    study = open_study(path)
    service = "legal_consultation" if request.param == "comoros" else "household_certificate"
    question = Question(StationChoice(service=service), cutoff_min=15.0)
    return request.param, answer_question(study, question)


def test_every_indicator_is_given(answered: tuple[str, Answer]) -> None:
    """No definition stays without a row, but those whose data no file here holds."""
    name, answer = answered
    given = {find_indicator(code).code for code in answer.indicators["code"].unique()}
    missing = {one.code for one in INDICATORS} - given - _LACKING - (_ONLY_ALMATY if name == "comoros" else set())
    assert missing - {"B1.urban", "B1.rural", "B10.urban_rural"} == set()
    whole = answer.indicators[answer.indicators["unit_level"] == "study"].set_index("code")["value"]
    shares = [code for code in whole.index if find_indicator(code).unit == "share" and code != "B10.urban_rural"]
    known = whole[shares].dropna()
    assert len(known) > 50
    assert (known >= -1e-9).all()
    assert (known <= 1.0 + 1e-9).all()


def test_units_of_every_level_add_up(answered: tuple[str, Answer]) -> None:
    """Numerators and denominators of additive indicators sum to those of the study at each of four levels."""
    table = answered[1].indicators
    whole = table[table["unit_level"] == "study"].set_index("code")
    additive = [code for code in whole.index if find_indicator(code).is_additive]
    for level in DISTRICT_LEVELS:
        sums = table[table["unit_level"] == level].groupby("code", observed=True)[["numerator", "denominator"]].sum()
        both = [code for code in additive if code in sums.index and np.isfinite(whole.loc[code, "numerator"])]
        assert len(both) > 30
        pd.testing.assert_frame_equal(
            sums.loc[both], whole.loc[both, ["numerator", "denominator"]], check_names=False, rtol=1e-9, atol=1e-6
        )


def test_four_classes_are_everybody(answered: tuple[str, Answer]) -> None:
    """Covered, beyond, without a route and unconnected sum to everybody, in every district table."""
    answer = answered[1].assessment
    people = float(answer.demand["weight"].sum())
    assert answer.totals.covered + answer.totals.uncovered == pytest.approx(people)
    for _, rows in answer.districts.groupby("level"):
        assert rows[list(STATUSES)].to_numpy().sum() == pytest.approx(people)


def test_layers_items_and_seasons_are_in_order(answered: tuple[str, Answer]) -> None:
    """Fixed ≤ with mobile, remote unknown or no channel; a bundle never beats its items; winter never beats summer."""
    answer = answered[1]
    whole = answer.indicators[answer.indicators["unit_level"] == "study"].set_index("code")["value"]
    assert whole["B1"] == whole["B12.fixed"] <= whole["B12.mobile"]
    assert np.isnan(whole["B12.remote"]) or whole["B12.remote"] == whole["B12.mobile"]
    for bundle in answer.basis.study.catalogue.bundles:
        items = [f"B7.item.{item}" for item in bundle.items]
        code = f"B7.bundle.{bundle.id}"
        if code in whole.index:
            assert whole[code] <= min(whole.get(item, 0.0) for item in items) + 1e-12
    seasons = answer.seasons.pivot_table("covered", ["unit_level", "unit_id"], "case")
    assert (seasons["winter"] <= seasons["summer"] + 1e-9).all()
    assert (seasons["heavy_snow"] <= seasons["summer"] + 1e-9).all()


def test_gaps_hold_everybody_outside(answered: tuple[str, Answer]) -> None:
    """People of all gaps are the people not covered, and each suggested remedy covers somebody."""
    answer = answered[1]
    assert answer.gaps["people"].sum() == pytest.approx(answer.assessment.totals.uncovered)
    suggested = answer.gaps[answer.gaps["remedy"] != ""]
    assert (suggested["remedy_people_total"] > 0).all()


def test_areas_count_as_places_do(answered: tuple[str, Answer]) -> None:
    """People counted by the drawn area differ by less than 1 % of everybody from people counted by their time."""
    basis, choice = answered[1].basis, answered[1].assessment.choice
    field = join_area_grid(basis, cells=600_000)
    people = assess(basis, choice).demand
    weight = people["weight"].to_numpy(float)
    table = find_service_areas(basis, field, choice, cutoffs_min=[5.0, 10.0, 15.0, 30.0], as_bands=False)
    for limit, area in zip(table["to_min"], table.geometry, strict=True):
        assert area.is_valid
        shapely.prepare(area)
        drawn = weight[shapely.contains_xy(area, people["lon"].to_numpy(), people["lat"].to_numpy())].sum()
        timed = weight[is_within(people["minutes"].to_numpy(np.float32), limit)].sum()
        assert drawn == pytest.approx(timed, abs=0.01 * weight.sum())


def test_planned_stations_are_worth_what_they_bring(answered: tuple[str, Answer]) -> None:
    """The people a plan would newly cover (B14) are those the study covers once its planned stations are open."""
    answer = answered[1]
    whole = answer.indicators[answer.indicators["unit_level"] == "study"].set_index("code")["value"]
    choice = StationChoice(service=answer.assessment.choice.service, on_date="2027-06-30")
    later = assess(build_travel_basis(answer.basis.study), choice, cutoff_min=15.0)
    assert later.totals.covered - answer.assessment.totals.covered == pytest.approx(whole["B14.people"])
    assert find_nearest(answer.basis, choice)[1].size > answer.assessment.station_count


def test_no_pack_needs_the_shared_folder(tmp_path: Path, shared_data: Path) -> None:
    """A study on real roads opens from its own folder alone."""
    path = write_almaty(tmp_path / "almaty", shared_data)
    assert open_study(path).network is not None
