"""Reads people from a population raster, strip by strip, and gathers its cells into demand points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import rasterio
import shapely
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.features import geometry_mask
from rasterio.transform import Affine
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from coverage.errors import DataIssue, InputError
from coverage.inputs.schema import LoadedTable, check_demand
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.units import compute_lengths_m
from geodata.files.crs import WGS84, choose_crs, is_cgcs2000
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file
from geodata.intake.cells.row_checks import REJECTED_COLUMNS
from geodata.intake.read_population_polygons import DEFAULT_CELL_M
from geodata.jobs.tasks import Answer, Request, decode_issues, encode_issues
from geodata.jobs.worker import run_task

MAX_RASTER_MB = 20_000.0
MOST_PEOPLE = 1e7  # in one pixel; more is a missing value that is not declared

_MAX_PIXELS = 2e10
_MAX_BLOCK_PIXELS = 64_000_000  # a block is unpacked at once

_STRIP_PIXELS = 16_000_000  # read at a time; a strip with its working arrays stays under about 300 MB
_CACHE_MB = 128

FloatColumn = npt.NDArray[np.float64]


@dataclass(slots=True)
class _Account:
    """People and pixels met so far."""

    pixels: int = 0
    negative: int = 0
    impossible: int = 0
    outside_pixels: int = 0
    outside_people: float = 0.0


@reads_file
def read_population_raster(
    path: str | Path,
    *,
    area: BaseGeometry | None = None,
    cell_m: float = DEFAULT_CELL_M,
    assumed_crs: str | None = None,
    progress: Progress = ignore_progress,
) -> LoadedTable:
    """Read people from a GeoTIFF and gather its pixels into cells of about `cell_m` on the ground.

    Each cell with people becomes one demand point at the centre of its people, weighted; nobody is
    lost or invented. The raster may have any coordinate system, may be rotated or stand on its head.
    Pixels without data, not finite or negative hold nobody; negative ones that are not declared as
    no data are counted in a finding.

    Parameters
    ----------
    path
        GeoTIFF; the first band holds people per pixel.
    area
        Polygon in WGS-84: pixels whose centre lies outside are left out, and their people counted in
        a finding. None takes the whole raster.
    cell_m
        Size of the cells [m]; rounded to whole pixels, at least one.
    assumed_crs
        Coordinate system of a raster that declares none.
    progress
        Called with the share done after each strip.

    Returns
    -------
    A table after ``coverage.inputs.schema.DEMAND_COLUMNS``, indexed by ids ``r<row>c<column>`` of the cells,
    which depend on the raster and `cell_m` only. `rows_in` counts pixels with people (inside the area).

    Raises
    ------
    InputError
        ``file.not_a_raster``, ``crs.missing``, ``crs.not_supported``, ``raster.type_unknown``,
        ``raster.too_large`` or ``raster.no_people``.
    """
    file = check_input_file(path, max_mb=MAX_RASTER_MB)
    if not np.isfinite(cell_m) or cell_m <= 0.0:
        raise InputError("raster.cell_invalid", value=float(cell_m))
    request = {
        "area": None if area is None else shapely.to_wkb(area, hex=True),
        "cell_m": cell_m,
        "assumed_crs": assumed_crs,
    }
    answer = run_task("raster", file, request, source=Path(path).name, progress=progress)
    points = pd.DataFrame(
        {**answer.arrays, "district_id": "", "zone": ""},
        index=pd.Index(answer.head["ids"], dtype=str, name="demand_id"),
    )
    check_demand(points)
    pixels = answer.head["pixels"]
    rejected = pd.DataFrame(columns=list(REJECTED_COLUMNS))
    return LoadedTable(points, rejected, pixels, pixels, decode_issues(answer.head["issues"]))


def read_in_process(request: Request, progress: Progress) -> Answer:
    """Do what `read_population_raster` promises with ``file``, ``area`` (well-known binary), and the rest."""
    file, source, cell_m = Path(request["file"]), request["source"], request["cell_m"]
    area = None if request["area"] is None else shapely.from_wkb(request["area"])
    account = _Account()
    try:
        with rasterio.Env(GDAL_CACHEMAX=_CACHE_MB), rasterio.open(file, driver="GTiff") as raster:
            _check_size(raster, source)
            crs = _read_crs(raster, source, request["assumed_crs"])
            is_assumed = raster.crs is None
            step_x, step_y = _count_pixels_per_cell(raster, crs, area, cell_m)
            local = None if area is None else _project_area(area, crs)
            strips = []
            height = _choose_strip_height(raster, step_y)
            for top in range(0, raster.height, height):
                report_progress(progress, top / raster.height, "population")
                window = Window(0, top, raster.width, min(height, raster.height - top))
                strips.append(_gather_strip(raster, window, local, step_x, step_y, account))
            points = _locate(_join_strips(strips), raster.transform, crs)
    except RasterioError as error:
        raise InputError("file.not_a_raster", file=source, detail=str(error)[:200]) from error
    report_progress(progress, 1.0, "population")
    if points.empty:
        raise InputError("raster.no_people", file=source, outside=round(account.outside_people))
    assumed = [DataIssue("crs.assumed", "warning", source, value=str(crs.name)[:100])] if is_assumed else []
    head = {
        "ids": points.index.tolist(),
        "pixels": account.pixels,
        "issues": encode_issues([*assumed, *_list_issues(account, points, source, cell_m)]),
    }
    return Answer(head, {name: points[name].to_numpy(float) for name in ("lon", "lat", "population")})


def _check_size(raster: Any, source: str) -> None:
    rows, columns = raster.block_shapes[0]
    if raster.width * raster.height > _MAX_PIXELS or rows * columns > _MAX_BLOCK_PIXELS:
        raise InputError("raster.too_large", file=source, pixels=raster.width * raster.height)


def _read_crs(raster: Any, source: str, assumed: str | None) -> pyproj.CRS:
    given = choose_crs(tuple(raster.bounds), source, assumed) if raster.crs is None else None
    if np.dtype(raster.dtypes[0]).kind not in "iuf":
        raise InputError("raster.type_unknown", file=source, value=str(raster.dtypes[0]))
    try:
        crs = pyproj.CRS.from_wkt(raster.crs.to_wkt()) if given is None else given
        _to_degrees(crs, np.zeros(1), np.zeros(1))
    except pyproj.exceptions.ProjError as error:
        raise InputError("crs.not_supported", file=source, value=str(raster.crs)[:100]) from error
    return crs


def _to_degrees(crs: pyproj.CRS, x: FloatColumn, y: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
    if crs == WGS84:
        return x, y
    target = crs.geodetic_crs if is_cgcs2000(crs) else WGS84
    lon, lat = pyproj.Transformer.from_crs(crs, target, always_xy=True).transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _project_area(area: BaseGeometry, crs: pyproj.CRS) -> BaseGeometry:
    shape: BaseGeometry = gpd.GeoSeries([area], crs=WGS84).to_crs(crs).iloc[0]
    return shape


def _count_pixels_per_cell(raster: Any, crs: pyproj.CRS, area: BaseGeometry | None, cell_m: float) -> tuple[int, int]:
    """Return how many pixels across and down make a cell, from a pixel's size on the ground in the middle."""
    column, row = raster.width / 2.0, raster.height / 2.0
    if area is not None and not area.is_empty:
        middle = _project_area(area.envelope.centroid, crs)
        place = np.array([shapely.get_x(middle)]), np.array([shapely.get_y(middle)])
        inside_column, inside_row = (float(value[0]) for value in _apply(~raster.transform, *place))
        if 0 <= inside_column <= raster.width and 0 <= inside_row <= raster.height:
            column, row = inside_column, inside_row
    x, y = _apply(raster.transform, np.array([column, column + 1, column]), np.array([row, row, row + 1]))
    lon, lat = _to_degrees(crs, x, y)
    sizes = compute_lengths_m(lon[[0, 0]], lat[[0, 0]], lon[1:], lat[1:])
    across, down = (int(max(1, round(cell_m / size))) if np.isfinite(size) and size > 0 else 1 for size in sizes)
    return across, down


def _apply(transform: Any, columns: FloatColumn, rows: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
    x = transform.a * columns + transform.b * rows + transform.c
    y = transform.d * columns + transform.e * rows + transform.f
    return x, y


def _choose_strip_height(raster: Any, step_y: int) -> int:
    """Return the rows of a strip: as many whole blocks as the budget allows, and whole cells if they fit."""
    budget: int = max(1, _STRIP_PIXELS // int(raster.width))
    block = max(1, int(raster.block_shapes[0][0]))
    rows = max(budget // block * block, min(block, budget), 1)
    return rows if rows < step_y else rows // step_y * step_y


def _read_people(raster: Any, window: Window, account: _Account) -> npt.NDArray[Any]:
    """Read one strip; pixels without a usable number are 0, negative ones stay below; both are counted."""
    people: npt.NDArray[Any] = raster.read(1, window=window)
    nodata = raster.nodatavals[0]
    if {MaskFlags.per_dataset, MaskFlags.alpha} & set(raster.mask_flag_enums[0]):
        people[raster.read_masks(1, window=window) == 0] = 0
    elif nodata is not None and np.isfinite(nodata):
        people[people == nodata] = 0
    if people.dtype.kind == "f":
        people[~np.isfinite(people)] = 0
    elif nodata is None or people.dtype.itemsize > 1:
        # The largest number of a type stands for no data where that is not declared; a byte may well hold 255 people.
        largest = people == np.iinfo(people.dtype).max
        account.impossible += int(np.count_nonzero(largest))
        people[largest] = 0
    if raster.scales[0] != 1.0 or raster.offsets[0] != 0.0:
        people = np.where(people == 0, 0.0, people * raster.scales[0] + raster.offsets[0])
    impossible = people > MOST_PEOPLE
    if impossible.any():
        account.impossible += int(np.count_nonzero(impossible))
        people[impossible] = 0
    if people.dtype.kind != "u":
        account.negative += int(np.count_nonzero(people < 0))
    return people


def _gather_strip(
    raster: Any, window: Window, area: BaseGeometry | None, step_x: int, step_y: int, account: _Account
) -> pd.DataFrame:
    """Sum the people of one strip by cell, and people times row and column, which give their centre."""
    people = _read_people(raster, window, account)
    rows, columns = np.nonzero(people > 0.0)
    values = people[rows, columns].astype(np.float64)
    if area is not None and len(values):
        t, top = raster.transform, window.row_off
        here = Affine(t.a, t.b, t.c + t.b * top, t.d, t.e, t.f + t.e * top)
        outside = geometry_mask([area], people.shape, here)[rows, columns]
        account.outside_pixels += int(outside.sum())
        account.outside_people += float(values[outside].sum())
        rows, columns, values = rows[~outside], columns[~outside], values[~outside]
    account.pixels += len(values)
    rows = rows + int(window.row_off)
    across = -(-raster.width // step_x)
    cells, place = np.unique((rows // step_y) * across + columns // step_x, return_inverse=True)
    return pd.DataFrame(
        {
            "cell_row": cells // across,
            "cell_column": cells % across,
            "population": np.bincount(place, weights=values, minlength=len(cells)),
            "row": np.bincount(place, weights=values * (rows + 0.5), minlength=len(cells)),
            "column": np.bincount(place, weights=values * (columns + 0.5), minlength=len(cells)),
        }
    )


def _join_strips(strips: list[pd.DataFrame]) -> pd.DataFrame:
    """Add up cells that lie in several strips, and turn moments into the centre of the people [pixels]."""
    cells = pd.concat(strips).groupby(["cell_row", "cell_column"], sort=True, as_index=False).sum()
    cells["row"] /= cells["population"]
    cells["column"] /= cells["population"]
    return cells


def _locate(cells: pd.DataFrame, transform: Any, crs: pyproj.CRS) -> pd.DataFrame:
    x, y = _apply(transform, cells["column"].to_numpy(), cells["row"].to_numpy())
    lon, lat = _to_degrees(crs, x, y)
    ids = "r" + cells["cell_row"].astype(str) + "c" + cells["cell_column"].astype(str)
    return pd.DataFrame({"lon": lon, "lat": lat, "population": cells["population"].to_numpy()}, index=pd.Index(ids))


def _list_issues(account: _Account, points: pd.DataFrame, source: str, cell_m: float) -> tuple[DataIssue, ...]:
    issues = [
        DataIssue(
            "raster.gathered",
            "note",
            source,
            len(points),
            facts=(
                ("pixels", account.pixels),
                ("people", round(float(points["population"].sum()))),
                ("cell_m", cell_m),
            ),
        )
    ]
    if account.negative:
        issues.append(DataIssue("raster.negative", "warning", source, account.negative))
    if account.impossible:
        issues.append(DataIssue("raster.impossible", "warning", source, account.impossible))
    if account.outside_pixels:
        facts = (("people", round(account.outside_people)),)
        issues.append(DataIssue("raster.outside_area", "note", source, account.outside_pixels, facts=facts))
    return tuple(issues)
