"""Short words of the renderers, and the numbers of headings."""

from __future__ import annotations

from coverage.errors import Fact
from geodata.i18n import Translator
from geodata.report.document import DocSection, Document

_DIGITS = "零一二三四五六七八九"


def say(document: Document, name: str, **facts: Fact) -> str:
    """Return a short word of a document, e.g. ``contents``: its own if it has one, else that of the catalogues."""
    own = document.words.get(name)
    return Translator(document.language)(f"report_word.{name}", **facts) if own is None else own.format(**facts)


def number_headings(document: Document) -> list[tuple[str, DocSection]]:
    """Return every section with its heading, numbered ``一、``, ``（一）``, ``1.`` or ``1``, ``1.1``, ``1.1.1``.

    A section that skips a level counts as one of the next level.
    """
    counts: list[int] = []
    answer = []
    for section in document.sections:
        level = max(1, min(section.level, 3, len(counts) + 1))
        counts = counts[:level] if len(counts) >= level else [*counts, 0]
        counts[-1] += 1
        answer.append((_write_number(counts, document) + section.title, section))
    return answer


def _write_number(counts: list[int], document: Document) -> str:
    if document.language == "en":
        return ".".join(map(str, counts)) + "  "
    if len(counts) == 1:
        return f"{chinese_number(counts[0])}、"
    return f"（{chinese_number(counts[1])}）" if len(counts) == 2 else f"{counts[2]}. "


def chinese_number(number: int) -> str:
    """Write a number from 1 to 99 as headings have it.

    Examples
    --------
    >>> [chinese_number(number) for number in (1, 10, 12, 20, 34)]
    ['一', '十', '十二', '二十', '三十四']
    """
    tens, ones = divmod(number, 10)
    before = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return before + (_DIGITS[ones] if ones else "")
