"""The plain node graph that every library can search, and the stations placed on its nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from coverage.network.model import RoadNetwork
from coverage.network.settings import SnapSettings
from coverage.travel.snapping import Snapped
from coverage.travel.travel_time import Places, TimedNetwork, place_points

# Weights are whole eighths of a second: exact in float64 and in the thousandths pandana counts in,
# so that three programs can be held to the same numbers.
_STEPS_PER_S = 8


@dataclass(frozen=True, slots=True, eq=False)
class NodeGraph:
    """Directed links between nodes in travel direction, the quickest of parallels, no loops."""

    node_count: int
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    seconds: npt.NDArray[np.float64]

    def to_search_order(self) -> sparse.csr_array:
        """Return the transposed matrix: searching from the stations along it is travelling to them."""
        matrix = sparse.coo_array((self.seconds, (self.head, self.tail)), shape=(self.node_count, self.node_count))
        return matrix.tocsr()


def build_node_graph(timed: TimedNetwork) -> NodeGraph:
    """Reduce a priced network to its nodes: closed edges and loops left out, turns free.

    Nodes keep their Hilbert order.
    """
    network = timed.network
    usable = np.isfinite(timed.edge_s) & (network.edge_tail != network.edge_head)
    tail, head = network.edge_tail[usable], network.edge_head[usable]
    seconds = np.maximum(np.ceil(timed.edge_s[usable] * _STEPS_PER_S), 1.0) / _STEPS_PER_S
    order = np.lexsort((seconds, head, tail))
    tail, head, seconds = tail[order], head[order], seconds[order]
    quickest = np.ones(len(tail), bool)
    quickest[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return NodeGraph(network.node_count, tail[quickest], head[quickest], seconds[quickest])


def pick_stations(network: RoadNetwork, count: int, *, seed: int = 7) -> npt.NDArray[np.int32]:
    """Pick nodes for stations, none of them at the very place of another node.

    pandana finds a station's node by its coordinates, so a shared place would be ambiguous.
    """
    position = np.column_stack((network.node_lon, network.node_lat))
    _, first, shared = np.unique(position, axis=0, return_index=True, return_counts=True)
    alone = np.sort(first[shared == 1])
    chosen = np.random.default_rng(seed).choice(alone, size=min(count, len(alone)), replace=False)
    return np.sort(chosen).astype(np.int32)


def place_on_nodes(timed: TimedNetwork, nodes: npt.NDArray[np.int32]) -> Places:
    """Place points at junctions of the production graph, without a walk."""
    network = timed.network
    road = np.zeros(network.node_count, np.int32)
    road[network.road_start] = np.arange(network.road_count, dtype=np.int32)
    road[network.road_end] = np.arange(network.road_count, dtype=np.int32)
    nothing = np.zeros(len(nodes))
    snapped = Snapped(road[nodes], network.vertex_ptr[road[nodes]], nothing, nodes, nothing)
    return place_points(timed, snapped, SnapSettings())


def search_nodes(matrix: sparse.csr_array, stations: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Compute the seconds from every node to its nearest station, inf where none is reached."""
    seconds: npt.NDArray[np.float64] = csgraph.dijkstra(matrix, indices=stations, min_only=True)
    return seconds
