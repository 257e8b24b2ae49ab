"""Studies in one file, and making new ones."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from small_study import write_small_study

from coverage.access.assessment import assess
from coverage.errors import InputError, MissingInputError
from coverage.inputs.stations import StationChoice
from coverage.travel.travel_basis import build_travel_basis
from geodata.intake.read_boundaries import read_districts
from geodata.studies.new_study import NewStudy, add_margin, create_pack, create_study
from geodata.studies.open_study import open_study
from geodata.studies.pack import open_pack, write_pack


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
        NewStudy(
            area=source / "districts.geojson",
            population=source / "population.csv",
            roads=source / "roads.geojson",
            stations=source / "stations.csv",
            name="新项目",
            margin_km=20,
        ),
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
    create_pack(tmp_path / "a.zip", NewStudy(area=area, population=people))
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
        NewStudy(
            area=source / "districts.geojson",
            population=source / "population.csv",
            stations=source / "stations.csv",
            margin_km=10,
        ),
    )
    assert [issue.count for issue in issues if issue.code == "stations.beyond_margin"] == [1]
    assert "F" not in (tmp_path / "made" / "stations.csv").read_text(encoding="utf-8-sig").split("\n")[-2]


def test_failed_step_leaves_nothing_behind(tmp_path: Path) -> None:
    """If an input cannot be read, no half-made folder stays; a filled folder is never overwritten."""
    source = write_small_study(tmp_path / "source").parent
    with pytest.raises(MissingInputError):
        create_study(tmp_path / "made", NewStudy(area=source / "districts.geojson", population=source / "nothing.csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]
    with pytest.raises(InputError, match=r"study\.folder_not_empty"):
        create_study(source, NewStudy(area=source / "districts.geojson", population=source / "population.csv"))


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


def test_people_outside_the_area_are_left_out_and_told(tmp_path: Path) -> None:
    """People of a table that covers more than the area: in = kept + reported."""
    source = write_small_study(tmp_path / "source").parent
    with (source / "population.csv").open("a", encoding="utf-8") as table:
        table.write("F,90.0,43.8,1000,1\nG,90.1,43.8,500,1\n")
    target = tmp_path / "made"
    path, issues = create_study(
        target, NewStudy(area=source / "districts.geojson", population=source / "population.csv")
    )
    assert open_study(path).demand["population"].sum() == 187
    told = [issue for issue in issues if issue.code == "demand.outside_area"]
    assert [(issue.count, dict(issue.facts)["people"]) for issue in told] == [(2, 1500.0)]


def test_area_without_anybody_is_refused(tmp_path: Path) -> None:
    """Area and people of different places end with an error, not with an empty study."""
    source = write_small_study(tmp_path / "source").parent
    (source / "population.csv").write_text("id,lon,lat,population\nF,90.0,43.8,1000\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"demand\.none_in_area"):
        create_study(
            tmp_path / "made", NewStudy(area=source / "districts.geojson", population=source / "population.csv")
        )


def test_new_packs_of_equal_files_have_equal_bytes(tmp_path: Path) -> None:
    """Made at another time of day, a pack of the same files is the same to the byte."""
    source = write_small_study(tmp_path / "source").parent
    for name in ("a", "b"):
        create_pack(
            tmp_path / f"{name}.zip",
            NewStudy(
                area=source / "districts.geojson",
                population=source / "population.csv",
                roads=source / "roads.geojson",
                stations=source / "stations.csv",
                name="same",
            ),
        )
        made = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == made:  # GeoPackages keep the time to the millisecond
            pass
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A study cannot be made, nor a pack unpacked, below a file; the error says so."""
    source = write_small_study(tmp_path / "source").parent
    (tmp_path / "taken").write_bytes(b"x")
    with pytest.raises(InputError, match=r"file\.cannot_write"):
        create_study(
            tmp_path / "taken" / "made",
            NewStudy(area=source / "districts.geojson", population=source / "population.csv"),
        )


def test_pack_holds_the_study_and_nothing_else(tmp_path: Path) -> None:
    """Results, drafts and lists that happen to lie in the folder do not travel; a Shapefile's siblings do."""
    folder = write_small_study(tmp_path / "study").parent
    (folder / "results").mkdir()
    (folder / "results" / "demand.csv").write_text("x", encoding="utf-8")
    (folder / "telephone list.csv").write_text("x", encoding="utf-8")
    (folder / "rejected_stations.csv").write_text("x", encoding="utf-8")
    gpd.read_file(folder / "roads.geojson").to_file(folder / "roads.shp")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text.replace("roads.geojson", "roads.shp"), encoding="utf-8")
    write_pack(folder, tmp_path / "a.zip")
    named = {"study.toml", "population.csv", "stations.csv", "districts.geojson", "rejected_stations.csv"}
    siblings = {f"roads.{end}" for end in ("shp", "shx", "dbf", "prj", "cpg")}
    assert set(zipfile.ZipFile(tmp_path / "a.zip").namelist()) == named | siblings
