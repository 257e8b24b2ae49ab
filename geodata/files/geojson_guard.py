"""Refuses GeoJSON that GDAL would misread: a coordinate system that is a link, two properties of one name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from coverage.errors import InputError

# Either may be hidden by an escape such as \\u006c; then the file is looked at in full.
_SYSTEM = re.compile(rb"crs|\\u00", re.IGNORECASE)
_LINK = re.compile(rb"link|url|ogc\b|\\u00", re.IGNORECASE)
# A brace, or a text: what is in it, and the colon that makes it a name ("" after a value). A text that is cut off has
# no second group.
_TOKEN = re.compile(rb'[{}]|"((?:[^"\\]++|\\.)*+)(?:"\s*+(:?))?', re.DOTALL)
_PIECE = 1 << 20
_MOST_NAMES = 1_000_000  # in objects that lie within each other
_HARMLESS = ("name", "epsg")


def check_names_differ(file: Path, source: str) -> None:
    """Check that no object of a file has two entries of one name; GDAL keeps the last of two in silence.

    The file is read piece by piece: memory holds one piece, or the longest text of the file, and the names of the
    objects that are open. What is no JSON is left to the reader.

    Raises
    ------
    InputError
        ``table.column_twice`` if two have one name; ``file.unreadable`` if there are a million names to remember.
    """
    opened: list[set[bytes]] = []
    names: set[bytes] = set()
    rest = b""
    with file.open("rb") as stream:
        while piece := stream.read(max(_PIECE, len(rest))):  # so a long text is looked at again only a few times
            rest += piece
            begin = end = len(rest)
            for token in _TOKEN.finditer(rest):
                kind = token.lastindex
                if kind is None and token[0] == b"{":
                    opened.append(names)
                    names = set()
                elif kind is None:
                    names = opened.pop() if opened else set()
                elif kind == 2 and token[2]:
                    name = _resolve_escapes(token[1])
                    if name in names:
                        value = name.decode(errors="replace")[:100]
                        raise InputError("table.column_twice", file=source, value=value)
                    names.add(name)
                elif kind == 1 or token.end() == end:  # more of it, or a colon, may follow in the next piece
                    begin = token.start()
            rest = rest[begin:]
            if len(opened) + len(names) + sum(map(len, opened)) > _MOST_NAMES:
                raise InputError("file.unreadable", file=source, detail=f"more than {_MOST_NAMES} open names")


def _resolve_escapes(name: bytes) -> bytes:
    if b"\\" not in name:
        return name
    try:
        return str(json.loads(b'"%b"' % name, strict=False)).encode("utf-8", "surrogatepass")
    except ValueError:
        return name


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
