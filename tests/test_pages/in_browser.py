"""One visit in Chromium, and what it gave away."""

from __future__ import annotations

from pathlib import Path

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
FRAME = "iframe[title='streamlit_folium.st_folium']"
WAIT_MS = 60_000


class Visit:
    """One visit in the browser and what it gave away: requests, errors in the console, failed answers."""

    def __init__(self, address: str, path: str, locale: str, browser: object) -> None:
        self.address = address
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page = browser.new_page(viewport={"width": 1440, "height": 900}, locale=locale)  # type: ignore[attr-defined]
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.page.goto(address + path)
        self.map = self.page.frame_locator(FRAME)
        self.map.locator(".leaflet-container").wait_for(timeout=WAIT_MS)

    def assert_quiet(self) -> None:
        """Check that nothing left this computer and nothing went wrong in the browser."""
        outside = [
            url for url in self.requests if not url.startswith((self.address, "data:", "blob:", "ws://127.0.0.1"))
        ]
        assert outside == []
        assert self.errors == []
