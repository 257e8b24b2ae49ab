"""Beneath the map of the Coverage page: all gaps, established and reachable, missing roads, referrals, files."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.inputs.question import Question
from coverage.inputs.study import Study
from coverage.tables.condition_tables import build_referrals
from coverage.tables.evidence import Evidence
from coverage.tables.people_tables import build_established
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import district_table, downloads, gap_list, markup, state, terms
from pages.ui.gaps import area_files, gap_panel, uncounted
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached
from pages.ui.memo.cached_shapes import MOST_GAPS
from pages.ui.table_view import draw_selectable, draw_typed
from pages.ui.unit_table import draw_mismatches

_WORST = 20


def draw_sections(study: Study, question: Question, tr: Translator) -> None:
    """Draw the choice of the part and the one that is chosen; the others cost nothing."""
    parts: dict[str, Callable[[Study, Question, Translator], None]] = {
        "gaps": _draw_all_gaps,
        "established": _draw_established,
        "suspicion": _draw_suspicion,
        "referral": _draw_referral,
        "uncounted": uncounted.draw_list,
        "files": area_files.draw_files,
    }
    chosen = st.segmented_control(
        tr("section.label"),
        list(parts),
        default="gaps",
        key="w_section",
        format_func=lambda one: tr(f"section.{one}"),
        label_visibility="collapsed",
        required=True,
    )
    parts[chosen or "gaps"](study, question, tr)


def _number(label: str, look: str = "localized") -> ColumnConfig:
    return st.column_config.NumberColumn(label, format=look, alignment="right")


def _draw_all_gaps(study: Study, question: Question, tr: Translator) -> None:
    gaps = cached.ask(study, question).get("gap_list")
    if gaps.empty:
        markup.note(tr("gaps.none"))
        return
    if cached.ask(study, question).has("gaps") or st.button(tr("gap.compute"), key="w_compute_remedies"):
        with shown_progress(tr, "doing.remedies") as progress:
            gaps = cached.ask(study, question).get("gaps", progress)[0]
    named = list_gaps(study, gaps, tr)
    columns: dict[str, ColumnConfig] = {
        name: _number(tr(f"gap.{name}")) for name in ("rank", "people", "remedy_people", "remedy_people_total")
    }
    columns |= {"minutes": st.column_config.TextColumn(tr("gap.minutes"), alignment="right")}
    columns |= {
        name: st.column_config.TextColumn(tr(f"gap.{name}")) for name in ("name", "station", "missing", "remedy")
    }
    ids = [str(one) for one in gaps.index[:MOST_GAPS]]
    rank = state.selected_gap(question)
    state.preset_selection("w_all_gaps", [rank - 1] if 0 < rank <= len(ids) else [])
    draw_selectable(
        "w_all_gaps", named.head(MOST_GAPS), ids, columns, lambda one: gap_panel.choose_gap(gaps, question, one)
    )
    markup.note(tr("gap.table_note", count=len(gaps)))
    downloads.draw_download(
        study, named.rename(columns={name: tr(f"gap.{name}") for name in named}), "gaps", tr("chart.download")
    )


def list_gaps(study: Study, gaps: pd.DataFrame, tr: Translator) -> pd.DataFrame:
    """List gaps with names; the columns on remedies are there only once one has been computed."""
    table = pd.DataFrame(
        {
            "rank": gaps.index.to_numpy(),
            "name": gap_list.name_places(study, map(str, gaps["district_id"]), tr),
            "people": gaps["people"].to_numpy(float).round(),
            "minutes": gap_panel.say_minutes(gaps, tr),
            "station": gaps["station_id"]
            .map(study.stations["name"])
            .fillna(number_format.MISSING)
            .astype(str)
            .tolist(),
            "missing": [tr(f"missing.{one}") for one in gaps["missing"]],
        }
    )
    if (gaps["remedy"] != "").any():
        table["remedy"] = [tr(f"remedy.{one}") if one else "" for one in gaps["remedy"]]
        table["remedy_people"] = gaps["remedy_people"].to_numpy(float)
        table["remedy_people_total"] = gaps["remedy_people_total"].to_numpy(float)
    return table


def _draw_established(study: Study, question: Question, tr: Translator) -> None:
    answer = cached.ask(study, question)
    table = build_established(Evidence(answer))
    if table is None:
        markup.note(tr("chart.nothing"))
        return
    draw_typed(table, answer, tr)
    draw_mismatches(answer, tr, choose=lambda unit: _choose_unit(study, question, unit))


def _choose_unit(study: Study, question: Question, unit: str) -> None:
    """Outline a unit in place of a gap and move the map there."""
    state.select_gap(question, 0)
    if unit:
        district_table.show_district(study, unit)


def _draw_suspicion(study: Study, question: Question, tr: Translator) -> None:
    suspicion, table = cached.ask(study, question).get("far_from_roads")
    whole = table.iloc[0]
    markup.put(
        markup.element(
            "p",
            markup.words(
                tr(
                    "suspicion.sentence",
                    people=number_format.people(float(whole["far_people"])),
                    share=number_format.percent(float(whole["share_far"])),
                    points=int(whole["far_points"]),
                    km=f"{suspicion.far_m / 1000:g}",
                )
            ),
            look="p-fact",
        )
    )
    markup.note(tr("suspicion.note", limit=number_format.number(study.settings.snap.max_access_m)))
    listed = table[(table["far_people"] > 0) & (table["district_id"] != "")]
    levels = [one for one in ("county", "township", "village") if (listed["level"] == one).any()]
    if not levels:
        return
    level = st.segmented_control(
        tr("districts.level"),
        levels,
        default=levels[min(1, len(levels) - 1)],
        key="w_far_level",
        format_func=lambda one: tr(f"unit.{one}"),
        label_visibility="collapsed",
        required=True,
    )
    own = listed[listed["level"] == (level or levels[0])].sort_values("far_people", ascending=False, kind="stable")
    shown = pd.DataFrame(
        {
            "name": gap_list.name_places(study, map(str, own["district_id"]), tr),
            "far_people": own["far_people"].to_numpy(float).round(),
            "share_far": own["share_far"].to_numpy(float) * 100,
            "far_points": own["far_points"].to_numpy(int),
            "farthest": own["farthest_m"].to_numpy(float) / 1000,
        }
    )
    columns: dict[str, ColumnConfig] = {
        "name": st.column_config.TextColumn(tr("column.district"), width="medium"),
        "far_people": _number(tr("suspicion.people")),
        "share_far": _number(tr("suspicion.share"), "%.1f%%"),
        "far_points": _number(tr("suspicion.points")),
        "farthest": _number(tr("suspicion.farthest"), "%.1f"),
    }
    ids = [str(one) for one in own["district_id"]]
    draw_selectable("w_far_units", shown, ids, columns, lambda unit: _choose_unit(study, question, unit))
    taken = shown.set_axis([str(columns[name]["label"]) for name in shown.columns], axis=1)
    downloads.draw_download(study, taken, "far_from_roads", tr("chart.download"))


def _draw_referral(study: Study, question: Question, tr: Translator) -> None:
    answer = cached.ask(study, question)
    referrals, table = answer.referrals, build_referrals(Evidence(answer))
    if table is None:
        markup.note(tr("referral.none"))
        return

    def name_step(lower: object, upper: object) -> str:
        names = (terms.level_name(study.catalogue, str(one), tr) for one in (lower, upper))
        return " → ".join(names)

    draw_typed(table, answer, tr)
    markup.heading(tr("referral.worst", count=min(_WORST, len(referrals))))
    listed = pd.DataFrame(
        {
            tr("referral.step"): [
                name_step(*pair) for pair in zip(referrals["level"], referrals["next_level"], strict=True)
            ],
            tr("referral.from"): referrals["name"].astype(str),
            tr("referral.to"): referrals["next_name"].astype(str),
            tr("referral.minutes"): referrals["minutes"].astype(float).replace(np.inf, np.nan),
            tr("referral.within"): [tr("referral.yes") if one else tr("referral.no") for one in referrals["is_within"]],
        }
    )
    # Who reaches no station of the next level is worse off than anybody with a long way.
    worst = listed.iloc[np.argsort(-referrals["minutes"].to_numpy(float), kind="stable")[:_WORST]]
    minutes = {tr("referral.minutes"): _number(tr("referral.minutes"), "%.1f")}
    st.dataframe(worst, hide_index=True, placeholder="—", column_config=minutes)
    downloads.draw_download(study, listed, "referrals", tr("chart.download"))
