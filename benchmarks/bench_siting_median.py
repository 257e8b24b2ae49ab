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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import floyd_warshall
from scipy.spatial import cKDTree

from benchmarks.generated_siting import generate_problem
from benchmarks.measure import ROOT, format_s, judge, print_machine, print_table
from coverage.siting.model.problem import SiteRole, SitingAnswer, SitingProblem
from coverage.siting.p_center.solver import solve_p_center
from coverage.siting.p_median.solver import solve_p_median
from geodata.answers.locate import LocateMethod, LocateQuestion, build_problem, solve
from geodata.intake.read_costs import read_costs
from scripts.convert_pmed import read_pmed, write_san_francisco

_DATA = ROOT.parent / "shared" / "data" / "locate"
_TARGET_TOTAL_S, _TARGET_STORES_S = 180.0, 1.0
# How a process ends that has used up its processor time: killed, or heard by the shell.
_OUT_OF_TIME = (-24, -9, 152, 137)
# Candidates, points and new sites of maximal cover beside spopt, and its cutoff.
_MEDIUM = ((300, 3_000, 15), (500, 5_000, 25))
_MEDIUM_KM = 4.0
# Nodes of drawn graphs, and sites.
_GRAPHS = ((600, 5), (600, 10), (600, 60), (900, 5), (900, 10), (900, 90))
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


def draw_graph(nodes: int, seed: int) -> FloatArray:
    """Draw a connected graph the way of the OR-Library, nodes² / 50 edges of cost 1 to 100; return its distances."""
    random = np.random.default_rng(seed)
    costs = np.full((nodes, nodes), np.inf)
    path = random.permutation(nodes)
    for one, other in pairwise(path):
        costs[one, other] = costs[other, one] = random.integers(1, 101)
    more = nodes * nodes // 50 - (nodes - 1)
    ends = random.integers(0, nodes, more), random.integers(0, nodes, more)
    drawn = random.integers(1, 101, more)
    apart = ends[0] != ends[1]
    one, other = ends[0][apart], ends[1][apart]
    costs[one, other] = drawn[apart]
    costs[other, one] = drawn[apart]
    np.fill_diagonal(costs, 0.0)
    found: FloatArray = floyd_warshall(costs)
    return found


def bench_graphs(graphs: tuple[tuple[int, int], ...], limit_s: float) -> None:
    """Solve p-median on drawn graphs of the size of pmed26-40, within a limit of processor time."""
    rows: list[tuple[object, ...]] = []
    for nodes, sites in graphs:
        problem = full_problem(draw_graph(nodes, nodes))
        end = time.process_time() + limit_s
        done = time_it(
            lambda problem=problem, sites=sites, end=end: solve_p_median(  # type: ignore[misc]
                problem, sites, seconds_left=lambda: end - time.process_time()
            )
        )
        answer = done.answer
        ends = (f"{answer.objective:,.0f}", f"{answer.bound:,.0f}", answer.status)
        rows.append((nodes, sites, *ends, format_s(done.processor_s)))
    head = ("nodes", "p", "found", "bound", "", "processor s")
    print_table(f"p-median, drawn graphs, within {limit_s:.0f} s", head, rows)


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


def bench_large_center(limit_s: float) -> None:
    """Solve p-center on 7,700 even points within a limit of processor time, and print how far its two ends are."""
    rows: list[tuple[object, ...]] = []
    for radius_km, sites in ((11.0, 50), (8.0, 100)):
        problem = generate_problem(7_700, 7_700, towns=0, radius_km=radius_km, seed=1, same_points=True)
        end = time.process_time() + limit_s
        done = time_it(
            lambda problem=problem, sites=sites, end=end: solve_p_center(  # type: ignore[misc]
                problem, sites, seconds_left=lambda: end - time.process_time()
            )
        )
        answer = done.answer
        ends = (f"{answer.objective:.3f}", f"{answer.bound:.3f}", f"{answer.gap:.2%}")
        rows.append((f"{radius_km:.0f} km, {len(problem.cost):,} pairs", sites, *ends, format_s(done.processor_s)))
    head = ("7,700 even points within", "p", "largest cost", "bound", "gap", "processor s")
    print_table(f"p-center, within {limit_s:.0f} s", head, rows)


def ask_spopt(
    problem: SitingProblem, method: str, sites: int | None, cutoff: float | None, python: Path, limit_s: float
) -> tuple[float, float] | None:
    """Solve a problem with spopt in its own environment.

    Returns
    -------
    Value, and seconds of the processor; None where it has not ended after `limit_s` of them.
    """
    with tempfile.TemporaryDirectory() as folder:
        question, result = Path(folder) / "problem.npz", Path(folder) / "result.npz"
        site = np.repeat(np.arange(problem.site_count), np.diff(problem.ptr))
        np.savez(
            question,
            site=site,
            demand=problem.demand,
            cost=problem.cost,
            weight=problem.weight,
            sites=problem.site_count,
            p=sites or 0,
            method=method,
            cutoff=cutoff or 1.0,
        )
        script = Path(__file__).with_name("peer_spopt.py")
        command = [str(python.absolute()), "-I", str(script), str(question), str(result), str(int(limit_s))]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode in _OUT_OF_TIME:
            return None
        if done.returncode != 0:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1])
        with np.load(result, allow_pickle=False) as kept:
            if not kept["is_proved"]:
                return None
            return float(kept["value"]), float(kept["processor_s"])


Compared = Iterator[tuple[str, SitingProblem, LocateQuestion]]


def list_library(numbers: list[int]) -> Compared:
    """List problems of the library."""
    for number in numbers:
        costs, sites = read_pmed(_DATA / "pmed" / f"pmed{number}.txt")
        yield f"pmed{number}, {len(costs)} points", full_problem(costs), LocateQuestion("p-median", None, sites)


def list_others() -> Compared:
    """List the stores with all four models, and maximal cover of medium size."""
    with tempfile.TemporaryDirectory() as folder:
        write_san_francisco(_DATA / "san_francisco", Path(folder))
        matrix = read_costs(Path(folder) / "COSTS.csv", Path(folder) / "DEMAND.csv")
    for method, cutoff, count, _ in _STORES:
        question = LocateQuestion(method, cutoff, count)
        yield f"San Francisco, {method}", build_problem(matrix, question), question
    for candidates, points, count in _MEDIUM:
        problem = generate_problem(candidates, points, towns=60, radius_km=_MEDIUM_KM, seed=1)
        yield f"cover, {candidates} × {points:,}", problem, LocateQuestion("mclp", _MEDIUM_KM, count)


def bench_peer(compared: Compared, python: Path, limit_s: float) -> None:
    """Solve the same problems with spopt in its own environment, each right after ours."""
    rows: list[tuple[object, ...]] = []
    for name, problem, question in compared:
        ours = time_it(
            lambda problem=problem, question=question: solve(  # type: ignore[misc]
                problem, question, report=lambda _: True, seconds_left=lambda: float("inf")
            )
        )
        theirs = ask_spopt(problem, question.method, question.sites, question.cutoff, python, limit_s)
        told = [f"not in {limit_s:.0f} s", "", f"> {limit_s / ours.processor_s:.0f}"]
        if theirs is not None:
            value, seconds = theirs
            is_same = abs(value - ours.answer.objective) <= 1e-6 * abs(value)
            told = [format_s(seconds), "the same" if is_same else f"{value:,.2f}", f"{seconds / ours.processor_s:.0f}"]
        rows.append((name, question.sites or "", f"{ours.answer.objective:,.0f}", format_s(ours.processor_s), *told))
        print(*rows[-1], sep=" | ", flush=True)
    head = ("problem", "p", "ours", "ours, processor s", "spopt, processor s", "spopt found", "× slower")
    print_table("spopt with HiGHS on the same costs", head, rows)


def main() -> None:
    """Run the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts",
        nargs="*",
        help="of library, graphs, stores, centers, large, center, peer, peer-others; all if none is named",
    )
    parser.add_argument("--problems", default="1-20", help="of the library, e.g. 1-5,10")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each large problem and each peer run")
    parser.add_argument("--peer-python", type=Path, help="interpreter of an environment with spopt and highspy")
    arguments = parser.parse_args()
    numbers: list[int] = []
    for part in arguments.problems.split(","):
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    parts = arguments.parts or ["library", "graphs", "stores", "centers", "large", "center", "peer", "peer-others"]
    print_machine()
    if not _DATA.is_dir():
        print("skipped: the reference data (../shared/data) is not here")
        return
    if "library" in parts:
        bench_library(numbers)
    if "graphs" in parts:
        bench_graphs(_GRAPHS, arguments.limit)
    if "stores" in parts:
        bench_stores()
    if "centers" in parts:
        bench_centers(numbers)
    if "large" in parts:
        bench_large(arguments.limit)
    if "center" in parts:
        bench_large_center(arguments.limit)
    compared = {"peer": list_library(numbers), "peer-others": list_others()}
    for part in [part for part in parts if part in compared]:
        if arguments.peer_python is None:
            print("\nspopt: not run, no --peer-python")
            break
        bench_peer(compared[part], arguments.peer_python, arguments.limit)


if __name__ == "__main__":
    main()
