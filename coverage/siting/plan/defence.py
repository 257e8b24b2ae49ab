"""Why these sites: what each alone is for, and what could stand in its place, by the measure of the model itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.siting.model.curve import MEASURES, MeasureUnit
from coverage.siting.model.limits import Limit, build_limit_rows
from coverage.siting.model.problem import SiteRole, SitingAnswer, SitingProblem
from coverage.siting.plan.curve_of_aim import find_measure
from coverage.siting.plan.interchange import CoverInterchange, Interchange, Worth
from coverage.siting.plan.interchange_capacity import CapacityInterchange
from coverage.siting.plan.interchange_times import TimeInterchange
from coverage.siting.plan.solve import TIME_METHODS, SitingQuestion

# Values that differ by less, relative to their size, are the same: sums in another order differ in the last digits.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class SiteDefence:
    """What speaks for one new site.

    Parameters
    ----------
    site
        Its row.
    loss, unit
        What the plan is worse by without it, at least 0, and the unit of that: the model's own measure, or people
        where they come before it (those left without any way) or where it does not change (set covering).
    replacement
        Row of the best site that could stand in its place under the same limits, -1 where there is none.
    replaced
        Value of the plan with that one in its place, in the measure of the model; nan where there is none.
    near
        Rows of all sites that could stand in its place at a loss within the tolerance, best first.
    """

    site: int
    loss: float
    unit: MeasureUnit
    replacement: int
    replaced: float
    near: npt.NDArray[np.int64]


def defend_sites(
    problem: SitingProblem,
    cutoff: float,
    question: SitingQuestion,
    answer: SitingAnswer,
    *,
    tolerance: float = 0.01,
) -> list[SiteDefence]:
    """Defend each new site of an answer.

    Parameters
    ----------
    problem, cutoff, question
        What was asked.
    answer
        The plan.
    tolerance
        Loss that counts as near, as a share of the plan's value in the measure of the model; of what the new sites
        improve where that is less, since where existing stations do most, a share of the whole would be any site.

    Returns
    -------
    One for each of `answer.opened`, in that order. Required sites have no replacement.

    Notes
    -----
    Every single interchange (Teitz & Bart 1968) is weighed by the model's own objective: people covered (once,
    twice, or served within capacities), mean or longest time among plans that leave no more people without a way,
    sites or money among plans that still cover what was asked for, the worst share of a unit and then all people.
    """
    swaps = _build_interchange(problem, cutoff, question, answer, tolerance)
    could_be = _Permitted(problem, question.limit, answer)
    found: list[SiteDefence] = []
    for site in map(int, answer.opened):
        loss, unit = _find_loss(swaps, swaps.weigh_without(site))
        replacement, replaced, near = -1, float("nan"), np.zeros(0, np.int64)
        rows = could_be.find_replacements(site)
        if len(rows):
            worth = swaps.weigh_swaps(site, rows)
            ahead = -worth.value if swaps.measure.is_gain else worth.value
            order = np.lexsort((-_round(worth.people), _round(ahead), _round(worth.missed)))
            replacement, replaced = int(rows[order[0]]), float(worth.value[order[0]])
            near = rows[order[_find_near(swaps, worth, tolerance)[order]]]
        found.append(SiteDefence(site, loss, unit, replacement, replaced, near))
    return found


def _build_interchange(
    problem: SitingProblem, cutoff: float, question: SitingQuestion, answer: SitingAnswer, tolerance: float
) -> Interchange:
    measure = find_measure(question)
    if question.method == "lscp-b":  # its curve shows people, its objective is what they take
        measure = MEASURES["money_needed" if question.least_money else "sites_needed"]
    if question.method in TIME_METHODS:
        return TimeInterchange(problem, answer, measure)
    if question.method == "capacitated":
        return CapacityInterchange(problem, cutoff, answer, measure, tolerance)
    return CoverInterchange(problem, cutoff, question, answer, measure)


class _Permitted:
    """Which sites may take the place of which under the limits of a question."""

    def __init__(self, problem: SitingProblem, limit: Limit, answer: SitingAnswer) -> None:
        self.role = problem.role
        free = np.flatnonzero((problem.role == SiteRole.CANDIDATE) | (problem.role == SiteRole.RELOCATABLE))
        self.free = free
        self.limits = build_limit_rows(problem, limit, free)
        self.columns = self.limits.matrix.toarray()
        self.is_open = np.where(problem.role[free] == SiteRole.RELOCATABLE, ~np.isin(free, answer.closed), False)
        self.is_open |= np.isin(free, answer.opened)

    def find_replacements(self, site: int) -> npt.NDArray[np.int64]:
        """Find the candidates that may open in the place of a site, ascending; none for a required one."""
        if self.role[site] != SiteRole.CANDIDATE:
            return np.zeros(0, np.int64)
        plan = self.is_open.astype(np.float64)
        plan[np.searchsorted(self.free, site)] = 0.0
        spent = (self.columns @ plan)[:, None] + self.columns
        slack = _SAME * np.maximum(np.abs(spent), 1.0)
        kept = (spent >= self.limits.lower[:, None] - slack) & (spent <= self.limits.upper[:, None] + slack)
        could = kept.all(axis=0) & ~self.is_open & (self.role[self.free] == SiteRole.CANDIDATE)
        rows: npt.NDArray[np.int64] = self.free[could].astype(np.int64)
        return rows


def _find_loss(swaps: Interchange, without: Worth) -> tuple[float, MeasureUnit]:
    """Find what a plan is worse by without a site: the first of what the model compares that gets worse."""
    plan, measure = swaps.plan, swaps.measure
    people = float(plan.people - without.people)
    if measure.unit in ("sites", "yuan"):
        return _at_least_0(people, float(plan.people)), "people"
    missed = _at_least_0(float(without.missed - plan.missed), float(plan.people))
    if missed > 0:
        return missed, "people"
    worse = float(plan.value - without.value) if measure.is_gain else float(without.value - plan.value)
    loss = _at_least_0(worse, float(plan.value))
    if loss > 0 or people <= _SAME * float(plan.people):
        return loss, measure.unit
    return people, "people"


def _find_near(swaps: Interchange, worth: Worth, tolerance: float) -> npt.NDArray[np.bool_]:
    """Tell which plans are within a tolerance of the plan, in all that the model compares."""
    plan, start, measure = swaps.plan, swaps.start, swaps.measure
    is_near: npt.NDArray[np.bool_] = worth.missed <= plan.missed + _SAME * max(float(plan.people), 1.0)
    value, most = float(plan.value), abs(float(plan.value))
    if measure.unit not in ("sites", "yuan") and start.missed <= plan.missed + _SAME * float(plan.people):
        most = min(most, abs(value - float(start.value)))
    worse = value - worth.value if measure.is_gain else worth.value - value
    is_near &= worse <= tolerance * most + _SAME * max(abs(value), _SAME)
    if measure.id == "worst_share":  # among plans with the same worst share it is all people that count
        gained = float(plan.people - start.people)
        is_near &= plan.people - worth.people <= tolerance * gained + _SAME * float(plan.people)
    return is_near


def _at_least_0(amount: float, size: float) -> float:
    """Return an amount, 0 where it is a rounding error of a number of that size."""
    return amount if amount > _SAME * max(abs(size), _SAME) else 0.0


def _round(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round to the digits that sums in another order keep, so that equal values stay in the order of their rows."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return np.round(values / largest, 10) if largest > 0 else values
