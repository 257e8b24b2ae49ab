"""Chromium for the tests that need a browser: where it is, how it starts, how long it is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What hangs is to end; a busy machine is no fault of the program.
WAIT_MS = 90_000
# The marks of a file of such tests; each worker starts one browser and one server for all that it gets.
BROWSER_MARKS = [
    pytest.mark.browser,
    pytest.mark.enable_socket,  # Playwright talks to its driver through pipes that asyncio makes of sockets
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed at /usr/bin/chromium"),
]
