"""One assessment from question to answer: every part that the files and a report need, computed at once."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from coverage.answer.answer import Answer, ask
from coverage.answer.lazy import Memo
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.progress import Progress, ignore_progress

_PARTS: tuple[str, ...] = (
    *("assessment", "range", "indicators", "services", "established", "gaps", "seasons", "referrals", "targets"),
    *("loads", "far_from_roads"),
)


def answer_question(
    study: Study,
    question: Question,
    *,
    also: Collection[str] = (),
    each_station: bool = False,
    memo: Memo | None = None,
    progress: Progress = ignore_progress,
) -> Answer:
    """Compute everything that follows from a question.

    Parameters
    ----------
    study, question
        A study with roads, and what is asked.
    also
        Items that are in scope besides the study's own, see `coverage.inputs.scope.find_scope`.
    each_station
        Also draw the service areas of every station by itself, which takes a search for each.
    memo
        Where parts are kept; None keeps them with the answer.
    progress
        Told the share of each step done.

    Raises
    ------
    InputError, SettingsError
        If the question names an id, a season or a threshold the study does not know.
    NetworkError
        If the study has no roads.
    """
    answer = ask(study, question, memo, also=tuple(also))
    answer.get("basis", progress)
    answer.get("open")
    # The areas depend on nothing else, and another core is free for them.
    with ThreadPoolExecutor(max_workers=1) as beside:
        areas = beside.submit(answer.get, "areas")
        for name in _PARTS:
            answer.get(name, progress)
        areas.result()
    if each_station:
        answer.get("station_areas", progress)
    return answer
