"""Who reaches what: families, items, bundles in one place, from searches and from kept times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from toy_worlds import CATALOGUE, build_study, crossroads, demand_table, station_table

from coverage.access.assessment import assess, find_reach
from coverage.access.item_coverage import Cutoffs, CutoffsById, expand_pairs, find_covered, list_offers, scan_pairs
from coverage.inputs.bilingual_names import Name
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Bundle
from coverage.travel.travel_basis import TravelBasis, build_travel_basis

ANY = StationChoice()
NOBODY = Name("", "")


def _basis(services: list[tuple[str, ...]], places: list[tuple[float, float]], **columns: list[object]) -> TravelBasis:
    """Return four homes at the ends of the crossroads, 1 min from its middle, and stations.

    ::

              n 10
              |
       w 30 - m - e 20      a fifth home, 7 people, has no road
              |
              s 40
    """
    ends = [(0.0, 1000.0), (1000.0, 0.0), (-1000.0, 0.0), (0.0, -1000.0), (0.0, 30_000.0)]
    demand = demand_table(ends, [10, 20, 30, 40, 7], [""] * 5).assign(drivers=[1.0, 2, 3, 4, 0])
    stations = station_table(places, [""] * len(places), services=services, **columns)
    study = build_study(crossroads().network(), demand, stations)
    bundles = (Bundle("both", NOBODY, ("advice", "notary")), Bundle("mixed", NOBODY, ("advice", "licence")))
    return build_travel_basis(replace(study, catalogue=replace(CATALOGUE, bundles=bundles)))


APART = [("advice",), ("notary",), ("licence",)]
AT = [(0.0, 1000.0), (0.0, -1000.0), (1000.0, 0.0)]


def _people(
    basis: TravelBasis, cutoff: Cutoffs | CutoffsById, status: tuple[str, ...] = ("existing",)
) -> dict[str, float]:
    """Return whom each offer reaches, counted as the offer counts."""
    offers = list_offers(basis.study, StationChoice(status=status))
    reached = find_covered(basis, offers, cutoff)
    demand = basis.study.demand
    return {one.id: float(demand[one.weight][mask].sum()) for one, mask in zip(offers, reached, strict=True)}


def test_items_of_stations_apart() -> None:
    """Within half a minute only whoever lives at the station is covered, each by his item; no bundle is done."""
    basis = _basis(APART, AT)
    assert _people(basis, 0.5) == {
        "legal": 70.0, "police": 0.0, "advice": 10.0, "notary": 40.0, "licence": 2.0, "both": 0.0, "mixed": 0.0,
    }  # fmt: skip
    offers = {offer.id: offer for offer in list_offers(basis.study, ANY)}
    assert (offers["licence"].weight, offers["licence"].stations.tolist()) == ("drivers", [False, False, True])
    assert [offer.kind for offer in offers.values()] == ["family"] * 2 + ["item"] * 3 + ["bundle"] * 2


def test_a_bundle_needs_one_place() -> None:
    """Both items within reach but in two places are no bundle; in one place, even at two counters, they are."""
    assert _people(_basis(APART, AT), 10.0)["both"] == 0.0
    one = _basis([("advice", "notary"), ("licence",)], [(0.0, 1000.0), (1000.0, 0.0)])
    assert _people(one, 0.5)["both"] == 10.0
    assert _people(one, 10.0)["both"] == 100.0
    counters = _basis(APART, [(0.0, 1000.0), (0.0, 1000.0), (1000.0, 0.0)])
    assert _people(counters, 0.5)["both"] == 10.0
    hall = _basis(APART, [(0.0, 1000.0)] * 3)
    assert {one.id: one for one in list_offers(hall.study, ANY)}["both"].stations.tolist() == [True, True, False]
    offers = {offer.id: offer for offer in list_offers(counters.study, ANY)}
    assert offers["both"].stations.tolist() == [True, True, False]
    assert (offers["both"].weight, offers["mixed"].weight) == ("population", "population")


def test_closed_stations_do_nothing() -> None:
    """A planned station counts only if it is asked for; what nobody does covers nobody."""
    basis = _basis([("advice",)], [(0.0, 0.0)], status=["planned"])
    assert set(_people(basis, 10.0).values()) == {0.0}
    assert _people(basis, 10.0, ("existing", "planned"))["advice"] == 100.0


def test_thresholds_by_item_and_by_point() -> None:
    """Each item has its own threshold, each point too; who is not named takes the common one."""
    basis = _basis(APART, AT)
    by_point = np.array([0.5, 5, 5, 5, 5], np.float32)
    assert _people(basis, {"": 0.5, "advice": 10.0})["advice"] == 100.0
    assert _people(basis, {"": 0.5, "advice": 10.0})["notary"] == 40.0
    assert _people(basis, by_point)["notary"] == 90.0


def _scan(
    basis: TravelBasis, cutoff: Cutoffs | CutoffsById, own: Cutoffs, budget_mb: float
) -> tuple[np.ndarray, np.ndarray]:
    offers = list_offers(basis.study, ANY)
    chosen = np.ones(len(basis.study.stations), bool)
    pairs = expand_pairs(find_reach(basis, 60.0), chosen, memory_budget_mb=budget_mb)
    return scan_pairs(pairs, basis.demand.count, chosen, own, offers, cutoff)


SERVICES = st.lists(st.sampled_from(["advice", "notary", "licence"]), unique=True).map(tuple)
PLACES = st.tuples(st.sampled_from([-1000.0, -400.0, 0.0, 700.0]), st.just(0.0))


@given(st.lists(st.tuples(SERVICES, PLACES), min_size=1, max_size=5), st.floats(0.1, 3.0))
def test_kept_times_answer_as_searches_do(
    stations: list[tuple[tuple[str, ...], tuple[float, float]]], cutoff: float
) -> None:
    """One pass over pairs equals a search for each item; an item reaches at least whom its bundle reaches."""
    basis = _basis([one[0] for one in stations], [one[1] for one in stations])
    offers = list_offers(basis.study, ANY)
    cutoffs = {"": cutoff, "advice": np.full(5, cutoff * 1.5, np.float32)}
    searched = find_covered(basis, offers, cutoffs)
    for budget in (1000.0, 0.0):
        count, covered = _scan(basis, cutoffs, cutoff, budget)
        np.testing.assert_array_equal(covered, searched)
        reach = find_reach(basis, 60.0)
        double = assess(basis, StationChoice(), cutoff_min=cutoff, reach=reach).double_covered
        assert basis.study.demand["population"].to_numpy(float)[count >= 2].sum() == double
    wider = find_covered(basis, offers, cutoff * 2)
    narrow = find_covered(basis, offers, cutoff)
    assert (wider | ~narrow).all()
    number = {offer.id: place for place, offer in enumerate(offers)}
    for bundle in basis.study.catalogue.bundles:
        for item in bundle.items:
            assert (narrow[number[item]] | ~narrow[number[bundle.id]]).all()


def test_more_than_sixty_four_offers() -> None:
    """A long catalogue is answered as a short one is."""
    basis = _basis([("advice",), ("licence",)], AT[:2])
    item = basis.study.catalogue.items[0]
    many = tuple(replace(item, id=f"item{number}") for number in range(70))
    catalogue = replace(basis.study.catalogue, items=(*many, *basis.study.catalogue.items))
    stations = basis.study.stations.assign(services=[("item66", "advice"), ("item3", "licence")])
    long = replace(basis, study=replace(basis.study, catalogue=catalogue, stations=stations))
    np.testing.assert_array_equal(
        _scan(long, 0.5, 0.5, 1000.0)[1], find_covered(long, list_offers(long.study, ANY), 0.5)
    )


def test_portions_of_points_are_put_together() -> None:
    """Pairs that come in portions of demand points answer as all at once."""
    basis = _basis(APART, AT)
    offers = list_offers(basis.study, ANY)
    chosen = np.array([True, True, False])
    (block,) = find_reach(basis, 60.0)
    cutoff = np.array([0.5, 5, 5, 0.5, 5], np.float32)
    whole = scan_pairs([(0, block.find_pairs())], 5, chosen, cutoff, offers, cutoff)
    cuts = [(first, block.find_pairs(first_point=first, last_point=last)) for first, last in ((0, 2), (2, 4), (4, 5))]
    for one, other in zip(scan_pairs(cuts, 5, chosen, cutoff, offers, cutoff), whole, strict=True):
        np.testing.assert_array_equal(one, other)
    assert whole[0].tolist() == [1, 2, 2, 1, 0]
