"""Service areas for looking: contours of the travel-time field, walked leg included.

People are counted with the time at their place, never with these polygons. The polygons are
contours of the same times on a grid, so they agree with them but for the width of a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import contourpy
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from coverage.errors import InputError
from coverage.inputs.stations import StationChoice, select_stations
from coverage.network.model import BoolArray, FloatArray, IntArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.reach import compute_reach
from coverage.travel.time_field import FieldPlaces, Grid, build_grid, compute_time_field, join_grid
from coverage.travel.travel_basis import TravelBasis
from coverage.units import LEAST_METRES_PER_DEGREE, WGS84_A_M, WGS84_E2, conformal_scale

AREA_COLUMNS: tuple[str, ...] = ("station_id", "from_min", "to_min", "area_km2", "geometry")

_AT_A_TIME = 16  # stations whose times on the grid are held together
_LARGEST_LAT = 85.0
_LEAST = 1e-3  # share of the width below which a height is not distinguished from it


def join_area_grid(
    basis: TravelBasis,
    *,
    bounds: tuple[float, float, float, float] | None = None,
    cells: int = 250_000,
    progress: Progress = ignore_progress,
) -> FieldPlaces:
    """Lay a grid over a study and join its cells to the roads; serves every choice of stations.

    Parameters
    ----------
    basis
        The study joined to its roads.
    bounds
        West, south, east, north [degrees]; None takes districts, people and stations together,
        widened by the snap limit, so that no area is cut where people live.
    cells
        About how many cells.
    progress
        Told the share done.
    """
    grid = build_grid(_find_bounds(basis) if bounds is None else bounds, cells=cells)
    return join_grid(basis, grid, np.ones(grid.rows * grid.columns, bool), progress=progress)


def _find_bounds(basis: TravelBasis) -> tuple[float, float, float, float]:
    study = basis.study
    boxes = [
        [table["lon"].min(), table["lat"].min(), table["lon"].max(), table["lat"].max()]
        for table in (study.demand, study.stations)
        if len(table)
    ]
    if len(study.districts):
        boxes.append(study.districts.total_bounds.tolist())
    if not boxes:
        raise InputError("areas.nothing_to_draw", study=study.id)
    around = np.array(boxes, float)
    west, south = around[:, :2].min(axis=0).tolist()
    east, north = around[:, 2:].max(axis=0).tolist()
    # A degree of longitude is shorter than one of latitude by the cosine.
    margin = study.settings.snap.max_access_m / LEAST_METRES_PER_DEGREE
    wide = margin / np.cos(np.radians(min(max(abs(south), abs(north)), _LARGEST_LAT)))
    return west - wide, max(south - margin, -_LARGEST_LAT), east + wide, min(north + margin, _LARGEST_LAT)


def contour_areas(
    grid: Grid, minutes: npt.NDArray[np.float32], cutoffs_min: Sequence[float], *, walk_kph: float
) -> list[shapely.MultiPolygon]:
    """Draw what lies within each of several cutoffs on a grid of times.

    Parameters
    ----------
    grid
        The grid.
    minutes
        Time at each cell centre, inf where there is none, shape (rows, columns) [min].
    cutoffs_min
        Ascending limits [min].
    walk_kph
        Speed of the slowest leg [km/h]: where neighbouring cells differ by more than the walk between
        them, the outline runs halfway, as there is an edge between them (end of the snap limit).

    Returns
    -------
    One area per cutoff in WGS-84, valid, with holes and parts, each holding all before it; empty
    ones are empty.
    """
    if list(cutoffs_min) != sorted(set(cutoffs_min)):
        raise InputError("areas.cutoffs_not_ascending", value=", ".join(map(str, cutoffs_min)))
    lon, lat = _padded_centres(grid)
    width = find_step_min(grid, walk_kph)
    padded = np.pad(minutes.astype(np.float64), 1, constant_values=np.inf)
    areas: list[shapely.MultiPolygon] = []
    for cutoff in cutoffs_min:
        height = np.clip(padded - cutoff, -width, width)
        # An outline through the middle of a cell would have parts without width; the cutoff itself is within.
        height = np.where(height > 0.0, np.maximum(height, _LEAST * width), np.minimum(height, -_LEAST * width))
        area = _to_area(_trace(lon, lat, height))
        if areas and not areas[-1].is_empty and not area.covers(areas[-1]):
            # Where four cells meet crosswise, two cutoffs may be joined differently.
            area = _to_area(shapely.union(area, areas[-1]))
        areas.append(area)
    return areas


def find_step_min(grid: Grid, walk_kph: float) -> float:
    """Find the minutes of the walk from one cell of a grid to the next, in its middle [min]."""
    _, south, _, north = grid.bounds
    middle = np.clip([(south + north) / 2.0], -_LARGEST_LAT, _LARGEST_LAT)
    return float(grid.cell / conformal_scale(middle)[0] * 0.06 / walk_kph)


def _padded_centres(grid: Grid) -> tuple[FloatArray, FloatArray]:
    """Return the centres of columns (lon) and rows (lat) with one more on each side [degrees]."""
    x = grid.west + (np.arange(-1, grid.columns + 1) + 0.5) * grid.cell
    y = grid.north - (np.arange(-1, grid.rows + 1) + 0.5) * grid.cell
    lat: FloatArray = np.degrees(np.arctan(np.sinh(y / WGS84_A_M)))
    return np.degrees(x / WGS84_A_M), lat


def _trace(lon: FloatArray, lat: FloatArray, height: FloatArray) -> list[shapely.Polygon]:
    """Return the polygons in which the height is at most zero."""
    generator = contourpy.contour_generator(lon, lat, height, name="serial", fill_type=contourpy.FillType.OuterOffset)
    drawn: Any = generator.filled(-np.inf, 0.0)
    polygons = []
    for points, offsets in zip(*drawn, strict=True):
        rings = [points[begin:end] for begin, end in pairwise(offsets)]
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return polygons


def _to_area(shape: BaseGeometry | list[shapely.Polygon]) -> shapely.MultiPolygon:
    """Return the polygons of a shape as one valid area; points and lines fall away."""
    if isinstance(shape, list):
        shape = shapely.MultiPolygon(shape)
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = shapely.get_parts(shapely.get_parts(np.array([shape], object)))
    return shapely.MultiPolygon([part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0.0])


def split_bands(areas: Sequence[shapely.MultiPolygon]) -> list[shapely.MultiPolygon]:
    """Turn areas that hold one another into bands that share only their outlines."""
    bands = list(areas[:1])
    bands += [_to_area(shapely.difference(outer, inner)) for inner, outer in pairwise(areas)]
    return bands


def measure_area_km2(shape: BaseGeometry) -> float:
    """Measure the area of a shape in WGS-84 on the ellipsoid [km²], by the equal-area cylindrical map."""
    return float(shapely.area(shapely.transform(shape, _to_equal_area))) / 1e6


def _to_equal_area(degrees: FloatArray) -> FloatArray:
    e = WGS84_E2**0.5
    sine = np.sin(np.radians(degrees[:, 1]))
    y = WGS84_A_M * (1.0 - WGS84_E2) / 2.0 * (sine / (1.0 - WGS84_E2 * sine**2) + np.arctanh(e * sine) / e)
    return np.column_stack((WGS84_A_M * np.radians(degrees[:, 0]), y))


def find_service_areas(
    basis: TravelBasis,
    field: FieldPlaces,
    choice: StationChoice,
    *,
    cutoffs_min: Sequence[float] | None = None,
    as_bands: bool = True,
    wanted: BoolArray | None = None,
) -> gpd.GeoDataFrame:
    """Find the areas from which one of the chosen stations is reached in time, all stations together.

    Parameters
    ----------
    basis
        The study joined to its roads.
    field
        As `join_area_grid` returns.
    choice
        Which stations count.
    cutoffs_min
        Ascending limits [min]; None takes the study's.
    as_bands
        True: bands that share only outlines (0–10, 10–15, …); False: areas that hold one another.
    wanted
        A further mask of stations, e.g. those that are open at a moment, shape (s,).

    Returns
    -------
    One row per cutoff, ascending, `AREA_COLUMNS` in WGS-84; `station_id` is "" (all together).
    Empty areas are kept as rows, so that a legend is complete.
    """
    study = basis.study
    cutoffs = study.settings.cutoffs_min if cutoffs_min is None else tuple(cutoffs_min)
    mask = select_stations(study.stations, study.catalogue, choice)
    chosen = np.flatnonzero(mask if wanted is None else mask & wanted).astype(np.int32)
    minutes, _ = compute_time_field(basis, field, chosen)
    areas = contour_areas(field.grid, minutes, cutoffs, walk_kph=study.settings.snap.access_kph)
    return _tabulate([_rows("", cutoffs, areas, as_bands)])


def find_station_areas(
    basis: TravelBasis,
    field: FieldPlaces,
    station_ids: Sequence[str],
    *,
    cutoffs_min: Sequence[float],
    as_bands: bool = True,
    progress: Progress = ignore_progress,
) -> gpd.GeoDataFrame:
    """Find the areas from which each of some stations is reached in time, whatever others are near.

    Parameters
    ----------
    basis, field, cutoffs_min, as_bands
        As for `find_service_areas`.
    station_ids
        The stations, of any status.
    progress
        Told the share of stations done.

    Returns
    -------
    One row per station, in the order given, and cutoff; areas of different stations overlap.

    Raises
    ------
    InputError
        ``areas.station_unknown`` if the study has no such station.

    Notes
    -----
    One search per station, bounded by the largest cutoff; the grid's times of sixteen stations are
    held together.
    """
    study = basis.study
    cutoffs = tuple(cutoffs_min)
    numbers = study.stations.index.get_indexer(pd.Index(list(station_ids), dtype=object))
    if (numbers < 0).any():
        raise InputError("areas.station_unknown", value=str(station_ids[int(np.argmin(numbers))]))
    rows = []
    walk_kph = study.settings.snap.access_kph
    # One cell beyond the largest cutoff, so that outlines lie where those of all stations together lie.
    limit = cutoffs[-1] + find_step_min(field.grid, walk_kph)
    for done, (position, minutes) in enumerate(_each_field(basis, field, numbers.astype(np.int32), limit)):
        areas = contour_areas(field.grid, minutes, cutoffs, walk_kph=walk_kph)
        rows.append(_rows(str(station_ids[position]), cutoffs, areas, as_bands))
        report_progress(progress, (done + 1) / len(numbers), "areas")
    return _tabulate(rows)


def _each_field(
    basis: TravelBasis, field: FieldPlaces, stations: IntArray, limit_min: float
) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """Yield (position in `stations`, minutes on the grid) station by station, in their order."""
    shape = (field.grid.rows, field.grid.columns)
    for begin in range(0, len(stations), _AT_A_TIME):
        wanted, place_of = np.unique(stations[begin : begin + _AT_A_TIME], return_inverse=True)
        places = basis.stations.subset(wanted.astype(np.intp))
        fields = np.full((len(wanted), shape[0] * shape[1]), np.inf, np.float32)
        for block in compute_reach(basis.timed, field.places, places, limit_min=limit_min):
            pairs = block.find_pairs()
            cell = np.repeat(np.arange(field.places.count), np.diff(pairs.ptr))
            fields[pairs.station, cell] = pairs.minutes
        for offset, place in enumerate(place_of.tolist()):
            yield begin + offset, fields[place].reshape(shape)


def _rows(
    station_id: str, cutoffs: Sequence[float], areas: list[shapely.MultiPolygon], as_bands: bool
) -> list[tuple[str, float, float, float, shapely.MultiPolygon]]:
    shapes = split_bands(areas) if as_bands else areas
    lower = [0.0, *cutoffs[:-1]] if as_bands else [0.0] * len(cutoffs)
    return [
        (station_id, float(low), float(high), measure_area_km2(shape), shape)
        for low, high, shape in zip(lower, cutoffs, shapes, strict=True)
    ]


def _tabulate(rows: list[list[tuple[str, float, float, float, shapely.MultiPolygon]]]) -> gpd.GeoDataFrame:
    flat = [row for part in rows for row in part]
    table = pd.DataFrame(flat, columns=list(AREA_COLUMNS)).astype({"station_id": str})
    return gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:4326")
