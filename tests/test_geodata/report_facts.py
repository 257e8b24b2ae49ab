"""Facts of a report beside the cells they come from."""

from __future__ import annotations

from collections.abc import Iterator

from coverage.tables.report_value import Fact, Report
from geodata.documents.content.document import Paragraph
from geodata.documents.content.word_report import word_report


def walk_facts(report: Report) -> Iterator[Fact]:
    """Go through every fact of every sentence."""
    for section in report.sections:
        for finding in section.findings:
            yield from finding.facts


def check_facts(report: Report) -> int:
    """Compare every fact with its cell; return how many there are."""
    tables, count = report.tables(), 0
    for fact in walk_facts(report):
        if fact.cell is None:
            continue
        cell = tables[fact.cell.table].rows[fact.cell.column].iloc[fact.cell.row]
        assert cell == fact.value, fact
        count += 1
    return count


def paragraphs(report: Report) -> list[Paragraph]:
    """Return every paragraph of the report in Chinese words."""
    document = word_report(report, "zh_CN")
    return [block for section in document.sections for block in section.blocks if isinstance(block, Paragraph)]
