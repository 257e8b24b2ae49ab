"""Reads candidate sites: a user's own list, the places of OpenStreetMap, and areas where nothing is founded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from coverage.errors import DataIssue, InputError
from coverage.model import Catalogue
from coverage.schema import LoadedTable
from coverage.site_costs import SiteCosts
from geodata.crs import reproject_to_wgs84
from geodata.read_table import read_table
from geodata.reading_border import reads_file
from geodata.row_checks import FloatColumn, RowChecker, parse_numbers
from geodata.vector_files import read_vector

_ID_NAMES = ("site_id", "id", "编号", "候选点编号")
_NAME_NAMES = ("name", "名称", "候选点名称")
_KIND_NAMES = ("kind", "种类", "类型")
_COST_NAMES = ("cost", "建设成本", "投资", "费用")
_CAPACITY_NAMES = ("capacity", "服务能力")
_ROLE_NAMES = ("role", "作用", "是否必建", "要求")
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
    ids = checker.read_ids(_ID_NAMES, "points.id_twice")
    known = {kind.id for kind in catalogue.kinds} | {kind.name.zh for kind in catalogue.kinds}
    known |= {word for word, _ in costs.place}
    kinds = _read_words(checker, _KIND_NAMES)
    strange = ((kinds != "") & ~kinds.isin(known)).to_numpy(bool)
    checker.reject(strange, "candidates.kind_unknown", checker.raw.find_column(_KIND_NAMES) or "", kinds)
    roles = _read_words(checker, _ROLE_NAMES).str.casefold().map(_ROLE_WORDS)
    checker.reject(roles.isna().to_numpy(bool), "candidates.role_unknown", checker.raw.find_column(_ROLE_NAMES) or "")
    names = _read_words(checker, _NAME_NAMES)
    table = pd.DataFrame(
        {
            "name": names.where(names != "", ids),
            "lon": lon,
            "lat": lat,
            "kind": kinds,
            "cost": _read_amounts(checker, _COST_NAMES),
            "capacity": _read_amounts(checker, _CAPACITY_NAMES),
            "role": roles,
        }
    )
    accepted = checker.accepted
    table = table[accepted].set_axis(pd.Index(ids[accepted], dtype=str, name="site_id"))
    return checker.build(table)


def _read_words(checker: RowChecker, names: tuple[str, ...]) -> pd.Series:
    column = checker.raw.find_column(names)
    return checker.raw.table[column] if column else pd.Series("", index=checker.raw.table.index, dtype=str)


def _read_amounts(checker: RowChecker, names: tuple[str, ...]) -> FloatColumn:
    """Read numbers that are not negative; NaN where the cell is empty."""
    column = checker.raw.find_column(names)
    if column is None:
        return np.full(len(checker.raw.table), np.nan)
    numbers, unreadable = parse_numbers(checker.raw.table[column])
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
