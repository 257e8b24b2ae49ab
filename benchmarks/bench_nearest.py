"""Nearest-station times of all nodes: this engine, networkx and pandana on the identical node graph.

Every program gets the same nodes in the same order, the same links and the same weights; their
times are compared number by number. networkx and the engine are charged for the search alone,
pandana with its preprocessing, without which it cannot answer. The upper table counts processor
seconds, which other programs on the machine do not lengthen; the lower one, seconds by the wall.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import numpy.typing as npt

from benchmarks.generated_network import generate_lines
from benchmarks.measure import DEFAULT_ROADS, format_s, judge, measure, measure_in_turn, print_machine, print_table
from benchmarks.node_graph import NodeGraph, build_node_graph, pick_stations, place_on_nodes, search_nodes
from coverage.network.contraction import build_network
from coverage.network.model import RoadNetwork
from coverage.travel.travel_time import build_timed_network, compute_nearest
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.roads.read_osm import read_osm

_EXTRACTS = ("andorra", "almaty", "comoros", "porto_alegre")
_GRIDS = (100_000, 500_000)
_NODES_PER_STATION = 500  # as in the extracts: 9 police points in Andorra, 50 offices in Almaty
_TURN_S = 0.1
_TARGET_NETWORKX, _TARGET_PANDANA = 25.0, 20.0


@dataclass(frozen=True, slots=True)
class Peer:
    """What pandana answered."""

    seconds: npt.NDArray[np.float64]
    build_s: float
    stations_s: float
    query_s: float
    version: str

    @property
    def total_s(self) -> float:
        """Return preprocessing and one query [s]."""
        return self.build_s + self.stations_s + self.query_s


def build_networkx(graph: NodeGraph, kind: type[nx.DiGraph] = nx.DiGraph) -> nx.DiGraph:
    """Build networkx's graph in search order, its nodes numbered alike."""
    made = kind()
    made.add_nodes_from(range(graph.node_count))
    links = zip(graph.head.tolist(), graph.tail.tolist(), graph.seconds.tolist(), strict=True)
    made.add_weighted_edges_from(links, weight="seconds")
    return made


def to_array(found: dict[int, float], node_count: int) -> npt.NDArray[np.float64]:
    """Lay the times of the nodes reached into an array, inf elsewhere."""
    seconds = np.full(node_count, np.inf)
    seconds[list(found)] = list(found.values())
    return seconds


def ask_pandana(
    python: Path, network: RoadNetwork, graph: NodeGraph, stations: npt.NDArray[np.int32], limit_s: float, repeats: int
) -> Peer | str:
    """Run pandana in its own environment; the clock runs inside it. Return the reason if it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder) / "graph.npz", Path(folder) / "result.npz"
        np.savez(
            question,
            node_lon=network.node_lon,
            node_lat=network.node_lat,
            tail=graph.tail,
            head=graph.head,
            seconds=graph.seconds,
            stations=stations,
            limit_s=limit_s,
        )
        script = Path(__file__).with_name("peer_pandana.py")
        command = [str(python.absolute()), "-I", str(script), str(question), str(answer), str(repeats)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        except OSError as error:
            return f"not run: {error.strerror}"
        if done.returncode != 0:
            return f"not run: {(done.stderr.strip().splitlines() or ['no message'])[-1]}"
        with np.load(answer, allow_pickle=False) as kept:
            return Peer(
                seconds=kept["seconds"],
                build_s=float(kept["build_s"]),
                stations_s=float(kept["stations_s"]),
                query_s=float(np.median(kept["query_s"])),
                version=str(kept["version"]),
            )


def compare(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64]) -> str:
    """Return the largest difference in seconds, or how many nodes only one of the two reaches."""
    apart = int((np.isfinite(ours) != np.isfinite(theirs)).sum())
    if apart:
        return f"{apart:,} nodes differ in reach"
    both = np.isfinite(ours)
    return f"{np.abs(ours[both] - theirs[both]).max(initial=0.0):g} s"


def _prepare(name: str, arguments: argparse.Namespace) -> tuple[RoadNetwork, float, float]:
    """Return the network of an extract or a grid, seconds of reading or generating, of contracting."""
    speeds = read_speeds(default_speeds_path("drive"))
    if name in _EXTRACTS:
        path = arguments.roads / f"{name}.osm.pbf"
        lines = measure(lambda: read_osm(path, "drive")[0])
    else:
        lines = measure(lambda: generate_lines(int(name.removeprefix("grid_"))))
    network = measure(lambda: build_network(lines.value, classes=speeds.classes))
    return network.value, lines.median_s, network.median_s


def run_case(name: str, arguments: argparse.Namespace) -> None:
    """Prepare one network, ask everybody, print the tables."""
    network, read_s, contract_s = _prepare(name, arguments)
    speeds = read_speeds(default_speeds_path("drive"))
    priced = measure(lambda: build_timed_network(network, speeds))
    timed = priced.value
    reduced = measure(lambda: build_node_graph(timed))
    graph = reduced.value
    matrix = measure(graph.to_search_order)
    stations = pick_stations(network, max(20, network.node_count // _NODES_PER_STATION))

    other = measure(lambda: build_networkx(graph))
    sources = set(stations.tolist())
    ours, theirs = measure_in_turn(
        lambda: search_nodes(matrix.value, stations),
        lambda: nx.multi_source_dijkstra_path_length(other.value, sources, weight="seconds"),
        arguments.repeats,
        at_least_s=_TURN_S,
    )
    limit_s = float(np.ceil(ours.value[np.isfinite(ours.value)].max())) + 1.0
    our_s = ours.median_s
    ratio = theirs.median_s / our_s
    rows: list[tuple[object, ...]] = [
        ("this engine, node graph", format_s(matrix.median_s), format_s(our_s), "1", "", ""),
        (
            f"networkx {nx.__version__}",
            format_s(other.median_s),
            format_s(theirs.median_s),
            f"{ratio:.1f}",
            judge(ratio, _TARGET_NETWORKX, at_least=True),
            compare(ours.value, to_array(theirs.value, graph.node_count)),
        ),
    ]
    if network.node_count <= arguments.slow_up_to:
        # What osmnx hands its users; the same links, but networkx looks for parallels at each.
        multi = build_networkx(graph, nx.MultiDiGraph)
        slow = measure(
            lambda: nx.multi_source_dijkstra_path_length(multi, sources, weight="seconds"), clock=time.process_time
        )
        rows.append(
            (
                "  … as the MultiDiGraph of osmnx",
                "",
                format_s(slow.median_s),
                f"{slow.median_s / our_s:.1f}",
                "",
                compare(ours.value, to_array(slow.value, graph.node_count)),
            )
        )
    if arguments.peer_python is None:
        rows.append(("pandana", "", "", "", "not run: no --peer-python", ""))
    elif network.node_count > arguments.slow_up_to:
        rows.append(("pandana", "", "", "", f"not run: above {arguments.slow_up_to:,} nodes", ""))
    else:
        peer = ask_pandana(arguments.peer_python, network, graph, stations, limit_s, arguments.peer_repeats)
        if isinstance(peer, str):
            rows.append(("pandana", "", "", "", peer, ""))
        else:
            ratio = peer.total_s / our_s
            rows.append(
                (
                    f"pandana {peer.version}, with preprocessing",
                    format_s(peer.build_s + peer.stations_s),
                    format_s(peer.query_s),
                    f"{ratio:.0f}",
                    judge(ratio, _TARGET_PANDANA, at_least=True),
                    compare(ours.value, peer.seconds),
                )
            )
            together = peer.total_s / (our_s + matrix.median_s)
            rows.append(("  … against search and matrix of this engine", "", "", f"{together:.0f}", "", ""))

    places = measure(lambda: place_on_nodes(timed, stations))
    everybody = place_on_nodes(timed, np.arange(network.node_count, dtype=np.int32))
    production = measure(lambda: compute_nearest(timed, everybody, places.value), arguments.repeats, at_least_s=_TURN_S)
    reached = int(np.isfinite(ours.value).sum())
    print_table(
        f"{name}: {network.node_count:,} nodes, {len(graph.tail):,} links, {len(stations)} stations, "
        f"{reached:,} nodes reached",
        ("nearest station of every node", "graph s", "search s", "× slower", "target", "largest difference"),
        rows,
    )
    print_table(
        "beside it, the production path",
        (f"{network.edge_count:,} edges, {network.arc_count:,} turns", "s"),
        (
            ("read" if name in _EXTRACTS else "generate", format_s(read_s)),
            ("contract, order, list turns", format_s(contract_s)),
            ("price edges and turns, build the search graph", format_s(priced.median_s)),
            ("(only for this comparison: reduce to the node graph)", format_s(reduced.median_s)),
            ("nearest station of every node, edge-expanded, with turn costs", format_s(production.median_s)),
        ),
    )


def main() -> None:
    """Run the chosen cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    everything = (*_EXTRACTS, *(f"grid_{nodes}" for nodes in _GRIDS))
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(everything)}, or grid_N; all if none is named")
    parser.add_argument("--roads", type=Path, default=DEFAULT_ROADS, help="folder of the *.osm.pbf extracts")
    parser.add_argument("--peer-python", type=Path, help="interpreter of an environment with pandana")
    parser.add_argument(
        "--slow-up-to", type=int, default=150_000, metavar="NODES", help="ask pandana and the MultiDiGraph up to here"
    )
    parser.add_argument(
        "--repeats", type=int, default=3, help="rounds in which the engine and networkx take turns; medians are printed"
    )
    parser.add_argument("--peer-repeats", type=int, default=3, help="searches of pandana")
    arguments = parser.parse_args()
    for name in arguments.cases:
        if name not in _EXTRACTS and not name.removeprefix("grid_").isdecimal():
            parser.error(f"no such case: {name}")
    print_machine()
    for name in arguments.cases or everything:
        if name in _EXTRACTS and not (arguments.roads / f"{name}.osm.pbf").is_file():
            print(f"\n{name}: skipped, no such extract in the folder of --roads", file=sys.stderr)
            continue
        run_case(name, arguments)


if __name__ == "__main__":
    main()
