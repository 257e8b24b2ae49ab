"""What a plan means for a study: sites in build order, why these, and who is left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network.model import BoolArray
from coverage.siting.cover.backup import count_reached, weigh_backup
from coverage.siting.cover.cover_sets import find_covered
from coverage.siting.model.curve import Solved
from coverage.siting.model.from_study import StudyProblem
from coverage.siting.model.problem import SiteRole, SitingProblem
from coverage.siting.plan.defence import defend_sites
from coverage.siting.plan.solve import TIME_METHODS, TWICE_METHODS, SitingQuestion, to_cover_problem
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import compute_nearest

# So many alternatives are named.
_NAMED = 10


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """What each site of a plan adds, in build order.

    Parameters
    ----------
    newly
        People each covers who were not covered by those before it, shape (k,).
    stays
        Who is covered by the stations that stay, shape (d,).
    before
        People covered by them.
    total
        Everybody.
    """

    newly: npt.NDArray[np.float64]
    stays: BoolArray
    before: float
    total: float

    @property
    def share(self) -> npt.NDArray[np.float64]:
        """Return the covered share of everybody once each site stands, shape (k,)."""
        covered: npt.NDArray[np.float64] = (self.before + np.cumsum(self.newly)) / max(self.total, 1e-300)
        return covered


def compute_marginal(asked: StudyProblem, solved: Solved) -> Marginal:
    """Count whom each new site covers within the threshold of the demand points, one after the other."""
    problem = to_cover_problem(asked.problem, asked.cutoffs_min)
    stays = np.isin(problem.role, (SiteRole.EXISTING, SiteRole.RELOCATABLE))
    stays[solved.answer.closed] = False
    is_covered = np.zeros(problem.demand_count, bool)
    for site in np.flatnonzero(stays):
        is_covered[problem.demand[problem.ptr[site] : problem.ptr[site + 1]]] = True
    before = is_covered.copy()
    newly = np.zeros(len(solved.answer.opened))
    for place, site in enumerate(solved.answer.opened):
        mine = problem.demand[problem.ptr[site] : problem.ptr[site + 1]]
        newly[place] = problem.weight[mine[~is_covered[mine]]].sum()
        is_covered[mine] = True
    return Marginal(newly, before, float(problem.weight[before].sum()), float(problem.weight.sum()))


def compute_doubles(asked: StudyProblem, solved: Solved) -> tuple[npt.NDArray[np.float64], float]:
    """Count the people each new site gives a second place, one after the other, and those who have two before."""
    problem, answer = to_cover_problem(asked.problem, asked.cutoffs_min), solved.answer
    count = count_reached(problem, asked.cutoff, np.zeros(0, np.int64), answer.closed)
    before = float(problem.weight[count >= 2].sum())
    newly = np.zeros(len(answer.opened))
    for place, site in enumerate(answer.opened):
        mine = problem.demand[problem.ptr[site] : problem.ptr[site + 1]]
        newly[place] = problem.weight[mine[count[mine] == 1]].sum()
        count[mine] += 1
    return newly, before


def tabulate_sites(
    asked: StudyProblem, question: SitingQuestion, solved: Solved, marginal: Marginal, *, per_year: int | None = None
) -> pd.DataFrame:
    """Tabulate the new sites in build order, with what speaks for each.

    Returns
    -------
    One row per site: order, site_id, lon, lat, kind, cost, newly_covered, cumulative_share; then
    cumulative_covered, cumulative_cost, cost_per_person (NaN where nobody is added), name, source, station_id,
    county, people_within, only_this_site (people no other open site covers), loss_without and loss_unit (what the
    plan is worse by without it, see `coverage.siting.plan.defence.SiteDefence`), best_alternative,
    objective_with_alternative (in the measure of the model, `coverage.siting.model.curve.MEASURES`),
    alternatives_within_1pct (how many could stand in its place and worsen what the model improves by at most 1 %),
    alternatives (ids of the best of them), newly_twice (people each gives a second place, in this order; only where
    two places in reach are asked for), served (only with capacities) and period (only with `per_year`). Where two
    places are asked for, `only_this_site` are the people who have two with this site only.
    """
    rows = solved.answer.opened
    chosen = asked.candidates.iloc[rows]
    cover = to_cover_problem(asked.problem, asked.cutoffs_min)
    doubles = compute_doubles(asked, solved) if question.method in TWICE_METHODS else None
    is_time = question.method in TIME_METHODS
    defended = defend_sites(asked.problem if is_time else cover, asked.cutoff, question, solved.answer)
    covers = find_covered(cover, asked.cutoff, rows)
    weight = np.asarray(cover.weight, np.float64)
    count = count_reached(cover, asked.cutoff, rows, solved.answer.closed)
    only = np.where(count == 1, weight, 0.0) if doubles is None else _weigh_doubles(asked, cover, count)
    ids = np.append(asked.candidates.index.to_numpy(object), "")
    cost, newly = chosen["cost"].to_numpy(float), marginal.newly
    table = pd.DataFrame(
        {
            "order": np.arange(1, len(rows) + 1),
            "site_id": chosen.index.to_numpy(object),
            "lon": chosen["lon"].to_numpy(float),
            "lat": chosen["lat"].to_numpy(float),
            "kind": chosen["kind"].to_numpy(object),
            "cost": cost,
            "newly_covered": newly,
            "cumulative_share": marginal.share,
            "cumulative_covered": marginal.before + np.cumsum(newly),
            "cumulative_cost": np.cumsum(cost),
            "cost_per_person": np.divide(cost, newly, out=np.full(len(rows), np.nan), where=newly > 0),
            "name": chosen["name"].to_numpy(object),
            "source": chosen["source"].to_numpy(object),
            "station_id": chosen["station_id"].to_numpy(object),
            "county": chosen["county"].to_numpy(object),
            "people_within": covers @ weight,
            "only_this_site": covers @ only,
            "loss_without": [each.loss for each in defended],
            "loss_unit": [each.unit for each in defended],
            "best_alternative": [str(ids[each.replacement]) for each in defended],
            "objective_with_alternative": [each.replaced for each in defended],
            "alternatives_within_1pct": [len(each.near) for each in defended],
            "alternatives": [";".join(map(str, ids[each.near[:_NAMED]])) for each in defended],
        }
    )
    if doubles is not None:
        table["newly_twice"] = doubles[0]
    if solved.load is not None:
        table["served"] = solved.load[rows]
    if per_year:
        table["period"] = (table["order"] - 1) // per_year + 1
    return table


def _weigh_doubles(asked: StudyProblem, cover: SitingProblem, count: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the people who have exactly two sites, where two can reach them, shape (d,)."""
    able = np.asarray(weigh_backup(cover, asked.cutoff).weight, np.float64)
    return np.where(count == 2, able, 0.0)


def tabulate_unserved(basis: TravelBasis, asked: StudyProblem) -> pd.DataFrame:
    """List the people whom no site can bring within the threshold, whatever is opened, and why.

    Returns
    -------
    demand_id, district_id, district, people, reason, minutes: ``no_road`` within the snap limit; ``no_route``
    to any station or candidate they may go to; ``no_candidate_within`` the threshold, with the minutes to the
    nearest station or candidate. Only demand points with people.
    """
    study = basis.study
    weight = asked.problem.weight
    is_served = np.zeros(len(weight), bool)
    cover = to_cover_problem(asked.problem, asked.cutoffs_min)
    usable = np.repeat(cover.role != SiteRole.FORBIDDEN, np.diff(cover.ptr))
    is_served[cover.demand[usable]] = True
    rows = np.flatnonzero(~is_served & (weight > 0))
    able = np.flatnonzero((asked.candidates["role"] != "forbidden").to_numpy(bool))
    minutes = asked.minutes_before
    if len(rows) and len(able):
        people = basis.demand.subset(rows.astype(np.intp))
        minutes = minutes.copy()
        offered = asked.places.subset(able.astype(np.intp))
        minutes[rows] = np.minimum(minutes[rows], compute_nearest(basis.timed, people, offered).minutes)
    reason = np.where(np.isfinite(minutes[rows]), "no_candidate_within", "no_route")
    reason = np.where(asked.is_connected[rows], reason, "no_road")
    district = study.demand["district_id"].to_numpy(object)[rows]
    names = study.districts["name"].to_dict()
    return pd.DataFrame(
        {
            "demand_id": study.demand.index.to_numpy(object)[rows],
            "district_id": district,
            "district": [str(names.get(one, "")) for one in district],
            "people": weight[rows],
            "reason": reason,
            "minutes": minutes[rows].astype(np.float32),
        }
    )
