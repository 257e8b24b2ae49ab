"""Small sound files of every format that a user may bring, and the readers each is given to."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import osmium.osm.mutable as osm
import rasterio
import shapely
import xlsxwriter
from rasterio.transform import from_origin

from coverage.scenario.edits import CloseStation, MoveStation
from geodata.documents.runs.find_run import read_run
from geodata.documents.runs.read_redaction import read_redaction
from geodata.intake.cells.read_table import read_table
from geodata.intake.read_boundaries import read_districts
from geodata.intake.read_candidates import read_candidates, read_excluded
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_closures import read_closures
from geodata.intake.read_costs import read_costs
from geodata.intake.read_places import read_places
from geodata.intake.read_population import read_population
from geodata.intake.read_site_costs import read_site_costs
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.intake.read_stations import read_stations
from geodata.intake.read_targets import read_targets
from geodata.intake.read_thresholds import read_presets, read_thresholds
from geodata.intake.read_zones import read_zone_areas, read_zone_list
from geodata.intake.rule_sheet import read_rule_sheet
from geodata.roads.read_network_source import read_road_lines
from geodata.store.database import open_store
from geodata.store.studies import add_study, list_studies
from geodata.studies.demo import DEMO_FILES, demo_folder
from geodata.studies.edits_json import read_edits, write_edits
from geodata.studies.pack import find_study, write_pack
from geodata.studies.study_file import read_study_file
from geodata.studies.write_thresholds import encode_thresholds

Reader = Callable[[Path], Any]
_DATA = demo_folder().parent
_STATIONS = "编号,名称,类型,经度,纬度,启用日期\nA1,甲站,司法所,87.61,43.82,2027-06-30\nA2,乙站,司法所,87.62,43.81,\n"
_PEOPLE = "demand_id,lon,lat,population\nA,87.6,43.8,100\nB,87.7,43.9,50.5\n"
_TARGETS = "code,target_value,target_year,base_value\nA1,85%,2030,70%\nA2,0.9,2035,\n"
_COSTS = "demand_id,site_id,cost,weight\nA,X,10,5\nA,Y,20.5,5\nB,X,,7\n"
_REDACTION = 'families = ["police"]\nsuppress_under = 10.0\n[fields]\nstations = ["name"]\n'
_GRAPHML = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="x" for="node" attr.name="x" attr.type="string"/>
<key id="y" for="node" attr.name="y" attr.type="string"/><key id="c" for="graph" attr.name="crs" attr.type="string"/>
<key id="h" for="edge" attr.name="highway" attr.type="string"/><key id="o" for="edge" attr.name="oneway"/>
<graph edgedefault="directed"><data key="c">epsg:4326</data>
<node id="1"><data key="x">87.60</data><data key="y">43.80</data></node>
<node id="2"><data key="x">87.61</data><data key="y">43.80</data></node>
<edge source="1" target="2"><data key="h">primary</data><data key="o">True</data></edge>
<edge source="2" target="1"><data key="h">['primary', 'secondary']</data></edge></graph></graphml>
"""


@dataclass(frozen=True, slots=True)
class Seed:
    """A sound file and the readers that are given its mutations."""

    name: str
    content: bytes
    readers: tuple[Reader, ...]


def _drive(path: Path) -> Any:
    return read_road_lines(path, "drive")


def _stations(path: Path) -> Any:
    return read_stations(path, read_catalogue())


def _costs(path: Path) -> Any:
    return read_costs(path, path)


def _redaction(path: Path) -> Any:
    return read_redaction(path, read_catalogue())


def _rules(path: Path) -> Any:
    return read_rule_sheet(path, {})


def _candidates(path: Path) -> Any:
    return read_candidates(path, read_catalogue(), read_site_costs())


def _study_file(path: Path) -> Any:
    for name in DEMO_FILES[1:]:
        path.with_name(name).touch()
    return read_study_file(path.rename(path.with_name("study.toml")))


def _pack(path: Path) -> Any:
    return read_study_file(find_study(path))


def _store(path: Path) -> Any:
    folder = path.parent / "store"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if old.is_file():
            old.unlink()
    path.rename(folder / "studies.sqlite")
    with open_store(folder) as store:
        return list_studies(store)


def make_seeds(folder: Path) -> tuple[Seed, ...]:
    """Make the seeds in an empty folder."""
    polygons = gpd.GeoDataFrame(
        {
            "district_id": ["650102", "650103"],
            "name": ["天山区", "沙区"],
            "level": "county",
            "zone": "urban",
            "population": [9, 2.5],
        },
        geometry=[shapely.box(87.0, 43.0, 87.3, 43.3), shapely.box(87.3, 43.0, 87.6, 43.3)],
        crs=4326,
    )
    lines = gpd.GeoDataFrame(
        {"highway": ["primary", "residential"], "name": ["路", None]},
        geometry=[shapely.LineString([(87.0, 43.0), (87.1, 43.1)]), shapely.LineString([(87.1, 43.1), (87.2, 43.1)])],
        crs=4326,
    )
    areas = (read_districts, read_population, read_zone_areas, read_closures, read_excluded)
    edits = write_edits((CloseStation("S"), MoveStation("P", 87.6, 43.81))).encode()
    seeds = [
        Seed("stations.csv", _STATIONS.encode(), (_stations, read_table, _candidates, read_zone_list)),
        Seed("stations-old.csv", _STATIONS.encode("gb18030"), (_stations, read_table)),
        Seed("people.csv", _PEOPLE.encode("utf-16"), (read_population,)),
        Seed("targets.csv", _TARGETS.encode(), (read_targets,)),
        Seed("costs.csv", _COSTS.encode(), (_costs,)),
        Seed("book.xlsx", _make_book(), (_stations, read_table, _rules)),
        Seed("areas.geojson", polygons.to_json().encode(), areas),
        Seed("roads.geojson", lines.to_json().encode(), (_drive,)),
        Seed("graph.graphml", _GRAPHML.encode(), (_drive,)),
        Seed("people.tif", _make_raster(), (read_population,)),
        Seed("edits.json", edits, (read_edits,)),
        Seed("speeds.toml", default_speeds_path("drive").read_bytes(), (read_speeds,)),
        Seed("hidden.toml", _REDACTION.encode(), (_redaction,)),
        Seed("thresholds.toml", encode_thresholds(read_presets()[0]), (read_thresholds,)),
        Seed("catalogue.toml", (_DATA / "catalogue.toml").read_bytes(), (read_catalogue,)),
        Seed("site_costs.toml", (_DATA / "site_costs.toml").read_bytes(), (read_site_costs,)),
        Seed("named.toml", (demo_folder() / "study.toml").read_bytes(), (_study_file,)),
    ]
    for ending, driver in (("gpkg", "GPKG"), ("kml", "KML"), ("fgb", "FlatGeobuf")):
        path = folder / f"areas.{ending}"
        polygons.to_file(path, driver=driver)
        seeds.append(Seed(path.name, path.read_bytes(), areas[:2] if ending == "gpkg" else (read_table,)))
    lines.to_file(folder / "roads.gpkg", driver="GPKG")
    seeds.append(Seed("roads.gpkg", (folder / "roads.gpkg").read_bytes(), (_drive,)))
    seeds.append(Seed("areas.zip", _make_shapefile(folder, polygons), (read_districts, read_table)))
    seeds += _make_osm(folder)
    seeds += _make_study(folder)
    return tuple(seeds)


def _make_book() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("站点")
        for number, line in enumerate(_STATIONS.splitlines()):
            sheet.write_row(number, 0, line.split(","))
    return content.getvalue()


def _make_raster() -> bytes:
    with rasterio.MemoryFile() as memory:
        shape = {"height": 20, "width": 30, "count": 1, "dtype": "float32", "nodata": -1.0, "compress": "deflate"}
        with memory.open(
            driver="GTiff", crs="EPSG:4326", transform=from_origin(87.0, 43.5, 0.01, 0.01), **shape
        ) as out:
            out.write(np.arange(600, dtype=np.float32).reshape(20, 30), 1)
        return bytes(memory.read())


def _make_shapefile(folder: Path, polygons: gpd.GeoDataFrame) -> bytes:
    polygons.rename(columns={"district_id": "code"}).to_file(folder / "areas.shp", encoding="UTF-8")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:  # not packed, so that mutations reach what is in it
        for path in sorted(folder.glob("areas.s*")) + sorted(folder.glob("areas.[dp]*")):
            archive.writestr(path.name, path.read_bytes())
    return content.getvalue()


def _make_osm(folder: Path) -> list[Seed]:
    path = folder / "roads.osm.pbf"
    for target in (path, folder / "roads.osm"):
        with osmium.SimpleWriter(str(target)) as writer:
            for number in range(1, 6):
                writer.add_node(osm.Node(id=number, location=(87.0 + number / 100, 43.0), tags={"amenity": "police"}))
            writer.add_way(osm.Way(id=1, nodes=[1, 2, 3], tags={"highway": "primary", "maxspeed": "60"}))
            writer.add_way(osm.Way(id=2, nodes=[3, 4, 5], tags={"highway": "residential", "oneway": "yes"}))
            members = [("w", 1, "from"), ("n", 3, "via"), ("w", 2, "to")]
            writer.add_relation(osm.Relation(id=1, members=members, tags={"restriction": "no_left_turn"}))
    plain = (folder / "roads.osm").read_bytes()
    return [
        Seed("roads.osm.pbf", path.read_bytes(), (_drive, read_places)),
        Seed("roads.osm", plain, (_drive, read_places)),
        Seed("roads.osm.gz", gzip.compress(plain, mtime=0), (_drive,)),
        Seed("roads.osm.bz2", bz2.compress(plain), (_drive,)),
    ]


def _make_study(folder: Path) -> list[Seed]:
    """Make a pack and a store of a study with two small tables."""
    made = folder / "study"
    made.mkdir()
    (made / "people.csv").write_text(_PEOPLE, encoding="utf-8")
    (made / "stations.csv").write_text(_STATIONS, encoding="utf-8")
    text = 'format = 1\nid = "small"\nschematic = true\nattribution = "-"\n[name]\nzh = "小"\nen = "small"\n[inputs]\n'
    text += 'population = "people.csv"\nstations = "stations.csv"\n'
    (made / "study.toml").write_text(text, encoding="utf-8")
    write_pack(made, folder / "study.zip")
    with open_store(folder / "kept") as store:
        add_study(store, made / "study.toml")
    listed = json.dumps({"format": 1, "scenarios": []}).encode()
    return [
        Seed("study.zip", (folder / "study.zip").read_bytes(), (_pack,)),
        Seed("scenarios.json", listed, (read_edits, read_run)),
        Seed("studies.sqlite", (folder / "kept" / "studies.sqlite").read_bytes(), (_store,)),
    ]
