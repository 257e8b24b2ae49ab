"""Speeds by class, posted limit, surface, town and season; ferries; waits along a road."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy_worlds import ToyWorld

from coverage.errors import SettingsError
from coverage.network.settings import Mode
from coverage.network.speeds import SpeedTable, bound_by_own_speed, compute_profile_speeds, compute_road_times

SPEEDS = SpeedTable(
    "table",
    (("ferry", 15.0), ("residential", 30.0), ("secondary", 60.0), ("track", 20.0)),
    maxspeed_factor=0.8,
    surface_kph=(("gravel", 40.0),),
    smoothness_kph=(("bad", 35.0),),
    tracktype_kph=(("grade5", 10.0),),
    service_kph=(("alley", 12.0),),
    urban_factor=(("*", 0.9), ("secondary", 0.5)),
    urban_junctions_per_km2=25.0,
    seasons=(("snow", (("*", 0.5), ("secondary", 0.75), ("track", 0.0))),),
)


def _drive(
    highway: str, *, season: str = "summer", urban: bool = False, mode: Mode = "drive", **tags: object
) -> tuple[float, float]:
    """Return the speeds along and against one road of 1 km [km/h]."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0)})
    world.road("a b", highway, **tags)
    network = replace(world.network(), mode=mode)
    if urban:
        network = replace(network, road_junctions_per_km2=np.array([25.0], np.float32))
    times = compute_road_times(network, SPEEDS, season)
    kph = 3600.0 / times.road_forward_s[0], 3600.0 / times.road_backward_s[0]
    starts_at_a = network.vertex_lon[0] < network.vertex_lon[1]
    return kph if starts_at_a else kph[::-1]


@pytest.mark.parametrize(
    ("highway", "tags", "kph"),
    [
        ("secondary", {}, 60.0),
        ("secondary", {"maxspeed_forward_kph": 50.0, "maxspeed_backward_kph": 50.0}, 40.0),
        ("secondary", {"maxspeed_forward_kph": 100.0, "maxspeed_backward_kph": 100.0}, 80.0),
        ("secondary", {"surface": "gravel"}, 40.0),
        ("secondary", {"surface": "asphalt"}, 60.0),
        ("secondary", {"surface": "gravel", "smoothness": "bad"}, 35.0),
        ("secondary", {"surface": "gravel", "maxspeed_forward_kph": 100.0, "maxspeed_backward_kph": 100.0}, 40.0),
        ("residential", {"service": "alley"}, 12.0),
        ("track", {"tracktype": "grade5"}, 10.0),
        ("track", {"surface": "gravel"}, 20.0),
    ],
)
def test_which_speed_counts(highway: str, tags: dict[str, object], kph: float) -> None:
    """A posted limit at its factor replaces the class speed, and the lowest of the caps holds for both."""
    assert _drive(highway, **tags) == pytest.approx((kph, kph), rel=1e-4)


@pytest.mark.parametrize("mode", ["walk", "cycle"])
def test_a_limit_bounds_other_modes_and_never_sets_their_speed(mode: Mode) -> None:
    """Outside driving a higher limit changes nothing and a lower one holds in full, whatever share cars drive."""
    for posted, kph in ((120.0, 60.0), (60.0, 60.0), (30.0, 30.0)):
        both = {"maxspeed_forward_kph": posted, "maxspeed_backward_kph": posted}
        assert _drive("secondary", mode=mode, **both) == pytest.approx((kph, kph), rel=1e-4)
    assert _drive("secondary", mode=mode, maxspeed_backward_kph=20.0) == pytest.approx((60.0, 20.0), rel=1e-4)
    assert _drive("secondary", mode=mode, surface="gravel", maxspeed_forward_kph=90.0)[0] == pytest.approx(40.0)
    assert _drive("secondary", mode=mode, season="snow", maxspeed_forward_kph=90.0)[0] == pytest.approx(45.0)
    assert _drive("secondary", mode=mode, urban=True, maxspeed_forward_kph=90.0)[0] == pytest.approx(30.0)
    assert _drive("primary", mode=mode, maxspeed_forward_kph=50.0) == (0.0, 0.0)
    # A ferry is not walked: its timetable is everybody's.
    declared = {"maxspeed_forward_kph": 25.0, "maxspeed_backward_kph": 25.0, "duration_s": 144.0}
    assert _drive("ferry", mode=mode, **declared) == pytest.approx((25.0, 25.0), rel=1e-4)


def test_a_road_that_does_not_exist_yet_is_not_walked_at_the_speed_of_cars() -> None:
    """The speed on a link is what was asked, at most the highest of the mode's own speeds, ferries left out."""
    on_foot = SpeedTable("walk", (("ferry", 15.0), ("path", 4.0), ("residential", 4.5)))
    assert bound_by_own_speed(on_foot, 30.0) == 4.5
    assert bound_by_own_speed(on_foot, 3.0) == 3.0
    assert bound_by_own_speed(SPEEDS, 30.0) == 30.0
    assert bound_by_own_speed(SpeedTable("ferries", (("ferry", 15.0),)), 30.0) == 30.0


def test_each_direction_has_its_own_limit() -> None:
    """A limit posted for one direction leaves the other at the class speed."""
    assert _drive("secondary", maxspeed_forward_kph=50.0) == pytest.approx((40.0, 60.0), rel=1e-4)
    assert _drive("secondary", maxspeed_backward_kph=50.0) == pytest.approx((60.0, 40.0), rel=1e-4)


def test_towns_slow_down_posted_speeds_too() -> None:
    """From 25 junctions a square kilometre the class factor applies, on a posted direction as well."""
    assert _drive("secondary", urban=True) == pytest.approx((30.0, 30.0), rel=1e-4)
    assert _drive("residential", urban=True) == pytest.approx((27.0, 27.0), rel=1e-4)
    assert _drive("secondary", urban=True, maxspeed_forward_kph=50.0) == pytest.approx((20.0, 30.0), rel=1e-4)
    assert _drive("secondary", urban=True, maxspeed_backward_kph=50.0) == pytest.approx((30.0, 20.0), rel=1e-4)


def test_a_town_never_lifts_a_limit() -> None:
    """Where a class is faster in town (13 against 18 km/h were measured), posted limits and surfaces still bound it."""
    quick = replace(SPEEDS, urban_factor=(("residential", 1.4),))

    def drive(**tags: object) -> float:
        world = ToyWorld({"a": (0, 0), "b": (1000, 0)})
        world.road("a b", "residential", **tags)
        return float(compute_profile_speeds(world.network(), quick, "summer")[0][1, 0])

    assert drive() == pytest.approx(42.0)
    assert drive(maxspeed_forward_kph=20.0) == pytest.approx(16.0)
    assert drive(service="alley") == pytest.approx(12.0)


def test_seasons_multiply_and_close() -> None:
    """A season has a factor by class, one for all others, and closes a class with zero."""
    assert _drive("secondary", season="snow") == pytest.approx((45.0, 45.0), rel=1e-4)
    assert _drive("residential", season="snow") == pytest.approx((15.0, 15.0), rel=1e-4)
    assert _drive("track", season="snow") == (0.0, 0.0)
    assert SPEEDS.season_names == ("summer", "snow")
    with pytest.raises(SettingsError) as caught:
        _drive("track", season="spring")
    assert (caught.value.code, caught.value.context["choices"]) == ("settings.unknown_choice", "summer, snow")


def test_a_class_that_is_not_in_the_table_is_closed() -> None:
    """A class without a speed is not driven, even where a limit is posted."""
    assert _drive("primary", maxspeed_forward_kph=50.0) == (0.0, 0.0)
    assert SPEEDS.classes == {"ferry", "residential", "secondary", "track"}
    assert SpeedTable("x", (("a", 0.0), ("b", 1.0))).classes == {"b"}


def test_summer_may_have_factors_of_its_own() -> None:
    """A table may describe summer too; it stands once in the list of seasons."""
    table = SpeedTable("x", (("a", 10.0),), seasons=(("summer", (("*", 0.5),)), ("winter", ())))
    assert table.season_names == ("summer", "winter")
    world = ToyWorld({"a": (0, 0), "b": (1000, 0)})
    world.road("a b", "a")
    forward, _ = compute_profile_speeds(world.network(), table, "summer")
    assert forward.tolist() == [[5.0], [5.0]]


def test_times_along_a_road_of_mixed_pieces() -> None:
    """Times grow from slot to slot, pieces of no length take none, and both ways add up.

    ::

        a --60-- b --(0 m)-- b2 --40 gravel-- c       600 m, 0 m, 400 m
    """
    world = ToyWorld({"a": (0, 0), "b": (600, 0), "b2": (600, 0), "c": (1000, 0)})
    world.road("a b b2")
    world.road("b2 c", surface="gravel")
    network = world.network()
    times = compute_road_times(network, SPEEDS)
    assert network.road_count == 1
    along, against = times.along_s, times.against_s
    if network.vertex_lon[0] > network.vertex_lon[-1]:
        along, against = against[::-1], along[::-1]
    np.testing.assert_allclose(along, [0.0, 36.0, 36.0, 72.0], rtol=1e-4)
    np.testing.assert_allclose(against, [72.0, 36.0, 36.0, 0.0], rtol=1e-4)
    assert times.road_forward_s[0] == times.road_backward_s[0] == pytest.approx(72.0, rel=1e-4)


def test_waits_at_the_ends_are_left_to_the_junctions() -> None:
    """A gate inside a road is part of its time, one at its end is not."""
    world = ToyWorld({"a": (0, 0), "b": (500, 0), "c": (1000, 0)}, delays={"b": ("gate", 0), "c": ("stop", 0)})
    world.road("a b c")
    times = compute_road_times(world.network(), replace(SPEEDS, delays_s=(("gate", 30.0), ("stop", 99.0))))
    assert times.road_forward_s[0] == times.road_backward_s[0] == pytest.approx(60.0 + 30.0, rel=1e-4)


def test_ferries_keep_their_timetable() -> None:
    """The speed a declared duration implies is driven in full, but a season still closes the line."""
    declared = {"maxspeed_forward_kph": 10.0, "maxspeed_backward_kph": 10.0, "duration_s": 360.0}
    assert _drive("ferry", **declared) == pytest.approx((10.0, 10.0), rel=1e-4)
    assert _drive("ferry") == pytest.approx((15.0, 15.0), rel=1e-4)
    frozen = replace(SPEEDS, seasons=(("ice", (("ferry", 0.0),)),))
    world = ToyWorld({"a": (0, 0), "b": (1000, 0)})
    world.road("a b", "ferry", **declared)
    assert np.isinf(compute_road_times(world.network(), frozen, "ice").road_forward_s).all()
