"""What if: place, move, close or change stations, roads and the threshold, and see at once what it brings."""

from __future__ import annotations

import streamlit as st

from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import markup, scenario_store, state
from pages.ui.frame import banner
from pages.ui.frame.controls import draw_controls
from pages.ui.frame.entry import enter_study
from pages.ui.preconditions import meet_needs
from pages.ui.whatif import whatif_bar, whatif_bench
from pages.ui.whatif.whatif_acts import Work


def draw(study: Study, tr: Translator) -> None:
    """Draw the page."""
    head = st.container()
    question = draw_controls(study, state.question(study), tr)
    shown = scenario_store.find_current(study)
    with head:
        banner.draw_strip(study, question, tr, scenario="" if shown is None else shown.head.name)
    if not meet_needs(study, question, tr):
        return
    work = Work(study, question, shown, tr)
    whatif_bar.draw_bar(work)
    whatif_bench.prepare(work)
    whatif_bench.draw_bench(work)
    markup.note(banner.source_line(study, tr))


enter_study(draw)
