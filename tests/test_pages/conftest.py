"""Fixtures of the screen tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).resolve().parents[2] / "app.py")


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
