"""The linear relaxation of a model by an interior point: values and prices to some digits, without a basis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import Any

import highspy
import numpy as np

from coverage.network.model import FloatArray
from coverage.siting.model.milp import LAST_WAIT_S, PATIENCE_S, MixedModel, to_highs


def solve_relaxation(
    model: MixedModel, goes_on: Callable[[], bool], *, tolerance: float
) -> tuple[FloatArray, FloatArray] | None:
    """Solve a model as if nothing had to be whole.

    Parameters
    ----------
    model
        What to maximise.
    goes_on
        Asked again and again; answering False stops the solver.
    tolerance
        Relative distance of primal and dual value at which it ends.

    Returns
    -------
    Variables, shape (n,), and prices of the rows, shape (r,), at least 0 where a row has a lower side only; both are
    permitted and best up to the tolerance, so that whoever proves something by them puts them in order first. None
    where it was stopped or HiGHS has no answer. One thread and a fixed seed: the same model gives the same answer.

    Notes
    -----
    An interior point method needs some twenty to forty steps (Mehrotra 1992; IPX in HiGHS, Schork & Gondzio 2020),
    where the simplex method spends minutes on models of a million entries; the step to a basis (crossover) is left
    out, since prices prove a bound without one. It works on a thread of its own, and after a stop it is waited for a
    little: it ends by itself, unheard, at its next question.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "solver": "ipm",
        "run_crossover": "off",
        "presolve": "off",
        "ipm_optimality_tolerance": tolerance,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(to_highs(replace(model, is_integer=np.zeros(len(model.profit), np.bool_))))
    is_stopped = False

    def listen(event: Any) -> None:
        if is_stopped:
            event.data_in.user_interrupt = True

    highs.cbIpmInterrupt.subscribe(listen)
    # Not a daemon: the program may end only after the solver has.
    thread = Thread(target=highs.run, name="siting relaxation")
    thread.start()
    while thread.is_alive():
        thread.join(PATIENCE_S)
        if thread.is_alive() and not goes_on():
            is_stopped = True
            thread.join(LAST_WAIT_S)
            return None
    solution = highs.getSolution()
    values, prices = np.array(solution.col_value), np.array(solution.row_dual)
    if len(values) != len(model.profit) or len(prices) != len(model.lower):
        return None
    return (values, prices) if np.isfinite(values).all() and np.isfinite(prices).all() else None
