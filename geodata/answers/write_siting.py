"""Writes a siting answer: the sites in build order, who is served by which, and the numbers of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network.model import BoolArray
from coverage.siting.cover.cover_sets import find_open_sites
from coverage.siting.model.problem import SitingAnswer, SitingProblem
from geodata.files.write_tables import write_csv, write_json
from geodata.intake.read_costs import CostMatrix

LongArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """An answer together with what was asked.

    Parameters
    ----------
    matrix
        The tables as they were read.
    problem, answer
        The problem, whose pairs are those within the cutoff, and its answer.
    cutoff, sites
        What was asked, None where nothing was.
    is_covering
        Whether the model counts whom it covers.
    """

    matrix: CostMatrix
    problem: SitingProblem
    answer: SitingAnswer
    cutoff: float | None
    sites: int | None
    is_covering: bool

    @property
    def unserved(self) -> int:
        """Return the number of demand points with weight that no open site serves."""
        return int((_asks(self.problem) & (assign(self.problem, self.answer)[0] < 0)).sum())


def write_siting(folder: Path, plan: Plan, runtime_s: float) -> list[Path]:
    """Write ``sites.csv``, ``assignment.csv`` and ``summary.json`` into a folder.

    Parameters
    ----------
    folder
        Where to; made if it is not there.
    plan
        The answer.
    runtime_s
        Seconds of solving; they stand in the summary only, so that all else is equal from run to run.

    Returns
    -------
    The files.
    """
    site, cost = assign(plan.problem, plan.answer)
    paths = [folder / name for name in ("sites.csv", "assignment.csv", "summary.json")]
    write_csv(paths[0], build_site_table(plan, site), with_mark=False)
    write_csv(paths[1], build_assignment_table(plan, site, cost), with_mark=False)
    write_json(paths[2], build_summary(plan, site, cost) | {"runtime_s": round(runtime_s, 3)})
    return paths


def assign(problem: SitingProblem, answer: SitingAnswer) -> tuple[LongArray, FloatArray]:
    """Find the open site that serves each demand point at the least cost, the lower row among equals.

    Returns
    -------
    Rows of sites, -1 where none serves, and costs, inf there, shapes (d,).
    """
    is_open = find_open_sites(problem, answer.opened, answer.closed)
    site = np.full(problem.demand_count, -1, dtype=np.int64)
    cost = np.full(problem.demand_count, np.inf)
    for row in np.flatnonzero(is_open):
        span = slice(problem.ptr[row], problem.ptr[row + 1])
        points, paid = problem.demand[span], problem.cost[span]
        less = paid < cost[points]
        site[points[less]], cost[points[less]] = row, paid[less]
    return site, cost


def build_site_table(plan: Plan, site: LongArray) -> pd.DataFrame:
    """Build the table of new sites in build order, with the demand points and weight each serves in the end.

    The covering models add the weight each covers anew when it is built after those before it, and the sum.
    """
    opened, problem = plan.answer.opened, plan.problem
    served = site >= 0
    points = np.bincount(site[served], minlength=problem.site_count)
    weight = np.bincount(site[served], weights=problem.weight[served], minlength=problem.site_count)
    table = pd.DataFrame(
        {"order": np.arange(1, len(opened) + 1), "site_id": pd.Series(plan.matrix.site_id[opened], dtype=object)}
    )
    if plan.is_covering:
        newly = np.zeros(len(opened))
        is_covered = np.zeros(problem.demand_count, dtype=bool)
        for place, row in enumerate(opened):
            within = problem.demand[problem.ptr[row] : problem.ptr[row + 1]]
            newly[place] = problem.weight[within][~is_covered[within]].sum()
            is_covered[within] = True
        table["newly_covered"], table["cumulative"] = newly, np.cumsum(newly)
    table["assigned_points"], table["assigned_weight"] = points[opened], weight[opened]
    return table


def build_assignment_table(plan: Plan, site: LongArray, cost: FloatArray) -> pd.DataFrame:
    """Build the table of demand points, each with the site that serves it; both cells are empty where none does."""
    names = np.append(plan.matrix.site_id, "")
    return pd.DataFrame({"demand_id": plan.matrix.demand_id, "site_id": names[site], "cost": cost})


def _asks(problem: SitingProblem) -> BoolArray:
    """Tell which demand points ask for a site: those with weight, shape (d,)."""
    answer: BoolArray = np.asarray(problem.weight) > 0
    return answer


def build_summary(plan: Plan, site: LongArray, cost: FloatArray) -> dict[str, object]:
    """Gather the numbers of the whole: what was asked, what was found, how good it is proved to be.

    As in the models, demand points without weight ask nothing: they are in none of the costs, and counted apart.
    """
    answer, problem, matrix = plan.answer, plan.problem, plan.matrix
    asks = _asks(problem)
    served = asks & (site >= 0)
    weight = float(problem.weight[served].sum())
    paid = float((problem.weight[served] * cost[served]).sum())
    return {
        "method": answer.method,
        "status": answer.status,
        "objective": answer.objective,
        "bound": answer.bound,
        "gap": answer.gap,
        "sites": len(answer.opened),
        "sites_asked": plan.sites,
        "cutoff": plan.cutoff,
        "demand_count": problem.demand_count,
        "site_count": problem.site_count,
        "pairs": len(problem.cost),
        "weight_total": float(problem.weight.sum()),
        "weight_served": weight,
        "points_served": int(served.sum()),
        "points_unserved": int((asks & ~served).sum()),
        "points_without_weight": int((~asks).sum()),
        "points_no_site_reaches": int(asks[answer.unserved].sum()),
        "mean_cost": paid / weight if weight > 0 else None,
        "largest_cost": float(cost[served].max()) if served.any() else None,
        "rows_in": matrix.rows_in,
        "rows_accepted": matrix.rows_accepted,
        "rows_rejected": matrix.rows_rejected,
    }
