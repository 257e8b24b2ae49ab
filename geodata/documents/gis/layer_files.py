"""The layers of a report as files: a GeoPackage that QGIS opens with its styles, GeoJSON and CSV."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geodata.documents.content.document import DocTable, Document
from geodata.documents.gis.layer_tables import ReportLayers
from geodata.documents.gis.qgis_styles import build_qgis_style
from geodata.files.write_areas import FIXED_DATE, write_geojson, write_geopackage
from geodata.files.write_tables import defuse, encode_csv
from geodata.words.i18n import Translator

_STYLES = """CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
_ABOUT = "CREATE TABLE about (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name TEXT, value TEXT)"


def write_gpkg(document: Document, layers: ReportLayers, path: Path) -> Path:
    """Write the layers as one GeoPackage, with styles that QGIS takes by itself and what they are about.

    Parameters
    ----------
    document
        The report in words: titles in its language, marks, source and run file go into the table ``about``.
    layers
        What may be published; empty layers are left out.
    path
        The file; replaced as a whole.

    Returns
    -------
    The file. Equal layers give equal bytes.

    Raises
    ------
    InputError
        ``areas.no_layer`` if every layer is empty, ``file.cannot_write`` if the disk refuses.
    """
    tables = layers.tables()
    titles = {name: title_layer(name, document) for name in tables}
    styles = {name: build_qgis_style(name, table, layers, document.language) for name, table in tables.items()}

    def finish(part: Path) -> None:
        with contextlib.closing(sqlite3.connect(part)) as base, base:
            _add_styles(base, styles, titles)
            _add_about(base, document, layers.attribution)

    return write_geopackage(path, tables, titles=titles, finish=finish)


def title_layer(name: str, document: Document) -> str:
    """Return what a layer is called in the language of a document."""
    return Translator(document.language)(f"report_layer.{name}")


def write_layer_geojson(
    document: Document, name: str, table: gpd.GeoDataFrame, path: Path, *, attribution: str = ""
) -> Path:
    """Write one layer as GeoJSON (RFC 7946) whose members say what it is and what the report's marks are."""
    members = {
        "name": name,
        "title": title_layer(name, document),
        "schematic": document.is_schematic,
        "marks": list(document.marks),
        "attribution": attribution,
    }
    return write_geojson(path, table, members=members)


def encode_table(table: DocTable) -> bytes:
    """Encode a table of a report as CSV in UTF-8 with a byte order mark: raw numbers, no text that is a formula."""
    titles: list[str] = []
    for column in table.columns:
        title = defuse(column.title)
        titles.append(title if title not in titles else f"{title} ({column.id})")
    shown = pd.DataFrame({title: table.values[column.id] for title, column in zip(titles, table.columns, strict=True)})
    return encode_csv(shown)


def encode_layer(table: gpd.GeoDataFrame) -> bytes:
    """Encode the attributes of a layer as CSV, points with their longitude and latitude."""
    plain = pd.DataFrame(table.drop(columns=table.geometry.name))
    if len(table) and set(table.geom_type.dropna()) <= {"Point"}:
        plain = plain.assign(lon=table.geometry.x, lat=table.geometry.y)
    return encode_csv(plain)


def describe_document(document: Document, *, attribution: str = "") -> list[tuple[str, str]]:
    """List what a file of layers tells about itself: title, date, what it holds for, marks, source, run file."""
    told = [("title", document.title), ("department", document.department), ("date", document.date)]
    told += list(document.strip)
    told += [("mark", mark) for mark in document.marks]
    told += [("attribution", attribution)]
    told += [("run.json", json.dumps(document.run, ensure_ascii=False, sort_keys=True))]
    return [(name, value) for name, value in told if value]


def _add_styles(base: sqlite3.Connection, styles: dict[str, str], titles: dict[str, str]) -> None:
    base.execute(_STYLES)
    _register(base, "layer_styles", len(styles))
    for name, style in styles.items():
        base.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', '', ?)",
            (name, titles[name][:30], style, titles[name], FIXED_DATE),
        )


def _add_about(base: sqlite3.Connection, document: Document, attribution: str) -> None:
    told = describe_document(document, attribution=attribution)
    base.execute(_ABOUT)
    _register(base, "about", len(told), Translator(document.language)("report_layer.about"))
    base.executemany("INSERT INTO about (name, value) VALUES (?, ?)", told)


def _register(base: sqlite3.Connection, table: str, rows: int, title: str = "") -> None:
    """Tell GeoPackage readers of a table without shapes, or they would not see it."""
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
        "VALUES (?, 'attributes', ?, '', ?, 0)",
        (table, title or table, FIXED_DATE),
    )
    base.execute("INSERT INTO gpkg_ogr_contents (table_name, feature_count) VALUES (?, ?)", (table, rows))
