"""Files that people bring: written to a folder of ours under names we choose."""

from __future__ import annotations

import shutil
import time
import uuid
from pathlib import Path
from typing import Protocol

from geodata.folders import find_home, make_private
from geodata.write_tables import explain_refusal, write_bytes
from pages.ui import state

# Endings the readers can make something of; the content decides, the ending helps GDAL and tells a kind of report.
_ENDINGS: tuple[str, ...] = (
    ".csv", ".txt", ".geojson", ".json", ".gpkg", ".zip", ".kml", ".fgb", ".tif", ".tiff", ".pbf", ".osm", ".graphml",
    ".html", ".xlsx", ".xls", ".et", ".xlsb", ".ods", ".docx", ".pdf",
)  # fmt: skip
_KEEP_S = 2 * 24 * 3600


class Uploaded(Protocol):
    """What Streamlit hands over for an uploaded file."""

    name: str
    file_id: str

    def getbuffer(self) -> memoryview:
        """Return the content."""


def keep_upload(upload: Uploaded, role: str) -> Path:
    """Write an uploaded file once and return its path; the user's name gives at most the ending."""
    folder = _uploads_folder() / uuid.uuid5(uuid.NAMESPACE_OID, upload.file_id).hex
    ending = Path(upload.name).suffix.lower()
    path = folder / f"{role}{ending if ending in _ENDINGS else ''}"
    # An upload has an id of its own, and its file appears whole or not at all.
    if not path.is_file():
        write_bytes(path, bytes(upload.getbuffer()), is_private=True)
    return path


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
