"""A question as JSON and back, exactly: what is read is equal to what was written."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import Any

from coverage.errors import InputError, PlannerError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.service_layers import COUNTED_LAYERS
from coverage.inputs.stations import StationChoice
from coverage.inputs.thresholds import MAX_HOURS_WEEK, ThresholdRule, ThresholdTable
from coverage.network.closures import Closure
from coverage.siting.plan.solve import SITING_METHODS, SitingQuestion
from geodata.intake.cells.read_dates import parse_date

_LONGEST_MIN = 1440.0
_MINUTES_A_WEEK = 7 * 24 * 60


def write_question(question: Question) -> dict[str, object]:
    """Return a question as plain JSON values; numbers that are not given become null."""
    plain = asdict(question)
    if question.thresholds is not None:
        plain["thresholds"]["rules"] = [
            {name: _to_number(value) for name, value in rule.items()} for rule in plain["thresholds"]["rules"]
        ]
    plain["choice"]["status"] = list(question.choice.status)
    plain["services"] = list(question.services)
    plain["closures"] = [
        {"name": one.name, "coordinates": [list(place) for place in one.coordinates]} for one in question.closures
    ]
    return plain


def parse_question(content: object, *, source: str) -> Question:
    """Read a question from what `write_question` returned.

    Raises
    ------
    InputError
        ``run.invalid`` if something is missing, unknown or of the wrong type.
    """
    try:
        plain = dict(_check_keys(content, Question))
        choice = dict(_check_keys(_BEFORE_LAYERS | plain.pop("choice"), StationChoice))
        choice["status"] = tuple(choice["status"])
        thresholds = plain.pop("thresholds")
        plain["services"] = tuple(plain["services"])
        for one, checks in ((choice, _CHOICE), (plain, _QUESTION)):
            _check_values(one, checks)
        return Question(
            choice=StationChoice(**choice),
            thresholds=None if thresholds is None else _parse_thresholds(thresholds),
            closures=tuple(_parse_closure(one) for one in plain.pop("closures")),
            **plain,
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        if isinstance(error, PlannerError) and error.code == "run.invalid":
            raise
        raise InputError("run.invalid", file=source, reason=f"question: {str(error)[:200]}") from error


def parse_siting(content: Any) -> SitingQuestion:
    """Read a siting problem from its fields as plain values.

    Raises
    ------
    TypeError
        Naming the field that is unknown or of the wrong type.
    """
    asked = SitingQuestion(**content)
    asked = replace(asked, services=tuple(asked.services))
    _check_values(asdict(asked), _SITING)
    return asked


def _check_values(content: dict[str, Any], checks: dict[str, Callable[[Any], bool]]) -> None:
    """Refuse values of the wrong type, or out of the range that the command line and the pages offer."""
    wrong = [name for name, is_valid in checks.items() if not is_valid(content[name])]
    if wrong:
        raise TypeError(", ".join(f"{name} = {str(content[name])[:50]}" for name in wrong))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any, most: float = sys.float_info.max) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _is_count(value: Any, most: float = 10**6) -> bool:
    return isinstance(value, int) and _is_number(value, most)


_CHOICE: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("service", "family", "level"), _is_text),
    "status": _are_texts,
    "layer": lambda value: value in COUNTED_LAYERS,
    "least_hours_week": lambda value: _is_number(value, MAX_HOURS_WEEK),
    "season": _is_text,
    "on_date": lambda value: value == "" or (isinstance(value, str) and parse_date(value) is not None),
}
_QUESTION: dict[str, Callable[[Any], bool]] = {
    "cutoff_min": lambda value: _is_number(value, _LONGEST_MIN),
    "direction": lambda value: value in (None, "to", "from"),
    "season": _is_text,
    "moment_min": lambda value: value is None or _is_count(value, _MINUTES_A_WEEK - 1),
    "own_jurisdiction": _is_flag,
    "services": _are_texts,
}
_SITING: dict[str, Callable[[Any], bool]] = {
    "method": lambda value: value in SITING_METHODS,
    "sites": lambda value: value is None or _is_count(value),
    "budget": lambda value: value is None or _is_number(value),
    "share": lambda value: value is None or _is_number(value, 1.0),
    "by_county": _is_flag,
    "least_money": _is_flag,
    "moves": _is_count,
    "services": _are_texts,
}


# What was asked before there were layers of service: every point counted, however seldom it was open.
_BEFORE_LAYERS: dict[str, Any] = {"layer": "placed", "least_hours_week": 0.0, "season": ""}


def _check_keys(content: Any, kind: type[Any]) -> dict[str, Any]:
    known = {each.name for each in fields(kind)}
    if not isinstance(content, dict) or set(content) != known:
        raise TypeError(", ".join(sorted(known ^ set(content if isinstance(content, dict) else ()))))
    return content


def _parse_thresholds(content: Any) -> ThresholdTable:
    plain = dict(_check_keys({"least_hours_week": 0.0} | content, ThresholdTable))
    rules: list[ThresholdRule] = []
    for one in plain.pop("rules"):
        values: dict[str, Any] = {name: math.nan if value is None else value for name, value in one.items()}
        rules.append(ThresholdRule(**values))
    return ThresholdTable(rules=tuple(rules), name=Name(**plain.pop("name")), **plain)


def _parse_closure(content: Any) -> Closure:
    return Closure(content["name"], tuple((float(lon), float(lat)) for lon, lat in content["coordinates"]))


def _to_number(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
