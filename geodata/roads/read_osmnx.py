"""Roads from a graph that OSMnx saved as GraphML."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from coverage.errors import DataIssue, InputError
from coverage.network.model import RoadLines
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.reading_border import reads_file
from geodata.files.safe_files import check_input_file
from geodata.roads.osm_file import check_xml_root
from geodata.roads.road_assembly import RawNodes, RawWays, assemble_roads
from geodata.roads.road_nodes import read_node_tags
from geodata.roads.road_tags import WAY_KEYS, Profile, judge_access, read_way_tags

_NS = "{http://graphml.graphdrawing.org/xmlns}"
# The graph's own edges say which way one may go; these tags would say it twice.
_NOT_READ = frozenset({"oneway", "oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway:bicycle"})
_TRUE = frozenset({"true", "yes", "1"})
_LENIENCE = {"allowed": 0, "restricted": 1, "forbidden": 2}


@reads_file
def read_graphml(
    path: Path, mode: Mode, *, ferries: bool = False, progress: Progress = ignore_progress
) -> tuple[RoadLines, tuple[DataIssue, ...]]:
    """Read a graph saved by ``osmnx.save_graphml``, simplified or not, projected or not.

    Two edges that run against each other over the same line become one street for both ways; an edge
    on its own is one-way, unless it says ``oneway=False``. People on foot go both ways anywhere. Where
    simplification gathered several values, the lowest speed limit and the strictest access count,
    and of other tags the first value; a tunnel or bridge among several ways that were joined is entered like the rest.

    Parameters
    ----------
    path
        The GraphML file.
    mode
        How people travel.
    ferries
        True to use ferry lines too.
    progress
        Told the share done.

    Returns
    -------
    The road lines (without turn restrictions, which such graphs do not hold), and what was found.

    Raises
    ------
    MissingInputError, InputError
        No such file; not GraphML; broken; a DOCTYPE; no road for this mode.
    """
    file = check_input_file(path)
    with file.open("rb") as stream:
        check_xml_root(stream, file.name, "graphml")
    report_progress(progress, 0.0, "roads.graph")
    try:
        graph = _parse(file)
    except ElementTree.ParseError as error:
        raise InputError("roads.unreadable", file=file.name, detail=str(error)[:200]) from error
    except (KeyError, ValueError) as error:
        raise InputError("roads.not_osmnx", file=file.name, detail=str(error)[:200]) from error
    report_progress(progress, 0.6, "roads.assembly")
    try:
        streets, issues = _pair_edges(graph, mode, ferries, file.name)
        nodes = graph.describe_nodes(mode, streets)
    except (ValueError, pyproj.exceptions.ProjError, shapely.errors.ShapelyError) as error:
        raise InputError("roads.not_osmnx", file=file.name, detail=str(error)[:200]) from error
    if not streets.sizes:
        raise InputError("roads.none_usable", file=file.name, mode=mode)
    roads = assemble_roads(streets.to_ways(), nodes, mode)
    if len(roads.lines.piece_from) == 0:
        raise InputError("roads.none_usable", file=file.name, mode=mode)
    report_progress(progress, 1.0, "roads.assembly")
    if roads.barriers:
        issues.append(DataIssue("roads.barriers", "note", file.name, roads.barriers))
    return roads.lines, tuple(issues)


@dataclass(slots=True)
class _Graph:
    """What stands in the file."""

    directed: bool = True
    crs: str = "epsg:4326"
    node_number: dict[str, int] = field(default_factory=dict)
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    edges: list[tuple[int, int, dict[str, str]]] = field(default_factory=list)

    def describe_nodes(self, mode: Mode, streets: _Streets) -> RawNodes:
        """Return the graph's nodes followed by the bends of its edges."""
        x = np.array(self.x + streets.bend_x)
        y = np.array(self.y + streets.bend_y)
        if pyproj.CRS.from_user_input(self.crs) != pyproj.CRS.from_epsg(4326):
            x, y = pyproj.Transformer.from_crs(self.crs, 4326, always_xy=True).transform(x, y)
        size = len(x)
        blocks = np.zeros(size, dtype=bool)
        kind, side = np.zeros(size, dtype=np.uint8), np.zeros(size, dtype=np.uint8)
        for number, tags in self.node_tags.items():
            blocks[number], kind[number], side[number], _ = read_node_tags(tags, mode)
        return RawNodes(np.arange(size, dtype=np.int64), x, y, blocks, kind, side)


@dataclass(slots=True)
class _Streets:
    """Usable streets, each as a chain of node numbers; bends are numbered behind the graph's nodes."""

    first_bend: int
    bend_x: list[float] = field(default_factory=list)
    bend_y: list[float] = field(default_factory=list)
    refs: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    direction: list[int] = field(default_factory=list)
    profile: list[int] = field(default_factory=list)
    profiles: dict[Profile, int] = field(default_factory=dict)

    def add(self, tail: int, bends: npt.NDArray[np.float64], head: int, direction: int, profile: Profile) -> None:
        """Append a street."""
        first = self.first_bend + len(self.bend_x)
        self.bend_x.extend(bends[:, 0].tolist())
        self.bend_y.extend(bends[:, 1].tolist())
        self.refs.extend((tail, *range(first, first + len(bends)), head))
        self.sizes.append(len(bends) + 2)
        self.direction.append(direction)
        self.profile.append(self.profiles.setdefault(profile, len(self.profiles)))

    def to_ways(self) -> RawWays:
        """Return the streets as arrays."""
        return RawWays(
            way_id=np.arange(len(self.sizes), dtype=np.int64),
            ptr=np.concatenate(([0], np.cumsum(np.array(self.sizes, dtype=np.int64)))),
            refs=np.array(self.refs, dtype=np.int64),
            direction=np.array(self.direction, dtype=np.int8),
            profile=np.array(self.profile, dtype=np.int32),
            profiles=list(self.profiles),
        )


def _parse(path: Path) -> _Graph:
    graph = _Graph()
    names: dict[str, str] = {}
    root: Any = None
    holder: Any = None
    with path.open("rb") as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314 - no DOCTYPE
            tag = element.tag.removeprefix(_NS)
            if event == "start":
                root = element if root is None else root
                if tag == "graph":
                    graph.directed = element.get("edgedefault", "directed") == "directed"
                    holder = element
                continue
            if tag == "key":
                names[element.attrib["id"]] = element.attrib["attr.name"]
            elif tag in ("node", "edge") and holder is None:
                raise ValueError(f"{tag} outside a graph")
            elif tag == "node":
                _take_node(graph, element.attrib["id"], dict(_iterate_data(element, names)))
                holder.remove(element)
            elif tag == "edge":
                ends = graph.node_number[element.attrib["source"]], graph.node_number[element.attrib["target"]]
                graph.edges.append((*ends, dict(_iterate_data(element, names))))
                holder.remove(element)
            elif tag == "graph":
                graph.crs = dict(_iterate_data(element, names)).get("crs", graph.crs)
    return graph


def _iterate_data(element: Any, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    for data in element.iterfind(f"{_NS}data"):
        if data.text:
            yield names[data.get("key")], data.text.strip()


def _take_node(graph: _Graph, name: str, data: dict[str, str]) -> None:
    number = graph.node_number.setdefault(name, len(graph.node_number))
    x, y = float(data["x"]), float(data["y"])
    if not (np.isfinite(x) and np.isfinite(y)):
        raise ValueError(f"node {name}: x={x}, y={y}")
    graph.x.append(x)
    graph.y.append(y)
    tags = {key: ";".join(_split_list(value)) for key, value in data.items() if key not in ("x", "y", "lon", "lat")}
    if tags.keys() & {"barrier", "highway", "railway"}:
        graph.node_tags[number] = tags


def _split_list(text: str) -> list[str]:
    """Return the values of an attribute; simplification writes several as a Python list."""
    if not text.startswith("["):
        return [text]
    try:
        values = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return [text]
    return [str(value) for value in values] if isinstance(values, list) else [text]


def _read_tags(data: dict[str, str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, text in data.items():
        if key not in WAY_KEYS or key in _NOT_READ:
            continue
        values = _split_list(text)
        if key.startswith("maxspeed"):
            tags[key] = ";".join(values)
        elif key.split(":")[0] in ("access", "vehicle", "motor_vehicle", "motorcar", "foot", "bicycle"):
            tags[key] = max(values, key=lambda value: _LENIENCE[judge_access(value)])
        elif values:
            tags[key] = values[0]
    if len(_split_list(data.get("osmid", ""))) > 1:
        # Which of the ways that were joined is the tunnel or the bridge, the graph no longer says.
        for key in ("tunnel", "bridge"):
            tags.pop(key, None)
    return tags


def _pair_edges(graph: _Graph, mode: Mode, ferries: bool, source: str) -> tuple[_Streets, list[DataIssue]]:
    streets = _Streets(len(graph.x))
    waiting: dict[tuple[int, int, bytes, str], list[int]] = {}
    unreadable = 0
    first = ""
    for tail, head, data in graph.edges:
        tags = _read_tags(data)
        travel = read_way_tags(tags, mode, ferries=ferries)
        if isinstance(travel, str):
            continue
        if travel.unreadable:
            unreadable += 1
            first = first or travel.unreadable[0][1]
        bends = _read_bends(data)
        is_against = data.get("reversed", "").lower() in _TRUE
        profile = travel.profile
        if is_against != (travel.direction < 0):
            # Limits "forward" and "backward" speak of the way as it was drawn.
            profile = (*profile[:7], profile[8], profile[7], *profile[9:])
        name = data.get("osmid", "")
        twins = waiting.get((head, tail, bends[::-1].tobytes(), name))
        if twins:
            streets.direction[twins.pop()] = 0
            continue
        states_two_way = data.get("oneway", "").lower() == "false"
        two_way = mode == "walk" or states_two_way or (not graph.directed and not _is_oneway(data))
        waiting.setdefault((tail, head, bends.tobytes(), name), []).append(len(streets.sizes))
        streets.add(tail, bends, head, 0 if two_way else 1, profile)
    issues = []
    if unreadable:
        issues.append(
            DataIssue("roads.maxspeed_unreadable", "note", source, unreadable, column="maxspeed", value=first)
        )
    return streets, issues


def _is_oneway(data: dict[str, str]) -> bool:
    return any(value.lower() in _TRUE for value in _split_list(data.get("oneway", "")))


def _read_bends(data: dict[str, str]) -> npt.NDArray[np.float64]:
    """Return the inner vertices of an edge, shape (k, 2)."""
    text = data.get("geometry", "")
    if not text:
        return np.empty((0, 2))
    line = shapely.from_wkt(text)
    if line.geom_type != "LineString":
        raise ValueError(f"geometry: {line.geom_type}")
    bends: npt.NDArray[np.float64] = shapely.get_coordinates(line)[1:-1]
    return bends
