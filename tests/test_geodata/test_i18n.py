"""Words: both languages hold the same messages with the same placeholders, and every code has words."""

from __future__ import annotations

import ast
import datetime as dt
import math
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from coverage.errors import DataIssue, InputError
from geodata.words.i18n import (
    LANGUAGES,
    Language,
    Translator,
    describe,
    find_catalogues,
    load_messages,
    read_catalogue,
    resolve_language,
)
from geodata.words.number_format import change, date, minutes, people, people_short, percent

ROOT = Path(__file__).resolve().parents[2]
HAN = re.compile(r"[\u4e00-\u9fff]")
CODE = re.compile(r"[a-z_]+(?:\.[a-z0-9_]+)+\Z")


def find_placeholders(text: str) -> set[str]:
    """Return the names a text expects."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def find_sources() -> list[Path]:
    """Return every file of code that may name a message."""
    rooms = [ROOT / "coverage", ROOT / "geodata", ROOT / "pages"]
    files = [path for room in rooms for path in room.rglob("*.py")]
    return files + [path for path in (ROOT / "app.py", ROOT / "cli.py") if path.exists()]


def find_named_messages() -> Iterator[tuple[str, str]]:
    """Yield (id, where) of each message that code names as a literal: t("…"), errors and issues."""
    for path in find_sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            literals = [
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            ]
            codes = [value for value in literals if CODE.match(value)]
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            first = node.args[0] if node.args else None
            if called in ("t", "tr") and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, where
            elif called.endswith("Error") and codes and literals[0] == codes[0]:
                yield f"error.{codes[0]}.what", where
            elif called in ("DataIssue", "make_fault", "fault", "reject", "remark", "remark_columns") and codes:
                yield f"issue.{codes[0]}.what", where
                if called == "reject":
                    yield f"fact.problem.{codes[0]}", where


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_read_as_gettext_reads_them(language: Language) -> None:
    """Every id and text is what babel reads; nothing is marked as doubtful, plural or of a context."""
    expected: dict[str, str] = {}
    for path in find_catalogues(language):
        with path.open("rb") as file:
            messages = [message for message in read_po(file) if message.id]
        assert not any(message.fuzzy or message.pluralizable or message.context for message in messages), path.name
        expected |= {str(message.id): str(message.string) for message in messages}
    assert dict(load_messages(language)) == expected


def test_a_catalogue_may_break_and_quote() -> None:
    """A text over several lines is joined, and quotes, backslashes and line ends come out as they are meant."""
    text = 'msgid ""\nmsgstr "Language: en\\n"\n\n# why\nmsgid ""\n"a."\n"b"\nmsgstr "say \\"x\\" \\\\n"\n"\\nnext"\n'
    assert read_catalogue(text) == {"a.b": 'say "x" \\n\nnext'}


def test_languages_hold_the_same_messages() -> None:
    """Chinese and English have the same ids, no empty text, and the same placeholders, which are plain names."""
    chinese, english = (load_messages(language) for language in LANGUAGES)
    assert len(chinese) > 100
    assert set(chinese) == set(english)
    empty = {key for messages in (chinese, english) for key, text in messages.items() if not text.strip()}
    # A measure word of one language may be nothing in the other.
    assert {key for key in empty if not (key.startswith("unit.") and key.endswith("_suffix"))} == set()
    different = {
        key: (find_placeholders(chinese[key]), find_placeholders(english[key]))
        for key in chinese
        if find_placeholders(chinese[key]) != find_placeholders(english[key])
    }
    assert different == {}
    named = {name for messages in (chinese, english) for text in messages.values() for name in find_placeholders(text)}
    assert sorted(name for name in named if not name.isidentifier()) == []
    # Tables are also named outside of a report, where nothing could fill a field.
    assert [key for key, text in chinese.items() if key.startswith("report.table.") and "{" in text] == []


def test_each_language_is_written_in_itself() -> None:
    """No English text is Chinese or a copy of the Chinese one, apart from names, keys and what is quoted."""
    chinese, english = (load_messages(language) for language in LANGUAGES)
    quoted = {"language.label", "error.hours.moment_invalid.fix"}
    assert {key for key, text in english.items() if HAN.search(text)} == quoted
    words = {key for key, text in english.items() if re.search(r"[A-Za-z]{3}", re.sub(r"\{[^}]*\}", "", text))}
    names = {f"report_page.kind.{kind}" for kind in ("docx", "pdf", "xlsx")}
    names |= {"language.label", "whatif.redo_help", "whatif.undo_help"}
    assert {key for key in words if chinese[key] == english[key]} == names


def test_english_numbers_agree_with_their_nouns() -> None:
    """One row has, two rows have; no message leaves the choice to the reader."""
    one, two = (describe(DataIssue("position.missing", "rejected", "a.csv", count), "en").what for count in (1, 2))
    assert one == "1 row of a.csv has no position and was left out."
    assert two == "2 rows of a.csv have no position and were left out."
    assert [key for key, text in load_messages("en").items() if re.search(r"[a-z]{2}\(s\)", text)] == []


def test_each_message_has_one_place() -> None:
    """No id stands twice, neither in one catalogue nor in two of them."""
    for language in LANGUAGES:
        lines = [line for path in find_catalogues(language) for line in path.read_text(encoding="utf-8").splitlines()]
        ids = [line for line in lines if line.startswith("msgid ") and line != 'msgid ""']
        assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_every_code_named_in_the_program_has_words() -> None:
    """Each message id, error code and issue code that stands in code exists in the catalogues."""
    known = load_messages("en")
    named = list(find_named_messages())
    assert len(named) > 80
    missing = sorted({f"{message} ({where})" for message, where in named if message not in known})
    assert missing == []


def test_error_texts_say_how_to_go_on() -> None:
    """Every error and issue that says what happened also says how to fix it; a fault's error says it for all faults."""
    known = load_messages("zh_CN")
    lacking = [key for key in known if key.startswith(("error.", "issue.")) and key.endswith(".what")]
    lacking = [key for key in lacking if not key.startswith("issue.entry.")]
    assert [key for key in lacking if key.removesuffix("what") + "fix" not in known] == []


def test_describe_fills_facts_and_names_our_ids() -> None:
    """Facts go into the sentence, and ids of ours are shown by their word."""
    error = InputError("table.columns_missing", table="demand", columns="lon, lat")
    assert describe(error, "zh_CN").what == "居民点表缺少列：lon, lat。"
    issue = DataIssue("position.swapped", "rejected", "a.csv", 12345, value="43.8, 87.6")
    assert "12,345" in describe(issue, "en").what
    assert describe(issue, "zh_CN").fix == "对调两列后重新导入。"


def test_unknown_codes_stay_readable() -> None:
    """An error without words shows its code and facts instead of failing."""
    shown = describe(InputError("nobody.wrote_this", file="a.csv"), "zh_CN")
    assert "nobody.wrote_this" in shown.what
    assert "a.csv" in shown.what
    assert Translator("zh_CN").t("no.such.message") == "no.such.message"


@pytest.mark.parametrize(
    "hostile", ["{{7*191}}", "<img src=x onerror=alert(1)>", "=1+1", "{source}", "{0.__class__}", "\u202etxt"]
)
def test_facts_are_data(hostile: str) -> None:
    """A fact is put in as it is: it is no template, whatever it looks like."""
    shown = describe(DataIssue("position.swapped", "rejected", "a.csv", 1, value=hostile), "en")
    assert hostile in shown.what


def test_endless_facts_are_cut() -> None:
    """A fact of megabytes does not flood the screen."""
    shown = describe(DataIssue("position.swapped", "rejected", "a.csv", 1, value="x" * 10_000_000), "en")
    assert len(shown.what) < 500


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "zh_CN"),
        ("", "zh_CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("de-DE,de;q=0.9,en;q=0.8", "en"),
        ("fr-FR", "zh_CN"),
        ("zh;q=0.5,en;q=0.5", "zh_CN"),
        ("en;q=nonsense", "zh_CN"),
        ("zh_TW", "zh_CN"),
    ],
)
def test_language_follows_the_browser(accept: str | None, language: str) -> None:
    """The language the browser prefers is used; Chinese when in doubt."""
    assert resolve_language(accept) == language


def test_numbers_as_people_read_them() -> None:
    """Formats of people, shares, changes, times and dates in both languages."""
    assert (people_short(312_000, "zh_CN"), people_short(312_000, "en")) == ("31.2万", "312,000")
    assert (people_short(9_999.4, "zh_CN"), people_short(9_999.6, "zh_CN")) == ("9,999", "1.0万")
    assert people_short(140_000_000, "zh_CN") == "1.4亿"
    assert (people(312_456), people(float("nan"))) == ("312,456", "—")
    assert (percent(0.8734), percent(1.0), percent(0.0)) == ("87.3%", "100.0%", "0.0%")
    assert (percent(0.99996), percent(0.0001)) == (">99.9%", "<0.1%")
    assert (change(0.032, "zh_CN"), change(-0.032, "en")) == ("+3.2个百分点", "−3.2 percentage points")
    assert change(-0.0001, "zh_CN") == "0.0个百分点"
    assert (minutes(28, "zh_CN"), minutes(28, "en")) == ("28分钟", "28 min")
    assert (minutes(math.inf, "zh_CN"), minutes(math.nan, "en")) == ("无法到达", "—")
    assert date(dt.date(2026, 11, 22), "zh_CN") == "2026年11月22日"
    assert date(dt.date(2026, 11, 22), "en") == "22 November 2026"


def test_every_error_brings_the_facts_its_words_need() -> None:
    """Whatever placeholder stands in the words of an error is given where it is raised."""
    known = load_messages("zh_CN")
    lacking: list[str] = []
    for path in find_sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if not called.endswith("Error") or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            given = {keyword.arg for keyword in node.keywords}
            given |= {"count"} if "faults" in given else set()
            texts = [known.get(f"error.{node.args[0].value}.{part}", "") for part in ("what", "why", "fix")]
            wanted = set().union(*(find_placeholders(text) for text in texts))
            if None not in given and wanted - given:
                lacking.append(f"{path.relative_to(ROOT)}:{node.lineno} {sorted(wanted - given)}")
    assert lacking == []
