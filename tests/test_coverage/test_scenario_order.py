"""What each edit adds in order sums to what all of them do, in every order."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_study import build_random_study
from scenario_edits import draw_edits
from toy_worlds import build_study, crossroads, demand_table, district_table, station_table, to_degrees

from coverage.access.assessment import Assessment, assess
from coverage.errors import InputError
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.scenario.apply_edits import apply_edits, compute_cost, list_costs
from coverage.scenario.compare import compare
from coverage.scenario.edit_order import find_order_of_moves, list_prefixes, order_by_gain, order_edits, tabulate_gains
from coverage.scenario.edited_basis import change_stations
from coverage.scenario.edits import AddStation, CloseStation, Edit, MoveStation
from coverage.scenario.updated_times import ScenarioTimes
from coverage.travel.travel_basis import build_travel_basis
from geodata.intake.read_site_costs import DEFAULT_SITE_COSTS, read_site_costs

CHOICE = StationChoice()
COSTS = read_site_costs(DEFAULT_SITE_COSTS)


def _answer(study: Study, edits: tuple[Edit, ...], cutoff_min: float) -> list[Assessment]:
    basis = build_travel_basis(study)
    times = ScenarioTimes(basis)
    answers = []
    for prefix in list_prefixes(edits):
        after = change_stations(basis, apply_edits(study, prefix))
        answers.append(assess(after, CHOICE, cutoff_min=cutoff_min, found=times.find_nearest(after, CHOICE)))
    return answers


def _tabulate(study: Study, edits: tuple[Edit, ...], cutoff_min: float = 5.0) -> pd.DataFrame:
    return tabulate_gains(_answer(study, edits, cutoff_min), list_costs(study, edits, COSTS))


def _crossroads() -> Study:
    """Build the crossroads: 1, 2, 4, 8 people in the north, east, south, west; a station at the western end."""
    people = demand_table([(0, 1000), (1000, 0), (0, -1000), (-1000, 0)], [1, 2, 4, 8], ["a", "a", "b", "b"])
    districts = district_table([("a", "township", ""), ("b", "township", "")])
    return build_study(crossroads().network(), people, station_table([(-1000, 0)], ["b"]), districts)


def test_the_first_of_two_stations_takes_what_both_would_bring() -> None:
    """At 1.5 minutes the middle reaches all 15; the east then adds nobody, but before the middle it adds its 2."""
    middle, east = AddStation("m", *to_degrees(0, 0), "office"), AddStation("e", *to_degrees(1000, 0), "office")
    study = _crossroads()
    one, other = _tabulate(study, (middle, east), 1.5), _tabulate(study, (east, middle), 1.5)
    assert one["newly_covered"].tolist() == [7.0, 0.0]
    assert other["newly_covered"].tolist() == [2.0, 5.0]
    # The middle saves a minute to the north, east and south; the east then one more to its 2 people.
    assert one["person_minutes_saved"].tolist() == pytest.approx([7.0, 2.0])
    assert other["person_minutes_saved"].tolist() == pytest.approx([4.0, 5.0])
    assert one["covered_after"].tolist() == [15.0, 15.0]
    assert other["share_after"].tolist() == pytest.approx([10 / 15, 1.0])
    assert one["cumulative_net"].tolist() == [7.0, 7.0]
    assert order_by_gain(other) == (1, 0)
    assert order_by_gain(one) == (0, 1)


def test_closing_loses_people_and_minutes_stay_while_nobody_can_go_anywhere() -> None:
    """With the only station closed 8 are lost and no minutes; the same place opened again brings all back."""
    study = _crossroads()
    lon, lat = (float(value) for value in study.stations[["lon", "lat"]].iloc[0])
    gains = _tabulate(study, (CloseStation("s0"), AddStation("n", lon, lat, "office")), 1.5)
    assert gains["newly_lost"].tolist() == [8.0, 0.0]
    assert gains["net"].tolist() == [-8.0, 8.0]
    assert gains["person_minutes_saved"].tolist() == [0.0, 0.0]


@given(seed=st.integers(0, 10**6), count=st.integers(0, 6), cutoff_min=st.sampled_from([2.0, 5.0, 15.0]))
def test_the_sum_is_the_whole(seed: int, count: int, cutoff_min: float) -> None:
    """People, minutes and money of all edits in order are those of the comparison of before and after."""
    study = build_random_study(seed, people=40, stations=2 + seed % 5)
    edits = draw_edits(study, count, seed)
    answers = _answer(study, edits, cutoff_min)
    gains = tabulate_gains(answers, list_costs(study, edits, COSTS))
    total = compare(answers[0], answers[-1])
    assert len(gains) == count
    assert gains["net"].sum() == pytest.approx(total.newly_covered - total.newly_lost)
    assert gains["person_minutes_saved"].sum() == pytest.approx(total.person_minutes_saved, abs=1e-6)
    assert gains["cost"].sum() == pytest.approx(compute_cost(study, edits, COSTS))
    assert (gains[["newly_covered", "newly_lost"]] >= 0.0).to_numpy().all()
    if count:
        assert gains["covered_after"].iloc[-1] == total.after.covered


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_new_stations_bring_the_same_in_every_order(seed: int) -> None:
    """Whatever the order of three new stations, they gain the same in all, and none of them loses anybody."""
    study = build_random_study(seed, people=40, stations=3)
    edits = tuple(edit for edit in draw_edits(study, 30, seed) if isinstance(edit, AddStation))[:3]
    whole = _tabulate(study, edits)
    for order in itertools.permutations(range(len(edits))):
        gains = _tabulate(study, order_edits(study, edits, order))
        assert (gains["newly_lost"] == 0.0).all()
        assert gains["net"].sum() == pytest.approx(whole["net"].sum())
        assert gains["person_minutes_saved"].sum() == pytest.approx(whole["person_minutes_saved"].sum(), abs=1e-6)


def test_an_edit_cannot_come_before_what_it_needs() -> None:
    """A station that is added and moved cannot move first; an order must name every edit once."""
    study = _crossroads()
    edits: tuple[Edit, ...] = (AddStation("n", *to_degrees(0, 0), "office"), MoveStation("n", *to_degrees(0, 500)))
    with pytest.raises(InputError, match=r"edits\.order_refused.*number=1.*unknown_station"):
        order_edits(study, edits, (1, 0))
    with pytest.raises(ValueError, match="no order"):
        order_edits(study, edits, (0, 0))
    assert order_edits(study, edits, (0, 1)) == edits


def test_an_edit_moves_up_and_down_within_the_list() -> None:
    """Moving by some places keeps the others in order, and stops at the ends."""
    assert find_order_of_moves(4, 2, -1) == (0, 2, 1, 3)
    assert find_order_of_moves(4, 0, 2) == (1, 2, 0, 3)
    assert find_order_of_moves(4, 0, -1) == (0, 1, 2, 3)
    assert find_order_of_moves(4, 1, 9) == (0, 2, 3, 1)


def test_other_people_are_no_steps() -> None:
    """Answers about other people, or of another number than the edits, are refused."""
    one, other = (assess(build_travel_basis(build_random_study(1, people=count)), CHOICE) for count in (30, 31))
    with pytest.raises(InputError, match="other_people"):
        tabulate_gains([one, other], [0.0])
    with pytest.raises(ValueError, match="2 answers for 2 edits"):
        tabulate_gains([one, one], [0.0, 1.0])
    assert tabulate_gains([one], []).empty
