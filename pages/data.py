"""Set up and import: what the study contains, what was found in it, and how to open or make another."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from coverage.inputs.study import Study
from geodata.answers.write_assessment import name_download
from geodata.words.i18n import Translator
from pages.ui import downloads, markup, state
from pages.ui.data.new_study import draw_new_study
from pages.ui.data.open_other import draw_open
from pages.ui.data.stored_versions import draw_versions
from pages.ui.failures import guard, show_stopped
from pages.ui.frame import banner
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached
from pages.ui.study_contents import draw_contents

_SECTIONS: tuple[str, ...] = ("contents", "new", "open")


def draw() -> None:
    """Draw the page."""
    tr = state.translator()
    if state.was_stopped() and state.data_section() != "new":
        show_stopped(tr)
        return
    head = st.container()
    state.preset_widget("w_data_section", state.data_section())
    section = st.segmented_control(
        tr("data.section"),
        _SECTIONS,
        format_func=lambda one: tr(f"data.section.{one}"),
        key="w_data_section",
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.set_data_section(state.widget_value("w_data_section") or "contents"),
    )
    with guard(tr):
        if section == "new":
            draw_new_study(tr)
        elif section == "open":
            draw_open(tr)
    with guard(tr):
        with shown_progress(tr, "doing.open") as progress:
            study = cached.fetch_study(state.study_path(), progress)
        with head:
            banner.draw_strip(study, state.question(study), tr)
        if section not in ("new", "open"):
            draw_contents(study, tr)
            _draw_left_out(state.study_path().parent, tr)
            _draw_take_away(study, tr)
            draw_versions(study, tr)


def _draw_left_out(folder: Path, tr: Translator) -> None:
    """Offer the rows that were left out when the study was made; they are kept beside it."""
    files = sorted(folder.glob("rejected_*.csv"))
    if not files:
        return
    markup.heading(tr("left_out.title"))
    markup.note(tr("left_out.help"))
    with st.container(horizontal=True):
        for file in files:
            st.download_button(
                tr("left_out.download", role=tr(f"role.{file.stem.removeprefix('rejected_')}")),
                partial(downloads.say_left_out, file, tr),
                file_name=file.name,
                mime="text/csv",
                on_click="ignore",
                key=f"w_{file.stem}",
            )


def _draw_take_away(study: Study, tr: Translator) -> None:
    markup.heading(tr("pack.title"))
    markup.note(tr("pack.help"))
    folder = state.study_path().parent
    st.download_button(
        tr("pack.download"),
        data=lambda: downloads.to_pack_bytes(folder),
        file_name=name_download(study, "study.zip"),
        mime="application/zip",
        on_click="ignore",
        key="w_pack",
    )


draw()
