"""The range of the headline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_study import write_small_study

from coverage.assessment import assess
from coverage.sensitivity import compute_headline_variants, scale_speeds
from coverage.speeds import SpeedTable, TurnDelays
from coverage.stations import StationChoice
from coverage.travel_basis import build_travel_basis
from geodata.study import open_study


def test_scaling_speeds_leaves_delays_alone() -> None:
    """Every speed and the share of a posted limit change; what is lost at junctions does not."""
    table = SpeedTable("t", (("residential", 30.0),), 0.8, surface_kph=(("mud", 10.0),), turns=TurnDelays(7.5))
    slower = scale_speeds(table, 0.5)
    assert slower.speeds_kph == (("residential", 15.0),)
    assert slower.maxspeed_factor == pytest.approx(0.4)
    assert slower.surface_kph == (("mud", 5.0),)
    assert slower.turns == table.turns


def test_variants_worked_out_by_hand(tmp_path: Path) -> None:
    """A and B are 2.646 minutes away: within 3 as it is and faster (D too: 4.5), not when slower (3.3)."""
    study = open_study(write_small_study(tmp_path))
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
