"""Two sites within reach: everybody with fewest sites (LSCP-B), or most people with a number of them (BACOP)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.siting.cover_sets import CoverSets, build_cover_sets, find_covered
from coverage.siting.greedy import CoverState
from coverage.siting.limits import Limit, LimitRows, build_limit_rows, check_limit
from coverage.siting.lscp import Aim, Goal, cover_all
from coverage.siting.mclp import maximise_cover
from coverage.siting.milp import MixedModel, solve_mixed
from coverage.siting.plan import build_cover_answer, split_plan, tidy_plan
from coverage.siting.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, no_deadline
from coverage.siting.watch import SolveReport, Watch, ignore_solve


def solve_lscp_b(
    problem: SitingProblem,
    cutoff: float,
    *,
    aim: Aim = "sites",
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> SitingAnswer:
    """Find the fewest new sites, or the cheapest ones, so that everybody has two sites within the cutoff.

    Parameters
    ----------
    problem, cutoff, aim, report, seconds_left
        See `coverage.siting.lscp.solve_lscp`.

    Returns
    -------
    `objective`: new sites or money. Where only one site can reach some demand points, they have that one, and
    `status` is ``infeasible``; `unserved` are the rows no site reaches.

    Notes
    -----
    Σ_j a_ij y_j ≥ min(2, number of sites that reach i), existing ones counted (Hogan & ReVelle 1986).
    """
    return cover_all(problem, cutoff, Goal(2, 1.0, False, aim), "lscp-b", Watch(report, seconds_left))


def solve_bacop(
    problem: SitingProblem,
    cutoff: float,
    limit: Limit,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> SitingAnswer:
    """Cover as many people as possible once, and of all such plans find the one with most people covered twice.

    Parameters
    ----------
    problem, cutoff, limit, report, seconds_left
        See `coverage.siting.mclp.solve_mclp`.

    Returns
    -------
    `objective`: people with two sites or more within the cutoff, existing ones counted. `status` is
    ``infeasible`` where not everybody can be covered once under the limit, the answer then the most that can.

    Notes
    -----
    Backup coverage of Hogan & ReVelle (1986): max Σ_i w_i v_i subject to 2 v_i ≤ Σ_j a_ij y_j, v binary, and
    Σ_i w_i u_i ≥ the optimum of MCLP, which is everybody where the limit allows it (their BACOP1).
    """
    check_limit(problem, limit)
    watch = Watch(report, seconds_left)
    weight = np.asarray(problem.weight, np.float64)
    reaching = np.bincount(find_covered(problem, cutoff).indices, minlength=problem.demand_count)
    once = build_cover_sets(problem, cutoff, merge_sites=False)
    able = replace(problem, weight=np.where(reaching >= 2, weight, 0.0))
    twice = build_cover_sets(able, cutoff, times=2, merge_sites=False)
    limits = build_limit_rows(problem, limit, once.site)
    first = maximise_cover(problem, once, limits, watch)
    plan = tidy_plan(problem, CoverState(once, limits), first.plan)
    bound = twice.total
    if watch.stopped is None:
        model = _build_model(once, twice, limits, first.value)
        solution = solve_mixed(
            model, watch, "backup", start=_build_start(once, twice, first.plan), offset=twice.settled
        )
        bound = solution.bound + twice.settled
        if solution.x is not None:
            plan = solution.x[: len(once.site)] > 0.5
    everybody = float(weight.sum())
    missed = everybody - once.settled - first.value
    opened, closed = split_plan(problem, once, plan)
    is_open = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))
    is_open[closed] = False
    is_open[opened] = True
    count = np.bincount(find_covered(problem, cutoff, np.flatnonzero(is_open)).indices, minlength=problem.demand_count)
    value = float(weight[count >= 2].sum())
    return build_cover_answer(
        problem,
        cutoff,
        once,
        plan,
        method="bacop",
        status=watch.stopped or ("infeasible" if missed > 1e-9 * everybody else "optimal"),
        bound=value if watch.stopped is None else max(bound, value),
        objective=value,
    )


def _build_model(once: CoverSets, twice: CoverSets, limits: LimitRows, covered: float) -> MixedModel:
    """Build the model: variables y, u (classes of `once`), v (classes of `twice`)."""
    sites, singles, doubles = len(once.site), len(once.weight), len(twice.weight)

    def blank(rows: int, columns: int) -> sparse.csr_array:
        return sparse.csr_array((rows, columns))

    scale = max(float(once.weight.sum()), 1.0)
    matrix = sparse.vstack(
        (
            sparse.hstack((once.by_class, -sparse.eye_array(singles), blank(singles, doubles))),
            sparse.hstack((twice.by_class, blank(doubles, singles), -sparse.diags_array(twice.need.astype(float)))),
            sparse.hstack((limits.matrix, blank(len(limits.upper), singles + doubles))),
            sparse.hstack((blank(1, sites), sparse.csr_array(once.weight[None, :] / scale), blank(1, doubles))),
        )
    )
    rest = np.full(singles + doubles, np.inf)
    return MixedModel(
        profit=np.concatenate((np.zeros(sites + singles), twice.weight)),
        most=np.ones(sites + singles + doubles),
        is_integer=np.concatenate((np.ones(sites, np.bool_), np.zeros(singles, np.bool_), twice.need > 1)),
        matrix=sparse.csr_array(matrix),
        lower=np.concatenate((np.zeros(singles + doubles), limits.lower, [covered / scale - 1e-9])),
        upper=np.concatenate((rest, limits.upper, [np.inf])),
    )


def _build_start(once: CoverSets, twice: CoverSets, plan: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    chosen = plan.astype(np.float64)
    single = (once.by_class @ chosen >= once.need).astype(np.float64)
    double = (twice.by_class @ chosen >= twice.need).astype(np.float64)
    return np.concatenate((chosen, single, double))
