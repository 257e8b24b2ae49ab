"""Before and after, worked out by hand on the crossroads and checked against plain sums on random studies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_study import build_random_study
from scenario_edits import draw_edits
from toy_worlds import build_study, crossroads, demand_table, district_table, station_table, to_degrees

from coverage.access.assessment import assess
from coverage.errors import InputError
from coverage.inputs.stations import StationChoice
from coverage.scenario.apply_edits import apply_edits
from coverage.scenario.compare import Comparison, compare
from coverage.scenario.edited_basis import change_stations
from coverage.scenario.edits import AddStation, CloseStation, Edit, MoveStation
from coverage.travel.travel_basis import build_travel_basis

CHOICE = StationChoice()


def _compare(*edits: Edit) -> Comparison:
    """Compare the crossroads before and after, at 1.5 minutes; people 1, 2, 4, 8 in the north, east, south, west.

    Two districts: a holds north and east, b south and west. The only station stands at the end of the western arm:
    the west is 0 minutes away, all others 2.
    """
    people = demand_table([(0, 1000), (1000, 0), (0, -1000), (-1000, 0)], [1, 2, 4, 8], ["a", "a", "b", "b"])
    districts = district_table([("a", "township", ""), ("b", "township", "")])
    study = build_study(crossroads().network(), people, station_table([(-1000, 0)], ["b"]), districts)
    basis = build_travel_basis(study)
    after = change_stations(basis, apply_edits(study, edits))
    old, new = (assess(each, CHOICE, cutoff_min=1.5) for each in (basis, after))
    return compare(old, new, services={("service", "notary"): (old, new)})


def test_a_new_station_in_the_east() -> None:
    """The east is newly covered and 2 minutes nearer: 2 people, 4 person minutes; district a wins, nobody loses."""
    delta = _compare(AddStation("n", *to_degrees(1000, 0), "office"))
    assert (delta.newly_covered, delta.newly_lost, delta.faster, delta.slower) == (2.0, 0.0, 2.0, 0.0)
    assert delta.person_minutes_saved == pytest.approx(4.0)
    assert delta.mean_saved_min == pytest.approx(4.0 / 15.0)
    assert (delta.before.covered, delta.after.covered) == (8.0, 10.0)
    assert (delta.stations_before, delta.stations_after) == (1, 2)
    assert delta.districts["newly_covered"].to_dict() == {"a": 2.0, "b": 0.0}
    assert delta.districts["covered_after"].to_dict() == {"a": 2.0, "b": 8.0}
    assert delta.points.index.tolist() == ["d1"]
    row = delta.points.loc["d1"]
    assert (row["change"], row["station_before"], row["station_after"]) == ("newly_covered", "s0", "n")
    assert row["saved_min"] == pytest.approx(2.0)
    assert delta.find_winners().index.tolist() == ["a"]
    assert delta.find_losers().empty
    assert delta.find_winning_points().index.tolist() == ["d1"]
    assert delta.find_losing_points().empty
    assert delta.services["newly_covered"].tolist() == [2.0]


def test_the_station_moves_to_the_middle() -> None:
    """Everybody is one minute away: three arms win 7 people, the west loses 8 person minutes but stays inside."""
    delta = _compare(MoveStation("s0", *to_degrees(0, 0)))
    assert (delta.newly_covered, delta.newly_lost, delta.faster, delta.slower) == (7.0, 0.0, 7.0, 8.0)
    assert delta.person_minutes_saved == pytest.approx(7.0 - 8.0)
    assert delta.points["change"].tolist() == ["newly_covered"] * 3 + ["slower"]
    assert delta.find_winners().index.tolist() == ["b", "a"]
    assert delta.find_winning_points(2).index.tolist() == ["d2", "d1"]
    assert delta.find_losing_points().index.tolist() == ["d3"]


def test_the_station_closes() -> None:
    """The west is lost, nobody can reach anything: minutes saved are nothing, for no time is finite afterwards."""
    delta = _compare(CloseStation("s0"))
    assert (delta.newly_covered, delta.newly_lost, delta.slower) == (0.0, 8.0, 15.0)
    assert delta.person_minutes_saved == 0.0
    assert np.isnan(delta.mean_saved_min)
    assert np.isnan(delta.points["saved_min"]).all()
    assert delta.find_losers().index.tolist() == ["b"]
    assert delta.find_losing_points(1).index.tolist() == ["d3"]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 5))
def test_parts_add_up_and_turning_round_changes_signs(seed: int, count: int) -> None:
    """Districts of a level and points sum to the whole, covered people balance, and back is minus forth."""
    study = build_random_study(seed, people=40)
    basis = build_travel_basis(study)
    after = change_stations(basis, apply_edits(study, draw_edits(study, count, seed)))
    old, new = (assess(each, CHOICE) for each in (basis, after))
    forth, back = compare(old, new), compare(new, old)
    assert forth.after.covered - forth.before.covered == pytest.approx(forth.newly_covered - forth.newly_lost)
    assert (back.newly_covered, back.newly_lost) == (forth.newly_lost, forth.newly_covered)
    assert back.person_minutes_saved == pytest.approx(-forth.person_minutes_saved)
    assert (back.faster, back.slower) == (forth.slower, forth.faster)
    for name in ("newly_covered", "newly_lost", "person_minutes_saved"):
        sums = forth.districts.groupby("level")[name].sum()
        assert sums.to_numpy() == pytest.approx(np.full(len(sums), getattr(forth, name)))
    won = forth.points["change"] == "newly_covered"
    assert forth.points.loc[won, "weight"].sum() == pytest.approx(forth.newly_covered)
    assert compare(old, old).points.empty


def test_other_people_are_not_compared() -> None:
    """Answers about different demand points are refused."""
    one, other = (assess(build_travel_basis(build_random_study(1, people=count)), CHOICE) for count in (30, 31))
    with pytest.raises(InputError, match="other_people"):
        compare(one, other)
