"""Lines as short lists of whole numbers: 1e-5 degrees (about a metre), each vertex as a step from the last."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

UNIT_DEG = 1e-5


def take_rings(shapes: BaseGeometry | npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return every ring of polygons and of the parts of multi-polygons, holes included."""
    return np.asarray(shapely.get_rings(shapely.get_parts(shapes)), dtype=object)


def encode_lines(lines: npt.NDArray[np.object_]) -> list[list[int]]:
    """Encode lines as ``[lon, lat, step_lon, step_lat, …]`` in units of `UNIT_DEG`.

    Parameters
    ----------
    lines
        Lines or rings in WGS-84; empty ones are left out.
    """
    answer = []
    for line in lines:
        whole = np.rint(shapely.get_coordinates(line) / UNIT_DEG).astype(np.int64)
        if len(whole) < 2:
            continue
        steps = np.vstack((whole[:1], np.diff(whole, axis=0)))
        keep = np.ones(len(steps), bool)
        keep[1:] = (steps[1:] != 0).any(axis=1)
        answer.append(steps[keep].ravel().tolist())
    return answer
