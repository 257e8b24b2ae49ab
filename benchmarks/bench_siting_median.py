"""p-median and p-center on published problems: proved optima, seconds, and spopt beside it.

The p-median problems pmed1-20 of the OR-Library against their published optima, each to be proved; the
San Francisco stores with four sites, all four models; a large sparse problem within a time limit. The peer
solves the same p-median problems with the same solver in an environment of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from benchmarks.measure import ROOT, format_s, judge, print_machine, print_table
from coverage.siting.p_center import solve_p_center
from coverage.siting.p_median import solve_p_median
from coverage.siting.problem import SiteRole, SitingAnswer, SitingProblem
from geodata.locate import LocateMethod, LocateQuestion, build_problem, solve
from geodata.read_costs import read_costs
from scripts.convert_pmed import read_pmed, write_san_francisco

_DATA = ROOT.parent / "shared" / "data" / "locate"
_TARGET_TOTAL_S, _TARGET_STORES_S = 180.0, 1.0
_PEER_PROBLEMS = (1, 3, 8, 10)
_STORES: tuple[tuple[LocateMethod, float | None, int | None, float], ...] = (
    ("lscp", 5000.0, None, 8),
    ("mclp", 5000.0, 4, 875_247),
    ("p-median", None, 4, 2_848_268_129.71),
    ("p-center", None, 4, 7403.0638),
)

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer with its seconds by the wall and by the processor."""

    answer: SitingAnswer
    wall_s: float
    processor_s: float


def time_it(call: Callable[[], SitingAnswer]) -> Timed:
    """Run a solver once, by both clocks."""
    wall, processor = time.perf_counter(), time.process_time()
    answer = call()
    return Timed(answer, time.perf_counter() - wall, time.process_time() - processor)


def make_problem(
    demand: npt.NDArray[np.int64], site: npt.NDArray[np.int64], cost: FloatArray, weight: FloatArray, sites: int
) -> SitingProblem:
    """Build a problem of candidates from its pairs, sorted by site."""
    return SitingProblem(
        weight=weight,
        ptr=np.searchsorted(site, np.arange(sites + 1)).astype(np.int64),
        demand=demand.astype(np.int32),
        cost=cost,
        role=np.full(sites, SiteRole.CANDIDATE, dtype=np.int8),
        site_cost=np.zeros(sites),
        removal_cost=np.zeros(sites),
        capacity=np.full(sites, np.inf),
        site_group=np.full(sites, -1, dtype=np.int32),
        quotas=(),
        demand_unit=np.full(len(weight), -1, dtype=np.int32),
    )


def full_problem(costs: FloatArray) -> SitingProblem:
    """Build a problem in which everybody reaches every site, weights 1."""
    site, demand = (part.ravel() for part in np.indices(costs.shape))
    return make_problem(demand, site, costs.ravel(), np.ones(costs.shape[1]), len(costs))


def sparse_problem(points: int, pairs: int, seed: int) -> SitingProblem:
    """Draw points, each a demand point and a site, with about as many pairs of least distance."""
    random = np.random.default_rng(seed)
    place = random.random((points, 2)) * 100
    weight = np.rint(random.lognormal(4.0, 1.0, points)) + 1
    tree = cKDTree(place)
    low, high = 0.0, 100.0
    for _ in range(30):
        radius = (low + high) / 2
        low, high = (low, radius) if tree.count_neighbors(tree, radius) > pairs else (radius, high)
    near = tree.sparse_distance_matrix(tree, low, output_type="coo_matrix")
    order = np.lexsort((near.col, near.row))
    return make_problem(near.col[order].astype(np.int64), near.row[order], near.data[order], weight, points)


def read_optima() -> dict[int, int]:
    """Read the published optima of pmed1-20."""
    lines = (_DATA / "pmed" / "optima.txt").read_text(encoding="ascii").split()[2:]
    return {int(name.removeprefix("pmed")): int(value) for name, value in zip(lines[::2], lines[1::2], strict=True)}


def bench_library(numbers: list[int]) -> None:
    """Prove the published optima."""
    optima = read_optima()
    rows: list[tuple[object, ...]] = []
    proved, walls, processors = 0, 0.0, 0.0
    for number in numbers:
        costs, sites = read_pmed(_DATA / "pmed" / f"pmed{number}.txt")
        problem = full_problem(costs)
        done = time_it(lambda problem=problem, sites=sites: solve_p_median(problem, sites))  # type: ignore[misc]
        is_proved = done.answer.status == "optimal" and done.answer.objective == optima[number] == done.answer.bound
        proved, walls, processors = proved + is_proved, walls + done.wall_s, processors + done.processor_s
        rows.append(
            (
                f"pmed{number}",
                len(costs),
                sites,
                optima[number],
                f"{done.answer.objective:.0f}",
                f"{done.answer.bound:.0f}",
                "proved" if is_proved else "MISS",
                format_s(done.wall_s),
                format_s(done.processor_s),
            )
        )
    rows.append(
        ("total", "", "", "", "", "", f"{proved} of {len(numbers)} proved", format_s(walls), format_s(processors))
    )
    head = ("problem", "points", "p", "optimum", "found", "bound", "", "wall s", "processor s")
    print_table("p-median, OR-Library", head, rows)
    print(f"all proved within {_TARGET_TOTAL_S:.0f} s: {judge(walls, _TARGET_TOTAL_S, at_least=False)}", flush=True)


def bench_stores() -> None:
    """Solve the San Francisco stores by all four models."""
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        write_san_francisco(_DATA / "san_francisco", Path(folder))
        matrix = read_costs(Path(folder) / "COSTS.csv", Path(folder) / "DEMAND.csv")
    for method, cutoff, sites, expected in _STORES:
        question = LocateQuestion(method, cutoff, sites)
        problem = build_problem(matrix, question)
        done = time_it(
            lambda problem=problem, question=question: solve(  # type: ignore[misc]
                problem, question, report=lambda _: True, seconds_left=lambda: float("inf")
            )
        )
        is_right = done.answer.status == "optimal" and abs(done.answer.objective / expected - 1) < 1e-7
        rows.append(
            (
                method,
                f"{expected:,.2f}",
                f"{done.answer.objective:,.2f}",
                "proved" if is_right else "MISS",
                format_s(done.wall_s),
                judge(done.wall_s, _TARGET_STORES_S, at_least=False),
            )
        )
    print_table("San Francisco, 205 × 16", ("model", "published", "found", "", "wall s", "target"), rows)


def bench_centers(numbers: list[int]) -> None:
    """Solve p-center on the graphs of the library."""
    rows: list[tuple[object, ...]] = []
    for number in numbers:
        costs, sites = read_pmed(_DATA / "pmed" / f"pmed{number}.txt")
        problem = full_problem(costs)
        done = time_it(lambda problem=problem, sites=sites: solve_p_center(problem, sites))  # type: ignore[misc]
        answer = done.answer
        rows.append(
            (
                f"pmed{number}",
                sites,
                f"{answer.objective:.0f}",
                answer.status,
                format_s(done.wall_s),
                format_s(done.processor_s),
            )
        )
    print_table("p-center, graphs of the OR-Library", ("graph", "p", "radius", "", "wall s", "processor s"), rows)


def bench_large(limit_s: float) -> None:
    """Solve large sparse problems within a time limit and print how good the answer is proved to be."""
    rows: list[tuple[object, ...]] = []
    for points, pairs, sites in ((7700, 200_000, 50), (7700, 2_000_000, 50), (7700, 2_000_000, 100)):
        problem = sparse_problem(points, pairs, 1)
        begin = time.perf_counter()
        done = time_it(
            lambda problem=problem, sites=sites, begin=begin: solve_p_median(  # type: ignore[misc]
                problem, sites, seconds_left=lambda: limit_s - (time.perf_counter() - begin)
            )
        )
        answer = done.answer
        rows.append(
            (
                f"{points:,} × {points:,}, {len(problem.cost):,} pairs",
                sites,
                answer.status,
                f"{answer.objective:,.0f}",
                f"{answer.bound:,.0f}",
                f"{answer.gap:.2%}",
                format_s(done.wall_s),
            )
        )
    head = ("points × sites", "p", "status", "found", "bound", "gap", "wall s")
    print_table(f"p-median, truncated, within {limit_s:.0f} s", head, rows)


def bench_peer(python: Path, limit_s: float) -> None:
    """Solve some problems of the library with spopt in its own environment."""
    optima = read_optima()
    rows: list[tuple[object, ...]] = []
    for number in _PEER_PROBLEMS:
        costs, sites = read_pmed(_DATA / "pmed" / f"pmed{number}.txt")
        problem = full_problem(costs)
        ours = time_it(lambda problem=problem, sites=sites: solve_p_median(problem, sites))  # type: ignore[misc]
        with tempfile.TemporaryDirectory() as folder:
            question, result = Path(folder) / "costs.npz", Path(folder) / "result.npz"
            np.savez(question, costs=costs, weight=np.ones(len(costs)), sites=sites)
            script = Path(__file__).with_name("peer_spopt_median.py")
            command = [str(python.absolute()), "-I", str(script), str(question), str(result), str(limit_s)]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
            if done.returncode != 0:
                reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
                rows.append((f"pmed{number}", optima[number], format_s(ours.processor_s), f"not run: {reason}", "", ""))
                continue
            with np.load(result, allow_pickle=False) as kept:
                theirs = {name: kept[name].item() for name in kept.files}
        proved = "proved" if theirs["is_proved"] else f"not proved in {limit_s:.0f} s"
        rows.append(
            (
                f"pmed{number}",
                optima[number],
                format_s(ours.processor_s),
                format_s(theirs["processor_s"]),
                f"{theirs['value']:.0f}, {proved}",
                f"{theirs['processor_s'] / ours.processor_s:.0f}",
            )
        )
    head = ("problem", "optimum", "ours, processor s", "spopt, processor s", "spopt found", "× slower")
    print_table("p-median, spopt with HiGHS on the same costs", head, rows)


def main() -> None:
    """Run the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="of library, stores, centers, large, peer; all if none is named")
    parser.add_argument("--problems", default="1-20", help="of the library, e.g. 1-5")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each large problem and each peer run")
    parser.add_argument("--peer-python", type=Path, help="interpreter of an environment with spopt and highspy")
    arguments = parser.parse_args()
    first, _, last = arguments.problems.partition("-")
    numbers = list(range(int(first), int(last or first) + 1))
    parts = arguments.parts or ["library", "stores", "centers", "large", "peer"]
    print_machine()
    if not _DATA.is_dir():
        print("skipped: the reference data (../shared/data) is not here")
        return
    if "library" in parts:
        bench_library(numbers)
    if "stores" in parts:
        bench_stores()
    if "centers" in parts:
        bench_centers(numbers)
    if "large" in parts:
        bench_large(arguments.limit)
    if "peer" in parts:
        if arguments.peer_python is None:
            print("\nspopt: not run, no --peer-python")
        else:
            bench_peer(arguments.peer_python, arguments.limit)


if __name__ == "__main__":
    main()
