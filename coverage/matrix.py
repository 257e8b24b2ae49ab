"""Travel times between two lists of places on one network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coverage.network import FloatArray
from coverage.progress import Progress, ignore_progress
from coverage.reach import compute_reach
from coverage.settings import SnapSettings
from coverage.snapping import SnapIndex, snap_points
from coverage.travel_time import TimedNetwork, place_points


def compute_matrix(
    timed: TimedNetwork,
    index: SnapIndex,
    settings: SnapSettings,
    origins: tuple[FloatArray, FloatArray],
    destinations: tuple[FloatArray, FloatArray],
    *,
    progress: Progress = ignore_progress,
) -> npt.NDArray[np.float32]:
    """Compute door-to-door minutes from every origin to every destination.

    Parameters
    ----------
    timed
        A network priced for the direction ``"to"``.
    index, settings
        Snap index of the same network, and the settings it was built with.
    origins, destinations
        (lon, lat) of the places, shapes (m,) and (n,) [degrees].
    progress
        Told the share of destinations done.

    Returns
    -------
    Minutes, shape (m, n); inf where there is no way or no road near a place.

    Notes
    -----
    One search per destination.
    """
    start = place_points(timed, snap_points(index, *origins), settings)
    end = place_points(timed, snap_points(index, *destinations), settings)
    minutes = np.full((start.count, end.count), np.inf, np.float32)
    for block in compute_reach(timed, start, end, memory_budget_mb=500.0, progress=progress):
        pairs = block.find_pairs()
        minutes[np.repeat(np.arange(start.count), np.diff(pairs.ptr)), pairs.station] = pairs.minutes
    return minutes
