"""Reads candidate sites: a user's own list, the places of OpenStreetMap, and areas where nothing is founded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from coverage.errors import DataIssue, InputError
from coverage.inputs.schema import LoadedTable
from coverage.inputs.site_costs import SiteCosts
from coverage.inputs.study import Catalogue
from geodata.files.crs import reproject_to_wgs84
from geodata.files.reading_border import reads_file
from geodata.intake.cells.column_names import flatten_name
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import FloatColumn, RowChecker
from geodata.intake.cells.vector_files import read_vector

_OWN_NAMES = ("kind", "种类")
_ROLE_WORDS = {
    "": "candidate",
    "candidate": "candidate",
    "候选": "candidate",
    "可选": "candidate",
    "required": "required",
    "必建": "required",
    "必选": "required",
    "forbidden": "forbidden",
    "禁止": "forbidden",
    "不建": "forbidden",
    "排除": "forbidden",
}


@reads_file
def read_candidates(path: Path, catalogue: Catalogue, costs: SiteCosts) -> LoadedTable:
    """Read a user's candidate sites from a table or a layer of points.

    Columns ``site_id`` (numbered by row where missing), ``name``, ``lon``, ``lat`` or a geometry, and optional
    ``kind`` (a kind of the catalogue or a class of place), ``cost`` [yuan], ``capacity``, ``role`` (candidate,
    required, forbidden, in Chinese too).

    Returns
    -------
    Table indexed by site_id: name, lon, lat, kind ("" where not given), cost and capacity (NaN where not given),
    role; and its account. Rows without a usable position, with a repeated id, an unknown kind or role, or a
    number that is none are left out.

    Raises
    ------
    InputError
        If no row can be used.
    """
    checker = RowChecker(read_table(path))
    lon, lat = checker.read_positions()
    ids = checker.read_ids("points.id_twice")
    known = {kind.id for kind in catalogue.kinds} | {kind.name.zh for kind in catalogue.kinds}
    known |= {word for word, _ in costs.place}
    kinds = _read_kinds(checker, known)
    # A stop or a hotline would not count as a fixed service once it is there.
    stops = {word for kind in catalogue.kinds if not kind.is_fixed for word in (kind.id, kind.name.zh)}
    is_stop = kinds.isin(stops).to_numpy(bool)
    if is_stop.any():  # to ask for the column is to use it
        checker.reject(is_stop, "candidates.kind_not_fixed", checker.find_column("kind") or "", kinds)
    roles = _read_words(checker, "role").str.casefold().map(_ROLE_WORDS)
    checker.reject(roles.isna().to_numpy(bool), "candidates.role_unknown", checker.find_column("role") or "")
    names = _read_words(checker, "name")
    table = pd.DataFrame(
        {
            "name": names.where(names != "", ids),
            "lon": lon,
            "lat": lat,
            "kind": kinds,
            "cost": _read_amounts(checker, "cost"),
            "capacity": _read_amounts(checker, "capacity"),
            "role": roles,
        }
    )
    accepted = checker.accepted
    table = table[accepted].set_axis(pd.Index(ids[accepted], dtype=str, name="site_id"))
    return checker.build(table)


def _read_kinds(checker: RowChecker, known: set[str]) -> pd.Series:
    """Read kinds; a column in which no word is known (``amenity`` of a web map, say) is not the column of kinds."""
    kinds = _read_words(checker, "kind")
    column = checker.find_column("kind") or ""
    strange = ((kinds != "") & ~kinds.isin(known)).to_numpy(bool)
    if strange.any() and not kinds.isin(known).any() and flatten_name(column) not in _OWN_NAMES:
        checker.release_column(column)
        return pd.Series("", index=kinds.index, dtype=str)
    checker.reject(strange, "candidates.kind_unknown", column, kinds)
    return kinds


def _read_words(checker: RowChecker, field: str) -> pd.Series:
    column = checker.find_column(field)
    return checker.raw.table[column] if column else pd.Series("", index=checker.raw.table.index, dtype=str)


def _read_amounts(checker: RowChecker, field: str) -> FloatColumn:
    """Read numbers that are not negative; NaN where the cell is empty."""
    column = checker.find_column(field)
    if column is None:
        return np.full(len(checker.raw.table), np.nan)
    numbers, unreadable = checker.parse_column(column)
    checker.reject(unreadable | np.isinf(numbers) | (numbers < 0.0), "candidates.amount_invalid", column)
    return numbers


@reads_file
def read_excluded(path: Path) -> tuple[tuple[shapely.Geometry, ...], tuple[DataIssue, ...]]:
    """Read areas where nothing is founded: every polygon of a layer, in WGS-84.

    Raises
    ------
    InputError
        ``candidates.no_areas`` if the layer holds no polygon.
    """
    raw, remarks = read_vector(path)
    located, conversions = reproject_to_wgs84(raw, path.name)
    shapes = np.asarray(located.geometry.to_numpy(), object)
    kinds = shapely.get_type_id(shapes)
    areas = shapes[np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))]
    if not len(areas):
        raise InputError("candidates.no_areas", file=path.name)
    return tuple(shapely.make_valid(areas)), (*remarks, *conversions)
