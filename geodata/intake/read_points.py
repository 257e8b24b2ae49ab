"""Reads a list of places ``id, lon, lat`` for travel times between them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coverage.errors import InputError
from coverage.inputs.schema import LoadedTable
from geodata.files.reading_border import reads_file
from geodata.intake.cells.read_table import read_table
from geodata.intake.cells.row_checks import RowChecker


@reads_file
def read_points(path: Path) -> LoadedTable:
    """Read places from a table or point layer.

    Parameters
    ----------
    path
        CSV or point layer with ``id`` and ``lon``, ``lat`` or a geometry.

    Returns
    -------
    Table indexed by id with ``lon`` and ``lat`` [degrees]. Rows without a usable position, and
    repeated ids, are rejected.

    Raises
    ------
    InputError
        If the file has no column of ids, or no row can be used.
    """
    checker = RowChecker(read_table(path))
    column = checker.find_column("id")
    if column is None:
        raise InputError("table.columns_missing", table=checker.raw.source, columns="id")
    lon, lat = checker.read_positions()
    ids = checker.raw.table[column].astype(str)
    checker.reject_repeats(ids, column, "points.id_twice")
    points = pd.DataFrame({"lon": lon, "lat": lat}).set_axis(pd.Index(ids, dtype=str, name="id"))
    return checker.build(points[checker.accepted])
