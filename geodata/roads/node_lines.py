"""Road lines that merely cross or nearly meet, made into a network: noding and repair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.units import compute_lengths_m, conformal_scale
from geodata.roads.line_mesh import Floats, Ints, LineMesh, build_mesh
from geodata.roads.snap_ends import snap_dangling_ends

# A crossing this close to a vertex [m] is that vertex.
_TOUCH_M = 0.02
# Segment pairs looked at in one go, to bound memory.
_BATCH = 400_000


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What it took to make separate lines a network.

    Parameters
    ----------
    lines_in
        Lines usable by the mode of travel, as read.
    ends_snapped
        Dangling ends joined to a vertex or a line within the tolerance.
    crossings_noded
        Places where lines crossed on one level without a common vertex.
    duplicates_dropped
        Lines that repeated another one exactly.
    components_before, components_after
        Connected parts, one-ways ignored: of the lines joined only where end meets end, and of the result.
    largest_share_before, largest_share_after
        Share of the total length in the longest part.
    """

    lines_in: int
    ends_snapped: int
    crossings_noded: int
    duplicates_dropped: int
    components_before: int
    components_after: int
    largest_share_before: float
    largest_share_after: float


@dataclass(frozen=True, slots=True, eq=False)
class NodedLines:
    """Pieces between vertices; piece i belongs to the line `piece_line[i]` and runs as it was drawn."""

    lon: Floats
    lat: Floats
    piece_from: Ints
    piece_to: Ints
    piece_line: Ints
    report: RepairReport


def node_lines(
    lines: npt.NDArray[np.object_], level: Ints, *, snap_tolerance_m: float, duplicates_dropped: int = 0
) -> NodedLines:
    """Join lines where they meet.

    Common vertices join, unless both lines pass through on different levels. Lines that cross on one
    level get a vertex there. A dangling end within the tolerance is joined to the nearest vertex, else
    to the nearest line of its level.

    Parameters
    ----------
    lines
        LineStrings in WGS-84, shape (n,).
    level
        Height level of each line (bridge 1, ground 0, tunnel -1), shape (n,).
    snap_tolerance_m
        How far a dangling end may be moved [m]; 0 joins exact touches only.
    duplicates_dropped
        Passed on to the report.
    """
    mesh = build_mesh(lines, level)
    before = _measure_parts(mesh)
    crossings = _find_crossings(mesh)
    _apply_crossings(mesh, crossings)
    snapped = snap_dangling_ends(mesh, snap_tolerance_m) if snap_tolerance_m > 0 else 0
    piece_from, piece_to, piece_line = mesh.cut_pieces()
    used, ends = np.unique(np.concatenate((piece_from, piece_to)), return_inverse=True)
    noded = (ends[: len(piece_from)], ends[len(piece_from) :])
    lengths = compute_lengths_m(mesh.lon[piece_from], mesh.lat[piece_from], mesh.lon[piece_to], mesh.lat[piece_to])
    after = _count_parts(len(used), noded[0], noded[1], lengths)
    report = RepairReport(
        len(lines), snapped, len(crossings.seg_a), duplicates_dropped, before[0], after[0], before[1], after[1]
    )
    return NodedLines(mesh.lon[used], mesh.lat[used], noded[0], noded[1], piece_line, report)


def _measure_parts(mesh: LineMesh) -> tuple[int, float]:
    """Count the parts of lines that hang together only where end meets end, and the share of the longest."""
    lengths = compute_lengths_m(mesh.lon[mesh.start], mesh.lat[mesh.start], mesh.lon[mesh.end], mesh.lat[mesh.end])
    per_line: Floats = np.bincount(mesh.line, weights=lengths, minlength=len(mesh.line_ends)).astype(np.float64)
    used, ends = np.unique(mesh.line_ends, return_inverse=True)
    ends = ends.reshape(mesh.line_ends.shape)
    return _count_parts(len(used), ends[:, 0], ends[:, 1], per_line)


def _count_parts(vertices: int, start: Ints, end: Ints, lengths: Floats) -> tuple[int, float]:
    """Count connected parts, and compute the share of length in the longest."""
    if vertices == 0:
        return 0, 0.0
    graph = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(vertices, vertices))
    parts, label = connected_components(graph, directed=False)
    by_part = np.bincount(label[start], weights=lengths, minlength=parts)
    total = float(by_part.sum())
    return int(parts), (float(by_part.max()) / total if total > 0 else 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Crossings:
    """Segment a meets segment b at these shares of their lengths (0 and 1 are their ends)."""

    seg_a: Ints
    seg_b: Ints
    share_a: Floats
    share_b: Floats


def _find_crossings(mesh: LineMesh) -> _Crossings:
    x, y = mesh.project()
    corners = np.stack(
        (np.column_stack((x[mesh.start], y[mesh.start])), np.column_stack((x[mesh.end], y[mesh.end]))), 1
    )
    boxes = shapely.box(
        corners[:, :, 0].min(1), corners[:, :, 1].min(1), corners[:, :, 0].max(1), corners[:, :, 1].max(1)
    )
    tree = shapely.STRtree(boxes)
    found: list[tuple[Ints, Ints, Floats, Floats]] = []
    for first in range(0, len(boxes), _BATCH):
        a, b = tree.query(boxes[first : first + _BATCH])
        a = a + first
        found.append(_meet(mesh, corners, a[a < b], b[a < b]))
    if not found:
        nothing = np.empty(0, dtype=np.int64)
        return _Crossings(nothing, nothing, np.empty(0), np.empty(0))
    seg_a, seg_b, share_a, share_b = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _Crossings(seg_a, seg_b, share_a, share_b)


def _meet(mesh: LineMesh, corners: Floats, a: Ints, b: Ints) -> tuple[Ints, Ints, Floats, Floats]:
    """Compute where segments a and b meet without having a vertex in common."""
    apart = (
        (mesh.start[a] != mesh.start[b])
        & (mesh.start[a] != mesh.end[b])
        & (mesh.end[a] != mesh.start[b])
        & (mesh.end[a] != mesh.end[b])
        & (mesh.level[a] == mesh.level[b])
    )
    a, b = a[apart], b[apart]
    origin_a, along_a = corners[a, 0], corners[a, 1] - corners[a, 0]
    origin_b, along_b = corners[b, 0], corners[b, 1] - corners[b, 0]
    gap = origin_b - origin_a
    cross = along_a[:, 0] * along_b[:, 1] - along_a[:, 1] * along_b[:, 0]
    length_a, length_b = np.hypot(*along_a.T), np.hypot(*along_b.T)
    # Almost parallel segments (under 0.001 degree) have no place where they cross.
    slanted = np.abs(cross) > 2e-5 * length_a * length_b
    a, b, gap, cross = a[slanted], b[slanted], gap[slanted], cross[slanted]
    along_a, along_b, length_a, length_b = along_a[slanted], along_b[slanted], length_a[slanted], length_b[slanted]
    share_a = (gap[:, 0] * along_b[:, 1] - gap[:, 1] * along_b[:, 0]) / cross
    share_b = (gap[:, 0] * along_a[:, 1] - gap[:, 1] * along_a[:, 0]) / cross
    touch = _TOUCH_M * conformal_scale(mesh.lat[mesh.start[a]])
    slack_a, slack_b = touch / length_a, touch / length_b
    share_a = np.where(np.abs(share_a) <= slack_a, 0.0, np.where(np.abs(share_a - 1) <= slack_a, 1.0, share_a))
    share_b = np.where(np.abs(share_b) <= slack_b, 0.0, np.where(np.abs(share_b - 1) <= slack_b, 1.0, share_b))
    inside_a, inside_b = (share_a > 0) & (share_a < 1), (share_b > 0) & (share_b < 1)
    at_end_a, at_end_b = np.isin(share_a, (0.0, 1.0)), np.isin(share_b, (0.0, 1.0))
    meets = (inside_a & (inside_b | at_end_b)) | (at_end_a & inside_b)
    return a[meets], b[meets], share_a[meets], share_b[meets]


def _apply_crossings(mesh: LineMesh, crossings: _Crossings) -> None:
    a, b = crossings.seg_a, crossings.seg_b
    vertex = np.full(len(a), -1, dtype=np.int64)
    for segment, share in ((a, crossings.share_a), (b, crossings.share_b)):
        vertex = np.where(share == 0.0, mesh.start[segment], np.where(share == 1.0, mesh.end[segment], vertex))
    new = np.flatnonzero(vertex < 0)
    start, end, share = mesh.start[a[new]], mesh.end[a[new]], crossings.share_a[new]
    vertex[new] = mesh.add_vertices(
        mesh.lon[start] + share * (mesh.lon[end] - mesh.lon[start]),
        mesh.lat[start] + share * (mesh.lat[end] - mesh.lat[start]),
    )
    for segment, share in ((a, crossings.share_a), (b, crossings.share_b)):
        inside = (share > 0) & (share < 1)
        mesh.add_cuts(segment[inside], share[inside], vertex[inside])
