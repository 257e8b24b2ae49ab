"""Find words that the product does not use, and name the word to write instead.

    python -m scripts.check_vocabulary

Reads the message catalogues, the tables of geodata/data and the documents, by the table scripts/vocabulary.toml. Prints
``file:line: word: use …`` for each find and ends with 1 if there is any.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_name("vocabulary.toml")
CATALOGUES = {"zh": "geodata/locale/zh_CN/*.po", "en": "geodata/locale/en/*.po"}
TABLES = "geodata/data/*.toml"
DOCUMENTS = ("README*.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/*.md", "docs/**/*.md")

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PLACEHOLDER = re.compile(r"\{\w+(?::[^?{}][^{}]*)?\}")
_CHOICE = re.compile(r"\{\w+:\?([^{}|]*)\|([^{}]*)\}")
# Of a table: names of keys and sections, ids and file names; of a document: code and the targets of links.
_KEYS = re.compile(r'^\s*\[+[\w."-]+\]+|^\s*[\w".-]+\s*=|(?<!zh = )(?<!en = )"[\w.-]*"', re.MULTILINE | re.ASCII)
_CODE = re.compile(r"`[^`\n]*`|\]\([^)\n]*\)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


@dataclass(frozen=True, slots=True)
class Word:
    """A pattern of words not to use in a language, ``zh`` or ``en``, and what to write instead."""

    language: str
    pattern: re.Pattern[str]
    use: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """A place, a message id or a file, where words that fit the pattern are right."""

    pattern: re.Pattern[str]
    where: str


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text: its file, its name (message id or file), the line it begins in, the languages it may be in."""

    file: str
    name: str
    line: int
    languages: tuple[str, ...]
    text: str


def read_words(table: Path = TABLE) -> tuple[list[Word], list[Allowed]]:
    """Read the words not to use, and the places where such a word is right."""
    with table.open("rb") as file:
        read = tomllib.load(file)
    words = [Word(key, _compile(one["pattern"]), one["use"]) for key in CATALOGUES for one in read.get(key, [])]
    allowed = [Allowed(_compile(one["pattern"]), place) for one in read.get("allowed", []) for place in one["where"]]
    return words, allowed


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE)


def check(root: Path = ROOT, table: Path = TABLE) -> list[str]:
    """Return a line for each word that is found, and for each exception that fits nothing."""
    words, allowed = read_words(table)
    found, used = [], set()
    for text in read_texts(root):
        for word in words:
            if word.language not in text.languages:
                continue
            for hit in word.pattern.finditer(text.text):
                right = [one for one in allowed if one.where == text.name and one.pattern.fullmatch(hit[0])]
                used.update(right)
                if not right:
                    line = text.line + text.text.count("\n", 0, hit.start())
                    found.append(f"{text.file}:{line}: “{' '.join(hit[0].split())}”: use {word.use}")
    unused = [one for one in allowed if one not in used]
    found = list(dict.fromkeys(found))
    return found + [
        f"{table.name}: the exception for {one.where} ({one.pattern.pattern}) fits nothing" for one in unused
    ]


def read_texts(root: Path) -> Iterator[Text]:
    """Read every text that a reader of the product meets."""
    for language, pattern in CATALOGUES.items():
        for path in sorted(root.glob(pattern)):
            yield from _read_messages(path, path.relative_to(root).as_posix(), language)
    for path in sorted(root.glob(TABLES)):
        yield _read_whole(path, root, _KEYS)
    for path in sorted({path for pattern in DOCUMENTS for path in root.glob(pattern)}):
        yield _read_whole(path, root, _CODE)


def _read_messages(path: Path, file: str, language: str) -> Iterator[Text]:
    """Read the messages of a catalogue, each once for one and once for many of what it counts."""
    name, parts, begin, part = "", {"msgid": "", "msgstr": ""}, 0, ""
    lines = [*path.read_text(encoding="utf-8").splitlines(), 'msgid ""']
    for number, line in enumerate(lines, 1):
        keyword = line.partition(" ")[0]
        if keyword == "msgid":
            if name := parts["msgid"]:
                message = _OPTION.sub(" ", _PLACEHOLDER.sub(" ", parts["msgstr"]))
                for choice in (r"\1", r"\2"):
                    yield Text(file, name, begin, (language,), _CHOICE.sub(choice, message))
            parts = {"msgid": "", "msgstr": ""}
        elif keyword == "msgstr":
            begin = number
        elif not line.startswith('"'):
            continue
        part = keyword if keyword in parts else part
        parts[part] += "".join(_QUOTED.findall(line)).replace("\\n", " ")


def _read_whole(path: Path, root: Path, skipped: re.Pattern[str]) -> Text:
    """Read a file with everything that is not prose blanked out, so that lines keep their numbers."""
    text = path.read_text(encoding="utf-8")
    for pattern in (skipped, _OPTION):
        text = pattern.sub(lambda found: re.sub(r"\S", "_", found[0]), text)
    file = path.relative_to(root).as_posix()
    return Text(file, file, 1, tuple(CATALOGUES), text)


def main() -> int:
    """Print what is found; return 1 if there is any."""
    found = check()
    print("\n".join(found) if found else "Words: as they should be.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
