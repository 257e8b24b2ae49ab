"""Reads people: demand points from a table, and the choice between table, raster and polygons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from coverage.inputs.schema import WEIGHT_COLUMNS, ZONES, LoadedTable, check_demand
from coverage.progress import Progress, ignore_progress
from geodata.files.reading_border import reads_file
from geodata.intake.cells.datum import Datum
from geodata.intake.cells.read_table import RawTable, read_table
from geodata.intake.cells.row_checks import RowChecker
from geodata.intake.cells.vector_files import sniff_format
from geodata.intake.read_population_polygons import DEFAULT_CELL_M, MOST_PEOPLE, find_people, read_population_polygons
from geodata.jobs.worker import one_worker

ZONE_WORDS = {zone: zone for zone in ZONES} | {"城镇": "urban", "城市": "urban", "农村": "rural", "牧区": "pastoral"}


@reads_file
@one_worker()
def read_population(
    path: str | Path,
    *,
    area: BaseGeometry | None = None,
    cell_m: float = DEFAULT_CELL_M,
    datum: Datum | None = "wgs84",
    assumed_crs: str | None = None,
    progress: Progress = ignore_progress,
) -> LoadedTable:
    """Read demand points from whatever the file holds: a GeoTIFF, polygons with totals, or points.

    Of a table or layer of points these columns are used: ``demand_id`` or ``id``, ``lon``, ``lat`` (or a geometry),
    ``population``, and where present the other weights and ``zone``, under their English or Chinese names. Other
    columns are named in a note. Rows without a position, or with a weight that is missing, negative or no number,
    are left out; zero people stay.

    Parameters
    ----------
    path
        The file; its content decides.
    area
        Study area in WGS-84: people of a raster outside it are left out and counted; for points it tells
        swapped coordinates.
    cell_m
        Size of the cells people are gathered in, for rasters and polygons [m].
    datum
        What the positions of a table or of points refer to; they are turned into WGS-84. None if the user has not said.
    assumed_crs
        Coordinate system of a raster or layer that declares none.
    progress
        Called with the share done.

    Returns
    -------
    A table after ``coverage.inputs.schema.DEMAND_COLUMNS`` (district_id empty, zone empty unless given),
    indexed by demand id, and its account.

    Raises
    ------
    InputError
        ``people.no_column``, ``table.no_position``, ``table.all_rejected``, or anything the readers of
        tables, rasters and polygons raise.
    """
    if sniff_format(path) == "geotiff":
        # Only here, because the raster library takes a while to load.
        from geodata.intake.read_population_raster import read_population_raster

        return read_population_raster(path, area=area, cell_m=cell_m, assumed_crs=assumed_crs, progress=progress)
    raw = read_table(path, assumed_crs=assumed_crs)
    if raw.geometry is not None and raw.geometry.geom_type.isin(("Polygon", "MultiPolygon")).any():
        return read_population_polygons(path, cell_m=cell_m, assumed_crs=assumed_crs, progress=progress)
    return _build_demand(raw, area, datum)


def _build_demand(raw: RawTable, area: BaseGeometry | None, datum: Datum | None) -> LoadedTable:
    checker = RowChecker(raw)
    population = find_people(checker)
    others = {name: checker.find_column(name) for name in WEIGHT_COLUMNS if name != "population"}
    lon, lat = checker.read_positions(area, datum)
    ids = checker.read_ids("demand.id_twice")
    people = _read_weight(checker, population)
    weights = {name: _read_weight(checker, column) for name, column in others.items() if column is not None}
    table = pd.DataFrame(
        {
            "lon": lon,
            "lat": lat,
            "population": people,
            "district_id": "",
            "zone": _read_zones(checker),
            **weights,
        }
    )
    checker.remark((table["population"] == 0.0).to_numpy(), "demand.population_zero", "note", population)
    keep = checker.accepted
    table = table[keep].set_axis(pd.Index(ids[keep], dtype=str, name="demand_id"))
    loaded = checker.build(table)
    check_demand(table)
    return loaded


def _read_weight(checker: RowChecker, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    numbers = checker.read_numbers(column, "demand.weight")
    checker.reject(np.isnan(numbers), "demand.weight_missing", column)
    checker.reject(numbers < 0.0, "demand.weight_negative", column)
    checker.reject(numbers > MOST_PEOPLE, "demand.weight_impossible", column)
    return numbers


def _read_zones(checker: RowChecker) -> pd.Series:
    column = checker.find_column("zone")
    if column is None:
        return pd.Series("", index=checker.raw.table.index, dtype=str)
    cells = checker.raw.table[column]
    zones = cells.str.casefold().map(ZONE_WORDS)
    unknown = (zones.isna() & (cells != "")).to_numpy(dtype=bool)
    checker.remark(unknown, "demand.zone_unknown", "warning", column, known=", ".join(ZONES))
    return zones.astype(object).where(zones.notna(), "").astype(str)
