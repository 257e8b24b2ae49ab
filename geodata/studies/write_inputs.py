"""Writes the small inputs that are edited on screen: zones of districts, closed roads, targets of a plan."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from coverage.inputs.schema import WHOLE_STUDY
from coverage.inputs.targets import Target
from coverage.network.closures import Closure
from geodata.files.write_tables import encode_csv


def encode_zones(named: Mapping[str, str]) -> bytes:
    """Encode which district is which zone as CSV: ``district_id, zone``."""
    return encode_csv(pd.DataFrame({"district_id": list(named), "zone": list(named.values())}, dtype=str))


def encode_zone_areas(areas: gpd.GeoDataFrame) -> bytes:
    """Encode areas of zones as GeoJSON in WGS-84."""
    return (areas[["zone", "geometry"]].to_json(drop_id=True) + "\n").encode()


def encode_closures(closures: tuple[Closure, ...]) -> bytes:
    """Encode closed roads as GeoJSON in WGS-84: points, lines and areas with their names."""
    features = [{"type": "Feature", "properties": {"name": one.name}, "geometry": _draw(one)} for one in closures]
    content = {"type": "FeatureCollection", "features": features}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _draw(closure: Closure) -> dict[str, object]:
    places = [list(place) for place in closure.coordinates]
    if len(places) == 1:
        return {"type": "Point", "coordinates": places[0]}
    if closure.is_area:
        return {"type": "Polygon", "coordinates": [places]}
    return {"type": "LineString", "coordinates": places}


def encode_targets(targets: tuple[Target, ...]) -> bytes:
    """Encode targets as CSV, one row each, in the columns that `geodata.intake.read_targets` reads."""
    rows = [
        {
            "code": one.code,
            "unit_level": one.unit_level or WHOLE_STUDY,
            "unit_id": one.unit_id,
            "base_value": one.base_value if math.isfinite(one.base_value) else None,
            "base_year": str(one.base_year or ""),
            "target_value": one.target_value,
            "target_year": one.target_year,
        }
        for one in targets
    ]
    return encode_csv(pd.DataFrame(rows).astype({"base_value": float}))
