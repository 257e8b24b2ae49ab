"""Second part of the Sites page: where a site could open."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coverage.errors import PlannerError
from coverage.inputs.question import Question
from coverage.inputs.schema import LoadedTable
from coverage.inputs.study import Study
from coverage.siting.model.candidates import is_police_question
from geodata.intake.read_candidates import read_candidates
from geodata.words.i18n import Translator
from pages.ui import markup, state, uploads
from pages.ui.downloads import to_csv_bytes
from pages.ui.failures import show_failure
from pages.ui.memo import cached_siting
from pages.ui.siting import siting_form
from pages.ui.siting.siting_fields import bind, get_form, put
from pages.ui.study_contents import draw_table

_TYPES = ["csv", "xlsx", "xls", "et", "ods", "geojson", "json", "gpkg", "zip", "kml", "osm", "pbf"]
CLICKS = "clicks"
_MOST_SAID = 8


def draw_sources(study: Study, question: Question, tr: Translator) -> None:
    """Draw the sources of candidates, the upload of places, and the switch that adds sites by clicks."""
    markup.heading(tr("siting.sources"))
    offered = siting_form.offered_sources(study, question)
    if is_police_question(study.catalogue, question.choice):
        markup.note(tr("siting.police"))
        if not question.service and get_form().method != "bundle":
            markup.note(tr("siting.police_item"))
        return
    st.pills(
        tr("siting.sources"),
        offered,
        selection_mode="multi",
        format_func=lambda one: tr(f"siting.source.{one}"),
        label_visibility="collapsed",
        **bind("sources", take=tuple, give=lambda _: list(siting_form.find_sources(get_form(), study, question))),
    )
    if not question.service and get_form().method != "bundle":
        markup.note(tr("siting.no_item"))
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover(tr("siting.places")):
            _draw_places(study, tr)
        with st.popover(tr("siting.source_options")):
            st.toggle(tr("siting.any_family"), help=tr("siting.any_family_help"), **bind("any_family"))
            st.number_input(
                tr("siting.spacing"),
                min_value=0.1,
                max_value=200.0,
                step=1.0,
                format="%g",
                help=tr("siting.spacing_help"),
                **bind("spacing_km"),
            )
    _draw_clicks(tr)


def _draw_places(study: Study, tr: Translator) -> None:
    markup.note(tr("siting.places_help"))
    st.download_button(
        tr("siting.places_template"),
        data=lambda: to_csv_bytes(places_template(tr)),
        file_name="places.csv",
        mime="text/csv",
        on_click="ignore",
        key="w_siting_template",
    )

    def take() -> None:
        upload = state.widget_value("w_siting_places")
        put(places=None if upload is None else uploads.keep_upload(upload, "places"))

    st.file_uploader(
        tr("siting.places"), type=_TYPES, key="w_siting_places", label_visibility="collapsed", on_change=take
    )
    path = get_form().places
    if path is None:
        return
    try:
        if siting_form.is_osm_file(path):
            markup.note(tr("siting.osm_read", count=len(cached_siting.fetch_places(path))))
        else:
            _say_read(read_candidates(path, study.catalogue, siting_form.build_costs(get_form())), tr)
    except PlannerError as error:
        show_failure(error, tr)
    # A file that the uploader shows is taken away there: the button is for one of an earlier visit.
    if state.widget_value("w_siting_places") is None:
        st.button(tr("siting.places_remove"), key="w_siting_remove", on_click=lambda: put(places=None))


def _say_read(read: LoadedTable, tr: Translator) -> None:
    """Say how many rows of a list are used, and list the others."""
    markup.note(tr("siting.places_read", count=len(read.table), rejected=len(read.rejected)))
    if len(read.rejected):
        said = [
            {
                tr("column.row"): int(str(row["row"])),
                tr("column.problem"): tr(f"fact.problem.{row['problem']}"),
                tr("column.value"): str(row["value"]),
            }
            for row in read.rejected.to_dict("records")
        ]
        markup.put(draw_table(pd.DataFrame(said[:_MOST_SAID]), left=3))
        if len(said) > _MOST_SAID:
            markup.note(tr("siting.places_more", count=len(said) - _MOST_SAID))


def places_template(tr: Translator) -> pd.DataFrame:
    """Return the columns of a table of places with two example rows."""
    rows = [("P001", 87.4321, 43.5678, "postal_agent", 30000, ""), ("P002", 87.5321, 43.6678, "", "", "")]
    table = pd.DataFrame(rows, columns=["site_id", "lon", "lat", "kind", "cost", "role"])
    table.insert(1, "name", [tr("siting.places_example", number=number) for number in (1, 2)])
    return table


def _draw_clicks(tr: Translator) -> None:
    drawn = get_form().drawn
    with st.container(horizontal=True, vertical_alignment="center"):
        state.preset_widget("w_siting_clicks", bool(state.siting(CLICKS)))
        st.toggle(
            tr("siting.clicks"),
            key="w_siting_clicks",
            help=tr("siting.clicks_help"),
            on_change=lambda: state.keep_siting(CLICKS, state.widget_value("w_siting_clicks")),
        )
        if drawn:
            st.button(
                tr("siting.clicks_undo", count=len(drawn)),
                key="w_siting_clicks_undo",
                on_click=lambda: put(drawn=drawn[:-1]),
            )
