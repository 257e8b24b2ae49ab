"""Progress of jobs that take longer than a moment, with a button to stop them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from coverage.progress import Progress
from geodata.words.i18n import Translator
from pages.ui import state

_PATIENCE_S = 0.5  # shorter jobs show nothing
_EVERY_S = 0.1


@contextmanager
def shown_progress(tr: Translator, title_id: str) -> Iterator[Progress]:
    """Give a callback that draws the share done once the job has taken half a second.

    Pressing the button starts a new run of the page, which ends this one at its next report: the job
    stops there and keeps nothing.

    Parameters
    ----------
    tr
        The words.
    title_id
        Message that says what is being done.
    """
    place = st.empty()
    begun = time.monotonic()
    last = begun
    bar = None

    def report(share: float, step: str) -> bool:
        nonlocal bar, last
        now = time.monotonic()
        if now - begun < _PATIENCE_S or now - last < _EVERY_S:
            return True
        last = now
        text = f"{tr(title_id)} {share:.0%}"
        if bar is None:
            with place.container(horizontal=True, vertical_alignment="center"):
                bar = st.progress(min(max(share, 0.0), 1.0), text=text)
                st.button(tr("job.stop"), on_click=state.ask_to_stop, key=f"w_stop_{title_id}")
        else:
            bar.progress(min(max(share, 0.0), 1.0), text=text)
        return True

    try:
        yield report
    finally:
        place.empty()
