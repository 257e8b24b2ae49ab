"""The run file a report embeds: what it was computed from, how, with which program, and its numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from coverage.errors import InputError, PlannerError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.report.options import ReportOptions
from coverage.report.redaction import HiddenStations, Redaction, find_hidden
from coverage.scenario.edits import Edit
from coverage.tables.report_value import Report
from geodata.answers.write_assessment import VERSION, describe_versions
from geodata.documents.runs.question_json import parse_question, write_question
from geodata.documents.runs.read_redaction import parse_redaction, write_redaction
from geodata.documents.runs.report_numbers import check_numbers, write_numbers
from geodata.documents.runs.siting_json import (
    AskedSites,
    hash_asked_sites,
    parse_asked_sites,
    tells_hidden,
    write_asked_sites,
)
from geodata.studies.edits_json import from_plain, load_json, to_plain

# The XML element that holds the run file within a Word document.
RUN_NAMESPACE = "urn:half-hour-service-circle:run"
FORMAT = 1
MAX_RUN_MB = 100.0
_KEYS = frozenset(
    {
        "format",
        "planner",
        "versions",
        "studies",
        "question",
        "options",
        "edits",
        "scenario",
        "suggestion",
        "redaction",
        "numbers",
    }
)


@dataclass(frozen=True, slots=True)
class StudyRun:
    """A study as it was when a report was made.

    Parameters
    ----------
    name
        Name of the file or folder that was opened, without the way to it.
    id, fingerprint
        The study's id, and the hash of its inputs and settings.
    mode
        How people travel.
    speeds
        Content of a speed table used instead of the study's own, "" for none.
    inputs
        Role, path relative to the study, SHA-256 of each file.
    """

    name: str
    id: str
    fingerprint: str
    mode: str
    speeds: str = ""
    inputs: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a report is made from its studies: everything but their data.

    Parameters
    ----------
    question
        What is asked of every study.
    options
        Sections, title, department, date, language.
    edits, scenario
        Scenario that is compared, None where it is withheld, since it would give a hidden station away; and its name.
    suggestion
        The siting problem that is solved for the report with its candidates and limits, None for none.
    redaction
        What is hidden.
    """

    question: Question = field(default_factory=Question)
    options: ReportOptions = field(default_factory=ReportOptions)
    edits: tuple[Edit, ...] | None = ()
    scenario: str = ""
    suggestion: AskedSites | None = None
    redaction: Redaction = field(default_factory=Redaction)


@dataclass(frozen=True, slots=True, eq=False)
class RunFile:
    """A run file as it was read.

    Parameters
    ----------
    recipe, studies
        How the report was made, from what.
    versions
        Versions of the program and of what it computes with.
    numbers
        Every number of the report, see `geodata.documents.runs.report_numbers`.
    edits_sha256, sites_sha256
        Hashes of the scenario and of what sites were asked for where they are withheld, else "".
    """

    recipe: Recipe
    studies: tuple[StudyRun, ...]
    versions: Mapping[str, str]
    numbers: Mapping[str, Any]
    edits_sha256: str = ""
    sites_sha256: str = ""


def describe_study(study: Study, name: str, *, speeds: str = "") -> StudyRun:
    """Return a study as it is now; `name` is what was opened, `speeds` the content of another speed table."""
    inputs = tuple((source.role, source.path, source.sha256) for source in study.sources)
    return StudyRun(name, study.id, study.fingerprint, study.settings.mode, speeds, inputs)


def embed_run(report: Report, recipe: Recipe, studies: tuple[tuple[StudyRun, Study], ...]) -> Report:
    """Return a report with its run file; call it last, since the file holds the numbers as they are shown.

    Parameters
    ----------
    report
        After redaction.
    recipe, studies
        How it was made, from which studies.
    """
    hidden = [find_hidden(study, recipe.redaction) for _, study in studies]
    edits = [to_plain(edit) for edit in recipe.edits or ()]
    content: dict[str, object] = {
        "format": FORMAT,
        "planner": VERSION,
        "versions": describe_versions(),
        "studies": [_write_study(one) for one, _ in studies],
        "question": write_question(recipe.question),
        "options": recipe.options.to_json(),
        "edits": {"withheld": hash_edits(recipe.edits or ())} if any(_tells(edits, one) for one in hidden) else edits,
        "scenario": recipe.scenario,
        "suggestion": _write_sites(recipe.suggestion, hidden, studies[0][1]),
        "redaction": write_redaction(recipe.redaction),
        "numbers": write_numbers(report),
    }
    return replace(report, run=content)


def _write_sites(asked: AskedSites | None, hidden: list[HiddenStations], study: Study) -> dict[str, object] | None:
    if asked is None:
        return None
    if any(tells_hidden(asked, one, study) for one in hidden):
        return {"withheld": hash_asked_sites(asked)}
    return write_asked_sites(asked)


def hash_edits(edits: tuple[Edit, ...]) -> str:
    """Return the SHA-256 of a scenario, equal for equal edits."""
    text = json.dumps([to_plain(edit) for edit in edits], ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _tells(edits: list[dict[str, Any]], hidden: HiddenStations) -> bool:
    """Tell whether edits name a hidden station, or place one of a hidden kind."""
    return any(
        edit.get("station_id", "") in hidden.stations.index or edit.get("kind", "") in hidden.kinds for edit in edits
    )


def _write_study(study: StudyRun) -> dict[str, object]:
    inputs = [{"role": role, "path": path, "sha256": sha256} for role, path, sha256 in study.inputs]
    return {**asdict(study), "inputs": inputs}


def parse_run(content: bytes | str, *, source: str) -> RunFile:
    """Read a run file.

    Raises
    ------
    InputError
        ``file.not_json``, ``run.format_unknown`` for another version, ``run.invalid`` for one that cannot be used.
    SettingsError
        If its options are out of range.
    """
    plain = load_json(content, source)
    if not isinstance(plain, dict) or plain.get("format") != FORMAT or not set(plain) >= _KEYS:
        found = plain.get("format") if isinstance(plain, dict) else None
        raise InputError("run.format_unknown", file=source, value=str(found)[:50], known=FORMAT)
    try:
        studies = tuple(_parse_study(one) for one in plain["studies"])
        if not studies:
            raise TypeError("studies")
        withheld = plain["edits"]["withheld"] if isinstance(plain["edits"], dict) else ""
        sites = plain["suggestion"]
        no_sites = "" if sites is None else str(sites.get("withheld", ""))
        return RunFile(
            recipe=Recipe(
                question=parse_question(plain["question"], source=source),
                options=ReportOptions.from_json(plain["options"]),
                edits=None if withheld else tuple(from_plain(edit) for edit in plain["edits"]),
                scenario=str(plain["scenario"]),
                suggestion=None if sites is None or no_sites else parse_asked_sites(sites),
                redaction=parse_redaction(plain["redaction"], source=source),
            ),
            studies=studies,
            versions={"planner": str(plain["planner"]), **{str(k): str(v) for k, v in plain["versions"].items()}},
            numbers=check_numbers(plain["numbers"]),
            edits_sha256=str(withheld),
            sites_sha256=no_sites,
        )
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        if isinstance(error, PlannerError):
            raise
        raise InputError("run.invalid", file=source, reason=str(error)[:200]) from error


def _parse_study(content: dict[str, Any]) -> StudyRun:
    inputs = tuple((str(one["role"]), str(one["path"]), str(one["sha256"])) for one in content["inputs"])
    texts = {name: str(content[name]) for name in ("name", "id", "fingerprint", "mode", "speeds")}
    return StudyRun(inputs=inputs, **texts)
