"""Twenty visitors at once on one running server, each editing a scenario of its own on the What-if page.

No browser: each visitor speaks Streamlit's protocol over a WebSocket. It clicks a place on the map, reads the numbers,
adds the station, and goes on at once with the next one; “think” puts a pause between two acts, as people make. In
the end every visitor's figures on screen are compared with a what-if computed from scratch from its own edits, and
every scenario in the store with the places its visitor clicked: nothing of anybody else may be in them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np

from benchmarks.measure import ROOT, format_s, judge, print_machine, print_table
from benchmarks.streamlit_client import Visitor
from coverage.inputs.study import Study
from coverage.scenario.edits import AddStation
from geodata.answers.run_whatif import run_whatif
from geodata.store.database import open_store
from geodata.store.scenarios import open_scenario
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study
from geodata.words import number_format
from pages.ui.first_question import first_question

_TARGET_S = 3.0
_MAP = "streamlit_folium.st_folium"
_CONFIRM, _NEW = "w_whatif_confirm", "w_whatif_new"
_GAIN = re.compile(r'class="p-gain">([0-9,]+)人')


@dataclass(slots=True)
class Visit:
    """What one visitor did and saw."""

    places: list[tuple[float, float]]
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"click": [], "add": []})
    scenario: str = ""
    gained: str = ""
    faults: list[str] = field(default_factory=list)


async def visit(address: str, mine: Visit, think_s: float, number: int, begin: asyncio.Barrier) -> None:
    """Make a scenario, wait for the others, and add a station at each of the places; keep what went wrong."""
    pause = random.Random(number)
    try:
        async with Visitor(address, "lang=zh", "what_if") as visitor:
            await visitor.run()
            await visitor.press(_NEW)
            await visitor.run()
            await begin.wait()
            for step, (lon, lat) in enumerate(mine.places):
                event = {"event": {"kind": "place", "lat": lat, "lng": lon, "number": f"{number}-{step}"}}
                mine.seconds["click"].append(await visitor.tell(_MAP, json.dumps(event)))
                await asyncio.sleep(think_s * pause.uniform(0.5, 1.5))
                mine.seconds["add"].append(await visitor.press(_CONFIRM))
                await asyncio.sleep(think_s * pause.uniform(0.5, 1.5))
            await begin.wait()
            await visitor.run()
            mine.scenario = parse_qs(visitor.query).get("scenario", [""])[0]
            found = _GAIN.findall(visitor.read())
            mine.gained = found[0] if found else ""
            mine.faults += visitor.failures
    except Exception as error:
        await begin.abort()
        mine.faults.append(f"{type(error).__name__}: {error}")


def choose_places(study: Study, visitors: int, edits: int) -> list[list[tuple[float, float]]]:
    """Choose places near people, other ones for every visitor [degrees, six decimals]."""
    rng = np.random.default_rng(4)
    rows = rng.permutation(len(study.demand))[: visitors * edits]
    lon, lat = (
        study.demand[name].to_numpy(float)[rows] + rng.uniform(-2e-3, 2e-3, len(rows)) for name in ("lon", "lat")
    )
    places = list(zip(lon.round(6).tolist(), lat.round(6).tolist(), strict=True))
    return [places[number * edits : (number + 1) * edits] for number in range(visitors)]


def check(study: Study, store_folder: Path, visits: list[Visit]) -> None:
    """Compare what every visitor saw and what is stored with what it did."""
    question = first_question(study)
    with open_store(store_folder) as store:
        for mine in visits:
            if mine.faults or not mine.scenario:
                mine.faults.append("" if mine.faults else "no scenario in the address")
                continue
            edits = open_scenario(store, mine.scenario).edits
            stored = [(edit.lon, edit.lat) for edit in edits if isinstance(edit, AddStation)]
            if stored != mine.places or len(edits) != len(mine.places):
                mine.faults.append(f"{len(edits)} edits stored, not those that were made")
            expected = number_format.people(run_whatif(study, question, edits).comparison.newly_covered)
            if mine.gained != expected:
                mine.faults.append(f"{mine.gained} people shown, {expected} computed")
    if len({mine.scenario for mine in visits}) != len(visits):
        visits[0].faults.append("two visitors share a scenario")


def start_server(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the application on a free port; return it and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), f"--server.port={port}"]
    command += ["--server.headless=true", "--server.fileWatcherType=none"]
    environment = {**os.environ, "PLANNER_HOME": str(home)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2.0):
                return server, f"127.0.0.1:{port}"
        except OSError:
            time.sleep(0.5)
    server.kill()
    raise SystemExit("the server does not start")


def read_cpu_s(process: int) -> float:
    """Return the processor time of a process so far [s]."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def run_all(address: str, visits: list[Visit], think_s: float, process: int) -> tuple[float, float]:
    """Let all visitors work at once; return how long they edited, and the server's processor time meanwhile [s]."""
    begin = asyncio.Barrier(len(visits) + 1)
    tasks = [asyncio.create_task(visit(address, mine, think_s, number, begin)) for number, mine in enumerate(visits)]
    moments = []
    with contextlib.suppress(asyncio.BrokenBarrierError):
        for _ in range(2):
            await begin.wait()
            moments.append((time.perf_counter(), read_cpu_s(process)))
    await asyncio.gather(*tasks)
    if len(moments) < 2:
        return float("nan"), float("nan")
    return moments[1][0] - moments[0][0], moments[1][1] - moments[0][1]


def run(visitors: int, edits: int, thinks: list[float]) -> bool:
    """Start a server, let the visitors work once for each pause, print the table; tell whether all was right."""
    study = open_study(demo_folder())
    lines, faults = [], []
    with tempfile.TemporaryDirectory(prefix="clients-") as folder:
        home = Path(folder)
        server, address = start_server(home)
        try:
            first = Visit([])
            asyncio.run(run_all(address, [first], 0.0, server.pid))
            places = choose_places(study, visitors * len(thinks), edits)
            for turn, think_s in enumerate(thinks):
                visits = [Visit(each) for each in places[turn * visitors : (turn + 1) * visitors]]
                took, cpu = asyncio.run(run_all(address, visits, think_s, server.pid))
                check(study, home / "store", visits)
                faults += [
                    f"visitor {number + 1}: {each}" for number, mine in enumerate(visits) for each in mine.faults
                ]
                lines.append(_tell(think_s, visits, took, cpu))
        finally:
            server.terminate()
            server.wait(30.0)
    print_table(
        f"{visitors} visitors on one server, {edits} stations each: click, read the numbers, add; demo study",
        ("pause s", "acts", "median s", "target", "95 % s", "largest s", "acts / s", "server CPU ms / act", "faults"),
        lines,
    )
    print("\n".join(["", *faults]) if faults else "\nno fault; every visitor saw and stored its own edits only")
    return not faults


def _tell(think_s: float, visits: list[Visit], took_s: float, cpu_s: float) -> tuple[object, ...]:
    spent = sorted(each for mine in visits for kind in mine.seconds.values() for each in kind)
    if not spent:
        return (f"{think_s:g}", 0, "—", "FAIL", "—", "—", "—", "—", sum(len(mine.faults) for mine in visits))
    median = statistics.median(spent)
    return (
        f"{think_s:g}",
        len(spent),
        format_s(median),
        judge(median, _TARGET_S, at_least=False),
        format_s(spent[int(0.95 * (len(spent) - 1))]),
        format_s(spent[-1]),
        f"{len(spent) / took_s:.1f}",
        f"{cpu_s / len(spent) * 1000:.0f}",
        sum(len(mine.faults) for mine in visits),
    )


def main() -> None:
    """Run with the number of the target or others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--edits", type=int, default=5, help="stations each visitor adds")
    parser.add_argument("--think", type=float, nargs="+", default=[0.0, 5.0], help="mean pauses between two acts [s]")
    arguments = parser.parse_args()
    print_machine()
    if not run(arguments.visitors, arguments.edits, arguments.think):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
