"""Candidates: every source on a street worked out on paper, the limits, and the police rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from siting_world import ADVICE, COSTS, PEOPLE, build_street, draw
from toy_worlds import crossroads, to_degrees

from coverage.errors import InputError, SettingsError
from coverage.inputs.site_costs import find_new_kind, find_services
from coverage.inputs.stations import StationChoice
from coverage.siting.model.candidate_sources import (
    find_clusters,
    find_junctions,
    find_village_seats,
    list_drawn,
    list_item_hosts,
    list_places,
    thin_out,
)
from coverage.siting.model.candidates import CANDIDATE_COLUMNS, CandidateRules, check_candidates, gather_candidates
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_site_costs import read_site_costs

WEIGHT = np.array(PEOPLE)
LICENCE = StationChoice(service="licence")


def _codes(issues: tuple[object, ...]) -> dict[str, int]:
    return {issue.code: issue.count for issue in issues}  # type: ignore[attr-defined]


def test_hosts_are_stations_of_the_family_that_lack_the_item() -> None:
    """Only s1 lacks advice; it adds it at the class cost where it stands, and without an item nobody adds any."""
    study = build_street()
    hosts = list_item_hosts(study, ADVICE, COSTS)
    assert hosts.index.tolist() == ["item-s1"]
    assert hosts.index.name == "site_id"
    assert tuple(hosts.columns) == CANDIDATE_COLUMNS
    row = hosts.iloc[0]
    assert (row["station_id"], row["cost"], row["source"], row["kind"]) == ("s1", 10.0, "item", "office")
    assert (row["lon"], row["lat"]) == tuple(study.stations.loc["s1", ["lon", "lat"]])
    assert list_item_hosts(study, StationChoice(), COSTS).empty


def test_hosts_of_other_families_only_if_asked() -> None:
    """An office is no host of a police item, unless stations of every family may be."""
    study = build_street()
    assert list_item_hosts(study, LICENCE, COSTS).empty
    assert list_item_hosts(study, LICENCE, COSTS, any_family=True)["station_id"].tolist() == ["s0", "s1"]
    police = replace(study, stations=study.stations.assign(kind=["office", "window"]))
    assert list_item_hosts(police, LICENCE, COSTS)["station_id"].tolist() == ["s1"]
    planned = replace(study, stations=study.stations.assign(status=["existing", "planned"]))
    assert list_item_hosts(planned, ADVICE, COSTS).empty


def test_village_seats_are_the_heaviest_points() -> None:
    """County a has its heaviest point at kilometre 4 (80 people), county b at kilometre 10 (90)."""
    study = build_street()
    seats = find_village_seats(study, ADVICE, WEIGHT, COSTS)
    assert seats.index.tolist() == ["village-a", "village-b"]
    assert seats["name"].tolist() == ["甲县", "乙县"]
    expected = [round(to_degrees(km * 1000.0, 0)[0], 7) for km in (4, 10)]
    assert seats["lon"].tolist() == expected
    assert (seats["cost"] == 100.0).all()
    nobody = WEIGHT * (study.demand["district_id"] == "b").to_numpy(float)
    assert find_village_seats(study, ADVICE, nobody, COSTS).index.tolist() == ["village-b"]


def test_clusters_stand_at_points_near_weighted_centres() -> None:
    """Cells of any size hold everybody; with one cell the seat is the point nearest the centre of all people."""
    study = build_street()
    centre = float(np.average(np.arange(13), weights=WEIGHT))
    whole = find_clusters(study, ADVICE, WEIGHT, COSTS, spacing_km=1000.0)
    near = round(to_degrees(round(centre) * 1000.0, 0)[0], 7)
    assert near in whole["lon"].tolist()
    many = find_clusters(study, ADVICE, WEIGHT, COSTS, spacing_km=2.0)
    assert 6 <= len(many) <= 8
    assert set(many["lon"]) <= set(study.demand["lon"].round(7))
    again = find_clusters(study, ADVICE, WEIGHT, COSTS, spacing_km=2.0)
    pd.testing.assert_frame_equal(many, again)
    assert find_clusters(study, ADVICE, np.zeros(13), COSTS).empty
    with pytest.raises(SettingsError):
        find_clusters(study, ADVICE, WEIGHT, COSTS, spacing_km=0.0)


def test_junctions_are_where_roads_meet() -> None:
    """The crossroads have one junction of four roads; ends of roads are none."""
    study = build_street()
    found = find_junctions(study, ADVICE, crossroads().network(), COSTS, spacing_km=0.5)
    assert found.index.tolist() == ["junction-1"]
    assert found[["lon", "lat"]].to_numpy()[0] == pytest.approx(to_degrees(0, 0))
    assert study.network is not None
    assert find_junctions(study, ADVICE, study.network, COSTS).empty


def test_thinning_keeps_the_first_and_the_spacing() -> None:
    """Of points every kilometre, in order, a spacing of 2.5 km keeps kilometres 0, 3, 6, 9 and 12."""
    lon, lat = np.array([to_degrees(km * 1000.0, 0) for km in range(13)]).T
    assert thin_out(lon, lat, 2500.0).tolist() == [0, 3, 6, 9, 12]
    assert thin_out(lon[:0], lat[:0], 2500.0).tolist() == []


def test_places_become_what_their_class_says() -> None:
    """A bank becomes an office at its class cost or its own; an unknown kind and a guardhouse are left out."""
    study = build_street()
    places = pd.DataFrame(
        {
            "name": ["一", "二", "三", "四", "五"],
            "lon": 10.01,
            "lat": [0.0, 0.001, 0.002, 0.003, 0.004],
            "kind": ["bank", "bank", "pub", "guardhouse", "所"],
            "cost": [np.nan, 7.0, np.nan, np.nan, np.nan],
            "capacity": [np.nan, 9.0, np.nan, np.nan, np.nan],
            "role": ["candidate", "required", "candidate", "candidate", "candidate"],
        },
        index=["p1", "p2", "p3", "p4", "p5"],
    )
    table, issues = list_places(study, ADVICE, places, COSTS)
    assert table.index.tolist() == ["p1", "p2", "p5"]
    assert table["cost"].tolist() == [100.0, 7.0, 100.0]
    assert table["role"].tolist() == ["candidate", "required", "candidate"]
    assert table["kind"].unique().tolist() == ["office"]
    assert _codes(issues) == {"candidates.kind_unknown": 1, "candidates.police_post": 1}


def test_police_never_gets_a_new_post() -> None:
    """Whatever the source, a question about police keeps existing stations that add the item, and no other."""
    study = build_street()
    study = replace(study, stations=study.stations.assign(kind=["office", "window"]))
    for choice in (LICENCE, StationChoice(family="police"), StationChoice(service="licence", family="police")):
        places = pd.DataFrame(
            {"name": ["x", "y"], "lon": 10.02, "lat": [0.0, 0.1], "kind": ["", "guardhouse"], "role": "required"},
            index=["x", "y"],
        )
        parts = [
            list_places(study, choice, places, COSTS, any_kind=True)[0],
            list_drawn(study, choice, COSTS, [(10.01, 0.0)]),
            find_village_seats(study, choice, WEIGHT, COSTS),
            find_clusters(study, choice, WEIGHT, COSTS),
            find_junctions(study, choice, crossroads().network(), COSTS),
            list_item_hosts(study, choice, COSTS),
        ]
        assert sum(map(len, parts)) > 4
        table, issues = gather_candidates(study, choice, parts)
        assert (table["station_id"] != "").all()
        assert table["station_id"].tolist() == (["s1"] if choice.service else [])
        assert _codes(issues)["candidates.police_post"] == sum(map(len, parts)) - len(table)


def test_a_police_post_is_refused_by_the_check() -> None:
    """A table that still holds a new police post is refused, for a police question and for any other."""
    study = build_street()
    table, _ = gather_candidates(study, ADVICE, [draw(study, [3.0])])
    check_candidates(study, ADVICE, table)
    for choice, wrong in ((LICENCE, table), (ADVICE, table.assign(kind="window"))):
        with pytest.raises(InputError) as caught:
            check_candidates(study, choice, wrong)
        assert caught.value.code == "candidates.police_post"


def test_areas_and_distances_leave_candidates_out() -> None:
    """Nothing is founded inside an area nor within 3 km of s0; required sites and items are exempt from areas."""
    study = build_street()
    parts = [draw(study, [1.0, 3.0, 4.0, 5.0, 6.0]), list_item_hosts(study, ADVICE, COSTS)]
    (west, _), (east, _) = to_degrees(4500, 0), to_degrees(20_000, 0)
    rules = CandidateRules(
        excluded=(shapely.box(west, -1, east, 1),), min_distance_m=3000.5, required=("k6",), forbidden=("k4",)
    )
    table, issues = gather_candidates(study, ADVICE, parts, rules)
    assert table.index.tolist() == ["k4", "k6", "item-s1"]
    assert table["role"].tolist() == ["forbidden", "required", "candidate"]
    assert table["county"].tolist() == ["a", "b", "b"]
    assert _codes(issues) == {"candidates.excluded_area": 1, "candidates.too_near": 2}
    exact, _ = gather_candidates(study, ADVICE, parts, CandidateRules(min_distance_m=2999.5))
    assert "k3" in exact.index
    with pytest.raises(InputError) as caught:
        gather_candidates(study, ADVICE, parts, CandidateRules(required=("nobody",)))
    assert caught.value.code == "candidates.unknown_id"


def test_ids_stay_unique() -> None:
    """A candidate with the id of a station, or of another candidate, gets a number behind it."""
    study = build_street()
    one = draw(study, [3.0, 4.0]).set_axis(pd.Index(["s0", "x"], name="site_id"), axis=0)
    two = draw(study, [5.0]).set_axis(pd.Index(["x"], name="site_id"), axis=0)
    table, _ = gather_candidates(study, ADVICE, [one, two])
    assert table.index.tolist() == ["s0-2", "x", "x-2"]


def test_one_of_generated_sites_at_one_place_is_kept() -> None:
    """A cluster that stands on a village seat is the same site: the first is kept."""
    study = build_street()
    parts = [find_village_seats(study, ADVICE, WEIGHT, COSTS), find_clusters(study, ADVICE, WEIGHT, COSTS)]
    table, issues = gather_candidates(study, ADVICE, parts)
    assert not table.duplicated(["lon", "lat"]).any()
    assert len(table) + _codes(issues).get("candidates.same_place", 0) == sum(map(len, parts))


def test_new_sites_have_the_usual_capacity_of_their_kind() -> None:
    """Without a capacity of its own a site gets the median of existing stations of its kind."""
    study = build_street(capacity=70.0)
    table, _ = gather_candidates(study, ADVICE, [draw(study, [3.0, 4.0], capacity=[np.nan, 5.0])])
    assert table["capacity"].tolist() == [70.0, 5.0]


def test_the_usual_kind_offers_what_is_asked() -> None:
    """The usual kind of the family is founded with the item asked for added; without any kind it is an error."""
    study = build_street()
    kind = find_new_kind(study.catalogue, ADVICE, COSTS)
    assert kind.id == "office"
    assert find_services(kind, ("advice",)) == ("advice", "notary")
    assert find_services(kind, ("licence",)) == ("advice", "notary", "licence")
    with pytest.raises(InputError) as caught:
        find_new_kind(study.catalogue, StationChoice(), COSTS)
    assert caught.value.code == "siting.no_kind"


def test_no_source_is_no_candidate() -> None:
    """Nothing in gives a table without rows after the contract."""
    table, issues = gather_candidates(build_street(), ADVICE, [])
    assert table.empty
    assert tuple(table.columns) == CANDIDATE_COLUMNS
    assert issues == ()


def test_a_level_has_its_own_kind() -> None:
    """Asked for township stations, a township station is founded at its own cost; else the usual kind of the family."""
    catalogue, costs = read_catalogue(), read_site_costs()
    assert find_new_kind(catalogue, StationChoice(family="legal"), costs).id == "legal_room"
    assert find_new_kind(catalogue, StationChoice(family="legal", level="township"), costs).id == "legal_station"
    county = find_new_kind(catalogue, StationChoice(service="notarisation", level="county"), costs)
    assert (county.level, "notarisation" in county.services) == ("county", True)
