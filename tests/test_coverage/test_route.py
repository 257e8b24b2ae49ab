"""Routes: the way is the one the tables timed, taken apart without a remainder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_study import build_random_study
from toy_worlds import ToyWorld, build_study, demand_table, station_table, to_degrees

from coverage.access.assessment import assess, find_nearest, find_reach
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.model import IntArray
from coverage.network.settings import AssessmentSettings, TravelDirection
from coverage.network.speeds import SpeedTable, TurnDelays
from coverage.travel.place_to_stations import compute_to_all, turn_around
from coverage.travel.route import Route, find_nearest_route, find_spot
from coverage.travel.travel_basis import TravelBasis, build_travel_basis
from coverage.units import compute_lengths_m
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.roads.network_cache import open_network

ANY = StationChoice()
SLOW_TURNS = SpeedTable(
    "turns",
    (("residential", 30.0), ("secondary", 60.0)),
    delays_s=(("traffic_signals", 12.0),),
    turns=TurnDelays(turn_s=6.0),
)


def _check_whole(route: Route, minutes: float) -> None:
    """Check that a route adds up to its time and that its line is as long as its legs."""
    assert route.minutes == pytest.approx(minutes, rel=2e-7, abs=1e-9)
    parts = (route.access_min, route.first_road_min, route.roads_min, route.last_road_min, route.delay_min)
    assert sum(parts) + route.egress_min == pytest.approx(route.minutes, rel=1e-12)
    assert sum(leg.minutes for leg in route.legs) == pytest.approx(route.minutes, rel=1e-9)
    assert min(leg.minutes for leg in route.legs) >= 0.0
    assert sum(leg.length_m for leg in route.legs if leg.kind == "road") == pytest.approx(route.length_m, abs=1e-6)
    steps = compute_lengths_m(route.lon[:-1], route.lat[:-1], route.lon[1:], route.lat[1:])
    walked = sum(leg.length_m for leg in route.legs if leg.kind == "access")
    assert steps.sum() == pytest.approx(route.length_m + walked, rel=2e-3, abs=2.0)


def _corner(**changes: object) -> Study:
    """Return a home on one road and an office round the corner.

    ::

        home                      home 90 m south of the road, 500 m before the corner m
        a ---------- m            secondary 60 km/h, signals on the way at x, 200 m before m
             x       |            office on the residential road (30 km/h), 400 m past m, 45 m off
                     | office
                     b
    """
    world = ToyWorld(
        {"a": (-1000, 0), "x": (-200, 0), "m": (0, 0), "b": (0, -1000), "e": (1000, 0)},
        delays={"x": ("traffic_signals", 0)},
    )
    world.road("a x m")
    world.road("m b", "residential")
    world.road("m e")
    return build_study(
        world.network(),
        demand_table([(-500.0, -90.0)], [10.0], [""]),
        station_table([(45.0, -400.0)], [""]),
        speeds=SLOW_TURNS,
        **changes,  # type: ignore[arg-type]
    )


def test_parts_of_a_way_worked_out_by_hand() -> None:
    """Walk 90 m, 500 m at 60 km/h, signals 12 s, a right-angled turn of 3 s, 400 m at 30 km/h, walk 45 m."""
    basis = build_travel_basis(_corner())
    spot = find_spot(basis, *to_degrees(-500.0, -90.0))
    route = find_nearest_route(basis, spot, np.array([0], np.int32))
    assert route is not None
    assert route.station_id == "s0"
    # A turn by a right angle costs turn_s / (1 + exp(-(13 * 90 / 180 - 6.5))) = 6 / 2 seconds.
    assert [leg.kind for leg in route.legs] == ["access", "road", "road", "delay", "access"]
    assert [leg.road_class for leg in route.legs] == ["", "secondary", "residential", "", ""]
    assert [leg.length_m for leg in route.legs] == pytest.approx([90, 500, 400, 0, 45], rel=1e-3)
    assert [leg.minutes for leg in route.legs] == pytest.approx([1.2, 0.5, 0.8, 15 / 60, 0.6], rel=1e-3)
    assert (route.first_road_min, route.roads_min) == (pytest.approx(0.5, rel=1e-3), 0.0)
    assert route.last_road_min == pytest.approx(0.8, rel=1e-3)
    _check_whole(route, float(assess(basis, ANY).demand["minutes"].iloc[0]))
    # From home over the foot of the walk, x and m to the office: seven places at most.
    expected = [to_degrees(*place) for place in [(-500, -90), (-500, 0), (-200, 0), (0, 0), (0, -400), (45, -400)]]
    np.testing.assert_allclose(np.column_stack((route.lon, route.lat)), expected, atol=1e-7)


def test_from_the_station_the_way_runs_the_other_way() -> None:
    """For travel from the station the line begins at the station."""
    basis = build_travel_basis(_corner(), direction="from")
    route = find_nearest_route(basis, find_spot(basis, *to_degrees(-500.0, -90.0)), np.array([0], np.int32))
    assert route is not None
    assert [leg.road_class for leg in route.legs] == ["", "residential", "secondary", "", ""]
    assert (route.lon[0], route.lat[0]) == pytest.approx(to_degrees(45.0, -400.0))
    assert route.access_min == pytest.approx(0.6, rel=1e-3)
    _check_whole(route, float(assess(basis, ANY).demand["minutes"].iloc[0]))


def test_neighbours_on_one_road() -> None:
    """A station ahead on the same road is reached along it, without a turn."""
    world = ToyWorld({"a": (0, 0), "b": (3000, 0)})
    world.road("a b")
    study = build_study(
        world.network(),
        demand_table([(500.0, 0.0)], [1.0], [""]),
        station_table([(2500.0, 0.0)], [""]),
        settings=AssessmentSettings(),
    )
    for direction in ("to", "from"):
        basis = build_travel_basis(study, direction=direction)  # type: ignore[arg-type]
        route = find_nearest_route(basis, find_spot(basis, *to_degrees(500.0, 0.0)), np.array([0], np.int32))
        assert route is not None
        assert (route.first_road_min, route.roads_min, route.last_road_min) == (pytest.approx(2.0, rel=1e-3), 0, 0)
        _check_whole(route, float(assess(basis, ANY).demand["minutes"].iloc[0]))


def test_no_way_is_none() -> None:
    """Where no station is chosen or no road is near there is no route."""
    basis = build_travel_basis(_corner())
    near, far = find_spot(basis, *to_degrees(-500.0, 0.0)), find_spot(basis, *to_degrees(0.0, 60_000.0))
    assert find_nearest_route(basis, near, np.zeros(0, np.int32)) is None
    assert find_nearest_route(basis, far, np.array([0], np.int32)) is None


def _check_everybody(basis: TravelBasis, chosen: IntArray, rows: list[int]) -> int:
    answer = assess(basis, ANY).demand
    found = 0
    for row in rows:
        home = answer.iloc[row]
        route = find_nearest_route(basis, find_spot(basis, float(home["lon"]), float(home["lat"])), chosen)
        assert (route is None) == (not np.isfinite(home["minutes"]))
        if route is not None:
            assert route.station_id == home["station_id"]
            _check_whole(route, float(home["minutes"]))
            found += 1
    return found


@given(seed=st.integers(0, 2**32 - 1), direction=st.sampled_from(["to", "from"]))
def test_every_route_of_a_random_world_adds_up(seed: int, direction: TravelDirection) -> None:
    """One-ways, loops, bans, private roads and signals: the way takes the time of the tables."""
    basis = build_travel_basis(build_random_study(seed), direction=direction)
    _check_everybody(basis, find_nearest(basis, ANY)[1], list(range(30)))


@given(seed=st.integers(0, 2**32 - 1), direction=st.sampled_from(["to", "from"]))
def test_one_search_answers_for_all_stations(seed: int, direction: TravelDirection) -> None:
    """Searched from the place, the times to all stations are those searched from the stations."""
    study = build_random_study(seed)
    basis = build_travel_basis(study, direction=direction)
    outward = turn_around(basis)
    minutes = np.full((len(study.demand), len(study.stations)), np.inf, np.float32)
    for block in find_reach(basis, 1e4):
        pairs = block.find_pairs()
        minutes[np.repeat(np.arange(len(minutes)), np.diff(pairs.ptr)), pairs.station] = pairs.minutes
    for row in range(0, len(minutes), 3):
        home = study.demand.iloc[row]
        spot = find_spot(basis, float(home["lon"]), float(home["lat"]))
        np.testing.assert_allclose(compute_to_all(basis, outward, spot.places), minutes[row], rtol=3e-7)


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["to", "from"])
def test_routes_in_a_real_city(shared_data: Path, direction: TravelDirection) -> None:
    """Three hundred random places of Andorra: every route takes, as a float32, the time of the tables."""
    speeds = read_speeds(default_speeds_path("drive"))
    network, _ = open_network(shared_data / "roads" / "andorra.osm.pbf", "drive", speeds.classes, folder=None)
    rng = np.random.default_rng(7)
    at = rng.integers(0, network.node_count, 308)
    lon = network.node_lon[at] + rng.normal(0.0, 0.003, 308)
    lat = network.node_lat[at] + rng.normal(0.0, 0.003, 308)
    demand = demand_table([(0.0, 0.0)] * 300, [1.0] * 300, [""] * 300).assign(lon=lon[:300], lat=lat[:300])
    stations = station_table([(0.0, 0.0)] * 8, [""] * 8).assign(lon=lon[300:], lat=lat[300:])
    study = build_study(network, demand, stations, speeds=speeds, settings=AssessmentSettings())
    basis = build_travel_basis(study, direction=direction)
    assert _check_everybody(basis, np.arange(8, dtype=np.int32), list(range(300))) > 250
