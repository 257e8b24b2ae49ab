"""Who is covered by which site: cover sets, with everything left out that no decision can change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.network.model import BoolArray, FloatArray
from coverage.network.ragged_rows import list_ranges
from coverage.siting.model.problem import SiteRole, SitingProblem
from coverage.units import is_within

Integers = npt.NDArray[np.integer]
Values = npt.NDArray[np.float64]

# Pairs of sites with a demand point in common up to which dominated sites are looked for: beyond, it costs more
# than it saves.
_MOST_PAIRS = 100_000_000
_OPEN_ROLES = (SiteRole.EXISTING, SiteRole.REQUIRED)
_FREE_ROLES = (SiteRole.CANDIDATE, SiteRole.RELOCATABLE)


@dataclass(frozen=True, slots=True, eq=False)
class CoverSets:
    """The part of a covering problem that is still to be decided.

    Parameters
    ----------
    site
        Rows of the sites to decide on (`CANDIDATE`, `RELOCATABLE`), ascending, shape (n,).
    by_site
        1 where a site covers a class of demand, CSR, shape (n, m).
    by_class
        The same, one row for each class, shape (m, n).
    weight
        People of each class: demand points that the same sites cover, shape (m,).
    need
        How many of these sites a class needs, at least 1, shape (m,).
    unit
        Unit of each class, -1 where units are not asked for, shape (m,).
    class_of
        Class of each demand point, -1 where nothing is to be decided, shape (d,).
    settled
        People whose need is met whatever is decided.
    unserved
        Rows of demand points no site covers that is open or may open, ascending.
    """

    site: npt.NDArray[np.int64]
    by_site: sparse.csr_array
    by_class: sparse.csr_array
    weight: npt.NDArray[np.float64]
    need: npt.NDArray[np.int64]
    unit: npt.NDArray[np.int64]
    class_of: npt.NDArray[np.int64]
    settled: float
    unserved: npt.NDArray[np.int64]

    @property
    def total(self) -> float:
        """Return the people that can be covered at all, settled ones included."""
        return self.settled + float(self.weight.sum())


def find_covered(problem: SitingProblem, cutoff: float, rows: Integers | None = None) -> sparse.csr_array:
    """Find the demand points within the cutoff of each site.

    Parameters
    ----------
    problem
        Demand, sites and costs.
    cutoff
        Largest cost, included, compared by `coverage.units.is_within`.
    rows
        Only these sites, in this order; all where not given.

    Returns
    -------
    1 where a site covers a demand point, CSR, shape (sites, d), columns ascending in each row; sites that
    are `FORBIDDEN` cover nobody.
    """
    demand, cost, ptr, role = (
        np.asarray(problem.demand),
        np.asarray(problem.cost),
        np.asarray(problem.ptr),
        problem.role,
    )
    if rows is not None:
        length = np.diff(ptr)[rows]
        place = list_ranges(ptr[rows], length)
        demand, cost, role = demand[place], cost[place], role[rows]
        ptr = np.concatenate(([0], np.cumsum(length)))
    keep = np.asarray(is_within(cost, cutoff))
    if (role == SiteRole.FORBIDDEN).any():
        keep &= np.repeat(role != SiteRole.FORBIDDEN, np.diff(ptr))
    if not keep.all():
        ptr = _count_kept(keep, ptr)
        demand = demand[keep]
    return _to_csr(demand, ptr, (len(role), problem.demand_count))


def build_cover_sets(
    problem: SitingProblem, cutoff: float, *, times: int = 1, by_unit: bool = False, merge_sites: bool = True
) -> CoverSets:
    """Build the cover sets of the sites that are still to be decided on.

    Parameters
    ----------
    problem
        Demand, sites and costs.
    cutoff
        Largest cost, included.
    times
        How many sites must reach a demand point for it to count as covered, at least 1; where fewer
        than that can be had, all of them.
    by_unit
        Keep demand points of different units apart.
    merge_sites
        Leave out candidates that can be replaced by another one, see `find_replaceable`.

    Returns
    -------
    Sites, classes of demand and what is settled.

    Notes
    -----
    Demand is left out that has no weight, that sites fixed open cover already, or that nothing covers.
    What remains is aggregated: points with the same cover set (and need, and unit) are one class with the
    sum of their people, as every plan covers all of them or none. Sets are compared by 128-bit sums of
    pseudo-random numbers, one for each site, so that equal sets are found without sorting them; two
    different sets among a million agree with a probability below 1e-26. Cost O(n log d) for n pairs.
    """
    covered = find_covered(problem, cutoff)
    fixed = np.isin(problem.role, _OPEN_ROLES)
    free = np.flatnonzero(np.isin(problem.role, _FREE_ROLES))
    open_count = _count_columns(covered, np.flatnonzero(fixed))
    by_site = covered if len(free) == problem.site_count else covered[free]
    by_demand = _transpose(by_site)
    free_count = np.diff(by_demand.indptr)
    need = np.minimum(times, open_count + free_count) - open_count
    unserved = np.flatnonzero(open_count + free_count == 0)
    weight = np.asarray(problem.weight, np.float64)
    settled = float(weight[(need <= 0) & (open_count > 0)].sum())
    open_rows = np.flatnonzero((need > 0) & (weight > 0))
    unit = np.asarray(problem.demand_unit, np.int64) if by_unit else np.full(len(weight), -1, np.int64)

    if len(open_rows) < len(weight):
        by_demand = by_demand[open_rows]
    class_of_row = group_equal_rows(by_demand, np.column_stack((need[open_rows], unit[open_rows])))
    class_count = int(class_of_row.max(initial=-1)) + 1
    first = np.full(class_count, len(open_rows), np.int64)
    np.minimum.at(first, class_of_row, np.arange(len(open_rows)))
    by_class = by_demand if class_count == len(open_rows) else by_demand[first]
    class_of = np.full(len(weight), -1, np.int64)
    class_of[open_rows] = class_of_row
    sets = CoverSets(
        site=free.astype(np.int64),
        by_site=_select_columns(by_site, open_rows[first]),
        by_class=by_class,
        weight=sum_by(class_of_row, weight[open_rows], class_count),
        need=need[open_rows][first].astype(np.int64),
        unit=unit[open_rows][first],
        class_of=class_of,
        settled=settled,
        unserved=unserved,
    )
    return sets if not merge_sites else keep_sites(sets, ~find_replaceable(problem, sets))


def group_equal_rows(rows: sparse.csr_array, labels: Integers | None = None) -> npt.NDArray[np.int64]:
    """Give each different row of a 0/1 matrix a number, equal rows the same, in the order of their first appearance.

    Parameters
    ----------
    rows
        CSR, shape (n, k).
    labels
        Rows with different labels are different, shape (n, l).

    Returns
    -------
    Number of each row, shape (n,).
    """
    count = rows.shape[0]
    sums = np.zeros((2, count), np.uint64)
    filled = np.flatnonzero(np.diff(rows.indptr) > 0)
    for half in range(2):
        if len(filled):
            keys = _scramble(np.arange(rows.shape[1], dtype=np.uint64), half)
            sums[half, filled] = np.add.reduceat(keys[rows.indices], rows.indptr[filled])
        for column, label in enumerate([] if labels is None else labels.T):
            sums[half] += _scramble(label.astype(np.int64).view(np.uint64), 2 + half + 2 * column)
    order = np.lexsort((sums[1], sums[0]))
    changes = (np.diff(sums[0][order]) != 0) | (np.diff(sums[1][order]) != 0)
    number = np.empty(count, np.int64)
    number[order] = np.concatenate(([0], np.cumsum(changes)))[:count]
    first = np.full(int(number.max(initial=-1)) + 1, count, np.int64)
    np.minimum.at(first, number, np.arange(count))
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def find_replaceable(problem: SitingProblem, sets: CoverSets) -> BoolArray:
    """Find candidates that another one covers at least as much as, for no more money.

    Parameters
    ----------
    problem
        Roles, costs, groups and quotas.
    sets
        Its cover sets.

    Returns
    -------
    True for sites no plan needs, shape (n,). Only candidates of the same group where there are quotas;
    none at all where a class needs more than one site, a quota asks for a least number, or capacity counts.

    Notes
    -----
    A column j with cover set C_j is dominated by k where C_j ⊆ C_k and c_k ≤ c_j (Toregas & ReVelle 1973).
    Equal sets are found by hashing, subsets by |C_j ∩ C_k| = |C_j| from the product of the cover matrix with
    its transpose, which is done only while it is small.
    """
    count = len(sets.site)
    replaceable = np.zeros(count, np.bool_)
    is_limited = np.isfinite(problem.capacity[sets.site]).any()
    if (sets.need > 1).any() or any(quota.at_least > 0 for quota in problem.quotas) or is_limited:
        return replaceable
    candidate = problem.role[sets.site] == SiteRole.CANDIDATE
    group = problem.site_group[sets.site] if problem.quotas else np.zeros(count, np.int64)
    price = problem.site_cost[sets.site]
    number = group_equal_rows(sets.by_site, np.column_stack((group, candidate)))
    # The cheapest of equal ones stays, the first row among those.
    order = np.lexsort((np.arange(count), price, number))
    is_first = np.ones(count, np.bool_)
    is_first[order[1:]] = np.diff(number[order]) != 0
    replaceable |= candidate & ~is_first
    size = np.diff(sets.by_site.indptr)
    replaceable |= candidate & (size == 0)

    degree = np.diff(sets.by_class.indptr).astype(np.float64)
    if float(degree @ degree) > _MOST_PAIRS:
        return replaceable
    left = np.flatnonzero(candidate & ~replaceable)
    reduced = sets.by_site[left]
    common = (reduced @ _transpose(reduced)).tocoo()
    smaller, larger = left[common.row], left[common.col]
    dominated = (
        (common.data == size[smaller])
        & (size[larger] > size[smaller])
        & (price[larger] <= price[smaller])
        & (group[larger] == group[smaller])
    )
    replaceable[smaller[dominated]] = True
    return replaceable


def keep_sites(sets: CoverSets, keep: BoolArray, opened: BoolArray | None = None) -> CoverSets:
    """Return the sets with fewer sites to decide on; classes become fewer with them.

    Parameters
    ----------
    sets
        Cover sets.
    keep
        Sites that are still to be decided on, shape (n,).
    opened
        Sites that are decided to be open: what they cover is settled, shape (n,).
    """
    if keep.all() and (opened is None or not opened.any()):
        return sets
    held = 0 if opened is None else _count_columns(sets.by_site, np.flatnonzero(opened))
    need = sets.need - held
    by_class = _select_columns(sets.by_class, np.flatnonzero(keep))
    alive = np.flatnonzero((need > 0) & (np.diff(by_class.indptr) > 0))
    by_class = by_class[alive]
    number = group_equal_rows(by_class, np.column_stack((need[alive], sets.unit[alive])))
    count = int(number.max(initial=-1)) + 1
    first = np.full(count, len(alive), np.int64)
    np.minimum.at(first, number, np.arange(len(alive)))
    by_class = by_class[first]
    renumber = np.full(len(sets.weight) + 1, -1, np.int64)
    renumber[alive] = number
    return CoverSets(
        site=sets.site[keep],
        by_site=_select_columns(sets.by_site[np.flatnonzero(keep)], alive[first]),
        by_class=by_class,
        weight=sum_by(number, sets.weight[alive], count),
        need=need[alive][first],
        unit=sets.unit[alive][first],
        class_of=renumber[sets.class_of],
        settled=sets.settled + float(sets.weight[need <= 0].sum()),
        unserved=sets.unserved,
    )


def find_open_sites(problem: SitingProblem, opened: Integers, closed: Integers) -> BoolArray:
    """Find the sites that are open under a plan: existing ones that are not closed, and new ones, shape (s,)."""
    is_open = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))
    is_open[closed] = False
    is_open[opened] = True
    return is_open


def compute_covered(problem: SitingProblem, cutoff: float, opened: Integers, closed: Integers) -> BoolArray:
    """Tell which demand points a plan covers: new sites, and those existing that are not closed, shape (d,)."""
    reached = find_covered(problem, cutoff, np.flatnonzero(find_open_sites(problem, opened, closed))).indices
    return np.bincount(reached, minlength=problem.demand_count) > 0


def sum_by(number: Integers, amount: Values, count: int) -> Values:
    """Sum amounts by number 0 … count − 1, shape (count,)."""
    return np.bincount(number, weights=amount, minlength=count).astype(np.float64, copy=False)


def is_whole(weight: FloatArray) -> bool:
    """Tell whether all weights are whole numbers, so that bounds may be rounded to whole numbers too."""
    return bool((np.asarray(weight) == np.rint(weight)).all()) and float(np.sum(weight)) < 2.0**52


def _scramble(numbers: npt.NDArray[np.uint64], salt: int) -> npt.NDArray[np.uint64]:
    """Turn numbers into well-mixed 64-bit keys (SplitMix64, Steele, Lea & Flood 2014)."""
    with np.errstate(over="ignore"):
        mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt) * np.uint64(
            0xD1B54A32D192ED03
        )
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _to_csr(indices: Integers, ptr: Integers, shape: tuple[int, int]) -> sparse.csr_array:
    """Build a CSR matrix of ones, columns ascending in each row."""
    small = np.int32 if max(len(indices), *shape) < 2**31 else np.int64
    arrays = np.ones(len(indices)), indices.astype(small, copy=False), ptr.astype(small, copy=False)
    return sparse.csr_array(arrays, shape=shape)


def _transpose(matrix: sparse.csr_array) -> sparse.csr_array:
    """Transpose a CSR matrix of ones."""
    flipped = matrix.T.tocsr()
    # Both are all ones: one array of them is enough for two matrices of many million pairs.
    return sparse.csr_array((matrix.data, flipped.indices, flipped.indptr), shape=flipped.shape)


def _select_columns(matrix: sparse.csr_array, columns: Integers) -> sparse.csr_array:
    """Select columns of a CSR matrix of ones, ascending: many times quicker than by way of the transpose."""
    if len(columns) == matrix.shape[1]:
        return matrix
    number = np.full(matrix.shape[1], -1, matrix.indices.dtype)
    number[columns] = np.arange(len(columns))
    renumbered = number[matrix.indices]
    kept = renumbered >= 0
    ptr = _count_kept(kept, matrix.indptr)
    return _to_csr(renumbered[kept], ptr, (matrix.shape[0], len(columns)))


def _count_kept(kept: BoolArray, ptr: Integers) -> npt.NDArray[np.int64]:
    """Return where each row begins when only some entries are kept, shape (rows + 1,)."""
    begins = np.zeros(len(ptr), np.int64)
    filled = np.flatnonzero(np.diff(ptr) > 0)
    if len(filled):
        begins[filled + 1] = np.add.reduceat(kept, ptr[filled], dtype=np.int64)
    return np.cumsum(begins)


def _count_columns(matrix: sparse.csr_array, rows: Integers) -> npt.NDArray[np.int64]:
    """Count how often each column appears in some rows, shape (k,)."""
    return np.bincount(matrix[rows].indices, minlength=matrix.shape[1]).astype(np.int64)
