"""Least travel with a number of sites: the p-median problem, with existing, required and forbidden sites."""

from __future__ import annotations

import numpy as np

from coverage.errors import SettingsError
from coverage.network.model import BoolArray, FloatArray
from coverage.siting.model.limits import Limit, check_limit
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, SolveStatus, no_deadline
from coverage.siting.model.solver_progress import SolveReport, Watch, ignore_solve
from coverage.siting.p_median.branch_and_bound import CoreAnswer, Incumbent, Tree
from coverage.siting.p_median.core import LongArray, MedianCore, build_core, list_arcs

# A penalty for each unit of weight unserved, in units of the largest cost: so large that serving comes first,
# not so large that sums lose the costs beside it.
_LEAST_PENALTY, _LARGEST_PENALTY = 1e3, 1e6
# Share of the time that is left for proving how many can be served, where not everybody can.
_SERVING_SHARE = 0.3
# Penalties tried in the bounds where not everybody can be served, in units of the largest cost.
_BOUND_PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0)


def solve_p_median(
    problem: SitingProblem,
    sites: int,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> SitingAnswer:
    """Open new sites so that the weighted cost between demand points and their cheapest open site is least.

    Where the sites cannot serve everybody (pairs that are absent cannot be reached), serving comes first:
    the least weight is left unserved, and among such answers the cost of those served is least.

    Parameters
    ----------
    problem
        Demand, sites and costs. Existing sites are open (relocatable ones too: closing lowers no cost),
        required ones are opened and count, forbidden ones stay shut. Demand points of weight 0 ask nothing;
        site costs and capacities are not looked at.
    sites
        New sites to open, required ones included, at least 0. All are opened as long as there are
        candidates, even one that lowers no cost.
    report
        Told cost and bound; returning False ends the search with what there is.
    seconds_left
        Seconds that are left; with none an answer and a valid bound still come.

    Returns
    -------
    `objective`: sum of weight times cost over those served. `status` ``optimal`` where proved and everybody is
    served, ``infeasible`` where proved and somebody is not, else ``time_limit`` or ``cancelled``. `bound`: no
    answer that leaves as little weight unserved costs less. `unserved`: rows of weight above 0 that no site
    could serve. `opened`: the site that lowers the cost most comes first.

    Raises
    ------
    SettingsError
        If more sites are required than may open, or the problem has quotas, which this model does not keep.

    Notes
    -----
    min Σ_i w_i Σ_j c_ij x_ij with Σ_j x_ij = 1, x_ij ≤ y_j, Σ_j y_j = p (Hakimi 1964; ReVelle & Swain 1970).
    Greedy addition and interchange give an answer; subgradient steps on the dual of the first constraint give a
    bound and reduced costs that decide most sites; branch and bound decides the rest. Each step costs a pass
    over the pairs that are cheaper than a point's fallback.

    References
    ----------
    Hakimi (1964), Optimum locations of switching centers. ReVelle & Swain (1970), Central facilities location.
    Beasley (1985); Resende & Werneck (2007); Avella, Sassano & Vasil'ev (2007), see the modules ``p_median_*``.
    """
    check_limit(problem, Limit(sites=sites))
    check_no_quotas(problem, "p-median")
    watch = Watch(report, seconds_left)
    core, hopeless = build_median_core(problem, sites)
    incumbent = Incumbent(core, watch)
    incumbent.start_from(np.zeros(0, dtype=np.int64))
    most_is_proved = True
    penalty = _penalty(problem)
    if incumbent.unserved > incumbent.slack:
        part = part_of(watch, report)
        most = serve_most(core, incumbent.opened, part)
        most_is_proved = most.proved
        if part.stopped == "cancelled":
            watch.stopped = "cancelled"
        incumbent.improve(most.opened)
        if incumbent.unserved > incumbent.slack:
            penalty = _best_bound_penalty(incumbent, float(problem.cost.max(initial=0.0)))
    found = Tree(incumbent, penalty).run()
    required = np.flatnonzero(problem.role == SiteRole.REQUIRED)
    opened = order_by_gain(problem, np.concatenate((required, core.site_name[found.opened])))
    objective, _ = weigh_plan(problem, opened)
    status: SolveStatus = "optimal"
    if not (found.proved and most_is_proved):
        status = watch.stopped or "time_limit"
    elif len(hopeless) or found.unserved > incumbent.slack:
        status = "infeasible"
    return SitingAnswer(
        method="p-median",
        status=status,
        opened=opened.astype(np.int32),
        closed=np.zeros(0, dtype=np.int32),
        objective=objective,
        bound=objective if found.proved else min(found.bound, objective),
        unserved=hopeless.astype(np.int32),
    )


def check_no_quotas(problem: SitingProblem, method: str) -> None:
    """Raise `SettingsError` where a problem has quotas and the model keeps none."""
    if problem.quotas:
        raise SettingsError("siting.no_quotas_here", method=method)


def build_median_core(problem: SitingProblem, sites: int) -> tuple[MedianCore, LongArray]:
    """Fold open sites into the cost without new ones.

    Returns
    -------
    The core, its rows and sites named by rows of the problem, and the rows of demand points with weight
    that no site can serve, ascending.
    """
    role, weight = problem.role, problem.weight
    site = np.repeat(np.arange(problem.site_count), np.diff(problem.ptr))
    row, cost = problem.demand.astype(np.int64), problem.cost * weight[problem.demand]
    counts = weight[row] > 0
    is_open = counts & find_open(problem)[site]
    fallback = np.full(problem.demand_count, np.inf)
    np.minimum.at(fallback, row[is_open], cost[is_open])
    must = np.isinf(fallback)
    choice = counts & (role == SiteRole.CANDIDATE)[site]
    reached = ~must
    reached[row[choice]] = True
    hopeless = np.flatnonzero(~reached & (weight > 0))
    fallback[must] = _penalty(problem) * weight[must]
    kept = np.flatnonzero(reached & (weight > 0))
    number = np.full(problem.demand_count, -1)
    number[kept] = np.arange(len(kept))
    candidates = np.flatnonzero(role == SiteRole.CANDIDATE)
    arcs = (number[row[choice]], np.searchsorted(candidates, site[choice]), cost[choice])
    picks = sites - int((role == SiteRole.REQUIRED).sum())
    return build_core(picks, weight[kept], fallback[kept], must[kept], arcs, (kept, candidates)), hopeless


def serve_most(core: MedianCore, start: LongArray, watch: Watch) -> CoreAnswer:
    """Leave the least weight unserved, whatever the rest costs: the p-median problem in which only that costs.

    Returns
    -------
    Sites of `core`; `cost` is the weight unserved, without demand points that no site serves.
    """
    row = core.arc_row
    hard = core.must[row]
    names = (np.arange(core.row_count), np.arange(core.site_count))
    arcs = (row[hard], core.row_site[hard], np.zeros(int(hard.sum())))
    soft = np.zeros(core.row_count, dtype=bool)
    covering = build_core(
        core.picks, core.weight, np.where(core.must, core.weight, 0.0), soft, arcs, names, is_sorted=True
    )
    incumbent = Incumbent(covering, watch)
    incumbent.offer(start)
    incumbent.start_from(np.zeros(0, dtype=np.int64))
    return Tree(incumbent, 1.0).run()


def weigh_plan(problem: SitingProblem, opened: LongArray) -> tuple[float, BoolArray]:
    """Return the weighted cost of all who are served when `opened` are open too, and who is served, shape (d,)."""
    paid = paid_with(problem, np.concatenate((np.flatnonzero(find_open(problem)), opened)))
    served = np.isfinite(paid)
    return float((problem.weight[served] * paid[served]).sum()), served


def paid_with(problem: SitingProblem, opened: LongArray) -> FloatArray:
    """Return the cost of each demand point to its cheapest site of `opened`, inf where none reaches it, shape (d,)."""
    paid = np.full(problem.demand_count, np.inf)
    arcs, _ = list_arcs(problem.ptr, opened)
    np.minimum.at(paid, problem.demand[arcs], problem.cost[arcs])
    return paid


def order_by_gain(problem: SitingProblem, opened: LongArray) -> LongArray:
    """Order new sites: the one that lowers the weighted cost most first, weight newly served before all cost."""
    penalty = _penalty(problem)
    existing = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))
    paid = np.minimum(paid_with(problem, np.flatnonzero(existing)), penalty)
    left = np.sort(opened)
    arcs, owner = list_arcs(problem.ptr, left)
    row, cost = problem.demand[arcs], problem.cost[arcs]
    place = np.searchsorted(left, owner)
    gone = np.zeros(len(left), dtype=bool)
    order: list[int] = []
    for _ in range(len(left)):
        saved = problem.weight[row] * np.maximum(paid[row] - cost, 0.0)
        gain = np.where(gone, -np.inf, np.bincount(place, weights=saved, minlength=len(left)))
        best = int(np.argmax(gain))
        gone[best] = True
        order.append(int(left[best]))
        mine = place == best
        np.minimum.at(paid, row[mine], cost[mine])
    return np.array(order, dtype=np.int64)


def find_open(problem: SitingProblem) -> BoolArray:
    """Tell which sites are open in every answer, shape (s,)."""
    answer: BoolArray = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE, SiteRole.REQUIRED))
    return answer


def _penalty(problem: SitingProblem) -> float:
    """Return what a unit of weight unserved costs where serving comes before all cost."""
    weight = problem.weight[problem.weight > 0]
    ratio = float(weight.sum() / weight.min()) if len(weight) else 1.0
    largest = float(problem.cost.max(initial=0.0)) or 1.0
    return largest * min(max(ratio, _LEAST_PENALTY), _LARGEST_PENALTY)


def _best_bound_penalty(incumbent: Incumbent, largest_cost: float) -> float:
    """Return the penalty whose bound is best after a few steps."""
    trees = [Tree(incumbent, (largest_cost or 1.0) * factor) for factor in _BOUND_PENALTIES]
    return trees[int(np.argmax([tree.first_bound() for tree in trees]))].penalty


def part_of(watch: Watch, report: SolveReport) -> Watch:
    """Return a watch that gives a share of the time that is left, and hears the same user."""
    left = watch.seconds_left()
    end = left * (1.0 - _SERVING_SHARE) if np.isfinite(left) else 0.0
    return Watch(report, lambda: watch.seconds_left() - end)
