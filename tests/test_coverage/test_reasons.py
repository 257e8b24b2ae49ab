"""Why there is no station: every reason, in the order in which one hides another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coverage.access.reasons import REASONS, name_reasons


@pytest.mark.parametrize(
    ("in_the_week", "anywhere", "reason"),
    [(np.inf, np.inf, "no_way"), (np.inf, 40.0, "other_unit"), (12.0, 12.0, "closed_then")],
)
def test_a_reason_for_everybody(in_the_week: float, anywhere: float, reason: str) -> None:
    """A station of the own unit that is closed comes before one of another unit, and that before the roads."""
    demand = pd.DataFrame({"status": ["no_route", "beyond"], "weight": [7.0, 5.0]})
    found = name_reasons(demand, is_offered=True, in_the_week=np.full(2, in_the_week), anywhere=np.full(2, anywhere))
    assert found.of_point.tolist() == [reason, ""]
    assert found.present == (reason,)
    assert found.people.to_dict() == {one: 7.0 * (one == reason) for one in REASONS}
    assert (found.elsewhere_min[0] == 40.0) == (reason == "other_unit")
    nowhere = name_reasons(demand, is_offered=False, in_the_week=np.zeros(2), anywhere=np.zeros(2))
    assert nowhere.present == ("not_offered",)
