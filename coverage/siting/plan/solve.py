"""One question, one model: what is asked of a siting problem, and the solver that answers it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from coverage.errors import SettingsError
from coverage.siting.cover.backup import solve_bacop, solve_lscp_b
from coverage.siting.cover.capacitated import solve_capacitated
from coverage.siting.cover.fair import solve_fair
from coverage.siting.cover.lscp import solve_lscp
from coverage.siting.cover.mclp import solve_mclp
from coverage.siting.model.curve import Solved
from coverage.siting.model.limits import Limit
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingAnswer, SitingProblem, no_deadline
from coverage.siting.model.solver_progress import SolveReport, ignore_solve
from coverage.siting.p_center.solver import solve_p_center
from coverage.siting.p_median.solver import solve_p_median
from coverage.units import is_within

SitingMethod = Literal["mclp", "lscp", "lscp-b", "bacop", "p-median", "p-center", "capacitated", "fair"]
SITING_METHODS: tuple[SitingMethod, ...] = get_args(SitingMethod)
# Models that improve times; all others count who is within the threshold.
TIME_METHODS: tuple[SitingMethod, ...] = ("p-median", "p-center")
# Models that count who has two sites within reach.
TWICE_METHODS: tuple[SitingMethod, ...] = ("lscp-b", "bacop")
# Models that find the number of sites themselves.
_COMPLETE: tuple[SitingMethod, ...] = ("lscp", "lscp-b")
# Models for which each existing station is a site of its own.
_BY_STATION: tuple[SitingMethod, ...] = ("lscp-b", "capacitated", "bacop")


@dataclass(frozen=True, slots=True)
class SitingQuestion:
    """What is asked of a siting problem.

    Parameters
    ----------
    method
        ``mclp``: most people with a number of sites or a budget; ``lscp``: fewest sites (or least money) for a
        share of the people; ``lscp-b``: everybody by two sites; ``p-median``: least mean time; ``p-center``:
        least longest time; ``capacitated``: most people served by sites with a capacity; ``fair``: the
        worst-served county first; ``bacop``: most people with two places in reach.
    sites, budget
        New sites at most, and money at most [yuan]; None where not limited.
    share
        Share of the people ``lscp`` is to cover; for ``fair`` the floor of every county. None: everybody.
    by_county
        The share holds in every county, not only in all (``lscp``).
    least_money
        ``lscp`` and ``lscp-b`` add up money instead of counting sites.
    moves
        Existing stations that may close, each for one new site.
    services
        Several service items at once (``mclp``): a site opens with its bundle, and everybody counts once for each
        item. Empty for one question.
    """

    method: SitingMethod = "mclp"
    sites: int | None = None
    budget: float | None = None
    share: float | None = None
    by_county: bool = False
    least_money: bool = False
    moves: int = 0
    services: tuple[str, ...] = ()

    @property
    def is_covering(self) -> bool:
        """Tell whether the model counts who is within the threshold."""
        return self.method not in TIME_METHODS

    @property
    def keeps_stations(self) -> bool:
        """Tell whether each existing station is a site of its own."""
        return self.method in _BY_STATION or self.moves > 0

    @property
    def limit(self) -> Limit:
        """Return the limits on number, money and moves."""
        return Limit(self.sites, self.budget, self.moves)


def check_siting_question(asked: SitingQuestion) -> None:
    """Refuse what a model cannot answer, before the long work.

    Raises
    ------
    SettingsError
        ``siting.sites_missing`` where a number (or money) is needed, ``siting.budget_not_here`` where the model
        does not look at money, ``siting.moves_not_here`` where it does not close stations,
        ``siting.share_not_here`` where it has no use for a share, and ``siting.services_not_here`` where several
        services at once are asked of another model than ``mclp``, or together with moves.
    """
    name = asked.method
    if asked.services and (name != "mclp" or asked.moves):
        raise SettingsError("siting.services_not_here", method=name)
    if name in TIME_METHODS and asked.budget is not None:
        raise SettingsError("siting.budget_not_here", method=name)
    if name in _COMPLETE and (asked.sites is not None or asked.budget is not None):
        raise SettingsError("siting.limit_not_here", method=name)
    if name not in _COMPLETE and asked.sites is None and (asked.budget is None or name in TIME_METHODS):
        raise SettingsError("siting.sites_missing", method=name)
    if asked.moves and name not in ("mclp", "capacitated", "fair"):
        raise SettingsError("siting.moves_not_here", method=name)
    if asked.share is not None and name not in ("lscp", "fair"):
        raise SettingsError("siting.share_not_here", method=name)
    if asked.share is not None and not 0.0 < asked.share <= 1.0:
        raise SettingsError("siting.share_out_of_range", share=asked.share)


def solve_siting(
    problem: SitingProblem,
    cutoff: float,
    asked: SitingQuestion,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> Solved:
    """Answer a question with its model.

    Parameters
    ----------
    problem
        Demand, sites and costs.
    cutoff
        Largest cost that counts as covered, included.
    asked
        The model and its numbers, see `check_siting_question`.
    report, seconds_left
        See the models.
    """
    aim: Literal["sites", "money"] = "money" if asked.least_money else "sites"
    sites = asked.sites or 0
    match asked.method:
        case "mclp":
            return Solved(solve_mclp(problem, cutoff, asked.limit, report=report, seconds_left=seconds_left))
        case "lscp":
            answer = solve_lscp(
                problem,
                cutoff,
                share=asked.share or 1.0,
                by_unit=asked.by_county,
                aim=aim,
                report=report,
                seconds_left=seconds_left,
            )
            return Solved(answer)
        case "lscp-b":
            return Solved(solve_lscp_b(problem, cutoff, aim=aim, report=report, seconds_left=seconds_left))
        case "p-median":
            return Solved(solve_p_median(problem, sites, report=report, seconds_left=seconds_left))
        case "p-center":
            return Solved(solve_p_center(problem, sites, report=report, seconds_left=seconds_left))
        case "capacitated":
            full = solve_capacitated(problem, cutoff, asked.limit, report=report, seconds_left=seconds_left)
            return Solved(full.answer, load=full.load, served=full.served)
        case "fair":
            fair = solve_fair(problem, cutoff, asked.limit, floor=asked.share, report=report, seconds_left=seconds_left)
            return Solved(fair.answer, worst=fair.worst, worst_bound=fair.worst_bound)
        case "bacop":
            doubled = solve_bacop(
                problem, cutoff, asked.limit, is_once_first=False, report=report, seconds_left=seconds_left
            )
            return Solved(doubled)


def to_cover_problem(problem: SitingProblem, cutoffs: npt.NDArray[np.floating]) -> SitingProblem:
    """Return a problem with only the pairs within the cutoff of their demand point, shape (d,)."""
    keep = np.asarray(is_within(np.asarray(problem.cost), np.asarray(cutoffs)[problem.demand]))
    kept = np.concatenate(([0], np.cumsum(keep)))
    return replace(problem, ptr=kept[problem.ptr], demand=problem.demand[keep], cost=problem.cost[keep])


def compute_money(problem: SitingProblem, answer: SitingAnswer) -> float:
    """Compute the money of an answer: opening the new sites and closing those that close."""
    is_new = np.zeros(problem.site_count, bool)
    is_new[answer.opened] = True
    is_new &= np.isin(problem.role, (SiteRole.CANDIDATE, SiteRole.REQUIRED))
    return float(problem.site_cost[is_new].sum() + problem.removal_cost[answer.closed].sum())
