"""Stations of every kind at generated places; their names say that they are schematic."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from demo import kinds
from demo.areas import PASTORAL_TOWNS, Land
from demo.city import Grid
from demo.facts import TOWNS, Town
from demo.names import COMMUNITIES, split_names
from demo.plane import Array, make_rng, to_degrees, to_km

_TOWN = {town.code: town for town in TOWNS}
_RURAL_COUNTIES = ("650107", "650121")
COLUMNS = [
    *("station_id", "name", "kind", "level", "services", "hours", "capacity"),
    *("status", "operator", "code", "lon", "lat"),
]


@dataclass(eq=False)
class Register:
    """The list of stations as it grows."""

    catalogue: dict[str, dict[str, Any]]
    spots: dict[str, Array]
    areas: dict[str, shapely.Geometry]
    rng: np.random.Generator
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        kind: str,
        town: str,
        hours: str,
        capacity: float,
        *,
        status: str = "existing",
        at: Array | None = None,
        code: str = "",
    ) -> None:
        """Add one station near the seat of a township, or at a given place."""
        entry = self.catalogue[kind]
        place = self._find_spot(town) if at is None else at + self.rng.uniform(-0.12, 0.12, 2)
        lon, lat = to_degrees(place)
        services = kinds.NARROWER.get((kind, town), tuple(entry["services"]))
        self.rows.append(
            {
                "name": entry["zh"],
                "kind": kind,
                "level": entry["level"],
                "services": ";".join(services),
                "hours": hours,
                "capacity": int(round(capacity, -1)) if capacity >= 100 else int(capacity),
                "status": status,
                "operator": "bingtuan" if town in kinds.BINGTUAN_TOWNS else "local",
                "code": code or town,
                "lon": lon,
                "lat": lat,
            }
        )

    def _find_spot(self, town: str) -> Array:
        """Choose a street crossing of the township, mostly near its seat; the seat itself where there is none."""
        spots, seat = self.spots[town], to_km(_TOWN[town].lon, _TOWN[town].lat)
        if len(spots) == 0:
            return seat + self.rng.uniform(-0.15, 0.15, 2)
        weight = np.exp(-np.hypot(*(spots - seat).T) / 0.6)
        for _ in range(20):
            chosen = spots[self.rng.choice(len(spots), p=weight / weight.sum())]
            place = chosen + self.rng.uniform(-0.09, 0.09, 2)
            if shapely.contains_xy(self.areas[town], *place):
                return place
        return chosen


def build_stations(land: Land, grid: Grid, areas: dict[str, shapely.Geometry], catalogue_file: Path) -> pd.DataFrame:
    """Build the table of stations; kinds, levels and usual items are those of the catalogue."""
    catalogue = {kind["id"]: kind for kind in tomllib.loads(catalogue_file.read_text(encoding="utf-8"))["kind"]}
    spots: dict[str, Array] = {}
    for town in TOWNS:
        inside = shapely.contains_xy(areas[town.code], *grid.nodes.T)
        spots[town.code] = grid.nodes[inside]
    register = Register(catalogue, spots, areas, make_rng(5))
    register.add("legal_centre_region", "650105006", kinds.WORKDAYS_ZH, 60000)
    register.add("legal_centre_prefecture", "650102010", kinds.WORKDAYS_ZH, 40000)
    register.add("vehicle_office", "650104019", kinds.WORKDAYS_ZH, 300000)
    register.add("vehicle_office", "650109006", kinds.WORKDAYS_ZH, 160000)
    _add_county_kinds(register)
    _add_town_kinds(register, land)
    _add_village_kinds(register, land)
    return _finish(register)


def _add_county_kinds(register: Register) -> None:
    rng = register.rng
    for county, seat in kinds.COUNTY_SEATS.items():
        towns = [t.code for t in TOWNS if t.code.startswith(county) and t.code not in kinds.GAP_TOWNS]
        for spec in kinds.PER_COUNTY:
            count = spec.rural if county in _RURAL_COUNTIES else spec.city
            others = [str(code) for code in rng.permutation([code for code in towns if code != seat])]
            for place in [seat, *others][:count]:
                register.add(spec.kind, place, spec.hours, spec.capacity * rng.uniform(0.7, 1.3))
    for town in kinds.TEST_CENTRES:
        register.add("driving_test_centre", town, "Tu-Sa 09:30-18:00", 20000)
    for town in kinds.CIRCUIT_TOWNS:
        register.add("circuit_court_point", town, "每周二 11:00-17:00" if town < "6501091" else kinds.WEEKLY, 300)


def _add_town_kinds(register: Register, land: Land) -> None:
    rng = register.rng
    for town in TOWNS:
        people, gap = land.people[town.code], kinds.GAP_TOWNS.get(town.code)
        rural = town.code[:6] in _RURAL_COUNTIES or town.built_km < 1.2
        if gap != "none":
            capacity = 0.09 * people * rng.uniform(0.8, 1.3)
            if (town.code, "legal_station") == kinds.OVERLOADED[:2]:
                capacity = kinds.OVERLOADED[2]
            register.add("legal_station", town.code, kinds.WORKDAYS_ZH, capacity, status=gap or "existing")
        for kind, (in_city, in_country, hours, per_head) in kinds.PER_TOWN.items():
            if rng.random() >= (in_country if rural else in_city) or (
                kind == "justice_office" and (gap or town.code == kinds.OVERLOADED[0])
            ):
                continue
            register.add(kind, town.code, hours, max(60, per_head * people * rng.uniform(0.7, 1.3)))
        if gap and rng.random() < 0.8:
            register.add("postal_agent", town.code, kinds.DAILY, 400, status="candidate")
        _add_community_rooms(register, town, rng)


def _add_community_rooms(register: Register, town: Town, rng: np.random.Generator) -> None:
    for suffix, _ in split_names(COMMUNITIES.get(town.code, ""))[: 2 if town.thousand > 40 else 1]:
        if rng.random() < 0.42 and town.code not in kinds.GAP_TOWNS:
            register.add("legal_room", town.code, kinds.DAILY, 220, code=town.code + suffix)


def _add_village_kinds(register: Register, land: Land) -> None:
    rng = register.rng
    for village in land.villages:
        if rng.random() < kinds.ROOM_SHARE or village.town.code in PASTORAL_TOWNS:
            hours = "Mo-Fr 10:30-13:30" if rng.random() < 0.3 else kinds.WORKDAYS_ZH
            register.add("legal_room", village.town.code, hours, 120, at=village.seat, code=village.code)
        elif rng.random() < 0.5:
            register.add(
                *("legal_room", village.town.code, kinds.WORKDAYS_ZH, 120),
                status="planned",
                at=village.seat,
                code=village.code,
            )
    for kind, (count, hours, capacity) in kinds.PER_VILLAGE.items():
        for number in rng.permutation(len(land.villages))[:count].tolist():
            village = land.villages[number]
            register.add(kind, village.town.code, hours, capacity, at=village.seat, code=village.code)


def _finish(register: Register) -> pd.DataFrame:
    """Close a few stations, number all of them and name them."""
    table = pd.DataFrame(register.rows)
    rng = register.rng
    rooms = table.index[(table["kind"] == "legal_room") & (table["status"] == "existing")]
    posts = table.index[table["kind"].isin(["convenience_police_post", "postal_agent", "insurance_agent"])]
    posts = posts[table.loc[posts, "status"] == "existing"]
    table.loc[rng.permutation(rooms)[:9], "status"] = "closed"
    table.loc[rng.permutation(posts)[:6], "status"] = "closed"
    some = table.index[(table["kind"] == "legal_room") & (table["status"] == "existing")]
    table.loc[rng.permutation(some)[:30], "services"] = "legal_consultation"
    numbers = [f"{number:03d}" for number in range(1, len(table) + 1)]
    table["station_id"] = [f"S{number}" for number in numbers]
    table["name"] = [f"示意点{number} {kind}" for number, kind in zip(numbers, table["name"], strict=True)]
    return table[COLUMNS]
