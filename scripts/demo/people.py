"""Where people live: city cells, villages, hamlets on pastures; whole persons that add up to the census."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from demo.areas import PASTORAL_TOWNS, Land, Village
from demo.country import LONE_PASTURE, LONE_RADIUS_KM, Country
from demo.facts import TOWNS
from demo.plane import Array, make_rng, share_out, to_degrees, to_km

CELL_KM = 0.48
# Share of a pastoral village's people who live out on the pastures.
_OUT_ON_PASTURE = 0.72
_REMOTE_PLACES = 64  # hamlets farther from any road than a walk
_REMOTE_FROM_ROAD_KM = 2.3
_LONE_PEOPLE = 1900
_MIDDLE = (87.605, 43.825)
# Weights besides residents, as shares of the people by zone: assumptions of the demo.
_SHARES = {
    "drivers": {"urban": 0.30, "rural": 0.24, "pastoral": 0.18},
    "vehicles": {"urban": 0.27, "rural": 0.22, "pastoral": 0.15},
    "children": {"urban": 0.07, "rural": 0.08, "pastoral": 0.10},
    "aged": {"urban": 0.15, "rural": 0.18, "pastoral": 0.14},
}


@dataclass(eq=False)
class _Crowd:
    """Places found so far, in parallel lists."""

    place: list[Array]
    people: list[int]
    zone: list[str]
    unit: list[str]

    def add(self, places: list[Array], people: np.ndarray, zone: str, unit: str) -> None:
        """Add places of one unit and their people."""
        self.place += places
        self.people += people.tolist()
        self.zone += [zone] * len(places)
        self.unit += [unit] * len(places)


def settle(land: Land, country: Country, areas: dict[str, shapely.Geometry], roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Settle everybody.

    Parameters
    ----------
    land
        People by township and village.
    country
        Hamlets that have a road.
    areas
        Polygons of the lowest units [km] by code: villages, and what is left of each township.
    roads
        The road lines [degrees], from which remote hamlets keep away.

    Returns
    -------
    One row for each demand point: lon, lat, population, zone, unit (code of the lowest unit), weights.
    """
    rng = make_rng(4)
    crowd = _Crowd([], [], [], [])
    _settle_towns(crowd, land, areas, rng)
    far = _find_remote_places(land, areas, roads, rng)
    lone = [(_find_owner(land, areas, place), place) for place in country.lone]
    for village in land.villages:
        _settle_village(crowd, village, country, areas[village.code], far, lone, rng)
    table = pd.DataFrame(to_degrees(np.array(crowd.place)), columns=["lon", "lat"])
    table["population"], table["zone"], table["unit"] = crowd.people, crowd.zone, crowd.unit
    table = table[table["population"] > 0].reset_index(drop=True)
    for weight, shares in _SHARES.items():
        share = table["zone"].map(shares).to_numpy(float) * rng.uniform(0.8, 1.2, len(table))
        table[weight] = np.round(table["population"].to_numpy() * share).astype(int)
    return table


def _settle_towns(crowd: _Crowd, land: Land, areas: dict[str, shapely.Geometry], rng: np.random.Generator) -> None:
    """Fill the built-up land with cells, denser towards the middle of the city."""
    west, south, east, north = shapely.bounds(land.built)
    x, y = np.meshgrid(np.arange(west, east, CELL_KM), np.arange(south, north, CELL_KM))
    cells = np.column_stack((x.ravel(), y.ravel()))
    cells = cells[shapely.contains_xy(land.built, *cells.T)] + 0.0
    cells = cells + rng.uniform(-0.08, 0.08, cells.shape)
    codes = list(areas)
    point, unit = shapely.STRtree([areas[code] for code in codes]).query(shapely.points(cells), predicate="within")
    owner = dict(zip(point.tolist(), (codes[number] for number in unit.tolist()), strict=True))
    by_town: dict[str, list[int]] = {}
    for at, code in sorted(owner.items()):
        by_town.setdefault(code[:9], []).append(at)
    for town in TOWNS:
        total = land.town_people[town.code]
        seat = to_km(town.lon, town.lat)
        mine = [at for at in by_town.get(town.code, []) if np.hypot(*(cells[at] - seat)) < town.built_km + 2.0]
        zone = "urban" if town.thousand >= 14 and town.built_km > 0.9 else "rural"
        if not mine:
            crowd.add(*_cluster(areas[town.code], seat, total, 5, 0.5, rng), zone, town.code)
            continue
        weight = np.exp(-0.16 * np.hypot(*(cells[mine] - to_km(*_MIDDLE)).T)) + 0.05
        weight *= rng.uniform(0.35, 1.65, len(mine))
        for at, people in zip(mine, share_out(total, weight).tolist(), strict=True):
            crowd.add([cells[at]], np.array([people]), zone, owner[at])


def _cluster(
    area: shapely.Geometry, seat: Array, total: int, count: int, reach_km: float, rng: np.random.Generator
) -> tuple[list[Array], np.ndarray]:
    """Put people at a few places round a seat, inside its area."""
    places = [seat + np.array([0.03, 0.02])]
    for _ in range(40):
        place = seat + rng.normal(0, reach_km / 1.6, 2)
        if len(places) < count and np.hypot(*(place - seat)) < reach_km and shapely.contains_xy(area, *place):
            places.append(place)
    return places, share_out(total, rng.uniform(0.5, 1.5, len(places)))


def _settle_village(
    crowd: _Crowd,
    village: Village,
    country: Country,
    area: shapely.Geometry,
    far: list[tuple[str, Array]],
    lone: list[tuple[str, Array]],
    rng: np.random.Generator,
) -> None:
    people = village.people
    zone = "pastoral" if village.town.code in PASTORAL_TOWNS else "rural"
    remote = [place for code, place in far if code == village.code]
    alone = [place for code, place in lone if code == village.code]
    out = [place for owner, place in country.hamlets if owner.code == village.code]
    if remote:
        away = min(len(remote) * 150, people // 3)
        crowd.add(remote, share_out(away, rng.uniform(0.4, 1.6, len(remote))), zone, village.code)
        people -= away
    if alone:
        away = min(_LONE_PEOPLE * len(alone) // len(lone), people * 2 // 3)
        crowd.add(alone, share_out(away, rng.uniform(0.5, 1.5, len(alone))), zone, village.code)
        people -= away
    if out:
        away = round(people * _OUT_ON_PASTURE)
        # The farther the pasture the larger its winter camp.
        distance = np.array([float(np.hypot(*(place - village.seat))) for place in out])
        places = [place + rng.uniform(-0.15, 0.15, 2) for place in out]
        inside = [shapely.contains_xy(area, *place) for place in places]
        places = [moved if good else place for moved, good, place in zip(places, inside, out, strict=True)]
        crowd.add(places, share_out(away, distance * rng.uniform(0.6, 1.4, len(out))), zone, village.code)
        people -= away
    count = 5 if zone == "pastoral" else 9
    crowd.add(*_cluster(area, village.seat, people, count, 0.8, rng), zone, village.code)


def _find_owner(land: Land, areas: dict[str, shapely.Geometry], place: Array) -> str:
    return next((v.code for v in land.villages if shapely.contains_xy(areas[v.code], *place)), "")


def _find_remote_places(
    land: Land, areas: dict[str, shapely.Geometry], roads: gpd.GeoDataFrame, rng: np.random.Generator
) -> list[tuple[str, Array]]:
    """Find places of pastoral villages that no road comes near, by trying."""
    lines = shapely.transform(roads.geometry.to_numpy(), lambda xy: to_km(xy[:, 0], xy[:, 1]))
    tree = shapely.STRtree(lines)
    pastoral = [village for village in land.villages if village.town.code in PASTORAL_TOWNS and village.people > 60]
    lone = to_km(*LONE_PASTURE)
    found: list[tuple[str, Array]] = []
    for _ in range(4000):
        if len(found) == _REMOTE_PLACES:
            break
        village = pastoral[int(rng.integers(len(pastoral)))]
        west, south, east, north = shapely.bounds(areas[village.code])
        place = rng.uniform((west, south), (east, north))
        if not shapely.contains_xy(shapely.buffer(areas[village.code], -0.8), *place):
            continue
        near = tree.query_nearest(shapely.points(place), max_distance=_REMOTE_FROM_ROAD_KM)
        if len(near) == 0 and np.hypot(*(place - lone)) > LONE_RADIUS_KM:
            found.append((village.code, place))
    return found
