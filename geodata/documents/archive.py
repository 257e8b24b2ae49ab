"""A report's data and maps in one archive: tables, layers, pictures, run file and a note that says what is what."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from geodata.documents.content.document import Document
from geodata.documents.gis.layer_files import (
    describe_document,
    encode_layer,
    encode_table,
    title_layer,
    write_gpkg,
    write_layer_geojson,
)
from geodata.documents.gis.layer_tables import ReportLayers
from geodata.files.write_tables import write_bytes
from geodata.words.i18n import Translator

_FIXED_TIME = (2000, 1, 1, 0, 0, 0)
_STORED = (".png",)  # packed already


def write_zip(
    document: Document,
    layers: ReportLayers | None,
    path: Path,
    *,
    pictures: Iterable[bytes] | None = None,
) -> Path:
    """Write everything of a report that other programs read into one archive.

    Parameters
    ----------
    document
        The report in words.
    layers
        What may be published; None for a report that has no layers, such as one put together from several.
    path
        The file; replaced as a whole.
    pictures
        The figures as PNG in the order of `Document.figures`, asked for when everything else is written; None leaves
        them out.

    Returns
    -------
    The file, with ``tables/*.csv``, ``layers/*.geojson``, ``layers/*.csv`` and ``layers/report.gpkg``,
    ``maps/*.png``, ``run.json`` and ``README.txt``. Equal reports give equal bytes.
    """
    members: dict[str, bytes] = {}
    titles: dict[str, str] = {}

    def add(name: str, content: bytes, title: str) -> None:
        members[name], titles[name] = content, title

    for number, table in enumerate(document.tables(), start=1):
        add(f"tables/{number:02d}_{_stem(table.id)}.csv", encode_table(table), f"{table.number} {table.title}")
    for name, content, title in [] if layers is None else _encode_layers(document, layers):
        add(name, content, title)
    if pictures is not None:
        for number, (figure, picture) in enumerate(zip(document.figures(), pictures, strict=True), start=1):
            add(f"maps/{number:02d}_{_stem(figure.figure.id)}.png", picture, f"{figure.number} {figure.title}")
    tr = Translator(document.language)
    run = json.dumps(document.run, ensure_ascii=False, indent=2, sort_keys=True)
    add("run.json", f"{run}\n".encode(), tr("report_layer.run"))
    members = {"README.txt": _write_note(document, titles, "" if layers is None else layers.attribution), **members}
    write_bytes(path, _pack(members))
    return path


def _encode_layers(document: Document, layers: ReportLayers) -> list[tuple[str, bytes, str]]:
    answer = []
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        for name, table in layers.tables().items():
            title = title_layer(name, document)
            file = Path(folder) / f"{name}.geojson"
            write_layer_geojson(document, name, table, file, attribution=layers.attribution)
            answer.append((f"layers/{name}.geojson", file.read_bytes(), title))
            answer.append((f"layers/{name}.csv", encode_layer(table), title))
        if layers.tables():
            whole = write_gpkg(document, layers, Path(folder) / "report.gpkg")
            named = ", ".join(title_layer(name, document) for name in layers.tables())
            answer.append(("layers/report.gpkg", whole.read_bytes(), named))
    return answer


def _stem(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_")[:60] or "x"


def _write_note(document: Document, titles: dict[str, str], attribution: str) -> bytes:
    about = describe_document(document, attribution=attribution)
    told = [f"{name}: {value}" for name, value in about if name != "run.json"]
    lines = [*told, "", *(f"{name}    {title}" for name, title in titles.items())]
    return ("\r\n".join(" ".join(line.split()) if line else "" for line in lines) + "\r\n").encode(
        "utf-8-sig", "replace"
    )


def _pack(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _FIXED_TIME)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(_STORED) else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return stream.getvalue()
