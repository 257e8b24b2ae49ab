"""The curve of an aim for a study, as a value and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from coverage.siting.cover.cover_sets import compute_covered
from coverage.siting.cover.frontier import trace_frontier
from coverage.siting.cover.mclp import solve_mclp
from coverage.siting.model.curve import MEASURES, Curve, Solved
from coverage.siting.model.from_study import StudyProblem
from coverage.siting.model.limits import Limit
from coverage.siting.model.problem import SecondsLeft, SitingProblem, no_deadline
from coverage.siting.model.solver_progress import SolveReport, ignore_solve
from coverage.siting.plan.curve_of_aim import list_money, list_numbers, trace_curve
from coverage.siting.plan.solve import SitingQuestion, to_cover_problem

FRONTIER_COLUMNS: tuple[str, ...] = (
    *("sites", "money", "covered", "share", "gained", "bound", "gap", "status", "measure", "value"),
)
# Pairs up to which points of the curve that stay open are solved exactly, one by one; the curve itself is weak
# where stations may close.
_SOLVED_PAIRS = 50_000
_SOLVED_PAIRS_MOVES = 500_000


def list_budgets(problem: SitingProblem, question: SitingQuestion, found: int) -> list[Limit]:
    """List the budgets of the curve: numbers up to twice what was found, or money up to half as much again."""
    if question.budget is not None:
        return [Limit(question.sites, step, question.moves) for step in list_money(problem, question.budget)]
    # Fewer than asked for are found where more would cover nobody else.
    middle = found if question.sites is None else min(found, question.sites)
    return [Limit(int(number), None, question.moves) for number in list_numbers(problem, middle, 2 * middle)]


def find_curve(
    asked: StudyProblem,
    question: SitingQuestion,
    solved: Solved,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> Curve:
    """Find the curve of the aim that was asked for.

    Parameters
    ----------
    asked, question, solved
        What was asked, and its answer.
    report, seconds_left
        See `coverage.siting.cover.frontier.trace_frontier` and `coverage.siting.plan.curve_of_aim.trace_curve`.

    Returns
    -------
    For ``mclp`` most people by budget, all budgets traced together, and points that this leaves open solved exactly
    where the problem is small; for every other aim what its own model gets at each point.
    """
    if question.method != "mclp":
        return trace_curve(asked.problem, asked.cutoff, question, solved, report=report, seconds_left=seconds_left)
    budgets = list_budgets(asked.problem, question, len(solved.answer.opened))
    if not budgets:
        nothing, nowhere = np.zeros(0), np.zeros(0, np.bool_)
        return Curve("money", nothing, MEASURES["covered"], nothing, nothing, nowhere, ())
    cover = to_cover_problem(asked.problem, asked.cutoffs_min)
    curve = trace_frontier(cover, asked.cutoff, budgets, enough=0.002, report=report, seconds_left=seconds_left)
    # Fewer may have been found than were asked for: the same plan, then, for as many as it has.
    fewer = replace(question, sites=len(solved.answer.opened)).limit
    own = question.limit if question.limit in budgets or question.budget is not None else fewer
    known = {budgets.index(own): solved} if own in budgets else {}
    if len(cover.cost) <= (_SOLVED_PAIRS_MOVES if question.moves else _SOLVED_PAIRS):
        for at in np.flatnonzero(curve.bound - curve.value > 1e-9 * np.maximum(curve.bound, 1.0)).tolist():
            if at not in known and seconds_left() > 0:
                answer = solve_mclp(cover, asked.cutoff, budgets[at], report=report, seconds_left=seconds_left)
                known[at] = Solved(answer)
    return _merge_answers(curve, known, solved)


def tabulate_frontier(asked: StudyProblem, question: SitingQuestion, curve: Curve) -> pd.DataFrame:
    """Tabulate a curve.

    Parameters
    ----------
    asked, question
        What was asked.
    curve
        As `find_curve` returns it.

    Returns
    -------
    One row for each point: sites, money (NaN where not limited), covered, share, gained (people within the threshold
    under its plan; those more than today), bound, gap, status (``optimal`` where proved, else ``bounded``), measure
    and value: what the curve of this aim shows, see `coverage.siting.model.curve.MEASURES`. `bound` and `gap` are those
    of `value`, which for ``mclp`` is `covered`: minutes for the mean and longest time, a share for the worst county,
    people, and sites or yuan that a share of the people takes. For ``lscp`` that share is the further column
    `target`, and `sites` are those of the plan; where times are measured, `left_out` are the people without a way.
    """
    cover = to_cover_problem(asked.problem, asked.cutoffs_min)
    weight = np.asarray(cover.weight, np.float64)
    covered = curve.value
    if curve.measure.id != "covered":
        plans = [one.answer for one in curve.plans]
        covered = np.array(
            [weight[compute_covered(cover, asked.cutoff, one.opened, one.closed)].sum() for one in plans], np.float64
        )
    nothing = np.full(len(curve.given), np.nan)
    sites = nothing if question.sites is None else np.full(len(curve.given), float(question.sites))
    if curve.axis == "target":
        sites = np.array([len(one.answer.opened) for one in curve.plans], np.float64)
    table = pd.DataFrame(
        {
            "sites": curve.given if curve.axis == "sites" else sites,
            "money": curve.given if curve.axis == "money" else nothing,
            "covered": covered,
            "share": covered / max(float(weight.sum()), 1e-300),
            "gained": covered - float(weight[asked.covered_before].sum()),
            "bound": curve.bound,
            "gap": curve.gap,
            "status": np.where(curve.is_proved, "optimal", "bounded"),
            "measure": np.full(len(curve.given), curve.measure.id, object),
            "value": curve.value,
        },
        columns=list(FRONTIER_COLUMNS),
    )
    if curve.left_out is not None:
        table = table.assign(left_out=curve.left_out)
    return table.assign(target=curve.given) if curve.axis == "target" else table


def _merge_answers(curve: Curve, known: Mapping[int, Solved], own: Solved) -> Curve:
    """Put answers by row into the curve; better plans serve larger budgets, smaller bounds hold for smaller ones."""
    value, bound, plans = curve.value.copy(), curve.bound.copy(), list(curve.plans)
    for at, found in known.items():
        answer = found.answer
        for row in range(at, len(plans)):
            if answer.objective > value[row] or (row == at and answer.objective == value[row]):
                plans[row], value[row] = found, answer.objective
        bound[at] = min(bound[at], answer.bound)
    bound = np.maximum(np.minimum.accumulate(bound[::-1])[::-1], value)
    return replace(
        curve,
        value=value,
        bound=bound,
        is_proved=bound - value <= 1e-9 * np.maximum(bound, 1.0),
        plans=tuple(plans),
        own=next((row for row, one in enumerate(plans) if one is own), None),
    )
