"""The reports made of the study: take one again, compute one again and see what differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from coverage.errors import CancelledError
from coverage.inputs.study import Study
from coverage.progress import Progress
from geodata.documents.history import MadeEntry, read_history
from geodata.documents.kept_reports import find_kept, note_replay, read_kept_run, read_replay
from geodata.documents.replay import Replayed
from geodata.documents.replay_words import tell_replayed
from geodata.documents.report_job import replay_in_job
from geodata.documents.runs.run_file import RunFile
from geodata.words.i18n import Translator
from pages.ui import markup, state
from pages.ui.failures import show_empty, show_failure
from pages.ui.report.report_files import MIME, say_size
from pages.ui.report.report_jobs import find_error
from pages.ui.report.report_preview import draw_progress
from pages.ui.side_jobs import JobDesk, SideJob
from pages.ui.study_contents import draw_table

_MOST_SHOWN = 40
_MOST_TOLD = 30
_EVERY_S = 0.7
_LANGUAGE_NAMES = {"zh_CN": "中文", "en": "English"}


@st.cache_resource(show_spinner=False)
def _replays() -> JobDesk[SideJob[Replayed]]:
    return JobDesk(16)


def draw_history(study: Study, tr: Translator) -> None:
    """Draw the list, and what can be done with the report that is chosen."""
    made = read_history(state.study_path()).made[:_MOST_SHOWN]
    if not made:
        show_empty(tr("report_history.none.what"), tr("report_history.none.why"))
        st.button(
            tr("report_history.none.button"),
            type="primary",
            key="w_report_to_make",
            on_click=lambda: state.preset_widget("w_report_part", "make"),
        )
        return
    runs = {entry: read_kept_run(state.study_path(), entry) for entry in made}
    _draw_list(study, made, runs, tr)
    entry = st.selectbox(
        tr("report_history.choose"),
        made,
        format_func=lambda one: f"{_say_time(one)} · {one.file}",
        key="w_report_made",
    )
    if entry is not None:
        _draw_chosen(study, entry, runs[entry], tr)


def _draw_list(
    study: Study, made: tuple[MadeEntry, ...], runs: dict[MadeEntry, RunFile | None], tr: Translator
) -> None:
    rows = []
    for entry in made:
        run = runs[entry]
        sections = () if run is None else run.recipe.options.sections
        rows.append(
            {
                tr("report_history.when"): _say_time(entry),
                tr("report_history.title"): entry.title or tr("report_page.usual_title"),
                tr("report_history.format"): entry.format.upper(),
                tr("report_history.language"): _LANGUAGE_NAMES.get(entry.language, entry.language),
                tr("report_history.sections"): "—" if run is None else str(len(sections)),
                tr("report_history.size"): say_size(entry.size_bytes),
                tr("report_history.data"): tr("report_history.same_data")
                if entry.fingerprint == study.fingerprint
                else tr("report_history.other_data", fingerprint=entry.fingerprint[:8]),
                tr("report_history.replay"): _say_replay(entry, run, tr),
            }
        )
    markup.put(draw_table(pd.DataFrame(rows), left=8))


def _say_time(entry: MadeEntry) -> str:
    return dt.datetime.fromisoformat(entry.made_at).astimezone().strftime("%Y-%m-%d %H:%M")


def _say_replay(entry: MadeEntry, run: RunFile | None, tr: Translator) -> str:
    if run is None:
        return tr("report_history.not_kept")
    found = read_replay(state.study_path(), entry)
    if found is None:
        return tr("report_history.not_checked")
    return tr("report_history.identical" if found[0] else "report_history.differs")


def _draw_chosen(study: Study, entry: MadeEntry, run: RunFile | None, tr: Translator) -> None:
    path = find_kept(state.study_path(), entry)
    key = (str(state.study_path()), study.fingerprint, entry)
    job = _replays().find(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        if path is not None:
            st.download_button(
                tr("report_history.again"),
                data=path.read_bytes,
                file_name=entry.file,
                mime=MIME.get(entry.format, "application/octet-stream"),
                on_click="ignore",
                key="w_report_take",
                icon=":material/download:",
            )
        if run is not None and st.button(tr("report_history.check"), key="w_report_replay"):
            job = _replays().begin(key, _prepare(entry, run, state.study_path()))
            job.wait(_EVERY_S)
    if path is None or run is None:
        markup.note(tr("report_history.gone"))
    if job is not None:
        _draw_replay(job, tr)


def _prepare(entry: MadeEntry, run: RunFile, path: Path) -> Callable[[], SideJob[Replayed]]:
    def work(tell: Progress) -> Replayed:
        found = replay_in_job(run, [path], tell)
        when = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        note_replay(path, entry, is_identical=found.is_identical, when=when)
        return found

    return lambda: SideJob(work, "replay")


def _draw_replay(job: SideJob[Replayed], tr: Translator) -> None:
    if not job.is_done:
        if not job.is_stopped:
            draw_progress(job, "w_report_stop_replay", tr)
        return
    error = find_error(job)
    if error is not None:
        if not isinstance(error, CancelledError):
            show_failure(error, tr)
        return
    if job.found is None:
        return
    lines = tell_replayed(job.found, tr, most=_MOST_TOLD)
    parts = [markup.element("p", markup.element("b", markup.words(lines[0])))]
    parts += [markup.element("p", markup.words(line), look="p-why") for line in lines[1:]]
    look = "p-box p-calm" if job.found.is_identical else "p-box"
    markup.put(markup.element("div", *parts, look=look))
