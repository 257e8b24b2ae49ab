"""Closed roads: drawn or listed places where nobody can pass, and the roads they close."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from coverage.errors import DataIssue, InputError
from coverage.network.model import BoolArray, FloatArray, RoadNetwork
from coverage.network.road_lines import build_lines
from coverage.units import conformal_scale, to_conformal

# A point closes the nearest road; farther than this it is taken to mean none [m].
NEAREST_ROAD_M = 200.0
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Closure:
    """A place where roads are closed.

    Parameters
    ----------
    name
        What it is called in lists; may be empty.
    coordinates
        lon, lat pairs [degrees, WGS-84]. One: the nearest road is closed between its junctions. Several: a
        line that closes every road it crosses; if it ends where it begins, an area that closes every
        road in it.

    Raises
    ------
    InputError
        ``closure.invalid`` if there is no place, or one that is not on the map.
    """

    name: str
    coordinates: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        places = np.array(self.coordinates, float).reshape(-1, 2)
        on_map = np.isfinite(places).all() and (np.abs(places) <= (180.0, 85.0)).all()
        if not len(places) or not on_map:
            raise InputError("closure.invalid", name=self.name[:100])

    @property
    def is_area(self) -> bool:
        """Tell whether the line ends where it begins."""
        return len(self.coordinates) > 3 and self.coordinates[0] == self.coordinates[-1]


def find_closed_roads(network: RoadNetwork, closures: tuple[Closure, ...]) -> tuple[BoolArray, tuple[int, ...]]:
    """Find the roads that closures close.

    Parameters
    ----------
    network
        The network.
    closures
        What is closed.

    Returns
    -------
    Mask of roads, shape (r,), and how many roads each closure closes: 0 tells that it lies on none.

    Notes
    -----
    A road is a stretch between two junctions. It is closed both ways; people who live on it can still
    be joined to it and then have no way out. O(r) to build the lines, then one look-up per closure.
    """
    closed = np.zeros(network.road_count, bool)
    if not closures or network.road_count == 0:
        return closed, (0,) * len(closures)
    tree = shapely.STRtree(build_lines(network, np.arange(network.road_count, dtype=np.int32)))
    counts = []
    for closure in closures:
        roads = _find_roads(tree, closure)
        closed[roads] = True
        counts.append(len(roads))
    return closed, tuple(counts)


def name_idle_closures(network: RoadNetwork | None, closures: tuple[Closure, ...]) -> tuple[DataIssue, ...]:
    """Name the closed places that lie on no road and so close none: a wrong position, or another county."""
    if network is None or not closures:
        return ()
    counts = find_closed_roads(network, closures)[1]
    idle = [one for one, count in zip(closures, counts, strict=True) if count == 0]
    if not idle:
        return ()
    names = [one.name or f"{one.coordinates[0][0]:g}, {one.coordinates[0][1]:g}" for one in idle[:_MOST_NAMED]]
    facts = (("metres", NEAREST_ROAD_M),)
    value = "; ".join(names)[:200]
    return (DataIssue("closures.on_no_road", "warning", "closures", len(idle), value=value, facts=facts),)


def _find_roads(tree: shapely.STRtree, closure: Closure) -> npt.NDArray[np.int64]:
    lon, lat = np.array(closure.coordinates, float).T
    x, y = to_conformal(lon, lat)
    if len(x) == 1:
        point = shapely.Point(x[0], y[0])
        reach = NEAREST_ROAD_M * float(conformal_scale(lat)[0])
        # Both directions of a dual carriageway lie beside each other, but only the nearest is meant.
        found = tree.query_nearest(point, max_distance=reach, all_matches=False)
        return np.asarray(found, np.int64).reshape(-1)
    line = np.column_stack((x, y))
    shape = shapely.make_valid(shapely.Polygon(line)) if closure.is_area else shapely.LineString(line)
    return np.asarray(tree.query(shape, predicate="intersects"), np.int64)


def find_speed_factors(network: RoadNetwork, slowed: tuple[tuple[Closure, float], ...]) -> FloatArray | None:
    """Find the share of its speed at which each road is driven, shape (r,); None if none is slowed.

    A road that lies in several places is slowed by each of them.
    """
    if not slowed:
        return None
    factor = np.ones(network.road_count)
    tree = shapely.STRtree(build_lines(network, np.arange(network.road_count, dtype=np.int32)))
    for place, share in slowed:
        factor[_find_roads(tree, place)] *= share
    return factor
