"""Reads districts: polygons of up to four levels with codes, names, parents and official totals."""

from __future__ import annotations

import itertools
import re
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.errors import DataIssue, InputError
from coverage.inputs.schema import DISTRICT_COLUMNS, DISTRICT_LEVELS, check_districts
from geodata.files.crs import WGS84
from geodata.files.reading_border import reads_file
from geodata.intake.cells.datum import Datum, to_wgs84
from geodata.intake.cells.read_table import RawTable, read_table
from geodata.intake.cells.row_checks import RowChecker
from geodata.intake.read_population_polygons import MOST_PEOPLE, repair_polygons

_NAME_FIELDS = ("name", "unit_name", "village", "township", "county", "prefecture")
_DATAV_SIGNS = ("childrenNum", "acroutes", "subFeatureIndex")

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
_PARENT_CODE = re.compile(r"""^\{.*["']adcode["']\s*:\s*["']?(\d+)""")
# Digits of a statistical code that name a unit of each level: 65 01 02 001 201.
_CODE_DIGITS = {"prefecture": 4, "county": 6, "township": 9, "village": 12}


@reads_file
def read_districts(
    path: str | Path, *, level: str | None = None, datum: Datum | None = "wgs84", assumed_crs: str | None = None
) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Read districts from GeoJSON, GeoPackage, Shapefile, KML or a ZIP of one.

    Columns used: ``district_id`` (or ``code``, ``adcode``, ``id``), ``name``, ``level``, ``parent_id``,
    ``population_official`` (or ``population``), under every name the book of names knows. Parents that are not given
    are found by the digits of the code, else as the next coarser district that covers most of the polygon.

    Parameters
    ----------
    path
        The file.
    level
        Level of all districts, for files without a column `level`; without both it follows from the
        length of codes, else ``"county"``.
    datum
        What the outlines refer to; they are turned into WGS-84. None if the user has not said: then outlines that look
        like those of DataV, which are GCJ-02, raise the question.
    assumed_crs
        Coordinate system of a layer that declares none.

    Returns
    -------
    Districts after ``coverage.inputs.schema.DISTRICT_COLUMNS`` in WGS-84, indexed by district id, and the
    findings. Outlines that cross themselves are repaired; rows without an area or with an id that is
    taken are left out; official totals that cannot be read are NaN.

    Raises
    ------
    InputError
        ``districts.no_polygons``, ``districts.level_unknown`` or anything of ``geodata.intake.cells.read_table``.
    """
    if level is not None and level not in DISTRICT_LEVELS:
        raise InputError("districts.level_unknown", value=level, known=", ".join(DISTRICT_LEVELS))
    raw = read_table(path, assumed_crs=assumed_crs)
    if raw.geometry is None:
        raise InputError("districts.no_polygons", file=raw.source)
    checker = RowChecker(raw)
    before = raw.geometry.to_numpy()
    broken = ~shapely.is_missing(before) & ~shapely.is_valid(before)
    shapes = repair_polygons(raw.geometry)
    if datum is not None and datum != "wgs84":
        shapes = shapely.transform(shapes, partial(_move, datum=datum))
        checker.remark(checker.accepted, "districts.datum_moved", "note", value=datum)
    elif datum is None and _is_datav(raw):
        checker.remark(checker.accepted, "districts.datum_question", "warning")
    checker.reject(shapely.is_empty(shapes), "districts.not_a_polygon", "geometry")
    checker.remark(broken, "districts.outline_repaired", "warning", "geometry")
    if checker.find_column("code", "id") is None:
        checker.remark_columns("districts.ids_made", list(map(str, raw.table.columns)))
    ids = checker.read_ids("districts.id_twice", "code", "id")
    if not checker.accepted.any():
        raise InputError("districts.no_polygons", file=raw.source)
    names = _cells(checker, *_NAME_FIELDS)
    if names is None:
        checker.remark_columns("districts.names_made", list(map(str, raw.table.columns)))
    table = gpd.GeoDataFrame(
        {
            "name": ids if names is None else names.where(names != "", ids),
            "level": _read_levels(checker, ids, level),
            "parent_id": _read_parents(checker),
            "population_official": _read_population(checker),
        },
        geometry=shapes,
        crs=WGS84,
    )
    keep = checker.accepted
    table = table[keep].set_axis(pd.Index(ids[keep], dtype=str, name="district_id"))
    table["parent_id"] = find_parents(table, checker)
    checker.remark_unused()
    table = table[list(DISTRICT_COLUMNS)]
    check_districts(table)
    return table, tuple(checker.issues)


def _move(points: npt.NDArray[np.float64], datum: Datum) -> npt.NDArray[np.float64]:
    return np.column_stack(to_wgs84(points[:, 0], points[:, 1], datum))


def _is_datav(raw: RawTable) -> bool:
    """Tell whether a layer has the columns of DataV's outlines: adcode, and what only that site writes."""
    columns = {str(column) for column in raw.table.columns}
    has_dict = "parent" in columns and bool(raw.table["parent"].str.extract(_PARENT_CODE, expand=False).notna().any())
    return "adcode" in columns and (has_dict or not columns.isdisjoint(_DATAV_SIGNS))


def _cells(checker: RowChecker, *fields: str) -> pd.Series | None:
    column = checker.find_column(*fields)
    return None if column is None else checker.raw.table[column]


def _read_parents(checker: RowChecker) -> pd.Series | None:
    """Read the codes of parents; outlines of DataV hold them as ``{"adcode": 650100}``."""
    cells = _cells(checker, "parent")
    if cells is None:
        return None
    found = cells.str.extract(_PARENT_CODE, expand=False)
    return found.where(found.notna(), cells)


def _read_levels(checker: RowChecker, ids: pd.Series, level: str | None) -> pd.Series:
    cells = _cells(checker, "level")
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
    column = checker.find_column("population_official", "population")
    if column is None:
        return np.full(len(checker.raw.table), np.nan)
    numbers, unreadable = checker.parse_column(column)
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
    top = min(rank[level] for level in known.values())  # nothing above these is in the file, whatever they name
    for one in table.index:
        given = str(named[one])
        if given in known and rank[known[given]] < rank[known[one]]:
            answer[one] = given
            continue
        if given in known or (given and rank[known[one]] > top):
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
