"""Rules of suggested sites, targets, years and scenarios."""

from __future__ import annotations

import numpy as np

from coverage.tables.cell_reading import Tables, find_extreme, has_enough_units, state, take, take_above
from coverage.tables.report_value import Finding

_MOST_OF_IT = 0.8
_NOTABLE = 0.0005


def find_site_gain(tables: Tables) -> Finding | None:
    """Say what the suggested sites bring."""
    table = tables.get("site_totals")
    if table is None:
        return None
    rule = "site_gain" if tables.get("site_services") is None else "site_gain_services"
    return state(rule, *take(table, 0, "sites", "newly_covered", "share_before", "share_after", "change"))


def find_site_cost(tables: Tables) -> Finding | None:
    """Say what they cost, an estimate."""
    table = tables.get("site_totals")
    rule = "site_cost" if tables.get("site_services") is None else "site_cost_services"
    return None if table is None else state(rule, *take(table, 0, "cost", "cost_per_person"))


def find_least_service(tables: Tables) -> Finding | None:
    """Name the one of several services that fewest can reach in time once the sites stand."""
    table = tables.get("site_services")
    row = find_extreme(table, "share_after", largest=False)
    if table is None or row is None or len(table.rows) < 2:
        return None
    return state("least_service", *take(table, row, "service", "share_before", "share_after", "newly_covered"))


def find_first_site(tables: Tables) -> Finding | None:
    """Name the site to build first."""
    table = tables.get("sites")
    if table is None:
        return None
    return state("first_site", take_above(table, 0), *take(table, 0, "site_name", "newly_covered"))


def find_enough_sites(tables: Tables) -> Finding | None:
    """Say how many of the sites already bring four fifths of what all of them do."""
    table = tables.get("sites")
    if table is None or len(table.rows) < 3:
        return None
    newly = table.rows["newly_covered"].to_numpy(float)
    row = int(np.argmax(np.cumsum(newly) >= _MOST_OF_IT * newly.sum()))
    if row >= len(newly) - 1:
        return None
    return state("enough_sites", *take(table, row, "order", "cumulative_share"))


def find_unserved(tables: Tables) -> Finding | None:
    """Say whom no site can bring inside, and why."""
    table = tables.get("unserved")
    if table is not None and "service" in table.rows:
        return state("unserved_service", *take(table, 0, "service", "people", "reason"))
    return None if table is None else state("unserved", *take(table, 0, "people", "reason"))


def find_targets_met(tables: Tables) -> Finding | None:
    """Say how many targets are met."""
    table = tables.get("target_counts")
    return None if table is None else state("targets_met", *take(table, 0, "targets", "targets_met", "targets_open"))


def find_furthest_target(tables: Tables) -> Finding | None:
    """Name the open target of which least is done, else the first one that is open."""
    table = tables.get("targets")
    if table is None:
        return None
    is_open = table.rows["met"] == "open"
    row = find_extreme(table, "progress", largest=False, where=is_open)
    if row is None and is_open.any():
        row = int(np.flatnonzero(is_open)[0])
    if row is None:
        return None
    columns = ("code", "unit_name", "today", "target_year", "target_value", "to_go")
    return state("furthest_target", *take(table, row, *columns))


def find_last_year(tables: Tables) -> Finding | None:
    """Say what the plan reaches in the end."""
    table = tables.get("years")
    if table is None:
        return None
    return state("last_year", *take(table, len(table.rows) - 1, "year", "study_share_after"))


def find_scenario_change(tables: Tables) -> Finding | None:
    """Say what a scenario changes."""
    table = tables.get("scenario")
    if table is None:
        return None
    change = float(table.rows["change"].iloc[0])
    facts = take(table, 0, "share_before", "share_after", "newly_covered", "newly_lost")
    if abs(change) < _NOTABLE:
        return state("scenario_same", *facts)
    return state("scenario_up" if change > 0 else "scenario_down", *facts, *take(table, 0, "change"))


def find_scenario_times(tables: Tables) -> Finding | None:
    """Say how a scenario changes the mean time."""
    table = tables.get("scenario")
    return None if table is None else state("scenario_times", *take(table, 0, "mean_before", "mean_after"))


def find_scenario_winner(tables: Tables) -> Finding | None:
    """Name the unit in which most people are newly inside."""
    return _find_scenario_unit(tables, "scenario_winner", "newly_covered")


def find_scenario_loser(tables: Tables) -> Finding | None:
    """Name the unit in which most people are no longer inside."""
    return _find_scenario_unit(tables, "scenario_loser", "newly_lost")


def _find_scenario_unit(tables: Tables, rule: str, column: str) -> Finding | None:
    table = tables.get("scenario_units")
    row = find_extreme(table, column)
    if table is None or row is None or not has_enough_units(tables) or not float(table.rows[column].iloc[row]) > 0:
        return None
    return state(rule, *take(table, row, "name", people=column))
