"""How far a proposal is, in words: the best so far, what none can beat, and how far apart the two are."""

from __future__ import annotations

import numpy as np

from coverage.siting.model.solver_progress import SolveProgress
from coverage.siting.plan.solve import SitingQuestion
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui.siting import siting_words

_LONGEST_MIN = 1440.0  # a mean beyond a day holds the penalty for people who are left out: it is no time


def say_seen(seen: SolveProgress, asked: SitingQuestion, step: str, people: float, tr: Translator) -> str:
    """Say the best answer so far, what no plan can beat, and the gap between them, while a model is solved.

    Parameters
    ----------
    seen
        What the solver told last.
    asked, step
        The objective, and whether the objective itself is solved or the curve.
    people
        People of the study, by whom a mean time is counted.
    tr
        The words.

    Returns
    -------
    "" as long as there is no answer.
    """
    best, bound = seen.incumbent, seen.bound
    if not np.isfinite(best):
        return ""
    if seen.step == "points":
        return tr("siting.seen.points", done=number_format.number(best), count=number_format.number(bound))
    told = "people" if step == "siting_curve" else _find_unit(asked, max(abs(best), abs(bound)))
    if told == "mean":
        best, bound = best / max(people, 1.0), bound / max(people, 1.0)
        if best > _LONGEST_MIN:
            return ""
    if not np.isfinite(bound):
        return tr(f"siting.seen.{told}_only", best=_say(best, told, tr))
    gap = number_format.percent(min(seen.gap, 1.0), 1)
    return tr(f"siting.seen.{told}", best=_say(best, told, tr), bound=_say(bound, told, tr), gap=gap)


def _find_unit(asked: SitingQuestion, largest: float) -> str:
    """Find what the solver's numbers are: people, minutes, sites, money, or a share."""
    if asked.method == "p-median":
        return "mean"
    if asked.method == "p-center":
        return "longest"
    if asked.method in ("lscp", "lscp-b"):
        return "money" if asked.least_money else "sites"
    # The worst-served county comes first, and its share of the floor is at most 1; then the people in all.
    return "share" if asked.method == "fair" and largest <= 1.0 + 1e-9 else "people"


def _say(value: float, told: str, tr: Translator) -> str:
    if told in ("mean", "longest"):
        return number_format.minutes(value, tr.language, 1)
    if told == "money":
        return siting_words.say_money(value, tr)
    if told == "share":
        return number_format.percent(value)
    return number_format.people(value) if told == "people" else number_format.number(value)
