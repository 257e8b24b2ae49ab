"""Gaps with everything a decision needs: where, who, how far, what is missing, what would help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from coverage.access.assessment import Assessment
from coverage.access.explain import select_without_item
from coverage.access.gaps import LINK_KM, find_gaps
from coverage.access.remedies import REMEDY_COLUMNS, find_remedies
from coverage.inputs.schema import STATUSES
from coverage.inputs.stations import select_stations
from coverage.network.model import FloatArray, IntArray
from coverage.progress import Progress, ignore_progress, report_progress
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import compute_nearest
from coverage.units import METRES_PER_DEGREE, is_within, to_geocentric

GAP_TABLE_COLUMNS: tuple[str, ...] = (
    "name",  # of the district that holds most of its people, "" outside all
    "district_id",
    "district_ids",  # all districts it touches, most people first, joined by ";"
    "people",
    "points",
    "lon",
    "lat",
    "status",  # class of most of its people
    "beyond",
    "no_route",
    "unconnected",  # people by class; they sum to people
    "station_id",  # nearest to most of its people, "" if to none
    "median_min",
    "missing",  # "road", "item" or "station"
    "remedy",  # suggested, "" if none was found or computed
    "remedy_people",  # of this gap newly covered by it
    "remedy_people_total",  # anywhere newly covered by it
    "remedy_station_id",
    "remedy_lon",
    "remedy_lat",
    "remedy_road_m",
    "geometry",
)

_SMALLEST_M = 100.0
_SAMPLE = 20_000
_SHARE_REMEDIES = 0.7  # of the work, if there are any


def tabulate_gaps(
    basis: TravelBasis,
    assessment: Assessment,
    *,
    top: int = 10,
    progress: Progress = ignore_progress,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Tabulate all gaps, most people first, with a suggested remedy for the largest.

    Parameters
    ----------
    basis, assessment
        The study joined to its roads, and its answer.
    top
        For how many gaps remedies are computed; 0 for none.
    progress
        Told the share done.

    Returns
    -------
    One row per gap, index ``gap_id`` (1, 2, …), `GAP_TABLE_COLUMNS`, in WGS-84; and the table of all
    remedies that were computed, see `coverage.access.remedies.find_remedies`.

    Notes
    -----
    The shape of a gap is made of the square cells that hold its points, each as wide as the usual
    distance between neighbouring points, so that nothing is coloured where nobody is counted.
    """
    gaps, gap_of = find_gaps(assessment)
    part = _SHARE_REMEDIES if top > 0 else 0.0

    def report(share: float, step: str) -> bool:
        return progress(part * share, step)

    remedies = find_remedies(basis, assessment, gap_of, top=top, progress=report)
    suggested = remedies[remedies["is_suggested"]].set_index("gap_id")
    cell_m = find_cell_m(assessment.demand, LINK_KM)
    facts = _Facts.read(basis, assessment, cell_m)
    order = np.argsort(gap_of, kind="stable")
    begin = np.searchsorted(gap_of[order], np.arange(1, len(gaps) + 2))
    rows = []
    for done, (first, last) in enumerate(pairwise(begin.tolist())):
        report_progress(progress, part + (1.0 - part) * done / len(gaps), "gaps")
        rows.append(facts.describe(order[first:last]))
    table = pd.DataFrame(rows, columns=["name", "district_ids", *STATUSES[1:], "station_id", "missing", "geometry"])
    table = table.set_axis(gaps.index, axis=0).join(gaps)
    for column in REMEDY_COLUMNS[1:-1]:
        table[_name_column(column)] = suggested[column].reindex(table.index)
    for column in ("remedy", "remedy_station_id"):
        table[column] = table[column].astype(object).where(table[column].notna(), "").astype(str)
    answer = table[list(GAP_TABLE_COLUMNS)]
    return gpd.GeoDataFrame(answer, geometry="geometry", crs="EPSG:4326"), remedies


def _name_column(column: str) -> str:
    known = {"remedy": "remedy", "newly_covered_gap": "remedy_people", "newly_covered": "remedy_people_total"}
    return known.get(column, f"remedy_{column}")


def _find_reached_without_item(basis: TravelBasis, assessment: Assessment) -> npt.NDArray[np.bool_]:
    """Mark demand points that reach in time a place of the family that only lacks the item, shape (p,)."""
    hosts = np.zeros(0, np.intp)
    if assessment.choice.service:
        hosts = np.flatnonzero(select_without_item(basis, assessment.choice))
    if len(hosts) == 0:
        return np.zeros(len(assessment.demand), bool)
    minutes = compute_nearest(basis.timed, basis.demand, basis.stations.subset(hosts)).minutes
    return is_within(minutes, assessment.cutoffs_min)


def find_without_way(basis: TravelBasis, assessment: Assessment) -> npt.NDArray[np.bool_]:
    """Mark demand points from which no road leads to any station asked about, shape (p,).

    The class ``no_route`` also holds those whose stations are closed at that time or lie in another unit, and where
    no station offers what is asked: a road would not help them. Only those no search has told apart are searched.
    """
    study, demand = basis.study, assessment.demand
    status = demand["status"]
    without = (status == "unconnected").to_numpy(bool)
    no_route = (status == "no_route").to_numpy(bool)
    asked = np.flatnonzero(select_stations(study.stations, study.catalogue, assessment.choice))
    if not no_route.any() or not len(asked):
        return without
    if len(asked) == len(assessment.chosen) and not basis.own_level:
        return without | no_route
    people, stations = replace(basis.demand, unit=None), replace(basis.stations, unit=None)
    minutes = compute_nearest(basis.timed, people, stations.subset(asked)).minutes
    return without | (no_route & ~np.isfinite(minutes))


def find_cell_m(demand: pd.DataFrame, link_km: float) -> float:
    """Find how wide the surroundings are that a demand point stands for: the usual way to its neighbour [m].

    1.05 times the median distance to the nearest other point, so that neighbours of a grid join, at
    least 100 m and at most `link_km`.
    """
    if len(demand) < 2:
        return _SMALLEST_M
    place = to_geocentric(demand["lon"].to_numpy(float), demand["lat"].to_numpy(float))
    some = place[:: max(1, len(place) // _SAMPLE)]
    away = np.asarray(cKDTree(place).query(some, k=2)[0])
    return float(np.clip(1.05 * np.median(away[:, 1]), _SMALLEST_M, max(_SMALLEST_M, link_km * 1000.0)))


def draw_cells(lon: FloatArray, lat: FloatArray, side_m: float) -> shapely.MultiPolygon:
    """Draw the square cells that hold points [degrees], as one shape with parts and holes kept.

    Cells are square on the ground at the middle latitude of the points; O(n log n).
    """
    high = side_m / METRES_PER_DEGREE
    wide = high / np.cos(np.radians((lat.min() + lat.max()) / 2.0))
    cells = np.unique(np.column_stack((np.floor(lon / wide), np.floor(lat / high))), axis=0)
    # Corners are multiples of one step, so that neighbours share them to the bit.
    corners = (cells[:, None, :] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])) * (wide, high)
    union = shapely.coverage_union_all(shapely.polygons(corners))
    if not shapely.is_valid(union):
        union = shapely.make_valid(union)
    return shapely.MultiPolygon([part for part in shapely.get_parts(union) if isinstance(part, shapely.Polygon)])


@dataclass(frozen=True, slots=True, eq=False)
class _Facts:
    """Columns of the demand as arrays, as gaps may be many."""

    names: dict[str, str]
    cell_m: float
    lon: FloatArray
    lat: FloatArray
    weight: FloatArray
    status: IntArray
    district: IntArray
    district_ids: npt.NDArray[np.object_]
    station: IntArray
    station_ids: npt.NDArray[np.object_]
    with_item: npt.NDArray[np.bool_]
    without_way: npt.NDArray[np.bool_]

    @classmethod
    def read(cls, basis: TravelBasis, assessment: Assessment, cell_m: float) -> _Facts:
        demand = assessment.demand
        district, district_ids = pd.factorize(demand["district_id"].to_numpy(object))
        station, station_ids = pd.factorize(demand["station_id"].to_numpy(object))
        return cls(
            names={str(one): str(name) for one, name in basis.study.districts["name"].items()},
            cell_m=cell_m,
            lon=demand["lon"].to_numpy(float),
            lat=demand["lat"].to_numpy(float),
            weight=demand["weight"].to_numpy(float),
            status=np.asarray(demand["status"].cat.codes, np.int32),
            district=district.astype(np.int32),
            district_ids=district_ids,
            station=station.astype(np.int32),
            station_ids=station_ids,
            with_item=_find_reached_without_item(basis, assessment),
            without_way=find_without_way(basis, assessment),
        )

    def describe(self, members: npt.NDArray[np.intp]) -> tuple[object, ...]:
        """Return what `GAP_TABLE_COLUMNS` adds to the columns of `find_gaps`, for one gap."""
        weight = self.weight[members]
        districts = self._rank(self.district[members], weight, self.district_ids)
        stations = [one for one in self._rank(self.station[members], weight, self.station_ids) if one]
        by_class = np.bincount(self.status[members], weights=weight, minlength=len(STATUSES))
        half = float(weight.sum()) / 2.0
        if float(weight[self.without_way[members]].sum()) > half:
            missing = "road"
        else:
            missing = "item" if float(weight[self.with_item[members]].sum()) > half else "station"
        return (
            self.names.get(districts[0], ""),
            ";".join(one for one in districts if one),
            *by_class[1:].tolist(),
            stations[0] if stations else "",
            missing,
            draw_cells(self.lon[members], self.lat[members], self.cell_m),
        )

    @staticmethod
    def _rank(codes: IntArray, weight: FloatArray, ids: npt.NDArray[np.object_]) -> list[str]:
        """Return ids by the people they hold, most first."""
        present, where = np.unique(codes, return_inverse=True)
        people = np.bincount(where, weights=weight)
        return [str(ids[present[at]]) for at in np.argsort(-people, kind="stable")]
