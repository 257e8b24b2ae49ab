"""Speed tables as sheets to edit, and sheets as speed tables."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from coverage.errors import InputError
from coverage.network.model import DELAY_KINDS
from coverage.network.settings import MODES
from coverage.network.speeds import Pairs, SpeedTable, TurnDelays
from geodata.intake.measured_regions import read_default_speeds
from geodata.intake.read_speeds import read_speeds
from geodata.studies.write_speeds import encode_speeds
from geodata.words.i18n import Translator
from pages.ui import drafts, terms

OTHERS = "*"
SEASON = "season "
TAGS: tuple[str, ...] = ("surface", "smoothness", "tracktype", "service")
TURNS: tuple[str, ...] = ("turn", "oncoming_turn", "u_turn")


def list_classes(table: SpeedTable) -> list[str]:
    """List every road class that is known, "*" for all that are not named last."""
    named = {road for mode in MODES for road, _ in read_default_speeds(mode).speeds_kph}
    named |= {
        road for pairs in (table.speeds_kph, table.urban_factor, *(p for _, p in table.seasons)) for road, _ in pairs
    }
    return [*sorted(named - {OTHERS}), OTHERS]


def to_classes(table: SpeedTable) -> pd.DataFrame:
    """Put speeds and factors into one table: a row for each class, a column for each season."""
    speeds, urban = dict(table.speeds_kph), dict(table.urban_factor)
    factors = {season: dict(pairs) for season, pairs in table.seasons}
    named = {road for known in (speeds, urban, *factors.values()) for road in known} - {OTHERS}
    roads = [*sorted(named, key=lambda road: (-speeds.get(road, 0.0), road)), OTHERS]
    rows: dict[str, list[Any]] = {"class": roads, "kph": [speeds.get(road) for road in roads]}
    rows["urban"] = [urban.get(road) for road in roads]
    for season, known in sorted(factors.items(), key=lambda pair: -pair[1].get(OTHERS, 1.0)):  # the mildest first
        rows[SEASON + season] = [known.get(road) for road in roads]
    sheet = pd.DataFrame(rows)
    return sheet.astype({name: float for name in sheet.columns if name != "class"})


def to_delays(table: SpeedTable) -> pd.DataFrame:
    """Put the seconds lost into a table, one row for each cause; empty is none."""
    turns = table.turns
    seconds = dict(table.delays_s) | {
        "turn": turns.turn_s, "oncoming_turn": turns.oncoming_turn_s, "u_turn": turns.u_turn_s,
    }  # fmt: skip
    causes = [*DELAY_KINDS[1:], *TURNS]
    return pd.DataFrame({"cause": causes, "seconds": [float(seconds.get(cause, 0.0)) for cause in causes]})


def to_limits(table: SpeedTable) -> pd.DataFrame:
    """Put the upper limits by surface and the like into a table."""
    rows = [(tag, value, kph) for tag in TAGS for value, kph in getattr(table, f"{tag}_kph")]
    return pd.DataFrame(rows, columns=["tag", "value", "kph"]).astype({"tag": str, "value": str, "kph": float})


def to_table(start: SpeedTable, sheets: dict[str, pd.DataFrame], values: dict[str, Any]) -> SpeedTable:
    """Make a speed table of sheets; cells that are empty say nothing."""
    classes, limits = sheets["classes"], sheets["limits"]
    delays = _to_pairs(sheets["delays"], "cause", "seconds")
    standing = {cause for cause, seconds in delays if cause not in TURNS and (seconds or cause in dict(start.delays_s))}
    seconds = dict(delays)
    return SpeedTable(
        id=start.id,
        speeds_kph=tuple(pair for pair in _to_pairs(classes, "class", "kph") if pair[0] != OTHERS),
        maxspeed_factor=float(values["maxspeed_factor"]),
        urban_factor=_to_pairs(classes, "class", "urban"),
        urban_junctions_per_km2=float(values["urban_junctions"]),
        delays_s=tuple(pair for pair in delays if pair[0] in standing),
        turns=TurnDelays(
            turn_s=seconds.get("turn", 0.0),
            oncoming_turn_s=seconds.get("oncoming_turn", 0.0),
            u_turn_s=seconds.get("u_turn", 0.0),
            drives_on_right=values["side"] == "right",
        ),
        seasons=tuple(
            sorted(
                (name.removeprefix(SEASON), _to_pairs(classes, "class", name))
                for name in classes.columns
                if name.startswith(SEASON)
            )
        ),
        **{f"{tag}_kph": _to_pairs(limits[limits["tag"] == tag], "value", "kph") for tag in TAGS},
    )


def is_same_table(one: SpeedTable, other: SpeedTable) -> bool:
    """Tell whether two tables give the same times, whatever their names; a delay of 0 is none."""
    one, other = (
        replace(table, id="", delays_s=tuple(pair for pair in table.delays_s if pair[1] > 0.0))
        for table in (one, other)
    )
    return one == other


def _to_pairs(sheet: pd.DataFrame, key: str, value: str) -> Pairs:
    cells = zip(map(drafts.clean, sheet[key]), map(drafts.clean, sheet[value]), strict=True)
    return tuple(
        sorted((str(name), float(number)) for name, number in cells if name is not None and number is not None)
    )


def find_faults(table: SpeedTable, sheets: dict[str, pd.DataFrame], season: str, tr: Translator) -> list[str]:
    """List what is wrong with a table made of sheets, in words."""
    faults = []
    classes = sheets["classes"]
    for name, rows in classes.groupby(classes["class"].map(drafts.clean), dropna=True):
        if len(rows) > 1:
            numbers = tr("list.comma").join(map(str, rows.index))
            faults.append(tr("fault.speeds.twice", name=say_road(str(name), tr), rows=numbers))
    faults += [
        tr("fault.speeds.no_class", row=str(row))
        for row, name in classes["class"].items()
        if drafts.clean(name) is None
    ]
    if season not in table.season_names:
        faults.append(tr("fault.speeds.season_in_use", season=season))
    with tempfile.TemporaryDirectory(prefix="speeds-") as made:
        path = Path(made) / "speeds.toml"
        path.write_bytes(encode_speeds(table))
        try:
            read_speeds(path)
        except InputError as error:
            faults += tr.describe(error).faults
    return faults


def say_road(road: str, tr: Translator) -> str:
    """Name a road class; "*" is all that are not named."""
    if road == OTHERS:
        return tr("standards.speeds.others")
    return terms.road_name(road, tr)
