"""Looking at an OpenStreetMap file before any parser does: what it is, and nothing that could harm."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal, Protocol, cast
from xml.parsers import expat

from coverage.errors import InputError
from geodata.files.reading_border import explain_reading
from geodata.files.safe_files import check_input_file, unpack_stream

OsmFormat = Literal["pbf", "osm", "osm.gz", "osm.bz2"]


def _open_gzip(path: Path, mode: Literal["rb"]) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, mode))


def _open_bz2(path: Path, mode: Literal["rb"]) -> IO[bytes]:
    return cast(IO[bytes], bz2.open(path, mode))


# First bytes of what is packed, its format, and how it is opened.
_PACKED: tuple[tuple[bytes, OsmFormat, Callable[[Path, Literal["rb"]], IO[bytes]]], ...] = (
    (b"\x1f\x8b", "osm.gz", _open_gzip),
    (b"BZh", "osm.bz2", _open_bz2),
)
_CHUNK = 65_536
# A prologue (comments before the root element) longer than this is not an honest file.
_LONGEST_PROLOGUE = 1_000_000


def find_osm_format(path: Path) -> OsmFormat:
    """Find out from its content which kind of OpenStreetMap file this is.

    Raises
    ------
    MissingInputError
        There is no such file.
    InputError
        The file is empty, is not OpenStreetMap data, or is XML with a DOCTYPE.
    """
    check_input_file(path)
    with path.open("rb") as file:
        head = file.read(64)
    if is_pbf(head):
        return "pbf"
    for magic, packed, opener in _PACKED:
        if head.startswith(magic):
            with explain_reading(path.name, code="roads.unreadable"), opener(path, "rb") as stream:
                check_xml_root(stream, path.name, "osm")
            return packed
    if is_xml(head):
        with path.open("rb") as stream:
            check_xml_root(stream, path.name, "osm")
        return "osm"
    raise InputError("roads.not_osm", file=path.name)


@contextlib.contextmanager
def unpacked_osm(path: Path, folder: Path) -> Iterator[tuple[Path, OsmFormat]]:
    """Give an OpenStreetMap file that is not packed, and its format; what is unpacked is deleted afterwards.

    Parameters
    ----------
    path
        The file, packed or not.
    folder
        Where to unpack it.

    Raises
    ------
    MissingInputError, InputError
        As `find_osm_format` does; ``file.unpacks_too_large`` if it grows beyond what honest files do.
    """
    found = find_osm_format(path)
    opener = next((opener for _, packed, opener in _PACKED if packed == found), None)
    if opener is None:
        yield path, found
        return
    with tempfile.NamedTemporaryFile(dir=folder, prefix="unpacked-", suffix=".osm", delete=False) as target:
        plain = Path(target.name)
        try:
            with explain_reading(path.name, code="roads.unreadable"), opener(path, "rb") as stream:
                unpack_stream(stream, target, path)
        except BaseException:
            target.close()
            plain.unlink(missing_ok=True)
            raise
    try:
        yield plain, "osm"
    finally:
        plain.unlink(missing_ok=True)


def is_pbf(head: bytes) -> bool:
    """Tell from its first 64 bytes or more whether a file is OpenStreetMap's PBF."""
    return head[4:].find(b"OSMHeader") in range(16)


def is_xml(head: bytes) -> bool:
    """Tell from its first bytes whether a file is XML, in UTF-8 or UTF-16."""
    return head[:2] in (b"\xff\xfe", b"\xfe\xff") or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _RootFound(Exception):  # noqa: N818 - a signal, not an error
    pass


def check_xml_root(stream: _Readable, name: str, root: str) -> None:
    """Read an XML document up to its root element; refuse a DOCTYPE and any other root.

    A DOCTYPE can declare entities that grow without end or name other files; road files have none.
    """
    parser = expat.ParserCreate()
    found: list[str] = []

    def refuse(*_declaration: object) -> None:
        raise InputError("roads.doctype", file=name)

    def stop(tag: str, _attributes: dict[str, str]) -> None:
        found.append(tag)
        raise _RootFound

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = stop
    seen = 0
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            seen += len(chunk)
            if seen > _LONGEST_PROLOGUE:
                break
    except _RootFound:
        pass
    except (expat.ExpatError, OSError, EOFError, ValueError, LookupError) as error:  # LookupError: an odd encoding
        if isinstance(error, InputError):
            raise
        raise InputError("roads.unreadable", file=name, detail=str(error)) from error
    if not found or found[0].rpartition(":")[2].lower() != root:
        raise InputError("roads.not_osm" if root == "osm" else "roads.not_graphml", file=name)
