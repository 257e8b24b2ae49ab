"""What a plan is worth to its own model when a site is replaced: models of times (p-median, p-center)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coverage.siting.cover.cover_sets import Integers, sum_by
from coverage.siting.model.curve import Measure
from coverage.siting.model.problem import SiteRole, SitingAnswer, SitingProblem
from coverage.siting.p_median.solver import find_open, paid_with
from coverage.siting.plan.interchange import FloatArray, Worth


class TimeInterchange:
    """Interchange for the mean and the longest time of those who have a way; leaving fewer without one comes first.

    Parameters
    ----------
    problem, answer
        What was asked, and the plan. Demand points without people ask nothing.
    measure
        ``mean_min`` or ``longest_min``.
    """

    def __init__(self, problem: SitingProblem, answer: SitingAnswer, measure: Measure) -> None:
        self.measure = measure
        self.problem = problem
        self.weight = np.asarray(problem.weight, np.float64)
        site = np.repeat(np.arange(problem.site_count), np.diff(problem.ptr))
        counts = self.weight[problem.demand] > 0
        self.site, self.cost = site[counts], np.asarray(problem.cost, np.float64)[counts]
        self.demand = np.asarray(problem.demand)[counts].astype(np.int64)
        stays = find_open(problem) & (problem.role != SiteRole.REQUIRED)
        self.stays = np.flatnonzero(stays)
        self.opened = np.asarray(answer.opened, np.int64)
        self.plan = self._judge(paid_with(problem, np.concatenate((self.stays, self.opened))))
        self.start = self._judge(paid_with(problem, self.stays))

    def weigh_without(self, site: int) -> Worth:
        """Return what the plan is worth without one of its sites."""
        return self._judge(self._pay_without(site))

    def weigh_swaps(self, site: int, rows: Integers) -> Worth:
        """Return what the plan is worth with each of `rows` in the place of a site."""
        paid = self._pay_without(site)
        served = np.isfinite(paid)
        weight, before = self.weight[self.demand], paid[self.demand]
        is_new = ~np.isfinite(before)
        size = self.problem.site_count
        people = self.weight[served].sum() + sum_by(self.site, np.where(is_new, weight, 0.0), size)
        missed = self.weight.sum() - people
        if self.measure.id == "longest_min":
            return Worth(missed[rows], self._find_longest(paid)[rows], people[rows])
        change = np.where(is_new, self.cost, np.minimum(self.cost - np.where(is_new, 0.0, before), 0.0))
        cost = float(self.weight[served] @ paid[served]) + sum_by(self.site, weight * change, size)
        return Worth(missed[rows], np.where(people > 0, cost / np.maximum(people, 1e-300), np.inf)[rows], people[rows])

    def _pay_without(self, site: int) -> FloatArray:
        return paid_with(self.problem, np.concatenate((self.stays, self.opened[self.opened != site])))

    def _judge(self, paid: FloatArray) -> Worth:
        served = np.isfinite(paid) & (self.weight > 0)
        people = float(self.weight[served].sum())
        if self.measure.id == "longest_min":
            value = float(paid[served].max()) if served.any() else np.inf
        else:
            value = float(self.weight[served] @ paid[served]) / people if people > 0 else np.inf
        missed = float(self.weight.sum()) - people
        return Worth(np.asarray(missed), np.asarray(value), np.asarray(people))

    def _find_longest(self, paid: FloatArray) -> npt.NDArray[np.float64]:
        """Find the longest time once each site is open too, inf where nobody is served, shape (s,).

        The longest of those a site does not reach is that of the first it leaves out, in the order of their times.
        """
        size = self.problem.site_count
        reached = np.full(size, -np.inf)
        np.maximum.at(reached, self.site, np.minimum(self.cost, paid[self.demand]))
        asks = np.flatnonzero(np.isfinite(paid) & (self.weight > 0))
        order = asks[np.argsort(-paid[asks], kind="stable")]
        rank = np.full(len(paid), -1, np.int64)
        rank[order] = np.arange(len(order))
        has = rank[self.demand] >= 0
        site, mine = self.site[has], rank[self.demand[has]]
        by_rank = np.lexsort((mine, site))
        site, mine = site[by_rank], mine[by_rank]
        size_of = np.bincount(site, minlength=size)
        place = np.arange(len(site)) - np.repeat(np.cumsum(size_of) - size_of, size_of)
        first = size_of.copy()
        skipped = mine != place
        np.minimum.at(first, site[skipped], place[skipped])
        rest = np.append(paid[order], -np.inf)[first]
        longest: npt.NDArray[np.float64] = np.maximum(reached, rest)
        return np.where(np.isfinite(longest), longest, np.inf)
