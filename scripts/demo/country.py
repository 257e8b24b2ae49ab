"""Roads outside the city: highways between towns, valley roads, village roads, tracks to the pastures."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from demo.areas import PASTORAL_TOWNS, Land, Village
from demo.city import Grid
from demo.facts import TOWNS, Town
from demo.plane import Array, draw_wiggly, make_rng, to_km
from demo.roads import Road
from demo.routes import HIGHWAYS, VALLEYS, Stop

_TOWN = {town.code: town for town in TOWNS}
# The pasture whose roads meet no other road: its middle, and the circle kept free for it [km].
LONE_PASTURE = (87.03, 43.29)
LONE_RADIUS_KM = 7.5


@dataclass(eq=False)
class Country:
    """Roads drawn so far, and the vertices to which the next ones may be joined."""

    roads: list[Road] = field(default_factory=list)
    vertices: list[Array] = field(default_factory=list)
    hamlets: list[tuple[Village, Array]] = field(default_factory=list)
    lone: list[Array] = field(default_factory=list)

    def add(self, road: Road) -> None:
        """Add a road and offer its vertices."""
        self.roads.append(road)
        self.vertices.extend(road.line)

    def nearest(self, place: Array) -> Array:
        """Return the vertex nearest to a place."""
        vertices = np.array(self.vertices)
        return vertices[int(np.argmin(np.hypot(*(vertices - place).T)))]


def draw_country(land: Land, grid: Grid, areas: dict[str, shapely.Geometry]) -> Country:
    """Draw all roads outside the streets; `areas` are the village polygons [km] in which hamlets lie."""
    rng = make_rng(3)
    country = Country(vertices=list(grid.nodes))
    rank = np.full(len(grid.nodes), 3)
    np.minimum.at(rank, grid.ends.ravel(), np.repeat(grid.rank, 2))
    for road in HIGHWAYS:
        for begin, end in pairwise(road.stops):
            a = _attach(begin, end, grid, rank)
            b = _attach(end, begin, grid, rank)
            line = draw_wiggly(a, b, rng, bend=0.05, step_km=1.3)
            country.add(Road(line, road.highway, road.name, maxspeed=road.limit, surface=road.surface))
    for code, course in VALLEYS:
        _draw_valley(country, _TOWN[code], course, rng)
    for village in sorted(land.villages, key=lambda v: float(np.hypot(*(v.seat - _seat(v.town))))):
        _join_village(country, village, rng)
    _join_neighbours(country, land, rng)
    for village in land.villages:
        if village.town.code in PASTORAL_TOWNS:
            _draw_pastures(country, village, areas[village.code], rng)
    _draw_lone_pasture(country, rng)
    return country


def _seat(town: Town) -> Array:
    return to_km(town.lon, town.lat)


def _attach(stop: Stop, towards: Stop, grid: Grid, rank: np.ndarray) -> Array:
    """Return where a highway meets a stop: the street crossing on its side of the town, main streets first."""
    if not isinstance(stop, str):
        return to_km(*stop)
    town = _TOWN[stop]
    seat = _seat(town)
    goal = _seat(_TOWN[towards]) if isinstance(towards, str) else to_km(*towards)
    near = np.hypot(*(grid.nodes - seat).T) <= town.built_km + 0.3
    if not near.any():
        return seat
    cost = np.hypot(*(grid.nodes - goal).T) + 0.45 * rank
    cost[~near] = np.inf
    return grid.nodes[int(np.argmin(cost))]


def _draw_valley(
    country: Country, town: Town, course: tuple[tuple[float, float], ...], rng: np.random.Generator
) -> None:
    at = country.nearest(_seat(town))
    kinds = (("tertiary", "asphalt"), ("unclassified", "gravel"), ("track", "dirt"))
    for step, (lon, lat) in enumerate(course):
        goal = to_km(lon, lat)
        highway, surface = kinds[min(step, 2)]
        country.add(Road(draw_wiggly(at, goal, rng, bend=0.11, step_km=0.9), highway, surface=surface))
        at = goal


def _join_village(country: Country, village: Village, rng: np.random.Generator) -> None:
    """Join a village to the nearest road and give it a street or two."""
    pastoral = village.town.code in PASTORAL_TOWNS
    joint = country.nearest(village.seat)
    away = float(np.hypot(*(village.seat - joint)))
    if away > 0.05:
        highway = "unclassified" if pastoral or rng.random() < 0.55 else "tertiary"
        surface = "gravel" if pastoral and rng.random() < 0.5 else "asphalt"
        country.add(Road(draw_wiggly(joint, village.seat, rng, bend=0.07, step_km=1.1), highway, surface=surface))
    turn = rng.uniform(0, np.pi)
    for angle in (turn, turn + np.pi / 2 + rng.uniform(-0.3, 0.3)):
        half = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.35, 0.7)
        for end in (village.seat + half, village.seat - half):
            country.add(Road(np.array([village.seat, end]), "residential"))


def _join_neighbours(country: Country, land: Land, rng: np.random.Generator) -> None:
    """Add field roads between neighbouring villages of the plains, so that they form a mesh."""
    plain = [village for village in land.villages if village.town.code not in PASTORAL_TOWNS]
    seats = np.array([village.seat for village in plain])
    for number, village in enumerate(plain):
        distance = np.hypot(*(seats - village.seat).T)
        distance[number] = np.inf
        other = int(np.argmin(distance))
        if distance[other] < 5.0 and rng.random() < 0.6:
            line = draw_wiggly(village.seat, seats[other], rng, bend=0.06, step_km=1.2)
            country.roads.append(Road(line, "unclassified", surface="compacted"))


def _draw_pastures(country: Country, village: Village, area: shapely.Geometry, rng: np.random.Generator) -> None:
    """Scatter hamlets over the land of a pastoral village and join them by tracks, near ones first."""
    lone = to_km(*LONE_PASTURE)
    west, south, east, north = shapely.bounds(area)
    places: list[Array] = []
    for _ in range(600):
        place = rng.uniform((west, south), (east, north))
        free = all(np.hypot(*(place - other)) > 1.6 for other in places)
        away = np.hypot(*(place - village.seat))
        if (
            free
            and 1.5 < away < 26
            and np.hypot(*(place - lone)) > LONE_RADIUS_KM
            and shapely.contains_xy(area, *place)
        ):
            places.append(place)
        if len(places) == 11:
            break
    for place in sorted(places, key=lambda p: float(np.hypot(*(p - village.seat)))):
        joint = country.nearest(place)
        away = float(np.hypot(*(place - joint)))
        rough = rng.random() < 0.55
        tags = ("track", "dirt") if rough else ("unclassified", "gravel")
        if away > 0.05:
            line = draw_wiggly(joint, place, rng, bend=0.12, step_km=0.9)
            if np.hypot(*(line - lone).T).min() < LONE_RADIUS_KM:
                continue
            country.add(Road(line, tags[0], surface=tags[1]))
        country.hamlets.append((village, place))


def _draw_lone_pasture(country: Country, rng: np.random.Generator) -> None:
    """Draw the summer pasture whose tracks no map joins to the rest."""
    middle = to_km(*LONE_PASTURE)
    spine = [middle + np.array(step) for step in ((-3.6, 1.6), (-1.2, 0.4), (1.1, -0.3), (3.2, -1.9))]
    for begin, end in pairwise(spine):
        country.roads.append(Road(draw_wiggly(begin, end, rng, bend=0.1, step_km=0.7), "unclassified", surface="dirt"))
    for at, arm in ((0, (-0.9, -2.3)), (1, (0.8, 2.6)), (2, (-0.4, -2.9)), (2, (1.9, 2.2)), (3, (1.2, -1.8))):
        end = spine[at] + np.array(arm)
        country.roads.append(Road(draw_wiggly(spine[at], end, rng, bend=0.12, step_km=0.7), "track", surface="dirt"))
        country.lone.append(end)
    country.lone.extend(spine)
