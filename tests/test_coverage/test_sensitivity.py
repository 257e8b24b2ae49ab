"""The range of the headline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_study import build_random_study
from small_study import write_small_study

from coverage.access.assessment import assess
from coverage.access.sensitivity import compute_headline_variants, scale_speeds
from coverage.inputs.schema import OTHER_POPULATION
from coverage.inputs.stations import StationChoice
from coverage.network.speeds import SpeedTable, TurnDelays
from coverage.travel.travel_basis import build_travel_basis
from geodata.intake.read_speeds import default_speeds_path
from geodata.studies.open_study import open_study


def test_scaling_speeds_leaves_delays_alone() -> None:
    """Every speed and the share of a posted limit change; what is lost at junctions does not."""
    table = SpeedTable("t", (("residential", 30.0),), 0.8, surface_kph=(("mud", 10.0),), turns=TurnDelays(7.5))
    slower = scale_speeds(table, 0.5)
    assert slower.speeds_kph == (("residential", 15.0),)
    assert slower.maxspeed_factor == pytest.approx(0.4)
    assert slower.surface_kph == (("mud", 5.0),)
    assert slower.turns == table.turns


def test_variants_worked_out_by_hand(tmp_path: Path) -> None:
    """A and B are 2.6 minutes away: within 3 as it is and faster (D too: 4.5), not when slower (3.2)."""
    study = open_study(write_small_study(tmp_path), speeds=default_speeds_path("drive"))
    choice = StationChoice(service="mediation")
    cutoffs = np.full(4, 3.0, np.float32)
    basis = build_travel_basis(study)
    as_it_is = assess(basis, choice, cutoff_min=3.0).totals.share_covered
    variants = compute_headline_variants(basis, choice, cutoffs)
    assert as_it_is == pytest.approx(150 / 187)
    assert variants["speed"] == (pytest.approx(0.0), pytest.approx(150 / 187))
    assert variants["snap"] == (pytest.approx(150 / 187), pytest.approx(150 / 187))
    wider = compute_headline_variants(basis, choice, np.full(4, 4.6, np.float32))
    assert wider["speed"] == (pytest.approx(150 / 187), pytest.approx(180 / 187))


def test_default_speeds_lie_between_the_measured_and_the_assumed(tmp_path: Path) -> None:
    """A drives 1.1 km at 25.5 km/h, 22.2 as measured: in time within 2.7 minutes by the one, within 3 by the other."""
    study = open_study(write_small_study(tmp_path))
    choice, cutoffs = StationChoice(service="mediation"), np.full(4, 2.7, np.float32)
    variants = compute_headline_variants(build_travel_basis(study), choice, cutoffs)
    assert variants["speed_measured"] == (pytest.approx(0.0), pytest.approx(150 / 187))
    assert "speed" not in variants


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 2**32 - 1))
def test_only_whom_the_limit_concerns_is_joined_anew(seed: int) -> None:
    """The shares under other snap limits are those of the study joined anew under them."""
    study = build_random_study(seed)
    basis, cutoffs = build_travel_basis(study), np.full(len(study.demand), 5.0, np.float32)
    found = compute_headline_variants(basis, StationChoice(), cutoffs)["snap"]
    for share, limit_m in zip(found, (300.0, 900.0), strict=True):
        snap = replace(study.settings.snap, max_access_m=limit_m)
        anew = replace(study, settings=replace(study.settings, snap=snap))
        assert share == assess(build_travel_basis(anew), StationChoice(), cutoff_min=5.0).totals.share_covered


def test_another_source_of_people_is_a_factor() -> None:
    """Where people are known from two sources, the share by the other one is one of the variants."""
    study = build_random_study(1)
    basis, cutoffs = build_travel_basis(study), np.full(len(study.demand), 5.0, np.float32)
    covered = (assess(basis, StationChoice(), cutoff_min=5.0).demand["status"] == "covered").to_numpy(bool)
    other = np.where(covered, 3.0, 1.0)
    counted = replace(study, demand=study.demand.assign(**{OTHER_POPULATION: other}))
    variants = compute_headline_variants(replace(basis, study=counted), StationChoice(), cutoffs)
    assert variants["population"] == (pytest.approx(other[covered].sum() / other.sum()),)
    assert "population" not in compute_headline_variants(basis, StationChoice(), cutoffs)
