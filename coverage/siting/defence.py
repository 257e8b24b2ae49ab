"""Why these sites: what each alone is for, what could stand in its place, and how much the cutoff matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.network import BoolArray
from coverage.siting.cover_sets import Integers, build_cover_sets, compute_covered, find_covered
from coverage.siting.greedy import CoverState
from coverage.siting.limits import Limit, build_limit_rows
from coverage.siting.mclp import solve_mclp
from coverage.siting.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, no_deadline
from coverage.siting.watch import SolveReport, ignore_solve


@dataclass(frozen=True, slots=True, eq=False)
class SiteDefence:
    """What speaks for one new site.

    Parameters
    ----------
    site
        Its row.
    within
        People within its cutoff.
    alone
        People who would no longer be covered without it.
    replacement
        Row of the best site that could stand in its place under the same limits, -1 where there is none.
    replaced
        People covered with that one in its place; nan where there is none.
    near
        Rows of all sites that could stand in its place at a loss within the tolerance, best first.
    """

    site: int
    within: float
    alone: float
    replacement: int
    replaced: float
    near: npt.NDArray[np.int64]


def defend_sites(
    problem: SitingProblem,
    cutoff: float,
    limit: Limit,
    answer: SitingAnswer,
    *,
    times: int = 1,
    tolerance: float = 0.01,
) -> list[SiteDefence]:
    """Defend each new site of an answer.

    Parameters
    ----------
    problem, cutoff, limit
        What was asked.
    answer
        The plan.
    times
        How many sites must reach people for them to count as covered; everybody with weight can have so many.
    tolerance
        Loss that counts as near, as a share of the people the plan covers.

    Returns
    -------
    One for each of `answer.opened`, in that order. Required sites have no replacement.

    Notes
    -----
    Every single interchange is evaluated exactly, one pass over the pairs of the people only that site covers.
    """
    sets = build_cover_sets(problem, cutoff, times=times, merge_sites=False)
    limits = build_limit_rows(problem, limit, sets.site)
    state = CoverState(sets, limits)
    role = problem.role[sets.site]
    plan = (role == SiteRole.RELOCATABLE) & ~np.isin(sets.site, answer.closed)
    plan |= np.isin(sets.site, answer.opened)
    state.move_to(plan)
    value = state.value + sets.settled
    weight = np.asarray(problem.weight, np.float64)
    is_open = find_open(problem, answer)
    count = np.bincount(find_covered(problem, cutoff, np.flatnonzero(is_open)).indices, minlength=problem.demand_count)
    place = {int(row): index for index, row in enumerate(sets.site)}
    found: list[SiteDefence] = []
    for site in answer.opened:
        mine = find_covered(problem, cutoff, np.array([site])).indices
        alone = float(weight[mine[count[mine] == times]].sum())
        replacement, replaced, near = -1, float("nan"), np.zeros(0, np.int64)
        if int(site) in place:
            index = place[int(site)]
            gain = state.round_gain(state.compute_swap_gain(index))
            could = state.find_permitted(without=index) & (role == SiteRole.CANDIDATE)
            ranked = np.flatnonzero(could)[np.argsort(-gain[could], kind="stable")]
            if len(ranked):
                replacement, replaced = int(sets.site[ranked[0]]), value + float(gain[ranked[0]])
                near = sets.site[ranked[gain[ranked] >= -tolerance * value]]
        found.append(SiteDefence(int(site), float(weight[mine].sum()), alone, replacement, replaced, near))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class CutoffTest:
    """How a plan does at another cutoff.

    Parameters
    ----------
    cutoff
        The other cutoff.
    covered
        People the plan covers there.
    optimum
        The best plan for that cutoff under the same limits, None where not asked for.
    kept
        How many sites both plans have in common; -1 where not asked for.
    """

    cutoff: float
    covered: float
    optimum: SitingAnswer | None
    kept: int


def check_cutoffs(
    problem: SitingProblem,
    cutoffs: Sequence[float],
    answer: SitingAnswer,
    *,
    limit: Limit | None = None,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> list[CutoffTest]:
    """Count the people the same sites cover at other cutoffs; with a limit, also find the best plan for each.

    Parameters
    ----------
    problem
        Demand, sites and costs; pairs up to the largest cutoff must be in it.
    cutoffs
        Other cutoffs.
    answer
        The plan.
    limit
        Where given, `coverage.siting.mclp.solve_mclp` is asked for each cutoff.
    report, seconds_left
        Passed to it.
    """
    weight = np.asarray(problem.weight, np.float64)
    tests: list[CutoffTest] = []
    for cutoff in cutoffs:
        covered = float(weight[compute_covered(problem, cutoff, answer.opened, answer.closed)].sum())
        optimum = None
        if limit is not None:
            optimum = solve_mclp(problem, cutoff, limit, report=report, seconds_left=seconds_left)
        kept = -1 if optimum is None else len(np.intersect1d(optimum.opened, answer.opened))
        tests.append(CutoffTest(cutoff, covered, optimum, kept))
    return tests


def find_open(problem: SitingProblem, answer: SitingAnswer) -> BoolArray:
    """Find the sites that are open under an answer: existing ones that stay, and new ones, shape (s,)."""
    is_open = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))
    closed: Integers = answer.closed
    is_open[closed] = False
    is_open[answer.opened] = True
    return is_open
