"""Scales people to the official totals of districts, and shows what was changed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

RECONCILIATION_COLUMNS: tuple[str, ...] = ("name", "level", "points", "before", "official", "after", "factor")


def reconcile_population(demand: pd.DataFrame, districts: gpd.GeoDataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scale the people of each district to its official total.

    A demand point follows the finest district above it that has an official total. Where such a
    district contains others that have their own totals, those are taken off first, and the rest goes
    to the points that belong to none of them. Only ``population`` is scaled; other weight columns have
    their own sources and stay.

    Parameters
    ----------
    demand
        Demand points with ``district_id`` assigned (see ``coverage.inputs.districts.assign_districts``).
    districts
        Districts with ``population_official`` (NaN where unknown) and ``parent_id``.

    Returns
    -------
    demand
        A copy, same rows and index, with ``population`` scaled.
    table
        One row for each district with an official total, indexed by district id, and a last row ""
        if points have none: ``points``, people ``before`` [people], ``official`` (NaN in the last row),
        ``after`` and ``factor``. ``factor`` is NaN, and nothing is scaled, where a total cannot be
        given to anybody: no people in the data, or less than nothing left of it. ``before`` and
        ``after`` sum to the totals of `demand` before and after.
    """
    official = districts["population_official"].astype(float)
    wanted = official[np.isfinite(official) & (official >= 0.0)]
    parents = {str(one): str(parent) for one, parent in districts["parent_id"].items()}
    group_of = {"": ""} | {str(one): _find_group(str(one), parents, wanted.index) for one in districts.index}
    groups = demand["district_id"].map(group_of).fillna("")
    before = demand["population"].groupby(groups).sum()
    points = demand["population"].groupby(groups).count()
    rest = wanted.copy()
    for one in wanted.index:
        above = _find_group(parents.get(one, ""), parents, wanted.index)
        if above:
            rest[above] -= wanted[one]
    table = pd.DataFrame(
        {
            "name": districts["name"].reindex(wanted.index),
            "level": districts["level"].reindex(wanted.index),
            "points": points.reindex(wanted.index, fill_value=0),
            "before": before.reindex(wanted.index, fill_value=0.0),
            "official": rest,
        }
    )
    possible = (table["before"] > 0.0) & (table["official"] >= 0.0)
    table["factor"] = (table["official"] / table["before"].where(possible)).astype(float)
    table["after"] = (table["before"] * table["factor"]).where(possible, table["before"])
    if (groups == "").any():
        people = float(before[""])
        table.loc[""] = {
            "name": "", "level": "", "points": int(points[""]), "before": people, "official": np.nan,
            "factor": np.nan, "after": people,
        }  # fmt: skip
    table.index = pd.Index(table.index, dtype=str, name="district_id")
    scaled = demand.copy()
    scaled["population"] = demand["population"] * groups.map(table["factor"]).fillna(1.0).astype(float)
    return scaled, table[list(RECONCILIATION_COLUMNS)]


def _find_group(start: str, parents: dict[str, str], wanted: pd.Index) -> str:
    """Return the first district from here upwards that has an official total, "" if there is none."""
    here, seen = start, set[str]()
    while here and here not in wanted and here not in seen:
        seen.add(here)
        here = parents.get(here, "")
    return here if here in wanted else ""
