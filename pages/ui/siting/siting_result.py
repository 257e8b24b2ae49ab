"""What is proposed: the plan in a sentence, the curve, the sites, why they hold, and who is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.inputs.study import Study
from geodata.answers.run_siting import Suggestion
from geodata.answers.write_suggestion import summarise_suggestion
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, state, terms
from pages.ui.failures import show_empty
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached_siting
from pages.ui.siting import siting_curve, siting_files, siting_shortfall, siting_unserved, siting_words
from pages.ui.siting.siting_run import Shown, find_row
from pages.ui.study_contents import draw_table
from pages.ui.table_view import draw_selectable

_ZOOM_DEG = 0.08
_MOST_ROWS, _TABLE_PX = 10, 390  # a longer table scrolls
_PART = "part"
# Widths of the columns of sites [px]: names grow, nothing else is squeezed.
_WIDTHS = {
    "order": 56,
    "county": 104,
    "newly_covered": 108,
    "cumulative_share": 104,
    "cost": 150,
    "cost_per_person": 116,
    "kind": 156,
    "source": 128,
    "served": 92,
    "year": 64,
}


def _height(rows: int) -> int | Literal["auto"]:
    return _TABLE_PX if rows > _MOST_ROWS else "auto"


def fetch_chosen(shown: Shown, found: Suggestion) -> Suggestion:
    """Return the plan that is looked at: the answer itself, or that of another point of the curve."""
    row = find_row(shown.key)
    return cached_siting.fetch_plan(shown.key, found, None if row == found.curve.own else row)


def draw_summary(
    shown: Shown,
    found: Suggestion,
    chosen: Suggestion,
    above: DeltaGenerator,
    beside: DeltaGenerator,
    tr: Translator,
) -> None:
    """Draw the sentence and how good the plan is proved to be above the map, and the curve beside it."""
    with above:
        lines = [markup.element("p", markup.words(siting_words.say_plan(chosen, tr)), look="p-verdict")]
        reached = siting_words.say_aim_reached(chosen, tr)
        is_short = siting_shortfall.is_short(chosen) and chosen is found
        said = [siting_words.say_closed(chosen, tr), reached, "" if is_short else siting_words.say_proof(chosen, tr)]
        lines += [markup.element("p", markup.words(one, 600), look="p-fact") for one in said if one]
        markup.put(*lines)
        if is_short:
            show_empty(*siting_shortfall.say_shortfall(found, tr))
    with beside:
        siting_curve.draw_curve(found, shown.key, tr)


def draw_parts(study: Study, shown: Shown, chosen: Suggestion, tr: Translator) -> None:
    """Draw the sites, and one of the parts that speak for them."""
    _draw_sites(study, chosen, tr)
    parts: dict[str, Callable[[], None]] = {}
    if chosen.siting.services:
        parts["services"] = lambda: _draw_services(study, chosen, tr)
    parts |= {
        "defence": lambda: _draw_defence(study, shown, chosen, tr),
        "unserved": lambda: siting_unserved.draw_unserved(chosen, tr),
    }
    if len(chosen.years):
        parts["years"] = lambda: _draw_years(chosen, tr)
    parts["files"] = lambda: siting_files.draw_files(study, chosen, tr)
    # Kept by hand: the control goes while a proposal is computed, and comes back with what it showed. Of what
    # cannot be had the list of those left out comes first.
    first = "unserved" if siting_shortfall.is_short(chosen) and len(chosen.unserved) else next(iter(parts))
    kept, opened = state.siting(_PART, (None, ""))
    state.preset_widget("w_siting_part", opened if kept == shown.key and opened in parts else first)
    picked = st.segmented_control(
        tr("siting.parts"),
        list(parts),
        key="w_siting_part",
        format_func=lambda one: tr(f"siting.part.{one}"),
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.keep_siting(_PART, (shown.key, state.widget_value("w_siting_part"))),
    )
    parts[picked if picked in parts else first]()


def list_sites(study: Study, chosen: Suggestion, tr: Translator) -> pd.DataFrame:
    """List the sites in build order with names in words."""
    table = chosen.sites
    listed = pd.DataFrame(
        {
            "order": table["order"],
            "name": siting_words.name_sites(table, tr),
            "county": siting_words.name_counties(study, table["county"]),
            "newly_covered": table["newly_covered"].round(),
            "cumulative_share": table["cumulative_share"] * 100,
            "cost": table["cost"],
            "cost_per_person": table["cost_per_person"],
            "kind": siting_words.name_kinds(study, table["kind"], tr),
            "source": [tr(f"siting.source.{one}") for one in table["source"]],
        }
    )
    if chosen.siting.services:
        listed["services"] = _name_services(study, table["services"], tr)
    if "newly_twice" in table.columns:
        listed["newly_twice"] = table["newly_twice"]
    if "served" in table.columns:
        listed["served"] = table["served"]
    if "period" in table.columns:
        listed["year"] = chosen.options.first_year + table["period"] - 1
    return listed


def _name_services(study: Study, given: pd.Series, tr: Translator) -> list[str]:
    names = {item.id: terms.say(item.name, tr) for item in study.catalogue.items}
    return [tr("list.comma").join(names.get(one, one) for one in str(items).split(";")) for items in given]


def _draw_sites(study: Study, chosen: Suggestion, tr: Translator) -> None:
    markup.heading(tr("siting.list", count=len(chosen.sites)))
    if chosen.sites.empty:
        markup.note(tr("siting.list_none"))
        return
    listed = list_sites(study, chosen, tr)
    formats = {"cumulative_share": "%.2f%%", "cost_per_person": "%.2f", "year": "%d", "order": "%d"}
    titles = {name: tr(f"siting.column.{name}") for name in listed.columns}
    if chosen.siting.services:  # each person counts once for each service
        titles |= {name: tr(f"siting.column.{name}_times") for name in ("newly_covered", "cost_per_person")}
    columns: dict[str, ColumnConfig] = {
        name: st.column_config.TextColumn(titles[name], width=_WIDTHS.get(name))
        if name in ("name", "source", "kind", "county", "services")
        else st.column_config.NumberColumn(
            titles[name], format=formats.get(name, "localized"), alignment="right", width=_WIDTHS.get(name)
        )
        for name in listed.columns
        if name != "county" or len(study.districts)
    }
    ids = [str(one) for one in chosen.sites["site_id"]]

    def show(site_id: str) -> None:
        if site_id:
            row = ids.index(site_id)
            lon, lat = float(chosen.sites["lon"].iloc[row]), float(chosen.sites["lat"].iloc[row])
            state.move_map((lon - _ZOOM_DEG, lat - _ZOOM_DEG, lon + _ZOOM_DEG, lat + _ZOOM_DEG))

    draw_selectable("w_siting_table", listed[list(columns)], ids, columns, show, height=_height(len(ids)))
    markup.note(tr("siting.list_note"))


def _draw_services(study: Study, chosen: Suggestion, tr: Translator) -> None:
    """Draw what the plan brings to each of several services."""
    markup.note(tr("siting.services_note"))
    names = {item.id: terms.say(item.name, tr) for item in study.catalogue.items}
    table = chosen.services
    rows = pd.DataFrame(
        {
            tr("siting.column.service"): [names.get(str(one), str(one)) for one in table["service"]],
            tr("siting.column.giving"): [str(one) for one in table["sites"]],
            tr("siting.stress.before"): [number_format.people(one) for one in table["covered_before"]],
            tr("siting.stress.gained"): [number_format.people(one) for one in table["newly_covered"]],
            tr("siting.stress.share"): [number_format.percent(one) for one in table["share_after"]],
        }
    )
    markup.put(draw_table(rows))


def _draw_defence(study: Study, shown: Shown, chosen: Suggestion, tr: Translator) -> None:
    """Draw what speaks for each site: alternatives, people only it reaches; and other thresholds and speeds."""
    left, right = st.columns([1.25, 1], gap="medium")
    table = chosen.sites
    with left:
        markup.note(tr("siting.defence_note"))
        names = dict(
            zip(chosen.asked.candidates.index, siting_words.name_sites(chosen.asked.candidates, tr), strict=True)
        )
        rows = pd.DataFrame(
            {
                "order": table["order"],
                "name": siting_words.name_sites(table, tr),
                "loss": siting_words.say_losses(table, tr),
                "alternatives": [
                    tr("siting.alternative", count=int(count), name=names.get(str(best), ""))
                    if count
                    else tr("siting.alternative_none")
                    for count, best in zip(
                        table["alternatives_within_1pct"],
                        [str(one).split(";")[0] for one in table["alternatives"]],  # no texts where no site is proposed
                        strict=True,
                    )
                ],
            }
        )
        titles = {name: tr(f"siting.column.{name}") for name in rows.columns}
        columns: dict[str, ColumnConfig] = {
            name: st.column_config.NumberColumn(titles[name], format="localized", alignment="right")
            if name == "order"
            else st.column_config.TextColumn(titles[name])
            for name in rows.columns
        }
        st.dataframe(rows, hide_index=True, column_config=columns, height=_height(len(rows)))
    with right:
        if chosen.siting.services:
            markup.note(tr("siting.stress_services"))
            return
        row = find_row(shown.key)
        ready = cached_siting.has_stress(shown.key, row)
        markup.note(tr("siting.stress_note"))
        if not ready:
            if st.button(tr("siting.stress_run"), key="w_siting_stress"):
                with shown_progress(tr, "doing.stress") as progress:
                    cached_siting.fetch_stress(shown.key, row, chosen, progress)
                st.rerun()  # without the button
            return
        found = cached_siting.fetch_stress(shown.key, row, chosen)
        markup.put(draw_table(_say_stress(found, tr)))


def _say_stress(found: pd.DataFrame, tr: Translator) -> pd.DataFrame:
    def say(factor: str, change: float) -> str:
        if factor == "cutoff":
            return tr("siting.stress.cutoff", minutes=f"{change:+g}".replace("-", "−"))
        if factor == "speed":
            return tr("siting.stress.speed", percent=f"{change * 100:+.0f}".replace("-", "−"))
        return tr("siting.stress.asked")

    return pd.DataFrame(
        {
            tr("siting.stress.case"): [
                say(str(one), float(by)) for one, by in zip(found["factor"], found["change"], strict=True)
            ],
            tr("siting.stress.before"): [number_format.people(one) for one in found["before"]],
            tr("siting.stress.gained"): [number_format.people(one) for one in found["gained"]],
            tr("siting.stress.share"): [number_format.percent(one) for one in found["share_after"]],
        }
    )


def _draw_years(chosen: Suggestion, tr: Translator) -> None:
    """Draw the plan by years, prefectures and levels."""
    table = chosen.years
    levels = {level.id: terms.say(level.name, tr) for level in chosen.basis.study.catalogue.levels}
    rows = pd.DataFrame(
        {
            tr("siting.column.year"): table["year"].astype(str),
            tr("siting.column.prefecture"): table["prefecture_name"].where(table["prefecture_name"] != "", "—"),
            tr("siting.column.level"): [levels.get(str(one), str(one)) for one in table["level"]],
            tr("siting.column.number"): table["number"].astype(str),
            tr("siting.column.cost"): [number_format.number(one) for one in table["cost"]],
            tr("siting.column.newly_covered"): [number_format.people(one) for one in table["newly_covered"]],
            tr("siting.column.share_after"): [number_format.percent(one, 2) for one in table["study_share_after"]],
        }
    )
    markup.put(draw_table(rows, left=3))
    opening = float(chosen.sites["cost"].sum())
    total = float(str(summarise_suggestion(chosen)["cost"]))
    rest = tr("siting.years_closing", cost=siting_words.say_money(total - opening, tr)) if total > opening else ""
    markup.note(tr("siting.years_note") + rest)
