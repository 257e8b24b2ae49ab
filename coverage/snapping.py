"""Joining points to roads: the nearest usable place on a road's line, and the walk that leads there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from coverage.network import BoolArray, FloatArray, IntArray, RoadNetwork
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.settings import SnapSettings
from coverage.units import conformal_scale, to_conformal

_CHUNK = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """Where points meet the road network; independent of speeds.

    Parameters
    ----------
    road
        Road of each point, -1 where none lies within the snap limit, shape (p,).
    slot, fraction
        Vertex slot that begins the piece met, and the share of the piece before the place, shape (p,).
    node
        Node if the place is at a junction or dead end, else -1, shape (p,).
    access_m
        Straight distance from the point to its place, inf where unconnected, shape (p,) [m].
    """

    road: IntArray
    slot: IntArray
    fraction: FloatArray
    node: IntArray
    access_m: FloatArray

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.road)


@dataclass(frozen=True, slots=True, eq=False)
class SnapIndex:
    """Search structure over the roads of one network that points may be joined to."""

    network: RoadNetwork
    settings: SnapSettings
    tree: shapely.STRtree
    road_of_line: IntArray
    motorway_tree: shapely.STRtree | None
    road_of_motorway: IntArray
    along: FloatArray  # projected length from the first slot of all to each slot, shape (k,)


def find_snappable_roads(network: RoadNetwork, settings: SnapSettings) -> BoolArray:
    """Find the roads a point may be joined to: no ferries, no motorways, no small isolated pieces.

    Returns
    -------
    Mask of shape (r,). The longest strongly connected component always qualifies.
    """
    return _find_connected_roads(network, settings) & ~network.road_motorway


def _find_connected_roads(network: RoadNetwork, settings: SnapSettings) -> BoolArray:
    """Find the roads, ferries left out, in components large enough to lead somewhere."""
    length = network.component_length_m
    large = length >= settings.min_component_km * 1000.0
    if len(length):
        large[int(np.argmax(length))] = True
    usable = np.zeros(network.road_count, bool)
    usable[network.edge_road[large[network.edge_component]]] = True
    return usable & ~network.road_ferry


def build_snap_index(network: RoadNetwork, settings: SnapSettings) -> SnapIndex:
    """Build the index of usable roads; lines are held in a conformal projection, so nearest is nearest."""
    x, y = to_conformal(network.vertex_lon, network.vertex_lat)
    step = np.zeros(len(x))
    step[1:] = np.hypot(np.diff(x), np.diff(y))
    step[network.vertex_ptr[:-1]] = 0.0
    connected = _find_connected_roads(network, settings)
    tree, roads = _build_tree(network, x, y, connected & ~network.road_motorway)
    motorway_tree, motorways = None, np.zeros(0, np.int32)
    if settings.motorway_within_m > 0 and network.road_motorway.any():
        motorway_tree, motorways = _build_tree(network, x, y, connected & network.road_motorway)
    return SnapIndex(network, settings, tree, roads, motorway_tree, motorways, np.cumsum(step))


def _build_tree(
    network: RoadNetwork, x: FloatArray, y: FloatArray, wanted: BoolArray
) -> tuple[shapely.STRtree, IntArray]:
    roads = np.flatnonzero(wanted).astype(np.int32)
    count = np.diff(network.vertex_ptr)
    slot = np.repeat(wanted, count)
    owner = np.repeat(np.arange(len(roads)), count[roads])
    lines = np.zeros(0, object)
    if len(roads):
        lines = np.asarray(shapely.linestrings(np.column_stack((x[slot], y[slot])), indices=owner), object)
    return shapely.STRtree(lines), roads


def snap_points(index: SnapIndex, lon: FloatArray, lat: FloatArray, *, progress: Progress = ignore_progress) -> Snapped:
    """Join points to the nearest usable road within the snap limit.

    Parameters
    ----------
    index
        Index of the network's usable roads.
    lon, lat
        Points, shape (p,) [degrees, WGS-84].
    progress
        Told the share done.

    Returns
    -------
    One place for each point, in the order of the points.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    parts = []
    for begin in range(0, len(lon), _CHUNK):
        chunk = slice(begin, begin + _CHUNK)
        parts.append(_snap_chunk(index, lon[chunk], lat[chunk]))
        report_progress(progress, min(1.0, (begin + _CHUNK) / len(lon)), "snap")
    if not parts:
        parts = [_nowhere(0)]
    return Snapped(
        road=np.concatenate([part.road for part in parts]),
        slot=np.concatenate([part.slot for part in parts]),
        fraction=np.concatenate([part.fraction for part in parts]),
        node=np.concatenate([part.node for part in parts]),
        access_m=np.concatenate([part.access_m for part in parts]),
    )


def drop_beyond(snapped: Snapped, limit_m: float) -> Snapped:
    """Return points as a smaller snap limit would join them: those farther from their road have none [m]."""
    far = snapped.access_m > limit_m
    nowhere = _nowhere(len(snapped))
    names = Snapped.__slots__
    return Snapped(*(np.where(far, getattr(nowhere, name), getattr(snapped, name)) for name in names))


def fill_in(snapped: Snapped, rows: npt.NDArray[np.intp], joined: Snapped) -> Snapped:
    """Return points with some of them joined anew; `joined` holds those rows in order."""
    changed = {name: getattr(snapped, name).copy() for name in Snapped.__slots__}
    for name, values in changed.items():
        values[rows] = getattr(joined, name)
    return Snapped(**changed)


def _nowhere(count: int) -> Snapped:
    none = np.full(count, -1, np.int32)
    return Snapped(none, none.copy(), np.zeros(count), none.copy(), np.full(count, np.inf))


def _snap_chunk(index: SnapIndex, lon: FloatArray, lat: FloatArray) -> Snapped:
    x, y = to_conformal(lon, lat)
    scale = conformal_scale(lat)
    points = np.asarray(shapely.points(x, y), object)
    place = _nowhere(len(lon))
    _join_nearest(index, index.tree, index.road_of_line, points, scale, index.settings.max_access_m, place)
    if index.motorway_tree is not None:
        # Somebody who stands on the motorway's own line and on no other road is there by car.
        on_motorway = _nowhere(len(lon))
        within = index.settings.motorway_within_m
        _join_nearest(index, index.motorway_tree, index.road_of_motorway, points, scale, within, on_motorway)
        prefer = (on_motorway.road >= 0) & (place.access_m > within)
        for name in ("road", "slot", "fraction", "node", "access_m"):
            np.copyto(getattr(place, name), getattr(on_motorway, name), where=prefer)
    return place


def _join_nearest(
    index: SnapIndex,
    tree: shapely.STRtree,
    roads: IntArray,
    points: npt.NDArray[np.object_],
    scale: FloatArray,
    limit_m: float,
    place: Snapped,
) -> None:
    if len(roads) == 0 or len(points) == 0:
        return
    reach = float(limit_m * scale.max()) * (1.0 + 1e-9)
    (which, line), distance = tree.query_nearest(points, max_distance=reach, return_distance=True, all_matches=False)
    access = distance / scale[which]
    near = access <= limit_m
    which, line, access = which[near], line[near], access[near]
    network = index.network
    road = roads[line]
    along = shapely.line_locate_point(tree.geometries[line], points[which])
    first, last = network.vertex_ptr[road], network.vertex_ptr[road + 1] - 1
    target = index.along[first] + along
    slot = np.clip(np.searchsorted(index.along, target, side="right") - 1, first, last - 1)
    piece = index.along[slot + 1] - index.along[slot]
    fraction = np.where(piece > 0, (target - index.along[slot]) / np.where(piece > 0, piece, 1.0), 0.0)
    tolerance = index.settings.junction_tolerance_m * scale[which]
    to_end = index.along[last] - target
    node = np.where(along <= tolerance, network.road_start[road], -1)
    node = np.where((to_end <= tolerance) & (to_end < along), network.road_end[road], node)
    place.road[which] = road
    place.slot[which] = slot
    place.fraction[which] = np.clip(fraction, 0.0, 1.0)
    place.node[which] = node
    place.access_m[which] = access
