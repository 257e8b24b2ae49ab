"""What takes the place of the map's front end, which AppTest does not run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


class FakeMap:
    """Keeps what the map was given, and can be clicked.

    Parameters
    ----------
    layers, text
        What was drawn last: data by slot, and all of it as one text.
    shown
        How often a map was drawn.
    is_clicked
        True to report a click at every drawing; its place is what the test put into the session.
    """

    def __init__(self) -> None:
        self.layers: dict[str, Any] = {}
        self.text = ""
        self.shown = 0
        self.is_clicked = False

    def show(self, fig: Any, layers: Any, *, key: str, height: int, on_change: Callable[[], None]) -> None:
        """Take the place of `map_frame.show_map`."""
        calls = [child for child in layers._children.values() if hasattr(child, "encoded")]
        data = [(call.function, json.loads(call.encoded)) for call in calls]
        self.shown += 1
        self.text = "".join(call.encoded for call in calls)
        self.layers = {one.get("slot", name): one for name, one in data}
        if self.is_clicked:
            on_change()

    def is_on(self, slot: str) -> bool:
        """Tell whether a layer is drawn."""
        return bool(self.layers[slot].get("key"))
