"""Writing vector layers: equal tables give equal bytes, whatever the time of day."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataSourceError, FeatureError

from coverage.errors import InputError
from geodata.files.own_files import note_own_file
from geodata.files.write_areas import fixed_date


def write_gpkg(path: Path, table: gpd.GeoDataFrame, layer: str) -> None:
    """Write one layer as a GeoPackage; an existing file is replaced.

    Parameters
    ----------
    path
        The file.
    table
        The layer; its index is written if it has a name.
    layer
        Name of the layer in the file.

    Raises
    ------
    InputError
        ``file.cannot_write`` if the disk refuses.
    """
    shown = table.reset_index() if table.index.name else table
    try:
        path.unlink(missing_ok=True)
        with fixed_date():
            pyogrio.write_dataframe(shown, path, layer=layer, driver="GPKG", promote_to_multi=False)
    except (OSError, DataSourceError, FeatureError) as error:
        raise InputError("file.cannot_write", file=str(path), reason=str(error)[:200]) from error
    note_own_file(path)
