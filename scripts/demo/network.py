"""Joining the drawn roads: noded at crossings on the ground, cut into stretches, scraps removed."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely
from demo.plane import Array, to_degrees
from demo.roads import TAGS, Road

_GRID = 1e-5  # degrees


def find_ground_junctions(roads: list[Road]) -> tuple[Array, np.ndarray]:
    """Return the ends of roads on the ground [km], and which of them lie on main roads."""
    ends = np.array([road.line[at] for road in roads for at in (0, -1)])
    main = np.repeat([road.highway in ("trunk", "primary", "secondary") for road in roads], 2)
    inner = [road.line[1:-1] for road in roads if road.highway in ("primary", "secondary") and len(road.line) > 2]
    points = np.vstack((ends, *inner))
    flags = np.concatenate((main, np.ones(len(points) - len(ends), bool)))
    return points, flags


def build_lines(ground: list[Road], raised: list[Road]) -> gpd.GeoDataFrame:
    """Build the table of road lines in degrees: ground roads noded where they meet, raised ones as they are."""
    sources = [shapely.linestrings(to_degrees(road.line)) for road in ground]
    pieces = shapely.get_parts(shapely.line_merge(shapely.union_all(sources, grid_size=_GRID)))
    pieces = _cut_at_joints(pieces, sources)
    owner = _find_owners(pieces, sources, ground)
    rows: list[tuple[Road, shapely.Geometry]] = []
    for piece, number in zip(pieces, owner.tolist(), strict=True):
        rows.append((ground[number], _run_along(piece, sources[number])))
    rows += [(road, shapely.linestrings(to_degrees(road.line))) for road in raised]
    rows = [(road, line) for road, line in rows if shapely.length(line) > 0]
    rows = _drop_scraps(rows)
    data = {tag: [getattr(road, tag) for road, _ in rows] for tag in TAGS}
    return gpd.GeoDataFrame(data, geometry=[line for _, line in rows], crs="EPSG:4326")


def _cut_at_joints(pieces: np.ndarray, sources: list[shapely.Geometry]) -> np.ndarray:
    """Cut merged lines again where a road begins or ends, for its tags may change there."""
    ends = {tuple(source.coords[at]) for source in sources for at in (0, -1)}
    cut: list[shapely.Geometry] = []
    for piece in pieces:
        points = list(piece.coords)
        begin = 0
        for at in range(1, len(points)):
            if at == len(points) - 1 or points[at] in ends:
                cut.append(shapely.linestrings(points[begin : at + 1]))
                begin = at
    return np.array(cut)


def _find_owners(pieces: np.ndarray, sources: list[shapely.Geometry], ground: list[Road]) -> np.ndarray:
    """Find the road each piece came from: nearest to its middle, the higher class where two run together."""
    order = ("primary", "secondary", "tertiary", "unclassified", "residential", "track")
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    tree = shapely.STRtree(sources)
    which, found = tree.query(middles, predicate="dwithin", distance=4e-5)
    owner = tree.nearest(middles)
    gap = shapely.distance(middles[which], np.array(sources)[found])
    rank = np.array([order.index(ground[number].highway) for number in found])
    for at in np.lexsort((found, rank, np.round(gap, 5), which))[::-1]:
        owner[which[at]] = found[at]
    return owner


def _run_along(piece: shapely.Geometry, source: shapely.Geometry) -> shapely.Geometry:
    """Turn a piece so that it runs the way its road was drawn."""
    a, b = (shapely.line_locate_point(source, shapely.points(piece.coords[at])) for at in (0, -1))
    closed = shapely.is_closed(source)
    return piece if a <= b or closed else shapely.reverse(piece)


def _drop_scraps(rows: list[tuple[Road, shapely.Geometry]]) -> list[tuple[Road, shapely.Geometry]]:
    """Drop repeated lines and parts without way in or out, except where a whole part stands by itself."""
    seen: set[tuple[tuple[float, float], ...]] = set()
    unique = []
    for road, line in rows:
        points = tuple(line.coords)
        if points not in seen and points[::-1] not in seen:
            unique.append((road, line))
            seen.add(points)
    number: dict[tuple[float, float], int] = {}
    arcs: list[tuple[int, int]] = []
    for road, line in unique:
        a, b = (number.setdefault(tuple(line.coords[at]), len(number)) for at in (0, -1))
        arcs.append((a, b))
        if not road.oneway:
            arcs.append((b, a))
    ahead = _reach(len(number), arcs, 0)
    back = _reach(len(number), [(b, a) for a, b in arcs], 0)
    either = _reach(len(number), arcs + [(b, a) for a, b in arcs], 0)
    good = [(ahead[n] and back[n]) or not either[n] for n in range(len(number))]
    return [
        (road, line)
        for road, line in unique
        if good[number[tuple(line.coords[0])]] and good[number[tuple(line.coords[-1])]]
    ]


def _reach(count: int, arcs: Iterable[tuple[int, int]], start: int) -> list[bool]:
    """Tell which nodes can be reached from one."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    for a, b in arcs:
        leaving[a].append(b)
    reached = [False] * count
    reached[start] = True
    waiting = [start]
    while waiting:
        for other in leaving[waiting.pop()]:
            if not reached[other]:
                reached[other] = True
                waiting.append(other)
    return reached
