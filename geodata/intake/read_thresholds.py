"""Reads threshold tables: presets that come along, and TOML files of a planner's own."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

from coverage.errors import DataIssue, InputError, make_fault
from coverage.inputs.bilingual_names import Name
from coverage.inputs.study import Catalogue
from coverage.inputs.thresholds import (
    ANY,
    DEFAULT_LEAST_HOURS,
    MAX_HOURS_WEEK,
    RULE_FIELDS,
    ThresholdRule,
    ThresholdTable,
    find_rule_faults,
)
from geodata.files.folders import SHIPPED
from geodata.files.read_toml import read_toml
from geodata.files.reading_border import reads_file

DEFAULT_PRESET = "half_hour"

_PRESETS = SHIPPED / "thresholds.toml"
_ID = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")
_HEAD = ("id", "zh", "en", "source", "least_hours_week")
_NUMBERS = ("minutes", "distance_km", "speed_kph")
_LONGEST_TEXT = 300
_MAX_RULES = 2000


@cache
def read_presets() -> tuple[ThresholdTable, ...]:
    """Read the presets that come along, in the order in which they are offered."""
    content = read_toml(_PRESETS)
    faults: list[DataIssue] = []
    tables = [_parse(entry, entry.get("rule"), faults) for entry in content.get("preset", [])]
    if faults:
        raise InputError("thresholds.invalid", faults=faults, file=_PRESETS.name)
    return tuple(table for table in tables if table is not None)


@reads_file
def read_thresholds(wanted: str | Path, catalogue: Catalogue | None = None) -> ThresholdTable:
    """Read a table of thresholds by the id of a preset or from a file.

    Parameters
    ----------
    wanted
        The id of a preset, else the path of a TOML file with ``id, zh, en, source``, ``least_hours_week`` (10 if
        not given) and ``[[rule]]`` entries; each rule has ``minutes`` (or ``distance_km`` and ``speed_kph``) and any of
        ``service, level, zone, mode, season``.
    catalogue
        If given, services and levels that rules name must be in it.

    Raises
    ------
    MissingInputError, InputError
        ``file.…`` if there is no usable file (``thresholds.unknown_preset`` if it looks like an id),
        ``file.not_toml`` with the line, or ``thresholds.invalid`` once with ALL faults.
    """
    by_id = {table.id: table for table in read_presets()}
    text = str(wanted)
    faults: list[DataIssue] = []
    if text in by_id:
        table: ThresholdTable | None = by_id[text]
        file_name = text
    else:
        if _ID.match(text) and not Path(text).is_file():
            raise InputError("thresholds.unknown_preset", value=text, known=", ".join(by_id))
        file_name = Path(wanted).name
        content = read_toml(wanted)
        table = _parse({"id": Path(wanted).stem} | content, content.get("rule"), faults)
    if catalogue is not None and table is not None:
        faults += _find_unknown_ids(table, catalogue)
    if faults or table is None:
        raise InputError("thresholds.invalid", faults=faults, file=file_name)
    return table


def _parse(head: dict[str, Any], rules: object, faults: list[DataIssue]) -> ThresholdTable | None:
    """Return the table, or None with the faults added."""
    before = len(faults)
    faults.extend(make_fault("entry.unknown_key", key) for key in head if key not in (*_HEAD, "rule"))
    wrong = [key for key in ("id", "zh", "en") if not _is_text(head.get(key))]
    wrong += [] if isinstance(head.get("source", ""), str) else ["source"]
    faults.extend(
        make_fault("entry.wrong" if key in head else "entry.missing", key, head.get(key, "")) for key in wrong
    )
    least = head.get("least_hours_week", DEFAULT_LEAST_HOURS)
    if not _is_number(least) or not 0.0 <= least <= MAX_HOURS_WEEK:
        faults.append(make_fault("entry.out_of_range", "least_hours_week", least, low=0.0, high=MAX_HOURS_WEEK))
    if not isinstance(rules, list) or not rules or len(rules) > _MAX_RULES:
        faults.append(make_fault("entry.not_a_list", "rule", low=1, high=_MAX_RULES))
        rules = []
    parsed = [_parse_rule(number, rule, faults) for number, rule in enumerate(rules, start=1)]
    known = tuple(rule for rule in parsed if rule is not None)
    if len(known) == len(parsed) and known:
        faults.extend(find_rule_faults(known))
    if len(faults) > before:
        return None
    name = Name(zh=head["zh"].strip(), en=head["en"].strip())
    return ThresholdTable(str(head["id"]), name, head.get("source", ""), known, float(least))


def _parse_rule(number: int, rule: object, faults: list[DataIssue]) -> ThresholdRule | None:
    if not isinstance(rule, dict):
        faults.append(make_fault("entry.not_a_table", rule=number))
        return None
    before = len(faults)
    unknown = set(rule) - {*RULE_FIELDS, *_NUMBERS}
    faults.extend(make_fault("entry.unknown_key", key, rule=number) for key in sorted(unknown))
    for field in RULE_FIELDS:
        value = rule.get(field, ANY)
        # Seasons are named by the planner's own speed table, in any language.
        is_name = _is_text(value) if field == "season" else isinstance(value, str) and bool(_ID.match(value))
        if value != ANY and not is_name:
            faults.append(make_fault("entry.wrong", field, value, rule=number))
    wrong = [field for field in _NUMBERS if field in rule and not _is_positive(rule[field])]
    faults.extend(make_fault("entry.not_positive", field, rule[field], rule=number) for field in wrong)
    in_minutes, in_km = "minutes" in rule, "distance_km" in rule and "speed_kph" in rule
    if in_minutes == in_km or ("distance_km" in rule) != ("speed_kph" in rule):
        faults.append(make_fault("entry.two_thresholds", rule=number))
    if len(faults) > before:
        return None
    named = {field: rule.get(field, ANY) for field in RULE_FIELDS}
    if in_minutes:
        return ThresholdRule(**named, minutes=float(rule["minutes"]))
    distance_km, speed_kph = float(rule["distance_km"]), float(rule["speed_kph"])
    minutes = convert_distance(distance_km, speed_kph)
    return ThresholdRule(**named, minutes=minutes, distance_km=distance_km, speed_kph=speed_kph)


def convert_distance(distance_km: float, speed_kph: float) -> float:
    """Convert a distance of a source at a speed to minutes: 16 for 1.2 km at 4.5 km/h, not 16.000000000000004."""
    return round(distance_km / speed_kph * 60.0, 6)


def _find_unknown_ids(table: ThresholdTable, catalogue: Catalogue) -> list[DataIssue]:
    known = {"service": tuple(one.id for one in catalogue.items), "level": tuple(one.id for one in catalogue.levels)}
    return [
        make_fault("entry.unknown_choice", field, getattr(rule, field), rule=number, known=choices)
        for number, rule in enumerate(table.rules, start=1)
        for field, choices in known.items()
        if getattr(rule, field) not in (ANY, *choices)
    ]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST_TEXT


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_positive(value: object) -> bool:
    return _is_number(value) and value > 0
