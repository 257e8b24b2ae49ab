"""What a page of figures needs before it can show any: roads, a list of stations, and stations that are meant."""

from __future__ import annotations

import streamlit as st

from coverage.inputs.question import Question
from coverage.inputs.stations import select_stations
from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import state
from pages.ui.failures import show_empty
from pages.ui.first_question import first_question
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached
from pages.ui.next_steps import turn_to_data


def meet_needs(study: Study, question: Question, tr: Translator) -> bool:
    """Join people to the roads; where figures would be false, say what is missing and the cure, and return False."""
    missing = "no_roads" if study.network is None else "no_list" if study.stations.empty else ""
    if missing:
        show_empty(tr(f"overview.{missing}.what"), tr(f"overview.{missing}.why"))
        if st.button(tr(f"overview.{missing}.button"), type="primary", key="w_to_data"):
            turn_to_data("new")
        return False
    with shown_progress(tr, "doing.join") as progress:
        cached.ask(study, question).get("basis", progress)
    if cached.ask(study, question).assessment.station_count:
        return True
    # Those asked about may all be closed at the moment chosen.
    offered = select_stations(study.stations, study.catalogue, question.choice).any()
    lack = "none_open" if question.moment_min is not None and offered else "no_station"
    show_empty(tr(f"overview.{lack}.what"), tr(f"overview.{lack}.why"))
    st.button(
        tr("overview.no_station.button"),
        type="primary",
        key="w_first_question",
        on_click=lambda: state.set_question(first_question(study)),
    )
    return False
