"""Rules of a question: own jurisdiction, closed roads, a day in the future, thresholds of a place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_study import build_random_study
from shapely.geometry import box
from toy_worlds import (
    EVERYWHERE,
    PLAIN_SPEEDS,
    ToyWorld,
    build_study,
    crossroads,
    demand_table,
    district_table,
    station_table,
    to_degrees,
)

from coverage.access.assessment import assess, find_nearest, find_reach
from coverage.access.explain import explain_place
from coverage.access.point_query import locate_point
from coverage.errors import InputError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import (
    Question,
    find_own_level,
    find_place_cutoff,
    find_question_closed,
    find_question_cutoffs,
    settle_question,
)
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.inputs.thresholds import ThresholdRule, ThresholdTable
from coverage.network.closures import Closure
from coverage.network.settings import AssessmentSettings
from coverage.travel.time_field import build_grid, compute_time_field, join_grid
from coverage.travel.travel_basis import build_travel_basis, change_basis

ANY = StationChoice()
SETTINGS = AssessmentSettings(cutoff_min=1.0, snap=EVERYWHERE)
# c1 holds the western arm with the townships t1 and t2, c2 the rest.
DISTRICTS = [("c1", "county", ""), ("c2", "county", ""), ("t1", "township", "c1"), ("t2", "township", "c1")]


def two_counties() -> Study:
    """People at the ends of three arms; a station of c1 in the far west, one of c2 in the middle.

    ::

        W = S0 (c1) ---- 1 km ---- m = S1 (c2) ---- 1 km ---- E (c2)
                                   |
                                   N 1 km north: outside all districts
    """
    demand = demand_table(
        [(-1000.0, 0.0), (-100.0, 0.0), (1000.0, 0.0), (0.0, 1000.0)], [10, 20, 30, 40], ["t1", "t2", "c2", ""]
    )
    stations = station_table([(-1000.0, 0.0), (0.0, 0.0)], ["t1", "c2"])
    return build_study(crossroads().network(), demand, stations, district_table(DISTRICTS), SETTINGS, PLAIN_SPEEDS)


def test_residents_keep_to_their_own_county() -> None:
    """At -100 m the middle is nearer, but the station of the own county is 900 m away; outside all is free."""
    study = two_counties()
    free = assess(build_travel_basis(study), ANY, cutoff_min=60.0)
    assert free.demand["minutes"].astype(float).round(3).tolist() == [0.0, 0.1, 1.0, 1.0]
    own = assess(build_travel_basis(study, own_level="county"), ANY, cutoff_min=60.0)
    assert own.demand["minutes"].astype(float).round(3).tolist() == [0.0, 0.9, 1.0, 1.0]
    assert own.demand["station_id"].tolist() == ["s0", "s0", "s1", "s1"]


def test_a_unit_without_a_station_has_none() -> None:
    """By townships only t1 has a station: t2 and the county c2, which is in no township, differ."""
    study = two_counties()
    own = assess(build_travel_basis(study, own_level="township"), ANY, cutoff_min=60.0)
    # c2's people are in no township, so they may go anywhere; t2 has no station at all.
    assert own.demand["status"].tolist() == ["covered", "no_route", "covered", "covered"]
    assert np.isinf(own.demand["minutes"].iloc[1])


def test_places_asked_about_follow_the_same_rule() -> None:
    """A clicked place, its explanation and the picture say what the table says for people there."""
    study = two_counties()
    outlines = study.districts.copy()
    west, east = to_degrees(-2000.0, 0.0)[0], to_degrees(-50.0, 0.0)[0]

    outlines.geometry = [
        box(west, -0.01, east, 0.01),
        box(east, -0.01, 10.1, 0.01),
        *[box(west, -0.01, east, 0.01)] * 2,
    ]
    study = replace(study, districts=outlines)
    basis = build_travel_basis(study, own_level="county")
    place = to_degrees(-100.0, 0.0)
    told = assess(basis, ANY, cutoff_min=60.0).demand.iloc[1]
    assert locate_point(basis, *place, ANY).station_id == told["station_id"] == "s0"
    explained = explain_place(basis, *place, ANY)
    assert (explained.station_id, explained.minutes) == ("s0", told["minutes"])
    assert explained.next_nearest is None
    grid = build_grid((place[0] - 1e-4, -1e-4, place[0] + 1e-4, 1e-4), cells=1)
    field = join_grid(basis, grid, np.ones(grid.rows * grid.columns, bool))
    minutes, _ = compute_time_field(basis, field, np.array([0, 1], np.int32))
    assert minutes.flat[0] == pytest.approx(0.9, abs=0.02)


@given(seed=st.integers(0, 2**32 - 1), level=st.sampled_from(["county", "township"]))
def test_own_jurisdiction_never_beats_free_choice(seed: int, level: str) -> None:
    """Every time is at least that of free choice, equals brute force over own stations, and the matrix agrees."""
    study = build_random_study(seed)
    free, own = build_travel_basis(study), build_travel_basis(study, own_level=level)
    freely, bound = find_nearest(free, ANY)[0].minutes, find_nearest(own, ANY)[0].minutes
    assert (bound >= freely).all()
    chosen = find_nearest(own, ANY)[1]
    assert own.demand.unit is not None
    assert own.stations.unit is not None
    expected = np.full(len(bound), np.inf, np.float32)
    for station in chosen.tolist():
        alone = find_nearest(free, ANY, wanted=np.arange(len(study.stations)) == station)[0].minutes
        allowed = (own.demand.unit < 0) | (own.demand.unit == own.stations.unit[station])
        expected = np.where(allowed, np.minimum(expected, alone), expected)
    np.testing.assert_array_equal(bound, expected)
    least = np.full(len(bound), np.inf, np.float32)
    wanted = np.isin(np.arange(len(study.stations)), chosen)
    for block in find_reach(own, np.inf):
        pairs = block.find_pairs(wanted)
        np.minimum.at(least, np.repeat(np.arange(len(bound)), np.diff(pairs.ptr)), pairs.minutes)
    np.testing.assert_array_equal(least, bound)


@pytest.mark.parametrize(
    ("asked", "expected"), [("", ""), ("village", "county"), ("county", "county"), ("township", "township")]
)
def test_the_level_asked_for_decides_who_is_responsible(asked: str, expected: str) -> None:
    """A township station serves its township; where the districts know no such level the county decides."""
    question = Question(StationChoice(level=asked), own_jurisdiction=bool(asked))
    assert find_own_level(two_counties(), question) == expected


def test_an_unknown_level_is_refused() -> None:
    """A study without villages cannot keep residents to their village."""
    with pytest.raises(InputError, match=r"districts\.level_unknown"):
        build_travel_basis(two_counties(), own_level="village")


def test_a_closed_road_is_not_travelled() -> None:
    """With the eastern arm closed, its people stand on a road without a way out; others are untouched."""
    study = two_counties()
    closure = Closure("east", (to_degrees(500.0, 20.0),))
    closed = find_question_closed(study, Question(closures=(closure,)))
    assert closed is not None
    assert closed.sum() == 1
    shut = assess(build_travel_basis(study, closed=closed), ANY, cutoff_min=60.0)
    assert shut.demand["status"].tolist() == ["covered", "covered", "no_route", "covered"]
    again = assess(change_basis(build_travel_basis(study), closed=closed), ANY, cutoff_min=60.0)
    np.testing.assert_array_equal(again.demand["minutes"], shut.demand["minutes"])
    assert find_question_closed(study, Question()) is None


@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.0, 1.0))
def test_closing_roads_never_helps(seed: int, share: float) -> None:
    """No time becomes shorter, and nobody becomes covered."""
    study = build_random_study(seed)
    assert study.network is not None
    closed = np.random.default_rng(seed).random(study.network.road_count) < share
    basis = build_travel_basis(study)
    before, after = (find_nearest(one, ANY)[0].minutes for one in (basis, change_basis(basis, closed=closed)))
    assert (after >= before).all()


def test_planned_stations_open_on_their_day() -> None:
    """Asked about a day, planned stations that open until then count, and none that opens later does."""
    stations = station_table(
        [(0.0, 0.0)] * 4,
        [""] * 4,
        status=["existing", "existing", "planned", "planned"],
        open_date=["", "2027-01-01", "2026-06-30", ""],
    )
    study = replace(two_counties(), stations=stations)
    for day, rows in (("", [0, 1]), ("2026-06-29", [0]), ("2026-06-30", [0, 2]), ("2028-01-01", [0, 1, 2])):
        basis = build_travel_basis(study)
        assert assess(basis, StationChoice(on_date=day)).chosen.tolist() == rows


def test_thresholds_of_people_and_places() -> None:
    """A table gives every point its threshold; a place takes that of the people next to it."""
    study = two_counties()
    study = replace(study, demand=study.demand.assign(zone=["urban", "rural", "rural", "urban"]))
    table = ThresholdTable(
        "t", Name("", ""), "", (ThresholdRule(minutes=60.0), ThresholdRule(zone="urban", season="winter", minutes=30.0))
    )
    question = Question(thresholds=table, season="winter")
    assert find_question_cutoffs(study, question).tolist() == [30.0, 60.0, 60.0, 30.0]
    assert find_question_cutoffs(study, question, season="summer").tolist() == [60.0] * 4
    assert find_place_cutoff(study, question, *to_degrees(-900.0, 0.0)) == 30.0
    assert find_place_cutoff(study, question, *to_degrees(-200.0, 0.0)) == 60.0
    assert find_place_cutoff(study, Question(cutoff_min=45.0), 0.0, 0.0) == 45.0


def test_unknown_ids_are_refused_before_the_work() -> None:
    """A service nobody knows stops a question at once."""
    with pytest.raises(InputError, match=r"catalogue\.unknown_id"):
        settle_question(two_counties(), Question(services=("flying",)))


def test_direction_can_be_turned_round() -> None:
    """On a one-way road the way there and the way back differ."""
    world = ToyWorld({"a": (0, 0), "b": (1000, 0), "c": (0, 500), "d": (1000, 500)})
    world.road("a b", oneway=True)
    world.road("b d c a", oneway=True)
    demand = demand_table([(200.0, 0.0)], [1], [""])
    study = build_study(world.network(), demand, station_table([(800.0, 0.0)], [""]), settings=SETTINGS)
    basis = build_travel_basis(study)
    there, back = (find_nearest(one, ANY)[0].minutes[0] for one in (basis, change_basis(basis, direction="from")))
    assert there == pytest.approx(0.6, abs=1e-3)
    assert back == pytest.approx(2.4, abs=1e-3)
