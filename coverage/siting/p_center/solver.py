"""Least worst travel with a number of sites: the p-center problem, with existing, required and forbidden sites."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from coverage.siting.model.limits import Limit, check_limit
from coverage.siting.model.milp import MixedModel, solve_mixed
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, SolveStatus, no_deadline
from coverage.siting.model.solver_progress import SolveReport, Watch, ignore_solve
from coverage.siting.p_center.bound import CoverBound
from coverage.siting.p_center.pairs import CoverPairs, pair_up
from coverage.siting.p_center.search import CoverSearch
from coverage.siting.p_median.core import LongArray, MedianCore, build_core, cost_of, list_arcs
from coverage.siting.p_median.solver import (
    build_median_core,
    check_no_quotas,
    find_open,
    order_by_gain,
    paid_with,
    part_of,
    serve_most,
)
from coverage.siting.p_median.swap import improve_by_swaps, open_greedily

_TOLERANCE = 1e-6
# Pairs from which payments and swaps come before exact models.
_MANY = 100_000
# Distance of the two, relative, at which they leave the rest to exact models.
_NARROW = 0.002
# Swaps go down by steps of the largest cost, relative, which halve, and give up after swaps, which double.
_FIRST_STEP, _LAST_STEP = 0.004, 0.0003
_FIRST_SWAPS, _MOST_SWAPS = 250, 16_000
_FAR = 0.1  # distance of the bound from the answer, relative, from which halving is quicker
_NO_SITES: LongArray = np.zeros(0, dtype=np.int64)


def solve_p_center(
    problem: SitingProblem,
    sites: int,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> SitingAnswer:
    """Open new sites so that the largest cost between a demand point and its cheapest open site is least.

    Where the sites cannot serve everybody, serving comes first: the least weight is left unserved, and among
    such answers the largest cost of those served is least.

    Parameters
    ----------
    problem
        Demand, sites and costs; roles as in `solve_p_median`. Every demand point of weight above 0 counts
        alike; those of weight 0 ask nothing.
    sites
        New sites to open, required ones included, at least 0. Sites that the largest cost does not need are
        opened where they lower the weighted cost most.
    report
        Told largest cost and bound; returning False ends the search with what there is.
    seconds_left
        Seconds that are left; with none an answer and a valid bound still come.

    Returns
    -------
    `objective`: largest cost of those served, 0 where nobody is. `status`, `unserved`, `bound` and the order of
    `opened` as `solve_p_median` gives them.

    Raises
    ------
    SettingsError
        If more sites are required than may open, or the problem has quotas, which this model does not keep.

    Notes
    -----
    The answer is one of the costs of the matrix: the least one within which p sites cover everybody, found by
    bisection (Minieka 1970; Daskin 1995). Greedy addition and interchange show most costs to be enough; HiGHS
    answers the others, and shows which are not. From 100,000 pairs on, payments of points show costs to be too
    small and swaps show them to be enough, before HiGHS is asked; see the modules ``p_center_*``.

    References
    ----------
    Minieka (1970), The m-center problem. Hochbaum & Shmoys (1985), A best possible heuristic for the k-center
    problem (packing as a bound). Daskin (1995), Network and discrete location, chapter 5.
    """
    check_limit(problem, Limit(sites=sites))
    check_no_quotas(problem, "p-center")
    watch = Watch(report, seconds_left)
    core, hopeless = build_median_core(problem, sites)
    question = _Question(problem, core)
    served_most = improve_by_swaps(core, open_greedily(core, _NO_SITES, core.picks), seconds_left)
    permitted, is_most = cost_of(core, served_most)[0], True
    if permitted > 0:
        part = part_of(watch, report)
        most = serve_most(core, served_most, part)
        if part.stopped == "cancelled":
            watch.stopped = "cancelled"
        served_most, permitted, is_most = most.opened, most.cost, most.proved
    best, found, bound, is_proved = question.bisect(served_most, permitted, watch)
    required = np.flatnonzero(problem.role == SiteRole.REQUIRED)
    opened = order_by_gain(problem, np.concatenate((required, core.site_name[found])))
    status: SolveStatus = "optimal"
    if not (is_proved and is_most):
        status = watch.stopped or "time_limit"
    elif len(hopeless) or permitted > 0:
        status = "infeasible"
    return SitingAnswer(
        method="p-center",
        status=status,
        opened=opened.astype(np.int32),
        closed=np.zeros(0, dtype=np.int32),
        objective=best,
        bound=min(bound, best),
        unserved=hopeless.astype(np.int32),
    )


class _Question:
    """Whether `picks` sites cover everybody within a cost, for one cost after the other.

    Parameters
    ----------
    problem
        Demand, sites and costs.
    core
        The candidates to choose from; its rows and sites are named by rows of the problem.
    """

    def __init__(self, problem: SitingProblem, core: MedianCore) -> None:
        self.problem = problem
        self.core = core
        # Not the core's pairs: it has left out those that cost more than a row can ever pay in sum.
        site = np.repeat(np.arange(problem.site_count), np.diff(problem.ptr))
        counts = problem.weight > 0
        choice = counts[problem.demand] & (problem.role == SiteRole.CANDIDATE)[site]
        order = np.argsort(problem.demand[choice], kind="stable")
        self.row = problem.demand[choice][order].astype(np.int64)
        self.site = np.searchsorted(core.site_name, site[choice][order])
        self.cost = problem.cost[choice][order]
        self.open_sites = np.flatnonzero(find_open(problem))
        self.without = paid_with(problem, self.open_sites)
        reached = np.isfinite(self.without)
        reached[self.row] = True
        self.asks = reached & counts
        self.costs = np.unique(np.concatenate((self.cost, self.without[self.asks & np.isfinite(self.without)])))

    def largest_cost(self, found: LongArray) -> tuple[float, float]:
        """Return the largest cost of those served when some candidates are open, and the weight unserved."""
        opened = np.concatenate((self.open_sites, self.core.site_name[found]))
        paid = paid_with(self.problem, opened)[self.asks]
        served = np.isfinite(paid)
        return float(paid[served].max(initial=0.0)), float(self.problem.weight[self.asks][~served].sum())

    def bisect(self, start: LongArray, permitted: float, watch: Watch) -> tuple[float, LongArray, float, bool]:
        """Find the least cost at which at most the permitted weight is not covered.

        Returns
        -------
        The largest cost of the best plan, its sites, a bound, and whether the search came to its end.
        """
        best, _ = self.largest_cost(start)
        found = start
        if not self.asks.any() or not len(self.costs):
            return best, found, best, True
        # Everybody with a sure site needs at least that; others may be given up where not all can be served.
        cheapest = self.without.copy()
        np.minimum.at(cheapest, self.row, self.cost)
        sure = self.asks & (np.isfinite(self.without) if permitted > 0 else True)
        low = int(np.searchsorted(self.costs, cheapest[sure].max(initial=0.0)))
        high = int(np.searchsorted(self.costs, best))
        is_many = permitted == 0 and len(self.cost) > _MANY
        if is_many:
            low = self.raise_by_packing(low, high, permitted, watch)
            found, low, high = self.close_in(found, low, high, watch)
        unsure = high if is_many else low  # below it greedy plans were not enough, which proves nothing
        while unsure < high:
            middle = (unsure + high) // 2
            plan = self.cover_greedily(middle, permitted, watch)
            before = high
            if plan is not None:
                found, high = self.take(plan, found, high, permitted)
            # Where it is not proved how many can be served, a plan may give up points that it reaches farther off.
            if high == before:
                unsure = middle + 1
        if not is_many:
            low = self.raise_by_packing(low, high, permitted, watch)
        while low < high:
            if not watch.goes_on("radius", float(self.costs[high]), float(self.costs[low])):
                break
            if self.costs[high] - self.costs[low] > _FAR * self.costs[high]:
                middle = self.find_halfway(low, high)
            else:  # the answer is mostly just below what the greedy plans reach
                middle = max(low, high - 1 - (high - low) // 8)
            plan, is_certain = self.cover_exactly(middle, permitted, watch)
            before = high
            if plan is not None:
                found, high = self.take(plan, found, high, permitted)
            elif is_certain:
                low = middle + 1
            if high == before and (plan is not None or not is_certain):
                break
        best, _ = self.largest_cost(found)
        return best, found, float(self.costs[min(low, high)]), low >= high

    def close_in(self, found: LongArray, low: int, high: int, watch: Watch) -> tuple[LongArray, int, int]:
        """Raise the bound by payments and lower the largest cost by swaps in turn, where exact models take long.

        The first halves what is open below the largest cost, the second goes down from it, in ever smaller steps and
        with ever more swaps before it gives up.
        """
        bound, search = CoverBound(self.core.picks), CoverSearch(found)
        top, step, swaps = high, _FIRST_STEP, _FIRST_SWAPS
        while low < high and watch.goes_on("radius", float(self.costs[high]), float(self.costs[low])):
            is_open = [self.is_wide(low, top), swaps <= _MOST_SWAPS]
            if not any(is_open):
                break
            if is_open[0]:
                middle = self.find_halfway(low, top)
                told = (float(self.costs[high]), float(self.costs[low]))
                if bound.is_ruled_out(self.pairs_within(middle), watch, told):
                    low = middle + 1
                else:
                    top = middle
            while is_open[1] and low < high:
                aim = int(np.searchsorted(self.costs, self.costs[high] * (1.0 - step), side="right")) - 1
                aim = min(max(aim, low), high - 1)
                told = (float(self.costs[high]), float(self.costs[low]))
                if search.find_plan(self.pairs_within(aim), swaps, watch, told):
                    found, high = self.take(search.opened.copy(), found, high, 0.0)
                    top = min(top, high)
                    continue
                if step > _LAST_STEP and aim < high - 1:
                    step /= 2.0
                else:
                    swaps *= 2
                break
        return found, low, high

    def is_wide(self, low: int, high: int) -> bool:
        """Tell whether two places are further apart than is worth closing without exact models."""
        return low < high and bool(self.costs[high] - self.costs[low] > _NARROW * self.costs[high])

    def find_halfway(self, low: int, high: int) -> int:
        """Return the place of the cost halfway between those of two places, below the upper one."""
        halfway = (self.costs[low] + self.costs[high]) / 2
        return min(max(int(np.searchsorted(self.costs, halfway)), low), high - 1)

    def raise_by_packing(self, low: int, high: int, permitted: float, watch: Watch) -> int:
        """Return the place of a cost that is at least needed: below it too many points have no site in common."""
        top = high
        while low < top and permitted == 0 and watch.goes_on("radius", float(self.costs[high]), float(self.costs[low])):
            middle = (low + top) // 2
            if self.is_packed(middle):
                low = middle + 1
            else:
                top = middle
        return low

    def is_packed(self, place: int) -> bool:
        """Tell whether more points than there are sites to open have no two of them a site within a cost in common.

        Points are taken greedily, those with the fewest sites first; False proves nothing.
        """
        pairs = self.pairs_within(place)
        sizes = np.diff(pairs.row_ptr)
        is_blocked = np.zeros(pairs.row_count, dtype=bool)
        packed = 0
        for row in np.argsort(sizes, kind="stable"):
            if is_blocked[row]:
                continue
            packed += 1
            if packed > self.core.picks or sizes[row] == 0:
                return True
            arcs, _ = list_arcs(pairs.site_ptr, pairs.row_site[pairs.row_ptr[row] : pairs.row_ptr[row + 1]])
            is_blocked[pairs.site_row[arcs]] = True
        return False

    def take(self, plan: LongArray, found: LongArray, high: int, permitted: float) -> tuple[LongArray, int]:
        """Take a plan if its largest cost is less than that of the one before."""
        largest, unserved = self.largest_cost(plan)
        reached = int(np.searchsorted(self.costs, largest))
        if reached < high and unserved <= permitted * (1 + _TOLERANCE):
            return plan, reached
        return found, high

    def pairs_within(self, place: int) -> CoverPairs:
        """Return what new sites have to cover within a cost, and the pairs that do."""
        radius = self.costs[place]
        left = self.asks & (self.without > radius)
        near = (self.cost <= radius) & left[self.row]
        rows = np.flatnonzero(left)
        number = np.cumsum(left) - 1
        is_hard, weight = np.isfinite(self.without[rows]), self.problem.weight[rows]
        return pair_up(rows, number[self.row[near]], self.site[near], self.core.site_count, is_hard, weight)

    def cover_greedily(self, place: int, permitted: float, watch: Watch) -> LongArray | None:
        """Return a plan within a cost by greedy addition and interchange, None where they find none."""
        pairs = self.pairs_within(place)
        count = pairs.row_count
        value = np.where(pairs.is_hard, pairs.weight.sum() + 1.0, pairs.weight) if permitted > 0 else np.ones(count)
        names = (np.arange(count), np.arange(self.core.site_count))
        arcs = (pairs.pair_row, pairs.row_site, np.zeros(len(pairs.row_site)))
        picks = self.core.picks
        core = build_core(picks, value, value, np.zeros(count, dtype=bool), arcs, names, is_sorted=True)
        plan = improve_by_swaps(core, open_greedily(core, _NO_SITES, core.picks), watch.seconds_left)
        missed = cost_of(core, plan)[1]
        return plan if missed <= (permitted * (1 + _TOLERANCE) if permitted > 0 else 0.5) else None

    def cover_exactly(self, place: int, permitted: float, watch: Watch) -> tuple[LongArray | None, bool]:
        """Return a plan within a cost by HiGHS, None where there is none, and whether that is certain."""
        pairs = self.pairs_within(place)
        rows, sites = pairs.row_count, self.core.site_count
        soft = np.flatnonzero(~pairs.is_hard) if permitted > 0 else _NO_SITES
        links = pairs.to_matrix(np.arange(rows))
        given_up = sparse.csr_array((np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=(rows, len(soft)))
        limits = sparse.vstack(
            (
                sparse.hstack((sparse.csr_array(np.ones((1, sites))), sparse.csr_array((1, len(soft))))),
                sparse.hstack((sparse.csr_array((1, sites)), sparse.csr_array(pairs.weight[soft][None, :]))),
            )
        )
        model = MixedModel(
            profit=np.zeros(sites + len(soft)),
            most=np.ones(sites + len(soft)),
            is_integer=np.arange(sites + len(soft)) < sites,
            matrix=sparse.csr_array(sparse.vstack((sparse.hstack((links, given_up)), limits))),
            lower=np.concatenate((np.ones(rows), [0.0, 0.0])),
            upper=np.concatenate((np.full(rows, np.inf), [self.core.picks, permitted * (1 + _TOLERANCE)])),
        )
        solution = solve_mixed(model, watch, "radius")
        if solution.x is None:
            return None, solution.is_infeasible
        plan = np.flatnonzero(solution.x[:sites] > 0.5)
        return open_greedily(self.core, plan, self.core.picks), True
