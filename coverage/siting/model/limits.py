"""What a plan may cost: number of new sites, money, moves, quotas, as linear limits on the sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.errors import SettingsError
from coverage.siting.model.problem import Quota, SiteRole, SitingProblem

# Money is compared up to this share of the largest amount: sums of decimal prices are not exact.
MONEY_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may be done.

    Parameters
    ----------
    sites
        New sites at most, required ones included, at least 0; None where not limited.
    money
        Money for opening and closing at most; None where not limited.
    moves
        Existing `RELOCATABLE` sites that may be closed, each for one new site beyond `sites`, at least 0.

    Notes
    -----
    Closing serves nobody, so a site is closed only where that makes room: for a move, or under a money limit
    where its removal cost is negative (its running costs are set free).
    """

    sites: int | None = None
    money: float | None = None
    moves: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class LimitRows:
    """Linear limits ``lower <= matrix @ y <= upper`` on the sites to decide on (1 open, 0 shut).

    Parameters
    ----------
    matrix
        CSR, one row for each limit, shape (r, n).
    lower, upper
        Sides, infinite where there is none, shape (r,).
    quota_row
        Row of the quota a site falls under, -1 for none, shape (n,).
    """

    matrix: sparse.csr_array
    lower: npt.NDArray[np.float64]
    upper: npt.NDArray[np.float64]
    quota_row: npt.NDArray[np.int64]

    def keep_columns(self, keep: npt.NDArray[np.bool_], opened: npt.NDArray[np.bool_]) -> LimitRows:
        """Return the limits on some of the sites when `opened` others are decided to be open, shapes (n,)."""
        spent = self.matrix @ opened.astype(np.float64)
        matrix = self.matrix[:, np.flatnonzero(keep)].tocsr()
        return LimitRows(matrix, self.lower - spent, self.upper - spent, self.quota_row[keep])


def check_limit(problem: SitingProblem, limit: Limit) -> None:
    """Raise `SettingsError` where a limit is negative, or the required sites alone are beyond it."""
    if (limit.sites is not None and limit.sites < 0) or limit.moves < 0:
        raise SettingsError("siting.negative_limit", sites=limit.sites or 0, moves=limit.moves)
    required = problem.role == SiteRole.REQUIRED
    count = int(required.sum())
    if limit.sites is not None and count > limit.sites + limit.moves:
        raise SettingsError("siting.too_many_required", required=count, sites=limit.sites)
    for quota in merge_quotas(problem):
        if quota.at_most is not None and quota.at_most < quota.at_least:
            raise SettingsError(
                "siting.quota_contradicts", group=quota.group, at_least=quota.at_least, at_most=quota.at_most
            )


def build_limit_rows(problem: SitingProblem, limit: Limit, site: npt.NDArray[np.int64]) -> LimitRows:
    """Build the limits on the sites to decide on; what required sites take is taken off.

    Parameters
    ----------
    problem
        Roles, costs, groups and quotas.
    limit
        How much may be done.
    site
        Rows of the sites to decide on, shape (n,).

    Returns
    -------
    The limits that can bind.

    Notes
    -----
    With y_j = 1 where site j is open, N the candidates, E the relocatable sites, R the required ones:
    Σ_N y + Σ_E y ≤ sites − |R| + |E| and Σ_N y ≤ sites − |R| + moves; Σ_N c_j y_j − Σ_E r_j y_j ≤
    money − Σ_R c_j − Σ_E r_j; at_least − |R_g| ≤ Σ_{N_g} y ≤ at_most − |R_g| for each quota.
    """
    role = problem.role[site]
    new = (role == SiteRole.CANDIDATE).astype(np.float64)
    old = (role == SiteRole.RELOCATABLE).astype(np.float64)
    required = problem.role == SiteRole.REQUIRED
    rows: list[sparse.csr_array] = []
    lower: list[float] = []
    upper: list[float] = []

    def add(coefficients: npt.NDArray[np.float64], least: float, most: float) -> None:
        rows.append(sparse.csr_array(coefficients[None, :]))
        lower.append(least)
        upper.append(most)

    if limit.sites is not None:
        left = float(limit.sites - int(required.sum()))
        if limit.moves and old.any():
            add(new + old, -np.inf, left + float(old.sum()))
            add(new, -np.inf, left + limit.moves)
        else:
            add(new, -np.inf, left)
    if limit.money is not None:
        removal = old * problem.removal_cost[site]
        price = new * problem.site_cost[site] - removal
        money = limit.money - float(problem.site_cost[required].sum()) - float(removal.sum())
        largest = max(abs(limit.money), float(np.abs(price).max(initial=0.0)), 1.0)
        add(price, -np.inf, money + MONEY_TOLERANCE * largest)
    quota_row = np.full(len(site), -1, np.int64)
    for quota in merge_quotas(problem):
        chosen = new * (problem.site_group[site] == quota.group)
        held = float((required & (problem.site_group == quota.group)).sum())
        most = np.inf if quota.at_most is None else quota.at_most - held
        least = quota.at_least - held
        quota_row[chosen > 0] = len(rows)
        add(chosen, least if least > 0 else -np.inf, most)
    matrix = sparse.csr_array(sparse.vstack(rows)) if rows else sparse.csr_array((0, len(site)))
    return LimitRows(matrix.tocsr(), np.array(lower, float), np.array(upper, float), quota_row)


def merge_quotas(problem: SitingProblem) -> list[Quota]:
    """Return one quota for each group that has any: the strictest of each side, groups ascending."""
    merged: dict[int, Quota] = {}
    for quota in problem.quotas:
        held = merged.get(quota.group, Quota(quota.group))
        most = [limit for limit in (held.at_most, quota.at_most) if limit is not None]
        least = max(held.at_least, quota.at_least)
        merged[quota.group] = Quota(quota.group, least, min(most) if most else None)
    return [merged[group] for group in sorted(merged)]
