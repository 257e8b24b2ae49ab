"""Places of a list that lie far from the area of a study: another province, or a wrong position."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from coverage.errors import DataIssue
from coverage.network.model import BoolArray
from coverage.units import FloatArray

_KM_PER_DEGREE = 111.2
_MOST_NAMED = 5


def find_far(lon: FloatArray, lat: FloatArray, districts: gpd.GeoDataFrame, margin_km: float) -> BoolArray:
    """Mark the places beyond a margin [km] of the box of the districts, shape (n,); none without districts."""
    if districts.empty:
        return np.zeros(len(lon), bool)
    west, south, east, north = (float(value) for value in districts.total_bounds)
    up = margin_km / _KM_PER_DEGREE
    across = up / max(math.cos(math.radians((south + north) / 2.0)), 0.01)
    far: BoolArray = (lon < west - across) | (lon > east + across) | (lat < south - up) | (lat > north + up)
    return far


def name_far(
    code: str, source: str, names: Sequence[str], rows: tuple[int, ...], margin_km: float
) -> tuple[DataIssue, ...]:
    """Return a finding that names places far away, none for no names."""
    if not names:
        return ()
    value = ", ".join(names[:_MOST_NAMED])[:200]
    return (DataIssue(code, "warning", source, len(names), rows, value=value, facts=(("km", margin_km),)),)
