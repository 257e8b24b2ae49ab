"""Segments of road lines between common vertices, and the places where they are to be cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from coverage.units import to_conformal

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Positions that agree to this many decimals of a degree (about 1 cm) are one vertex.
_DECIMALS = 7


@dataclass(slots=True)
class LineMesh:
    """Segments between vertices, and the places where they are to be cut."""

    lon: Floats
    lat: Floats
    start: Ints  # vertex at the start of each segment
    end: Ints
    line: Ints  # line of each segment
    level: Ints  # level of each segment
    line_ends: Ints  # first and last vertex of each line, shape (n, 2)
    cut_segment: Ints
    cut_share: Floats
    cut_vertex: Ints

    def project(self) -> tuple[Floats, Floats]:
        """Return the vertices in conformal metres."""
        return to_conformal(self.lon, self.lat)

    def add_cuts(self, segment: Ints, share: Floats, vertex: Ints) -> None:
        """Note that segments are to be cut at a share of their length, at a vertex."""
        self.cut_segment = np.concatenate((self.cut_segment, segment))
        self.cut_share = np.concatenate((self.cut_share, share))
        self.cut_vertex = np.concatenate((self.cut_vertex, vertex))

    def add_vertices(self, lon: Floats, lat: Floats) -> Ints:
        """Append vertices; return their numbers."""
        first = len(self.lon)
        self.lon = np.concatenate((self.lon, lon))
        self.lat = np.concatenate((self.lat, lat))
        return np.arange(first, len(self.lon))

    def cut_pieces(self) -> tuple[Ints, Ints, Ints]:
        """Cut the segments; return start vertex, end vertex and line of each piece, in drawing order."""
        number = np.arange(len(self.start))
        segment = np.concatenate((number, self.cut_segment, number))
        share = np.concatenate((np.zeros(len(number)), self.cut_share, np.ones(len(number))))
        vertex = np.concatenate((self.start, self.cut_vertex, self.end))
        rank = np.concatenate((np.zeros(len(number)), np.ones(len(self.cut_segment)), np.full(len(number), 2.0)))
        order = np.lexsort((rank, share, segment))
        segment, vertex = segment[order], vertex[order]
        inner = np.flatnonzero((segment[:-1] == segment[1:]) & (vertex[:-1] != vertex[1:]))
        return vertex[inner], vertex[inner + 1], self.line[segment[inner]]


def build_mesh(lines: npt.NDArray[np.object_], level: Ints) -> LineMesh:
    """Cut lines into segments; equal positions become one vertex unless lines pass on different levels."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    keys = np.round(coordinates * 10**_DECIMALS).astype(np.int64)
    # Successive equal positions are one.
    fresh = np.ones(len(line), dtype=bool)
    fresh[1:] = (line[1:] != line[:-1]) | (keys[1:] != keys[:-1]).any(axis=1)
    coordinates, keys, line = coordinates[fresh], keys[fresh], line[fresh].astype(np.int64)
    _, place = np.unique(_pack(keys), return_inverse=True)
    first = np.ones(len(line), dtype=bool)
    first[1:] = line[1:] != line[:-1]
    last = np.roll(first, -1)
    vertex = _separate_levels(place, level[line], first | last)
    lon = np.empty(int(vertex.max(initial=-1)) + 1)
    lat = np.empty_like(lon)
    lon[vertex], lat[vertex] = coordinates[:, 0], coordinates[:, 1]
    inner = np.flatnonzero(~last)
    return LineMesh(
        lon=lon,
        lat=lat,
        start=vertex[inner],
        end=vertex[inner + 1],
        line=line[inner],
        level=level[line[inner]],
        line_ends=np.column_stack((vertex[first], vertex[last])),
        cut_segment=np.empty(0, dtype=np.int64),
        cut_share=np.empty(0),
        cut_vertex=np.empty(0, dtype=np.int64),
    )


def _pack(keys: Ints) -> Ints:
    """Make one number of two coordinates (±180° and ±90° at 1e-7 fit into 32 bits each)."""
    packed: Ints = (keys[:, 0] << 32) + (keys[:, 1] + (1 << 31))
    return packed


def _separate_levels(place: Ints, level: Ints, is_end: npt.NDArray[np.bool_]) -> Ints:
    """Give lines that pass through one place on different levels vertices of their own."""
    count = int(place.max(initial=-1)) + 1
    has_end = np.zeros(count, dtype=bool)
    has_end[place[is_end]] = True
    height = np.where(has_end[place], 0, level + 100)
    _, vertex = np.unique(np.column_stack((place, height)), axis=0, return_inverse=True)
    return vertex.reshape(-1).astype(np.int64)
