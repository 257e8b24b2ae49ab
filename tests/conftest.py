"""Fixtures of every test, and the guard against the other package named coverage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import coverage
import geodata  # noqa: F401 - sets the list of permitted drivers before any library loads
from geodata.worker import one_worker

ROOT = Path(__file__).resolve().parents[1]
if Path(coverage.__file__).resolve().parent != ROOT / "coverage":
    raise RuntimeError(f"`import coverage` found {coverage.__file__}: coverage.py must not be installed here")


# A busy machine is no fault of the program: tests are about answers, timings stand in benchmarks/.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=150)
settings.load_profile("quick")


@pytest.fixture(scope="session", autouse=True)
def _one_worker() -> Iterator[None]:
    """Read the files of all tests in one other process: starting one for each would take most of the time."""
    with one_worker():
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of reference data that stands beside the repository; skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("reference data (../shared/data) is not here")
    return folder
