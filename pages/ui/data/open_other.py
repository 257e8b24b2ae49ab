"""Opening another study: a folder of this computer, a pack, or the embedded demo."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from coverage.errors import PlannerError
from geodata.studies.demo import demo_folder
from geodata.studies.study_file import read_study_file
from geodata.words.i18n import Translator
from pages.ui import downloads, markup, scenario_store, state, uploads
from pages.ui.failures import show_failure

_THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")


def draw_open(tr: Translator) -> None:
    """Draw the ways to open a study, and the templates."""
    left, right = st.columns([1, 1], gap="medium")
    if is_single_user():
        # On a server the folders are not the visitor's: whether one is there is nothing to tell.
        with left, st.container(border=True):
            _draw_folder(tr)
    with right, st.container(border=True):
        _draw_pack(tr)
    with left, st.container(border=True):
        markup.heading(tr("open.demo_title"))
        markup.note(tr("open.demo_help"))
        if st.button(tr("open.demo"), key="w_open_demo"):
            _turn_to(demo_folder() / "study.toml")
    with right, st.container(border=True):
        draw_templates(tr)


def is_single_user() -> bool:
    """Tell whether only this computer can open the pages, so that its folders are the visitor's own."""
    return str(st.get_option("server.address")) in _THIS_COMPUTER


def _draw_folder(tr: Translator) -> None:
    markup.heading(tr("open.folder_title"))
    markup.note(tr("open.folder_help"))
    with st.form("open_folder", border=False):
        text = st.text_input(tr("open.folder_label"), key="w_open_folder")
        sent = st.form_submit_button(tr("open.open"))
    if sent and text.strip():
        path = Path(text.strip().strip('"'))
        try:
            _turn_to(read_study_file(path).path)
        except PlannerError as error:
            show_failure(error, tr)


def _draw_pack(tr: Translator) -> None:
    markup.heading(tr("open.pack_title"))
    markup.note(tr("open.pack_help"))
    upload = st.file_uploader(
        tr("open.pack_title"), type=["zip"], key="w_open_pack", label_visibility="collapsed", max_upload_size=500
    )
    if upload is not None and st.button(tr("open.open"), key="w_open_pack_go", type="primary"):
        try:
            kept = uploads.keep_upload(upload, "pack")
            _turn_to(scenario_store.open_with_scenarios(kept, uploads.new_study_folder(), upload.name))
        except PlannerError as error:
            show_failure(error, tr)


def _turn_to(path: Path) -> None:
    state.open_study_at(path)
    st.switch_page("overview.py")


def draw_templates(tr: Translator) -> None:
    """Draw the downloads of example tables."""
    markup.heading(tr("templates.title"))
    markup.note(tr("templates.help"))
    with st.container(horizontal=True):
        for name, build in (("stations", downloads.station_template), ("population", downloads.population_template)):
            st.download_button(
                tr(f"templates.{name}"),
                data=downloads.to_csv_bytes(build()),
                file_name=f"{name}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"w_template_{name}",
            )
