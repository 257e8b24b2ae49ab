"""A new study in four steps: area, people, roads, stations; each file is checked as soon as it is there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st
from shapely.geometry.base import BaseGeometry

from coverage.errors import DataIssue, PlannerError
from geodata.files.crs import CHINA_DEGREES
from geodata.intake.cells.datum import DATUMS, Datum
from geodata.intake.measured_regions import AVERAGE, list_regions
from geodata.intake.read_catalogue import read_catalogue
from geodata.maps.labels import Markup
from geodata.studies.new_study import NewStudy, create_study
from geodata.studies.study_file import DEFAULT_MARGIN_KM
from geodata.words.i18n import Translator
from pages.ui import downloads, markup, state, terms, uploads
from pages.ui.data.road_download import offer_download
from pages.ui.failures import show_failure, show_stopped
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached
from pages.ui.memo.step_checks import REQUIRED_STEPS, STEPS, StepResult, Told

# Roads of a prefecture are larger than any table, so this upload alone may be [MB]; the file is read in
# pieces and cut to the area, only the cut stays.
_ROADS_MB = 500
_ROWS_TOLD = 8
# Steps whose files hold positions of points, which may come from a map with a shifted datum.
_WITH_DATUM = ("area", "population", "stations")
_RASTERS = (".tif", ".tiff")
# Found only when the study is made, because it depends on the area and the margin.
_FOUND_WHEN_MADE = ("demand.outside_area", "stations.beyond_margin")


def draw_new_study(tr: Translator) -> None:
    """Draw the four steps and the button that makes the study."""
    markup.note(tr("new.intro"))
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
        markup.heading(f"{number} {tr(f'step.{step}.title')} · {need}")
        markup.note(tr(f"step.{step}.help"))
        upload = st.file_uploader(
            tr(f"step.{step}.title"),
            key=f"w_new_{step}",
            label_visibility="collapsed",
            max_upload_size=_ROADS_MB if step == "roads" else None,
        )
    with right:
        path = None if upload is None else uploads.keep_upload(upload, step)
        datum = _ask_datum(step, tr) if path is not None and _has_points(step, path) else None
        if path is None:
            markup.note(tr(f"step.{step}.empty"))
            if step == "roads" and area is not None:
                path = offer_download(area, tr)
        if path is None:
            return
        asked = f"w_new_crs_{path.parent.parent.name}"
        told = Told(datum, CHINA_DEGREES if st.session_state.get(asked) else None)
        try:
            if state.was_stopped() and not cached.has_check(step, path, area, told):
                markup.note(tr("job.stopped.what"))
                return
            with shown_progress(tr, "doing.check") as progress:
                results[step] = cached.fetch_check(step, path, area, told, progress)
        except PlannerError as error:
            show_failure(error, tr)
            if error.code == "crs.missing_degrees":
                st.checkbox(tr("new.crs_degrees"), key=asked)
            return
        if told.crs is not None:
            st.checkbox(tr("new.crs_degrees"), key=asked)
        files[step] = path
        _draw_result(step, results[step], tr)


def _has_points(step: str, path: Path) -> bool:
    return step in _WITH_DATUM and path.suffix not in _RASTERS


def _ask_datum(step: str, tr: Translator) -> Datum | None:
    """Ask where the positions were taken from; a table does not say, and web maps shift them."""
    return st.selectbox(
        tr("new.datum"),
        (None, *DATUMS),
        format_func=lambda one: tr(f"datum.{one or 'unknown'}"),
        key=f"w_new_datum_{step}",
        help=tr("new.datum_help"),
    )


def _draw_result(step: str, result: StepResult, tr: Translator) -> None:
    said = markup.element("b", markup.words(tr(result.message, **dict(result.facts))))
    markup.put(markup.element("div", markup.element("p", said), *_say_issues(result.issues, tr), look="p-box p-calm"))
    rejected = result.rejected
    if rejected is not None and len(rejected):
        st.download_button(
            tr("issues.download_rejected", count=len(rejected)),
            data=lambda: downloads.to_csv_bytes(downloads.list_rejected_rows(rejected, tr)),
            file_name=f"rejected_{step}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"w_new_rejected_{step}",
        )


def _say_issues(issues: Iterable[DataIssue], tr: Translator) -> list[Markup]:
    """Say findings, what was left out first, each with the rows of the sheet."""
    order = ("rejected", "warning", "note")
    lines = []
    for issue in sorted(issues, key=lambda one: order.index(one.severity)):
        told = tr.describe(issue)
        more = ["…"] if len(issue.rows) > _ROWS_TOLD else []
        shown = ", ".join([*map(str, issue.rows[:_ROWS_TOLD]), *more])
        rows = tr("new.rows", rows=shown) if issue.rows else ""
        line = tr("new.finding", severity=tr(f"severity.{issue.severity}"), what=told.what, rows=rows, fix=told.fix)
        lines.append(markup.element("p", markup.words(line), look="p-why"))
    return lines


def _ask_province(results: dict[str, StepResult], tr: Translator) -> str:
    """Ask whose measured speeds are driven; the province that the area lies in is proposed."""
    proposed = results["area"].province if "area" in results else AVERAGE
    names = {region.id: terms.say(region.name, tr) for region in list_regions()}
    chosen: str = st.selectbox(
        tr("standards.speeds.province"),
        list(names),
        index=list(names).index(proposed),
        format_func=lambda one: names[one],
        key=f"w_new_province_{proposed}",
        help=tr("new.province_help"),
    )
    return chosen


def _draw_create(files: dict[str, Path], results: dict[str, StepResult], tr: Translator) -> None:
    left, middle, right = st.columns([2, 1, 1], gap="medium")
    with left:
        name = st.text_input(tr("new.name"), key="w_new_name", max_chars=60, placeholder=tr("new.name_example"))
    with right:
        margin = st.number_input(
            tr("new.margin"), min_value=0.0, max_value=200.0, value=DEFAULT_MARGIN_KM, step=10.0, key="w_new_margin"
        )
    with middle:
        province = _ask_province(results, tr)
    catalogue = read_catalogue()
    items = st.multiselect(
        tr("new.items"),
        [item.id for item in catalogue.items],
        format_func=lambda one: terms.say(catalogue.item(one).name, tr),
        key="w_new_items",
        placeholder=tr("new.items_usual"),
        help=tr("new.items_help"),
    )
    missing = [tr(f"step.{step}.title") for step in REQUIRED_STEPS if step not in results]
    if missing:
        markup.note(tr("new.missing", steps=tr("list.comma").join(missing)))
    elif "roads" not in results:
        markup.note(tr("overview.no_roads.what"))
    if not st.button(tr("new.create"), type="primary", disabled=bool(missing), key="w_new_create"):
        return
    try:
        with shown_progress(tr, "doing.create") as progress:
            path, issues = create_study(
                uploads.new_study_folder(),
                NewStudy(
                    area=files["area"],
                    population=files["population"],
                    roads=files.get("roads"),
                    stations=files.get("stations"),
                    name=name.strip() or tr("new.name_default"),
                    margin_km=float(margin),
                    area_datum=results["area"].told.datum,
                    population_datum=results["population"].told.datum,
                    stations_datum=results["stations"].told.datum if "stations" in results else None,
                    area_crs=results["area"].told.crs,
                    population_crs=results["population"].told.crs,
                    stations_crs=results["stations"].told.crs if "stations" in results else None,
                    province=province,
                    items=tuple(items),
                ),
                progress=progress,
            )
    except PlannerError as error:
        show_failure(error, tr)
        return
    uploads.remove_old_uploads()
    late = [issue for issue in issues if issue.code in _FOUND_WHEN_MADE]
    if not late:
        state.open_study_at(path)
        st.switch_page("overview.py")
    said = markup.element("b", markup.words(tr("new.made")))
    markup.put(markup.element("div", markup.element("p", said), *_say_issues(late, tr), look="p-box p-calm"))
    st.button(tr("new.open"), type="primary", key="w_new_open", on_click=state.open_study_at, args=(path,))
