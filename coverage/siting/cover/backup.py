"""Two sites within reach: everybody with fewest sites (LSCP-B), or most people with a number of them (BACOP)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.network.model import BoolArray, IntArray
from coverage.siting.cover.cover_plan import build_cover_answer, split_plan, tidy_plan
from coverage.siting.cover.cover_sets import CoverSets, Integers, build_cover_sets, find_covered
from coverage.siting.cover.greedy import CoverState, add_greedily, swap_until_stuck
from coverage.siting.cover.lscp import Aim, Goal, cover_all
from coverage.siting.cover.mclp import find_first_plan, maximise_cover
from coverage.siting.model.limits import Limit, LimitRows, build_limit_rows, check_limit
from coverage.siting.model.milp import MixedModel, solve_mixed
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, no_deadline
from coverage.siting.model.solver_progress import SolveReport, Watch, ignore_solve


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
        See `coverage.siting.cover.lscp.solve_lscp`.

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
    is_once_first: bool = True,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> SitingAnswer:
    """Cover as many people as possible twice; first of all, or of the plans that cover most people once.

    Parameters
    ----------
    problem, cutoff, limit, report, seconds_left
        See `coverage.siting.cover.mclp.solve_mclp`.
    is_once_first
        Only plans count that cover as many people once as can be. Otherwise two within reach is all that counts.

    Returns
    -------
    `objective`: people with two sites or more within the cutoff, existing ones counted. Where once comes first,
    `status` is ``infeasible`` if not everybody can be covered once under the limit, the answer then the most that
    can.

    Notes
    -----
    Backup coverage of Hogan & ReVelle (1986): max Σ_i w_i v_i subject to 2 v_i ≤ Σ_j a_ij y_j, v binary, and
    Σ_i w_i u_i ≥ the optimum of MCLP, which is everybody where the limit allows it (their BACOP1); without that
    row only backup counts (the end of their BACOP2 at which first cover has no weight).
    """
    check_limit(problem, limit)
    watch = Watch(report, seconds_left)
    weight = np.asarray(problem.weight, np.float64)
    once = build_cover_sets(problem, cutoff, merge_sites=False)
    able = weigh_backup(problem, cutoff)
    twice = build_cover_sets(able, cutoff, times=2, merge_sites=False)
    limits = build_limit_rows(problem, limit, once.site)
    if is_once_first:
        first = maximise_cover(problem, once, limits, watch)
        covered, plan = first.value, tidy_plan(problem, CoverState(once, limits), first.plan)
    else:
        covered, plan = -np.inf, _find_double_plan(problem, once, twice, limits, watch)
    bound = twice.total
    if watch.stopped is None:
        model = _build_model(once if is_once_first else None, twice, limits, covered)
        start = _build_start(once if is_once_first else None, twice, first.plan if is_once_first else plan)
        solution = solve_mixed(model, watch, "backup", start=start, offset=twice.settled)
        bound = min(bound, solution.bound + twice.settled)
        if solution.x is not None:
            plan = solution.x[: len(once.site)] > 0.5
    if not is_once_first:
        plan = tidy_plan(problem, CoverState(twice, limits), plan)
    everybody = float(weight.sum())
    missed = everybody - once.settled - covered if is_once_first else 0.0
    value = float(weight[count_reached(problem, cutoff, *split_plan(problem, once, plan)) >= 2].sum())
    answer = build_cover_answer(
        problem,
        cutoff,
        once,
        plan,
        method="bacop",
        status=watch.stopped or ("infeasible" if missed > 1e-9 * everybody else "optimal"),
        bound=value if watch.stopped is None else max(bound, value),
        objective=value,
    )
    return answer if is_once_first else replace(answer, opened=_order_doubles(problem, cutoff, answer))


def count_reached(problem: SitingProblem, cutoff: float, opened: Integers, closed: Integers) -> npt.NDArray[np.int64]:
    """Count the open sites within the cutoff of each demand point under a plan, existing ones counted, shape (d,)."""
    is_open = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))
    is_open[closed] = False
    is_open[opened] = True
    reached = find_covered(problem, cutoff, np.flatnonzero(is_open)).indices
    return np.bincount(reached, minlength=problem.demand_count).astype(np.int64)


def weigh_backup(problem: SitingProblem, cutoff: float) -> SitingProblem:
    """Return a problem in which only people count whom two sites can reach, open ones or such that may open."""
    reaching = np.bincount(find_covered(problem, cutoff).indices, minlength=problem.demand_count)
    return replace(problem, weight=np.where(reaching >= 2, np.asarray(problem.weight, np.float64), 0.0))


def _order_doubles(problem: SitingProblem, cutoff: float, answer: SitingAnswer) -> IntArray:
    """Order new sites: the one first that gives most people a first or second place; ties go to the lowest row."""
    able = weigh_backup(problem, cutoff)
    count = count_reached(able, cutoff, np.zeros(0, np.int64), answer.closed)
    waiting = np.sort(answer.opened)
    rows = find_covered(able, cutoff, waiting)
    left = np.ones(len(waiting), np.bool_)
    order: list[int] = []
    for _ in range(len(waiting)):
        best = int(np.argmax(np.where(left, rows @ (able.weight * (count < 2)), -1.0)))
        left[best] = False
        order.append(best)
        count[rows.indices[rows.indptr[best] : rows.indptr[best + 1]]] += 1
    ordered: IntArray = waiting[np.array(order, np.int64)].astype(np.int32)
    return ordered


def _find_double_plan(
    problem: SitingProblem, once: CoverSets, twice: CoverSets, limits: LimitRows, watch: Watch
) -> BoolArray:
    """Find a plan with many people covered twice: from one that covers many once, or none, whichever ends better."""
    state = find_first_plan(problem, once, limits, Watch(seconds_left=watch.seconds_left))
    found: list[tuple[float, BoolArray]] = []
    plain = state.copy_plan()
    state = CoverState(twice, limits)
    for start in (np.zeros_like(plain), plain):
        state.move_to(start)
        add_greedily(state)
        if not state.is_permitted():
            continue
        swap_until_stuck(state, watch, "swap", bound=float(twice.weight.sum()))
        add_greedily(state)
        found.append((state.value, state.copy_plan()))
    return max(found, key=lambda one: one[0])[1] if found else plain


def _build_model(once: CoverSets | None, twice: CoverSets, limits: LimitRows, covered: float) -> MixedModel:
    """Build the model: variables y, u (classes of `once`, where that comes first), v (classes of `twice`)."""
    sites, doubles = len(twice.site), len(twice.weight)
    singles = 0 if once is None else len(once.weight)

    def blank(rows: int, columns: int) -> sparse.csr_array:
        return sparse.csr_array((rows, columns))

    blocks = [
        sparse.hstack((twice.by_class, blank(doubles, singles), -sparse.diags_array(twice.need.astype(float)))),
        sparse.hstack((limits.matrix, blank(len(limits.upper), singles + doubles))),
    ]
    lower, upper = [np.zeros(doubles), limits.lower], [np.full(doubles, np.inf), limits.upper]
    if once is not None:
        scale = max(float(once.weight.sum()), 1.0)
        blocks += [
            sparse.hstack((once.by_class, -sparse.eye_array(singles), blank(singles, doubles))),
            sparse.hstack((blank(1, sites), sparse.csr_array(once.weight[None, :] / scale), blank(1, doubles))),
        ]
        lower += [np.zeros(singles), np.array([covered / scale - 1e-9])]
        upper += [np.full(singles + 1, np.inf)]
    return MixedModel(
        profit=np.concatenate((np.zeros(sites + singles), twice.weight)),
        most=np.ones(sites + singles + doubles),
        is_integer=np.concatenate((np.ones(sites, np.bool_), np.zeros(singles, np.bool_), twice.need > 1)),
        matrix=sparse.csr_array(sparse.vstack(blocks)),
        lower=np.concatenate(lower),
        upper=np.concatenate(upper),
    )


def _build_start(once: CoverSets | None, twice: CoverSets, plan: BoolArray) -> npt.NDArray[np.float64]:
    chosen = plan.astype(np.float64)
    single = np.zeros(0) if once is None else (once.by_class @ chosen >= once.need).astype(np.float64)
    double = (twice.by_class @ chosen >= twice.need).astype(np.float64)
    return np.concatenate((chosen, single, double))
