"""Sites for a study from question to result: candidates gathered, the model solved, the plan assessed anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.assessment import find_weight_column
from coverage.candidate_sources import (
    find_clusters,
    find_junctions,
    find_village_seats,
    list_drawn,
    list_item_hosts,
    list_places,
)
from coverage.candidates import CandidateRules, gather_candidates
from coverage.errors import DataIssue, SettingsError
from coverage.model import Study
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.question import Question, check_question, find_question_cutoffs
from coverage.site_costs import SiteCosts
from coverage.siting.built import build_stations_after, tabulate_years
from coverage.siting.from_study import (
    ProblemSettings,
    SiteQuota,
    StudyProblem,
    build_siting_problem,
    find_minutes_after,
)
from coverage.siting.outcome import (
    Marginal,
    compute_marginal,
    tabulate_frontier,
    tabulate_sites,
    tabulate_unserved,
)
from coverage.siting.problem import SecondsLeft, SitingAnswer, no_deadline
from coverage.siting.solve import SitingQuestion, Solved, check_siting_question, solve_siting
from coverage.siting.watch import SolveProgress, SolveReport, ignore_solve
from coverage.travel_basis import TravelBasis
from geodata.read_candidates import read_candidates, read_excluded
from geodata.read_places import read_places
from geodata.read_site_costs import DEFAULT_SITE_COSTS, read_site_costs
from geodata.run_assessment import build_question_basis

GENERATED_SOURCES: tuple[str, ...] = ("item", "village", "cluster", "junction")
# Share of the time limit for the answer itself; the rest is for the curve of budgets.
_SOLVER_SHARE = 0.8
# Beyond this many thresholds a way to a candidate is not looked at where times are what is improved.
_LIMIT_CUTOFFS = 4.0


@dataclass(frozen=True, slots=True)
class SitingOptions:
    """Where candidates come from, and the limits on them.

    Parameters
    ----------
    sources
        Of `GENERATED_SOURCES`; None for the usual: none beside a list of candidates or places, else items and
        village seats (clusters, where the study has no districts).
    candidates, places, exclude, costs
        Files: the user's list, an OpenStreetMap file, areas without sites, class costs (or the costs themselves).
    drawn
        Positions (lon, lat) drawn by the user [degrees].
    any_family
        Stations of every family may add the item, and places of every kind.
    min_distance_km, spacing_km
        Least distance to stations of the choice; spacing of clusters and junctions [km].
    required, forbidden, relocatable
        Ids of sites that must open or stay shut, and of stations that may close (all if moves are allowed and
        none is named).
    quotas
        New sites by county.
    limit_min
        Longest way looked at where times are improved; four times the largest threshold if not given [min].
    per_year, first_year
        Sites a year for the plan by years; None for no such plan.
    time_limit_s
        Seconds for solving; None until it is proved.
    """

    sources: tuple[str, ...] | None = None
    candidates: Path | None = None
    places: Path | None = None
    exclude: Path | None = None
    costs: Path | SiteCosts | None = None
    drawn: tuple[tuple[float, float], ...] = ()
    any_family: bool = False
    min_distance_km: float = 0.0
    spacing_km: float = 5.0
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    relocatable: tuple[str, ...] = ()
    quotas: tuple[SiteQuota, ...] = ()
    limit_min: float | None = None
    per_year: int | None = None
    first_year: int = 1
    time_limit_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Suggestion:
    """A plan for a study and everything that follows from it.

    Parameters
    ----------
    basis, question, siting, options
        What was asked of which study.
    asked, solved, marginal
        The problem, its answer, and what each site adds.
    minutes_after
        Everybody's time once the plan stands, searched anew without a limit, shape (d,) [min].
    sites, frontier, unserved, years, stations_after
        Tables, see `coverage.siting.outcome` and `coverage.siting.built`; years are empty if not asked for.
    plans
        The plan behind each row of `frontier`.
    rejected
        Rows of the user's list that were left out.
    issues
        Findings about candidates.
    runtime_s
        Seconds of solving.
    """

    basis: TravelBasis
    question: Question
    siting: SitingQuestion
    options: SitingOptions
    asked: StudyProblem
    solved: Solved
    marginal: Marginal
    minutes_after: npt.NDArray[np.float32]
    sites: pd.DataFrame
    frontier: pd.DataFrame
    plans: tuple[SitingAnswer, ...]
    unserved: pd.DataFrame
    years: pd.DataFrame
    stations_after: pd.DataFrame
    rejected: pd.DataFrame
    issues: tuple[DataIssue, ...]
    runtime_s: float


@dataclass(frozen=True, slots=True, eq=False)
class CandidateList:
    """Where a site could open, and what was left out.

    Parameters
    ----------
    table
        After `coverage.candidates.CANDIDATE_COLUMNS`.
    rejected
        Rows of the user's list that were left out.
    issues
        Findings about candidates.
    """

    table: pd.DataFrame
    rejected: pd.DataFrame
    issues: tuple[DataIssue, ...]


@dataclass(slots=True)
class _Found:
    """Candidates and findings while they are gathered."""

    parts: list[pd.DataFrame] = field(default_factory=list)
    issues: list[DataIssue] = field(default_factory=list)
    rejected: pd.DataFrame = field(default_factory=pd.DataFrame)


def suggest_sites(
    study: Study,
    question: Question,
    siting: SitingQuestion,
    options: SitingOptions | None = None,
    *,
    basis: TravelBasis | None = None,
    progress: Progress = ignore_progress,
    watch: SolveReport = ignore_solve,
) -> Suggestion:
    """Propose sites for a study.

    Parameters
    ----------
    study
        A study with roads; districts and stations may be missing.
    question
        Which stations count, thresholds and rules, as for an assessment; a moment is not looked at.
    siting, options
        The model and its numbers; candidates and limits.
    basis
        The study joined to its roads under the rules of the question, where it is there already.
    progress
        Told each step; returning False while a model is solved ends it with the best answer so far.
    watch
        Told the best answer and the bound while a model is solved; returning False ends it likewise.

    Raises
    ------
    SettingsError, InputError, NetworkError
        If the question cannot be asked, no candidate is left, or a file cannot be used.
    """
    wanted = options or SitingOptions()
    check_question(study, question)
    check_siting_question(siting)
    costs = find_costs(wanted)
    joined = basis or build_question_basis(study, question, progress=progress)
    report_progress(progress, 0.0, "candidates")
    listed = list_candidates(joined, question, wanted, progress=progress)
    cutoffs = find_question_cutoffs(study, question)
    kinds = study.stations["kind"].to_dict()
    asked = build_siting_problem(
        joined,
        question.choice,
        cutoffs,
        listed.table,
        settings=ProblemSettings(
            is_covering=siting.is_covering,
            limit_min=wanted.limit_min or _LIMIT_CUTOFFS * float(cutoffs.max(initial=0.0)),
            keeps_stations=siting.keeps_stations,
            relocatable=(wanted.relocatable or ("*",)) if siting.moves else (),
            quotas=wanted.quotas,
        ),
        closing_cost={str(one): costs.find_closing_cost(str(kind)) for one, kind in kinds.items()},
        progress=progress,
    )
    begin = time.monotonic()
    solver_end = None if wanted.time_limit_s is None else begin + _SOLVER_SHARE * wanted.time_limit_s
    solved = solve_siting(
        asked.problem,
        asked.cutoff,
        siting,
        report=_pass_on(progress, "siting_solve", watch),
        seconds_left=_countdown(solver_end),
    )
    frontier, plans = tabulate_frontier(
        asked,
        siting,
        solved,
        report=_pass_on(progress, "siting_curve", watch),
        seconds_left=_countdown(None if wanted.time_limit_s is None else begin + wanted.time_limit_s),
    )
    runtime_s = time.monotonic() - begin
    progress(0.0, "siting_check")
    return Suggestion(
        basis=joined,
        question=question,
        options=wanted,
        asked=asked,
        frontier=frontier,
        plans=plans,
        unserved=tabulate_unserved(joined, asked),
        rejected=listed.rejected,
        issues=listed.issues,
        runtime_s=runtime_s,
        **_follow(joined, question, siting, wanted, asked, solved),
    )


def choose_plan(found: Suggestion, row: int) -> Suggestion:
    """Turn to the plan behind a point of the curve: its sites, its order, and what follows from them.

    Parameters
    ----------
    found
        The suggestion.
    row
        Row of its `frontier`. The plan is the one that covers most people within that budget.
    """
    point, moves = found.frontier.iloc[row], found.siting.moves
    sites = None if np.isnan(point["sites"]) else int(point["sites"])
    budget = None if np.isnan(point["money"]) else float(point["money"])
    siting = SitingQuestion("mclp", sites=sites, budget=budget, moves=moves)
    follows = _follow(found.basis, found.question, siting, found.options, found.asked, Solved(found.plans[row]))
    return replace(found, **follows)


def _follow(
    basis: TravelBasis,
    question: Question,
    siting: SitingQuestion,
    options: SitingOptions,
    asked: StudyProblem,
    solved: Solved,
) -> dict[str, Any]:
    """Find everything that follows from a plan, as fields of a suggestion."""
    marginal = compute_marginal(asked, solved)
    sites = tabulate_sites(asked, siting, solved, marginal, per_year=options.per_year)
    years = pd.DataFrame()
    if options.per_year:
        years = tabulate_years(basis, question.choice, asked, marginal, sites, first_year=options.first_year)
    return {
        "siting": siting,
        "solved": solved,
        "marginal": marginal,
        "minutes_after": find_minutes_after(basis, question.choice, asked, solved.answer.opened, solved.answer.closed),
        "sites": sites,
        "years": years,
        "stations_after": build_stations_after(basis.study, question.choice, asked, solved),
    }


def find_costs(options: SitingOptions) -> SiteCosts:
    """Return the class costs that hold: those given, those of a file, else the planner's own assumptions."""
    if isinstance(options.costs, SiteCosts):
        return options.costs
    return read_site_costs(options.costs or DEFAULT_SITE_COSTS)


def list_candidates(
    basis: TravelBasis, question: Question, options: SitingOptions, *, progress: Progress = ignore_progress
) -> CandidateList:
    """List the candidates of every source that is asked for, the user's own first, less those that may not be used.

    Raises
    ------
    InputError
        If a file cannot be used, or a required or forbidden site is not among them.
    """
    found = _find_candidates(basis, question, options, find_costs(options), progress)
    rules = CandidateRules(
        excluded=_read_areas(options, found),
        min_distance_m=options.min_distance_km * 1000.0,
        required=options.required,
        forbidden=options.forbidden,
    )
    table, issues = gather_candidates(basis.study, question.choice, found.parts, rules)
    return CandidateList(table, found.rejected, (*found.issues, *issues))


def _find_candidates(
    basis: TravelBasis, question: Question, options: SitingOptions, costs: SiteCosts, progress: Progress
) -> _Found:
    """Gather the candidates of every source that is asked for, the user's own first."""
    study, choice = basis.study, question.choice
    found = _Found()
    if options.candidates is not None:
        read = read_candidates(options.candidates, study.catalogue, costs)
        table, issues = list_places(study, choice, read.table, costs, any_kind=True)
        found.parts.append(table)
        found.issues += [*read.issues, *issues]
        found.rejected = read.rejected
    if options.drawn:
        found.parts.append(list_drawn(study, choice, costs, list(options.drawn)))
    if options.places is not None:
        places = read_places(options.places, progress=progress)
        table, issues = list_places(study, choice, places, costs, any_kind=options.any_family)
        found.parts.append(table)
        found.issues += issues
    weight = study.demand[find_weight_column(study, choice)].to_numpy(float)
    for source in _find_sources(study, options):
        if source == "item":
            found.parts.append(list_item_hosts(study, choice, costs, any_family=options.any_family))
        elif source == "village":
            found.parts.append(find_village_seats(study, choice, weight, costs))
        elif source == "cluster":
            found.parts.append(find_clusters(study, choice, weight, costs, spacing_km=options.spacing_km))
        else:
            network = basis.timed.network
            found.parts.append(find_junctions(study, choice, network, costs, spacing_km=options.spacing_km))
    return found


def _find_sources(study: Study, options: SitingOptions) -> tuple[str, ...]:
    if options.sources is not None:
        unknown = [source for source in options.sources if source not in GENERATED_SOURCES]
        if unknown:
            choices = ", ".join(GENERATED_SOURCES)
            raise SettingsError("settings.unknown_choice", name="sources", value=unknown[0], choices=choices)
        return options.sources
    if options.candidates is not None or options.places is not None or options.drawn:
        return ()
    return ("item", "village") if len(study.districts) else ("item", "cluster")


def _read_areas(options: SitingOptions, found: _Found) -> tuple[shapely.Geometry, ...]:
    if options.exclude is None:
        return ()
    areas, issues = read_excluded(options.exclude)
    found.issues += issues
    return areas


def _countdown(end: float | None) -> SecondsLeft:
    """Return what tells the seconds that are left until a moment."""
    return no_deadline if end is None else lambda: end - time.monotonic()


def _pass_on(progress: Progress, step: str, watch: SolveReport) -> Callable[[SolveProgress], bool]:
    """Tell a solver's progress as a share: the nearer bound and answer, the larger."""
    return lambda found: progress(1.0 - min(found.gap, 1.0), step) and watch(found)
