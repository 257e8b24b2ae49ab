"""Speed tables: what a file may say, what is refused and how, and the tables that come along."""

from __future__ import annotations

from pathlib import Path

import pytest
from told_faults import tell_faults

from coverage.errors import InputError, MissingInputError
from coverage.network.settings import MODES, Mode
from geodata.intake.read_speeds import default_speeds_path, read_speeds

FULL = """
id = "all-of-it"
sources = "our own"
[speeds_kph]
secondary = 55
residential = 25.5
[maxspeed]
factor = 0.85
[surface_kph]
gravel = 40
[smoothness_kph]
bad = 30
[tracktype_kph]
grade5 = 10
[service_kph]
alley = 12
[urban]
junctions_per_km2 = 30
[urban_factor]
"*" = 0.9
[delays_s]
traffic_signals = 18
turn = 7.5
u_turn = 20
oncoming_turn = 4
[traffic]
drives_on = "left"
[season.winter]
secondary = 0.8
"*" = 0.7
[season.flood]
"*" = 0
"""


def _read(folder: Path, text: str, encoding: str = "utf-8") -> object:
    path = folder / "table.toml"
    path.write_text(text, encoding=encoding)
    return read_speeds(path)


def _faults(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        _read(folder, text)
    assert caught.value.code == "speeds.invalid"
    assert caught.value.context["file"] == "table.toml"
    return tell_faults(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_every_section_is_read(tmp_path: Path, encoding: str) -> None:
    """Each section lands in its field, sorted by name, whole numbers and fractions alike."""
    table = _read(tmp_path, FULL, encoding)
    assert table.id == "all-of-it"
    assert table.speeds_kph == (("residential", 25.5), ("secondary", 55.0))
    assert table.maxspeed_factor == 0.85
    assert table.surface_kph == (("gravel", 40.0),)
    assert table.smoothness_kph == (("bad", 30.0),)
    assert table.tracktype_kph == (("grade5", 10.0),)
    assert table.service_kph == (("alley", 12.0),)
    assert (table.urban_junctions_per_km2, table.urban_factor) == (30.0, (("*", 0.9),))
    assert table.delays_s == (("traffic_signals", 18.0),)
    turns = table.turns
    assert (turns.turn_s, turns.u_turn_s, turns.oncoming_turn_s, turns.drives_on_right) == (7.5, 20.0, 4.0, False)
    assert table.season_names == ("summer", "flood", "winter")
    assert dict(table.seasons)["winter"] == (("*", 0.7), ("secondary", 0.8))


def test_the_shortest_table(tmp_path: Path) -> None:
    """Speeds alone are enough; the file's name is the table's, posted limits are driven, nothing delays."""
    table = _read(tmp_path, "[speeds_kph]\nsecondary = 50\n")
    assert (table.id, table.maxspeed_factor, table.delays_s) == ("table", 1.0, ())
    assert table.turns.drives_on_right
    assert table.season_names == ("summer",)
    assert hash(table) == hash(_read(tmp_path, "[speeds_kph]\nsecondary = 50.0\n"))


def test_no_speeds_are_no_table(tmp_path: Path) -> None:
    """The section of speeds is required."""
    assert "[speeds_kph]" in _faults(tmp_path, "[maxspeed]\nfactor = 1\n")


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """Unknown sections, values out of range, words for numbers: one error lists them with the range."""
    faults = _faults(
        tmp_path,
        """
        [speeds_kph]
        secondary = "fast"
        primary = -1
        trunk = nan
        [maxspeed]
        factor = 5
        [delays_s]
        tea = 3
        none = 2
        turn = true
        [traffic]
        drives_on = "middle"
        [season.winter]
        "*" = 3
        [speed]
        x = 1
        """,
    )
    for expected in (
        "[speeds_kph] “secondary” is fast; allowed is 0, or 0.01 to 300.",
        "[speeds_kph] “primary” is -1",
        "[speeds_kph] “trunk” is nan",
        "[maxspeed] “factor” is 5; allowed is 0.1 to 2.",
        "[delays_s] “tea” is not known.",
        "[delays_s] “none” is not known.",
        "[delays_s] “turn” is True",
        "[traffic] drives_on “middle” is not known; use one of: right, left.",
        "[season.winter] “*” is 3; allowed is 0, or 0.01 to 2.",
        "The section [speed] is not known.",
    ):
        assert expected in faults


@pytest.mark.parametrize("section", ["speeds_kph", "maxspeed", "delays_s", "season", "traffic", "urban", "surface_kph"])
def test_a_section_must_be_a_section(tmp_path: Path, section: str) -> None:
    """A number where a section belongs is a fault, not a crash."""
    start = "" if section == "speeds_kph" else "[speeds_kph]\nsecondary = 50\n"
    assert section in _faults(tmp_path, f"{section} = 3\n{start}")


@pytest.mark.parametrize("content", [b"[speeds_kph\n", b"\xff\xfe\x00", b"[speeds_kph]\nsecondary = 5 0\n"])
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    """A file that cannot be read as TOML is refused with the reason."""
    path = tmp_path / "table.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_speeds(path)
    assert caught.value.code == "file.not_toml"
    assert caught.value.context["reason"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is named without its folder."""
    with pytest.raises(MissingInputError) as caught:
        read_speeds(tmp_path / "gone.toml")
    assert (caught.value.code, caught.value.context["file"]) == ("speeds.missing", "gone.toml")


@pytest.mark.parametrize("mode", MODES)
def test_our_own_tables_are_in_order(mode: Mode) -> None:
    """The tables for China read without a fault, know winter, and drive what their mode uses."""
    table = read_speeds(default_speeds_path(mode))
    assert "winter" in table.season_names
    assert {"residential", "tertiary", "unclassified"} <= table.classes
    assert ("motorway" in table.classes) == (mode == "drive")
    if mode == "drive":
        assert table.turns.turn_s > 0
        speeds, winter = dict(table.speeds_kph), dict(dict(table.seasons)["winter"])
        assert speeds["motorway"] > speeds["trunk"] > speeds["primary"] > speeds["residential"] > 0
        assert all(0 <= factor <= 1 for factor in winter.values())


def test_an_independent_engines_table_reads_as_it_stands(shared_data: Path) -> None:
    """The table used for comparison is accepted unchanged."""
    table = read_speeds(shared_data / "truth" / "speeds_osrm_car.toml")
    assert dict(table.speeds_kph)["motorway"] == 90.0
    assert (table.maxspeed_factor, table.turns.turn_s, table.turns.u_turn_s) == (0.8, 7.5, 20.0)
    assert table.season_names == ("summer",)


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 3000 + "]" * 3000, "9" * 400])
def test_endless_numbers_and_nestings_are_refused(tmp_path: Path, value: str) -> None:
    """What the TOML reader itself gives up on ends in an error of ours."""
    with pytest.raises(InputError, match=r"file\.not_toml|speeds\.invalid"):
        _read(tmp_path, f"[speeds_kph]\nprimary = {value}\n")


def test_speeds_of_almost_nothing_are_refused(tmp_path: Path) -> None:
    """0 closes a road; a speed that would take for ever is a typing error."""
    assert "primary" in _faults(tmp_path, "[speeds_kph]\nprimary = 1e-320\n")
    _read(tmp_path, "[speeds_kph]\nprimary = 0\n[delays_s]\ntraffic_signals = 0.001\n")
