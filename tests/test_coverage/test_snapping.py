"""Joining points to roads: nearest, within the limit, and only to roads that people can use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_oracle import GEOD, TO_DEGREES, TO_PLANE, build_random_lines
from toy_worlds import EVERYWHERE, PLAIN_SPEEDS, ToyWorld, crossroads, lon_lat, put, snap

from coverage.errors import CancelledError
from coverage.network.contraction import build_network
from coverage.network.model import NO_ENTRY, RoadLines, RoadNetwork
from coverage.network.settings import SnapSettings
from coverage.network.small_nets import find_large_components, find_small_nets
from coverage.travel.snapping import build_snap_index, drop_beyond, snap_points
from coverage.travel.travel_time import build_timed_network, place_points

SEEDS = st.integers(0, 2**32 - 1)


def _nearest_metres(lines: RoadLines, lon: float, lat: float) -> float:
    """Return the distance to the nearest piece by walking along every one in small steps, then smaller ones."""
    x, y = TO_PLANE.transform(lines.lon, lines.lat)
    best = np.inf
    for a, b in zip(lines.piece_from, lines.piece_to, strict=True):
        low, high = 0.0, 1.0
        for _ in range(6):
            share = np.linspace(low, high, 41)
            there = TO_DEGREES.transform(x[a] + (x[b] - x[a]) * share, y[a] + (y[b] - y[a]) * share)
            metres = GEOD.inv(np.full(41, lon), np.full(41, lat), *there)[2]
            least = int(np.argmin(metres))
            low, high = share[max(least - 1, 0)], share[min(least + 1, 40)]
        best = min(best, float(metres[least]))
    return best


@given(seed=SEEDS)
def test_the_nearest_road_is_the_nearest(seed: int) -> None:
    """The access leg equals the geodesic distance to the nearest piece, found by walking along all."""
    lines = build_random_lines(seed)
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(87.59, 87.66, 4), rng.uniform(43.79, 43.85, 4)
    index = build_snap_index(build_network(lines), EVERYWHERE)
    found = snap_points(index, lon, lat, limit_m=20_000.0)
    expected = [_nearest_metres(lines, *place) for place in zip(lon.tolist(), lat.tolist(), strict=True)]
    # One scale is used between a point and its place; over 5 km that is within a thousandth.
    np.testing.assert_allclose(found.access_m, expected, rtol=1e-3, atol=0.01)


@given(seed=SEEDS)
def test_the_place_lies_at_the_end_of_the_access_leg(seed: int) -> None:
    """The position of the place is as far from the point as the access leg says."""
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(87.59, 87.66, 6), rng.uniform(43.79, 43.85, 6)
    network = build_network(build_random_lines(seed))
    found = snap_points(build_snap_index(network, replace(EVERYWHERE, max_access_m=1500.0)), lon, lat)
    known = found.road >= 0
    slot, share = found.slot[known], found.fraction[known]
    there = [axis[slot] * (1 - share) + axis[slot + 1] * share for axis in (network.vertex_lon, network.vertex_lat)]
    metres = GEOD.inv(lon[known], lat[known], *there)[2]
    # Between vertices kilometres apart, straight in degrees and straight on the map differ by decimetres.
    np.testing.assert_allclose(found.access_m[known], metres, rtol=1e-3, atol=0.5)
    first, last = network.vertex_ptr[found.road[known]], network.vertex_ptr[found.road[known] + 1]
    assert ((first <= found.slot[known]) & (found.slot[known] < last - 1)).all()
    assert ((found.fraction >= 0) & (found.fraction <= 1)).all()
    assert (found.access_m[~known] == np.inf).all()


def test_the_snap_limit_is_inclusive() -> None:
    """A point exactly at the limit is joined, one a centimetre farther is not."""
    network = crossroads().network()
    access = snap(network, [(500, 100)]).access_m[0]
    assert access == pytest.approx(100.0, rel=1e-5)
    assert snap(network, [(500, 100)], replace(EVERYWHERE, max_access_m=float(access))).road[0] >= 0
    farther = snap(network, [(500, 100)], replace(EVERYWHERE, max_access_m=float(access) - 0.01))
    assert (farther.road[0], farther.node[0], farther.access_m[0]) == (-1, -1, np.inf)


def test_a_smaller_limit_afterwards_is_inclusive_too() -> None:
    """Whoever lives exactly at the smaller limit stays joined, whoever lives beyond has no road, piece or node."""
    found = snap(crossroads().network(), [(500, 100), (500, 300), (0, 0)])
    at = drop_beyond(found, float(found.access_m[0]))
    assert at.road.tolist() == [found.road[0], -1, found.road[2]]
    assert at.access_m.tolist() == [found.access_m[0], np.inf, found.access_m[2]]
    below = drop_beyond(found, float(np.nextafter(found.access_m[0], 0.0)))
    assert (below.road[0], below.node[0], below.fraction[0]) == (-1, -1, 0.0)


def test_the_limit_is_the_same_at_every_latitude() -> None:
    """The limit is metres on the ground in the north too, also beside points far to the south."""
    for lat in (0.0, 35.0, 48.0, 70.0):
        lines = replace(crossroads().lines())
        lines = replace(lines, lat=lines.lat + lat)
        network = build_network(lines)
        index = build_snap_index(network, replace(EVERYWHERE, max_access_m=1000.0))
        beside = GEOD.fwd(10.0, lat, 45.0, 2**0.5 * 500.0)
        beyond = GEOD.fwd(float(lines.lon[1]), float(lines.lat[1]), 0.0, 1001.0)
        within = GEOD.fwd(float(lines.lon[1]), float(lines.lat[1]), 0.0, 999.0)
        found = snap_points(index, *(np.array([p[i] for p in (beside, beyond, within)] + [0.0]) for i in (0, 1)))
        assert (found.road >= 0).tolist() == [True, False, True, False]
        assert found.access_m[2] == pytest.approx(999.0, rel=1e-3)


def test_never_to_a_motorway_or_a_ferry() -> None:
    """The road behind is used although the motorway and the ferry line are nearer.

    ::

        ======== motorway ======== (100 m)
                   point
        -------- residential ----- (-300 m)
        ~~~~~~~~ ferry ~~~~~~~~~~~ (-50 m)
    """
    world = ToyWorld(
        {
            f"{row}{end}": (east, north)
            for row, north in (("m", 100), ("r", -300), ("f", -50))
            for end, east in (("1", 0), ("2", 2000))
        }
    )
    world.road("m1 m2", "motorway")
    world.road("r1 r2", "residential")
    world.road("f1 f2", "ferry")
    for route in ("m1 r1", "r2 m2", "f1 r1", "f2 r2"):
        world.road(route, "motorway_link" if "m" in route else "residential")
    network = world.network()
    found = snap(network, [(1000, 0), (1000, 100), (1000, -50)])
    assert found.access_m.round().tolist() == [300.0, 400.0, 250.0]
    assert not network.road_motorway[found.road].any()
    assert not network.road_ferry[found.road].any()
    never = np.repeat(network.road_motorway | network.road_ferry, np.diff(network.vertex_ptr))
    assert not build_snap_index(network, EVERYWHERE).pieces[never].any()


def test_on_a_motorways_own_line_if_the_settings_say_so() -> None:
    """A point within a metre of the motorway and of nothing else counts as on it, only when asked for."""
    world = ToyWorld({"a": (0, 0), "b": (2000, 0), "c": (2000, 500)})
    world.road("a b", "motorway")
    world.road("b c")
    network = world.network()
    allowed = replace(EVERYWHERE, motorway_within_m=1.0)
    points = [(1000.0, 0.5), (1000.0, 2.0), (2000.0, 0.0), (2000.4, 0.2)]
    plain, found = snap(network, points), snap(network, points, allowed)
    assert plain.access_m.round().tolist() == [1000.0, 1000.0, 0.0, 0.0]
    assert found.access_m.round(1).tolist() == [0.5, 1000.0, 0.0, 0.4]
    assert network.road_motorway[found.road].tolist() == [True, False, False, False]


@pytest.mark.parametrize("reason", NO_ENTRY)
def test_nobody_enters_a_tunnel_or_a_bridge_in_its_middle(reason: str) -> None:
    """A road is joined to where it is open, at the mouth of the tunnel at the latest; a road that is all tunnel never.

    ::

        a ---- m ==== tunnel ==== n ---- b
        c ------------ street ---------- d   (300 m south)
    """
    world = ToyWorld({"a": (0, 0), "m": (500, 0), "n": (1500, 0), "b": (2000, 0), "c": (0, -300), "d": (2000, -300)})
    world.road("a m")
    world.road("m n", no_entry=reason)
    world.road("n b")
    world.road("c d", "residential")
    world.road("a c", "residential")
    world.road("b d", "residential")
    network = world.network()
    places = [(1000.0, 5.0), (1000.0, -155.0), (510.0, 5.0), (400.0, 5.0), (1600.0, -5.0)]
    found = snap(network, places)
    assert network.road_count == 2  # the tunnel is part of a road between two corners
    assert found.access_m.round(0).tolist() == [305.0, 145.0, 11.0, 5.0, 5.0]
    timed = world.timed()
    from_mouth = put(timed, [(510.0, 5.0)])
    assert from_mouth.from_tail_s.tolist() == put(timed, [(500.0, 0.0)]).from_tail_s.tolist()
    whole = ToyWorld({"a": (0, 0), "b": (2000, 0), "c": (0, -300), "d": (2000, -300)})
    whole.road("a b", no_entry=reason)
    whole.road("c d", "residential")
    whole.road("a c", "residential")
    whole.road("b d", "residential")
    closed = whole.network()
    assert snap(closed, [(1000.0, 5.0), (10.0, 0.0)]).access_m.round(0).tolist() == [305.0, 10.0]
    # A listed place on the very line of a motorroad or ramp is there by car; in a tunnel or on a bridge it is not.
    listed = snap(closed, [(1000.0, 0.5)], replace(EVERYWHERE, motorway_within_m=1.0)).access_m[0]
    assert listed == pytest.approx(0.5 if reason in ("motorroad", "ramp") else 300.5, rel=1e-3)


def _valley(apart_m: float, length_m: float = 8000.0) -> RoadNetwork:
    """Build a street of 20 km, and a road on its own so far north of it."""
    world = ToyWorld({"a": (0, 0), "b": (20_000, 0), "v": (2000, apart_m), "w": (2000 + length_m, apart_m)})
    world.road("a b")
    world.road("v w", "residential")
    return world.network()


@pytest.mark.parametrize(
    ("apart_m", "length_m", "own", "is_net"),
    [
        (3000.0, 8000.0, [(5000, 3010)], True),
        (800.0, 8000.0, [(5000, 810)], True),
        (3000.0, 8000.0, [(5000, 5)], False),  # the station stands on the street
        (3000.0, 8000.0, [], False),
        (300.0, 8000.0, [(5000, 310)], False),  # beside the large net: a link is missing
        (3000.0, 400.0, [(2200, 3010)], False),  # the aisle of a car park
    ],
)
def test_a_small_net_with_a_station_of_its_own_is_a_net(
    apart_m: float, length_m: float, own: list[tuple[float, float]], is_net: bool
) -> None:
    """A valley of 8 km is used for its people too; a fragment, or a valley without a station, is not."""
    index = build_snap_index(_valley(apart_m, length_m), SnapSettings(), own=lon_lat(own))
    near = snap_points(index, *lon_lat([(2100.0, apart_m + 20.0)]))
    if is_net:
        assert near.access_m[0] == pytest.approx(20.0, rel=1e-3)
    else:
        assert near.access_m[0] > 20.0
    assert index.is_net.sum() == 1 + is_net


def test_a_one_way_spur_of_the_large_net_is_no_net_of_its_own() -> None:
    """A road that only leads away is joined to the large net, whatever stands on it."""
    world = ToyWorld({"a": (0, 0), "b": (20_000, 0), "c": (20_000, 5000)})
    world.road("a b")
    world.road("b c", "residential", oneway=True)
    index = build_snap_index(world.network(), SnapSettings(), own=lon_lat([(20_000, 4000)]))
    assert index.is_net.sum() == 1


def test_small_islands_of_road_are_not_used() -> None:
    """A lane of 300 m without a connection is passed over; a component at the limit itself is used."""
    world = crossroads()
    world.places |= {"i": (400, 300), "j": (700, 300)}
    world.road("i j")
    network = world.network()
    assert sorted(network.component_length_m.round().tolist()) == [300.0, 4000.0]
    near = [(500.0, 290.0)]
    assert snap(network, near, replace(EVERYWHERE, min_component_km=0.2)).access_m[0] == pytest.approx(10.0, rel=1e-3)
    assert snap(network, near, replace(EVERYWHERE, min_component_km=0.31)).access_m[0] == pytest.approx(290.0, rel=1e-3)


def test_nets_count_from_their_limit_on() -> None:
    """A net of exactly the least length is large, one of 1 km may be a station's own, a hair less is neither."""
    world = crossroads()
    world.places |= {"i": (4000, 3000), "j": (5500, 3000)}
    world.road("i j")
    network = world.network()
    lengths = network.component_length_m
    short = int(np.argmin(lengths))

    def measure(metres: float) -> tuple[bool, bool]:
        changed = replace(network, component_length_m=np.where(np.arange(len(lengths)) == short, metres, lengths))
        large = find_large_components(changed, SnapSettings(min_component_km=2.0))
        return bool(large[short]), bool(find_small_nets(changed, large)[short])

    assert [measure(metres) for metres in (2000.0, np.nextafter(2000.0, 0.0))] == [(True, False), (False, True)]
    assert [measure(metres) for metres in (1000.0, np.nextafter(1000.0, 0.0))] == [(False, True), (False, False)]


@pytest.mark.parametrize(("apart_m", "is_net"), [(499.0, False), (501.0, True)])
def test_a_valley_begins_half_a_kilometre_from_the_large_net(apart_m: float, is_net: bool) -> None:
    """A station on the small net is the large one's where that lies within 500 m."""
    index = build_snap_index(_valley(apart_m), SnapSettings(), own=lon_lat([(5000, apart_m)]))
    assert index.is_net.sum() == 1 + is_net


def test_a_motorway_is_joined_only_by_whom_no_other_road_is_as_near() -> None:
    """With another road exactly as near as the limit, that road is taken; a hair farther, the motorway is."""
    world = ToyWorld({"a": (0, 0), "b": (2000, 0), "c": (0, 20), "d": (2000, 20), "e": (2000, 500)})
    world.road("a b", "motorway")
    world.road("c d")
    world.road("d e")
    world.road("b e")
    network = world.network()
    point = [(1000.0, 9.0)]
    other = float(snap(network, point).access_m[0])
    for within, on_motorway in ((other, False), (float(np.nextafter(other, 0.0)), True)):
        found = snap(network, point, replace(EVERYWHERE, motorway_within_m=within))
        assert bool(network.road_motorway[found.road[0]]) is on_motorway


def test_the_longest_component_is_always_used() -> None:
    """Where all roads are shorter than the setting, the longest connected part still counts."""
    network = crossroads().network()
    assert snap(network, [(500.0, 10.0)], SnapSettings(min_component_km=1000.0)).road[0] >= 0


def test_a_ferry_does_not_lengthen_a_component() -> None:
    """Two islets joined by a long ferry line have no more road for it."""
    world = ToyWorld({"a": (0, 0), "b": (100, 0), "c": (50_000, 0), "d": (50_100, 0)})
    world.road("a b")
    world.road("b c", "ferry")
    world.road("c d")
    assert world.network().component_length_m.round().tolist() == [200.0]


def test_within_the_tolerance_of_a_junction() -> None:
    """A place within a metre of a junction, along the road, is at the junction; the nearer end counts."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (1000.5, 0), "d": (2000, 0)})
    world.road("a b")
    world.road("b c", "residential")
    world.road("c d")
    network = world.network()
    tolerant = replace(EVERYWHERE, junction_tolerance_m=1.0)
    east = [0.9, 1.1, 500.0, 1000.2, 1000.4, 999.1]
    found = snap(network, [(place, 30.0) for place in east], tolerant)
    at = [round(float(network.node_lon[node] - 10.0) * 111_319.49, 1) if node >= 0 else None for node in found.node]
    assert at == [0.0, None, None, 1000.0, 1000.5, 1000.0]
    exact = snap(network, [(0.0, 30.0), (0.9, 30.0)], replace(EVERYWHERE, junction_tolerance_m=0.0))
    assert (exact.node >= 0).tolist() == [True, False]


def test_points_on_vertices_of_a_bend() -> None:
    """A point on an inner vertex belongs to the piece that begins there, at its very start, or ends there."""
    world = ToyWorld({"a": (0, 0), "b": (500, 300), "c": (1000, 0)})
    world.road("a b c")
    timed = world.timed()
    places = put(timed, [(500, 300)])
    half = timed.times.road_forward_s[0] / 2
    np.testing.assert_allclose(places.from_tail_s, [half, half], rtol=1e-6)
    np.testing.assert_allclose(places.to_head_s, [half, half], rtol=1e-6)


def test_pieces_of_no_length_hold_no_trap() -> None:
    """Points beside doubled vertices, and a road that has no length at all, are placed without a fault."""
    world = ToyWorld({"a": (0, 0), "a2": (0, 0), "b": (500, 0), "b2": (500, 0), "c": (1000, 0), "z": (0, 0)})
    world.road("a a2 b b2 c")
    world.road("a z", "residential")
    timed = world.timed()
    found = snap(timed.network, [(0, 10), (500, 10), (750, 10), (1000, 10)])
    assert np.isfinite(found.fraction).all()
    places = place_points(timed, found, EVERYWHERE)
    assert np.isfinite(places.from_tail_s).all()
    np.testing.assert_allclose(places.from_tail_s + places.to_head_s, timed.edge_s[places.edge], atol=1e-9)


def test_no_points_and_a_report() -> None:
    """No points give no places; progress ends at one and can stop the work."""
    index = build_snap_index(crossroads().network(), EVERYWHERE)
    assert len(snap_points(index, np.zeros(0), np.zeros(0))) == 0
    shares: list[float] = []
    snap_points(index, *lon_lat([(0, 0)]), progress=lambda share, step: shares.append(share) is None)
    assert shares == [1.0]
    with pytest.raises(CancelledError):
        snap_points(index, *lon_lat([(0, 0)]), progress=lambda share, step: False)


def test_many_points_are_placed_like_few() -> None:
    """More points than one portion holds get the same places as each on its own."""
    index = build_snap_index(crossroads().network(), EVERYWHERE)
    lon, lat = lon_lat([(float(east), 40.0) for east in range(-900, 900, 450)])
    shares: list[float] = []
    many = snap_points(
        *(index, np.tile(lon, 13_000), np.tile(lat, 13_000)),
        progress=lambda share, step: shares.append(share) is None,
    )
    assert shares == [50_000 / 52_000, 1.0]
    few = snap_points(index, lon, lat)
    for name in ("road", "slot", "fraction", "node", "access_m"):
        np.testing.assert_array_equal(getattr(many, name), np.tile(getattr(few, name), 13_000))


def test_a_place_is_independent_of_speeds() -> None:
    """The same places serve every season: only their times change."""
    network = crossroads().network()
    found = snap(network, [(500, 0)])
    speeds = replace(PLAIN_SPEEDS, seasons=(("snow", (("*", 0.5),)),))
    summer, snow = (build_timed_network(network, speeds, season=season) for season in ("summer", "snow"))
    fast, slow = place_points(summer, found, EVERYWHERE), place_points(snow, found, EVERYWHERE)
    np.testing.assert_allclose(slow.from_tail_s, 2 * fast.from_tail_s)
    np.testing.assert_array_equal(slow.edge, fast.edge)
