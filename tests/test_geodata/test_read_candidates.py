"""Readers for siting: class costs, a list of candidates, places of OpenStreetMap, areas without sites."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
import pytest
from told_faults import tell_faults

from coverage.errors import InputError
from coverage.siting.model.from_study import SiteQuota
from geodata.commands.command_line import split_list
from geodata.commands.suggest import split_quotas
from geodata.intake.read_candidates import read_candidates, read_excluded
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_places import read_places
from geodata.intake.read_site_costs import read_site_costs

_OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="43.80" lon="87.60" version="1"><tag k="amenity" v="post_office"/><tag k="name" v="邮局"/></node>
 <node id="2" lat="43.80" lon="87.61" version="1"><tag k="amenity" v="pub"/></node>
 <node id="3" lat="43.80" lon="87.62" version="1"><tag k="shop" v="car"/></node>
 <node id="4" lat="43.81" lon="87.60" version="1"/>
 <node id="5" lat="43.81" lon="87.62" version="1"/>
 <node id="6" lat="43.83" lon="87.62" version="1"/>
 <node id="7" lat="43.83" lon="87.60" version="1"/>
 <way id="9" version="1"><nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="4"/>
  <tag k="amenity" v="townhall"/></way>
</osm>
"""


def test_assumed_costs_fit_the_catalogue() -> None:
    """Every kind and item that the table of assumptions names exists, and the file says they are estimates."""
    costs, catalogue = read_site_costs(), read_catalogue()
    kinds, items = {kind.id for kind in catalogue.kinds}, {item.id for item in catalogue.items}
    families = {family.id for family in catalogue.families}
    assert {name for name, _ in (*costs.kind, *costs.closing)} - {"other"} <= kinds
    assert {name for name, _ in costs.item} - {"other"} <= items
    assert {name for name, _ in costs.usual} <= families - {"police"}
    assert {kind for _, kind in (*costs.usual, *costs.place)} <= kinds
    assert costs.find_kind_cost("legal_room") == 20_000.0
    assert costs.find_kind_cost("no_such_kind") == dict(costs.kind)["other"]
    assert costs.find_item_cost("mediation") == dict(costs.item)["other"]


def test_all_faults_of_a_table_of_costs_are_named(tmp_path: Path) -> None:
    """An unknown section, a negative amount, a word for a number and a number for a word: one error with all."""
    path = tmp_path / "costs.toml"
    path.write_text(
        '[kinds]\na = 1\n[kind]\nlegal_room = -1\n[item]\nother = "dear"\n[closing]\nother = -5\n[usual]\nlegal = 3\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_site_costs(path)
    faults = tell_faults(caught.value)
    assert all(
        word in faults for word in ("[kinds]", "[kind] “-1”", "[item] “dear”", "[usual] “3” cannot be used as “legal”")
    )
    assert "[closing]" not in faults
    path.write_text("kind = [", encoding="utf-8")
    with pytest.raises(InputError):
        read_site_costs(path)


def test_candidates_need_nothing_but_positions(tmp_path: Path) -> None:
    """A list with two columns is enough: rows are numbered, all else is left open, and the account adds up."""
    path = tmp_path / "list.csv"
    path.write_text("lon,lat\n87.6,43.8\n87.61,43.81\n,43.9\n", encoding="utf-8")
    read = read_candidates(path, read_catalogue(), read_site_costs())
    assert read.table.index.tolist() == ["row2", "row3"]
    assert (read.rows_in, read.rows_accepted, read.rows_rejected) == (3, 2, 1)
    assert read.table["kind"].tolist() == ["", ""]
    assert np.isnan(read.table[["cost", "capacity"]].to_numpy()).all()
    assert read.table["role"].tolist() == ["candidate", "candidate"]


def test_places_of_openstreetmap(tmp_path: Path) -> None:
    """A post office, a car dealer and a town hall drawn as an area are found; a pub is none of ours."""
    path = tmp_path / "places.osm"
    path.write_text(_OSM, encoding="utf-8")
    places = read_places(path)
    assert places.index.tolist() == ["osm-n1", "osm-n3", "osm-w9"]
    assert places["kind"].tolist() == ["post_office", "car_dealer", "townhall"]
    assert places["name"].tolist() == ["邮局", "osm-n3", "osm-w9"]
    assert places.loc["osm-w9", ["lon", "lat"]].tolist() == pytest.approx([87.61, 43.82])
    path.write_text(_OSM.replace("post_office", "bar").replace("townhall", "bar").replace('"car"', '"bar"'), "utf-8")
    with pytest.raises(InputError) as caught:
        read_places(path)
    assert caught.value.code == "candidates.no_places"


def test_areas_must_be_areas(tmp_path: Path) -> None:
    """Polygons are read in WGS-84; a layer of points is refused in words."""
    path = tmp_path / "areas.geojson"

    def write(geometry: dict[str, object]) -> None:
        feature = {"type": "Feature", "properties": {"a": 1}, "geometry": geometry}
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")

    write({"type": "Polygon", "coordinates": [[[87, 43], [88, 43], [88, 44], [87, 43]]]})
    areas, _ = read_excluded(path)
    assert [area.bounds for area in areas] == [(87.0, 43.0, 88.0, 44.0)]
    write({"type": "Point", "coordinates": [87, 43]})
    with pytest.raises(InputError) as caught:
        read_excluded(path)
    assert caught.value.code == "candidates.no_areas"


def test_quotas_are_spelled_short() -> None:
    """``2`` is at most two in each county, ``1:3`` one to three, ``a=1:`` at least one in county a."""
    context = click.Context(click.Command("suggest"))
    option = click.Option(["--quota"])
    assert split_quotas(context, option, ("2", "1:3", "a=1:")) == (
        SiteQuota("", 0, 2),
        SiteQuota("", 1, 3),
        SiteQuota("a", 1, None),
    )
    with pytest.raises(click.BadParameter):
        split_quotas(context, option, ("many",))
    assert split_list(context, option, "a， b,,c") == ("a", "b", "c")
    assert split_list(context, option, None) is None
