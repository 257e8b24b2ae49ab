"""Short words of the renderers, and headings with their numbers."""

from __future__ import annotations

from coverage.errors import Fact
from geodata.documents.content.document import DocSection, Document
from geodata.documents.paper.headings import number_headings
from geodata.words.i18n import Translator


def say(document: Document, name: str, **facts: Fact) -> str:
    """Return a short word of a document, e.g. ``contents``: its own if it has one, else that of the catalogues."""
    own = document.words.get(name)
    return Translator(document.language)(f"report.word.{name}", **facts) if own is None else own.format(**facts)


def list_headings(document: Document) -> list[tuple[str, DocSection]]:
    """Return every section with its heading, the number before the title."""
    numbers = number_headings(document)
    return [(number + section.title, section) for number, section in zip(numbers, document.sections, strict=True)]
