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
from coverage.inputs.schema import LoadedTable, check_demand
from coverage.network.ragged_rows import list_ranges
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.crs import WGS84, find_equal_area_crs
from geodata.files.reading_border import reads_file
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import RowChecker

MAX_POINTS = 200_000
DEFAULT_CELL_M = 500.0  # of the cells people are gathered in, for rasters and polygons alike
MOST_PEOPLE = 2e9  # in one place or district; more is a typing error, and would drown every total

_MOST_CROSSINGS = 2_000_000

FloatColumn = npt.NDArray[np.float64]


@reads_file
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
    A table after ``coverage.inputs.schema.DEMAND_COLUMNS``, indexed by ids ``<polygon id>-<n>``; `rows_in`
    counts polygons.

    Raises
    ------
    InputError
        ``population.no_polygons``, ``people.no_column`` or anything of ``geodata.intake.cells.read_table``.
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

        def tell(share: float, step: str, number: int = number) -> bool:
            return progress((number + share) / len(keep), step)

        x, y = spread_points(shape, used_m if people[row] > 0.0 else np.inf, progress=tell)
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


def spread_points(
    shape: BaseGeometry, cell_m: float, *, progress: Progress = ignore_progress
) -> tuple[FloatColumn, FloatColumn]:
    """Return the points of a square grid that lie inside a projected polygon, or one point inside it.

    Parameters
    ----------
    shape
        Polygon or multipolygon on an equal-area map [m].
    cell_m
        Distance of the points [m]; ``inf`` asks for one point. It is widened where the outline is so long that its
        crossings with the grid alone would take more than a few seconds.
    progress
        Told the share done of this polygon.

    Returns
    -------
    x, y, shape (n,) with n ≥ 1.
    """
    report_progress(progress, 0.0, "population")
    if np.isfinite(cell_m):
        x, y = _fill_rows(shape, cell_m, progress)
        if len(x):
            return x, y
    point = shapely.point_on_surface(shape)
    return np.array([shapely.get_x(point)]), np.array([shapely.get_y(point)])


def _fill_rows(shape: BaseGeometry, cell_m: float, progress: Progress) -> tuple[FloatColumn, FloatColumn]:
    """Return the points of the grid inside a polygon, row by row between the crossings of its outline.

    The work goes with the length of the outline and the points inside (scan-line filling), not with the box around.
    """
    sides = _list_sides(shape)
    crossed = float(np.abs(sides[:, 1] - sides[:, 3]).sum()) / cell_m
    if not np.isfinite(crossed):
        return np.zeros(0), np.zeros(0)
    cell_m *= max(1.0, crossed / _MOST_CROSSINGS)
    x, y = sides[:, 0] / cell_m - 0.5, sides[:, 1] / cell_m - 0.5  # grid points are whole numbers
    to_x, to_y = sides[:, 2] / cell_m - 0.5, sides[:, 3] / cell_m - 0.5
    first, last = np.ceil(np.minimum(y, to_y)), np.ceil(np.maximum(y, to_y))  # half open: a corner counts once
    count = (last - first).astype(np.int64)
    side = np.repeat(np.arange(len(count)), count)
    row = list_ranges(first.astype(np.int64), count)
    report_progress(progress, 0.3, "population")
    at = x[side] + (row - y[side]) / (to_y - y)[side] * (to_x - x)[side]
    order = np.lexsort((at, row))
    row, at = row[order], at[order]
    report_progress(progress, 0.6, "population")
    # A closed outline crosses every row an even number of times: the inside is from each odd crossing to the next.
    begin, end = np.ceil(at[::2]), np.ceil(at[1::2])
    inside = (end - begin).astype(np.int64)
    columns = list_ranges(begin.astype(np.int64), inside)
    report_progress(progress, 0.9, "population")
    found_x = np.asarray((columns + 0.5) * cell_m, np.float64)
    found_y = np.asarray((np.repeat(row[::2], inside) + 0.5) * cell_m, np.float64)
    return found_x, found_y


def _list_sides(shape: BaseGeometry) -> FloatColumn:
    """Return the sides of every ring of a polygon as x, y, x, y of their ends, shape (n, 4)."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    sides: FloatColumn = np.hstack((corners[joined], corners[joined + 1]))
    return sides


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
