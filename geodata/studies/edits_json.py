"""Edits of a scenario as JSON: strict, versioned, and safe to read from anywhere."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from coverage.errors import InputError, make_fault
from coverage.network.closures import Closure
from coverage.scenario.edits import (
    AddMobileStop,
    AddStation,
    ChangeStation,
    CloseRoads,
    CloseStation,
    Edit,
    MoveStation,
    ReopenStation,
    SetThreshold,
    SlowRoads,
)
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file

FORMAT = 1
MAX_EDITS = 10_000
MAX_JSON_MB = 20.0
_MAX_TEXT = 500
_MAX_LIST = 500
_MAX_PLACES = 20_000

_TYPES: dict[str, type[Edit]] = {
    "add_station": AddStation,
    "add_mobile_stop": AddMobileStop,
    "move_station": MoveStation,
    "close_station": CloseStation,
    "reopen_station": ReopenStation,
    "change_station": ChangeStation,
    "close_roads": CloseRoads,
    "slow_roads": SlowRoads,
    "set_threshold": SetThreshold,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}
_NUMBERS = frozenset({"lon", "lat", "capacity", "cost", "factor", "minutes"})
_PLACES = frozenset({"closure", "place"})


def write_edits(edits: tuple[Edit, ...]) -> str:
    """Write edits as JSON; equal edits give equal texts."""
    content = {"format": FORMAT, "edits": [to_plain(edit) for edit in edits]}
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def to_plain(edit: Edit) -> dict[str, Any]:
    """Return an edit as what JSON knows; properties that say nothing are left out."""
    plain: dict[str, Any] = {"type": _NAMES[type(edit)]}
    for each in fields(edit):
        value = getattr(edit, each.name)
        if isinstance(value, Closure):
            plain[each.name] = {"name": value.name, "coordinates": [list(place) for place in value.coordinates]}
        elif value is not None and (each.default is MISSING or value != each.default):
            plain[each.name] = list(value) if isinstance(value, tuple) else value
    return plain


@reads_file
def read_edits(path: Path) -> tuple[Edit, ...]:
    """Read the edits of a JSON file, see `parse_edits`.

    Raises
    ------
    MissingInputError, InputError
        If the file is missing or larger than 20 MB, or as `parse_edits` does.
    """
    found = check_input_file(path, max_mb=MAX_JSON_MB)
    return parse_edits(found.read_bytes(), source=found.name)


def parse_edits(content: bytes | str, *, source: str = "edits") -> tuple[Edit, ...]:
    """Parse edits from JSON.

    Parameters
    ----------
    content
        ``{"format": 1, "edits": [{"type": "close_station", "station_id": "s1"}, …]}``
    source
        What it is called in errors.

    Raises
    ------
    InputError
        ``file.not_json``; ``edits.format_unknown`` for another version; ``edits.invalid`` with all faults: unknown
        types and properties, properties that are missing, twice there, or of the wrong type.

    Notes
    -----
    Whether a study takes them is asked by `coverage.scenario.edit_checks.check_edits`.
    """
    plain = load_json(content, source)
    if not isinstance(plain, dict) or type(plain.get("format")) is not int or plain["format"] != FORMAT:
        found = plain.get("format") if isinstance(plain, dict) else None
        raise InputError("edits.format_unknown", file=source, value=str(found)[:50], known=FORMAT)
    entries = plain.get("edits")
    faults = [make_fault("entry.unknown_key", key) for key in plain if key not in ("format", "edits")]
    if not isinstance(entries, list) or len(entries) > MAX_EDITS:
        fault = make_fault("entry.not_a_list", "edits", low=0, high=MAX_EDITS)
        raise InputError("edits.invalid", faults=[fault], file=source)
    edits: list[Edit] = []
    for number, entry in enumerate(entries, start=1):
        try:
            edits.append(from_plain(entry))
        except InputError as error:
            faults += [fault.with_facts(edit=number) for fault in error.faults]
    if faults:
        raise InputError("edits.invalid", faults=faults, file=source)
    return tuple(edits)


def load_json(content: bytes | str, source: str) -> Any:
    """Load JSON without what Python tolerates: repeated keys, NaN, half characters, numbers and nesting without end.

    Raises
    ------
    InputError
        ``file.not_json``.
    """
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        plain = json.loads(text, object_pairs_hook=_refuse_twice, parse_constant=_refuse_constant)
        json.dumps(plain, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InputError("file.not_json", file=source, reason=str(error)[:200]) from error
    return plain


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def from_plain(entry: object) -> Edit:
    """Return the edit that plain JSON content describes.

    Raises
    ------
    InputError
        ``edits.invalid`` with all faults of it.
    """
    kind = _TYPES.get(entry["type"]) if isinstance(entry, dict) and isinstance(entry.get("type"), str) else None
    if not isinstance(entry, dict) or kind is None:
        given = entry.get("type", "") if isinstance(entry, dict) else entry
        fault = make_fault("entry.unknown_choice", "type", given, known=tuple(_TYPES))
        raise InputError("edits.invalid", faults=[fault], file="edits")
    known = {each.name: each for each in fields(kind)}
    faults = [make_fault("entry.unknown_key", key) for key in entry if key != "type" and key not in known]
    values: dict[str, Any] = {}
    for name, each in known.items():
        if name not in entry:
            if each.default is MISSING:
                faults.append(make_fault("entry.missing", name))
            continue
        try:
            values[name] = _find_reader(name)(entry[name])
        except (ValueError, OverflowError):
            faults.append(make_fault("entry.wrong", name, entry[name]))
    if faults:
        raise InputError("edits.invalid", faults=faults, file="edits")
    edit: Edit = kind(**values)
    return edit


def _find_reader(name: str) -> Callable[[Any], Any]:
    if name in _NUMBERS:
        return _read_number
    if name in _PLACES:
        return _read_place
    return _read_texts if name == "services" else _read_text


def _read_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _read_text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT or "\0" in value:
        raise ValueError(value)
    return value


def _read_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MAX_LIST:
        raise ValueError(value)
    return tuple(_read_text(one) for one in value)


def _read_place(value: Any) -> Closure:
    if not isinstance(value, dict) or not {"coordinates"} <= set(value) <= {"name", "coordinates"}:
        raise ValueError(value)
    places = value["coordinates"]
    if not isinstance(places, list) or len(places) > _MAX_PLACES:
        raise ValueError(value)
    if not all(isinstance(place, list) and len(place) == 2 for place in places):
        raise ValueError(value)
    # Its own check is an `InputError`, a `ValueError` too.
    return Closure(_read_text(value.get("name", "")), tuple((_read_number(x), _read_number(y)) for x, y in places))
