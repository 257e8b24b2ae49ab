"""What lives as long as the server is set aside, and garbage is looked for when nobody waits.

A full search walks all objects of all visitors. After every click it cost more than the click: what is set aside
(modules, half a million objects that never become garbage) is not walked, and the rest is walked in quiet moments.
"""

from __future__ import annotations

import gc
import threading
import time

import streamlit as st

# Processor time is looked at so often, garbage at most so often; nobody waits below this share of one processor, and
# a server that is never quiet is searched all the same [s].
_LOOK_S, _EVERY_S, _QUIET_SHARE, _LATEST_S = 2.0, 20.0, 0.2, 300.0
# With less work than this since the last search there is nothing worth looking for [s of processor time].
_LEAST_WORK_S = 0.5


@st.cache_resource(show_spinner=False)
def set_aside(page: str) -> int:
    """Set aside what is there once a page was drawn for the first time; return how many objects are aside now."""
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()


@st.cache_resource(show_spinner=False)
def collect_when_idle() -> threading.Thread:
    """Begin to look for garbage in quiet moments, once for all visits; return the thread that does."""
    thread = threading.Thread(target=_watch, name="planner-garbage", daemon=True)
    thread.start()
    return thread


def _watch() -> None:
    searched, worked = time.monotonic(), time.process_time()
    while True:
        before = time.process_time()
        time.sleep(_LOOK_S)
        used = time.process_time()
        if is_due(time.monotonic() - searched, (used - before) / _LOOK_S, used - worked):
            gc.collect()
            searched, worked = time.monotonic(), time.process_time()


def is_due(since_s: float, share: float, work_s: float) -> bool:
    """Tell whether to look for garbage now.

    Parameters
    ----------
    since_s
        Since the last search [s].
    share
        Of one processor that is in use at the moment.
    work_s
        Processor time used since the last search [s].
    """
    if work_s < _LEAST_WORK_S or since_s < _EVERY_S:
        return False
    return share < _QUIET_SHARE or since_s >= _LATEST_S
