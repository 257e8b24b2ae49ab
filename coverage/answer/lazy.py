"""How an answer is kept in parts: what each is built from, which fields of the question it follows, and its key.

A part is kept under the study and exactly the fields it follows, so questions that differ in other fields share it, and
so do a command, a report and a screen that hold the same memo.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from coverage.inputs.question import Question, find_own_level, find_question_cutoffs
from coverage.inputs.stations import select_stations
from coverage.inputs.study import Study
from coverage.network.model import BoolArray
from coverage.progress import Progress, ignore_progress
from coverage.scenario.apply_edits import apply_edits
from coverage.scenario.edits import ROAD_EDITS, Edit, find_threshold

_T = TypeVar("_T")


class Memo(Protocol):
    """Where parts are kept, by kind and key."""

    def fetch(self, kind: str, key: Hashable, build: Callable[[], _T]) -> _T:
        """Return what is kept, or build and keep it."""

    def has(self, kind: str, key: Hashable) -> bool:
        """Tell whether something is kept."""


class PlainMemo:
    """Keeps everything as long as it lives: for one command."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Hashable], Any] = {}

    def fetch(self, kind: str, key: Hashable, build: Callable[[], _T]) -> _T:
        """Return what is kept, or build and keep it; nothing is kept if `build` fails."""
        if (kind, key) not in self._kept:
            self._kept[kind, key] = build()
        return self._kept[kind, key]  # type: ignore[no-any-return]  # what `build` of this kind returned

    def has(self, kind: str, key: Hashable) -> bool:
        """Tell whether something is kept."""
        return (kind, key) in self._kept


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of an answer.

    Parameters
    ----------
    build
        Computes it from an answer.
    needs
        Names of the parts it is built from.
    follows
        Fields of the question that it reads itself, names of `FIELDS`.
    whatever
        Fields that it is the same for by its nature: the seasons side by side whatever season is asked about.
    not_for
        Fields that it does not hold for once they are asked about: it is `blank` then, and `LazyAnswer.why_left_out`
        says so.
    blank
        What stands in its place then.
    """

    build: Callable[[Any, Progress], Any]
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    whatever: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    blank: Callable[[], Any] = lambda: None


class LazyAnswer:
    """An answer whose parts are computed when they are asked for.

    Parameters
    ----------
    study, question
        The study and what is asked.
    memo
        Where parts are kept.
    also
        Items in scope besides the study's own, see `coverage.inputs.scope.find_scope`.
    before, edits
        Of an answer after edits: the answer before, and the edits.
    """

    parts: ClassVar[Mapping[str, Part]]

    def __init__(
        self,
        study: Study,
        question: Question,
        memo: Memo,
        *,
        also: tuple[str, ...] = (),
        before: Self | None = None,
        edits: tuple[Edit, ...] = (),
    ) -> None:
        self.study = study
        self.question = question
        self.memo = memo
        self.also = also
        self.before = before
        self.edits = edits

    def get(self, name: str, progress: Progress = ignore_progress) -> Any:
        """Return a part, computed if need be; what is blank where it does not hold for this question.

        Parameters
        ----------
        name
            Name of the part.
        progress
            Told the share done.
        """
        if self.before is not None and self.before.study.fingerprint == self.study.fingerprint:
            return self.before.get(name, progress)  # edits that come to nothing
        part = self.parts[name]
        if self.why_left_out(name):
            return part.blank()
        return self.memo.fetch(name, self.key(name), lambda: part.build(self, progress))

    def has(self, name: str) -> bool:
        """Tell whether a part is there already."""
        return self.memo.has(name, self.key(name))

    def key(self, name: str) -> Hashable:
        """Return what a part is kept under: the study, and the fields of the question it follows."""
        return (self.study.fingerprint, *(READ_FIELD[each](self) for each in list_fields(self.parts, name)))

    def why_left_out(self, name: str) -> str:
        """Name the field of the question that a part does not hold for; "" if it holds."""
        return next((each for each in self.parts[name].not_for if IS_ASKED[each](self)), "")

    def turn(self, **changes: Any) -> Self:
        """Return the answer to the question with other fields, from the same study and memo."""
        if self.before is not None:
            return self.before.turn(**changes).after(self.edits)
        return type(self)(self.study, replace(self.question, **changes), self.memo, also=self.also)

    def after(self, edits: tuple[Edit, ...]) -> Self:
        """Return the answer after edits; it shares the times of this one.

        Raises
        ------
        InputError
            ``edits.refused`` if the study does not take them.
        """
        after = self.memo.fetch("edited", (self.study.fingerprint, edits), lambda: _edit(self.study, edits))
        asked = ask_after(self.question, edits)
        return type(self)(after, asked, self.memo, also=self.also, before=self, edits=edits)

    @property
    def on_changed_roads(self) -> Self:
        """The answer without the edits of stations: on the roads as the edits leave them."""
        if self.before is None:
            return self
        of_roads = tuple(edit for edit in self.edits if isinstance(edit, ROAD_EDITS))
        if not of_roads:
            return self.before
        return self if of_roads == self.edits else self.before.after(of_roads)

    @cached_property
    def chosen(self) -> BoolArray:
        """Mask of the stations that count, whatever their hours, shape (s,)."""
        return select_stations(self.study.stations, self.study.catalogue, self.question.choice)

    @cached_property
    def cutoffs_min(self) -> npt.NDArray[np.float32]:
        """Threshold of every demand point, shape (p,) [min]."""
        return find_question_cutoffs(self.study, self.question)

    @property
    def limit_min(self) -> float:
        """The largest threshold of all [min]."""
        thresholds = self.question.thresholds
        return thresholds.largest_cutoff_min if thresholds else self.question.cutoff_min

    @property
    def season(self) -> str:
        """The season that is asked about."""
        return self.question.season or self.study.settings.season

    @cached_property
    def own_level(self) -> str:
        """Level of the units within which residents stay, "" where they may go anywhere."""
        return find_own_level(self.study, self.question)


def _edit(study: Study, edits: tuple[Edit, ...]) -> Study:
    """Apply edits to a study, and to the same study in another mode once that is opened."""
    after, open_mode = apply_edits(study, edits), study.open_mode
    if open_mode is None:
        return after
    return replace(after, open_mode=lambda mode: apply_edits(open_mode(mode), edits))


def ask_after(question: Question, edits: tuple[Edit, ...]) -> Question:
    """Return the question as edits leave it: one of the threshold stands for all others."""
    minutes = find_threshold(edits)
    return question if minutes is None else replace(question, cutoff_min=minutes, thresholds=None)


# What stands for a field in a key. Two fields are read in a finer way too: the stations that a choice comes to, and how
# far is searched for all thresholds of a table.
READ_FIELD: Mapping[str, Callable[[LazyAnswer], Hashable]] = {
    "stations": lambda answer: answer.question.choice,
    "chosen": lambda answer: answer.chosen.tobytes(),
    "thresholds": lambda answer: (answer.question.cutoff_min, answer.question.thresholds),
    "limit": lambda answer: answer.limit_min,
    "season": lambda answer: answer.season,
    "direction": lambda answer: answer.question.direction or answer.study.settings.direction,
    "moment": lambda answer: answer.question.moment_min,
    "own": lambda answer: answer.own_level,
    "closures": lambda answer: answer.question.closures,
    "items": lambda answer: (answer.question.services, answer.also),
}
# Whether a field is not at its default, for the fields that some part does not hold for.
IS_ASKED: Mapping[str, Callable[[LazyAnswer], bool]] = {
    "moment": lambda answer: answer.question.moment_min is not None,
}


def list_fields(parts: Mapping[str, Part], name: str) -> tuple[str, ...]:
    """List the fields of the question that a part follows: its own, and those of the parts it is built from."""
    found = set(parts[name].follows)
    for need in parts[name].needs:
        found.update(list_fields(parts, need))
    return tuple(each for each in READ_FIELD if each in found)
