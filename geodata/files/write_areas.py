"""Areas as files: service areas, gaps and routes as GeoJSON (RFC 7946) and GeoPackage, whole or not at all."""

from __future__ import annotations

import contextlib
import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from coverage.access.remedies import POLICE_FAMILY
from coverage.errors import InputError
from coverage.inputs.study import Study
from geodata.files.crs import WGS84
from geodata.files.drivers import assert_safe_drivers
from geodata.files.write_tables import write_bytes

# One centimetre on the ground: finer digits would only make files larger.
_GRID_DEG = 1e-7
_DECIMALS = 7
# Written into each GeoPackage instead of the time of day.
FIXED_DATE = "2000-01-01T00:00:00.000Z"


def to_publication(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table as it is published: WGS-84, seven decimals, valid, outer rings anticlockwise.

    Raises
    ------
    InputError
        ``crs.missing`` if the table does not say in which coordinate system it is.
    """
    if table.crs is None:
        raise InputError("crs.missing", file="areas")
    moved = table if table.crs == WGS84 else table.to_crs(WGS84)
    shapes = np.asarray(moved.geometry.to_numpy(), object)
    rounded = shapely.transform(shapes, lambda degrees: np.round(degrees, _DECIMALS))
    # Rounding may make lines touch; then the areas are laid out anew on the grid of these decimals.
    broken = ~(shapely.is_valid(rounded) | shapely.is_missing(rounded))
    rounded[broken] = shapely.set_precision(shapes[broken], _GRID_DEG)
    oriented = shapely.orient_polygons(rounded)
    return moved.set_geometry(gpd.GeoSeries(oriented, index=moved.index, crs=WGS84))


def write_geojson(path: Path, table: gpd.GeoDataFrame, *, members: Mapping[str, object] | None = None) -> Path:
    """Write a table as GeoJSON after RFC 7946.

    Parameters
    ----------
    path
        The file; its folder is made if need be.
    table
        Rows with a geometry; the index is written as a property if it has a name. NaN and infinite
        numbers become null, as does an empty geometry.
    members
        Further members of the collection, e.g. ``schematic`` and ``attribution``.

    Returns
    -------
    The file written.
    """
    ready = to_publication(table)
    shapes = ready.geometry.to_numpy()
    plain = pd.DataFrame(ready.drop(columns=ready.geometry.name))
    plain = plain.reset_index() if table.index.name else plain
    names = [str(name) for name in plain.columns]
    rows = zip(*(_list_plain(plain[name]) for name in plain.columns), strict=True) if names else [()] * len(plain)
    features = [
        f'{{"type": "Feature", "properties": {_to_json(dict(zip(names, row, strict=True)))}, "geometry": {geometry}}}'
        for row, geometry in zip(rows, _spell_geometries(shapes), strict=True)
    ]
    head = {str(key): _to_plain(value) for key, value in (members or {}).items()}
    lines = ",\n".join(features)
    opening = _to_json({"type": "FeatureCollection", **head})
    write_bytes(path, f'{opening[:-1]}, "features": [\n{lines}\n]}}\n'.encode())
    return path


def _list_plain(column: pd.Series) -> list[Any]:
    return [value if type(value) is str else _to_plain(value) for value in column.tolist()]


def _to_plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if value is pd.NA or value is pd.NaT else value


_to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _spell_geometries(shapes: npt.NDArray[np.object_]) -> list[str]:
    """Write shapes as GeoJSON, all of them in a few calls: a call for each of thousands of points takes far longer."""
    rounded = shapely.transform(np.asarray(shapes, object), lambda degrees: np.round(degrees, _DECIMALS))
    is_absent = shapely.is_missing(rounded) | shapely.is_empty(rounded)
    spelled = np.full(len(rounded), "null", object)
    spelled[~is_absent] = shapely.to_geojson(rounded[~is_absent])
    return [str(text) for text in spelled]


def write_geopackage(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    titles: Mapping[str, str] | None = None,
    finish: Callable[[Path], None] | None = None,
) -> Path:
    """Write tables as the layers of one GeoPackage.

    Parameters
    ----------
    path
        The file; a file of that name is replaced as a whole.
    layers
        Tables by the name of their layer; the index is written if it has a name.
    titles
        What people call a layer, by its name.
    finish
        Adds what is not a layer, before the file appears.

    Returns
    -------
    The file written. It carries a fixed date instead of the time of day: equal layers give equal bytes.

    Raises
    ------
    InputError
        ``areas.no_layer`` without a layer.
    """
    import pyogrio

    if not layers:
        raise InputError("areas.no_layer", file=path.name)
    assert_safe_drivers()
    with tempfile.TemporaryDirectory(prefix="areas-") as folder:
        part = Path(folder) / "areas.gpkg"
        for name, table in layers.items():
            ready = to_publication(table)
            ready = ready.reset_index() if table.index.name else ready
            kind = _find_layer_type(ready)
            options = {"IDENTIFIER": titles[name]} if titles and name in titles else {}
            with fixed_date():
                pyogrio.write_dataframe(
                    ready, part, layer=name, driver="GPKG", geometry_type=kind, promote_to_multi=kind != "Point",
                    append=part.exists(), layer_options=options,
                )  # fmt: skip
        if finish is not None:
            finish(part)
        write_bytes(path, part.read_bytes())
    return path


@contextlib.contextmanager
def fixed_date() -> Iterator[None]:
    """Let GDAL write `FIXED_DATE` instead of the time of day meanwhile, so that equal layers give equal bytes."""
    import pyogrio

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _find_layer_type(table: gpd.GeoDataFrame) -> str:
    found = set(table.geom_type.dropna())
    if found == {"Point"}:
        return "Point"
    kinds = {str(kind).removeprefix("Multi") for kind in found}
    return f"Multi{kinds.pop()}" if len(kinds) == 1 and kinds <= {"Point", "LineString", "Polygon"} else "Unknown"


def hide_police_places(gaps: gpd.GeoDataFrame, study: Study) -> gpd.GeoDataFrame:
    """Take the exact position of police places out of a table of gaps; the id of the place stays."""
    concerned = gaps["remedy_station_id"].isin(_list_police_places(study))
    return gaps.assign(
        remedy_lon=gaps["remedy_lon"].mask(concerned, np.nan), remedy_lat=gaps["remedy_lat"].mask(concerned, np.nan)
    )


def leave_out_police(station_areas: gpd.GeoDataFrame, study: Study) -> gpd.GeoDataFrame:
    """Leave the areas of police places out: each lies round its station, whose position it would give away."""
    return station_areas[~station_areas["station_id"].isin(_list_police_places(study))]


def _list_police_places(study: Study) -> pd.Index:
    police = {kind.id for kind in study.catalogue.kinds if kind.family == POLICE_FAMILY}
    return study.stations.index[study.stations["kind"].isin(police)]
