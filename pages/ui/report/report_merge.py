"""Several counties in one report: which studies, found here or by reports that are handed in, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from coverage.errors import CancelledError, PlannerError
from coverage.inputs.question import Question
from coverage.inputs.study import Study
from geodata.documents.runs.find_run import read_run
from geodata.documents.runs.run_file import Recipe
from geodata.studies.study_file import StudyFile, read_study_file
from geodata.words.i18n import Translator
from pages.ui import markup, state, terms, uploads
from pages.ui.failures import show_empty, show_failure
from pages.ui.next_steps import turn_to_data
from pages.ui.report.report_files import draw_kinds
from pages.ui.report.report_form import get_form
from pages.ui.report.report_hidden import keep_known
from pages.ui.report.report_jobs import find_error
from pages.ui.report.report_merge_jobs import (
    Merging,
    begin_merge,
    begin_merged_file,
    find_merged_file,
)
from pages.ui.report.report_preview import HEIGHT_PX, draw_progress
from pages.ui.study_contents import draw_table

_KINDS: tuple[str, ...] = ("pdf", "docx", "xlsx", "html", "gpkg", "zip")
_ENDINGS = ["json", "html", "xlsx", "docx", "pdf", "zip"]
_LEAST = 2


def draw_merge(study: Study, question: Question, tr: Translator) -> None:
    """Draw the choice of studies, and the merged report of those chosen."""
    markup.note(tr("report_merge.how"))
    here = _list_here()
    left, right = st.columns([1, 1], gap="medium")
    with left:
        picked = st.multiselect(
            tr("report_merge.studies"),
            list(here),
            format_func=lambda path: f"{terms.say(here[path].name, tr)} · {here[path].id}",
            placeholder=tr("report_merge.pick"),
            key="w_report_merge_studies",
        )
    with right:
        handed = st.file_uploader(
            tr("report_merge.upload"), type=_ENDINGS, accept_multiple_files=True, key="w_report_merge_files"
        )
    chosen = {path: here[path] for path in picked}
    missing = _find_handed(handed or [], question, here, chosen, tr)
    if missing:
        names = tr("list.comma").join(missing)
        show_empty(tr("report_merge.missing.what", names=names), tr("report_merge.missing.why"))
        if st.button(tr("report_merge.missing.button"), key="w_report_merge_open", type="primary"):
            turn_to_data("open")
    if len(chosen) < _LEAST:
        if not missing:
            show_empty(tr("report_merge.few.what"), tr("report_merge.few.why"))
        return
    form = get_form(tr)
    recipe = Recipe(question, options=form.build_options(), redaction=keep_known(study, form.redaction))
    _draw_merged(Merging(tuple(chosen), recipe), tr)


def _list_here() -> dict[Path, StudyFile]:
    """List the studies that lie here: the open one, and those made or unpacked here, by file."""
    folder = state.studies_folder()
    paths = [state.study_path(), *sorted(folder.glob("*/study.toml")), *sorted(folder.glob("*/*/study.toml"))]
    found = {}
    for path in dict.fromkeys(path.resolve() for path in paths):
        try:
            found[path] = read_study_file(path)
        except (PlannerError, OSError):
            continue  # a study that cannot be opened is no part of a sum; the Data page says why
    return found


def _find_handed(
    handed: Sequence[uploads.Uploaded],
    question: Question,
    here: dict[Path, StudyFile],
    chosen: dict[Path, StudyFile],
    tr: Translator,
) -> list[str]:
    """Add the studies that reports name to those chosen, show what they are, and return those that do not lie here."""
    rows, missing = [], []
    for upload in handed:
        try:
            run = read_run(uploads.keep_upload(upload, "report"))
        except PlannerError as error:
            show_failure(error, tr)
            continue
        for part in run.studies:
            path = next((one for one, known in here.items() if known.id == part.id), None)
            if path is None:
                missing.append(part.id)
            else:
                chosen[path] = here[path]
            same = run.recipe.question == question
            rows.append(
                {
                    tr("report_merge.file"): upload.name,
                    tr("report_merge.study"): part.id if path is None else terms.say(here[path].name, tr),
                    tr("report_merge.state"): tr(f"report_merge.{'absent' if path is None else 'here'}"),
                    tr("report_merge.question"): tr(f"report_merge.{'same' if same else 'other'}_question"),
                }
            )
    if rows:
        markup.put(draw_table(pd.DataFrame(rows), left=4))
    return list(dict.fromkeys(missing))


def _draw_merged(merging: Merging, tr: Translator) -> None:
    pressed = st.button(tr("report_merge.run", count=len(merging.paths)), type="primary", key="w_report_merge_run")
    if pressed:
        state.report_kept()["merging"] = merging
    if state.report_kept().get("merging") != merging:
        return
    job = begin_merge(merging)
    if not job.wait(1.0):
        draw_progress(job, "w_report_stop_merge", tr)
        return
    error = find_error(job)
    if error is not None or job.found is None:
        state.report_kept().pop("merging", None)
        if error is not None and not isinstance(error, CancelledError):
            show_failure(error, tr)
        return
    draw_kinds(_KINDS, lambda kind: find_merged_file(merging, kind), lambda kind: begin_merged_file(merging, kind), tr)
    st.iframe(job.found, height=HEIGHT_PX)
