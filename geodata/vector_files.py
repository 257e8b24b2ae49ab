"""Opening vector layers that users bring: the format is told from the content, never from the name."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.errors import DataIssue, InputError
from geodata.reading_border import reads_file
from geodata.safe_files import DAMAGED_ZIP, check_input_file, extract_zip
from geodata.tasks import Answer, decode_issues, split_bytes
from geodata.worker import run_task

FileFormat = Literal["csv", "geojson", "gpkg", "shapefile", "kml", "flatgeobuf", "geotiff", "zip", "workbook"]
VECTOR_FORMATS: tuple[FileFormat, ...] = ("geojson", "gpkg", "shapefile", "kml", "flatgeobuf")

MAX_SNIFFED_MB = 1e6  # only the first bytes are read; each reader has its own limit

_HEAD_BYTES = 8192
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
_OPEN_SHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_REFUSED_HEADS: tuple[bytes, ...] = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"Rar!",
)


def sniff_format(path: str | Path) -> FileFormat:
    """Tell the format of a file from its first bytes.

    Raises
    ------
    InputError
        ``file.format_unknown`` for anything the planner does not read, e.g. pictures, or XML that is not KML
        (GDAL's VRT recipes among them).
    """
    file = check_input_file(path, max_mb=MAX_SNIFFED_MB)
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    for magic, found in _BINARY_HEADS:
        if head.startswith(magic):
            return "workbook" if found == "zip" and _is_workbook(file) else found
    if head.startswith(_REFUSED_HEADS):
        raise InputError("file.format_unknown", file=file.name)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return "geojson"
    if text[:1] == b"<":
        if b"<kml" in text:
            return "kml"
        raise InputError("file.format_unknown", file=file.name)
    return "csv"


def _is_workbook(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as stream:
                    return stream.read(len(_OPEN_SHEET)) == _OPEN_SHEET
            return not names.isdisjoint(("xl/workbook.xml", "xl/workbook.bin"))
    except DAMAGED_ZIP:
        return False  # whoever opens it says what is wrong


@reads_file
def read_vector(
    path: str | Path, *, layer: str | None = None, prefer_lines: bool = False
) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Read one layer with the coordinate system the file declares; nothing is converted here.

    The library that reads runs in a process of its own, see `geodata.worker`.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile, KML, FlatGeobuf, or a ZIP that holds exactly one of them.
    layer
        Name of the layer; the first one with geometry if not given (a note tells if there are more).
    prefer_lines
        True to take the first layer of lines, if there is one and no `layer` is given.

    Returns
    -------
    The layer, index 0..n-1 in the order of the file, and what its reader remarked.

    Raises
    ------
    InputError
        ``file.format_unknown``, ``file.unreadable``, ``file.no_geometry``, ``file.layer_missing``,
        ``file.holds_program``, ``file.needs_memory``, ``file.needs_time`` or ``zip.no_layer``.
    """
    file = check_input_file(path)
    found = sniff_format(file)
    wanted = {"layer": layer, "lines": prefer_lines}
    if found == "zip":
        with tempfile.TemporaryDirectory(prefix="layer-") as folder:
            return _read_layer(_find_member(extract_zip(file, Path(folder)), file.name), file.name, wanted)
    if found not in VECTOR_FORMATS:
        raise InputError("file.not_a_layer", file=file.name)
    return _read_layer(file, file.name, wanted)


def _find_member(members: list[Path], archive: str) -> Path:
    layers = [
        member
        for member in members
        if not member.name.startswith(".")
        and "__MACOSX" not in member.parts
        and member.suffix.lower() in (".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb")
    ]
    if len(layers) != 1:
        raise InputError("zip.no_layer", file=archive, count=len(layers))
    if sniff_format(layers[0]) not in VECTOR_FORMATS:
        raise InputError("file.format_unknown", file=archive)
    return layers[0]


def _read_layer(file: Path, source: str, wanted: dict[str, Any]) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    answer = run_task("layer", file, {**wanted, "format": sniff_format(file)}, source=source)
    issues = decode_issues(answer.head["issues"])
    remarks = tuple(DataIssue("file.reader_remark", "note", source, value=text) for text in answer.head["remarks"])
    if "shapes" not in answer.arrays:
        raise InputError("file.no_geometry", file=source)
    return _build_layer(answer), (*issues, *remarks)


def _build_layer(answer: Answer) -> gpd.GeoDataFrame:
    """Build the table of a layer; rings that are not closed are closed, which the reader has remarked."""
    columns: dict[str, Any] = {}
    for name, kind, content in answer.head["columns"]:
        if kind == "array":
            columns[name] = answer.arrays[content]
        else:
            columns[name] = _read_times(content) if kind == "time" else np.array([*content, None], object)[:-1]
    with np.errstate(invalid="ignore"):  # a coordinate that is none is looked for later
        shapes = shapely.from_wkb(_shapes(answer), on_invalid="fix")
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(shapes)))
    return gpd.GeoDataFrame(table, geometry=shapes, crs=answer.head["crs"])


def _shapes(answer: Answer) -> npt.NDArray[np.object_]:
    return split_bytes(answer.arrays["shapes"], answer.arrays["shape_lengths"])


def _read_times(texts: list[str | None]) -> pd.Series:
    """Read points in time as ISO 8601 writes them; texts that are none stay texts."""
    written = pd.Series(texts, dtype=object)
    for to_utc in (False, True):  # several time zones in one column come together in UTC
        try:
            return pd.to_datetime(written, format="ISO8601", utc=to_utc)
        except (ValueError, TypeError, OverflowError):
            continue
    return written
