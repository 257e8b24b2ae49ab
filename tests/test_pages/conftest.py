"""Fixtures of the screen tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_browser import CHROMIUM, FLAGS
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from coverage.model import Study
from coverage.question import Question
from coverage.siting.solve import SitingQuestion
from coverage.stations import StationChoice
from geodata.demo import demo_folder
from geodata.run_siting import Suggestion, suggest_sites
from geodata.siting_candidates import SitingOptions
from geodata.study import open_study
from pages.ui.first_question import first_question

ROOT = Path(__file__).resolve().parents[2]
APP = str(ROOT / "app.py")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every page through app.py, as a server does once app.py has run; AppTest forgets it each time."""
    original = PagesManager.__init__

    def start(self: PagesManager, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", start)


@pytest.fixture
def app(served: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    """Return the application with its folder in the test's own; only its pages without a map are visited."""
    monkeypatch.setenv("PLANNER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("pages.ui.map_frame.show_map", lambda *arguments, **named: None)
    return AppTest.from_file(APP, default_timeout=60.0)


@pytest.fixture(scope="module")
def study() -> Study:
    """Return the embedded demo study."""
    return open_study(demo_folder())


@pytest.fixture(scope="module")
def question(study: Study) -> Question:
    """Return what it is asked first."""
    return first_question(study)


@pytest.fixture(scope="module")
def found(study: Study) -> Suggestion:
    """Return five sites for legal aid from the engine itself."""
    question = Question(StationChoice(service="legal_aid", family="legal"), season="summer")
    return suggest_sites(study, question, SitingQuestion("mclp", sites=5), SitingOptions(per_year=2, first_year=2030))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the server's own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """Start the application on a free port, and stop it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (home / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"],
        cwd=ROOT,
        env=os.environ | {"PLANNER_HOME": str(home)},
        stdout=log,
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
        log.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Start Chromium once for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()
