"""Reads the catalogue of families, levels, kinds, service items and bundles from its one TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coverage.errors import DataIssue, InputError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.schema import WEIGHT_COLUMNS
from coverage.inputs.study import LAYERS, Bundle, Catalogue, Family, Kind, Level, ServiceItem
from geodata.files.folders import SHIPPED
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file

DEFAULT_CATALOGUE = SHIPPED / "catalogue.toml"
FALLBACK_KIND = "other"

_SECTIONS = ("family", "level", "kind", "item", "bundle")
_FIELDS: dict[str, dict[str, type]] = {
    "family": {},
    "level": {"rank": int},
    "kind": {"family": str, "level": str, "services": list, "layer": str, "mobile": bool},
    "item": {"family": str, "weight": str, "remote": bool},
    "bundle": {"items": list},
}
_OPTIONAL = {("item", "weight"), ("item", "remote"), ("kind", "layer"), ("kind", "mobile")}
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_MAX_NAME = 100


@reads_file
def read_catalogue(path: str | Path = DEFAULT_CATALOGUE) -> Catalogue:
    """Read and check a catalogue.

    Parameters
    ----------
    path
        The TOML file; the planner's own if not given.

    Raises
    ------
    InputError
        ``catalogue.not_toml`` with the line, or ``catalogue.invalid`` once with ALL problems found:
        `problems` lists them, one ``section "id": what`` a line.
    """
    file = check_input_file(path, max_mb=5)
    content = _load(file)
    problems: list[str] = [f"[{name}]: unknown section" for name in content if name not in _SECTIONS]
    entries = {section: _read_section(section, content.get(section, []), problems) for section in _SECTIONS}
    _check_references(entries, problems)
    if problems:
        raise InputError("catalogue.invalid", file=file.name, count=len(problems), problems="\n".join(problems))
    return _build(entries)


def list_old_layers(path: Path) -> tuple[DataIssue, ...]:
    """Note a catalogue of before, which says ``mobile = true`` where today's name the layer: it is read as that."""
    kinds = _load(path).get("kind", [])
    old = [str(kind.get("id")) for kind in kinds if "mobile" in kind]
    return (DataIssue("catalogue.mobile_flag", "note", path.name, len(old), value=old[0]),) if old else ()


def _load(file: Path) -> dict[str, Any]:
    text = ""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError("catalogue.not_toml", file=file.name, detail="not UTF-8") from error
    except RecursionError as error:
        raise InputError("catalogue.not_toml", file=file.name, detail=str(error)) from error
    except ValueError as error:  # not TOML, or a number without end
        detail = str(error).replace("at end of document", f"at line {len(text.splitlines())}, the end of the document")
        raise InputError("catalogue.not_toml", file=file.name, detail=detail) from error


def _read_section(section: str, raw: Any, problems: list[str]) -> list[dict[str, Any]]:
    if not isinstance(raw, list) or not raw:
        problems.append(f"[[{section}]]: at least one entry is needed")
        return []
    entries: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, entry in enumerate(raw, start=1):
        if not isinstance(entry, dict):
            problems.append(f"[[{section}]] {number}: not a table")
            continue
        label = f'{section} "{str(entry.get("id", f"number {number}"))[:64]}"'
        problems += _check_entry(section, label, entry)
        identity = entry.get("id")
        if isinstance(identity, str):
            if identity in seen:
                problems.append(f"{label}: id used twice")
            seen.add(identity)
        entries.append(entry)
    return entries


def _check_entry(section: str, label: str, entry: dict[str, Any]) -> Iterable[str]:
    if not isinstance(entry.get("id"), str) or not _ID.match(entry["id"]):
        yield f"{label}: id must be a-z, 0-9 and _ and start with a letter"
    for language in ("zh", "en"):
        name = entry.get(language)
        if not isinstance(name, str) or not name.strip() or len(name) > _MAX_NAME:
            yield f"{label}: name {language} missing"
    fields = _FIELDS[section]
    for name, kind in fields.items():
        if name not in entry:
            if (section, name) not in _OPTIONAL:
                yield f"{label}: {name} missing"
        elif not isinstance(entry[name], kind) or (kind is int and isinstance(entry[name], bool)):
            yield f"{label}: {name} must be of type {kind.__name__}"
        elif kind is list and not all(isinstance(item, str) for item in entry[name]):
            yield f"{label}: {name} must list ids"
    for name in entry:
        if name not in fields and name not in ("id", "zh", "en"):
            yield f"{label}: unknown field {name}"


def _check_references(entries: dict[str, list[dict[str, Any]]], problems: list[str]) -> None:
    known = {section: {str(entry.get("id")) for entry in entries[section]} for section in _SECTIONS}

    def refer(section: str, entry: dict[str, Any], field: str, target: str) -> None:
        value = entry.get(field)
        wanted = value if isinstance(value, list) else [value] if isinstance(value, str) else []
        label = f'{section} "{entry.get("id")}"'
        problems.extend(f'{label}: {field} "{one}" is not defined' for one in wanted if str(one) not in known[target])
        if len({str(one) for one in wanted}) < len(wanted):
            problems.append(f"{label}: {field} names an id twice")

    for kind in entries["kind"]:
        refer("kind", kind, "family", "family")
        refer("kind", kind, "level", "level")
        refer("kind", kind, "services", "item")
        if kind.get("layer", "fixed") not in LAYERS:
            problems.append(f'kind "{kind.get("id")}": layer must be one of {", ".join(LAYERS)}')
        if "layer" in kind and "mobile" in kind:
            problems.append(f'kind "{kind.get("id")}": layer says it, mobile must go')
    for item in entries["item"]:
        refer("item", item, "family", "family")
        if item.get("weight", "population") not in WEIGHT_COLUMNS:
            problems.append(f'item "{item.get("id")}": weight must be one of {", ".join(WEIGHT_COLUMNS)}')
    for bundle in entries["bundle"]:
        refer("bundle", bundle, "items", "item")
    ranks = [level["rank"] for level in entries["level"] if isinstance(level.get("rank"), int)]
    if len(set(ranks)) < len(ranks):
        problems.append("[[level]]: two levels have the same rank")
    if entries["kind"] and FALLBACK_KIND not in known["kind"]:
        problems.append(f'[[kind]]: kind "{FALLBACK_KIND}" is needed for kinds that are not listed')


def _read_layer(entry: dict[str, Any]) -> str:
    """Read the layer of a kind; catalogues of before said ``mobile = true`` for a vehicle's stop."""
    return str(entry.get("layer", "mobile" if entry.get("mobile", False) else "fixed"))


def _build(entries: dict[str, list[dict[str, Any]]]) -> Catalogue:
    def name(entry: dict[str, Any]) -> Name:
        return Name(zh=entry["zh"].strip(), en=entry["en"].strip())

    levels = [Level(entry["id"], name(entry), entry["rank"]) for entry in entries["level"]]
    return Catalogue(
        families=tuple(Family(entry["id"], name(entry)) for entry in entries["family"]),
        levels=tuple(sorted(levels, key=lambda level: level.rank)),
        kinds=tuple(
            Kind(
                entry["id"],
                name(entry),
                entry["family"],
                entry["level"],
                tuple(entry["services"]),
                _read_layer(entry),
            )
            for entry in entries["kind"]
        ),
        items=tuple(
            ServiceItem(
                entry["id"], name(entry), entry["family"], entry.get("weight", "population"), entry.get("remote", False)
            )
            for entry in entries["item"]
        ),
        bundles=tuple(Bundle(entry["id"], name(entry), tuple(entry["items"])) for entry in entries["bundle"]),
    )
