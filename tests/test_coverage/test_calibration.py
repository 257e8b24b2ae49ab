"""Fitting speed factors of groups of road classes to trips whose time is known."""

from __future__ import annotations

import numpy as np
import pytest
from toy_worlds import ToyWorld

from coverage.errors import InputError
from coverage.network.calibration import FIXED, GROUPS, TripTimes, apply_factors, calibrate, group_profiles, split_times
from coverage.network.speeds import SpeedTable

TABLE = SpeedTable(
    "t",
    (("ferry", 15.0), ("motorway", 100.0), ("primary", 50.0), ("primary_link", 40.0), ("tertiary", 30.0),
     ("track", 20.0), ("unclassified", 20.0)),
    maxspeed_factor=0.8,
    surface_kph=(("mud", 10.0),),
)  # fmt: skip
TRUE = np.array([1.0, 0.8, 1.2, 0.6, 0.9])


class Trips:
    """Trips of fixed ways: seconds by group at the first table, and their true time at known factors."""

    def __init__(self, seconds: np.ndarray, fixed_s: np.ndarray, noise: np.ndarray | float = 1.0) -> None:
        self.seconds, self.fixed_s = seconds, fixed_s
        self.observed_s = ((seconds / TRUE).sum(axis=1) + fixed_s) * noise

    def __call__(self, table: SpeedTable) -> TripTimes:
        speeds = dict(table.speeds_kph)
        now = [speeds["motorway"] / 100, speeds["primary"] / 50, speeds["tertiary"] / 30, speeds["unclassified"] / 20]
        return TripTimes(self.seconds / np.array([*now, table.maxspeed_factor / 0.8]), self.fixed_s)


def _make_trips(count: int, noise: float = 0.0, seed: int = 1) -> Trips:
    rng = np.random.default_rng(seed)
    seconds = rng.uniform(0.0, 900.0, (count, 5)) * (rng.random((count, 5)) < 0.7) + 30.0
    return Trips(seconds, rng.uniform(0.0, 60.0, count), rng.lognormal(0.0, noise, count) if noise else 1.0)


def test_known_factors_are_recovered() -> None:
    """Twenty trips without error give back the factors that made them; so does half an hour of noise, roughly."""
    trips = _make_trips(20)
    found = calibrate(TABLE, trips.observed_s, trips)
    assert found.factor == pytest.approx(TRUE, rel=0.02)
    assert found.after_s == pytest.approx(trips.observed_s, rel=0.01)
    assert found.before_s == pytest.approx(trips(TABLE).total_s)
    assert dict(found.table.speeds_kph)["primary_link"] == pytest.approx(40.0 * 0.8, rel=0.02)
    assert dict(found.table.speeds_kph)["ferry"] == 15.0
    assert found.table.maxspeed_factor == pytest.approx(0.72, rel=0.02)
    rough = _make_trips(30, noise=0.05)
    assert calibrate(TABLE, rough.observed_s, rough).factor == pytest.approx(TRUE, rel=0.12)


def test_a_trip_with_a_wrong_time_hardly_matters() -> None:
    """One of twenty trips with a break of an hour in it moves no factor by a tenth."""
    trips = _make_trips(20)
    trips.observed_s[3] += 3600.0
    assert calibrate(TABLE, trips.observed_s, trips).factor == pytest.approx(TRUE, rel=0.1)


def test_a_group_nobody_drives_follows_the_others() -> None:
    """Without a motorway in any trip its factor is the one of all trips, and it counts as not driven."""
    trips = _make_trips(20)
    trips.seconds[:, 0] = 0.0
    observed_s = (trips.seconds / 0.75).sum(axis=1) + trips.fixed_s
    found = calibrate(TABLE, observed_s, trips)
    assert found.factor == pytest.approx(np.full(5, 0.75), rel=0.01)
    assert found.driven.tolist() == [False, True, True, True, True]


def test_trips_that_cannot_tell_are_refused() -> None:
    """Too few, all on one kind of road, contradictory, or in another unit: each with its own reason."""

    def refuse(trips: Trips, observed_s: np.ndarray) -> str:
        with pytest.raises(InputError) as caught:
            calibrate(TABLE, observed_s, trips)
        return caught.value.code

    few = _make_trips(7)
    assert refuse(few, few.observed_s) == "calibration.too_few"
    alike = _make_trips(20)
    alike.seconds[:, 1:] = 1.0
    assert refuse(alike, alike.seconds.sum(axis=1)) == "calibration.one_group"
    trips = _make_trips(20)
    assert refuse(trips, trips.observed_s / 60.0) == "calibration.out_of_range"
    contradicting = trips.observed_s * np.where(np.arange(20) % 2, 0.55, 1.8)
    assert refuse(trips, contradicting) == "calibration.inconsistent"


def test_which_roads_follow_which_factor() -> None:
    """Ferries and muddy roads keep their times; a posted limit is a group of its own, whatever the class."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (2000, 0), "d": (3000, 0), "e": (4000, 0), "f": (5000, 0)})
    world.road("a b", "primary_link")
    world.road("b c", "tertiary", surface="mud")
    world.road("c d", "tertiary", maxspeed_forward_kph=50.0, maxspeed_backward_kph=50.0)
    world.road("d e", "track")
    world.road("e f", "ferry")
    network = world.network()
    group = group_profiles(network, TABLE)
    named = dict(zip(network.profiles["highway"] + network.profiles["surface"], group, strict=True))
    wanted = {"primary_link": "main", "track": "local", "tertiary": "posted"}
    assert {road: GROUPS[named[road]] for road in wanted} == wanted
    assert named["tertiarymud"] == named["ferry"] == FIXED
    split = split_times(np.array([1, FIXED, 3]), np.array([0, 1, 2, 2]), np.array([5.0, 7.0, 1.0, 2.0]))
    assert split.tolist() == [0.0, 5.0, 0.0, 3.0, 0.0]
    assert apply_factors(TABLE, np.ones(5)) == TABLE
