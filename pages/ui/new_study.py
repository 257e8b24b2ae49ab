"""A new study in four steps: area, people, roads, stations; each file is checked as soon as it is there."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.errors import PlannerError
from geodata.i18n import Translator
from geodata.new_study import DEFAULT_MARGIN_KM, NewStudy, create_study
from pages.ui import cached, looks, state, uploads
from pages.ui.failures import show_failure, show_stopped
from pages.ui.long_jobs import shown_progress
from pages.ui.road_download import offer_download
from pages.ui.step_checks import REQUIRED_STEPS, STEPS, StepResult

# Roads of a prefecture are larger than any table, so this upload alone may be [MB]; the file is read in
# pieces and cut to the area, only the cut stays.
_ROADS_MB = 500
_TYPES: dict[str, list[str]] = {
    "area": ["geojson", "json", "gpkg", "zip", "kml"],
    "population": ["csv", "txt", "geojson", "json", "gpkg", "zip", "tif", "tiff"],
    "roads": ["pbf", "osm", "graphml", "gpkg", "geojson", "json", "zip"],
    "stations": ["csv", "txt", "geojson", "json", "gpkg", "zip", "kml"],
}


def draw_new_study(tr: Translator) -> None:
    """Draw the four steps and the button that makes the study."""
    looks.note(tr("new.intro"))
    if state.was_stopped():
        show_stopped(tr)
    files: dict[str, Path] = {}
    results: dict[str, StepResult] = {}
    for number, step in enumerate(STEPS, start=1):
        with st.container(border=True):
            area = results["area"].area if "area" in results else None
            _draw_step(number, step, files, results, area, tr)
    with st.container(border=True):
        _draw_create(files, results, tr)


def _draw_step(
    number: int,
    step: str,
    files: dict[str, Path],
    results: dict[str, StepResult],
    area: BaseGeometry | None,
    tr: Translator,
) -> None:
    left, right = st.columns([1, 1], gap="medium")
    with left:
        need = tr("new.required") if step in REQUIRED_STEPS else tr("new.optional")
        looks.heading(f"{number} {tr(f'step.{step}.title')} · {need}")
        looks.note(tr(f"step.{step}.help"))
        upload = st.file_uploader(
            tr(f"step.{step}.title"),
            type=_TYPES[step],
            key=f"w_new_{step}",
            label_visibility="collapsed",
            max_upload_size=_ROADS_MB if step == "roads" else None,
        )
    with right:
        path = None if upload is None else uploads.keep_upload(upload, step)
        if path is None:
            looks.note(tr(f"step.{step}.empty"))
            if step == "roads" and area is not None:
                path = offer_download(area, tr)
        if path is None:
            return
        try:
            if state.was_stopped() and not cached.has_check(step, path, area):
                looks.note(tr("job.stopped.what"))
                return
            with shown_progress(tr, "doing.check") as progress:
                results[step] = cached.fetch_check(step, path, area, progress)
        except PlannerError as error:
            show_failure(error, tr)
            return
        files[step] = path
        _draw_result(results[step], tr)


def _draw_result(result: StepResult, tr: Translator) -> None:
    said = looks.element("b", looks.words(tr(result.message, **dict(result.facts))))
    parts = [looks.element("p", said)]
    for issue in result.issues:
        told = tr.describe(issue)
        line = f"{tr(f'severity.{issue.severity}')}：{told.what} {told.fix}"
        parts.append(looks.element("p", looks.words(line), look="p-why"))
    looks.put(looks.element("div", *parts, look="p-box p-calm"))


def _draw_create(files: dict[str, Path], results: dict[str, StepResult], tr: Translator) -> None:
    left, right = st.columns([2, 1], gap="medium")
    with left:
        name = st.text_input(tr("new.name"), key="w_new_name", max_chars=60, placeholder=tr("new.name_example"))
    with right:
        margin = st.number_input(
            tr("new.margin"), min_value=0.0, max_value=200.0, value=DEFAULT_MARGIN_KM, step=10.0, key="w_new_margin"
        )
    missing = [tr(f"step.{step}.title") for step in REQUIRED_STEPS if step not in results]
    if missing:
        looks.note(tr("new.missing", steps=tr("list.comma").join(missing)))
    elif "roads" not in results:
        looks.note(tr("overview.no_roads.what"))
    if not st.button(tr("new.create"), type="primary", disabled=bool(missing), key="w_new_create"):
        return
    try:
        with shown_progress(tr, "doing.create") as progress:
            path, _ = create_study(
                uploads.new_study_folder(),
                NewStudy(
                    area=files["area"],
                    population=files["population"],
                    roads=files.get("roads"),
                    stations=files.get("stations"),
                    name=name.strip() or tr("new.name_default"),
                    margin_km=float(margin),
                ),
                progress=progress,
            )
    except PlannerError as error:
        show_failure(error, tr)
        return
    uploads.remove_old_uploads()
    state.open_study_at(path)
    st.switch_page("pages/overview.py")
