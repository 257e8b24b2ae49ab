"""What a report hides, as a file (TOML or JSON) and as plain values in a run file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from coverage.errors import InputError, make_fault
from coverage.inputs.study import Catalogue
from coverage.report.redaction import Redaction
from geodata.documents.gis.layer_tables import LAYER_NAMES
from geodata.files.read_toml import read_toml
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file
from geodata.studies.edits_json import load_json
from geodata.words.i18n import find_text

_LISTS = ("families", "kinds")
_KNOWN = (*_LISTS, "suppress_under", "fields")


@reads_file
def read_redaction(path: Path, catalogue: Catalogue) -> Redaction:
    """Read what a report hides from a TOML or JSON file.

    ``families`` (``["police"]`` if not given; ``[]`` hides none), ``kinds``, ``suppress_under`` (people), and a
    section ``fields`` with the columns kept by table or layer.

    Raises
    ------
    MissingInputError, InputError
        If there is no such file; ``file.not_toml``, ``file.not_json``; ``redaction.invalid`` once with all faults;
        ``redaction.unknown_field``, ``catalogue.unknown_id``.
    SettingsError
        ``settings.out_of_range``.
    """
    file = check_input_file(path, max_mb=1)
    is_json = file.suffix.lower() == ".json"
    content = load_json(file.read_bytes(), file.name) if is_json else read_toml(file)
    found = parse_redaction(content, source=file.name)
    for family in found.families:
        catalogue.family(family)
    for kind in found.kinds:
        catalogue.kind(kind)
    unknown = _find_unknown_fields(found)
    if unknown:
        raise InputError("redaction.unknown_field", file=file.name, fields="; ".join(unknown)[:300])
    return found


def _find_unknown_fields(redaction: Redaction) -> list[str]:
    """List tables and columns that no report has; a layer's columns depend on the study and are not judged."""
    unknown = []
    for table, columns in redaction.fields:
        if table in LAYER_NAMES:
            continue
        if find_text(f"report.table.{table}", "en") is None:
            unknown.append(table)
        else:
            unknown += [f"{table}.{one}" for one in columns if find_text(f"report.column.{one}", "en") is None]
    return unknown


def parse_redaction(content: object, *, source: str) -> Redaction:
    """Parse what a report hides from plain values, see `read_redaction`; `source` is named in errors."""
    if not isinstance(content, dict):
        raise InputError("redaction.invalid", faults=[make_fault("entry.not_a_table")], file=source)
    faults = [make_fault("entry.unknown_key", str(name)) for name in content if name not in _KNOWN]
    values: dict[str, Any] = {}
    for name in _LISTS:
        if name in content and _is_texts(content[name]):
            values[name] = tuple(content[name])
        elif name in content:
            faults.append(make_fault("entry.wrong", name, content[name]))
    under = content.get("suppress_under", 0.0)
    if isinstance(under, int | float) and not isinstance(under, bool) and math.isfinite(under):
        values["suppress_under"] = float(under)
    else:
        faults.append(make_fault("entry.wrong", "suppress_under", under))
    fields = content.get("fields", {})
    if isinstance(fields, dict) and all(_is_texts(each) for each in fields.values()):
        values["fields"] = tuple(sorted((str(name), tuple(each)) for name, each in fields.items()))
    else:
        faults.append(make_fault("entry.wrong", "fields", fields))
    if faults:
        raise InputError("redaction.invalid", faults=faults, file=source)
    return Redaction(**values)


def write_redaction(redaction: Redaction) -> dict[str, object]:
    """Return what is hidden as plain values that `parse_redaction` reads."""
    return {
        "families": list(redaction.families),
        "kinds": list(redaction.kinds),
        "suppress_under": redaction.suppress_under,
        "fields": {name: list(columns) for name, columns in redaction.fields},
    }


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
