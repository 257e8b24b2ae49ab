"""Nets of road that are joined to nothing else: fragments of a drawing, or a valley with its own station."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from coverage.network.model import BoolArray, IntArray, RoadNetwork
from coverage.network.settings import SnapSettings

# A small net counts if it has a station this far from every large one: nearer, the station is the large net's, and
# the small one most likely a fragment whose link is missing [m].
OWN_NET_FROM_M = 500.0
# Parking aisles and strokes of a pen are shorter [m].
_LEAST_NET_M = 1000.0


def label_nets(network: RoadNetwork) -> tuple[int, IntArray]:
    """Count the nets, roads that meet at nodes whatever way they are travelled, and number that of each road, (r,)."""
    ends = (network.road_start, network.road_end)
    links = sparse.coo_array((np.ones(network.road_count, np.int8), ends), shape=(network.node_count,) * 2)
    count, label = csgraph.connected_components(links, directed=False)
    return int(count), label[network.road_start].astype(np.int32)


def find_large_components(network: RoadNetwork, settings: SnapSettings) -> BoolArray:
    """Mark the strongly connected components that lead somewhere: long enough, or the longest, shape (c,)."""
    length = network.component_length_m
    large: BoolArray = length >= settings.min_component_km * 1000.0
    if len(length):
        large[int(np.argmax(length))] = True
    return large


def find_small_nets(network: RoadNetwork, large: BoolArray) -> BoolArray:
    """Mark the components of at least 1 km in nets that have no large one, shape (c,): a station makes them true."""
    length = network.component_length_m
    small: BoolArray = ~large & (length >= _LEAST_NET_M)
    if not small.any():
        return small
    nets, net = label_nets(network)
    has_large = np.zeros(nets, bool)
    net_of_edge = net[network.edge_road]
    has_large[net_of_edge[large[network.edge_component]]] = True
    alone = np.zeros(len(length), bool)
    alone[network.edge_component[~has_large[net_of_edge]]] = True
    return small & alone
