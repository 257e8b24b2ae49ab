"""A mixed-integer linear model as a value, and HiGHS as the one place that solves it."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Thread
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from coverage.network.model import BoolArray
from coverage.siting.model.solver_progress import Watch

# HiGHS counts a solution as feasible and whole within this.
_TOLERANCE = 1e-7
# Seconds between two questions to the user and the clock, and seconds a solver has to end when told so.
PATIENCE_S, LAST_WAIT_S = 0.2, 1.0
# Entries beyond which HiGHS takes minutes to look for what the cover sets have left out already.
_LONG_PRESOLVE = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class MixedModel:
    """Maximise ``profit @ x`` subject to ``lower <= matrix @ x <= upper`` and ``0 <= x <= most``.

    Parameters
    ----------
    profit, most, is_integer
        Of each variable, shape (n,).
    matrix
        CSR, shape (r, n).
    lower, upper
        Sides, infinite where there is none, shape (r,).
    """

    profit: npt.NDArray[np.float64]
    most: npt.NDArray[np.float64]
    is_integer: BoolArray
    matrix: sparse.csr_array
    lower: npt.NDArray[np.float64]
    upper: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MixedSolution:
    """What HiGHS says.

    Parameters
    ----------
    x
        Best solution found, whole where it has to be, shape (n,); None where there is none.
    value
        Its value, -inf where there is none.
    bound
        No solution can be better; -inf where there is none at all.
    is_infeasible
        True where it is proved that there is no solution.
    """

    x: npt.NDArray[np.float64] | None
    value: float
    bound: float
    is_infeasible: bool


class _Heard:
    """What a solver at work tells: values, the last solution; and whether it should stop."""

    def __init__(self, found: float, bound: float) -> None:
        self.found, self.bound = found, bound
        self.is_stopped = False
        self._x: npt.NDArray[np.float64] | None = None

    def listen(self, event: Any) -> None:
        """Hear the values so far, and answer."""
        self.found = max(self.found, -event.data_out.mip_primal_bound)
        self.bound = min(self.bound, -event.data_out.mip_dual_bound)
        if self.is_stopped:
            event.data_in.user_interrupt = True

    def keep(self, event: Any) -> None:
        """Keep a better solution."""
        self._x = np.array(event.data_out.mip_solution, np.float64)

    def answer(self, model: MixedModel, start: npt.NDArray[np.float64] | None) -> MixedSolution:
        """Answer with what was heard, without the solver."""
        solutions = [x.copy() for x in (self._x, start) if x is not None and len(x) == len(model.profit)]
        if not solutions:
            return MixedSolution(None, -np.inf, self.bound, False)
        for x in solutions:
            x[model.is_integer] = np.rint(x[model.is_integer])
        best = max(solutions, key=lambda x: float(model.profit @ x))
        value = float(model.profit @ best)
        return MixedSolution(best, value, max(self.bound, value), False)


def solve_mixed(
    model: MixedModel,
    watch: Watch,
    step: str,
    *,
    start: npt.NDArray[np.float64] | None = None,
    offset: float = 0.0,
    known_bound: float = np.inf,
    most_nodes: int | None = None,
    share: float = 1.0,
    sign: float = 1.0,
    is_part: bool = False,
) -> MixedSolution:
    """Solve a mixed-integer model with HiGHS (Huangfu & Hall 2018), to proof or until told to stop.

    Parameters
    ----------
    model
        What to maximise.
    watch
        Told incumbent and bound; stops the solver.
    step
        Id of this step for the report.
    start
        A solution to start from, shape (n,).
    offset
        Added to both values in the report, so that parts already settled are told too.
    known_bound
        A bound proved elsewhere, without offset.
    most_nodes
        Nodes of the search at most; None where not limited.
    share
        Share of the time that is left it may take at most.
    sign
        -1 where the caller minimises: values are told with this sign.
    is_part
        The model is only a part of the question: what it bounds is no bound of the whole, and is not told as one.

    Returns
    -------
    Solution and bound. One thread and a fixed seed: the same model gives the same solution.

    Notes
    -----
    The gap to prove is 0; where all profits are whole numbers HiGHS rounds its bound itself. HiGHS can be stopped
    between linear models and not within one, which for models of a million entries takes minutes. So it works on
    a thread of its own, and after a stop it is waited for a little: it ends by itself, unheard, at its next question.
    """
    if watch.stopped is not None:
        return MixedSolution(None, -np.inf, known_bound, False)
    if not len(model.profit):
        is_met = bool((model.lower <= _TOLERANCE).all() and (model.upper >= -_TOLERANCE).all())
        return MixedSolution(np.zeros(0), 0.0, 0.0, False) if is_met else MixedSolution(None, -np.inf, -np.inf, True)
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": _absolute_gap(model),
        "mip_feasibility_tolerance": _TOLERANCE,
        "primal_feasibility_tolerance": _TOLERANCE,
    }
    left = watch.seconds_left()
    if np.isfinite(left):
        options["time_limit"] = max(left * share, 0.0)
    if model.matrix.nnz > _LONG_PRESOLVE:
        options["presolve"] = "off"
    if most_nodes is not None:
        options["mip_max_nodes"] = most_nodes
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(to_highs(model))
    best_start = -np.inf
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = list(start)
        highs.setSolution(solution)
        best_start = float(model.profit @ start)

    # HiGHS minimises the negative: signs are turned.
    heard = _Heard(best_start, known_bound)
    highs.cbMipInterrupt.subscribe(heard.listen)
    highs.cbMipImprovingSolution.subscribe(heard.keep)
    # Not a daemon: the program may end only after the solver has, which hears of it at its next question.
    thread = Thread(target=highs.run, name="siting model")
    thread.start()
    while thread.is_alive():
        thread.join(PATIENCE_S)
        incumbent = sign * heard.found + offset if np.isfinite(heard.found) else np.nan
        told = known_bound if is_part else heard.bound
        if thread.is_alive() and not watch.goes_on(step, incumbent, sign * told + offset):
            heard.is_stopped = True
            thread.join(LAST_WAIT_S)
            break
    if thread.is_alive():
        return heard.answer(model, start)
    status = highs.getModelStatus()
    ended = highspy.HighsModelStatus
    is_infeasible = status in (ended.kInfeasible, ended.kUnboundedOrInfeasible)
    if status != ended.kOptimal and not is_infeasible and most_nodes is None and share >= 1 and watch.stopped is None:
        # Whatever the reason: nothing is proved unless HiGHS says so.
        watch.stopped = "time_limit"
    if is_infeasible:
        return MixedSolution(None, -np.inf, -np.inf, True)
    info = highs.getInfo()
    bound = min(known_bound, -info.mip_dual_bound) if model.is_integer.any() else known_bound
    x: npt.NDArray[np.float64] | None = None
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        x = np.array(highs.getSolution().col_value)
        x[model.is_integer] = np.rint(x[model.is_integer])
    if (x is None or float(model.profit @ x) < best_start) and start is not None:
        x = np.array(start, float)
    value = -np.inf if x is None else float(model.profit @ x)
    if status == ended.kOptimal and watch.stopped is None:
        bound = value
    return MixedSolution(x, value, max(bound, value), False)


def _absolute_gap(model: MixedModel) -> float:
    """Return the gap below which two values are the same: far below any difference that counts."""
    return 1e-9 * max(1.0, float(np.abs(model.profit).max(initial=0.0)))


def to_highs(model: MixedModel) -> highspy.HighsLp:
    """Hand a model over to HiGHS, which minimises."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.profit), len(model.lower)
    lp.col_cost_ = -model.profit
    lp.col_lower_ = np.zeros(len(model.profit))
    lp.col_upper_ = model.most
    lp.row_lower_, lp.row_upper_ = model.lower, model.upper
    matrix = model.matrix.tocsr()
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    kinds = highspy.HighsVarType
    lp.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in model.is_integer]
    return lp
