"""Parts of an answer after edits: what they change, for the question and for every item and level of stations."""

from __future__ import annotations

from dataclasses import replace

from coverage.answer.lazy import LazyAnswer
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.progress import Progress, report_progress
from coverage.scenario.compare import Comparison, compare


def compare_headline(answer: LazyAnswer, progress: Progress) -> Comparison:
    """Compare the answer after edits with the one before; None before any."""
    before = answer.before or answer
    return compare(before.get("assessment", progress), answer.get("assessment", progress))


def compare_all(answer: LazyAnswer, progress: Progress) -> Comparison:
    """Compare every service item and level of stations as well; see `compare_pair`."""
    return compare_pair(answer.before or answer, answer, progress)


def compare_pair(first: LazyAnswer, second: LazyAnswer, progress: Progress) -> Comparison:
    """Compare two answers about one study, before and after edits or after two lists of them, item by item.

    Parameters
    ----------
    first, second
        The answers.
    progress
        Told the share done.
    """
    # Prepared first, so that the times before the edits are read from them.
    second.on_changed_roads.get("scenario_times", progress)
    pairs = {}
    asked = list_compared(first, second)
    for number, (key, choice) in enumerate(asked.items()):
        report_progress(progress, number / len(asked), "whatif")
        pairs[key] = tuple(each.turn(choice=choice).get("assessment") for each in (first, second))
    own = (first.get("assessment"), second.get("assessment"))
    return compare(*own, services=pairs)


def list_compared(first: LazyAnswer, second: LazyAnswer) -> dict[tuple[str, str], StationChoice]:
    """List each service item and each level of stations that two answers are compared for, and its choice.

    The items are those in scope of one of them, also where nobody offers them.
    """
    choice = first.question.choice
    before = first.get("scope").items
    services = first.question.services or second.turn(services=before).get("scope").items
    compared = {("service", one): replace(choice, family="", level="", service=one) for one in services}
    return compared | {("level", one): replace(choice, level=one) for one in _list_levels(first.study, second.study)
                       if choice.level in ("", one)}  # fmt: skip


def _list_levels(first: Study, second: Study) -> list[str]:
    used = {*first.stations["level"], *second.stations["level"]}
    return [level.id for level in first.catalogue.levels if level.id in used]
