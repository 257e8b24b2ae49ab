"""One stretch of road as the generator draws it, and the table of all of them."""

from __future__ import annotations

from dataclasses import dataclass

from demo.plane import Array


@dataclass(frozen=True, eq=False)
class Road:
    """A stretch of road with the tags that OpenStreetMap would give it; `line` in kilometres, shape (k, 2)."""

    line: Array
    highway: str
    name: str = ""
    oneway: str = ""
    maxspeed: str = ""
    surface: str = "asphalt"
    junction: str = ""
    bridge: str = ""
    layer: str = ""


TAGS: tuple[str, ...] = ("highway", "name", "oneway", "maxspeed", "surface", "junction", "bridge", "layer")
