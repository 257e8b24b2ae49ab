"""What a plan is worth to its own model when a site is replaced: people served where capacities count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from coverage.siting.cover.capacitated import build_capacity_pairs, share_out
from coverage.siting.cover.cover_sets import Integers
from coverage.siting.model.curve import Measure
from coverage.siting.model.problem import SiteRole, SitingAnswer, SitingProblem
from coverage.siting.plan.interchange import FloatArray, Worth


class CapacityInterchange:
    """Interchange for the people served by sites with a capacity; each plan is a flow problem of its own.

    Parameters
    ----------
    problem, cutoff, answer
        What was asked, and the plan.
    measure
        People served.
    tolerance
        Loss that is still looked at, as a share of what the new sites add: what serves fewer for certain is not solved.
    """

    def __init__(
        self, problem: SitingProblem, cutoff: float, answer: SitingAnswer, measure: Measure, tolerance: float
    ) -> None:
        self.measure = measure
        # Required sites are taken out too, so they are to decide on here.
        role = np.where(problem.role == SiteRole.REQUIRED, SiteRole.CANDIDATE, problem.role).astype(np.int8)
        self.pairs = build_capacity_pairs(replace(problem, role=role), cutoff)
        self.sites = problem.site_count
        site = self.pairs.sets.site
        self.is_new = np.isin(site, answer.opened)
        self.stays = ~self.pairs.is_free | ((role[site] == SiteRole.RELOCATABLE) & ~np.isin(site, answer.closed))
        self.plan = self._judge(self._serve(self.stays | self.is_new)[1])
        self.start = self._judge(self._serve(self.stays)[1])
        gained = float(self.plan.value - self.start.value)
        self.least = float(self.plan.value) - tolerance * min(float(self.plan.value), gained)

    def weigh_without(self, site: int) -> Worth:
        """Return what the plan is worth without one of its sites."""
        return self._judge(self._serve(self._leave_out(site))[1])

    def weigh_swaps(self, site: int, rows: Integers) -> Worth:
        """Return what the plan is worth with each of `rows` in the place of a site.

        Those that a bound rules out are -inf: they are neither near nor the best. Of the others a flow is solved,
        unless what they serve when nobody who is served goes elsewhere is the most they can.
        """
        rest = self._leave_out(site)
        flow, without = self._serve(rest)
        room, own = self._find_room(rest, flow), self._find_own(flow)
        place = np.full(self.sites, -1, np.int64)
        place[self.pairs.sets.site] = np.arange(len(self.pairs.sets.site))
        most = np.where(place[rows] >= 0, without + np.append(room, 0.0)[place[rows]], without)
        least = np.where(place[rows] >= 0, without + np.append(own, 0.0)[place[rows]], without)
        served = np.full(len(rows), -np.inf)
        best = -np.inf
        for one in np.argsort(-most, kind="stable"):
            if most[one] < self.least and most[one] <= best:
                break
            number = place[rows[one]]
            if most[one] - least[one] <= 1e-9 * max(most[one], 1.0):
                served[one] = least[one]
            else:
                plan = rest.copy()
                plan[number] = True
                served[one] = self._serve(plan)[1]
            best = max(best, float(served[one]))
        return self._judge(served)

    def _leave_out(self, site: int) -> npt.NDArray[np.bool_]:
        rest: npt.NDArray[np.bool_] = self.stays | (self.is_new & (self.pairs.sets.site != site))
        return rest

    def _serve(self, chosen: npt.NDArray[np.bool_]) -> tuple[FloatArray, float]:
        """Share the people out among the chosen sites; people settled whatever is decided are added."""
        flow, value = share_out(self.pairs, chosen)
        return flow, value + self.pairs.sets.settled

    def _find_room(self, chosen: npt.NDArray[np.bool_], flow: FloatArray) -> FloatArray:
        """Bound what each further site can add: people left over, or served where those left over could be.

        Only classes from which an augmenting path of the flow leads count (Ford & Fulkerson 1956), shape (n,).
        """
        pairs = self.pairs
        weight = pairs.sets.weight
        served = np.bincount(pairs.pair_class, weights=flow, minlength=len(weight))
        left = float(np.maximum(weight - served, 0.0).sum())
        found = weight - served > 1e-9 * np.maximum(weight, 1.0)
        while True:
            full = np.zeros(len(pairs.room), bool)
            full[pairs.pair_site[found[pairs.pair_class] & chosen[pairs.pair_site]]] = True
            more = found.copy()
            more[pairs.pair_class[full[pairs.pair_site] & (flow > 0)]] = True
            if (more == found).all():
                break
            found = more
        reach = pairs.sets.by_site @ np.where(found, weight, 0.0)
        return np.asarray(np.minimum(np.minimum(pairs.room, reach), left), np.float64)

    def _find_own(self, flow: FloatArray) -> FloatArray:
        """Count the people left over that each further site serves by itself, shape (n,)."""
        pairs = self.pairs
        served = np.bincount(pairs.pair_class, weights=flow, minlength=len(pairs.sets.weight))
        left = np.maximum(pairs.sets.weight - served, 0.0)
        return np.asarray(np.minimum(pairs.room, pairs.sets.by_site @ left), np.float64)

    def _judge(self, served: FloatArray | float) -> Worth:
        people = np.asarray(served, np.float64)
        return Worth(np.zeros(people.shape), people, people)
