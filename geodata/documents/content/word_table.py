"""A typed table in words: titles with units, cells as values and as people read them, for paper and screen alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from coverage.tables.cell_reading import find_number_kind
from coverage.tables.report_value import Column, Fact, Table
from geodata.documents.content.cell_numbers import (
    UNIT_KINDS,
    say_cell,
    say_cell_with_unit,
    say_date,
    say_in_sentence,
)
from geodata.documents.content.document import DocColumn
from geodata.documents.content.id_names import Words
from geodata.documents.content.number_pairs import match_table
from geodata.words.i18n import Translator


@dataclass(frozen=True, slots=True, eq=False)
class WordedTable:
    """A table in one language.

    Parameters
    ----------
    title, columns
        Its title; its columns with their titles and units.
    values, texts
        Its cells as values for a spreadsheet, and as people read them, one column for each of `columns`.
    notes
        The sentences beneath it.
    """

    title: str
    columns: tuple[DocColumn, ...]
    values: pd.DataFrame
    texts: pd.DataFrame
    notes: tuple[str, ...]


class TableWording:
    """Words tables in one language.

    Parameters
    ----------
    words, tr
        Names of ids, and the language.
    always
        What every title and note may speak of: study, target, season and the like, by placeholder.
    """

    def __init__(self, words: Words, tr: Translator, always: Mapping[str, str]) -> None:
        self.words, self.tr, self.always = words, tr, always

    def word(self, table: Table) -> WordedTable:
        """Put a table into words."""
        columns = tuple(DocColumn(one.id, self._title(one), one.kind) for one in table.columns)
        values, texts = {}, {}
        said = {**self.always, **{fact.name: self.say(fact) for fact in table.facts}}
        rows, decimals = match_table(table)
        matched = replace(table, rows=rows)
        for column in table.columns:
            values[column.id], _ = self._word_column(table, column, 1)
            _, texts[column.id] = self._word_column(matched, column, decimals.get(column.id, 1))
        return WordedTable(
            title=self.tr(f"report.table.{table.id}", **self.always),
            columns=columns,
            values=pd.DataFrame(values),
            texts=pd.DataFrame(texts, dtype=object),
            notes=tuple(self.tr(f"report.note.{one}", **said) for one in table.notes),
        )

    def say(self, fact: Fact, decimals: int | None = None) -> str:
        """Say a fact within a sentence."""
        if isinstance(fact.value, str):
            if fact.kind == "word":
                return self.words.find_all(fact.words, fact.value)
            if fact.kind == "date":
                return say_date(fact.value, self.tr)
            if fact.words == "above":
                return self.words.find_around(fact.value)
            return self.words.find_place(fact.value) if fact.words == "unit" else fact.value
        return say_in_sentence(float(fact.value), fact.kind, fact.words, self.tr, decimals)

    def _title(self, column: Column) -> str:
        """Return the title of a column with its unit."""
        tr = self.tr
        if column.id.startswith("kph_"):
            title = tr("report.column.kph", season=self.words.find("season", column.id.removeprefix("kph_")))
        elif column.id == "people" and column.words not in ("", "any", "population"):
            title = tr(f"whom.{column.words}")
            title = title[:1].upper() + title[1:]
        else:
            title = tr(f"report.column.{column.id}", **self.always)
        unit = ""
        if column.kind == "people" and column.words != "any":
            unit = tr(f"report.unit.people.{column.words or 'population'}")
        elif column.kind in UNIT_KINDS:
            unit = tr(f"report.unit.{column.kind}")
        return tr("report.column_with_unit", title=title, unit=unit) if unit else title

    def _word_column(self, table: Table, column: Column, decimals: int) -> tuple[pd.Series, pd.Series]:
        """Return the cells of a column as values for a spreadsheet, and as people read them."""
        cells, tr = table.rows[column.id].tolist(), self.tr
        if column.kind == "word":
            said = [self.words.find_all(column.words, one) for one in cells]
            return pd.Series(said, dtype=object), pd.Series(said, dtype=object)
        if column.kind == "date":
            said = [say_date(one, tr) for one in cells]
            return pd.Series(cells, dtype=object), pd.Series(said, dtype=object)
        if column.kind == "text":
            said = [self.words.find_text(column, one) for one in cells]
            return pd.Series(said, dtype=object), pd.Series(said, dtype=object)
        if column.kind == "number":
            kinds = [find_number_kind(column, unit) for unit in table.rows["unit"]]
            signed = column.words != "difference"
            said = [say_cell_with_unit(one, kind, tr, signed=signed) for one, kind in zip(cells, kinds, strict=True)]
        else:
            said = [say_cell(one, column.kind, decimals) for one in cells]
        return pd.Series(cells, dtype=float), pd.Series(said, dtype=object)
