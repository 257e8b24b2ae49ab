"""Gaps: connected areas of people who cannot reach a station in time, ranked by people."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from coverage.assessment import Assessment
from coverage.units import to_geocentric

_CHUNK = 5_000

GAP_COLUMNS: tuple[str, ...] = (
    "people",
    "points",
    "lon",
    "lat",
    "median_min",
    "district_id",
    "status",
)


def find_gaps(assessment: Assessment, *, link_km: float = 2.0) -> pd.DataFrame:
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
    One row per gap, most people first, index ``gap_id`` (1, 2, …): people, points, lon and lat of
    its people-weighted centre, median_min over finite times (NaN if nobody has one), the district
    and the class that hold most of its people. Empty with the same columns if everybody is covered.
    """
    return _gather(assessment, link_km)[0]


def label_gaps(assessment: Assessment, *, link_km: float = 2.0) -> npt.NDArray[np.int32]:
    """Tell which gap of `find_gaps` each demand point belongs to, 0 for none, shape (p,).

    Parameters
    ----------
    assessment, link_km
        As for `find_gaps`.
    """
    return _gather(assessment, link_km)[1]


def _gather(assessment: Assessment, link_km: float) -> tuple[pd.DataFrame, npt.NDArray[np.int32]]:
    """Return the ranked gaps and the gap of each demand point."""
    demand = assessment.demand
    gap_of = np.zeros(len(demand), np.int32)
    is_open = ((demand["status"] != "covered") & (demand["weight"] > 0)).to_numpy(bool)
    open_points = demand[is_open]
    if open_points.empty:
        return pd.DataFrame(columns=list(GAP_COLUMNS), index=pd.Index([], name="gap_id", dtype=int)), gap_of
    label = _link(open_points, link_km)
    rows = [_describe(part) for _, part in open_points.groupby(label, sort=True)]
    gaps = pd.DataFrame(rows, columns=list(GAP_COLUMNS))
    gaps = gaps.sort_values(["people", "lon", "lat"], ascending=[False, True, True], kind="stable")
    rank = np.empty(len(gaps), np.int32)
    rank[gaps.index.to_numpy()] = np.arange(1, len(gaps) + 1)
    gap_of[is_open] = rank[np.unique(label, return_inverse=True)[1]]
    gaps.index = pd.RangeIndex(1, len(gaps) + 1, name="gap_id")
    return gaps, gap_of


def _link(points: pd.DataFrame, link_km: float) -> npt.NDArray[np.int32]:
    """Give points of one chained area the same number, shape (p,)."""
    # In space the straight distance is the distance on the ground for such steps, at any latitude.
    place = to_geocentric(points["lon"].to_numpy(float), points["lat"].to_numpy(float))
    tree, count = cKDTree(place), len(place)
    label = np.arange(count, dtype=np.int32)
    for begin in range(0, count, _CHUNK):
        # In chunks: in a fine raster every cell has a thousand neighbours within a step.
        part = cKDTree(place[begin : begin + _CHUNK])
        near = part.sparse_distance_matrix(tree, link_km * 1000.0, output_type="ndarray")
        links = sparse.coo_array(
            (np.ones(len(near), np.int8), (label[near["i"] + begin], label[near["j"]])), shape=(count, count)
        )
        label = csgraph.connected_components(links, directed=False)[1][label]
    return label


def _describe(part: pd.DataFrame) -> dict[str, object]:
    weight = part["weight"].to_numpy(float)
    minutes = part["minutes"].to_numpy(float)
    finite = np.isfinite(minutes)
    median = float("nan")
    if finite.any():
        order = np.argsort(minutes[finite], kind="stable")
        below = np.cumsum(weight[finite][order])
        median = float(minutes[finite][order][np.searchsorted(below, 0.5 * below[-1])])
    return {
        "people": float(weight.sum()),
        "points": len(part),
        "lon": float(np.average(part["lon"], weights=weight)),
        "lat": float(np.average(part["lat"], weights=weight)),
        "median_min": median,
        "district_id": str(part.groupby("district_id")["weight"].sum().idxmax()),
        "status": str(part.groupby("status", observed=True)["weight"].sum().idxmax()),
    }
