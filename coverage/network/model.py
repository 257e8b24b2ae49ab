"""The road network as values: noded lines as a reader delivers them, and the routable network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.network.settings import Mode

IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
ByteArray = npt.NDArray[np.uint8]

# What delays a traveller at a vertex; the seconds stand in the speed table under these names.
DELAY_KINDS: tuple[str, ...] = ("none", "traffic_signals", "stop", "give_way", "gate", "level_crossing")

# What is travelled from end to end only: a point beside it is never joined to its middle.
NO_ENTRY: tuple[str, ...] = ("tunnel", "bridge", "motorroad", "ramp", "steps")

# Columns of a table of road profiles: each distinct combination of tags that decides speed and access.
PROFILE_COLUMNS: tuple[str, ...] = (
    "highway",  # OSM road class, "ferry" for ferry lines
    "surface",
    "smoothness",
    "tracktype",
    "service",
    "junction",  # "roundabout", "circular" or ""
    "no_entry",  # why nobody enters it between its ends, one of `NO_ENTRY`, or ""
    "maxspeed_forward_kph",  # NaN where not posted; of ferries the speed that a declared duration implies
    "maxspeed_backward_kph",
    "duration_s",  # ferries: declared duration of the whole line, for information, else NaN
    "restricted",  # bool: private, destination, customers, delivery: only to start or end there
)


@dataclass(frozen=True, slots=True, eq=False)
class RoadLines:
    """Noded road lines before contraction, for one mode of travel.

    A reader gives every vertex once and every piece between two vertices once; pieces that may be
    travelled one way only run in the travelled direction (a reader turns ``oneway=-1`` round).

    Parameters
    ----------
    mode
        The mode for which access and one-way rules were read.
    lon, lat
        Vertices, shape (v,) [degrees, WGS-84].
    delay_kind
        Index into `DELAY_KINDS` of what stands at each vertex, shape (v,).
    delay_way
        Whom it delays, shape (v,): 0 both ways, 1 along the piece's direction, 2 against it.
    piece_from, piece_to
        Vertex numbers, shape (s,); pieces of zero length are allowed, loops on one vertex are not.
    piece_oneway
        True where only from → to may be travelled, shape (s,).
    piece_profile
        Row of `profiles` for each piece, shape (s,).
    profiles
        Distinct tag combinations with `PROFILE_COLUMNS`.
    ban_from, ban_via, ban_to, ban_only
        Turn restrictions: arriving over piece `ban_from` at vertex `ban_via`, leaving over piece
        `ban_to` is forbidden, or where `ban_only` is the only way allowed; each of shape (b,).
    """

    mode: Mode
    lon: FloatArray
    lat: FloatArray
    delay_kind: ByteArray
    delay_way: ByteArray
    piece_from: IntArray
    piece_to: IntArray
    piece_oneway: BoolArray
    piece_profile: IntArray
    profiles: pd.DataFrame
    ban_from: IntArray
    ban_via: IntArray
    ban_to: IntArray
    ban_only: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class RoadNetwork:
    """A routable network for one mode: topology, geometry and allowed turns; no speeds.

    A *road* is a stretch between two junctions with its polyline; an *edge* is one travelled
    direction of a road; an *arc* is an allowed turn from an edge into the next. Nodes stand in
    Hilbert order and edges in the order of their tails, so that neighbours lie close in memory.

    Parameters
    ----------
    mode
        The mode it was built for.
    node_lon, node_lat
        Junctions and dead ends, shape (n,) [degrees].
    node_delay
        Index into `DELAY_KINDS`, shape (n,).
    road_start, road_end
        Nodes of each road, shape (r,).
    road_oneway, road_restricted, road_motorway, road_ferry
        Flags of each road, shape (r,).
    road_junctions_per_km2
        Density of junctions around each road, by which a speed table tells town from country, shape (r,).
    vertex_ptr
        Road i owns the vertex slots ``vertex_ptr[i]:vertex_ptr[i + 1]``, ends included, shape (r + 1,).
    vertex_lon, vertex_lat
        Polylines, shape (k,) [degrees].
    vertex_delay_forward, vertex_delay_backward
        Delay met at inner vertices when travelling along / against the polyline, shape (k,).
    piece_length_m
        Geodesic length from each slot to the next; 0 at a road's last slot, shape (k,) [m].
    piece_profile
        Row of `profiles` for that piece, shape (k,).
    profiles
        Distinct tag combinations with `PROFILE_COLUMNS`.
    edge_road, edge_forward, edge_tail, edge_head
        Directed edges, sorted by tail, shape (e,).
    edge_bearing_out, edge_bearing_in
        Compass bearing on leaving the tail and on reaching the head, shape (e,) [degrees].
    edge_component
        Strongly connected component (under the allowed turns) of each edge, shape (e,).
    component_length_m
        Road length of each component, ferries left out, shape (c,) [m].
    arc_ptr, arc_to
        Allowed turns in CSR form: edge i may be followed by ``arc_to[arc_ptr[i]:arc_ptr[i + 1]]``.
    arc_u_turn
        True where the turn goes back over the same road (dead ends only), shape (a,).
    counts
        What the build met, for reports: vertices read, bans applied, parallels, self-loops, …
    fingerprint
        Hash of the content.
    """

    mode: Mode
    node_lon: FloatArray
    node_lat: FloatArray
    node_delay: ByteArray
    road_start: IntArray
    road_end: IntArray
    road_oneway: BoolArray
    road_restricted: BoolArray
    road_motorway: BoolArray
    road_ferry: BoolArray
    road_junctions_per_km2: npt.NDArray[np.float32]
    vertex_ptr: IntArray
    vertex_lon: FloatArray
    vertex_lat: FloatArray
    vertex_delay_forward: ByteArray
    vertex_delay_backward: ByteArray
    piece_length_m: FloatArray
    piece_profile: IntArray
    profiles: pd.DataFrame
    edge_road: IntArray
    edge_forward: BoolArray
    edge_tail: IntArray
    edge_head: IntArray
    edge_bearing_out: npt.NDArray[np.float32]
    edge_bearing_in: npt.NDArray[np.float32]
    edge_component: IntArray
    component_length_m: FloatArray
    arc_ptr: npt.NDArray[np.int64]
    arc_to: IntArray
    arc_u_turn: BoolArray
    counts: tuple[tuple[str, int], ...]
    fingerprint: str

    @property
    def node_count(self) -> int:
        """Return the number of junctions and dead ends."""
        return len(self.node_lon)

    @property
    def road_count(self) -> int:
        """Return the number of stretches between junctions."""
        return len(self.road_start)

    @property
    def edge_count(self) -> int:
        """Return the number of directed edges."""
        return len(self.edge_road)

    @property
    def arc_count(self) -> int:
        """Return the number of allowed turns."""
        return len(self.arc_to)

    @property
    def road_length_m(self) -> FloatArray:
        """Return the length of every road, shape (r,) [m]."""
        ends = np.concatenate(([0.0], np.cumsum(self.piece_length_m)))
        return ends[self.vertex_ptr[1:]] - ends[self.vertex_ptr[:-1]]
