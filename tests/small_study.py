"""A small study on disk, made in a test's own folder.

The roads are one east-west street of about 3.3 km with a side street, drawn in degrees near Urumqi;
village C lies far from any road. A limit of 30 km/h is posted everywhere, so that 25.5 km/h are driven by car:

    A ---- S ---- B ---- X          station S is 1.1 km east of A
                  |                 C: 0.2 degrees north, unconnected
                  D
"""

from __future__ import annotations

import json
from pathlib import Path

LON, LAT = 87.60, 43.80
STEP = 0.0137  # about 1.1 km east-west

STUDY = """format = 1
id = "small"
schematic = true
attribution = "test"
[name]
zh = "小项目"
en = "Small"
[inputs]
roads = "roads.geojson"
population = "population.csv"
stations = "stations.csv"
districts = "districts.geojson"
[snap]
min_component_km = 0.0
"""

POPULATION = f"""demand_id,lon,lat,population,drivers
A,{LON},{LAT},100,40
B,{LON + 2 * STEP},{LAT},50,20
C,{LON},{LAT + 0.2},7,1
D,{LON + 2 * STEP},{LAT - 0.01},30,10
"""

STATIONS = f"""station_id,name,kind,level,services,hours,capacity,status,operator,code,lon,lat
S,示意点01,legal_station,township,legal_consultation;mediation,24小时,100,existing,local,,{LON + STEP},{LAT}
P,示意点02,legal_station,township,legal_consultation,,,planned,local,,{LON},{LAT}
"""


def _line(points: list[tuple[float, float]], highway: str) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"highway": highway, "maxspeed": "30"},
        "geometry": {"type": "LineString", "coordinates": points},
    }


def _square(district_id: str, name: str, level: str, parent: str, south: float, north: float) -> dict[str, object]:
    west, east = LON - 0.1, LON + 0.2
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"district_id": district_id, "name": name, "level": level, "parent_id": parent},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def write_small_study(folder: Path, *, study: str = STUDY) -> Path:
    """Write the study and return the path of its ``study.toml``."""
    folder.mkdir(parents=True, exist_ok=True)
    roads = [
        _line([(LON + i * STEP, LAT) for i in range(4)], "residential"),
        _line([(LON + 2 * STEP, LAT), (LON + 2 * STEP, LAT - 0.01)], "residential"),
    ]
    districts = [
        _square("6501", "县", "county", "", LAT - 0.1, LAT + 0.3),
        _square("650101", "镇南", "township", "6501", LAT - 0.1, LAT + 0.1),
        _square("650102", "镇北", "township", "6501", LAT + 0.1, LAT + 0.3),
    ]
    for name, features in (("roads", roads), ("districts", districts)):
        collection = {"type": "FeatureCollection", "features": features}
        (folder / f"{name}.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (folder / "population.csv").write_text(POPULATION, encoding="utf-8")
    (folder / "stations.csv").write_text(STATIONS, encoding="utf-8")
    (folder / "study.toml").write_text(study, encoding="utf-8")
    return folder / "study.toml"
