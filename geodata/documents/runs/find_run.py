"""The run file out of a report in any format that keeps one, or out of a file of its own."""

from __future__ import annotations

import contextlib
import io
import lzma
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

from coverage.errors import InputError
from geodata.documents.runs.run_file import MAX_RUN_MB, RUN_NAMESPACE, RunFile, parse_run
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file
from geodata.files.sqlite_guard import check_plain_tables

_MEMBER = "run.json"
_MOST_BYTES = int(MAX_RUN_MB * 1e6)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PDF_ATTACHMENT = re.compile(rb"/EmbeddedFile\b")
_PDF_STREAM = re.compile(rb">>\s*stream\r?\n|endobj")
# A report has one attachment and says little before it; a file made to be slow is not searched to its end.
_MOST_ATTACHMENTS = 100
_LONGEST_HEAD = 4000
_MOST_GPKG_STEPS = 5_000_000

_DAMAGED = (
    sqlite3.Error,
    zipfile.BadZipFile,
    ElementTree.ParseError,
    KeyError,
    ValueError,
    OSError,
    RuntimeError,
    StopIteration,
    IndexError,
    EOFError,
    AssertionError,  # of the parser of web pages, at marks it does not know
    zlib.error,
    lzma.LZMAError,
    struct.error,
)


@reads_file
def read_run(path: Path) -> RunFile:
    """Read the run file of a report: a ``.json``, or a report in any format that keeps it.

    Raises
    ------
    MissingInputError, InputError
        If there is no such file; ``replay.no_run`` where it holds none, and as `parse_run` does.
    """
    file = check_input_file(path, max_mb=5 * MAX_RUN_MB)
    suffix = file.suffix.lower()
    find = _FINDERS.get(suffix)
    try:
        if suffix == ".gpkg":
            found = _find_in_gpkg(file)
        else:
            content = file.read_bytes()
            found = content if find is None else find(content)
    except _DAMAGED as error:
        raise InputError("replay.no_run", file=file.name) from error
    if found is None:
        raise InputError("replay.no_run", file=file.name)
    return parse_run(found, source=file.name)


class _ScriptReader(HTMLParser):
    """Collects the content of the script with the id ``run``."""

    def __init__(self) -> None:
        super().__init__()
        self.is_inside = False
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_inside = tag == "script" and ("id", "run") in attrs

    def handle_endtag(self, tag: str) -> None:
        self.is_inside = False

    def handle_data(self, data: str) -> None:
        if self.is_inside:
            self.parts.append(data)


def _find_in_html(content: bytes) -> bytes | None:
    reader = _ScriptReader()
    reader.feed(content.decode("utf-8-sig"))
    reader.close()
    return "".join(reader.parts).encode() or None


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read a member, but no more than a run file may have."""
    with archive.open(name) as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(name)
    return content


def _find_in_zip(content: bytes) -> bytes | None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.rpartition("/")[2] == _MEMBER]
        return _read_member(archive, min(names, key=len)) if names else None


def _parse_xml(content: bytes) -> ElementTree.Element:
    """Parse XML without a document type: what a workbook holds has none, and with none no entity can grow."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("DOCTYPE")
    return ElementTree.fromstring(content)  # noqa: S314 - no entities, see above


def _find_in_xlsx(content: bytes) -> bytes | None:
    """Read the sheet ``run.json``: the cells of its first column put together."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = _parse_xml(_read_member(archive, "xl/workbook.xml"))
        sheet = next((one for one in book.iter(f"{_MAIN}sheet") if one.get("name") == _MEMBER), None)
        if sheet is None:
            return None
        relations = _parse_xml(_read_member(archive, "xl/_rels/workbook.xml.rels"))
        target = next(one.get("Target", "") for one in relations if one.get("Id") == sheet.get(_RELATION))
        shared = _parse_xml(_read_member(archive, "xl/sharedStrings.xml"))
        texts = ["".join(part.text or "" for part in one.iter(f"{_MAIN}t")) for one in shared.iter(f"{_MAIN}si")]
        rows = _parse_xml(_read_member(archive, f"xl/{target.removeprefix('/xl/')}"))
        cells = [cell for row in rows.iter(f"{_MAIN}row") for cell in list(row)[:1]]
        lines = [texts[int(cell.findtext(f"{_MAIN}v", ""))] for cell in cells if cell.get("t") == "s"]
    return "\n".join(lines).encode()


def _find_in_docx(content: bytes) -> bytes | None:
    """Read the document's own part that holds the run file; Word may have given it another number."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("customXml/item") and name.endswith(".xml"):
                part = _parse_xml(_read_member(archive, name))
                if part.tag == f"{{{RUN_NAMESPACE}}}run":
                    return (part.text or "").encode()
    return None


def _find_in_gpkg(path: Path) -> bytes | None:
    """Read the row ``run.json`` of the table ``about``."""
    check_plain_tables(path, path.name)
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        # Damaged pages may go round in circles.
        base.set_progress_handler(lambda: 1, _MOST_GPKG_STEPS)
        row = base.execute("SELECT value FROM about WHERE name = ?", (_MEMBER,)).fetchone()
    return None if row is None else str(row[0]).encode()


def _find_in_pdf(content: bytes) -> bytes | None:
    """Read the attachment that is JSON; streams are packed by zlib or not at all."""
    for match in islice(_PDF_ATTACHMENT.finditer(content), _MOST_ATTACHMENTS):
        begin = _PDF_STREAM.search(content, match.end(), match.end() + _LONGEST_HEAD)
        if begin is None or begin[0] == b"endobj":
            continue
        raw = memoryview(content)[begin.end() :]
        try:
            if zlib.decompressobj().decompress(raw, _LONGEST_HEAD).lstrip()[:1] == b"{":
                return zlib.decompressobj().decompress(raw, _MOST_BYTES)
        except zlib.error:
            unpacked = content[begin.end() : content.find(b"endstream", begin.end())].strip()
            if unpacked[:1] == b"{":
                return unpacked
    return None


_FINDERS: dict[str, Callable[[bytes], bytes | None]] = {
    ".html": _find_in_html,
    ".htm": _find_in_html,
    ".xlsx": _find_in_xlsx,
    ".docx": _find_in_docx,
    ".zip": _find_in_zip,
    ".pdf": _find_in_pdf,
}
