"""The travel-time field on a grid, for looking: the same times as the tables, at every place of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.network.model import FloatArray, IntArray
from coverage.progress import Progress, ignore_progress
from coverage.travel.snapping import Snapped, snap_points
from coverage.travel.travel_basis import TravelBasis
from coverage.travel.travel_time import Places, StationSearch, compute_nearest, place_points
from coverage.units import WGS84_A_M


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells of the web map's projection (spherical Mercator), row 0 in the north.

    Parameters
    ----------
    west, north
        Upper left corner [projected metres].
    cell
        Side of a cell [projected metres].
    columns, rows
        Size.
    """

    west: float
    north: float
    cell: float
    columns: int
    rows: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east, north [degrees]."""
        south = self.north - self.cell * self.rows
        east = self.west + self.cell * self.columns
        lon = np.degrees(np.array([self.west, east]) / WGS84_A_M)
        lat = _latitude(np.array([south, self.north]))
        return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])

    def centres(self) -> tuple[FloatArray, FloatArray]:
        """Return lon and lat of all cell centres, row by row, shape (rows * columns,) [degrees]."""
        x = self.west + (np.arange(self.columns) + 0.5) * self.cell
        y = self.north - (np.arange(self.rows) + 0.5) * self.cell
        lon = np.degrees(x / WGS84_A_M)
        return np.tile(lon, self.rows), np.repeat(_latitude(y), self.columns)


def _latitude(y: npt.NDArray[np.floating]) -> FloatArray:
    result: FloatArray = np.degrees(2.0 * np.arctan(np.exp(y / WGS84_A_M)) - np.pi / 2.0)
    return result


def build_grid(bounds: tuple[float, float, float, float], *, cells: int = 250_000) -> Grid:
    """Build a grid over west, south, east, north [degrees] with about as many cells as asked."""
    west, south, east, north = bounds
    x = np.radians(np.array([west, east])) * WGS84_A_M
    y = WGS84_A_M * np.arctanh(np.sin(np.radians(np.array([south, north]))))
    width, height = float(max(x[1] - x[0], 1.0)), float(max(y[1] - y[0], 1.0))
    cell = (width * height / cells) ** 0.5
    return Grid(float(x[0]), float(y[1]), cell, max(1, int(np.ceil(width / cell))), max(1, int(np.ceil(height / cell))))


@dataclass(frozen=True, slots=True, eq=False)
class FieldPlaces:
    """The cells of a grid joined to the roads of a travel basis; reusable for any choice of stations."""

    grid: Grid
    places: Places


def join_grid(
    basis: TravelBasis, grid: Grid, wanted: npt.NDArray[np.bool_], *, progress: Progress = ignore_progress
) -> FieldPlaces:
    """Join the centres of the wanted cells to the roads, as if somebody lived there.

    Parameters
    ----------
    basis
        The study joined to its roads.
    grid
        The grid.
    wanted
        Cells to compute, e.g. those inside the districts, shape (rows * columns,).
    progress
        Told the share done.
    """
    return place_cells(basis, grid, wanted, snap_cells(basis, grid, wanted, progress=progress))


def snap_cells(
    basis: TravelBasis, grid: Grid, wanted: npt.NDArray[np.bool_], *, progress: Progress = ignore_progress
) -> Snapped:
    """Find where the wanted cells of a grid meet the roads; other speeds and closed roads leave it as it is."""
    lon, lat = grid.centres()
    at = np.flatnonzero(wanted)
    return snap_points(basis.snap_index, lon[at], lat[at], progress=progress)


def place_cells(basis: TravelBasis, grid: Grid, wanted: npt.NDArray[np.bool_], snapped: Snapped) -> FieldPlaces:
    """Join cells to the roads of a travel basis where `snap_cells` found that they meet them."""
    lon, lat = grid.centres()
    at = np.flatnonzero(wanted)
    snap = basis.study.settings.snap
    places = place_points(basis.timed, snapped, snap, unit=basis.find_units(lon[at], lat[at]))
    access = np.full(len(lon), np.inf)
    access[at] = places.access_s
    unit = None
    if places.unit is not None:
        unit = np.full(len(lon), -1, np.int32)
        unit[at] = places.unit
    spread = Places(at[places.point].astype(np.int32), places.edge, places.from_tail_s, places.to_head_s, access, unit)
    return FieldPlaces(grid, spread)


def compute_time_field(
    basis: TravelBasis, field: FieldPlaces, chosen: IntArray, *, searched: StationSearch | None = None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Compute minutes to the nearest chosen station for every cell of a grid.

    Parameters
    ----------
    basis, field
        The study joined to its roads, and the grid joined to the same roads.
    chosen
        Rows of the stations that count, ascending.
    searched
        `coverage.travel.travel_time.search_stations` from these stations, where that was done already.

    Returns
    -------
    Minutes, shape (rows, columns), inf where no station is reached; and whether a road lies within
    the snap limit, same shape. Cells that were not wanted are inf and not connected.
    """
    stations = basis.stations.subset(chosen.astype(np.intp))
    nearest = compute_nearest(basis.timed, field.places, stations, searched=searched)
    shape = (field.grid.rows, field.grid.columns)
    return nearest.minutes.reshape(shape), nearest.is_connected.reshape(shape)
