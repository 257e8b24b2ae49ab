"""The check of words: what it finds, where, what it passes over."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check_vocabulary
from scripts.check_vocabulary import check, read_words

TABLE = """
[[zh]]
pattern = "接入段|基期"
use = "步行接驳"
[[en]]
pattern = '\\banew\\b'
use = "again"
[[en]]
pattern = '\\b(is|are) no\\b(?! longer)'
use = "is not a"
[[allowed]]
pattern = "基期"
where = ["targets.base"]
why = "the value of a target"
"""


def _write(root: Path, **texts: str) -> Path:
    """Write a small tree of catalogues and documents, and its table; return the table."""
    places = {"zh": "geodata/locale/zh_CN/a.po", "en": "geodata/locale/en/a.po", "toml": "geodata/data/a.toml"}
    texts = {"zh": 'msgid "targets.base"\nmsgstr "基期值"\n'} | texts
    for name, text in texts.items():
        path = root / places.get(name, f"{name}.md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    table = root / "vocabulary.toml"
    table.write_text(TABLE, encoding="utf-8")
    return table


def test_a_bad_word_is_found_with_its_line_and_the_right_word(tmp_path: Path) -> None:
    """In catalogues, tables and documents, also across the end of a line."""
    table = _write(
        tmp_path,
        zh='msgid "targets.base"\nmsgstr "基期值"\n\nmsgid "place"\nmsgstr "接入段 {metres} 米"\n',
        en='msgid ""\nmsgstr ""\n"Language: en\\n"\n\nmsgid "a"\nmsgstr "Begin "\n"anew."\n',
        toml='# read anew\nzh = "接入段"\n',
        README="First line.\nThis is\nno good.\n",
    )
    assert check(tmp_path, table) == [
        "geodata/locale/zh_CN/a.po:5: “接入段”: use 步行接驳",
        "geodata/locale/en/a.po:6: “anew”: use again",
        "geodata/data/a.toml:2: “接入段”: use 步行接驳",
        "geodata/data/a.toml:1: “anew”: use again",
        "README.md:2: “is no”: use is not a",
    ]


def test_names_and_code_are_passed_over(tmp_path: Path) -> None:
    """Placeholders, options, keys, ids and code are no prose; a word within another is another word."""
    table = _write(
        tmp_path,
        en='msgid "anew"\nmsgstr "{anew} {anew:,} --anew renewed, is no longer"\n',
        toml='anew = 1\n[anew]\nitems = ["anew"]\n',
        README="Call `anew`, [so](anew.md).\n",
    )
    assert check(tmp_path, table) == []


def test_both_forms_of_a_count_are_read(tmp_path: Path) -> None:
    """``{count:?is|are} no`` is found in both."""
    table = _write(tmp_path, en='msgid "a"\nmsgstr "{count:,} {count:?row is|rows are} no line"\n')
    assert [line.split(": ")[1] for line in check(tmp_path, table)] == ["“is no”", "“are no”"]


def test_an_exception_holds_for_its_place_and_has_to_be_needed(tmp_path: Path) -> None:
    """The same word elsewhere is found; an exception that fits nothing is a fault."""
    table = _write(tmp_path, zh='msgid "targets.other"\nmsgstr "基期值"\n')
    first, second = check(tmp_path, table)
    assert first == "geodata/locale/zh_CN/a.po:2: “基期”: use 步行接驳"
    assert "targets.base" in second


def test_the_command_ends_with_one_where_there_is_a_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 for words as they should be, else 1, with every find printed."""
    table = _write(tmp_path)
    monkeypatch.setattr(check_vocabulary, "check", lambda: check(tmp_path, table))
    assert check_vocabulary.main() == 0
    _write(tmp_path, README="Begin anew.\n")
    assert check_vocabulary.main() == 1
    assert "README.md:1: “anew”: use again" in capsys.readouterr().out


def test_every_word_has_another_and_every_exception_a_reason() -> None:
    """No pattern of the table forbids the word that it asks for."""
    words, allowed = read_words()
    assert {word.language for word in words} == {"zh", "en"}
    assert allowed
    for word in words:
        assert word.use
        assert not word.pattern.search(word.use), word.use
