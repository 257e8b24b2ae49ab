"""What is updated after edits equals what is searched from scratch, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_study import build_random_study
from scenario_edits import draw_edits

from coverage.assessment import find_nearest
from coverage.closures import Closure
from coverage.errors import SettingsError
from coverage.scenario import AddStation, CloseRoads, CloseStation, Edit, MoveStation, SlowRoads
from coverage.scenario_apply import apply_edits
from coverage.scenario_basis import change_roads, change_stations
from coverage.scenario_times import ScenarioTimes
from coverage.stations import StationChoice
from coverage.travel_basis import build_travel_basis
from coverage.travel_time import Nearest

CHOICES = (StationChoice(), StationChoice(service="notary"))


def _update(times: ScenarioTimes, edits: tuple[Edit, ...], choice: StationChoice) -> tuple[Nearest, np.ndarray]:
    after = change_stations(times.basis, apply_edits(times.basis.study, edits))
    return times.find_nearest(after, choice)


def _assert_same(one: tuple[Nearest, np.ndarray], other: tuple[Nearest, np.ndarray]) -> None:
    assert one[0].minutes.tobytes() == other[0].minutes.tobytes()
    assert np.array_equal(one[0].station, other[0].station)
    assert np.array_equal(one[0].is_connected, other[0].is_connected)
    assert np.array_equal(one[1], other[1])


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 6),
    limit_min=st.sampled_from([0.5, 2.0, 5.0, 60.0]),
    own_level=st.sampled_from(["", "", "county"]),
)
def test_updated_times_equal_a_full_search(seed: int, count: int, limit_min: float, own_level: str) -> None:
    """Whatever is edited and however short the kept times are, minutes and stations are those of a new search."""
    study = build_random_study(seed, people=40, stations=3 + seed % 6)
    basis = build_travel_basis(study, own_level=own_level)
    times = ScenarioTimes(basis, limit_min)
    after = apply_edits(study, draw_edits(study, count, seed))
    updated, full = change_stations(basis, after), build_travel_basis(after, own_level=own_level)
    for name in ("point", "edge", "from_tail_s", "to_head_s", "access_s"):
        assert np.array_equal(getattr(updated.stations, name), getattr(full.stations, name))
    for choice in CHOICES:
        _assert_same(times.find_nearest(updated, choice), find_nearest(full, choice))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.permutations(range(4)))
def test_adding_one_by_one_equals_adding_at_once_in_any_order(seed: int, order: list[int]) -> None:
    """Four stations give the same study, fingerprint and times in whatever order they come."""
    study = build_random_study(seed, people=40, stations=4)
    edits = tuple(edit for edit in draw_edits(study, 30, seed) if isinstance(edit, AddStation))[:4]
    order = [number for number in order if number < len(edits)]
    times = ScenarioTimes(build_travel_basis(study), 3.0)
    shuffled: tuple[Edit, ...] = tuple(edits[number] for number in order)
    for count in range(len(shuffled)):
        _update(times, shuffled[: count + 1], CHOICES[0])
    one, other = apply_edits(study, edits), apply_edits(study, shuffled)
    assert one.stations.equals(other.stations)
    assert one.fingerprint == other.fingerprint
    _assert_same(_update(times, shuffled, CHOICES[0]), _update(times, edits, CHOICES[0]))
    _assert_same(_update(times, edits, CHOICES[0]), find_nearest(build_travel_basis(one), CHOICES[0]))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_closing_what_was_added_restores_to_the_bit(seed: int) -> None:
    """A station that was added and closed leaves every time as it was; so does one moved away and back."""
    study = build_random_study(seed, people=40, stations=4)
    basis = build_travel_basis(study)
    times = ScenarioTimes(basis, 2.0)
    before = find_nearest(basis, CHOICES[0])
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
    times = ScenarioTimes(build_travel_basis(empty), 1.0)
    assert not np.isfinite(times.find_nearest(times.basis, CHOICES[0])[0].minutes).any()
    first = (AddStation("first", 87.62, 43.82, "office"),)
    found = _update(times, first, CHOICES[0])
    _assert_same(found, find_nearest(build_travel_basis(apply_edits(empty, first)), CHOICES[0]))
    assert np.isfinite(found[0].minutes).any()


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
    _assert_same(find_nearest(changed, CHOICES[0]), find_nearest(built, CHOICES[0]))


def test_what_does_not_fit_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times beyond the study's memory budget raise an error that names the budget."""
    basis = build_travel_basis(build_random_study(3, people=40, stations=6))
    monkeypatch.setattr("coverage.reach._BYTES_PER_ENTRY", 1e9)
    with pytest.raises(SettingsError, match=r"scenario\.too_large"):
        ScenarioTimes(basis, 60.0)
