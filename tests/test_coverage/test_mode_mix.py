"""A mix of modes: between what drivers and what others reach, by the share of each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_worlds import demand_table

from coverage.errors import SettingsError
from coverage.inputs.mode_mix import ModeMix, find_shares_without_car, mix_covered


def test_the_zone_s_share_unless_people_are_counted() -> None:
    """Zones give the share; where the table counts people without a car, the count decides."""
    demand = demand_table([(0.0, 0.0)] * 3, [10, 10, 0], [""] * 3).assign(zone=["urban", "rural", "rural"])
    mix = ModeMix("cycle", (("urban", 0.4), ("rural", 0.7)))
    assert find_shares_without_car(demand, mix).tolist() == [0.4, 0.7, 0.7]
    counted = demand.assign(carless=[5.0, 20.0, 0.0])
    assert find_shares_without_car(counted, mix).tolist() == [0.5, 1.0, 0.7]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0.0, 1.0)), min_size=1, max_size=20))
def test_a_mix_lies_between_both_modes(rows: list[tuple[bool, bool, float]]) -> None:
    """Each place's share lies between that of drivers and that of the others."""
    car, other, share = (np.array(column) for column in zip(*rows, strict=True))
    mixed = mix_covered(car, other, share)
    assert (mixed >= np.minimum(car, other) - 1e-12).all()
    assert (mixed <= np.maximum(car, other) + 1e-12).all()


@pytest.mark.parametrize(("other", "shares"), [("fly", ()), ("walk", (("moon", 0.1),)), ("walk", (("urban", 1.2),))])
def test_impossible_mixes_are_refused(other: str, shares: tuple[tuple[str, float], ...]) -> None:
    """Modes and zones are known ones, shares lie between 0 and 1."""
    with pytest.raises(SettingsError, match=r"mix\.invalid"):
        ModeMix(other, shares)  # type: ignore[arg-type]
