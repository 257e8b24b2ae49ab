"""Reads the class costs of new sites from a TOML file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from coverage.errors import DataIssue, InputError, make_fault
from coverage.inputs.site_costs import Amounts, SiteCosts, Words
from geodata.files.folders import SHIPPED
from geodata.files.read_toml import read_toml
from geodata.files.reading_border import reads_file

DEFAULT_SITE_COSTS = SHIPPED / "site_costs.toml"
_AMOUNTS = ("kind", "item", "closing")
_WORDS = ("usual", "place")
_MOST = 1e12


@reads_file
def read_site_costs(path: Path = DEFAULT_SITE_COSTS) -> SiteCosts:
    """Read the class costs of new sites; the planner's own assumptions if no file is given.

    Sections ``[kind]``, ``[item]``, ``[closing]`` hold amounts [yuan] by id, ``[usual]`` and ``[place]`` ids
    of kinds. ``closing`` may be negative.

    Raises
    ------
    InputError
        ``file.not_toml`` with the line, or ``site_costs.invalid`` once with all faults.
    """
    content = read_toml(path)
    unknown = [name for name in content if name not in (*_AMOUNTS, *_WORDS, "note")]
    faults = [make_fault("entry.unknown_section", section=name) for name in unknown]
    amounts = {name: _read_amounts(name, content.get(name, {}), faults) for name in _AMOUNTS}
    words = {name: _read_words(name, content.get(name, {}), faults) for name in _WORDS}
    if faults:
        raise InputError("site_costs.invalid", faults=faults, file=path.name)
    return SiteCosts(amounts["kind"], amounts["item"], amounts["closing"], words["usual"], words["place"])


def _read_amounts(section: str, values: Any, faults: list[DataIssue]) -> Amounts:
    if not isinstance(values, dict):
        faults.append(make_fault("entry.not_a_table", section=section))
        return ()
    least = -_MOST if section == "closing" else 0.0
    kept = []
    for key, value in values.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if is_number and least <= value <= _MOST:
            kept.append((str(key), float(value)))
        else:
            faults.append(make_fault("entry.wrong", key, value, section=section))
    return tuple(sorted(kept))


def _read_words(section: str, values: Any, faults: list[DataIssue]) -> Words:
    if not isinstance(values, dict):
        faults.append(make_fault("entry.not_a_table", section=section))
        return ()
    wrong = [(key, value) for key, value in values.items() if not isinstance(value, str)]
    faults += [make_fault("entry.wrong", key, value, section=section) for key, value in wrong]
    return tuple(sorted((str(key), str(value)) for key, value in values.items() if isinstance(value, str)))
