"""Several services at once: the plan is the best of all subsets, each service assessed from scratch."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_study import build_random_study
from siting_world import ADVICE, COSTS, PEOPLE, build_street, draw

from coverage.access.assessment import assess
from coverage.errors import SettingsError
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.siting.model.candidate_sources import list_item_hosts, list_places
from coverage.siting.model.candidates import gather_candidates
from coverage.siting.model.curve import Solved
from coverage.siting.model.from_study import ProblemSettings, SiteQuota, StudyProblem
from coverage.siting.plan.bundle import (
    add_services,
    build_bundle_problem,
    find_bundle_minutes,
    tabulate_bundle_unserved,
    tabulate_services,
)
from coverage.siting.plan.curve_table import find_curve, tabulate_frontier
from coverage.siting.plan.outcome import compute_marginal, tabulate_sites
from coverage.siting.plan.planned_stations import build_stations_after
from coverage.siting.plan.solve import SitingQuestion, check_siting_question, solve_siting
from coverage.travel.travel_basis import TravelBasis, build_travel_basis

NOTARY = StationChoice(service="notary")
CHOICES = (ADVICE, NOTARY)


def _random_world(seed: int) -> tuple[Study, pd.DataFrame, np.ndarray, list[np.ndarray]]:
    """Return a random study with new sites and stations that lack an item, what each gives, and thresholds."""
    study = build_random_study(seed)
    rng = np.random.default_rng(seed + 200)
    places = pd.DataFrame(
        {"name": "x", "lon": rng.uniform(87.6, 87.65, 5), "lat": rng.uniform(43.8, 43.836, 5), "kind": ""},
        index=[f"c{number}" for number in range(5)],
    )
    hosts = pd.concat([list_item_hosts(study, one, COSTS) for one in CHOICES])
    hosts = hosts.loc[~hosts.index.duplicated()].iloc[:2]
    candidates, _ = gather_candidates(study, NOTARY, [list_places(study, NOTARY, places, COSTS)[0], hosts])
    gives = rng.random((len(candidates), 2)) < 0.6
    gives[0] = True
    offered = study.stations["services"].to_dict()
    for row, host in enumerate(candidates["station_id"]):
        if host:
            gives[row] = [one.service not in offered[host] for one in CHOICES]
    costed = candidates.assign(cost=gives @ np.array([3.0, 5.0]))
    cutoffs = [rng.choice([2.0, 3.0, 5.0], len(study.demand)).astype(np.float32) for _ in CHOICES]
    return study, costed, gives, cutoffs


def _answer(asked: StudyProblem, rows: list[int], solved: Solved) -> Solved:
    return Solved(replace(solved.answer, opened=np.array(rows, np.int64), closed=np.zeros(0, np.int32)))


def _assess_each(study: Study, asked: StudyProblem, solved: Solved, cutoffs: list[np.ndarray]) -> list[float]:
    """Assess from scratch, service by service, the stations a plan leaves."""
    stations = build_stations_after(study, StationChoice(), asked, solved).assign(district_id="")
    basis = build_travel_basis(replace(study, stations=stations))
    return [
        assess(basis, choice, cutoffs_min=each).totals.covered for choice, each in zip(CHOICES, cutoffs, strict=True)
    ]


def _solve(
    study: Study,
    candidates: pd.DataFrame,
    gives: np.ndarray,
    cutoffs: list[np.ndarray],
    siting: SitingQuestion,
    settings: ProblemSettings | None = None,
) -> tuple[TravelBasis, StudyProblem, Solved]:
    basis = build_travel_basis(study)
    asked = build_bundle_problem(basis, CHOICES, cutoffs, candidates, gives, settings=settings)
    return basis, asked, solve_siting(asked.problem, asked.cutoff, siting)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", [{"sites": 2}, {"budget": 11.0}], ids=str)
def test_the_plan_is_the_best_of_all_subsets(seed: int, limit: dict[str, float]) -> None:
    """No subset of as many sites, or as much money, covers more people summed over the services, each from scratch."""
    study, candidates, gives, cutoffs = _random_world(seed)
    siting = SitingQuestion("mclp", sites=None, budget=None, services=("advice", "notary"))
    siting = replace(siting, **limit)
    basis, asked, solved = _solve(study, candidates, gives, cutoffs, siting)
    cost = candidates["cost"].to_numpy(float)
    best = 0.0
    for size in range(len(candidates) + 1):
        for rows in map(list, itertools.combinations(range(len(candidates)), size)):
            if size > limit.get("sites", size) or cost[rows].sum() > limit.get("budget", np.inf):
                continue
            best = max(best, sum(_assess_each(study, asked, _answer(asked, rows, solved), cutoffs)))
    assert solved.answer.status == "optimal"
    assert solved.answer.objective == best

    each = _assess_each(study, asked, solved, cutoffs)
    minutes = find_bundle_minutes(basis, CHOICES, asked, solved.answer.opened)
    table = tabulate_services(basis, CHOICES, asked, solved.answer, minutes)
    assert table["covered_after"].tolist() == each
    assert table["newly_covered"].sum() == solved.answer.objective - table["covered_before"].sum()
    sites = tabulate_sites(asked, siting, solved, compute_marginal(asked, solved))
    sites = add_services(sites, asked, solved.answer)
    assert sites["newly_advice"].sum() == pytest.approx(table["newly_covered"].iloc[0])
    assert sites["newly_notary"].sum() == pytest.approx(table["newly_covered"].iloc[1])
    assert (sites["newly_advice"] + sites["newly_notary"]).to_numpy() == pytest.approx(sites["newly_covered"])


def test_a_site_gives_only_its_items() -> None:
    """On the street a site at kilometre 5 that gives advice alone brings nobody notarisation; the curve agrees."""
    study = build_street()
    candidates = gather_candidates(study, ADVICE, [draw(study, [5, 8])])[0]
    gives = np.array([[True, False], [True, True]])
    cutoffs = [np.full(len(PEOPLE), 1.5, np.float32)] * 2
    siting = SitingQuestion("mclp", sites=2, services=("advice", "notary"))
    basis, asked, solved = _solve(study, candidates, gives, cutoffs, siting)
    minutes = find_bundle_minutes(basis, CHOICES, asked, solved.answer.opened)
    table = tabulate_services(basis, CHOICES, asked, solved.answer, minutes).set_index("service")
    # Within 1.5 km of km 0, 5, 8 (advice); of km 0, 8, 10 (notary).
    assert table.loc["advice", "newly_covered"] == sum(PEOPLE[4:7]) + sum(PEOPLE[7:10])
    assert table.loc["notary", "newly_covered"] == sum(PEOPLE[7:9])
    assert table["sites"].tolist() == [2, 1]
    curve = find_curve(asked, siting, solved)
    listed = tabulate_frontier(asked, siting, curve)
    assert listed["covered"].iloc[listed["sites"].tolist().index(2)] == solved.answer.objective
    assert len(curve.plans) == len(listed)
    unserved = tabulate_bundle_unserved(basis, asked)
    told = unserved.groupby("service")["people"].sum()
    assert told["advice"] == table.loc["advice", "people"] - table.loc["advice", "covered_after"]
    assert told["notary"] == table.loc["notary", "people"] - table.loc["notary", "covered_after"]
    assert unserved.columns[0] == "service"


def test_quotas_and_roles_hold_for_the_bundle() -> None:
    """A required site opens, a forbidden one does not, and county b gets no more than its quota."""
    study = build_street()
    candidates = gather_candidates(study, ADVICE, [draw(study, [3, 5, 8, 10])])[0]
    candidates = candidates.assign(role=["required", "forbidden", "candidate", "candidate"])
    cutoffs = [np.full(len(PEOPLE), 1.5, np.float32)] * 2
    settings = ProblemSettings(quotas=(SiteQuota("b", at_most=1),))
    siting = SitingQuestion("mclp", sites=4, services=("advice", "notary"))
    _, _, solved = _solve(study, candidates, np.ones((4, 2), bool), cutoffs, siting, settings)
    opened = set(solved.answer.opened.tolist())
    assert 0 in opened
    assert 1 not in opened
    assert len(opened) == 2


@pytest.mark.parametrize(
    "asked",
    [
        SitingQuestion("p-median", sites=2, services=("advice", "notary")),
        SitingQuestion("mclp", sites=2, moves=1, services=("advice", "notary")),
    ],
)
def test_other_models_refuse_several_services(asked: SitingQuestion) -> None:
    """Before the long work, with a code of its own."""
    with pytest.raises(SettingsError) as caught:
        check_siting_question(asked)
    assert caught.value.code == "siting.services_not_here"
