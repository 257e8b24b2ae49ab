"""Most people where a site can serve only so many: maximal cover with capacities."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.network.model import BoolArray, FloatArray
from coverage.siting.cover.build_order import order_sites
from coverage.siting.cover.cover_sets import CoverSets, build_cover_sets
from coverage.siting.cover.mclp import find_first_plan
from coverage.siting.model.limits import Limit, LimitRows, build_limit_rows, check_limit
from coverage.siting.model.milp import MixedModel, solve_mixed
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, no_deadline
from coverage.siting.model.solver_progress import SolveReport, Watch, ignore_solve

# Pairs up to which each pair has a limit of its own: a tighter model, but a row more for each.
_TIGHT_PAIRS = 60_000
# Gains below this share of all people are rounding errors.
_NOBODY = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class CapacitatedAnswer:
    """A plan and who is served by it.

    Parameters
    ----------
    answer
        Sites and people served.
    load
        People each site serves, shape (s,); sites without a limit share what the others leave.
    served
        Share of each demand point that is served, shape (d,).
    """

    answer: SitingAnswer
    load: npt.NDArray[np.float64]
    served: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CapacityPairs:
    """Sites with a limit or to decide on, and the classes they can serve.

    `is_free`: to decide on, shape (n,); `room`: people a site can serve, shape (n,); `pair_site`,
    `pair_class`: ends of each pair, shape (k,).
    """

    sets: CoverSets
    is_free: BoolArray
    room: npt.NDArray[np.float64]
    pair_site: npt.NDArray[np.int64]
    pair_class: npt.NDArray[np.int64]

    def find_open(self, plan: BoolArray) -> BoolArray:
        """Return which sites are open when a plan decides on the free ones, shape (n,)."""
        is_open = ~self.is_free
        is_open[np.flatnonzero(self.is_free)[plan]] = True
        return is_open


def solve_capacitated(
    problem: SitingProblem,
    cutoff: float,
    limit: Limit,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> CapacitatedAnswer:
    """Serve as many people as possible within the cutoff when no site serves more than its capacity.

    Parameters
    ----------
    problem, cutoff, limit, report, seconds_left
        See `coverage.siting.cover.mclp.solve_mclp`; `capacity` counts for existing and required sites too.

    Returns
    -------
    The plan, with the people each site serves; the people of a demand point may be shared out among sites.

    Notes
    -----
    max Σ f_ij subject to Σ_j f_ij ≤ w_i, Σ_i f_ij ≤ Q_j y_j, f_ij ≤ min(w_i, Q_j) y_j, f ≥ 0 over pairs within
    the cutoff (Current & Storbeck 1988; Pirkul & Schilling 1991). As people may be shared out, points with the
    same cover set are one i here too. Demand within reach of a fixed site without a limit is settled.
    """
    check_limit(problem, limit)
    watch = Watch(report, seconds_left)
    pairs = build_capacity_pairs(problem, cutoff)
    sets = pairs.sets
    free = np.flatnonzero(pairs.is_free)
    limits = build_limit_rows(problem, limit, sets.site[free])
    plans = [_find_plan(problem, cutoff, limit, watch), _fill_greedily(pairs, limits)]
    tried = [(plan, *share_out(pairs, pairs.find_open(plan))) for plan in plans if plan is not None]
    plan, flow, value = max(tried, key=lambda one: one[2])
    bound = float(sets.weight.sum())
    if watch.stopped is None:
        model = _build_model(pairs, limits)
        start = np.concatenate((plan.astype(np.float64), flow))
        solution = solve_mixed(model, watch, "solve", start=start, offset=sets.settled)
        bound = min(bound, solution.bound)
        if solution.x is not None:
            plan = solution.x[: len(free)] > 0.5
            flow, value = share_out(pairs, pairs.find_open(plan))
    role = problem.role[sets.site[free]]
    new = sets.site[free[plan & (role == SiteRole.CANDIDATE)]]
    opened = np.union1d(new, np.flatnonzero(problem.role == SiteRole.REQUIRED))
    closed = sets.site[free[~plan & (role == SiteRole.RELOCATABLE)]]
    objective = value + sets.settled
    answer = SitingAnswer(
        method="capacitated",
        status=watch.stopped or "optimal",
        opened=order_sites(problem, cutoff, opened, closed),
        closed=closed.astype(np.int32),
        objective=objective,
        bound=objective if watch.stopped is None else max(bound + sets.settled, objective),
        unserved=sets.unserved.astype(np.int32),
    )
    load = np.zeros(problem.site_count)
    load[sets.site] = np.bincount(pairs.pair_site, weights=flow, minlength=len(sets.site))
    share = np.bincount(pairs.pair_class, weights=flow, minlength=len(sets.weight)) / sets.weight
    served = np.where(sets.class_of >= 0, np.append(share, 0.0)[sets.class_of], 1.0)
    served[sets.unserved] = 0.0
    return CapacitatedAnswer(answer, load, served)


def build_capacity_pairs(problem: SitingProblem, cutoff: float) -> CapacityPairs:
    """Build the pairs within the cutoff of the sites to decide on and of those with a limit."""
    # Fixed sites with a limit join those to decide on, so that their classes are told apart.
    fixed = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.REQUIRED)) & np.isfinite(problem.capacity)
    role = np.where(fixed, SiteRole.CANDIDATE, problem.role).astype(np.int8)
    sets = build_cover_sets(replace(problem, role=role), cutoff, merge_sites=False)
    reach = sets.by_site @ sets.weight
    pair_site = np.repeat(np.arange(len(sets.site)), np.diff(sets.by_site.indptr))
    return CapacityPairs(
        sets=sets,
        is_free=~fixed[sets.site],
        room=np.minimum(problem.capacity[sets.site], reach),
        pair_site=pair_site,
        pair_class=sets.by_site.indices.astype(np.int64),
    )


def _find_plan(problem: SitingProblem, cutoff: float, limit: Limit, watch: Watch) -> BoolArray:
    """Start from a good plan without capacities, over the same sites to decide on."""
    unlimited = build_cover_sets(problem, cutoff, merge_sites=False)
    state = find_first_plan(problem, unlimited, build_limit_rows(problem, limit, unlimited.site), watch)
    return state.copy_plan()


def _fill_greedily(pairs: CapacityPairs, limits: LimitRows) -> BoolArray | None:
    """Open the site that serves most people who are still without, again and again; None if a limit is not kept."""
    free = np.flatnonzero(pairs.is_free)
    is_open = np.zeros(len(free), np.bool_)
    flow, _ = share_out(pairs, pairs.find_open(is_open))
    served = np.bincount(pairs.pair_class, weights=flow, minlength=len(pairs.sets.weight))
    left = np.maximum(pairs.sets.weight - served, 0.0)
    room, by_site, matrix = pairs.room[free], pairs.sets.by_site[free], limits.matrix.tocsc()
    spent = np.zeros(len(limits.upper))
    while True:
        over = matrix.data > (limits.upper - spent)[matrix.indices] + 1e-12
        gain = np.minimum(room, by_site @ left)
        gain[is_open] = 0.0
        gain[np.repeat(np.arange(len(free)), np.diff(matrix.indptr))[over]] = 0.0
        best = int(np.argmax(gain)) if len(gain) else -1
        if best < 0 or gain[best] <= _NOBODY * float(pairs.sets.weight.sum()):
            break
        is_open[best] = True
        spent += matrix[:, [best]].toarray().ravel()
        mine = by_site.indices[by_site.indptr[best] : by_site.indptr[best + 1]]
        left[mine] *= 1.0 - gain[best] / float(left[mine].sum())
    is_kept = (spent >= limits.lower - 1e-9).all() and (spent <= limits.upper + 1e-9).all()
    return is_open if is_kept else None


def share_out(pairs: CapacityPairs, is_open: BoolArray) -> tuple[npt.NDArray[np.float64], float]:
    """Share the people out among open sites, shape (n,), as many as can be: a flow, solved as a linear model."""
    used = np.flatnonzero(is_open[pairs.pair_site])
    flow = np.zeros(len(pairs.pair_site))
    if not len(used):
        return flow, 0.0
    count = np.arange(len(used))
    ones = np.ones(len(used))
    sites, classes = len(pairs.sets.site), len(pairs.sets.weight)
    by_class = sparse.csr_array((ones, (pairs.pair_class[used], count)), shape=(classes, len(used)))
    by_site = sparse.csr_array((ones, (pairs.pair_site[used], count)), shape=(sites, len(used)))
    most = _pair_room(pairs)[used]
    model = MixedModel(
        profit=ones,
        most=most,
        is_integer=np.zeros(len(used), np.bool_),
        matrix=sparse.csr_array(sparse.vstack((by_class, by_site))),
        lower=np.full(classes + sites, -np.inf),
        upper=np.concatenate((pairs.sets.weight, pairs.room)),
    )
    solution = solve_mixed(model, Watch(), "assign")
    if solution.x is not None:
        flow[used] = np.clip(solution.x, 0.0, most)
    return flow, float(flow.sum())


def _pair_room(pairs: CapacityPairs) -> npt.NDArray[np.float64]:
    weight: FloatArray = pairs.sets.weight[pairs.pair_class]
    return np.minimum(weight, pairs.room[pairs.pair_site])


def _build_model(pairs: CapacityPairs, limits: LimitRows) -> MixedModel:
    """Build the model: variables y (sites to decide on), then f (pairs)."""
    free = np.flatnonzero(pairs.is_free)
    number = np.full(len(pairs.is_free), -1, np.int64)
    number[free] = np.arange(len(free))
    count, classes, sites = len(pairs.pair_site), len(pairs.sets.weight), len(pairs.is_free)
    each = np.arange(count)
    ones = np.ones(count)
    by_class = sparse.csr_array((ones, (pairs.pair_class, each)), shape=(classes, count))
    by_site = sparse.csr_array((ones, (pairs.pair_site, each)), shape=(sites, count))
    opens = sparse.csr_array((-pairs.room[free], (free, np.arange(len(free)))), shape=(sites, len(free)))
    blocks = [
        sparse.hstack((sparse.csr_array((classes, len(free))), by_class)),
        sparse.hstack((opens, by_site)),
        sparse.hstack((limits.matrix, sparse.csr_array((len(limits.upper), count)))),
    ]
    upper = [pairs.sets.weight, np.where(pairs.is_free, 0.0, pairs.room), limits.upper]
    lower = [np.full(classes + sites, -np.inf), limits.lower]
    if count <= _TIGHT_PAIRS:
        mine = np.flatnonzero(pairs.is_free[pairs.pair_site])
        row = np.arange(len(mine))
        room = _pair_room(pairs)[mine]
        links = sparse.csr_array((-room, (row, number[pairs.pair_site[mine]])), shape=(len(mine), len(free)))
        flows = sparse.csr_array((np.ones(len(mine)), (row, mine)), shape=(len(mine), count))
        blocks.append(sparse.hstack((links, flows)))
        upper.append(np.zeros(len(mine)))
        lower.append(np.full(len(mine), -np.inf))
    return MixedModel(
        profit=np.concatenate((np.zeros(len(free)), ones)),
        most=np.concatenate((np.ones(len(free)), _pair_room(pairs))),
        is_integer=np.concatenate((np.ones(len(free), np.bool_), np.zeros(count, np.bool_))),
        matrix=sparse.csr_array(sparse.vstack(blocks)),
        lower=np.concatenate(lower),
        upper=np.concatenate(upper),
    )
