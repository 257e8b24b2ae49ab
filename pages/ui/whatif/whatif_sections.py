"""Beneath the map of the What-if page: tables of the difference, two scenarios compared, single steps, files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from coverage.scenario.edits import Edit
from geodata.answers.run_whatif import WhatIf
from geodata.answers.write_assessment import name_download
from geodata.answers.write_whatif import write_whatif
from geodata.words.i18n import Language
from pages.ui import markup, state
from pages.ui.long_jobs import shown_progress
from pages.ui.memo import cached_whatif
from pages.ui.memo.cached_whatif import Outcome
from pages.ui.whatif import compare_order, compare_part, whatif_tables
from pages.ui.whatif.whatif_acts import Work


def draw_sections(work: Work, found: Outcome) -> None:
    """Draw the choice of the part and the one that is chosen; the others cost nothing."""
    parts: dict[str, Callable[[Work, Outcome], None]] = {
        "units": whatif_tables.draw_units,
        "services": _draw_services,
        "compare": compare_part.draw_compare,
        "order": compare_order.draw_order,
        "winners": whatif_tables.draw_winners,
        "files": _draw_files,
    }
    key = "w_whatif_part"
    state.preset_widget(key, state.whatif("part", "units"))
    st.segmented_control(
        work.tr("whatif.parts"),
        list(parts),
        key=key,
        format_func=lambda one: work.tr(f"whatif.part.{one}"),
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.keep_whatif(part=state.widget_value(key)),
    )
    part = state.whatif("part", "units")
    if not work.edits and part != "compare":
        markup.note(work.tr("whatif.no_edits"))
        return
    parts[part](work, found)


def _fetch(work: Work) -> WhatIf:
    with shown_progress(work.tr, "doing.whatif") as progress:
        return cached_whatif.fetch_whatif(work.study, work.question, work.edits, progress)


def _draw_services(work: Work, found: Outcome) -> None:
    whatif_tables.draw_services(work, _fetch(work).comparison.services)


def _draw_files(work: Work, found: Outcome) -> None:
    tr, study = work.tr, work.study
    markup.note(tr("whatif.files_note"))
    edits: tuple[Edit, ...] = work.edits
    made = cached_whatif.has_whatif(study, work.question, edits)
    if not made and not st.button(tr("whatif.files_make"), key="w_whatif_make", type="primary"):
        return
    answer = _fetch(work)
    with st.container(horizontal=True):
        for name, mime in (
            ("delta.json", "application/json"),
            ("delta_districts.csv", "text/csv"),
            ("newly_covered.csv", "text/csv"),
        ):
            stem, _, suffix = name.partition(".")
            st.download_button(
                name,
                data=partial(_write, answer, name, tr.language),
                file_name=name_download(study, f"{stem}.{suffix}"),
                mime=mime,
                on_click="ignore",
                key=f"w_whatif_file_{stem}",
            )


def _write(answer: WhatIf, name: str, language: Language) -> bytes:
    with tempfile.TemporaryDirectory(prefix="delta-") as folder:
        write_whatif(Path(folder), answer, run={}, language=language)
        return (Path(folder) / name).read_bytes()
