"""Most people, the worst-served unit first: fair maximal cover, or a floor for every unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.errors import SettingsError
from coverage.network.model import BoolArray
from coverage.siting.cover.cover_model import build_cover_model, build_start
from coverage.siting.cover.cover_plan import build_cover_answer
from coverage.siting.cover.cover_sets import CoverSets, build_cover_sets, compute_covered, sum_by
from coverage.siting.cover.mclp import find_first_plan
from coverage.siting.model.limits import Limit, LimitRows, build_limit_rows, check_limit
from coverage.siting.model.milp import MixedModel, MixedSolution, solve_mixed
from coverage.siting.model.problem import SecondsLeft, SitingAnswer, SitingProblem, SolveStatus, no_deadline
from coverage.siting.model.solver_progress import SolveReport, Watch, ignore_solve

# Two shares are the same up to this.
_SAME_SHARE = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class FairAnswer:
    """A plan that is fair to units.

    Parameters
    ----------
    answer
        Sites and people covered, with the bound on the people covered by any plan whose worst unit is no worse.
    unit
        Units that have people, ascending, shape (u,).
    share
        Share of each unit's people that is covered, shape (u,).
    worst, worst_bound
        Smallest share (relative to the floor, where one is given), and what no plan exceeds.
    """

    answer: SitingAnswer
    unit: npt.NDArray[np.int64]
    share: npt.NDArray[np.float64]
    worst: float
    worst_bound: float


def solve_fair(
    problem: SitingProblem,
    cutoff: float,
    limit: Limit,
    *,
    floor: float | None = None,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> FairAnswer:
    """Raise the smallest share of any unit as far as possible, then cover as many people as possible.

    Parameters
    ----------
    problem, cutoff, limit, report, seconds_left
        See `coverage.siting.cover.mclp.solve_mclp`; units are those of `demand_unit`, points without one count in the
        total only.
    floor
        Where given, no unit is raised beyond this share before the total counts; above 0 and at most 1.

    Returns
    -------
    The plan. Where a floor cannot be reached in every unit, the status is ``infeasible``, and the units are as
    near to it as they can be.

    Raises
    ------
    SettingsError
        If the floor is not in (0, 1], no unit has people, or the limits contradict each other.

    Notes
    -----
    Two models one after the other (lexicographic max-min, Ogryczak 1997): max t subject to
    Σ_{i∈g} w_i u_i ≥ t f W_g for every unit g, t ≤ 1; then max Σ_i w_i u_i with t at its optimum. f is the
    floor, 1 where none is given.
    """
    check_limit(problem, limit)
    if floor is not None and not 0.0 < floor <= 1.0:
        raise SettingsError("siting.share_out_of_range", share=floor)
    watch = Watch(report, seconds_left)
    # A site that adds nobody in all may still be the one for its unit: classes are kept apart by unit.
    sets = build_cover_sets(problem, cutoff, by_unit=True)
    limits = build_limit_rows(problem, limit, sets.site)
    units = _Units(problem, sets, 1.0 if floor is None else floor)
    if not len(units.unit):
        raise SettingsError("siting.no_units")
    plan = find_first_plan(problem, sets, limits, watch).copy_plan()
    worst = units.find_worst(sets, plan)
    first = _raise_worst(sets, limits, units, plan, watch)
    worst_bound = min(1.0, max(first.bound, worst))
    if first.x is not None:
        plan = first.x[: len(sets.site)] > 0.5
        worst = units.find_worst(sets, plan)
    bound = float(sets.weight.sum())
    if watch.stopped is None:
        second = _raise_total(sets, limits, units, plan, worst, watch)
        bound = min(bound, second.bound)
        if second.x is not None:
            plan = second.x[: len(sets.site)] > 0.5
            worst = units.find_worst(sets, plan)
        worst_bound = worst
    status: SolveStatus = watch.stopped or "optimal"
    if floor is not None and status == "optimal" and worst < 1.0 - 1e-6:
        status = "infeasible"
    answer = build_cover_answer(problem, cutoff, sets, plan, method="fair", status=status, bound=bound + sets.settled)
    covered = compute_covered(problem, cutoff, answer.opened, answer.closed)
    return FairAnswer(answer, units.unit, units.find_shares(problem, covered), worst, worst_bound)


class _Units:
    """What part of its unit each class is, what is settled, and what counts as everybody.

    Attributes
    ----------
    unit
        Units with people, shape (u,).
    parts
        Share of the floor's people each class is, shape (u, m).
    settled
        Share of the floor's people that is covered whatever is decided, shape (u,).
    """

    def __init__(self, problem: SitingProblem, sets: CoverSets, floor: float) -> None:
        weight = np.asarray(problem.weight, np.float64)
        unit_of = np.asarray(problem.demand_unit, np.int64)
        self.unit = np.unique(unit_of[(unit_of >= 0) & (weight > 0)])
        self.total = self._add_up(unit_of, weight)
        is_settled = sets.class_of < 0
        is_settled[sets.unserved] = False
        self.settled = self._add_up(unit_of, np.where(is_settled, weight, 0.0)) / (floor * self.total)
        inside = np.flatnonzero(np.isin(sets.unit, self.unit))
        row = np.searchsorted(self.unit, sets.unit[inside])
        self.parts = sparse.csr_array(
            (sets.weight[inside] / (floor * self.total[row]), (row, inside)),
            shape=(len(self.unit), len(sets.weight)),
        )

    def _add_up(self, of: npt.NDArray[np.int64], people: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        mine = np.isin(of, self.unit)
        return sum_by(np.searchsorted(self.unit, of[mine]), people[mine], len(self.unit))

    def find_worst(self, sets: CoverSets, plan: BoolArray) -> float:
        """Find the smallest share of the floor, at most 1."""
        met = (sets.by_class @ plan.astype(np.float64) >= sets.need).astype(np.float64)
        return min(1.0, float((self.parts @ met + self.settled).min()))

    def find_shares(self, problem: SitingProblem, covered: BoolArray) -> npt.NDArray[np.float64]:
        """Find the share of its people each unit has covered, shape (u,)."""
        weight = np.where(covered, np.asarray(problem.weight, np.float64), 0.0)
        return self._add_up(np.asarray(problem.demand_unit, np.int64), weight) / self.total


def _raise_worst(sets: CoverSets, limits: LimitRows, units: _Units, plan: BoolArray, watch: Watch) -> MixedSolution:
    """Maximise t: variables y, u, t."""
    base = build_cover_model(sets, limits)
    rows, columns = base.matrix.shape
    sites = len(sets.site)
    fair = sparse.hstack(
        (sparse.csr_array((len(units.unit), sites)), units.parts, sparse.csr_array(-np.ones((len(units.unit), 1))))
    )
    model = MixedModel(
        profit=np.append(np.zeros(columns), 1.0),
        most=np.append(base.most, 1.0),
        is_integer=np.append(base.is_integer, False),
        matrix=sparse.csr_array(sparse.vstack((sparse.hstack((base.matrix, sparse.csr_array((rows, 1)))), fair))),
        lower=np.concatenate((base.lower, -units.settled)),
        upper=np.concatenate((base.upper, np.full(len(units.unit), np.inf))),
    )
    start = np.append(build_start(sets, plan), max(units.find_worst(sets, plan) - 1e-12, 0.0))
    return solve_mixed(model, watch, "worst", start=start)


def _raise_total(
    sets: CoverSets, limits: LimitRows, units: _Units, plan: BoolArray, worst: float, watch: Watch
) -> MixedSolution:
    """Maximise the people covered while no unit falls below the worst share."""
    base = build_cover_model(sets, limits)
    fair = sparse.hstack((sparse.csr_array((len(units.unit), len(sets.site))), units.parts))
    model = MixedModel(
        profit=base.profit,
        most=base.most,
        is_integer=base.is_integer,
        matrix=sparse.csr_array(sparse.vstack((base.matrix, fair))),
        lower=np.concatenate((base.lower, worst - _SAME_SHARE - units.settled)),
        upper=np.concatenate((base.upper, np.full(len(units.unit), np.inf))),
    )
    return solve_mixed(model, watch, "total", start=build_start(sets, plan), offset=sets.settled)
