"""What a report is made of: sections of findings, tables and figures; every number stands in one table cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import pandas as pd

from coverage.inputs.bilingual_names import Name

# What the cells of a column are; it decides how a number is written and aligned.
CellKind = Literal[
    "text",  # data, shown as it is: names of stations and units
    "word",  # an id of ours, shown by the word the catalogues give for `Column.words` + "." + id
    "people",
    "count",
    "share",  # 0..1
    "points",  # difference of two shares
    "minutes",
    "hours",
    "metres",
    "km",
    "yuan",
    "visits",  # days a month
    "index",  # without a unit
    "number",  # in the unit of its row
    "year",
    "date",  # ISO 8601
    "degrees",
]


# Stands for everybody in a column of names of places.
TOTAL = "Σ"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    id
        Name of the column in `Table.rows`; its title is ``report.column.<id>``.
    kind
        What its cells are.
    words
        For cells that are ids of ours, several with ``;`` between: what stands before the id in the catalogues. For
        people: whom they
        count, "" being residents, "any" where that differs from row to row. A ``number`` is of the kind that
        the column ``unit`` of its row names, or where `words` is "difference" of the difference of two such.
        Texts of ``unit`` are names of places, `TOTAL` being all of them and "" what lies outside; those of
        ``above`` name the unit around a place, "" where there is none.
    """

    id: str
    kind: CellKind
    words: str = ""


@dataclass(frozen=True, slots=True)
class CellRef:
    """A cell of a table: the row by its number from 0."""

    table: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A value within a sentence and the cell it was read from; without a cell for what is not in any table."""

    name: str
    value: str | float
    kind: CellKind
    cell: CellRef | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table of a report.

    Parameters
    ----------
    id
        Its title is ``report.table.<id>``; unique in a report.
    columns
        Its columns, in order.
    rows
        One column for each of `columns`, under its id, and a plain index 0, 1, …; missing numbers are NaN.
    notes
        Ids of the sentences beneath it, ``report.note.<id>``.
    is_appendix
        Whether it is long and stands at the end.
    facts
        Numbers that its notes speak of.
    """

    id: str
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    notes: tuple[str, ...] = ()
    is_appendix: bool = False
    facts: tuple[Fact, ...] = ()

    def column(self, column_id: str) -> Column:
        """Return the column with an id; KeyError if there is none."""
        return next(each for each in self.columns if each.id == column_id)


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of a report: the rule that drafted it and what it speaks of.

    Its words are ``finding.<rule>``, or those of another id where `words` names one: what is said about the
    method and the data, rather than found.
    """

    rule: str
    facts: tuple[Fact, ...] = ()
    words: str = ""


FigureKind = Literal["map", "bars", "curve", "tornado"]
LayerKind = Literal["boundary", "roads", "water", "bands", "gaps", "stations", "sites", "change"]


@dataclass(frozen=True, slots=True, eq=False)
class MapLayer:
    """A layer of a map, in WGS-84.

    The frame has besides its geometry: ``bands`` band_min (upper limit, inf for longer, NaN for no way), kind
    (within, over, no_route, unconnected; the last three have no shape) and people; ``gaps`` gap_id, people,
    district; ``stations`` name, family, level, status; ``sites`` order, name, family, people; ``change``
    change (gain, loss), people; the others name.
    """

    kind: LayerKind
    frame: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A figure of a report.

    Parameters
    ----------
    id
        Its caption is ``report.figure.<id>``; unique in a report.
    kind
        What is drawn.
    layers
        Layers of a map, the lowest first.
    table, label, values
        Of a chart: the table it draws, the column of its labels and the columns of its values.
    cutoff_min
        The threshold that splits the colours of a map [min].
    whom
        Whom the people of a map's layers count, by the column of their weight.
    """

    id: str
    kind: FigureKind
    layers: tuple[MapLayer, ...] = ()
    table: str = ""
    label: str = ""
    values: tuple[str, ...] = ()
    cutoff_min: float = 30.0
    whom: str = "population"


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A section, or at level 2 a part of the one before it: its title is ``report.section.<id>``."""

    id: str
    findings: tuple[Finding, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    level: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A report without words.

    Parameters
    ----------
    study_id, study_name, is_schematic, attribution
        The study.
    title, department, date
        As the user gave them; "" takes the usual title, no department. The date is ISO 8601.
    sections
        In the order chosen.
    run
        How to compute it again: inputs and their hashes, question, options, versions; plain JSON.
    redaction
        What was hidden, plain JSON; empty if nothing was.
    strip
        What it holds for: study, service, standard, mode, season, scenario.
    names
        Names of the study's own ids (families, levels, kinds, items, …) by ``<words>.<id>``; they go before
        the catalogues.
    """

    study_id: str
    study_name: str
    is_schematic: bool
    attribution: str
    title: str
    department: str
    date: str
    sections: tuple[Section, ...]
    run: Mapping[str, object] = field(default_factory=dict)
    redaction: Mapping[str, object] = field(default_factory=dict)
    strip: tuple[Fact, ...] = ()
    names: Mapping[str, Name] = field(default_factory=dict)

    def tables(self) -> dict[str, Table]:
        """Return every table by its id."""
        return {table.id: table for section in self.sections for table in section.tables}
