"""Run every benchmark one after the other, each in a process of its own, and print what they print."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import DEFAULT_ROADS, ROOT

# Small sizes of everything, to see that all of it works; the figures then mean little.
_QUICK = {
    "bench_nearest": ["andorra", "grid_20000", "--repeats", "1", "--peer-repeats", "1"],
    "bench_large": ["--nodes", "50000", "--repeats", "1"],
    "bench_readers": ["--repeats", "1", "--copies", "2", "--buildings", "10000"],
    "bench_assess": ["--repeats", "1"],
    "bench_screens": ["--quick"],
    "bench_siting_cover": ["--quick"],
    "bench_siting_median": ["library", "stores", "--problems", "1-5"],
    "bench_whatif": ["--nodes", "20000", "--people", "8000", "--stations", "100", "--edits", "3"],
    "bench_report": ["--only", "demo"],
}


def main() -> None:
    """Pass the options on; go on after a benchmark that failed, and end with 1 then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--roads", type=Path, default=DEFAULT_ROADS, help="folder of the *.osm.pbf extracts")
    parser.add_argument("--peer-python", type=Path, help="interpreter of an environment with pandana")
    parser.add_argument("--quick", action="store_true", help="small sizes, single runs")
    arguments = parser.parse_args()
    options: dict[str, list[str]] = {name: list(small) if arguments.quick else [] for name, small in _QUICK.items()}
    for name in ("bench_nearest", "bench_readers"):
        options[name] += ["--roads", str(arguments.roads.absolute())]
    if arguments.peer_python is not None:
        # Not resolved: an environment's interpreter is a link, and the link says which environment.
        options["bench_nearest"] += ["--peer-python", str(arguments.peer_python.absolute())]
    failed = []
    for name, given in options.items():
        print(f"\n## {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *given], check=False, cwd=ROOT).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
