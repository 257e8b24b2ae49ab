"""The largest gaps by name, people and minutes, each with a button that shows it on the map."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd
import streamlit as st

from coverage.access.assessment import Assessment
from coverage.inputs.study import Study
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, state, terms
from pages.ui.memo.cached import vault

_SHOWN = 5
_HALF_SIDE_DEG = 0.08


def name_place(study: Study, district_id: str, tr: Translator) -> str:
    """Name a district with the county above it, e.g. ``乌鲁木齐县 板房沟镇``."""
    return name_places(study, [district_id], tr)[0]


def name_places(study: Study, district_ids: Iterable[str], tr: Translator) -> list[str]:
    """Name several districts, as `name_place` does one."""
    names = vault().fetch("place_names", study.fingerprint, lambda: _name_all(study))
    outside = tr("place.outside_districts")
    return [names.get(one) or outside for one in district_ids]


def _name_all(study: Study) -> dict[str, str]:
    """Name every district at once: looking them up one by one in the table takes a millisecond each."""
    districts = study.districts
    ids = [str(one) for one in districts.index]
    name, parent, level = (
        dict(zip(ids, map(str, districts[column]), strict=True)) for column in ("name", "parent_id", "level")
    )
    answer = {}
    for one in ids:
        top, above = one, parent[one]
        while above in name and level[above] != "prefecture":
            top, above = above, parent[above]
        answer[one] = name[one] if top == one else f"{name[top]} {name[one]}"
    return answer


def show_gap(lon: float, lat: float, district_id: str) -> None:
    """Move the map to the middle of a gap and outline the district that holds most of its people."""
    tall = _HALF_SIDE_DEG * math.cos(math.radians(lat))
    state.move_map((lon - _HALF_SIDE_DEG, lat - tall, lon + _HALF_SIDE_DEG, lat + tall))
    state.select_district(district_id)


def draw_gaps(study: Study, assessment: Assessment, gaps: pd.DataFrame, tr: Translator) -> None:
    """Draw the five largest gaps."""
    markup.heading(tr("gaps.title"))
    if gaps.empty:
        markup.note(tr("gaps.none"))
        return
    unit = terms.unit_suffix(assessment.weight_column, tr)
    with st.container(key="gaps", gap=None):
        for gap_id, gap in gaps.head(_SHOWN).iterrows():
            row = st.columns([2.5, 1.4, 1.3, 1.0], vertical_alignment="center", gap="xsmall")
            name = name_place(study, str(gap["district_id"]), tr)
            with row[0]:
                markup.put(markup.element("div", markup.words(name), style="font-size: 13px; line-height: 1.35"))
            with row[1]:
                _right(number_format.people_short(float(gap["people"]), tr.language) + unit)
            with row[2]:
                _right(say_minutes(float(gap["median_min"]), str(gap["status"]), tr))
            with row[3]:
                st.button(
                    tr("gaps.show"),
                    key=f"w_gap_{gap_id}",
                    type="tertiary",
                    on_click=show_gap,
                    args=(float(gap["lon"]), float(gap["lat"]), str(gap["district_id"])),
                )
    markup.note(tr("gaps.note", count=len(gaps)))


def say_minutes(median_min: float, status: str, tr: Translator) -> str:
    """Say the minutes of a gap, or its class where most people have none."""
    if math.isfinite(median_min) and status == "beyond":
        return number_format.minutes(median_min, tr.language)
    return tr(f"short.{status}")


def _right(text: str) -> None:
    markup.put(
        markup.element("div", markup.words(text), style="font-size: 13px; text-align: right; white-space: nowrap")
    )
