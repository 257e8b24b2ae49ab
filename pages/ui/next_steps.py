"""What to do next from the Overview, and the ways to other pages."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import markup, state


def draw_next_steps(study: Study, gaps: pd.DataFrame, tr: Translator) -> None:
    """Draw the buttons that lead on."""
    markup.heading(tr("next.title"))
    with st.container(horizontal=True):
        if len(gaps) and st.button(tr("next.gap"), key="w_next_gap", type="primary"):
            st.switch_page("coverage_gaps.py")
        if st.button(tr("next.indicators"), key="w_next_indicators"):
            st.switch_page("indicators.py")
        if st.button(tr("next.report"), key="w_next_report"):
            st.switch_page("report.py")
        if st.button(tr("next.data"), key="w_next_data"):
            turn_to_data("contents")
        if study.schematic and st.button(tr("next.own"), key="w_next_own"):
            turn_to_data("new")


def turn_to_data(section: str) -> None:
    """Turn to a part of the data page: contents, new or open."""
    state.set_data_section(section)
    st.switch_page("data.py")
