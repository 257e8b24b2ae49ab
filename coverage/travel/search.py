"""The search graph: states are travelled edges, arcs are allowed turns (Caldwell 1961, Winter 2002).

A state's value is the travel time between the point where its edge meets the rest of the way and
the nearest source. Searching towards the stations (residents travel to them) follows the arcs
backwards; searching from them follows the arcs forwards. Restricted roads (private, customers, …)
serve only the two ends of a way, so each of them has a second state: a way that has entered one
from a public road may not come out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from coverage.network.model import FloatArray, IntArray, RoadNetwork
from coverage.network.ragged_rows import list_ranges
from coverage.network.settings import TravelDirection


@dataclass(frozen=True, slots=True, eq=False)
class SearchGraph:
    """Arcs between states in search order, CSR.

    Parameters
    ----------
    direction
        ``"to"``: travel runs against the search, ``"from"``: along it.
    ptr, target
        Arcs of state i lead to ``target[ptr[i]:ptr[i + 1]]``.
    turn_s
        Seconds of the turn alone, shape (a,).
    weight_s
        Turn plus the edge that is travelled before or after it, shape (a,) [s].
    far_state
        State used when a restricted edge ends the way on the demand side; equal to the edge's own
        number for public edges, shape (e,).
    """

    direction: TravelDirection
    ptr: npt.NDArray[np.int32]
    target: IntArray
    turn_s: npt.NDArray[np.float32]
    weight_s: FloatArray
    far_state: IntArray

    @property
    def state_count(self) -> int:
        """Return the number of states."""
        return len(self.ptr) - 1


def build_search_graph(
    network: RoadNetwork,
    edge_s: FloatArray,
    arc_turn_s: npt.NDArray[np.float32],
    direction: TravelDirection,
) -> SearchGraph:
    """Build the search graph of a network at given times.

    Parameters
    ----------
    network
        The network.
    edge_s
        Seconds over each edge, inf where closed, shape (e,).
    arc_turn_s
        Seconds of each turn, shape (a,).
    direction
        Which way residents travel.
    """
    edges = network.edge_count
    turns = sparse.csr_array((arc_turn_s, network.arc_to, network.arc_ptr), shape=(edges, edges))
    if direction == "to":
        turned = turns.tocsc()
        ptr, target, turn = turned.indptr, turned.indices, turned.data
    else:
        ptr, target, turn = turns.indptr, turns.indices, turns.data
    far_state = np.arange(edges, dtype=np.int32)
    if not network.road_restricted.any() and np.isfinite(edge_s).all():
        weight = turn.astype(np.float64) + np.repeat(edge_s, np.diff(ptr))
        return SearchGraph(direction, ptr.astype(np.int32), target.astype(np.int32), turn, weight, far_state)
    return _build_layered(network, edge_s, ptr, target, turn, direction)


def _build_layered(
    network: RoadNetwork,
    edge_s: FloatArray,
    ptr: npt.NDArray[np.int32],
    target: IntArray,
    turn: npt.NDArray[np.float32],
    direction: TravelDirection,
) -> SearchGraph:
    edges = network.edge_count
    restricted = network.road_restricted[network.edge_road]
    far_state = np.arange(edges, dtype=np.int32)
    far_state[restricted] = edges + np.arange(int(restricted.sum()), dtype=np.int32)
    source = np.repeat(np.arange(edges, dtype=np.int32), np.diff(ptr))
    is_open = np.isfinite(edge_s[source]) & np.isfinite(edge_s[target])
    from_restricted, to_restricted = restricted[source], restricted[target]
    enters = is_open & ~from_restricted & to_restricted
    stays = is_open & from_restricted & to_restricted
    near = is_open & ~enters
    state_from = np.concatenate((source[near], source[enters], far_state[source[stays]]))
    state_to = np.concatenate((target[near], far_state[target[enters]], far_state[target[stays]]))
    turn_s = np.concatenate((turn[near], turn[enters], turn[stays]))
    before = np.concatenate((edge_s[source[near]], edge_s[source[enters]], edge_s[source[stays]]))
    order = np.lexsort((state_to, state_from))
    states = edges + int(restricted.sum())
    counts = np.bincount(state_from, minlength=states)
    return SearchGraph(
        direction=direction,
        ptr=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        target=state_to[order].astype(np.int32),
        turn_s=turn_s[order],
        weight_s=(turn_s + before)[order],
        far_state=far_state,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Where the search begins: rows of (source, edge, offset), several rows for one source allowed.

    Parameters
    ----------
    source
        Number of the source, ascending, shape (m,).
    edge
        Edge the source stands on.
    offset_s
        Seconds between the source and the end of the edge at which the search leaves it, access
        leg included.
    count
        Number of sources, also those without a row.
    """

    source: IntArray
    edge: IntArray
    offset_s: FloatArray
    count: int


def _augment(graph: SearchGraph, sources: Sources) -> sparse.csr_array:
    """Append one virtual state per source, with arcs to every state its edges lead to."""
    begin, count = graph.ptr[sources.edge], np.diff(graph.ptr)[sources.edge]
    arc = list_ranges(begin, count)
    weight = graph.turn_s[arc] + np.repeat(sources.offset_s, count)
    per_source = np.bincount(np.repeat(sources.source, count), minlength=sources.count)
    states = graph.state_count
    ptr = np.concatenate((graph.ptr, graph.ptr[-1] + np.cumsum(per_source))).astype(np.int32)
    return sparse.csr_array(
        (np.concatenate((graph.weight_s, weight)), np.concatenate((graph.target, graph.target[arc])), ptr),
        shape=(states + sources.count, states + sources.count),
    )


def search_nearest(
    graph: SearchGraph, sources: Sources, *, limit_s: float = np.inf
) -> tuple[FloatArray, IntArray, IntArray]:
    """Search from all sources at once.

    Returns
    -------
    For every state: seconds to the nearest source (inf beyond the limit), that source (-1: none), and the state the
    search came from: ``graph.state_count + j`` where it came straight from source j, negative where it did not come.
    """
    states = graph.state_count
    if len(sources.source) == 0:
        return np.full(states, np.inf), np.full(states, -1, np.int32), np.full(states, -1, np.int32)
    virtual = states + np.unique(sources.source)
    distance, before, origin = csgraph.dijkstra(
        _augment(graph, sources), indices=virtual, min_only=True, return_predecessors=True, limit=limit_s
    )
    first = find_first_alike(sources)
    nearest = np.where(np.isfinite(distance[:states]), first[np.maximum(origin[:states] - states, 0)], -1)
    return distance[:states], nearest.astype(np.int32), before[:states]


def find_first_alike(sources: Sources) -> IntArray:
    """Find the first source at the same place as each one, itself included, shape (count,).

    Which of several sources at one place a search names depends on the order in which its heap was
    filled; the first of them stands for all, so that the answer does not.
    """
    first = np.arange(sources.count, dtype=np.int32)
    begin, count = np.unique(sources.source, return_index=True, return_counts=True)[1:]
    known: dict[tuple[bytes, bytes], int] = {}
    for low, rows in zip(begin.tolist(), count.tolist(), strict=True):
        place = sources.edge[low : low + rows].tobytes(), sources.offset_s[low : low + rows].tobytes()
        number = int(sources.source[low])
        first[number] = known.setdefault(place, number)
    return first


def search_each(
    graph: SearchGraph, sources: Sources, wanted: IntArray, *, limit_s: float
) -> Iterator[tuple[int, IntArray, FloatArray]]:
    """Search from every source on its own, keeping the wanted states within the limit.

    Parameters
    ----------
    graph, sources
        As for `search_nearest`.
    wanted
        States to report, shape (w,).
    limit_s
        Times beyond it are left out [s]; inf keeps every reachable one.

    Yields
    ------
    Source, positions in `wanted` reached in ascending order, seconds. Sources without a row reach
    nothing and are left out.
    """
    if len(sources.source) == 0:
        return
    matrix = _augment(graph, sources)
    for source in np.unique(sources.source).tolist():
        distance: FloatArray = csgraph.dijkstra(
            matrix, directed=True, indices=np.array([graph.state_count + source]), limit=limit_s
        )[0, wanted]
        found = np.flatnonzero(np.isfinite(distance)).astype(np.int32)
        yield source, found, distance[found]
