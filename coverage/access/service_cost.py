"""What getting things done costs residents in a year: trips, hours, kilometres, yuan (B17). An estimate."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.network.model import FloatArray

Minutes = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class CostAssumptions:
    """What is assumed about visits; every field is the planner's to edit, every result an estimate.

    Parameters
    ----------
    visits_per_person
        Matters one person (driver, vehicle, …) gets done in a year.
    trips_per_visit
        Journeys there and back for one matter: more than 1 where papers must be brought later.
    yuan_per_km
        What a kilometre costs [yuan].
    yuan_per_hour
        What an hour on the road is counted as [yuan]; 0 leaves time out of the money.
    """

    visits_per_person: float = 1.0
    trips_per_visit: float = 1.0
    yuan_per_km: float = 0.8
    yuan_per_hour: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0.0 <= value <= 10_000.0:
                raise SettingsError("settings.out_of_range", name=field.name, value=value, low=0.0, high=10_000.0)


@dataclass(frozen=True, slots=True)
class ServiceCost:
    """What a year of visits costs all residents together; an estimate.

    Parameters
    ----------
    people
        Those counted: people with a finite time.
    people_left_out
        Those without one.
    trips
        Journeys there and back.
    hours, km, yuan
        On the road, both ways.
    """

    people: float
    people_left_out: float
    trips: float
    hours: float
    km: float
    yuan: float


@dataclass(frozen=True, slots=True)
class CostChange:
    """The cost before and after, for people who can reach a station both times; estimates.

    Parameters
    ----------
    before, after
        What it costs the same people.
    people_newly_reached, people_lost
        Those with a finite time only after, and only before; in neither cost.
    """

    before: ServiceCost
    after: ServiceCost
    people_newly_reached: float
    people_lost: float

    @property
    def saved_yuan(self) -> float:
        """Return what is saved in a year [yuan]; negative if it costs more."""
        return self.before.yuan - self.after.yuan


def compute_costs_per_person(
    minutes: Minutes, route_m: FloatArray, assumptions: CostAssumptions
) -> dict[str, FloatArray]:
    """Compute trips, hours, km and yuan of one person a year at each demand point, shape (p,).

    Parameters
    ----------
    minutes
        Door-to-door time one way [min].
    route_m
        Length on roads of the same way [m].
    assumptions
        What is assumed.

    Returns
    -------
    Arrays under ``trips``, ``hours``, ``km``, ``yuan``; NaN where the time is not finite.

    Examples
    --------
    >>> costs = compute_costs_per_person(np.array([30.0]), np.array([20_000.0]), CostAssumptions(2.0, 1.5, 0.8))
    >>> [float(costs[name][0]) for name in ("trips", "hours", "km", "yuan")]
    [3.0, 3.0, 120.0, 96.0]
    """
    one_way = np.where(np.isfinite(minutes), minutes, np.nan).astype(np.float64)
    trips = np.where(np.isfinite(one_way), assumptions.visits_per_person * assumptions.trips_per_visit, np.nan)
    hours = 2.0 * trips * one_way / 60.0
    km = 2.0 * trips * route_m / 1000.0
    yuan = km * assumptions.yuan_per_km + hours * assumptions.yuan_per_hour
    return {"trips": trips, "hours": hours, "km": km, "yuan": yuan}


def compute_service_cost(
    minutes: Minutes, route_m: FloatArray, weight: FloatArray, assumptions: CostAssumptions
) -> ServiceCost:
    """Sum what a year of visits costs everybody with a finite time.

    Parameters
    ----------
    minutes, route_m, assumptions
        As for `compute_costs_per_person`.
    weight
        People at each demand point, shape (p,).
    """
    costs = compute_costs_per_person(minutes, route_m, assumptions)
    counted = np.isfinite(minutes)
    sums = {name: float(np.dot(value[counted], weight[counted])) for name, value in costs.items()}
    return ServiceCost(people=float(weight[counted].sum()), people_left_out=float(weight[~counted].sum()), **sums)


def compare_service_cost(
    before: tuple[Minutes, FloatArray],
    after: tuple[Minutes, FloatArray],
    weight: FloatArray,
    assumptions: CostAssumptions,
) -> CostChange:
    """Compare the cost of a year before and after a change, for the people who are served both times.

    Somebody who could reach nothing before has no cost to save: such people are told apart.

    Parameters
    ----------
    before, after
        Door-to-door times one way [min] and the length on roads of the same ways [m], shape (p,) each.
    weight
        People at each demand point, shape (p,).
    assumptions
        What is assumed, before and after.
    """
    was, will = np.isfinite(before[0]), np.isfinite(after[0])
    both = was & will
    return CostChange(
        before=compute_service_cost(before[0][both], before[1][both], weight[both], assumptions),
        after=compute_service_cost(after[0][both], after[1][both], weight[both], assumptions),
        people_newly_reached=float(weight[will & ~was].sum()),
        people_lost=float(weight[was & ~will].sum()),
    )
