"""Words: message catalogues in Chinese and English, and the sentences for errors and findings.

Codes and numbers come from the rooms below; here they become what a person reads. Catalogues are
plain gettext files, ``locale/<language>/*.po``, merged and kept for the life of the process.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from coverage.errors import DataIssue, Fact, PlannerError

Language = Literal["zh_CN", "en"]
LANGUAGES: tuple[Language, ...] = ("zh_CN", "en")

_LOCALE_FOLDER = Path(__file__).parents[1] / "locale"
_HAN = re.compile(r"[\u4e00-\u9fff]")
# A string in quotes, and one that goes on in the next lines.
_STRING = r'"(?:[^"\\\n]|\\.)*"'
_STRINGS = rf"((?:\s*{_STRING})+)"
_MESSAGE = re.compile(rf"^msgid{_STRINGS}\s*^msgstr{_STRINGS}", re.MULTILINE)
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_LONGEST_FACT = 200
_LONGEST_ID = 60
_MOST_FAULTS = 20  # of one error; the rest are counted
# The facts by which a fault says where it stands, each with the message of that place.
_PLACES = ("rule", "edit", "section", "entry")


class _TolerantFormatter(string.Formatter):
    """``str.format`` that never fails on a fact: unknown ones stay visible as ``{name}``.

    ``{count:?row|rows}`` gives the first word if the fact is one, else the second.
    """

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), f"{{{key}}}")

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec.startswith("?"):
            one, _, many = format_spec[1:].partition("|")
            return one if str(value) in ("1", "1.0") else many
        try:
            text = format(value, format_spec)
        except (ValueError, TypeError):
            text = str(value)
        if isinstance(value, str) and len(text) > _LONGEST_FACT:
            return text[:_LONGEST_FACT] + "…"
        return text


_FORMATTER = _TolerantFormatter()


@dataclass(frozen=True, slots=True)
class Description:
    """What happened, every fault of it, why, and how to fix it, as sentences; only `what` is always there."""

    what: str
    faults: tuple[str, ...]
    why: str
    fix: str

    @property
    def lines(self) -> list[str]:
        """Return all that is said, one sentence or more a line."""
        return [line for line in (self.what, *self.faults, self.why, self.fix) if line]


@cache
def load_messages(language: Language) -> Mapping[str, str]:
    """Read and merge every catalogue of a language: message id → text with ``{placeholders}``."""
    messages: dict[str, str] = {}
    for path in find_catalogues(language):
        messages |= read_catalogue(path.read_text(encoding="utf-8"))
    return MappingProxyType(messages)


def read_catalogue(text: str) -> dict[str, str]:
    """Read the ids and texts of a catalogue; the header, whose id is empty, is left out.

    Our catalogues have neither plural forms nor contexts, and a general reader took longer for them than a
    short command for all the rest.
    """
    messages: dict[str, str] = {}
    for found in _MESSAGE.finditer(text):
        name, sentence = ("".join(_QUOTED.findall(part)) for part in found.groups())
        if name:
            messages[_unescape(name)] = _unescape(sentence)
    return messages


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


def find_catalogues(language: Language) -> list[Path]:
    """Return the catalogue files of a language, by name."""
    return sorted((_LOCALE_FOLDER / language).glob("*.po"))


def find_text(message_id: str, language: Language) -> str | None:
    """Return the text of a message, in English if this language lacks it, None if nobody has it."""
    return load_messages(language).get(message_id, load_messages("en").get(message_id))


class Translator:
    """Turns message ids and facts into sentences of one language.

    Examples
    --------
    >>> Translator("en").language
    'en'
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def t(self, message_id: str, **facts: Fact) -> str:
        """Return the sentence of a message with its facts filled in.

        A message that is missing everywhere shows its id, so that a screen stays usable; a test
        makes sure that it never happens. Facts are data: they are put in as they are (cut after
        200 characters) and escaped where they are shown. ``{count:,}`` in a text groups digits;
        ``{count:?site|sites}`` is the first word for exactly one, else the second.
        """
        text = find_text(message_id, self.language)
        return message_id if text is None else _FORMATTER.vformat(text, (), facts)

    __call__ = t

    def word(self, message_id: str, otherwise: str) -> str:
        """Return the word for an id, or another one where nobody has it: ids that a user's own file brings."""
        text = find_text(message_id, self.language)
        return otherwise if text is None else text

    def describe(self, problem: PlannerError | DataIssue) -> Description:
        """Return what happened, why, and how to fix it, for an error or a finding."""
        return describe(problem, self.language)


def describe(problem: PlannerError | DataIssue, language: Language) -> Description:
    """Put an error or a finding into words.

    Returns
    -------
    `what` is never empty (an unknown code shows the code and its facts); `why` and `fix` are empty
    where the catalogues say nothing. Facts that are ids of ours are shown by the word that the
    catalogues give as ``fact.<name of the fact>.<id>``, e.g. ``fact.table.demand``. ``{place}`` is where a
    fault stands.
    """
    if isinstance(problem, PlannerError):
        prefix, facts = f"error.{problem.code}", dict(problem.context)
    else:
        prefix, facts = f"issue.{problem.code}", problem.placeholders()

    facts = {key: _name_fact(key, value, language) for key, value in facts.items()}
    places = [find_text(f"place.{name}", language) or "" for name in _PLACES if name in facts]
    facts["place"] = _FORMATTER.vformat("".join(places), (), facts)

    def part(name: str) -> str:
        text = find_text(f"{prefix}.{name}", language)
        return "" if text is None else _FORMATTER.vformat(text, (), facts)

    listed = ", ".join(f"{key}={value}" for key, value in facts.items() if value != "")
    faults = problem.faults if isinstance(problem, PlannerError) else ()
    told = [describe(fault, language) for fault in faults[:_MOST_FAULTS]]
    said = [f"{fault.what} {fault.fix}".strip() for fault in told]
    if len(faults) > _MOST_FAULTS:
        said.append(Translator(language)("faults.more", count=len(faults) - _MOST_FAULTS))
    what = part("what") or f"{problem.code} ({listed})"[:500]
    return Description(what=what, faults=tuple(said), why=part("why"), fix=part("fix"))


def _name_fact(key: str, value: Fact, language: Language) -> Fact:
    """Return the word for a fact that is an id of ours (``fact.<key>.<value>``), any other fact as it is."""
    if not isinstance(value, str) or len(value) > _LONGEST_ID:
        return value
    return find_text(f"fact.{key}.{value}", language) or value


def choose_half(text: str, language: Language) -> str:
    """Choose from a text in both languages, ``中文 / English``; a text of one language stays as it is.

    Examples
    --------
    >>> choose_half("示意数据 / schematic data", "en"), choose_half("© OpenStreetMap", "zh_CN")
    ('schematic data', '© OpenStreetMap')
    """
    chinese, mark, english = text.partition(" / ")
    if not mark or not _HAN.search(chinese) or _HAN.search(english):
        return text
    return chinese if language == "zh_CN" else english


def resolve_language(accept: str | None) -> Language:
    """Choose the language of a new visitor from the browser's ``Accept-Language``; Chinese when in doubt.

    Examples
    --------
    >>> resolve_language("en-GB,en;q=0.9,zh;q=0.5"), resolve_language("zh-TW"), resolve_language(None)
    ('en', 'zh_CN', 'zh_CN')
    """
    best: dict[Language, float] = {}
    for part in (accept or "").split(","):
        tag, _, parameters = part.strip().lower().partition(";")
        spoken = tag.replace("_", "-").partition("-")[0]
        if spoken not in ("zh", "en"):
            continue
        try:
            weight = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            weight = 0.0
        language: Language = "zh_CN" if spoken == "zh" else "en"
        best[language] = max(best.get(language, 0.0), weight)
    return "en" if best.get("en", 0.0) > best.get("zh_CN", 0.0) else "zh_CN"
