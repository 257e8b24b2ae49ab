"""The siting problem as a value: who is to be served, where a site could open, what it costs to get there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
import numpy.typing as npt

from coverage.network.model import FloatArray, IntArray

SolveStatus = Literal["optimal", "time_limit", "cancelled", "infeasible"]
# Seconds that are left to a solver; asked now and again, so that the science needs no clock of its own.
SecondsLeft = Callable[[], float]


def no_deadline() -> float:
    """Leave a solver all the time it wants."""
    return float("inf")


class SiteRole(IntEnum):
    """What may happen to a site."""

    CANDIDATE = 0  # may be opened
    EXISTING = 1  # is open, costs nothing, does not count among the new ones
    REQUIRED = 2  # must be opened, counts and costs
    FORBIDDEN = 3  # stays shut
    RELOCATABLE = 4  # is open and may be closed at its removal cost


@dataclass(frozen=True, slots=True)
class Quota:
    """How many sites of a group may open: at least and at most, new ones only."""

    group: int
    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SitingProblem:
    """Demand, sites and the costs between them; sparse, one row for each site.

    Parameters
    ----------
    weight
        People (or drivers, …) at each demand point, at least 0, shape (d,).
    ptr, demand, cost
        Site j reaches ``demand[ptr[j]:ptr[j + 1]]`` (ascending) at ``cost[...]``, at least 0 (minutes,
        metres, …); pairs that are absent cannot be reached. Shapes (s + 1,), (n,), (n,).
    role
        `SiteRole` of each site, shape (s,).
    site_cost
        Money for opening each site, shape (s,).
    removal_cost
        Money for closing a `RELOCATABLE` site, shape (s,); ignored elsewhere.
    capacity
        Weight a site can serve, inf where not limited, shape (s,).
    site_group
        Group (county, say) of each site for `quotas`, -1 for none, shape (s,).
    quotas
        Limits by group.
    demand_unit
        Unit (county, say) of each demand point for models that answer by unit, -1 for none, shape (d,).
    """

    weight: FloatArray
    ptr: npt.NDArray[np.int64]
    demand: IntArray
    cost: FloatArray
    role: npt.NDArray[np.int8]
    site_cost: FloatArray
    removal_cost: FloatArray
    capacity: FloatArray
    site_group: IntArray
    quotas: tuple[Quota, ...]
    demand_unit: IntArray

    @property
    def demand_count(self) -> int:
        """Return the number of demand points."""
        return len(self.weight)

    @property
    def site_count(self) -> int:
        """Return the number of sites."""
        return len(self.role)


@dataclass(frozen=True, slots=True, eq=False)
class SitingAnswer:
    """What a model answers.

    Parameters
    ----------
    method
        ``mclp``, ``lscp``, ``lscp-b``, ``p-median``, ``p-center``, ``capacitated`` or ``fair``.
    status
        ``optimal``: proved. ``time_limit``, ``cancelled``: the best found, with its bound.
        ``infeasible``: not everything asked can be had; the answer is then the most that can.
    opened
        Rows of the new sites in build order (largest gain first), shape (k,).
    closed
        Rows of the `RELOCATABLE` sites that are closed, ascending.
    objective
        Value of the model's objective at this answer (people covered, sites or money, weighted cost,
        largest cost).
    bound
        No answer can be better than this; equals `objective` where proved.
    unserved
        Rows of demand points that cannot be served by any site, whatever is opened, ascending.
    """

    method: str
    status: SolveStatus
    opened: IntArray
    closed: IntArray
    objective: float
    bound: float
    unserved: IntArray

    @property
    def gap(self) -> float:
        """Return how far the bound is from the answer, relative to the larger of the two; 0 where proved."""
        largest = max(abs(self.bound), abs(self.objective))
        return abs(self.bound - self.objective) / largest if largest > 0 else 0.0
