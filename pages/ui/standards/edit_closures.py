"""Standards, closed roads: places where nobody can pass, and the roads each of them closes."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from coverage.errors import PlannerError
from coverage.inputs.study import Study
from coverage.network.closures import NEAREST_ROAD_M, Closure
from geodata.intake.read_closures import read_closures
from geodata.maps.base import build_base
from geodata.maps.closed_roads import encode_closed_roads, encode_closure_places
from geodata.maps.layers import build_layers, encode_focus, encode_place
from geodata.studies.write_inputs import encode_closures
from geodata.words.i18n import Translator
from pages.ui import drafts, map_frame, markup, save_bar, state, uploads
from pages.ui.drafts import Draft
from pages.ui.failures import show_failure
from pages.ui.memo import cached, cached_map
from pages.ui.study_contents import draw_table

_MAP = "standards_closures_map"
_MAP_PX = 420
_TYPES = ["csv", "xlsx", "xls", "et", "ods", "geojson", "json", "gpkg", "zip", "kml"]
_DECIMALS = 6


def draw(study: Study, bar: DeltaGenerator, tr: Translator) -> None:
    """Draw the part."""
    draft = drafts.begin("closures", study.closures)
    _prepare(draft, study.closures)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _draw_sheets(draft, tr)
        below = st.container()
    closures, faults = _gather(draft, tr)
    closed, counts = cached.fetch_closed_roads(study, closures)
    with right:
        markup.note(tr("standards.closures.map"))
        layers = build_layers(
            bands=None,
            stations=encode_closure_places(closures, tr("standards.closures.place")),
            highlight=encode_closed_roads(study.network, closed),
            place=encode_place(None),
            focus=encode_focus(state.focus()),
        )
        map_frame.show_map(
            build_base(cached_map.fetch_base(study)),
            layers,
            key=_MAP,
            height=_MAP_PX,
            on_change=lambda: _take_click(draft),
        )
    with left:
        _draw_counts(study, closures, counts, tr)
        _draw_upload(draft, tr)

    def build() -> save_bar.Edit:
        return save_bar.Edit({"closures": encode_closures(closures) if closures else None}, {})

    with bar:
        save_bar.draw_bar(draft, study.closures, faults, below, build, tr)


def _prepare(draft: Draft, closures: tuple[Closure, ...]) -> None:
    """Put the study's closures into two sheets: points, and drawn lines and areas."""
    if "points" in draft.sheets:
        return
    points, shapes = _to_sheets(closures, draft)
    for name, sheet in (("points", points), ("shapes", shapes)):
        draft.sheets[name] = drafts.Sheet(sheet, sheet, sheet)


def _to_sheets(closures: tuple[Closure, ...], draft: Draft) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make rows of closures; the places of drawn ones are kept beside, under a number."""
    kept: list[tuple[tuple[float, float], ...]] = draft.values.setdefault("shapes", [])
    points: list[tuple[str, float, float]] = []
    shapes: list[tuple[str, str, int, int]] = []
    for one in closures:
        if len(one.coordinates) == 1:
            points.append((one.name, *one.coordinates[0]))
            continue
        shapes.append((one.name, "area" if one.is_area else "line", len(one.coordinates), len(kept)))
        kept.append(one.coordinates)
    return (
        pd.DataFrame(points, columns=["name", "lon", "lat"]).astype({"name": str, "lon": float, "lat": float}),
        pd.DataFrame(shapes, columns=["name", "form", "places", "number"]).astype({"name": str, "form": str}),
    )


def _draw_sheets(draft: Draft, tr: Translator) -> None:
    markup.heading(tr("standards.closures.points"))
    degrees: dict[str, Any] = {"format": "%.6f", "alignment": "right", "required": True}
    points: dict[str, ColumnConfig] = {
        "name": st.column_config.TextColumn(tr("standards.closures.name"), max_chars=100),
        "lon": st.column_config.NumberColumn(
            tr("standards.closures.lon"), min_value=-180.0, max_value=180.0, **degrees
        ),
        "lat": st.column_config.NumberColumn(tr("standards.closures.lat"), min_value=-85.0, max_value=85.0, **degrees),
    }
    drafts.edit_sheet(draft, "points", lambda: draft.sheets["points"].start, points)
    markup.note(tr("standards.sheet_help"))
    if len(draft.sheets["shapes"].shown):
        markup.heading(tr("standards.closures.shapes"))
        shapes: dict[str, ColumnConfig] = {
            "name": st.column_config.TextColumn(tr("standards.closures.name"), max_chars=100),
            "form": st.column_config.SelectboxColumn(
                tr("standards.closures.form"),
                options=["line", "area"],
                format_func=lambda form: tr(f"standards.closures.form.{form}"),
            ),
            "places": st.column_config.NumberColumn(tr("standards.closures.places"), alignment="right"),
        }
        drafts.edit_sheet(
            draft,
            "shapes",
            lambda: draft.sheets["shapes"].start,
            shapes,
            rows="delete",
            disabled=["form", "places"],
        )


def _gather(draft: Draft, tr: Translator) -> tuple[tuple[Closure, ...], list[str]]:
    closures, faults = [], []
    for row, values in draft.sheets["points"].now.iterrows():
        lon, lat = drafts.clean(values["lon"]), drafts.clean(values["lat"])
        if lon is None or lat is None or not (math.isfinite(lon) and abs(lon) <= 180.0 and abs(lat) <= 85.0):
            faults.append(tr("fault.closures.no_place", row=str(row)))
            continue
        closures.append(Closure(drafts.clean(values["name"]) or "", ((float(lon), float(lat)),)))
    for shape in draft.sheets["shapes"].now.to_dict("records"):
        places = draft.values["shapes"][int(shape["number"])]
        closures.append(Closure(drafts.clean(shape["name"]) or "", places))
    return tuple(closures), faults


def _take_click(draft: Draft) -> None:
    place = map_frame.wrap_place(state.take_new_click(_MAP))
    if place is None:
        return
    lon, lat = (round(one, _DECIMALS) for one in place)
    points = draft.sheets["points"].now
    if not ((points["lon"] == lon) & (points["lat"] == lat)).any():
        _add(draft, (Closure("", ((lon, lat),)),))


def _add(draft: Draft, closures: tuple[Closure, ...]) -> None:
    points, shapes = _to_sheets(closures, draft)
    for name, more in (("points", points), ("shapes", shapes)):
        if len(more):
            now = draft.sheets[name].now
            drafts.put_sheet(draft, name, pd.concat([now, more]) if len(now) else more)


def _draw_counts(study: Study, closures: tuple[Closure, ...], counts: tuple[int, ...], tr: Translator) -> None:
    if not closures:
        markup.note(tr("standards.closures.none"))
        return
    if study.network is None:
        markup.note(tr("standards.closures.no_roads"))
        return
    markup.heading(tr("standards.closures.closes"))
    rows = [
        (
            one.name or tr("standards.closures.unnamed", number=number),
            str(count) if count else tr("standards.closures.zero"),
        )
        for number, (one, count) in enumerate(zip(closures, counts, strict=True), start=1)
    ]
    markup.put(draw_table(pd.DataFrame(rows, columns=[tr("standards.closures.name"), tr("standards.closures.roads")])))
    missed = sum(count == 0 for count in counts)
    if missed:
        told = tr("standards.closures.missed", count=missed, metres=f"{NEAREST_ROAD_M:g}")
        markup.put(markup.element("div", markup.words(told), look="p-box"))


def _draw_upload(draft: Draft, tr: Translator) -> None:
    with st.expander(tr("standards.closures.upload")):
        markup.note(tr("standards.closures.upload_help"))
        upload = st.file_uploader(
            tr("standards.closures.upload"), type=_TYPES, key="w_standards_closures_file", label_visibility="collapsed"
        )
        if upload is None or not st.button(tr("standards.add"), key="w_standards_closures_take"):
            return
        try:
            found, issues = read_closures(uploads.keep_upload(upload, "closures"))
        except PlannerError as error:
            show_failure(error, tr)
            return
        left_out = [issue for issue in issues if issue.severity == "rejected"]
        for issue in left_out:
            show_failure(issue, tr)
        if not left_out:
            _add(draft, found)
            st.rerun()
