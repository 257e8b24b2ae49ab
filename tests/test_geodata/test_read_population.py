"""People in: tables, rasters and polygons, with nobody lost and nobody invented."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine
from shapely.geometry import MultiPolygon, Point, Polygon, box

from coverage.errors import CancelledError, InputError
from coverage.inputs.schema import DEMAND_COLUMNS
from geodata.intake.read_population import read_population
from geodata.intake.read_population_polygons import read_population_polygons, spread_points
from geodata.intake.read_population_raster import read_population_raster


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    """Return the transform of a north-up raster."""
    return Affine(width, 0.0, west, 0.0, -height, north)


STEP = 1 / 1200  # about 93 m, as in common population rasters


def write_raster(path: Path, values: np.ndarray, *, transform: Affine | None = None, **profile: object) -> Path:
    """Write a GeoTIFF; north-up in WGS-84 near Urumqi unless told otherwise."""
    settings_ = {"crs": "EPSG:4326", "nodata": None, "dtype": values.dtype} | profile
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        transform=transform or from_origin(87.0, 44.0, STEP, STEP),
        **settings_,
    ) as raster:
        raster.write(values, 1)
    return path


def write(folder: Path, text: str) -> Path:
    """Write a CSV file."""
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_demand_table(tmp_path: Path) -> None:
    """Weights, zones and ids are read; further columns are named, zero people stay, broken rows go."""
    text = (
        "id,lon,lat,population,drivers,zone,mood\n"
        "a,87.6,43.8,１００,40,城镇,fine\n"  # full-width digits
        "b,87.6,43.9,0,0,,\n"
        "c,87.6,43.9,-1,0,,\n"
        "d,87.6,43.9,,0,,\n"
        "e,87.6,43.9,many,0,,\n"
        "a,87.7,43.9,5,0,,\n"
        "g,87.6,43.9,5,-2,,\n"
        "h,87.6,43.9,inf,0,,\n"
        'i,87.6,43.9,"1,234",7,moon,\n'
    )
    loaded = read_population(write(tmp_path, text))
    table = loaded.table
    assert list(table.columns) == [*DEMAND_COLUMNS, "drivers"]
    assert table.index.name == "demand_id"
    assert table["population"].to_dict() == {"a": 100.0, "b": 0.0, "i": 1234.0}
    assert table["zone"].tolist() == ["urban", "", ""]
    assert dict(zip(loaded.rejected["row"], loaded.rejected["problem"], strict=True)) == {
        4: "demand.weight_negative",
        5: "demand.weight_missing",
        6: "demand.weight_not_a_number",
        7: "demand.id_twice",
        8: "demand.weight_negative",
        9: "demand.weight_not_a_number",
    }
    notes = {issue.code: issue for issue in loaded.issues if issue.severity != "rejected"}
    assert set(notes) == {"demand.population_zero", "table.columns_unused", "demand.zone_unknown"}
    assert notes["table.columns_unused"].value == "mood"
    assert (loaded.rows_in, loaded.rows_accepted) == (9, 3)


def test_demand_needs_people_and_places(tmp_path: Path) -> None:
    """A table without a population, or without positions, is refused with what is missing."""
    with pytest.raises(InputError, match=r"people\.no_column"):
        read_population(write(tmp_path, "id,lon,lat\na,1,2\n"))
    with pytest.raises(InputError, match="no_position"):
        read_population(write(tmp_path, "id,population\na,1\n"))


def test_reference_table(shared_data: Path) -> None:
    """The hexagons of Porto Alegre read completely."""
    loaded = read_population(shared_data / "population" / "porto_alegre_hexgrid.csv")
    assert (len(loaded.table), loaded.rows_rejected) == (1227, 0)


def test_reference_raster_keeps_everybody(shared_data: Path) -> None:
    """The Comoros raster holds 869,595 people, whatever the size of the cells."""
    path = shared_data / "population" / "comoros_worldpop_2020.tif"
    for cell_m in (100.0, 500.0, 2000.0):
        loaded = read_population_raster(path, cell_m=cell_m)
        assert loaded.table["population"].sum() == pytest.approx(869_595, abs=1)
        assert loaded.rows_in == loaded.rows_accepted
        assert not loaded.table.index.has_duplicates


def test_cells_gather_pixels_at_the_centre_of_their_people(tmp_path: Path) -> None:
    """Two by two pixels make a cell; its point lies where its people are, by weight.

    ::

        3 1 | 0 0        one cell with 4 people, its point a quarter pixel right of the first pixel,
        0 0 | 0 8        one with 8 people in the middle of the last pixel
    """
    values = np.array([[3, 1, 0, 0], [0, 0, 0, 8]], dtype=np.float32)
    path = write_raster(tmp_path / "a.tif", values, transform=from_origin(0.0, 0.02, 0.01, 0.01))
    loaded = read_population_raster(path, cell_m=2200)
    table = loaded.table
    assert table["population"].to_dict() == {"r0c0": 4.0, "r0c1": 8.0}
    np.testing.assert_allclose(table["lon"], [0.0075, 0.035], atol=1e-12)
    np.testing.assert_allclose(table["lat"], [0.015, 0.005], atol=1e-12)
    assert loaded.rows_in == 3


def test_missing_values_hold_nobody(tmp_path: Path) -> None:
    """No-data, NaN and infinite pixels are empty; undeclared negative and impossible ones are counted."""
    values = np.array([[1.0, -9999.0, np.nan], [np.inf, -1.0, 2.0], [3e38, 0, -1]], dtype=np.float32)
    loaded = read_population_raster(write_raster(tmp_path / "a.tif", values, nodata=-9999.0))
    assert loaded.table["population"].sum() == 3.0
    counts = {issue.code: issue.count for issue in loaded.issues}
    assert (counts["raster.negative"], counts["raster.impossible"]) == (2, 1)


def test_masks_in_the_file_count(tmp_path: Path) -> None:
    """Pixels that an internal mask hides hold nobody."""
    path = write_raster(tmp_path / "a.tif", np.full((2, 2), 5, dtype=np.float32))
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+", driver="GTiff") as raster:
        raster.write_mask(np.array([[255, 0], [0, 0]], dtype=np.uint8))
    assert read_population_raster(path).table["population"].sum() == 5.0


def test_sizes_that_would_fill_the_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A raster with too many pixels, or with blocks too large to unpack, is refused before it is read."""
    path = write_raster(tmp_path / "a.tif", np.ones((30, 30), dtype=np.float32))
    monkeypatch.setattr("geodata.jobs.worker.is_own_file", lambda _: True)  # another process would not see other limits
    for limit in ("_MAX_PIXELS", "_MAX_BLOCK_PIXELS"):
        with monkeypatch.context() as patch:
            patch.setattr(f"geodata.intake.read_population_raster.{limit}", 100)
            with pytest.raises(InputError, match="too_large"):
                read_population_raster(path)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "float64"])
def test_number_types(tmp_path: Path, dtype: str) -> None:
    """Integers and floats of any width are added up without overflow."""
    values = np.full((40, 40), 200, dtype=dtype)
    loaded = read_population_raster(write_raster(tmp_path / "a.tif", values), cell_m=10_000)
    assert loaded.table["population"].sum() == 320_000


@pytest.mark.parametrize(
    "transform",
    [
        from_origin(500_000, 4_850_000, 100, 100),  # north up
        Affine(100, 0, 500_000, 0, 100, 4_846_000),  # south up
        Affine(0, 100, 500_000, 100, 0, 4_846_000),  # rows and columns exchanged
        Affine(80, 60, 500_000, 60, -80, 4_848_000),  # turned
    ],
)
@pytest.mark.parametrize("crs", ["EPSG:32645", "EPSG:4513"])
def test_any_orientation_and_system(tmp_path: Path, transform: Affine, crs: str) -> None:
    """A person stands at the same place whichever way the raster is laid out."""
    values = np.zeros((40, 40), dtype=np.float32)
    values[7, 21] = 5.0
    if crs == "EPSG:4513":
        a, b, x0, d, e, y0 = tuple(transform)[:6]
        transform = Affine(a, b, x0 + 25_000_000, d, e, y0)
    loaded = read_population_raster(write_raster(tmp_path / "a.tif", values, transform=transform, crs=crs))
    a, b, x0, d, e, y0 = tuple(transform)[:6]
    x, y = a * 21.5 + b * 7.5 + x0, d * 21.5 + e * 7.5 + y0
    expected = gpd.GeoSeries([Point(x, y)], crs=crs).to_crs(4326).iloc[0]
    assert loaded.table[["lon", "lat"]].iloc[0].tolist() == pytest.approx([expected.x, expected.y], abs=1e-7)


def test_people_outside_the_area_are_counted(tmp_path: Path) -> None:
    """Pixels whose centre lies outside the area, a hole included, are left out and their people named."""
    values = np.ones((20, 20), dtype=np.float32)
    path = write_raster(tmp_path / "a.tif", values, transform=from_origin(0, 20, 1, 1))
    area = box(0, 0, 10, 20).difference(box(2, 2, 4, 4))
    loaded = read_population_raster(path, area=area)
    outside = {issue.code: issue for issue in loaded.issues}["raster.outside_area"]
    assert loaded.table["population"].sum() == loaded.rows_in == 196
    assert (outside.count, dict(outside.facts)["people"]) == (204, 204)
    with pytest.raises(InputError, match="no_people"):
        read_population_raster(path, area=box(50, 50, 60, 60))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(1, 90),
    columns=st.integers(1, 90),
    cell_m=st.floats(50, 3000),
    budget=st.integers(1, 3000),
    seed=st.integers(0, 99),
)
def test_strips_and_cells_change_nothing(
    tmp_path: Path, rows: int, columns: int, cell_m: float, budget: int, seed: int
) -> None:
    """However small the strips and whatever the cells, the total is kept and every cell comes once."""
    values = np.random.default_rng(seed).gamma(0.3, 20.0, (rows, columns)).astype(np.float32)
    path = write_raster(tmp_path / "a.tif", values)
    whole = read_population_raster(path, cell_m=cell_m)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geodata.intake.read_population_raster._STRIP_PIXELS", budget)
        strips = read_population_raster(path, cell_m=cell_m)
    assert whole.table["population"].sum() == pytest.approx(values.sum(dtype=np.float64), rel=1e-9)
    assert strips.table.index.tolist() == whole.table.index.tolist()
    np.testing.assert_allclose(strips.table[["lon", "lat"]], whole.table[["lon", "lat"]], atol=1e-12)


def test_rasters_that_cannot_be_used(tmp_path: Path) -> None:
    """Without a system, of complex numbers, without people, or no raster at all: each has its code."""
    ones = np.ones((4, 4), dtype=np.float32)
    (tmp_path / "text.tif").write_bytes(b"II*\0 no raster")
    paths = [
        write_raster(tmp_path / "nocrs.tif", ones, crs=None),
        write_raster(tmp_path / "complex.tif", ones.astype(np.complex64)),
        write_raster(tmp_path / "empty.tif", np.zeros((4, 4), dtype=np.float32)),
        tmp_path / "text.tif",
    ]
    codes = []
    for path in paths:
        with pytest.raises(InputError) as caught:
            read_population_raster(path)
        codes.append(caught.value.code)
    assert codes == ["crs.missing_degrees", "raster.type_unknown", "raster.no_people", "file.not_a_raster"]
    for cell_m in (0.0, -5.0, float("nan")):
        with pytest.raises(InputError, match="cell_invalid"):
            read_population_raster(paths[0], cell_m=cell_m)


def test_a_long_read_can_be_stopped(tmp_path: Path) -> None:
    """Progress rises to 1, and a reader that is told to stop does."""
    path = write_raster(tmp_path / "a.tif", np.ones((50, 50), dtype=np.float32))
    shares: list[float] = []
    read_population_raster(path, progress=lambda share, _: shares.append(share) is None)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(CancelledError):
        read_population_raster(path, progress=lambda *_: False)


def test_polygons_keep_their_totals(tmp_path: Path) -> None:
    """Each polygon's people stay inside it and sum to its total, with holes, parts and tiny ones.

    ::

        ring with a hole | two islands | one too small for the grid | nobody lives here
    """
    ring = box(87.0, 43.0, 87.1, 43.1).difference(box(87.03, 43.03, 87.07, 43.07))
    islands = MultiPolygon([box(88.0, 43.0, 88.02, 43.02), box(88.2, 43.2, 88.22, 43.22)])
    tiny, empty = box(89.0, 43.0, 89.0001, 43.0001), box(90, 43, 90.1, 43.1)
    shapes = [ring, islands, tiny, empty]
    layer = gpd.GeoDataFrame({"code": ["r", "i", "t", "e"], "population": [1001, 777, 3, 0]}, geometry=shapes, crs=4326)
    layer.to_file(tmp_path / "a.gpkg")
    loaded = read_population(tmp_path / "a.gpkg")
    owner = loaded.table.index.str.split("-").str[0]
    assert loaded.table["population"].groupby(owner).sum().to_dict() == pytest.approx(
        {"r": 1001.0, "i": 777.0, "t": 3.0, "e": 0.0}, rel=1e-12
    )
    for name, shape in zip("rite", shapes, strict=True):
        points = loaded.table[owner == name]
        assert shapely.intersects_xy(shape, points["lon"], points["lat"]).all()
    assert (owner == "t").sum() == (owner == "e").sum() == 1
    assert set(loaded.table.loc[owner == "i", "lon"] > 88.1) == {True, False}
    assert (loaded.rows_in, loaded.rows_accepted) == (4, 4)


def test_spread_is_even() -> None:
    """A square of 1 km with points every 100 m has a hundred of them."""
    x, y = spread_points(box(0, 0, 1000, 1000), 100.0)
    assert len(x) == len(y) == 100
    assert len(set(zip(x, y, strict=True))) == 100


def test_islands_far_apart_need_no_grid_over_the_sea() -> None:
    """Two squares of 1 km, 10,000 km apart, have a hundred points each."""
    shape = MultiPolygon([box(0, 0, 1000, 1000), box(1e7, 1e7, 1e7 + 1000, 1e7 + 1000)])
    x, _ = spread_points(shape, 100.0)
    assert ((x < 1000).sum(), (x > 1000).sum()) == (100, 100)


def test_large_polygons_get_fewer_points(tmp_path: Path) -> None:
    """Where the grid would need too many points it is widened, and said so."""
    layer = gpd.GeoDataFrame({"population": [1000]}, geometry=[box(80, 40, 90, 45)], crs=4326)
    layer.to_file(tmp_path / "a.gpkg")
    loaded = read_population_polygons(tmp_path / "a.gpkg", max_points=500)
    assert 400 < len(loaded.table) < 600
    assert "polygons.cell_widened" in {issue.code for issue in loaded.issues}


def test_broken_polygons(tmp_path: Path) -> None:
    """A bow tie is repaired, a line and a missing shape are left out, as are broken totals."""
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    shapes = [bow, shapely.LineString([(0, 0), (1, 1)]), None, box(3, 3, 4, 4), box(5, 5, 6, 6)]
    layer = gpd.GeoDataFrame({"population": [8.0, 5, 5, -5, None]}, geometry=shapes, crs=4326)
    layer.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    loaded = read_population_polygons(tmp_path / "a.gpkg", cell_m=20_000)
    assert loaded.table["population"].sum() == pytest.approx(8.0)
    assert loaded.rejected["problem"].tolist() == [
        "polygons.not_a_polygon",
        "polygons.not_a_polygon",
        "demand.weight_negative",
        "demand.weight_missing",
    ]


def test_reference_counties_keep_the_census(shared_data: Path) -> None:
    """The 106 counties of Xinjiang spread 25,852,345 people, to the person."""
    loaded = read_population(shared_data / "xinjiang" / "counties.geojson", cell_m=20_000)
    assert loaded.table["population"].sum() == pytest.approx(25_852_345, abs=0.01)


def test_more_people_than_there_can_be(tmp_path: Path) -> None:
    """A number no place can have is left out with its row: it would drown every total."""
    read = read_population(write(tmp_path, "id,lon,lat,population\na,87,43,10\nb,87,43,1e308\n"))
    assert read.table["population"].tolist() == [10.0]
    assert [(issue.code, issue.rows) for issue in read.issues] == [("demand.weight_impossible", (3,))]
