"""The p-median problem stripped to what is still open: the sites to choose from, and the cost without them.

Open sites (existing, required, or fixed by a bound) are folded into a `fallback` cost of each demand
point, closed ones are gone, and only pairs cheaper than the fallback are kept. Costs are weighted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.network.model import BoolArray, FloatArray

LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MedianCore:
    """Which `picks` of m sites lower the cost of n demand points most.

    Parameters
    ----------
    picks
        Sites to open, at most m.
    weight
        Weight of each demand point, above 0, shape (n,).
    fallback
        Weighted cost of each demand point if none of its sites opens, shape (n,).
    must
        True where `fallback` is a penalty because nothing else serves the point, shape (n,).
    row_ptr, row_site, row_cost
        Demand point i is served by ``row_site[row_ptr[i]:row_ptr[i + 1]]`` at the weighted ``row_cost``,
        ascending and below ``fallback[i]``.
    site_ptr, site_row, site_cost
        The same pairs by site.
    row_name, site_name
        Numbers of the demand points and sites in what this core was made from, shapes (n,), (m,).
    constant
        Weighted cost of demand points that no choice changes; they are no rows of this core.
    """

    picks: int
    weight: FloatArray
    fallback: FloatArray
    must: BoolArray
    row_ptr: LongArray
    row_site: LongArray
    row_cost: FloatArray
    site_ptr: LongArray
    site_row: LongArray
    site_cost: FloatArray
    row_name: LongArray
    site_name: LongArray
    constant: float

    @property
    def row_count(self) -> int:
        """Return the number of demand points n."""
        return len(self.weight)

    @property
    def site_count(self) -> int:
        """Return the number of sites m."""
        return len(self.site_name)

    @property
    def arc_row(self) -> LongArray:
        """Return the demand point of each pair in the order of `row_site`."""
        return np.repeat(np.arange(self.row_count), np.diff(self.row_ptr))


def build_core(
    picks: int,
    weight: FloatArray,
    fallback: FloatArray,
    must: BoolArray,
    arcs: tuple[LongArray, LongArray, FloatArray],
    names: tuple[LongArray, LongArray],
    constant: float = 0.0,
    *,
    is_sorted: bool = False,
) -> MedianCore:
    """Build a core from its pairs (demand point, site, weighted cost) and the names of its rows and sites.

    Pairs may come in any order unless `is_sorted` says that they stand by demand point and ascending cost.

    With exactly `picks` sites opened at most ``m - picks`` stay closed, so a demand point never pays
    more than its (m - picks + 1)-th cheapest site: that becomes its fallback. Demand points without a
    pair below their fallback go into the constant.
    """
    row, site, cost = arcs
    row_name, site_name = names
    picks = min(picks, len(site_name))
    if not is_sorted:
        order = np.lexsort((site, cost, row))
        row, site, cost = row[order], site[order], cost[order]
    row_ptr = np.searchsorted(row, np.arange(len(weight) + 1))
    fallback, must = fallback.copy(), must.copy()
    worst = row_ptr[:-1] + (len(site_name) - picks)
    capped = np.flatnonzero(worst < row_ptr[1:])
    capped = capped[cost[worst[capped]] < fallback[capped]]
    fallback[capped], must[capped] = cost[worst[capped]], False
    below = cost < fallback[row]
    row, site, cost = row[below], site[below], cost[below]
    alive = np.zeros(len(weight), dtype=bool)
    alive[row] = True
    constant += float(fallback[~alive].sum())
    row = (np.cumsum(alive) - 1)[row]
    weight, fallback, must = weight[alive], fallback[alive], must[alive]
    by_site = np.argsort(site, kind="stable")
    return MedianCore(
        picks=picks,
        weight=weight,
        fallback=fallback,
        must=must,
        row_ptr=np.searchsorted(row, np.arange(len(weight) + 1)),
        row_site=site,
        row_cost=cost,
        site_ptr=np.searchsorted(site[by_site], np.arange(len(site_name) + 1)),
        site_row=row[by_site],
        site_cost=cost[by_site],
        row_name=row_name[alive],
        site_name=site_name,
        constant=constant,
    )


def fix_sites(core: MedianCore, opened: BoolArray, closed: BoolArray) -> MedianCore:
    """Return the core that is left when some sites are decided to be open and others closed, masks of shape (m,)."""
    row = core.arc_row
    fallback, must = core.fallback.copy(), core.must.copy()
    given = opened[core.row_site]
    np.minimum.at(fallback, row[given], core.row_cost[given])
    must[row[given]] = False
    kept = ~(opened | closed)
    number = np.cumsum(kept) - 1
    stays = kept[core.row_site]
    return build_core(
        core.picks - int(opened.sum()),
        core.weight,
        fallback,
        must,
        (row[stays], number[core.row_site[stays]], core.row_cost[stays]),
        (core.row_name, core.site_name[kept]),
        core.constant,
        is_sorted=True,
    )


def list_arcs(ptr: LongArray, chosen: LongArray) -> tuple[LongArray, LongArray]:
    """Return the positions of all pairs of some rows (or sites), and for each the row it belongs to."""
    return list_spans(ptr[chosen], ptr[chosen + 1] - ptr[chosen], chosen)


def list_spans(starts: LongArray, sizes: LongArray, names: LongArray) -> tuple[LongArray, LongArray]:
    """Return the positions of spans of given starts and sizes, and for each the name of its span."""
    total = int(sizes.sum())
    return np.arange(total) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes), np.repeat(names, sizes)


def cost_of(core: MedianCore, sites: LongArray) -> tuple[float, float]:
    """Return the weight that these sites leave unserved, and the weighted cost of all others (with the constant)."""
    paid = core.fallback.copy()
    served = ~core.must
    arcs, _ = list_arcs(core.site_ptr, sites)
    np.minimum.at(paid, core.site_row[arcs], core.site_cost[arcs])
    served[core.site_row[arcs]] = True
    return float(core.weight[~served].sum()), float(paid[served].sum()) + core.constant
