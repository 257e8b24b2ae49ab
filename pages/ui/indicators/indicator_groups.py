"""All indicators of the whole study, folded by group."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coverage.inputs.study import Study
from geodata.words.i18n import Translator
from pages.ui import indicator_tables, markup
from pages.ui.study_contents import draw_table


def draw_groups(study: Study, whole: pd.DataFrame, tr: Translator) -> None:
    """Draw one fold for each group that has values."""
    markup.heading(tr("indicators.more"))
    for group, _ in indicator_tables.GROUPS:
        listed = indicator_tables.list_group(whole, group, study.catalogue, tr)
        if listed.empty:
            continue
        with st.expander(tr(f"indicators.group.{group}")):
            markup.put(draw_table(listed, left=2))
            if group == "burden":
                markup.note(tr("indicators.estimate_note"))
            items = indicator_tables.list_established_items(whole, study.catalogue, tr)
            if group == "established" and not items.empty:
                markup.note(tr("indicators.items_note"))
                markup.put(draw_table(items))
            markup.note(tr("indicators.source"))
