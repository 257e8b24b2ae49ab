"""Graphs saved by OSMnx to road lines."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import osmnx
import pytest

from coverage.errors import InputError, MissingInputError
from coverage.network.model import DELAY_KINDS, RoadLines
from coverage.units import compute_lengths_m
from geodata.roads.read_network_source import read_road_lines
from geodata.roads.read_osm import read_osm
from geodata.roads.read_osmnx import read_graphml

# A two-way street with a bend, a one-way, a one-way against its drawing, a roundabout, a signal:
#
#   1 --- 2 --- 3 --- 4 -(oneway)→ 5        2 -(-1)→ 6 means 6 → 2
#               |
#           roundabout 3, 7, 8
OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lon="87.00" lat="43.000"/><node id="2" lon="87.01" lat="43.001"/>
<node id="3" lon="87.02" lat="43.000"><tag k="highway" v="traffic_signals"/></node>
<node id="4" lon="87.03" lat="43.000"/><node id="5" lon="87.04" lat="43.000"/><node id="6" lon="87.01" lat="43.010"/>
<node id="7" lon="87.02" lat="42.990"/><node id="8" lon="87.025" lat="42.990"/>
<way id="11"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/>
  <tag k="highway" v="primary"/><tag k="maxspeed" v="60"/></way>
<way id="12"><nd ref="4"/><nd ref="5"/><tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
<way id="13"><nd ref="2"/><nd ref="6"/><tag k="highway" v="residential"/><tag k="oneway" v="-1"/></way>
<way id="14"><nd ref="3"/><nd ref="7"/><nd ref="8"/><nd ref="3"/>
  <tag k="highway" v="tertiary"/><tag k="junction" v="roundabout"/></way>
</osm>"""


def _save(tmp_path: Path, *, simplify: bool = False, project: bool = False, change: object = None) -> Path:
    source = tmp_path / "source.osm"
    source.write_text(OSM)
    graph = osmnx.graph_from_xml(source, simplify=simplify, retain_all=True)
    if callable(change):
        graph = change(graph) or graph
    if project:
        graph = osmnx.project_graph(graph)
    path = tmp_path / "graph.graphml"
    osmnx.save_graphml(graph, path)
    return path


def _pieces(lines: RoadLines) -> list[tuple[float, float, float, float, bool, str]]:
    """Return every piece by its ends (two-way ones west to east), one-way, and class."""
    found = []
    for start, end, oneway, profile in zip(
        lines.piece_from, lines.piece_to, lines.piece_oneway, lines.piece_profile, strict=True
    ):
        ends = [tuple(np.round((lines.lon[at], lines.lat[at]), 6).tolist()) for at in (start, end)]
        if not oneway:
            ends.sort()
        found.append((*ends[0], *ends[1], bool(oneway), str(lines.profiles["highway"][profile])))
    return sorted(found)


def _length_m(lines: RoadLines) -> float:
    start, end = lines.piece_from, lines.piece_to
    return float(compute_lengths_m(lines.lon[start], lines.lat[start], lines.lon[end], lines.lat[end]).sum())


@pytest.mark.parametrize("project", [False, True])
@pytest.mark.parametrize("simplify", [False, True])
def test_a_graph_holds_the_roads_of_its_source(tmp_path: Path, simplify: bool, project: bool) -> None:
    """Simplified or not, projected or not: the same pieces as the OpenStreetMap file, twins paired."""
    path = _save(tmp_path, simplify=simplify, project=project)
    expected, _ = read_osm(tmp_path / "source.osm", "drive")
    lines, issues = read_road_lines(path, "drive")
    assert _pieces(lines) == _pieces(expected)
    assert issues == ()
    signals = lines.delay_kind == DELAY_KINDS.index("traffic_signals")
    assert np.round(lines.lon[signals], 6).tolist() == [87.02]


def test_walkers_go_both_ways(tmp_path: Path) -> None:
    """A graph made for cars has one-ways; people on foot ignore them."""
    lines, _ = read_graphml(_save(tmp_path), "walk")
    assert not lines.piece_oneway.any()
    assert len(lines.piece_from) == 8


def test_undirected_graphs_are_two_way_unless_they_say_so(tmp_path: Path) -> None:
    """`osmnx.convert.to_undirected` keeps one edge per street."""
    path = _save(tmp_path, change=osmnx.convert.to_undirected)
    lines, _ = read_graphml(path, "drive")
    expected, _ = read_osm(tmp_path / "source.osm", "drive")
    assert len(lines.piece_from) == len(expected.piece_from)
    assert int(lines.piece_oneway.sum()) == int(expected.piece_oneway.sum())


def test_several_values_of_one_tag(tmp_path: Path) -> None:
    """The first class, the lowest limit and the strictest access count."""

    def change(graph: nx.MultiDiGraph) -> None:
        for _, _, data in graph.edges(data=True):
            if data["osmid"] == 12:
                values = {
                    "highway": ["secondary", "residential"],
                    "maxspeed": ["50", "40"],
                    "access": ["yes", "private"],
                }
                data.update(values)

    lines, _ = read_graphml(_save(tmp_path, change=change), "drive")
    row = lines.profiles.loc[lines.profiles["highway"] == "secondary"].iloc[0]
    assert (row["maxspeed_forward_kph"], row["restricted"]) == (40.0, True)


def test_parallel_streets_stay_two(tmp_path: Path) -> None:
    """Two streets between the same ends with other bends are not twins of one."""

    def change(graph: nx.MultiDiGraph) -> None:
        for first, second in ((1, 2), (2, 1)):
            graph.add_edge(first, second, osmid=99, highway="service", oneway=False, reversed=False, length=1.0)

    lines, _ = read_graphml(_save(tmp_path, change=change), "drive")
    pieces = _pieces(lines)
    assert len(pieces) == 9
    assert sum(piece[-1] == "service" and not piece[4] for piece in pieces) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "file.empty"),
        ("<graphml/>", "roads.none_usable"),
        ("<graphml xmlns='http://graphml.graphdrawing.org/xmlns'><graph>", "roads.unreadable"),
        ('<!DOCTYPE graphml [<!ENTITY a "b">]><graphml/>', "roads.doctype"),
        ("<svg/>", "roads.not_graphml"),
        (
            "<graphml xmlns='http://graphml.graphdrawing.org/xmlns'><graph><node id='a'/></graph></graphml>",
            "roads.not_osmnx",
        ),
        (
            "<graphml xmlns='http://graphml.graphdrawing.org/xmlns'><graph>"
            "<edge source='a' target='b'/></graph></graphml>",
            "roads.not_osmnx",
        ),
        ("<graphml xmlns='http://graphml.graphdrawing.org/xmlns'><node id='a'/></graphml>", "roads.not_osmnx"),
        ("<?xml version='1.0' encoding='etf-8'?><graphml/>", "roads.unreadable"),
    ],
)
def test_files_that_are_no_graphs_of_roads(tmp_path: Path, content: str, code: str) -> None:
    """Empty, foreign, broken, dangerous, or graphs of something else."""
    path = tmp_path / "graph.graphml"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_graphml(path, "drive")
    assert caught.value.code == code


def test_a_missing_graph(tmp_path: Path) -> None:
    """No file, no guess."""
    with pytest.raises(MissingInputError):
        read_graphml(tmp_path / "no.graphml", "drive")


def test_a_real_graph_keeps_its_length(shared_data: Path, tmp_path: Path) -> None:
    """Shenzhen through OSMnx and back is as long as read at once, but for what only OSMnx cannot know."""
    source = shared_data / "roads" / "shenzhen.osm"
    graph = osmnx.graph_from_xml(source, simplify=True, retain_all=True)
    osmnx.save_graphml(graph, tmp_path / "s.graphml")
    lines, _ = read_graphml(tmp_path / "s.graphml", "drive")
    expected, _ = read_osm(source, "drive")
    assert _length_m(lines) == pytest.approx(_length_m(expected), rel=0.02)
    assert int(lines.piece_oneway.sum()) == pytest.approx(int(expected.piece_oneway.sum()), rel=0.02)


def test_a_shape_that_is_no_line_is_refused(tmp_path: Path) -> None:
    """A street whose geometry cannot be read stops the import with a message."""
    path = _save(tmp_path, simplify=True)
    text = path.read_text(encoding="utf-8")
    assert "LINESTRING" in text
    path.write_text(text.replace("LINESTRING", "LINESTORING"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_graphml(path, "drive")
    assert caught.value.code == "roads.not_osmnx"
