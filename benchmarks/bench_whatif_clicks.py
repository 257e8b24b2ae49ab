"""What a user of the What-if page waits for in Chromium: from a click to new numbers and a new map.

The application is started on the demo study with a folder of its own. Stations are tried at places of people left
out (a click on the map), closed again (a click on a button) and brought back (undo). A click is over when the figures
have changed and the new picture of the changes has been decoded; the map must never be mounted again. A click lasts
from the browser's own pointer event, by the browser's own clock, so that the driver's time does not count.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmarks.measure import ROOT, judge, print_machine, print_table
from coverage.access.assessment import assess
from coverage.travel.travel_basis import build_travel_basis
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study
from pages.ui.first_question import first_question

_CHROMIUM = "/usr/bin/chromium"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_FRAME = "iframe[title='streamlit_folium.st_folium']"
_WAIT_MS = 60_000
_MEDIAN_S, _P95_S = 1.0, 1.5
_APART_DEG = 0.13
# Before a click: what is on screen is marked as seen, and the moment of the next pointer event is kept.
_MARK = """([selector]) => {
    const map = document.querySelector(selector).contentDocument;
    const picture = map.querySelector('img.planner-changes');
    if (picture) picture._seen = true;
    window._figures = document.querySelector('.p-figures').innerText;
    window._clicked = 0;
    for (const place of [document, map]) {
        place.addEventListener('pointerdown', () => { window._clicked = Date.now(); }, { capture: true, once: true });
    }
}"""
_DONE = """([selector]) => {
    const figures = document.querySelector('.p-figures');
    const picture = document.querySelector(selector).contentDocument.querySelector('img.planner-changes');
    const isNew = figures && figures.innerText !== window._figures && picture && !picture._seen && picture.complete;
    return isNew && window._clicked ? Date.now() - window._clicked : false;
}"""


@contextmanager
def serve() -> Iterator[str]:
    """Start the application on a free port with an empty folder, and stop it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen(
            [*command, "--server.headless", "true"],
            cwd=ROOT,
            env=os.environ | {"PLANNER_HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(150):
                try:
                    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):  # noqa: S310 - our own server
                        break
                except OSError:
                    time.sleep(0.2)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=10)


def find_places(count: int) -> list[list[float]]:
    """Find places of people left out, apart from each other and from every symbol of a station: lat and lon."""
    study = open_study(demo_folder())
    question = first_question(study)
    demand = assess(build_travel_basis(study), question.choice, cutoff_min=question.cutoff_min).demand
    outside = demand[(demand["status"] != "covered").to_numpy(bool)].sort_values("weight", ascending=False)
    taken = study.stations[(study.stations["level"] != "village").to_numpy(bool)][["lat", "lon"]].to_numpy(float)
    found: list[list[float]] = []
    for lat, lon in zip(outside["lat"], outside["lon"], strict=True):
        if np.hypot(*(taken - (lat, lon)).T).min() > _APART_DEG:
            found.append([float(lat), float(lon)])
            taken = np.vstack((taken, [[lat, lon]]))
    return found[:count]


class Bench:
    """The page under the stopwatch."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.map = page.frame_locator(_FRAME)
        self.seconds: dict[str, list[float]] = {}

    def time(self, what: str, click: Any) -> None:
        """Click and wait for new figures and a new picture."""
        self.page.evaluate(_MARK, [_FRAME])
        click()
        taken = self.page.wait_for_function(_DONE, arg=[_FRAME], timeout=_WAIT_MS).json_value()
        self.seconds.setdefault(what, []).append(float(taken) / 1000.0)
        self.page.wait_for_timeout(300)

    def try_place(self, place: list[float]) -> None:
        """Click the map at a place."""
        at = self.map.locator("body").evaluate(
            "(_, at) => { const p = window.map.latLngToContainerPoint(at); return { x: p.x, y: p.y }; }", place
        )
        self.time("try a station (click on the map)", lambda: self.map.locator("#map_div").click(position=at))

    def press(self, what: str, name: str) -> None:
        """Click a button whose effect is timed."""
        self.time(what, lambda: self.page.get_by_role("button", name=name, exact=True).click())


def run(url: str, places: list[list[float]], closed: int) -> tuple[dict[str, list[float]], bool]:
    """Do it; return the seconds by what was done, and whether the map was mounted once only."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")
        page.goto(f"{url}/?lang=en")
        bench = Bench(page)
        bench.map.locator(".leaflet-container").wait_for(timeout=_WAIT_MS)
        page.get_by_role("link", name="What if").click()
        bench.map.locator("img.planner-changes").wait_for(timeout=_WAIT_MS)
        page.wait_for_timeout(2000)
        bench.map.locator("body").evaluate("() => { window.map._mark = 1; }")
        for number, place in enumerate(places, start=1):
            bench.try_place(place)
            page.get_by_role("button", name="Add to the scenario").click()
            page.get_by_text(f"History {number}").first.wait_for(timeout=_WAIT_MS)
            page.wait_for_timeout(500)
        for number in range(closed):
            bench.map.locator(".planner-scene-added").first.dispatch_event("click")
            page.get_by_role("button", name="Close", exact=True).wait_for(timeout=_WAIT_MS)
            page.wait_for_timeout(500)
            bench.press("close a station (button)", "Close")
            page.get_by_text(f"History {len(places) + number + 1}").first.wait_for(timeout=_WAIT_MS)
        for _ in range(closed):
            bench.press("undo (button)", "Undo")
        is_once = bench.map.locator("body").evaluate("() => window.map._mark") == 1
        chromium.close()
        return bench.seconds, bool(is_once)


def main() -> None:
    """Run at the size asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, default=14, help="stations that are tried and added")
    parser.add_argument("--closed", type=int, default=8, help="stations that are closed, and closings undone")
    parser.add_argument("--quick", action="store_true", help="a few clicks, to see that everything works")
    arguments = parser.parse_args()
    print_machine()
    count, closed = (2, 1) if arguments.quick else (arguments.places, arguments.closed)
    with serve() as url:
        seconds, is_once = run(url, find_places(count), closed)
    every = [one for each in seconds.values() for one in each]
    median, p95 = statistics.median(every), float(np.percentile(every, 95))
    rows: list[tuple[object, ...]] = [
        (what, len(each), f"{statistics.median(each):.2f}", f"{max(each):.2f}", "") for what, each in seconds.items()
    ]
    verdict = (
        f"median {judge(median, _MEDIAN_S, at_least=False)}; 95 % {p95:.2f} s {judge(p95, _P95_S, at_least=False)}"
    )
    rows.append(("all clicks", len(every), f"{median:.2f}", f"{max(every):.2f}", verdict))
    print_table(
        "Demo study in Chromium, 1440 × 900: from a click to new figures and a new map",
        ("click", "number", "median s", "longest s", "target"),
        rows,
    )
    print(f"map mounted once: {'PASS' if is_once else 'MISS'}")
    if not is_once:
        sys.exit(1)


if __name__ == "__main__":
    main()
