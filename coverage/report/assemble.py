"""Putting a report together: tables first, then what the rules find in them, section by section."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence

from coverage.progress import Progress, ignore_progress, report_progress
from coverage.report.sections import CONTENTS, Builder, Part
from coverage.tables.cell_reading import Tables
from coverage.tables.evidence import Evidence
from coverage.tables.report_value import Figure, Finding, Section, Table


def build_sections(
    evidence: Evidence,
    sections: Sequence[str],
    *,
    maps: Mapping[str, tuple[Figure, ...]] | None = None,
    texts: Mapping[str, tuple[Finding, ...]] | None = None,
    known: MutableMapping[Builder, Table | None] | None = None,
    progress: Progress = ignore_progress,
) -> tuple[Section, ...]:
    """Build the sections of a report in the order given.

    Parameters
    ----------
    evidence
        What it is written from.
    sections
        Ids of `coverage.report.options.SECTIONS`.
    maps, texts
        Maps, and sentences that no rule drafts, by id of the part they stand in.
    known
        Tables of this evidence that were built before; new ones are added.
    progress
        Told the share done.

    Returns
    -------
    The sections with something in them. A sentence is drafted only from tables that stand in the report, so
    that every number in it can be looked up; a part of a section keeps its heading only if something is in one
    of its parts.
    """
    parts = [part for section in sections for part in CONTENTS[section]]
    known = {} if known is None else known
    tables: dict[str, Table] = {}
    of_part: dict[str, tuple[Table, ...]] = {}
    for number, part in enumerate(parts):
        report_progress(progress, number / max(len(parts), 1), "report_tables")
        for builder in part.tables:
            if builder not in known:
                known[builder] = builder(evidence)
        built = [table for builder in part.tables if (table := known[builder]) is not None]
        tables |= {table.id: table for table in built}
        of_part[part.id] = tuple(built)
    drafted = [_draft(part, of_part[part.id], tables, maps or {}, texts or {}) for part in parts]
    return _leave_out_empty(drafted)


def _draft(
    part: Part,
    own: tuple[Table, ...],
    tables: Tables,
    maps: Mapping[str, tuple[Figure, ...]],
    texts: Mapping[str, tuple[Finding, ...]],
) -> Section:
    found = [finding for rule in part.rules if (finding := rule(tables)) is not None]
    charts: dict[str, Figure] = {}
    for chart in part.charts:
        if chart.table in tables and _is_drawable(chart, tables[chart.table]):
            charts.setdefault(chart.table, chart)
    return Section(
        part.id,
        findings=(*found[: part.most], *texts.get(part.id, ())),
        tables=own,
        figures=(*maps.get(part.id, ()), *charts.values()),
        level=part.level,
    )


def _is_drawable(chart: Figure, table: Table) -> bool:
    """Tell whether a table has the columns of a chart and at least two rows."""
    return len(table.rows) > 1 and {chart.label, *chart.values} <= set(table.rows.columns)


def _leave_out_empty(sections: Sequence[Section]) -> tuple[Section, ...]:
    kept: list[Section] = []
    for section in reversed(sections):
        heads = bool(kept) and kept[-1].level > section.level
        if section.findings or section.tables or section.figures or heads:
            kept.append(section)
    return tuple(reversed(kept))
