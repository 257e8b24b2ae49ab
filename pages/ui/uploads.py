"""Files that people bring: written to folders of ours, under their own names as far as these are harmless."""

from __future__ import annotations

import re
import shutil
import time
import unicodedata
import uuid
from pathlib import Path
from typing import Protocol

from geodata.files.folders import find_home, make_private
from geodata.files.write_tables import explain_refusal, write_bytes
from pages.ui import state

# Endings the readers can make something of; the content decides, the ending helps GDAL and tells a kind of report.
_ENDINGS: tuple[str, ...] = (
    ".csv", ".txt", ".geojson", ".json", ".gpkg", ".zip", ".kml", ".fgb", ".tif", ".tiff", ".pbf", ".osm", ".graphml",
    ".html", ".xlsx", ".xls", ".et", ".xlsb", ".ods", ".docx", ".pdf",
)  # fmt: skip
# What a name may hold; anything else becomes a _ (GDAL takes a ! or a ? in a path for more than a name).
_HARMLESS = re.compile(r"[^\w（）()\-\[\]【】·. ]")
_MOST_BYTES = 120
_RESERVED = ("CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10)))
_KEEP_S = 2 * 24 * 3600


class Uploaded(Protocol):
    """What Streamlit hands over for an uploaded file."""

    name: str
    file_id: str

    def getbuffer(self) -> memoryview:
        """Return the content."""


def keep_upload(upload: Uploaded, role: str) -> Path:
    """Write an uploaded file once and return its path.

    Messages name a file as it lies there, so it keeps the user's name: letters, digits, spaces and a few signs of it,
    of no folder and of sane length; the name of its role if nothing is left. An ending that no reader knows goes.
    """
    folder = _uploads_folder() / uuid.uuid5(uuid.NAMESPACE_OID, upload.file_id).hex
    path = folder / role / _make_name(upload.name, role)
    # An upload has an id of its own, and its file appears whole or not at all.
    if not path.is_file():
        write_bytes(path, bytes(upload.getbuffer()), is_private=True)
    return path


def _make_name(name: str, role: str) -> str:
    given = Path(name.replace("\\", "/")).name
    ending = Path(given).suffix.lower()
    stem = _HARMLESS.sub("_", unicodedata.normalize("NFC", given.removesuffix(Path(given).suffix)))
    while len(stem.encode()) > _MOST_BYTES:
        stem = stem[:-1]
    stem = stem.strip(" ._")
    is_name = bool(stem) and not given.startswith(".") and stem.split(".")[0].upper() not in _RESERVED
    return (stem if is_name else role) + (ending if ending in _ENDINGS else "")


def new_study_folder() -> Path:
    """Return a folder of ours for a new study; it does not exist yet, and other accounts cannot look into it."""
    folder = state.studies_folder()
    with explain_refusal(folder):
        make_private(folder)
    return folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"


def remove_old_uploads() -> None:
    """Remove uploads of earlier days."""
    folder = _uploads_folder()
    if not folder.is_dir():
        return
    for kept in folder.iterdir():
        if time.time() - kept.stat().st_mtime > _KEEP_S:
            shutil.rmtree(kept, ignore_errors=True)


def _uploads_folder() -> Path:
    return find_home() / "uploads"
