"""Travel times against independent engines: prints the tables of docs/accuracy.md.

``python -m benchmarks.accuracy`` compares car times with those of OSRM at that engine's own class speeds, walking
times with the kilometres of Valhalla's pedestrian routes at our walking speed, and cycling times with the length of
our own quickest way at our cycling speed.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import DEFAULT_ROADS
from coverage.network.contraction import build_network
from coverage.network.settings import Mode, SnapSettings
from coverage.network.speeds import SpeedTable
from coverage.travel.matrix import compute_matrix
from coverage.travel.snapping import build_snap_index
from coverage.travel.travel_time import build_timed_network
from coverage.units import is_within
from geodata.intake.read_speeds import default_speeds_path, read_speeds
from geodata.roads.read_osm import read_osm

CAR_CITIES: tuple[str, ...] = ("andorra", "almaty", "comoros")
WALK_CITIES: tuple[str, ...] = ("andorra", "almaty")
WALK_KPH, CYCLE_KPH = 4.5, 15.0  # our speed on an ordinary street
# The places are road junctions; some lie on motorways, where the other engine starts too.
_SNAP = SnapSettings(motorway_within_m=1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Minutes of the pairs between 60 junctions of an extract, ours and theirs, shape (pairs,)."""

    ours: np.ndarray
    theirs: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """Return the absolute difference as a share of their time, shape (pairs,)."""
        return np.abs(self.ours - self.theirs) / self.theirs

    @property
    def median_ratio(self) -> float:
        """Return the median of our time over theirs."""
        return float(np.median(self.ours / self.theirs))

    def find_agreement(self, cutoff_min: float) -> float:
        """Return the share of pairs of which both say the same: within a threshold [min], or not."""
        return float((is_within(self.ours, cutoff_min) == is_within(self.theirs, cutoff_min)).mean())


def compare_car(data: Path, city: str) -> Comparison:
    """Compare car times with OSRM's, at the class speeds and delays of that engine."""
    speeds = read_speeds(data / "truth" / "speeds_osrm_car.toml")
    return _compare(data, city, "drive", speeds, f"{city}_osrm.csv", lambda known: known["seconds"] / 60.0)


def compare_walk(data: Path, city: str) -> Comparison:
    """Compare walking times with the kilometres of Valhalla's routes at `WALK_KPH`."""
    speeds = read_speeds(default_speeds_path("walk"))
    return _compare(data, city, "walk", speeds, f"{city}_pedestrian.csv", lambda known: known["km"] * 60.0 / WALK_KPH)


def compare_cycle(data: Path, city: str) -> Comparison:
    """Compare cycling times with the length of the shortest way for bicycles at `CYCLE_KPH`, no waits."""
    speeds = read_speeds(default_speeds_path("cycle"))
    even = SpeedTable("even", tuple((name, CYCLE_KPH) for name in sorted(speeds.classes)))
    ours, theirs = _compute_minutes(data, city, "cycle", speeds, even)
    apart = ~np.eye(len(ours), dtype=bool)
    return Comparison(ours[apart], theirs[apart])


def _compare(data: Path, city: str, mode: Mode, speeds: SpeedTable, name: str, to_minutes) -> Comparison:
    (minutes,) = _compute_minutes(data, city, mode, speeds)
    known = pd.read_csv(data / "truth" / name)
    ids = _read_points(data, city).index
    rows, columns = (ids.get_indexer(known[f"{end}_id"]) for end in ("origin", "destination"))
    return Comparison(minutes[rows, columns], to_minutes(known).to_numpy(float))


def _read_points(data: Path, city: str) -> pd.DataFrame:
    return pd.read_csv(data / "truth" / f"{city}_points.csv").set_index("id")


def _compute_minutes(data: Path, city: str, mode: Mode, *tables: SpeedTable) -> list[np.ndarray]:
    """Compute the minutes between all points of an extract at each of the tables, shape (60, 60)."""
    lines, _ = read_osm(data / "roads" / f"{city}.osm.pbf", mode)
    network = build_network(lines, classes=tables[0].classes)
    index = build_snap_index(network, _SNAP)
    points = _read_points(data, city)
    places = points["lon"].to_numpy(float), points["lat"].to_numpy(float)
    return [
        compute_matrix(build_timed_network(network, table), index, _SNAP, places, places).astype(float)
        for table in tables
    ]


def _print_car(data: Path) -> None:
    print("| extract | pairs answered | median \\|error\\| | 95th percentile | “within 15 min” | “within 30 min” |")
    print("|---|---|---|---|---|---|")
    for city in CAR_CITIES:
        found = compare_car(data, city)
        error = found.error
        answered = f"{int(np.isfinite(found.ours).sum()):,} of {len(error):,}"
        print(
            f"| {city} | {answered} | {np.median(error):.2%} | {np.quantile(error, 0.95):.2%} "
            f"| {found.find_agreement(15.0):.2%} | {found.find_agreement(30.0):.2%} |"
        )


def _print_ratios(data: Path) -> None:
    print(
        "| mode | extract | pairs answered | median ratio | 5th–95th percentile | “within 15 min” | “within 30 min” |"
    )
    print("|---|---|---|---|---|---|---|")
    for mode, compare in (("walking", compare_walk), ("cycling", compare_cycle)):
        for city in WALK_CITIES:
            found = compare(data, city)
            low, high = np.quantile(found.ours / found.theirs, (0.05, 0.95))
            answered = f"{int(np.isfinite(found.ours).sum()):,} of {len(found.ours):,}"
            print(
                f"| {mode} | {city} | {answered} | {found.median_ratio:.3f} | {low:.2f}–{high:.2f} "
                f"| {found.find_agreement(15.0):.2%} | {found.find_agreement(30.0):.2%} |"
            )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEFAULT_ROADS.parent, help="folder with roads/ and truth/")
    data = parser.parse_args().data
    _print_car(data)
    print()
    _print_ratios(data)


if __name__ == "__main__":
    main()
