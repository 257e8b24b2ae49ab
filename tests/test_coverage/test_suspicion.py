"""Missing-road suspicion: who lives far from every road, by district."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_study import build_random_study
from toy_worlds import build_study, crossroads, demand_table, district_table, station_table

from coverage.access.suspicion import SUSPICION_COLUMNS, find_far_from_roads, tabulate_suspicion
from coverage.errors import SettingsError
from coverage.inputs.study import Study
from coverage.network.settings import AssessmentSettings, SnapSettings
from coverage.travel.travel_basis import build_travel_basis


def _study() -> Study:
    """Return people on the crossroads, 1.2 and 5 km off it, beside a motorway and where nobody lives.

    ::

        d0 on the road     d1 1.2 km north of n     d2 5 km north of n (nobody: d3 beside it)
        d4 100 m beside a motorway far in the south, 3 km from any road that may be used
    """
    world = crossroads()
    world.places |= {"v": (-3000, -5000), "v2": (3000, -5000)}
    world.road("v v2", "motorway")
    places = [(0.0, 500.0), (0.0, 2200.0), (0.0, 6000.0), (50.0, 6000.0), (0.0, -4900.0)]
    demand = demand_table(places, [10, 20, 30, 0, 40], ["t1", "t1", "c2", "c2", ""])
    districts = district_table([("c1", "county", ""), ("c2", "county", ""), ("t1", "township", "c1")])
    snap = SnapSettings(max_access_m=2000.0, min_component_km=0.0)
    settings = AssessmentSettings(snap=snap)
    return build_study(world.network(), demand, station_table([(0, 0)], [""]), districts, settings)


def test_who_is_far_from_any_road() -> None:
    """Distance to any road decides, whatever the snap limit; who is beside a motorway is not far from a road."""
    basis = build_travel_basis(_study())
    answer = find_far_from_roads(basis)
    assert answer.is_far.tolist() == [False, True, True, False, False]
    assert answer.road_m == pytest.approx([0.0, 1200.0, 5000.0, 5000.25, 100.0], abs=8.0)
    assert find_far_from_roads(basis, far_m=3000.0).is_far.tolist() == [False, False, True, False, False]


def test_the_table_adds_up_at_every_level() -> None:
    """Each level sums to everybody, people outside its districts included."""
    basis = build_travel_basis(_study())
    table = tabulate_suspicion(basis, find_far_from_roads(basis))
    assert tuple(table.columns) == SUSPICION_COLUMNS
    rows = table.set_index(["level", "district_id"])
    assert rows.loc[("all", ""), ["people", "far_people", "far_points"]].tolist() == [100.0, 50.0, 2]
    assert rows.loc[("county", "c1"), "share_far"] == pytest.approx(20 / 30)
    assert rows.loc[("county", "c2"), "far_people"] == 30.0
    assert rows.loc[("county", ""), "people"] == 40.0
    assert np.isnan(rows.loc[("county", ""), "farthest_m"])
    assert rows.loc[("township", "t1"), "farthest_m"] == pytest.approx(1200.0, rel=1e-2)
    for level in ("county", "township"):
        part = table[table["level"] == level]
        assert (part["people"].sum(), part["far_people"].sum(), part["far_points"].sum()) == (100.0, 50.0, 2)


@pytest.mark.parametrize("far_m", [0.0, -5.0, 1e9, float("nan")])
def test_a_distance_that_is_none_is_refused(far_m: float) -> None:
    """The distance is between 0 and 100 km."""
    with pytest.raises(SettingsError, match=r"settings\.out_of_range"):
        find_far_from_roads(build_travel_basis(_study()), far_m=far_m)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_longer_distance_suspects_fewer(seed: int) -> None:
    """Whoever is far at 600 m but not joined is measured to every road; monotone in the distance."""
    basis = build_travel_basis(build_random_study(seed))
    masks = [find_far_from_roads(basis, far_m=metres).is_far for metres in (50.0, 300.0, 600.0, 2000.0)]
    for near, far in pairwise(masks):
        assert not (far & ~near).any()
    # Joined people have a road within the snap limit.
    assert not (masks[2] & basis.demand.is_connected).any()
