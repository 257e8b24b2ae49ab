"""Reads a vector layer through GDAL: the part of `geodata.intake.cells.vector_files` that runs in a process of its own.

It needs neither tables nor shapes: columns go back as arrays or lists, shapes as well-known binary.
"""

from __future__ import annotations

import base64
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from coverage.errors import DataIssue, InputError
from coverage.progress import Progress, report_progress
from geodata.files.drivers import assert_safe_drivers
from geodata.files.geojson_guard import check_names_differ, check_no_linked_crs
from geodata.files.sqlite_guard import check_plain_tables
from geodata.jobs.tasks import Answer, Request, encode_issues, join_bytes

# GDAL's own errors and what its values make Python raise are told with their words; any other is only logged.
_TOLD = (ValueError, RuntimeError)
_SHAPEFILE_BYTES = "ISO-8859-1"  # each byte becomes the character of its number, so that nothing is lost


def read_layer(request: Request, progress: Progress) -> Answer:
    """Read one layer.

    Parameters
    ----------
    request
        ``file``; ``format`` as `geodata.intake.cells.vector_files.sniff_format` says; ``layer``, its name or None for
        the first with geometry; ``lines``, true to prefer a layer of lines then; ``source``, name of the file in
        messages.
    progress
        Told at the beginning only: the library says nothing on its way.

    Returns
    -------
    ``columns``, a list of (name, kind, values or name of the array); ``crs``; ``remarks``; ``issues``; the arrays
    ``shapes`` and ``shape_lengths``, see `geodata.jobs.tasks.join_bytes`. No ``shapes`` if the layer has no geometry.

    Raises
    ------
    InputError
        As `geodata.intake.cells.vector_files.read_vector` does.
    """
    file, source = Path(request["file"]), request["source"]
    assert_safe_drivers()
    report_progress(progress, 0.0, "roads.lines" if request["lines"] else "open")
    if request["format"] == "geojson":
        check_no_linked_crs(file, source)
        check_names_differ(file, source)
    if request["format"] == "gpkg":
        check_plain_tables(file, source)
    issues: list[DataIssue] = []
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        try:
            meta, shapes, columns = _read(file, request, issues)
        except InputError:
            raise
        except _TOLD as error:
            detail = str(error).replace(str(file), source)[:300]
            raise InputError("file.unreadable", file=source, detail=detail) from error
    arrays: dict[str, npt.NDArray[Any]] = {}
    if shapes is not None:
        arrays["shapes"], arrays["shape_lengths"] = join_bytes(shapes)
    head = {
        "columns": [_pack(name, values, kind, arrays) for name, values, kind in columns],
        "crs": meta["crs"],
        "count": len(columns[0][1]) if columns else 0,
        "remarks": [
            str(remark.message).replace(str(file), source)[:300]
            for remark in remarks
            if issubclass(remark.category, RuntimeWarning)
        ],
        "issues": encode_issues(issues),
    }
    return Answer(head, arrays)


def _read(
    file: Path, request: Request, issues: list[DataIssue]
) -> tuple[dict[str, Any], npt.NDArray[np.object_] | None, list[tuple[str, npt.NDArray[Any], str]]]:
    import pyogrio

    layers = [(str(name), kind) for name, kind in pyogrio.list_layers(file)]
    layer = _choose_layer(layers, request, issues)
    meta, _, shapes, values = _read_rows(file, layer)
    names = [str(name) for name in meta["fields"]]
    kinds = [str(kind) for kind in meta["dtypes"]]
    return meta, shapes, list(zip(names, values, kinds, strict=True))


def _choose_layer(layers: list[tuple[str, str | None]], request: Request, issues: list[DataIssue]) -> str:
    source, wanted = request["source"], request["layer"]
    drawn = [name for name, kind in layers if kind is not None]
    if wanted is not None:
        if wanted not in drawn:
            raise InputError("file.layer_missing", file=source, value=wanted, known=", ".join(drawn))
        return str(wanted)
    if not drawn:
        raise InputError("file.no_geometry", file=source)
    lines = [name for name, kind in layers if kind and "LineString" in kind] if request["lines"] else []
    if lines:
        return lines[0]
    if len(drawn) > 1:
        facts = (("known", ", ".join(drawn)),)
        issues.append(DataIssue("file.layer_chosen", "note", source, len(drawn), value=drawn[0], facts=facts))
    return drawn[0]


def _read_rows(file: Path, layer: str) -> Any:
    """Read a layer; the words of a Shapefile as bytes, for which `shapefile_text` finds the encoding."""
    import pyogrio.raw

    encoding = _SHAPEFILE_BYTES if file.suffix.lower() == ".shp" else None
    return pyogrio.raw.read(file, layer=layer, encoding=encoding, datetime_as_string=True)


def _pack(name: str, values: npt.NDArray[Any], kind: str, arrays: dict[str, npt.NDArray[Any]]) -> list[Any]:
    """Put one column into the answer: numbers as an array, anything else as a list of JSON values."""
    if values.dtype.kind in "biuf":
        arrays[f"column {len(arrays)}"] = values
        return [name, "array", f"column {len(arrays) - 1}"]
    if values.dtype.kind == "M":
        return [name, "time", [None if text == "NaT" else text for text in values.astype(str).tolist()]]
    return [name, "time" if kind.startswith("datetime") else "text", [_plain(value) for value in values.tolist()]]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)
