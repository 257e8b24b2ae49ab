"""A report in words: every sentence, title, cell and legend in one language, numbered and ready for a renderer."""

from __future__ import annotations

from collections.abc import Iterator

from coverage.tables.report_value import Figure, Finding, Report, Section, Table
from geodata.documents.content.cell_numbers import (
    say_date,
    say_whom,
)
from geodata.documents.content.document import (
    Block,
    DocFigure,
    DocSection,
    DocTable,
    Document,
    Paragraph,
    ParagraphLook,
)
from geodata.documents.content.id_names import Words
from geodata.documents.content.legend_texts import list_entries
from geodata.documents.content.number_pairs import match_facts
from geodata.documents.content.word_table import TableWording
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
        self.wording = TableWording(words, tr, self.always)
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
            strip=tuple((tr(f"strip.{fact.name}"), self.wording.say(fact)) for fact in report.strip),
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
        said = {fact.name: self.wording.say(fact, decimals.get(fact.name)) for fact in facts}
        said |= {f"{fact.name}_whom": say_whom(fact, self.tr) for fact in finding.facts if fact.kind == "people"}
        text = self.tr(finding.words or f"finding.{finding.rule}", **{**self.always, **said})
        look: ParagraphLook = "text" if finding.words else "finding"
        return Paragraph(text, "headline" if finding.rule.startswith("headline") else look)

    def _explain_bands(self, figure: Figure) -> tuple[str, ...]:
        """Say where the colours of bands change, as thresholds may differ from place to place."""
        if not any(layer.kind == "bands" for layer in figure.layers):
            return ()
        return (self.tr("report.bands", minutes=f"{figure.cutoff_min:g}", **self.always),)

    def _word_table(self, table: Table, number: str) -> DocTable:
        worded = self.wording.word(table)
        return DocTable(
            id=table.id,
            number=number,
            title=worded.title,
            columns=worded.columns,
            values=worded.values,
            texts=worded.texts,
            notes=(*worded.notes, *self._name_source(table)),
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
