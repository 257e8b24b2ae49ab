"""What lives as long as the server is set aside, so that looking for garbage after every run of a page is quick.

Streamlit looks through all objects after each run of a script, a click on a map included. Most of them are modules,
which never become garbage: half a million objects took longer to look through than the click took to answer.
"""

from __future__ import annotations

import gc

import streamlit as st


@st.cache_resource(show_spinner=False)
def set_aside(page: str) -> int:
    """Set aside what is there once a page was drawn for the first time; return how many objects are aside now."""
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()
