"""The spopt side of the comparison: the same p-median problem, the same solver, in spopt's own environment.

Run by ``bench_siting_median`` as ``python -I peer_spopt_median.py COSTS.npz RESULT.npz``; it imports nothing of this
project. spopt builds the textbook model with pulp and hands it to HiGHS.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pulp
import spopt
from spopt.locate import PMedian


def main(costs_path: str, result_path: str, limit_s: float) -> None:
    """Build and solve once; clocks run inside."""
    with np.load(costs_path, allow_pickle=False) as given:
        costs, weight, sites = given["costs"], given["weight"], int(given["sites"])
    begin, processor = time.perf_counter(), time.process_time()
    model = PMedian.from_cost_matrix(costs, weight, sites)
    solver = pulp.HiGHS(msg=False, timeLimit=limit_s, threads=1, gapRel=0.0)
    try:
        value = float(pulp.value(model.solve(solver, results=False).problem.objective))
    except RuntimeError:  # spopt's word for "not proved in time"
        value = float("nan")
    np.savez(
        result_path,
        value=value,
        is_proved=model.problem.sol_status == pulp.LpSolutionOptimal,
        wall_s=time.perf_counter() - begin,
        processor_s=time.process_time() - processor,
        version=np.array(spopt.__version__),
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
