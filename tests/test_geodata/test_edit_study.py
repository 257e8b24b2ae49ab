"""Changing a study: all of it or nothing, comments stay, a crash in the middle loses nothing, undo restores."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_study import STUDY, write_small_study

from coverage.errors import InputError, PlannerError, SettingsError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.targets import Target
from coverage.inputs.thresholds import ThresholdRule, ThresholdTable
from coverage.network.closures import Closure
from geodata.intake.read_catalogue import DEFAULT_CATALOGUE, read_catalogue
from geodata.intake.read_closures import read_closures
from geodata.intake.read_speeds import default_speeds_path
from geodata.intake.read_targets import read_targets
from geodata.intake.read_thresholds import read_thresholds
from geodata.intake.read_zones import read_zone_areas, read_zone_list
from geodata.studies.demo import demo_folder
from geodata.studies.edit_study import save_inputs, undo_saving
from geodata.studies.edit_toml import change_toml, rewrite_toml
from geodata.studies.open_study import open_study
from geodata.studies.study_file import read_study_file
from geodata.studies.write_catalogue import encode_catalogue
from geodata.studies.write_inputs import encode_closures, encode_targets, encode_zone_areas, encode_zones
from geodata.studies.write_speeds import encode_speeds
from geodata.studies.write_thresholds import encode_thresholds


def make_thresholds(minutes: float, *rules: ThresholdRule) -> bytes:
    """Return a table of one's own as a file."""
    return encode_thresholds(ThresholdTable("own", Name("自定", "Own"), "", (ThresholdRule(minutes=minutes), *rules)))


def read_folder(path: Path) -> dict[str, bytes]:
    """Return every file of a study's folder."""
    return {one.name: one.read_bytes() for one in path.parent.iterdir()}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return a small study whose file has comments."""
    return write_small_study(tmp_path / "small", study="# mine\n" + STUDY.replace("[snap]", "# joins\n[snap]"))


def test_an_input_is_saved_and_named(study: Path) -> None:
    """A first table of thresholds is a new file, named in study.toml; comments and the rest stay."""
    before = study.read_text("utf-8")
    save_inputs(study, {"thresholds": make_thresholds(45.0)})
    after = study.read_text("utf-8")
    assert after.replace('thresholds = "thresholds.toml"\n', "") == before
    opened = open_study(study)
    assert opened.thresholds is not None
    assert opened.thresholds.rules[0].minutes == 45.0


def test_a_second_saving_replaces_only_the_input(study: Path) -> None:
    """Once it is named, saving again replaces that one file in one step."""
    save_inputs(study, {"thresholds": make_thresholds(45.0)})
    before = read_folder(study)
    saving = save_inputs(study, {"thresholds": make_thresholds(50.0)})
    after = read_folder(study)
    assert {name for name in after if after[name] != before.get(name)} == {"thresholds.toml"}
    assert set(after) == set(before)
    undo_saving(saving)
    assert read_folder(study) == before


def test_undo_takes_a_first_saving_back_whole(study: Path) -> None:
    """Undo puts study.toml back byte by byte and removes the file that was added."""
    before = read_folder(study)
    saving = save_inputs(study, {"thresholds": make_thresholds(45.0)}, {"assessment": {"cutoff_min": 20.0}})
    assert read_folder(study) != before
    undo_saving(saving)
    assert read_folder(study) == before


def test_undo_leaves_what_somebody_else_saved(study: Path) -> None:
    """Where the file was changed after the saving, undo refuses and changes nothing."""
    saving = save_inputs(study, {"thresholds": make_thresholds(45.0)})
    save_inputs(study, {}, {"assessment": {"cutoff_min": 20.0}})
    before = read_folder(study)
    with pytest.raises(InputError, match="changed_since"):
        undo_saving(saving)
    assert read_folder(study) == before


@pytest.mark.parametrize(
    ("changes", "sections"),
    [
        ({"thresholds": b"[[rule]]\nminutes = -5\n"}, {}),
        ({"thresholds": b"\xff\xfe not toml"}, {}),
        ({"thresholds": make_thresholds(30.0, ThresholdRule(service="no_such_item"))}, {}),
        ({"speeds": b"[speeds_kph]\nroad = 9999\n"}, {}),
        ({"speeds": b"[speeds_kph]\nroad = 30\n"}, {"assessment": {"season": "winter"}}),
        ({"catalogue": b"[[family]]\nid = 'x'\n"}, {}),
        ({"closures": b'{"type": "FeatureCollection", "features": []}'}, {}),
        ({"closures": b"<OGRVRTDataset/>"}, {}),
        ({"targets": b"what\n1\n"}, {}),
        ({"zones": encode_zones({"nowhere": "urban"})}, {}),
        ({"population": b"lon,lat,population\n"}, {}),
        ({"population": None}, {}),
        ({}, {"assessment": {"cutoff_min": 5000.0}}),
        ({}, {"assessment": {"mode": "fly"}}),
        ({}, {"nonsense": {"x": 1}}),
        ({}, {"mode_mix": {"other": "walk", "urban": 7.0}}),
        ({"closures": encode_closures((Closure("a", ((87.6, 43.8),)),))}, {"snap": {"max_access_m": -1.0}}),
    ],
)
def test_a_bad_edit_changes_nothing(study: Path, changes: dict[str, Any], sections: dict[str, Any]) -> None:
    """What could not be read back is refused with a reason, and every file stays as it was."""
    before = read_folder(study)
    with pytest.raises(PlannerError):
        save_inputs(study, changes, sections)
    assert read_folder(study) == before


def test_a_catalogue_that_the_thresholds_contradict_is_refused(study: Path) -> None:
    """An item that a threshold names cannot be taken out of the catalogue alone; both together can be saved."""
    save_inputs(study, {"thresholds": make_thresholds(30.0, ThresholdRule(service="case_filing", minutes=60.0))})
    text = DEFAULT_CATALOGUE.read_text("utf-8").replace('"case_filing"', '"case_opening"').encode()
    with pytest.raises(InputError, match=r"thresholds\.invalid"):
        save_inputs(study, {"catalogue": text})
    save_inputs(study, {"catalogue": text, "thresholds": make_thresholds(30.0)})
    assert open_study(study).catalogue.item("case_opening")


def _crash_at(number: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the machine stop at the n-th replacement of a file: that one and all later ones fail."""
    count = 0
    replace = os.replace

    def crash(source: Any, target: Any, **named: Any) -> None:
        nonlocal count
        count += 1
        if count >= number:
            raise OSError(5, "power lost")
        replace(source, target, **named)

    monkeypatch.setattr(os, "replace", crash)
    return lambda: count


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_crash_in_the_middle_leaves_the_old_study(study: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two inputs in use and a setting change at once: whenever it stops, the old study opens as before."""
    save_inputs(study, {"thresholds": make_thresholds(45.0), "catalogue": encode_catalogue(read_catalogue())})
    fingerprint = open_study(study).fingerprint
    text = DEFAULT_CATALOGUE.read_text("utf-8").replace('"case_filing"', '"case_opening"').encode()
    new = make_thresholds(50.0, ThresholdRule(service="case_opening", minutes=60.0))
    with monkeypatch.context() as patch:
        counted = _crash_at(number, patch)
        with pytest.raises(InputError, match="cannot_write"):
            save_inputs(study, {"catalogue": text, "thresholds": new}, {"assessment": {"cutoff_min": 20.0}})
        assert counted() == number
    assert open_study(study).fingerprint == fingerprint
    save_inputs(study, {"catalogue": text, "thresholds": new}, {"assessment": {"cutoff_min": 20.0}})
    opened = open_study(study)
    assert opened.settings.cutoff_min == 20.0
    assert opened.catalogue.item("case_opening")
    assert opened.thresholds is not None
    assert opened.thresholds.rules[1].service == "case_opening"


def test_the_study_that_comes_along_is_never_written() -> None:
    """Saving into the program's own folder is refused before anything happens."""
    before = read_folder(demo_folder() / "study.toml")
    with pytest.raises(InputError, match=r"study\.embedded"):
        save_inputs(demo_folder() / "study.toml", {"thresholds": make_thresholds(45.0)})
    assert read_folder(demo_folder() / "study.toml") == before


def test_a_file_of_the_user_s_is_never_overwritten(study: Path) -> None:
    """A file of the usual name that the study does not name stays; the new input takes the next name."""
    draft = study.parent / "thresholds.toml"
    draft.write_text("my own notes", encoding="utf-8")
    save_inputs(study, {"thresholds": make_thresholds(45.0)})
    assert draft.read_text(encoding="utf-8") == "my own notes"
    found = read_study_file(study).find_input("thresholds")
    assert found is not None
    assert found.name == "thresholds-2.toml"


def test_a_file_that_serves_another_role_is_never_overwritten(tmp_path: Path) -> None:
    """People may stand in a file called zones.csv: zones are then saved under another name."""
    study = write_small_study(tmp_path / "odd", study=STUDY.replace('"population.csv"', '"zones.csv"'))
    (study.parent / "population.csv").rename(study.parent / "zones.csv")
    save_inputs(study, {"zones": encode_zones({"650101": "pastoral"})})
    opened = open_study(study)
    assert opened.demand["population"].sum() == 187.0
    assert opened.demand["zone"].loc["A"] == "pastoral"


def test_an_input_can_be_taken_out(study: Path) -> None:
    """None takes the input out of the study; a required one stays."""
    before = study.read_bytes()
    save_inputs(study, {"thresholds": make_thresholds(45.0)})
    save_inputs(study, {"thresholds": None})
    assert study.read_bytes() == before
    assert open_study(study).thresholds is None


def test_small_inputs_come_back(tmp_path: Path) -> None:
    """Closed roads and targets are read back equal, hostile names and missing values included."""
    ring = ((87.6, 43.8), (87.7, 43.8), (87.7, 43.9), (87.6, 43.8))
    closures = (
        Closure('{{7*191}} "桥"\n', ((87.6, 43.8),)),
        Closure("=1+1", ((87.6, 43.8), (87.7, 43.9))),
        Closure("", ring),
    )
    path = tmp_path / "closures.geojson"
    path.write_bytes(encode_closures(closures))
    found = read_closures(path)[0]
    assert [one.coordinates for one in found] == [one.coordinates for one in closures]
    assert [one.name for one in found[1:]] == ["=1+1", ""]
    assert found[0].name.startswith('{{7*191}} "桥"')
    targets = (Target("B1", 0.95, 2030), Target("A1.township", 1.0, 2027, "county", "650121", 0.875, 2024))
    path = tmp_path / "targets.csv"
    path.write_bytes(encode_targets(targets))
    assert repr(read_targets(path)[0]) == repr(targets)


def test_drawn_zones_are_saved_as_areas(study: Path, tmp_path: Path) -> None:
    """Areas of an upload are written by us and decide; shapes that are no areas are left out and told."""
    square = [[[87.5, 43.7], [87.61, 43.7], [87.61, 43.9], [87.5, 43.9], [87.5, 43.7]]]
    area = {"type": "Polygon", "coordinates": square}
    shapes = [("牧区", area), ("urban", {"type": "Point", "coordinates": [87.6, 43.8]}), ("{{7*191}}", area)]
    features = [{"type": "Feature", "properties": {"zone": zone}, "geometry": shape} for zone, shape in shapes]
    upload = tmp_path / "areas.geojson"
    upload.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    areas, issues = read_zone_areas(upload)
    assert sorted(issue.code for issue in issues if issue.severity == "rejected") == [
        "zones.not_an_area",
        "zones.unknown_word",
    ]
    save_inputs(study, {"zones": encode_zone_areas(areas)})
    opened = open_study(study)
    assert [source.path for source in opened.sources if source.role == "zones"] == ["zones.geojson"]
    assert opened.demand["zone"].to_dict() == {"A": "pastoral", "B": "rural", "C": "rural", "D": "rural"}
    save_inputs(study, {"zones": encode_zones({"650101": "urban"})})
    assert read_zone_list(study.parent / "zones.csv") == {"650101": "urban"}
    assert set(open_study(study).demand["zone"].loc[["A", "B", "D"]]) == {"urban"}
    with pytest.raises(InputError, match="no_areas"):
        read_zone_areas(study.parent / "zones.csv")


@pytest.mark.parametrize(
    ("text", "sections", "wanted"),
    [
        ("a = 1 # one\n[b]\nc = 2 # two\n", {"b": {"d": "x"}}, 'a = 1 # one\n[b]\nc = 2 # two\nd = "x"\n'),
        ("[b]\nc = 2 # two\n# three\n", {"b": {"c": 3}}, "[b]\nc = 3 # two\n# three\n"),
        (
            "[b]\nc = 2\n\n# of e\n[e]\nf = 1\n",
            {"b": {"g": [1.5, 2.0]}},
            "[b]\nc = 2\ng = [1.5, 2.0]\n\n# of e\n[e]\nf = 1\n",
        ),
        ("[b]\nc = 2\n", {"e": {"f": True}}, "[b]\nc = 2\n\n[e]\nf = true\n"),
        ("[b]\nc = 2\n[e]\nf = 1\n", {"b": None}, "[e]\nf = 1\n"),
        ("[b]\nc = 2\nd = 3\n", {"b": {"c": None}}, "[b]\nd = 3\n"),
        ("[b]\nc = 2\n# of c\n\n# of e\n[e]\nf = 1\n# end\n", {"e": None}, "[b]\nc = 2\n# of c\n# end\n"),
        ("b.c = 2 # two\n", {"b": {"c": 3}}, "b.c = 3 # two\n"),
        ("b = {c = 2} # two\n", {"b": {"c": 3}}, "b = {c = 3} # two\n"),
        ("[b]\nc = [\n  1, # one\n  2,\n]\n", {"b": {"c": [1, 3]}}, "[b]\nc = [\n  1, # one\n  3,\n]\n"),
        ("[b]\r\nc = 2 # two\r\n", {"b": {"c": 3}}, "[b]\r\nc = 3 # two\r\n"),
    ],
)
def test_single_keys_change_where_they_stand(text: str, sections: dict[str, Any], wanted: str) -> None:
    """Lines keep their place and comments, and a comment before a header goes where the header goes."""
    assert change_toml(text, sections) == wanted


THRESHOLDS = """# 本县标准，经县政府同意
least_hours_week = 8  # two mornings
en = "Ours"
zh = "本县"

# everybody
[[rule]]
minutes = 45   # agreed in May

# villages on the steppe
[[rule]]
minutes = 90
zone = "pastoral"

# town, on foot
[[rule]]
mode = "walk"
zone = "urban"
minutes = 15
# the end
"""


def test_a_threshold_file_keeps_its_layout(study: Path) -> None:
    """One number is changed where it stands; a rule that goes takes its comment along."""
    own = study.parent / "my.toml"
    own.write_text(THRESHOLDS, encoding="utf-8")
    study.write_text(study.read_text("utf-8").replace("[inputs]", '[inputs]\nthresholds = "my.toml"'), encoding="utf-8")
    table = open_study(study).thresholds
    assert table is not None
    general, steppe, walk = table.rules
    saved = replace(table, rules=(replace(general, minutes=40.0), steppe, walk))
    save_inputs(study, {"thresholds": encode_thresholds(saved)})
    changed = THRESHOLDS.replace("minutes = 45 ", "minutes = 40.0 ").replace("least", 'id = "my"\nleast', 1)
    written = (study.parent / "thresholds.toml").read_text("utf-8")
    assert written.replace('id = "my"\n', "") == changed.replace('id = "my"\n', "")
    assert own.read_text("utf-8") == THRESHOLDS
    new = ThresholdRule(zone="rural", minutes=60.0)
    save_inputs(study, {"thresholds": encode_thresholds(replace(saved, rules=(*saved.rules[:1], walk, new)))})
    text = (study.parent / "thresholds.toml").read_text("utf-8")
    assert "steppe" not in text
    assert text.endswith(
        '# town, on foot\n[[rule]]\nmode = "walk"\nzone = "urban"\nminutes = 15\n'
        '\n[[rule]]\nzone = "rural"\nminutes = 60.0\n# the end\n'
    )
    assert read_thresholds(study.parent / "thresholds.toml").rules == (saved.rules[0], walk, new)


def test_a_catalogue_and_a_speed_table_keep_their_comments(study: Path) -> None:
    """Our own files as a study's: an edit of one entry changes its lines and no others."""
    files = {"catalogue.toml": DEFAULT_CATALOGUE, "speeds.toml": default_speeds_path("drive")}
    for name, source in files.items():
        (study.parent / name).write_bytes(source.read_bytes())
    named = "".join(f'{name.removesuffix(".toml")} = "{name}"\n' for name in files)
    study.write_text(study.read_text("utf-8").replace("[inputs]\n", f"[inputs]\n{named}"), encoding="utf-8")
    opened = open_study(study)
    kind = opened.catalogue.kind("legal_room")
    kinds = tuple(replace(one, services=one.services[:-1]) if one is kind else one for one in opened.catalogue.kinds)
    speeds = dict(opened.speeds.speeds_kph) | {"track": 17.0}
    save_inputs(study, {"catalogue": encode_catalogue(replace(opened.catalogue, kinds=kinds))})
    save_inputs(study, {"speeds": encode_speeds(replace(opened.speeds, speeds_kph=tuple(sorted(speeds.items()))))})
    for name, source in files.items():
        old, new = (path.read_text("utf-8").splitlines() for path in (source, study.parent / name))
        assert sum(one != other for one, other in zip(old, new, strict=True)) == 1
    again = open_study(study)
    assert again.catalogue.kind("legal_room").services == kind.services[:-1]
    assert dict(again.speeds.speeds_kph)["track"] == 17.0


def test_every_table_of_ours_is_taken_apart_and_put_together_as_it_is() -> None:
    """Without a change a text comes out byte by byte, whatever comments stand in it."""
    for path in [*DEFAULT_CATALOGUE.parent.glob("*.toml"), demo_folder() / "study.toml"]:
        text = path.read_text("utf-8")
        assert rewrite_toml(text, tomllib.loads(text), tomllib.loads(text)) == text


def test_a_broken_study_file_is_told_and_left_alone(study: Path) -> None:
    """What is no TOML is refused with the line before anything is written."""
    study.write_text(study.read_text("utf-8") + "[snap\n", encoding="utf-8")
    before = read_folder(study)
    with pytest.raises(InputError) as caught:
        save_inputs(study, {"thresholds": make_thresholds(45.0)}, {"assessment": {"cutoff_min": 20.0}})
    assert caught.value.code == "file.not_toml"
    assert read_folder(study) == before


def test_settings_are_refused_by_name(study: Path) -> None:
    """A setting out of range says which one it is."""
    with pytest.raises(SettingsError) as caught:
        save_inputs(study, {}, {"snap": {"max_access_m": 0.0}})
    assert caught.value.context["name"] == "max_access_m"
