"""The curve of any aim: its own model solved at one point after the other, in the time there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from coverage.errors import SettingsError
from coverage.siting.cover.backup import count_reached, weigh_backup
from coverage.siting.cover.cover_sets import compute_covered
from coverage.siting.model.curve import MEASURES, Axis, Curve, Measure, MeasureId, Solved
from coverage.siting.model.limits import merge_quotas
from coverage.siting.model.problem import SecondsLeft, SiteRole, SitingProblem, no_deadline
from coverage.siting.model.solver_progress import SolveProgress, SolveReport, ignore_solve
from coverage.siting.p_median.solver import weigh_plan
from coverage.siting.plan.solve import TIME_METHODS, SitingMethod, SitingQuestion, compute_money, solve_siting

_MEASURE_OF: dict[SitingMethod, MeasureId] = {
    "mclp": "covered",
    "lscp-b": "covered_twice",
    "bacop": "covered_twice",
    "p-median": "mean_min",
    "p-center": "longest_min",
    "capacitated": "served",
    "fair": "worst_share",
}
_MOST_POINTS = 20
# Widths of the steps between shares that are to be reached; the smallest that gives no more than so many is taken.
_STEPS, _MOST_TARGETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1), 10
# People are the same up to this share of everybody: sums in another order differ in the last digits.
_SAME_PEOPLE = 1e-9
_NOBODY = np.zeros(0, np.int64)


@dataclass(slots=True)
class _Point:
    """A point on its way: what is given, what is asked there, and what was found.

    `value` and `bound` are in the measure of the curve but for the mean, which is a sum until the end; `missed`
    are the people a time model leaves without a way; `second` decides between equal values, more being better.
    """

    at: float
    question: SitingQuestion
    solved: Solved | None = None
    value: float = np.nan
    bound: float = np.nan
    missed: float = 0.0
    second: float = 0.0
    is_certain: bool = False


@dataclass(slots=True)
class _Hearing:
    """Tells the share of points done, and remembers a "no"."""

    report: SolveReport
    total: int
    done: int = field(default=0)
    is_stopped: bool = field(default=False)

    def hear(self, _: SolveProgress) -> bool:
        self.is_stopped = self.is_stopped or not self.report(SolveProgress("points", self.done, self.total))
        return not self.is_stopped


def find_measure(question: SitingQuestion) -> Measure:
    """Return what the curve of an aim shows."""
    if question.method == "lscp":
        return MEASURES["money_needed" if question.least_money else "sites_needed"]
    return MEASURES[_MEASURE_OF[question.method]]


def trace_curve(
    problem: SitingProblem,
    cutoff: float,
    question: SitingQuestion,
    found: Solved,
    *,
    report: SolveReport = ignore_solve,
    seconds_left: SecondsLeft = no_deadline,
) -> Curve:
    """Find the curve of an aim: a plan of its own model, and a bound, at each of a row of points.

    Parameters
    ----------
    problem, cutoff, question
        What was asked.
    found
        Its answer, which is a point of the curve.
    report
        Told the points done (as the incumbent) and all points (as the bound); False ends with those there are.
    seconds_left
        Seconds that are left, shared out among the points that are still open. Points without any are left out.

    Returns
    -------
    Numbers of sites from 0 to twice what was found, or money up to half as much again as was asked; for ``lscp``
    shares of the people from today's to that reached, for ``lscp-b`` numbers (or money) up to what it found. Points
    at which nobody is served have no time, and are left out.

    Notes
    -----
    Points that halve the rest come first, so that a curve cut short still spans the whole. A plan serves wherever
    more is given, a bound holds wherever less is: both are passed on, so that values never get worse. Time models
    serve people before they shorten ways, so for them plans are compared by whom they leave out first, and bounds
    are passed on among points that leave out as many.
    """
    measure = find_measure(question)
    axis, points, own = list_points(problem, cutoff, question, found)
    hearing = _Hearing(report, len(points))
    is_cut = False
    open_points = [row for row in spread(len(points)) if points[row].solved is None]
    for number, row in enumerate(open_points):
        left = seconds_left()
        if left <= 0 or not hearing.hear(SolveProgress("points", 0, 0)):
            is_cut = True
            break
        hearing.done = len(points) - len(open_points) + number
        part = _part_of(seconds_left, left, len(open_points) - number)
        asked = points[row].question
        try:
            points[row].solved = solve_siting(problem, cutoff, asked, report=hearing.hear, seconds_left=part)
        except SettingsError:  # so little money that quotas and required sites do not fit: no point there
            continue
    points = [point for point in points if point.solved is not None]
    for point in points:
        _weigh(problem, cutoff, question, measure, point)
    total = float(problem.weight.sum())
    if question.method in TIME_METHODS:  # where nobody is served there is no time to tell
        points = [point for point in points if point.missed < total * (1 - _SAME_PEOPLE)]
    mine = next((point for point in points if point.at == own), None)
    # From what gives least room to what gives most: a larger share to be reached leaves less.
    _pass_on(points[::-1] if axis == "target" else points, measure, question.method in TIME_METHODS, problem)
    hopeless = _count_hopeless(problem, cutoff, question)
    scale = np.ones(len(points))
    if question.method == "p-median":
        scale = np.array([max(total - point.missed, 1e-300) for point in points])
    value = np.array([point.value for point in points]) / scale
    bound = np.array([point.bound for point in points]) / scale
    met = np.array([not measure.is_better(*pair) for pair in zip(bound, value, strict=True)], np.bool_)
    served = np.array([point.is_certain or point.missed <= hopeless for point in points], np.bool_)
    return Curve(
        axis=axis,
        given=np.array([point.at for point in points]),
        measure=measure,
        value=value,
        bound=bound,
        is_proved=met & served,
        plans=tuple(point.solved for point in points if point.solved is not None),
        own=next((row for row, point in enumerate(points) if point is mine and point.solved is found), None),
        left_out=np.array([point.missed for point in points]) if question.method in TIME_METHODS else None,
        is_cut=is_cut,
    )


def list_points(
    problem: SitingProblem, cutoff: float, question: SitingQuestion, found: Solved
) -> tuple[Axis, list[_Point], float]:
    """List the points of a curve, ascending, that of the answer with it in; and where that stands."""
    if question.method == "lscp":
        return _list_targets(problem, cutoff, question, found)
    opened = len(found.answer.opened)
    if question.method == "lscp-b":
        own = compute_money(problem, found.answer) if question.least_money else float(opened)
        numbers = list_money(problem, own, 1.0) if question.least_money else list_numbers(problem, opened, opened)
    elif question.budget is not None:
        own, numbers = question.budget, list_money(problem, question.budget)
    else:
        own = float(opened if question.sites is None else min(opened, question.sites))
        numbers = list_numbers(problem, int(own), 2 * int(own))
    is_money = question.budget is not None or (question.method == "lscp-b" and question.least_money)
    if _find_least(problem) == 0 and 0.0 not in numbers:
        numbers = [0.0, *numbers]
    base = replace(question, method="bacop", least_money=False) if question.method == "lscp-b" else question
    points = [
        _Point(number, replace(base, budget=number) if is_money else replace(base, sites=int(number)))
        for number in numbers
    ]
    for point in points:
        if point.at == own:
            point.solved = found
    return "money" if is_money else "sites", points, own


def list_numbers(problem: SitingProblem, middle: int, most: int) -> list[float]:
    """List numbers of new sites up to `most`, `middle` among them, not more than there are candidates."""
    least = _find_least(problem)
    can = int(np.isin(problem.role, (SiteRole.CANDIDATE, SiteRole.REQUIRED)).sum())
    last = max(min(most, can), least, min(1, can))
    numbers = np.unique(np.linspace(max(least, 1), last, _MOST_POINTS).round().astype(int)).tolist()
    return [float(one) for one in sorted({*numbers, middle} if least <= middle <= last else set(numbers))]


def list_money(problem: SitingProblem, middle: float, most: float = 1.5) -> list[float]:
    """List sums of money up to `most` times `middle`, which is among them, from what required sites cost on."""
    low = float(problem.site_cost[problem.role == SiteRole.REQUIRED].sum())
    count = round(10 * most)
    return [one for one in sorted({middle * number / 10.0 for number in range(1, count + 1)} | {middle}) if one >= low]


def _find_least(problem: SitingProblem) -> int:
    """Return the least number of new sites that required ones and quotas make up."""
    required = int((problem.role == SiteRole.REQUIRED).sum())
    return max(required, sum(quota.at_least for quota in merge_quotas(problem)))


def _list_targets(
    problem: SitingProblem, cutoff: float, question: SitingQuestion, found: Solved
) -> tuple[Axis, list[_Point], float]:
    """List shares to be reached from today's to that of the answer, in round steps."""
    before = _find_share(problem, compute_covered(problem, cutoff, _NOBODY, _NOBODY), question)
    reached = _find_share(problem, compute_covered(problem, cutoff, found.answer.opened, _NOBODY), question)
    own = min(question.share or 1.0, reached) if found.answer.status == "infeasible" else question.share or 1.0
    inside: list[float] = []
    for width in _STEPS:
        steps = [round(width * number, 6) for number in range(1, round(1 / width))]
        inside = [step for step in steps if before + 1e-9 < step < own - 1e-9]
        if len(inside) <= _MOST_TARGETS:
            break
    # Nothing has to be built for what is reached today; where that is more than is asked, there is no curve.
    today = [before] if 0 < before < own - 1e-9 and not _find_least(problem) else []
    points = [_Point(step, replace(question, share=step)) for step in (*today, *inside)]
    return "target", [*points, _Point(own, replace(question, share=own), found)], own


def _find_share(problem: SitingProblem, is_covered: np.ndarray, question: SitingQuestion) -> float:
    """Find the covered share of all people, or that of the worst unit."""
    weight = np.asarray(problem.weight, np.float64)
    unit = np.asarray(problem.demand_unit, np.int64) if question.by_county else np.zeros(len(weight), np.int64)
    counts = (unit >= 0) & (weight > 0)
    if not counts.any():
        return 1.0
    total = np.bincount(unit[counts], weights=weight[counts])
    covered = np.bincount(unit[counts], weights=(weight * is_covered)[counts], minlength=len(total))
    return float((covered[total > 0] / total[total > 0]).min())


def spread(count: int) -> list[int]:
    """Return the numbers 0 … count − 1: the last, the first, then what halves the rest again and again."""
    if count <= 1:
        return list(range(count))
    order, spans = [count - 1, 0], [(0, count - 1)]
    while spans:
        first, last = spans.pop(0)
        middle = (first + last) // 2
        if middle > first:
            order.append(middle)
            spans += [(first, middle), (middle, last)]
    return order


def _part_of(seconds_left: SecondsLeft, left: float, count: int) -> Callable[[], float]:
    """Return a clock that gives one of `count` equal parts of the time that is left."""
    if not np.isfinite(left):
        return seconds_left
    end = left - left / count
    return lambda: seconds_left() - end


def _weigh(problem: SitingProblem, cutoff: float, question: SitingQuestion, measure: Measure, point: _Point) -> None:
    """Read value and bound of a point off its answer."""
    solved = point.solved
    if solved is None:
        return
    answer = solved.answer
    point.value, point.bound = answer.objective, answer.bound
    point.is_certain = answer.status in ("optimal", "infeasible")
    if question.method in TIME_METHODS:
        _, is_served = weigh_plan(problem, answer.opened.astype(np.int64))
        point.missed = float(problem.weight[~is_served].sum())
    elif measure.id == "worst_share":
        floor = question.share or 1.0
        worst = solved.worst if solved.worst is not None else 0.0
        point.value, point.second = worst * floor, answer.objective
        point.bound = floor * (worst if solved.worst_bound is None else solved.worst_bound)
    elif answer.method == "lscp-b":
        able = weigh_backup(problem, cutoff)
        point.value = float(able.weight[count_reached(problem, cutoff, answer.opened, answer.closed) >= 2].sum())
        point.bound = float(able.weight.sum())


def _pass_on(points: list[_Point], measure: Measure, is_time: bool, problem: SitingProblem) -> None:
    """Hand plans on to where there is more room, and bounds to where there is less."""
    same = _SAME_PEOPLE * max(float(problem.weight.sum()), 1e-300)
    for less, more in pairwise(points):
        fewer = less.missed - more.missed
        is_better = measure.is_better(less.value, more.value) or (
            not measure.is_better(more.value, less.value) and less.second > more.second * (1 + _SAME_PEOPLE)
        )
        if fewer < -same or (fewer <= same and is_better):
            more.solved, more.value, more.second = less.solved, less.value, less.second
            more.missed, more.is_certain = less.missed, False
    nearest = min if measure.is_gain else max
    for less, more in zip(points[-2::-1], points[:0:-1], strict=True):
        if not is_time or abs(less.missed - more.missed) <= same:
            less.bound = nearest(less.bound, more.bound)
    for point in points:
        point.bound = max(point.bound, point.value) if measure.is_gain else min(point.bound, point.value)


def _count_hopeless(problem: SitingProblem, cutoff: float, question: SitingQuestion) -> float:
    """Return the people no site of a time model can serve, whatever is opened, and a little more for rounding."""
    if question.method not in TIME_METHODS:
        return np.inf
    everything = np.flatnonzero(np.isin(problem.role, (SiteRole.CANDIDATE, SiteRole.REQUIRED)))
    _, is_served = weigh_plan(problem, everything)
    return float(problem.weight[~is_served].sum()) + _SAME_PEOPLE * float(problem.weight.sum())
