"""One visit to the application in Chromium, and what it gave away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chromium import WAIT_MS

FRAME = "iframe[title='streamlit_folium.st_folium']"
# Zoomed and panned to its end; a click before that would hit another place.
_IS_STILL = """([frame, number]) => {
    const shown = document.querySelectorAll(frame)[number];
    const map = shown && shown.contentWindow && shown.contentWindow.map;
    if (!map || map._animatingZoom || (map._panAnim && map._panAnim._inProgress)) return false;
    const box = shown.getBoundingClientRect(), at = map.getCenter();
    const now = [at.lat, at.lng, map.getZoom(), map.getSize().x, box.x, box.y, box.width, box.height].join(" ");
    const isSame = window.planSeen === now;
    window.planSeen = now;
    return isSame;
}"""

_WATCH_RUNS = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    window.plannerRuns = 0;
    if (window.plannerWatch) window.plannerWatch.disconnect();
    window.plannerWatch = new MutationObserver(() => {
        if (app.dataset.testScriptState === "running") window.plannerRuns += 1;
    });
    window.plannerWatch.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
}"""
_HAS_RUN = """() => window.plannerRuns > 0
    && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
"""


class Visit:
    """One visit in the browser and what it gave away: requests, errors in the console, failed answers."""

    def __init__(self, chromium: Any, address: str, path: str, locale: str) -> None:
        self.address = address
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale=locale)
        self._context.set_default_timeout(WAIT_MS)
        self.page = self._context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.page.goto(address + path)
        self.map = self.page.frame_locator(FRAME)

    def turn_to(self, name: str) -> None:
        """Turn to another page through the navigation."""
        self.page.get_by_role("link", name=name).click()

    def settle(self) -> None:
        """Wait until the server has drawn everything that was asked for."""
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()

    def run(self, act: Callable[[], object]) -> None:
        """Do something that runs the page again, and wait until that run has drawn everything."""
        self.settle()
        self.page.evaluate(_WATCH_RUNS)
        act()
        self.page.wait_for_function(_HAS_RUN)

    def settle_map(self, number: int = 0) -> None:
        """Wait until the page is drawn and a map lies still: the same view, size and place twice."""
        self.settle()
        self.page.wait_for_function(_IS_STILL, arg=[FRAME, number], polling=150)

    def wait_for_map(self, condition: str, number: int = 0) -> None:
        """Wait until a condition on the Leaflet ``map`` of a frame holds."""
        script = f"""([frame, number]) => {{
            const map = document.querySelectorAll(frame)[number].contentWindow.map;
            return map && ({condition});
        }}"""
        self.page.wait_for_function(script, arg=[FRAME, number])

    def assert_quiet(self) -> None:
        """Check that nothing left this computer and nothing went wrong in the browser."""
        outside = [
            url for url in self.requests if not url.startswith((self.address, "data:", "blob:", "ws://127.0.0.1"))
        ]
        assert outside == []
        assert self.errors == []

    def close(self) -> None:
        """Close the page and forget what its context kept."""
        self._context.close()
