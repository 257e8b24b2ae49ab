"""A plan on cover sets: made lean, put in order, and answered with its bound."""

from __future__ import annotations

import numpy as np

from coverage.network.model import BoolArray
from coverage.siting.cover.build_order import order_sites
from coverage.siting.cover.cover_sets import CoverSets, compute_covered
from coverage.siting.cover.greedy import CoverState
from coverage.siting.model.problem import SiteRole, SitingAnswer, SitingProblem, SolveStatus


def tidy_plan(problem: SitingProblem, state: CoverState, plan: BoolArray) -> BoolArray:
    """Leave new sites shut that nobody needs, and relocatable ones open that need not be closed, shape (n,).

    The state says which limits hold; it is changed.
    """
    sets = state.sets
    state.move_to(plan)
    role = problem.role[sets.site]
    # Those that cover fewest people go first, of equal ones the last.
    new = np.flatnonzero(plan & (role == SiteRole.CANDIDATE))
    useful = sets.by_site[new] @ sets.weight
    for site in new[np.lexsort((-new, useful))]:
        if state.compute_loss(int(site)) <= 0:
            state.close(int(site))
            if not state.is_permitted():
                state.open(int(site))
    for site in np.flatnonzero(~plan & (role == SiteRole.RELOCATABLE)):
        if state.find_permitted()[site]:
            state.open(int(site))
    return state.copy_plan()


def split_plan(
    problem: SitingProblem, sets: CoverSets, plan: BoolArray
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Split a plan into rows of new sites (required ones included) and of closed ones, both ascending."""
    role = problem.role[sets.site]
    new = sets.site[plan & (role == SiteRole.CANDIDATE)]
    opened = np.union1d(new, np.flatnonzero(problem.role == SiteRole.REQUIRED))
    # Sites that were merged away are as they were: candidates shut, relocatable ones are never merged.
    closed = sets.site[~plan & (role == SiteRole.RELOCATABLE)]
    return opened.astype(np.int64), closed.astype(np.int64)


def build_cover_answer(
    problem: SitingProblem,
    cutoff: float,
    sets: CoverSets,
    plan: BoolArray,
    *,
    method: str,
    status: SolveStatus,
    bound: float,
    objective: float | None = None,
) -> SitingAnswer:
    """Answer with a plan: its sites in build order, its value counted anew from the problem.

    Parameters
    ----------
    problem, cutoff, sets
        What was asked.
    plan
        Which sites to decide on are open, shape (n,).
    method, status
        See `SitingAnswer`.
    bound
        Proved bound, settled people included.
    objective
        Value of the objective; the people covered where not given.
    """
    opened, closed = split_plan(problem, sets, plan)
    if objective is None:
        covered = compute_covered(problem, cutoff, opened, closed)
        objective = float(np.asarray(problem.weight, np.float64)[covered].sum())
        bound = objective if status == "optimal" else max(bound, objective)
    return SitingAnswer(
        method=method,
        status=status,
        opened=order_sites(problem, cutoff, opened, closed),
        closed=closed.astype(np.int32),
        objective=objective,
        bound=objective if status == "optimal" else bound,
        unserved=sets.unserved.astype(np.int32),
    )
