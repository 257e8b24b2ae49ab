"""The log of a scenario: what was done to it in order, and what of it holds in the end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from coverage.errors import InputError
from coverage.scenario.edits import Edit
from geodata.studies.edits_json import MAX_EDITS, from_plain, load_json, to_plain

ChangeKind = Literal["edit", "order", "data", "undo", "redo", "rename", "note", "status", "imported"]
CHANGE_KINDS: tuple[ChangeKind, ...] = ("edit", "order", "data", "undo", "redo", "rename", "note", "status", "imported")
# Those that decide which edits hold.
HISTORY_KINDS: tuple[ChangeKind, ...] = ("edit", "order", "data", "undo", "redo")
# Those that name edits by where they stand.
ORDER_KINDS: tuple[ChangeKind, ...] = ("order", "data")
SCENARIO_STATUSES: tuple[str, ...] = ("draft", "locked", "approved")
LONGEST_NAME = 200
LONGEST_NOTE = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """One thing done to a scenario.

    Parameters
    ----------
    kind
        ``edit`` with an edit; ``order`` with an order of the edits; ``data`` with those that go on with the present
        data of the study; ``undo`` or ``redo`` of the last one of these; ``rename``, ``note`` or ``status`` with
        a text; ``imported`` with the file that everything before it was read from.
    edit
        The edit, None for the other kinds.
    text
        The new name, note or status, or the file.
    order
        Position in the old order of each edit of the new one; of ``data``, of each edit that stays, ascending.
    """

    kind: ChangeKind
    edit: Edit | None = None
    text: str = ""
    order: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as it stands in the log: its number from 1 on, who made it and when."""

    number: int
    change: Change
    author: str
    made_at: str


@dataclass(frozen=True, slots=True)
class History:
    """What holds after a log.

    Parameters
    ----------
    done
        The edits that hold, in their order.
    past
        Changes that were made, the first one first: edits, orders they were put into, and turns to other data.
    future
        Changes that were undone, the last undone first.
    """

    done: tuple[Edit, ...] = ()
    past: tuple[Change, ...] = ()
    future: tuple[Change, ...] = ()

    @property
    def undone(self) -> tuple[Edit, ...]:
        """Return the edits that were undone, the last undone first."""
        return tuple(change.edit for change in self.future if change.edit is not None)


def fold_changes(changes: Sequence[Change], *, name: str, start: History | None = None) -> History:
    """Follow a log to what holds at its end.

    Parameters
    ----------
    changes
        In order; an edit, a new order or other data after an undo take away what could be redone.
    name
        Name of the scenario, for errors.
    start
        What held before.

    Raises
    ------
    InputError
        ``store.nothing_to_undo``, ``store.nothing_to_redo``; ``store.change_invalid`` for an order of other edits.
    """
    begin = start or History()
    past, future = list(begin.past), list(begin.future)[::-1]
    for change in changes:
        if change.kind in ("edit", "order", "data"):
            past.append(change)
            future.clear()
        elif change.kind == "undo":
            if not past:
                raise InputError("store.nothing_to_undo", name=name)
            future.append(past.pop())
        elif change.kind == "redo":
            if not future:
                raise InputError("store.nothing_to_redo", name=name)
            past.append(future.pop())
    return History(_replay(past), tuple(past), tuple(future[::-1]))


def _replay(past: Sequence[Change]) -> tuple[Edit, ...]:
    """Return the edits that hold after changes, in the order they were put into."""
    done: list[Edit] = []
    for change in past:
        if change.edit is not None:
            done.append(change.edit)
        elif _is_order_of(change, len(done)):
            done = [done[position] for position in change.order]
        else:
            raise InputError("store.change_invalid", value=str(list(change.order))[:50])
    return tuple(done)


def _is_order_of(change: Change, count: int) -> bool:
    """Tell whether an order names each of so many edits once; of other data some may be left out, none moved."""
    if change.kind == "order":
        return sorted(change.order) == list(range(count))
    # No position twice, and none that is not there.
    return list(change.order) == sorted(set(change.order) & set(range(count)))


def check_change(change: Change) -> None:
    """Refuse a change that says nothing: a text that is too long, an edit without one.

    Raises
    ------
    InputError
        ``store.name_invalid``, ``store.change_invalid``.
    """
    if change.kind not in CHANGE_KINDS or (change.kind == "edit") != (change.edit is not None):
        raise InputError("store.change_invalid", value=str(change.kind)[:50])
    if (change.kind == "order" and not change.order) or (change.order and change.kind not in ORDER_KINDS):
        raise InputError("store.change_invalid", value=str(change.kind)[:50])
    if change.kind in ("rename", "imported"):
        check_name(change.text)
    elif change.kind == "note":
        check_text(change.text, LONGEST_NOTE)
    elif change.kind == "status" and change.text not in SCENARIO_STATUSES:
        raise InputError("store.change_invalid", value=change.text[:50])


def check_name(name: str) -> None:
    """Refuse a name that is empty or longer than 200 characters with ``store.name_invalid``."""
    if not name.strip():
        raise InputError("store.name_invalid", length=0, longest=LONGEST_NAME)
    check_text(name, LONGEST_NAME)


def check_text(value: str, longest: int) -> None:
    """Refuse a text that is too long or cannot be stored with ``store.name_invalid``."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError("store.name_invalid", length=len(value), longest=longest) from error
    if len(value) > longest or "\0" in value:
        raise InputError("store.name_invalid", length=len(value), longest=longest)


def write_value(change: Change) -> str:
    """Write what a change holds as the text that is stored; equal changes give equal texts."""
    if change.edit is not None:
        return json.dumps(to_plain(change.edit), ensure_ascii=False, allow_nan=False)
    if change.kind in ORDER_KINDS:
        return json.dumps(list(change.order))
    return change.text


def read_change(kind: str, value: str) -> Change:
    """Read a change from its kind and the text that is stored.

    Raises
    ------
    InputError
        ``store.change_invalid``, ``store.name_invalid``, or as `geodata.studies.edits_json.from_plain` does.
    """
    if kind not in CHANGE_KINDS:
        raise InputError("store.change_invalid", value=kind[:50])
    if kind == "edit":
        change = Change(kind, from_plain(load_json(value, "entry")))
    elif kind in ORDER_KINDS:
        change = Change(kind, order=_read_order(value))
    else:
        change = Change(kind, text=value)
    check_change(change)
    return change


def _read_order(value: str) -> tuple[int, ...]:
    plain = load_json(value, "entry")
    if not isinstance(plain, list) or len(plain) > MAX_EDITS or not all(type(one) is int for one in plain):
        raise InputError("store.change_invalid", value=value[:50])
    return tuple(plain)
