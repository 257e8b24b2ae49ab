"""Reads the catalogue of families, levels, kinds, service items and bundles from its one TOML file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from coverage.errors import DataIssue, InputError, make_fault
from coverage.inputs.bilingual_names import Name
from coverage.inputs.schema import WEIGHT_COLUMNS
from coverage.inputs.study import LAYERS, Bundle, Catalogue, Family, Kind, Level, ServiceItem
from geodata.files.folders import SHIPPED
from geodata.files.read_toml import read_toml
from geodata.files.reading_border import reads_file

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
        ``file.not_toml`` with the line, or ``catalogue.invalid`` once with ALL faults.
    """
    content = read_toml(path)
    faults = [make_fault("entry.unknown_section", section=name) for name in content if name not in _SECTIONS]
    entries = {section: _read_section(section, content.get(section, []), faults) for section in _SECTIONS}
    _check_references(entries, faults)
    if faults:
        raise InputError("catalogue.invalid", faults=faults, file=Path(path).name)
    return _build(entries)


def list_old_layers(path: Path) -> tuple[DataIssue, ...]:
    """Note a catalogue of before, which says ``mobile = true`` where today's name the layer: it is read as that."""
    kinds = read_toml(path).get("kind", [])
    old = [str(kind.get("id")) for kind in kinds if "mobile" in kind]
    return (DataIssue("catalogue.mobile_flag", "note", path.name, len(old), value=old[0]),) if old else ()


def _read_section(section: str, raw: Any, faults: list[DataIssue]) -> list[dict[str, Any]]:
    if not isinstance(raw, list) or not raw:
        faults.append(make_fault("entry.none_listed", kind=section))
        return []
    entries: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, entry in enumerate(raw, start=1):
        if not isinstance(entry, dict):
            faults.append(make_fault("entry.not_a_table", kind=section, entry=number))
            continue
        faults += _check_entry(section, entry | {"id": entry.get("id", number)})
        identity = entry.get("id")
        if isinstance(identity, str):
            if identity in seen:
                faults.append(make_fault("entry.id_twice", kind=section, entry=identity))
            seen.add(identity)
        entries.append(entry)
    return entries


def _check_entry(section: str, entry: dict[str, Any]) -> Iterable[DataIssue]:
    fault = partial(make_fault, kind=section, entry=str(entry["id"])[:64])
    if not isinstance(entry["id"], str) or not _ID.match(entry["id"]):
        yield fault("entry.id_invalid")
    for language in ("zh", "en"):
        name = entry.get(language)
        if not isinstance(name, str) or not name.strip() or len(name) > _MAX_NAME:
            yield fault("entry.missing", language)
    fields = _FIELDS[section]
    for name, kind in fields.items():
        if name not in entry:
            if (section, name) not in _OPTIONAL:
                yield fault("entry.missing", name)
        elif type(entry[name]) is not kind or (kind is list and not all(isinstance(item, str) for item in entry[name])):
            yield fault("entry.wrong", name, entry[name])
    for name in entry:
        if name not in fields and name not in ("id", "zh", "en"):
            yield fault("entry.unknown_key", name)


def _check_references(entries: dict[str, list[dict[str, Any]]], faults: list[DataIssue]) -> None:
    known = {section: {str(entry.get("id")) for entry in entries[section]} for section in _SECTIONS}

    def fault(code: str, section: str, entry: dict[str, Any], key: str, value: object = "", **facts: object) -> None:
        faults.append(make_fault(code, key, value, kind=section, entry=entry.get("id"), **facts))

    def refer(section: str, entry: dict[str, Any], field: str, target: str) -> None:
        value = entry.get(field)
        wanted = value if isinstance(value, list) else [value] if isinstance(value, str) else []
        for one in wanted:
            if str(one) not in known[target]:
                fault("entry.undefined", section, entry, field, one)
        if len({str(one) for one in wanted}) < len(wanted):
            fault("entry.named_twice", section, entry, field)

    for kind in entries["kind"]:
        refer("kind", kind, "family", "family")
        refer("kind", kind, "level", "level")
        refer("kind", kind, "services", "item")
        if kind.get("layer", "fixed") not in LAYERS:
            fault("entry.unknown_choice", "kind", kind, "layer", kind["layer"], known=LAYERS)
        if "layer" in kind and "mobile" in kind:
            fault("entry.two_layers", "kind", kind, "mobile")
    for item in entries["item"]:
        refer("item", item, "family", "family")
        if item.get("weight", "population") not in WEIGHT_COLUMNS:
            fault("entry.unknown_choice", "item", item, "weight", item["weight"], known=tuple(WEIGHT_COLUMNS))
    for bundle in entries["bundle"]:
        refer("bundle", bundle, "items", "item")
    ranks = [level["rank"] for level in entries["level"] if isinstance(level.get("rank"), int)]
    if len(set(ranks)) < len(ranks):
        faults.append(make_fault("entry.rank_twice"))
    if entries["kind"] and FALLBACK_KIND not in known["kind"]:
        faults.append(make_fault("entry.fallback_missing", value=FALLBACK_KIND))


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
