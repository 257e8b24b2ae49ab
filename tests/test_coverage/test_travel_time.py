"""Door-to-door times: the engine against an independent computation, and the laws times must obey."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network_oracle import Oracle, PointOnPiece, build_random_lines, draw_points
from toy_worlds import EVERYWHERE, ToyWorld, crossroads, put

from coverage.network.contraction import build_network
from coverage.network.model import RoadLines
from coverage.network.settings import SnapSettings
from coverage.network.speeds import SpeedTable, TurnDelays
from coverage.travel import reach
from coverage.travel.reach import compute_reach, count_within
from coverage.travel.snapping import build_snap_index, snap_points
from coverage.travel.travel_time import Places, TimedNetwork, build_timed_network, compute_nearest, place_points
from coverage.units import is_within

SEEDS = st.integers(0, 2**32 - 1)
MODEST = settings(suppress_health_check=[HealthCheck.too_slow])
ON_THE_LINE = SnapSettings(min_component_km=0.0, junction_tolerance_m=0.01, max_access_m=5.0)
FULL_SPEEDS = SpeedTable(
    "full",
    (("residential", 30.0), ("secondary", 55.0), ("track", 15.0)),
    maxspeed_factor=0.8,
    surface_kph=(("gravel", 40.0),),
    delays_s=(("gate", 30.0), ("give_way", 2.0), ("level_crossing", 15.0), ("stop", 4.0), ("traffic_signals", 18.0)),
    turns=TurnDelays(7.5, 4.0, 20.0),
    seasons=(("snow", (("*", 0.7), ("track", 0.0))),),
)


def _place(timed: TimedNetwork, lines: RoadLines, points: list[PointOnPiece]) -> Places:
    lon, lat = np.array([point.position(lines) for point in points]).T
    snapped = snap_points(build_snap_index(timed.network, ON_THE_LINE), lon, lat)
    assert snapped.access_m.max() < 0.001
    places = place_points(timed, snapped, ON_THE_LINE)
    return replace(places, access_s=np.zeros(places.count))


def _matrix(timed: TimedNetwork, demand: Places, stations: Places, **choices: float) -> np.ndarray:
    minutes = np.full((demand.count, stations.count), np.inf, np.float32)
    for block in compute_reach(timed, demand, stations, **choices):
        pairs = block.find_pairs()
        minutes[np.repeat(np.arange(demand.count), np.diff(pairs.ptr)), pairs.station] = pairs.minutes
    return minutes


@pytest.mark.parametrize("season", ["summer", "snow"])
@pytest.mark.parametrize("direction", ["to", "from"])
@MODEST
@given(seed=SEEDS)
def test_times_equal_an_independent_computation(seed: int, direction: str, season: str) -> None:
    """On small random worlds every pair has the time that networkx finds on the uncontracted lines."""
    lines = build_random_lines(seed)
    points = draw_points(lines, 9, seed)
    timed = build_timed_network(build_network(lines), FULL_SPEEDS, season=season, direction=direction)
    people, stations = list(range(5)), list(range(5, 9))
    found = _matrix(timed, _place(timed, lines, points[:5]), _place(timed, lines, points[5:])).astype(float) * 60.0
    oracle = Oracle(lines, points, FULL_SPEEDS, season)
    expected = (
        oracle.seconds_between(people, stations) if direction == "to" else oracle.seconds_between(stations, people).T
    )
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=5e-3)


@MODEST
@given(seed=SEEDS, direction=st.sampled_from(["to", "from"]))
def test_nearest_is_the_least_of_the_matrix_to_the_bit(seed: int, direction: str) -> None:
    """The one search from all stations and the search from each agree in every bit, and in the station."""
    lines = build_random_lines(seed)
    points = draw_points(lines, 16, seed)
    timed = build_timed_network(build_network(lines), FULL_SPEEDS, direction=direction)
    demand, stations = _place(timed, lines, points[:8]), _place(timed, lines, points[8:])
    matrix, nearest = _matrix(timed, demand, stations), compute_nearest(timed, demand, stations)
    np.testing.assert_array_equal(nearest.minutes, matrix.min(axis=1))
    assert nearest.minutes.dtype == matrix.dtype == np.float32
    reached = nearest.station >= 0
    np.testing.assert_array_equal(reached, np.isfinite(nearest.minutes))
    own = matrix[np.flatnonzero(reached), nearest.station[reached]]
    np.testing.assert_array_equal(own, nearest.minutes[reached])


@MODEST
@given(seed=SEEDS)
def test_blocks_hold_what_one_matrix_holds(seed: int) -> None:
    """With no memory to spare every station is a block, and all blocks together say the same."""
    lines = build_random_lines(seed)
    points = draw_points(lines, 16, seed)
    timed = build_timed_network(build_network(lines), FULL_SPEEDS)
    demand, stations = _place(timed, lines, points[:8]), _place(timed, lines, points[8:])
    blocks = list(compute_reach(timed, demand, stations, memory_budget_mb=1e-6))
    assert [block.first_station for block in blocks] == [0, *(block.last_station for block in blocks[:-1])]
    assert blocks[-1].last_station == 8
    np.testing.assert_array_equal(
        _matrix(timed, demand, stations, memory_budget_mb=1e-6), _matrix(timed, demand, stations)
    )


@MODEST
@given(seed=SEEDS, limit=st.floats(0.0, 40.0))
def test_a_limit_only_leaves_out_what_lies_beyond_it(seed: int, limit: float) -> None:
    """A truncated matrix equals the full one within the limit, the limit's own minute included."""
    lines = build_random_lines(seed)
    points = draw_points(lines, 14, seed)
    timed = build_timed_network(build_network(lines), FULL_SPEEDS)
    demand, stations = _place(timed, lines, points[:8]), _place(timed, lines, points[8:])
    full = _matrix(timed, demand, stations)
    for cut in (limit, float(full[np.isfinite(full)].max(initial=0.0))):
        expected = np.where(is_within(full, cut), full, np.float32(np.inf))
        np.testing.assert_array_equal(_matrix(timed, demand, stations, limit_min=cut), expected)


@MODEST
@given(seed=SEEDS)
def test_row_order_changes_no_minutes(seed: int) -> None:
    """Shuffling people and stations shuffles the answers and changes none."""
    lines = build_random_lines(seed)
    points = draw_points(lines, 14, seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(8), rng.permutation(6)
    timed = build_timed_network(build_network(lines), FULL_SPEEDS)
    people, stations = points[:8], points[8:]
    plain = compute_nearest(timed, _place(timed, lines, people), _place(timed, lines, stations))
    mixed = compute_nearest(
        timed,
        _place(timed, lines, [people[row] for row in rows]),
        _place(timed, lines, [stations[column] for column in columns]),
    )
    np.testing.assert_array_equal(mixed.minutes, plain.minutes[rows])


@MODEST
@given(seed=SEEDS)
def test_a_further_station_never_raises_a_time(seed: int) -> None:
    """Opening a station raises nobody's time and closing one lowers nobody's."""
    lines = build_random_lines(seed)
    points = draw_points(lines, 14, seed)
    timed = build_timed_network(build_network(lines), FULL_SPEEDS)
    demand, stations = _place(timed, lines, points[:8]), _place(timed, lines, points[8:])
    all_open = compute_nearest(timed, demand, stations).minutes
    for closed in range(6):
        rest = compute_nearest(timed, demand, stations.subset(np.delete(np.arange(6), closed))).minutes
        assert (all_open <= rest).all()


@MODEST
@given(seed=SEEDS)
def test_both_directions_agree_on_a_symmetric_world(seed: int) -> None:
    """Where every road runs both ways at one speed, going there takes as long as coming back."""
    lines = build_random_lines(seed)
    none = np.zeros(0, np.int32)
    lines = replace(
        lines,
        piece_oneway=np.zeros(len(lines.piece_oneway), bool),
        delay_way=np.zeros_like(lines.delay_way),
        profiles=lines.profiles.assign(maxspeed_forward_kph=np.nan, maxspeed_backward_kph=np.nan),
        ban_from=none,
        ban_via=none,
        ban_to=none,
        ban_only=np.zeros(0, bool),
    )
    points = draw_points(lines, 12, seed)
    network = build_network(lines)
    speeds = replace(FULL_SPEEDS, turns=TurnDelays(7.5, 0.0, 20.0))
    answers = []
    for direction in ("to", "from"):
        timed = build_timed_network(network, speeds, direction=direction)
        answers.append(_matrix(timed, _place(timed, lines, points[:6]), _place(timed, lines, points[6:])))
    np.testing.assert_allclose(answers[0], answers[1], rtol=1e-5)


def test_nobody_and_no_station_are_answers_too() -> None:
    """Without stations nobody is reached, without people the tables are empty: neither is an error."""
    timed = crossroads().timed()
    people, none = put(timed, [(500, 0), (0, 500)]), put(timed, [])
    nearest = compute_nearest(timed, people, none)
    assert nearest.minutes.tolist() == [np.inf, np.inf]
    assert nearest.station.tolist() == [-1, -1]
    assert compute_nearest(timed, none, people).minutes.shape == (0,)
    assert _matrix(timed, people, none).shape == (2, 0)
    assert _matrix(timed, none, people).shape == (0, 2)
    assert len(list(compute_reach(timed, people, none))) == 1


def test_a_point_without_a_road_is_unconnected() -> None:
    """Farther than the snap limit a point has no place, as a person and as a station."""
    timed = crossroads().timed()
    nearest = compute_nearest(timed, put(timed, [(500, 9000), (500, 0)]), put(timed, [(9000, 500), (0, 0)]))
    assert nearest.is_connected.tolist() == [False, True]
    assert nearest.station.tolist() == [-1, 1]
    assert nearest.minutes[0] == np.inf


def test_stations_within_the_threshold_are_counted() -> None:
    """Within two minutes of the north end are the north station and the middle one, the limit included."""
    timed = crossroads().timed()
    people, stations = put(timed, [(0, 1000), (0, 0)]), put(timed, [(0, 500), (0, 0), (1000, 0), (0, -9000)])
    blocks = list(compute_reach(timed, people, stations, limit_min=5.0))
    assert count_within(blocks, 2, 1.9).tolist() == [2, 3]
    assert count_within(blocks, 2, 2.001).tolist() == [3, 3]
    wanted = np.array([True, False, True, True])
    assert count_within(blocks, 2, 1.9, wanted).tolist() == [1, 2]


@MODEST
@given(seed=SEEDS, portion=st.integers(1, 40))
def test_counting_in_portions_counts_the_same(seed: int, portion: int) -> None:
    """However few pairs are expanded at a time, each person has as many stations within the threshold."""
    lines = build_random_lines(seed)
    points = draw_points(lines, 16, seed)
    timed = build_timed_network(build_network(lines), FULL_SPEEDS)
    demand, stations = _place(timed, lines, points[:8]), _place(timed, lines, points[8:])
    expected = is_within(_matrix(timed, demand, stations), 10.0).sum(axis=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "_PORTION", portion)
        blocks = list(compute_reach(timed, demand, stations, limit_min=30.0, memory_budget_mb=1e-4))
        assert count_within(blocks, 8, 10.0).tolist() == expected.tolist()
        for block in blocks:
            portions = block.find_portions()
            assert [portions[0][0], portions[-1][1]] == [0, 8]
            assert all(one[1] == two[0] for one, two in pairwise(portions))


def test_a_subset_of_places_keeps_each_point_its_own_roads() -> None:
    """Choosing stations renumbers them and keeps their places."""
    timed = crossroads().timed()
    everyone = put(timed, [(0, 500), (9000, 9000), (500, 0), (0, 0)])
    chosen = everyone.subset(np.array([1, 2, 3]))
    assert chosen.count == 3
    assert chosen.is_connected.tolist() == [False, True, True]
    direct = put(timed, [(9000, 9000), (500, 0), (0, 0)])
    np.testing.assert_array_equal(chosen.point, direct.point)
    np.testing.assert_array_equal(chosen.edge, direct.edge)
    np.testing.assert_array_equal(chosen.from_tail_s, direct.from_tail_s)


@MODEST
@given(share=st.lists(st.floats(0.0, 1.0), min_size=2, max_size=8))
def test_time_grows_along_a_road(share: list[float]) -> None:
    """Farther along a road of mixed speeds and waits is never earlier, in both directions."""
    world = ToyWorld(
        {"a": (0, 0), "b": (300, 0), "c": (900, 0), "d": (2000, 0)}, delays={"b": ("gate", 0), "c": ("stop", 2)}
    )
    world.road("a b", maxspeed_forward_kph=10.0, maxspeed_backward_kph=50.0)
    world.road("b c", surface="gravel")
    world.road("c d")
    timed = world.timed(FULL_SPEEDS)
    along = np.sort(np.array(share)) * 2000.0
    places = put(timed, [(float(east), 0.0) for east in along], replace(EVERYWHERE, junction_tolerance_m=0.0))
    forward = timed.network.edge_forward[places.edge] == (timed.network.vertex_lon[0] <= 10.005)
    for edge in np.unique(places.edge):
        rows = places.edge == edge
        order = np.argsort(places.point[rows])
        towards_d = np.diff(places.from_tail_s[rows][order])
        assert (towards_d >= -1e-9).all() if forward[rows][0] else (towards_d <= 1e-9).all()
        whole = places.from_tail_s[rows] + places.to_head_s[rows]
        np.testing.assert_allclose(whole, timed.edge_s[edge], rtol=1e-12)
