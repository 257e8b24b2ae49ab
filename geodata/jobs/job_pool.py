"""The processes that do jobs of minutes beside the server: few, kept warm, and ended with it.

A solver or a typesetter in a thread of the server would hold up every visitor, and could not be ended. Here the server
only waits for it. The command line is a process of its own and does the same work in place.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy.typing as npt

from coverage.progress import Progress, report_progress
from geodata.jobs.tasks import Answer, Request
from geodata.jobs.worker import Limits, Worker

# How many processes do jobs of a kind; others wait. Those of reports keep what they gathered for the next format.
_LANES = {"suggest": 2, "report": 1}
# A county takes 1 to 2 GB, a region several; a job that takes more than this would hold up the whole computer.
_LEAST_BYTES, _SHARE_OF_MEMORY = 6 << 30, 0.75
_MOST_PROCESSOR_S = 4 * 3600.0
_LOOK_EVERY_S = 0.2
_IDLE_S = 900.0


class _Lane:
    """Processes for jobs of one kind."""

    def __init__(self, count: int) -> None:
        self._free = [Worker(is_job=True) for _ in range(count)]
        self._all = tuple(self._free)
        self._change = threading.Condition()
        self._idle: threading.Timer | None = None

    @contextlib.contextmanager
    def take(self, progress: Progress) -> Iterator[Worker]:
        """Take a process, and wait for one where all are at work."""
        while True:
            with self._change:
                if not self._free:
                    self._change.wait(_LOOK_EVERY_S)
                worker = self._free.pop() if self._free else None
                if worker is not None and self._idle is not None:
                    self._idle.cancel()
            if worker is not None:
                break
            report_progress(progress, 0.0, "job_waits")
        try:
            yield worker
        finally:
            with self._change:
                self._free.append(worker)
                self._change.notify()
                if self._idle is not None:
                    self._idle.cancel()
                self._idle = threading.Timer(_IDLE_S, self.close_idle)
                self._idle.daemon = True
                self._idle.start()

    def close_idle(self) -> None:
        """End the processes that have had nothing to do for long."""
        with self._change:
            for worker in self._free:
                worker.close()

    def close(self) -> None:
        """End all processes."""
        for worker in self._all:
            worker.close()


_lanes = {kind: _Lane(count) for kind, count in _LANES.items()}


@atexit.register
def close_all() -> None:
    """End every process of a job."""
    for lane in _lanes.values():
        lane.close()


def run_job(
    task: str,
    request: Request,
    arrays: Mapping[str, npt.NDArray[Any]],
    *,
    progress: Progress,
    aside: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Answer:
    """Do a job in a process of its own.

    Parameters
    ----------
    task
        ``suggest`` or ``report``.
    request, arrays
        What it needs, JSON values and numbers.
    progress
        Told the share done; returning False asks it to stop with what it has by then.
    aside
        Given what it tells besides its progress.

    Raises
    ------
    PlannerError
        What the job raises; ``job.needs_memory``, ``job.needs_time``, ``job.failed``; `CancelledError` if it was
        stopped and has nothing.
    """
    with _lanes[task].take(progress) as worker:
        return worker.ask(task, request, _choose_limits(), task, progress, arrays=arrays, aside=aside)


def _choose_limits() -> Limits:
    memory = 0
    with contextlib.suppress(AttributeError, ValueError, OSError):  # Windows: the parent watches what is used
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Limits(max(_LEAST_BYTES, int(_SHARE_OF_MEMORY * memory)), _MOST_PROCESSOR_S, "job")
