"""Why is this place red: the facts that decide its class, and what would change it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_study import build_random_study
from toy_worlds import PLAIN_SPEEDS, build_study, crossroads, demand_table, station_table, to_degrees

from coverage.access.assessment import assess, find_reach
from coverage.access.explain import Explanation, explain_place
from coverage.errors import InputError
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.settings import AssessmentSettings, SnapSettings
from coverage.travel.place_to_stations import turn_around
from coverage.travel.travel_basis import TravelBasis, build_travel_basis

NOTARY = StationChoice(service="notary")


def _study(**changes: object) -> Study:
    """Return the crossroads with offices, a motorway, and an islet of road to the east.

    ::

            n         s0 at the middle does advice and notary, s1 at the western end advice only,
            |         s2 (planned) and s3 (closed) north and south do both
        w - m - e     o 3 km east of e: an islet of 2 km
            |
            s         v: a motorway 500 m south of s
          v --- v
    """
    world = crossroads()
    world.places |= {"o": (4000, 0), "o2": (6000, 0), "v": (-1000, -1500), "v2": (1000, -1500)}
    world.road("o o2", "track")
    world.road("v v2", "motorway")
    stations = station_table(
        [(0, 0), (-1000, 0), (0, 1000), (0, -1000)],
        [""] * 4,
        services=[("advice", "notary"), ("advice",), ("advice", "notary"), ("advice", "notary")],
        status=["existing", "existing", "planned", "closed"],
    )
    snap = SnapSettings(max_access_m=600.0, min_component_km=0.0, junction_tolerance_m=0.5)
    study = build_study(
        world.network(),
        demand_table([(0.0, 0.0)], [1.0], [""]),
        stations,
        settings=AssessmentSettings(cutoff_min=1.0, snap=snap),
    )
    return replace(study, **changes)  # type: ignore[arg-type]


def _explain(east: float, north: float, choice: StationChoice = NOTARY, **more: object) -> Explanation:
    return explain_place(build_travel_basis(_study()), *to_degrees(east, north), choice, **more)  # type: ignore[arg-type]


def test_a_covered_place() -> None:
    """500 m west of the middle: half a minute to the office there, next to nobody else with the item."""
    answer = _explain(-500.0, 0.0)
    assert (answer.status, answer.station_id, answer.over_min) == ("covered", "s0", 0.0)
    assert answer.minutes == pytest.approx(0.5, rel=1e-3)
    assert answer.route is not None
    assert answer.route.station_id == "s0"
    assert answer.next_nearest is None
    assert answer.link is None
    assert answer.road is not None
    assert (answer.road.road_class, answer.road.is_main, answer.road.reason) == ("secondary", True, "")
    assert answer.road.component_km == pytest.approx(4.0, rel=0.01)
    assert answer.station_count == 1
    # s1 is 500 m the other way and of the same family, but does no notary's work.
    assert [(one.station_id, one.is_within) for one in answer.without_item] == [("s1", True)]
    any_item = _explain(-500.0, 0.0, StationChoice())
    assert any_item.next_nearest is not None
    assert {any_item.station_id, any_item.next_nearest.station_id} == {"s0", "s1"}
    assert any_item.without_item == ()


def test_a_place_beyond_the_threshold() -> None:
    """A home 150 m beside the northern arm: two minutes of walk and 0.9 to drive are 1.9 too many."""
    answer = _explain(150.0, 900.0)
    assert answer.status == "beyond"
    assert answer.access_min == pytest.approx(2.0, rel=1e-3)
    assert answer.minutes == pytest.approx(2.9, rel=1e-3)
    assert answer.over_min == pytest.approx(1.9, rel=2e-3)
    assert answer.planned is not None
    assert (answer.planned.station_id, answer.planned.status, answer.planned.is_within) == ("s2", "planned", False)
    assert answer.planned.minutes == pytest.approx(2.1, rel=1e-3)
    assert answer.closed is not None
    assert (answer.closed.station_id, answer.closed.status) == ("s3", "closed")
    assert _explain(150.0, 900.0, cutoff_min=3.0).status == "covered"
    # Whoever asks for planned points too has them among the chosen, not among what could be.
    both = _explain(150.0, 900.0, StationChoice(service="notary", status=("existing", "planned")))
    assert (both.station_id, both.planned, both.station_count) == ("s2", None, 2)


def test_a_place_without_a_route() -> None:
    """On the islet no station is reached; a link of 3.5 km at 30 km/h and a minute on the road would take 8."""
    answer = _explain(4500.0, 0.0)
    assert (answer.status, answer.minutes, answer.station_id, answer.over_min) == ("no_route", np.inf, "", np.inf)
    assert answer.road is not None
    assert (answer.road.road_class, answer.road.is_main) == ("track", False)
    assert answer.road.component_km == pytest.approx(2.0, rel=0.01)
    assert (answer.route, answer.next_nearest, answer.without_item) == (None, None, ())
    assert answer.link is not None
    assert answer.link.length_m == pytest.approx(3500.0, rel=1e-3)
    assert answer.link.minutes == pytest.approx(7.0 + 1.0, rel=1e-3)
    assert (answer.link.lon, answer.link.lat) == pytest.approx(to_degrees(1000.0, 0.0), abs=1e-7)
    slow = _explain(4500.0, 0.0, new_road_kph=15.0)
    assert slow.link is not None
    assert slow.link.minutes == pytest.approx(15.0, rel=1e-3)


def test_a_place_without_a_road() -> None:
    """Behind the motorway the next usable road is 1,100 m off; the motorway is nearer and says why not."""
    answer = _explain(0.0, -2100.0)
    assert (answer.status, answer.access_min) == ("unconnected", np.inf)
    assert answer.road is not None
    assert answer.road.distance_m == pytest.approx(1100.0, rel=1e-3)
    assert answer.unused_road is not None
    assert (answer.unused_road.road_class, answer.unused_road.reason) == ("motorway", "motorway")
    assert answer.unused_road.distance_m == pytest.approx(600.0, rel=1e-3)
    assert answer.link is not None
    assert answer.link.minutes == pytest.approx(2.2 + 1.0, rel=1e-3)


def test_small_pieces_say_that_they_are_small() -> None:
    """Where the islet is too small to be used, it is the nearer road that is not used."""
    study = _study()
    snap = replace(study.settings.snap, min_component_km=3.0)
    basis = build_travel_basis(replace(study, settings=replace(study.settings, snap=snap)))
    answer = explain_place(basis, *to_degrees(4500.0, 10.0), NOTARY)
    assert answer.status == "unconnected"
    assert answer.unused_road is not None
    assert (answer.unused_road.reason, answer.unused_road.distance_m) == (
        "small_component",
        pytest.approx(10.0, rel=1e-3),
    )
    assert answer.road is not None
    assert answer.road.distance_m == pytest.approx(3500.0, rel=1e-3)


def test_a_road_that_is_closed_in_winter() -> None:
    """A home on a road of a class that is closed in a season has no route, and the road says that it is closed."""
    speeds = replace(PLAIN_SPEEDS, seasons=(("snow", (("secondary", 0.0),)),))
    basis = build_travel_basis(_study(speeds=speeds), season="snow")
    answer = explain_place(basis, *to_degrees(500.0, 0.0), NOTARY)
    assert (answer.status, answer.season) == ("no_route", "snow")
    assert answer.road is not None
    assert answer.road.reason == "closed"


def test_nobody_does_it() -> None:
    """Without a station there is no link to one either; what lacks the item is listed."""
    answer = _explain(500.0, 0.0, StationChoice(service="notary", level="village"))
    assert (answer.station_count, answer.status, answer.link) == (0, "no_route", None)
    assert (answer.reason, answer.outside) == ("not_offered", None)
    licence = _explain(500.0, 0.0, StationChoice(service="licence"))
    assert licence.without_item == ()


@pytest.mark.parametrize("place", [(float("nan"), 0.0), (0.0, 89.0), (200.0, 10.0)])
def test_a_place_off_the_map_is_refused(place: tuple[float, float]) -> None:
    """A position that is none on the map is named."""
    with pytest.raises(InputError, match=r"point\.position_invalid"):
        explain_place(build_travel_basis(_study()), *place, NOTARY)


def _times_of(basis: TravelBasis, count: int) -> np.ndarray:
    minutes = np.full((count, len(basis.study.stations)), np.inf, np.float32)
    for block in find_reach(basis, 1e4):
        pairs = block.find_pairs()
        minutes[np.repeat(np.arange(count), np.diff(pairs.ptr)), pairs.station] = pairs.minutes
    return minutes


@given(seed=st.integers(0, 2**32 - 1), direction=st.sampled_from(["to", "from"]))
def test_an_explanation_agrees_with_the_tables(seed: int, direction: str) -> None:
    """Class, minutes and station are those of the assessment; next nearest, planned and closed those of the matrix."""
    study = build_random_study(seed)
    basis = build_travel_basis(study, direction=direction)  # type: ignore[arg-type]
    outward = turn_around(basis)
    table = assess(basis, StationChoice()).demand
    minutes = _times_of(basis, len(table))
    status = study.stations["status"].to_numpy(object)
    for row in range(0, len(table), 5):
        home = table.iloc[row]
        answer = explain_place(basis, float(home["lon"]), float(home["lat"]), StationChoice(), outward=outward)
        assert (answer.status, answer.station_id) == (home["status"], home["station_id"])
        assert np.float32(answer.minutes) == home["minutes"]
        existing = np.sort(minutes[row, status == "existing"])
        if answer.next_nearest is None:
            assert np.isinf(existing[1])
        else:
            assert answer.next_nearest.minutes == pytest.approx(existing[1], rel=1e-6)
        for found, name in ((answer.planned, "planned"), (answer.closed, "closed")):
            best = minutes[row, status == name].min(initial=np.inf)
            assert (np.inf if found is None else found.minutes) == pytest.approx(best, rel=1e-6)
        if answer.link is not None:
            assert answer.status in ("no_route", "unconnected")
            assert np.isfinite(answer.link.minutes)


def test_closed_doors_do_not_count() -> None:
    """With the office in the middle shut, nobody else has a notary; asked for any item, the western one is nearest."""
    shut = np.array([False, True, True, True])
    answer = _explain(-500.0, 0.0, wanted=shut)
    assert (answer.status, answer.station_id, answer.station_count) == ("no_route", "", 0)
    assert answer.reason == "closed_then"
    answer = _explain(-400.0, 0.0, StationChoice(), wanted=shut)
    assert (answer.status, answer.station_id, answer.station_count) == ("covered", "s1", 1)
    assert answer.minutes == pytest.approx(0.6, rel=1e-3)
