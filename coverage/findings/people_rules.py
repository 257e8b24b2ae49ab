"""Rules of the situation: who is outside, how long it takes, and what a sign on the door is worth."""

from __future__ import annotations

from coverage.tables.cell_reading import Tables, find_extreme, find_extreme_of_units, find_row, state, take
from coverage.tables.people_tables import RUNGS
from coverage.tables.report_value import Fact, Finding

# A rate that lies less than this under another is not spoken of.
_NOTABLE = 0.005
_HALF_A_PERSON = 0.5


def find_headline(tables: Tables) -> Finding | None:
    """Say how many people cannot reach a station in time, with the range if it is known."""
    table = tables.get("headline")
    if table is None:
        return None
    if float(table.rows["uncovered"].iloc[0]) < _HALF_A_PERSON:
        return state("headline_all", *take(table, 0, "people"))
    facts = take(table, 0, "people", "uncovered", "share_uncovered")
    ranged = state("headline", *facts, *take(table, 0, low="uncovered_low", high="uncovered_high"))
    return ranged or state("headline_plain", *facts)


def find_rate(tables: Tables) -> Finding | None:
    """Say how many people are inside."""
    table = tables.get("headline")
    return None if table is None else state("rate", *take(table, 0, "covered", "share"))


def find_classes(tables: Tables) -> Finding | None:
    """Say why people are outside: beyond, no station and why, no road in the data; what is 0 is left out."""
    table = tables.get("classes")
    if table is None or float(table.rows["people"].iloc[1:].sum()) < _HALF_A_PERSON:
        return None
    facts: list[Fact] = []
    present = []
    for status in ("beyond", "no_route", "unconnected"):
        row = find_row(table, status=status)
        if row is None or float(table.rows["people"].iloc[row]) < _HALF_A_PERSON:
            continue
        present.append(status)
        facts += take(table, row, **{status: "people"})
        if status == "no_route":
            facts += take(table, row, "reasons")
    return state(f"classes_{'_'.join(present)}", *facts)


def find_times(tables: Tables) -> Finding | None:
    """Say how long it takes half of the people, and nine in ten."""
    table = tables.get("times")
    return None if table is None else state("times", *take(table, 0, "median", "p90"))


def find_established_townships(tables: Tables) -> Finding | None:
    """Put the established rate of townships beside what their people reach."""
    return _find_established(tables, "township")


def find_established_villages(tables: Tables) -> Finding | None:
    """Put the established rate of villages beside what their people reach."""
    return _find_established(tables, "village")


def find_established_counties(tables: Tables) -> Finding | None:
    """Put the established rate of counties beside what their people reach."""
    return _find_established(tables, "county")


def _find_established(tables: Tables, level: str) -> Finding | None:
    table = tables.get("established")
    row = find_row(table, unit_level=level)
    if table is None or row is None:
        return None
    columns = ("unit_level", "units", "units_established", "established_rate", "reachable_rate", "unit_reach_rate")
    return state("established", *take(table, row, *columns))


def find_sign_gap(tables: Tables) -> Finding | None:
    """Name the level at which the established rate exceeds the rate of reached units most."""
    table = tables.get("established")
    row = find_extreme_of_units(table, "unit_difference", largest=False)
    if table is None or row is None or float(table.rows["unit_difference"].iloc[row]) > -_NOTABLE:
        return None
    columns = ("unit_level", "established_rate", "unit_reach_rate", "unit_difference")
    return state("sign_gap", *take(table, row, *columns))


def find_rungs(tables: Tables) -> Finding | None:
    """Say the reachable rate of village, township and county level of the first family that has all three."""
    table = tables.get("ladder")
    if table is None:
        return None
    for family in dict.fromkeys(table.rows["family"]):
        rows = [find_row(table, family=str(family), level=level) for level in RUNGS]
        known = [row for row in rows if row is not None]
        if len(known) == len(RUNGS):
            rates = [
                fact
                for level, row in zip(RUNGS, known, strict=True)
                for fact in take(table, row, **{level: "reachable_rate"})
            ]
            return state("rungs", *take(table, known[0], "family"), *rates)
    return None


def find_weakest_rung(tables: Tables) -> Finding | None:
    """Name the family and level that fewest people reach."""
    table = tables.get("services_by_level")
    row = find_extreme(table, "reachable_rate", largest=False)
    if table is None or row is None or len(table.rows) < 2:
        return None
    return state("weakest_rung", *take(table, row, "family", "level", "reachable_rate"))


def find_widest_rung(tables: Tables) -> Finding | None:
    """Name the family and level whose established rate exceeds the rate of reached units most."""
    table = tables.get("services_by_level")
    row = find_extreme_of_units(table, "unit_difference", largest=False)
    if table is None or row is None or float(table.rows["unit_difference"].iloc[row]) > -_NOTABLE:
        return None
    columns = ("family", "level", "established_rate", "unit_reach_rate", "unit_difference")
    return state("widest_rung", *take(table, row, *columns))
