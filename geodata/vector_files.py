"""Opening vector layers that users bring: the format is told from the content, never from the name."""

from __future__ import annotations

import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from coverage.errors import DataIssue, InputError
from geodata.drivers import assert_safe_drivers
from geodata.geojson_guard import check_names_differ, check_no_linked_crs
from geodata.safe_files import DAMAGED_ZIP, check_input_file, extract_zip
from geodata.shapefile_text import read_shapefile

FileFormat = Literal["csv", "geojson", "gpkg", "shapefile", "kml", "flatgeobuf", "geotiff", "zip", "workbook"]
VECTOR_FORMATS: tuple[FileFormat, ...] = ("geojson", "gpkg", "shapefile", "kml", "flatgeobuf")

MAX_SNIFFED_MB = 1e6  # only the first bytes are read; each reader has its own limit

_HEAD_BYTES = 8192
_OLE_BYTES = 64 << 20  # of a container are looked through for the names of its streams
_BINARY_HEADS: tuple[tuple[bytes, FileFormat], ...] = (
    (b"SQLite format 3\0", "gpkg"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"fgb\x03fgb", "flatgeobuf"),
    (b"II*\0", "geotiff"),
    (b"MM\0*", "geotiff"),
    (b"II+\0", "geotiff"),
    (b"MM\0+", "geotiff"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "workbook"),  # .xls and .et, and .xlsx with a password; whoever opens it finds a .doc
)
# What people bring by mistake; the message names it.
_FOREIGN_HEADS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"\x1f\x8b", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"{\\rtf", "text_document"),
)
_FOREIGN_PARTS: tuple[tuple[str, str], ...] = (
    ("word/document.xml", "text_document"),
    ("ppt/presentation.xml", "slides"),
    ("visio/document.xml", "picture"),
)
_OPEN_FORMATS = {b"text": "text_document", b"presentation": "slides", b"graphics": "picture"}
_OPEN_HEAD = b"application/vnd.oasis.opendocument."
_OLE_STREAMS: tuple[tuple[bytes, str], ...] = (
    ("WordDocument".encode("utf-16-le"), "text_document"),
    ("PowerPoint Document".encode("utf-16-le"), "slides"),
)


def sniff_format(path: str | Path) -> FileFormat:
    """Tell the format of a file from its first bytes.

    Raises
    ------
    InputError
        ``file.foreign`` for what people bring by mistake (texts, slides, pictures, PDF, web pages named .xls),
        ``file.format_unknown`` for anything else that is not read, e.g. XML that is not KML (GDAL's VRT recipes among
        them).
    """
    file = check_input_file(path, max_mb=MAX_SNIFFED_MB)
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    for magic, found in _BINARY_HEADS:
        if head.startswith(magic):
            return _look_into(file, found)
    for magic, foreign in _FOREIGN_HEADS:
        if head.startswith(magic) and (magic != b"BM" or b"\0" in head):
            raise InputError("file.foreign", file=file.name, format=foreign)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return "geojson"
    if text[:1] == b"<":
        if b"<kml" in text:
            return "kml"
        lower = text.lower()
        if any(word in lower for word in (b"<html", b"<table", b"<!doctype html")):
            raise InputError("file.foreign", file=file.name, format="web_page")
        if b"excel.sheet" in lower or b"office:spreadsheet" in lower:
            raise InputError("file.foreign", file=file.name, format="xml_sheet")
        raise InputError("file.format_unknown", file=file.name)
    return "csv"


def _look_into(file: Path, found: FileFormat) -> FileFormat:
    """Tell workbooks from other archives and containers.

    Raises
    ------
    InputError
        ``file.foreign`` for texts and slides, which are archives too.
    """
    if found == "workbook":
        content = file.read_bytes()[:_OLE_BYTES]
        foreign = next((kind for name, kind in _OLE_STREAMS if name in content), "")
    elif found == "zip":
        foreign, is_workbook = _look_into_zip(file)
        found = "workbook" if is_workbook else "zip"
    else:
        return found
    if foreign:
        raise InputError("file.foreign", file=file.name, format=foreign)
    return found


def _look_into_zip(file: Path) -> tuple[str, bool]:
    """Tell what an archive is if it is neither layers nor a workbook ("" otherwise), and whether it is a workbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as stream:
                    kind = stream.read(len(_OPEN_HEAD) + 20).strip().removeprefix(_OPEN_HEAD)
                return _OPEN_FORMATS.get(kind, ""), kind == b"spreadsheet"
            foreign = next((kind for part, kind in _FOREIGN_PARTS if part in names), "")
            return foreign, not names.isdisjoint(("xl/workbook.xml", "xl/workbook.bin"))
    except DAMAGED_ZIP:
        return "", False  # whoever opens it says what is wrong


def read_vector(path: str | Path, *, layer: str | None = None) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Read one layer with the coordinate system the file declares; nothing is converted here.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile, KML, FlatGeobuf, or a ZIP that holds exactly one of them.
    layer
        Name of the layer; the first one with geometry if not given (a note tells if there are more).

    Returns
    -------
    The layer, index 0..n-1 in the order of the file, and what its reader remarked.

    Raises
    ------
    InputError
        ``file.format_unknown``, ``file.unreadable``, ``file.no_geometry``, ``file.layer_missing`` or
        ``zip.no_layer``.
    """
    file = check_input_file(path)
    found = sniff_format(file)
    if found == "zip":
        with tempfile.TemporaryDirectory(prefix="layer-") as folder:
            return _read_layer(_find_member(extract_zip(file, Path(folder)), file.name), file.name, layer)
    if found not in VECTOR_FORMATS:
        raise InputError("file.not_a_layer", file=file.name)
    return _read_layer(file, file.name, layer)


def _find_member(members: list[Path], archive: str) -> Path:
    layers = [
        member
        for member in members
        if not member.name.startswith(".")
        and "__MACOSX" not in member.parts
        and member.suffix.lower() in (".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb")
    ]
    if len(layers) != 1:
        held = ", ".join(sorted(member.name for member in members))[:200]
        raise InputError("zip.no_layer", file=archive, count=len(layers), value=held)
    if sniff_format(layers[0]) not in VECTOR_FORMATS:
        raise InputError("file.format_unknown", file=archive)
    return layers[0]


def _read_layer(file: Path, source: str, layer: str | None) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError
    from shapely.errors import ShapelyError

    assert_safe_drivers()
    if sniff_format(file) == "geojson":
        check_no_linked_crs(file)
        check_names_differ(file)
    issues: list[DataIssue] = []
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        try:
            layers = [(str(name), kind) for name, kind in pyogrio.list_layers(file)]
            chosen = _choose_layer(layers, source, layer, issues)
            table = _read_rows(file, chosen, source, issues)
        except InputError:
            raise
        except (DataSourceError, DataLayerError, FeatureError, GeometryError, ShapelyError, ValueError) as error:
            raise InputError(
                "file.unreadable", file=source, detail=str(error).replace(str(file), source)[:300]
            ) from error
    issues += [
        DataIssue("file.reader_remark", "note", source, value=str(remark.message).replace(str(file), source)[:300])
        for remark in remarks
        if issubclass(remark.category, RuntimeWarning)
    ]
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError("file.no_geometry", file=source)
    return table.reset_index(drop=True), tuple(issues)


def _choose_layer(
    layers: list[tuple[str, str | None]], source: str, wanted: str | None, issues: list[DataIssue]
) -> str:
    drawn = [name for name, kind in layers if kind is not None]
    if wanted is not None:
        if wanted not in drawn:
            raise InputError("file.layer_missing", file=source, value=wanted, known=", ".join(drawn))
        return wanted
    if not drawn:
        raise InputError("file.no_geometry", file=source)
    if len(drawn) > 1:
        facts = (("known", ", ".join(drawn)),)
        issues.append(DataIssue("file.layer_chosen", "note", source, len(drawn), value=drawn[0], facts=facts))
    return drawn[0]


def _read_rows(file: Path, layer: str, source: str, issues: list[DataIssue]) -> gpd.GeoDataFrame | pd.DataFrame:
    """Read the rows of a layer; rings that are not closed are closed, which the reader remarks.

    Raises
    ------
    InputError
        ``table.column_twice`` if two columns have one name: no table could tell them apart.
    """
    import pyogrio

    table: gpd.GeoDataFrame | pd.DataFrame
    if file.suffix.lower() == ".shp":
        table, found = read_shapefile(file, layer, source)
        issues += found
    else:
        table = pyogrio.read_dataframe(file, layer=layer, on_invalid="fix")
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise InputError("table.column_twice", file=source, value=str(twice[0])[:100])
    return table
