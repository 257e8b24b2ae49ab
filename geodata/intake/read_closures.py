"""Reads closed roads: drawn points, lines and areas, or a list of positions."""

from __future__ import annotations

from pathlib import Path

import shapely

from coverage.errors import DataIssue
from coverage.network.closures import Closure
from geodata.files.reading_border import reads_file
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import RowChecker

_DECIMALS = 6


@reads_file
def read_closures(path: Path) -> tuple[tuple[Closure, ...], tuple[DataIssue, ...]]:
    """Read closed roads from a table (``lon, lat``, optional ``name``), GeoJSON, GeoPackage, Shapefile or KML.

    A point closes the nearest road between its junctions, a line every road it crosses, an area every
    road in it; holes of areas are not kept.

    Raises
    ------
    InputError
        As the readers of tables and layers do.
    """
    raw = read_table(path)
    checker = RowChecker(raw)
    lon, lat = checker.read_positions()
    column = checker.find_column("name", "road")
    names = [""] * len(lon) if column is None else raw.table[column].tolist()
    checker.build(raw.table[checker.accepted])
    closures: list[Closure] = []
    for row in checker.accepted.nonzero()[0].tolist():
        if raw.geometry is None:
            closures.append(Closure(names[row], ((float(lon[row]), float(lat[row])),)))
            continue
        closures += [
            Closure(names[row], tuple((round(float(x), _DECIMALS), round(float(y), _DECIMALS)) for x, y, *_ in part))
            for part in _list_parts(raw.geometry.iloc[row])
        ]
    return tuple(closures), tuple(checker.issues)


def _list_parts(shape: shapely.Geometry) -> list[list[tuple[float, ...]]]:
    parts = []
    for part in shapely.get_parts(shape):
        line = part.exterior if isinstance(part, shapely.Polygon) else part
        parts.append(list(line.coords))
    return parts
