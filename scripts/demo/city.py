"""City streets: one bent grid over all built-up land, with arterials, one-way pairs and roundabouts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from demo.plane import Array, make_rng, to_km, warp
from demo.roads import Road

STEP_KM = 0.5
# Posted limits in town by class [km/h].
LIMITS = {"primary": "50", "secondary": "40", "tertiary": "30"}
_RANK = {"primary": 0, "secondary": 1, "tertiary": 2, "residential": 3}
# Old town with one-way pairs, and places of roundabouts (lon, lat).
_OLD_TOWN = (87.618, 43.788, 2.6)
_ROUNDABOUTS = ((87.585, 43.852), (87.655, 43.972), (87.545, 43.985), (87.31, 43.872), (88.31, 43.36), (87.43, 43.53))


@dataclass(frozen=True, eq=False)
class Grid:
    """Street crossings and the streets between them, before they are drawn.

    Parameters
    ----------
    nodes
        Crossings [km], shape (n, 2).
    ends
        The two crossings of each street, shape (m, 2).
    rank
        0 primary … 3 residential, shape (m,).
    line
        Number of the grid line a street lies on, negative for west–east ones, shape (m,).
    """

    nodes: Array
    ends: np.ndarray
    rank: np.ndarray
    line: np.ndarray


def build_grid(built: shapely.Geometry) -> Grid:
    """Lay the grid over the built-up land and drop some side streets; each built-up part stays in one piece."""
    rng = make_rng(2)
    west, south, east, north = shapely.bounds(built)
    columns = np.arange(int(west / STEP_KM) - 4, int(east / STEP_KM) + 5)
    rows = np.arange(int(south / STEP_KM) - 4, int(north / STEP_KM) + 5)
    i, j = (axis.ravel() for axis in np.meshgrid(columns, rows, indexing="ij"))
    # Lines lie unevenly and lean a little to the east of north, as the valley does.
    uneven = rng.uniform(-0.09, 0.09, (2, 400))
    u = i * STEP_KM + uneven[0][i % 400]
    v = j * STEP_KM + uneven[1][j % 400]
    lean = 0.16
    places = np.column_stack((u * np.cos(lean) + v * np.sin(lean), v * np.cos(lean) - u * np.sin(lean)))
    places = warp(warp(places, 0.5, 11.0, 0.3), 0.09, 3.1, 1.9) + rng.normal(0, 0.018, places.shape)
    inside = shapely.contains_xy(built, places[:, 0], places[:, 1])
    number = {pair: at for at, pair in enumerate(zip(i.tolist(), j.tolist(), strict=True)) if inside[at]}
    ends, rank, line = [], [], []
    for (a, b), at in number.items():
        for other, index, sign in (((a + 1, b), b, -1), ((a, b + 1), a, 1)):
            if other in number:
                level = 0 if index % 8 == 0 else 1 if index % 4 == 0 else 2 if index % 2 == 0 else 3
                ends.append((at, number[other]))
                rank.append(level)
                line.append(sign * (abs(index) * 2 + (index < 0) + 1))
    edges = np.array(ends)
    keep = _thin_out(places, edges, np.array(rank), rng)
    used, renumbered = np.unique(edges[keep], return_inverse=True)
    return Grid(places[used], renumbered.reshape(-1, 2), np.array(rank)[keep], np.array(line)[keep])


def _thin_out(places: Array, edges: np.ndarray, rank: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Drop side streets, more of them far from the centre, and scraps of the grid."""
    middle = (places[edges[:, 0]] + places[edges[:, 1]]) / 2
    away = np.hypot(*(middle - to_km(87.6, 43.83)).T)
    chance = np.where(rank == 3, 0.13 + 0.012 * np.minimum(away, 22), np.where(rank == 2, 0.05, 0.0))
    keep = rng.random(len(edges)) >= chance
    # What falls off its town hangs on again by the streets that were dropped.
    for _ in range(4):
        part = _components(len(places), edges[keep])
        small = np.bincount(part)[part] < 9
        keep |= (small[edges[:, 0]] | small[edges[:, 1]]) & ~keep
    part = _components(len(places), edges[keep])
    return keep & (np.bincount(part)[part] >= 4)[edges[:, 0]]


def _components(count: int, edges: np.ndarray) -> np.ndarray:
    """Find the connected parts of a graph: every node takes the least number it can hear of."""
    part = np.arange(count)
    while True:
        before = part.copy()
        least = np.minimum(part[edges[:, 0]], part[edges[:, 1]])
        np.minimum.at(part, edges[:, 0], least)
        np.minimum.at(part, edges[:, 1], least)
        part = part[part]
        if np.array_equal(part, before):
            return part


def draw_streets(grid: Grid) -> list[Road]:
    """Draw the streets with names, limits, one-way pairs in the old town and roundabouts."""
    classes = list(_RANK)
    rounds = _find_roundabouts(grid)
    centre, reach = to_km(*_OLD_TOWN[:2]), _OLD_TOWN[2]
    roads = []
    for (a, b), rank, line in zip(grid.ends.tolist(), grid.rank.tolist(), grid.line.tolist(), strict=True):
        begin, end = grid.nodes[a], grid.nodes[b]
        oneway = ""
        number = (abs(line) - 1) // 2
        if rank >= 2 and np.hypot(*((begin + end) / 2 - centre)) < reach and number % 3 != 0:
            oneway = "yes"
            if (number // 2 + number) % 2:
                begin, end, a, b = end, begin, b, a
        begin = _arm(begin, end, rounds.get(a))
        end = _arm(end, begin, rounds.get(b))
        highway = classes[rank]
        roads.append(Road(np.array([begin, end]), highway, _name(line, rank), oneway, LIMITS.get(highway, "")))
    for at, radius in rounds.items():
        roads += _draw_roundabout(grid, at, radius)
    return roads


def _name(line: int, rank: int) -> str:
    if rank > 1:
        return ""
    return f"示意{'经' if line > 0 else '纬'}{(abs(line) + 1) // 2}{'路' if rank == 1 else '大道'}"


def _find_roundabouts(grid: Grid) -> dict[int, float]:
    """Choose the crossing of main streets nearest to each wanted place; radius in kilometres."""
    degree = np.bincount(grid.ends.ravel(), minlength=len(grid.nodes))
    chosen: dict[int, float] = {}
    for lon, lat in _ROUNDABOUTS:
        distance = np.hypot(*(grid.nodes - to_km(lon, lat)).T)
        distance[degree < 4] = np.inf
        chosen[int(np.argmin(distance))] = 0.055
    return chosen


def _arm(at: Array, other: Array, radius: float | None) -> Array:
    if radius is None:
        return at
    return at + (other - at) / np.hypot(*(other - at)) * radius


def _draw_roundabout(grid: Grid, at: int, radius: float) -> list[Road]:
    """Draw the circle between its arms, anticlockwise, one piece from each arm to the next."""
    centre = grid.nodes[at]
    others = [int(b if a == at else a) for a, b in grid.ends if at in (a, b)]
    angles = np.sort([np.arctan2(*(grid.nodes[other] - centre)[::-1]) for other in others])
    pieces = []
    for begin, end in zip(angles, np.append(angles[1:], angles[0] + 2 * np.pi), strict=True):
        turn = np.linspace(begin, end, 6)
        line = centre + radius * np.column_stack((np.cos(turn), np.sin(turn)))
        pieces.append(Road(line, "secondary", "", "yes", "30", junction="roundabout"))
    return pieces
