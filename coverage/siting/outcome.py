"""What a plan means for a study: sites in build order, the curve of budgets, and who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network import BoolArray
from coverage.siting.defence import defend_sites
from coverage.siting.from_study import StudyProblem
from coverage.siting.frontier import Frontier, trace_frontier
from coverage.siting.limits import Limit, merge_quotas
from coverage.siting.mclp import solve_mclp
from coverage.siting.problem import SecondsLeft, SiteRole, SitingAnswer, no_deadline
from coverage.siting.solve import SitingQuestion, Solved, to_cover_problem
from coverage.siting.watch import SolveReport, ignore_solve
from coverage.travel_basis import TravelBasis
from coverage.travel_time import compute_nearest

_CURVE_POINTS = 20
# Pairs up to which points of the curve that stay open are solved exactly, one by one; the curve itself is weak
# where stations may close.
_SOLVED_PAIRS = 50_000
_SOLVED_PAIRS_MOVES = 500_000
# An alternative is near if it costs at most this share of the people the new sites gain; so many are named.
_NEAR = 0.01
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


def tabulate_sites(
    asked: StudyProblem, question: SitingQuestion, solved: Solved, marginal: Marginal, *, per_year: int | None = None
) -> pd.DataFrame:
    """Tabulate the new sites in build order, with what speaks for each.

    Returns
    -------
    One row per site: order, site_id, lon, lat, kind, cost, newly_covered, cumulative_share; then
    cumulative_covered, cumulative_cost, cost_per_person (NaN where nobody is added), name, source, station_id,
    county, people_within, only_this_site, best_alternative, covered_with_alternative, alternatives_within_1pct
    (how many could stand in its place at a loss of at most 1 % of what the new sites gain), alternatives (ids of
    the best of them), served (only with capacities) and period (only with `per_year`).
    """
    rows = solved.answer.opened
    chosen = asked.candidates.iloc[rows]
    cover = to_cover_problem(asked.problem, asked.cutoffs_min)
    limit = question.limit if question.limit != Limit() else Limit(sites=len(rows))
    # Measured by what the new sites gain: existing ones cover most people, and 1 % of those would be any site.
    gained = float(marginal.newly.sum())
    tolerance = _NEAR * gained / max(marginal.before + gained, 1e-300)
    defended = defend_sites(cover, asked.cutoff, limit, solved.answer, tolerance=tolerance)
    ids = np.append(asked.candidates.index.to_numpy(object), "")
    cost = chosen["cost"].to_numpy(float)
    newly = marginal.newly
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
            "people_within": [each.within for each in defended],
            "only_this_site": [each.alone for each in defended],
            "best_alternative": [str(ids[each.replacement]) for each in defended],
            "covered_with_alternative": [each.replaced for each in defended],
            "alternatives_within_1pct": [len(each.near) for each in defended],
            "alternatives": [";".join(map(str, ids[each.near[:_NAMED]])) for each in defended],
        }
    )
    if solved.load is not None:
        table["served"] = solved.load[rows]
    if per_year:
        table["period"] = (table["order"] - 1) // per_year + 1
    return table


def list_budgets(asked: StudyProblem, question: SitingQuestion, found: int) -> list[Limit]:
    """List the budgets of the curve: numbers up to twice what was found, or money up to half as much again."""
    problem = asked.problem
    required = problem.role == SiteRole.REQUIRED
    least = max(int(required.sum()), sum(quota.at_least for quota in merge_quotas(problem)))
    if question.budget is not None:
        low = float(problem.site_cost[required].sum())
        steps = sorted({question.budget * number / 10.0 for number in range(1, 16)} | {question.budget})
        return [Limit(question.sites, step, question.moves) for step in steps if step >= low]
    can = int(np.isin(problem.role, (SiteRole.CANDIDATE, SiteRole.REQUIRED)).sum())
    # Fewer than asked for are found where more would cover nobody else.
    middle = found if question.sites is None else min(found, question.sites)
    most = max(min(2 * middle, can), least, min(1, can))
    numbers = np.unique(np.linspace(max(least, 1), most, _CURVE_POINTS).round().astype(int)).tolist()
    numbers = sorted({*numbers, middle} if least <= middle <= most else set(numbers))
    return [Limit(int(number), None, question.moves) for number in numbers]


def tabulate_frontier(
    asked: StudyProblem,
    question: SitingQuestion,
    solved: Solved,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> tuple[pd.DataFrame, tuple[SitingAnswer, ...]]:
    """Tabulate budgets and the most people that each can cover, with a bound no plan can beat.

    Returns
    -------
    sites, money (NaN where not limited), covered, share, gained, bound, gap, status: ``optimal`` where proved,
    else ``bounded``; and the plan of each row. Points that the curve leaves open are solved exactly where the
    problem is small.
    """
    budgets = list_budgets(asked, question, len(solved.answer.opened))
    columns = ["sites", "money", "covered", "share", "gained", "bound", "gap", "status"]
    if not budgets:
        return pd.DataFrame(columns=columns), ()
    cover = to_cover_problem(asked.problem, asked.cutoffs_min)
    curve = trace_frontier(cover, asked.cutoff, budgets, enough=0.002, report=report, seconds_left=seconds_left)
    is_asked = question.method == "mclp" and question.limit in budgets
    known = {budgets.index(question.limit): solved.answer} if is_asked else {}
    if len(cover.cost) <= (_SOLVED_PAIRS_MOVES if question.moves else _SOLVED_PAIRS):
        for at in np.flatnonzero(curve.bound - curve.covered > 1e-9 * np.maximum(curve.bound, 1.0)).tolist():
            if at not in known:
                known[at] = solve_mclp(cover, asked.cutoff, budgets[at], report=report, seconds_left=seconds_left)
    covered, bound, plans = _merge_answers(curve, known)
    total = max(float(cover.weight.sum()), 1e-300)
    before = float(cover.weight[asked.covered_before].sum())
    table = pd.DataFrame(
        {
            "sites": [np.nan if limit.sites is None else limit.sites for limit in budgets],
            "money": [np.nan if limit.money is None else limit.money for limit in budgets],
            "covered": covered,
            "share": covered / total,
            "gained": covered - before,
            "bound": bound,
            "gap": np.where(bound > 0, (bound - covered) / np.maximum(bound, 1e-300), 0.0),
            "status": np.where(bound - covered <= 1e-9 * np.maximum(bound, 1.0), "optimal", "bounded"),
        },
        columns=columns,
    )
    return table, plans


def _merge_answers(
    curve: Frontier, known: Mapping[int, SitingAnswer]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], tuple[SitingAnswer, ...]]:
    """Put answers by row into the curve; better plans serve larger budgets, smaller bounds hold for smaller ones."""
    covered, bound, plans = curve.covered.copy(), curve.bound.copy(), list(curve.answers)
    for at, answer in known.items():
        for row in range(at, len(plans)):
            if answer.objective > covered[row] or (row == at and answer.objective == covered[row]):
                plans[row], covered[row] = answer, answer.objective
        bound[at] = min(bound[at], answer.bound)
    bound = np.maximum(np.minimum.accumulate(bound[::-1])[::-1], covered)
    return covered, bound, tuple(plans)


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
