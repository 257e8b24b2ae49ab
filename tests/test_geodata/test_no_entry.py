"""Tunnels, bridges, motorroads, ramps and steps, from the tags and columns of every kind of road file."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_lines import build_layer

from coverage.network.model import PROFILE_COLUMNS
from coverage.network.settings import Mode
from geodata.roads.read_network_source import read_road_lines
from geodata.roads.read_roads import read_line_roads
from geodata.roads.road_tags import WAY_KEYS, WayTravel, read_way_tags

STREET = [[(87.0, 43.0), (87.01, 43.0)]]


@pytest.mark.parametrize(
    ("tags", "mode", "reason"),
    [
        ({"tunnel": "yes", "layer": "-1"}, "drive", "tunnel"),
        ({"tunnel": "yes"}, "walk", "tunnel"),
        ({"tunnel": "avalanche_protector"}, "drive", "tunnel"),
        ({"tunnel": "building_passage"}, "drive", ""),
        ({"tunnel": "no"}, "drive", ""),
        ({"bridge": "yes", "layer": "1"}, "drive", "bridge"),
        ({"bridge": "viaduct", "layer": "2"}, "cycle", "bridge"),
        ({"bridge": "yes"}, "drive", "bridge"),
        ({"bridge": "yes", "layer": "0"}, "drive", ""),
        ({"bridge": "boardwalk", "layer": "1"}, "walk", ""),
        ({"layer": "1"}, "drive", ""),
        ({"highway": "trunk", "motorroad": "yes"}, "drive", "motorroad"),
        ({"highway": "trunk_link"}, "drive", "ramp"),
        ({"highway": "motorway_link"}, "drive", "ramp"),
        ({"highway": "primary_link"}, "drive", ""),
        ({"highway": "steps"}, "walk", ""),
        ({"highway": "steps", "bicycle": "yes"}, "cycle", "steps"),
        ({}, "drive", ""),
    ],
)
def test_tags_say_what_nobody_enters(tags: dict[str, str], mode: Mode, reason: str) -> None:
    """Every way that is only travelled from end to end says why; every tag that decides is kept by the readers."""
    read = read_way_tags({"highway": "residential"} | tags, mode)
    assert isinstance(read, WayTravel)
    assert read.profile[PROFILE_COLUMNS.index("no_entry")] == reason
    assert tags.keys() <= WAY_KEYS


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"tunnel": ["T"], "bridge": ["F"], "layer": [-1]}, "tunnel"),  # shapefile extracts
        ({"tunnel": ["F"], "bridge": ["T"], "layer": [1]}, "bridge"),
        ({"tunnel": ["F"], "bridge": ["T"], "layer": [0]}, "bridge"),
        ({"tunnel": [0], "bridge": [0], "layer": [0]}, ""),
        ({"tunnel": [True]}, "tunnel"),
        ({"tunnel": [1.0]}, "tunnel"),
        ({"隧道": ["是"]}, "tunnel"),
        ({"桥梁": ["否"], "隧道": ["否"]}, ""),
        ({"桥梁": ["高架桥"]}, "bridge"),
        ({"桥隧": ["隧道"]}, "tunnel"),
        ({"brunnel": ["bridge"]}, "bridge"),
        ({"bridge": ["viaduct"], "layer": ["1"]}, "bridge"),
        ({"tunnel": ["culvert"]}, ""),
        ({"motorroad": ["yes"]}, "motorroad"),
    ],
)
def test_columns_of_line_layers_say_it_too(columns: dict[str, list[object]], reason: str) -> None:
    """Letters, numbers, truth values and Chinese words mean what the tags of OpenStreetMap mean."""
    lines, _, _ = read_line_roads(build_layer(STREET, highway=["primary"], **columns), "drive")
    assert lines.profiles["no_entry"].tolist() == [reason]


GRAPH = """<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="x" for="node" attr.name="x"/><key id="y" for="node" attr.name="y"/><key id="h" for="edge" attr.name="highway"/>
<key id="t" for="edge" attr.name="tunnel"/><key id="o" for="edge" attr.name="osmid"/>
<graph edgedefault="directed">
<node id="1"><data key="x">87.0</data><data key="y">43.0</data></node>
<node id="2"><data key="x">87.01</data><data key="y">43.0</data></node>
<edge source="1" target="2"><data key="h">primary</data><data key="t">yes</data><data key="o">OSMID</data></edge>
</graph></graphml>"""


@pytest.mark.parametrize(("osmid", "reason"), [("5", "tunnel"), ("[5, 6]", "")])
def test_a_graph_knows_a_tunnel_where_ways_were_not_joined(tmp_path: Path, osmid: str, reason: str) -> None:
    """An edge of one way is a tunnel from end to end; of several ways joined into an edge nobody knows which."""
    path = tmp_path / "graph.graphml"
    path.write_text(GRAPH.replace("OSMID", osmid), encoding="utf-8")
    lines, _ = read_road_lines(path, "drive")
    assert lines.profiles["no_entry"].tolist() == [reason]
