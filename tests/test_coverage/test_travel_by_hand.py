"""Door-to-door times worked out by hand on toy worlds, each drawn where it is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy_worlds import PLAIN_SPEEDS, ToyWorld, crossroads, put

from coverage.network.speeds import TurnDelays
from coverage.travel.travel_time import TimedNetwork, compute_nearest


def _minutes(timed: TimedNetwork, person: tuple[float, float], station: tuple[float, float]) -> float:
    nearest = compute_nearest(timed, put(timed, [person]), put(timed, [station]))
    return float(nearest.minutes[0])


def _straight(*, oneway: bool = False) -> ToyWorld:
    world = ToyWorld({"a": (0, 0), "b": (3000, 0), "c": (3000, 6000)})
    world.road("a b", oneway=oneway)
    world.road("b c")
    return world


def test_two_points_on_one_road() -> None:
    """On one road of 60 km/h the time is the distance between the two, whoever stands first.

    ::

        a --- 1 --- 2 --- b
    """
    timed = _straight().timed()
    assert _minutes(timed, (1000, 0), (2000, 0)) == pytest.approx(1.0, rel=1e-4)
    assert _minutes(timed, (2000, 0), (1000, 0)) == pytest.approx(1.0, rel=1e-4)
    assert _minutes(timed, (1000, 0), (1000, 0)) == 0.0


def test_two_points_on_a_one_way_road() -> None:
    """Against a one-way road there is no way where nothing leads round; the other direction mirrors it.

    ::

        a --- 1 -->-- 2 --- b ----- c
    """
    towards, away = _straight(oneway=True).timed(), _straight(oneway=True).timed(direction="from")
    assert _minutes(towards, (1000, 0), (2000, 0)) == pytest.approx(1.0, rel=1e-4)
    assert _minutes(towards, (2000, 0), (1000, 0)) == np.inf
    assert _minutes(away, (1000, 0), (2000, 0)) == np.inf
    assert _minutes(away, (2000, 0), (1000, 0)) == pytest.approx(1.0, rel=1e-4)


def test_round_a_one_way_ring() -> None:
    """On a ring of 4 km that runs one way, a station behind is reached all the way round.

    ::

        d -<- c
        |     |      a to b to c to d, 1 km each, no junction anywhere
        a ->- b
    """
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (1000, 1000), "d": (0, 1000)})
    world.road("a b c d a", oneway=True)
    timed = world.timed()
    assert _minutes(timed, (200, 0), (700, 0)) == pytest.approx(0.5, rel=1e-4)
    assert _minutes(timed, (700, 0), (200, 0)) == pytest.approx(3.5, rel=1e-4)
    both = ToyWorld(world.places)
    both.road("a b c d a")
    assert _minutes(both.timed(), (700, 0), (0, 300)) == pytest.approx(1.0, rel=1e-4)
    assert _minutes(both.timed(), (1000, 800), (0, 900)) == pytest.approx(1.3, rel=1e-4)


def test_a_point_at_a_junction_uses_all_its_roads() -> None:
    """From the middle of the crossroads every arm's end is one minute away and no turn is charged."""
    timed = crossroads().timed(replace(PLAIN_SPEEDS, turns=TurnDelays(60.0, 60.0, 60.0)))
    for end in ((0, 1000), (1000, 0), (0, -1000), (-1000, 0)):
        assert _minutes(timed, (0, 0), end) == pytest.approx(1.0, rel=1e-4)
        assert _minutes(timed, end, (0, 0)) == pytest.approx(1.0, rel=1e-4)


def test_the_walk_to_the_road_always_costs_time() -> None:
    """Both walks count: 75 m at 4.5 km/h is one minute, to the road and from the road."""
    timed = crossroads().timed()
    assert _minutes(timed, (500, 75), (-500, -75)) == pytest.approx(3.0, rel=1e-3)
    assert _minutes(timed, (500, 75), (500, 75)) == pytest.approx(2.0, rel=1e-3)


def test_private_roads_serve_only_the_ends_of_a_way() -> None:
    """A short cut over a private road is not taken, but a house on it is reached from both sides.

    ::

        a ------------- b      a to b by the long way: 1 + 2 + 1 km
        |  x (private)  |      a to b by x: 2 km
        c ------------- d
    """
    world = ToyWorld(
        {"a": (0, 1000), "b": (2000, 1000), "c": (0, 0), "d": (2000, 0), "p": (-500, 1000), "q": (2500, 1000)}
    )
    world.road("a b", restricted=True)
    for route in ("a c", "c d", "d b", "p a", "b q"):
        world.road(route)
    timed = world.timed()
    assert _minutes(timed, (-500, 1000), (2500, 1000)) == pytest.approx(5.0, rel=1e-4)
    assert _minutes(timed, (500, 1000), (2500, 1000)) == pytest.approx(2.0, rel=1e-4)
    assert _minutes(timed, (-500, 1000), (1500, 1000)) == pytest.approx(2.0, rel=1e-4)
    assert _minutes(timed, (500, 1000), (1500, 1000)) == pytest.approx(1.0, rel=1e-4)


def test_a_private_estate_is_left_by_its_people() -> None:
    """A way may go private, public, private; a public street behind private roads belongs to the estate.

    ::

        s ===private=== t ---public--- u ===private=== v --- public, the long one --- w
    """
    world = ToyWorld({"s": (0, 0), "t": (1000, 0), "u": (2000, 0), "v": (3000, 0), "w": (5000, 0)})
    world.road("s t", restricted=True)
    world.road("t u")
    world.road("u v", restricted=True)
    world.road("v w")
    for direction in ("to", "from"):
        timed = world.timed(direction=direction)
        assert _minutes(timed, (200, 0), (2800, 0)) == pytest.approx(2.6, rel=1e-4)
        assert _minutes(timed, (1500, 0), (3500, 0)) == pytest.approx(2.0, rel=1e-4)
        assert _minutes(timed, (3500, 0), (1500, 0)) == pytest.approx(2.0, rel=1e-4)
        assert _minutes(timed, (200, 0), (4500, 0)) == pytest.approx(4.3, rel=1e-4)
    assert timed.network.road_restricted.sum() == 3


def test_a_season_closes_a_class_and_only_that() -> None:
    """Snow closes the track beyond the village; people before it still get out, those behind do not.

    ::

        station --- village ~~~track~~~ pasture
    """
    world = ToyWorld({"a": (0, 0), "b": (2000, 0), "c": (4000, 0)})
    world.road("a b")
    world.road("b c", "track")
    speeds = replace(PLAIN_SPEEDS, seasons=(("snow", (("*", 0.5), ("track", 0.0))),))
    timed = world.timed(speeds, season="snow")
    assert _minutes(timed, (1500, 0), (0, 0)) == pytest.approx(3.0, rel=1e-4)
    assert _minutes(timed, (2000, 0), (0, 0)) == pytest.approx(4.0, rel=1e-4)
    assert _minutes(timed, (3000, 0), (0, 0)) == np.inf
    assert put(timed, [(3000, 0)]).is_connected.all()


def test_waits_inside_a_road_lie_where_they_stand() -> None:
    """A gate at 500 m delays those who pass it and nobody else; a stop line only one direction.

    ::

        a --- gate --- b --- stop(towards c) --- c
    """
    world = ToyWorld(
        {"a": (0, 0), "g": (500, 0), "b": (1000, 0), "t": (1500, 0), "c": (2000, 0)},
        delays={"g": ("gate", 0), "t": ("stop", 1)},
    )
    world.road("a g b t c")
    timed = world.timed(replace(PLAIN_SPEEDS, delays_s=(("gate", 60.0), ("stop", 30.0))))
    assert _minutes(timed, (100, 0), (400, 0)) == pytest.approx(0.3, rel=1e-4)
    assert _minutes(timed, (400, 0), (600, 0)) == pytest.approx(1.2, rel=1e-4)
    assert _minutes(timed, (600, 0), (400, 0)) == pytest.approx(1.2, rel=1e-4)
    assert _minutes(timed, (1400, 0), (1600, 0)) == pytest.approx(0.7, rel=1e-4)
    assert _minutes(timed, (1600, 0), (1400, 0)) == pytest.approx(0.2, rel=1e-4)
    assert _minutes(timed, (0, 0), (2000, 0)) == pytest.approx(3.5, rel=1e-4)


def test_limits_that_differ_by_direction_hold_in_their_direction() -> None:
    """A road drawn against its neighbour keeps its own forward limit after both became one road.

    ::

        a --->--- b ---<--- c      drawn a to b and c to b; 30 forward, 60 backward on the second
    """
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (2000, 0)})
    world.road("a b")
    world.road("c b", maxspeed_forward_kph=30.0, maxspeed_backward_kph=60.0)
    timed = world.timed()
    assert timed.network.road_count == 1
    assert _minutes(timed, (1000, 0), (2000, 0)) == pytest.approx(1.0, rel=1e-4)
    assert _minutes(timed, (2000, 0), (1000, 0)) == pytest.approx(2.0, rel=1e-4)
