"""Rules of honesty: what the figures rest on, and how far they may move."""

from __future__ import annotations

from coverage.tables.cell_reading import Tables, find_extreme, find_row, state, take
from coverage.tables.report_value import Finding


def find_range_factor(tables: Tables) -> Finding | None:
    """Name what moves the reachable rate most."""
    table = tables.get("tornado")
    row = find_extreme(table, "swing")
    return None if table is None or row is None else state("range_factor", *take(table, row, "factor", "low", "high"))


def find_matched(tables: Tables) -> Finding | None:
    """Say how many places and stations are joined to the roads."""
    table = tables.get("quality")
    people, stations = find_row(table, code="B16.matched"), find_row(table, code="B16.stations_matched")
    if table is None or people is None or stations is None:
        return None
    return state("matched", *take(table, people, people="value"), *take(table, stations, stations="value"))


def find_access(tables: Tables) -> Finding | None:
    """Say how far people live from the roads they are joined to."""
    table = tables.get("quality")
    row = find_row(table, code="B16.access_m")
    return None if table is None or row is None else state("access", *take(table, row, "value"))


def find_rejected(tables: Tables) -> Finding | None:
    """Say how many rows of the inputs were left out."""
    table = tables.get("quality")
    row = find_row(table, code="B16.rejected")
    if table is None or row is None or not float(table.rows["value"].iloc[row]) > 0:
        return None
    return state("rejected", *take(table, row, "value"))


def find_far(tables: Tables) -> Finding | None:
    """Say how many people live where a road may be missing in the data."""
    table = tables.get("far_from_roads")
    return None if table is None else state("far", *take(table, 0, "far_people", "share_far", "farthest_m"))


def find_reconciled(tables: Tables) -> Finding | None:
    """Say how people were scaled to official totals."""
    table = tables.get("reconciliation_totals")
    if table is None:
        return None
    return state("reconciled", *take(table, 0, "units", "before", "after"))


def find_most_reconciled(tables: Tables) -> Finding | None:
    """Name the unit that was scaled most."""
    table = tables.get("reconciliation")
    if table is None or not abs(float(table.rows["difference_people"].iloc[0])) >= 1.0:
        return None
    return state("most_reconciled", *take(table, 0, "name", "before", "after"))
