"""A report in one language: numbered headings, sentences, tables and figures in order, ready to be rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from coverage.tables.report_value import CellKind, Figure
from geodata.words.i18n import Language

ParagraphLook = Literal["text", "headline", "finding", "note", "formula"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text; what is data in it is not marked up and must be escaped by the renderer."""

    text: str
    look: ParagraphLook = "text"


@dataclass(frozen=True, slots=True)
class DocColumn:
    """A column in words: the id of the value, its title with the unit, what its cells are."""

    id: str
    title: str
    kind: CellKind


@dataclass(frozen=True, slots=True, eq=False)
class DocTable:
    """A table in words.

    Parameters
    ----------
    id
        As in the report.
    number, title
        E.g. ``表1`` and its title.
    columns
        Its columns, in order.
    values
        Raw values for spreadsheets: numbers as numbers (a share is 0..1), words and texts as text, missing NaN.
    texts
        The same cells as people read them, all strings.
    notes
        Sentences beneath it: source, denominator, what is estimated.
    is_appendix
        Whether it is long and stands at the end.
    """

    id: str
    number: str
    title: str
    columns: tuple[DocColumn, ...]
    values: pd.DataFrame
    texts: pd.DataFrame
    notes: tuple[str, ...] = ()
    is_appendix: bool = False


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A line of a legend: what is drawn so, and in words with people; `symbol` names the look.

    ``band.<minutes>`` (``band.inf`` for longer), ``band.no_route``, ``band.unconnected``, ``gap``, ``gain``,
    ``loss``, ``site``, ``boundary``, ``water``, ``roads``, ``station.<family>.<level>``.
    """

    symbol: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class DocFigure:
    """A figure in words: its data, number (``图1``), title, legend, and the lines beneath (source, date, marks)."""

    figure: Figure
    number: str
    title: str
    legend: tuple[LegendEntry, ...] = ()
    notes: tuple[str, ...] = ()
    table: DocTable | None = None  # the table a chart draws


Block = Paragraph | DocTable | DocFigure


@dataclass(frozen=True, slots=True, eq=False)
class DocSection:
    """A section: id, heading without its number, level 1 (一、), 2 (（一）) or 3 (1.), and what stands in it."""

    id: str
    title: str
    level: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A report in words.

    Parameters
    ----------
    language
        Of every word in it.
    title, department, date
        Of the cover; the date written out.
    day
        The date as ISO 8601, "" if there is none: files carry it as their own, so that equal reports are equal files.
    strip
        What it holds for, label and value: study, service, standard, mode, season, scenario.
    marks
        What every page and map says: 示意 on schematic data, 内部示意，界线不作划界依据, not a secret paper.
    sections
        In order.
    run
        How to compute it again, plain JSON, embedded in every format.
    words
        Short words renderers need, by name: ``page`` ("第 {page} 页，共 {pages} 页"), ``contents``, ``source``,
        ``scale``, ``north``, ``sort``, ``sheet_notes``, ``continued``.
    """

    language: Language
    title: str
    department: str
    date: str
    strip: tuple[tuple[str, str], ...]
    marks: tuple[str, ...]
    sections: tuple[DocSection, ...]
    day: str = ""
    is_schematic: bool = False
    run: Mapping[str, object] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def tables(self) -> list[DocTable]:
        """Return every table in order."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, DocTable)]

    def figures(self) -> list[DocFigure]:
        """Return every figure in order."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, DocFigure)]
