"""Most people with a number of sites or a sum of money: the maximal covering location problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coverage.errors import SettingsError
from coverage.network.model import BoolArray
from coverage.siting.cover.cover_model import solve_core
from coverage.siting.cover.cover_plan import build_cover_answer, tidy_plan
from coverage.siting.cover.cover_sets import CoverSets, build_cover_sets, is_whole
from coverage.siting.cover.crossover import GoodPlans
from coverage.siting.cover.greedy import CoverState, add_greedily, shake_plan, swap_until_stuck
from coverage.siting.cover.lagrange import fix_sites
from coverage.siting.cover.prices import Prices
from coverage.siting.model.limits import Limit, LimitRows, build_limit_rows, check_limit
from coverage.siting.model.milp import MixedModel, solve_mixed
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, SolveStatus, no_deadline
from coverage.siting.model.solver_progress import SolveReport, Watch, ignore_solve

# Sites the first exact model is built of; the next ones have three times as many.
_FIRST_CORE = 400
# Pairs up to which the exact model is quicker than many steps to a smaller bound.
_SMALL = 20_000
# Nodes of a search among some of the sites only, which proves nothing by itself.
_CORE_NODES = 100
# Share of the time that is left which such a search may take; beyond so many pairs not decided it would be in vain.
_CORE_SHARE, _VAIN = 1 / 3, 150_000
# Pairs not decided beyond which the best prices there are, from the linear model, are worth their time.
_LINEAR = 50_000
# Rounds of closing a few neighbouring sites and searching anew.
_SHAKES = 60


def solve_mclp(
    problem: SitingProblem,
    cutoff: float,
    limit: Limit,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> SitingAnswer:
    """Cover as many people as possible within the cutoff.

    Parameters
    ----------
    problem
        Demand, sites and costs. Existing sites are open, required ones are opened and count, forbidden ones
        stay shut, relocatable ones may be closed; quotas hold.
    cutoff
        Largest cost within which a site covers a demand point, included.
    limit
        New sites, money, moves.
    report
        Told incumbent and bound; returning False ends the search with what there is.
    seconds_left
        Seconds that are left.

    Returns
    -------
    `objective`: people covered, existing sites included. `status` ``optimal`` where proved, else
    ``time_limit`` or ``cancelled`` with a `bound` that holds.

    Raises
    ------
    SettingsError
        If the limits contradict each other: raise the number or the money, or require fewer sites.

    Notes
    -----
    max Σ_i w_i u_i subject to u_i ≤ Σ_j a_ij y_j, the limits on y, y binary (Church & ReVelle 1974); classes
    of demand with the same cover set are one i. A greedy plan is improved by interchange, annealing and crossing;
    Lagrangian prices bound all plans and fix the sites no better plan has (or lacks); they come from subgradients
    and, where those leave much, from an interior point of the linear model (`Prices`). HiGHS solves what is left,
    first among the most promising sites and those of several good plans, whose better plan lets more be fixed, at
    last among all. Sites that are fixed leave the model, with the people they settle, and the rest is aggregated
    anew. Where proof takes too long, prices and plans are good by themselves. (Cordeau, Furini & Ljubić 2019 take
    such models apart by Benders cuts instead.)
    """
    check_limit(problem, limit)
    watch = Watch(report, seconds_left)
    sets = build_cover_sets(problem, cutoff)
    limits = build_limit_rows(problem, limit, sets.site)
    found = maximise_cover(problem, sets, limits, watch)
    return build_cover_answer(
        problem,
        cutoff,
        sets,
        tidy_plan(problem, CoverState(sets, limits), found.plan),
        method="mclp",
        status=found.status,
        bound=found.bound + sets.settled,
    )


@dataclass(frozen=True, slots=True, eq=False)
class CoverPlan:
    """A plan with what it covers and a bound, both without settled people.

    Parameters
    ----------
    plan
        Which sites to decide on are open, shape (n,).
    value, bound
        People covered, and what no plan exceeds.
    status
        ``optimal``, ``time_limit`` or ``cancelled``.
    """

    plan: BoolArray
    value: float
    bound: float
    status: SolveStatus


def maximise_cover(problem: SitingProblem, sets: CoverSets, limits: LimitRows, watch: Watch) -> CoverPlan:
    """Cover as many people as possible on given cover sets, see `solve_mclp`; classes need one site each."""
    state = find_first_plan(problem, sets, limits, watch)
    better = 1.0 if is_whole(sets.weight) else 1e-9 * max(float(sets.weight.sum()), 1e-300)
    plans = GoodPlans(state)
    prices = Prices(sets, limits, better)
    reach = prices.find_first(state, watch)
    size = max(_FIRST_CORE, 4 * int(state.is_open.sum()))
    is_small, is_vain = sets.by_site.nnz <= _SMALL, False
    while watch.stopped is None and reach - plans.value >= better:
        if not is_small:
            plans.breed(watch, reach, better, is_all=is_vain)
            # A better plan found since then makes the steps to a smaller bound shorter.
            reach = min(reach, prices.descend(plans.value, watch))
        if reach - plans.value < better or watch.stopped is not None:
            break
        shut, opened, if_open = fix_sites(sets, limits, prices.bound, plans.value, better)
        left = ~shut & ~opened
        undecided = 0 if is_small else int(np.diff(sets.by_site.indptr)[left].sum())
        if undecided > _LINEAR and not prices.is_tried:
            reach = min(reach, prices.solve_linear(plans.value, watch))
            continue
        is_vain = undecided > _VAIN and bool(np.isfinite(watch.seconds_left())) and bool(plans.best.any())
        if is_vain:
            # The linear model alone took long, and told by how much: what time there is goes into better plans.
            watch.goes_on("swap", plans.value + sets.settled, reach + sets.settled)
            continue
        core = left & plans.find_used()
        core[np.lexsort((-if_open, ~left))[:size]] = True
        core &= left
        outside = left & ~core
        nodes, share = (_CORE_NODES, _CORE_SHARE) if outside.any() else (None, 1.0)
        core_plan, core_bound = solve_core(
            sets, limits, core, opened, plans.best, watch, reach, nodes=nodes, share=share
        )
        # A plan has sites of the core only, or one outside at least.
        reach = min(reach, max(core_bound, plans.value, float(if_open[outside].max(initial=-np.inf))))
        state.move_to(core_plan)
        if outside.any():
            swap_until_stuck(state, watch, "swap", bound=reach)
            shake_plan(state, watch, "swap", rounds=_SHAKES, bound=reach, enough=better)
        plans.take()
        if not outside.any():
            # All of it was searched; what rounding leaves between value and bound is no plan.
            reach = reach if watch.stopped is not None else plans.value
            break
        size = 3 * size
    is_proved = reach - plans.value < better
    bound_value = plans.value if is_proved else _round_bound(reach, sets)
    return CoverPlan(plans.best, plans.value, bound_value, "optimal" if is_proved else watch.stopped or "optimal")


def find_first_plan(problem: SitingProblem, sets: CoverSets, limits: LimitRows, watch: Watch) -> CoverState:
    """Find a plan that keeps all limits, by greedy addition and interchange.

    Raises
    ------
    SettingsError
        If no plan keeps all limits.
    """
    role = problem.role[sets.site]
    stays = role == SiteRole.RELOCATABLE
    price = np.where(role == SiteRole.CANDIDATE, problem.site_cost[sets.site], 0.0)
    is_priced = bool(price.any()) and float(price.min()) < float(price.max())
    states: list[CoverState] = []
    for weighed in (None, price) if is_priced else (None,):
        state = CoverState(sets, limits)
        state.move_to(stays)
        if not state.is_permitted() and (start := _find_permitted_plan(sets, limits, watch)) is not None:
            state.move_to(start)
        add_greedily(state, weighed)
        if not state.is_permitted():
            start = _find_permitted_plan(sets, limits, watch)
            if start is None:
                raise SettingsError("siting.limits_contradict")
            state.move_to(start)
            add_greedily(state, weighed)
        swap_until_stuck(state, watch, "swap")
        add_greedily(state)
        states.append(state)
    return max(states, key=lambda state: state.value)


def _find_permitted_plan(sets: CoverSets, limits: LimitRows, watch: Watch) -> BoolArray | None:
    """Find a plan that keeps all limits, whatever it covers; None where there is none."""
    count = len(sets.site)
    useful = sets.by_site @ sets.weight
    model = MixedModel(useful, np.ones(count), np.ones(count, np.bool_), limits.matrix, limits.lower, limits.upper)
    # The question whether there is any plan is always answered.
    solution = solve_mixed(model, Watch(), "solve")
    return None if solution.x is None else solution.x > 0.5


def _round_bound(bound: float, sets: CoverSets) -> float:
    """Round a bound on whole people down to whole people."""
    return float(np.floor(bound + 1e-6)) if is_whole(sets.weight) else bound
