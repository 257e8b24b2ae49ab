"""Accepting a plan: its sites become planned stations of the study, and can be taken back."""

from __future__ import annotations

import shutil
from collections.abc import Hashable
from dataclasses import dataclass, replace

import streamlit as st

from coverage.errors import PlannerError
from coverage.model import Study
from geodata.demo import write_demo
from geodata.edit_study import Saving, is_embedded, save_inputs, undo_saving
from geodata.i18n import Translator
from geodata.plan_stations import add_planned, encode_stations, find_open_dates
from geodata.run_siting import Suggestion
from pages.ui import cached, looks, siting_words, state, uploads
from pages.ui.failures import show_failure
from pages.ui.siting_run import Shown

_SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was saved last: the proposal, how many sites until which day, what it did, and if the demo was copied."""

    key: Hashable
    count: int
    until: str
    saving: Saving
    is_copy: bool
    fingerprint: str


def find_accepted(study: Study) -> Accepted | None:
    """Return what was saved last, if the study is still as it was saved."""
    kept: Accepted | None = state.siting(_SAVED)
    return kept if kept is not None and kept.fingerprint == study.fingerprint else None


def draw_accept(study: Study, shown: Shown, chosen: Suggestion, tr: Translator) -> None:
    """Draw what saving does and the button; after it, what was done and the ways on."""
    looks.heading(tr("siting.accept"))
    refused = state.take_refusal()
    if refused is not None:
        show_failure(refused, tr)
    done = find_accepted(study)
    if done is not None and done.key == shown.key:
        _draw_done(done, tr)
        return
    if chosen.sites.empty:
        looks.note(tr("siting.list_none"))
        return
    days = sorted(set(find_open_dates(chosen)))
    when = days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
    told = tr("siting.accept_note", count=len(chosen.sites), when=when)
    if len(chosen.solved.answer.closed):
        told += tr("siting.accept_closed", count=len(chosen.solved.answer.closed))
    if is_embedded(state.study_path()):
        told += tr("siting.accept_demo")
    looks.note(told)
    if st.button(tr("siting.accept_button"), type="primary", key="w_siting_accept", disabled=shown.is_stale):
        try:
            _save(shown, chosen, tr)
        except PlannerError as error:
            show_failure(error, tr)
            return
        st.rerun()


def _save(shown: Shown, chosen: Suggestion, tr: Translator) -> None:
    """Save; the demo is copied first and never written. What is asked stays asked."""
    content = encode_stations(chosen, add_planned(chosen, siting_words.name_sites(chosen.sites, tr)))
    path, asked = state.study_path(), state.question(chosen.basis.study)
    is_copy = is_embedded(path)
    if is_copy:
        path = write_demo(uploads.new_study_folder())[0]
    try:
        saving = save_inputs(path, {"stations": content})
    except PlannerError:
        if is_copy:
            shutil.rmtree(path.parent, ignore_errors=True)
        raise
    if is_copy:
        state.turn_to_copy(path)
    changed = cached.fetch_study(path)
    state.carry_question(changed, asked)
    until = max(find_open_dates(chosen))
    kept = Accepted(shown.key, len(chosen.sites), until, saving, is_copy, changed.fingerprint)
    state.keep_siting(_SAVED, kept)


def _draw_done(done: Accepted, tr: Translator) -> None:
    said = tr("siting.accepted", count=done.count, day=done.until)
    if done.is_copy:
        said += tr("siting.accepted_copy")
    looks.put(looks.element("div", looks.element("p", looks.words(said)), look="p-box p-calm"))
    with st.container(horizontal=True):
        if st.button(tr("siting.accept_look"), type="primary", key="w_siting_look"):
            study = cached.fetch_study(state.study_path())
            asked = state.question(study)
            state.set_question(replace(asked, choice=replace(asked.choice, on_date=done.until)))
            st.switch_page("pages/overview.py")
        st.button(tr("siting.accept_undo"), key="w_siting_undo", on_click=lambda: _undo(done))


def _undo(done: Accepted) -> None:
    """Take the saving back; what is asked stays asked."""
    study = cached.fetch_study(state.study_path())
    asked = state.question(study)
    try:
        undo_saving(done.saving)
    except PlannerError as error:
        state.keep_refusal(error)
        return
    state.keep_siting(_SAVED, None)
    state.carry_question(cached.fetch_study(state.study_path()), asked)
