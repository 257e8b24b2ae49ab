"""Fixtures of the screen tests."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_map import FakeMap
from in_browser import Visit
from small_study import STUDY, write_small_study
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from strict_words import refuse_missing_words
from whatif_bench import EventMap

from coverage.inputs.question import Question
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.progress import Progress
from coverage.siting.plan.solve import SitingQuestion
from geodata.answers import siting_job
from geodata.answers.run_siting import Suggestion, suggest_sites
from geodata.answers.siting_candidates import SitingOptions
from geodata.documents import report_job, run_report
from geodata.jobs.tasks import ORDER, Answer, Order, Request, find_task
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study
from pages.ui import map_frame
from pages.ui.first_question import first_question
from pages.ui.memo import cached

ROOT = Path(__file__).resolve().parents[2]
APP = str(ROOT / "app.py")
# AppTest draws nothing of an application that only serves a script: it enters at the frame.
FRAME = str(ROOT / "pages" / "frame.py")
# A page that hangs is to end; a busy machine is no fault of the program.
LONGEST_RUN_S = 600.0
_PAUSE_S = 0.1


# ── the application without a browser ───────────────────────────────────────────────────────────
@pytest.fixture(scope="session", autouse=True)
def packages_searched_once() -> Iterator[None]:
    """Look for components in the installed packages once; each AppTest would read the metadata of all of them."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture(autouse=True)
def strict_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test in which any word was missing, also where a page made a box of the failure."""
    missed = refuse_missing_words(monkeypatch)
    yield
    assert missed == []


_OPENED: dict[tuple[str, str, str | None], Study] = {}


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, study: Study) -> Callable[[], AppTest]:
    """Return what begins a visit to the application, its folder in the test's own; no map is drawn.

    The demo is the one that the tests share, and a folder with the same files is opened once in a process.
    """

    def open_shared(path: Path, **how: Any) -> Study:
        if path == demo_folder() / "study.toml" and how.get("mode") is None:
            return study
        files = sorted(one for one in path.parent.iterdir() if one.is_file())
        content = hashlib.sha256(b"".join(one.name.encode() + one.read_bytes() for one in files)).hexdigest()
        key = (path.name, content, how.get("mode"))
        if key not in _OPENED:
            _OPENED[key] = open_study(path, **how)
        return _OPENED[key]

    for module in (cached, siting_job, run_report):
        monkeypatch.setattr(module, "open_study", open_shared)
    for module in (siting_job, report_job):
        monkeypatch.setattr(module, "run_job", run_in_place)
    monkeypatch.setattr(map_frame, "show_map", lambda *arguments, **named: None)
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    return functools.partial(AppTest.from_file, FRAME, default_timeout=LONGEST_RUN_S)


def run_in_place(
    task: str,
    request: Request,
    arrays: dict[str, Any],
    *,
    progress: Progress,
    aside: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Answer:
    """Do a job here, with what it says going through JSON all the same: a process for each test would take long."""

    def tell_aside(content: dict[str, Any]) -> bool:
        aside(json.loads(json.dumps(content)))
        return True

    ORDER.set(Order(dict(arrays), tell_aside))
    answer = find_task(task)(json.loads(json.dumps(request)), progress)
    return replace(answer, head=json.loads(json.dumps(answer.head)))


@pytest.fixture
def app(start: Callable[[], AppTest]) -> AppTest:
    """Return a visit that has not begun."""
    return start()


@pytest.fixture
def fake_map(start: Callable[[], AppTest], monkeypatch: pytest.MonkeyPatch) -> FakeMap:
    """Keep what the map of a page is given."""
    fake = FakeMap()
    monkeypatch.setattr(map_frame, "show_map", fake.show)
    return fake


@pytest.fixture
def event_map(start: Callable[[], AppTest], monkeypatch: pytest.MonkeyPatch) -> EventMap:
    """Report on the map of the What-if page what a test does there."""
    fake = EventMap()
    monkeypatch.setattr(map_frame, "show_map", fake.show)
    return fake


# ── studies and answers ─────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="session")
def study() -> Study:
    """Return the embedded demo study."""
    return open_study(demo_folder())


@pytest.fixture(scope="session")
def question(study: Study) -> Question:
    """Return what it is asked first."""
    return first_question(study)


@pytest.fixture(scope="session")
def found(study: Study) -> Suggestion:
    """Return five sites for legal aid from the engine itself."""
    question = Question(StationChoice(service="legal_aid", family="legal"), season="summer")
    return suggest_sites(study, question, SitingQuestion("mclp", sites=5), SitingOptions(per_year=2, first_year=2030))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small study without roads, to be read only."""
    folder = tmp_path_factory.mktemp("bare")
    return write_small_study(folder / "study", study=STUDY.replace('roads = "roads.geojson"\n', ""))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small study whose names are templates and markup, to be read only."""
    folder = tmp_path_factory.mktemp("hostile") / "study"
    path = write_small_study(folder, study=STUDY.replace("小项目", "{{7*191}}<img src=x>"))
    for name, old, new in (
        ("stations.csv", "示意点01", "<script>1</script>{{7*191}}<img src=x onerror=alert(1)>"),
        ("districts.geojson", "\\u9547\\u5317", "{{7*191}}<b>north</b>"),
    ):
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")
    return path


# ── the application in a browser ────────────────────────────────────────────────────────────────
@contextmanager
def serve_application(home: Path) -> Iterator[tuple[str, int]]:
    """Start the application on a free port with its own folder, and stop it afterwards; yields address and process."""
    home.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", APP, "--server.port", str(port), "--server.headless", "true"],
            cwd=ROOT,
            env=os.environ | {"PLANNER_HOME": str(home)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_healthy(url, server)
            yield url, server.pid
        finally:
            server.terminate()
            server.wait(timeout=LONGEST_RUN_S)


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LONGEST_RUN_S
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=10):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(_PAUSE_S)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the shared server."""
    return tmp_path_factory.mktemp("served") / "home"


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """Return the address of the one server that the browser tests share."""
    with serve_application(home) as (url, _):
        yield url


@pytest.fixture
def fresh_address(tmp_path: Path) -> Iterator[str]:
    """Return the address of a server that nobody has visited, for what only its first visit can show."""
    with serve_application(tmp_path / "home") as (url, _):
        yield url


@pytest.fixture
def open_visit(address: str, chromium: Any) -> Iterator[Callable[[str, str], Visit]]:
    """Return what opens an address of the shared server in a context of its own, which ends with the test."""
    visits: list[Visit] = []

    def go(path: str = "/?lang=zh", locale: str = "zh-CN") -> Visit:
        visits.append(Visit(chromium, address, path, locale))
        return visits[-1]

    yield go
    for visit in visits:
        visit.close()
