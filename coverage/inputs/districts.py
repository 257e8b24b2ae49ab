"""Which district a place belongs to, and the way up the tree of districts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.errors import InputError
from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.units import conformal_scale, to_conformal

DEFAULT_TOLERANCE_M = 2000.0


def assign_districts(
    points: pd.DataFrame, districts: gpd.GeoDataFrame, *, tolerance_m: float = DEFAULT_TOLERANCE_M
) -> pd.DataFrame:
    """Give each point the finest district it lies in: exactly one, or "" where there is none.

    On a common border, and where polygons of one level overlap, the lowest id counts. A point outside
    every polygon (a simplified coast, a gap between outlines) goes to the nearest finest-level district within
    `tolerance_m`; beyond it the point is outside.

    Parameters
    ----------
    points
        Table with ``lon`` and ``lat`` [degrees, WGS-84], e.g. demand or stations, n rows.
    districts
        Districts after ``coverage.inputs.schema.DISTRICT_COLUMNS``; may be empty.
    tolerance_m
        How far outside a polygon a point may lie [m], 0 for not at all.

    Returns
    -------
    A copy of `points`, same rows and index, with the column ``district_id`` set. The number outside is
    ``(result["district_id"] == "").sum()``.

    Notes
    -----
    O((n + m) log m) with an STR tree over m polygons.
    """
    lon, lat = points["lon"].to_numpy(float), points["lat"].to_numpy(float)
    found = find_districts(
        lon,
        lat,
        ids=districts.index.to_numpy(object),
        levels=districts["level"].to_numpy(object),
        shapes=np.asarray(districts.geometry.to_numpy(), object),
        tolerance_m=tolerance_m,
    )
    answer = points.copy()
    answer["district_id"] = pd.Series(found, index=points.index, dtype=str)
    return answer


def find_districts(
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    *,
    ids: npt.NDArray[np.object_],
    levels: npt.NDArray[np.object_],
    shapes: npt.NDArray[np.object_],
    tolerance_m: float = DEFAULT_TOLERANCE_M,
) -> npt.NDArray[np.object_]:
    """Find the district of each place as `assign_districts` does, from columns instead of a table.

    Parameters
    ----------
    lon, lat
        Places [degrees, WGS-84], shape (n,).
    ids, levels, shapes
        Columns of the districts, in any order, shape (m,).
    tolerance_m
        As for `assign_districts` [m].

    Returns
    -------
    Ids, "" where there is none, shape (n,).
    """
    found = np.full(len(lon), "", dtype=object)
    if not len(ids) or not len(lon):
        return found
    # From the finest level to the coarsest, by id within a level.
    order = np.lexsort((ids.astype(str), -pd.Index(DISTRICT_LEVELS).get_indexer(pd.Index(levels))))
    levels, shapes = levels[order], shapes[order]
    place = _find_containing(shapes, lon, lat)
    missing = place < 0
    if missing.any() and tolerance_m > 0.0:
        place[missing] = _find_nearest(levels, shapes, lon[missing], lat[missing], tolerance_m)
    inside = place >= 0
    found[inside] = ids[order][place[inside]]
    return found


def _find_containing(
    shapes: npt.NDArray[np.object_], lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return the first polygon in order that holds each point (border included), -1 if none."""
    # The tree holds the points, so that each polygon is prepared once for all points near it.
    tree = shapely.STRtree(np.asarray(shapely.points(lon, lat), dtype=object))
    polygon, point = tree.query(shapes, predicate="intersects")
    place = np.full(len(lon), len(shapes), dtype=np.int64)
    np.minimum.at(place, point, polygon)
    return np.where(place == len(shapes), -1, place)


def _find_nearest(
    levels: npt.NDArray[np.object_],
    ordered: npt.NDArray[np.object_],
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    tolerance_m: float,
) -> npt.NDArray[np.int64]:
    """Return the nearest polygon of the finest level within the tolerance, -1 if none."""
    candidates = np.flatnonzero(levels == levels[0])
    shapes = shapely.transform(ordered[candidates], lambda xy: np.column_stack(to_conformal(xy[:, 0], xy[:, 1])))
    places = np.asarray(shapely.points(*to_conformal(lon, lat)), dtype=object)
    reach = tolerance_m * conformal_scale(lat)
    place = np.full(len(lon), -1, dtype=np.int64)
    tree = shapely.STRtree(shapes)
    point, polygon = tree.query(places, predicate="dwithin", distance=reach)
    if len(point):
        away = shapely.distance(places[point], shapes[polygon])
        order = np.lexsort((candidates[polygon], away, point))
        first = np.unique(point[order], return_index=True)[1]
        place[point[order][first]] = candidates[polygon[order][first]]
    return place


def district_at_level(districts: gpd.GeoDataFrame, level: str) -> pd.Series:
    """Find the district of a level above each district (itself included).

    Parameters
    ----------
    districts
        Districts after ``coverage.inputs.schema.DISTRICT_COLUMNS``.
    level
        One of ``coverage.inputs.schema.DISTRICT_LEVELS``.

    Returns
    -------
    Ids of the district of that level, aligned with `districts`, named ``level``; "" where the district
    is coarser or the way up ends before it. Add an entry ``"" → ""`` before mapping demand points.

    Raises
    ------
    InputError
        ``districts.level_unknown`` or ``districts.parent_cycle``.
    """
    if level not in DISTRICT_LEVELS:
        raise InputError("districts.level_unknown", value=level, known=", ".join(DISTRICT_LEVELS))
    parents = {str(one): str(parent) for one, parent in districts["parent_id"].items()}
    levels = {str(one): str(its) for one, its in districts["level"].items()}

    def climb(start: str) -> str:
        here, steps = start, 0
        while here and levels.get(here) != level:
            here, steps = parents.get(here, ""), steps + 1
            if steps > len(parents):
                raise InputError("districts.parent_cycle", value=start)
        return here

    return pd.Series([climb(str(one)) for one in districts.index], index=districts.index, dtype=str, name=level)
