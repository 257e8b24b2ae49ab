"""What is updated after edits equals what is searched from scratch, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_study import build_random_study
from scenario_edits import draw_edits
from toy_worlds import PLAIN_SPEEDS, ToyWorld, build_study, demand_table, station_table, to_degrees

from coverage.access.assessment import find_nearest
from coverage.inputs.stations import StationChoice
from coverage.network.closures import Closure
from coverage.network.settings import AssessmentSettings
from coverage.scenario.apply_edits import apply_edits
from coverage.scenario.edited_basis import change_roads, change_stations
from coverage.scenario.edits import AddStation, CloseRoads, CloseStation, Edit, MoveStation, SlowRoads
from coverage.scenario.updated_times import ScenarioTimes
from coverage.travel.travel_basis import build_travel_basis
from coverage.travel.travel_time import Nearest

CHOICES = (StationChoice(), StationChoice(service="notary"))


def _update(times: ScenarioTimes, edits: tuple[Edit, ...], choice: StationChoice) -> tuple[Nearest, np.ndarray]:
    after = change_stations(times.basis, apply_edits(times.basis.study, edits))
    return times.find_nearest(after, choice)


def _assert_same(one: tuple[Nearest, np.ndarray], other: tuple[Nearest, np.ndarray]) -> None:
    assert one[0].minutes.tobytes() == other[0].minutes.tobytes()
    assert np.array_equal(one[0].station, other[0].station)
    assert np.array_equal(one[0].is_connected, other[0].is_connected)
    assert np.array_equal(one[1], other[1])
    assert one[0].route_m is not None
    np.testing.assert_allclose(one[0].route_m, other[0].route_m, atol=1e-6)


@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 6),
    first_s=st.sampled_from([1.0, 20.0, 60.0, 600.0]),
    own_level=st.sampled_from(["", "", "county"]),
)
def test_updated_times_equal_a_full_search(seed: int, count: int, first_s: float, own_level: str) -> None:
    """Whatever is edited and however near the first search ends, minutes and stations are those of a new search."""
    study = build_random_study(seed, people=40, stations=3 + seed % 6)
    basis = build_travel_basis(study, own_level=own_level)
    times = ScenarioTimes(basis)
    after = apply_edits(study, draw_edits(study, count, seed))
    updated, full = change_stations(basis, after), build_travel_basis(after, own_level=own_level)
    for name in ("point", "edge", "from_tail_s", "to_head_s", "access_s"):
        assert np.array_equal(getattr(updated.stations, name), getattr(full.stations, name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coverage.scenario.station_rows._FIRST_S", first_s)
        for choice in CHOICES:
            _assert_same(times.find_nearest(updated, choice), find_nearest(full, choice, with_roads=True))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.permutations(range(4)))
def test_adding_one_by_one_equals_adding_at_once_in_any_order(seed: int, order: list[int]) -> None:
    """Four stations give the same study, fingerprint and times in whatever order they come."""
    study = build_random_study(seed, people=40, stations=4)
    edits = tuple(edit for edit in draw_edits(study, 30, seed) if isinstance(edit, AddStation))[:4]
    order = [number for number in order if number < len(edits)]
    times = ScenarioTimes(build_travel_basis(study))
    shuffled: tuple[Edit, ...] = tuple(edits[number] for number in order)
    for count in range(len(shuffled)):
        _update(times, shuffled[: count + 1], CHOICES[0])
    one, other = apply_edits(study, edits), apply_edits(study, shuffled)
    assert one.stations.equals(other.stations)
    assert one.fingerprint == other.fingerprint
    _assert_same(_update(times, shuffled, CHOICES[0]), _update(times, edits, CHOICES[0]))
    _assert_same(_update(times, edits, CHOICES[0]), find_nearest(build_travel_basis(one), CHOICES[0], with_roads=True))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_closing_what_was_added_restores_to_the_bit(seed: int) -> None:
    """A station that was added and closed leaves every time as it was; so does one moved away and back."""
    study = build_random_study(seed, people=40, stations=4)
    basis = build_travel_basis(study)
    times = ScenarioTimes(basis)
    before = find_nearest(basis, CHOICES[0], with_roads=True)
    lon, lat = (float(value) for value in study.stations[["lon", "lat"]].iloc[1])
    added = AddStation("new", lon, lat + 0.003, "office")
    closed = _update(times, (added, CloseStation("new")), CHOICES[0])
    assert closed[0].minutes.tobytes() == before[0].minutes.tobytes()
    assert np.array_equal(closed[0].station, before[0].station)
    _assert_same(_update(times, (MoveStation("s1", lon, lat + 0.003), MoveStation("s1", lon, lat)), CHOICES[0]), before)
    _assert_same(_update(times, (), CHOICES[0]), before)


def test_a_study_without_stations_gets_its_first_one() -> None:
    """Where nobody could go anywhere, the first station serves everybody it can be reached by."""
    study = build_random_study(7, people=40, stations=3)
    edits: tuple[Edit, ...] = tuple(
        CloseStation(one) for one in study.stations.index[study.stations["status"] != "closed"]
    )
    empty = apply_edits(study, edits)
    times = ScenarioTimes(build_travel_basis(empty))
    assert not np.isfinite(times.find_nearest(times.basis, CHOICES[0])[0].minutes).any()
    first = (AddStation("first", 87.62, 43.82, "office"),)
    found = _update(times, first, CHOICES[0])
    _assert_same(found, find_nearest(build_travel_basis(apply_edits(empty, first)), CHOICES[0], with_roads=True))
    assert np.isfinite(found[0].minutes).any()


def test_a_new_station_turns_a_small_net_into_a_net() -> None:
    """People of a valley of 8 km are joined to its own road while a station is tried there, and have none after it."""
    world = ToyWorld({"a": (0, 0), "b": (20_000, 0), "v": (2000, 3000), "w": (10_000, 3000)})
    world.road("a b")
    world.road("v w", "residential")
    demand = demand_table([(1000, 20), (2500, 3020)], [700.0, 300.0], [""] * 2)
    stations = station_table([(0, 0)], [""])
    study = build_study(
        world.network(), demand, stations, settings=AssessmentSettings(cutoff_min=30.0), speeds=PLAIN_SPEEDS
    )
    times = ScenarioTimes(build_travel_basis(study))
    before, _ = times.find_nearest(times.basis, CHOICES[0])
    assert before.is_connected.tolist() == [True, False]
    tried = (AddStation("new", *to_degrees(5000, 3010), "office"),)
    found = _update(times, tried, CHOICES[0])
    _assert_same(found, find_nearest(build_travel_basis(apply_edits(study, tried)), CHOICES[0], with_roads=True))
    assert found[0].is_connected.all()
    assert found[0].station.tolist() == [0, 1]
    closed = _update(times, (*tried, CloseStation("new")), CHOICES[0])
    assert closed[0].station.tolist() == [0, -1]


@pytest.mark.parametrize("seed", range(5))
def test_roads_that_change_are_priced_like_new(seed: int) -> None:
    """After a closed and a slowed road, and a new station, the basis equals one built from scratch."""
    study = build_random_study(seed, people=40)
    lon, lat = (study.demand[name].iloc[:2].tolist() for name in ("lon", "lat"))
    line = Closure("", ((lon[0], lat[0]), (lon[1], lat[1])))
    station = AddStation("n", lon[0], lat[1], "office")
    after = apply_edits(study, (CloseRoads(line), SlowRoads(Closure("", ((87.62, 43.82),)), 0.3), station))
    changed, built = change_roads(build_travel_basis(study), after), build_travel_basis(after)
    assert changed.timed.edge_s.tobytes() == built.timed.edge_s.tobytes()
    _assert_same(*(find_nearest(one, CHOICES[0], with_roads=True) for one in (changed, built)))


def test_beyond_the_memory_budget_answers_stay_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the budget has room for one choice only, the others are searched again and found the same."""
    study = build_random_study(3, people=40, stations=6)
    roomy, tight = (ScenarioTimes(build_travel_basis(study)) for _ in range(2))
    edits: tuple[Edit, ...] = (CloseStation("s1"), AddStation("n", 87.62, 43.82, "office"))
    expected = [_update(roomy, edits, choice) for choice in CHOICES]
    assert len(roomy._starts) == len(CHOICES)
    monkeypatch.setattr("coverage.scenario.updated_times._Start.megabytes", study.settings.memory_budget_mb)
    for choice, known in zip((*CHOICES, *CHOICES), (*expected, *expected), strict=True):
        _assert_same(_update(tight, edits, choice), known)
        assert len(tight._starts) == 1


def test_closing_all_but_one_station_leaves_everybody_to_it() -> None:
    """Where all stations but one close, everybody is searched for anew and goes to the one that stays."""
    study = build_random_study(11, people=60, stations=8)
    times = ScenarioTimes(build_travel_basis(study))
    offered = study.stations.index[study.stations["status"] == "existing"].tolist()
    edits = tuple(CloseStation(str(one)) for one in offered[1:])
    found = _update(times, edits, CHOICES[0])
    _assert_same(found, find_nearest(build_travel_basis(apply_edits(study, edits)), CHOICES[0], with_roads=True))
    assert set(found[0].station.tolist()) <= {-1, 0}
