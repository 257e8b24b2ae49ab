"""In which order to build: the site that helps most first, over periods that have a number or money each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.siting.cover_sets import Integers, find_covered
from coverage.siting.problem import SiteRole, SitingProblem


@dataclass(frozen=True, slots=True, eq=False)
class BuildOrder:
    """New sites in the order in which to build them.

    Parameters
    ----------
    site
        Rows of the sites, shape (k,).
    gain
        People each adds to those before it, shape (k,).
    covered
        People covered once it stands, shape (k,).
    period
        Period in which it is built, from 0; -1 where no period has room for it, shape (k,).
    before
        People covered before the first.
    """

    site: npt.NDArray[np.int32]
    gain: npt.NDArray[np.float64]
    covered: npt.NDArray[np.float64]
    period: npt.NDArray[np.int64]
    before: float


def order_sites(
    problem: SitingProblem,
    cutoff: float,
    opened: Integers,
    closed: Integers | None = None,
    *,
    sites_per_period: Sequence[int] | None = None,
    money_per_period: Sequence[float] | None = None,
) -> BuildOrder:
    """Order new sites by what each adds; ties go to the lowest row.

    Parameters
    ----------
    problem
        Demand, sites and costs.
    cutoff
        Largest cost, included.
    opened
        Rows of the new sites, in any order, shape (k,).
    closed
        Rows of the `RELOCATABLE` sites that are closed.
    sites_per_period
        How many can be built in each period; what is left over is lost.
    money_per_period
        Money of each period; what is left over goes on to the next one.

    Returns
    -------
    The sites in order. Without periods all stand in period 0.

    Notes
    -----
    In each period the site with the largest gain is taken that the period has room and money for, until none
    fits: at each number of sites at least 1 − 1/e of what the best ones of the set cover (Nemhauser, Wolsey &
    Fisher 1978). Closing is taken to happen first.
    """
    opened = np.sort(np.asarray(opened, np.int64))
    stays = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))
    if closed is not None:
        stays[closed] = False
    weight = np.asarray(problem.weight, np.float64)
    is_left = np.ones(problem.demand_count, np.bool_)
    is_left[find_covered(problem, cutoff, np.flatnonzero(stays)).indices] = False
    before = float(weight[~is_left].sum())
    rows = find_covered(problem, cutoff, opened)
    price = problem.site_cost[opened]
    waiting = np.ones(len(opened), np.bool_)
    order: list[int] = []
    gains: list[float] = []
    periods: list[int] = []
    lengths = [len(entry) for entry in (sites_per_period, money_per_period) if entry is not None]
    money = 0.0
    for period in range(min(lengths, default=1)):
        room = len(opened) if sites_per_period is None else sites_per_period[period]
        money += np.inf if money_per_period is None else money_per_period[period]
        while room > 0 and (fits := waiting & (price <= money + 1e-9 * max(abs(money), 1.0))).any():
            gain = np.where(fits, rows @ (weight * is_left), -1.0)
            best = int(np.argmax(gain))
            waiting[best], room, money = False, room - 1, money - float(price[best])
            is_left[rows.indices[rows.indptr[best] : rows.indptr[best + 1]]] = False
            order.append(best)
            gains.append(float(gain[best]))
            periods.append(period)
    for last in np.flatnonzero(waiting):
        order.append(int(last))
        gains.append(0.0)
        periods.append(-1)
    gain_of = np.array(gains, float)
    return BuildOrder(
        site=opened[np.array(order, np.int64)].astype(np.int32),
        gain=gain_of,
        covered=before + np.cumsum(gain_of),
        period=np.array(periods, np.int64),
        before=before,
    )
