"""Rules of hours, seasons, groups of people, capacity and the way up the levels."""

from __future__ import annotations

from coverage.tables.cell_reading import (
    LEAST_UNITS,
    Tables,
    find_extreme,
    find_row,
    has_enough_units,
    state,
    take,
)
from coverage.tables.report_value import Fact, Finding

_CLOSED = "closed_roads"
_NOTABLE = 0.0005
_BEHIND = 0.005


def find_hours(tables: Tables) -> Finding | None:
    """Say how many hours a week a station in reach is open."""
    table = tables.get("weekly_hours")
    return None if table is None else state("hours", *take(table, 0, "weekly_hours"))


def find_fewest_hours(tables: Tables) -> Finding | None:
    """Name the unit with the fewest hours."""
    table = tables.get("weekly_hours")
    if table is None or len(table.rows) - 1 < LEAST_UNITS:  # the first row is the whole study
        return None
    return state("fewest_hours", *take(table, 1, "name", "weekly_hours"))


def find_weekend(tables: Tables) -> Finding | None:
    """Say how many stations open at weekends and in the evening."""
    table = tables.get("opening")
    if table is None:
        return None
    return state("weekend", *take(table, 0, "known", "weekend_share", "evening_share"))


def find_unknown_hours(tables: Tables) -> Finding | None:
    """Say how many stations do not tell when they are open."""
    table = tables.get("opening")
    if table is None or not float(table.rows["unknown"].iloc[0]) > 0:
        return None
    known = float(table.rows["known"].iloc[0]) > 0
    return state("unknown_hours" if known else "no_hours", *take(table, 0, "stations", "unknown"))


def find_uncounted(tables: Tables) -> Finding | None:
    """Say how many stations do not count as fixed services, and name the first."""
    table = tables.get("uncounted")
    if table is None:
        return None
    count = Fact("stations", float(len(table.rows)), "count")
    return state("uncounted", count, *take(table, 0, "station", least="least_hours"))


def find_worst_season(tables: Tables) -> Finding | None:
    """Name the season in which most people are lost, beside the first one."""
    table = tables.get("seasons")
    if table is None:
        return None
    seasons = table.rows["case"] != _CLOSED
    row = find_extreme(table, "newly_lost", where=seasons)
    if row is None or int(seasons.sum()) < 2:
        return None
    if not float(table.rows["newly_lost"].iloc[row]) > 0:
        return state("no_season", *take(table, 0, base="case"))
    facts = take(table, row, "case", "share", "change", "newly_lost")
    return state("worst_season", *take(table, 0, base="case", before="share"), *facts)


def find_season_unit(tables: Tables) -> Finding | None:
    """Name the unit that loses most people to a season."""
    table = tables.get("season_units")
    if table is None or not has_enough_units(tables):
        return None
    row = find_extreme(table, "newly_lost", where=table.rows["case"] != _CLOSED)
    return None if row is None else state("season_unit", *take(table, row, "name", "case", "newly_lost"))


def find_closed_roads(tables: Tables) -> Finding | None:
    """Say what closed roads take away."""
    table = tables.get("seasons")
    row = find_row(table, case=_CLOSED)
    if table is None or row is None:
        return None
    if not float(table.rows["newly_lost"].iloc[row]) > 0:
        return state("closed_roads_none")
    return state("closed_roads", *take(table, row, "share", "change", "newly_lost"))


def find_urban_rural(tables: Tables) -> Finding | None:
    """Say how far the country lies behind the town."""
    table, groups = tables.get("equity"), tables.get("groups")
    row, urban = find_row(table, code="B10.urban_rural"), find_row(groups, group="urban")
    if table is None or groups is None or row is None or urban is None:
        return None
    facts = (*take(groups, urban, urban="share"), *take(table, row, gap="value"))
    gap = float(table.rows["value"].iloc[row])
    if abs(gap) < _NOTABLE:
        return state("urban_rural_even", *facts[:1])
    return state("urban_rural" if gap > 0 else "rural_urban", *facts)


def find_lowest_group(tables: Tables) -> Finding | None:
    """Name the group of people whose reachable rate lies most below everybody's, zones left aside."""
    table, whole = tables.get("groups"), tables.get("headline")
    if table is None or whole is None:
        return None
    people = ~table.rows["group"].isin(["urban", "rural", "pastoral"])
    row = find_extreme(table, "share", largest=False, where=people)
    if row is None or float(table.rows["share"].iloc[row]) > float(whole.rows["share"].iloc[0]) - _BEHIND:
        return None
    return state("lowest_group", *take(table, row, "group", "share"), *take(whole, 0, everybody="share"))


def find_worst_tenth(tables: Tables) -> Finding | None:
    """Say how long the tenth with the longest way takes."""
    table = tables.get("equity")
    row = find_row(table, code="B10.worst_tenth")
    return None if table is None or row is None else state("worst_tenth", *take(table, row, "value"))


def find_double(tables: Tables) -> Finding | None:
    """Say how many people have a second station in reach."""
    table = tables.get("capacity")
    row = find_row(table, code="B6")
    return None if table is None or row is None else state("double", *take(table, row, "value"))


def find_overloaded(tables: Tables) -> Finding | None:
    """Say how many stations are asked more than they can do."""
    table = tables.get("capacity")
    row = find_row(table, code="B9.overloaded")
    if table is None or row is None or not float(table.rows["value"].iloc[row]) > 0:
        return None
    return state("overloaded", *take(table, row, "value"))


def find_weakest_step(tables: Tables) -> Finding | None:
    """Name the step up the levels that fewest stations manage in time."""
    table = tables.get("referrals")
    row = find_extreme(table, "share_within", largest=False)
    if table is None or row is None:
        return None
    return state("weakest_step", *take(table, row, "level", "next_level", "share_within", "median"))


def find_burden(tables: Tables) -> Finding | None:
    """Say what a resident spends on the road in a year, an estimate."""
    table = tables.get("burden")
    hours, yuan = find_row(table, code="B17.hours"), find_row(table, code="B17.yuan")
    if table is None or hours is None or yuan is None:
        return None
    return state("burden", *take(table, hours, hours="value"), *take(table, yuan, yuan="value"))
