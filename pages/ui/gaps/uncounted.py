"""Stations that meet what is asked and do not count as fixed services: how many there are, their hours, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from coverage.access.layer_coverage import count_unknown_hours, tabulate_uncounted
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import downloads, markup, terms


def draw_count(study: Study, question: Question, tr: Translator) -> None:
    """Say how many stations do not count, with the first by name and hours, and how many count without known hours."""
    listed = tabulate_uncounted(study, question.choice)
    said = []
    if len(listed):
        first = listed.iloc[0]
        hours = float(first["hours_week"])
        known = tr("uncounted.hours", hours=number_format.number(hours, 1)) if np.isfinite(hours) else ""
        reason = tr(f"fact.uncounted.{first['reason']}")
        said.append(
            tr("uncounted.count", count=len(listed), station=str(first["name"]), why=tr("list.comma").join(
                one for one in (known, reason) if one
            ))
        )  # fmt: skip
    unknown = count_unknown_hours(study, question.choice)
    if unknown:
        said.append(tr("uncounted.unknown", count=unknown))
    if said:
        markup.note(" ".join(said))


def draw_list(study: Study, question: Question, tr: Translator) -> None:
    """Draw the table of these stations."""
    listed = tabulate_uncounted(study, question.choice)
    if listed.empty:
        markup.note(tr("uncounted.none"))
        return
    kinds = {kind.id: kind.name for kind in study.catalogue.kinds}
    shown = pd.DataFrame(
        {
            tr("report.column.station"): listed["name"].astype(str).to_numpy(),
            tr("report.column.kind"): [terms.say(kinds[str(one)], tr) for one in listed["kind"]],
            tr("report.column.layer_of_station"): [tr(f"layer.{one}") for one in listed["layer"]],
            tr("report.column.hours_week"): listed["hours_week"].to_numpy(float),
            tr("report.column.visits_month"): listed["visits_month"].to_numpy(float),
            tr("report.column.reason_uncounted"): [tr(f"fact.uncounted.{one}") for one in listed["reason"]],
        }
    )
    numbers = {
        tr(f"report.column.{name}"): st.column_config.NumberColumn(format="%.1f", alignment="right")
        for name in ("hours_week", "visits_month")
    }
    st.dataframe(shown, hide_index=True, placeholder="—", column_config=numbers)
    markup.note(tr("report.note.uncounted"))
    downloads.draw_download(study, shown, "stations_not_counted", tr("chart.download"))
