"""Reads districts: polygons of up to four levels with codes, names, parents and official totals."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.errors import DataIssue, InputError
from coverage.schema import DISTRICT_COLUMNS, DISTRICT_LEVELS, check_districts
from geodata.crs import WGS84
from geodata.read_population_polygons import MOST_PEOPLE, repair_polygons
from geodata.read_table import read_table
from geodata.reading_border import reads_file
from geodata.row_checks import RowChecker, parse_numbers

ID_NAMES = ("district_id", "code", "id", "adcode", "行政区划代码", "区划代码", "代码")
NAME_NAMES = ("name", "名称", "地名")
POPULATION_NAMES = ("population_official", "population", "pop", "人口", "常住人口")
LEVEL_NAMES = ("level", "层级", "级别")
PARENT_NAMES = ("parent_id", "parent", "上级代码")

_LEVEL_WORDS = {level: level for level in DISTRICT_LEVELS} | {
    "地市": "prefecture",
    "地级": "prefecture",
    "县区": "county",
    "县级": "county",
    "区县": "county",
    "乡镇": "township",
    "街道": "township",
    "村": "village",
    "社区": "village",
    "city": "prefecture",
    "district": "county",
    "street": "township",
}
# Digits of a statistical code that name a unit of each level: 65 01 02 001 201.
_CODE_DIGITS = {"prefecture": 4, "county": 6, "township": 9, "village": 12}


@reads_file
def read_districts(path: str | Path, *, level: str | None = None) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Read districts from GeoJSON, GeoPackage, Shapefile, KML or a ZIP of one.

    Columns used: ``district_id`` (or ``code``, ``id``, ``adcode``), ``name``, ``level``,
    ``parent_id``, ``population_official`` (or ``population``). Parents that are not given are found by
    the digits of the code, else as the next coarser district that covers most of the polygon.

    Parameters
    ----------
    path
        The file.
    level
        Level of all districts, for files without a column `level`; without both it follows from the
        length of codes, else ``"county"``.

    Returns
    -------
    Districts after ``coverage.schema.DISTRICT_COLUMNS`` in WGS-84, indexed by district id, and the
    findings. Outlines that cross themselves are repaired; rows without an area or with an id that is
    taken are left out; official totals that cannot be read are NaN.

    Raises
    ------
    InputError
        ``districts.no_polygons``, ``districts.level_unknown`` or anything of ``geodata.read_table``.
    """
    if level is not None and level not in DISTRICT_LEVELS:
        raise InputError("districts.level_unknown", value=level, known=", ".join(DISTRICT_LEVELS))
    raw = read_table(path)
    if raw.geometry is None:
        raise InputError("districts.no_polygons", file=raw.source)
    checker = RowChecker(raw)
    before = raw.geometry.to_numpy()
    broken = ~shapely.is_missing(before) & ~shapely.is_valid(before)
    shapes = repair_polygons(raw.geometry)
    checker.reject(shapely.is_empty(shapes), "districts.not_a_polygon", "geometry")
    checker.remark(broken, "districts.outline_repaired", "warning", "geometry")
    if raw.find_column(ID_NAMES) is None:
        checker.remark_columns("districts.ids_made", [ID_NAMES[0]])
    ids = checker.read_ids(ID_NAMES, "districts.id_twice")
    if not checker.accepted.any():
        raise InputError("districts.no_polygons", file=raw.source)
    names = _cells(checker, NAME_NAMES)
    table = gpd.GeoDataFrame(
        {
            "name": ids if names is None else names.where(names != "", ids),
            "level": _read_levels(checker, ids, level),
            "parent_id": _cells(checker, PARENT_NAMES),
            "population_official": _read_population(checker),
        },
        geometry=shapes,
        crs=WGS84,
    )
    keep = checker.accepted
    table = table[keep].set_axis(pd.Index(ids[keep], dtype=str, name="district_id"))
    table["parent_id"] = find_parents(table, checker)
    table = table[list(DISTRICT_COLUMNS)]
    check_districts(table)
    return table, tuple(checker.issues)


def _cells(checker: RowChecker, names: tuple[str, ...]) -> pd.Series | None:
    column = checker.raw.find_column(names)
    return None if column is None else checker.raw.table[column]


def _read_levels(checker: RowChecker, ids: pd.Series, level: str | None) -> pd.Series:
    cells = _cells(checker, LEVEL_NAMES)
    by_code = pd.Series([guess_level(one) for one in ids], index=ids.index, dtype=object)
    standard = by_code.where(by_code != "", level or "county") if level is None else by_code.map(lambda _: level)
    if cells is None:
        return standard.astype(str)
    levels = cells.str.casefold().map(_LEVEL_WORDS)
    unknown = (levels.isna() & (cells != "")).to_numpy(dtype=bool)
    checker.remark(unknown, "districts.level_guessed", "warning", str(cells.name))
    return levels.astype(object).where(levels.notna(), standard).astype(str)


def guess_level(code: str) -> str:
    """Tell the level from a statistical code of 4, 6, 9 or 12 digits (trailing zeros are padding), "" if it is none.

    Examples
    --------
    >>> guess_level("650102"), guess_level("650100"), guess_level("650102001000"), guess_level("A7")
    ('county', 'prefecture', 'township', '')
    """
    if not (code.isascii() and code.isdigit() and len(code) in (4, 6, 9, 12)):
        return ""
    for name, digits in _CODE_DIGITS.items():
        if len(code) >= digits and not code[digits:].strip("0"):
            return name
    return ""


def _read_population(checker: RowChecker) -> npt.NDArray[np.float64]:
    column = checker.raw.find_column(POPULATION_NAMES)
    if column is None:
        return np.full(len(checker.raw.table), np.nan)

    numbers, unreadable = parse_numbers(checker.raw.table[column])
    bad = unreadable | np.isinf(numbers) | (numbers < 0.0) | (numbers > MOST_PEOPLE)
    checker.remark(bad, "districts.population_unreadable", "warning", column)
    return np.where(bad, np.nan, numbers)


def find_parents(table: gpd.GeoDataFrame, checker: RowChecker) -> pd.Series:
    """Return the id of the next coarser district above each district, "" at the top.

    A parent named in the file counts if it exists and is coarser, then the code that is the beginning of
    this one, then the district of the next coarser level with the largest overlap.
    """
    known = dict(zip(table.index, table["level"], strict=True))
    rank = {level: number for number, level in enumerate(DISTRICT_LEVELS)}
    stems = {_stem(one, known[one]): one for one in table.index}
    named = table["parent_id"].fillna("") if table["parent_id"].notna().any() else pd.Series("", index=table.index)
    answer = pd.Series("", index=table.index, dtype=object)
    strange: list[str] = []
    for one in table.index:
        given = str(named[one])
        if given in known and rank[known[given]] < rank[known[one]]:
            answer[one] = given
            continue
        if given:
            strange.append(given)
        coarser = [level for level in reversed(DISTRICT_LEVELS) if rank[level] < rank[known[one]]]
        answer[one] = next(
            (
                stems[stem]
                for level in coarser
                if (stem := str(one)[: _CODE_DIGITS[level]]) in stems and known[stems[stem]] == level
            ),
            "",
        )
    if strange:
        issue = DataIssue("districts.parent_unknown", "warning", checker.raw.source, len(strange), value=strange[0])
        checker.issues.append(issue)
    return _find_by_overlap(table, answer.astype(str), rank)


def _stem(code: str, level: str) -> str:
    """Return the digits of a code that name the unit, or the whole of an id that is no such code."""
    return code[: _CODE_DIGITS[level]] if guess_level(code) == level else code


def _find_by_overlap(table: gpd.GeoDataFrame, parents: pd.Series, rank: dict[str, int]) -> pd.Series:
    present = sorted({rank[level] for level in table["level"]})
    ranks = table["level"].map(rank).to_numpy()
    shapes = table.geometry.to_numpy()
    ids = table.index.to_numpy(dtype=str)
    answer = parents.copy()
    for upper, lower in itertools.pairwise(present):
        orphans = np.flatnonzero((ranks == lower) & (answer == "").to_numpy())
        above = np.flatnonzero(ranks == upper)
        if not len(orphans):
            continue
        child, parent = shapely.STRtree(shapes[above]).query(shapes[orphans], predicate="intersects")
        shared = shapely.area(shapely.intersection(shapes[orphans[child]], shapes[above[parent]]))
        order = np.lexsort((ids[above[parent]], -shared, child))
        first = np.unique(child[order], return_index=True)[1]
        for position in order[first]:
            if shared[position] > 0.0:
                answer.iloc[orphans[child[position]]] = ids[above[parent[position]]]
    return answer
