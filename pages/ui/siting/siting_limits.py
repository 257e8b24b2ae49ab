"""Third part of the Sites page: limits that hold whatever is proposed, and when it is to be built."""

from __future__ import annotations

import streamlit as st

from coverage.errors import PlannerError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.siting.model.candidates import is_police_question
from geodata.intake.read_candidates import read_excluded
from geodata.words.i18n import Translator
from pages.ui import markup, state, uploads
from pages.ui.failures import show_failure
from pages.ui.siting.siting_fields import bind, get_form, put
from pages.ui.siting.siting_form import MOVING

_TYPES = ["geojson", "json", "gpkg", "zip", "kml"]


def draw_limits(study: Study, question: Question, tr: Translator) -> None:
    """Draw distances, moves, years, areas without sites, and the time for solving."""
    markup.heading(tr("siting.limits"))
    left, right = st.columns(2, gap="small", vertical_alignment="bottom")
    with left:
        st.number_input(
            tr("siting.min_distance"),
            min_value=0.0,
            max_value=500.0,
            step=1.0,
            format="%g",
            help=tr("siting.min_distance_help"),
            **bind("min_distance_km"),
        )
        st.number_input(tr("siting.first_year"), min_value=2000, max_value=2100, step=1, **bind("first_year"))
    with right:
        st.number_input(
            tr("siting.moves"),
            min_value=0,
            max_value=500,
            step=1,
            help=tr("siting.moves_help" if get_form().method in MOVING else "siting.moves_not_here"),
            disabled=get_form().method not in MOVING,
            **bind("moves"),
        )
        st.number_input(
            tr("siting.per_year"),
            min_value=0,
            max_value=1000,
            step=1,
            help=tr("siting.per_year_help"),
            **bind("per_year"),
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if not is_police_question(study.catalogue, question.choice):
            with st.popover(tr("siting.exclude_on" if get_form().exclude else "siting.exclude")):
                _draw_excluded(tr)
        with st.popover(tr("siting.time")):
            st.number_input(
                tr("siting.time_limit"),
                min_value=1.0,
                max_value=3600.0,
                step=30.0,
                format="%g",
                help=tr("siting.time_limit_help"),
                **bind("time_limit_s"),
            )


def _draw_excluded(tr: Translator) -> None:
    markup.note(tr("siting.exclude_help"))

    def take() -> None:
        upload = state.widget_value("w_siting_exclude")
        put(exclude=None if upload is None else uploads.keep_upload(upload, "exclude"))

    st.file_uploader(
        tr("siting.exclude"), type=_TYPES, key="w_siting_exclude", label_visibility="collapsed", on_change=take
    )
    path = get_form().exclude
    if path is None:
        return
    try:
        areas, _ = read_excluded(path)
    except PlannerError as error:
        show_failure(error, tr)
        return
    markup.note(tr("siting.exclude_read", count=len(areas)))
    if state.widget_value("w_siting_exclude") is not None:
        return  # taken away where the uploader shows it
    st.button(tr("siting.places_remove"), key="w_siting_exclude_remove", on_click=lambda: put(exclude=None))
