"""Targets beside today's values: to go, done, met, and in which direction is better."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coverage.errors import InputError
from coverage.inputs.targets import TARGET_COLUMNS, Target, tabulate_targets

ROWS = pd.DataFrame(
    [("B1", "study", "", 0.8), ("B4.mean", "study", "", 20.0), ("B1", "county", "c1", 0.95)],
    columns=["code", "unit_level", "unit_id", "value"],
)


def test_how_far_it_is_to_go() -> None:
    """From 60 % to 90 % with 80 % today: 10 points to go, two thirds of the way done; less is better for minutes."""
    targets = (
        Target("B1", 0.9, 2030, base_value=0.6, base_year=2025),
        Target("B4.mean", 15.0, 2030, base_value=25.0),
        Target("B1", 0.9, 2030, "county", "c1"),
        Target("B6", 0.5, 2030),
    )
    table = tabulate_targets(targets, ROWS)
    assert tuple(table.columns) == TARGET_COLUMNS
    assert table["to_go"].round(9).tolist()[:3] == [0.1, -5.0, 0.0]
    assert table["progress"].round(6).tolist()[:2] == [0.666667, 0.5]
    assert table["is_met"].tolist() == [False, False, True, False]
    assert np.isnan(table.loc[3, ["value", "to_go", "progress"]].astype(float)).all()


def test_a_target_for_nothing_is_refused() -> None:
    """A code no indicator has cannot be a target."""
    with pytest.raises(InputError, match=r"indicator\.unknown"):
        Target("Z9", 1.0, 2030)
