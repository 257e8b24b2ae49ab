"""Refuses GeoJSON that GDAL would misread: a coordinate system that is a link, two properties of one name."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

from coverage.errors import InputError

# Either may be hidden by an escape such as \\u006c; then the file is looked at in full.
_SYSTEM = re.compile(rb"crs|\\u00", re.IGNORECASE)
_LINK = re.compile(rb"link|url|ogc\b|\\u00", re.IGNORECASE)
_PROPERTIES = re.compile(r'"properties"\s*:\s*(?=\{)')
_FIRST_BYTES = 1 << 20
_MOST_BYTES = 50_000_000
_HARMLESS = ("name", "epsg")


def check_names_differ(file: Path, source: str) -> None:
    """Check that no object of a file has two entries of one name; GDAL keeps the last of two in silence.

    Files beyond 50 MB, written by programs, are looked at in their first feature.

    Raises
    ------
    InputError
        ``table.column_twice`` if two have one name.
    """

    def look(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for place, name in enumerate(names) if name in names[:place])
            raise InputError("table.column_twice", file=source, value=twice[:100])

    is_whole = file.stat().st_size <= _MOST_BYTES
    with file.open("rb") as stream:
        text = stream.read(_MOST_BYTES if is_whole else _FIRST_BYTES).decode("utf-8-sig", errors="replace")
    begin = None if is_whole else _PROPERTIES.search(text)
    if not is_whole and begin is None:
        return
    with contextlib.suppress(json.JSONDecodeError, RecursionError):  # cut off, or no JSON: the reader says so
        json.JSONDecoder(object_pairs_hook=look).raw_decode(text, 0 if begin is None else begin.end())


def check_no_linked_crs(file: Path, source: str) -> None:
    """Check that a GeoJSON file names its coordinate system and does not link to it.

    Raises
    ------
    InputError
        ``file.linked_crs`` if it does, ``file.unreadable`` if it might and is no strict JSON.
    """
    content = file.read_bytes()
    if not (_SYSTEM.search(content) and _LINK.search(content)):
        return

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, value in pairs:
            if key.casefold() == "crs" and isinstance(value, dict):
                kinds = [str(kind).casefold() for word, kind in value.items() if word.casefold() == "type"]
                if any(kind not in _HARMLESS for kind in kinds):
                    raise InputError("file.linked_crs", file=source)
        # Nothing but the types is needed further up, which keeps large files small.
        return {key: value for key, value in pairs if key.casefold() == "type"}

    try:
        json.loads(content.decode("utf-8-sig"), object_pairs_hook=look)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError("file.unreadable", file=source, detail=str(error)[:200]) from error
