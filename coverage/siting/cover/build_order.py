"""In which order to build: the site that helps most first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coverage.siting.cover.cover_sets import Integers, find_covered
from coverage.siting.model.problem import SiteRole, SitingProblem


def order_sites(
    problem: SitingProblem, cutoff: float, opened: Integers, closed: Integers | None = None
) -> npt.NDArray[np.int32]:
    """Order new sites by what each adds to those before it; ties go to the lowest row.

    Parameters
    ----------
    problem
        Demand, sites and costs.
    cutoff
        Largest cost, included.
    opened
        Rows of the new sites, in any order, shape (k,).
    closed
        Rows of the `RELOCATABLE` sites that are closed; closing is taken to happen first.

    Returns
    -------
    Rows of the sites in the order in which to build them, shape (k,).

    Notes
    -----
    Greedy: at each number of sites at least 1 − 1/e of what the best ones of the set cover (Nemhauser, Wolsey &
    Fisher 1978).
    """
    opened = np.sort(np.asarray(opened, np.int64))
    stays = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))
    if closed is not None:
        stays[closed] = False
    uncovered = np.asarray(problem.weight, np.float64).copy()
    uncovered[find_covered(problem, cutoff, np.flatnonzero(stays)).indices] = 0.0
    rows = find_covered(problem, cutoff, opened)
    waiting = np.ones(len(opened), np.bool_)
    order = np.empty(len(opened), np.int64)
    for place in range(len(opened)):
        best = int(np.argmax(np.where(waiting, rows @ uncovered, -1.0)))
        order[place] = best
        waiting[best] = False
        uncovered[rows.indices[rows.indptr[best] : rows.indptr[best + 1]]] = 0.0
    return opened[order].astype(np.int32)
