"""Seats and areas: villages round their township, and schematic outlines drawn as cells round the seats."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from demo.facts import COUNTIES, PREFECTURE, SPREAD, TOWNS, Town
from demo.names import VILLAGES, split_names
from demo.plane import Array, make_rng, share_out, to_degrees, to_km, warp

# Townships whose people live along mountain tracks, far from the village: their land reaches far.
PASTORAL_TOWNS = frozenset({"650107202", "650107200", "650107201", "650121208", "650121207", "650109200", "650121102"})

# Empty land that belongs to the village of that township which lies nearest: pastures, desert.
FAR_LAND: tuple[tuple[str, float, float], ...] = (
    ("650121208", 87.02, 43.33),
    ("650121208", 87.16, 43.28),
    ("650121100", 87.30, 43.30),
    ("650121100", 87.40, 43.26),
    ("650121100", 87.42, 43.15),
    ("650121102", 87.60, 43.32),
    ("650121102", 87.55, 43.20),
    ("650121102", 87.78, 43.38),
    ("650107202", 88.85, 43.22),
    ("650107200", 88.45, 43.66),
    ("650109104", 87.42, 44.42),
    ("650109104", 87.55, 44.48),
    ("650109103", 87.68, 44.46),
    ("650109500", 87.86, 44.52),
    ("650109200", 88.10, 44.30),
)

_THOUSAND_PER_KM2 = 15.0  # people the densest streets hold


@dataclass(frozen=True)
class Village:
    """A village with its seat [km] and its people."""

    code: str
    name: str
    town: Town
    seat: Array
    people: int


@dataclass(frozen=True)
class Land:
    """Everything the later stages build on: seats, people by township, areas in kilometres."""

    villages: tuple[Village, ...]
    people: dict[str, int]  # by township
    town_people: dict[str, int]  # of a township, those who do not live in its villages
    built: shapely.Geometry  # streets and houses


def build_land() -> Land:
    """Share the census totals out over townships and villages, and place the villages."""
    rng = make_rng(1)
    built = _draw_built()
    room = _measure_built(built)
    people: dict[str, int] = {}
    for county, _, total in COUNTIES:
        towns = [town for town in TOWNS if town.code.startswith(county)]
        weights = np.array([_weigh(town, room[town.code]) for town in towns]) * rng.uniform(0.96, 1.04, len(towns))
        people |= dict(zip([t.code for t in towns], share_out(total, weights).tolist(), strict=True))
    villages: list[Village] = []
    town_people: dict[str, int] = {}
    taken: list[Array] = [to_km(town.lon, town.lat) for town in TOWNS]
    for town in TOWNS:
        listed = split_names(VILLAGES.get(town.code, ""))
        seats = _scatter(town, len(listed), taken, rng)
        # Small towns live in their villages, larger ones mostly in the built-up seat.
        in_villages = 0.0 if not listed else 0.22 if people[town.code] > 60_000 or town.built_km > 1.45 else 0.62
        in_villages = 0.85 if town.code in PASTORAL_TOWNS else in_villages
        total = round(people[town.code] * in_villages)
        shares = share_out(total, rng.uniform(0.6, 1.6, len(listed))) if listed else np.zeros(0, int)
        town_people[town.code] = people[town.code] - int(shares.sum())
        for (suffix, name), seat, count in zip(listed, seats, shares.tolist(), strict=True):
            villages.append(Village(town.code + suffix, name, town, seat, count))
    return Land(tuple(villages), people, town_people, built)


def _scatter(town: Town, count: int, taken: list[Array], rng: np.random.Generator) -> list[Array]:
    """Place villages in the strip of their township, each as far from the others as chance allows."""
    along, across, bearing = SPREAD.get(town.code, (0.0, 0.0, 0.0))
    turn = math.radians(bearing)
    axis, side = np.array([math.sin(turn), math.cos(turn)]), np.array([math.cos(turn), -math.sin(turn)])
    centre = to_km(town.lon, town.lat)
    seats: list[Array] = []
    for _ in range(count):
        u, v = rng.uniform(-1, 1, (60, 2)).T
        options = centre + np.outer(u * along, axis) + np.outer(v * across, side)
        own = options[_is_own_land(town, options)][:5]
        options = own if len(own) else centre + 0.4 * (options[:5] - centre)
        gap = np.min([np.hypot(*(options - other).T) for other in taken], axis=0)
        best = options[int(np.argmax(gap))]
        seats.append(best)
        taken.append(best)
    return seats


def _is_own_land(town: Town, places: Array) -> np.ndarray:
    """Tell which places lie nearer to a township than to others, those of other counties above all."""
    own = np.hypot(*(places - to_km(town.lon, town.lat)).T)
    good = np.ones(len(places), bool)
    for other in TOWNS:
        if other.code != town.code:
            slack = 1.3 if other.code[:6] == town.code[:6] else 0.95
            good &= own <= slack * np.hypot(*(places - to_km(other.lon, other.lat)).T)
    return good


def _weigh(town: Town, built_km2: float) -> float:
    """Return the weight of a township: its guess in thousands, less where the streets have no room for it."""
    return town.thousand if town.code in SPREAD else min(town.thousand, _THOUSAND_PER_KM2 * built_km2)


def _measure_built(built: shapely.Geometry) -> dict[str, float]:
    """Measure the built-up land nearest to each seat [km²]."""
    seats = shapely.points([to_km(town.lon, town.lat) for town in TOWNS])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seats), extend_to=built))
    number, cell = shapely.STRtree(cells).query(seats, predicate="within")
    areas = shapely.area(shapely.intersection(cells[cell], built))
    return {TOWNS[at].code: float(area) for at, area in zip(number.tolist(), areas, strict=True)}


def _draw_built() -> shapely.Geometry:
    """Draw the built-up land: discs round the seats grown together, less hills, parks and the airport."""
    centres = np.array([to_km(town.lon, town.lat) for town in TOWNS])
    discs = shapely.buffer(shapely.points(centres), [town.built_km for town in TOWNS])
    grown = shapely.buffer(shapely.buffer(shapely.union_all(discs), 0.55), -0.55)
    grown = shapely.transform(shapely.segmentize(grown, 0.2), lambda km: warp(warp(km, 0.4, 4.3, 0.4), 0.22, 2.1, 1.1))
    open_land = [
        (87.585, 43.803, 0.45),  # hills of the west
        (87.607, 43.808, 0.35),
        (87.563, 43.868, 0.4),  # a hill park
        (87.478, 43.907, 1.1),  # airport
        (87.602, 43.722, 0.8),  # reservoir
        (87.672, 43.808, 0.6),
        (87.655, 43.848, 0.6),
        (87.541, 43.789, 0.8),
        (87.700, 43.875, 1.0),
    ]
    holes = [shapely.buffer(shapely.points(to_km(lon, lat)), radius) for lon, lat, radius in open_land]
    return shapely.difference(grown, shapely.union_all(holes))


def draw_districts(land: Land) -> gpd.GeoDataFrame:
    """Draw prefecture, counties, townships and villages as cells round their seats with winding borders.

    The cells partition one outline, and every higher unit is the union of its parts, so borders agree
    to the last vertex. They are schematic: no border was traced from anywhere.
    """
    codes, seats = _place_anchors(land)
    anchors = seats
    for _ in range(20):  # bent with its cell, every anchor comes to lie on its seat
        anchors = anchors - (_bend(anchors) - seats)
    outline = _draw_outline(anchors)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(anchors), extend_to=outline))
    tree = shapely.STRtree(cells)
    point, cell = tree.query(shapely.points(anchors), predicate="within")
    parts: dict[str, list[shapely.Geometry]] = {}
    for at, which in zip(point.tolist(), cell.tolist(), strict=True):
        piece = shapely.segmentize(shapely.intersection(cells[which], outline), 1.6)
        drawn = shapely.transform(piece, lambda km: to_degrees(_bend(km)))
        parts.setdefault(codes[at], []).append(drawn)
    leaves = {code: shapely.union_all(pieces, grid_size=1e-5) for code, pieces in parts.items()}
    return _assemble(land, leaves)


def _bend(km: Array) -> Array:
    return warp(km, 0.55, 9.0, 0.7)


def _place_anchors(land: Land) -> tuple[list[str], Array]:
    """Return cell centres and the unit each belongs to: villages, town seats, and far land of some."""
    codes = [town.code for town in TOWNS] + [village.code for village in land.villages]
    seats = [to_km(town.lon, town.lat) for town in TOWNS] + [village.seat for village in land.villages]
    for town, lon, lat in FAR_LAND:
        place = to_km(lon, lat)
        owner = min((v for v in land.villages if v.town.code == town), key=lambda v: float(np.hypot(*(v.seat - place))))
        codes.append(owner.code)
        seats.append(place)
    return codes, np.array(seats)


def _draw_outline(anchors: Array) -> shapely.Geometry:
    near = shapely.union_all(shapely.buffer(shapely.points(anchors), 9.0))
    return shapely.simplify(shapely.buffer(shapely.buffer(near, 14.0), -13.0), 0.6)


def _assemble(land: Land, leaves: dict[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """Build the table of all levels; a township is the union of its seat's cell and its villages."""
    rows: list[tuple[str, str, str, str, int, shapely.Geometry]] = []
    by_town: dict[str, list[shapely.Geometry]] = {}
    for code, shape in leaves.items():
        by_town.setdefault(code[:9], []).append(shape)
    towns = {code: shapely.union_all(shapes, grid_size=1e-5) for code, shapes in by_town.items()}
    counties = {
        code: shapely.union_all([s for t, s in towns.items() if t.startswith(code)], grid_size=1e-5)
        for code, _, _ in COUNTIES
    }
    whole = shapely.union_all(list(counties.values()), grid_size=1e-5)
    total = sum(people for _, _, people in COUNTIES)
    rows.append((PREFECTURE[0], PREFECTURE[1], "prefecture", "", total, whole))
    rows += [(code, name, "county", PREFECTURE[0], people, counties[code]) for code, name, people in COUNTIES]
    rows += [(t.code, t.name, "township", t.code[:6], land.people[t.code], towns[t.code]) for t in TOWNS]
    rows += [(v.code, v.name, "village", v.town.code, v.people, leaves[v.code]) for v in land.villages]
    columns = ["district_id", "name", "level", "parent_id", "population_official", "geometry"]
    return gpd.GeoDataFrame(
        dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True)), geometry="geometry", crs="EPSG:4326"
    )
