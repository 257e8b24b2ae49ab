"""Turns at the processor: of many sessions that draw at once, only as many as there are processors do so together.

Python runs one thread at a time. Twenty that want to run take it from one another at every call of the system, and
all of them become slow; in turns each is drawn as fast as if it were alone, and the first ones are done early.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

# Nobody waits longer: a turn that takes long must not stop the others [s].
_PATIENCE_S = 20.0


class Turns:
    """So many turns at a time.

    Parameters
    ----------
    count
        How many run together.
    patience_s
        Who has waited this long goes on without a turn [s].
    """

    def __init__(self, count: int, patience_s: float = _PATIENCE_S) -> None:
        self._free = threading.Semaphore(count)
        self._patience_s = patience_s

    @contextlib.contextmanager
    def take(self) -> Iterator[bool]:
        """Wait for a turn and keep it for the block; tell whether there was one."""
        taken = self._free.acquire(timeout=self._patience_s)
        try:
            yield taken
        finally:
            if taken:
                self._free.release()


DRAWING = Turns(max(2, os.cpu_count() or 2))
