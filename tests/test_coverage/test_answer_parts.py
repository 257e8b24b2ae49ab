"""Every part of an answer follows what it says: each field of a question, on a world worked out on paper."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pytest
from tiny_world import write_tiny_world

from coverage.answer.answer import Answer, ask
from coverage.answer.lazy import PlainMemo, list_fields
from coverage.answer.parts import FIELDS, PARTS
from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.closures import Closure
from coverage.scenario.edits import AddStation, CloseRoads, CloseStation, Edit
from coverage.travel.travel_basis import TravelBasis
from geodata.studies.open_study import open_study

_T = TypeVar("_T")
_CLOSED = Closure("A-B", ((87.2, 44.0),))
# Each field at something that is not its default.
ASKED: dict[str, dict[str, Any]] = {
    "stations": {"choice": StationChoice(service="legal_consultation", level="village")},
    "thresholds": {"cutoff_min": 20.0},
    "season": {"season": "winter"},
    "direction": {"direction": "from"},
    "moment": {"moment_min": 2 * 1440 + 570},
    "own": {"own_jurisdiction": True},
    "closures": {"closures": (_CLOSED,)},
    "items": {"services": ("legal_consultation",)},
}
# Of a finer reading of a field, the field.
_OF = {"chosen": "stations", "limit": "thresholds"}
# Roads in some season, and people by some threshold, that another is made from: whichever was asked about first.
_DRAFTS = {"joined", "first"}
# What only an answer after edits has.
_AFTER = {"comparison", "comparisons"}
_EDITS: tuple[Edit, ...] = (AddStation("new", 87.0, 44.0, "legal_station"), CloseRoads(Closure("B-C", ((87.5, 44.0),))))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Open the world, with a mix of modes, a target and capacities that can be compared."""
    path = write_tiny_world(tmp_path_factory.mktemp("parts") / "tiny")
    more = '\n[capacity]\nunit = "cases_a_year"\nvisits_a_year = 1\n[mode_mix]\nother = "walk"\nurban = 0.4\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coverage.answer.people_parts._AREA_CELLS", 400)
        yield open_study(path)


def test_every_field_is_spoken_of() -> None:
    """A part follows a field, is the same whatever it is, or is left out when it is asked about: there is no fourth."""
    assert set(ASKED) == set(FIELDS)
    for name, part in PARTS.items():
        followed = {_OF.get(each, each) for each in list_fields(PARTS, name)}
        spoken = followed | set(part.whatever) | set(part.not_for)
        assert set(FIELDS) <= spoken, f"{name}: {sorted(set(FIELDS) - spoken)}"
        if name != "weekly_hours":
            assert not (set(part.whatever) & set(part.not_for)), name


def _read_all(answer: Answer) -> dict[str, object]:
    return {name: answer.get(name) for name in PARTS if answer.before is not None or name not in _AFTER}


@pytest.fixture(scope="module")
def usual(tiny: Study) -> tuple[PlainMemo, dict[str, object]]:
    """Return what is kept once the usual question was asked, and its parts."""
    memo = PlainMemo()
    return memo, _read_all(ask(tiny, Question(), memo))


@pytest.mark.parametrize("field", FIELDS)
def test_nothing_is_kept_for_another_question(
    tiny: Study, usual: tuple[PlainMemo, dict[str, object]], field: str
) -> None:
    """What is kept for one question is never given to another, and what a part does not follow does not change it."""
    memo, before = usual
    asked = Question(**ASKED[field])
    shared, fresh = _read_all(ask(tiny, asked, memo)), _read_all(ask(tiny, asked))
    for name in fresh.keys() - _DRAFTS:
        assert _is_same(shared[name], fresh[name]), name
        if field in PARTS[name].whatever and field not in {_OF.get(each, each) for each in list_fields(PARTS, name)}:
            assert _is_same(before[name], fresh[name]), name


@pytest.mark.slow
@pytest.mark.parametrize("pair", list(itertools.combinations(FIELDS, 2)), ids="-".join)
def test_no_two_fields_contradict_each_other(tiny: Study, pair: tuple[str, str]) -> None:
    """Asked together, two fields give what a new answer gives, whatever was asked before; after edits too."""
    memo = PlainMemo()
    both = Question(**ASKED[pair[0]], **ASKED[pair[1]])
    for asked in (Question(), *(Question(**ASKED[field]) for field in pair)):
        _read_all(ask(tiny, asked, memo).after(_EDITS))
    for edits in ((), _EDITS):
        shared, fresh = (
            _read_all(one.after(edits) if edits else one) for one in (ask(tiny, both, memo), ask(tiny, both))
        )
        for name in fresh.keys() - _DRAFTS:
            assert _is_same(shared[name], fresh[name]), (name, edits)


def test_a_part_is_built_from_what_it_names(tiny: Study) -> None:
    """While a part is built nothing is asked for that is not among its needs, and theirs."""

    class Watched(PlainMemo):
        """Keeps which part was being built when another was asked for."""

        def __init__(self) -> None:
            super().__init__()
            self.building: list[str] = []
            self.found: set[tuple[str, str]] = set()

        def fetch(self, kind: str, key: Hashable, build: Callable[[], _T]) -> _T:
            self.found |= {(above, kind) for above in self.building if kind in PARTS}

            def watched() -> _T:
                self.building.append(kind)
                try:
                    return build()
                finally:
                    self.building.pop()

            return super().fetch(kind, key, watched)

    def gather(name: str) -> set[str]:
        return {name, *(each for need in PARTS[name].needs for each in gather(need))}

    for edits in ((), _EDITS):
        memo = Watched()
        answer = ask(tiny, Question(), memo)
        _read_all(answer.after(edits) if edits else answer)
        for name in PARTS:
            unnamed = {need for above, need in memo.found if above == name} - gather(name)
            assert not unnamed, (name, unnamed)


def test_what_does_not_hold_is_left_out_with_the_reason(tiny: Study) -> None:
    """At a moment loads, targets and planned stations are blank, and the answer says which field is to blame."""
    answer = ask(tiny, Question(moment_min=600))
    for name in ("loads", "targets"):
        assert answer.why_left_out(name) == "moment"
        assert len(answer.get(name)) == 0
        assert not ask(tiny, Question()).why_left_out(name)
    assert len(ask(tiny, Question()).loads) > 0
    assert answer.get("planned") is None


def test_edits_that_come_to_nothing_leave_the_answer(tiny: Study) -> None:
    """A station that is added and taken away again: every part is the one that is there already."""
    before = ask(tiny, Question())
    after = before.after((AddStation("new", 87.0, 44.0, "legal_station"), CloseStation("new")))
    assert after.assessment.totals == before.assessment.totals
    assert after.comparison.newly_covered == 0.0


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, pd.DataFrame | pd.Series):
        return bool(one.equals(other))
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, TravelBasis):
        return _is_same(one.timed.edge_s, other.timed.edge_s) and _is_same(one.demand, other.demand)
    if isinstance(one, Study):
        return bool(one.fingerprint == other.fingerprint)
    if dataclasses.is_dataclass(one):
        fields = [each.name for each in dataclasses.fields(one)]
        return type(one) is type(other) and all(_is_same(getattr(one, f), getattr(other, f)) for f in fields)
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(_is_same(*each) for each in zip(one, other, strict=True))
    if isinstance(one, float):
        return bool(one == other or (np.isnan(one) and np.isnan(other)))
    # What has no value of its own, such as a tree of boxes, is not compared.
    return type(one) is type(other) and (type(one).__eq__ is object.__eq__ or bool(one == other))
