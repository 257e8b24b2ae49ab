"""A generated study of any size on a generated road network: people, stations and districts of four levels."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.generated_network import generate_lines
from coverage.inputs.bilingual_names import Name
from coverage.inputs.study import Study
from coverage.network.contraction import build_network
from coverage.network.settings import AssessmentSettings, SnapSettings
from geodata.intake.read_catalogue import read_catalogue
from geodata.intake.read_speeds import default_speeds_path, read_speeds

_HOURS = ("周一至周五 10:00-14:00,15:30-19:30", "24小时", "每周三下午", "Mo-Fr 09:30-18:00; Sa 10:00-14:00", "")
_ZONES = np.array(["urban", "rural", "pastoral"], object)
# Cells a side of the square: counties, townships, villages; each a part of the one before.
_SIDES = {"county": 3, "township": 15, "village": 75}


def generate_study(nodes: int, people: int, stations: int, *, cutoff_min: float, seed: int = 1) -> Study:
    """Generate a study.

    Parameters
    ----------
    nodes
        Nodes of the road network after contraction.
    people, stations
        Demand points and stations, spread evenly over the square of the roads.
    cutoff_min
        Its threshold [min].
    seed
        The same seed gives the same study.
    """
    random = np.random.default_rng(seed)
    speeds = read_speeds(default_speeds_path("drive"))
    network = build_network(generate_lines(nodes, seed=seed), classes=speeds.classes)
    west, east = float(network.node_lon.min()), float(network.node_lon.max())
    south, north = float(network.node_lat.min()), float(network.node_lat.max())

    def scatter(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        across, up = random.random(count), random.random(count)
        side = _SIDES["village"]
        village = np.floor(up * side).astype(int) * side + np.floor(across * side).astype(int)
        ids = np.array([_name_unit("village", number) for number in range(side * side)], object)[village]
        return west + across * (east - west), south + up * (north - south), ids

    catalogue = read_catalogue()
    lon, lat, district = scatter(people)
    population = random.integers(1, 60, people).astype(float)
    demand = pd.DataFrame(
        {
            "lon": lon,
            "lat": lat,
            "population": population,
            "drivers": np.floor(population * 0.3),
            "aged": np.floor(population * 0.15),
            "district_id": pd.Series(district, dtype=str).to_numpy(),
            "zone": pd.Series(_ZONES[random.integers(0, 3, people)], dtype=str).to_numpy(),
        },
        index=pd.Index([f"d{number}" for number in range(people)], name="demand_id"),
    )
    lon, lat, district = scatter(stations)
    kinds = [catalogue.kinds[number] for number in random.integers(0, len(catalogue.kinds), stations)]
    table = pd.DataFrame(
        {
            "name": [f"point {number}" for number in range(stations)],
            "kind": [kind.id for kind in kinds],
            "level": [kind.level for kind in kinds],
            "services": [kind.services for kind in kinds],
            "hours": [_HOURS[number] for number in random.integers(0, len(_HOURS), stations)],
            "capacity": random.integers(500, 5000, stations).astype(float),
            "status": "existing",
            "operator": "local",
            "code": "",
            "open_date": "",
            "cost": np.nan,
            "lon": lon,
            "lat": lat,
            "district_id": pd.Series(district, dtype=str).to_numpy(),
        },
        index=pd.Index([f"s{number}" for number in range(stations)], name="station_id"),
    )
    return Study(
        id="generated",
        name=Name("生成", "Generated"),
        schematic=True,
        settings=AssessmentSettings(cutoff_min=cutoff_min, snap=SnapSettings()),
        speeds=speeds,
        catalogue=catalogue,
        network=network,
        demand=demand,
        stations=table,
        districts=_build_districts((west, south, east, north)),
        sources=(),
        issues=(),
        rejected=pd.DataFrame(),
        reconciliation=pd.DataFrame(),
        attribution="generated",
        fingerprint=f"generated {nodes} {people} {stations} {seed}",
    )


def _name_unit(level: str, number: int) -> str:
    return f"{level[0]}{number}"


def _build_districts(bounds: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    west, south, east, north = bounds
    parts = [pd.DataFrame({"name": ["all"], "level": "prefecture", "parent_id": ""}, index=["p0"])]
    shapes = [np.array([shapely.box(*bounds)], object)]
    above, above_side = "prefecture", 1
    for level, side in _SIDES.items():
        row, column = np.divmod(np.arange(side * side), side)
        wide, high = (east - west) / side, (north - south) / side
        left, low = west + column * wide, south + row * high
        shapes.append(shapely.box(left, low, left + wide, low + high))
        factor = side // above_side
        parent = row // factor * above_side + column // factor
        ids = [_name_unit(level, number) for number in range(side * side)]
        parents = [_name_unit(above, number) for number in parent.tolist()]
        parts.append(pd.DataFrame({"name": ids, "level": level, "parent_id": parents}, index=ids))
        above, above_side = level, side
    table = pd.concat(parts)
    table["population_official"] = np.nan
    table.index.name = "district_id"
    return gpd.GeoDataFrame(table, geometry=np.concatenate(shapes), crs="EPSG:4326")
