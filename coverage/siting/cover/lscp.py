"""Fewest sites, or least money, so that everybody or a share of the people is covered: set covering."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.errors import SettingsError
from coverage.network.model import BoolArray
from coverage.siting.cover.cover_plan import build_cover_answer, tidy_plan
from coverage.siting.cover.cover_sets import CoverSets, build_cover_sets, find_covered, sum_by
from coverage.siting.cover.greedy import CoverState, add_greedily
from coverage.siting.cover.mclp import maximise_cover
from coverage.siting.model.limits import Limit, LimitRows, build_limit_rows, check_limit
from coverage.siting.model.milp import MixedModel, solve_mixed
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, SolveStatus, no_deadline
from coverage.siting.model.solver_progress import SolveReport, Watch, ignore_solve

Aim = Literal["sites", "money"]
# A share counts as reached up to this: sums of people in another order differ in the last digits.
_SHARE_TOLERANCE = 1e-9


def solve_lscp(
    problem: SitingProblem,
    cutoff: float,
    *,
    share: float = 1.0,
    by_unit: bool = False,
    aim: Aim = "sites",
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> SitingAnswer:
    """Find the fewest new sites, or the cheapest ones, that cover a share of the people.

    Parameters
    ----------
    problem
        Demand, sites and costs. Relocatable sites stay open: closing serves nobody.
    cutoff
        Largest cost within which a site covers a demand point, included.
    share
        Share of the people to cover, above 0 and at most 1; at 1 every demand point that has people.
    by_unit
        The share is reached in every unit of `demand_unit`, not only of all; points without a unit are free.
    aim
        Count new sites, or add up their money.
    report
        Told incumbent and bound; returning False ends the search with what there is.
    seconds_left
        Seconds that are left.

    Returns
    -------
    `objective`: new sites or money, required sites included. Where the share cannot be reached, `status` is
    ``infeasible`` and the answer covers the most that can be covered (of each unit) with the fewest sites;
    `unserved` are the rows no site reaches.

    Raises
    ------
    SettingsError
        If the share is not in (0, 1], or required sites alone break a quota.

    Notes
    -----
    min Σ_j c_j y_j subject to Σ_j a_ij y_j ≥ 1 for all i (Toregas, Swain, ReVelle & Bergman 1971); with a share
    θ below 1, Σ_i w_i u_i ≥ θ W and u_i ≤ Σ_j a_ij y_j (Daskin & Owen 1999), c_j = 1 where sites are counted.
    """
    if not 0.0 < share <= 1.0:
        raise SettingsError("siting.share_out_of_range", share=share)
    return cover_all(problem, cutoff, Goal(1, share, by_unit, aim), "lscp", Watch(report, seconds_left))


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: each point by how many sites, which share of the people, in each unit, counting what."""

    times: int
    share: float
    by_unit: bool
    aim: Aim


def cover_all(problem: SitingProblem, cutoff: float, goal: Goal, method: str, watch: Watch) -> SitingAnswer:
    """Reach a goal with the fewest or the cheapest sites, see `solve_lscp` and `coverage.siting.cover.backup`."""
    role = np.where(problem.role == SiteRole.RELOCATABLE, SiteRole.EXISTING, problem.role).astype(np.int8)
    asked = replace(problem, role=role)
    check_limit(asked, Limit())
    is_partial = goal.share < 1.0
    sets = build_cover_sets(asked, cutoff, times=goal.times, by_unit=goal.by_unit and is_partial)
    limits = build_limit_rows(asked, Limit(), sets.site)
    price = np.ones(len(sets.site)) if goal.aim == "sites" else asked.site_cost[sets.site].astype(np.float64)
    required = asked.role == SiteRole.REQUIRED
    spent = float(required.sum()) if goal.aim == "sites" else float(asked.site_cost[required].sum())
    shares, target, is_reachable = _find_targets(asked, sets, goal)
    if goal.times > 1:
        is_reachable = bool((_count_reaching(asked, cutoff)[asked.weight > 0] >= goal.times).all())

    start = _find_start(sets, limits, price, shares, target)
    model = _build_model(sets, limits, price, shares, target)
    solution = solve_mixed(
        model,
        watch,
        "solve",
        start=None if start is None else _with_classes(sets, start, is_partial),
        offset=spent,
        sign=-1.0,
    )
    if solution.is_infeasible or solution.x is None:
        # The quotas are in the way, or there was no time to find out: the most that can be covered.
        found = maximise_cover(asked, replace(sets, need=np.ones_like(sets.need)), limits, watch)
        plan = tidy_plan(asked, CoverState(sets, limits), found.plan)
        status: SolveStatus = watch.stopped or "infeasible"
        bound = spent if watch.stopped else spent + float(price @ plan)
    else:
        plan = solution.x[: len(sets.site)] > 0.5
        bound = spent + max(-solution.bound, 0.0)
        status = watch.stopped or ("optimal" if is_reachable else "infeasible")
        bound = float(np.ceil(bound - 1e-6)) if goal.aim == "sites" else bound
    value = spent + float(price @ plan)
    if watch.stopped is None or bound > value:
        bound = value
    return build_cover_answer(asked, cutoff, sets, plan, method=method, status=status, bound=bound, objective=value)


def _count_reaching(problem: SitingProblem, cutoff: float) -> npt.NDArray[np.int64]:
    """Count the sites within the cutoff of each demand point that are open or may open, shape (d,)."""
    return np.bincount(find_covered(problem, cutoff).indices, minlength=problem.demand_count)


def _find_targets(
    problem: SitingProblem, sets: CoverSets, goal: Goal
) -> tuple[sparse.csr_array, npt.NDArray[np.float64], bool]:
    """Find what part of each unit the classes make up, the part that must be covered, and if all of it can be.

    Returns
    -------
    Shares of its unit's people, shape (units, m); the least sum of them, shape (units,), at most what can be
    had; whether that is all that was asked.
    """
    weight = np.asarray(problem.weight, np.float64)
    can_be = np.ones(len(weight), np.bool_)
    can_be[sets.unserved] = False
    if goal.share >= 1.0:
        nothing = sparse.csr_array((0, len(sets.weight)))
        return nothing, np.zeros(0), bool((weight[~can_be] <= 0).all())
    unit_of = np.asarray(problem.demand_unit, np.int64) if goal.by_unit else np.zeros(len(weight), np.int64)
    class_unit = sets.unit if goal.by_unit else np.zeros(len(sets.weight), np.int64)
    units = np.unique(unit_of[(unit_of >= 0) & (weight > 0)])

    def add_up(of: npt.NDArray[np.int64], people: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        mine = np.isin(of, units)
        return sum_by(np.searchsorted(units, of[mine]), people[mine], len(units))

    total = add_up(unit_of, weight)
    reachable = add_up(unit_of, np.where(can_be, weight, 0.0))
    of_classes = add_up(class_unit, sets.weight)
    inside = np.flatnonzero(np.isin(class_unit, units))
    row = np.searchsorted(units, class_unit[inside])
    shares = sparse.csr_array((sets.weight[inside] / total[row], (row, inside)), shape=(len(units), len(sets.weight)))
    wanted = goal.share * total
    target = (np.minimum(wanted, reachable) - (reachable - of_classes)) / np.maximum(total, 1e-300)
    return shares, target - _SHARE_TOLERANCE, bool((wanted <= reachable * (1 + _SHARE_TOLERANCE)).all())


def _build_model(
    sets: CoverSets,
    limits: LimitRows,
    price: npt.NDArray[np.float64],
    shares: sparse.csr_array,
    target: npt.NDArray[np.float64],
) -> MixedModel:
    """Build the model: variables y, and u where a share is asked for."""
    site_count, class_count = len(sets.site), len(sets.weight)
    if not len(target):
        return MixedModel(
            profit=-price,
            most=np.ones(site_count),
            is_integer=np.ones(site_count, np.bool_),
            matrix=sparse.csr_array(sparse.vstack((sets.by_class, limits.matrix))),
            lower=np.concatenate((sets.need.astype(float), limits.lower)),
            upper=np.concatenate((np.full(class_count, np.inf), limits.upper)),
        )
    links = sparse.hstack((sets.by_class, -sparse.eye_array(class_count)))
    rows = sparse.hstack((limits.matrix, sparse.csr_array((len(limits.upper), class_count))))
    wanted = sparse.hstack((sparse.csr_array((len(target), site_count)), shares))
    return MixedModel(
        profit=np.concatenate((-price, np.zeros(class_count))),
        most=np.ones(site_count + class_count),
        is_integer=np.concatenate((np.ones(site_count, np.bool_), np.zeros(class_count, np.bool_))),
        matrix=sparse.csr_array(sparse.vstack((links, rows, wanted))),
        lower=np.concatenate((np.zeros(class_count), limits.lower, target)),
        upper=np.concatenate((np.full(class_count, np.inf), limits.upper, np.full(len(target), np.inf))),
    )


def _with_classes(sets: CoverSets, plan: BoolArray, is_partial: bool) -> npt.NDArray[np.float64]:
    count = sets.by_class @ plan.astype(np.float64)
    return np.concatenate((plan.astype(np.float64), (count >= 1).astype(np.float64) if is_partial else np.zeros(0)))


def _find_start(
    sets: CoverSets,
    limits: LimitRows,
    price: npt.NDArray[np.float64],
    shares: sparse.csr_array,
    target: npt.NDArray[np.float64],
) -> BoolArray | None:
    """Cover greedily (Chvátal 1979), then leave out what is not needed; None where that breaks the quotas."""
    state = CoverState(sets, limits)
    if (sets.need > 1).any():
        state.move_to(np.ones(len(sets.site), np.bool_))
    else:
        add_greedily(state, price)

    def reaches() -> bool:
        met = state.count >= sets.need
        return bool((shares @ met.astype(np.float64) >= target).all()) if len(target) else bool(met.all())

    if not reaches():
        return None
    for site in np.flatnonzero(state.is_open)[np.argsort(-price[state.is_open], kind="stable")]:
        if not len(target) and state.compute_loss(int(site)) > 0:
            continue
        state.close(int(site))
        if not reaches() or (state.spent < limits.lower).any():
            state.open(int(site))
    return state.copy_plan() if state.is_permitted() else None
