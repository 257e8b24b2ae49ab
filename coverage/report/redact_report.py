"""Taking what is hidden out of a report, before anything is rendered: so every format obeys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from coverage.inputs.stations import StationChoice, select_stations
from coverage.inputs.study import Study
from coverage.report.redact_maps import redact_figure
from coverage.report.redaction import HiddenStations, Redaction, find_hidden, find_shown_units
from coverage.tables.report_value import Fact, Figure, Finding, Report, Section, Table
from coverage.tables.suppression import suppress_small

NOTE_REDACTED, NOTE_SUPPRESSED = "redacted", "suppressed"
_STATIONS = "stations"
_LIMITS = "limits"
_TextRule = Callable[[str], tuple[str, frozenset[int]]]


@dataclass(frozen=True, slots=True, eq=False)
class _Veil:
    """What is hidden of one study, and what is needed to find it in a report."""

    hidden: HiddenStations
    rule: _TextRule
    stations: pd.DataFrame
    units: Mapping[str, str]


def redact_report(report: Report, redaction: Redaction, studies: Sequence[Study], choice: StationChoice) -> Report:
    """Take what a redaction hides out of a report.

    Hidden stations are shown as the township they lie in (the next coarser unit where there is none): its name
    instead of theirs, a place that stands for it instead of theirs. Their ids, the names of finer units around them,
    their distances to the road, and areas around one of them alone are removed. Sentences are read again from the
    tables, and those that have lost a value are left out; one is added that says how much is hidden.

    Parameters
    ----------
    report
        As it was built.
    redaction
        What to hide.
    studies
        The study the report is about, or the studies that were merged in it.
    choice
        Which stations its areas are drawn around.

    Returns
    -------
    A report whose `redaction` says what was hidden; the same one if nothing is to hide.
    """
    if redaction.hides_nothing:
        return report
    veils = [_weave(study, redaction, choice) for study in studies]
    fields = dict(redaction.fields)
    tables: dict[str, Table] = {}
    suppressed = 0
    for table_id, table in report.tables().items():
        shown = _keep_fields(table, fields.get(table_id))
        for veil in veils:
            shown = redact_table(shown, veil.hidden, veil.rule, veil.units) if veil.hidden else shown
        rows, count = suppress_small(shown, redaction.suppress_under)
        suppressed += count
        notes = (*shown.notes, NOTE_SUPPRESSED) if count else shown.notes
        tables[table_id] = replace(shown, rows=rows, notes=notes)
    sections = tuple(
        replace(
            section,
            findings=_tell_all_again(section.findings, tables, veils),
            tables=tuple(tables[table.id] for table in section.tables),
            figures=tuple(_redact_figure(figure, veils) for figure in section.figures if _has_columns(figure, tables)),
        )
        for section in report.sections
    )
    count = sum(len(veil.hidden.stations) for veil in veils)
    return replace(
        report,
        sections=_add_findings(sections, _tell_redaction(redaction, count, suppressed)),
        redaction=describe_redaction(redaction, count, suppressed),
    )


def _weave(study: Study, redaction: Redaction, choice: StationChoice) -> _Veil:
    hidden = find_hidden(study, redaction)
    stations = study.stations.loc[select_stations(study.stations, study.catalogue, choice)]
    return _Veil(hidden, hidden.build_text_rule(), stations, find_lonely_units(hidden, stations, study))


def _redact_figure(figure: Figure, veils: Sequence[_Veil]) -> Figure:
    for veil in veils:
        figure = redact_figure(figure, veil.hidden, veil.stations)
    return figure


def _tell_all_again(
    findings: tuple[Finding, ...], tables: Mapping[str, Table], veils: Sequence[_Veil]
) -> tuple[Finding, ...]:
    told: list[Finding | None] = list(findings)
    for veil in veils:
        told = [None if one is None else _tell_again(one, tables, veil.rule) for one in told]
    return tuple(one for one in told if one is not None)


def _tell_redaction(redaction: Redaction, stations: int, suppressed: int) -> tuple[Finding, ...]:
    """Say in the report what it hides: how many places, and which numbers of people."""
    told = []
    if stations:
        count = Fact("stations", float(stations), "count")
        told.append(Finding("redaction", (count,), "report.redaction.places"))
    if suppressed:
        under = Fact("under", redaction.suppress_under, "people", words="population")
        told.append(Finding("redaction", (under, Fact("cells", float(suppressed), "count")), "report.redaction.small"))
    return tuple(told)


def _add_findings(sections: tuple[Section, ...], told: tuple[Finding, ...]) -> tuple[Section, ...]:
    """Add sentences to the section on limits, to the last one where there is none."""
    if not told or not sections:
        return sections
    place = max((row for row, one in enumerate(sections) if one.id.endswith(_LIMITS)), default=len(sections) - 1)
    mine = sections[place]
    added = tuple(one for one in told if one.words not in {finding.words for finding in mine.findings})
    return (*sections[:place], replace(mine, findings=(*mine.findings, *added)), *sections[place + 1 :])


def describe_redaction(redaction: Redaction, stations: int, suppressed: int) -> dict[str, object]:
    """Return what was hidden as plain JSON; it tells no id and no name of a station."""
    return {
        "families": sorted(redaction.families),
        "kinds": sorted(redaction.kinds),
        "stations": stations,
        "suppress_under": redaction.suppress_under,
        "suppressed_cells": suppressed,
        "fields": {name: list(columns) for name, columns in redaction.fields},
    }


def _keep_fields(table: Table, wanted: tuple[str, ...] | None) -> Table:
    if wanted is None:
        return table
    columns = tuple(column for column in table.columns if column.id in wanted)
    return replace(table, columns=columns, rows=table.rows[[column.id for column in columns]])


def find_lonely_units(hidden: HiddenStations, stations: pd.DataFrame, study: Study) -> dict[str, str]:
    """Find units finer than what is shown whose counted stations are all hidden, and the name shown instead.

    A row that says of a village that it has a station would tell where that is.
    """
    is_hidden = stations.index.astype(str).isin(hidden.stations.index)
    public = find_shown_units(study, stations["district_id"].astype(str).tolist())[1]
    open_units = {name for inner, mine in zip(public, is_hidden, strict=True) if not mine for name in inner}
    shown = hidden.stations["shown_name"].to_dict()
    return {
        name: str(shown[station])
        for station in stations.index[is_hidden].astype(str)
        for name in hidden.finer[station]
        if name not in open_units
    }


def redact_table(
    table: Table, hidden: HiddenStations, rule: _TextRule, units: Mapping[str, str] | None = None
) -> Table:
    """Take hidden stations out of the cells of a table.

    Parameters
    ----------
    table, hidden
        The table, and what is hidden.
    rule
        As `HiddenStations.build_text_rule` returns.
    units
        As `find_lonely_units` returns; looked for where a table counts stations.
    """
    rows = table.rows.copy()
    concerned: list[set[int]] = [set() for _ in range(len(rows))]
    texts = [column.id for column in table.columns if column.kind == "text"]
    for name in texts:
        cells = []
        for number, value in enumerate(rows[name].tolist()):
            text, found = rule(value) if isinstance(value, str) else (value, frozenset())
            concerned[number] |= found
            cells.append(text)
        rows[name] = pd.Series(cells, rows.index, dtype=rows[name].dtype if rows[name].dtype != object else object)
    moved = _move_degrees(table, rows, hidden, concerned)
    mine = np.array([bool(found) for found in concerned], bool)
    renamed = _rename_units(rows, texts, units or {}) if _STATIONS in rows.columns else False
    if not mine.any() and not renamed:
        return table
    for name in texts:
        rows[name] = [
            "" if isinstance(value, str) and _is_finer(value, found, hidden) else value
            for value, found in zip(rows[name].tolist(), concerned, strict=True)
        ]
    for column in table.columns:
        if column.kind == "metres" or (column.kind == "degrees" and column.id not in moved):
            rows[column.id] = rows[column.id].mask(mine, np.nan)
    return replace(table, rows=rows, notes=(*table.notes, NOTE_REDACTED))


def _rename_units(rows: pd.DataFrame, texts: list[str], units: Mapping[str, str]) -> bool:
    is_any = False
    has_station = (rows[_STATIONS] > 0).to_numpy(bool)
    for name in texts:
        told = rows[name].isin(list(units)).to_numpy(bool) & has_station
        if told.any():
            is_any = True
            rows[name] = [units[value] if mine else value for value, mine in zip(rows[name], told, strict=True)]
    return is_any


def _is_finer(text: str, found: set[int], hidden: HiddenStations) -> bool:
    return any(text in hidden.finer.get(str(hidden.stations.index[row]), frozenset()) for row in found)


def _move_degrees(table: Table, rows: pd.DataFrame, hidden: HiddenStations, concerned: list[set[int]]) -> set[str]:
    """Move places of hidden stations, note whose they were, and return the columns that were looked at."""
    degrees = {column.id for column in table.columns if column.kind == "degrees"}
    texts = [column.id for column in table.columns if column.kind == "text"]
    # Another station may stand at the same place and not be hidden.
    is_public = rows[texts].isin(hidden.public).any(axis=1).to_numpy(bool) & np.array([not one for one in concerned])
    looked: set[str] = set()
    for lon in sorted(name for name in degrees if name.endswith("lon")):
        lat = f"{lon.removesuffix('lon')}lat"
        if lat not in degrees:
            continue
        looked |= {lon, lat}
        found = hidden.find_places(rows[lon].to_numpy(float), rows[lat].to_numpy(float))
        at = (found >= 0) & ~is_public
        for number in np.flatnonzero(at):
            concerned[number].add(int(found[number]))
        for name, shown in ((lon, "shown_lon"), (lat, "shown_lat")):
            values = rows[name].to_numpy(float).copy()
            values[at] = hidden.stations[shown].to_numpy(float)[found[at]]
            rows[name] = values
    return looked


def _tell_again(finding: Finding, tables: Mapping[str, Table], rule: _TextRule) -> Finding | None:
    """Read the facts of a sentence again from their cells; None if one is no longer there."""
    facts: list[Fact] = []
    for fact in finding.facts:
        value = fact.value
        if fact.cell is not None:
            rows = tables[fact.cell.table].rows
            if fact.cell.column not in rows.columns:
                return None
            value = rows[fact.cell.column].iloc[fact.cell.row]
        elif isinstance(value, str) and fact.kind == "text":
            value = rule(value)[0]
        if value == "" and fact.value != "":
            return None
        if isinstance(value, float | np.floating) and np.isnan(value) and not _is_missing(fact.value):
            return None
        facts.append(replace(fact, value=value.item() if isinstance(value, np.generic) else value))
    return replace(finding, facts=tuple(facts))


def _is_missing(value: object) -> bool:
    return isinstance(value, float) and np.isnan(value)


def _has_columns(figure: Figure, tables: dict[str, Table]) -> bool:
    """Tell whether a chart still has what it draws."""
    if not figure.table:
        return True
    return {figure.label, *figure.values} - {""} <= set(tables[figure.table].rows.columns)
