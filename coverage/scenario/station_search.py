"""The search from one station at a time, prepared once: a what-if asks for one after another on the same roads."""

from __future__ import annotations

import threading

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from coverage.network.model import FloatArray, IntArray
from coverage.travel.search import SearchGraph, Sources

# Arcs by which a station enters the graph; a crossing of six roads has some dozens.
_SPARE_ARCS = 4096


class StationSearcher:
    """A search graph with room for one more state, from which single stations are searched.

    What it finds equals `coverage.travel.search.search_each` to the bit. Appending a station to a graph copies all
    its arcs; here they are copied once.

    Parameters
    ----------
    graph
        The graph of a timed network.
    """

    def __init__(self, graph: SearchGraph) -> None:
        self.graph = graph
        self._weight = np.concatenate((graph.weight_s, np.zeros(_SPARE_ARCS)))
        self._target = np.concatenate((graph.target, np.zeros(_SPARE_ARCS, np.int32)))
        self._ptr = np.concatenate((graph.ptr, graph.ptr[-1:]))
        # Sessions share a searcher, and each search writes its station into the same place.
        self._lock = threading.Lock()

    def find_arcs(self, sources: Sources) -> tuple[IntArray, FloatArray]:
        """Find the states a single station leads to and the seconds to each, shapes (k,)."""
        graph = self.graph
        begin, end = graph.ptr[sources.edge], graph.ptr[sources.edge + 1]
        arcs = [np.arange(low, high) for low, high in zip(begin.tolist(), end.tolist(), strict=True)]
        arc = np.concatenate((np.zeros(0, np.int64), *arcs))
        seconds = graph.turn_s[arc] + np.repeat(sources.offset_s, end - begin)
        return graph.target[arc], seconds

    def search(self, sources: Sources, *, limit_s: float) -> FloatArray:
        """Search from one station: seconds to it from every state, inf beyond the limit, shape (states,).

        Parameters
        ----------
        sources
            The station, at most a few hundred rows.
        limit_s
            Times beyond it are left out [s].
        """
        target, seconds = self.find_arcs(sources)
        states, arcs, more = self.graph.state_count, len(self.graph.target), len(target)
        if not more:
            return np.full(states, np.inf)
        if more > _SPARE_ARCS:
            return self._run(
                np.concatenate((self.graph.weight_s, seconds)), np.concatenate((self.graph.target, target)), limit_s
            )
        with self._lock:
            self._weight[arcs : arcs + more] = seconds
            self._target[arcs : arcs + more] = target
            return self._run(self._weight[: arcs + more], self._target[: arcs + more], limit_s)

    def _run(self, weight: FloatArray, target: IntArray, limit_s: float) -> FloatArray:
        states = self.graph.state_count
        ptr = self._ptr.copy()
        ptr[-1] = len(weight)
        matrix = sparse.csr_array((weight, target, ptr), shape=(states + 1, states + 1))
        distance: FloatArray = csgraph.dijkstra(matrix, directed=True, indices=np.array([states]), limit=limit_s)
        return distance[0, :states]
