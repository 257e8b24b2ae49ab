"""A study whose roads are a grid of three classes, and trips in it whose minutes known factors make."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.inputs.study import Study
from coverage.network.calibration import apply_factors
from coverage.travel.matrix import compute_matrix
from coverage.travel.snapping import build_snap_index
from coverage.travel.travel_time import build_timed_network
from geodata.studies.open_study import open_study

WEST, SOUTH, STEP, SIDE = 87.3, 43.7, 0.03, 6
CLASSES = ("primary", "tertiary", "unclassified")
TRUE = np.array([1.0, 0.75, 1.15, 0.9, 1.0])
STUDY = """format = 1
id = "grid"
[inputs]
roads = "roads.geojson"
population = "population.csv"
stations = "stations.csv"
[speeds]
province = "CN-XJ"
"""


@dataclass(frozen=True, slots=True)
class Grid:
    """A study whose roads are a grid of three classes, and its places."""

    path: Path
    places: pd.DataFrame

    def open(self) -> Study:
        """Open the study as it is now."""
        return open_study(self.path)


def _line(begin: tuple[float, float], end: tuple[float, float], highway: str) -> dict[str, object]:
    return {"type": "Feature", "properties": {"highway": highway},
            "geometry": {"type": "LineString", "coordinates": [begin, end]}}  # fmt: skip


def write_grid(folder: Path, *, side: int = SIDE, classes: tuple[str, str, str] = CLASSES) -> Grid:
    """Write the study: a place at every crossing, two of them with a station."""
    folder.mkdir()
    at = [[(WEST + STEP * x, SOUTH + STEP * y) for y in range(side)] for x in range(side)]
    roads = []
    for n in range(side):
        for k in range(side - 1):
            roads.append(_line(at[k][n], at[k + 1][n], classes[n % 3]))
            roads.append(_line(at[n][k], at[n][k + 1], classes[(n + 1) % 3]))
    (folder / "roads.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": roads}))
    places = pd.DataFrame(
        [(f"P{x:x}{y:x}", *at[x][y], 10) for x in range(side) for y in range(side)],
        columns=["demand_id", "lon", "lat", "population"],
    )
    places.to_csv(folder / "population.csv", index=False)
    (folder / "stations.csv").write_text(
        "station_id,name,kind,level,services,status,lon,lat\n"
        f"S1,甲站,legal_station,township,mediation,existing,{at[0][0][0]},{at[0][0][1]}\n"
        f"S2,乙站,legal_station,township,mediation,existing,{at[5][4][0]},{at[5][4][1]}\n",
        encoding="utf-8",
    )
    (folder / "study.toml").write_text(STUDY)
    return Grid(folder / "study.toml", places.set_index("demand_id"))


def time_trips(grid: Grid, count: int = 20) -> pd.DataFrame:
    """Return trips between places with the minutes that the true factors make."""
    study = grid.open()
    assert study.network is not None
    snap = study.settings.snap
    timed = build_timed_network(study.network, apply_factors(study.speeds, TRUE))
    rng = np.random.default_rng(3)
    start, end = np.array([rng.choice(len(grid.places), 2, replace=False) for _ in range(count)]).T
    ends = [(grid.places["lon"].to_numpy()[rows], grid.places["lat"].to_numpy()[rows]) for rows in (start, end)]
    minutes = np.diag(compute_matrix(timed, build_snap_index(study.network, snap), snap, *ends))
    return pd.DataFrame({"from": grid.places.index[start], "to": grid.places.index[end], "minutes": minutes})
