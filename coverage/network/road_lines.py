"""The lines of roads as shapes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from coverage.network.model import IntArray, RoadNetwork
from coverage.network.ragged_rows import list_ranges
from coverage.units import to_conformal


def build_lines(network: RoadNetwork, roads: IntArray) -> npt.NDArray[np.object_]:
    """Build the lines of some roads in the conformal projection, shape (len(roads),)."""
    if len(roads) == 0:
        return np.zeros(0, object)
    count = np.diff(network.vertex_ptr)[roads]
    slot = list_ranges(network.vertex_ptr[roads], count)
    x, y = to_conformal(network.vertex_lon[slot], network.vertex_lat[slot])
    lines = shapely.linestrings(np.column_stack((x, y)), indices=np.repeat(np.arange(len(roads)), count))
    return np.asarray(lines, object)
