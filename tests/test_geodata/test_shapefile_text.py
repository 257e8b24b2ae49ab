"""Words of Shapefiles: a .cpg that lies or is missing, characters cut by the width of a field, fields of one name."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from coverage.errors import InputError
from geodata.intake.cells.vector_files import read_vector

NAMES = ["天山区某某街道办事处", "昌吉市甲镇"]


def write(folder: Path, names: list[str], encoding: str, declared: str | None) -> Path:
    """Write a Shapefile in an encoding whose .cpg says something else, or is not there."""
    path = folder / "area.shp"
    layer = gpd.GeoDataFrame(
        {"名称": names, "n": range(len(names))}, geometry=[Point(87.6, 43.8)] * len(names), crs=4326
    )
    layer.to_file(path, encoding=encoding)
    mark = path.with_suffix(".cpg")
    mark.unlink(missing_ok=True)
    if declared is not None:
        mark.write_text(declared)
    return path


@pytest.mark.parametrize(
    ("encoding", "declared", "code"),
    [
        ("GB18030", "UTF-8", "file.encoding_other"),
        ("GB18030", "ISO-8859-1", "file.encoding_other"),
        ("GB18030", "ANSI 1252", "file.encoding_other"),
        ("UTF-8", "GBK", "file.encoding_other"),
        ("UTF-8", "936", "file.encoding_other"),
        ("GB18030", "nonsense", "file.encoding_guessed"),
        ("GB18030", "GBK", None),
        ("GB18030", "cp936", None),
        ("UTF-8", "65001", None),
        ("UTF-8", None, "file.encoding_other"),
    ],
)
def test_words_are_read_as_what_they_are(tmp_path: Path, encoding: str, declared: str | None, code: str | None) -> None:
    """Whatever the .cpg says, names and titles are right; a false or missing word of it is said."""
    table, issues = read_vector(write(tmp_path, NAMES, encoding, declared))
    assert table["名称"].tolist() == NAMES
    assert table["n"].tolist() == [0, 1]
    found = [issue.code for issue in issues]
    assert found == ([] if code is None or declared is None else [code])


def test_latin_names_stay_latin(tmp_path: Path) -> None:
    """A true Latin-1 layer is not taken for Chinese."""
    layer = gpd.GeoDataFrame({"name": ["Curaçao", "Müller"]}, geometry=[Point(87.6, 43.8)] * 2, crs=4326)
    layer.to_file(tmp_path / "a.shp", encoding="ISO-8859-1")
    table, issues = read_vector(tmp_path / "a.shp")
    assert table["name"].tolist() == ["Curaçao", "Müller"]
    assert issues == ()


@pytest.mark.parametrize(("encoding", "declared"), [("utf-8", None), ("utf-8", "UTF-8"), ("gb18030", None)])
def test_a_character_cut_by_the_field_is_dropped(tmp_path: Path, encoding: str, declared: str | None) -> None:
    """The rest of the word stays, and the ids of the rows with it."""
    path = write(tmp_path, ["x" * 10, "y" * 10], "UTF-8", declared)
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    long = ("乌鲁木齐市天山区某某街道" * 8).encode(encoding)
    width = content[32 + 16]
    word = long[:width]
    head = content[8] + (content[9] << 8)
    table.write_bytes(content[: head + 1] + word.ljust(width)[:width] + content[head + 1 + width :])
    kept = word.decode(encoding, "ignore")
    read, issues = read_vector(path)
    first = next(column for column in read.columns if str(read[column].iloc[1]).startswith("y"))
    assert read[first].tolist() == [kept, "y" * 10]
    assert ("file.words_cut" in {issue.code for issue in issues}) is (len(kept.encode(encoding)) < len(word))


def test_two_fields_of_one_name(tmp_path: Path) -> None:
    """Two fields of one name are refused with the name, in a Shapefile and in GeoJSON."""
    layer = gpd.GeoDataFrame({"NAME": ["a"], "NAMF": ["b"]}, geometry=[Point(87.6, 43.8)], crs=4326)
    layer.to_file(tmp_path / "a.shp")
    table = tmp_path / "a.dbf"
    table.write_bytes(table.read_bytes().replace(b"NAMF", b"NAME"))
    once = json.loads(layer.to_json())
    once["features"] *= 2  # the second has two fields of one name, the first has not
    head, _, tail = json.dumps(once).rpartition("NAMF")
    (tmp_path / "a.geojson").write_text(head + "NAME" + tail)
    for name in ("a.shp", "a.geojson"):
        with pytest.raises(InputError, match=r"column_twice.*NAME"):
            read_vector(tmp_path / name)


def test_words_of_no_encoding(tmp_path: Path) -> None:
    """What fits nothing is refused, and the message speaks of the encoding."""
    path = write(tmp_path, ["aaaaaaaa"], "UTF-8", "UTF-8")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"aaaaaaaa", b"\xff\xff\xffaaaaa"))
    with pytest.raises(InputError, match="encoding_wrong"):
        read_vector(path)
