"""Several services at once for a study: a site opens with its bundle, each service is told by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.totals import classify, compute_totals
from coverage.inputs.stations import StationChoice
from coverage.network.model import BoolArray
from coverage.progress import Progress, ignore_progress
from coverage.siting.model.candidate_times import find_ways
from coverage.siting.model.from_study import (
    ProblemSettings,
    StudyProblem,
    build_siting_problem,
    find_groups,
    find_minutes_after,
)
from coverage.siting.model.problem import SiteRole, SitingAnswer, SitingProblem
from coverage.siting.model.several_services import stack_problems
from coverage.siting.plan.outcome import tabulate_unserved
from coverage.siting.plan.solve import to_cover_problem
from coverage.travel.travel_basis import TravelBasis

Minutes = npt.NDArray[np.float32]
# What the sums over several services count: everybody once for each service.
WEIGHT = "services"


def build_bundle_problem(
    basis: TravelBasis,
    choices: Sequence[StationChoice],
    cutoffs_min: Sequence[Minutes],
    candidates: pd.DataFrame,
    gives: BoolArray,
    *,
    settings: ProblemSettings | None = None,
    progress: Progress = ignore_progress,
) -> StudyProblem:
    """Build the covering problem of several services whose sites are the same.

    Parameters
    ----------
    basis
        The study joined to its roads.
    choices
        Which stations count today for each service item; each names its item. At least one.
    cutoffs_min
        The threshold of each demand point for each of them, shape (d,) [min].
    candidates
        Table after `coverage.siting.model.candidates.CANDIDATE_COLUMNS`; `cost` is that of the whole bundle of a site.
    gives
        Which of the services each candidate gives once it opens, shape (n, services).
    settings
        Quotas; the rest is as covering wants it.
    progress
        Told the share of candidates done.

    Returns
    -------
    The problem of `coverage.siting.model.several_services.stack_problems`: row ``k · d + i`` of demand is demand point
    i for service k. One row after the candidates stands for the existing stations of every service together.

    Raises
    ------
    InputError, SettingsError
        As `coverage.siting.model.from_study.build_siting_problem`, which builds each service by itself: whom a site
        covers for a service is whom an assessment of that service finds, to the bit.
    """
    wanted = ProblemSettings() if settings is None else settings
    single = replace(wanted, quotas=())
    count = len(candidates)
    parts, problems = [], []
    # The ways are the same for every service: searched once, within the longest threshold of each demand point.
    largest = np.maximum.reduce([np.asarray(one, np.float32) for one in cutoffs_min])
    ways = find_ways(basis, candidates, largest, progress=progress)
    for number, choice in enumerate(choices):
        rows = np.flatnonzero(gives[:, number])
        part = build_siting_problem(
            basis, choice, cutoffs_min[number], candidates.iloc[rows], settings=single, ways=ways.subset(rows)
        )
        parts.append(part)
        problems.append(_spread_sites(part.problem, rows, count, candidates))
    cutoff = max(part.cutoff for part in parts)
    # Pairs are within the threshold of their demand point already.
    stacked = stack_problems(problems, [cutoff] * len(parts), offers=np.vstack((gives, np.ones(gives.shape[1], bool))))
    group, quotas = find_groups(basis, candidates, wanted.quotas)
    return StudyProblem(
        problem=replace(stacked, site_group=np.append(group, -1).astype(np.int32), quotas=quotas),
        cutoff=cutoff,
        cutoffs_min=np.concatenate([part.cutoffs_min for part in parts]),
        candidates=candidates,
        places=ways.places,
        station_row=np.full(1, -1, np.int32),
        minutes_before=np.concatenate([part.minutes_before for part in parts]),
        is_connected=np.concatenate([part.is_connected for part in parts]),
        weight_column=WEIGHT,
        services=tuple(choice.service for choice in choices),
        gives=gives,
    )


def _spread_sites(
    problem: SitingProblem, rows: npt.NDArray[np.intp], count: int, candidates: pd.DataFrame
) -> SitingProblem:
    """Put the sites of one service in their rows among all candidates; the last row stands for existing stations."""
    length = np.zeros(count + 1, np.int64)
    given = np.diff(problem.ptr)
    length[rows] = given[: len(rows)]
    length[count] = given[len(rows) :].sum()
    role = np.full(count + 1, SiteRole.EXISTING, np.int8)
    names = {"candidate": SiteRole.CANDIDATE, "required": SiteRole.REQUIRED, "forbidden": SiteRole.FORBIDDEN}
    role[:count] = [names[one] for one in candidates["role"]]
    nothing = np.zeros(count + 1)
    return replace(
        problem,
        ptr=np.concatenate(([0], np.cumsum(length))),
        role=role,
        site_cost=np.append(candidates["cost"].to_numpy(float), 0.0),
        removal_cost=nothing,
        capacity=np.full(count + 1, np.inf),
        site_group=np.full(count + 1, -1, np.int32),
        quotas=(),
    )


def view_service(asked: StudyProblem, number: int) -> StudyProblem:
    """Return what was asked of one of several services, as if it had been asked alone of the same candidates."""
    points = asked.problem.demand_count // len(asked.services)
    mine = slice(number * points, (number + 1) * points)
    problem = asked.problem
    keep = (problem.demand >= mine.start) & (problem.demand < mine.stop)
    kept = np.concatenate(([0], np.cumsum(keep)))
    gives = np.ones(len(asked.candidates), bool) if asked.gives is None else asked.gives[:, number]
    role = asked.candidates["role"].where(gives, "forbidden")
    return replace(
        asked,
        problem=replace(
            problem,
            weight=problem.weight[mine],
            ptr=kept[problem.ptr],
            demand=(problem.demand[keep] - mine.start).astype(np.int32),
            cost=problem.cost[keep],
            demand_unit=problem.demand_unit[mine],
        ),
        candidates=asked.candidates.assign(role=role),
        cutoffs_min=asked.cutoffs_min[mine],
        minutes_before=asked.minutes_before[mine],
        is_connected=asked.is_connected[mine],
        services=(),
        gives=None,
    )


def find_bundle_minutes(
    basis: TravelBasis, choices: Sequence[StationChoice], asked: StudyProblem, opened: npt.NDArray[np.integer]
) -> Minutes:
    """Find everybody's time to the nearest station of each service once a plan stands, shape (services · d,) [min]."""
    nothing = np.zeros(0, np.int64)
    found = []
    for number, choice in enumerate(choices):
        mine = opened if asked.gives is None else opened[asked.gives[opened, number]]
        found.append(find_minutes_after(basis, choice, view_service(asked, number), mine, nothing))
    return np.concatenate(found)


def tabulate_services(
    basis: TravelBasis, choices: Sequence[StationChoice], asked: StudyProblem, answer: SitingAnswer, after: Minutes
) -> pd.DataFrame:
    """Tabulate what a plan brings to each service.

    Returns
    -------
    service, sites (new ones that give it), people (who count for it), covered_before, covered_after, newly_covered,
    share_before, share_after, mean_min_before, mean_min_after (over those with a way), unserved (people no site
    can cover for it, whatever is opened).
    """
    rows: list[dict[str, object]] = []
    for number, choice in enumerate(choices):
        view = view_service(asked, number)
        minutes = np.split(after, len(choices))[number]
        totals = [
            compute_totals(one, classify(one, view.is_connected, view.cutoffs_min), view.problem.weight)
            for one in (view.minutes_before, minutes)
        ]
        given = answer.opened if asked.gives is None else answer.opened[asked.gives[answer.opened, number]]
        rows.append(
            {
                "service": choice.service,
                "sites": len(given),
                "people": totals[1].total,
                "covered_before": totals[0].covered,
                "covered_after": totals[1].covered,
                "newly_covered": totals[1].covered - totals[0].covered,
                "share_before": totals[0].share_covered,
                "share_after": totals[1].share_covered,
                "mean_min_before": totals[0].mean_min,
                "mean_min_after": totals[1].mean_min,
                "unserved": float(tabulate_unserved(basis, view)["people"].sum()),
            }
        )
    return pd.DataFrame(rows)


def tabulate_bundle_unserved(basis: TravelBasis, asked: StudyProblem) -> pd.DataFrame:
    """List for each service whom no site can cover, see `coverage.siting.plan.outcome.tabulate_unserved`."""
    tables = [
        tabulate_unserved(basis, view_service(asked, number)).assign(service=service)
        for number, service in enumerate(asked.services)
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["service", *(column for column in table.columns if column != "service")]]


def add_services(sites: pd.DataFrame, asked: StudyProblem, answer: SitingAnswer) -> pd.DataFrame:
    """Add to the table of sites what each gives, and whom it covers anew for each service in build order.

    Returns
    -------
    The table with the columns `services` (items, separated by semicolons) and ``newly_<item>`` for each of them.
    """
    given = [";".join(asked.list_given(int(row), StationChoice())) for row in answer.opened]
    table = sites.assign(services=pd.Series(given, sites.index, dtype=object))
    for number, service in enumerate(asked.services):
        view = view_service(asked, number)
        cover = to_cover_problem(view.problem, view.cutoffs_min)
        is_covered = view.covered_before
        newly = []
        for row in answer.opened:
            within = cover.demand[cover.ptr[row] : cover.ptr[row + 1]]
            newly.append(float(cover.weight[within[~is_covered[within]]].sum()))
            is_covered[within] = True
        table[f"newly_{service}"] = newly
    return table
