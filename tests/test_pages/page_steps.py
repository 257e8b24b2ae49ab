"""Steps that the tests of every page share: open it in its frame, read it, wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

_LABELLED = (
    "button",
    "selectbox",
    "text_input",
    "text_area",
    "number_input",
    "toggle",
    "checkbox",
    "multiselect",
    "expander",
    "download_button",
)
# Threads of jobs beside the page, by the beginning of their names.
_JOBS = ("siting", "report", "replay", "merge")
# Nothing comes after an unexpected failure.
_FAILED = ("这一步没有完成", "This step did not finish")
_PAUSE_S = 0.05
_LONGEST_WAIT_S = 600.0


def open_page(app: AppTest, page: str, language: str = "zh", **session: Any) -> str:
    """Turn to a page and return everything it says.

    A visit that has not begun starts here: the frame is drawn around this page, and no other page before.

    Parameters
    ----------
    app
        The application.
    page
        Name of the page's file, without its ending.
    language
        What the address asks for: zh or en.
    **session
        What the session holds when the page begins.
    """
    app.query_params["lang"] = language
    for name, value in session.items():
        app.session_state[name] = value
    app.switch_page(f"{page}.py").run()
    app._page_hash = ""  # later runs stay where a button has led, as in a browser, and do not come back here
    return read_page(app)


def read_page(app: AppTest) -> str:
    """Return everything the page says: markup of ours, labels, and the heads of tables."""
    assert not app.exception
    said = [str(block.proto.body) for block in app.get("html") if "<style>" not in str(block.proto.body)]
    said += [str(one.label) for kind in _LABELLED for one in app.get(kind)]
    said += [str(one.value) for kind in ("caption", "markdown") for one in app.get(kind)]
    said += [str(block.proto.columns) for block in app.get("arrow_data_frame")]
    return "\n".join(said)


def wait_for(app: AppTest, is_there: Callable[[], bool]) -> str:
    """Let jobs beside the page come to their end, and run it until something is there; return everything it says."""
    end = time.monotonic() + _LONGEST_WAIT_S
    while not is_there():
        assert time.monotonic() < end, read_page(app)
        for job in [one for one in threading.enumerate() if one.name.startswith(_JOBS)]:
            job.join(end - time.monotonic())
        time.sleep(_PAUSE_S)
        app.run()
        page = read_page(app)
        assert not any(words in page for words in _FAILED), page
    return read_page(app)


def take_table(app: AppTest, *columns: str, without: str = "") -> Any:
    """Return the first table of the page with these columns, and without another one."""
    return next(
        one.value
        for one in app.dataframe
        if set(columns) <= set(one.value.columns) and without not in one.value.columns
    )
