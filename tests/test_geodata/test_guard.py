"""Files that are programs, damaged files and huge shapes: refused or named in our own words."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tracemalloc
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cli import main
from coverage.errors import CancelledError, InputError, PlannerError
from geodata.files import geojson_guard, reading_border
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.vector_files import read_vector
from geodata.intake.read_boundaries import read_districts
from geodata.intake.read_population import read_population
from geodata.intake.read_population_polygons import spread_points
from geodata.roads.read_network_source import read_road_lines
from geodata.store.database import DATABASE, open_store

ROOT = Path(__file__).resolve().parents[2]
_HEAD = 100  # bytes of settings at the beginning of an SQLite file


@pytest.fixture(scope="module")
def guard_cases() -> Path:
    """Return the folder of hostile files that lies next to the repository; skip where it is absent."""
    folder = ROOT.parent / "shared" / "cases" / "guard"
    if not folder.is_dir():
        pytest.skip("hostile files (../shared/cases/guard) are not here")
    return folder


def make_layer(path: Path, *statements: str) -> Path:
    """Write a GeoPackage of two points and run statements on it."""
    layer = gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=gpd.points_from_xy([87.0, 88.0], [43.0, 44.0]), crs=4326)
    layer.to_file(path, layer="points")
    with sqlite3.connect(path) as base:
        for statement in statements:
            base.execute(statement)
    base.close()
    return path


class Pairs(list[tuple[str, object]]):
    """The entries of a JSON object, of which two may have one name."""


def write_json(value: object, is_ascii: bool, space: str) -> str:
    """Write a value as JSON, with space around its signs."""
    if isinstance(value, Pairs):
        names = [json.dumps(name, ensure_ascii=is_ascii) + space for name, _ in value]
        values = [write_json(one, is_ascii, space) for _, one in value]
        return "{" + space + f",{space}".join(f"{name}:{one}" for name, one in zip(names, values, strict=True)) + "}"
    if isinstance(value, list):
        return "[" + f"{space},".join(write_json(one, is_ascii, space) for one in value) + space + "]"
    return json.dumps(value, ensure_ascii=is_ascii)


def code_of(path: Path) -> str:
    """Return the code of the error that reading a table raises."""
    with pytest.raises(PlannerError) as caught:
        read_table(path)
    return caught.value.code


def make_view(name: str, query: str) -> tuple[str, str]:
    """Return statements that make a view a layer."""
    listed = "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('?', 'attributes', '?')"
    return f"CREATE VIEW {name} AS {query}", listed.replace("?", name)


@pytest.mark.parametrize(
    ("statements", "program"),
    [
        (make_view("v", "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c"), "view"),
        (("CREATE VIEW unlisted AS SELECT hex(zeroblob(500000000)) AS a",), "view"),
        (("CREATE TABLE t (a, b AS (hex(zeroblob(500000000))) VIRTUAL)",), "computed"),
        (("CREATE VIRTUAL TABLE words USING fts5(a)",), "table"),
        (("CREATE TRIGGER t AFTER INSERT ON points BEGIN DELETE FROM points; END",), "trigger"),
    ],
    ids=["view of a layer", "view", "computed column", "virtual table", "trigger"],
)
def test_a_database_that_holds_a_program_is_refused(tmp_path: Path, statements: tuple[str, ...], program: str) -> None:
    """Views, computed columns, foreign virtual tables and triggers are refused before GDAL opens the file."""
    with pytest.raises(InputError) as caught:
        read_vector(make_layer(tmp_path / "a.gpkg", *statements))
    assert caught.value.code == "file.holds_program"
    assert caught.value.context["program"] == program


def test_a_plain_database_is_read_as_it_is(tmp_path: Path) -> None:
    """The spatial index and the triggers of the standard are no programs; the file is not changed by reading."""
    path = make_layer(tmp_path / "a.gpkg")
    before = path.read_bytes()
    assert read_table(path).table["name"].tolist() == ["甲", "乙"]
    assert path.read_bytes() == before


def test_the_hostile_files(guard_cases: Path) -> None:
    """Each is refused in our own words, naming the file."""
    for name, codes in (
        ("damaged.osm.gz", {"roads.unreadable", "file.unreadable"}),
        ("damaged_prj.zip", {"file.unreadable", "crs.missing"}),
        ("view_without_end.gpkg", {"file.holds_program"}),
    ):
        reader = read_road_lines if name.endswith("gz") else read_vector
        with pytest.raises(InputError) as caught:
            _ = reader(guard_cases / name, "drive") if reader is read_road_lines else reader(guard_cases / name)
        assert caught.value.code in codes
        assert caught.value.context["file"] == name


def test_a_damaged_store_is_neither_a_layer_nor_a_store(guard_cases: Path, tmp_path: Path) -> None:
    """A database of the store with a row of nothing, named as a layer: readers refuse it, the store says damage."""
    name = "null_id_store.gpkg"
    for read in (read_table, read_vector, read_districts, read_population, lambda path: read_road_lines(path, "drive")):
        with pytest.raises(InputError) as caught:
            read(guard_cases / name)
        assert caught.value.code == "file.unreadable"
        assert caught.value.context["file"] == name
    done = CliRunner().invoke(main, ["network", str(guard_cases / name), "--out", str(tmp_path / "a.npz")])
    assert done.exit_code == 2
    assert name in done.output
    assert "Traceback" not in done.output
    content = (guard_cases / name).read_bytes()
    (tmp_path / DATABASE).write_bytes(content)
    with pytest.raises(InputError) as caught:
        open_store(tmp_path)
    assert caught.value.code == "store.damaged"
    assert caught.value.context["file"] == DATABASE
    assert (tmp_path / DATABASE).read_bytes()[_HEAD:] == content[_HEAD:]  # its head says how the log is kept


def test_a_damaged_packed_file_on_the_command_line(tmp_path: Path) -> None:
    """Exit code 2 and our own words, no traceback."""
    whole = gzip.compress(b"<osm>" + np.random.default_rng(1).bytes(200) + b"</osm>", mtime=0)
    (tmp_path / "a.osm.gz").write_bytes(whole[:40] + b"\xff\xff\xff\xff" + whole[44:])
    done = CliRunner().invoke(main, ["network", str(tmp_path / "a.osm.gz"), "--out", str(tmp_path / "a.npz")])
    assert done.exit_code == 2
    assert "a.osm.gz" in done.output
    assert "Traceback" not in done.output


def test_what_is_packed_may_not_grow_without_bound(tmp_path: Path) -> None:
    """A packed file of blanks is refused once it is two hundred times as large as it was."""
    path = tmp_path / "a.osm.gz"
    path.write_bytes(gzip.compress(b"<osm>" + b" " * 30_000_000 + b"</osm>"))
    with pytest.raises(InputError) as caught:
        read_road_lines(path, "drive")
    assert caught.value.code == "file.unpacks_too_large"


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), TypeError(), MemoryError(), RecursionError(), EOFError()])
def test_whatever_a_reader_raises_is_told_in_our_words(error: Exception, tmp_path: Path) -> None:
    """Any exception of a library becomes one error of ours, and the log says the rest."""

    @reading_border.reads_file
    def read(path: Path) -> None:
        raise error

    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.csv")
    assert (caught.value.code, caught.value.context["file"]) == ("file.unreadable", "a.csv")


def test_what_the_system_refuses_is_no_damage(tmp_path: Path) -> None:
    """A file that may not be opened stays what it is: `OSError` with its reason."""

    @reading_border.reads_file
    def read(path: Path) -> bytes:
        return path.read_bytes()

    with pytest.raises(FileNotFoundError):
        read(tmp_path / "a.csv")


def write_doubled(path: Path, count: int) -> Path:
    """Write so many points, the last of which has the property 人口 twice, once with an escape."""
    whole = '{"type":"Feature","properties":{"名称":"甲","人口":%d},"geometry":{"type":"Point","coordinates":[87,43]}}'
    doubled = whole.replace('"人口"', '"人口":1,"\\u4eba口"')
    rows = [*(whole % n for n in range(count - 1)), doubled % count]
    path.write_text('{"type":"FeatureCollection","features":[' + ",\n".join(rows) + "]}", encoding="utf-8")
    return path


def test_a_name_twice_is_found_in_the_last_feature_of_a_large_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of many pieces is looked at to its end, and memory holds a piece of it only."""
    path = write_doubled(tmp_path / "a.geojson", 12_000)
    assert path.stat().st_size > geojson_guard._PIECE
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert (caught.value.code, caught.value.context["value"]) == ("table.column_twice", "人口")
    monkeypatch.setattr(geojson_guard, "_PIECE", 1 << 12)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"table\.column_twice"):
        geojson_guard.check_names_differ(path, "a.geojson")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


def test_names_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that never ends cannot fill the memory with its names, nor objects within objects."""
    monkeypatch.setattr(geojson_guard, "_PIECE", 1 << 10)
    monkeypatch.setattr(geojson_guard, "_MOST_NAMES", 1000)
    for text in ("{" + ",".join(f'"{n}":1' for n in range(2000)), '{"a":' * 2000):
        (tmp_path / "a.geojson").write_text(text)
        with pytest.raises(InputError, match=r"file\.unreadable"):
            geojson_guard.check_names_differ(tmp_path / "a.geojson", "a.geojson")


NAMES = st.text(st.sampled_from('ab"\\{}:[],é人\U0001f600 '), max_size=3)
VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), NAMES),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.lists(st.tuples(NAMES, inner), max_size=4).map(Pairs)),
    max_leaves=12,
)


@given(value=VALUES, piece=st.integers(1, 40), is_ascii=st.booleans(), space=st.sampled_from(("", " ", "\n  ")))
def test_names_are_those_of_a_json_reader(
    tmp_path_factory: pytest.TempPathFactory, value: object, piece: int, is_ascii: bool, space: str
) -> None:
    """Wherever a file is cut into pieces, it has a name twice exactly where a reader of whole files finds one."""
    text = write_json(value, is_ascii, space)
    doubled: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        names = [name for name, _ in pairs]
        doubled.extend(name for name in names if names.count(name) > 1)

    json.loads(text, object_pairs_hook=look)
    path = tmp_path_factory.getbasetemp() / "names.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geojson_guard, "_PIECE", piece)
        if not doubled:
            geojson_guard.check_names_differ(path, "a")
            return
        with pytest.raises(InputError) as caught:
            geojson_guard.check_names_differ(path, "a")
    assert caught.value.context["value"] in doubled


def make_districts(path: Path, *corners: list[tuple[float, float]]) -> Path:
    """Write polygons of 1,000 people each."""
    features = [
        {
            "type": "Feature",
            "properties": {"population": 1000},
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        }
        for ring in corners
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_a_shape_that_spans_continents_is_named_by_its_row(tmp_path: Path) -> None:
    """A mistyped corner (8.7, 4.35 for 87, 43.5) is named with its row; the people of both districts stay whole."""
    good = [(87.0, 43.0), (87.5, 43.0), (87.5, 43.5), (87.0, 43.5)]
    read = read_population(make_districts(tmp_path / "a.geojson", good, [*good[:3], (8.7, 4.35)]))
    told = [issue for issue in read.issues if issue.code == "file.shape_huge"]
    assert [issue.rows for issue in told] == [(3,)]
    assert read.table["population"].sum() == pytest.approx(2000.0)


def test_a_sliver_around_the_world(guard_cases: Path) -> None:
    """Its people are placed with work that goes with its area, and a warning says what it is."""
    read = read_population(guard_cases / "sliver_across_the_world.geojson")
    assert "file.shape_huge" in {issue.code for issue in read.issues}
    assert len(read.table) < 300_000


def test_points_in_a_polygon_are_those_inside() -> None:
    """Row-by-row filling finds the very points of the grid that lie inside: holes, parts, any outline."""
    rng = np.random.default_rng(3)
    for number in range(40):
        shape = shapely.make_valid(shapely.Polygon(rng.uniform(-3000, 3000, (rng.integers(4, 30), 2))))
        if number % 2:
            shape = shapely.difference(shapely.box(-4000, -4000, 4000, 4000), shape)
        shape = shapely.MultiPolygon([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])
        centres = (np.arange(-40, 40) + 0.5) * 137.0
        every = np.array(np.meshgrid(centres, centres)).reshape(2, -1)
        inside = every[:, shapely.contains_xy(shape, *every)]
        found = np.array(spread_points(shape, 137.0))
        assert np.allclose(found[:, np.lexsort(found.round(3))], inside[:, np.lexsort(inside.round(3))])


def test_spreading_people_stops_within_a_polygon() -> None:
    """The progress callback is asked while one polygon is filled."""
    asked: list[float] = []

    def stop_later(share: float, _step: str) -> bool:
        asked.append(share)
        return len(asked) < 3

    with pytest.raises(CancelledError):
        spread_points(shapely.box(0, 0, 1000, 1000), 100.0, progress=stop_later)


def test_a_long_thin_outline_costs_no_more_than_a_moment() -> None:
    """A sliver ten thousand kilometres long at one metre has few points, however fine the grid around it."""
    x, _ = spread_points(shapely.Polygon([(0, 0), (1e7, 8e6), (1e7, 8e6 + 0.5)]), 0.01)
    assert 1 <= len(x) < 3_000_000
