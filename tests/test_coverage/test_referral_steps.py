"""The referral chain step by step, from a table written by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coverage.access.referral import REFERRAL_COLUMNS, REFERRAL_STEP_COLUMNS, summarise_referrals


def _referrals() -> pd.DataFrame:
    """Return three village rooms, one without a way, and a township station."""
    rows = [
        ("v1", "room 1", "village", "township", "t1", "station", 10.0, True, ""),
        ("v2", "room 2", "village", "township", "t1", "station", 40.0, False, ""),
        ("v3", "room 3", "village", "township", "", "", np.inf, False, ""),
        ("t1", "station", "township", "county", "c1", "centre", 25.0, True, ""),
    ]
    return pd.DataFrame(rows, columns=list(REFERRAL_COLUMNS))


def test_steps_in_the_order_of_the_chain() -> None:
    """Who has no way counts among the stations, but not in the median."""
    steps = summarise_referrals(_referrals())
    assert tuple(steps.columns) == REFERRAL_STEP_COLUMNS
    assert steps["level"].tolist() == ["village", "township"]
    assert steps["stations"].tolist() == [3, 1]
    assert steps["reached"].tolist() == [2, 1]
    assert steps["median_min"].tolist() == [25.0, 25.0]
    assert steps["share_within"].tolist() == pytest.approx([1 / 3, 1.0])


def test_nobody_reached_has_no_median() -> None:
    """A step without any way has a missing median and a share of nought; an empty table has no steps."""
    alone = summarise_referrals(_referrals().iloc[2:3])
    assert np.isnan(alone["median_min"].iloc[0])
    assert alone["share_within"].tolist() == [0.0]
    empty = summarise_referrals(_referrals().iloc[:0])
    assert empty.empty
    assert tuple(empty.columns) == REFERRAL_STEP_COLUMNS
