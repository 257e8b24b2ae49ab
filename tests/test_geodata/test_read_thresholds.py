"""Threshold files: the presets that come along, files of a planner's own, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from told_faults import tell_faults

from coverage.errors import InputError, MissingInputError
from coverage.inputs.thresholds import ThresholdTable, find_cutoffs_min, find_rule
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_thresholds import DEFAULT_PRESET, read_presets, read_thresholds

ZONES = np.array(["urban", "rural", "pastoral"], object)

OWN = """
id = "our_county"
zh = "本县标准"
en = "Our county"
source = "方案"
[[rule]]
minutes = 60
[[rule]]
service = "notarisation"
level = "county"
zone = "urban"
mode = "drive"
season = "winter"
minutes = 42.5
"""


def _read(folder: Path, text: str, name: str = "own.toml") -> ThresholdTable:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_thresholds(path, read_catalogue())


def _faults(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        _read(folder, text)
    assert caught.value.code == "thresholds.invalid"
    assert caught.value.context["file"] == "own.toml"
    return tell_faults(caught.value)


def test_presets_have_names_and_sources() -> None:
    """Every preset has both names, a source, and an id under which it is found."""
    presets = read_presets()
    assert {"half_hour", "town_30_country_60", "circle_15"} <= {table.id for table in presets}
    for table in presets:
        assert table.name.zh
        assert table.name.en
        assert table.source
        assert read_thresholds(table.id, read_catalogue()) == table


def test_half_hour_everywhere() -> None:
    """The default preset is 30 minutes for everybody."""
    table = read_thresholds(DEFAULT_PRESET)
    for mode in ("drive", "walk", "cycle"):
        assert find_cutoffs_min(table, mode=mode, season="winter", zones=ZONES).tolist() == [30.0, 30.0, 30.0]


def test_half_an_hour_in_town_an_hour_outside() -> None:
    """Town has 30 minutes, countryside and pasture 60."""
    found = find_cutoffs_min(read_thresholds("town_30_country_60"), mode="drive", season="summer", zones=ZONES)
    assert found.tolist() == [30.0, 60.0, 60.0]


def test_fifteen_minute_circle_is_converted_from_distances() -> None:
    """1.2 km on foot at 4.5 km/h are 16 min, 2 km at 15 km/h are 8 min, 3 km at 30 km/h are 6 min."""
    table = read_thresholds("circle_15")
    for mode, expected in (("walk", [16.0, 15.0, 15.0]), ("cycle", [15.0, 8.0, 15.0]), ("drive", [15.0, 15.0, 6.0])):
        assert find_cutoffs_min(table, mode=mode, season="summer", zones=ZONES).tolist() == expected
    assert find_rule(table, zone="urban", mode="walk").is_converted
    assert not find_rule(table, zone="urban", mode="drive").is_converted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_of_your_own(tmp_path: Path, encoding: str) -> None:
    """All five fields and fractions of minutes are read; the id may be left out and is then the file's name."""
    path = tmp_path / "本县.toml"
    path.write_text(OWN.replace('id = "our_county"\n', ""), encoding=encoding)
    table = read_thresholds(path, read_catalogue())
    assert (table.id, table.name.zh, table.source) == ("本县", "本县标准", "方案")
    asked = {"service": "notarisation", "level": "county", "zone": "urban", "mode": "drive"}
    assert find_rule(table, **asked, season="winter").minutes == 42.5
    assert find_rule(table, **asked, season="summer").minutes == 60.0
    assert _read(tmp_path, OWN).id == "our_county"


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """Unknown keys, missing names, times that are no times: one error lists them all."""
    faults = _faults(
        tmp_path,
        """
        zh = "表"
        colour = "red"
        [[rule]]
        minutes = "30"
        [[rule]]
        minutes = true
        zone = 3
        speed = 3
        [[rule]]
        distance_km = 2
        [[rule]]
        minutes = 5
        distance_km = 2
        speed_kph = 4
        [[rule]]
        mode = "../etc"
        minutes = inf
        """,
    )
    for part in (
        "“Name (English)” is missing.",
        "“colour” is not known.",
        "Rule 1: “Threshold (min)” is 30; a number above 0 is expected.",
        "Rule 2: “Threshold (min)” is True",
        "Rule 2: “3” cannot be used as “Zone”.",
        "Rule 2: “speed” is not known.",
        "Rule 3: give either minutes, or distance_km and speed_kph.",
        "Rule 4: give either minutes, or distance_km and speed_kph.",
        "Rule 5: “../etc” cannot be used as “Mode”.",
        "Rule 5: “Threshold (min)” is inf",
    ):
        assert part in faults


def test_ids_must_be_in_the_catalogue(tmp_path: Path) -> None:
    """A service or level nobody knows is a fault if the catalogue is at hand, as is an unknown zone or mode."""
    text = OWN.replace('"notarisation"', '"haircut"').replace('"county"', '"galaxy"')
    faults = _faults(tmp_path, text)
    assert "Rule 2: Service item “haircut” is not known; use one of: legal_consultation" in faults
    assert "Rule 2: Level “galaxy” is not known; use one of: region, prefecture" in faults
    assert read_thresholds(tmp_path / "own.toml").rules[1].service == "haircut"
    faults = _faults(tmp_path, OWN.replace('"urban"', '"suburb"').replace('"drive"', '"fly"'))
    assert "“suburb”" in faults
    assert "“fly”" in faults


@pytest.mark.parametrize(
    "rules",
    ["", "rule = 3", "[rule]\nminutes = 3", "rule = []", "rule = [3]", '[[rule]]\nzone = "urban"\nminutes = 30'],
)
def test_a_table_needs_a_general_rule(tmp_path: Path, rules: str) -> None:
    """Without rules, or without one that fits everything, there is no table."""
    assert "rule" in _faults(tmp_path, f'zh = "表"\nen = "Table"\n{rules}\n').lower()


@pytest.mark.parametrize("content", [b"[[rule]\n", b"\xff\xfe\x00", b"minutes = 5 0\n"])
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    """A file that cannot be read as TOML is refused with the reason."""
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_thresholds(path)
    assert caught.value.code == "file.not_toml"


def test_neither_preset_nor_file() -> None:
    """An unknown id is answered with the known ones, a path with what is missing, an address is refused."""
    with pytest.raises(InputError) as caught:
        read_thresholds("half_hours")
    assert caught.value.code == "thresholds.unknown_preset"
    assert "half_hour, town_30_country_60" in str(caught.value.context["known"])
    with pytest.raises(MissingInputError):
        read_thresholds("gone.toml")
    with pytest.raises(InputError) as caught:
        read_thresholds("https://example.org/table.toml")
    assert caught.value.code == "file.not_local"
