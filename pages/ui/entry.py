"""Entering a page: always through app.py, which draws the frame around it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui import state


def enter(page: str, draw: Callable[[], None]) -> None:
    """Draw a page within the frame.

    A server that was just started takes the folder ``pages`` for an older kind of application until
    app.py has run once, and would run a page whose address was opened directly without its frame. Such
    a visit is sent through app.py, which leads back to the page.

    Parameters
    ----------
    page
        Path of the page from the folder of app.py.
    draw
        Draws the page.
    """
    if state.is_framed(page):
        draw()
    else:
        state.settle_language()  # the way through app.py loses what the address says
        state.settle_study()
        st.switch_page("app.py")
