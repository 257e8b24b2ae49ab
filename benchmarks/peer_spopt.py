"""The spopt side of the comparison: read a cost matrix, solve MCLP with HiGHS, write the value.

Run by ``bench_siting_cover`` with the interpreter of spopt's own environment, as
``python -I peer_spopt.py PROBLEM.npz RESULT.npz``; it imports nothing of this project.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pulp
import spopt
from spopt.locate import MCLP


def main(problem_path: str, result_path: str) -> None:
    """Build the model and solve it.

    The problem file holds site, demand (ends of the pairs within the cutoff), weight, sites, p.
    """
    with np.load(problem_path, allow_pickle=False) as problem:
        weight, sites, chosen = problem["weight"], int(problem["sites"]), int(problem["p"])
        cost = np.full((len(weight), sites), 2.0)
        cost[problem["demand"], problem["site"]] = 0.0
    begin = time.perf_counter()
    model = MCLP.from_cost_matrix(cost, weight, 1.0, p_facilities=chosen)
    built = time.perf_counter()
    model = model.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0.0))
    solved = time.perf_counter()
    np.savez(
        result_path,
        value=float(pulp.value(model.problem.objective)),
        build_s=built - begin,
        solve_s=solved - built,
        version=np.array(spopt.__version__),
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
