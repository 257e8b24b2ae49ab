"""What if: one station added, moved or closed, updated and searched anew, on a generated study.

“Update” is what a screen does after a click: apply the edit to the study, join the station to the roads, search what
it changes, and take minima. “Anew” is everything a fresh start would do for the same answer: nearest stations of
everybody, and the matrix of all stations up to the limit; the update needs no matrix. Both are timed by the
processor's clock; answers are compared to the bit with the nearest stations searched anew.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.generated_study import generate_study
from benchmarks.measure import format_s, judge, measure, print_machine, print_table, read_peak_mb
from coverage.access.assessment import find_nearest
from coverage.inputs.stations import StationChoice
from coverage.network.closures import Closure
from coverage.network.model import FloatArray
from coverage.scenario.apply_edits import apply_edits
from coverage.scenario.edited_basis import change_roads, change_stations
from coverage.scenario.edits import AddStation, CloseRoads, CloseStation, Edit, MoveStation, SetThreshold, SlowRoads
from coverage.scenario.updated_times import ScenarioTimes
from coverage.travel.reach import compute_reach
from coverage.travel.travel_basis import TravelBasis, build_travel_basis, change_basis

_TARGET_MS, _TARGET_RATIO, _TARGET_ROADS_S = 50.0, 100.0, 30.0


def run(nodes: int, people: int, stations: int, limit_min: float, edits: int) -> None:
    """Generate a study, edit one station at a time, and print the table."""
    study = generate_study(nodes, people, stations, cutoff_min=30.0)
    basis = build_travel_basis(study)
    choice = StationChoice()
    random = np.random.default_rng(2)
    lon, lat = (study.demand[name].to_numpy(float) for name in ("lon", "lat"))
    prepared = measure(lambda: ScenarioTimes(basis), clock=time.process_time)
    times = prepared.value
    first = measure(lambda: times.find_nearest(basis, choice), clock=time.process_time)
    spots = random.integers(0, people, edits * 2)
    rows = random.permutation(stations)[: edits * 2]
    cases: dict[str, list[Edit]] = {
        "add": [AddStation(f"n{one}", lon[one], lat[one], "legal_station") for one in spots[:edits].tolist()],
        "move": [
            MoveStation(f"s{row}", lon[one], lat[one])
            for row, one in zip(rows[:edits].tolist(), spots[edits:].tolist(), strict=True)
        ],
        "close": [CloseStation(f"s{row}") for row in rows[edits:].tolist()],
    }

    def update(edit: Edit) -> Callable[[], object]:
        return lambda: times.find_nearest(change_stations(basis, apply_edits(study, (edit,))), choice)

    update(CloseStation("s0"))()
    spent = {name: [measure(update(edit), clock=time.process_time).median_s for edit in cases[name]] for name in cases}
    walls = [
        measure(update(AddStation(f"w{one}", lon[one], lat[one], "legal_station"))).median_s
        for one in spots[:edits] + 1
    ]
    nearest = measure(lambda: find_nearest(basis, choice), 3, clock=time.process_time).median_s
    matrix = measure(lambda: _build_matrix(basis, limit_min), clock=time.process_time).median_s
    shut = Closure("", ((lon[0] - 0.01, lat[0]), (lon[0] + 0.01, lat[0])))
    everywhere: dict[str, Callable[[], TravelBasis]] = {
        "a road closed": lambda: change_roads(basis, apply_edits(study, (CloseRoads(shut),))),
        "all roads slowed": lambda: change_roads(basis, apply_edits(study, (SlowRoads(_find_area(lon, lat), 0.5),))),
        "another season": lambda: change_basis(basis, season="winter"),
        "a threshold of 240 min": lambda: change_stations(basis, apply_edits(study, (SetThreshold(240.0),))),
    }
    spent_roads = {
        name: measure(_answer_anew(make, choice), clock=time.process_time).median_s for name, make in everywhere.items()
    }
    for name, each in cases.items():
        for edit in each[:2]:
            after = change_stations(basis, apply_edits(study, (edit,)))
            found, full = times.find_nearest(after, choice)[0], find_nearest(after, choice)[0]
            same = found.minutes.tobytes() == full.minutes.tobytes() and np.array_equal(found.station, full.station)
            if not same:
                raise SystemExit(f"{name}: {edit} differs from the full search")
    anew = nearest + matrix
    lines = []
    for name, seconds in spent.items():
        median = statistics.median(seconds)
        lines.append(
            (
                name,
                f"{median * 1000:.1f}",
                judge(median * 1000, _TARGET_MS, at_least=False),
                f"{max(seconds) * 1000:.1f}",
                f"{anew / median:,.0f}×",
                judge(anew / median, _TARGET_RATIO, at_least=True),
            )
        )
    print_table(
        f"{nodes:,} nodes, {people:,} demand points, {stations:,} stations; matrix up to {limit_min:g} min; "
        f"{edits} edits of each kind, processor time",
        ("edit", "median ms", "target", "largest ms", "anew / update", "target"),
        lines,
    )
    print_table(
        "edits that touch every station: the basis, what is searched once for further edits, and the first answer",
        ("edit", "s", "target"),
        [(name, format_s(each), judge(each, _TARGET_ROADS_S, at_least=False)) for name, each in spent_roads.items()],
    )
    print(f"\nanew: nearest {format_s(nearest)} s + matrix {format_s(matrix)} s = {format_s(anew)} s")
    once = f"prepared once before the first edit: {format_s(prepared.median_s)} s"
    print(f"{once}; first answer {format_s(first.median_s)} s")
    print(f"add by the wall clock of this machine: median {statistics.median(walls) * 1000:.1f} ms")
    print(f"answers equal the full search to the bit; peak memory {read_peak_mb():,.0f} MB")


def _answer_anew(make: Callable[[], TravelBasis], choice: StationChoice) -> Callable[[], object]:
    """Return what makes a basis, prepares it for further edits, and answers for the first time."""

    def answer() -> object:
        changed = make()
        return ScenarioTimes(changed).find_nearest(changed, choice)

    return answer


def _find_area(lon: FloatArray, lat: FloatArray) -> Closure:
    """Return the box around all people as an area of roads."""
    west, south, east, north = lon.min(), lat.min(), lon.max(), lat.max()
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return Closure("", tuple((float(x), float(y)) for x, y in corners))


def _build_matrix(basis: TravelBasis, limit_min: float) -> int:
    """Search every station up to a limit, in blocks that fit the memory; return the number of blocks."""
    budget = basis.study.settings.memory_budget_mb
    blocks = compute_reach(basis.timed, basis.demand, basis.stations, limit_min=limit_min, memory_budget_mb=budget)
    return sum(1 for _ in blocks)


def main() -> None:
    """Run at the sizes of the target or others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=500_000)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--stations", type=int, default=2_000)
    parser.add_argument("--limit", type=float, default=60.0, help="of the matrix [min]")
    parser.add_argument("--edits", type=int, default=15, help="edits of each kind")
    arguments = parser.parse_args()
    print_machine()
    run(arguments.nodes, arguments.people, arguments.stations, arguments.limit, arguments.edits)


if __name__ == "__main__":
    main()
