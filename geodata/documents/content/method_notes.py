"""Sentences of a report that no rule drafts: how things are computed, what was set, what the reader must know."""

from __future__ import annotations

from coverage.errors import DataIssue
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.tables.report_value import CellKind, Fact, Finding
from geodata.documents.content.names_in_both_languages import say_number

_TRAVEL: tuple[str, ...] = ("legs", "roads", "search", "turns", "direction", "rounding", "restricted")
_ENGINES: tuple[str, ...] = ("search", "geometry", "roads", "tables")
_LIMITS: tuple[str, ...] = ("estimate", "roads", "people", "times", "polygons", "remote", "use")
_MOST_ISSUES = 12
_SEVERITIES = ("rejected", "warning")


def list_texts(
    study: Study,
    question: Question,
    issues: tuple[DataIssue, ...],
    *,
    siting_method: str = "",
    services: tuple[str, ...] = (),
) -> dict[str, tuple[Finding, ...]]:
    """List the sentences by the part of the report they stand in.

    Parameters
    ----------
    study, question
        What the report is about.
    issues
        Findings about the data; the gravest are told.
    siting_method
        How suggested sites were found, "" if none were.
    services
        The services they were suggested for, where those were several.
    """
    return {
        "methods_travel": tuple(_say(f"method.travel.{part}") for part in _TRAVEL),
        "methods_settings": (*_describe_settings(study), *_describe_rules(study, question)),
        "methods_indicators": (_say("report.method.indicators"), _say("report.method.rules")),
        "methods_sites": _tell_siting(siting_method, services),
        "methods_engines": tuple(_say(f"method.engines.{part}") for part in _ENGINES),
        "quality": _tell_issues(issues),
        "limits": tuple(_say(f"report.limit.{part}") for part in _LIMITS if part != "remote" or question.service)
        + ((_say("report.limit.schematic"),) if study.schematic else ()),
    }


def _say(message_id: str, **facts: str | int | float) -> Finding:
    return Finding(message_id, tuple(_to_fact(name, value) for name, value in facts.items()), words=message_id)


def _to_fact(name: str, value: str | int | float) -> Fact:
    kind: CellKind = "text" if isinstance(value, str) else "count"
    return Fact(name, value if isinstance(value, str) else float(value), kind)


def _tell_siting(method: str, services: tuple[str, ...]) -> tuple[Finding, ...]:
    """Say what the sites were to achieve, and how they were found; nothing where none were asked for."""
    if not method:
        return ()
    aim = Finding("report.method.aim", (Fact("aim", method, "word", words="siting.aim"),), words="report.method.aim")
    several = Fact("services", ";".join(services), "word", words="item")
    told = (Finding("report.method.services", (several,), words="report.method.services"),) if services else ()
    return aim, *told, _say("report.method.sites"), _say("report.method.order"), _say("report.method.solver")


def _describe_settings(study: Study) -> list[Finding]:
    settings, snap = study.settings, study.settings.snap
    mode = Fact("mode", settings.mode, "word", words="mode")
    season = Fact("season", settings.season, "word", words="season")
    seasons = Fact("seasons", "seasons", "word", words="strip")
    said = [
        Finding("method.set.mode", (mode, _to_fact("table", study.speeds.id)), words="method.set.mode"),
        _say(f"method.set.direction_{settings.direction}"),
        _say("report.set.classes", cutoffs=" / ".join(map(say_number, settings.cutoffs_min))),
        Finding("method.set.season", (season, seasons), words="method.set.season"),
        _say("method.set.snap", metres=say_number(snap.max_access_m), kph=say_number(snap.access_kph)),
        _say("method.set.component", km=say_number(snap.min_component_km)),
    ]
    if snap.motorway_within_m > 0:
        return [*said, _say("method.set.motorway_within", metres=say_number(snap.motorway_within_m))]
    return [*said, _say("method.set.motorway_never")]


def _describe_rules(study: Study, question: Question) -> list[Finding]:
    said = [_say("method.set.own" if question.own_jurisdiction else "method.set.free")]
    if question.thresholds is None:
        said.append(_say("report.set.cutoff", minutes=say_number(question.cutoff_min)))
    else:
        said.append(_say("report.set.thresholds", source=question.thresholds.source))
    if question.closures:
        said.append(_say("report.set.closures", count=len(question.closures)))
    if question.moment_min is not None:
        day, minute = divmod(question.moment_min, 1440)
        facts = (
            Fact("day", str(day), "word", words="report.day"),
            _to_fact("time", f"{minute // 60:02d}:{minute % 60:02d}"),
        )
        said.append(Finding("report.set.moment", facts, words="report.set.moment"))
    if question.choice.on_date:
        said.append(
            Finding("report.set.date", (Fact("day", question.choice.on_date, "date"),), words="report.set.date")
        )
    return said


def _tell_issues(issues: tuple[DataIssue, ...]) -> tuple[Finding, ...]:
    """Tell the gravest findings about the data, what was left out before what to look at; notes are for the screen."""
    grave = [issue for issue in issues if issue.severity in _SEVERITIES]
    told = sorted(grave, key=lambda issue: _SEVERITIES.index(issue.severity))[:_MOST_ISSUES]
    return tuple(
        Finding(f"issue.{issue.code}", tuple(_to_fact(*each) for each in issue.placeholders().items()),
                words=f"issue.{issue.code}.what")
        for issue in told
    )  # fmt: skip
