"""How many new sites each county gets on the Sites page, and what cannot be kept together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.inputs.study import Study
from coverage.siting.model.candidates import find_county_level
from coverage.siting.model.from_study import SiteQuota
from geodata.words.i18n import Translator
from pages.ui import drafts, markup
from pages.ui.siting import siting_words
from pages.ui.siting.siting_fields import bind, edit_sheet, get_form, put
from pages.ui.siting.siting_form import SitingForm, build_question


def draw_quotas(study: Study, tr: Translator) -> None:
    """Draw how many new sites each county gets at least and at most."""
    level = find_county_level(study)
    if level is None:
        return
    ids = list(level.ids[: level.unit_count])
    given = {quota.county: quota for quota in get_form().quotas}

    def build() -> pd.DataFrame:
        quotas = [given.get(one, SiteQuota(one)) for one in ids]
        return pd.DataFrame(
            {
                "name": list(level.names[: level.unit_count]),
                "at_least": [quota.at_least for quota in quotas],
                "at_most": [np.nan if quota.at_most is None else quota.at_most for quota in quotas],
            }
        )

    whole: dict[str, Any] = {"min_value": 0, "max_value": 5000, "step": 1, "alignment": "right"}
    columns: dict[str, ColumnConfig] = {
        "name": st.column_config.TextColumn(tr("siting.column.county"), width="medium"),
        "at_least": st.column_config.NumberColumn(tr("siting.at_least"), **whole),
        "at_most": st.column_config.NumberColumn(tr("siting.at_most"), help=tr("siting.at_most_help"), **whole),
    }
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.number_input(
            tr("siting.most_each"),
            min_value=0,
            max_value=5000,
            step=1,
            help=tr("siting.most_each_help"),
            **bind("most_each"),
        )
        markup.note(tr("siting.quotas_note"))
    with right:
        now = edit_sheet("quotas", ids, build, columns, tr, disabled=["name"])
    quotas = []
    for county, row in zip(ids, now.to_dict("records"), strict=True):
        least, most = drafts.clean(row["at_least"]) or 0, drafts.clean(row["at_most"])
        if least or most is not None:
            quotas.append(SiteQuota(county, int(least), None if most is None else int(most)))
    put(quotas=tuple(quotas))
    wrong = say_contradiction(study, get_form(), tr)
    if wrong:
        markup.put(markup.element("p", markup.words(wrong), look="p-fact p-warn"))


def say_contradiction(study: Study, form: SitingForm, tr: Translator) -> str:
    """Say which counties are to get at least more than at most, or more in all than are built; "" for none."""
    wrong = [one for one in form.quotas if one.at_most is not None and one.at_least > one.at_most]
    if wrong:
        names = siting_words.name_counties(study, pd.Series([one.county for one in wrong]))
        return tr("siting.quota_above", names=tr("list.comma").join(names))
    least = sum(one.at_least for one in form.quotas)
    asked = build_question(form)
    if asked.sites is not None and least > asked.sites + asked.moves:
        return tr("siting.quota_too_many", least=least, sites=asked.sites)
    return ""
