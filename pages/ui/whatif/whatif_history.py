"""The history of a scenario: its edits in order, those that were undone in grey, and undo and redo."""

from __future__ import annotations

import streamlit as st

from geodata.maps.labels import Markup
from pages.ui import markup
from pages.ui.whatif import whatif_acts, whatif_words
from pages.ui.whatif.whatif_acts import Work

_SHOWN_PX = 132


def draw_history(work: Work) -> None:
    """Draw the buttons and the list, the last edit first."""
    tr = work.tr
    history = None if work.shown is None else work.shown.history
    done, past, future = ((), (), ()) if history is None else (history.done, history.past, history.future)
    with st.container(horizontal=True, vertical_alignment="center", key="whatif_history"):
        markup.put(markup.element("p", markup.words(tr("whatif.history", count=len(done))), look="p-head"))
        for kind, known in (("undo", past), ("redo", future)):
            st.button(
                tr(f"whatif.{kind}"),
                key=f"w_whatif_{kind}",
                help=tr(f"whatif.{kind}_help"),
                disabled=not known or not work.is_open,
                on_click=whatif_acts.step,
                args=(work, kind),
            )
    if not past and not future:
        markup.note(tr("whatif.history_none"))
        return
    said = whatif_words.say_changes(work.study, done, future, tr)
    lines = [
        markup.element(
            "li",
            markup.element("i", markup.words(number)),
            markup.words(text),
            look="p-undone" if number > len(done) else "p-last" if number == len(done) else "",
        )
        for number, text in enumerate(said, start=1)
    ]
    # What was undone stands above, ready to be done again.
    with st.container(height=_SHOWN_PX if len(lines) > 4 else "content", border=False):
        markup.put(markup.element("ol", *lines[::-1], look="p-history"))
        saved = _say_saved(work)
        if saved is not None:
            markup.put(saved)


def _say_saved(work: Work) -> Markup | None:
    if work.shown is None or not work.shown.entries:
        return None
    last = work.shown.entries[-1]
    said = work.tr(
        "whatif.saved", when=whatif_words.say_moment(last.made_at), who=last.author or work.tr("whatif.nobody")
    )
    return markup.element("p", markup.words(said), look="p-note")
