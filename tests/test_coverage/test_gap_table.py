"""The table of gaps: who, where, what is missing, and shapes that colour nobody else's place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from random_study import build_random_study
from toy_worlds import ToyWorld, build_study, demand_table, district_table, station_table

from coverage.access.assessment import assess
from coverage.access.gap_table import GAP_TABLE_COLUMNS, draw_cells, find_cell_m, tabulate_gaps
from coverage.access.gaps import find_gaps
from coverage.errors import CancelledError
from coverage.inputs.stations import StationChoice
from coverage.network.settings import AssessmentSettings, SnapSettings
from coverage.travel.travel_basis import TravelBasis, build_travel_basis

NOTARY = StationChoice(service="notary")


def _basis() -> TravelBasis:
    """Return a road with a notary at its western end and an office without one in the middle.

    ::

        s0 ------ 10 km ------ s1 --- d0 d1 ------ d2             o - o2   d3: on an islet, d4: no road
    """
    world = ToyWorld({"a": (0, 0), "b": (30_000, 0), "o": (40_000, 0), "o2": (42_000, 0)})
    world.road("a b")
    world.road("o o2")
    places = [(12_000.0, 0.0), (12_500.0, 0.0), (29_000.0, 0.0), (41_000.0, 0.0), (60_000.0, 0.0)]
    demand = demand_table(places, [50.0, 70.0, 30.0, 20.0, 10.0], ["t1", "t2", "c2", "", "c2"])
    stations = station_table([(0, 0), (10_000, 0)], [""] * 2, services=[("advice", "notary"), ("advice",)])
    districts = district_table(
        [("c1", "county", ""), ("c2", "county", ""), ("t1", "township", "c1"), ("t2", "township", "c1")]
    )
    snap = SnapSettings(max_access_m=600.0, min_component_km=0.0)
    settings = AssessmentSettings(cutoff_min=10.0, snap=snap)
    return build_travel_basis(build_study(world.network(), demand, stations, districts, settings))


def test_every_gap_says_what_is_missing() -> None:
    """The item where an office is near, a station where none is, a road where there is no way."""
    basis = _basis()
    table, remedies = tabulate_gaps(basis, assess(basis, NOTARY))
    assert tuple(table.columns) == GAP_TABLE_COLUMNS
    assert table.index.tolist() == [1, 2, 3, 4]
    assert table.index.name == "gap_id"
    assert table["people"].tolist() == [120.0, 30.0, 20.0, 10.0]
    assert table["missing"].tolist() == ["item", "station", "road", "road"]
    assert table["name"].tolist() == ["区t2", "区c2", "", "区c2"]
    assert table["district_ids"].tolist() == ["t2;t1", "c2", "", "c2"]
    assert table["station_id"].tolist() == ["s0", "s0", "", ""]
    assert table.loc[1, ["remedy", "remedy_station_id", "remedy_people"]].tolist() == ["item", "s1", 120.0]
    assert table[["beyond", "no_route", "unconnected"]].to_numpy().sum(axis=1).tolist() == table["people"].tolist()
    assert table.crs == "EPSG:4326"
    assert set(remedies["gap_id"]) <= {1, 2, 3, 4}
    none, _ = tabulate_gaps(basis, assess(basis, NOTARY), top=0)
    assert (none["remedy"] == "").all()
    assert none["remedy_people"].isna().all()


def test_everybody_covered_is_an_empty_table() -> None:
    """Without gaps the table is empty and has its columns and its coordinate system."""
    basis = _basis()
    study = replace(basis.study, demand=basis.study.demand.iloc[:2])
    near = build_travel_basis(study)
    table, remedies = tabulate_gaps(near, assess(near, NOTARY, cutoff_min=60.0))
    assert (len(table), len(remedies), tuple(table.columns)) == (0, 0, GAP_TABLE_COLUMNS)
    assert table.crs == "EPSG:4326"


@given(seed=st.integers(0, 2**32 - 1), service=st.sampled_from(["", "notary"]))
def test_laws_of_the_table(seed: int, service: str) -> None:
    """Gaps are those of `find_gaps`; together they hold all uncovered people; shapes are valid and hold them."""
    basis = build_travel_basis(build_random_study(seed))
    answer = assess(basis, StationChoice(service=service))
    gaps, gap_of = find_gaps(answer)
    table, _ = tabulate_gaps(basis, answer, top=2)
    assert table["people"].tolist() == gaps["people"].tolist()
    assert table["people"].sum() == pytest.approx(answer.totals.uncovered)
    assert table.is_valid.all()
    demand = answer.demand
    assert ((gap_of > 0) == ((demand["status"] != "covered") & (demand["weight"] > 0)).to_numpy()).all()
    for gap_id, row in table.iterrows():
        members = demand[gap_of == gap_id]
        assert members["weight"].sum() == pytest.approx(row["people"])
        assert shapely.contains_xy(row["geometry"], members["lon"], members["lat"]).all()


def test_cells_are_square_on_the_ground() -> None:
    """A cell of 1 km has its area at any latitude; points in a row of cells join, far ones do not, holes stay."""
    geod = Geod(ellps="WGS84")
    for lat in (0.0, 43.8, 60.0):
        shape = draw_cells(np.array([87.6]), np.array([lat]), 1000.0)
        assert shape.covers(shapely.Point(87.6, lat))
        assert abs(geod.geometry_area_perimeter(shape)[0]) == pytest.approx(1e6, rel=0.03)
    step = 500.0 / 111_319.5
    lon = 10.0 + np.arange(4) * step
    demand = demand_table([(0.0, 0.0)] * 4, [1.0] * 4, [""] * 4).assign(lon=lon)
    side = find_cell_m(demand, 2.0)
    assert side == pytest.approx(1.05 * 500.0, rel=1e-3)
    assert len(draw_cells(lon, np.zeros(4), side).geoms) == 1
    assert len(draw_cells(lon, np.zeros(4), 100.0).geoms) == 4
    assert find_cell_m(demand.iloc[:1], 2.0) == 100.0
    assert find_cell_m(demand, 0.2) == 200.0
    across, up = (axis.ravel() for axis in np.meshgrid(np.arange(3), np.arange(3)))
    ring = np.flatnonzero((across != 1) | (up != 1))
    shape = draw_cells(10.0 + (across[ring] + 0.5) * step, (up[ring] + 0.5) * step, 500.0)
    assert [len(part.interiors) for part in shape.geoms] == [1]


@given(cells=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
def test_any_pattern_of_cells_is_a_valid_shape(cells: set[tuple[int, int]]) -> None:
    """Cells that touch only at corners, rings, islands in lakes: valid, and every point is inside."""
    places = (np.array(sorted(cells), float) + 0.5) * 500.0 / 111_320.0
    shape = draw_cells(10.0 + places[:, 0], places[:, 1], 500.0)
    assert shape.is_valid
    assert shapely.contains_xy(shape, 10.0 + places[:, 0], places[:, 1]).all()
    assert shape.area == pytest.approx(len(cells) * (500.0 / 111_320.0) ** 2, rel=0.35)


def test_progress_goes_from_remedies_to_shapes_and_can_be_stopped() -> None:
    """The share never falls, and whoever asks to stop is heard while shapes are drawn."""
    basis = _basis()
    answer = assess(basis, NOTARY)
    told: list[tuple[float, str]] = []

    def tell(share: float, step: str) -> bool:
        told.append((share, step))
        return True

    tabulate_gaps(basis, answer, progress=tell)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert {step for _, step in told} == {"remedies", "gaps"}
    with pytest.raises(CancelledError):
        tabulate_gaps(basis, answer, top=0, progress=lambda share, step: False)
