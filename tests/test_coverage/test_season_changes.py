"""Seasons and closed roads: searched anew, added up, and never better than an open road in summer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_study import build_random_study
from toy_worlds import (
    EVERYWHERE,
    PLAIN_SPEEDS,
    build_study,
    crossroads,
    demand_table,
    district_table,
    station_table,
    to_degrees,
)

from coverage.access.season_changes import CHANGE_COLUMNS, compare_seasons, list_season_cases
from coverage.inputs.question import Question
from coverage.network.closures import Closure
from coverage.network.settings import AssessmentSettings
from coverage.travel.travel_basis import build_travel_basis, change_basis

SPEEDS = replace(PLAIN_SPEEDS, seasons=(("winter", (("*", 0.5),)), ("heavy_snow", (("secondary", 0.0), ("*", 0.5)))))


def test_by_hand() -> None:
    """The station is in the middle, people are 0.5, 1 and 1 km away at 60 km/h; winter halves the speed.

    Within a minute: everybody in summer; only the near ones in winter; nobody when snow closes the roads;
    and with the northern arm closed all but those on it.
    """
    demand = demand_table([(500.0, 0.0), (-1000.0, 0.0), (0.0, 1000.0)], [1, 2, 4], ["c1", "c1", "c2"])
    districts = district_table([("c1", "county", ""), ("c2", "county", "")])
    study = build_study(
        crossroads().network(),
        demand,
        station_table([(0.0, 0.0)], ["c1"]),
        districts,
        AssessmentSettings(cutoff_min=1.0, snap=EVERYWHERE),
        SPEEDS,
    )
    closures = (Closure("north", (to_degrees(0.0, 500.0),)),)
    cases = list_season_cases(study, closures)
    assert [case.id for case in cases] == ["summer", "winter", "heavy_snow", "closed_roads"]
    table = compare_seasons(build_travel_basis(study), Question(cutoff_min=1.0), cases)
    assert tuple(table.columns) == CHANGE_COLUMNS
    whole = table[table["unit_level"] == "study"].set_index("case")
    assert whole["covered"].to_dict() == {"summer": 7.0, "winter": 1.0, "heavy_snow": 0.0, "closed_roads": 3.0}
    assert whole["newly_lost"].tolist() == [0.0, 6.0, 7.0, 4.0]
    assert whole.loc["winter", "change"] == pytest.approx(-6 / 7)
    counties = table[table["unit_level"] == "county"]
    assert counties.groupby("case")["covered"].sum().to_dict() == whole["covered"].to_dict()
    assert counties[(counties["case"] == "closed_roads") & (counties["unit_id"] == "c2")]["covered"].tolist() == [0.0]


def test_times_that_are_known_are_taken() -> None:
    """A case that was searched before is not searched again."""
    study = build_random_study(3)
    basis = build_travel_basis(study)
    nobody = np.full(len(study.demand), np.inf, np.float32)
    table = compare_seasons(basis, Question(cutoff_min=5.0), list_season_cases(study), known_minutes={"summer": nobody})
    assert table[table["unit_level"] == "study"]["covered"].tolist() == [0.0]


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_winter_never_beats_summer(seed: int) -> None:
    """In every unit fewer people are inside in winter and in heavy snow than in summer, asked from any season."""
    study = replace(build_random_study(seed), speeds=replace(build_random_study(seed).speeds, seasons=SPEEDS.seasons))
    basis = build_travel_basis(study)
    question = Question(cutoff_min=4.0)
    table = compare_seasons(basis, question, list_season_cases(study))
    from_winter = compare_seasons(change_basis(basis, season="winter"), question, list_season_cases(study))
    assert table.equals(from_winter)
    by_unit = table.pivot_table("covered", ["unit_level", "unit_id"], "case")
    assert (by_unit["winter"] <= by_unit["summer"]).all()
    assert (by_unit["heavy_snow"] <= by_unit["winter"]).all()
    assert (table["change"] <= 0.0).all()
