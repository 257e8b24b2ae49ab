"""Larger files made of a real extract: whole copies side by side, or the same roads among more buildings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium

# Copies keep clear of each other: identifiers in OpenStreetMap stay below this, and so does the width.
_ID_STEP = 20_000_000_000
_LON_STEP_DEG = 2.0


def write_copies(source: Path, target: Path, copies: int) -> None:
    """Write an extract several times over, each copy two degrees further east with its own identifiers.

    Everything is copied, not the roads alone, in the usual order: all nodes, then ways, then relations.
    """
    with osmium.SimpleWriter(str(target)) as writer:
        for kind, add in (
            (osmium.osm.NODE, writer.add_node),
            (osmium.osm.WAY, writer.add_way),
            (osmium.osm.RELATION, writer.add_relation),
        ):
            for copy in range(copies):
                for item in osmium.FileProcessor(str(source), kind):
                    add(_shift(item, copy))


def _shift(item: Any, copy: int) -> Any:
    start = copy * _ID_STEP
    if item.is_node():
        location = (item.location.lon + copy * _LON_STEP_DEG, item.location.lat)
        return item.replace(id=item.id + start, location=location)
    if item.is_way():
        return item.replace(id=item.id + start, nodes=[node.ref + start for node in item.nodes])
    members = [(member.type, member.ref + start, member.role) for member in item.members]
    return item.replace(id=item.id + start, members=members)


def write_among_buildings(source: Path, target: Path, buildings: int) -> None:
    """Write an extract with four-cornered buildings added, so that the file grows and its roads do not."""
    start = 9 * _ID_STEP
    with osmium.SimpleWriter(str(target)) as writer:
        for item in osmium.FileProcessor(str(source), osmium.osm.NODE):
            writer.add_node(item)
        for number, location in enumerate(_corners(buildings)):
            writer.add_node(osmium.osm.mutable.Node(id=start + number, location=location))
        for item in osmium.FileProcessor(str(source), osmium.osm.WAY):
            writer.add_way(item)
        for number in range(buildings):
            ring = [start + 4 * number + corner % 4 for corner in range(5)]
            writer.add_way(osmium.osm.mutable.Way(id=start + number, nodes=ring, tags={"building": "yes"}))
        for item in osmium.FileProcessor(str(source), osmium.osm.RELATION):
            writer.add_relation(item)


def _corners(buildings: int) -> Iterator[tuple[float, float]]:
    for number in range(buildings):
        west, south = 1.3 + number % 1000 * 4e-4, 42.3 + number // 1000 * 4e-4
        yield from ((west, south), (west + 1e-4, south), (west + 1e-4, south + 1e-4), (west, south + 1e-4))
