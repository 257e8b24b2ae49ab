"""Service areas: valid polygons with holes and parts that say what the times say."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyproj
import pytest
import shapely
from demo_study import join_demo
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from toy_worlds import build_study, crossroads, demand_table, station_table, to_degrees

from coverage.access.assessment import assess, find_nearest
from coverage.access.service_area import (
    AREA_COLUMNS,
    contour_areas,
    find_service_areas,
    find_station_areas,
    join_area_grid,
    measure_area_km2,
    split_bands,
)
from coverage.errors import InputError
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.travel.snapping import snap_points
from coverage.travel.time_field import Grid, build_grid
from coverage.travel.travel_basis import TravelBasis, build_travel_basis
from coverage.travel.travel_time import compute_nearest, place_points
from coverage.units import conformal_scale, is_within, to_conformal

ANY = StationChoice()
INF = np.inf
GRID = Grid(west=9_750_000.0, north=5_440_000.0, cell=500.0, columns=12, rows=9)


@pytest.fixture(scope="module")
def demo() -> TravelBasis:
    """Return the embedded study joined to its roads."""
    return join_demo()


def _centre(row: int, column: int) -> shapely.Point:
    lon, lat = GRID.centres()
    return shapely.Point(lon[row * GRID.columns + column], lat[row * GRID.columns + column])


def _draw(picture: str) -> npt.NDArray[np.float32]:
    """Turn a picture into minutes: a digit is tens of minutes, a point is unreachable."""
    minutes = np.full((GRID.rows, GRID.columns), INF, np.float32)
    for row, line in enumerate(picture.split()):
        for column, letter in enumerate(line):
            if letter != ".":
                minutes[row, column] = 10.0 * int(letter)
    return minutes


def test_holes_and_parts_are_kept() -> None:
    """A lake inside the area stays a hole, a far valley a part of its own, also at the picture's edge.

    Tens of minutes; within 20 minutes is a ring round the lake and, in the corner, one cell.
    """
    minutes = _draw(
        """............
           .1111.......
           .1..1...33..
           .1..1...33..
           .1111.......
           ............
           ............
           ...........2
           ...........2"""
    )
    (area,) = contour_areas(GRID, minutes, [20.0], walk_kph=4.5)
    assert area.is_valid
    assert len(area.geoms) == 2
    ring, corner = sorted(area.geoms, key=lambda part: -part.area)
    assert len(ring.interiors) == 1
    assert len(corner.interiors) == 0
    assert area.contains(_centre(1, 1))
    assert area.contains(_centre(8, 11))
    assert not area.intersects(_centre(2, 2))
    assert not area.intersects(_centre(2, 8))
    # Of 14 cells, 2 of them at the corner; outlines run halfway between cells where time ends abruptly.
    ground = 0.25 / conformal_scale(np.array([_centre(4, 5).y]))[0] ** 2
    assert measure_area_km2(area) == pytest.approx(14 * ground, rel=0.15)


def test_each_area_holds_those_before_and_bands_share_only_outlines() -> None:
    """Areas of 10 and 30 minutes are nested; as bands they do not overlap and sum to the largest."""
    minutes = _draw("............\n" + "..12345543..\n" * 7 + "............")
    small, large = contour_areas(GRID, minutes, [10.0, 35.0], walk_kph=4.5)
    assert large.covers(small)
    first, second = split_bands([small, large])
    assert first.equals(small)
    assert first.intersection(second).area == pytest.approx(0.0, abs=1e-15)
    assert first.area + second.area == pytest.approx(large.area)
    assert measure_area_km2(first) > 0


def test_nothing_reached_is_an_empty_area() -> None:
    """Without any time there is an empty area for each cutoff, and everything is within a large one."""
    nowhere = np.full((GRID.rows, GRID.columns), INF, np.float32)
    assert all(area.is_empty for area in contour_areas(GRID, nowhere, [10.0, 20.0], walk_kph=4.5))
    (whole,) = contour_areas(GRID, np.zeros_like(nowhere), [10.0], walk_kph=4.5)
    west, south, east, north = GRID.bounds
    assert whole.area == pytest.approx((east - west) * (north - south), rel=0.03)


@given(
    minutes=hnp.arrays(
        np.float32, (GRID.rows, GRID.columns), elements=st.sampled_from([0.0, 5.0, 9.5, 10.0, 10.5, 15.0, 30.0, INF])
    )
)
def test_laws_of_areas(minutes: npt.NDArray[np.float32]) -> None:
    """Whatever the field: valid, nested, every cell within is inside or on the outline, none beyond is inside."""
    cutoffs = [9.0, 10.0, 12.0, 20.0]
    areas = contour_areas(GRID, minutes, cutoffs, walk_kph=4.5)
    bands = split_bands(areas)
    assert all(shape.is_valid for shape in [*areas, *bands])
    for inner, outer in pairwise(areas):
        assert shapely.difference(inner, outer).area <= 1e-12
    assert sum(band.area for band in bands) == pytest.approx(areas[-1].area, rel=1e-9, abs=1e-12)
    points = shapely.points(*GRID.centres())
    for cutoff, area in zip(cutoffs, areas, strict=True):
        within = is_within(minutes.ravel(), cutoff)
        apart = shapely.distance(area, points) if not area.is_empty else np.full(len(points), INF)
        assert (apart[within] == 0.0).all()
        assert (apart[~within] > 0.0).all()


def test_area_on_the_ellipsoid() -> None:
    """Areas equal those of the geodesic, at any latitude."""
    for lon, lat in ((87.6, 43.8), (10.0, 0.0), (80.0, -33.0), (100.0, 60.0)):
        square = shapely.box(lon, lat, lon + 0.2, lat + 0.1)
        square = shapely.segmentize(square, 0.01).difference(shapely.box(lon + 0.05, lat + 0.02, lon + 0.1, lat + 0.05))
        geodesic = abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(square)[0]) / 1e6
        assert measure_area_km2(square) == pytest.approx(geodesic, rel=1e-4)
    assert measure_area_km2(shapely.MultiPolygon()) == 0.0


def _toy() -> Study:
    stations = station_table([(0.0, 0.0), (1000.0, 0.0), (-1000.0, 0.0)], [""] * 3)
    stations["status"] = ["existing", "existing", "planned"]
    return build_study(crossroads().network(), demand_table([(0.0, 900.0)], [1.0], [""]), stations)


def test_the_walked_leg_is_part_of_the_area() -> None:
    """At 1 km a minute and 75 m of walk a minute, 1.5 minutes reach 500 m with 75 m of walk on either side."""
    study = _toy()
    study = replace(study, stations=study.stations.iloc[[0]])
    basis = build_travel_basis(study)
    edge = [*to_degrees(-1500.0, -1500.0), *to_degrees(1500.0, 1500.0)]
    field = join_area_grid(basis, bounds=(edge[0], edge[1], edge[2], edge[3]), cells=90_000)
    table = find_service_areas(basis, field, ANY, cutoffs_min=[1.5], as_bands=False)
    area = table.geometry.iloc[0]

    def has(east: float, north: float) -> bool:
        return bool(area.contains(shapely.Point(to_degrees(east, north))))

    assert has(500.0, 60.0)
    assert not has(500.0, 90.0)
    assert has(1020.0, 0.0)
    assert not has(1060.0, 0.0)
    assert has(5.0, -950.0)
    assert not has(700.0, 700.0)


def test_table_of_bands() -> None:
    """One row per cutoff with its limits; empty ones stay, so that a legend is complete."""
    basis = build_travel_basis(_toy())
    field = join_area_grid(basis, cells=2_000)
    table = find_service_areas(basis, field, ANY, cutoffs_min=[0.5, 1.5, 45.0])
    assert tuple(table.columns) == AREA_COLUMNS
    assert table["from_min"].tolist() == [0.0, 0.5, 1.5]
    assert table["to_min"].tolist() == [0.5, 1.5, 45.0]
    assert table.crs == "EPSG:4326"
    assert table.is_valid.all()
    nobody = find_service_areas(basis, field, StationChoice(service="licence"))
    assert nobody["area_km2"].tolist() == [0.0] * 6
    assert nobody.geometry.is_empty.all()


def test_areas_of_single_stations(demo: TravelBasis) -> None:
    """What one station or another reaches is what all reach together, whatever the order and number asked."""
    chosen = find_nearest(demo, StationChoice(service="notarisation"))[1]
    ids = demo.study.stations.index[chosen].tolist()[::-1][:20]
    field = join_area_grid(demo, cells=60_000)
    single = find_station_areas(demo, field, ids, cutoffs_min=[10.0, 30.0], as_bands=False)
    assert single["station_id"].tolist() == [one for one in ids for _ in range(2)]
    assert single.is_valid.all()
    twenty = replace(demo.study, stations=demo.study.stations.loc[ids])
    merged = find_service_areas(build_travel_basis(twenty), field, ANY, cutoffs_min=[10.0, 30.0], as_bands=False)
    for limit in (10.0, 30.0):
        parts = single.loc[single["to_min"] == limit].geometry.union_all()
        whole = merged.loc[merged["to_min"] == limit].geometry.iloc[0]
        # Between two cells the outlines of two stations may meet in a notch that the common time does not have.
        assert parts.symmetric_difference(whole).area < 0.05 * whole.area
    with pytest.raises(InputError, match=r"areas\.station_unknown"):
        find_station_areas(demo, field, ["nobody"], cutoffs_min=[10.0])


@pytest.mark.slow
@pytest.mark.parametrize("service", ["", "notarisation"])
def test_polygons_agree_with_places(demo: TravelBasis, service: str) -> None:
    """Of random places farther than a cell from the outline at least 99 % are on the side their time says.

    People counted by polygon differ by less than 1 % from people counted by their time.
    """
    choice = StationChoice(service=service)
    field = join_area_grid(demo)
    table = find_service_areas(demo, field, choice, as_bands=False)
    assert table.is_valid.all()
    people = assess(demo, choice).demand
    weight = people["weight"].to_numpy(float)
    west, south, east, north = field.grid.bounds
    rng = np.random.default_rng(11)
    lon, lat = rng.uniform(west, east, 10_000), rng.uniform(south, north, 10_000)
    snap = demo.study.settings.snap
    places = place_points(demo.timed, snap_points(demo.snap_index, lon, lat), snap)
    minutes = compute_nearest(demo.timed, places, demo.stations.subset(find_nearest(demo, choice)[1])).minutes
    on_map = shapely.points(*to_conformal(lon, lat))
    for limit, area in zip(table["to_min"], table.geometry, strict=True):
        shapely.prepare(area)
        inside = shapely.contains_xy(area, lon, lat)
        outline = shapely.transform(area.boundary, lambda xy: np.column_stack(to_conformal(xy[:, 0], xy[:, 1])))
        shapely.prepare(outline)
        clear = shapely.distance(on_map, outline) > field.grid.cell
        near = clear & (inside | is_within(minutes, limit))
        agrees = inside == is_within(minutes, limit)
        assert clear.sum() > 5_000
        assert agrees[clear].mean() >= 0.99
        if near.sum() >= 300:  # the empty steppe agrees by itself; here it does not count
            assert agrees[near].mean() >= 0.99
        counted = weight[shapely.contains_xy(area, people["lon"].to_numpy(), people["lat"].to_numpy())].sum()
        timed = weight[is_within(people["minutes"].to_numpy(), limit)].sum()
        assert counted == pytest.approx(timed, rel=0.01)


def test_what_cannot_be_drawn_is_refused() -> None:
    """Cutoffs out of order and a study without any place are named."""
    with pytest.raises(InputError, match=r"areas\.cutoffs_not_ascending"):
        contour_areas(GRID, np.zeros((9, 12), np.float32), [20.0, 10.0], walk_kph=4.5)
    study = _toy()
    empty = replace(study, demand=study.demand.iloc[:0], stations=study.stations.iloc[:0])
    with pytest.raises(InputError, match=r"areas\.nothing_to_draw"):
        join_area_grid(build_travel_basis(empty))


def test_a_grid_of_one_place() -> None:
    """A field of a single cell still has an area."""
    grid = build_grid((87.6, 43.8, 87.6, 43.8), cells=1)
    (area,) = contour_areas(grid, np.zeros((grid.rows, grid.columns), np.float32), [10.0], walk_kph=4.5)
    assert area.is_valid
    assert not area.is_empty
