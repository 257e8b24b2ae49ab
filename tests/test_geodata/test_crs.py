"""Coordinate systems: everything becomes WGS-84, CGCS2000 by identity, and areas are true."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import Point, box

from coverage.errors import InputError
from geodata.files.crs import find_equal_area_crs, is_cgcs2000, reproject_to_wgs84
from geodata.intake.cells.read_table import read_table

URUMQI = (87.617, 43.793)


def make_layer(epsg: int) -> gpd.GeoDataFrame:
    """Return a layer with one point in Urumqi, projected to a coordinate system."""
    return gpd.GeoDataFrame({"a": [1]}, geometry=[Point(*URUMQI)], crs=4326).to_crs(epsg)


@pytest.mark.parametrize("epsg", [4326, 3857, 32645, 4490, 4513, 4491, 4534])
def test_declared_systems_lead_to_the_same_place(epsg: int) -> None:
    """WGS-84, web Mercator, UTM and CGCS2000 zones all come back to the same degrees."""
    layer, issues = reproject_to_wgs84(make_layer(epsg), "toy")
    point = layer.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx(URUMQI, abs=1e-7)
    assert layer.crs.to_epsg() == 4326
    assert issues == ()


def test_cgcs2000_degrees_are_taken_over_exactly() -> None:
    """EPSG:4490 is not converted: the digits stay."""
    layer = gpd.GeoDataFrame(geometry=[Point(*URUMQI)], crs=4490)
    assert reproject_to_wgs84(layer, "toy")[0].geometry.iloc[0].coords[0] == URUMQI
    assert is_cgcs2000(layer.crs)


def test_old_datums_are_converted_with_a_remark() -> None:
    """Beijing 1954 and Xian 1980 are accepted, and the remark says that they are less exact."""
    for epsg in (4214, 4610):
        layer, issues = reproject_to_wgs84(make_layer(epsg), "toy")
        assert [issue.code for issue in issues] == ["crs.old_datum"]
        assert layer.geometry.iloc[0].distance(Point(*URUMQI)) < 0.01


def test_missing_and_impossible_systems_are_refused(tmp_path: Path) -> None:
    """A layer without a system is refused, and so are metres that are labelled as degrees."""
    with pytest.raises(InputError) as missing:
        reproject_to_wgs84(gpd.GeoDataFrame(geometry=[Point(1, 2)]), "toy")
    metres = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(500_000, 4_800_000)], crs=4326)
    with pytest.raises(InputError) as wrong:
        reproject_to_wgs84(metres, "toy")
    metres.to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(InputError) as unprojected:
        read_table(tmp_path / "a.shp")
    codes = [caught.value.code for caught in (missing, wrong, unprojected)]
    assert codes == ["crs.missing", "crs.coordinates_do_not_fit", "crs.missing"]


@pytest.mark.parametrize("west", [73.0, 87.0, 43.0])
@pytest.mark.parametrize("south", [-12.5, -0.5, 0.0, 34.0, 43.0])
def test_areas_equal_those_on_the_ellipsoid(west: float, south: float) -> None:
    """Areas agree with the geodesic ones within a few parts in ten thousand, on both sides of the equator."""
    cells = gpd.GeoSeries(
        [box(west, south, west + 1, south + 1), box(west + 1, south, west + 1.01, south + 0.01)], crs=4326
    )
    dense = [shape.segmentize(0.01) for shape in cells]
    exact = [abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6 for shape in dense]
    bounds = (west, south, west + 1.01, south + 1.0)
    flat = gpd.GeoSeries(dense, crs=4326).to_crs(find_equal_area_crs(bounds))
    np.testing.assert_allclose(flat.area / 1e6, exact, rtol=5e-4)


def test_an_empty_extent_has_no_map() -> None:
    """No equal-area map is made of nothing."""
    with pytest.raises(InputError):
        find_equal_area_crs((np.nan, np.nan, np.nan, np.nan))


@pytest.mark.parametrize("far", [-np.inf, np.inf, 1e300, 4_800_000.0])
def test_shapes_off_the_globe_count_as_missing(far: float) -> None:
    """One bad outline among good ones is taken away and told by row; points are left to the readers."""
    outline = shapely.polygons([[87, 43], [88, 43], [far, 44], [87, 43]])
    layer = gpd.GeoDataFrame(geometry=[box(87, 43, 88, 44), outline, Point(1e6, 0)], crs=4326)
    kept, issues = reproject_to_wgs84(layer, "toy")
    assert kept.geometry.isna().tolist() == [False, True, False]
    assert [(issue.code, issue.rows) for issue in issues] == [("file.shape_off_globe", (3,))]
