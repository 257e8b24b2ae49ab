"""What a user waits for on a large study: another threshold, another service, all indicators.

A generated study of 500,000 demand points and 5,000 stations on a generated road network. The steps are
those of the screens, without the browser: a threshold only re-bins the times that are there; a service
is one search for the people and one for the picture. Peer: the same question answered from nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.generated_study import generate_study
from benchmarks.measure import format_s, judge, measure, print_machine, print_table, read_peak_mb
from coverage.access.assessment import Assessment, assess, find_nearest, find_reach
from coverage.access.gaps import find_gaps
from coverage.access.headline_range import compute_range
from coverage.access.indicator_table import IndicatorExtras, compute_indicators
from coverage.access.reachable_hours import compute_weekly_hours_of_blocks
from coverage.access.rebin import change_cutoff
from coverage.access.sensitivity import compute_headline_variants
from coverage.inputs.hours import tabulate_open_slots
from coverage.inputs.read_hours import read_hours
from coverage.inputs.stations import StationChoice, select_stations
from coverage.travel.reach import count_within
from coverage.travel.time_field import build_grid, compute_time_field, join_grid
from coverage.travel.travel_basis import build_travel_basis, change_basis
from coverage.travel.travel_time import search_stations
from geodata.maps.bands import classify_cells, draw_bands
from geodata.maps.palette import classify_minutes

_CELLS = 600_000
_TARGET_CHANGE_S, _TARGET_INDICATORS_S, _TARGET_SEARCHES_S = 1.0, 5.0, 30.0


def run(nodes: int, people: int, stations: int, cutoff_min: float, repeats: int) -> None:
    """Generate the study, take every step, print what each took."""
    rows: list[tuple[object, ...]] = []

    def note(what: str, seconds: float, target: float | None = None) -> None:
        verdict = "" if target is None else judge(seconds, target, at_least=False)
        rows.append((what, format_s(seconds), verdict, f"{read_peak_mb():,.0f}"))

    made = measure(lambda: generate_study(nodes, people, stations, cutoff_min=cutoff_min))
    study = made.value
    note("generate the study", made.median_s)
    joined = measure(lambda: build_travel_basis(study))
    basis = joined.value
    note("join people and stations to the roads, once", joined.median_s)
    grid = build_grid(tuple(study.districts.total_bounds.tolist()), cells=_CELLS)
    everywhere = np.ones(grid.rows * grid.columns, bool)
    placed = measure(lambda: join_grid(basis, grid, everywhere))
    places = placed.value
    note(f"join the {grid.rows * grid.columns:,} cells of the picture to the roads, once", placed.median_s)
    any_station = StationChoice()

    def picture(minutes: np.ndarray, connected: np.ndarray, cutoff: float) -> int:
        shape = everywhere.reshape(minutes.shape)
        return len(draw_bands(classify_cells(minutes, connected, shape, cutoff)))

    def show(answer: Assessment) -> None:
        band = classify_minutes(answer.demand["minutes"].to_numpy(np.float32), answer.cutoffs_min)
        np.bincount(band, weights=answer.demand["weight"].to_numpy(float))
        find_gaps(answer)

    def ask(choice: StationChoice) -> Assessment:
        chosen = np.flatnonzero(select_stations(study.stations, study.catalogue, choice)).astype(np.int32)
        searched = search_stations(basis.timed, basis.stations.subset(chosen.astype(np.intp)))
        answer = assess(basis, choice, searched=searched)
        show(answer)
        picture(*compute_time_field(basis, places, chosen, searched=searched), cutoff_min)
        return answer

    first = ask(any_station)
    chosen = np.arange(stations, dtype=np.int32)
    field = compute_time_field(basis, places, chosen)
    wanted = iter(np.linspace(cutoff_min * 0.4, cutoff_min * 2.0, repeats))

    def slide() -> None:
        cutoff = float(next(wanted))
        show(change_cutoff(first, cutoff))
        picture(*field, cutoff)

    note("SLIDER: another threshold, numbers and picture", measure(slide, repeats).median_s, _TARGET_CHANGE_S)
    services = iter(study.catalogue.items[:repeats])
    asked = measure(lambda: ask(StationChoice(service=next(services).id)), repeats)
    note("SERVICE: another item, numbers and picture", asked.median_s, _TARGET_CHANGE_S)

    reached = measure(lambda: find_reach(basis, cutoff_min))
    reach = reached.value
    count = count_within(reach, people, cutoff_min)
    note(
        f"times to all stations, once ({count.mean():.0f} within reach in the mean, at most {count.max()})",
        reached.median_s,
    )
    all_of_them = measure(lambda: compute_indicators(basis, first, reach=reach))
    note("ALL INDICATORS of four levels", all_of_them.median_s, _TARGET_INDICATORS_S)

    def slow_ones() -> None:
        slots = tabulate_open_slots(list(read_hours(study.stations["hours"])[0]))
        weekly = compute_weekly_hours_of_blocks(reach, people, cutoff_min, slots)
        winter = find_nearest(change_basis(basis, season="winter"), any_station)[0].minutes
        variants = compute_headline_variants(basis, any_station, first.cutoffs_min)
        extras = IndicatorExtras(
            weekly_hours=weekly,
            winter_minutes=winter,
            headline_range=compute_range(first.totals.share_covered, variants),
        )
        compute_indicators(basis, first, reach=reach, extras=replace(extras, costs=extras.costs))

    note("ALL with hours, winter and range (B8, B11, B15)", measure(slow_ones).median_s, _TARGET_SEARCHES_S)
    print_table(
        f"{people:,} demand points, {stations:,} stations, {study.network.node_count:,} nodes, "  # type: ignore[union-attr]
        f"{len(study.districts):,} districts of four levels, threshold {cutoff_min:g} min",
        ("step", "s", "target", "peak MB so far"),
        rows,
    )


def main() -> None:
    """Run at the size asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=100_000, help="nodes of the road network")
    parser.add_argument("--people", type=int, default=500_000, help="demand points")
    parser.add_argument("--stations", type=int, default=5_000, help="stations")
    parser.add_argument("--cutoff", type=float, default=7.0, help="threshold [min]: at most 100 stations in reach")
    parser.add_argument("--repeats", type=int, default=5, help="changes of threshold and of service")
    parser.add_argument("--quick", action="store_true", help="a small study, to see that everything works")
    arguments = parser.parse_args()
    print_machine()
    if arguments.quick:
        run(4_000, 10_000, 200, 7.0, 2)
    else:
        run(arguments.nodes, arguments.people, arguments.stations, arguments.cutoff, arguments.repeats)


if __name__ == "__main__":
    main()
