"""Standards and parameters: everything that decides who counts as reached, edited and saved with the study."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import drafts, markup, state
from pages.ui.frame import banner
from pages.ui.frame.entry import enter_study
from pages.ui.standards import (
    edit_catalogue,
    edit_closures,
    edit_modes,
    edit_speeds,
    edit_targets,
    edit_thresholds,
    edit_zones,
)

_PARTS: dict[str, Callable[[Study, DeltaGenerator, Translator], None]] = {
    "thresholds": edit_thresholds.draw,
    "speeds": edit_speeds.draw,
    "zones": edit_zones.draw,
    "modes": edit_modes.draw,
    "closures": edit_closures.draw,
    "targets": edit_targets.draw,
    "catalogue": edit_catalogue.draw,
}
_UNSAVED = " ●"


def draw(study: Study, tr: Translator) -> None:
    """Draw the page."""
    banner.draw_strip(study, state.question(study), tr)
    part = state.standards_tab("thresholds")
    tabs = st.container()
    markup.put(markup.element("p", markup.words(tr(f"standards.{part}.decides")), style="font-size: 15px; margin: 0"))
    bar = st.container()
    try:
        _PARTS[part](study, bar, tr)
    finally:
        # Only now it is known what is not saved.
        with tabs:
            _draw_tabs(part, tr)
    markup.note(banner.source_line(study, tr))


def _draw_tabs(part: str, tr: Translator) -> None:
    changed = drafts.list_changed()
    state.preset_widget("w_standards_tab", part)
    st.segmented_control(
        tr("nav.standards"),
        list(_PARTS),
        format_func=lambda one: tr(f"standards.part.{one}") + (_UNSAVED if one in changed else ""),
        key="w_standards_tab",
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.set_standards_tab(state.widget_value("w_standards_tab") or part),
    )


enter_study(draw)
