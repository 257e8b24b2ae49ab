"""A curve as a value: what is given, what is got for it, in which measure, and the plan behind every point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from coverage.network.model import BoolArray
from coverage.siting.model.problem import SitingAnswer

MeasureId = Literal[
    "covered", "served", "covered_twice", "mean_min", "longest_min", "worst_share", "sites_needed", "money_needed"
]
MeasureUnit = Literal["people", "min", "share", "sites", "yuan"]
# What is given: new sites, money, or a share of the people that is to be reached.
Axis = Literal["sites", "money", "target"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a curve shows.

    Parameters
    ----------
    id
        Its name in tables.
    unit
        Unit of its values.
    is_gain
        True where more is better, and the bound lies above; False where less is better, and it lies below.
    """

    id: MeasureId
    unit: MeasureUnit
    is_gain: bool

    def is_better(self, value: float, other: float) -> bool:
        """Tell whether a value is better than another one, by more than rounding does."""
        ahead = value - other if self.is_gain else other - value
        return ahead > 1e-9 * max(abs(value), abs(other), 1e-9)


MEASURES: dict[MeasureId, Measure] = {
    one.id: one
    for one in (
        Measure("covered", "people", True),
        Measure("served", "people", True),
        Measure("covered_twice", "people", True),
        Measure("mean_min", "min", False),
        Measure("longest_min", "min", False),
        Measure("worst_share", "share", True),
        Measure("sites_needed", "sites", False),
        Measure("money_needed", "yuan", False),
    )
}


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """An answer, and what some models tell besides.

    Parameters
    ----------
    answer
        The sites.
    load
        People each site serves where capacities count, shape (s,); None elsewhere.
    served
        Share of each demand point that is served where capacities count, shape (d,); None elsewhere.
    worst, worst_bound
        Smallest covered share of a county (relative to the floor) for ``fair``, and what no plan exceeds; None
        elsewhere.
    """

    answer: SitingAnswer
    load: npt.NDArray[np.float64] | None = None
    served: npt.NDArray[np.float64] | None = None
    worst: float | None = None
    worst_bound: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What is given and what it buys.

    Parameters
    ----------
    axis, given
        What is given, ascending, shape (k,).
    measure, value
        What the best plan found gets for it, shape (k,); it never gets worse as more is given (or less is asked),
        but for times where more people are served.
    bound
        No plan is better there, shape (k,): above the value where more is better, else below.
    is_proved
        Where the plan is proved to be the best, shape (k,).
    plans
        The plan of each point.
    own
        The point that is the answer asked for; None where there is none, or the curve found a better plan.
    left_out
        People whom the plan leaves without a way, where times are measured; None elsewhere, shape (k,).
    is_cut
        True where points are missing, or bounds are wider than they might be, because the time was up or the user
        stopped it.
    """

    axis: Axis
    given: npt.NDArray[np.float64]
    measure: Measure
    value: npt.NDArray[np.float64]
    bound: npt.NDArray[np.float64]
    is_proved: BoolArray
    plans: tuple[Solved, ...]
    own: int | None = None
    left_out: npt.NDArray[np.float64] | None = None
    is_cut: bool = False

    @property
    def gap(self) -> npt.NDArray[np.float64]:
        """Return how far each bound is from the plan, relative to the larger of the two; 0 where met, shape (k,)."""
        largest = np.maximum(np.abs(self.bound), np.abs(self.value))
        return np.where(largest > 0, np.abs(self.bound - self.value) / np.maximum(largest, 1e-300), 0.0)
