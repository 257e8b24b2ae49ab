"""What every use of pyosmium shares: opening a checked file, its complaints, positions of nodes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium
import osmium.filter
import osmium.io
import osmium.osm

from coverage.errors import InputError, PlannerError
from coverage.progress import Progress, report_progress
from geodata.files.safe_files import check_input_file
from geodata.jobs.tasks import Answer, Request
from geodata.jobs.worker import run_task
from geodata.roads.osm_file import OsmFormat, unpacked_osm
from geodata.roads.osm_restrictions import RESTRICTION_FILTER_KEYS
from geodata.roads.pbf_nodes import Ids, UnusualPbfError, read_node_positions

REPORT_EVERY = 20_000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OsmFile:
    """A checked file that is not packed: where it is, its format, and the name its messages give it."""

    path: Path
    format: OsmFormat
    source: str

    def open(self) -> osmium.io.File:
        """Open it in a format that was told from its content, so that its name decides nothing."""
        return osmium.io.File(str(self.path.resolve()), self.format)


def run_osm_task(task: str, path: Path, request: Request, progress: Progress) -> Answer:
    """Do a task with an OpenStreetMap file, see `geodata.jobs.worker.run_task`; it may unpack it."""
    file = check_input_file(path)
    with tempfile.TemporaryDirectory(prefix="roads-") as folder:
        return run_task(task, file, {**request, "folder": folder}, source=path.name, progress=progress)


@contextmanager
def opened_osm(request: Request) -> Iterator[OsmFile]:
    """Give the file of a request; the parser's complaint about a broken one becomes `InputError`."""
    path, source = Path(request["file"]), request["source"]
    with unpacked_osm(path, Path(request["folder"])) as (plain, file_format):
        try:
            yield OsmFile(plain, file_format, source)
        except PlannerError:
            raise
        except Exception as error:
            detail = str(error).replace(str(plain.resolve()), source)[:200]
            raise InputError("roads.unreadable", file=source, detail=detail) from error


def open_roads(osm: OsmFile, way_keys: tuple[str, ...]) -> osmium.FileProcessor:
    """Go through nodes, ways and relations that may matter to roads: ways with one of the keys given."""
    entities = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION
    processor = osmium.FileProcessor(osm.open(), entities)
    for kind, keys in (
        (osmium.osm.NODE, ("barrier", "highway", "railway")),
        (osmium.osm.WAY, way_keys),
        (osmium.osm.RELATION, RESTRICTION_FILTER_KEYS),
    ):
        key_filter = osmium.filter.KeyFilter(*keys)
        key_filter.enable_for(kind)
        processor = processor.with_filter(key_filter)
    return processor


def approach(low: float, high: float, number: int) -> float:
    """Return a share between two limits that grows with a count whose end is not known."""
    return high - (high - low) / (1.0 + number / 200_000)


def read_positions(osm: OsmFile, node_id: Ids, progress: Progress, low: float, high: float) -> tuple[Floats, Floats]:
    """Read the positions of nodes (ascending ids); NaN for those that are not in the file.

    Returns
    -------
    lon, lat, shape (n,) [degrees].
    """
    report_progress(progress, low, "roads.positions")
    if osm.format == "pbf":
        try:
            return read_node_positions(osm.path, node_id)
        except UnusualPbfError:
            pass  # an unusual layout: osmium knows them all
    lon = np.full(len(node_id), np.nan)
    lat = np.full(len(node_id), np.nan)
    place = {node: at for at, node in enumerate(node_id.tolist())}
    for number, node in enumerate(osmium.FileProcessor(osm.open(), osmium.osm.NODE)):
        if number % REPORT_EVERY == 0:
            report_progress(progress, approach(low, high, number), "roads.positions")
        at = place.get(node.id)
        if at is not None and isinstance(node, osmium.osm.Node) and node.location.valid():
            lon[at], lat[at] = node.location.lon, node.location.lat
    return lon, lat
