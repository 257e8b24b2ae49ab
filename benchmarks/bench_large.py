"""A generated network of 1.5 million nodes and 5 million edges: one search, and the memory of it all.

Everything happens in this one process, whose peak memory is printed after each step: generating,
contracting, pricing, one search of the node graph, one of the production graph with turn costs.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np

from benchmarks.generated_network import generate_lines
from benchmarks.measure import format_s, judge, measure, print_machine, print_table, read_peak_mb
from benchmarks.node_graph import build_node_graph, pick_stations, place_on_nodes, search_nodes
from coverage.network.contraction import build_network
from coverage.travel.search import Sources, search_nearest
from coverage.travel.travel_time import build_timed_network, compute_nearest
from geodata.intake.read_speeds import default_speeds_path, read_speeds

_NODES_PER_STATION = 500
_TARGET_NODES_S, _TARGET_EDGES_S, _TARGET_PEAK_MB = 1.0, 4.0, 4000.0


def run(nodes: int, bends: int, repeats: int) -> None:
    """Build the network, search it, print what each step took.

    Parameters
    ----------
    nodes
        Nodes after contraction.
    bends
        Vertices between neighbouring crossings before contraction.
    repeats
        Runs of each search; the median is printed.
    """
    rows: list[tuple[object, ...]] = []

    def note(what: str, seconds: float, verdict: str = "") -> None:
        rows.append((what, format_s(seconds), verdict, f"{read_peak_mb():,.0f}"))

    rows.append(("libraries loaded", "", "", f"{read_peak_mb():,.0f}"))
    lines = measure(lambda: generate_lines(nodes, bends=bends))
    note(f"generate {len(lines.value.lon):,} vertices, {len(lines.value.piece_from):,} pieces", lines.median_s)
    speeds = read_speeds(default_speeds_path("drive"))
    built = measure(partial(build_network, lines.value, classes=speeds.classes))
    network, built_s = built.value, built.median_s
    del lines, built
    note("contract, order, list turns", built_s)
    priced = measure(lambda: build_timed_network(network, speeds))
    timed = priced.value
    note("price edges and turns, build the search graph", priced.median_s)

    stations = pick_stations(network, nodes // _NODES_PER_STATION)
    places = place_on_nodes(timed, stations)
    # What `compute_nearest` starts with: travelled towards the stations, an offset from each edge's tail.
    sources = Sources(places.point, places.edge, places.from_tail_s, places.count)
    searched = measure(partial(search_nearest, timed.graph, sources), repeats)
    note("SEARCH edge-expanded", searched.median_s, judge(searched.median_s, _TARGET_EDGES_S, at_least=False))
    reached = np.isfinite(searched.value[0]).mean()
    del searched
    everybody = place_on_nodes(timed, np.arange(network.node_count, dtype=np.int32))
    answered = measure(partial(compute_nearest, timed, everybody, places))
    note("nearest station of a person at every node (search and reading off)", answered.median_s)
    counts = network.node_count, network.edge_count, network.arc_count
    production_peak = read_peak_mb()
    del everybody, answered, places, sources

    reduced = measure(lambda: build_node_graph(timed).to_search_order())
    matrix = reduced.value
    note("(only for this comparison: reduce to the node graph)", reduced.median_s)
    searched_nodes = measure(lambda: search_nodes(matrix, stations), repeats)
    node_s = searched_nodes.median_s
    note("SEARCH node graph", node_s, judge(node_s, _TARGET_NODES_S, at_least=False))

    peak = read_peak_mb()
    rows.append(("PEAK MEMORY of the process", "", judge(peak, _TARGET_PEAK_MB, at_least=False), f"{peak:,.0f}"))
    print_table(
        f"{counts[0]:,} nodes, {counts[1]:,} edges, {counts[2]:,} turns, {len(stations):,} stations; "
        f"{reached:.1%} of the states reached; production alone peaks at {production_peak:,.0f} MB",
        ("step", "s", "target", "peak MB so far"),
        rows,
    )


def main() -> None:
    """Run at the size asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=1_500_000, help="nodes after contraction")
    parser.add_argument("--bends", type=int, default=0, help="vertices between crossings before contraction")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each search")
    arguments = parser.parse_args()
    print_machine()
    run(arguments.nodes, arguments.bends, arguments.repeats)


if __name__ == "__main__":
    main()
