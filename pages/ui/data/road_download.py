"""Roads from OpenStreetMap's servers for those who have no road file: only at the press of a button."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.errors import PlannerError
from geodata.files.folders import downloads_folder
from geodata.roads.download_roads import download_roads
from geodata.studies.new_study import add_margin
from geodata.studies.study_file import DEFAULT_MARGIN_KM
from geodata.words.i18n import Translator
from pages.ui import markup, state
from pages.ui.failures import show_failure
from pages.ui.long_jobs import shown_progress


def offer_download(area: BaseGeometry, tr: Translator) -> Path | None:
    """Draw the offer; return the road file once it was downloaded for this area and margin."""
    margin_km = state.new_margin_km(DEFAULT_MARGIN_KM)
    wide = add_margin(area, margin_km)
    markup.note(tr("new.download.what", margin=f"{margin_km:g}"))
    if st.button(tr("new.download.button"), key="w_new_download"):
        state.want_roads_of(wide.wkb_hex)
    if not state.are_roads_wanted(wide.wkb_hex):
        return None
    try:
        with shown_progress(tr, "doing.download") as progress:
            return download_roads(wide, "drive", folder=downloads_folder(), progress=progress)
    except PlannerError as error:
        state.want_roads_of("")
        show_failure(error, tr)
        return None
