"""Covering models of siting: proved optima against the plain model, hard instances, and a curve of budgets.

Three questions: how much quicker than the same solver with the model of the textbook; how near to proof on
7,700 points, and on blocks of a city, that are all candidates; a curve of 50 budgets over 190,000 candidates. The
instances are generated.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import highspy
import numpy as np
from scipy import sparse

from benchmarks.generated_siting import generate_blocks, generate_problem
from benchmarks.measure import format_s, judge, measure, print_machine, print_table, read_peak_mb
from coverage.siting.cover.cover_sets import CoverSets, build_cover_sets, find_covered
from coverage.siting.cover.frontier import trace_frontier
from coverage.siting.cover.greedy import CoverState, add_greedily
from coverage.siting.cover.mclp import solve_mclp
from coverage.siting.model.limits import Limit, LimitRows, build_limit_rows
from coverage.siting.model.problem import SecondsLeft, SitingProblem

_FASTER, _HARD_GAP, _HARD_S, _CURVE_GAP, _CURVE_S, _CURVE_MB = 5.0, 0.005, 300.0, 0.05, 60.0, 6000.0
# All pairs of the generated problems are within reach.
_CUTOFF_KM = 100.0
# Clusters (0: evenly scattered), radius [km], sites to open.
_HARD = ((120, 3.0, 50), (120, 3.0, 100), (0, 4.0, 50), (0, 4.0, 100), (0, 8.0, 50))
# Blocks of a city, its height by its width, pairs, sites to open.
_BLOCKS = ((3_839, 6.0, 204_000, 70), (7_348, 1.2, 900_000, 70))


def start_clock(seconds: float, clock: Callable[[], float] = time.perf_counter) -> SecondsLeft:
    """Return the seconds that are left from now on by a clock."""
    end = clock() + seconds
    return lambda: end - clock()


def solve_plain(problem: SitingProblem, count: int, seconds: float) -> tuple[float, float]:
    """Solve MCLP as it stands in the textbook, one row for each demand point; return value and bound."""
    by_demand = find_covered(problem, _CUTOFF_KM).T.tocsr()
    points, sites = by_demand.shape
    matrix = sparse.vstack(
        (
            sparse.hstack((by_demand, -sparse.eye_array(points))),
            sparse.hstack((sparse.csr_array(np.ones((1, sites))), sparse.csr_array((1, points)))),
        )
    ).tocsr()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = sites + points, points + 1
    lp.col_cost_ = np.concatenate((np.zeros(sites), -problem.weight))
    lp.col_lower_, lp.col_upper_ = np.zeros(sites + points), np.ones(sites + points)
    lp.row_lower_ = np.concatenate((np.zeros(points), [-np.inf]))
    lp.row_upper_ = np.concatenate((np.full(points, np.inf), [float(count)]))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    kinds = highspy.HighsVarType
    lp.integrality_ = [kinds.kInteger] * sites + [kinds.kContinuous] * points
    highs = highspy.Highs()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "time_limit": seconds,
    }.items():
        highs.setOptionValue(name, value)
    highs.passModel(lp)
    highs.run()
    return -highs.getInfo().objective_function_value, -highs.getInfo().mip_dual_bound


def solve_with_spopt(problem: SitingProblem, count: int, peer_python: Path) -> tuple[float, float, str]:
    """Let spopt solve it with HiGHS; return value, seconds (model and solution), version."""
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder) / "problem.npz", Path(folder) / "result.npz"
        site = np.repeat(np.arange(problem.site_count), np.diff(problem.ptr))
        np.savez(given, site=site, demand=problem.demand, weight=problem.weight, sites=problem.site_count, p=count)
        script = Path(__file__).with_name("peer_spopt.py")
        subprocess.run([str(peer_python), "-I", str(script), str(given), str(result)], check=True)
        with np.load(result, allow_pickle=False) as found:
            return float(found["value"]), float(found["build_s"] + found["solve_s"]), str(found["version"])


def run_against_plain(quick: bool, repeats: int, plain_repeats: int, peer_python: Path | None) -> None:
    """Compare with the plain model on 1,500 candidates and 30,000 demand points, p = 25."""
    sites, demand, count = (300, 3_000, 10) if quick else (1_500, 30_000, 25)
    problem = generate_problem(sites, demand, towns=120, radius_km=4.0, seed=1)
    ours = measure(lambda: solve_mclp(problem, _CUTOFF_KM, Limit(sites=count)), repeats)
    rows: list[tuple[object, ...]] = [
        ("solve_mclp", f"{ours.value.objective:,.0f}", ours.value.status, format_s(ours.median_s), "")
    ]
    if plain_repeats:
        plain = measure(lambda: solve_plain(problem, count, 900.0), plain_repeats)
        factor = plain.median_s / ours.median_s
        verdict = f"{factor:.1f} × {judge(factor, _FASTER, at_least=True)}"
        rows.append(("plain model, HiGHS", f"{plain.value[0]:,.0f}", "", format_s(plain.median_s), verdict))
    if peer_python is not None:
        value, seconds, version = solve_with_spopt(problem, count, peer_python)
        rows.append(
            (f"spopt {version}, HiGHS", f"{value:,.0f}", "", format_s(seconds), f"{seconds / ours.median_s:.1f} ×")
        )
    print_table(
        f"MCLP, {sites:,} candidates, {demand:,} demand points, {len(problem.demand):,} pairs, p = {count}",
        ("", "people", "status", "s", "× ours"),
        rows,
    )


def list_hard(quick: bool) -> Iterator[tuple[str, SitingProblem, int]]:
    """Generate the instances in which every demand point is a candidate, with their names and sites to open."""
    size = 700 if quick else 7_700
    for towns, radius, count in _HARD:
        name = f"{size:,} clustered" if towns else f"{size:,} even, {radius:.0f} km"
        yield name, generate_problem(size, size, towns=towns, radius_km=radius, seed=1, same_points=True), count
    for blocks, aspect, pairs, count in _BLOCKS:
        share = 10 if quick else 1
        problem = generate_blocks(blocks // share, aspect=aspect, pairs=pairs // share, seed=1)
        yield f"{problem.site_count:,} city blocks", problem, count // share


def run_hard(quick: bool, seconds: float, clock: Callable[[], float], only: str) -> None:
    """Solve instances in which every demand point is a candidate, within a time limit."""
    rows = []
    for name, problem, count in list_hard(quick):
        if only not in name:
            continue
        begin = clock()
        answer = solve_mclp(problem, _CUTOFF_KM, Limit(sites=count), seconds_left=start_clock(seconds, clock))
        rows.append(
            (
                name,
                f"{len(problem.demand):,}",
                count,
                f"{answer.objective:,.0f}",
                f"{answer.bound:,.0f}",
                f"{100 * answer.gap:.3f} %",
                judge(100 * answer.gap, 100 * _HARD_GAP, at_least=False),
                answer.status,
                format_s(clock() - begin),
            )
        )
    which = "processor time" if clock is time.process_time else "time"
    print_table(
        f"MCLP, points that are all candidates, {which} limit {seconds:.0f} s",
        ("points", "pairs", "p", "people", "bound", "gap", "target", "status", "s"),
        rows,
    )


def _add(sets: CoverSets, limits: LimitRows) -> None:
    add_greedily(CoverState(sets, limits))


def run_curve(quick: bool, seconds: float) -> None:
    """Trace the curve of 50 budgets over 190,000 candidates and 100,000 demand points."""
    sites, demand = (9_500, 5_000) if quick else (190_000, 100_000)
    problem = generate_problem(sites, demand, towns=300, radius_km=1.23, seed=1)
    rows: list[tuple[object, ...]] = []
    sets = measure(lambda: build_cover_sets(problem, _CUTOFF_KM))
    rows.append(("cover sets", format_s(sets.median_s), "", f"{read_peak_mb():,.0f}"))
    fifty = build_limit_rows(problem, Limit(sites=50), sets.value.site)
    greedy = measure(partial(_add, sets.value, fifty))
    rows.append(("greedy, p = 50", format_s(greedy.median_s), judge(greedy.median_s, 3.0, at_least=False), ""))
    del sets
    limits = [Limit(sites=count) for count in range(1, 51)]
    begin = time.perf_counter()
    curve = trace_frontier(problem, _CUTOFF_KM, limits, seconds_left=start_clock(seconds))
    took = time.perf_counter() - begin
    gap, target = 100 * float(curve.gap.max()), 100 * (_CURVE_GAP if seconds <= _CURVE_S else 0.01)
    rows.append(
        (f"curve, time limit {seconds:.0f} s", format_s(took), judge(took, 1.05 * seconds + 5.0, at_least=False), "")
    )
    rows.append(("largest gap", f"{gap:.3f} %", judge(gap, target, at_least=False), ""))
    rows.append(("mean gap", f"{100 * float(curve.gap.mean()):.3f} %", "", ""))
    peak = read_peak_mb()
    rows.append(("peak memory", "", judge(peak, _CURVE_MB, at_least=False), f"{peak:,.0f}"))
    title = f"50 budgets, {sites:,} candidates, {demand:,} demand points, {len(problem.demand):,} pairs; p = 50 covers"
    print_table(f"{title} {curve.value[-1]:,.0f} of {problem.weight.sum():,.0f}", ("", "s", "target", "peak MB"), rows)


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["plain", "hard", "curve"], help="plain, hard, curve")
    parser.add_argument("--repeats", type=int, default=3, help="runs of solve_mclp against the plain model")
    parser.add_argument("--plain-repeats", type=int, default=3, help="runs of the plain model; 0 leaves it out")
    parser.add_argument("--hard-seconds", type=float, default=_HARD_S, help="time limit of each hard instance")
    parser.add_argument("--hard-only", default="", help="only hard instances with this in their name")
    parser.add_argument("--processor-time", action="store_true", help="count the limit of hard ones in processor time")
    parser.add_argument("--curve-seconds", type=float, default=_CURVE_S, help="time limit of the curve")
    parser.add_argument("--peer-python", type=Path, help="interpreter of an environment with spopt")
    parser.add_argument("--quick", action="store_true", help="small sizes, single runs")
    given = parser.parse_args()
    print_machine()
    if "plain" in given.parts:
        repeats = 1 if given.quick else given.repeats
        run_against_plain(given.quick, repeats, min(given.plain_repeats, repeats), given.peer_python)
    if "hard" in given.parts:
        clock = time.process_time if given.processor_time else time.perf_counter
        run_hard(given.quick, 5.0 if given.quick else given.hard_seconds, clock, given.hard_only)
    if "curve" in given.parts:
        run_curve(given.quick, 5.0 if given.quick else given.curve_seconds)


if __name__ == "__main__":
    main()
