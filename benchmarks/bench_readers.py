"""From a PBF to a routable network, contraction included: vertices a second, memory, and reopening.

Each file is read in a process of its own, so that its peak memory is its own. Two files are made
from the Andorra extract: copies side by side (a file above 200,000 road vertices), and the same
roads among added buildings (memory must go with the roads, not with the file).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import DEFAULT_ROADS, ROOT, format_s, judge, measure, print_machine, print_table, read_peak_mb
from benchmarks.replicated_pbf import write_among_buildings, write_copies
from coverage.network.contraction import build_network
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.roads.network_cache import open_network, write_network
from geodata.roads.read_osm import read_osm

_EXTRACTS = ("andorra", "almaty", "comoros", "porto_alegre")
_LARGE_VERTICES = 200_000
_TARGET_PER_S, _TARGET_LARGE_PER_S, _TARGET_REOPEN = 30_000.0, 60_000.0, 20.0
_HEAD = (
    "file",
    "MB",
    "vertices",
    "nodes",
    "read s",
    "contract s",
    "vertices/s",
    "target",
    "growth MB",
    "bytes/vertex",
    "reopen s",
    "× faster",
    "target",
)


def measure_file(path: Path) -> dict[str, float]:
    """Read, contract, keep and reopen one file in this process; return the figures.

    The first reading is the one that counts: a user reads a file once. Reopening counts the hash of
    the file's content by which the kept network is found.
    """
    speeds = read_speeds(default_speeds_path("drive"))
    before_mb = read_peak_mb()
    read = measure(partial(read_osm, path, "drive"))
    lines, issues = read.value
    contracted = measure(partial(build_network, lines, classes=speeds.classes))
    network = contracted.value
    growth_mb = read_peak_mb() - before_mb
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        build_and_keep = measure(partial(open_network, path, "drive", speeds.classes, folder=kept))
        reopened = measure(partial(open_network, path, "drive", speeds.classes, folder=kept), 5)
        if reopened.value[0].fingerprint != network.fingerprint:
            raise SystemExit(f"{path.name}: the reopened network is another one")
        write_s = measure(partial(write_network, network, issues, kept / "again.npz")).median_s
    return {
        "vertices": len(lines.lon),
        "nodes": network.node_count,
        "read_s": read.median_s,
        "contract_s": contracted.median_s,
        "growth_mb": growth_mb,
        "write_s": write_s,
        "again_s": build_and_keep.median_s,
        "reopen_s": reopened.median_s,
    }


def _measure_apart(path: Path, repeats: int) -> dict[str, float]:
    """Measure a file in fresh processes; return the median of each figure."""
    runs = []
    for _ in range(repeats):
        command = [sys.executable, "-m", "benchmarks.bench_readers", "--one", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        runs.append(json.loads(done.stdout))
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _describe(name: str, path: Path, figures: dict[str, float]) -> tuple[object, ...]:
    vertices = figures["vertices"]
    total_s = figures["read_s"] + figures["contract_s"]
    target = _TARGET_LARGE_PER_S if vertices > _LARGE_VERTICES else _TARGET_PER_S
    ratio = total_s / figures["reopen_s"]
    return (
        name,
        f"{path.stat().st_size / 1e6:.1f}",
        f"{vertices:,.0f}",
        f"{figures['nodes']:,.0f}",
        format_s(figures["read_s"]),
        format_s(figures["contract_s"]),
        f"{vertices / total_s:,.0f}",
        judge(vertices / total_s, target, at_least=True),
        f"{figures['growth_mb']:,.0f}",
        f"{figures['growth_mb'] * 1e6 / vertices:,.0f}",
        format_s(figures["reopen_s"]),
        f"{ratio:.0f}",
        judge(ratio, _TARGET_REOPEN, at_least=True),
    )


def run(roads: Path, repeats: int, copies: int, buildings: int) -> None:
    """Measure every extract and the files made from Andorra; print one table."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        files = [(name, roads / f"{name}.osm.pbf") for name in _EXTRACTS]
        files = [(name, path) for name, path in files if path.is_file()]
        andorra = roads / "andorra.osm.pbf"
        if andorra.is_file() and copies:
            print(f"writing {copies} copies of andorra side by side …", file=sys.stderr)
            files.append((f"andorra × {copies}", Path(folder) / "copies.osm.pbf"))
            write_copies(andorra, files[-1][1], copies)
        if andorra.is_file() and buildings:
            print(f"writing andorra among {buildings:,} more buildings …", file=sys.stderr)
            files.append(("andorra + buildings", Path(folder) / "buildings.osm.pbf"))
            write_among_buildings(andorra, files[-1][1], buildings)
        if not files:
            raise SystemExit("no extract in the folder of --roads")
        rows = [_describe(name, path, _measure_apart(path, repeats)) for name, path in files]
    print_table(
        f"PBF → routable network (drive), medians of {repeats} processes; "
        "growth: peak memory above that of the loaded libraries",
        _HEAD,
        rows,
    )


def main() -> None:
    """Measure all files, or with ``--one`` a single one in this process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--roads", type=Path, default=DEFAULT_ROADS, help="folder of the *.osm.pbf extracts")
    parser.add_argument("--repeats", type=int, default=3, help="processes per file")
    parser.add_argument("--copies", type=int, default=6, help="copies of Andorra in the large file; 0: none")
    parser.add_argument("--buildings", type=int, default=300_000, help="buildings added to Andorra; 0: none")
    parser.add_argument("--one", type=Path, metavar="PBF", help="measure this file and print its figures as JSON")
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(measure_file(arguments.one)))
        return
    print_machine()
    run(arguments.roads, arguments.repeats, arguments.copies, arguments.buildings)


if __name__ == "__main__":
    main()
