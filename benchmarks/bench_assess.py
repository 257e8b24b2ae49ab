"""`cli.py assess` on the demo study as whole processes: from nothing, and again.

“From nothing” means an empty cache folder (environment variable PLANNER_HOME); “again” means the same
folder once more. Starting Python and importing the libraries is part of both. Modules are kept compiled, as Python
does by itself unless it is told not to.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import ROOT, Measured, format_s, judge, measure, print_machine, print_table

_STUDY = ROOT / "geodata" / "data" / "demo" / "study.toml"
_TARGET_FIRST_S, _TARGET_AGAIN_S = 15.0, 4.0


def assess(study: Path, out: Path, home: Path) -> int:
    """Run the command line on a study; return the size of what it wrote [bytes]."""
    command = [sys.executable, str(ROOT / "cli.py"), "assess", str(study), "--out", str(out)]
    environment = {**os.environ, "PLANNER_HOME": str(home)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    if done.returncode != 0 or not (out / "summary.json").is_file():
        raise SystemExit(f"assess ended with {done.returncode}:\n{done.stderr.strip()}")
    return sum(path.stat().st_size for path in out.iterdir())


def _describe(what: str, runs: Measured[int], target_s: float) -> tuple[object, ...]:
    spread = " ".join(format_s(seconds) for seconds in runs.runs_s)
    return what, format_s(runs.median_s), judge(runs.median_s, target_s, at_least=False), spread


def run(study: Path, repeats: int) -> None:
    """Assess with an empty and with a filled cache in turn; print one table."""
    first_s: list[float] = []
    again_s: list[float] = []
    written = 0
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            home.mkdir()
            for kept in (first_s, again_s):
                out = Path(folder) / f"out{len(kept)}{kept is again_s:d}"
                done = measure(partial(assess, study, out, home))
                kept.append(done.median_s)
                written = done.value
    print_table(
        f"assess {study.parent.name}/{study.name}, {repeats} whole processes each, {written / 1e6:.1f} MB of results",
        ("run", "s", "target", "all runs s"),
        (
            _describe("from nothing", Measured(written, tuple(first_s)), _TARGET_FIRST_S),
            _describe("again", Measured(written, tuple(again_s)), _TARGET_AGAIN_S),
        ),
    )


def main() -> None:
    """Run on the demo or another study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=_STUDY, help="a study.toml; the embedded demo by default")
    parser.add_argument("--repeats", type=int, default=3, help="pairs of runs")
    arguments = parser.parse_args()
    print_machine()
    if not arguments.study.is_file():
        raise SystemExit(f"no study at {arguments.study}")
    run(arguments.study.resolve(), arguments.repeats)


if __name__ == "__main__":
    main()
