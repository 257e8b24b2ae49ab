"""Who cannot be covered whatever is opened: a line for each place, with the county, the reason and the minutes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from geodata.answers.run_siting import Suggestion
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, terms
from pages.ui.siting import siting_words

_TABLE_PX = 390
_MOST_ROWS = 10


def draw_unserved(chosen: Suggestion, tr: Translator) -> None:
    """Draw how many stay out of reach for which reason, and the list of places."""
    table = chosen.unserved
    if table.empty:
        markup.note(tr("siting.unserved_none"))
        return
    unit = terms.unit_suffix(chosen.asked.weight_column, tr)
    by_reason = table.groupby("reason")["people"].sum().sort_values(ascending=False)
    said = [
        tr(
            "siting.reason_people",
            reason=tr(f"siting.reason.{reason}"),
            people=number_format.people(float(count)) + unit,
        )
        for reason, count in by_reason.items()
    ]
    total = number_format.people(float(table["people"].sum())) + unit
    markup.note(tr("siting.unserved", people=total, reasons=tr("list.comma").join(said)))
    listed = list_unserved(chosen, tr)
    texts = ("district", "county", "reason", "service")
    columns: dict[str, ColumnConfig] = {
        name: st.column_config.TextColumn(tr(f"siting.column.{'place' if name == 'district' else name}"))
        if name in texts
        else st.column_config.NumberColumn(
            tr(f"siting.column.{name}"), format="localized" if name == "people" else "%.1f", alignment="right"
        )
        for name in listed.columns
        if name != "county" or len(chosen.basis.study.districts)
    }
    st.dataframe(
        listed[list(columns)],
        hide_index=True,
        placeholder="—",
        column_config=columns,
        height=_TABLE_PX if len(listed) > _MOST_ROWS else "auto",
    )


def list_unserved(chosen: Suggestion, tr: Translator) -> pd.DataFrame:
    """List the places, most people first: people of one place with one reason are one line.

    Returns
    -------
    district, county, people, reason, minutes to the nearest of them (NaN where there is no way), in words; and the
    service, where several are asked for.
    """
    table, study = chosen.unserved, chosen.basis.study
    place = table["district_id"].where(table["district_id"] != "", table["demand_id"])
    by = [*(["service"] if "service" in table.columns else []), "place", "reason"]
    grouped = table.assign(place=place).groupby(by, sort=False)
    first = grouped[["district", "district_id", "demand_id"]].first().reset_index()
    people, minutes = grouped["people"].sum().to_numpy(float), grouped["minutes"].min().to_numpy(float)
    listed = pd.DataFrame(
        {
            "district": first["district"].where(first["district"] != "", first["demand_id"]),
            "county": siting_words.name_counties_of(study, first["district_id"]),
            "people": np.round(people),
            "reason": [tr(f"siting.reason.{one}") for one in first["reason"]],
            "minutes": np.where(np.isfinite(minutes), minutes, np.nan),
        }
    )
    if "service" in first.columns:
        names = {item.id: terms.say(item.name, tr) for item in study.catalogue.items}
        listed.insert(0, "service", [names.get(str(one), str(one)) for one in first["service"]])
    return listed.sort_values("people", ascending=False, kind="stable", ignore_index=True)
