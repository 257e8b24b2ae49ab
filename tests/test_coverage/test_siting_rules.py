"""From study to plan: rules of who may go where, quotas, moves, and the tables that speak for a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_study import build_random_study
from siting_world import ADVICE, COSTS, NOTARY, PEOPLE, ask_siting, assess_with, build_street, draw, read_minutes

from coverage.access.assessment import Assessment, assess
from coverage.errors import InputError, SettingsError
from coverage.siting.model.candidate_sources import find_village_seats, list_item_hosts
from coverage.siting.model.candidates import gather_candidates
from coverage.siting.model.curve import Solved
from coverage.siting.model.from_study import (
    ProblemSettings,
    SiteQuota,
    StudyProblem,
    build_siting_problem,
    find_minutes_after,
)
from coverage.siting.plan.curve_table import find_curve, tabulate_frontier
from coverage.siting.plan.outcome import compute_marginal, tabulate_sites, tabulate_unserved
from coverage.siting.plan.planned_stations import build_stations_after, tabulate_years
from coverage.siting.plan.solve import SitingQuestion, check_siting_question, compute_money, solve_siting
from coverage.travel.travel_basis import TravelBasis, build_travel_basis
from coverage.units import is_within


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
    np.testing.assert_array_equal(found, read_minutes(_assess(again, cutoffs)))


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
    basis, problem, solved = ask_siting(study, candidates, cutoffs, SitingQuestion("lscp"))
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
