"""Gaps: connected areas of people who cannot reach a station in time, ranked by people."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from coverage.access.assessment import Assessment
from coverage.access.totals import tabulate_totals
from coverage.inputs.schema import STATUSES
from coverage.network.model import FloatArray
from coverage.units import to_geocentric

_CHUNK = 5_000
# Longest step within one gap [km].
LINK_KM = 2.0

GAP_COLUMNS: tuple[str, ...] = (
    "people",
    "points",
    "lon",
    "lat",
    "median_min",
    "district_id",
    "status",
)


def find_gaps(assessment: Assessment, *, link_km: float = LINK_KM) -> tuple[pd.DataFrame, npt.NDArray[np.int32]]:
    """Find areas of uncovered people.

    Demand points that are not covered belong to one gap if a chain of such points with steps of at
    most `link_km` joins them.

    Parameters
    ----------
    assessment
        Whose `demand` is searched.
    link_km
        Longest step within one gap [km].

    Returns
    -------
    gaps
        One row per gap, most people first, index ``gap_id`` (1, 2, …): people, points, lon and lat of
        its people-weighted centre, median_min over finite times (NaN if nobody has one), the district
        and the class that hold most of its people. Empty with the same columns if everybody is covered.
    gap_of
        The gap each demand point belongs to, 0 for none, shape (p,).
    """
    demand = assessment.demand
    gap_of = np.zeros(len(demand), np.int32)
    is_open = ((demand["status"] != "covered") & (demand["weight"] > 0)).to_numpy(bool)
    open_points = demand[is_open]
    if open_points.empty:
        return pd.DataFrame(columns=list(GAP_COLUMNS), index=pd.Index([], name="gap_id", dtype=int)), gap_of
    group = np.unique(_link(open_points, link_km), return_inverse=True)[1].astype(np.int64)
    gaps = _describe(open_points, group, int(group.max()) + 1)
    gaps = gaps.sort_values(["people", "lon", "lat"], ascending=[False, True, True], kind="stable")
    rank = np.empty(len(gaps), np.int32)
    rank[gaps.index.to_numpy()] = np.arange(1, len(gaps) + 1)
    gap_of[is_open] = rank[group]
    gaps.index = pd.RangeIndex(1, len(gaps) + 1, name="gap_id")
    return gaps, gap_of


def _link(points: pd.DataFrame, link_km: float) -> npt.NDArray[np.int32]:
    """Give points of one chained area the same number, shape (p,).

    Points that share a cube as wide as a step across are chained without looking; only where cubes near each
    other have not been chained by their first points are pairs of points gone through.
    """
    # In space the straight distance is the distance on the ground for such steps, at any latitude.
    place = to_geocentric(points["lon"].to_numpy(float), points["lat"].to_numpy(float))
    step = link_km * 1000.0
    cube = np.floor((place - place.min(axis=0)) / (step / np.sqrt(3.0))).astype(np.int64)
    _, many, deep = cube.max(axis=0) + 1
    number = (cube[:, 0] * many + cube[:, 1]) * deep + cube[:, 2]
    _, first, of_point = np.unique(number, return_index=True, return_inverse=True)
    firsts = cKDTree(place[first])
    near = firsts.query_pairs(step, output_type="ndarray")
    label = _chain(np.arange(len(first), dtype=np.int32), near[:, 0], near[:, 1])
    # Two points within a step stand in cubes whose first points are within three.
    around = firsts.query_pairs(3.0 * step, output_type="ndarray")
    apart = around[label[around[:, 0]] != label[around[:, 1]]]
    apart = apart[_measure_between(place, of_point, apart) <= step]
    is_open = np.zeros(len(first), bool)
    is_open[apart.ravel()] = True
    rows = np.flatnonzero(is_open[of_point])
    cubes, tree = of_point[rows], cKDTree(place[rows])
    # Of two points that are not chained yet one at least lies outside the largest of these areas.
    few = np.flatnonzero(label[cubes] != np.bincount(label[cubes], minlength=1).argmax())
    for begin in range(0, len(few), _CHUNK):
        # In chunks: in a fine raster every cell has a thousand neighbours within a step.
        part = few[begin : begin + _CHUNK]
        pairs = cKDTree(place[rows[part]]).sparse_distance_matrix(tree, step, output_type="ndarray")
        label = _chain(label, cubes[part[pairs["i"]]], cubes[pairs["j"]])
    chained: npt.NDArray[np.int32] = label[of_point]
    return chained


def _measure_between(
    place: FloatArray, of_point: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Measure how far the boxes around the points of two cubes are apart at least, shape (pairs,) [m]."""
    order = np.argsort(of_point, kind="stable")
    begin = np.searchsorted(of_point[order], np.arange(int(of_point.max()) + 1))
    low, high = (edge.reduceat(place[order], begin, axis=0) for edge in (np.minimum, np.maximum))
    one, other = pairs[:, 0], pairs[:, 1]
    beside = np.maximum(np.maximum(low[one] - high[other], low[other] - high[one]), 0.0)
    between: npt.NDArray[np.float64] = np.sqrt((beside**2).sum(axis=1))
    return between


def _chain(
    label: npt.NDArray[np.int32], here: npt.NDArray[np.integer], there: npt.NDArray[np.integer]
) -> npt.NDArray[np.int32]:
    """Merge the labels that pairs of things bring together; returns new labels, shape (n,)."""
    count = int(label.max(initial=-1)) + 1
    ends = label[here], label[there]
    links = sparse.coo_array((np.ones(len(here), np.int8), ends), shape=(count, count))
    merged: npt.NDArray[np.int32] = csgraph.connected_components(links, directed=False)[1][label]
    return merged


def _describe(points: pd.DataFrame, group: npt.NDArray[np.int64], count: int) -> pd.DataFrame:
    """Describe every group of uncovered points, one row each in the order of the groups."""
    weight = points["weight"].to_numpy(float)
    minutes = points["minutes"].to_numpy(np.float32)
    status = points["status"].cat.codes.to_numpy().astype(np.int8)
    totals = tabulate_totals(minutes, status, weight, group, count)
    people = totals["total"].to_numpy(float)

    def centre(column: str) -> npt.NDArray[np.float64]:
        weighted = np.bincount(group, weights=weight * points[column].to_numpy(float), minlength=count)
        result: npt.NDArray[np.float64] = weighted / people
        return result

    classes = totals[list(STATUSES)].to_numpy(float)
    return pd.DataFrame(
        {
            "people": people,
            "points": np.bincount(group, minlength=count),
            "lon": centre("lon"),
            "lat": centre("lat"),
            "median_min": totals["median_min"].to_numpy(float),
            "district_id": _find_largest(points["district_id"], weight, group),
            "status": np.array(STATUSES, dtype=object)[classes.argmax(axis=1)],
        },
        columns=list(GAP_COLUMNS),
    )


def _find_largest(
    district: pd.Series, weight: npt.NDArray[np.float64], group: npt.NDArray[np.int64]
) -> npt.NDArray[np.object_]:
    """Find the district that holds most people of each group, the lowest id among equals."""
    code, known = pd.factorize(district, sort=True)
    names = np.asarray(known, dtype=object)
    pair, of_pair = np.unique(group * len(names) + code, return_inverse=True)
    people = np.bincount(of_pair, weights=weight)
    owner, code = np.divmod(pair, len(names))
    order = np.lexsort((code, -people, owner))
    first = np.unique(owner[order], return_index=True)[1]
    largest: npt.NDArray[np.object_] = names[code[order][first]]
    return largest
