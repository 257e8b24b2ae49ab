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
from coverage.progress import Progress, ignore_progress
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import DAMAGED_ZIP, check_input_file, extract_zip
from geodata.intake.cells.shapefile_text import decode_words
from geodata.jobs.tasks import Answer, Request, decode_issues, split_bytes
from geodata.jobs.worker import run_task

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


@reads_file
def read_vector(
    path: str | Path,
    *,
    layer: str | None = None,
    prefer_lines: bool = False,
    progress: Progress = ignore_progress,
) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Read one layer with the coordinate system the file declares; nothing is converted here.

    The library that reads runs in a process of its own, see `geodata.jobs.worker`.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile, KML, FlatGeobuf, or a ZIP that holds exactly one of them.
    layer
        Name of the layer; the first one with geometry if not given (a note tells if there are more).
    prefer_lines
        True to take the first layer of lines, if there is one and no `layer` is given.
    progress
        Asked whether to go on; the library does not say how far it is.

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
            return _read_layer(_find_member(extract_zip(file, Path(folder)), file.name), file.name, wanted, progress)
    if found not in VECTOR_FORMATS:
        raise InputError("file.not_a_layer", file=file.name)
    return _read_layer(file, file.name, wanted, progress)


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


def _read_layer(
    file: Path, source: str, wanted: Request, progress: Progress
) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    answer = run_task("layer", file, {**wanted, "format": sniff_format(file)}, source=source, progress=progress)
    issues = list(decode_issues(answer.head["issues"]))
    if "shapes" not in answer.arrays:
        raise InputError("file.no_geometry", file=source)
    table = _build_table(answer)
    if file.suffix.lower() == ".shp":
        table, found = decode_words(table, file, source)
        issues += found
    twice = table.columns[table.columns.duplicated()]
    if len(twice):  # no table could tell them apart
        raise InputError("table.column_twice", file=source, value=str(twice[0])[:100])
    with np.errstate(invalid="ignore"):  # a coordinate that is none is looked for later
        shapes = shapely.from_wkb(_shapes(answer), on_invalid="fix")
    layer = gpd.GeoDataFrame(table, geometry=shapes, crs=answer.head["crs"])
    issues += [DataIssue("file.reader_remark", "note", source, value=text) for text in answer.head["remarks"]]
    return layer, tuple(issues)


def _build_table(answer: Answer) -> pd.DataFrame:
    """Build the table of a layer without its shapes; two columns may still have one name."""
    columns: dict[int, Any] = {}
    for number, (_, kind, content) in enumerate(answer.head["columns"]):
        if kind == "array":
            columns[number] = answer.arrays[content]
        else:
            columns[number] = _read_times(content) if kind == "time" else np.array([*content, None], object)[:-1]
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(answer.arrays["shape_lengths"])))
    return table.set_axis([str(name) for name, _, _ in answer.head["columns"]], axis=1)


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
