"""What a plan is worth to its own model when a site is taken out, and when another takes its place: models of cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.siting.cover.cover_sets import Integers, find_covered, find_open_sites
from coverage.siting.model.curve import Measure
from coverage.siting.model.problem import SiteRole, SitingAnswer, SitingProblem
from coverage.siting.plan.solve import TWICE_METHODS, SitingQuestion

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What one or more plans are worth, compared by `missed` first, then by `value`, then by `people`.

    Parameters
    ----------
    missed
        People without any way (models of times), or people short of what was asked for (set covering); less is
        better.
    value
        Value in the measure of the model.
    people
        People covered or served; decides between plans of one value.
    """

    missed: FloatArray
    value: FloatArray
    people: FloatArray


class Interchange(Protocol):
    """A plan whose sites can be taken out and replaced one at a time.

    Attributes
    ----------
    measure
        What the model improves.
    plan, start
        The plan, and what there is without any new site; arrays of shape ().
    """

    measure: Measure
    plan: Worth
    start: Worth

    def weigh_without(self, site: int) -> Worth:
        """Return what the plan is worth without one of its sites, arrays of shape ()."""

    def weigh_swaps(self, site: int, rows: Integers) -> Worth:
        """Return what the plan is worth with each of `rows` in the place of a site, arrays of shape (len(rows),)."""


class CoverInterchange:
    """Interchange for the models that count who has enough sites within the cutoff.

    Parameters
    ----------
    problem, cutoff, question, answer
        What was asked, and the plan.
    measure
        What the model improves: people covered once or twice, the worst share of a unit, sites or money.

    Notes
    -----
    A demand point is met when `need` open sites reach it. Taking one site out leaves some points one short; a site
    that takes its place meets those of them that it reaches. Both are one product of the pairs with a vector.
    """

    def __init__(
        self, problem: SitingProblem, cutoff: float, question: SitingQuestion, answer: SitingAnswer, measure: Measure
    ) -> None:
        self.measure = measure
        self.question = question
        self.covers = find_covered(problem, cutoff)
        reaching = np.bincount(self.covers.indices, minlength=problem.demand_count)
        times = 2 if question.method in TWICE_METHODS else 1
        weight = np.asarray(problem.weight, np.float64)
        if question.method == "lscp-b":  # who can have one site only needs that one
            self.need = np.minimum(times, reaching)
            self.weight = np.where(reaching > 0, weight, 0.0)
        else:
            self.need = np.full(problem.demand_count, times)
            self.weight = np.where(reaching >= times, weight, 0.0)
        self._group(problem, weight)
        self.price = (problem.site_cost if question.least_money else np.ones(problem.site_count)).astype(np.float64)
        is_new = np.zeros(problem.site_count, bool)
        is_new[answer.opened] = True
        self.spent = float(self.price[is_new].sum())
        is_open = find_open_sites(problem, answer.opened, answer.closed)
        self.count = self._count(is_open)
        self.plan = self._judge(self._add_up(self.count), np.asarray(self.spent))
        stays = is_open & (problem.role != SiteRole.CANDIDATE) & (problem.role != SiteRole.REQUIRED)
        self.start = self._judge(self._add_up(self._count(stays)), np.zeros(()))

    def weigh_without(self, site: int) -> Worth:
        """Return what the plan is worth without one of its sites."""
        return self._judge(self._add_up(self.count - self._reach(site)), np.asarray(self.spent - self.price[site]))

    def weigh_swaps(self, site: int, rows: Integers) -> Worth:
        """Return what the plan is worth with each of `rows` in the place of a site."""
        left = self.count - self._reach(site)
        gained = self.covers @ self._by_group(left == self.need - 1)
        people = self._add_up(left) + gained[rows].toarray()
        return self._judge(people, self.spent - self.price[site] + self.price[rows])

    def _group(self, problem: SitingProblem, weight: FloatArray) -> None:
        """Prepare the groups whose people count for themselves: everybody, then the units where they matter."""
        by_unit = self.question.by_county or self.question.method == "fair"
        unit_of = np.asarray(problem.demand_unit, np.int64) if by_unit else np.full(len(weight), -1)
        units = np.unique(unit_of[(unit_of >= 0) & (weight > 0)])
        mine = np.flatnonzero(np.isin(unit_of, units))
        everybody = np.arange(len(weight))
        column = np.concatenate((np.zeros(len(weight), np.int64), np.searchsorted(units, unit_of[mine]) + 1))
        row = np.concatenate((everybody, mine))
        shape = (len(weight), len(units) + 1)
        self.groups = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
        self.total = np.asarray(self.groups.T @ weight, np.float64)
        can_be = np.asarray(self.groups.T @ self.weight, np.float64)
        target = np.minimum((self.question.share or 1.0) * self.total, can_be)
        # Where the share holds in each unit, that of all people is not asked for.
        self.target = np.where(np.arange(len(target)) == 0, -np.inf, target) if self.question.by_county else target

    def _reach(self, site: int) -> npt.NDArray[np.int64]:
        reached = np.zeros(self.covers.shape[1], np.int64)
        reached[self.covers.indices[self.covers.indptr[site] : self.covers.indptr[site + 1]]] = 1
        return reached

    def _count(self, is_open: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return np.asarray(self.covers.T @ is_open.astype(np.int64), np.int64)

    def _by_group(self, chosen: npt.NDArray[np.bool_]) -> sparse.csr_array:
        return sparse.csr_array(self.groups.multiply(np.where(chosen, self.weight, 0.0)[:, None]))

    def _add_up(self, count: npt.NDArray[np.int64]) -> FloatArray:
        """Add up the people met, of all and of each unit, shape (groups,)."""
        return np.asarray(self.groups.T @ np.where(count >= self.need, self.weight, 0.0), np.float64)

    def _judge(self, people: FloatArray, spent: FloatArray) -> Worth:
        """Turn people by group, shape (…, groups), and what new sites take, shape (…), into worth."""
        met = people[..., 0]
        nobody = np.zeros(met.shape)
        if self.measure.unit in ("sites", "yuan"):
            return Worth(np.maximum(self.target - people, 0.0).sum(axis=-1), spent, met)
        if self.measure.id == "worst_share":
            floor = self.question.share or 1.0
            shares = people[..., 1:] / self.total[1:]
            return Worth(nobody, np.minimum(shares.min(axis=-1, initial=np.inf), floor), met)
        return Worth(nobody, met, met)
