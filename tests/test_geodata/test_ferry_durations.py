"""Ferries with a timetable: the declared duration holds for the whole line, wherever it is cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coverage.network.contraction import build_network
from coverage.network.model import PROFILE_COLUMNS, RoadLines
from coverage.network.speeds import SpeedTable, compute_road_times
from geodata.roads.road_assembly import apply_durations

SPEEDS = SpeedTable("toy", (("ferry", 15.0), ("residential", 30.0)), maxspeed_factor=0.5)


def _lines() -> RoadLines:
    """Return two ferry lines of half an hour each, of one profile, the first with a landing half way.

    ::

        0 ~~~ 1 ~~~ 2 ~~~~~~~~~~~~~~~~ 3        lines: 0-1-2 and 2-3; a lane 1-4 lands at 1
              |
              4
    """
    blank: tuple[object, ...] = ("", "", "", "", "", "", np.nan, np.nan)
    none = np.zeros(0, np.int32)
    return RoadLines(
        mode="drive",
        lon=np.array([43.0, 43.02, 43.04, 43.14, 43.02]),
        lat=np.array([-12.0, -12.0, -12.0, -12.0, -12.01]),
        delay_kind=np.zeros(5, np.uint8),
        delay_way=np.zeros(5, np.uint8),
        piece_from=np.array([0, 1, 2, 1], np.int32),
        piece_to=np.array([1, 2, 3, 4], np.int32),
        piece_oneway=np.zeros(4, bool),
        piece_profile=np.array([1, 1, 1, 0], np.int32),
        profiles=pd.DataFrame(
            [("residential", *blank, np.nan, False), ("ferry", *blank, 1800.0, False)], columns=list(PROFILE_COLUMNS)
        ),
        ban_from=none,
        ban_via=none,
        ban_to=none,
        ban_only=np.zeros(0, bool),
    )


def test_a_duration_holds_for_the_whole_line() -> None:
    """Both halves of the first line take half of it, the second line takes all of it, at full speed."""
    lines = apply_durations(_lines(), np.array([0, 0, 1, 2]))
    network = build_network(lines)
    times = compute_road_times(network, SPEEDS)
    ferries = network.road_ferry
    assert sorted(times.road_forward_s[ferries].tolist()) == pytest.approx([900.0, 2700.0], rel=1e-6)
    assert sorted(times.road_backward_s[ferries].tolist()) == pytest.approx([900.0, 2700.0], rel=1e-6)
    assert set(lines.profiles["highway"]) == {"residential", "ferry"}
    assert len(lines.profiles) == 3
    assert lines.profiles["highway"].tolist()[lines.piece_profile[3]] == "residential"


def test_without_a_duration_nothing_changes() -> None:
    """Lines without a declared duration stay as they are and go at the speed of their class."""
    plain = replace(_lines(), profiles=_lines().profiles.assign(duration_s=np.nan))
    assert apply_durations(plain, np.array([0, 0, 1, 2])) is plain
    network = build_network(plain)
    hours = compute_road_times(network, SPEEDS).road_forward_s / 3600.0
    np.testing.assert_allclose(network.road_length_m[network.road_ferry], hours[network.road_ferry] * 15_000.0)
