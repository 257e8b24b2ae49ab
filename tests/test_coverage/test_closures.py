"""Closed and slowed roads: which roads a place means, and which places are on the map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy_worlds import ToyWorld, crossroads, to_degrees

from coverage.errors import InputError
from coverage.network.closures import Closure, find_closed_roads, find_speed_factors
from coverage.network.contraction import build_network


def test_what_points_lines_and_areas_close() -> None:
    """A point closes the nearest road, a line those it crosses, an area those in it, a far point none."""
    network = crossroads().network()
    far = Closure("far", (to_degrees(500.0, 900.0),))
    line = Closure("line", (to_degrees(-500.0, 500.0), to_degrees(500.0, 500.0)))
    corners = [(-600.0, -600.0), (-400.0, -600.0), (-400.0, 600.0), (-600.0, 600.0), (-600.0, -600.0)]
    area = Closure("area", tuple(to_degrees(*corner) for corner in corners))
    closed, counts = find_closed_roads(network, (far, line, area))
    assert (counts, closed.sum()) == ((0, 1, 1), 2)
    assert (area.is_area, line.is_area) == (True, False)
    across = Closure("across", (to_degrees(-50.0, 10.0), to_degrees(50.0, 10.0), to_degrees(50.0, -50.0)))
    assert find_closed_roads(network, (across,))[1] == (2,)
    assert find_closed_roads(network, ())[0].sum() == 0


@pytest.mark.parametrize("places", [(), ((float("nan"), 0.0),), ((200.0, 0.0),), ((0.0, 86.0),)])
def test_closures_off_the_map_are_refused(places: tuple[tuple[float, float], ...]) -> None:
    """A closure has a place, and it is on the map."""
    with pytest.raises(InputError, match=r"closure\.invalid"):
        Closure("x", places)


@pytest.mark.parametrize(("lon", "lat"), [(180.0, 85.0), (-180.0, -85.0)])
def test_the_edge_of_the_map_is_on_it(lon: float, lat: float) -> None:
    """A closure lies on the map up to 180 degrees east and west and 85 north and south, and no step farther."""
    assert Closure("edge", ((lon, lat),)).coordinates == ((lon, lat),)
    for beyond in ((np.nextafter(lon, 2 * lon), lat), (lon, np.nextafter(lat, 2 * lat))):
        with pytest.raises(InputError, match=r"closure\.invalid"):
            Closure("beyond", (beyond,))


def test_a_point_closes_a_road_up_to_200_m_away() -> None:
    """The nearest road is meant within 200 m on the ground, at the equator and far from it."""
    for lat in (0.0, 60.0):
        lines = crossroads().lines()
        network = build_network(replace(lines, lat=lines.lat + lat))
        east, _ = to_degrees(500.0, 0.0)
        metre = 1.0 / (111_412.0 if lat else 110_574.0)
        counts = [find_closed_roads(network, (Closure("x", ((east, lat + m * metre),)),))[1] for m in (199.0, 201.0)]
        assert counts == [(1,), (0,)], lat


def test_an_area_has_three_corners_and_ends_where_it_begins() -> None:
    """A triangle is an area; a way there and back, or a corner left open, is a line."""
    a, b, c = to_degrees(0, 0), to_degrees(100, 0), to_degrees(0, 100)
    assert Closure("triangle", (a, b, c, a)).is_area
    assert not Closure("there and back", (a, b, a)).is_area
    assert not Closure("open", (a, b, c, b)).is_area


def test_roads_slow_down_by_every_place_they_lie_in() -> None:
    """Half speed in one area and a third in another make a sixth where both lie; other roads keep theirs."""
    network = crossroads().network()
    west = Closure("west", (to_degrees(-500.0, 100.0), to_degrees(-500.0, -100.0)))
    again = Closure("again", (to_degrees(-400.0, 0.0),))
    factor = find_speed_factors(network, ((west, 0.5), (again, 1 / 3)))
    assert factor is not None
    assert sorted(factor.round(6)) == [round(1 / 6, 6), 1.0, 1.0, 1.0]
    assert find_speed_factors(network, ()) is None


def test_the_only_road_can_be_closed() -> None:
    """A network of one road is closed like any other, and each closure counts it."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0)})
    world.road("a b")
    here = Closure("here", (to_degrees(500.0, 10.0),))
    closed, counts = find_closed_roads(world.network(), (here, here))
    assert (closed.tolist(), counts) == ([True], (1, 1))


def test_a_refused_closure_is_named_by_a_hundred_letters() -> None:
    """A name as long as a book does not fill the message."""
    with pytest.raises(InputError) as caught:
        Closure("n" * 200, ())
    assert caught.value.context["name"] == "n" * 100
