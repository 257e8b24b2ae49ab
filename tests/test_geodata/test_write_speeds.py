"""Speed tables written and read back: the same table for every mode, and with odd names in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from coverage.network.settings import MODES, Mode
from coverage.network.speeds import SpeedTable, TurnDelays
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.studies.write_speeds import encode_speeds


def read_back(table: SpeedTable, folder: Path, sources: str = "") -> SpeedTable:
    """Write a table to a file and read it."""
    path = folder / "table.toml"
    path.write_bytes(encode_speeds(table, sources=sources))
    return read_speeds(path)


@pytest.mark.parametrize("mode", MODES)
def test_default_tables_come_back_as_they_are(mode: Mode, tmp_path: Path) -> None:
    """Every default table is read back equal: speeds, limits, town, delays, turns and seasons."""
    table = read_speeds(default_speeds_path(mode))
    assert read_back(table, tmp_path) == table
    assert read_back(table, tmp_path, sources='a "source"\n{{7*191}}') == table


@pytest.mark.parametrize("name", ["融雪期", 'mud "season"', "a.b", "two\nlines", "{{7*191}}", "=1+1", "a]b", "#x"])
def test_seasons_and_classes_may_have_any_name(name: str, tmp_path: Path) -> None:
    """A season or a class of one's own comes back under its name, an empty season and a closed class too."""
    table = read_speeds(default_speeds_path("drive"))
    own = replace(
        table,
        id=name,
        speeds_kph=tuple(sorted((*table.speeds_kph, (name, 12.345678901234567)))),
        seasons=tuple(sorted((*table.seasons, (name, (("*", 0.9), ("track", 0.0))), ("zz", ())))),
        turns=TurnDelays(1.5, 0.0, 20.25, drives_on_right=False),
    )
    assert read_back(own, tmp_path) == own


def test_the_smallest_table_comes_back(tmp_path: Path) -> None:
    """A table of one class and nothing else is a table."""
    table = SpeedTable("one", (("road", 30.0),))
    assert read_back(table, tmp_path) == table
