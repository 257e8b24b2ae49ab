"""What every use of pyosmium shares: opening a checked file, its complaints, positions of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium
import osmium.filter
import osmium.io
import osmium.osm

from coverage.errors import InputError, PlannerError
from coverage.progress import Progress, report_progress
from geodata.roads.osm_file import OsmFormat
from geodata.roads.osm_restrictions import RESTRICTION_FILTER_KEYS
from geodata.roads.pbf_nodes import Ids, UnusualPbfError, read_node_positions

REPORT_EVERY = 20_000
Floats = npt.NDArray[np.float64]


def open_osm(path: Path, file_format: OsmFormat) -> osmium.io.File:
    """Open a file in a format that was told from its content, so that its name decides nothing."""
    return osmium.io.File(str(path.resolve()), file_format)


def open_roads(path: Path, file_format: OsmFormat, way_keys: tuple[str, ...]) -> osmium.FileProcessor:
    """Go through nodes, ways and relations that may matter to roads: ways with one of the keys given."""
    entities = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION
    processor = osmium.FileProcessor(open_osm(path, file_format), entities)
    for kind, keys in (
        (osmium.osm.NODE, ("barrier", "highway", "railway")),
        (osmium.osm.WAY, way_keys),
        (osmium.osm.RELATION, RESTRICTION_FILTER_KEYS),
    ):
        key_filter = osmium.filter.KeyFilter(*keys)
        key_filter.enable_for(kind)
        processor = processor.with_filter(key_filter)
    return processor


@contextmanager
def explain_failures(path: Path) -> Iterator[None]:
    """Turn the parser's complaint about a broken file into `InputError`."""
    try:
        yield
    except PlannerError:
        raise
    except (RuntimeError, OSError, ValueError, KeyError, osmium.InvalidLocationError) as error:
        detail = str(error).replace(str(path.resolve()), path.name)[:200]
        raise InputError("roads.unreadable", file=path.name, detail=detail) from error


def approach(low: float, high: float, number: int) -> float:
    """Return a share between two limits that grows with a count whose end is not known."""
    return high - (high - low) / (1.0 + number / 200_000)


def read_positions(
    path: Path, file_format: OsmFormat, node_id: Ids, progress: Progress, low: float, high: float
) -> tuple[Floats, Floats]:
    """Read the positions of nodes (ascending ids); NaN for those that are not in the file.

    Returns
    -------
    lon, lat, shape (n,) [degrees].
    """
    report_progress(progress, low, "roads.positions")
    if file_format == "pbf":
        try:
            return read_node_positions(path, node_id)
        except UnusualPbfError:
            pass  # an unusual layout: osmium knows them all
    lon = np.full(len(node_id), np.nan)
    lat = np.full(len(node_id), np.nan)
    place = {node: at for at, node in enumerate(node_id.tolist())}
    for number, node in enumerate(osmium.FileProcessor(open_osm(path, file_format), osmium.osm.NODE)):
        if number % REPORT_EVERY == 0:
            report_progress(progress, approach(low, high, number), "roads.positions")
        at = place.get(node.id)
        if at is not None and isinstance(node, osmium.osm.Node) and node.location.valid():
            lon[at], lat[at] = node.location.lon, node.location.lat
    return lon, lat
