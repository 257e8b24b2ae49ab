"""Reads people from polygons with totals, spread evenly over points inside each polygon."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from coverage.errors import DataIssue, InputError
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.schema import LoadedTable, check_demand
from geodata.crs import WGS84, find_equal_area_crs
from geodata.read_table import read_table
from geodata.row_checks import RowChecker

MAX_POINTS = 200_000
DEFAULT_CELL_M = 500.0  # of the cells people are gathered in, for rasters and polygons alike
MOST_PEOPLE = 2e9  # in one place or district; more is a typing error, and would drown every total

_GRID_AT_ONCE = 1_000_000

FloatColumn = npt.NDArray[np.float64]


def read_population_polygons(
    path: str | Path,
    *,
    cell_m: float = DEFAULT_CELL_M,
    assumed_crs: str | None = None,
    max_points: int = MAX_POINTS,
    progress: Progress = ignore_progress,
) -> LoadedTable:
    """Read polygons with totals and spread each total over a square grid inside its polygon.

    Where people live inside a polygon is not known, so they are spread evenly over its area: points
    stand on an equal-area grid, holes and separate parts are respected, and a polygon too small for
    the grid has one point inside. The total of each polygon is kept exactly.

    Parameters
    ----------
    path
        A layer of polygons with a column ``population``.
    cell_m
        Distance of the points [m]; widened where more than `max_points` would be needed.
    assumed_crs
        Coordinate system of a layer that declares none.
    max_points
        Largest number of points, apart from one for each polygon.
    progress
        Called with the share done.

    Returns
    -------
    A table after ``coverage.schema.DEMAND_COLUMNS``, indexed by ids ``<polygon id>-<n>``; `rows_in`
    counts polygons.

    Raises
    ------
    InputError
        ``population.no_polygons``, ``people.no_column`` or anything of ``geodata.read_table``.
    """
    if not np.isfinite(cell_m) or cell_m <= 0.0:
        raise InputError("raster.cell_invalid", value=float(cell_m))
    raw = read_table(path, assumed_crs=assumed_crs)
    if raw.geometry is None:
        raise InputError("population.no_polygons", file=raw.source)
    checker = RowChecker(raw)
    column = find_people(checker)
    shapes = repair_polygons(raw.geometry)
    checker.reject(shapely.is_missing(shapes) | shapely.is_empty(shapes), "polygons.not_a_polygon", "geometry")
    people = checker.read_numbers(column, "demand.weight")
    checker.reject(np.isnan(people), "demand.weight_missing", column)
    checker.reject(people < 0.0, "demand.weight_negative", column)
    checker.reject(people > MOST_PEOPLE, "demand.weight_impossible", column)
    ids = _read_ids(checker)
    keep = np.flatnonzero(checker.accepted)
    if not len(keep):
        return checker.build(pd.DataFrame())
    located = gpd.GeoSeries(shapes[keep], crs=WGS84)
    west, south, east, north = (float(value) for value in located.total_bounds)
    local = located.to_crs(find_equal_area_crs((west, south, east, north)))
    used_m = max(cell_m, float(np.sqrt(local.area.sum() / max_points)))
    if used_m > cell_m * 1.001:
        issue = DataIssue("polygons.cell_widened", "note", raw.source, len(keep), facts=(("cell_m", round(used_m)),))
        checker.issues.append(issue)
    checker.remark(people == 0.0, "demand.population_zero", "note", column)
    parts: list[pd.DataFrame] = []
    for number, (shape, row) in enumerate(zip(local, keep, strict=True)):
        report_progress(progress, number / len(keep), "population")
        x, y = spread_points(shape, used_m if people[row] > 0.0 else np.inf)
        share = np.full(len(x), people[row] / len(x))
        parts.append(
            pd.DataFrame({"id": [f"{ids[row]}-{n}" for n in range(len(x))], "x": x, "y": y, "population": share})
        )
    report_progress(progress, 1.0, "population")
    points = pd.concat(parts, ignore_index=True)
    degrees = gpd.GeoSeries(gpd.points_from_xy(points["x"], points["y"]), crs=local.crs).to_crs(WGS84)
    table = pd.DataFrame(
        {
            "lon": degrees.x.to_numpy(),
            "lat": degrees.y.to_numpy(),
            "population": points["population"].to_numpy(),
            "district_id": "",
            "zone": "",
        },
        index=pd.Index(points["id"], dtype=str, name="demand_id"),
    )
    check_demand(table)
    return checker.build(table)


def find_people(checker: RowChecker) -> str:
    """Return the column of people; `InputError` names all columns where there is none."""
    column = checker.find_column("population", "population_official")
    if column is None:
        raise InputError("people.no_column", file=checker.raw.source, found=checker.list_columns())
    return column


def _read_ids(checker: RowChecker) -> npt.NDArray[np.object_]:
    by_row = np.array([f"row{row}" for row in checker.raw.rows], dtype=object)
    column = checker.find_column("code", "id")
    if column is None:
        return by_row
    cells = checker.raw.table[column].to_numpy(dtype=object)
    ids = np.where(cells == "", by_row, cells)
    twice = pd.Series(ids).duplicated(keep=False).to_numpy()
    return np.where(twice, np.array([f"{one}.{row}" for one, row in zip(ids, by_row, strict=True)], dtype=object), ids)


def spread_points(shape: BaseGeometry, cell_m: float) -> tuple[FloatColumn, FloatColumn]:
    """Return the points of a square grid that lie inside a projected polygon, or one point inside it.

    Parameters
    ----------
    shape
        Polygon or multipolygon on an equal-area map [m].
    cell_m
        Distance of the points [m]; ``inf`` asks for one point.

    Returns
    -------
    x, y, shape (n,) with n ≥ 1.
    """
    if np.isfinite(cell_m):
        # Part by part, so that islands far apart do not need a grid over the sea between them.
        found = [_spread_part(part, cell_m) for part in shapely.get_parts(shape)]
        x, y = (np.concatenate(axis) for axis in zip(*found, strict=True))
        if len(x):
            return x, y
    point = shapely.point_on_surface(shape)
    return np.array([shapely.get_x(point)]), np.array([shapely.get_y(point)])


def _spread_part(part: BaseGeometry, cell_m: float) -> tuple[FloatColumn, FloatColumn]:
    """Return the points of the grid inside one polygon, a limited number of rows at a time."""
    west, south, east, north = part.bounds
    x = (np.arange(np.floor(west / cell_m), np.ceil(east / cell_m)) + 0.5) * cell_m
    y = (np.arange(np.floor(south / cell_m), np.ceil(north / cell_m)) + 0.5) * cell_m
    rows = max(1, _GRID_AT_ONCE // max(1, len(x)))
    shapely.prepare(part)
    found_x, found_y = [np.zeros(0)], [np.zeros(0)]
    for first in range(0, len(y), rows):
        grid_x, grid_y = (axis.ravel() for axis in np.meshgrid(x, y[first : first + rows]))
        inside = shapely.contains_xy(part, grid_x, grid_y)
        found_x.append(grid_x[inside])
        found_y.append(grid_y[inside])
    return np.concatenate(found_x), np.concatenate(found_y)


def repair_polygons(geometry: gpd.GeoSeries) -> npt.NDArray[np.object_]:
    """Return valid polygons or multipolygons, shape (n,); empty where a geometry holds no area.

    Broken outlines are repaired by ``make_valid``; of what comes out only areas are kept.
    """
    shapes = np.asarray(shapely.force_2d(geometry.to_numpy()), dtype=object)
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    answer = np.empty(len(shapes), dtype=object)
    for number, shape in enumerate(shapes):
        areas = [part for part in shapely.get_parts(_flatten(shape)) if part.geom_type == "Polygon" and part.area > 0.0]
        answer[number] = areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
    return answer


def _flatten(shape: BaseGeometry | None) -> npt.NDArray[np.object_]:
    """Return the simple parts of a geometry, collections within collections opened."""
    parts = shapely.get_parts(np.array([shape], dtype=object))
    while len(parts) and (shapely.get_type_id(parts) >= int(shapely.GeometryType.MULTIPOINT)).any():
        parts = shapely.get_parts(parts)
    answer: npt.NDArray[np.object_] = parts
    return answer
