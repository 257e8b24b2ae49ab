"""How long jobs report back and are stopped."""

from __future__ import annotations

from collections.abc import Callable

from coverage.errors import CancelledError

# Called with the share done (0..1) and the id of the step; returning False asks the job to stop.
Progress = Callable[[float, str], bool]


def ignore_progress(share: float, step: str) -> bool:
    """Go on without telling anybody."""
    return True


def report_progress(progress: Progress, share: float, step: str) -> None:
    """Tell how far the job is; raise `CancelledError` if the user asked it to stop."""
    if not progress(share, step):
        raise CancelledError("job.cancelled", step=step)
