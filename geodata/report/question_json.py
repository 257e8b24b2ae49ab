"""A question as JSON and back, exactly: what is read is equal to what was written."""

from __future__ import annotations

import math
from dataclasses import asdict, fields
from typing import Any

from coverage.closures import Closure
from coverage.errors import InputError, PlannerError
from coverage.names import Name
from coverage.question import Question
from coverage.stations import StationChoice
from coverage.thresholds import ThresholdRule, ThresholdTable


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
        choice = dict(_check_keys(plain.pop("choice"), StationChoice))
        choice["status"] = tuple(choice["status"])
        thresholds = plain.pop("thresholds")
        return Question(
            choice=StationChoice(**choice),
            thresholds=None if thresholds is None else _parse_thresholds(thresholds),
            closures=tuple(_parse_closure(one) for one in plain.pop("closures")),
            services=tuple(plain.pop("services")),
            **plain,
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        if isinstance(error, PlannerError) and error.code == "run.invalid":
            raise
        raise InputError("run.invalid", file=source, reason=f"question: {str(error)[:200]}") from error


def _check_keys(content: Any, kind: type[Any]) -> dict[str, Any]:
    known = {each.name for each in fields(kind)}
    if not isinstance(content, dict) or set(content) != known:
        raise TypeError(", ".join(sorted(known ^ set(content if isinstance(content, dict) else ()))))
    return content


def _parse_thresholds(content: Any) -> ThresholdTable:
    plain = dict(_check_keys(content, ThresholdTable))
    rules: list[ThresholdRule] = []
    for one in plain.pop("rules"):
        values: dict[str, Any] = {name: math.nan if value is None else value for name, value in one.items()}
        rules.append(ThresholdRule(**values))
    return ThresholdTable(rules=tuple(rules), name=Name(**plain.pop("name")), **plain)


def _parse_closure(content: Any) -> Closure:
    return Closure(content["name"], tuple((float(lon), float(lat)) for lon, lat in content["coordinates"]))


def _to_number(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
