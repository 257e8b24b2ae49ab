"""Proposals that are being computed: beside the page, and stopped with the best so far."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

from coverage.progress import Progress
from coverage.siting.model.solver_progress import SolveProgress, SolveReport
from geodata.answers.run_siting import Suggestion
from pages.ui.side_jobs import JobDesk, SideJob

_MOST_KEPT = 8

Work = Callable[[Progress, SolveReport], Suggestion]


class Job(SideJob[Suggestion]):
    """One proposal on its way; what was found by then is kept when it is stopped.

    Parameters
    ----------
    work
        Computes it; is given what to tell its progress to, and stops when told so.
    """

    def __init__(self, work: Work) -> None:
        self.seen: SolveProgress | None = None
        super().__init__(lambda tell: work(tell, self._watch), "siting")

    def _watch(self, seen: SolveProgress) -> bool:
        self.seen = seen
        return not self.is_stopped


class Desk(JobDesk[Job]):
    """The last proposals of this process by what was asked, shared by all sessions."""

    def __init__(self) -> None:
        super().__init__(_MOST_KEPT)

    def start(self, key: Hashable, work: Work) -> Job:
        """Return the job of a question that runs or came to its end; else begin it, also after it was stopped."""
        return self.begin(key, lambda: Job(work))


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """Return the one desk of this process."""
    return Desk()
