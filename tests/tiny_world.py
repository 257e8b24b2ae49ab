"""The world worked out on paper: four points, three roads and a one-way, four villages, three stations.

Roads, all at no delay: A-B primary 24.06 km, B-C secondary 32.08 km, D->A primary, one way, B-D primary 25.26 km.
Primary roads are driven at 60 km/h, secondary ones at 40, in winter at half. V4 lives 27.7 km from any road.

    D (87.15, 44.20)  V3 200 people, S2 always open
    A (87.00, 44.00)  V1 1,000 people
    B (87.30, 44.00)  S1 Monday to Friday 10:00-14:00
    C (87.70, 44.00)  V2 500 people, S3 planned for 2027-06-01
"""

from __future__ import annotations

import json
from pathlib import Path

_STUDY = """format = 1
id = "tiny"
[name]
zh = "小世界"
en = "Tiny"
[inputs]
roads = "roads.geojson"
population = "population.csv"
stations = "stations.csv"
districts = "districts.geojson"
speeds = "speeds.toml"
[assessment]
mode = "drive"
direction = "to"
cutoff_min = 30
[snap]
max_access_m = 2000
min_component_km = 1
"""

_POPULATION = """demand_id,lon,lat,population,drivers,vehicles,children,aged,zone
V1,87.0,44.0,1000,400,300,100,200,urban
V2,87.7,44.0,500,100,50,60,120,pastoral
V3,87.15,44.2,200,40,20,30,50,rural
V4,87.15,44.45,100,10,5,10,20,pastoral
"""

_STATIONS = """station_id,name,kind,level,services,hours,capacity,status,operator,code,lon,lat,open_date
S1,站一,legal_station,township,,周一至周五 10:00-14:00,100,existing,local,,87.3,44.0,
S2,室二,legal_room,village,,24/7,50,existing,local,,87.15,44.2,
S3,中心三,legal_centre,county,,,500,planned,local,,87.7,44.0,2027-06-01
"""

# A post with child care after school, at A.
SCHOOL_POST = (
    "S4,警四,convenience_police_post,village,after_school_care,周一至周五 16:00-20:00,30,existing,local,,87.0,44.0,\n"
)

_SPEEDS = """id = "tiny"
[speeds_kph]
primary = 60
secondary = 40
[maxspeed]
factor = 1.0
[urban]
junctions_per_km2 = 10000
[delays_s]
traffic_signals = 0
stop = 0
give_way = 0
gate = 0
level_crossing = 0
u_turn = 0
oncoming_turn = 0
turn = 0
[traffic]
drives_on = "right"
[season.winter]
primary = 0.5
secondary = 0.5
"*" = 0.5
"""

_ROADS = (
    ("AB", "primary", "no", [[87.0, 44.0], [87.3, 44.0]]),
    ("BC", "secondary", "no", [[87.3, 44.0], [87.7, 44.0]]),
    ("DA", "primary", "yes", [[87.15, 44.2], [87.0, 44.0]]),
    ("BD", "primary", "no", [[87.3, 44.0], [87.15, 44.2]]),
)

_DISTRICTS = (
    ("659901", "甲县", "county", "", 86.9, 87.5),
    ("659902", "乙县", "county", "", 87.5, 87.9),
    ("659901001", "甲一镇", "township", "659901", 86.9, 87.1),
    ("659901002", "甲二镇", "township", "659901", 87.2, 87.5),
    ("659901003", "甲三乡", "township", "659901", 87.1, 87.2),
    ("659902001", "乙一乡", "township", "659902", 87.5, 87.9),
)

CLOSED = "lon,lat,name\n87.2,44.0,bridge\n"


def write_tiny_world(folder: Path, *, more_stations: str = "", settings: str = "") -> Path:
    """Write the study and return its ``study.toml``; `settings` go above its tables."""
    folder.mkdir(parents=True)
    roads = [
        _feature({"name": name, "highway": highway, "oneway": oneway}, "LineString", line)
        for name, highway, oneway, line in _ROADS
    ]
    districts = []
    for district, name, level, parent, west, east in _DISTRICTS:
        ring = [[west, 43.9], [east, 43.9], [east, 44.6], [west, 44.6], [west, 43.9]]
        facts = {"district_id": district, "name": name, "level": level, "parent_id": parent}
        districts.append(_feature(facts, "Polygon", [ring]))
    texts = {
        "study.toml": settings + _STUDY,
        "population.csv": _POPULATION,
        "stations.csv": _STATIONS + more_stations,
        "speeds.toml": _SPEEDS,
        "closed.csv": CLOSED,
        "roads.geojson": _collect(roads),
        "districts.geojson": _collect(districts),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "study.toml"


def _feature(properties: dict[str, str], kind: str, coordinates: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def _collect(features: list[dict[str, object]]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
