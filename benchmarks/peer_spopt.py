"""The spopt side of the comparison: one of its four models on the same costs, solved by the same solver.

Run by ``bench_siting_cover`` and ``bench_siting_median`` with the interpreter of spopt's own environment, as
``python -I peer_spopt.py PROBLEM.npz RESULT.npz [SECONDS]``; it imports nothing of this project. SECONDS are of the
processor, after which the system ends the process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pulp
import spopt
from spopt.locate import LSCP, MCLP, PCenter, PMedian


def build(given: Mapping[str, Any]) -> Any:
    """Build the model of a problem file.

    The file holds ``site`` and ``demand`` (ends of the pairs), ``weight``, ``sites`` (their number) and ``p``; and, but
    for maximal cover of all pairs, ``cost`` of each pair, ``method`` and ``cutoff``. Absent pairs are beyond reach.
    """
    weight, sites = given["weight"], int(given["sites"])
    method = str(given.get("method", "mclp"))
    cutoff = float(given.get("cutoff", 1.0))
    cost = np.full((len(weight), sites), 2.0 * cutoff)
    cost[given["demand"], given["site"]] = given.get("cost", 0.0)
    if method == "lscp":
        return LSCP.from_cost_matrix(cost, cutoff)
    if method == "mclp":
        return MCLP.from_cost_matrix(cost, weight, cutoff, p_facilities=int(given["p"]))
    if method == "p-median":
        return PMedian.from_cost_matrix(cost, weight, int(given["p"]))
    return PCenter.from_cost_matrix(cost, int(given["p"]))


def main(problem_path: str, result_path: str, limit_s: int | None) -> None:
    """Build and solve once; clocks run inside."""
    if limit_s is not None and sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 5))
    with np.load(problem_path, allow_pickle=False) as kept:
        given = {name: kept[name] for name in kept.files}
    begin, processor = time.perf_counter(), time.process_time()
    model = build(given)
    built = time.perf_counter()
    solved = model.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0.0), results=False)
    np.savez(
        result_path,
        value=float(pulp.value(solved.problem.objective)),
        is_proved=solved.problem.sol_status == pulp.LpSolutionOptimal,
        build_s=built - begin,
        solve_s=time.perf_counter() - built,
        processor_s=time.process_time() - processor,
        version=np.array(spopt.__version__),
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else None)
