"""Standards, zones: which places are town, countryside or pasture, and who says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.errors import PlannerError
from coverage.inputs.schema import DISTRICT_LEVELS, ZONES
from coverage.inputs.study import Study
from coverage.inputs.unit_levels import build_unit_levels
from coverage.inputs.zones import DensityRule
from geodata.intake.read_zones import read_zone_areas, read_zone_list
from geodata.studies.write_inputs import encode_zone_areas, encode_zones
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import drafts, gap_list, markup, save_bar, uploads
from pages.ui.drafts import Draft
from pages.ui.failures import show_failure
from pages.ui.study_contents import draw_table
from pages.ui.table_row import take_row

_TYPES = ["geojson", "json", "gpkg", "zip", "kml"]
_AUTO = "auto"  # nothing is set: the people's table or density decides


def draw(study: Study, bar: DeltaGenerator, tr: Translator) -> None:
    """Draw the part."""
    path = drafts.find_own_file(study, "zones")
    named = {} if path is None else read_zone_list(path)
    base = [source.sha256 for source in study.sources if source.role in ("zones", "districts", "population")]
    draft = drafts.begin("zones", base)
    draft.starts.setdefault("areas", None)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _draw_how(study, named, tr)
    with right:
        _draw_people(study, tr)
    level = _choose_level(study)
    listed: dict[str, str] = dict(named or {})
    if level:
        listed = _draw_units(study, draft, level, listed, tr)
    _draw_upload(draft, tr)

    def build() -> save_bar.Edit:
        areas = draft.values.get("areas")
        if areas is not None:
            return save_bar.Edit({"zones": areas}, {})
        return save_bar.Edit({"zones": encode_zones(listed) if listed else None}, {})

    with bar:
        save_bar.draw_bar(draft, base, [], bar, build, tr)


def _draw_how(study: Study, named: dict[str, str] | None, tr: Translator) -> None:
    markup.heading(tr("standards.zones.how"))
    by_density = sum(issue.count for issue in study.issues if issue.code == "demand.zones_by_density")
    rule = DensityRule()
    if named is None:
        markup.note(tr("standards.zones.by_areas"))
    elif named:
        markup.note(tr("standards.zones.by_list", count=len(named)))
    given = len(study.demand) - by_density
    markup.note(tr("standards.zones.given", count=given, points=len(study.demand)))
    markup.note(tr("standards.zones.density", count=by_density, points=len(study.demand)))
    markup.note(
        tr(
            "standards.zones.rule",
            cell=f"{rule.cell_km:g}",
            centre=f"{rule.centre_per_km2:,.0f}",
            centre_people=f"{rule.centre_people:,.0f}",
            cluster=f"{rule.cluster_per_km2:,.0f}",
            cluster_people=f"{rule.cluster_people:,.0f}",
        )
    )


def _draw_people(study: Study, tr: Translator) -> None:
    markup.heading(tr("standards.zones.people"))
    people = study.demand.groupby("zone", observed=True)["population"].agg(["sum", "size"])
    total = float(people["sum"].sum())
    rows = []
    for zone in ZONES:
        count, points = (float(value) for value in take_row(people, zone)) if zone in people.index else (0.0, 0.0)
        rows.append(
            (
                tr(f"standards.zone.{zone}"),
                number_format.number(count),
                number_format.percent(count / total if total else 0.0),
                number_format.number(points),
            )
        )
    titles = [
        tr("fact.key.zone"),
        tr("standards.zones.count"),
        tr("standards.zones.share"),
        tr("contents.points"),
    ]
    markup.put(draw_table(pd.DataFrame(rows, columns=titles)))


def _choose_level(study: Study) -> str:
    """Choose townships, else the finest level with more than one unit; "" if there is none."""
    counts = study.districts["level"].value_counts()
    several = [level for level in DISTRICT_LEVELS if counts.get(level, 0) > 1]
    return "township" if "township" in several else several[-1] if several else ""


def _draw_units(study: Study, draft: Draft, level: str, listed: dict[str, str], tr: Translator) -> dict[str, str]:
    markup.heading(tr("standards.zones.units", level=tr(f"unit.{level}")))
    units = build_unit_levels(study, (level,))[0]
    count = units.unit_count
    ids = list(units.ids[:count])
    people = study.demand["population"].to_numpy(float)
    total = units.sum(people)[:count]
    sheet = {"id": ids, "name": gap_list.name_places(study, ids, tr), "people": np.round(total)}
    for zone in ZONES:
        inside = units.sum(np.where(study.demand["zone"].to_numpy(object) == zone, people, 0.0))[:count]
        sheet[zone] = np.divide(inside * 100.0, total, out=np.zeros(count), where=total > 0)
    sheet["zone"] = [listed.get(one, _AUTO) for one in ids]
    columns: dict[str, ColumnConfig] = {
        "name": st.column_config.TextColumn(tr("column.district"), width="medium"),
        "people": st.column_config.NumberColumn(tr("standards.zones.count"), format="localized", alignment="right"),
        **{
            zone: st.column_config.NumberColumn(
                tr("standards.zones.now", zone=tr(f"standards.zone.{zone}")), format="%.0f", alignment="right"
            )
            for zone in ZONES
        },
        "zone": st.column_config.SelectboxColumn(
            tr("standards.zones.set"),
            options=[_AUTO, *ZONES],
            format_func=lambda one: tr("standards.zones.auto") if one == _AUTO else tr(f"standards.zone.{one}"),
            required=True,
        ),
    }
    edited = drafts.edit_sheet(
        draft,
        "units",
        lambda: pd.DataFrame(sheet),
        columns,
        rows="fixed",
        disabled=["name", "people", *ZONES],
        numbered=False,
    )
    markup.note(tr("standards.zones.units_help"))
    own = {str(one): str(drafts.clean(zone) or _AUTO) for one, zone in zip(edited["id"], edited["zone"], strict=True)}
    merged = {one: zone for one, zone in listed.items() if one not in own}
    return merged | {one: zone for one, zone in own.items() if zone != _AUTO}


def _draw_upload(draft: Draft, tr: Translator) -> None:
    with st.expander(tr("standards.zones.areas")):
        markup.note(tr("standards.zones.areas_help"))
        upload = st.file_uploader(
            tr("standards.zones.areas"), type=_TYPES, key="w_standards_zones_file", label_visibility="collapsed"
        )
        if draft.values.get("areas") is not None:
            markup.note(tr("standards.zones.areas_taken"))
        if upload is None or not st.button(tr("standards.take_over"), key="w_standards_zones_take"):
            return
        try:
            areas, issues = read_zone_areas(uploads.keep_upload(upload, "zones"))
        except PlannerError as error:
            show_failure(error, tr)
            return
        for issue in issues:
            if issue.severity == "rejected":
                show_failure(issue, tr)
        draft.values["areas"] = encode_zone_areas(areas)
        st.rerun()
