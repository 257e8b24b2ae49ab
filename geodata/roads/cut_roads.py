"""Cutting the roads of an area out of a larger file, with nothing in it but what the readers use."""

from __future__ import annotations

import errno
import os
import shutil
from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import osmium
import osmium.io
import osmium.osm
import osmium.osm.mutable
import shapely

from coverage.errors import DataIssue, InputError
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.crs import reproject_to_wgs84
from geodata.files.own_files import note_own_file
from geodata.files.reading_border import reads_file
from geodata.files.write_layers import write_gpkg
from geodata.files.write_tables import explain_refusal
from geodata.jobs.tasks import Answer, Request, decode_issues, encode_issues
from geodata.roads.osm_reading import (
    REPORT_EVERY,
    OsmFile,
    approach,
    open_roads,
    opened_osm,
    read_positions,
    run_osm_task,
)
from geodata.roads.osm_restrictions import RESTRICTION_KEYS
from geodata.roads.pbf_nodes import Ids
from geodata.roads.read_network_source import RoadFormat, find_road_format
from geodata.roads.read_roads import read_line_layer
from geodata.roads.road_attributes import find_columns
from geodata.roads.road_nodes import NODE_KEYS
from geodata.roads.road_tags import WAY_KEYS

Area = shapely.Polygon | shapely.MultiPolygon
Tags = dict[str, str]

_CUT_NAMES: dict[RoadFormat, str] = {"osm": "roads.osm.pbf", "graphml": "roads.graphml", "lines": "roads.gpkg"}


def choose_cut_name(source: Path) -> str:
    """Return the file name that suits the cut of a road file: its format decides the extension."""
    return _CUT_NAMES[find_road_format(source)]


@reads_file
def cut_roads(
    source: Path, polygon: Area, target: Path, *, progress: Progress = ignore_progress
) -> tuple[DataIssue, ...]:
    """Cut the roads, ferry lines and turn restrictions of an area out of a road file.

    Roads that touch the area are kept whole, with only the tags that readers look at: no names, no
    authors, no times of editing. The same input gives the same bytes.

    Parameters
    ----------
    source
        OpenStreetMap PBF or XML, a line layer, or OSMnx GraphML (which is copied whole).
    polygon
        The area with its margin [degrees, WGS-84].
    target
        The file to write, named as `choose_cut_name` says; an existing one is replaced.
    progress
        Told the share done.

    Returns
    -------
    What was found on the way.

    Raises
    ------
    MissingInputError, InputError
        The source cannot be read, no road touches the area, or the cut does not fit on the disk.
    """
    road_format = find_road_format(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    if road_format == "graphml":
        with explain_refusal(target):
            shutil.copyfile(source, target)
        return (DataIssue("roads.graph_not_cut", "note", source.name),)
    if road_format == "lines":
        return _cut_lines(source, polygon, target, progress)
    request = {"target": str(target), "polygon": shapely.to_wkb(polygon, hex=True)}
    issues = decode_issues(run_osm_task("cut_osm", source, request, progress).head["issues"])
    note_own_file(target)
    return issues


def _cut_lines(source: Path, polygon: Area, target: Path, progress: Progress) -> tuple[DataIssue, ...]:
    report_progress(progress, 0.0, "roads.lines")
    frame, issues = read_line_layer(source, progress=progress)
    frame, remarks = reproject_to_wgs84(frame, source.name)
    shapely.prepare(polygon)
    inside = shapely.intersects(polygon, np.asarray(frame.geometry.array, dtype=object))
    if not inside.any():
        raise InputError("roads.none_in_area", file=source.name)
    names = list(dict.fromkeys(find_columns(frame).values()))
    kept = frame.loc[inside, [*names, frame.geometry.name]].reset_index(drop=True)
    report_progress(progress, 0.6, "roads.writing")
    write_gpkg(target, kept, "roads")
    report_progress(progress, 1.0, "roads.writing")
    return (*issues, *remarks)


# More than a node and a way's reference to it take in a PBF, packed as it is.
_NODE_BYTES = 24
_REF_BYTES = 10


@dataclass(slots=True)
class _Roads:
    """Every road, ferry line and restriction of a file, tags thinned out."""

    way_id: array[int] = field(default_factory=lambda: array("q"))
    way_tags: list[Tags] = field(default_factory=list)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    refs: array[int] = field(default_factory=lambda: array("q"))
    node_tags: dict[int, Tags] = field(default_factory=dict)
    relations: list[tuple[int, Tags, list[tuple[str, int, str]]]] = field(default_factory=list)


def _thin(tags: Iterable[osmium.osm.Tag], keys: Collection[str]) -> Tags:
    return {tag.k: tag.v for tag in tags if tag.k in keys}


def cut_in_process(request: Request, progress: Progress) -> Answer:
    """Cut an OpenStreetMap file: ``polygon`` (well-known binary, hexadecimal) out of ``file`` into ``target``."""
    polygon = cast(Area, shapely.from_wkb(request["polygon"]))
    shapely.prepare(polygon)
    with opened_osm(request) as osm:
        roads = _gather(osm, progress)
        refs = np.array(roads.refs, dtype=np.int64)
        node_id = np.unique(refs)
        lon, lat = read_positions(osm, node_id, progress, 0.4, 0.7)
    kept = _find_ways_inside(roads, refs, node_id, lon, lat, polygon)
    if not kept.any():
        raise InputError("roads.none_in_area", file=osm.source)
    slots = np.repeat(kept, np.array(roads.sizes, dtype=np.int64))
    used = np.isin(node_id, refs[slots])
    missing = int((used & np.isnan(lon)).sum())
    used &= ~np.isnan(lon)
    _write(roads, kept, node_id[used], lon[used], lat[used], Path(request["target"]), progress)
    issues = [DataIssue("roads.missing_nodes", "warning", osm.source, missing)] if missing else []
    return Answer({"issues": encode_issues(issues)})


def _gather(osm: OsmFile, progress: Progress) -> _Roads:
    roads = _Roads()
    for number, item in enumerate(open_roads(osm, ("highway", "route"))):
        if number % REPORT_EVERY == 0:
            report_progress(progress, approach(0.0, 0.4, number), "roads.ways")
        if isinstance(item, osmium.osm.Way):
            tags = _thin(item.tags, WAY_KEYS)
            if "highway" in tags or tags.get("route") == "ferry":
                roads.way_id.append(item.id)
                roads.way_tags.append(tags)
                roads.sizes.append(len(item.nodes))
                roads.refs.extend([node.ref for node in item.nodes])
        elif isinstance(item, osmium.osm.Node):
            roads.node_tags[item.id] = _thin(item.tags, NODE_KEYS)
        elif isinstance(item, osmium.osm.Relation):
            members = [(member.type, member.ref, member.role) for member in item.members]
            roads.relations.append((item.id, _thin(item.tags, RESTRICTION_KEYS), members))
    return roads


def _find_ways_inside(
    roads: _Roads,
    refs: Ids,
    node_id: Ids,
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    polygon: Area,
) -> npt.NDArray[np.bool_]:
    """Tell which ways touch the area."""
    sizes = np.array(roads.sizes, dtype=np.int64)
    way = np.repeat(np.arange(len(sizes)), sizes)
    at = np.searchsorted(node_id, refs)
    known = ~np.isnan(lon[at])
    way, at = way[known], at[known]
    inside = shapely.intersects_xy(polygon, lon, lat)
    kept = np.zeros(len(sizes), dtype=bool)
    kept[way[inside[at]]] = True
    # A long segment may cross the area without a vertex in it.
    rest = ~kept[way]
    way, at = way[rest], at[rest]
    several = np.bincount(way, minlength=len(sizes))[way] > 1
    way, at = way[several], at[several]
    if len(way):
        numbers, line = np.unique(way, return_inverse=True)
        lines = shapely.linestrings(np.column_stack((lon[at], lat[at])), indices=line)
        kept[numbers[shapely.intersects(polygon, lines)]] = True
    return kept


def _check_space(target: Path, size_bytes: int) -> None:
    """Raise `InputError` if a file of this size does not fit: osmium's writer crashes on a disk that fills up."""
    if shutil.disk_usage(target.parent).free < size_bytes:
        raise InputError("file.cannot_write", file=str(target), reason=os.strerror(errno.ENOSPC))


def _write(
    roads: _Roads,
    kept: npt.NDArray[np.bool_],
    node_id: Ids,
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    target: Path,
    progress: Progress,
) -> None:
    """Write nodes, ways and restrictions in the order of their ids."""
    sizes = np.array(roads.sizes, dtype=np.int64)
    ends = np.cumsum(sizes)
    present = set(node_id.tolist())
    numbers = np.flatnonzero(kept)
    numbers = numbers[np.argsort(np.array(roads.way_id, dtype=np.int64)[numbers], kind="stable")]
    ways = {roads.way_id[number] for number in numbers.tolist()}
    _check_space(target, _NODE_BYTES * len(node_id) + _REF_BYTES * int(sizes[kept].sum()))
    header = osmium.io.Header()
    header.set("generator", "county road cut")
    header.set("sorting", "Type_then_ID")
    target.unlink(missing_ok=True)
    with osmium.SimpleWriter(osmium.io.File(str(target.resolve()), "pbf"), header=header) as writer:
        for number, (node, x, y) in enumerate(zip(node_id.tolist(), lon.tolist(), lat.tolist(), strict=True)):
            if number % REPORT_EVERY == 0:
                report_progress(progress, 0.7 + 0.3 * number / len(node_id), "roads.writing")
            tags = roads.node_tags.get(node, {})
            writer.add_node(osmium.osm.mutable.Node(id=node, location=(x, y), tags=tags))
        for number in numbers.tolist():
            refs = roads.refs[int(ends[number] - sizes[number]) : int(ends[number])]
            writer.add_way(
                osmium.osm.mutable.Way(
                    id=roads.way_id[number],
                    # Nodes that are not in the source stay named, so that readers stop there too.
                    nodes=refs.tolist(),
                    tags=roads.way_tags[number],
                )
            )
        for relation, tags, members in sorted(roads.relations, key=lambda item: item[0]):
            if all((ref in ways) if kind == "w" else (ref in present) for kind, ref, _ in members if kind in "nw"):
                named = [(kind, ref, role if role in ("from", "via", "to") else "") for kind, ref, role in members]
                writer.add_relation(osmium.osm.mutable.Relation(id=relation, members=named, tags=tags))
    report_progress(progress, 1.0, "roads.writing")
