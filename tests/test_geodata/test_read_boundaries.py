"""Districts in: levels, parents, broken outlines and official totals."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Polygon, box

from coverage.errors import InputError
from coverage.inputs.schema import DISTRICT_COLUMNS
from geodata.intake.read_boundaries import guess_level, read_districts


def write(folder: Path, shapes: list[object], **columns: list[object]) -> Path:
    """Write a layer of districts."""
    path = folder / "districts.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(path)
    return path


def test_reference_counties(shared_data: Path) -> None:
    """The 106 counties of Xinjiang read with codes, names and census totals."""
    districts, issues = read_districts(shared_data / "xinjiang" / "counties.geojson")
    assert len(districts) == 106
    assert list(districts.columns) == list(DISTRICT_COLUMNS)
    assert districts.index.name == "district_id"
    assert set(districts["level"]) == {"county"}
    assert set(districts["parent_id"]) == {""}
    assert districts["population_official"].sum() == 25_852_345
    assert districts.loc["650102", "name"] == "天山区"
    assert districts.geometry.is_valid.all()
    assert [issue for issue in issues if issue.severity == "rejected"] == []


def test_parents_by_column_code_and_overlap(tmp_path: Path) -> None:
    """A parent is taken from the column, else from the code, else from the largest overlap.

    ::

        +----------------+--------+     6501 prefecture: everything
        | 650121    +----+--+     |     650121, 650122: west and east county
        |           | odd   |     |     odd: a township that lies mostly in the west
        +-----------+----+--+-----+
    """
    shapes = [box(0, 0, 10, 10), box(0, 0, 6, 10), box(6, 0, 10, 10), box(0, 0, 1, 1), box(4, 0, 7, 3), box(8, 8, 9, 9)]
    path = write(
        tmp_path,
        shapes,
        code=["6501", "650121", "650122", "650121101", "odd", "given"],
        name=["市", "西县", "东县", "镇", "乡", "村"],
        level=["prefecture", "county", "county", "township", "township", "village"],
        parent_id=["", "", "", "", "", "650122"],
    )
    districts, issues = read_districts(path)
    assert districts["parent_id"].to_dict() == {
        "6501": "",
        "650121": "6501",
        "650122": "6501",
        "650121101": "650121",
        "odd": "650121",
        "given": "650122",
    }
    assert issues == ()


def test_padded_codes_find_their_parents(tmp_path: Path) -> None:
    """Codes padded with zeros to six or twelve digits give level and parent by their digits."""
    path = write(
        tmp_path,
        [box(0, 0, 10, 10), box(0, 0, 5, 5), box(0, 0, 2, 2)],
        adcode=["650100", "650102", "650102001000"],
    )
    districts, _ = read_districts(path)
    assert districts["level"].tolist() == ["prefecture", "county", "township"]
    assert districts["parent_id"].tolist() == ["", "650100", "650102"]


def test_unknown_and_upside_down_parents(tmp_path: Path) -> None:
    """A parent that does not exist, or is not higher, is replaced by what the map shows, with a warning."""
    path = write(
        tmp_path,
        [box(0, 0, 10, 10), box(1, 1, 2, 2)],
        district_id=["a", "b"],
        level=["county", "township"],
        parent_id=["b", "nobody"],
    )
    districts, issues = read_districts(path)
    assert districts["parent_id"].to_dict() == {"a": "", "b": "a"}
    assert {issue.code: issue.count for issue in issues if issue.severity != "note"} == {"districts.parent_unknown": 2}


def test_broken_outlines_ids_and_totals(tmp_path: Path) -> None:
    """A bow tie is repaired, a line and a repeated id left out, an unreadable total unknown."""
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    path = write(
        tmp_path,
        [bow, LineString([(0, 0), (1, 1)]), box(5, 5, 6, 6), box(7, 7, 8, 8)],
        district_id=["bow", "line", "box", "box"],
        population=["1,200", "5", "unknown", "7"],
    )
    districts, issues = read_districts(path, level="township")
    assert districts.index.tolist() == ["bow", "box"]
    assert shapely.area(districts.geometry.to_numpy()).tolist() == pytest.approx([0.5, 1.0])
    assert set(districts.geometry.geom_type) <= {"Polygon", "MultiPolygon"}
    assert districts["population_official"].tolist()[0] == 1200
    assert np.isnan(districts["population_official"].iloc[1])
    assert set(districts["level"]) == {"township"}
    assert {issue.code for issue in issues} == {
        "districts.not_a_polygon",
        "districts.outline_repaired",
        "districts.id_twice",
        "districts.population_unreadable",
        "districts.names_made",
    }


def test_level_words_and_guesses(tmp_path: Path) -> None:
    """Chinese words for levels are understood, unknown ones are told from the code, with a warning."""
    path = write(tmp_path, [box(0, 0, 2, 2), box(0, 0, 1, 1)], code=["6501", "650102"], level=["地级", "duchy"])
    districts, issues = read_districts(path)
    assert districts["level"].tolist() == ["prefecture", "county"]
    assert [issue.code for issue in issues] == ["districts.names_made", "districts.level_guessed"]
    assert guess_level("65") == guess_level("x50102") == ""


def test_unusable_layers(tmp_path: Path) -> None:
    """A table, a layer of lines and an unknown level are refused."""
    table = tmp_path / "a.csv"
    table.write_text("code,name\n1,a\n")
    lines = write(tmp_path, [LineString([(0, 0), (1, 1)])], code=["a"])
    codes = []
    for path, level in ((table, None), (lines, None), (lines, "empire")):
        with pytest.raises(InputError) as caught:
            read_districts(path, level=level)
        codes.append(caught.value.code)
    assert codes == ["districts.no_polygons", "districts.no_polygons", "districts.level_unknown"]
