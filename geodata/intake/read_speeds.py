"""Speed tables: TOML files of speeds by road class, limits, delays and seasons."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from coverage.errors import DataIssue, InputError, MissingInputError, make_fault
from coverage.network.model import DELAY_KINDS
from coverage.network.settings import Mode
from coverage.network.speeds import Pairs, SpeedTable, TurnDelays
from geodata.files.folders import SHIPPED
from geodata.files.read_toml import read_toml
from geodata.files.reading_border import reads_file

_TURN_KEYS = {"turn": "turn_s", "oncoming_turn": "oncoming_turn_s", "u_turn": "u_turn_s"}
_LEAST = 0.01
_MOST = 1e9
_SECTIONS = {
    "id",
    "sources",
    "speeds_kph",
    "maxspeed",
    "surface_kph",
    "smoothness_kph",
    "tracktype_kph",
    "service_kph",
    "urban",
    "urban_factor",
    "delays_s",
    "traffic",
    "season",
}


def default_speeds_path(mode: Mode) -> Path:
    """Return the path of the default table for China of one mode of travel."""
    return SHIPPED / f"speeds_china_{mode}.toml"


@reads_file
def read_speeds(path: Path) -> SpeedTable:
    """Read a speed table.

    Sections: ``[speeds_kph]`` (required), ``[maxspeed] factor``, ``[surface_kph]``,
    ``[smoothness_kph]``, ``[tracktype_kph]``, ``[service_kph]``, ``[urban] junctions_per_km2``,
    ``[urban_factor]``, ``[delays_s]``, ``[traffic] drives_on = "right"``, ``[season.NAME]``.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If it is not TOML, has an unknown section or a value out of range; all faults are named.
    """
    if not path.is_file():
        raise MissingInputError("speeds.missing", file=path.name)
    content = read_toml(path)
    faults = [make_fault("entry.unknown_section", section=name) for name in content if name not in _SECTIONS]
    table = _parse(path.stem, content, faults)
    if faults:
        raise InputError("speeds.invalid", faults=faults, file=path.name)
    return table


def read_speed_sources(path: Path) -> str:
    """Read what a speed table says about where its figures come from, "" if nothing."""
    try:
        return str(read_toml(path).get("sources", ""))
    except (OSError, InputError):
        return ""


def _parse(name: str, content: dict[str, Any], faults: list[DataIssue]) -> SpeedTable:
    def pairs(section: str, values: object, low: float, high: float) -> Pairs:
        if not isinstance(values, dict):
            faults.append(make_fault("entry.not_a_table", section=section))
            return ()
        # 0 means closed; a speed or factor of almost nothing would make times without end.
        least = _LEAST if section.startswith(("speeds_kph", "season.")) else 0.0
        for key, value in values.items():
            if not _is_number(value) or not low <= value <= high or 0.0 < value < least:
                code = "entry.out_of_range" if low or not least else "entry.speed_out_of_range"
                faults.append(make_fault(code, key, value, section=section, low=low or least, high=high))
        return tuple(sorted((str(key), float(value)) for key, value in values.items() if _is_number(value)))

    def number(section: str, key: str, default: float, low: float, high: float) -> float:
        values = content.get(section, {})
        value = values.get(key, default) if isinstance(values, dict) else math.nan
        if _is_number(value) and low <= value <= high:
            return float(value)
        faults.append(make_fault("entry.out_of_range", key, value, section=section, low=low, high=high))
        return default

    speeds = pairs("speeds_kph", content.get("speeds_kph"), 0.0, 300.0)
    delays = dict(pairs("delays_s", content.get("delays_s", {}), 0.0, 3600.0))
    unknown = [key for key in delays if key not in DELAY_KINDS[1:] and key not in _TURN_KEYS]
    faults.extend(make_fault("entry.unknown_key", key, section="delays_s") for key in unknown)
    seasons = content.get("season", {})
    traffic = content.get("traffic", {})
    side = traffic.get("drives_on", "right") if isinstance(traffic, dict) else None
    if side not in ("right", "left"):
        known = ("right", "left")
        faults.append(make_fault("entry.unknown_choice", "drives_on", side, section="traffic", known=known))
    if not isinstance(seasons, dict):
        faults.append(make_fault("entry.not_a_table", section="season"))
        seasons = {}
    return SpeedTable(
        id=str(content.get("id", name)),
        speeds_kph=speeds,
        maxspeed_factor=number("maxspeed", "factor", 1.0, 0.1, 2.0),
        surface_kph=pairs("surface_kph", content.get("surface_kph", {}), 0.1, 300.0),
        smoothness_kph=pairs("smoothness_kph", content.get("smoothness_kph", {}), 0.1, 300.0),
        tracktype_kph=pairs("tracktype_kph", content.get("tracktype_kph", {}), 0.1, 300.0),
        service_kph=pairs("service_kph", content.get("service_kph", {}), 0.1, 300.0),
        urban_factor=pairs("urban_factor", content.get("urban_factor", {}), 0.1, 2.0),
        urban_junctions_per_km2=number("urban", "junctions_per_km2", 25.0, 0.0, 10_000.0),
        delays_s=tuple(sorted((key, value) for key, value in delays.items() if key not in _TURN_KEYS)),
        turns=TurnDelays(
            **{_TURN_KEYS[key]: value for key, value in delays.items() if key in _TURN_KEYS},
            drives_on_right=side != "left",
        ),
        seasons=tuple(sorted((str(key), pairs(f"season.{key}", value, 0.0, 2.0)) for key, value in seasons.items())),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -_MOST <= value <= _MOST
