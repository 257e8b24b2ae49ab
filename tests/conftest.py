"""Fixtures of every test, and the guard against the other package named coverage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM, FLAGS, WAIT_MS
from hypothesis import settings

import coverage
import geodata  # noqa: F401 - sets the list of permitted drivers before any library loads

ROOT = Path(__file__).resolve().parents[1]
if Path(coverage.__file__).resolve().parent != ROOT / "coverage":
    raise RuntimeError(f"`import coverage` found {coverage.__file__}: coverage.py must not be installed here")


# A busy machine is no fault of the program: tests are about answers, timings stand in benchmarks/.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=150)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of reference data that stands beside the repository; skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("reference data (../shared/data) is not here")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start Chromium once; a test opens a context of its own in it."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS, timeout=WAIT_MS)
        yield browser
        browser.close()
