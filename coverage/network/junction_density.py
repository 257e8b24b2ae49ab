"""How dense junctions lie around a place, by which a speed table tells town from country."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coverage.network.model import FloatArray

_ROWS_PER_DEGREE = 111.2  # rows about 1 km high
_ROW_STRIDE = np.int64(1) << 20


def compute_junction_density(
    junction_lon: FloatArray, junction_lat: FloatArray, lon: FloatArray, lat: FloatArray
) -> npt.NDArray[np.float32]:
    """Compute junctions per km² in the 3 × 3 cells of about 1 km around places.

    The grid is fixed on the globe (rows of equal latitude, in each row cells as wide as they are
    high), so that a place gets the same answer however large the file around it is.

    Parameters
    ----------
    junction_lon, junction_lat
        Junctions, shape (j,) [degrees].
    lon, lat
        Places, shape (p,) [degrees].

    Returns
    -------
    Shape (p,) [1/km²].
    """
    row = _find_row(junction_lat)
    cells, count = np.unique(row * _ROW_STRIDE + _find_column(junction_lon, row), return_counts=True)
    total = np.zeros(len(lon))
    if len(cells) == 0:
        return total.astype(np.float32)
    middle = _find_row(lat)
    for d_row in (-1, 0, 1):
        row = middle + d_row
        # Columns of neighbouring rows are not quite above each other.
        column = _find_column(lon, row)
        for d_column in (-1, 0, 1):
            wanted = row * _ROW_STRIDE + column + d_column
            found = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
            total += np.where(cells[found] == wanted, count[found], 0)
    return (total / 9.0).astype(np.float32)


def _find_row(lat: FloatArray) -> npt.NDArray[np.int64]:
    return np.floor(lat * _ROWS_PER_DEGREE).astype(np.int64)


def _find_column(lon: FloatArray, row: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    parallel = np.cos(np.radians((row + 0.5) / _ROWS_PER_DEGREE))
    column: npt.NDArray[np.int64] = np.floor(lon * _ROWS_PER_DEGREE * parallel).astype(np.int64)
    return column
