"""Fixtures of every test, and the guard against the other package named coverage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM, FLAGS, WAIT_MS
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

import coverage
import geodata  # noqa: F401 - sets the list of permitted drivers before any library loads
from geodata.jobs.worker import one_worker

ROOT = Path(__file__).resolve().parents[1]
# Starts of names, in the order they take their turn; everything else follows.
LONGEST = (
    *("tests/test_pages/test_browser", "tests/test_geodata/test_report_", "tests/test_cli", "tests/test_real_studies"),
    "tests/test_pages/",
)
# Random worlds that a test is quick with.
QUICK_WORLDS = 1
# Files whose names start so use the same reports, built once for each process.
SHARING = ("tests/test_geodata/test_report_",)
if Path(coverage.__file__).resolve().parent != ROOT / "coverage":
    raise RuntimeError(f"`import coverage` found {coverage.__file__}: coverage.py must not be installed here")


# A busy machine is no fault of the program: tests are about answers, timings stand in benchmarks/.
settings.register_profile("quick", deadline=None, max_examples=10)
settings.register_profile("thorough", deadline=None, max_examples=30)
settings.load_profile("quick")


@pytest.fixture(scope="session", autouse=True)
def _one_worker() -> Iterator[None]:
    """Read the files of all tests in one other process: starting one for each would take most of the time."""
    with one_worker():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without looking for garbage: what is imported and collected stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        # Tables of thousands of small objects are no garbage: looked for less often, a tenth of the time is saved.
        gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave random worlds beyond the first of a test to the slow run; start what takes longest first.

    The order lets no worker be alone with a long test at the end.
    """
    for item in items:
        drawn = getattr(item, "callspec", None)
        seed = None if drawn is None else drawn.params.get("seed")
        if isinstance(seed, int) and seed >= QUICK_WORLDS:
            item.add_marker(pytest.mark.slow)
    items.sort(key=_find_turn)


def _find_turn(item: pytest.Item) -> int:
    return next((turn for turn, start in enumerate(LONGEST) if item.nodeid.startswith(start)), len(LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Keep the tests of a file on one worker, and those of all files about the demo's reports too."""
    return ByShared(config, log) if config.getoption("dist") == "loadfile" else None


class ByShared(LoadFileScheduling):
    """Workers take files, or groups of files that share what takes long to build."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((start for start in SHARING if file.startswith(start)), file)


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
