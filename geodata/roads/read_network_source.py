"""One door for every kind of road file: the content tells which reader takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from coverage.errors import DataIssue
from coverage.network.model import RoadLines
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file
from geodata.roads.node_lines import RepairReport
from geodata.roads.osm_file import is_pbf, is_xml
from geodata.roads.read_osm import read_osm
from geodata.roads.read_osmnx import read_graphml
from geodata.roads.read_roads import read_line_roads

RoadFormat = Literal["osm", "graphml", "lines"]

_HEAD_BYTES = 4096


@reads_file
def find_road_format(path: Path) -> RoadFormat:
    """Tell from the content which reader takes a road file.

    Raises
    ------
    MissingInputError, InputError
        As `check_input_file` does.
    """
    file = check_input_file(path)
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if is_pbf(head) or head.startswith((b"\x1f\x8b", b"BZh")):
        return "osm"
    if is_xml(head) and b"<kml" not in head:
        return "graphml" if b"<graphml" in head else "osm"
    return "lines"


@reads_file
def read_road_lines(
    path: Path, mode: Mode, *, ferries: bool = False, progress: Progress = ignore_progress
) -> tuple[RoadLines, tuple[DataIssue, ...]]:
    """Read roads from any file the planner knows.

    OpenStreetMap files (PBF, XML, packed XML), OSMnx GraphML, and line layers (GeoPackage, Shapefile,
    GeoJSON, and what else `read_vector` opens). Extensions are not looked at.

    Parameters
    ----------
    path
        The file.
    mode
        How people travel.
    ferries
        True to use ferry lines too.
    progress
        Told the share done.

    Returns
    -------
    The road lines; what was found, for a line layer with a note on how it was repaired.

    Raises
    ------
    MissingInputError, InputError
        As the readers do.
    """
    file = check_input_file(path)
    road_format = find_road_format(file)
    if road_format == "osm":
        return read_osm(file, mode, ferries=ferries, progress=progress)
    if road_format == "graphml":
        return read_graphml(file, mode, ferries=ferries, progress=progress)
    lines, report, issues = read_line_roads(file, mode, ferries=ferries, progress=progress)
    return lines, (*issues, describe_repair(report, file.name))


def describe_repair(report: RepairReport, source: str) -> DataIssue:
    """Put a repair report into a note."""
    return DataIssue(
        "roads.repaired",
        "note",
        source,
        report.lines_in,
        facts=(
            ("ends_snapped", report.ends_snapped),
            ("crossings_noded", report.crossings_noded),
            ("duplicates_dropped", report.duplicates_dropped),
            ("components_before", report.components_before),
            ("components_after", report.components_after),
            ("share_before_percent", round(100.0 * report.largest_share_before, 1)),
            ("share_after_percent", round(100.0 * report.largest_share_after, 1)),
        ),
    )
