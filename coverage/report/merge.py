"""Studies of several counties in one report (汇总): what was counted is added again, shares are never averaged."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from coverage.errors import SettingsError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.question import Question
from coverage.inputs.schema import STATUSES
from coverage.inputs.study import Study
from coverage.report.merge_items import build_merged_items
from coverage.report.merge_part import MergePart, list_bingtuan, list_counties, list_populated
from coverage.report.merge_tables import build_merged_levels, build_merged_total
from coverage.tables.cell_reading import build_table, find_extreme_of_units, state, take
from coverage.tables.report_value import Column, Figure, Finding, Report, Section, Table

_MOST_NAMED = 3


def merge_parts(
    parts: Sequence[MergePart],
    *,
    maps: tuple[Figure, ...] = (),
    title: str = "",
    department: str = "",
    date: str = "",
) -> Report:
    """Merge the answers of several studies into one report with a row for each county.

    Parameters
    ----------
    parts
        Two or more, of different counties, with the same question.
    maps
        Maps of all studies together.
    title, department, date
        Of the report.

    Raises
    ------
    SettingsError
        ``merge.too_few``, ``merge.overlap`` where a county comes twice, ``merge.differs`` where studies were asked
        different things.
    """
    check_parts(parts)
    counties = build_counties(parts)
    total = build_merged_total(counties)
    levels = build_merged_levels(
        [(part.indicators, list_bingtuan(part.study), len(list_populated(part))) for part in parts]
    )
    items = build_merged_items(parts)
    sections = (
        Section("merged_summary", _find_summary(counties, total), (total,), maps),
        Section(
            "merged_counties",
            tables=(counties,),
            figures=(Figure("merged_shares", "bars", table=counties.id, label="name", values=("share",)),),
        ),
        Section("merged_levels", tables=tuple(table for table in (levels, items) if table is not None)),
        Section("merged_limits", findings=(Finding("merged_limits"), Finding("merged_bingtuan_rule"))),
    )
    name = name_merged(parts)
    return Report(
        study_id="+".join(part.study.id for part in parts),
        study_name=name.zh,
        is_schematic=any(part.study.schematic for part in parts),
        attribution="; ".join(dict.fromkeys(part.study.attribution for part in parts if part.study.attribution)),
        title=title,
        department=department,
        date=date,
        sections=tuple(section for section in sections if section.tables or section.findings),
    )


def name_merged(parts: Sequence[MergePart]) -> Name:
    """Name all studies together: each of a few, the first of many and how many there are."""
    names = [part.study.name for part in parts]
    if len(names) <= _MOST_NAMED:
        return Name("、".join(name.zh for name in names), ", ".join(name.en for name in names))
    return Name(f"{names[0].zh}等{len(names)}个项目", f"{names[0].en} and {len(names) - 1} others")


def check_parts(parts: Sequence[MergePart]) -> None:
    """Refuse studies that cannot be added, see `merge_parts`."""
    if len(parts) < 2:
        raise SettingsError("merge.too_few", count=len(parts))
    seen: dict[str, str] = {}
    for part in parts:
        rows = list_counties(part)
        for unit in rows.index[rows["people"] > 0]:
            if unit in seen:
                raise SettingsError(
                    "merge.overlap", value=str(rows["name"][unit]), first=seen[unit], second=part.study.id
                )
            seen[unit] = part.study.id
    check_same_question([(part.study, part.question) for part in parts])


def check_same_question(asked: Sequence[tuple[Study, Question]]) -> None:
    """Refuse studies that were asked different things with ``merge.differs``: their people make no sum."""
    wanted = _spell_question(*asked[0])
    for study, question in asked[1:]:
        for name, value in _spell_question(study, question).items():
            if value != wanted[name]:
                raise SettingsError(
                    "merge.differs", name=name, study=study.id, value=value[:80], wanted=wanted[name][:80]
                )


def _spell_question(study: Study, question: Question) -> dict[str, str]:
    settings, table = study.settings, question.thresholds
    return {
        "service": question.service,
        "family": question.family,
        "level": question.level,
        "date": question.choice.on_date,
        "cutoff_min": f"{question.cutoff_min:g}" if table is None else repr(table.rules),
        "season": question.season or settings.season,
        "direction": question.direction or settings.direction,
        "mode": settings.mode,
        "moment": str(question.moment_min),
        "own_jurisdiction": str(question.own_jurisdiction),
        "services": ",".join(question.services),
    }


def build_counties(parts: Sequence[MergePart]) -> Table:
    """Build the table of counties: people by class, stations, and of both those of the corps."""
    frame = pd.concat([list_counties(part) for part in parts])
    frame = frame[frame["people"] > 0]
    frame = frame.assign(
        uncovered=frame[list(STATUSES[1:])].sum(axis=1),
        share=frame["covered"] / frame["people"],
        share_bingtuan=(frame["covered_bingtuan"] / frame["people_bingtuan"]).where(frame["people_bingtuan"] > 0),
    )
    whom = parts[0].assessment.weight_column
    columns = (
        Column("name", "text", "unit"),
        *(Column(name, "people", whom) for name in ("people", "covered")),
        Column("share", "share"),
        *(Column(name, "people", whom) for name in ("uncovered", "no_route", "unconnected")),
        *(Column(name, "count") for name in ("stations", "stations_bingtuan")),
        *(Column(name, "people", whom) for name in ("people_bingtuan", "covered_bingtuan")),
        Column("share_bingtuan", "share"),
    )
    table = build_table("merged_counties", columns, frame, notes=("merged_added", "merged_bingtuan"))
    if table is None:
        raise SettingsError("merge.nobody", count=len(parts))
    return table


def _find_summary(counties: Table, total: Table) -> tuple[Finding, ...]:
    lowest = find_extreme_of_units(counties, "share", largest=False)
    most = find_extreme_of_units(counties, "uncovered")
    found = [
        state("merged_headline", *take(total, 0, "counties", "people", "covered", "share", "uncovered")),
        None if lowest is None else state("merged_lowest", *take(counties, lowest, "name", "share", "people")),
        None if most is None else state("merged_most", *take(counties, most, "name", "uncovered")),
        state("merged_bingtuan", *take(total, 0, "people_bingtuan", "share_bingtuan", "stations_bingtuan")),
    ]
    return tuple(finding for finding in found if finding is not None)
