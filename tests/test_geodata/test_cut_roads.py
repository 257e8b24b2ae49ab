"""Cutting the roads of an area out of a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely

from coverage.errors import InputError
from coverage.network.settings import MODES
from geodata.roads.cut_roads import choose_cut_name, cut_roads
from geodata.roads.read_network_source import read_road_lines

# Ways 1 to 4 around a square, an author's name on everything, a bollard, a ban, a missing node.
OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lon="0.5" lat="0.5" version="3" user="Li Lei" uid="7" changeset="5" timestamp="2020-01-01T00:00:00Z">
  <tag k="barrier" v="bollard"/><tag k="note" v="ask Li Lei"/></node>
<node id="2" lon="0.6" lat="0.5"/><node id="3" lon="5.0" lat="0.5"/><node id="4" lon="6.0" lat="0.5"/>
<node id="5" lon="-1.0" lat="0.2"/><node id="6" lon="2.0" lat="0.2"/><node id="7" lon="0.7" lat="0.6"/>
<way id="11" user="Li Lei" uid="7"><nd ref="2"/><nd ref="1"/><nd ref="3"/>
  <tag k="highway" v="primary"/><tag k="name" v="Li Lei Road"/><tag k="maxspeed" v="60"/></way>
<way id="12"><nd ref="3"/><nd ref="4"/><tag k="highway" v="primary"/></way>
<way id="13"><nd ref="5"/><nd ref="6"/><tag k="route" v="ferry"/><tag k="duration" v="01:00"/></way>
<way id="14"><nd ref="2"/><nd ref="99"/><nd ref="7"/><tag k="highway" v="footway"/></way>
<way id="15"><nd ref="1"/><nd ref="2"/><nd ref="7"/><nd ref="1"/><tag k="building" v="yes"/></way>
<way id="16"><nd ref="2"/><nd ref="7"/><tag k="highway" v="residential"/></way>
<relation id="21"><member type="way" ref="11" role="from"/><member type="node" ref="2" role="via"/>
  <member type="way" ref="16" role="to"/><tag k="type" v="restriction"/>
  <tag k="restriction" v="no_left_turn"/></relation>
<relation id="22"><member type="way" ref="11" role="from"/><member type="node" ref="3" role="via"/>
  <member type="way" ref="12" role="to"/><tag k="type" v="restriction"/><tag k="restriction" v="no_entry"/></relation>
</osm>"""
SQUARE = shapely.box(0, 0, 1, 1)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write the small document."""
    path = tmp_path / "source.osm"
    path.write_text(OSM)
    return path


def test_a_cut_keeps_whole_roads_that_touch_the_area(source: Path, tmp_path: Path) -> None:
    """A vertex inside or a segment across is enough; buildings and far roads stay out."""
    target = tmp_path / "cut" / choose_cut_name(source)
    assert [issue.code for issue in cut_roads(source, SQUARE, target)] == ["roads.missing_nodes"]
    items = {item.type_str() + str(item.id): item for item in osmium.FileProcessor(str(target))}
    assert sorted(items) == ["n1", "n2", "n3", "n5", "n6", "n7", "r21", "w11", "w13", "w14", "w16"]


def test_a_cut_holds_no_persons(source: Path, tmp_path: Path) -> None:
    """Neither names nor notes nor authors nor times of editing leave with the roads."""
    target = tmp_path / "roads.osm.pbf"
    cut_roads(source, SQUARE, target)
    for item in osmium.FileProcessor(str(target)):
        assert (item.user, item.uid, item.changeset, item.version) == ("", 0, 0, 0)
        assert not {tag.k for tag in item.tags} & {"name", "note"}
        assert "Li Lei" not in "".join(tag.v for tag in item.tags)


@pytest.mark.parametrize("mode", MODES)
def test_roads_read_from_a_cut_are_those_of_the_source(source: Path, tmp_path: Path, mode: str) -> None:
    """An area that holds everything changes nothing for any reader, missing nodes and bans included."""
    target = tmp_path / "roads.osm.pbf"
    cut_roads(source, shapely.box(-10, -10, 10, 10), target)
    before, issues = read_road_lines(source, mode, ferries=True)
    after, again = read_road_lines(target, mode, ferries=True)
    for name in ("lon", "lat", "delay_kind", "piece_from", "piece_to", "piece_oneway", "ban_from", "ban_via", "ban_to"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name
    assert before.profiles.equals(after.profiles)
    assert [(issue.code, issue.count) for issue in issues] == [(issue.code, issue.count) for issue in again]


def test_the_same_cut_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    """Cuts can be told apart by their content."""
    for name in ("a", "b"):
        cut_roads(source, SQUARE, tmp_path / name / "roads.osm.pbf")
    assert (tmp_path / "a" / "roads.osm.pbf").read_bytes() == (tmp_path / "b" / "roads.osm.pbf").read_bytes()


def test_an_area_without_roads_is_an_error(source: Path, tmp_path: Path) -> None:
    """An empty cut would only fail later."""
    with pytest.raises(InputError, match=r"roads\.none_in_area"):
        cut_roads(source, shapely.box(50, 50, 51, 51), tmp_path / "roads.osm.pbf")
    assert not (tmp_path / "roads.osm.pbf").exists()


def test_line_layers_are_cut_to_a_geopackage(tmp_path: Path) -> None:
    """Lines that touch the area stay whole, in WGS-84, with the columns readers know; bytes are stable."""
    path = tmp_path / "source.geojson"
    shapes = [shapely.LineString([(0.5, 0.5), (3, 0.5)]), shapely.LineString([(5, 5), (6, 6)])]
    columns = {"道路等级": ["省道", "县道"], "管养人": ["李雷", "韩梅梅"], "oneway": ["yes", "no"]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(path, driver="GeoJSON")
    assert choose_cut_name(path) == "roads.gpkg"
    for name in ("a.gpkg", "b.gpkg"):
        assert cut_roads(path, SQUARE, tmp_path / name) == ()
    cut = gpd.read_file(tmp_path / "a.gpkg")
    assert sorted(cut.columns) == ["geometry", "oneway", "道路等级"]
    assert cut.geometry.iloc[0].equals(shapes[0])
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    lines, _ = read_road_lines(tmp_path / "a.gpkg", "drive")
    assert lines.profiles["highway"].tolist() == ["primary"]
    with pytest.raises(InputError, match=r"roads\.none_in_area"):
        cut_roads(path, shapely.box(50, 50, 51, 51), tmp_path / "c.gpkg")


def test_a_real_extract_is_cut(shared_data: Path, tmp_path: Path) -> None:
    """The capital of Andorra: roads inside the box are all there, with their bans."""
    box = shapely.box(1.51, 42.50, 1.54, 42.52)
    whole, _ = read_road_lines(shared_data / "roads" / "andorra.osm.pbf", "drive")
    cut_roads(shared_data / "roads" / "andorra.osm.pbf", box, tmp_path / "roads.osm.pbf")
    part, _ = read_road_lines(tmp_path / "roads.osm.pbf", "drive")
    inside = [shapely.intersects_xy(box, lines.lon, lines.lat).sum() for lines in (whole, part)]
    assert inside[0] == inside[1] > 1000
    assert 0 < len(part.ban_from) <= len(whole.ban_from)


def test_a_cut_that_does_not_fit_is_not_begun(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is told before anything is written: the writer would end the whole program."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(
        "geodata.jobs.worker.is_own_file", lambda _: True
    )  # another process knows nothing of the next line
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(InputError) as caught:
        cut_roads(source, shapely.box(-180, -80, 180, 80), tmp_path / "cut.osm.pbf")
    assert caught.value.code == "file.cannot_write"
    assert not (tmp_path / "cut.osm.pbf").exists()
