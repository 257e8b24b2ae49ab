"""Reports by the command line: every format of the demo, and a generated study of all Xinjiang.

Each report is a process of its own, as a user starts it, once the roads were built by a first one (they are kept from
run to run). Wall time counts against the target; the processor's time beside it tells how busy the machine was.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.generated_xinjiang import COUNTIES, write_xinjiang
from benchmarks.measure import ROOT, format_s, judge, print_machine, print_table

DEMO_TARGET_S, XINJIANG_TARGET_S, HTML_TARGET_MB = 10.0, 60.0, 5.0
DEMO_FORMATS = ("pdf", "docx", "xlsx", "html", "gpkg", "zip")
XINJIANG_FORMATS = ("pdf", "xlsx", "html")


def run(study: Path, folder: Path, formats: tuple[str, ...], target_s: float, title: str) -> None:
    """Make the reports of a study and print what each took.

    Parameters
    ----------
    study
        A study that can be opened.
    folder
        Where the reports and the built roads go.
    formats
        Endings of the reports.
    target_s
        Wall time of one report at most [s].
    title
        Printed above the table.
    """
    environment = {**os.environ, "PLANNER_HOME": str(folder / "home"), "PLANNER_LANG": "zh_CN"}
    rows: list[tuple[object, ...]] = []
    for number, kind in enumerate((formats[0], *formats)):
        out = folder / f"report.{kind}"
        command = [sys.executable, "cli.py", "report", str(study), "--out", str(out), "--date", "2026-11-22"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        wall_s = time.perf_counter() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise SystemExit(done.stderr)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        size_mb = out.stat().st_size / 1e6
        verdict = "" if number == 0 else judge(wall_s, target_s, at_least=False)
        if kind == "html" and number:
            verdict += f"; {judge(size_mb, HTML_TARGET_MB, at_least=False)} (MB)"
        name = f"{kind}, roads built first" if number == 0 else kind
        steps = len(done.stderr.splitlines())
        rows.append((name, format_s(wall_s), format_s(cpu_s), verdict, f"{size_mb:.2f}", steps))
    print_table(title, ("format", "wall s", "CPU s", "target", "MB", "lines of progress"), rows)


def main() -> None:
    """Make all reports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("demo", "xinjiang"), help="one of the two studies")
    parser.add_argument("--seed", type=int, default=1, help="of the generated study")
    arguments = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="bench-report-") as made:
        folder = Path(made)
        if arguments.only != "xinjiang":
            run(ROOT / "geodata" / "data" / "demo", folder, DEMO_FORMATS, DEMO_TARGET_S, "demo study")
        if arguments.only != "demo":
            if not COUNTIES.is_file():
                print("reference data (../shared/data/xinjiang) is not here: all Xinjiang is left out")
                return
            study = write_xinjiang(folder / "xinjiang", seed=arguments.seed)
            run(study, folder, XINJIANG_FORMATS, XINJIANG_TARGET_S, "all Xinjiang, 106 counties, generated")


if __name__ == "__main__":
    main()
