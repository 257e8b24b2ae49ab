"""How a solver reports, and how it is stopped: by the user or when its time is up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coverage.siting.model.problem import SecondsLeft, SolveStatus, no_deadline


@dataclass(frozen=True, slots=True)
class SolveProgress:
    """How far a solver is.

    Parameters
    ----------
    step
        Id of what it is doing.
    incumbent
        Value of the best answer so far, nan where there is none.
    bound
        No answer can be better; infinite where nothing is known yet.
    """

    step: str
    incumbent: float
    bound: float

    @property
    def gap(self) -> float:
        """Return how far the bound is from the answer, relative to the larger of the two; inf where unknown."""
        if not abs(self.bound) < float("inf") or self.incumbent != self.incumbent:
            return float("inf")
        largest = max(abs(self.bound), abs(self.incumbent))
        return abs(self.bound - self.incumbent) / largest if largest > 0 else 0.0


# Called now and again; returning False asks the solver to stop with what it has.
SolveReport = Callable[[SolveProgress], bool]


def ignore_solve(progress: SolveProgress) -> bool:
    """Go on without telling anybody."""
    return True


class Watch:
    """Ask the user and the clock whether to go on; remembers the first "no".

    Parameters
    ----------
    report
        Told how far the solver is.
    seconds_left
        Seconds that are left.
    """

    def __init__(self, report: SolveReport = ignore_solve, seconds_left: SecondsLeft = no_deadline) -> None:
        self._report = report
        self.seconds_left = seconds_left
        self.stopped: SolveStatus | None = None

    def goes_on(self, step: str, incumbent: float, bound: float) -> bool:
        """Report, and tell whether there is leave and time to go on."""
        if self.stopped is None and self.seconds_left() <= 0:
            self.stopped = "time_limit"
        if self.stopped is None and not self._report(SolveProgress(step, incumbent, bound)):
            self.stopped = "cancelled"
        return self.stopped is None
