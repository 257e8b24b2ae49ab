"""From study to plan: every model's claim equals the best of all subsets, each assessed from scratch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import networkx
import numpy as np
import pandas as pd
import pytest
from random_study import build_random_study
from siting_world import ADVICE, COSTS, PEOPLE, assess_with, build_street, draw

from coverage.assessment import Assessment, assess, find_reach
from coverage.candidate_sources import find_village_seats, list_item_hosts, list_places
from coverage.candidates import gather_candidates
from coverage.errors import InputError, SettingsError
from coverage.model import Study
from coverage.reach import count_within
from coverage.siting.built import build_stations_after, tabulate_years
from coverage.siting.curve import Solved
from coverage.siting.curve_table import find_curve, tabulate_frontier
from coverage.siting.from_study import (
    ProblemSettings,
    SiteQuota,
    StudyProblem,
    build_siting_problem,
    find_minutes_after,
)
from coverage.siting.outcome import compute_marginal, tabulate_sites, tabulate_unserved
from coverage.siting.solve import SitingQuestion, check_siting_question, compute_money, solve_siting
from coverage.stations import StationChoice
from coverage.travel_basis import TravelBasis, build_travel_basis
from coverage.units import is_within


def _random_world(seed: int) -> tuple[Study, pd.DataFrame, np.ndarray]:
    """Return a random study with six candidates, one of them an existing station, and a threshold for each place."""
    study = build_random_study(seed)
    rng = np.random.default_rng(seed + 100)
    places = pd.DataFrame(
        {"name": "x", "lon": rng.uniform(87.6, 87.65, 5), "lat": rng.uniform(43.8, 43.836, 5), "kind": ""},
        index=[f"c{number}" for number in range(5)],
    )
    notary = StationChoice(service="notary")
    parts = [list_places(study, notary, places, COSTS)[0], list_item_hosts(study, notary, COSTS).iloc[:1]]
    candidates, _ = gather_candidates(study, notary, parts)
    cutoffs = rng.choice([2.0, 3.0, 5.0], len(study.demand)).astype(np.float32)
    return study, candidates, cutoffs


NOTARY = StationChoice(service="notary")


def _subsets(count: int, most: int | None = None) -> Iterator[list[int]]:
    for size in range((count if most is None else most) + 1):
        yield from (list(rows) for rows in itertools.combinations(range(count), size))


def _ask(
    study: Study, candidates: pd.DataFrame, cutoffs: np.ndarray, asked: SitingQuestion, choice: StationChoice = NOTARY
) -> tuple[TravelBasis, StudyProblem, Solved]:
    check_siting_question(asked)
    basis = build_travel_basis(study)
    settings = ProblemSettings(
        is_covering=asked.is_covering,
        limit_min=1e4,
        keeps_stations=asked.keeps_stations,
        relocatable=("*",) if asked.moves else (),
    )
    problem = build_siting_problem(basis, choice, cutoffs, candidates, settings=settings)
    return basis, problem, solve_siting(problem.problem, problem.cutoff, asked)


def _minutes(found: Assessment) -> np.ndarray:
    return found.demand["minutes"].to_numpy(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_mclp_equals_the_best_of_all_subsets(seed: int) -> None:
    """With two sites no subset, assessed from scratch, covers more than the plan; the plan covers what it claims."""
    study, candidates, cutoffs = _random_world(seed)
    basis, problem, solved = _ask(study, candidates, cutoffs, SitingQuestion("mclp", sites=2))
    every = {
        tuple(rows): assess_with(study, candidates, rows, NOTARY, cutoffs).totals.covered
        for rows in _subsets(len(candidates), 2)
    }
    answer = solved.answer
    assert answer.status == "optimal"
    assert answer.objective == max(every.values())
    assert answer.objective == every[tuple(sorted(answer.opened.tolist()))]
    marginal = compute_marginal(problem, solved)
    assert marginal.before == every[()]
    assert marginal.before + marginal.newly.sum() == answer.objective
    assert (np.diff(marginal.newly) <= 0).all()
    after = find_minutes_after(basis, NOTARY, problem, answer.opened, answer.closed)
    scratch = assess_with(study, candidates, answer.opened.tolist(), NOTARY, cutoffs)
    np.testing.assert_array_equal(after, _minutes(scratch))


@pytest.mark.parametrize("seed", range(3))
def test_lscp_needs_no_more_sites_than_the_smallest_subset(seed: int) -> None:
    """The plan covers all who can be covered with as few sites as the smallest such subset."""
    study, candidates, cutoffs = _random_world(seed)
    _, _, solved = _ask(study, candidates, cutoffs, SitingQuestion("lscp"))
    covered = {
        tuple(rows): assess_with(study, candidates, rows, NOTARY, cutoffs).totals.covered
        for rows in _subsets(len(candidates))
    }
    most = max(covered.values())
    fewest = min(len(rows) for rows, people in covered.items() if people == most)
    assert solved.answer.objective == fewest == len(solved.answer.opened)
    assert covered[tuple(sorted(solved.answer.opened.tolist()))] == most
    everybody = float(study.demand["population"].sum())
    assert solved.answer.status == ("optimal" if most == everybody else "infeasible")


def _count_choices(study: Study, candidates: pd.DataFrame, rows: list[int], cutoffs: np.ndarray) -> np.ndarray:
    """Count the stations within reach of each place if some candidates are open, from scratch."""
    table = study.stations.copy()
    stations = build_stations_after_by_hand(table, candidates, rows)
    basis = build_travel_basis(replace(study, stations=stations))
    offers = np.array(["notary" in items for items in stations["services"]])
    offers &= (stations["status"] == "existing").to_numpy(bool)
    return count_within(find_reach(basis, float(cutoffs.max())), len(study.demand), cutoffs, offers)


def build_stations_after_by_hand(stations: pd.DataFrame, candidates: pd.DataFrame, rows: list[int]) -> pd.DataFrame:
    """Put candidates into a table of stations, one by one."""
    for row in rows:
        site = candidates.iloc[row]
        if site["station_id"]:
            services = dict(stations["services"].items())
            services[site["station_id"]] = (*services[site["station_id"]], "notary")
            stations = stations.assign(services=pd.Series(services))
        else:
            new = stations.iloc[[0]].assign(
                lon=site["lon"],
                lat=site["lat"],
                status="existing",
                services=pd.Series([("notary",)], stations.index[:1]),
            )
            stations = pd.concat([stations, new.set_axis([f"n{row}"], axis=0)])
    return stations


@pytest.mark.parametrize("seed", range(2))
def test_lscp_b_gives_two_with_the_fewest(seed: int) -> None:
    """Everybody who can has two sites in reach, and no smaller subset does that."""
    study, candidates, cutoffs = _random_world(seed)
    _, _, solved = _ask(study, candidates, cutoffs, SitingQuestion("lscp-b"))
    everything = _count_choices(study, candidates, list(range(len(candidates))), cutoffs)
    need = np.minimum(everything, 2)

    def is_enough(rows: list[int]) -> bool:
        return bool((_count_choices(study, candidates, rows, cutoffs) >= need).all())

    fewest = next(len(rows) for rows in _subsets(len(candidates)) if is_enough(rows))
    assert len(solved.answer.opened) == fewest
    assert is_enough(solved.answer.opened.tolist())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["p-median", "p-center"])
def test_times_are_the_least_of_all_subsets(seed: int, method: str) -> None:
    """Most people served first, then the least mean (or longest) time: equal to the best pair, from scratch."""
    study, candidates, cutoffs = _random_world(seed)
    asked = SitingQuestion(method, sites=2)  # type: ignore[arg-type]
    _, _, solved = _ask(study, candidates, cutoffs, asked)
    weight = study.demand["population"].to_numpy(float)

    def value(rows: list[int]) -> tuple[float, float]:
        minutes = _minutes(assess_with(study, candidates, rows, NOTARY, cutoffs)).astype(float)
        served = np.isfinite(minutes)
        cost = (
            float(weight[served] @ minutes[served]) if method == "p-median" else float(minutes[served].max(initial=0))
        )
        return float(weight[~served].sum()), cost

    best = min(value(rows) for rows in _subsets(len(candidates), 2) if len(rows) == 2)
    mine = value(solved.answer.opened.tolist())
    assert mine == pytest.approx(best)
    assert solved.answer.objective == pytest.approx(best[1])


@pytest.mark.parametrize("sites", [1, 2])
def test_fair_raises_the_worst_county_first(sites: int) -> None:
    """The smallest share of a county, then everybody: no subset assessed from scratch is better."""
    study = build_street()
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [2.0, 4.0, 7.0, 9.0, 11.0])])
    cutoffs = np.full(13, 1.01, np.float32)
    _, _, solved = _ask(study, candidates, cutoffs, SitingQuestion("fair", sites=sites), ADVICE)

    def value(rows: list[int]) -> tuple[float, float]:
        found = assess_with(study, candidates, rows, ADVICE, cutoffs)
        return round(float(found.districts["share_covered"].min()), 9), found.totals.covered

    assert value(solved.answer.opened.tolist()) == max(value(rows) for rows in _subsets(len(candidates), sites))


def test_capacities_are_kept() -> None:
    """Two sites of 100 people beside a full station serve what a flow through the best pair can carry."""
    study = build_street(capacity=40.0)
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [1.0, 4.0, 6.0, 9.0, 10.0], capacity=[100.0] * 5)])
    cutoffs = np.full(13, 2.01, np.float32)
    _, problem, solved = _ask(study, candidates, cutoffs, SitingQuestion("capacitated", sites=2), ADVICE)

    def carry(rows: list[int]) -> float:
        graph = networkx.DiGraph()
        sites = [(0.0, 40.0), *(((1.0, 4.0, 6.0, 9.0, 10.0)[row], 100.0) for row in rows)]
        for number, (km, room) in enumerate(sites):
            graph.add_edge(f"s{number}", "end", capacity=room)
            for place, people in enumerate(PEOPLE):
                graph.add_edge("begin", place, capacity=people)
                if abs(place - km) <= 2.01:
                    graph.add_edge(place, f"s{number}")
        return float(networkx.maximum_flow_value(graph, "begin", "end"))

    assert solved.answer.objective == pytest.approx(max(carry(rows) for rows in _subsets(5, 2)))
    assert solved.answer.objective == pytest.approx(carry(solved.answer.opened.tolist()))
    assert solved.load is not None
    assert (solved.load <= problem.problem.capacity + 1e-6).all()


def test_one_row_stands_for_all_stations() -> None:
    """Existing stations are one row at the time to the nearest; where they are kept apart the cover is the same."""
    study = build_street()
    study = replace(study, stations=study.stations.assign(services=[("advice",), ("advice",)]))
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [3.0, 6.0])])
    basis, cutoffs = build_travel_basis(study), np.full(13, 2.0, np.float32)
    one = build_siting_problem(basis, ADVICE, cutoffs, candidates)
    each = build_siting_problem(basis, ADVICE, cutoffs, candidates, settings=ProblemSettings(keeps_stations=True))
    assert (one.problem.site_count, each.problem.site_count) == (3, 4)
    assert one.problem.demand[one.problem.ptr[2] :].tolist() == [0, 1, 2, 8, 9, 10, 11, 12]
    assert one.problem.cost[one.problem.ptr[2] :].tolist() == pytest.approx([0, 1, 2, 2, 1, 0, 1, 2], abs=1e-4)
    assert each.problem.demand[each.problem.ptr[2] :].tolist() == [0, 1, 2, 8, 9, 10, 11, 12]
    assert (one.station_row.tolist(), each.station_row.tolist()) == ([-1], [0, 1])


def test_own_jurisdiction_keeps_people_in_their_county() -> None:
    """A site at kilometre 5 serves county a only, one at kilometre 6 county b only; the claim holds from scratch."""
    study = build_street()
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [5.0, 6.0])])
    assert candidates["county"].tolist() == ["a", "b"]
    cutoffs = np.full(13, 2.01, np.float32)
    basis = build_travel_basis(study, own_level="county")
    problem = build_siting_problem(basis, ADVICE, cutoffs, candidates)
    ptr, demand = problem.problem.ptr, problem.problem.demand
    assert demand[ptr[0] : ptr[1]].tolist() == [3, 4, 5]
    assert demand[ptr[1] : ptr[2]].tolist() == [6, 7, 8]
    solved = solve_siting(problem.problem, problem.cutoff, SitingQuestion("mclp", sites=1))
    scratch = [assess_with(study, candidates, [row], ADVICE, cutoffs, "county").totals.covered for row in (0, 1)]
    assert solved.answer.objective == max(scratch) == 50 + 10 + 20 + 30 + 80 + 10


def test_an_added_item_serves_the_county_the_station_declares() -> None:
    """A station in county b whose code says county a serves the people of county a when it adds the item."""
    study = build_street()
    study = replace(study, stations=study.stations.assign(code=["", "a"]))
    candidates, _ = gather_candidates(study, ADVICE, [list_item_hosts(study, ADVICE, COSTS)])
    basis = build_travel_basis(study, own_level="county")
    cutoffs = np.full(13, 6.01, np.float32)
    problem = build_siting_problem(basis, ADVICE, cutoffs, candidates)
    assert problem.problem.demand[: problem.problem.ptr[1]].tolist() == [4, 5]
    after = build_stations_after(study, ADVICE, problem, _open(problem, [0]))
    again = build_travel_basis(replace(study, stations=after.assign(district_id=["a", "b"])), own_level="county")
    found = find_minutes_after(basis, ADVICE, problem, np.array([0]), np.zeros(0, np.int64))
    np.testing.assert_array_equal(found, _minutes(_assess(again, cutoffs)))


def _assess(basis: TravelBasis, cutoffs: np.ndarray) -> Assessment:
    return assess(basis, ADVICE, cutoffs_min=cutoffs)


def _open(problem: StudyProblem, rows: list[int]) -> Solved:
    solved = solve_siting(problem.problem, problem.cutoff, SitingQuestion("mclp", sites=len(rows)))
    return replace(solved, answer=replace(solved.answer, opened=np.array(rows, np.int64)))


def test_quotas_bind_by_county() -> None:
    """Two sites would both stand in county b; at most one a county sends the second to county a."""
    study = build_street()
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [4.0, 7.0, 10.0, 12.0])])
    basis, cutoffs = build_travel_basis(study), np.full(13, 1.01, np.float32)
    asked = SitingQuestion("mclp", sites=2)

    def choose(*quotas: SiteQuota) -> list[str]:
        problem = build_siting_problem(basis, ADVICE, cutoffs, candidates, settings=ProblemSettings(quotas=quotas))
        opened = solve_siting(problem.problem, problem.cutoff, asked).answer.opened
        return sorted(candidates.index[opened])

    assert choose() == ["k10", "k4"]
    assert choose(SiteQuota("a", at_most=0)) == ["k10", "k7"]
    assert choose(SiteQuota("b", at_least=2)) == ["k10", "k7"]
    assert choose(SiteQuota(at_most=1)) == ["k10", "k4"]
    assert choose(SiteQuota("a", 0, 0), SiteQuota(at_most=1)) == ["k10"]
    with pytest.raises(InputError) as caught:
        choose(SiteQuota("nowhere", at_most=1))
    assert caught.value.code == "siting.unknown_county"


def test_moving_a_station_counts_whom_it_loses() -> None:
    """s0 serves 60 people; moved to kilometre 10 the plan serves the 120 there, and the table says it is closed."""
    study = build_street()
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [4.0, 10.0])])
    cutoffs = np.full(13, 1.01, np.float32)
    basis = build_travel_basis(study)
    settings = ProblemSettings(relocatable=("s0",))
    problem = build_siting_problem(basis, ADVICE, cutoffs, candidates, settings=settings, closing_cost={"s0": 5.0})
    solved = solve_siting(problem.problem, problem.cutoff, SitingQuestion("mclp", sites=0, moves=1))
    assert problem.candidates.index[solved.answer.opened].tolist() in (["k4"], ["k10"])
    assert solved.answer.closed.tolist() == [2]
    assert compute_money(problem.problem, solved.answer) == 105.0
    marginal = compute_marginal(problem, solved)
    assert (marginal.before, marginal.newly.tolist()) == (0.0, [120.0])
    after = build_stations_after(study, ADVICE, problem, solved)
    assert after["status"].tolist() == ["closed", "existing", "existing"]
    minutes = find_minutes_after(basis, ADVICE, problem, solved.answer.opened, solved.answer.closed)
    assert float(np.array(PEOPLE)[is_within(minutes, cutoffs)].sum()) == 120.0


def test_sites_are_told_in_build_order_with_what_speaks_for_them() -> None:
    """Three sites at a threshold of 1 km: k11 adds 140 people, k4 120, and k6 the 65 that k4 leaves it."""
    study = build_street()
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [4.0, 6.0, 10.0, 11.0])])
    basis, cutoffs = build_travel_basis(study), np.full(13, 1.01, np.float32)
    problem = build_siting_problem(basis, ADVICE, cutoffs, candidates)
    asked = SitingQuestion("mclp", sites=3)
    solved = solve_siting(problem.problem, problem.cutoff, asked)
    marginal = compute_marginal(problem, solved)
    table = tabulate_sites(problem, asked, solved, marginal, per_year=2)
    assert table.columns[:8].tolist() == [
        "order", "site_id", "lon", "lat", "kind", "cost", "newly_covered", "cumulative_share",
    ]  # fmt: skip
    # k11 covers d10, d11 and d12: 140 people; k4 d3, d4 and d5: 120; k6 adds d6 and d7, as d5 is covered.
    assert table["site_id"].tolist() == ["k11", "k4", "k6"]
    assert table["newly_covered"].tolist() == [140.0, 120.0, 65.0]
    assert table["cumulative_share"].tolist() == pytest.approx([200 / 455, 320 / 455, 385 / 455])
    assert table["cost_per_person"].tolist() == pytest.approx([100 / 140, 100 / 120, 100 / 65])
    assert table["only_this_site"].tolist() == [140.0, 110.0, 65.0]
    assert table["period"].tolist() == [1, 1, 2]
    curve = find_curve(problem, asked, solved)
    frontier = tabulate_frontier(problem, asked, curve)
    assert curve.own is not None
    assert curve.plans[curve.own] is solved
    assert [plan.answer.objective for plan in curve.plans] == frontier["covered"].tolist()
    assert frontier["covered"].tolist() == [200.0, 320.0, 385.0, 395.0]
    assert (frontier["bound"] == frontier["covered"]).all()
    assert set(frontier["status"]) == {"optimal"}
    years = tabulate_years(basis, ADVICE, problem, marginal, table, first_year=2026)
    assert years["year"].tolist() == [2026, 2027]
    assert years["number"].tolist() == [2, 1]
    assert years["cost"].tolist() == [200.0, 100.0]
    assert years["study_share_after"].tolist() == pytest.approx([320 / 455, 385 / 455])


def test_who_cannot_be_covered_is_named_with_the_reason() -> None:
    """Far from every candidate, on a road of its own, or without a road: three reasons."""
    study = build_random_study(3)
    parts = [find_village_seats(study, NOTARY, study.demand["population"].to_numpy(float), COSTS)]
    candidates, _ = gather_candidates(study, NOTARY, parts)
    cutoffs = np.full(len(study.demand), 0.5, np.float32)
    basis, problem, solved = _ask(study, candidates, cutoffs, SitingQuestion("lscp"))
    table = tabulate_unserved(basis, problem).set_index("demand_id")
    every = assess_with(study, candidates, list(range(len(candidates))), NOTARY, cutoffs).demand
    left = every[(every["status"] != "covered") & (every["weight"] > 0)]
    assert sorted(table.index) == sorted(left.index)
    reasons = (
        left["status"]
        .astype(str)
        .map({"beyond": "no_candidate_within", "no_route": "no_route", "unconnected": "no_road"})
    )
    assert table["reason"].to_dict() == reasons.to_dict()
    assert table["people"].sum() == left["weight"].sum()
    assert solved.answer.status == "infeasible"


def test_limits_of_memory_and_empty_tables_are_told() -> None:
    """Pairs beyond the memory budget, and no candidate at all, are errors that say so."""
    study = build_street()
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [float(km) for km in range(13)])])
    basis, cutoffs = build_travel_basis(study), np.full(13, 20.0, np.float32)
    with pytest.raises(InputError) as empty:
        build_siting_problem(basis, ADVICE, cutoffs, candidates.iloc[:0])
    assert empty.value.code == "siting.no_candidates"
    small = replace(study, settings=replace(study.settings, memory_budget_mb=1.0))
    many = pd.concat([candidates.set_axis([f"{one}-{n}" for one in candidates.index], axis=0) for n in range(600)])
    with pytest.raises(SettingsError) as full:
        build_siting_problem(build_travel_basis(small), ADVICE, cutoffs, many)
    assert full.value.code == "siting.too_many_pairs"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (SitingQuestion("mclp"), "siting.sites_missing"),
        (SitingQuestion("p-median", budget=5.0), "siting.budget_not_here"),
        (SitingQuestion("lscp", sites=3), "siting.limit_not_here"),
        (SitingQuestion("p-center", sites=3, moves=1), "siting.moves_not_here"),
        (SitingQuestion("mclp", sites=3, share=0.5), "siting.share_not_here"),
        (SitingQuestion("lscp", share=0.0), "siting.share_out_of_range"),
    ],
)
def test_questions_that_no_model_answers_are_refused(asked: SitingQuestion, code: str) -> None:
    """A model says at once what it lacks or has no use for."""
    with pytest.raises(SettingsError) as caught:
        check_siting_question(asked)
    assert caught.value.code == code
