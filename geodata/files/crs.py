"""Coordinate systems: everything becomes WGS-84 on the way in, and an equal-area map for every extent."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from coverage.errors import DataIssue, InputError

WGS84 = pyproj.CRS.from_epsg(4326)

CHINA_DEGREES = "EPSG:4490"  # proposed for degrees within China: CGCS2000, and WGS-84 within centimetres

_CHINA = (73.0, 18.0, 135.1, 54.0)  # west, south, east, north [degrees]
_CGCS2000 = "China 2000"
_OLD_CHINESE_DATUMS = ("Beijing 1954", "Xian 1980", "New Beijing")


def is_cgcs2000(crs: pyproj.CRS) -> bool:
    """Tell whether a coordinate system stands on CGCS2000 (EPSG:4490 and its Gauss-Krüger zones)."""
    return _datum_name(crs).startswith(
        (_CGCS2000, "China Geodetic Coordinate System 2000", "D_China_2000", "China_2000")
    )


def _datum_name(crs: pyproj.CRS) -> str:
    geodetic = crs.geodetic_crs
    return "" if geodetic is None or geodetic.datum is None else str(geodetic.datum.name)


def reproject_to_wgs84(
    layer: gpd.GeoDataFrame, source: str, *, assumed: str | None = None
) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Convert a layer from the coordinate system it declares to WGS-84.

    CGCS2000 and WGS-84 differ by centimetres: degrees are taken over as they are, and its
    Gauss-Krüger zones are only unprojected. Older Chinese datums are converted with a remark, as
    their public parameters are good to tens of metres only.

    Parameters
    ----------
    layer
        Any layer; `layer.crs` is what the file declares.
    source
        Name of the file, for messages.
    assumed
        What the user says of a layer that declares nothing, e.g. ``"EPSG:4490"``; a declaration goes before it.

    Returns
    -------
    The layer in EPSG:4326 with the same rows, and remarks.

    Raises
    ------
    InputError
        ``crs.missing`` if the file does not declare one (``crs.missing_degrees`` where its numbers can be degrees
        within China), ``crs.unknown`` if `assumed` names none, ``crs.not_supported`` if it has no place on the globe,
        ``crs.coordinates_do_not_fit`` if the coordinates cannot be what is declared.
    """
    issues: list[DataIssue] = []
    if layer.crs is None:
        crs = choose_crs(tuple(map(float, layer.total_bounds)), source, assumed)
        layer = layer.set_crs(crs)
        issues.append(DataIssue("crs.assumed", "warning", source, len(layer), value=str(crs.name)[:100]))
    else:
        crs = pyproj.CRS.from_user_input(layer.crs)
    datum = _datum_name(crs)
    try:
        if is_cgcs2000(crs):
            base = crs.geodetic_crs
            flat = layer if crs.is_geographic or base is None else layer.to_crs(base)
            answer = flat.set_crs(WGS84, allow_override=True)
        else:
            answer = layer if crs == WGS84 else layer.to_crs(WGS84)
    except (CRSError, ProjError) as error:
        raise InputError("crs.not_supported", file=source, value=str(crs.name)[:100]) from error
    if any(old in datum.replace("_", " ") for old in _OLD_CHINESE_DATUMS):
        issues.append(DataIssue("crs.old_datum", "warning", source, len(layer), value=datum[:100]))
    _check_degrees(answer, source, str(crs.name))
    answer, broken = _drop_shapes_off_globe(answer, source)
    return answer, (*issues, *broken, *_remark_huge_shapes(answer, source))


def _remark_huge_shapes(layer: gpd.GeoDataFrame, source: str) -> tuple[DataIssue, ...]:
    """Warn of shapes that span continents: mostly one corner is mistyped."""
    wide = find_huge_shapes(layer.geometry.to_numpy())
    if not wide.any():
        return ()
    rows = np.flatnonzero(wide) + 2
    west, south, east, north = shapely.bounds(layer.geometry.to_numpy()[rows[0] - 2])
    facts = (("west", round(west, 2)), ("south", round(south, 2)), ("east", round(east, 2)), ("north", round(north, 2)))
    return (DataIssue("file.shape_huge", "warning", source, len(rows), tuple(rows[:20].tolist()), facts=facts),)


def find_huge_shapes(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Tell which shapes span continents: over 40 degrees of longitude, 25 of latitude, or thin over 10 of either.

    Parameters
    ----------
    shapes
        Shapes in WGS-84 or None, shape (n,). Thin are polygons that fill less than a twentieth of their box.

    Returns
    -------
    Shape (n,).
    """
    west, south, east, north = shapely.bounds(shapes).T
    width, height = east - west, north - south
    with np.errstate(invalid="ignore"):
        is_thin = (shapely.get_dimensions(shapes) == 2) & (shapely.area(shapes) < 0.05 * width * height)
        huge: npt.NDArray[np.bool_] = (width > 40.0) | (height > 25.0) | (is_thin & (np.maximum(width, height) > 10.0))
    return huge


def choose_crs(bounds: tuple[float, ...], source: str, assumed: str | None) -> pyproj.CRS:
    """Return the coordinate system that the user says a file without a declaration has.

    Raises
    ------
    InputError
        ``crs.missing`` or ``crs.missing_degrees`` if the user says nothing, ``crs.unknown`` if it names none.
    """
    if assumed is None:
        west, south, east, north = bounds
        is_china = _CHINA[0] <= west and south >= _CHINA[1] and east <= _CHINA[2] and north <= _CHINA[3]
        raise InputError("crs.missing_degrees" if is_china else "crs.missing", file=source)
    try:
        return pyproj.CRS.from_user_input(assumed)
    except CRSError as error:
        raise InputError("crs.unknown", file=source, value=assumed[:100]) from error


def _drop_shapes_off_globe(layer: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, tuple[DataIssue, ...]]:
    """Take away lines and polygons with a coordinate that is not finite or off the globe; points are told by row."""
    shapes = layer.geometry.to_numpy()
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    fits = (np.abs(coordinates) <= (360.0, 90.0)).all(axis=1)  # False for NaN too
    off = np.zeros(len(shapes), dtype=bool)
    off[owner[~fits]] = True
    off &= shapely.get_type_id(shapes) != shapely.GeometryType.POINT
    if not off.any():
        return layer, ()
    rows = np.flatnonzero(off) + 2
    issue = DataIssue("file.shape_off_globe", "warning", source, len(rows), tuple(rows[:20].tolist()))
    kept = shapes.copy()
    kept[off] = None
    return layer.set_geometry(gpd.GeoSeries(kept, index=layer.index, crs=layer.crs)), (issue,)


def _check_degrees(layer: gpd.GeoDataFrame, source: str, name: str) -> None:
    west, south, east, north = (float(value) for value in layer.total_bounds)
    if np.isnan(west):  # no geometry at all: the readers report rows
        return
    if not (
        np.isfinite([west, south, east, north]).all()
        and west >= -360.0
        and east <= 360.0
        and abs(south) <= 90.0
        and abs(north) <= 90.0
    ):
        # A few broken points are the readers' business; a layer off the globe is not.
        bounds = layer.geometry.bounds.to_numpy(float)
        bounds = bounds[np.isfinite(bounds).all(axis=1)]
        fits = (np.abs(bounds[:, [0, 2]]) <= 360.0).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90.0).all(axis=1)
        if not fits.any():
            raise InputError("crs.coordinates_do_not_fit", file=source, value=name[:100])


def find_equal_area_crs(bounds: tuple[float, float, float, float]) -> pyproj.CRS:
    """Choose the equal-area map of an extent: Albers, or cylindrical where the extent straddles the equator.

    Parameters
    ----------
    bounds
        West, south, east, north [degrees, WGS-84].
    """
    west, south, east, north = bounds
    if not np.isfinite(bounds).all():
        raise InputError("crs.empty_extent")
    lon, lat = (west + east) / 2.0, (south + north) / 2.0
    low, high = south + (north - south) / 6.0, north - (north - south) / 6.0
    if abs(low + high) < 4.0:
        text = f"+proj=cea +lat_ts={abs(lat):.6f} +lon_0={lon:.6f} +datum=WGS84 +units=m +no_defs"
    else:
        text = f"+proj=aea +lat_1={low:.6f} +lat_2={high:.6f} +lat_0={lat:.6f} +lon_0={lon:.6f} +datum=WGS84 +units=m"
    return pyproj.CRS.from_proj4(text)
