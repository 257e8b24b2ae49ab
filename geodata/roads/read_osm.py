"""Roads from OpenStreetMap files (PBF and XML) through pyosmium."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import osmium.osm

from coverage.errors import DataIssue, InputError, Severity
from coverage.network.model import RoadLines
from coverage.network.settings import Mode
from coverage.progress import Progress, ignore_progress, report_progress
from geodata.files.reading_border import reads_file
from geodata.jobs.tasks import Answer, Request
from geodata.roads.lines_answer import pack_lines, unpack_lines
from geodata.roads.osm_reading import (
    REPORT_EVERY,
    Floats,
    OsmFile,
    approach,
    open_roads,
    opened_osm,
    read_positions,
    run_osm_task,
)
from geodata.roads.osm_restrictions import RestrictionList, apply_restrictions
from geodata.roads.pbf_nodes import Ids
from geodata.roads.road_assembly import AssembledRoads, RawNodes, RawWays, assemble_roads
from geodata.roads.road_nodes import NodeEffect, read_node_tags
from geodata.roads.road_tags import WAY_KEYS, Profile, WayTravel, find_usable_classes, read_way_tags


@reads_file
def read_osm(
    path: Path, mode: Mode, *, progress: Progress = ignore_progress, ferries: bool = False
) -> tuple[RoadLines, tuple[DataIssue, ...]]:
    """Read the roads one mode of travel may use.

    The file is read twice: once for ways, turn restrictions and nodes with tags that matter, once
    for the positions of the nodes those ways use. Memory goes with the roads, not with the file.
    It is read in a process of its own, see `geodata.jobs.worker`.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``; what it is, is seen from its content.
    mode
        How people travel.
    progress
        Told the share done.
    ferries
        True to use ferry lines too.

    Returns
    -------
    The road lines, and what was found on the way.

    Raises
    ------
    MissingInputError
        There is no such file.
    InputError
        The file is empty, broken, not OpenStreetMap data, or holds no road for this mode.
    """
    return unpack_lines(run_osm_task("osm", path, {"mode": mode, "ferries": ferries}, progress))


def read_in_process(request: Request, progress: Progress) -> Answer:
    """Do what `read_osm` promises; the request holds ``file``, ``folder`` to unpack in, ``mode`` and ``ferries``."""
    mode: Mode = request["mode"]
    with opened_osm(request) as osm:
        gathered = _gather(osm, mode, request["ferries"], progress)
        ways = gathered.finish()
        if len(ways.way_id) == 0:
            raise InputError("roads.none_usable", file=osm.source, mode=mode)
        node_id = np.unique(ways.refs)
        lon, lat = read_positions(osm, node_id, progress, 0.5, 0.85)
    report_progress(progress, 0.85, "roads.assembly")
    roads = assemble_roads(ways, gathered.describe_nodes(node_id, lon, lat), mode)
    if len(roads.lines.piece_from) == 0:
        raise InputError("roads.none_usable", file=osm.source, mode=mode)
    lines, unclear = apply_restrictions(roads, ways.way_id, gathered.restrictions)
    report_progress(progress, 1.0, "roads.assembly")
    return pack_lines(lines, _list_issues(osm.source, gathered, roads, unclear))


@dataclass(slots=True)
class _Gathered:
    """Everything the first reading collects."""

    mode: Mode
    way_id: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    refs: array[int] = field(default_factory=lambda: array("q"))
    direction: array[int] = field(default_factory=lambda: array("b"))
    profile: array[int] = field(default_factory=lambda: array("l"))
    profiles: dict[Profile, int] = field(default_factory=dict)
    nodes: dict[int, NodeEffect] = field(default_factory=dict)
    restrictions: RestrictionList = field(default_factory=RestrictionList)
    reversible: int = 0
    private_gates: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    first_unreadable: dict[str, str] = field(default_factory=dict)

    def finish(self) -> RawWays:
        """Return the ways as arrays."""
        return RawWays(
            way_id=np.array(self.way_id, dtype=np.int64),
            ptr=np.concatenate(([0], np.cumsum(np.array(self.sizes, dtype=np.int64)))),
            refs=np.array(self.refs, dtype=np.int64),
            direction=np.array(self.direction, dtype=np.int8),
            profile=np.array(self.profile, dtype=np.int32),
            profiles=list(self.profiles),
        )

    def describe_nodes(self, node_id: Ids, lon: Floats, lat: Floats) -> RawNodes:
        """Lay what stands on nodes over the nodes that the ways use."""
        kind = np.zeros(len(node_id), dtype=np.uint8)
        side = np.zeros(len(node_id), dtype=np.uint8)
        blocks = np.zeros(len(node_id), dtype=bool)
        if self.nodes:
            tagged = np.fromiter(self.nodes, dtype=np.int64, count=len(self.nodes))
            effects = np.array(list(self.nodes.values()), dtype=np.uint8)
            at = np.minimum(np.searchsorted(node_id, tagged), len(node_id) - 1)
            hit = node_id[at] == tagged
            blocks[at[hit]] = effects[hit, 0] > 0
            kind[at[hit]] = effects[hit, 1]
            side[at[hit]] = effects[hit, 2]
            self.private_gates = int(effects[hit, 3].sum())
        return RawNodes(node_id, lon, lat, blocks, kind, side)


def _gather(osm: OsmFile, mode: Mode, ferries: bool, progress: Progress) -> _Gathered:
    gathered = _Gathered(mode)
    known: dict[tuple[tuple[str, str], ...], WayTravel | str] = {}
    read_way = _make_way_reader(gathered, known, mode, ferries)
    processor = open_roads(osm, ("highway", "route") if ferries else ("highway",))
    for number, item in enumerate(processor):
        if number % REPORT_EVERY == 0:
            report_progress(progress, approach(0.0, 0.5, number), "roads.ways")
        if isinstance(item, osmium.osm.Way):
            read_way(item)
        elif isinstance(item, osmium.osm.Node):
            effect = read_node_tags({tag.k: tag.v for tag in item.tags}, mode)
            if effect.blocks or effect.delay_kind:
                gathered.nodes[item.id] = effect
        elif isinstance(item, osmium.osm.Relation):
            tags = {tag.k: tag.v for tag in item.tags}
            members = [(member.type, member.role, member.ref) for member in item.members]
            gathered.restrictions.add(tags, members, mode)
    return gathered


def _make_way_reader(
    gathered: _Gathered, known: dict[tuple[tuple[str, str], ...], WayTravel | str], mode: Mode, ferries: bool
) -> Callable[[Any], None]:
    """Return the function that takes in one way; the same tags are judged once."""
    classes = find_usable_classes(mode)

    def read_way(way: Any) -> None:
        # Reading tags takes most of the time: ways of classes that this mode never uses are left at once.
        if way.tags.get("highway", "") not in classes and not (ferries and "route" in way.tags):
            return
        tags = tuple([tag for tag in way.tags if tag[0] in WAY_KEYS])
        travel = known.get(tags)
        if travel is None:
            travel = known[tags] = read_way_tags(dict(tags), mode, ferries=ferries)
        if isinstance(travel, str):
            gathered.reversible += travel == "reversible"
            return
        for key, value in travel.unreadable:
            gathered.unreadable[key.split(":")[0]] += 1
            gathered.first_unreadable.setdefault(key.split(":")[0], value)
        before = len(gathered.refs)
        gathered.refs.extend([node.ref for node in way.nodes])
        gathered.sizes.append(len(gathered.refs) - before)
        gathered.way_id.append(way.id)
        gathered.direction.append(travel.direction)
        gathered.profile.append(gathered.profiles.setdefault(travel.profile, len(gathered.profiles)))

    return read_way


def _list_issues(source: str, gathered: _Gathered, roads: AssembledRoads, unclear: int) -> tuple[DataIssue, ...]:
    restrictions = gathered.restrictions
    counts: tuple[tuple[str, Severity, int], ...] = (
        ("roads.missing_nodes", "warning", roads.ways_cut),
        ("roads.reversible", "note", gathered.reversible),
        ("roads.barriers", "note", roads.barriers),
        ("roads.private_gates", "note", gathered.private_gates),
        ("roads.restriction_via_way", "note", restrictions.via_way),
        ("roads.restriction_conditional", "note", restrictions.conditional),
        ("roads.restriction_unclear", "note", unclear),
    )
    issues = [DataIssue(code, severity, source, count) for code, severity, count in counts if count]
    issues += [
        DataIssue(f"roads.{key}_unreadable", "note", source, count, column=key, value=gathered.first_unreadable[key])
        for key, count in sorted(gathered.unreadable.items())
    ]
    return tuple(issues)
