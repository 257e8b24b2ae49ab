"""Makes the embedded demo study: Urumqi with schematic outlines, roads, people's places and stations.

Usage: ``python scripts/make_demo_study.py [FOLDER]``; without a folder the one in ``geodata/data/demo``
is written. Seeded: the same versions of numpy, shapely and GDAL give the same bytes.
Names, codes and county totals are facts (``demo/facts.py``, ``demo/names.py``); the rest is generated.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import shapely
from demo.areas import build_land, draw_districts
from demo.city import build_grid, draw_streets
from demo.country import draw_country
from demo.expressways import draw_expressways
from demo.files import write_study
from demo.network import build_lines, find_ground_junctions
from demo.people import settle
from demo.plane import to_km
from demo.stations import build_stations

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "geodata" / "data" / "demo"
CATALOGUE = ROOT / "geodata" / "data" / "catalogue.toml"


def make_demo(folder: Path) -> None:
    """Generate the study and write it to a folder."""
    land = build_land()
    districts = draw_districts(land)
    lowest = _find_lowest_units(districts)
    areas = {code: shapely.transform(shape, lambda xy: to_km(xy[:, 0], xy[:, 1])) for code, shape in lowest.items()}
    grid = build_grid(land.built)
    country = draw_country(land, grid, areas)
    ground = draw_streets(grid) + country.roads
    roads = build_lines(ground, draw_expressways(*find_ground_junctions(ground)))
    people = settle(land, country, areas, roads)
    stations = build_stations(land, grid, areas, CATALOGUE)
    counted = people.groupby("unit")["population"].sum()
    for row, (code, level) in enumerate(zip(districts["district_id"], districts["level"], strict=True)):
        if level in ("village", "township"):
            total = int(counted[counted.index.str.startswith(code)].sum())
            districts.loc[row, "population_official"] = total
    people.insert(0, "demand_id", [f"D{number:05d}" for number in range(1, len(people) + 1)])
    people = people[["demand_id", "lon", "lat", "population", "drivers", "vehicles", "children", "aged", "zone"]]
    write_study(folder, roads=roads, districts=districts, people=people, stations=stations)


def _find_lowest_units(districts: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    """Return the polygons people are counted in: villages, and townships less their villages."""
    by_level = {level: part.set_index("district_id").geometry for level, part in districts.groupby("level")}
    villages = by_level["village"]
    lowest = dict(villages.items())
    for code, shape in by_level["township"].items():
        inside = villages[villages.index.str.startswith(code)]
        lowest[code] = shape.difference(inside.union_all(), grid_size=1e-5) if len(inside) else shape
    return lowest


if __name__ == "__main__":
    make_demo(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
