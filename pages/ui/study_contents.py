"""What a study contains: its inputs, its counts, and what was found in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from coverage.inputs.schema import DISTRICT_LEVELS, STATION_STATUSES
from coverage.inputs.study import Study
from geodata.answers.write_assessment import name_download
from geodata.maps.labels import Markup
from geodata.roads.network_report import describe_network
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import downloads, markup, terms
from pages.ui.frame import banner

_HASH_SHOWN = 8
_TABLE_PX = 322
_ROW_PX = 35
_ORDER = {"rejected": 0, "warning": 1, "note": 2}


def draw_contents(study: Study, tr: Translator) -> None:
    """Draw counts, inputs and issues."""
    _draw_counts(study, tr)
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        _draw_stations(study, tr)
    with right:
        _draw_roads(study, tr)
    _draw_inputs(study, tr)
    _draw_issues(study, tr)
    markup.note(banner.source_line(study, tr))


def _draw_counts(study: Study, tr: Translator) -> None:
    per_level = {level: int((study.districts["level"] == level).sum()) for level in DISTRICT_LEVELS}
    units = " · ".join(f"{tr(f'unit.{level}')} {count:,}" for level, count in per_level.items() if count)
    existing = int((study.stations["status"] == "existing").sum())
    facts = [
        (tr("contents.people"), number_format.people(float(study.demand["population"].sum()))),
        (tr("contents.points"), f"{len(study.demand):,}"),
        (tr("contents.stations"), tr("contents.stations_value", count=len(study.stations), existing=existing)),
        (tr("contents.districts"), units or number_format.MISSING),
    ]
    cells = [
        markup.element("span", markup.words(label), Markup(" "), markup.element("b", markup.words(value)))
        for label, value in facts
    ]
    markup.put(markup.element("div", *cells, look="p-strip"))


def _draw_stations(study: Study, tr: Translator) -> None:
    markup.heading(tr("contents.stations_title"))
    if study.stations.empty:
        markup.note(tr("contents.no_stations"))
        return
    kinds = {kind.id: kind for kind in study.catalogue.kinds}
    table = pd.crosstab(study.stations["kind"], study.stations["status"])
    table = table.reindex(columns=[status for status in STATION_STATUSES if status in table.columns])
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    names = [terms.say(kinds[kind].name, tr) if kind in kinds else str(kind) for kind in table.index]
    shown = pd.DataFrame({tr("column.kind"): names})
    for status in table.columns:
        shown[tr(f"station_status.{status}")] = table[status].to_numpy()
    columns = {name: st.column_config.NumberColumn(alignment="right", width=58) for name in shown.columns[1:]}
    st.dataframe(shown, hide_index=True, height=_fit_height(shown), column_config=columns)


def _draw_roads(study: Study, tr: Translator) -> None:
    markup.heading(tr("contents.roads_title"))
    if study.network is None:
        markup.note(tr("overview.no_roads.what"))
        return
    found = describe_network(study.network)
    by_class = found["km_by_class"]
    if not isinstance(by_class, dict):
        raise TypeError("km_by_class is a mapping")
    names = [_class_name(name, tr) for name in by_class]
    shown = pd.DataFrame({tr("column.road_class"): names, tr("column.km"): np.round(list(by_class.values()))})
    localized = st.column_config.NumberColumn(format="localized", alignment="right")
    st.dataframe(shown, hide_index=True, height=_fit_height(shown), column_config={tr("column.km"): localized})
    markup.note(
        tr(
            "contents.roads_note",
            km=number_format.number(float(str(found["km"]))),
            junctions=number_format.number(float(str(found["junctions"]))),
            components=number_format.number(float(str(found["components"]))),
            outside=number_format.percent(float(str(found["share_outside_main"]))),
        )
    )


def _fit_height(table: pd.DataFrame) -> int:
    """Return the height of a table: its rows, at most what the screen has room for [px]."""
    return min(_TABLE_PX, _ROW_PX * (len(table) + 1) + 2)


def _class_name(name: str, tr: Translator) -> str:
    said = terms.road_name(name, tr)
    return f"{said} {name}" if said != name and tr.language == "zh_CN" else said


def _draw_inputs(study: Study, tr: Translator) -> None:
    markup.heading(tr("contents.inputs_title"))
    rows = []
    for source in study.sources:
        counted = source.rows_in > 0
        rows.append(
            {
                tr("column.role"): tr(f"role.{source.role}"),
                tr("column.file"): source.path,
                tr("column.size"): f"{source.size_bytes / 1000:,.0f} kB",
                tr("column.rows_in"): f"{source.rows_in:,}" if counted else number_format.MISSING,
                tr("column.rows_accepted"): f"{source.rows_accepted:,}" if counted else number_format.MISSING,
                tr("column.rows_rejected"): f"{source.rows_rejected:,}" if counted else number_format.MISSING,
                tr("column.hash"): source.sha256[:_HASH_SHOWN],
            }
        )
    markup.put(draw_table(pd.DataFrame(rows), left=2))


def draw_table(table: pd.DataFrame, *, left: int = 1) -> Markup:
    """Draw a small table of texts; the first `left` columns are left-aligned, the others right."""

    def row(tag: str, values: list[object]) -> Markup:
        cells = [
            markup.element(tag, markup.words(value, 300), look="p-left" if number < left else "")
            for number, value in enumerate(values)
        ]
        return markup.element("tr", *cells)

    head = row("th", list(table.columns))
    body = [row("td", values) for values in table.to_numpy(object).tolist()]
    return markup.element("table", head, *body, look="p-table")


def _draw_issues(study: Study, tr: Translator) -> None:
    markup.heading(tr("issues.title"))
    if not study.issues:
        markup.note(tr("issues.none"))
        return
    ordered = sorted(range(len(study.issues)), key=lambda number: _ORDER[study.issues[number].severity])
    table = downloads.list_issues(study, tr).iloc[ordered]
    shown = table.assign(**{tr("column.count"): table[tr("column.count")].map("{:,}".format)})
    markup.put(draw_table(shown, left=len(table.columns)))
    with st.container(horizontal=True):
        st.download_button(
            tr("issues.download"),
            data=lambda: downloads.to_csv_bytes(table),
            file_name=name_download(study, "issues.csv"),
            mime="text/csv",
            on_click="ignore",
            key="w_issues_csv",
        )
        if len(study.rejected):
            st.download_button(
                tr("issues.download_rejected", count=len(study.rejected)),
                data=lambda: downloads.to_csv_bytes(downloads.list_rejected(study, tr)),
                file_name=name_download(study, "rejected_rows.csv"),
                mime="text/csv",
                on_click="ignore",
                key="w_rejected_csv",
            )
