"""Words of a Shapefile: which encoding they are really in, whatever its .cpg says, and cells cut in a character."""

from __future__ import annotations

import codecs
import re
import struct
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from coverage.errors import DataIssue, InputError

_HEAD, _FIELD = 32, 32  # bytes of the head of a .dbf, and of each field in it
_LANGUAGES = {0x4D: "gb18030", 0x4F: "big5", 0x65: "cp866", 0x03: "cp1252", 0x57: "cp1252", 0xC9: "cp1251"}
_LATIN = ("iso8859-1", "cp1252", "ascii", "iso8859-15")
_HAN_ONLY = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\x00-\x7f]*")
_LONGEST_CHARACTER = 4


@dataclass(frozen=True, slots=True)
class _Head:
    """What the head of a .dbf says: names and widths of its fields [bytes], and its language driver."""

    widths: tuple[int, ...]
    language: int


def decode_words(table: pd.DataFrame, file: Path, source: str) -> tuple[pd.DataFrame, list[DataIssue]]:
    """Put the words of a Shapefile, each byte read as the character of its number, into the encoding that fits them.

    UTF-8 is taken where all words are UTF-8, then what the .cpg (or the .dbf itself) says, then GB18030. A last
    character that the width of its field cuts off is dropped. Whatever differs from what the file says is found.

    Raises
    ------
    InputError
        ``file.encoding_wrong`` if no encoding fits, ``table.column_twice`` if two fields have one name.
    """
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        content = str(twice[0]).encode("latin-1")
        name = _decode(content, "utf-8", 0)[0] or content.decode("gb18030", errors="replace")
        raise InputError("table.column_twice", file=source, value=name)
    texts = [column for column in table.columns if table[column].dtype.kind in "OTU"]
    texts = [column for column in texts if table[column].dropna().map(lambda cell: isinstance(cell, str)).all()]
    names = [str(column) for column in table.columns]
    head = _read_head(file)
    widths = dict(zip(names, head.widths if head and len(head.widths) == len(names) else [0] * len(names), strict=True))
    cells = [(name.encode("latin-1"), 0) for name in names]
    cells += [(cell.encode("latin-1"), widths[str(one)]) for one in texts for cell in table[one].dropna().unique()]
    foreign = [(content, width) for content, width in cells if not content.isascii()]
    if not foreign:
        return table, []
    declared = _read_declared(file, head)
    used = _choose(foreign, declared, source)
    cut = 0
    for column in texts:
        found = {
            cell: _decode(cell.encode("latin-1"), used, widths[str(column)]) for cell in table[column].dropna().unique()
        }
        cut += int(table[column].map(lambda cell, found=found: isinstance(cell, str) and found[cell][1]).sum())
        table[column] = table[column].map(lambda cell, found=found: found[cell][0] if isinstance(cell, str) else cell)
    table = table.rename(columns={name: _decode(name.encode("latin-1"), used, 10)[0] for name in names})
    return table, _list_issues(source, declared, used, cut)


def _list_issues(source: str, declared: str, used: str, cut: int) -> list[DataIssue]:
    issues = []
    if declared and declared != used:
        facts = (("declared", declared.upper()), ("used", used.upper()))
        issues.append(DataIssue("file.encoding_other", "warning", source, facts=facts))
    elif not declared and used != "utf-8":
        issues.append(DataIssue("file.encoding_guessed", "note", source, value=used.upper()))
    if cut:
        issues.append(DataIssue("file.words_cut", "warning", source, cut))
    return issues


def _choose(cells: list[tuple[bytes, int]], declared: str, source: str) -> str:
    """Return the encoding in which every cell can be read."""
    candidates = list(dict.fromkeys(["utf-8", declared or "gb18030", "gb18030"]))
    if declared in _LATIN and _fits(cells, "gb18030") and all(_is_chinese(content) for content, _ in cells):
        candidates = ["utf-8", "gb18030"]  # a Latin name over Chinese bytes fits always, and gives ÎÚÂ³Ä¾Æë
    for encoding in candidates:
        if _fits(cells, encoding):
            return encoding
    raise InputError("file.encoding_wrong", file=source, declared=declared.upper() or "–")


def _fits(cells: list[tuple[bytes, int]], encoding: str) -> bool:
    return all(_decode(content, encoding, width)[0] is not None for content, width in cells)


def _is_chinese(content: bytes) -> bool:
    try:
        return bool(_HAN_ONLY.fullmatch(content.decode("gb2312")))
    except UnicodeDecodeError:
        return False


def _decode(content: bytes, encoding: str, width: int) -> tuple[str | None, bool]:
    """Decode a cell; True if its last character was cut off by the width of the field and is dropped."""
    try:
        return content.decode(encoding), False
    except UnicodeDecodeError as error:
        is_cut = len(content) - error.start < _LONGEST_CHARACTER and 0 < width <= len(content)
        if not is_cut:
            return None, False
    try:
        kept = codecs.getincrementaldecoder(encoding)().decode(content, final=False)
    except UnicodeDecodeError:
        return None, False
    return kept, True


def _read_declared(file: Path, head: _Head | None) -> str:
    """Return the encoding that the .cpg names, else the language driver of the .dbf; "" if neither is known."""
    sibling = next(
        (one for one in file.parent.iterdir() if one.stem == file.stem and one.suffix.lower() == ".cpg"), None
    )
    if sibling is None:
        return "" if head is None else _LANGUAGES.get(head.language, "")
    word = sibling.read_bytes()[:64].decode("latin-1").strip().lower().strip("\ufeff\xef\xbb\xbf\x00 ")
    number = "".join(character for character in word if character.isdigit())
    if number == "65001" or word.replace("-", "") in ("utf8", "utf_8"):
        return "utf-8"
    if number == "936" or word.replace("-", "") in ("gbk", "gb2312", "gb18030", "euccn", "cp936"):
        return "gb18030"
    for name in (word, f"cp{number}", f"iso8859-{number[4:]}" if number.startswith("8859") else ""):
        try:
            return codecs.lookup(name).name if name else ""
        except (LookupError, ValueError):
            continue
    return ""


def _read_head(file: Path) -> _Head | None:
    """Read the widths of the fields and the language driver; None where the .dbf is missing or damaged."""
    table = next((one for one in file.parent.iterdir() if one.stem == file.stem and one.suffix.lower() == ".dbf"), None)
    if table is None:
        return None
    with table.open("rb") as stream:
        head = stream.read(_HEAD)
        if len(head) < _HEAD:
            return None
        length = struct.unpack_from("<H", head, 8)[0]
        fields = stream.read(max(length - _HEAD, 0))
    parts = [fields[at : at + _FIELD] for at in range(0, len(fields) - _FIELD + 1, _FIELD)]
    widths = []
    for part in parts:
        if part[0] == 0x0D:
            break
        widths.append(part[16] + (part[17] << 8 if part[11:12] == b"C" else 0))
    return _Head(tuple(widths), head[29])
