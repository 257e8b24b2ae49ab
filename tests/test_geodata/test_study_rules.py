"""What a study says besides its data: thresholds, zones, closed roads, targets and the mix of modes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_study import LAT, LON, STEP, STUDY, write_small_study

from coverage.errors import InputError, MissingInputError, SettingsError
from geodata.intake.cells.read_dates import parse_date
from geodata.intake.read_closures import read_closures
from geodata.intake.read_targets import read_targets
from geodata.studies.open_study import open_study

EXTRA = 'thresholds = "thresholds.toml"\nzones = "zones.csv"\nclosures = "closed.geojson"\ntargets = "targets.csv"\n'


def _write(folder: Path) -> Path:
    path = write_small_study(folder, study=STUDY.replace("[snap]", f"{EXTRA}[snap]"))
    head = 'id = "own"\nzh = "本县"\nen = "Own"\nsource = "test"\n'
    rules = '[[rule]]\nminutes = 60\n[[rule]]\nzone = "urban"\nminutes = 30\n'
    (path.parent / "thresholds.toml").write_text(head + rules, encoding="utf-8")
    (path.parent / "zones.csv").write_text(
        "区划代码,区域类型\n650101,城镇\nnowhere,农村\n650101,海洋\n", encoding="utf-8"
    )
    point = {"type": "Point", "coordinates": [LON + STEP, LAT]}
    closed = {"type": "Feature", "properties": {"name": "桥"}, "geometry": point}
    content = json.dumps({"type": "FeatureCollection", "features": [closed]}, ensure_ascii=False)
    (path.parent / "closed.geojson").write_text(content, encoding="utf-8")
    (path.parent / "targets.csv").write_text(
        "指标,目标值,目标年,基期值,基期年\nB1,95%,2030,0.8,2025\nZ9,1,2030,,\nB1,高,2030,,\nB1,0.9,30,,\n",
        encoding="utf-8",
    )
    return path


def test_a_study_brings_its_rules(tmp_path: Path) -> None:
    """Everything the files say is there, and every row that is not understood is accounted for."""
    path = _write(tmp_path / "study")
    text = path.read_text(encoding="utf-8") + '[mode_mix]\nother = "walk"\nurban = 0.4\n'
    path.write_text(text.replace("[snap]", "[assessment]\nown_jurisdiction = true\n[snap]"), encoding="utf-8")
    study = open_study(path)
    assert study.thresholds is not None
    assert (study.thresholds.id, study.thresholds.largest_cutoff_min) == ("own", 60.0)
    assert [(closure.name, closure.coordinates) for closure in study.closures] == [("桥", ((LON + STEP, LAT),))]
    (target,) = study.targets
    assert (target.code, target.target_value, target.target_year, target.base_value, target.base_year) == (
        *("B1", 0.95, 2030),
        *(0.8, 2025),
    )
    assert study.mode_mix is not None
    assert (study.mode_mix.other, study.mode_mix.without_car) == ("walk", (("urban", 0.4),))
    assert study.settings.own_jurisdiction
    told = {issue.code: issue.count for issue in study.issues}
    assert (told["zones.district_unknown"], told["zones.unknown_word"]) == (1, 1)
    assert (told["targets.code_unknown"], told["targets.value_not_a_number"], told["targets.year_invalid"]) == (1, 1, 1)
    rejected = study.rejected[study.rejected["role"] == "targets"]
    assert rejected["row"].tolist() == [3, 4, 5]


def test_zones_spread_down_the_districts(tmp_path: Path) -> None:
    """A district's zone holds for everybody in it; the finest that is named decides; others keep theirs."""
    path = _write(tmp_path / "study")
    districts = json.loads((path.parent / "districts.geojson").read_text(encoding="utf-8"))
    ids = {feature["properties"]["level"]: feature["properties"]["district_id"] for feature in districts["features"]}
    rows = f"{ids['county']},牧区\n{ids['township']},城镇\n"
    (path.parent / "zones.csv").write_text(f"district_id,zone\n{rows}", encoding="utf-8")
    study = open_study(path)
    own = study.demand["district_id"]
    assert set(study.demand.loc[own == ids["township"], "zone"]) == {"urban"}
    areas = {"type": "Feature", "properties": {"zone": "牧区"}, "geometry": districts["features"][0]["geometry"]}
    collection = json.dumps({"type": "FeatureCollection", "features": [areas]})
    (path.parent / "zones.csv").write_text(collection, encoding="utf-8")
    assert "pastoral" in set(open_study(path).demand["zone"])


def test_a_rule_changes_the_fingerprint(tmp_path: Path) -> None:
    """Another threshold or share without a car is another study for every cache."""
    path = _write(tmp_path / "study")
    first = open_study(path).fingerprint
    rules = (path.parent / "thresholds.toml").read_text(encoding="utf-8")
    (path.parent / "thresholds.toml").write_text(rules.replace("= 60", "= 61"), encoding="utf-8")
    second = open_study(path).fingerprint
    path.write_text(path.read_text(encoding="utf-8") + "[mode_mix]\nurban = 0.1\n", encoding="utf-8")
    assert len({first, second, open_study(path).fingerprint}) == 3


def test_another_mode_has_its_own_roads_and_speeds(tmp_path: Path) -> None:
    """Opened for walking, the study is walked: same people, other network, other fingerprint."""
    path = write_small_study(tmp_path / "study")
    drive, walk = open_study(path), open_study(path, mode="walk")
    assert (drive.settings.mode, walk.settings.mode) == ("drive", "walk")
    assert walk.network is not None
    assert walk.network.mode == "walk"
    assert drive.fingerprint != walk.fingerprint
    assert walk.demand.equals(drive.demand)
    assert open_study(path, mode="drive").fingerprint == drive.fingerprint


@pytest.mark.parametrize(
    ("section", "error"),
    [
        ('[mode_mix]\nother = "fly"\n', SettingsError),
        ('[mode_mix]\nurban = "half"\n', SettingsError),
        ("[mode_mix]\nurban = true\n", SettingsError),
        ("[mode_mix]\nurban = 2\n", SettingsError),
        ("[mode_mix]\nmoon = 0.1\n", InputError),
        ("[assessment]\nown_jurisdiction = 1\n", SettingsError),
    ],
)
def test_impossible_rules_are_refused(tmp_path: Path, section: str, error: type[Exception]) -> None:
    """Modes, zones, shares and switches are what they must be, or the study does not open."""
    path = write_small_study(tmp_path / "study")
    path.write_text(path.read_text(encoding="utf-8") + section, encoding="utf-8")
    with pytest.raises(error):
        open_study(path)


def test_a_rule_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """An input that is named must be there."""
    path = write_small_study(tmp_path / "study", study=STUDY.replace("[snap]", 'targets = "gone.csv"\n[snap]'))
    with pytest.raises(MissingInputError):
        open_study(path)


def test_closures_as_a_list(tmp_path: Path) -> None:
    """A CSV of positions closes the roads there; rows without a place are told."""
    path = tmp_path / "closed.csv"
    path.write_text("name,lon,lat\n桥,87.6,43.8\n空,,\n", encoding="utf-8")
    closures, issues = read_closures(path)
    assert [closure.coordinates for closure in closures] == [((87.6, 43.8),)]
    assert [issue.code for issue in issues] == ["position.missing"]


def test_lines_and_areas_keep_their_shape(tmp_path: Path) -> None:
    """Every part of a line or area is a closure of its own, and an area ends where it begins."""
    ring = [[87.6, 43.8], [87.7, 43.8], [87.7, 43.9], [87.6, 43.8]]
    shapes = [
        {"type": "MultiLineString", "coordinates": [[[87.6, 43.8], [87.7, 43.9]], [[87.8, 43.8], [87.9, 43.9]]]},
        {"type": "Polygon", "coordinates": [ring]},
    ]
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes]
    path = tmp_path / "closed.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    closures, _ = read_closures(path)
    assert [closure.is_area for closure in closures] == [False, False, True]


def test_a_table_without_the_columns_is_refused(tmp_path: Path) -> None:
    """Targets need at least an indicator, a value and a year."""
    path = tmp_path / "targets.csv"
    path.write_text("code,value\nB1,0.9\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"targets\.columns_missing"):
        read_targets(path)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-06-30", "2027-06-30"),
        ("2027/6/3", "2027-06-03"),
        ("2027.6.3", "2027-06-03"),
        ("２０２７年６月３日", "2027-06-03"),
        ("2027年2月", "2027-02-28"),
        ("2028-02", "2028-02-29"),
        ("2027年", "2027-12-31"),
        ("2027", "2027-12-31"),
        ("2027-06-30 00:00:00", "2027-06-30"),
        ("", ""),
        ("2027-13-01", None),
        ("2027-06-31", None),
        ("soon", None),
        ("30.6.2027", None),
    ],
)
def test_days_in_the_usual_spellings(text: str, day: str | None) -> None:
    """Days are read as people write them; a month or year means its last day; nonsense is none."""
    assert parse_date(text) == day
