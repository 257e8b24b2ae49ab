"""Who is inside the circle: classes, totals, districts, and the choice of stations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_oracle import build_random_lines
from toy_worlds import EVERYWHERE, build_study, crossroads, demand_table, district_table, put, station_table

from coverage.access.assessment import (
    Assessment,
    assess,
    compute_service_totals,
    find_nearest,
    find_reach,
    find_weight_column,
)
from coverage.access.totals import TOTALS_COLUMNS, classify, compute_totals
from coverage.errors import CancelledError, InputError, NetworkError
from coverage.inputs.schema import STATUSES
from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.network.contraction import build_network
from coverage.network.settings import AssessmentSettings
from coverage.travel.travel_basis import build_travel_basis
from coverage.units import is_within

ANY = StationChoice()
CLASSES = list(STATUSES)
DISTRICTS = [("c1", "county", ""), ("c2", "county", ""), ("t1", "township", "c1"), ("t2", "township", "c1")]


def _toy_study(**changes: object) -> Study:
    """Return people on the crossroads, an islet of road to the east, and two stations.

    ::

              n 1               t1: n, s     t2: e      c2 (no townships): w
              |
        w 3 - S - e 2           S: station in the middle; a far point has no road; o stands on
              |                 the islet, which no station can be reached from
              s 4           o 5
    """
    world = crossroads()
    world.places |= {"o": (8000, -1000), "o2": (9000, -1000)}
    world.road("o o2")
    places = [(0.0, 1000.0), (1000.0, 0.0), (-1000.0, 0.0), (0.0, -1000.0), (8500.0, -1000.0), (0.0, 30_000.0)]
    demand = demand_table(places, [10, 20, 30, 40, 5, 7], ["t1", "t2", "c2", "t1", "", "c2"])
    demand = demand.assign(drivers=[1.0, 2.0, 3.0, 4.0, 0.0, 0.5])
    stations = station_table(
        [(0, 0), (0, -1000)],
        ["c1", "t1"],
        kind=["office", "window"],
        level=["county", "village"],
        services=[("advice",), ("licence",)],
        status=["existing", "planned"],
    )
    study = build_study(world.network(), demand, stations, district_table(DISTRICTS))
    return replace(study, **changes)  # type: ignore[arg-type]


def _assess(study: Study, choice: StationChoice = ANY, **more: object) -> Assessment:
    return assess(build_travel_basis(study), choice, **more)  # type: ignore[arg-type]


def test_everybody_is_in_exactly_one_class() -> None:
    """One minute from the middle is covered, the islet has no route, the far point no road."""
    answer = _assess(_toy_study(), cutoff_min=1.5)
    assert answer.demand["status"].tolist() == [*["covered"] * 4, "no_route", "unconnected"]
    assert answer.demand["station_id"].tolist() == ["s0"] * 4 + ["", ""]
    np.testing.assert_allclose(answer.demand["minutes"], [1, 1, 1, 1, np.inf, np.inf], rtol=1e-4)
    assert answer.demand["minutes"].dtype == np.float32
    assert answer.demand.index.equals(_toy_study().demand.index)
    assert answer.demand["access_m"].iloc[-1] == np.inf
    totals = answer.totals
    assert (totals.total, totals.covered, totals.beyond, totals.no_route, totals.unconnected) == (112, 100, 0, 5, 7)
    assert totals.uncovered == 12
    assert totals.share_covered == pytest.approx(100 / 112)
    assert (totals.mean_min, totals.median_min, totals.p90_min) == pytest.approx((1, 1, 1), rel=1e-4)
    assert answer.station_count == 1
    assert np.isnan(answer.double_covered)


def test_planned_stations_count_when_they_are_asked_for() -> None:
    """With the planned window two stations are within two minutes of everybody on the crossroads."""
    basis = build_travel_basis(_toy_study())
    both = StationChoice(status=("existing", "planned"))
    answer = assess(basis, both, cutoff_min=2.5, reach=find_reach(basis, 60.0))
    assert answer.station_count == 2
    assert answer.demand["station_id"].tolist() == ["s0", "s0", "s0", "s1", "", ""]
    assert answer.double_covered == 100.0
    assert assess(basis, both, cutoff_min=1.5, reach=find_reach(basis, 60.0)).double_covered == 40.0
    assert assess(basis, ANY, cutoff_min=2.5, reach=find_reach(basis, 60.0)).double_covered == 0.0


def test_nobody_offers_it() -> None:
    """Where no station is chosen, people on a road have no route, the others no road; nothing breaks."""
    answer = _assess(_toy_study(), StationChoice(service="notary"))
    assert answer.station_count == 0
    assert answer.demand["status"].tolist() == [*["no_route"] * 5, "unconnected"]
    assert answer.demand["station_id"].tolist() == [""] * 6
    totals = answer.totals
    assert (totals.covered, totals.no_route, totals.unconnected) == (0.0, 105.0, 7.0)
    assert np.isnan([totals.mean_min, totals.median_min, totals.p90_min]).all()
    assert not answer.districts["has_station"].any()


def test_nobody_lives_there() -> None:
    """Without demand points there are empty tables, zero people and no share."""
    study = _toy_study()
    answer = _assess(replace(study, demand=study.demand.iloc[:0]))
    assert len(answer.demand) == 0
    assert answer.totals.total == 0.0
    assert np.isnan(answer.totals.share_covered)
    assert answer.districts["total"].tolist() == [0.0] * 4
    assert answer.districts["stations"].tolist() == [1, 0, 0, 0]


def test_places_without_people_count_nothing() -> None:
    """A demand point of weight zero has its minutes and changes no total."""
    study = _toy_study()
    empty = study.demand.assign(population=[10.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    totals = _assess(replace(study, demand=empty)).totals
    assert (totals.total, totals.covered, totals.share_covered) == (10.0, 10.0, 1.0)
    nobody = _assess(replace(study, demand=study.demand.assign(population=0.0))).totals
    assert np.isnan([nobody.share_covered, nobody.mean_min, nobody.median_min]).all()


def test_districts_add_up_to_everybody() -> None:
    """Each level sums to all people; those outside its districts stand in a row without an id."""
    answer = _assess(_toy_study(), cutoff_min=1.5)
    table = answer.districts
    assert table.index.name == "district_id"
    county, township = (table[table["level"] == level] for level in ("county", "township"))
    assert county.index.tolist() == ["c1", "c2", ""]
    assert township.index.tolist() == ["t1", "t2", ""]
    assert county["total"].tolist() == [70.0, 37.0, 5.0]
    assert township["total"].tolist() == [50.0, 20.0, 42.0]
    for rows in (county, township):
        for name in ("total", *STATUSES):
            assert rows[name].sum() == pytest.approx(getattr(answer.totals, name))
    assert county["stations"].tolist() == [1, 0, 0]
    assert township["stations"].tolist() == [0, 0, 1]
    assert township["has_station"].tolist() == [False, False, True]
    assert township["parent_id"].tolist() == ["c1", "c1", ""]
    assert county.loc["c2", "unconnected"] == 7.0
    assert set(TOTALS_COLUMNS) <= set(table.columns)


def test_without_districts() -> None:
    """A study without districts has its totals and an empty table with its columns."""
    answer = _assess(_toy_study(districts=district_table([])))
    assert answer.totals.total == 112
    assert len(answer.districts) == 0
    assert {"name", "level", "stations", "share_covered"} <= set(answer.districts.columns)


def test_an_item_counts_its_own_people() -> None:
    """Licences count drivers where the study has them, else everybody."""
    study = _toy_study()
    choice = StationChoice(service="licence", status=("planned",))
    answer = _assess(study, choice, cutoff_min=1.5)
    assert (answer.weight_column, answer.totals.total) == ("drivers", 10.5)
    assert answer.totals.covered == 4.0
    assert find_weight_column(replace(study, demand=study.demand.drop(columns="drivers")), choice) == "population"
    assert find_weight_column(study, StationChoice(service="advice")) == "population"


def test_the_threshold_is_inclusive() -> None:
    """Who needs exactly the threshold is covered, who needs one float more is not."""
    answer = _assess(_toy_study())
    exact = float(answer.demand["minutes"].iloc[0])
    assert _assess(_toy_study(), cutoff_min=exact).demand["status"].iloc[0] == "covered"
    below = float(np.nextafter(np.float32(exact), np.float32(0)))
    assert _assess(_toy_study(), cutoff_min=below).demand["status"].iloc[0] == "beyond"


def test_without_roads_there_is_no_travel_time() -> None:
    """A study without a network cannot be assessed, and the error says which."""
    with pytest.raises(NetworkError) as caught:
        build_travel_basis(_toy_study(network=None))
    assert (caught.value.code, caught.value.context["study"]) == ("study.no_roads", "toy")


def test_a_join_can_be_stopped() -> None:
    """Progress rises to one; a join that is told to stop stops."""
    shares: list[float] = []
    build_travel_basis(_toy_study(), progress=lambda share, step: shares.append(share) is None)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(CancelledError):
        build_travel_basis(_toy_study(), progress=lambda share, step: share < 0.2)


def test_direction_and_season_are_the_studys_unless_asked() -> None:
    """The study's own season and direction hold, and others on request."""
    study = _toy_study()
    assert build_travel_basis(study).direction == "to"
    assert build_travel_basis(study, direction="from").direction == "from"
    other = replace(study, settings=AssessmentSettings(direction="from", snap=EVERYWHERE))
    assert build_travel_basis(other).timed.direction == "from"


def test_service_totals_equal_the_assessment() -> None:
    """The short way to the totals gives what the whole assessment gives."""
    basis = build_travel_basis(_toy_study())
    totals, count = compute_service_totals(basis, ANY, 1.5)
    assert totals == assess(basis, ANY, cutoff_min=1.5).totals
    assert count == 1


def test_weighted_median_and_ninetieth_percentile() -> None:
    """They are the smallest times within which half and nine tenths of the people with a route are.

    Minutes 10, 20, 30, 40 hold 1, 4, 3, 2 people: half of ten is reached at 20, nine at 40.
    """
    minutes = np.array([40, 10, 30, 20, np.inf], np.float32)
    totals = compute_totals(minutes, np.array([1, 0, 0, 0, 2], np.int8), np.array([2.0, 1.0, 3.0, 4.0, 90.0]))
    assert (totals.median_min, totals.p90_min) == (20.0, 40.0)
    assert totals.mean_min == pytest.approx((10 + 80 + 90 + 80) / 10)
    exact = compute_totals(np.array([10, 20], np.float32), np.zeros(2, np.int8), np.array([9.0, 1.0]))
    assert (exact.median_min, exact.p90_min) == (10.0, 10.0)
    nearly = compute_totals(np.array([10, 20], np.float32), np.zeros(2, np.int8), np.array([8.95, 1.05]))
    assert (nearly.median_min, nearly.p90_min) == (10.0, 20.0)
    tenths = compute_totals(np.arange(1, 11, dtype=np.float32), np.zeros(10, np.int8), np.full(10, 0.1))
    assert (tenths.median_min, tenths.p90_min) == (5.0, 9.0)


def test_classes_of_points() -> None:
    """Within, beyond, no time at all, and no road, whatever the minutes say there."""
    minutes = np.array([30, 30.01, np.inf, 5, np.nan], np.float32)
    connected = np.array([True, True, True, False, True])
    assert [CLASSES[code] for code in classify(minutes, connected, 30.0)] == [
        "covered",
        "beyond",
        "no_route",
        "unconnected",
        "no_route",
    ]


def test_choosing_stations() -> None:
    """Service, family, level and status all must hold; unknown ones are refused by name."""
    study = _toy_study()

    def chosen(**conditions: object) -> list[bool]:
        status = ("existing", "planned")
        choice = StationChoice(**({"status": status} | conditions))  # type: ignore[arg-type]
        return select_stations(study.stations, study.catalogue, choice).tolist()

    assert chosen() == [True, True]
    assert chosen(service="advice") == [True, False]
    assert chosen(family="police") == [False, True]
    assert chosen(level="village") == [False, True]
    assert chosen(family="police", level="county") == [False, False]
    assert chosen(status=("existing",)) == [True, False]
    assert chosen(status=()) == [False, False]
    for wrong in ({"service": "x"}, {"family": "x"}, {"level": "x"}):
        with pytest.raises(InputError, match=r"catalogue\.unknown_id"):
            chosen(**wrong)
    none = select_stations(study.stations.iloc[:0], study.catalogue, StationChoice(service="advice"))
    assert none.dtype == bool
    assert len(none) == 0


def _random_study(seed: int) -> Study:
    """Return 40 people and 8 stations scattered over a random world, in districts or in none."""
    rng = np.random.default_rng(seed)
    demand = demand_table([(0.0, 0.0)] * 40, rng.integers(0, 9, 40).tolist(), rng.choice(["t1", "c2", ""], 40).tolist())
    demand = demand.assign(lon=rng.uniform(87.59, 87.82, 40), lat=rng.uniform(43.79, 43.92, 40))
    stations = station_table([(0.0, 0.0)] * 8, rng.choice(["t2", "c1", ""], 8).tolist())
    stations = stations.assign(lon=rng.uniform(87.59, 87.66, 8), lat=rng.uniform(43.79, 43.85, 8))
    return build_study(build_network(build_random_lines(seed)), demand, stations, district_table(DISTRICTS))


@given(seed=st.integers(0, 2**32 - 1))
def test_laws_of_an_assessment(seed: int) -> None:
    """Four classes are everybody at every level, a larger threshold never uncovers, rows may be shuffled."""
    study = _random_study(seed)
    basis = build_travel_basis(study)
    small, large = (assess(basis, ANY, cutoff_min=minutes) for minutes in (5.0, 20.0))
    for answer in (small, large):
        everybody = study.demand["population"].sum()
        totals = answer.totals
        assert totals.covered + totals.uncovered == pytest.approx(everybody) == pytest.approx(totals.total)
        for _, rows in answer.districts.groupby("level"):
            assert rows[list(STATUSES)].to_numpy().sum() == pytest.approx(everybody)
            for name in ("total", *STATUSES):
                assert rows[name].sum() == pytest.approx(getattr(totals, name))
        within = is_within(answer.demand["minutes"].to_numpy(np.float32), answer.cutoff_min)
        np.testing.assert_array_equal(within, answer.demand["status"] == "covered")
    assert (large.demand["status"] == "covered")[small.demand["status"] == "covered"].all()

    order = np.random.default_rng(seed).permutation(40)
    mixed = replace(study, demand=study.demand.iloc[order], stations=study.stations.iloc[::-1])
    shuffled = assess(build_travel_basis(mixed), ANY, cutoff_min=5.0)
    pd.testing.assert_series_equal(shuffled.demand["minutes"], small.demand["minutes"].iloc[order])
    pd.testing.assert_frame_equal(shuffled.districts, small.districts)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_matrix_and_the_nearest_agree(seed: int) -> None:
    """The least of the kept times is the nearest station's, and double coverage counts from the same times."""
    study = _random_study(seed)
    basis = build_travel_basis(study)
    blocks = find_reach(basis, 20.0)
    nearest, _ = find_nearest(basis, ANY)
    least, count = np.full(40, np.inf, np.float32), np.zeros(40, int)
    for block in blocks:
        pairs = block.find_pairs()
        point = np.repeat(np.arange(40), np.diff(pairs.ptr))
        np.minimum.at(least, point, pairs.minutes)
        count += np.bincount(point, minlength=40)
    near = is_within(nearest.minutes, 20.0)
    np.testing.assert_array_equal(least, np.where(near, nearest.minutes, np.float32(np.inf)))
    answer = assess(basis, ANY, cutoff_min=20.0, reach=blocks)
    assert answer.double_covered == study.demand["population"].to_numpy()[count >= 2].sum()


def test_toy_places_are_where_the_drawing_says() -> None:
    """The builder puts the middle of the crossroads on a junction and the islet on a road of its own."""
    study = _toy_study()
    assert study.network is not None
    basis = build_travel_basis(study)
    assert basis.station_snapped.node.min() >= 0
    assert put(basis.timed, [(8500.0, -1000.0)]).is_connected.all()
    assert len(study.network.component_length_m) == 2
