"""Proposals that are being computed: beside the page, so that it stays alive, and stopped with the best so far."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

import streamlit as st

from coverage.progress import Progress
from coverage.siting.watch import SolveProgress, SolveReport
from geodata.run_siting import Suggestion

_MOST_KEPT = 8

Work = Callable[[Progress, SolveReport], Suggestion]


class Job:
    """One proposal on its way.

    Parameters
    ----------
    work
        Computes it; is given what to tell its progress to, and stops when told so.
    """

    def __init__(self, work: Work) -> None:
        self.step = ""
        self.share = 0.0
        self.seen: SolveProgress | None = None
        self.found: Suggestion | None = None
        self.error: Exception | None = None
        self._stopped = threading.Event()
        self._done = threading.Event()
        self._begun = time.monotonic()
        self._took_s = 0.0
        self._work = work
        threading.Thread(target=self._run, name="siting", daemon=True).start()

    def _run(self) -> None:
        try:
            self.found = self._work(self._tell, self._watch)
        except Exception as error:  # shown by the page, which knows how
            self.error = error
        finally:
            self._took_s = time.monotonic() - self._begun
            self._done.set()

    def _tell(self, share: float, step: str) -> bool:
        self.share, self.step = share, step
        return not self._stopped.is_set()

    def _watch(self, seen: SolveProgress) -> bool:
        self.seen = seen
        return not self._stopped.is_set()

    def stop(self) -> None:
        """Ask it to stop; what was found by then is kept."""
        self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Wait for it; return whether it is done."""
        return self._done.wait(seconds)

    @property
    def is_done(self) -> bool:
        """Tell whether it is done."""
        return self._done.is_set()

    @property
    def is_whole(self) -> bool:
        """Tell whether it ran, or runs, to its own end."""
        return not self._stopped.is_set() and self.error is None

    @property
    def elapsed_s(self) -> float:
        """Return the seconds since it began, or that it took."""
        return self._took_s if self.is_done else time.monotonic() - self._begun


class Desk:
    """The last proposals of this process by what was asked, shared by all sessions."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._guard = threading.Lock()

    def find(self, key: Hashable) -> Job | None:
        """Return the job of a question, None if it was not asked, or long ago."""
        with self._guard:
            return self._jobs.get(key)

    def start(self, key: Hashable, work: Work) -> Job:
        """Return the job of a question that runs or came to its end; else begin it, also after it was stopped."""
        with self._guard:
            job = self._jobs.get(key)
            if job is None or not job.is_whole:
                job = self._jobs[key] = Job(work)
            self._jobs.move_to_end(key)
            done = [one for one, old in self._jobs.items() if old.is_done and one != key]
            for old_key in done[: max(len(self._jobs) - _MOST_KEPT, 0)]:
                del self._jobs[old_key]
            return job


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """Return the one desk of this process."""
    return Desk()
