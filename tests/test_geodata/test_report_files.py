"""A report's layers and tables as files: read back equal, styled, named in its language, the same bytes each time."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.errors import InputError
from coverage.inputs.bilingual_names import Name
from geodata.documents.archive import write_zip
from geodata.documents.content.document import Document
from geodata.documents.gis.layer_files import encode_layer, encode_table, write_gpkg
from geodata.documents.gis.layer_tables import LAYER_NAMES, ReportLayers
from geodata.maps.palette import build_bands
from tests.hostile_document import HOSTILE_NAMES, LAT, LON, build_document, build_table

WGS84 = "EPSG:4326"


@pytest.fixture(scope="module")
def document() -> Document:
    """Return a document whose names are hostile."""
    return build_document()


@pytest.fixture(scope="module")
def layers() -> ReportLayers:
    """Return layers whose names are hostile."""
    return build_layers()


@pytest.fixture(scope="module")
def package(document: Document, layers: ReportLayers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write them as a GeoPackage."""
    return write_gpkg(document, layers, tmp_path_factory.mktemp("gpkg") / "report.gpkg")


def build_layers() -> ReportLayers:
    """Build layers around one place."""
    names = [name for name in HOSTILE_NAMES if "\x01" not in name]
    count = len(names)
    places = [shapely.Point(LON + number / 50, LAT) for number in range(count)]
    rings = [shapely.Point(LON, LAT).buffer(radius) for radius in (0.1, 0.2, 0.3)]
    families = (["legal", "police", "it's"] * count)[:count]
    ids = [f"S{number}" for number in range(count)]
    statuses = ["covered", "beyond", "no_route", "unconnected"]
    return ReportLayers(
        stations=_lay(
            "station_id", ids, places, name=names, kind=["k"] * count, family=families, level=["village"] * count,
            status=(["existing", "planned"] * count)[:count], is_counted=[True] * count,
        ),
        demand=_lay(
            "demand_id", ["A", "B", "C", "D"], places[:4], population=[1.0, 2.0, 3.0, 4.0],
            minutes=[30.0, 61.5, np.nan, np.nan], status=statuses,
        ),
        districts=_lay(
            "district_id", ["65", "6501"], rings[1:], name=names[:2], level=["prefecture", "county"],
            B1=[0.5, np.nan], A1_village=[1.0, 0.5],
        ),
        gaps=_lay("gap_id", [1], [rings[2] - rings[1]], name=[names[1]], people=[7.0], missing=["station"]),
        areas=_lay("area_id", [0, 1], [rings[0], rings[1] - rings[0]], from_min=[0.0, 10.0], to_min=[10.0, 45.0]),
        sites=_lay("order", [1, 2], [places[0], None], name=names[:2], newly_covered=[10.0, 5.0]),
        cutoff_min=30.0,
        names={"family.legal": Name("<法律>&\"'", "Legal"), "kind.k": Name("种类", "Kind")},
        attribution=HOSTILE_NAMES[1],
    )  # fmt: skip


def _lay(index: str, ids: list[object], shapes: list[object], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, index=pd.Index(ids, name=index), geometry=shapes, crs=WGS84)


def read_styles(package: Path) -> dict[str, ElementTree.Element]:
    """Read the default style of every layer."""
    query = "SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1 AND f_geometry_column = 'geom'"
    with sqlite3.connect(package) as base:
        rows = base.execute(query).fetchall()
    base.close()
    return {name: ElementTree.fromstring(text.partition("\n")[2]) for name, text in rows}  # noqa: S314 - our own


def test_layers_come_back_equal(layers: ReportLayers, package: Path) -> None:
    """Every layer is read back with its rows, numbers, names and shapes, in WGS-84; points stay points."""
    listed = gpd.list_layers(package)["name"].tolist()
    assert set(LAYER_NAMES) <= set(listed)
    for name, table in layers.tables().items():
        read = gpd.read_file(package, layer=name)
        assert read.crs == WGS84
        plain = table.reset_index()
        for column in plain.columns.drop("geometry"):
            was, now = plain[column].tolist(), read[column].tolist()
            assert now == (pytest.approx(was, nan_ok=True) if plain[column].dtype.kind == "f" else was), column
        for was, now in zip(table.geometry, read.geometry, strict=True):
            assert (was is None) == (now is None)
            assert was is None or shapely.hausdorff_distance(was, now) < 1e-6
    assert set(gpd.read_file(package, layer="demand").geom_type) == {"Point"}


def test_every_layer_has_a_style_that_draws_every_row(layers: ReportLayers, package: Path) -> None:
    """The default style of each layer is well-formed, its rules have symbols, and every feature matches one rule."""
    styles = read_styles(package)
    assert set(styles) == set(layers.tables())
    for name, style in styles.items():
        rules = [rule for rule in style.iter("rule") if "symbol" in rule.attrib]
        symbols = {symbol.attrib["name"] for symbol in style.iter("symbol")}
        assert {rule.attrib["symbol"] for rule in rules} == symbols
        conditions = [rule.attrib.get("filter", "1") for rule in rules]
        with sqlite3.connect(package) as base:
            total = base.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - names of ours
            # The conditions are plain SQL too.
            matches = " + ".join(f"COALESCE(({one}), 0)" for one in conditions)
            once = base.execute(f'SELECT COUNT(*) FROM "{name}" WHERE ({matches}) = 1').fetchone()[0]  # noqa: S608
        base.close()
        assert once == total, name


def test_times_take_the_colours_of_their_band(package: Path) -> None:
    """Residents and areas are drawn in the palette, split at the threshold."""
    styles = read_styles(package)
    wanted = [tuple(int(band.colour[place : place + 2], 16) for place in (1, 3, 5)) for band in build_bands(30.0)]
    drawn = [
        tuple(map(int, option.attrib["value"].split(",")[:3]))
        for option in styles["demand"].iter("Option")
        if option.attrib.get("name") == "color"
    ]
    assert drawn[:6] == wanted
    areas = [rule.attrib["filter"] for rule in styles["areas"].iter("rule") if "filter" in rule.attrib]
    assert areas == ['"to_min" = 10', '"to_min" = 45']


def test_words_are_those_of_the_document(layers: ReportLayers, package: Path, tmp_path: Path) -> None:
    """Titles of layers, fields and ids are in the language of the document, data stay as they are."""
    english = write_gpkg(build_document("en"), layers, tmp_path / "en.gpkg")
    for path, title, minutes, legal in (
        (package, "服务站点", "最近站点时间（分钟）", "<法律>&\"'"),
        (english, "Stations", "Minutes to the nearest station", "Legal"),
    ):
        with sqlite3.connect(path) as base:
            query = "SELECT identifier FROM gpkg_contents WHERE table_name = 'stations'"
            assert base.execute(query).fetchone()[0] == title
        base.close()
        styles = read_styles(path)
        aliases = {one.attrib["field"]: one.attrib["name"] for one in styles["demand"].iter("alias")}
        assert aliases["minutes"] == minutes
        named = {
            one.attrib["value"]: one.attrib["name"]
            for one in styles["stations"].iter("Option")
            if "value" in one.attrib
        }
        assert named["legal"] == legal
        assert named["it's"] == "it's"
    codes = {one.attrib["field"]: one.attrib["name"] for one in read_styles(english)["districts"].iter("alias")}
    assert codes["B1"].startswith("B1 ")
    assert codes["A1_village"].startswith("A1.village ")


def test_the_package_tells_what_it_is(document: Document, package: Path) -> None:
    """The run file, the marks and the source stand in a table that readers of GeoPackage see."""
    about = gpd.read_file(package, layer="about")
    told = dict(zip(about["name"], about["value"], strict=True))
    assert json.loads(told["run.json"]) == document.run
    assert told["title"] == document.title
    assert told["attribution"] == HOSTILE_NAMES[1]
    assert set(document.marks) <= set(about.loc[about["name"] == "mark", "value"])


def test_equal_layers_give_equal_bytes(document: Document, layers: ReportLayers, package: Path, tmp_path: Path) -> None:
    """Package and archive, made again, are the same to the byte."""
    assert write_gpkg(document, layers, tmp_path / "again.gpkg").read_bytes() == package.read_bytes()
    first = write_zip(document, layers, tmp_path / "a.zip").read_bytes()
    assert write_zip(document, build_layers(), tmp_path / "b.zip").read_bytes() == first


def test_missing_fields_and_layers_do_no_harm(document: Document, layers: ReportLayers, tmp_path: Path) -> None:
    """Layers whose fields a redaction took away are written and styled; without any layer it is an error."""
    bare = {
        name: table[[column for column in table.columns if column in ("geometry", "population")]]
        for name, table in layers.tables().items()
    }
    path = write_gpkg(document, replace(layers, **bare), tmp_path / "bare.gpkg")
    assert set(read_styles(path)) == set(LAYER_NAMES)
    empty = replace(layers, **{name: table.iloc[:0] for name, table in layers.tables().items()})
    with pytest.raises(InputError) as caught:
        write_gpkg(document, empty, tmp_path / "empty.gpkg")
    assert caught.value.code == "areas.no_layer"


def test_csv_holds_the_values_and_no_formula() -> None:
    """Numbers come back to the last digit, missing ones are empty, texts that look like formulas are defused."""
    table = build_table()
    content = encode_table(table)
    assert content.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
    assert read["share"].tolist() == table.values["share"].tolist()
    assert read["minutes"].isna().tolist() == table.values["minutes"].isna().tolist()
    names = read["name"].tolist()
    assert names[2] == "'=1+1"
    assert names[3] == "'@SUM(A1)"
    assert not [name for name in names if str(name).startswith(("=", "+", "@", "\t"))]


def test_csv_columns_with_one_title_stay_apart() -> None:
    """Two columns of the same title are told apart by their id, and a title is no formula either."""
    table = build_table()
    same = replace(table, columns=tuple(replace(column, title="=同名") for column in table.columns))
    heads = encode_table(same).decode("utf-8-sig").splitlines()[0].split(",")
    assert heads[0] == "'=同名"
    assert len(set(heads)) == len(table.columns)


def test_layers_as_csv_have_their_places(layers: ReportLayers) -> None:
    """Points are written with longitude and latitude; a hidden place is empty; areas keep their attributes only."""
    sites = pd.read_csv(io.BytesIO(encode_layer(layers.sites)), encoding="utf-8-sig")
    assert sites["lon"].tolist() == pytest.approx([LON, np.nan], nan_ok=True)
    assert sites["order"].tolist() == [1, 2]
    assert "lon" not in pd.read_csv(io.BytesIO(encode_layer(layers.areas)), encoding="utf-8-sig").columns


def test_the_archive_holds_everything(document: Document, layers: ReportLayers, tmp_path: Path) -> None:
    """One CSV for each table, each layer three ways, a picture for each figure, the run file and a note."""
    drawn = [f"\x89PNG {figure.figure.id}".encode("latin-1") for figure in document.figures()]
    path = write_zip(document, layers, tmp_path / "report.zip", pictures=drawn)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert json.loads(archive.read("run.json")) == document.run
        note = archive.read("README.txt").decode("utf-8-sig")
        collection = json.loads(archive.read("layers/gaps.geojson"))
        pictures = [archive.read(name) for name in names if name.startswith("maps/")]
    assert collection["schematic"] is True
    assert collection["attribution"] == HOSTILE_NAMES[1]
    assert pictures == drawn
    assert sum(name.startswith("tables/") for name in names) == len(document.tables())
    for name in LAYER_NAMES:
        assert {f"layers/{name}.geojson", f"layers/{name}.csv"} <= set(names)
    assert sum(name.startswith("maps/") for name in names) == len(document.figures())
    assert all(name in note for name in names if name != "README.txt")
    assert document.marks[0] in note


def test_a_report_without_layers_is_still_an_archive(document: Document, tmp_path: Path) -> None:
    """A report put together from several has tables and run file only."""
    with zipfile.ZipFile(write_zip(document, None, tmp_path / "merged.zip")) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {"README.txt", "run.json", "tables"}
