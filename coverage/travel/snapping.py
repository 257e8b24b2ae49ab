"""Joining points to roads: the nearest usable place on a road's line, and the walk that leads there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from coverage.network.model import BoolArray, FloatArray, IntArray, RoadNetwork
from coverage.network.ragged_rows import list_ranges
from coverage.network.settings import SnapSettings
from coverage.network.small_nets import OWN_NET_FROM_M, find_large_components, find_small_nets
from coverage.progress import Progress, ignore_progress, report_progress
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
class LineTree:
    """Lines that points may be joined to, in a search tree.

    Parameters
    ----------
    tree
        The lines, in a conformal projection, so nearest is nearest.
    road, slot
        The road of each line and the vertex slot it begins at, shape (lines,).
    """

    tree: shapely.STRtree
    road: IntArray
    slot: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class SnapIndex:
    """Search structure over the roads of one network that points may be joined to.

    Parameters
    ----------
    network, settings
        The network and how points are joined to it.
    x, y, along
        Position of each vertex slot in the projection, and projected length from the first slot of all, shape (k,).
    is_net
        Whether a component is a net that points are joined to, shape (c,).
    pieces
        Mask of the pieces that points are joined to, by the slot that begins them, shape (k,).
    entered
        The lines of those pieces.
    motor_roads
        Motorways, motorroads and ramps, for points on their own line; None where the settings never join to them.
    """

    network: RoadNetwork
    settings: SnapSettings
    x: FloatArray
    y: FloatArray
    along: FloatArray
    is_net: BoolArray
    pieces: BoolArray
    entered: LineTree
    motor_roads: LineTree | None


def build_snap_index(
    network: RoadNetwork, settings: SnapSettings, *, own: tuple[FloatArray, FloatArray] | None = None
) -> SnapIndex:
    """Build the index of the pieces of road that points may be joined to.

    These are no ferries, motorways, small isolated nets, and nothing that nobody enters between its ends: tunnels,
    bridges, motorroads, ramps, steps where they are not walked. A road that is such only in part is entered in the
    rest of it, also where the rest ends.

    Parameters
    ----------
    network
        The network.
    settings
        How points are joined.
    own
        lon and lat of the stations, each of shape (s,) [degrees]: a small net on its own that has one of them is
        used like a large one (`coverage.network.small_nets`).
    """
    x, y = to_conformal(network.vertex_lon, network.vertex_lat)
    step = np.zeros(len(x))
    step[1:] = np.hypot(np.diff(x), np.diff(y))
    step[network.vertex_ptr[:-1]] = 0.0
    along = np.cumsum(step)
    is_net = find_large_components(network, settings)
    is_open, is_motor = _find_entered(network)

    def build(is_net: BoolArray) -> SnapIndex:
        connected = _spread(network, _find_roads_of(network, is_net))
        pieces = connected & is_open
        motor_roads = None
        if settings.motorway_within_m > 0 and (connected & is_motor).any():
            motor_roads = build_line_tree(network, x, y, connected & is_motor)
        entered = build_line_tree(network, x, y, pieces)
        return SnapIndex(network, settings, x, y, along, is_net, pieces, entered, motor_roads)

    index = build(is_net)
    if own is None:
        return index
    nets = find_nets(index, *own)
    return index if np.array_equal(nets, is_net) else build(nets)


def find_nets(index: SnapIndex, lon: FloatArray, lat: FloatArray) -> BoolArray:
    """Mark the components that are nets if stations stand at these places, shape (c,): the large ones and their own.

    Notes
    -----
    A small net is a station's own if nothing joins it to a large one, if the station stands beside it and no large net
    lies within `coverage.network.small_nets.OWN_NET_FROM_M`. Nothing is searched where there is no such net.
    """
    network, settings = index.network, index.settings
    large = find_large_components(network, settings)
    small = find_small_nets(network, large)
    if not small.any() or not len(lon):
        return large
    is_open, _ = _find_entered(network)

    def snap_to(components: BoolArray, limit_m: float) -> Snapped:
        pieces = is_open & _spread(network, _find_roads_of(network, components))
        entered = build_line_tree(network, index.x, index.y, pieces)
        return snap_points(replace(index, entered=entered, motor_roads=None), lon, lat, limit_m=limit_m)

    near = snap_to(small, settings.max_access_m).road
    near = near[(near >= 0) & (snap_to(large, OWN_NET_FROM_M).road < 0)]
    served = np.zeros(network.road_count, bool)
    served[near] = True
    nets = large.copy()
    nets[network.edge_component[served[network.edge_road]]] = True
    return large | (nets & small)


def build_line_tree(network: RoadNetwork, x: FloatArray, y: FloatArray, pieces: BoolArray) -> LineTree:
    """Build a tree of lines, one for each longest run of wanted pieces of a road, shape of `pieces` (k,)."""
    before, after = np.concatenate(([False], pieces[:-1])), np.concatenate((pieces[1:], [False]))
    first = np.flatnonzero(pieces & ~before)
    count = np.flatnonzero(pieces & ~after) - first + 2
    slot = list_ranges(first, count)
    owner = np.repeat(np.arange(len(first)), count)
    lines = np.zeros(0, object)
    if len(first):
        lines = np.asarray(shapely.linestrings(np.column_stack((x[slot], y[slot])), indices=owner), object)
    road = np.searchsorted(network.vertex_ptr, first, side="right") - 1
    return LineTree(shapely.STRtree(lines), road.astype(np.int32), first.astype(np.int32))


def _find_entered(network: RoadNetwork) -> tuple[BoolArray, BoolArray]:
    """Mark pieces that people enter anywhere, and motorways, motorroads and ramps, each of shape (k,)."""
    is_piece = np.ones(len(network.piece_profile), bool)
    is_piece[network.vertex_ptr[1:] - 1] = False
    no_entry = network.profiles["no_entry"].to_numpy(object)
    motorway = _spread(network, network.road_motorway)
    is_open = is_piece & ~motorway & (no_entry == "")[network.piece_profile]
    is_open &= ~_spread(network, network.road_ferry)
    is_motor = is_piece & (motorway | np.isin(no_entry, ("motorroad", "ramp"))[network.piece_profile])
    return is_open, is_motor


def _find_roads_of(network: RoadNetwork, components: BoolArray) -> BoolArray:
    """Mark roads with an edge in one of some components, shape (r,)."""
    found = np.zeros(network.road_count, bool)
    found[network.edge_road[components[network.edge_component]]] = True
    return found


def _spread(network: RoadNetwork, roads: BoolArray) -> BoolArray:
    """Return a mask of roads as one of vertex slots, shape (k,)."""
    return np.repeat(roads, np.diff(network.vertex_ptr))


def snap_points(
    index: SnapIndex,
    lon: FloatArray,
    lat: FloatArray,
    *,
    limit_m: float | None = None,
    progress: Progress = ignore_progress,
) -> Snapped:
    """Join points to the nearest usable road within the snap limit.

    Parameters
    ----------
    index
        Index of the network's usable roads.
    lon, lat
        Points, shape (p,) [degrees, WGS-84].
    limit_m
        Another limit than that of the settings [m]; beyond it a place tells a distance and is never travelled from.
    progress
        Told the share done.

    Returns
    -------
    One place for each point, in the order of the points.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    limit = index.settings.max_access_m if limit_m is None else limit_m
    parts = []
    for begin in range(0, len(lon), _CHUNK):
        chunk = slice(begin, begin + _CHUNK)
        parts.append(_snap_chunk(index, lon[chunk], lat[chunk], limit))
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


def _snap_chunk(index: SnapIndex, lon: FloatArray, lat: FloatArray, limit_m: float) -> Snapped:
    x, y = to_conformal(lon, lat)
    scale = conformal_scale(lat)
    points = np.asarray(shapely.points(x, y), object)
    place = _nowhere(len(lon))
    _join_nearest(index, index.entered, points, scale, limit_m, place)
    if index.motor_roads is not None:
        # Somebody who stands on the motorway's own line and on no other road is there by car.
        on_motorway = _nowhere(len(lon))
        within = index.settings.motorway_within_m
        _join_nearest(index, index.motor_roads, points, scale, within, on_motorway)
        prefer = (on_motorway.road >= 0) & (place.access_m > within)
        for name in ("road", "slot", "fraction", "node", "access_m"):
            np.copyto(getattr(place, name), getattr(on_motorway, name), where=prefer)
    return place


def _join_nearest(
    index: SnapIndex,
    lines: LineTree,
    points: npt.NDArray[np.object_],
    scale: FloatArray,
    limit_m: float,
    place: Snapped,
) -> None:
    if len(lines.road) == 0 or len(points) == 0:
        return
    reach = float(limit_m * scale.max()) * (1.0 + 1e-9)
    (which, line), distance = lines.tree.query_nearest(
        points, max_distance=reach, return_distance=True, all_matches=False
    )
    access = distance / scale[which]
    near = access <= limit_m
    which, line, access = which[near], line[near], access[near]
    network = index.network
    road = lines.road[line]
    along = shapely.line_locate_point(lines.tree.geometries[line], points[which])
    first, last = network.vertex_ptr[road], network.vertex_ptr[road + 1] - 1
    target = index.along[lines.slot[line]] + along
    slot = np.clip(np.searchsorted(index.along, target, side="right") - 1, first, last - 1)
    piece = index.along[slot + 1] - index.along[slot]
    fraction = np.where(piece > 0, (target - index.along[slot]) / np.where(piece > 0, piece, 1.0), 0.0)
    tolerance = index.settings.junction_tolerance_m * scale[which]
    to_end = index.along[last] - target
    to_start = target - index.along[first]
    node = np.where(to_start <= tolerance, network.road_start[road], -1)
    node = np.where((to_end <= tolerance) & (to_end < to_start), network.road_end[road], node)
    place.road[which] = road
    place.slot[which] = slot
    place.fraction[which] = np.clip(fraction, 0.0, 1.0)
    place.node[which] = node
    place.access_m[which] = access
