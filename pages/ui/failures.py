"""What went wrong, in words: expected errors with why and how to fix, anything else with an id for the log."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from coverage.errors import CancelledError, DataIssue, PlannerError
from geodata.files.safe_files import explain_os_error
from geodata.words.i18n import Translator
from pages.ui import markup, state

_log = logging.getLogger("planner.screens")


def show_failure(error: PlannerError | DataIssue, tr: Translator) -> None:
    """Draw a box with what happened, why, and how to fix it."""
    said = tr.describe(error)
    parts = [markup.element("p", markup.element("b", markup.words(said.what)))]
    parts += [markup.element("p", markup.words(fault)) for fault in said.faults]
    if said.why:
        parts.append(markup.element("p", markup.words(said.why), look="p-why"))
    if said.fix:
        parts.append(markup.element("p", markup.words(said.fix)))
    markup.put(markup.element("div", *parts, look="p-box"))


def show_empty(what: str, why: str) -> None:
    """Draw what is missing and why it matters; the page adds the one button that cures it."""
    parts = (markup.element("p", markup.element("b", markup.words(what))), markup.element("p", markup.words(why)))
    markup.put(markup.element("div", *parts, look="p-box p-calm"))


@contextmanager
def guard(tr: Translator) -> Iterator[None]:
    """Turn errors of a page, or a part of it, into boxes; details of unexpected ones go to the log only."""
    try:
        yield
    except CancelledError:
        state.ask_to_stop()
        show_stopped(tr)
    except PlannerError as error:
        show_failure(error, tr)
    except OSError as error:
        _log.warning("refused by the system", exc_info=True)
        show_failure(explain_os_error(error), tr)
    except Exception:
        number = uuid.uuid4().hex[:8]
        _log.exception("unexpected failure %s", number)
        show_empty(tr("failure.unexpected.what", number=number), tr("failure.unexpected.fix"))


def show_stopped(tr: Translator) -> None:
    """Say that a long job was stopped, with the button to take it up again."""
    show_empty(tr("job.stopped.what"), tr("job.stopped.why"))
    st.button(tr("job.again"), on_click=state.take_up_again, type="primary", key="w_again")
