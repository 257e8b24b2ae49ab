"""Reads which places are town, countryside or pasture: drawn areas, or a list of districts."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.errors import DataIssue, InputError
from coverage.inputs.zones import compute_drawn_zones
from geodata.files.reading_border import reads_file
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import RowChecker
from geodata.intake.read_population import ZONE_WORDS


def read_zones(
    path: Path | None, demand: pd.DataFrame, districts: gpd.GeoDataFrame
) -> tuple[pd.Series, tuple[DataIssue, ...]]:
    """Read zones and give them to demand points; what the file says overrides the demand table.

    Parameters
    ----------
    path
        CSV of ``district_id, zone``, where the finest district that is named decides, or a layer of
        areas with a column ``zone``. None changes nothing.
    demand, districts
        The study's people and districts.

    Returns
    -------
    Zone of each demand point, "" where nothing says it, indexed like `demand`; and what was found.

    Raises
    ------
    InputError
        ``zones.no_column`` if there is no column of zones (and, in a list, of districts), or as
        `geodata.intake.cells.read_table.read_table` does.
    """
    zone = demand["zone"].fillna("").astype(str)
    if path is None:
        return zone, ()
    raw = read_table(path)
    checker = RowChecker(raw)
    zone_column = checker.find_column("zone")
    id_column = checker.find_column("code", "id") if raw.geometry is None else None
    if zone_column is None or (raw.geometry is None and id_column is None):
        raise InputError("zones.no_column", columns=checker.list_columns())
    words = raw.table[zone_column].str.strip().map(ZONE_WORDS)
    checker.reject(words.isna().to_numpy(bool), "zones.unknown_word", zone_column)
    if raw.geometry is not None:
        areas = gpd.GeoDataFrame({"zone": words}, geometry=raw.geometry, crs="EPSG:4326")[checker.accepted]
        drawn = compute_drawn_zones(demand, areas)
    else:
        ids = raw.table[str(id_column)].str.strip()
        checker.reject(~ids.isin(districts.index).to_numpy(bool), "zones.district_unknown", str(id_column))
        named = dict(zip(ids[checker.accepted], words[checker.accepted], strict=True))
        drawn = demand["district_id"].map(_spread_down(districts, named)).fillna("")
    checker.build(raw.table[checker.accepted])
    spread = np.where(drawn.to_numpy(str) == "", zone.to_numpy(str), drawn.to_numpy(str))
    return pd.Series(spread, index=demand.index, dtype=str), tuple(checker.issues)


@reads_file
def read_zone_list(path: Path) -> dict[str, str] | None:
    """Read which district a list names for which zone; None if the file is a layer of areas.

    Rows that `read_zones` would leave out for their zone are left out here too.
    """
    raw = read_table(path)
    checker = RowChecker(raw)
    zone_column, id_column = checker.find_column("zone"), checker.find_column("code", "id")
    if raw.geometry is not None or zone_column is None or id_column is None:
        return None
    words = raw.table[zone_column].str.strip().map(ZONE_WORDS)
    known = words.notna()
    return dict(zip(raw.table.loc[known, id_column].str.strip(), words[known], strict=True))


@reads_file
def read_zone_areas(path: Path) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Read a layer of areas with a column ``zone``.

    Returns
    -------
    The areas in WGS-84 with ``zone``, and what was found; areas of an unknown zone are left out.

    Raises
    ------
    InputError
        ``zones.no_column``, ``zones.no_areas`` if the file holds no areas, or as the readers of layers do.
    """
    raw = read_table(path)
    checker = RowChecker(raw)
    zone_column = checker.find_column("zone")
    if zone_column is None:
        raise InputError("zones.no_column", columns=checker.list_columns())
    if raw.geometry is None:
        raise InputError("zones.no_areas", file=raw.source)
    words = raw.table[zone_column].str.strip().map(ZONE_WORDS)
    checker.reject(words.isna().to_numpy(bool), "zones.unknown_word", zone_column)
    is_area = raw.geometry.geom_type.isin(("Polygon", "MultiPolygon")).to_numpy(bool)
    checker.reject(~is_area, "zones.not_an_area", zone_column)
    areas = gpd.GeoDataFrame({"zone": words}, geometry=raw.geometry, crs="EPSG:4326")[checker.accepted]
    checker.build(raw.table[checker.accepted])
    return areas, tuple(checker.issues)


def _spread_down(districts: gpd.GeoDataFrame, named: dict[str, str]) -> dict[str, str]:
    """Give every district the zone of the nearest district above it (itself included) that is named."""
    parent = {str(one): str(above) for one, above in districts["parent_id"].items()}
    spread = {}
    for district in parent:
        here, steps = district, 0
        while here and here not in named and steps <= len(parent):
            here, steps = parent.get(here, ""), steps + 1
        spread[district] = named.get(here, "")
    return spread
