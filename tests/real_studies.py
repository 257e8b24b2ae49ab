"""Studies on real roads for tests: Comoros with its people by raster, Almaty with its police posts from OpenStreetMap.

Districts of four levels are drawn for the test: the country, halves, cells and the cells of those, so that every
indicator has units; hours and capacities are given to stations in turn, as the files have none.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
import shapely

from geodata.intake.read_points import read_points

_HOURS = ("周一至周五 10:00-14:00,15:30-19:30", "24小时", "每周三下午", "Mo-Fr 09:30-18:00", "")
_KINDS = ("legal_station", "legal_room", "police_station", "traffic_police_window", "mobile_vehicle", "legal_centre")
_POST_KINDS = {"police": "police_station", "courthouse": "people_tribunal", "post_office": "postal_agent"}


def write_comoros(folder: Path, shared: Path) -> Path:
    """Write the study of the three islands: WorldPop raster, OSM roads, health sites as stand-in stations."""
    folder.mkdir(parents=True)
    (folder / "roads.osm.pbf").write_bytes((shared / "roads" / "comoros.osm.pbf").read_bytes())
    (folder / "people.tif").write_bytes((shared / "population" / "comoros_worldpop_2020.tif").read_bytes())
    places = _find_amenities(
        shared / "roads" / "comoros.osm.pbf", ("hospital", "clinic", "police", "post_office", "townhall")
    )
    kinds = [_KINDS[number % len(_KINDS)] for number in range(len(places))]
    _write_stations(folder, places, kinds)
    _write_districts(folder, (43.2, -12.45, 44.6, -11.3))
    return _write_study(folder, "comoros", 'population = "people.tif"')


def write_almaty(folder: Path, shared: Path) -> Path:
    """Write the study of the oasis city: its police posts, courts and post offices; people at real junctions."""
    folder.mkdir(parents=True)
    source = shared / "roads" / "almaty.osm.pbf"
    (folder / "roads.osm.pbf").write_bytes(source.read_bytes())
    places = _find_amenities(source, tuple(_POST_KINDS))
    _write_stations(folder, places, [_POST_KINDS[amenity] for amenity, _, _ in places])
    points = read_points(shared / "truth" / "almaty_points.csv").table
    rng = np.random.default_rng(5)
    around = points.loc[points.index.repeat(40)]
    people = pd.DataFrame(
        {
            "demand_id": [f"a{number}" for number in range(len(around))],
            "lon": around["lon"].to_numpy(float) + rng.normal(0.0, 0.01, len(around)),
            "lat": around["lat"].to_numpy(float) + rng.normal(0.0, 0.008, len(around)),
            "population": rng.integers(20, 400, len(around)),
        }
    )
    people = people.assign(**{name: people["population"] // part for name, part in (("aged", 8), ("drivers", 3))})
    people.assign(disabled=people["population"] // 40, carless=people["population"] // 2).to_csv(
        folder / "people.csv", index=False
    )
    west, south, east, north = people["lon"].min(), people["lat"].min(), people["lon"].max(), people["lat"].max()
    _write_districts(folder, (west - 0.01, south - 0.01, east + 0.01, north + 0.01))
    return _write_study(folder, "almaty", 'population = "people.csv"')


def _find_amenities(path: Path, wanted: tuple[str, ...]) -> list[tuple[str, float, float]]:
    tagged = osmium.FileProcessor(str(path)).with_filter(osmium.filter.KeyFilter("amenity"))
    return [
        (node.tags["amenity"], node.location.lon, node.location.lat)
        for node in tagged
        if node.is_node() and node.tags["amenity"] in wanted
    ]


def _write_stations(folder: Path, places: list[tuple[str, float, float]], kinds: list[str]) -> None:
    count = len(places)
    table = pd.DataFrame(
        {
            "station_id": [f"s{number}" for number in range(count)],
            "name": [f"{amenity} {number}" for number, (amenity, _, _) in enumerate(places)],
            "kind": kinds,
            "hours": ["" if number % 9 == 8 else _HOURS[number % len(_HOURS)] for number in range(count)],
            "capacity": [500 + 100 * (number % 7) for number in range(count)],
            "status": ["planned" if number % 9 == 8 else "existing" for number in range(count)],
            "open_date": ["2027-06-30" if number % 9 == 8 else "" for number in range(count)],
            "cost": [100_000 if number % 9 == 8 else "" for number in range(count)],
            "lon": [lon for _, lon, _ in places],
            "lat": [lat for _, _, lat in places],
        }
    )
    table.to_csv(folder / "stations.csv", index=False)


def _write_districts(folder: Path, bounds: tuple[float, float, float, float]) -> None:
    west, south, east, north = bounds
    features = []

    def add(identity: str, level: str, parent: str, box: tuple[float, float, float, float]) -> None:
        properties = {"district_id": identity, "name": identity, "level": level, "parent_id": parent}
        geometry = json.loads(shapely.to_geojson(shapely.box(*box)))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})

    add("p", "prefecture", "", bounds)
    for level, side, above, above_side in (("county", 2, "p", 1), ("township", 8, "c", 2), ("village", 32, "t", 8)):
        wide, high = (east - west) / side, (north - south) / side
        for row, column in np.ndindex(side, side):
            factor = side // above_side
            parent = "p" if above == "p" else f"{above}{row // factor}-{column // factor}"
            left, low = west + column * wide, south + row * high
            add(f"{level[0]}{row}-{column}", level, parent, (left, low, left + wide, low + high))
    content = {"type": "FeatureCollection", "features": features}
    (folder / "districts.geojson").write_text(json.dumps(content), encoding="utf-8")


def _write_study(folder: Path, name: str, people: str) -> Path:
    path = folder / "study.toml"
    path.write_text(
        f'format = 1\nid = "{name}"\n[inputs]\nroads = "roads.osm.pbf"\n{people}\nstations = "stations.csv"\n'
        'districts = "districts.geojson"\n[capacity]\nunit = "cases_a_year"\nvisits_a_year = 1.0\n'
        '[mode_mix]\nother = "walk"\nurban = 0.4\nrural = 0.6\n',
        encoding="utf-8",
    )
    return path
