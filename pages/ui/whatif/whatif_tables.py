"""Tables of a difference: by unit, by service and level of stations, and who wins and loses most."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.inputs.schema import DISTRICT_LEVELS
from coverage.inputs.unit_levels import drop_outside, put_outside_last
from geodata.words import number_format
from pages.ui import district_table, gap_list, markup, state, terms
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.study_contents import draw_table
from pages.ui.table_view import draw_selectable
from pages.ui.whatif.whatif_acts import Work

_WINNERS = 8
_TABLE_PX = 260


def draw_units(work: Work, found: Outcome, words: str = "whatif") -> None:
    """Draw the difference by unit of a level that is chosen above the table; `words` begins the names of columns."""
    tr, table = work.tr, found.comparison.districts
    level = _choose_level(work, found)
    if not level:
        markup.note(tr("whatif.no_units"))
        return
    own = table[table["level"] == level]
    moved = (own["newly_covered"] + own["newly_lost"]).to_numpy(float) + np.abs(own["person_minutes_saved"])
    own = own.assign(_moved=moved).sort_values("_moved", ascending=False, kind="stable")
    changed = int((drop_outside(own, own.index)["_moved"] > 0).sum())
    own = put_outside_last(own, own.index).drop(columns="_moved")
    shown = pd.DataFrame(
        {
            "name": gap_list.name_places(work.study, own.index.tolist(), tr),
            "total": own["total"].to_numpy(float).round(),
            "before": own["share_before"].to_numpy(float) * 100,
            "after": own["share_after"].to_numpy(float) * 100,
            "gained": own["newly_covered"].to_numpy(float).round(),
            "lost": own["newly_lost"].to_numpy(float).round(),
            "mean_before": own["mean_min_before"].to_numpy(float),
            "mean_after": own["mean_min_after"].to_numpy(float),
        }
    )
    columns: dict[str, ColumnConfig] = {
        "name": st.column_config.TextColumn(tr("column.district"), width="medium"),
        "total": _number(tr("column.total")),
        "before": _number(tr(f"{words}.column.before"), "%.2f%%"),
        "after": _number(tr(f"{words}.column.after"), "%.2f%%"),
        "gained": _number(tr("whatif.gained")),
        "lost": _number(tr("whatif.lost")),
        "mean_before": _number(tr(f"{words}.column.mean_before"), "%.2f"),
        "mean_after": _number(tr(f"{words}.column.mean_after"), "%.2f"),
    }
    ids = [str(one) for one in own.index]
    draw_selectable(
        "w_whatif_units",
        shown,
        ids,
        columns,
        lambda one: district_table.show_district(work.study, one) if one else None,
        height=_TABLE_PX if len(ids) > 6 else "auto",
    )
    markup.note(tr("whatif.units_note", count=changed))


def _choose_level(work: Work, found: Outcome) -> str:
    """Draw the choice of the level of units and return it; "" where the study has none."""
    table, key = found.comparison.districts, "w_whatif_level"
    levels = [level for level in DISTRICT_LEVELS if (table["level"] == level).any()] if len(table) else []
    if not levels:
        return ""
    kept = state.whatif("level")
    level = str(kept) if kept in levels else levels[min(1, len(levels) - 1)]
    state.preset_widget(key, level)
    st.segmented_control(
        work.tr("districts.level"),
        levels,
        key=key,
        format_func=lambda one: work.tr(f"unit.{one}"),
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.keep_whatif(level=state.widget_value(key)),
    )
    return level


def draw_services(work: Work, table: pd.DataFrame) -> None:
    """Draw the difference by level of stations and by service item."""
    tr, catalogue = work.tr, work.study.catalogue
    for what in ("level", "service"):
        own = table[table["what"] == what]
        if own.empty:
            continue
        say = terms.level_name if what == "level" else lambda of, one, tr: terms.say(of.item(one).name, tr)
        share = own[["covered_before", "covered_after"]].to_numpy(float) / own[["total"]].to_numpy(float)
        rows = pd.DataFrame(
            {
                tr(f"whatif.column.{what}"): [say(catalogue, str(one), tr) for one in own["id"]],
                tr("whatif.stations"): [
                    _from_to(str(old), str(new))
                    for old, new in zip(own["stations_before"], own["stations_after"], strict=True)
                ],
                tr("whatif.share"): [
                    _from_to(number_format.percent(old, 2), number_format.percent(new, 2)) for old, new in share
                ],
                tr("whatif.gained"): [number_format.people(one) for one in own["newly_covered"]],
                tr("whatif.lost"): [number_format.people(one) for one in own["newly_lost"]],
                tr("whatif.mean"): [
                    _from_to(number_format.number(old, 2), number_format.number(new, 2))
                    for old, new in zip(own["mean_min_before"], own["mean_min_after"], strict=True)
                ],
            }
        )
        markup.put(draw_table(rows))
    markup.note(tr("whatif.services_note"))


def draw_winners(work: Work, found: Outcome) -> None:
    """Draw the districts and the places of people that win and lose most."""
    tr, delta = work.tr, found.comparison
    level = _choose_level(work, found)
    left, right = st.columns(2, gap="medium")
    for column, side in ((left, "winners"), (right, "losers")):
        with column:
            markup.heading(tr(f"whatif.{side}"))
            find = delta.find_winners if side == "winners" else delta.find_losers
            units = find(_WINNERS, level=level)
            points = delta.find_winning_points(_WINNERS) if side == "winners" else delta.find_losing_points(_WINNERS)
            if units.empty and points.empty:
                markup.note(tr(f"whatif.no_{side}"))
                continue
            people = "newly_covered" if side == "winners" else "newly_lost"
            if len(units):
                rows = pd.DataFrame(
                    {
                        tr("column.district"): gap_list.name_places(work.study, units.index.tolist(), tr),
                        tr(f"whatif.{'gained' if side == 'winners' else 'lost'}"): [
                            number_format.people(one) for one in units[people]
                        ],
                        tr("whatif.minutes_saved"): [
                            number_format.number(one) for one in units["person_minutes_saved"]
                        ],
                    }
                )
                markup.put(draw_table(rows))
            if len(points):
                rows = pd.DataFrame(
                    {
                        tr("whatif.point"): [
                            f"{gap_list.name_place(work.study, str(unit), tr)} {one}"
                            for one, unit in zip(points.index, points["district_id"], strict=True)
                        ],
                        tr("column.total"): [number_format.people(one) for one in points["weight"]],
                        tr("whatif.minutes_change"): [
                            _from_to(
                                number_format.minutes(old, tr.language, 1), number_format.minutes(new, tr.language, 1)
                            )
                            for old, new in zip(points["minutes_before"], points["minutes_after"], strict=True)
                        ],
                    }
                )
                markup.put(draw_table(rows))


def _number(label: str, look: str = "localized") -> ColumnConfig:
    return st.column_config.NumberColumn(label, format=look, alignment="right")


def _from_to(old: str, new: str) -> str:
    return new if old == new else f"{old} → {new}"
