"""The pandana side of the comparison: read a graph, time each step, write the times found.

Run by ``bench_nearest`` with the interpreter of pandana's own environment, as
``python -I peer_pandana.py GRAPH.npz RESULT.npz``; it imports nothing of this project.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandana
import pandas as pd


class Stopwatch:
    """Seconds since the last look: by the wall, or by the processor where that is less.

    pandana searches with several threads, which the wall clock does justice to; on a busy machine
    the processor's clock does, because it leaves out what other programs take.
    """

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def lap(self) -> float:
        """Return the seconds since the start or the last lap."""
        wall, processor = self._wall, self._processor
        self._wall, self._processor = time.perf_counter(), time.process_time()
        return min(self._wall - wall, self._processor - processor)


def main(graph_path: str, result_path: str, queries: int) -> None:
    """Preprocess once, query several times.

    The graph file holds node_lon, node_lat, tail, head, seconds, stations and limit_s, a time that
    no way reaches.
    """
    with np.load(graph_path, allow_pickle=False) as graph:
        node_lon, node_lat = pd.Series(graph["node_lon"]), pd.Series(graph["node_lat"])
        tail, head = pd.Series(graph["tail"].astype(np.int64)), pd.Series(graph["head"].astype(np.int64))
        weights = pd.DataFrame({"seconds": graph["seconds"]})
        stations = graph["stations"]
        limit_s = float(graph["limit_s"])

    clock = Stopwatch()
    network = pandana.Network(node_lon, node_lat, tail, head, weights, twoway=False)
    build_s = clock.lap()
    at_lon, at_lat = node_lon.iloc[stations], node_lat.iloc[stations]
    network.set_pois("stations", maxdist=limit_s, maxitems=1, x_col=at_lon, y_col=at_lat)
    stations_s = clock.lap()
    query_s = []
    for _ in range(queries):
        clock.lap()
        nearest = network.nearest_pois(limit_s, "stations", num_pois=1)
        query_s.append(clock.lap())

    if not np.array_equal(network.get_node_ids(at_lon, at_lat).to_numpy(), stations):
        sys.exit("pandana moved a station to another node")
    seconds = nearest[1].to_numpy(float)
    np.savez(
        result_path,
        seconds=np.where(seconds >= limit_s, np.inf, seconds),
        build_s=build_s,
        stations_s=stations_s,
        query_s=np.array(query_s),
        version=np.array(pandana.__version__),
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
