"""The time field for looking: the grid's places, and the same times as the tables."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer
from toy_worlds import build_study, crossroads, demand_table, lon_lat, station_table

from coverage.access.assessment import find_nearest
from coverage.inputs.stations import StationChoice
from coverage.travel.time_field import build_grid, compute_time_field, join_grid
from coverage.travel.travel_basis import build_travel_basis


def test_a_grid_covers_its_bounds() -> None:
    """About as many cells as asked cover the bounds, square on the web map, row 0 in the north."""
    bounds = (86.5, 42.7, 88.9, 44.2)
    grid = build_grid(bounds, cells=10_000)
    assert grid.rows * grid.columns == pytest.approx(10_000, rel=0.03)
    west, south, east, north = grid.bounds
    assert (west, north) == pytest.approx((bounds[0], bounds[3]), abs=1e-9)
    assert south <= bounds[1]
    assert east >= bounds[2]
    lon, lat = grid.centres()
    assert lon.shape == lat.shape == (grid.rows * grid.columns,)
    assert lat[0] > lat[-1]
    assert lon[0] < lon[grid.columns - 1]
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(lon, lat)
    np.testing.assert_allclose(np.diff(x[: grid.columns]), grid.cell, rtol=1e-6)
    np.testing.assert_allclose(np.diff(y[:: grid.columns]), -grid.cell, rtol=1e-6)
    assert x[0] - grid.cell / 2 == pytest.approx(grid.west, rel=1e-9)
    assert y[0] + grid.cell / 2 == pytest.approx(grid.north, rel=1e-9)


def test_bounds_of_no_width_are_one_cell_wide() -> None:
    """A single place still has a grid."""
    grid = build_grid((87.6, 43.8, 87.6, 43.8), cells=4)
    assert grid.columns >= 1
    assert grid.rows >= 1


def test_the_field_has_the_times_of_the_tables() -> None:
    """People who live at the cells' centres have, to the bit, the minutes the field shows there."""
    lon, lat = lon_lat([(-900, -900), (900, 900)])
    grid = build_grid((lon[0], lat[0], lon[1], lat[1]), cells=49)
    centres = grid.centres()
    count = len(centres[0])
    demand = demand_table([(0.0, 0.0)] * count, [1.0] * count, [""] * count).assign(lon=centres[0], lat=centres[1])
    study = build_study(crossroads().network(), demand, station_table([(0, 900), (-400, 0), (90_000, 0)], [""] * 3))
    basis = build_travel_basis(study)
    nearest, chosen = find_nearest(basis, StationChoice())
    minutes, connected = compute_time_field(basis, join_grid(basis, grid, np.ones(count, bool)), chosen)
    assert minutes.shape == connected.shape == (grid.rows, grid.columns)
    np.testing.assert_array_equal(minutes.ravel(), nearest.minutes)
    assert connected.all()

    wanted = np.arange(count) % 3 == 0
    part, joined = compute_time_field(basis, join_grid(basis, grid, wanted), chosen)
    np.testing.assert_array_equal(part.ravel(), np.where(wanted, nearest.minutes, np.float32(np.inf)))
    np.testing.assert_array_equal(joined.ravel(), wanted)
