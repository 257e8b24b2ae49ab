"""A second, slow way to the same travel times: networkx on the lines as they are.

Nothing of the engine is used: no contraction, no snapping, no search. Points become vertices that
cut a piece in two; a graph node is a travelled half-piece with the phase of the way (0: on the
restricted roads it began on, 1: on public roads, 2: on the restricted roads it ends on).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
from pyproj import Geod, Transformer

from coverage.network.model import DELAY_KINDS, PROFILE_COLUMNS, RoadLines
from coverage.network.speeds import SpeedTable

GEOD = Geod(ellps="WGS84")
TO_PLANE = Transformer.from_crs("EPSG:4326", "EPSG:3395", always_xy=True)
TO_DEGREES = Transformer.from_crs("EPSG:3395", "EPSG:4326", always_xy=True)


@dataclass(frozen=True)
class PointOnPiece:
    """A point on a piece, at a share of it; 0 and 1 are its ends."""

    piece: int
    share: float

    def position(self, lines: RoadLines) -> tuple[float, float]:
        """Return lon and lat, on the straight line of a conformal map."""
        ends = [lines.piece_from[self.piece], lines.piece_to[self.piece]]
        x, y = TO_PLANE.transform(lines.lon[ends], lines.lat[ends])
        lon, lat = TO_DEGREES.transform(x[0] + (x[1] - x[0]) * self.share, y[0] + (y[1] - y[0]) * self.share)
        return float(lon), float(lat)


@dataclass(frozen=True)
class _Half:
    """A directed part of a piece between two vertices (numbers of the lines, or names of points)."""

    piece: int
    along: bool
    tail: object
    head: object
    share: float


class Oracle:
    """Travel times between points on pieces, in seconds."""

    def __init__(self, lines: RoadLines, points: list[PointOnPiece], speeds: SpeedTable, season: str = "summer"):
        self.lines, self.speeds, self.season = lines, speeds, season
        self.pieces = [tuple(map(int, pair)) for pair in zip(lines.piece_from, lines.piece_to, strict=True)]
        self.profile = [lines.profiles.iloc[row] for row in lines.piece_profile]
        self.bans = list(
            zip(
                *(array.tolist() for array in (lines.ban_from, lines.ban_via, lines.ban_to, lines.ban_only)),
                strict=True,
            )
        )
        self.degree = {v: sum(v in pair for pair in self.pieces) for v in range(len(lines.lon))}
        self.vertex_of = self._place(points)
        self.halves = self._list_halves(points)
        self.leaving: dict[object, list[_Half]] = {}
        for half in self.halves:
            self.leaving.setdefault(half.tail, []).append(half)
        self.enclosed = self._find_enclosed()
        self.graph = self._build_graph()
        for number, vertex in enumerate(self.vertex_of):
            for half in self.halves:
                phase = 0 if self._is_restricted(half) else 1
                if half.tail == vertex and np.isfinite(self._seconds(half)):
                    self._link(("begin", number), (half, phase), self._seconds(half))
                if half.head == vertex and np.isfinite(self._seconds(half)):
                    for any_phase in (0, 1, 2):
                        self._link((half, any_phase), ("finish", number), 0.0)

    def seconds_between(self, origins: list[int], destinations: list[int]) -> np.ndarray:
        """Return seconds from origin points to destination points, inf where there is no way."""
        result = np.full((len(origins), len(destinations)), np.inf)
        for row, origin in enumerate(origins):
            times: dict[object, float] = {}
            if ("begin", origin) in self.graph:
                times = nx.single_source_dijkstra_path_length(self.graph, ("begin", origin))
            for column, destination in enumerate(destinations):
                if self._same_open_place(origin, destination):
                    result[row, column] = 0.0
                else:
                    result[row, column] = times.get(("finish", destination), np.inf)
        return result

    def _same_open_place(self, one: int, other: int) -> bool:
        vertex = self.vertex_of[one]
        touching = [half for half in self.halves if vertex in (half.tail, half.head)]
        return vertex == self.vertex_of[other] and any(np.isfinite(self._seconds(half)) for half in touching)

    def _link(self, start: object, end: object, seconds: float) -> None:
        if not self.graph.has_edge(start, end) or self.graph[start][end]["weight"] > seconds:
            self.graph.add_edge(start, end, weight=seconds)

    def _place(self, points: list[PointOnPiece]) -> list[object]:
        """Name the vertex at which each point stands; points at the same share of a piece share it."""
        vertices: list[object] = []
        for point in points:
            start, end = self.pieces[point.piece]
            at_end = {0.0: start, 1.0: end}.get(point.share)
            vertices.append(at_end if at_end is not None else ("point", point.piece, point.share))
        return vertices

    def _list_halves(self, points: list[PointOnPiece]) -> list[_Half]:
        halves = []
        for piece, (start, end) in enumerate(self.pieces):
            shares = sorted({p.share for p in points if p.piece == piece and 0.0 < p.share < 1.0})
            stops = [(0.0, start), *((share, ("point", piece, share)) for share in shares), (1.0, end)]
            for (share_a, a), (share_b, b) in pairwise(stops):
                halves.append(_Half(piece, True, a, b, share_b - share_a))
                if not self.lines.piece_oneway[piece]:
                    halves.append(_Half(piece, False, b, a, share_b - share_a))
        return halves

    def _is_restricted(self, half: _Half) -> bool:
        return bool(self.profile[half.piece]["restricted"]) or half.piece in self.enclosed

    def _find_enclosed(self) -> set[int]:
        """Find public pieces that only private ones join to the longest public part of where they are."""
        public = {half for half in self.halves if not self.profile[half.piece]["restricted"]}
        turns = nx.DiGraph()
        turns.add_nodes_from(self.halves)
        for half in self.halves:
            for next_ in self._allowed(half):
                turns.add_edge(half, next_)
                if self._is_inner(half.head):
                    turns.add_edge(next_, half)  # one stretch is in one part, whatever its direction leads to
        main: set[_Half] = set()
        for component in nx.strongly_connected_components(turns):
            parts = list(nx.strongly_connected_components(turns.subgraph(component & public)))
            main |= max(parts, key=lambda part: sum(map(self._length, part)), default=set())
        kept = {half.piece for half in main}
        return {half.piece for half in public} - kept

    def _length(self, half: _Half) -> float:
        start, end = self.pieces[half.piece]
        _, _, length = GEOD.inv(self.lines.lon[start], self.lines.lat[start], self.lines.lon[end], self.lines.lat[end])
        return length * half.share * (1.0 if self.lines.piece_oneway[half.piece] else 0.5)

    def _seconds(self, half: _Half) -> float:
        profile, start, end = self.profile[half.piece], *self.pieces[half.piece]
        lon, lat = self.lines.lon, self.lines.lat
        _, _, length = GEOD.inv(lon[start], lat[start], lon[end], lat[end])
        kph = dict(self.speeds.speeds_kph).get(profile["highway"], 0.0)
        posted = profile["maxspeed_forward_kph" if half.along else "maxspeed_backward_kph"]
        if kph > 0 and np.isfinite(posted):
            kph = posted * self.speeds.maxspeed_factor
        kph = min(kph, dict(self.speeds.surface_kph).get(profile["surface"], np.inf))
        factors = dict(dict(self.speeds.seasons).get(self.season, ()))
        kph *= factors.get(profile["highway"], factors.get("*", 1.0))
        return length * half.share * 3.6 / kph if kph > 0 else np.inf

    def _bearing(self, half: _Half) -> float:
        start, end = self.pieces[half.piece]
        x, y = TO_PLANE.transform(self.lines.lon[[start, end]], self.lines.lat[[start, end]])
        bearing = float(np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0])))
        return bearing if half.along else bearing + 180.0

    def _is_inner(self, vertex: object) -> bool:
        """Tell whether a vertex lies inside a stretch where nobody has a choice."""
        if isinstance(vertex, tuple):
            return True
        touching = [piece for piece, pair in enumerate(self.pieces) if vertex in pair]
        if len(touching) != 2 or vertex in self.lines.ban_via:
            return False
        one, other = touching
        if self.lines.piece_oneway[one] != self.lines.piece_oneway[other]:
            return False
        if self.lines.piece_oneway[one] and self.pieces[one].index(vertex) == self.pieces[other].index(vertex):
            return False
        return all(self.profile[one][name] == self.profile[other][name] for name in ("highway", "restricted"))

    def _allowed(self, half: _Half) -> list[_Half]:
        """List the halves that may follow, turn restrictions included."""
        leaving = self.leaving.get(half.head, [])
        follow = [one for one in leaving if one.piece != half.piece or one.along == half.along] or leaving
        commands = []
        for from_piece, via, to_piece, only in self.bans:
            if half.piece == from_piece and half.head == via:
                if only and all(one.piece != to_piece for one in leaving):
                    continue  # a command nobody can follow commands nothing
                if only:
                    commands.append(to_piece)
                else:
                    follow = [next_ for next_ in follow if next_.piece != to_piece]
        return [next_ for next_ in follow if next_.piece in commands] if commands else follow

    def _turn_seconds(self, half: _Half, next_: _Half, follow: list[_Half]) -> float:
        vertex, turns = half.head, self.speeds.turns
        if isinstance(vertex, tuple):
            return 0.0
        delays = dict(self.speeds.delays_s)
        waits = delays.get(DELAY_KINDS[self.lines.delay_kind[vertex]], 0.0)
        if self._is_inner(vertex):
            whom = self.lines.delay_way[vertex]
            return waits if whom == 0 or (whom == 1) == half.along else 0.0
        angle = (self._bearing(next_) - self._bearing(half) + 180.0) % 360.0 - 180.0
        goes_back = next_.piece == half.piece and next_.along != half.along
        size = 180.0 if goes_back else abs(angle)
        seconds = waits
        if self.degree[vertex] >= 3 or goes_back:
            seconds += turns.turn_s / (1 + np.exp(-(13 * size / 180 - 6.5)))
        if goes_back:
            return seconds + turns.u_turn_s
        straight = False
        for other in follow:
            turn = (self._bearing(other) - self._bearing(half) + 180.0) % 360.0 - 180.0
            is_back = other.piece == half.piece and other.along != half.along
            straight |= abs(turn) <= 45.0 and not self.lines.piece_oneway[other.piece] and not is_back
        is_across = angle < -45.0 if turns.drives_on_right else angle > 45.0
        return seconds + (turns.oncoming_turn_s if straight and is_across else 0.0)

    def _build_graph(self) -> nx.DiGraph:
        self.graph = nx.DiGraph()
        for half in self.halves:
            follow = self._allowed(half)
            for next_ in follow:
                seconds = self._seconds(next_)
                if not (np.isfinite(seconds) and np.isfinite(self._seconds(half))):
                    continue
                seconds += self._turn_seconds(half, next_, follow)
                phases = {True: ((0, 0), (1, 2), (2, 2)), False: ((0, 1), (1, 1))}[self._is_restricted(next_)]
                for before, after in phases:
                    self._link((half, before), (next_, after), seconds)
        return self.graph


def build_random_lines(seed: int) -> RoadLines:
    """Build a small world with everything that has ever confused a router.

    Junctions scattered over about 4 km, roads between them one-way or not, as chains of mixed speed,
    doubled, as loops; dead ends; an isolated road and an isolated ring; private roads; signals
    and stop lines that hold up one direction; turn restrictions of both kinds.
    """
    rng = np.random.default_rng(seed)
    lon = list(87.6 + rng.uniform(0, 0.05, rng.integers(3, 8)))
    lat = list(43.8 + rng.uniform(0, 0.036, len(lon)))
    junctions = len(lon)
    profiles = [
        ("residential", np.nan, np.nan, "", False),
        ("secondary", 60.0, 50.0, "", False),
        ("secondary", np.nan, np.nan, "gravel", False),
        ("track", np.nan, np.nan, "", False),
        ("residential", np.nan, 20.0, "", True),
        ("residential", np.nan, np.nan, "", True),
    ]
    pieces: list[tuple[int, int, bool, int]] = []

    def add_vertex(x: float, y: float) -> int:
        lon.append(x)
        lat.append(y)
        return len(lon) - 1

    def lay(start: int, end: int, inner: int, profile: int) -> None:
        oneway = bool(rng.random() < 0.35)
        chain = [start]
        for step in range(inner):
            share = (step + 1) / (inner + 1)
            x = lon[start] * (1 - share) + lon[end] * share + rng.normal(0, 0.003)
            chain.append(add_vertex(x, lat[start] * (1 - share) + lat[end] * share + rng.normal(0, 0.002)))
        chain.append(end)
        for a, b in pairwise(chain):
            turned = not oneway and rng.random() < 0.4
            mixed = profile if rng.random() < 0.7 else int(rng.choice([0, 1, 2, 3]))
            pieces.append((b, a, oneway, mixed) if turned else (a, b, oneway, mixed))

    used: set[tuple[int, int]] = set()
    for _ in range(int(rng.integers(junctions - 1, 2 * junctions + 1))):
        start, end = (int(v) for v in rng.integers(0, junctions, 2))
        inner = int(rng.choice([0, 0, 1, 2, 4]))
        if start == end:
            inner = max(inner, 2)
        elif (min(start, end), max(start, end)) in used:
            inner = max(inner, 1)
        used.add((min(start, end), max(start, end)))
        lay(start, end, inner, int(rng.choice(6, p=[0.35, 0.2, 0.1, 0.1, 0.1, 0.15])))
    if rng.random() < 0.5:
        far = [add_vertex(87.75 + rng.uniform(0, 0.02), 43.8 + rng.uniform(0, 0.02)) for _ in range(2)]
        lay(far[0], far[1], 1, 0)
    ring: list[int] = []
    if rng.random() < 0.5:
        ring = [add_vertex(87.8 + rng.uniform(0, 0.02), 43.9 + rng.uniform(0, 0.02)) for _ in range(3)]
        oneway = bool(rng.random() < 0.5)
        pieces.extend((a, b, oneway, 0) for a, b in pairwise([*ring, ring[0]]))

    kind = np.where(rng.random(len(lon)) < 0.25, rng.integers(1, len(DELAY_KINDS), len(lon)), 0).astype(np.uint8)
    way = rng.integers(0, 3, len(lon)).astype(np.uint8)
    kind[ring] = 0
    bans = []
    for _ in range(int(rng.integers(0, 4))):
        one, other = (int(v) for v in rng.integers(0, len(pieces), 2))
        via = set(pieces[one][:2]) & set(pieces[other][:2])
        if one != other and len(via) == 1:
            bans.append((one, via.pop(), other, bool(rng.random() < 0.4)))
    table = np.array(bans, np.int32).reshape(-1, 4)
    rows = [(h, s, "", "", "", "", "", f, b, np.nan, r) for h, f, b, s, r in profiles]
    return RoadLines(
        mode="drive",
        lon=np.array(lon),
        lat=np.array(lat),
        delay_kind=kind,
        delay_way=way,
        piece_from=np.array([p[0] for p in pieces], np.int32),
        piece_to=np.array([p[1] for p in pieces], np.int32),
        piece_oneway=np.array([p[2] for p in pieces], bool),
        piece_profile=np.array([p[3] for p in pieces], np.int32),
        profiles=pd.DataFrame(rows, columns=list(PROFILE_COLUMNS)),
        ban_from=table[:, 0].copy(),
        ban_via=table[:, 1].copy(),
        ban_to=table[:, 2].copy(),
        ban_only=table[:, 3].astype(bool),
    )


def draw_points(lines: RoadLines, count: int, seed: int) -> list[PointOnPiece]:
    """Draw points on pieces, several on the same piece, some at junctions and dead ends.

    Vertices where something delays are left out: whether a wait there is before or after the
    point would be a matter of taste.
    """
    rng = np.random.default_rng(seed)
    crowded = rng.integers(0, len(lines.piece_from), 2)
    points = []
    while len(points) < count:
        piece = int(rng.choice(crowded) if rng.random() < 0.4 else rng.integers(0, len(lines.piece_from)))
        share = float(rng.choice([0.0, 1.0, 0.5]) if rng.random() < 0.4 else rng.uniform(0.1, 0.9))
        ends = (lines.piece_from[piece], lines.piece_to[piece])
        if share in (0.0, 1.0) and lines.delay_kind[ends[int(share)]]:
            share = 0.5
        points.append(PointOnPiece(piece, share))
    return points
