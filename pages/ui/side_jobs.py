"""Jobs beside the page: it stays alive, and they come to their end however often it is drawn again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from coverage.progress import Progress

_T = TypeVar("_T")


class SideJob(Generic[_T]):
    """One job on its way.

    Parameters
    ----------
    work
        Does it; is given what to tell its progress to, and stops when told so.
    name
        Name of its thread.
    """

    def __init__(self, work: Callable[[Progress], _T], name: str = "job") -> None:
        self.step = ""
        self.share = 0.0
        self.found: _T | None = None
        self.error: Exception | None = None
        self._stopped = threading.Event()
        self._done = threading.Event()
        self._begun = time.monotonic()
        self._took_s = 0.0
        self._work = work
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        try:
            self.found = self._work(self.tell)
        except Exception as error:  # shown by the page, which knows how
            self.error = error
        finally:
            self._took_s = time.monotonic() - self._begun
            self._done.set()

    def tell(self, share: float, step: str) -> bool:
        """Take the share done of a step; return whether to go on."""
        self.share, self.step = share, step
        return not self._stopped.is_set()

    def stop(self) -> None:
        """Ask it to stop."""
        self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Wait for it; return whether it is done."""
        return self._done.wait(seconds)

    @property
    def is_done(self) -> bool:
        """Tell whether it is done."""
        return self._done.is_set()

    @property
    def is_stopped(self) -> bool:
        """Tell whether it was asked to stop."""
        return self._stopped.is_set()

    @property
    def is_whole(self) -> bool:
        """Tell whether it ran, or runs, to its own end."""
        return not self._stopped.is_set() and self.error is None

    @property
    def elapsed_s(self) -> float:
        """Return the seconds since it began, or that it took."""
        return self._took_s if self.is_done else time.monotonic() - self._begun


_J = TypeVar("_J", bound=SideJob)  # type: ignore[type-arg]  # of whatever result


class JobDesk(Generic[_J]):
    """The last jobs of this process by what was asked, shared by all sessions.

    Parameters
    ----------
    most_kept
        How many jobs that are done are kept.
    """

    def __init__(self, most_kept: int) -> None:
        self._jobs: OrderedDict[Hashable, _J] = OrderedDict()
        self._guard = threading.Lock()
        self._most_kept = most_kept

    def find(self, key: Hashable) -> _J | None:
        """Return the job of a question, None if it was not asked, or long ago."""
        with self._guard:
            return self._jobs.get(key)

    def begin(self, key: Hashable, make: Callable[[], _J]) -> _J:
        """Return the job of a question that runs or came to its end; else make it, also after it was stopped."""
        with self._guard:
            job = self._jobs.get(key)
            if job is None or not job.is_whole:
                job = self._jobs[key] = make()
            self._jobs.move_to_end(key)
            done = [one for one, old in self._jobs.items() if old.is_done and one != key]
            for old_key in done[: max(len(self._jobs) - self._most_kept, 0)]:
                del self._jobs[old_key]
            return job
