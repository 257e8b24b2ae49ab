"""Studies in one file, and making new ones."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from small_study import write_small_study

from coverage.assessment import assess, build_travel_basis
from coverage.errors import InputError, MissingInputError
from coverage.stations import StationChoice
from geodata.new_study import add_margin, create_pack, create_study
from geodata.pack import open_pack, write_pack
from geodata.read_boundaries import read_districts
from geodata.study import open_study


def test_pack_opens_as_the_same_study(tmp_path: Path) -> None:
    """Packing and unpacking keeps the fingerprint, and equal studies give equal bytes."""
    path = write_small_study(tmp_path / "study")
    write_pack(path.parent, tmp_path / "a.zip")
    write_pack(path.parent, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    opened = open_pack(tmp_path / "a.zip", tmp_path / "out")
    assert open_study(opened).fingerprint == open_study(path).fingerprint


def test_pack_without_study_is_refused(tmp_path: Path) -> None:
    """A zip that holds no study.toml, or a folder that is not empty, is refused."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(InputError, match=r"pack\.no_study"):
        open_pack(tmp_path / "a.zip", tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    with pytest.raises(InputError, match=r"pack\.folder_not_empty"):
        open_pack(tmp_path / "a.zip", tmp_path / "full")
    with pytest.raises(InputError, match=r"pack\.no_study"):
        write_pack(tmp_path / "full", tmp_path / "b.zip")


def test_new_study_from_four_files_answers_like_its_sources(tmp_path: Path) -> None:
    """A study made in four steps keeps every person, station and road inside its area."""
    source = write_small_study(tmp_path / "source").parent
    made, issues = create_study(
        tmp_path / "made",
        area=source / "districts.geojson",
        population=source / "population.csv",
        roads=source / "roads.geojson",
        stations=source / "stations.csv",
        name="新项目",
        margin_km=20,
    )
    assert "rejected" not in {issue.severity for issue in issues}
    text = made.read_text(encoding="utf-8")
    made.write_text(text + "\n[snap]\nmin_component_km = 0.0\n", encoding="utf-8")
    study, original = open_study(made), open_study(source)
    assert study.name.zh == "新项目"
    assert study.demand["population"].sum() == original.demand["population"].sum()
    ours = assess(build_travel_basis(study), StationChoice()).demand["minutes"]
    theirs = assess(build_travel_basis(original), StationChoice()).demand["minutes"]
    assert ours.to_dict() == pytest.approx(theirs.to_dict(), rel=1e-4)


def test_pack_without_roads_or_stations(tmp_path: Path) -> None:
    """Area and people alone make a study that says what is missing."""
    source = write_small_study(tmp_path / "source").parent
    area, people = source / "districts.geojson", source / "population.csv"
    create_pack(tmp_path / "a.zip", area=area, population=people)
    study = open_study(open_pack(tmp_path / "a.zip", tmp_path / "out"))
    assert study.network is None
    assert {"study.no_roads", "study.no_stations"} <= {issue.code for issue in study.issues}


def test_stations_beyond_the_margin_are_left_out_and_told(tmp_path: Path) -> None:
    """Stations far outside the area are counted as rejected."""
    source = write_small_study(tmp_path / "source").parent
    with (source / "stations.csv").open("a", encoding="utf-8") as table:
        table.write("F,远处,legal_station,township,mediation,,,existing,local,,90.0,43.8\n")
    _, issues = create_study(
        tmp_path / "made",
        area=source / "districts.geojson",
        population=source / "population.csv",
        stations=source / "stations.csv",
        margin_km=10,
    )
    assert [issue.count for issue in issues if issue.code == "stations.beyond_margin"] == [1]
    assert "F" not in (tmp_path / "made" / "stations.csv").read_text(encoding="utf-8-sig").split("\n")[-2]


def test_failed_step_leaves_nothing_behind(tmp_path: Path) -> None:
    """If an input cannot be read, no half-made folder stays; a filled folder is never overwritten."""
    source = write_small_study(tmp_path / "source").parent
    with pytest.raises(MissingInputError):
        create_study(tmp_path / "made", area=source / "districts.geojson", population=source / "nothing.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]
    with pytest.raises(InputError, match=r"study\.folder_not_empty"):
        create_study(source, area=source / "districts.geojson", population=source / "population.csv")


def test_margin_is_measured_on_the_ground(tmp_path: Path) -> None:
    """Sixty kilometres of margin are sixty kilometres north and east of the outline."""
    districts, _ = read_districts(write_small_study(tmp_path).parent / "districts.geojson")
    outline = districts.geometry.union_all()
    west, south, east, north = outline.bounds
    wide = add_margin(outline, 60.0).bounds
    assert (wide[3] - north) * 111.1 == pytest.approx(60.0, abs=1.0)
    assert (wide[2] - east) * 111.32 * 0.7218 == pytest.approx(60.0, abs=1.5)
    assert wide[0] < west
    assert wide[1] < south
