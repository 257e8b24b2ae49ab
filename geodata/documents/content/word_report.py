"""A report in words: every sentence, title, cell and legend in one language, numbered and ready for a renderer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from coverage.tables.cell_reading import find_number_kind
from coverage.tables.report_value import Column, Fact, Figure, Finding, Report, Section, Table
from geodata.documents.content.cell_numbers import (
    UNIT_KINDS,
    say_cell,
    say_cell_with_unit,
    say_date,
    say_in_sentence,
    say_whom,
)
from geodata.documents.content.document import (
    Block,
    DocColumn,
    DocFigure,
    DocSection,
    DocTable,
    Document,
    Paragraph,
    ParagraphLook,
)
from geodata.documents.content.id_names import Words
from geodata.documents.content.legend_texts import list_entries
from geodata.documents.content.number_pairs import match_facts, match_table
from geodata.words.i18n import Language, Translator, choose_half

# Words that renderers need, by the name they ask for.
RENDERER_WORDS: tuple[str, ...] = (
    "page", "contents", "source", "scale", "north", "sort", "sheet_notes", "continued", "search", "legend",
    "kilometres",
)  # fmt: skip
# Tables of definitions rather than of figures.
_WITHOUT_SOURCE: tuple[str, ...] = ("formulas", "thresholds")


def word_report(report: Report, language: Language) -> Document:
    """Put a report into words.

    Parameters
    ----------
    report
        The report.
    language
        Of every word in it, whatever language the report's options name.
    """
    tr = Translator(language)
    return _Wording(report, Words(report.names, tr), tr).word()


class _Wording:
    """Words one report; tables and figures are numbered in the order they come."""

    def __init__(self, report: Report, words: Words, tr: Translator) -> None:
        self.report, self.words, self.tr = report, words, tr
        self.always = {"study": report.study_name} | {
            name.removeprefix("strip."): words.say(one)
            for name, one in report.names.items()
            if name.startswith("strip.")
        }
        self.tables: dict[str, DocTable] = {}
        self.sources = ""  # number of the table of sources, where it stands in the report
        self.figure_count = 0
        self.date = say_date(report.date, tr)

    def word(self) -> Document:
        report, tr = self.report, self.tr
        numbers = {one: tr("report.table_number", number=number) for number, one in enumerate(report.tables(), start=1)}
        self.sources = numbers.get("sources", "")
        self.tables = {one: self._word_table(table, numbers[one]) for one, table in report.tables().items()}
        return Document(
            language=tr.language,
            title=report.title or tr("report.title", **self.always),
            department=report.department,
            date=self.date,
            strip=tuple((tr(f"strip.{fact.name}"), self._say(fact)) for fact in report.strip),
            marks=self._list_marks(),
            sections=tuple(self._word_section(section) for section in report.sections),
            day=report.date,
            is_schematic=report.is_schematic,
            run=report.run,
            words={name: tr(f"report.word.{name}") for name in RENDERER_WORDS},
        )

    def _list_marks(self) -> tuple[str, ...]:
        marks = ("report.mark.map", "report.mark.secret")
        return tuple(self.tr(one) for one in (("report.mark.schematic", *marks) if self.report.is_schematic else marks))

    def _word_section(self, section: Section) -> DocSection:
        return DocSection(section.id, self.tr(f"report.section.{section.id}"), section.level, tuple(self._lay(section)))

    def _lay(self, section: Section) -> Iterator[Block]:
        """Lay out a section: what was found, maps, what is said, then every table and the chart that draws it."""
        yield from (self._word_finding(one) for one in section.findings if not one.words)
        drawn = {figure.table: figure for figure in section.figures if figure.table}
        yield from (self._word_figure(figure) for figure in section.figures if not figure.table)
        yield from (self._word_finding(one) for one in section.findings if one.words)
        for table in section.tables:
            yield self.tables[table.id]
            if table.id in drawn:
                yield self._word_figure(drawn.pop(table.id))
        yield from (self._word_figure(figure) for figure in drawn.values())

    def _word_finding(self, finding: Finding) -> Paragraph:
        facts, decimals = match_facts(finding.facts, self.tr)
        said = {fact.name: self._say(fact, decimals.get(fact.name)) for fact in facts}
        said |= {f"{fact.name}_whom": say_whom(fact, self.tr) for fact in finding.facts if fact.kind == "people"}
        text = self.tr(finding.words or f"finding.{finding.rule}", **{**self.always, **said})
        look: ParagraphLook = "text" if finding.words else "finding"
        return Paragraph(text, "headline" if finding.rule.startswith("headline") else look)

    def _explain_bands(self, figure: Figure) -> tuple[str, ...]:
        """Say where the colours of bands change, as thresholds may differ from place to place."""
        if not any(layer.kind == "bands" for layer in figure.layers):
            return ()
        return (self.tr("report.bands", minutes=f"{figure.cutoff_min:g}", **self.always),)

    def _say(self, fact: Fact, decimals: int | None = None) -> str:
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

    def _word_table(self, table: Table, number: str) -> DocTable:
        columns = tuple(DocColumn(one.id, self._title(one), one.kind) for one in table.columns)
        values, texts = {}, {}
        said = {**self.always, **{fact.name: self._say(fact) for fact in table.facts}}
        rows, decimals = match_table(table)
        matched = replace(table, rows=rows)
        for column in table.columns:
            values[column.id], _ = self._word_column(table, column, 1)
            _, texts[column.id] = self._word_column(matched, column, decimals.get(column.id, 1))
        return DocTable(
            id=table.id,
            number=number,
            title=self.tr(f"report.table.{table.id}", **self.always),
            columns=columns,
            values=pd.DataFrame(values),
            texts=pd.DataFrame(texts, dtype=object),
            notes=(*(self.tr(f"report.note.{one}", **said) for one in table.notes), *self._name_source(table)),
            is_appendix=table.is_appendix,
        )

    def _name_source(self, table: Table) -> tuple[str, ...]:
        """Say where the figures of a table come from: the table of sources, or their publishers' words."""
        if table.id == "sources" or table.id in _WITHOUT_SOURCE:
            return ()
        if self.sources:
            return (self.tr("report.source_table", number=self.sources),)
        return self._name_origin()

    def _name_origin(self) -> tuple[str, ...]:
        """Say who made the data, in the publishers' words; nothing if they left none."""
        origin = choose_half(self.report.attribution, self.tr.language)
        return (self.tr("source.line", source=origin),) if origin else ()

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

    def _word_figure(self, figure: Figure) -> DocFigure:
        self.figure_count += 1
        tr, report = self.tr, self.report
        table = self.tables.get(figure.table)
        if table is not None:
            notes = [tr("report.source_of_chart", number=table.number)]
        else:
            marks = [*([tr("report.mark.schematic")] if report.is_schematic else []), tr("report.mark.map")]
            dated = [tr("report.word.made_on", date=self.date)] if self.date else []
            notes = [*self._explain_bands(figure), *self._name_origin(), *dated, tr("report.list_dot").join(marks)]
        return DocFigure(
            figure=figure,
            number=tr("report.figure_number", number=self.figure_count),
            title=tr(f"report.figure.{figure.id}", **self.always),
            legend=tuple(list_entries(figure, self.words)),
            notes=tuple(notes),
            table=table,
        )
