"""Dangling ends of road lines that nearly meet another line, joined to it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.units import conformal_scale
from geodata.roads.line_mesh import Ints, LineMesh


def snap_dangling_ends(mesh: LineMesh, tolerance_m: float) -> int:
    """Join dangling ends to a vertex, else to a line, within the tolerance; return how many were."""
    at_vertex = _snap_to_vertices(mesh, tolerance_m)
    return at_vertex + _snap_to_lines(mesh, tolerance_m)


def _find_dangling(mesh: LineMesh) -> tuple[Ints, Ints]:
    """Return the vertices at which only one piece ends, and the line it belongs to."""
    piece_from, piece_to, piece_line = mesh.cut_pieces()
    ends = np.concatenate((piece_from, piece_to))
    lines = np.concatenate((piece_line, piece_line))
    degree = np.bincount(ends, minlength=len(mesh.lon))
    alone = degree[ends] == 1
    return ends[alone], lines[alone]


def _snap_to_vertices(mesh: LineMesh, tolerance_m: float) -> int:
    dangling, own_line = _find_dangling(mesh)
    x, y = mesh.project()
    piece_from, piece_to, piece_line = mesh.cut_pieces()
    ends, end_line = np.concatenate((piece_from, piece_to)), np.concatenate((piece_line, piece_line))
    level = _find_line_levels(mesh)
    used = np.unique(ends)
    tree = shapely.STRtree(np.asarray(shapely.points(x[used], y[used]), dtype=object))
    reach = tolerance_m * conformal_scale(mesh.lat[dangling])
    one, other = tree.query(shapely.points(x[dangling], y[dangling]), predicate="dwithin", distance=reach)
    target = used[other]
    # A line does not snap to itself, except its one end to the other (a ring with a gap).
    vertex_line = np.full(len(mesh.lon), -1, dtype=np.int64)
    vertex_line[ends] = end_line
    shared = np.bincount(ends, minlength=len(mesh.lon)) > 2
    is_line_end = np.zeros(len(mesh.lon), dtype=bool)
    is_line_end[mesh.line_ends.ravel()] = True
    own = (vertex_line[target] == own_line[one]) & ~shared[target] & ~is_line_end[target]
    other_level = (level[vertex_line[target]] != level[own_line[one]]) & ~is_line_end[target]
    fits = (target != dangling[one]) & ~own & ~other_level & ~_is_next_to(mesh, dangling[one], target)
    one, target = one[fits], target[fits]
    if len(one) == 0:
        return 0
    gap = np.hypot(x[target] - x[dangling[one]], y[target] - y[dangling[one]])
    order = np.lexsort((target, gap, one))
    nearest = order[np.unique(one[order], return_index=True)[1]]
    _merge_vertices(mesh, dangling[one[nearest]], target[nearest])
    return len(nearest)


def _find_line_levels(mesh: LineMesh) -> Ints:
    """Return the level of each line."""
    level = np.zeros(len(mesh.line_ends), dtype=np.int64)
    level[mesh.line] = mesh.level
    return level


def _is_next_to(mesh: LineMesh, vertex: Ints, target: Ints) -> npt.NDArray[np.bool_]:
    """Tell which pairs of vertices are the two ends of one piece (shorter than the tolerance)."""
    piece_from, piece_to, _ = mesh.cut_pieces()
    size = len(mesh.lon)
    low, high = np.minimum(piece_from, piece_to), np.maximum(piece_from, piece_to)
    answer: npt.NDArray[np.bool_] = np.isin(
        np.minimum(vertex, target) * size + np.maximum(vertex, target), low * size + high
    )
    return answer


def _merge_vertices(mesh: LineMesh, one: Ints, other: Ints) -> None:
    """Make each pair one vertex; where chains meet, all become the lowest-numbered target."""
    size = len(mesh.lon)
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    parts, label = connected_components(graph, directed=False)
    # The place of the vertex snapped to stays; the dangling end moves.
    chosen = np.full(parts, -1, dtype=np.int64)
    chosen[label[::-1]] = np.arange(size)[::-1]
    chosen[label[other[::-1]]] = other[::-1]
    renamed = chosen[label]
    mesh.start, mesh.end = renamed[mesh.start], renamed[mesh.end]
    mesh.cut_vertex, mesh.line_ends = renamed[mesh.cut_vertex], renamed[mesh.line_ends]


def _snap_to_lines(mesh: LineMesh, tolerance_m: float) -> int:
    dangling, own_line = _find_dangling(mesh)
    if len(dangling) == 0:
        return 0
    x, y = mesh.project()
    level = _find_line_levels(mesh)
    start = np.column_stack((x[mesh.start], y[mesh.start]))
    end = np.column_stack((x[mesh.end], y[mesh.end]))
    tree = shapely.STRtree(np.asarray(shapely.linestrings(np.stack((start, end), axis=1)), dtype=object))
    reach = tolerance_m * conformal_scale(mesh.lat[dangling])
    points = np.column_stack((x[dangling], y[dangling]))
    one, segment = tree.query(shapely.points(points), predicate="dwithin", distance=reach)
    fits = (mesh.line[segment] != own_line[one]) & (mesh.level[segment] == level[own_line[one]])
    fits &= ~_hangs_on(mesh, dangling[one], segment)
    one, segment = one[fits], segment[fits]
    if len(one) == 0:
        return 0
    along = end[segment] - start[segment]
    offset = points[one] - start[segment]
    share = np.clip((offset * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12), 0.0, 1.0)
    gap = np.hypot(*(offset - share[:, None] * along).T)
    order = np.lexsort((segment, gap, one))
    nearest = order[np.unique(one[order], return_index=True)[1]]
    mesh.add_cuts(segment[nearest], share[nearest], dangling[one[nearest]])
    return len(nearest)


def _hangs_on(mesh: LineMesh, vertex: Ints, segment: Ints) -> npt.NDArray[np.bool_]:
    """Tell which dangling ends hang on a segment already: the stub of a line drawn a little too far."""
    piece_from, piece_to, _ = mesh.cut_pieces()
    neighbour = np.full(len(mesh.lon), -1, dtype=np.int64)
    neighbour[piece_from] = piece_to
    neighbour[piece_to] = piece_from
    # The piece of a dangling end is its only one, so no later assignment can have replaced it.
    root = neighbour[vertex]
    size = len(mesh.lon)
    cuts = mesh.cut_segment * size + mesh.cut_vertex
    answer: npt.NDArray[np.bool_] = (
        (mesh.start[segment] == root) | (mesh.end[segment] == root) | np.isin(segment * size + root, cuts)
    )
    return answer
