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
from siting_world import ADVICE, COSTS, NOTARY, PEOPLE, ask_siting, assess_with, build_street, draw, read_minutes

from coverage.access.assessment import find_reach
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import CapacityUse, Study
from coverage.siting.model.candidate_sources import list_item_hosts, list_places
from coverage.siting.model.candidates import gather_candidates
from coverage.siting.model.from_study import find_minutes_after
from coverage.siting.plan.outcome import compute_marginal
from coverage.siting.plan.solve import SitingQuestion
from coverage.travel.reach import count_within
from coverage.travel.travel_basis import build_travel_basis


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


def _subsets(count: int, most: int | None = None) -> Iterator[list[int]]:
    for size in range((count if most is None else most) + 1):
        yield from (list(rows) for rows in itertools.combinations(range(count), size))


@pytest.mark.parametrize("seed", range(3))
def test_mclp_equals_the_best_of_all_subsets(seed: int) -> None:
    """With two sites no subset, assessed from scratch, covers more than the plan; the plan covers what it claims."""
    study, candidates, cutoffs = _random_world(seed)
    basis, problem, solved = ask_siting(study, candidates, cutoffs, SitingQuestion("mclp", sites=2))
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
    np.testing.assert_array_equal(after, read_minutes(scratch))


@pytest.mark.parametrize("seed", range(3))
def test_lscp_needs_no_more_sites_than_the_smallest_subset(seed: int) -> None:
    """The plan covers all who can be covered with as few sites as the smallest such subset."""
    study, candidates, cutoffs = _random_world(seed)
    _, _, solved = ask_siting(study, candidates, cutoffs, SitingQuestion("lscp"))
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
    _, _, solved = ask_siting(study, candidates, cutoffs, SitingQuestion("lscp-b"))
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
    _, _, solved = ask_siting(study, candidates, cutoffs, asked)
    weight = study.demand["population"].to_numpy(float)

    def value(rows: list[int]) -> tuple[float, float]:
        minutes = read_minutes(assess_with(study, candidates, rows, NOTARY, cutoffs)).astype(float)
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
    _, _, solved = ask_siting(study, candidates, cutoffs, SitingQuestion("fair", sites=sites), ADVICE)

    def value(rows: list[int]) -> tuple[float, float]:
        found = assess_with(study, candidates, rows, ADVICE, cutoffs)
        return round(float(found.districts["share_covered"].min()), 9), found.totals.covered

    assert value(solved.answer.opened.tolist()) == max(value(rows) for rows in _subsets(len(candidates), sites))


def test_capacities_are_kept() -> None:
    """Two sites of 100 people beside a full station serve what a flow through the best pair can carry."""
    study = build_street(capacity=40.0)
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [1.0, 4.0, 6.0, 9.0, 10.0], capacity=[100.0] * 5)])
    cutoffs = np.full(13, 2.01, np.float32)
    _, problem, solved = ask_siting(study, candidates, cutoffs, SitingQuestion("capacitated", sites=2), ADVICE)

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


def test_capacities_in_cases_are_people_by_what_each_asks_for() -> None:
    """A station that settles 40 cases a year serves 10 people who come four times a year."""
    study = replace(build_street(capacity=40.0), capacity_use=CapacityUse(4.0))
    candidates, _ = gather_candidates(study, ADVICE, [draw(study, [4.0, 9.0], capacity=[100.0] * 2)])
    problem = ask_siting(study, candidates, np.full(13, 2.01, np.float32), SitingQuestion("mclp", sites=1), ADVICE)[1]
    assert problem.problem.capacity[:2].tolist() == [25.0, 25.0]
