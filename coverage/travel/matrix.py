"""Travel times between two lists of places on one network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.network.model import FloatArray
from coverage.network.settings import SnapSettings
from coverage.network.small_nets import label_nets
from coverage.progress import Progress, ignore_progress
from coverage.travel.near_roads import FARTHEST_LINK_M
from coverage.travel.reach import compute_reach
from coverage.travel.snapping import SnapIndex, snap_points
from coverage.travel.travel_time import TimedNetwork, place_points


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


# Why a pair has no time: a place beyond the snap limit, roads that nothing joins, no way over roads that are joined.
PAIR_REASONS: tuple[str, ...] = ("", "origin_far", "destination_far", "both_far", "other_net", "no_way")


@dataclass(frozen=True, slots=True, eq=False)
class EmptyPairs:
    """Why pairs of a matrix have no time.

    Parameters
    ----------
    reason
        Index into `PAIR_REASONS`, 0 where there is a time, shape (m, n).
    origin_road_m, destination_road_m
        Straight distance of each place to the nearest road that is used, also beyond the snap limit, shapes (m,) and
        (n,) [m]; inf where none lies within 100 km.
    """

    reason: npt.NDArray[np.int8]
    origin_road_m: FloatArray
    destination_road_m: FloatArray


def find_empty_pairs(
    index: SnapIndex,
    minutes: npt.NDArray[np.float32],
    origins: tuple[FloatArray, FloatArray],
    destinations: tuple[FloatArray, FloatArray],
) -> EmptyPairs:
    """Find why pairs of `compute_matrix` have no time; the arguments are those it was given and its answer."""
    start, end = snap_points(index, *origins), snap_points(index, *destinations)
    _, net = label_nets(index.network)
    other_net = net[start.road][:, None] != net[end.road][None, :]
    origin_far, destination_far = (start.road < 0)[:, None], (end.road < 0)[None, :]
    reason = np.where(other_net, 4, 5)
    reason = np.where(origin_far | destination_far, origin_far * 1 + destination_far * 2, reason)
    reason = np.where(np.isfinite(minutes), 0, reason).astype(np.int8)
    distances = [
        np.where(near.road >= 0, near.access_m, snap_points(index, *places, limit_m=FARTHEST_LINK_M).access_m)
        for near, places in ((start, origins), (end, destinations))
    ]
    return EmptyPairs(reason, *distances)
