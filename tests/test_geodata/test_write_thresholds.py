"""Threshold tables written and read back: the same table, whatever stands in its texts."""

from __future__ import annotations

import tomllib
from pathlib import Path

import hypothesis.strategies as some
import pytest
from hypothesis import HealthCheck, given, settings

from coverage.inputs.bilingual_names import Name
from coverage.inputs.schema import ZONES
from coverage.inputs.thresholds import ANY, ThresholdRule, ThresholdTable
from coverage.network.settings import MODES
from geodata.intake.read_thresholds import convert_distance, read_presets, read_thresholds
from geodata.studies.write_thresholds import encode_thresholds

HOSTILE = [
    "\"quoted\" \\ and 'single'",
    "two\nlines\tand a tab",
    "{{7*191}}",
    "=1+1",
    "'''\"\"\"",
    "\u202etxt",
    "#x [y]",
]
_IDS = some.from_regex(r"\A[a-z][a-z0-9_-]{0,12}\Z")
_TEXTS = some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).map(str.strip).filter(bool)
_MINUTES = some.floats(0.01, 1440.0).map(lambda value: round(value, 3))


@some.composite
def _tables(draw: some.DrawFn) -> ThresholdTable:
    """Draw a table: one rule for all, and others that all differ in their conditions."""
    patterns = some.tuples(
        some.just(ANY) | _IDS, some.sampled_from([ANY, *ZONES]), some.just(ANY) | _IDS, some.sampled_from([ANY, *MODES])
    )
    rules = [ThresholdRule(minutes=draw(_MINUTES))]
    for service, zone, level, mode in draw(some.lists(patterns, unique=True, max_size=6)):
        if {service, zone, level, mode} == {ANY}:
            continue
        minutes, distance, speed = draw(_MINUTES), float("nan"), float("nan")
        if draw(some.booleans()):
            distance, speed = draw(some.floats(0.5, 5.0)), draw(some.floats(3.0, 60.0))
            minutes = convert_distance(distance, speed)
        rules.append(ThresholdRule(service, zone, level, mode, ANY, minutes, distance, speed))
    return ThresholdTable(draw(_IDS), Name(draw(_TEXTS), draw(_TEXTS)), draw(some.text(max_size=20)), tuple(rules))


def read_back(table: ThresholdTable, folder: Path) -> ThresholdTable:
    """Write a table to a file and read it."""
    path = folder / "table.toml"
    path.write_bytes(encode_thresholds(table))
    return read_thresholds(path)


@pytest.mark.parametrize("preset", read_presets(), ids=lambda preset: preset.id)
def test_presets_come_back_as_they_are(preset: ThresholdTable, tmp_path: Path) -> None:
    """Every preset is read back equal, distances and speeds of its source included."""
    found = read_back(preset, tmp_path)
    assert repr(found) == repr(preset)  # NaN is not equal to itself


@given(table=_tables())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_comes_back(table: ThresholdTable, tmp_path: Path) -> None:
    """Whatever rules and texts a table has, reading gives the same table."""
    assert repr(read_back(table, tmp_path)) == repr(table)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text: str, tmp_path: Path) -> None:
    """Quotes, line breaks, templates and formulas in names change nothing but the name."""
    table = ThresholdTable("own", Name(text, text), text, (ThresholdRule(minutes=25.0),))
    found = read_back(table, tmp_path)
    assert (found.name, found.source, found.rules[0].minutes) == (Name(text, text), text, 25.0)


def test_minutes_that_contradict_their_distance_decide() -> None:
    """A rule whose minutes were changed by hand is written in minutes, without the distance of its source."""
    rule = ThresholdRule(minutes=20.0, distance_km=1.2, speed_kph=4.5)
    written = tomllib.loads(encode_thresholds(ThresholdTable("own", Name("甲", "A"), "", (rule,))).decode())
    assert written["rule"] == [{"minutes": 20.0}]
