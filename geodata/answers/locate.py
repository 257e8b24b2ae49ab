"""Sites for any cost matrix: read the tables, solve one of the models, write what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from coverage.errors import SettingsError
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.siting.cover.lscp import solve_lscp
from coverage.siting.cover.mclp import solve_mclp
from coverage.siting.model.limits import Limit
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, no_deadline
from coverage.siting.model.solver_progress import SolveProgress, SolveReport
from coverage.siting.p_center.solver import solve_p_center
from coverage.siting.p_median.solver import solve_p_median
from coverage.units import is_within
from geodata.answers.write_siting import Plan, write_siting
from geodata.intake.read_costs import CostMatrix, read_costs

LocateMethod = Literal["mclp", "lscp", "p-median", "p-center"]
LOCATE_METHODS: tuple[LocateMethod, ...] = get_args(LocateMethod)
COVERING: tuple[LocateMethod, ...] = ("mclp", "lscp")


@dataclass(frozen=True, slots=True)
class LocateQuestion:
    """What is asked of a cost matrix.

    Parameters
    ----------
    method
        ``mclp``: most weight within the cutoff; ``lscp``: fewest sites that cover everybody within it;
        ``p-median``: least weighted cost; ``p-center``: least largest cost.
    cutoff
        Largest cost, included. The covering models need one; the others leave out dearer pairs if it is given.
    sites
        Sites to open; all models but ``lscp``, which finds the number itself, need it.
    time_limit_s
        Seconds for solving; the answer is then the best found, with its bound. None: until it is proved.
    """

    method: LocateMethod
    cutoff: float | None = None
    sites: int | None = None
    time_limit_s: float | None = None


def locate(
    costs: Path, demand: Path, question: LocateQuestion, *, out: Path, progress: Progress = ignore_progress
) -> tuple[list[Path], Plan]:
    """Choose sites for a cost matrix and write ``sites.csv``, ``assignment.csv`` and ``summary.json``.

    Parameters
    ----------
    costs, demand
        Tables, see `read_costs`.
    question
        The model and its numbers.
    out
        Folder for the results.
    progress
        Told each step; returning False ends the solver with the best answer so far.

    Returns
    -------
    The files and what stands in them. Two runs write the same, but for the seconds in ``summary.json``
    and unless time ran out.

    Raises
    ------
    SettingsError
        ``locate.cutoff_missing`` or ``locate.sites_missing`` if the model needs it.
    InputError
        If a table cannot be used.
    """
    check_locate(question)
    report_progress(progress, 0.0, "locate_read")
    matrix = read_costs(costs, demand)
    report_progress(progress, 0.2, "locate_solve")
    begin = time.monotonic()
    problem = build_problem(matrix, question)
    answer = solve(problem, question, report=_pass_on(progress), seconds_left=_countdown(begin, question.time_limit_s))
    runtime_s = time.monotonic() - begin
    progress(0.9, "locate_write")
    plan = Plan(matrix, problem, answer, question.cutoff, question.sites, question.method in COVERING)
    return write_siting(out, plan, runtime_s), plan


def check_locate(question: LocateQuestion) -> None:
    """Raise `SettingsError` where a model lacks a number it needs."""
    if question.method in COVERING and question.cutoff is None:
        raise SettingsError("locate.cutoff_missing", method=question.method)
    if question.method != "lscp" and question.sites is None:
        raise SettingsError("locate.sites_missing", method=question.method)


def build_problem(matrix: CostMatrix, question: LocateQuestion) -> SitingProblem:
    """Build the problem: every site a candidate, pairs beyond the cutoff left out."""
    demand, site, cost = matrix.demand, matrix.site, matrix.cost
    if question.cutoff is not None:
        near = is_within(cost, question.cutoff)
        demand, site, cost = demand[near], site[near], cost[near]
    demand_count, site_count = len(matrix.demand_id), len(matrix.site_id)
    nothing = np.zeros(site_count)
    return SitingProblem(
        weight=matrix.weight,
        ptr=np.searchsorted(site, np.arange(site_count + 1)).astype(np.int64),
        demand=demand.astype(np.int32),
        cost=cost,
        role=np.full(site_count, SiteRole.CANDIDATE, dtype=np.int8),
        site_cost=nothing,
        removal_cost=nothing,
        capacity=np.full(site_count, np.inf),
        site_group=np.full(site_count, -1, dtype=np.int32),
        quotas=(),
        demand_unit=np.full(demand_count, -1, dtype=np.int32),
    )


def solve(
    problem: SitingProblem, question: LocateQuestion, *, report: SolveReport, seconds_left: SecondsLeft
) -> SitingAnswer:
    """Solve the model that is asked for."""
    cutoff, sites = question.cutoff or 0.0, question.sites or 0
    match question.method:
        case "mclp":
            return solve_mclp(problem, cutoff, Limit(sites=sites), report=report, seconds_left=seconds_left)
        case "lscp":
            return solve_lscp(problem, cutoff, report=report, seconds_left=seconds_left)
        case "p-median":
            return solve_p_median(problem, sites, report=report, seconds_left=seconds_left)
        case "p-center":
            return solve_p_center(problem, sites, report=report, seconds_left=seconds_left)


def _countdown(begin: float, limit_s: float | None) -> SecondsLeft:
    """Return what tells the seconds that are left."""
    if limit_s is None:
        return no_deadline
    end = begin + limit_s
    return lambda: end - time.monotonic()


def _pass_on(progress: Progress) -> Callable[[SolveProgress], bool]:
    """Tell a solver's progress as a share: the nearer bound and answer, the larger."""

    def report(found: SolveProgress) -> bool:
        return progress(0.2 + 0.6 * (1.0 - min(found.gap, 1.0)), "locate_solve")

    return report
