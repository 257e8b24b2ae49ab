"""Car speeds side by side: assumed, default, measured and calibrated; prints a table of docs/accuracy.md.

``python -m benchmarks.accuracy_speeds`` times all ways between 60 places of an extract at each table. The calibrated
table is the default fitted to 30 of these ways, whose known minutes are those of the bare averages times a random
error of a tenth: it shows what a calibration makes of trips, not what the trips would say there.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import DEFAULT_ROADS
from coverage.access.assessment import assess
from coverage.inputs.schema import LoadedTable
from coverage.inputs.stations import StationChoice
from coverage.inputs.study import Study
from coverage.network.speeds import SpeedTable
from coverage.travel.matrix import compute_matrix
from coverage.travel.snapping import build_snap_index
from coverage.travel.travel_basis import build_travel_basis, change_basis
from coverage.travel.travel_time import build_timed_network
from coverage.units import is_within
from geodata.answers.run_calibration import run_calibration
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.studies.demo import demo_folder
from geodata.studies.open_study import open_study

# Extract, and whose averages.
CITIES: tuple[tuple[str, str], ...] = (
    ("almaty.osm.pbf", "KZ-ALA"),
    ("comoros.osm.pbf", "CN"),
    ("shenzhen.osm", "CN-GD"),
)
_PLACES, _TRIPS, _ERROR, _SEED = 60, 30, 0.1, 1
_CUTOFF_MIN = 30.0
_STUDY = """format = 1
id = "{name}"
[inputs]
roads = "{roads}"
population = "places.csv"
stations = "stations.csv"
[speeds]
province = "{province}"
"""


def open_city(folder: Path, data: Path, roads: str, province: str) -> Study:
    """Write a study of 60 places of an extract, each with one person, and open it."""
    shutil.copy(data / "roads" / roads, folder / roads)
    name = roads.partition(".")[0]
    known = data / "truth" / f"{name}_points.csv"
    points = pd.read_csv(known) if known.is_file() else _choose_places(folder / roads, folder, province)
    points.rename(columns={"id": "demand_id"}).assign(population=1).to_csv(folder / "places.csv", index=False)
    station = points.iloc[[0]].assign(station_id="S", name="S", kind="legal_station", status="existing")
    station.drop(columns="id").to_csv(folder / "stations.csv", index=False)
    (folder / "study.toml").write_text(_STUDY.format(name=name, roads=roads, province=province))
    return open_study(folder)


def _choose_places(roads: Path, folder: Path, province: str) -> pd.DataFrame:
    """Choose vertices of a network at random, where the reference data name none."""
    (folder / "places.csv").write_text("demand_id,lon,lat,population\na,0,0.1,1\n")
    (folder / "stations.csv").write_text("station_id,name,kind,lon,lat\nS,S,legal_station,0,0.1\n")
    (folder / "study.toml").write_text(_STUDY.format(name="x", roads=roads.name, province=province))
    network = open_study(folder).network
    if network is None:
        raise ValueError(roads)
    rows = np.random.default_rng(_SEED).choice(len(network.vertex_lon), _PLACES, replace=False)
    return pd.DataFrame({"id": rows, "lon": network.vertex_lon[rows], "lat": network.vertex_lat[rows]})


def calibrate_to_measured(study: Study, minutes: np.ndarray) -> SpeedTable:
    """Fit the study's speeds to 30 of the ways between its places, timed at ``minutes`` (n, n) with an error."""
    rng = np.random.default_rng(_SEED)
    start, end = np.nonzero(np.isfinite(minutes) & (minutes > 3.0))
    chosen = rng.choice(len(start), _TRIPS, replace=False)
    places = study.demand[["lon", "lat"]]
    trips = pd.DataFrame({"minutes": minutes[start[chosen], end[chosen]] * rng.lognormal(0.0, _ERROR, _TRIPS)})
    for name, rows in (("from", start[chosen]), ("to", end[chosen])):
        trips[name] = places.index[rows]
        trips[f"{name}_lon"], trips[f"{name}_lat"] = places["lon"].to_numpy()[rows], places["lat"].to_numpy()[rows]
    trips = trips.assign(season="summer").set_axis(pd.RangeIndex(2, _TRIPS + 2))
    return run_calibration(study, LoadedTable(trips, pd.DataFrame(), _TRIPS, _TRIPS, ())).fit.table


def _list_tables(study: Study) -> dict[str, SpeedTable]:
    if study.speed_bounds is None:
        raise ValueError("speeds of the study's own")
    return {
        "assumed": read_speeds(default_speeds_path("drive")),
        "default": study.speeds,
        "measured": study.speed_bounds.slow,
    }


def compare_city(study: Study) -> dict[str, tuple[float, float]]:
    """Compare the tables: median time over that of the averages, and share of pairs within 30 minutes."""
    if study.network is None:
        raise ValueError("no roads")
    snap, network = study.settings.snap, study.network
    index = build_snap_index(network, snap)
    places = study.demand["lon"].to_numpy(float), study.demand["lat"].to_numpy(float)
    tables = _list_tables(study)

    def time(table: SpeedTable) -> np.ndarray:
        return compute_matrix(build_timed_network(network, table), index, snap, places, places).astype(float)

    minutes = {name: time(table) for name, table in tables.items()}
    minutes["calibrated"] = time(calibrate_to_measured(study, minutes["measured"]))
    apart = np.isfinite(minutes["measured"]) & (minutes["measured"] > 0) & ~np.eye(len(places[0]), dtype=bool)
    return {
        name: (
            float(np.median(one[apart] / minutes["measured"][apart])),
            float(is_within(one[apart], _CUTOFF_MIN).mean()),
        )
        for name, one in minutes.items()
    }


def compare_demo() -> dict[str, float]:
    """Compare the share of people of the demo within 30 minutes of a township's legal station, by table."""
    study = open_study(demo_folder())
    basis, choice = build_travel_basis(study), StationChoice(family="legal", level="township")
    tables = _list_tables(study)
    homes = study.demand.sample(_PLACES, weights="population", random_state=_SEED)
    slow = build_timed_network(basis.timed.network, tables["measured"])
    ends = homes["lon"].to_numpy(float), homes["lat"].to_numpy(float)
    minutes = compute_matrix(slow, basis.snap_index, study.settings.snap, ends, ends).astype(float)
    tables["calibrated"] = calibrate_to_measured(replace(study, demand=homes), minutes)
    return {
        name: assess(change_basis(basis, speeds=table), choice, cutoff_min=_CUTOFF_MIN).totals.share_covered
        for name, table in tables.items()
    }


def main() -> None:
    """Print the table."""
    data = DEFAULT_ROADS.parent
    print("| extract | averages of | assumed | default | measured | calibrated |")
    print("|---|---|---|---|---|---|")
    for roads, province in CITIES:
        with tempfile.TemporaryDirectory() as made:
            found = compare_city(open_city(Path(made), data, roads, province))
        cells = " | ".join(f"{found[name][0]:.2f} · {found[name][1]:.1%}" for name in found)
        print(f"| {roads} | {province} | {cells} |", flush=True)
    demo = compare_demo()
    print(f"| demo | CN-XJ | {' | '.join(f'{share:.1%}' for share in demo.values())} |")


if __name__ == "__main__":
    main()
