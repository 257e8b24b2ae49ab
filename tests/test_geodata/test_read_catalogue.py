"""The catalogue file: ours is complete, and a broken one is told all its faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from told_faults import tell_faults

from coverage.errors import InputError
from geodata.intake.read_catalogue import read_catalogue

SMALL = """
[[family]]
id = "legal"
zh = "法律"
en = "Legal"
[[level]]
id = "county"
zh = "县"
en = "County"
rank = 1
[[kind]]
id = "other"
zh = "其他"
en = "Other"
family = "legal"
level = "county"
services = ["advice"]
[[item]]
id = "advice"
zh = "咨询"
en = "Advice"
family = "legal"
[[bundle]]
id = "errand"
zh = "一件事"
en = "Errand"
items = ["advice"]
"""


def write(folder: Path, text: str) -> Path:
    """Write a catalogue and return its path."""
    path = folder / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_own_catalogue_has_every_kind_and_weight() -> None:
    """The catalogue that comes with the planner knows the services of the plan, in both languages."""
    catalogue = read_catalogue()
    assert {family.id for family in catalogue.families} >= {"legal", "police", "traffic", "court"}
    assert [level.id for level in catalogue.levels] == ["region", "prefecture", "county", "township", "village"]
    names = {kind.name.zh for kind in catalogue.kinds}
    assert names >= {
        "公共法律服务中心",
        "司法所",
        "派出所",
        "便民警务站",
        "邮政代办点",
        "巡回法官工作站",
        "政务服务大厅",
    }
    assert {item.weight for item in catalogue.items} == {"population", "drivers", "vehicles", "children"}
    assert catalogue.item("after_school_care").weight == "children"
    assert catalogue.item("legal_consultation").remote
    assert catalogue.kind("service_point").services[0] == "legal_consultation"
    assert {item for bundle in catalogue.bundles for item in bundle.items} <= {item.id for item in catalogue.items}
    offered = {item for kind in catalogue.kinds for item in kind.services}
    assert {item.id for item in catalogue.items} == offered


def test_small_catalogue_takes_defaults(tmp_path: Path) -> None:
    """An item without weight counts residents and is not remote."""
    catalogue = read_catalogue(write(tmp_path, SMALL))
    assert (catalogue.item("advice").weight, catalogue.item("advice").remote) == ("population", False)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Unknown references, missing names, repeated ids, wrong types and unknown fields come in one error."""
    broken = (
        SMALL.replace('services = ["advice"]', 'services = ["advice", "nowhere"]')
        .replace('en = "Errand"', "")
        .replace("rank = 1", 'rank = "high"')
        .replace('family = "legal"\nlevel', 'family = "army"\ncolour = "red"\nlevel')
        + '[[item]]\nid = "advice"\nzh = "又"\nen = "Again"\nfamily = "legal"\nweight = "dogs"\n[[zoo]]\n'
    )
    with pytest.raises(InputError) as caught:
        read_catalogue(write(tmp_path, broken))
    told = tell_faults(caught.value)
    for part in (
        "Items “nowhere” does not exist",
        "“Name (English)” is missing",
        "“high” cannot be used as “Rank”",
        "Service category “army” does not exist",
        "“colour” is not known",
        "the code is used twice",
        "Counts (people) “dogs” is not known; use one of: population, ",
        "[zoo]",
    ):
        assert part in told
    assert caught.value.context["count"] == len(told.splitlines()) == 8


def test_missing_fallback_kind_is_a_fault(tmp_path: Path) -> None:
    """A catalogue needs the kind "other", into which unknown kinds are put."""
    with pytest.raises(InputError, match="other"):
        read_catalogue(write(tmp_path, SMALL.replace('id = "other"', 'id = "office"')))


@pytest.mark.parametrize("text", ['[[family]]\nid = "x', "\ufffe", "[[family]]\nid = {{7*191}}"])
def test_broken_toml_names_the_line(tmp_path: Path, text: str) -> None:
    """A file that is no TOML is told where it breaks."""
    with pytest.raises(InputError) as caught:
        read_catalogue(write(tmp_path, text))
    assert caught.value.code == "file.not_toml"
    assert "line" in str(caught.value.context["reason"])


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 3000 + "]" * 3000])
def test_endless_numbers_and_nestings_are_refused(tmp_path: Path, value: str) -> None:
    """What the TOML reader itself gives up on ends in an error of ours."""
    path = tmp_path / "catalogue.toml"
    path.write_text(f"a = {value}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_catalogue(path)
    assert caught.value.code == "file.not_toml"
