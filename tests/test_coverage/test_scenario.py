"""Edits of a study: which it takes, what it becomes, what that costs."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
from random_study import build_random_study
from toy_worlds import build_study, crossroads, demand_table, put, station_table, to_degrees

from coverage.errors import InputError
from coverage.inputs.districts import assign_districts
from coverage.inputs.site_costs import SiteCosts
from coverage.inputs.study import Study
from coverage.network.closures import Closure
from coverage.scenario.apply_edits import apply_edits, compute_cost, list_costs
from coverage.scenario.edit_checks import check_edits
from coverage.scenario.edits import (
    AddMobileStop,
    AddStation,
    ChangeStation,
    CloseRoads,
    CloseStation,
    Edit,
    MoveStation,
    ReopenStation,
    SetThreshold,
    SlowRoads,
)
from coverage.travel.travel_basis import build_travel_basis

HERE = Closure("", (to_degrees(500, 0),))


@pytest.fixture
def study() -> Study:
    """Return the crossroads with one person at the end of each arm and a station in the middle and in the west."""
    people = demand_table([(0, 1000), (1000, 0), (0, -1000), (-1000, 0)], [1, 1, 1, 1], [""] * 4)
    return build_study(crossroads().network(), people, station_table([(0, 0), (-900, 0)], ["", ""]))


def _add(station_id: str, **values: object) -> AddStation:
    return AddStation(station_id, *to_degrees(900, 0), **({"kind": "office"} | values))  # type: ignore[arg-type]


FAULTS: list[tuple[Edit, list[str]]] = [
    (CloseStation("nobody"), ["unknown_station"]),
    (MoveStation("nobody", 0, 0), ["unknown_station"]),
    (MoveStation("s0", float("nan"), 0), ["place_invalid"]),
    (MoveStation("s0", 10, 86), ["place_invalid"]),
    (ReopenStation("s0"), ["open_already"]),
    (ChangeStation("s0"), ["nothing_changed"]),
    (
        ChangeStation("s0", services=("flying",), capacity=-1.0, status="gone"),
        ["unknown_service", "amount_invalid", "unknown_status"],
    ),
    (_add("s0"), ["id_taken"]),
    (_add(" "), ["no_id"]),
    (_add("n", kind="palace", level="moon", cost=float("inf")), ["unknown_kind", "unknown_level", "amount_invalid"]),
    (_add("n", kind="window"), ["police_post"]),
    (_add("n", services=("licence",)), ["police_post"]),
    (AddMobileStop("n", 10, 0, "office"), ["kind_not_mobile"]),
    (SetThreshold(float("nan")), ["minutes_out_of_range"]),
    (SetThreshold(1441), ["minutes_out_of_range"]),
    (SlowRoads(HERE, 0.0), ["factor_out_of_range"]),
]


@pytest.mark.parametrize(("edit", "codes"), FAULTS, ids=[codes[0] for _, codes in FAULTS])
def test_each_fault_is_found(study: Study, edit: Edit, codes: list[str]) -> None:
    """Every fault of an edit is told with its number, and nothing is applied."""
    found = check_edits(study, (CloseStation("s1"), edit))
    assert [issue.code for issue in found] == [f"edits.{code}" for code in codes]
    assert {issue.rows for issue in found} == {(2,)}
    with pytest.raises(InputError, match=r"edits\.refused"):
        apply_edits(study, (edit,))


def test_faults_are_collected_and_follow_the_order(study: Study) -> None:
    """Closing twice is a fault, closing, reopening and closing is none; an edit with a fault is passed over."""
    twice = check_edits(study, (CloseStation("s0"), CloseStation("s0"), CloseStation("x")))
    assert [(issue.code, issue.rows) for issue in twice] == [
        ("edits.closed_already", (2,)),
        ("edits.unknown_station", (3,)),
    ]
    assert check_edits(study, (CloseStation("s0"), ReopenStation("s0"), CloseStation("s0"))) == ()
    assert check_edits(study, (_add("n"), MoveStation("n", 10, 0), CloseStation("n"))) == ()
    late = check_edits(study, (_add("n"), ChangeStation("n", services=("licence",))))
    assert [(issue.code, issue.rows) for issue in late] == [("edits.police_post", (2,))]
    refused = check_edits(study, (_add("n", kind="palace"), CloseStation("n")))
    assert [issue.code for issue in refused] == ["edits.unknown_kind", "edits.unknown_station"]


def test_edits_make_a_new_study(study: Study) -> None:
    """Each edit changes what it says and nothing else, and the old study stays as it was."""
    before = study.stations.copy()
    change = ChangeStation("s1", services=("notary",), hours="24小时", capacity=5.0, status="planned")
    edits = (CloseStation("s0"), change, _add("n", name="新", capacity=9.0, cost=7.0, code="c"), SetThreshold(12.0))
    after = apply_edits(study, edits)
    assert study.stations.equals(before)
    assert after.stations.dtypes.equals(before.dtypes)
    assert after.stations.index.name == "station_id"
    assert after.stations.loc["s0", "status"] == "closed"
    assert after.stations.loc["s1", ["services", "hours", "capacity", "status"]].tolist() == [
        ("notary",),
        "24小时",
        5.0,
        "planned",
    ]
    new = after.stations.loc["n"]
    assert new[["name", "kind", "level", "services", "capacity", "cost", "code", "status"]].tolist() == [
        *("新", "office", "county", ("advice", "notary"), 9.0, 7.0, "c", "existing")
    ]
    assert (after.settings.cutoff_min, study.settings.cutoff_min) == (12.0, 30.0)
    assert after.fingerprint != study.fingerprint
    assert after.fingerprint == apply_edits(study, edits).fingerprint


def test_the_fingerprint_is_of_what_has_changed_in_the_end(study: Study) -> None:
    """Edits that undo each other leave the old one; each other change has its own."""
    lon, lat = to_degrees(0, 0)
    assert apply_edits(study, ()).fingerprint == study.fingerprint
    back = (CloseStation("s0"), ReopenStation("s0"), MoveStation("s0", 11, 1), MoveStation("s0", lon, lat))
    assert apply_edits(study, back).fingerprint == study.fingerprint
    different: list[Edit] = [
        *(CloseStation("s0"), CloseStation("s1"), MoveStation("s0", 11, 1), _add("n"), _add("m"), SetThreshold(7.0)),
        *(CloseRoads(HERE), SlowRoads(HERE, 0.5), SlowRoads(HERE, 0.25)),
    ]
    assert len({apply_edits(study, (edit,)).fingerprint for edit in different}) == len(different)


def test_new_and_moved_stations_lie_in_their_district() -> None:
    """A station goes to the district it stands in, which decides whose residents it serves."""
    study = build_random_study(1)
    moved = apply_edits(study, (MoveStation("s0", 10.5, 0.5), AddStation("n", 10.5, 0.5, "office")))
    assert moved.stations.loc[["s0", "n"], "district_id"].tolist() == ["t1", "t1"]
    assert moved.stations["district_id"].iloc[1:-1].equals(study.stations["district_id"].iloc[1:])


@pytest.mark.parametrize("seed", range(4))
def test_districts_of_a_few_stations_are_those_of_all(seed: int) -> None:
    """Looking only at the districts nearby gives what looking at all does, also just outside and far outside."""
    rng = np.random.default_rng(seed)
    study = build_random_study(seed)
    squares = [shapely.box(10 + i * 0.1, 40, 10.1 + i * 0.1, 40.1 + (i % 3) * 0.01) for i in range(4)]
    study = dataclasses.replace(
        study,
        districts=study.districts.set_geometry(gpd.GeoSeries(squares, crs="EPSG:4326").set_axis(study.districts.index)),
    )
    places = np.column_stack((rng.uniform(9.95, 10.45, 60), rng.uniform(39.95, 40.15, 60)))
    edits = tuple(AddStation(f"n{number:02d}", *place, "office") for number, place in enumerate(places.tolist()))
    together = apply_edits(study, edits).stations
    full = assign_districts(together, study.districts)
    assert together["district_id"].iloc[8:].tolist() == full["district_id"].iloc[8:].tolist()
    for number in range(0, 60, 6):
        alone = apply_edits(study, edits[number : number + 1]).stations
        assert alone["district_id"].iloc[-1] == full["district_id"].iloc[8 + number]


def test_a_study_without_stations_takes_one(study: Study) -> None:
    """The first station of an empty table is a station like others."""
    empty = build_study(study.network, study.demand, study.stations.iloc[:0])
    after = apply_edits(empty, (_add("n"),))
    assert after.stations.index.tolist() == ["n"]
    assert after.stations.dtypes.equals(study.stations.dtypes)


def test_roads_close_and_slow_down(study: Study) -> None:
    """On the eastern arm of one minute: half the speed takes two, twice 0.5 four, closed none; others stay.

    The northern arm keeps its minute. What is asked besides (a closure of the question) is closed too.
    """

    def minutes(*edits: Edit) -> list[float]:
        basis = build_travel_basis(apply_edits(study, edits))
        network = basis.timed.network
        ends = put(basis.timed, [(0, 1000), (1000, 0)])
        first = [int(ends.edge[ends.point == point][0]) for point in (0, 1)]
        assert network.edge_count == len(basis.timed.edge_s)
        return [round(float(basis.timed.edge_s[edge]) / 60.0, 6) for edge in first] if len(set(ends.point)) == 2 else []

    assert minutes() == [1.0, 1.0]
    assert minutes(SlowRoads(HERE, 0.5)) == [1.0, 2.0]
    assert minutes(SlowRoads(HERE, 0.5), SlowRoads(HERE, 0.5)) == [1.0, 4.0]
    assert minutes(SlowRoads(HERE, 2.0)) == [1.0, 0.5]
    closed = build_travel_basis(apply_edits(study, (CloseRoads(HERE),)))
    assert np.isinf(closed.timed.edge_s).sum() == 2
    north = np.zeros(closed.timed.network.road_count, bool)
    north[closed.demand_snapped.road[0]] = True
    both = build_travel_basis(apply_edits(study, (CloseRoads(HERE),)), closed=north)
    assert np.isinf(both.timed.edge_s).sum() == 4


def test_costs_follow_the_classes(study: Study) -> None:
    """Founding 100, an item 10, closing −5; an edit's own cost goes first; what stands at the end is paid, once."""
    costs = SiteCosts(
        kind=(("office", 100.0),), item=(("other", 10.0),), closing=(("office", -5.0),), usual=(), place=()
    )
    assert compute_cost(study, (_add("n"), _add("m", cost=7.0)), costs) == 107.0
    away, back = MoveStation("s0", 12, 0), MoveStation("s0", *study.stations.loc["s0", ["lon", "lat"]].tolist())
    assert list_costs(study, (away, CloseStation("s0"), ReopenStation("s0")), costs) == (100.0, -105.0, 105.0)
    # A second drag is free, and one that goes back gives back what the first took.
    assert list_costs(study, (away, MoveStation("s0", 11, 0), back), costs) == (100.0, 0.0, -100.0)
    # What the scenario itself added is not built yet: it moves and goes again without a trace.
    new = (_add("n", cost=7.0), MoveStation("n", 10, 0), CloseStation("n"), ReopenStation("n"), MoveStation("n", 11, 0))
    assert list_costs(study, new, costs) == (7.0, 0.0, -7.0, 7.0, 0.0)
    fewer, more = ChangeStation("s0", services=("advice",)), ChangeStation("s0", services=("advice", "notary"))
    # What it offered before costs nothing when it is offered again; what it did not, does.
    assert compute_cost(study, (fewer, more, SetThreshold(3.0), CloseRoads(HERE)), costs) == 0.0
    new = dataclasses.replace(study, stations=study.stations.assign(services=[("advice",)] * len(study.stations)))
    assert list_costs(new, (more, fewer, more), costs) == (10.0, -10.0, 10.0)
