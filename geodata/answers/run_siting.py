"""Sites for a study from question to result: candidates gathered, the model solved, the plan assessed anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.answer.answer import ask
from coverage.errors import DataIssue
from coverage.inputs.question import Question, find_question_cutoffs, settle_question
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.siting.model.curve import Curve, Solved
from coverage.siting.model.from_study import ProblemSettings, StudyProblem, build_siting_problem, find_minutes_after
from coverage.siting.model.problem import SecondsLeft, no_deadline
from coverage.siting.model.solver_progress import SolveProgress, SolveReport, ignore_solve
from coverage.siting.plan.bundle import (
    add_services,
    build_bundle_problem,
    find_bundle_minutes,
    tabulate_bundle_unserved,
    tabulate_services,
)
from coverage.siting.plan.curve_table import find_curve, tabulate_frontier
from coverage.siting.plan.outcome import Marginal, compute_marginal, tabulate_sites, tabulate_unserved
from coverage.siting.plan.planned_stations import build_stations_after, tabulate_years
from coverage.siting.plan.solve import SitingQuestion, check_siting_question, solve_siting
from coverage.travel.travel_basis import TravelBasis
from geodata.answers.siting_bundle import list_bundles, list_choices
from geodata.answers.siting_candidates import CandidateList, SitingOptions, find_costs, list_candidates

# Share of the time limit for the answer itself; the rest is for the curve of budgets.
_SOLVER_SHARE = 0.75
# Without a time limit the curve of an aim whose points are solved one by one takes this share of the answer's time
# at most, or so many seconds.
_CURVE_SHARE, _CURVE_S = 2.0, 20.0
# Time that telling what follows from a plan takes, as a share of that for building its problem.
_FOLLOW_SHARE = 0.75
# Beyond this many thresholds a way to a candidate is not looked at where times are what is improved.
_LIMIT_CUTOFFS = 4.0


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
        Everybody's time once the plan stands, searched anew without a limit, shape (d,) [min]; for several
        services at once one after the other, shape (services · d,).
    sites, frontier, unserved, years, services, stations_after
        Tables, see `coverage.siting.plan.outcome`, `coverage.siting.plan.planned_stations` and
        `coverage.siting.plan.bundle`; years are empty if not asked for, services where there is one question only.
    curve
        The curve of the aim, with the plan behind each row of `frontier`.
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
    curve: Curve
    unserved: pd.DataFrame
    years: pd.DataFrame
    services: pd.DataFrame
    stations_after: pd.DataFrame
    rejected: pd.DataFrame
    issues: tuple[DataIssue, ...]
    runtime_s: float


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
    begin = time.monotonic()
    wanted = options or SitingOptions()
    question = settle_question(study, question)
    check_siting_question(siting)
    for one in siting.services:
        study.catalogue.item(one)
    find_costs(wanted)
    joined = basis or ask(study, question).get("basis", progress)
    report_progress(progress, 0.0, "candidates")
    build = _build_bundle if siting.services else _build_problem
    built_from = time.monotonic()
    listed, asked = build(joined, question, siting, wanted, progress)
    solved_from = time.monotonic()
    # What follows from a plan is counted on the same problem: it takes a part of the time that building it took.
    rest = None if wanted.time_limit_s is None else wanted.time_limit_s - _FOLLOW_SHARE * (solved_from - built_from)
    solved = solve_siting(
        asked.problem,
        asked.cutoff,
        siting,
        report=_pass_on(progress, "siting_solve", watch),
        seconds_left=_countdown(None if rest is None else solved_from + _SOLVER_SHARE * (begin + rest - solved_from)),
    )
    curve = find_curve(
        asked,
        siting,
        solved,
        report=_pass_on(progress, "siting_curve", watch),
        seconds_left=_countdown(_find_curve_end(siting, begin, solved_from, rest)),
    )
    runtime_s = time.monotonic() - solved_from
    progress(0.0, "siting_check")
    return Suggestion(
        basis=joined,
        question=question,
        options=wanted,
        asked=asked,
        frontier=tabulate_frontier(asked, siting, curve),
        curve=curve,
        unserved=(tabulate_bundle_unserved if siting.services else tabulate_unserved)(joined, asked),
        rejected=listed.rejected,
        issues=(*listed.issues, *_find_capacity_as_people(study, siting)),
        runtime_s=runtime_s,
        **_follow(joined, question, siting, wanted, asked, solved),
    )


def _find_capacity_as_people(study: Study, siting: SitingQuestion) -> tuple[DataIssue, ...]:
    """Say that capacities are taken for people where the study does not say what they count and how often one comes."""
    if siting.method != "capacitated" or study.capacity_use is not None:
        return ()
    return (DataIssue("siting.capacity_as_people", "warning", "stations"),)


def _find_curve_end(siting: SitingQuestion, begin: float, solved_from: float, rest: float | None) -> float | None:
    """Find the moment at which the curve has to end; without a limit it takes about as long as the answer did."""
    if rest is not None:
        return begin + rest
    if siting.method == "mclp":
        return None
    now = time.monotonic()
    return now + max(_CURVE_SHARE * (now - solved_from), _CURVE_S)


def _build_problem(
    basis: TravelBasis, question: Question, siting: SitingQuestion, options: SitingOptions, progress: Progress
) -> tuple[CandidateList, StudyProblem]:
    """List the candidates for one question, and build its problem."""
    listed = list_candidates(basis, question, options, progress=progress)
    cutoffs = find_question_cutoffs(basis.study, question)
    kinds, costs = basis.study.stations["kind"].to_dict(), find_costs(options)
    asked = build_siting_problem(
        basis,
        question.choice,
        cutoffs,
        listed.table,
        settings=ProblemSettings(
            is_covering=siting.is_covering,
            limit_min=options.limit_min or _LIMIT_CUTOFFS * float(cutoffs.max(initial=0.0)),
            keeps_stations=siting.keeps_stations,
            relocatable=(options.relocatable or ("*",)) if siting.moves else (),
            quotas=options.quotas,
        ),
        closing_cost={str(one): costs.find_closing_cost(str(kind)) for one, kind in kinds.items()},
        progress=progress,
    )
    return listed, asked


def _build_bundle(
    basis: TravelBasis, question: Question, siting: SitingQuestion, options: SitingOptions, progress: Progress
) -> tuple[CandidateList, StudyProblem]:
    """List the candidates for several services at once, and build their problem."""
    listed = list_bundles(basis, question, siting.services, options, progress=progress)
    choices = list_choices(question, siting.services)
    cutoffs = [find_question_cutoffs(basis.study, question, choice=one) for one in choices]
    settings = ProblemSettings(quotas=options.quotas)
    asked = build_bundle_problem(
        basis, choices, cutoffs, listed.table, listed.gives, settings=settings, progress=progress
    )
    return listed, asked


def choose_plan(found: Suggestion, row: int) -> Suggestion:
    """Turn to the plan behind a point of the curve: its sites, its order, and what follows from them.

    Parameters
    ----------
    found
        The suggestion.
    row
        Row of its `frontier`. The plan is the best found of the same aim for what is given there.
    """
    siting = _ask_point(found.siting, found.curve, row)
    follows = _follow(found.basis, found.question, siting, found.options, found.asked, found.curve.plans[row])
    return replace(found, **follows)


def _ask_point(siting: SitingQuestion, curve: Curve, row: int) -> SitingQuestion:
    """Return what a point of a curve answers."""
    at = float(curve.given[row])
    if curve.axis == "target":
        return replace(siting, share=at)
    if siting.method == "lscp-b":  # everybody by two sites takes what was found; with less, as many as can be
        siting = replace(siting, method="bacop", least_money=False)
    return replace(siting, budget=at) if curve.axis == "money" else replace(siting, sites=int(at), budget=None)


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
    answer, services = solved.answer, pd.DataFrame()
    if siting.services:
        choices = list_choices(question, siting.services)
        minutes_after = find_bundle_minutes(basis, choices, asked, answer.opened)
        services = tabulate_services(basis, choices, asked, answer, minutes_after)
        sites = add_services(sites, asked, answer)
    else:
        minutes_after = find_minutes_after(basis, question.choice, asked, answer.opened, answer.closed)
    return {
        "siting": siting,
        "solved": solved,
        "marginal": marginal,
        "minutes_after": minutes_after,
        "sites": sites,
        "years": years,
        "services": services,
        "stations_after": build_stations_after(basis.study, question.choice, asked, solved),
    }


def _countdown(end: float | None) -> SecondsLeft:
    """Return what tells the seconds that are left until a moment."""
    return no_deadline if end is None else lambda: end - time.monotonic()


def _pass_on(progress: Progress, step: str, watch: SolveReport) -> Callable[[SolveProgress], bool]:
    """Tell a solver's progress as a share: the nearer bound and answer, the larger."""
    return lambda found: progress(1.0 - min(found.gap, 1.0), step) and watch(found)
