"""Rules of items, families, bundles and layers."""

from __future__ import annotations

from coverage.tables.cell_reading import LEAST_UNITS, Tables, count_known, find_extreme, find_row, state, take
from coverage.tables.report_value import Finding


def find_item_counts(tables: Tables) -> Finding | None:
    """Say how many items nearly everybody reaches, and how many only few do."""
    table = tables.get("item_counts")
    return None if table is None else state("item_counts", *take(table, 0, "items", "items_nearly_all", "items_few"))


def find_lowest_item(tables: Tables) -> Finding | None:
    """Say how many items in scope nobody offers; where all are offered, name the one that fewest people reach."""
    nowhere = find_items_nowhere(tables)
    if nowhere is not None:
        return nowhere
    table = tables.get("items")
    row = find_extreme(table, "share", largest=False)
    if table is None or row is None or float(table.rows["share"].iloc[row]) >= 1.0:
        return None
    return state("lowest_item", *take(table, row, "offer", "share", "stations"))


def find_rarest_item(tables: Tables) -> Finding | None:
    """Name the item that can be done in fewest counties."""
    table, established = tables.get("items"), tables.get("established")
    row, counties = find_extreme(table, "county_rate", largest=False), find_row(established, unit_level="county")
    if table is None or row is None or float(table.rows["county_rate"].iloc[row]) >= 1.0:
        return None
    if established is None or counties is None or float(established.rows["units"].iloc[counties]) < LEAST_UNITS:
        return None
    return state("rarest_item", *take(table, row, "offer", "county_rate"))


def find_items_nowhere(tables: Tables) -> Finding | None:
    """Say how many items no station offers, and name the first."""
    return _find_nowhere(tables, "item")


def find_bundles_nowhere(tables: Tables) -> Finding | None:
    """Say how many bundles no place can do as a whole, and name the first."""
    return _find_nowhere(tables, "bundle")


def _find_nowhere(tables: Tables, kind: str) -> Finding | None:
    counts, table = tables.get("item_counts"), tables.get("not_offered")
    row = find_row(table, offer_kind=kind)
    if counts is None or table is None or row is None:
        return None
    rule = "items_nowhere" if kind == "item" else "bundles_nowhere"
    return state(rule, *take(table, row, "offer"), *take(counts, 0, count=rule))


def find_lowest_family(tables: Tables) -> Finding | None:
    """Name the family that fewest people reach."""
    table = tables.get("families")
    row = find_extreme(table, "share", largest=False)
    if table is None or row is None or count_known(table, "share") < 2:
        return None
    return state("lowest_family", *take(table, row, "offer", "share"))


def find_lowest_bundle(tables: Tables) -> Finding | None:
    """Name the bundle that fewest people get done in one place, where every bundle has such a place."""
    table = tables.get("bundles")
    row = find_extreme(table, "share", largest=False)
    if table is None or row is None or find_bundles_nowhere(tables) is not None:
        return None
    return state("lowest_bundle", *take(table, row, "offer", "share"))


def find_layers(tables: Tables) -> Finding | None:
    """Say what fixed points cover, and what circuit and mobile points and a remote channel add."""
    table = tables.get("layers")
    if table is None:
        return None
    rows = {layer: find_row(table, layer=layer) for layer in ("fixed", "mobile", "remote")}
    facts = {
        layer: fact for layer, row in rows.items() if row is not None for fact in take(table, row, **{layer: "share"})
    }
    if len(facts) < len(rows):
        return None
    whole = state("layers", *facts.values())
    if whole is not None or rows["mobile"] is None:
        return whole
    often = take(table, rows["mobile"], "hours_week", "visits_month")
    return state("layers_visiting", facts["fixed"], facts["mobile"], *often)
