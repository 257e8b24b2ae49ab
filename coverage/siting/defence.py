"""Why these sites: what each alone is for, and what could stand in its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.siting.cover_sets import build_cover_sets, find_covered, find_open_sites
from coverage.siting.greedy import CoverState
from coverage.siting.limits import Limit, build_limit_rows
from coverage.siting.problem import SiteRole, SitingAnswer, SitingProblem


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
    is_open = find_open_sites(problem, answer.opened, answer.closed)
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
