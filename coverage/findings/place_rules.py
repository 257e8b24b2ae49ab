"""Rules of places: the units behind, those with a sign nobody reaches, the gaps and what they lack."""

from __future__ import annotations

import numpy as np

from coverage.tables.cell_reading import (
    LEAST_UNITS,
    Tables,
    find_extreme,
    find_extreme_of_units,
    find_row,
    state,
    take,
    take_above,
)
from coverage.tables.report_value import Finding


def find_lowest_unit(tables: Tables) -> Finding | None:
    """Name the unit with the lowest reachable rate."""
    table = tables.get("units_ranked")
    row = find_extreme_of_units(table, "share", largest=False)
    if table is None or row is None or float(table.rows["share"].iloc[row]) >= 1.0:
        return None
    return state("lowest_unit", *take(table, row, "name", "share", "uncovered"))


def find_concentration(tables: Tables) -> Finding | None:
    """Name the unit with most people outside."""
    table, units = tables.get("uncovered_by_unit"), tables.get("units_ranked")
    if table is None or units is None or len(units.rows) < LEAST_UNITS or not table.rows["name"].iloc[0]:
        return None
    return state("concentration", *take(table, 0, "name", "uncovered", "share_of_uncovered"))


def find_sign_only_townships(tables: Tables) -> Finding | None:
    """Count the townships that have a station their people cannot reach in time."""
    return _find_sign_only(tables, "township")


def find_sign_only_villages(tables: Tables) -> Finding | None:
    """Count the villages that have a station their people cannot reach in time."""
    return _find_sign_only(tables, "village")


def find_sign_only_counties(tables: Tables) -> Finding | None:
    """Count the counties that have a station their people cannot reach in time."""
    return _find_sign_only(tables, "county")


def _find_sign_only(tables: Tables, level: str) -> Finding | None:
    table = tables.get("established")
    row = find_row(table, unit_level=level)
    if table is None or row is None or not float(table.rows["established_not_reachable"].iloc[row]) > 0:
        return None
    return state("sign_only", *take(table, row, "unit_level", "units_established", "established_not_reachable"))


def find_sign_only_none(tables: Tables) -> Finding | None:
    """Say so if no unit of any level has a station its people cannot reach in time."""
    table = tables.get("established")
    if table is None or float(table.rows["established_not_reachable"].sum()) > 0:
        return None
    return state("sign_only_none")


def find_sign_only_worst(tables: Tables) -> Finding | None:
    """Name the unit of the finest level with most people outside among those with a station."""
    table = tables.get("not_reachable")
    if table is None:
        return None
    finest = table.rows["unit_level"] == table.rows["unit_level"].iloc[-1]
    row = find_extreme(table, "uncovered", where=finest)
    if row is None:
        return None
    facts = take(table, row, "name", "stations", "share", "uncovered")
    return state("sign_only_worst", take_above(table, row, "above"), *facts)


def find_reached_without_sign(tables: Tables) -> Finding | None:
    """Count the units without a station whose people reach one elsewhere, at the finest level that has stations."""
    table = tables.get("established")
    if table is None:
        return None
    with_signs = table.rows["units_established"] > 0
    if not with_signs.any():
        return None
    row = int(np.flatnonzero(with_signs)[-1])
    if not float(table.rows["reachable_not_established"].iloc[row]) > 0:
        return None
    return state("reached_without_sign", *take(table, row, "unit_level", "reachable_not_established"))


def find_gap_count(tables: Tables) -> Finding | None:
    """Say in how many places people outside live, and how much the largest hold."""
    table = tables.get("gap_totals")
    if table is None:
        return None
    facts = take(table, 0, "gaps", "people", "listed", "listed_people", "share_of_uncovered")
    few = float(table.rows["gaps"].iloc[0]) <= float(table.rows["listed"].iloc[0])
    return state("gap_count_few", *facts[:2]) if few else state("gap_count", *facts)


def find_largest_gap(tables: Tables) -> Finding | None:
    """Name the largest gap, how far its people are, and what is missing there."""
    table = tables.get("gaps")
    if table is None:
        return None
    facts = (take_above(table, 0), *take(table, 0, "name", "people", "missing"))
    far = state("largest_gap", *facts, *take(table, 0, "median"))
    return far or state("largest_gap_no_way", *facts)


def find_main_cause(tables: Tables) -> Finding | None:
    """Say what is missing where most people outside live."""
    table = tables.get("gap_causes")
    if table is None or len(table.rows) < 2:
        return None
    return state("main_cause", *take(table, 0, "missing", "gaps", "people", "share_of_uncovered"))


def find_road_cause(tables: Tables) -> Finding | None:
    """Say where a road is missing rather than a station: the data must be looked at first."""
    table = tables.get("gap_causes")
    row = find_row(table, missing="road")
    return None if table is None or row is None else state("road_cause", *take(table, row, "gaps", "people"))


def find_remedy(tables: Tables) -> Finding | None:
    """Say what would help at the largest gap for which something was found."""
    table = tables.get("gaps")
    if table is None or "remedy_people" not in table.rows:
        return None
    found = (table.rows["remedy"] != "") & table.rows["remedy_people"].notna()
    row = find_extreme(table, "remedy_people", where=found)
    if row is None:
        return None
    columns = ("rank", "name", "remedy", "remedy_people", "remedy_people_total")
    return state("remedy", *take(table, row, *columns))
