"""What was asked when sites were suggested, as JSON and back: the problem, candidates, limits, and their files."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from coverage.access.remedies import POLICE_FAMILY
from coverage.errors import InputError
from coverage.inputs.site_costs import SiteCosts
from coverage.inputs.study import Study
from coverage.report.redaction import HiddenStations
from coverage.siting.model.from_study import SiteQuota
from coverage.siting.plan.solve import SitingQuestion
from geodata.answers.siting_candidates import SitingOptions
from geodata.documents.runs.question_json import parse_siting
from geodata.files.safe_files import check_input_file
from geodata.intake.read_site_costs import read_site_costs

FILE_ROLES: tuple[str, ...] = ("candidates", "places", "exclude")
# Larger files are named by their hash only, and a report made with one is not computed again.
MOST_FILE_BYTES = 5_000_000
_MOST_INPUT_MB = 5000.0


@dataclass(frozen=True, slots=True)
class SitingFile:
    """A file that candidates or limits came from.

    Parameters
    ----------
    role
        Of `FILE_ROLES`.
    ending
        Ending of its name, with the dot; the reader goes by it.
    sha256
        Hash of its content.
    content
        The content in Base64; "" where it is too large to be carried along.
    """

    role: str
    ending: str
    sha256: str
    content: str


@dataclass(frozen=True, slots=True)
class AskedSites:
    """What was asked when sites were suggested; it gives the same sites again.

    Parameters
    ----------
    siting, options
        The problem; candidates and limits, their files left out and class costs read.
    files
        The files.
    row
        Row of the curve whose plan was chosen, None for the plan of the problem itself.
    """

    siting: SitingQuestion
    options: SitingOptions = field(default_factory=SitingOptions)
    files: tuple[SitingFile, ...] = ()
    row: int | None = None


def ask_sites(siting: SitingQuestion, options: SitingOptions | None = None, row: int | None = None) -> AskedSites:
    """Return what was asked with the content of its files.

    Raises
    ------
    MissingInputError, InputError
        If a file is gone or cannot be read.
    """
    wanted = options or SitingOptions()
    named = [(role, getattr(wanted, role)) for role in FILE_ROLES]
    files = tuple(_keep_file(role, path) for role, path in named if path is not None)
    costs = read_site_costs(wanted.costs) if isinstance(wanted.costs, Path) else wanted.costs
    return AskedSites(siting, replace(wanted, candidates=None, places=None, exclude=None, costs=costs), files, row)


def _keep_file(role: str, path: Path) -> SitingFile:
    content = check_input_file(path, max_mb=_MOST_INPUT_MB).read_bytes()
    kept = base64.b64encode(content).decode() if len(content) <= MOST_FILE_BYTES else ""
    return SitingFile(role, path.suffix.lower(), hashlib.sha256(content).hexdigest(), kept)


def lay_out_files(asked: AskedSites, folder: Path) -> SitingOptions:
    """Write the files into a folder, and return candidates and limits that read them there.

    Raises
    ------
    InputError
        ``replay.file_too_large`` for a file that is not carried along.
    """
    paths: dict[str, Path] = {}
    for file in asked.files:
        if not file.content:
            raise InputError("replay.file_too_large", role=file.role, sha256=file.sha256)
        paths[file.role] = folder / f"{file.role}{file.ending}"
        paths[file.role].write_bytes(base64.b64decode(file.content, validate=True))
    return replace(
        asked.options,
        candidates=paths.get("candidates"),
        places=paths.get("places"),
        exclude=paths.get("exclude"),
    )


def tells_hidden(asked: AskedSites, hidden: HiddenStations, study: Study) -> bool:
    """Tell whether what was asked names a hidden station, or says where one of a hidden kind might be founded.

    No police station is ever founded, so that places are told as long as only the police is hidden.
    """
    options = asked.options
    named = {*options.required, *options.forbidden, *options.relocatable}
    if any(one.removeprefix("item-") in hidden.stations.index for one in named):
        return True
    police = {kind.id for kind in study.catalogue.kinds if kind.family == POLICE_FAMILY}
    return bool(hidden.kinds - police) and bool(asked.files or options.drawn)


def write_asked_sites(asked: AskedSites) -> dict[str, object]:
    """Return what was asked as plain JSON values."""
    plain = asdict(asked)
    for role in FILE_ROLES:
        del plain["options"][role]
    return plain


def hash_asked_sites(asked: AskedSites) -> str:
    """Return the SHA-256 of what was asked."""
    return hashlib.sha256(json.dumps(write_asked_sites(asked), sort_keys=True).encode()).hexdigest()


def parse_asked_sites(content: Mapping[str, Any]) -> AskedSites:
    """Read what was asked from what `write_asked_sites` returned.

    Raises
    ------
    TypeError, KeyError, ValueError
        If something is missing, unknown or of the wrong type.
    """
    plain = {name: _to_tuples(value) for name, value in content.items()}
    options = dict(plain["options"])
    if any(role in options for role in FILE_ROLES):
        raise ValueError("options: " + ", ".join(FILE_ROLES))
    costs, quotas = options.pop("costs"), options.pop("quotas")
    row = plain["row"]
    if row is not None and (not isinstance(row, int) or row < 0):
        raise ValueError("row")
    return AskedSites(
        siting=parse_siting(plain["siting"]),
        options=SitingOptions(
            costs=None if costs is None else SiteCosts(**costs),
            quotas=tuple(SiteQuota(**one) for one in quotas),
            **options,
        ),
        files=tuple(_parse_file(one) for one in plain["files"]),
        row=row,
    )


def _parse_file(content: Mapping[str, Any]) -> SitingFile:
    file = SitingFile(**{each.name: str(content[each.name]) for each in fields(SitingFile)})
    ending = file.ending.removeprefix(".")
    if file.role not in FILE_ROLES or (file.ending and not (ending.isascii() and ending.isalnum() and len(ending) < 9)):
        raise ValueError("files")
    base64.b64decode(file.content, validate=True)
    return file


def _to_tuples(value: Any) -> Any:
    """Return lists, also within others, as tuples."""
    if isinstance(value, list):
        return tuple(_to_tuples(one) for one in value)
    return {name: _to_tuples(one) for name, one in value.items()} if isinstance(value, dict) else value
