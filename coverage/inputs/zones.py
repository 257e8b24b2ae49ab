"""Town, countryside or pasture: the zone of every place, given, drawn, or found from density."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.errors import InputError
from coverage.inputs.schema import ZONES
from coverage.network.model import BoolArray, FloatArray
from coverage.units import WGS84_A_M, WGS84_E2

_E = WGS84_E2**0.5
_FAR = 1 << 20  # more columns than cells of 1 km round the globe


@dataclass(frozen=True, slots=True)
class DensityRule:
    """The degree of urbanisation: when cells of people make a centre or a cluster.

    Parameters
    ----------
    cell_km
        Side of the square cells [km]; larger than 1 only where people are known more coarsely.
    centre_per_km2, centre_people
        An urban centre is made of cells at least this dense that touch along a side, with at least
        this many people together.
    cluster_per_km2, cluster_people
        The same for an urban cluster, whose cells may also touch at a corner.
    hole_km2
        Holes in a centre smaller than this belong to it [km²].
    """

    cell_km: float = 1.0
    centre_per_km2: float = 1500.0
    centre_people: float = 50_000.0
    cluster_per_km2: float = 300.0
    cluster_people: float = 5_000.0
    hole_km2: float = 15.0


def compute_zones(
    demand: pd.DataFrame, *, polygons: gpd.GeoDataFrame | None = None, rule: DensityRule | None = None
) -> pd.Series:
    """Find the zone of every demand point.

    Polygons override what the table says, the table overrides density. Density tells town from
    countryside; pasture comes only from polygons or the table.

    Parameters
    ----------
    demand
        Demand points after ``coverage.inputs.schema.DEMAND_COLUMNS``; ``zone`` is empty where not given.
    polygons
        Areas in WGS-84 with a column ``zone``; their outline belongs to them, and where several
        overlap the last one counts.
    rule
        What makes a town; None takes the international definition.

    Returns
    -------
    Named ``zone``, str, indexed like `demand`; values of ``coverage.inputs.schema.ZONES``.

    Raises
    ------
    InputError
        ``zones.unknown`` for a zone that is none of ours, ``zones.no_column`` or ``zones.no_crs``
        for unsuitable polygons.
    """
    zone = demand["zone"].fillna("").astype(str).to_numpy(object)
    _check_names(zone, "demand")
    lon, lat = demand["lon"].to_numpy(float), demand["lat"].to_numpy(float)
    if polygons is not None and len(polygons):
        drawn = compute_drawn_zones(demand, polygons).to_numpy(object)
        zone = np.where(drawn == "", zone, drawn)
    open_ = zone == ""
    if open_.any():
        # Everybody counts for density, also those whose zone is known.
        urbanisation = compute_urbanisation(lon, lat, demand["population"].to_numpy(float), rule=rule)
        zone = np.where(open_, np.where(urbanisation == "rural", "rural", "urban"), zone)
    return pd.Series(zone, index=demand.index, name="zone", dtype="str")


def _check_names(zone: npt.NDArray[np.object_], table: str) -> None:
    number, names = pd.factorize(zone)
    for at, name in enumerate(names):
        if name not in ("", *ZONES):
            count = int((number == at).sum())
            raise InputError("zones.unknown", table=table, value=str(name), count=count, known=", ".join(ZONES))


def compute_drawn_zones(demand: pd.DataFrame, polygons: gpd.GeoDataFrame) -> pd.Series:
    """Find the zone of the area each demand point lies in, "" where it lies in none.

    Parameters
    ----------
    demand, polygons
        As for `compute_zones`.

    Raises
    ------
    InputError
        As `compute_zones` does for unsuitable polygons.
    """
    lon, lat = demand["lon"].to_numpy(float), demand["lat"].to_numpy(float)
    return pd.Series(_find_drawn(polygons, lon, lat), index=demand.index, name="zone", dtype="str")


def _find_drawn(polygons: gpd.GeoDataFrame, lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.object_]:
    if "zone" not in polygons.columns:
        raise InputError("zones.no_column", columns=", ".join(map(str, polygons.columns))[:200])
    if polygons.crs is None or not polygons.crs.equals("EPSG:4326", ignore_axis_order=True):
        raise InputError("zones.no_crs", value=str(polygons.crs)[:100])
    names = polygons["zone"].fillna("").astype(str).to_numpy(object)
    _check_names(names, "polygons")
    drawn = np.full(len(lon), "", dtype=object)
    tree = shapely.STRtree(polygons.geometry.to_numpy())
    point, polygon = tree.query(shapely.points(lon, lat), predicate="intersects")
    named = names[polygon] != ""
    point, polygon = point[named], polygon[named]
    last = np.full(len(lon), -1, np.int64)
    np.maximum.at(last, point, polygon)
    drawn[last >= 0] = names[last[last >= 0]]
    return drawn


def compute_urbanisation(
    lon: FloatArray, lat: FloatArray, population: FloatArray, *, rule: DensityRule | None = None
) -> npt.NDArray[np.object_]:
    """Classify places by the degree of urbanisation: urban centre, urban cluster or rural.

    Points are summed to square cells of equal area. Dense cells that touch along a side make an urban
    centre if enough people live in them together; its small holes and notches (a cell with five of
    its eight neighbours inside) belong to it. Less dense cells that touch make an urban cluster.

    Parameters
    ----------
    lon, lat
        Positions, shape (p,) [degrees].
    population
        People, shape (p,).
    rule
        Limits; None takes those of the definition.

    Returns
    -------
    ``"urban_centre"``, ``"urban_cluster"`` or ``"rural"``, shape (p,).

    Notes
    -----
    After the degree of urbanisation endorsed by the UN Statistical Commission (Eurostat and others
    2020, *Applying the Degree of Urbanisation*). A point that stands for a larger area puts all its
    people into one cell: a village of 2,000 given as one point is dense, but stays rural because a
    cluster takes 5,000. Land and water are not told apart. Cost: sorting p points.
    """
    rule = rule or DensityRule()
    row, column = _find_cells(np.asarray(lon, float), np.asarray(lat, float), rule.cell_km)
    cell, at = np.unique(row * _FAR + column, return_inverse=True)
    people: FloatArray = np.bincount(at, weights=population, minlength=len(cell)).astype(np.float64)
    area = rule.cell_km**2
    in_centre = _find_clusters(cell, people, rule.centre_per_km2 * area, rule.centre_people, corners=False)
    in_cluster = _find_clusters(cell, people, rule.cluster_per_km2 * area, rule.cluster_people, corners=True)
    centre = _fill_centres(cell, in_centre, rule.hole_km2 / area)
    answer = np.full(len(cell), "rural", dtype=object)
    answer[in_cluster >= 0] = "urban_cluster"
    answer[centre] = "urban_centre"
    named: npt.NDArray[np.object_] = answer[at]
    return named


def _find_cells(
    lon: FloatArray, lat: FloatArray, cell_km: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the equal-area cell of each point, on a cylinder true to shape at the middle of the study."""
    if not len(lon):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    standard = np.radians(np.round((lat.min() + lat.max()) / 2.0))  # whole degrees: a new point shifts no cell
    scale = np.cos(standard) / np.sqrt(1.0 - WGS84_E2 * np.sin(standard) ** 2)
    sine = np.sin(np.radians(lat))
    authalic = (1.0 - WGS84_E2) * (sine / (1.0 - WGS84_E2 * sine**2) + np.arctanh(_E * sine) / _E)
    x, y = WGS84_A_M * np.radians(lon) * scale, WGS84_A_M * authalic / (2.0 * scale)
    side = cell_km * 1000.0
    return np.floor(y / side).astype(np.int64), np.floor(x / side).astype(np.int64) + _FAR // 2


def _find_clusters(
    cell: npt.NDArray[np.int64], people: FloatArray, least_here: float, least_together: float, *, corners: bool
) -> npt.NDArray[np.int64]:
    """Find the groups of dense cells with enough people: the number of each cell's group, else -1."""
    dense = np.flatnonzero(people >= least_here)
    steps = (1, _FAR, _FAR + 1, _FAR - 1) if corners else (1, _FAR)
    ends = []
    for step in steps:
        beside = np.searchsorted(cell[dense], cell[dense] + step)
        hit = np.flatnonzero(beside < len(dense))
        hit = hit[cell[dense][beside[hit]] == cell[dense][hit] + step]
        ends.append((hit, beside[hit]))
    tail, head = (np.concatenate([pair[side] for pair in ends]) for side in (0, 1))
    graph = coo_array((np.ones(len(tail), bool), (tail, head)), shape=(len(dense), len(dense)))
    group = connected_components(graph.tocsr(), directed=False)[1] if len(dense) else np.zeros(0, np.int64)
    enough = np.bincount(group, weights=people[dense], minlength=1) >= least_together
    number = np.full(len(cell), -1, np.int64)
    number[dense] = np.where(enough[group], group, -1)
    return number


def _fill_centres(cell: npt.NDArray[np.int64], group: npt.NDArray[np.int64], hole_cells: float) -> BoolArray:
    """Tell which populated cells lie in a centre once its holes and notches are filled."""
    row, column = cell // _FAR, cell % _FAR
    filled = group >= 0
    for number in np.unique(group[filled]):
        mine = group == number
        first_row, last_row = row[mine].min() - 1, row[mine].max() + 1
        first_column, last_column = column[mine].min() - 1, column[mine].max() + 1
        box = np.zeros((last_row - first_row + 1, last_column - first_column + 1), bool)
        box[row[mine] - first_row, column[mine] - first_column] = True
        box = _fill_box(box, hole_cells)
        near = (row >= first_row) & (row <= last_row) & (column >= first_column) & (column <= last_column)
        inside = np.flatnonzero(near)
        # A cell of another centre stays in its own; either way it is in a centre.
        filled[inside] |= box[row[inside] - first_row, column[inside] - first_column]
    return filled


def _fill_box(box: BoolArray, hole_cells: float) -> BoolArray:
    while True:
        outside = _label_sides(~box)
        size = np.bincount(outside.ravel())
        small = size < hole_cells
        small[0] = False  # the centre itself
        small[outside[0, 0]] = False  # the border around the box
        fuller = box | small[outside]
        fuller |= _count_around(fuller) >= 5
        if (fuller == box).all():
            return fuller
        box = fuller


def _label_sides(mask: BoolArray) -> npt.NDArray[np.int64]:
    """Find the groups of cells that touch by their sides: numbers from 1, and 0 elsewhere."""
    number = np.zeros(mask.shape, np.int64)
    number[mask] = np.arange(mask.sum())
    across, down = mask[:, :-1] & mask[:, 1:], mask[:-1] & mask[1:]
    tail = np.concatenate((number[:, :-1][across], number[:-1][down]))
    head = np.concatenate((number[:, 1:][across], number[1:][down]))
    cells = int(mask.sum())
    graph = coo_array((np.ones(len(tail), bool), (tail, head)), shape=(cells, cells))
    number[mask] = connected_components(graph.tocsr(), directed=False)[1] + 1
    return number


def _count_around(box: BoolArray) -> npt.NDArray[np.int8]:
    """Count the cells of a box among the eight around each cell."""
    wide = np.pad(box.astype(np.int8), 1)
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    around: npt.NDArray[np.int8] = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] - box
    return around
