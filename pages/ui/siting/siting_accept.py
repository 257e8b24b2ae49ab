"""Accepting a plan: into a scenario, to be tried and compared; or as planned stations of the study."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Hashable
from dataclasses import dataclass, replace

import streamlit as st

from coverage.errors import PlannerError
from coverage.inputs.study import Study
from geodata.answers.plan_scenario import accept_plan
from geodata.answers.plan_stations import add_planned, encode_stations, find_open_dates
from geodata.answers.run_siting import Suggestion
from geodata.studies.demo import write_demo
from geodata.studies.edit_study import Saving, check_is_present, is_embedded, save_inputs, undo_saving
from geodata.words import number_format
from geodata.words.i18n import Translator
from pages.ui import markup, scenario_store, state, uploads
from pages.ui.failures import show_failure
from pages.ui.memo import cached
from pages.ui.siting import siting_words
from pages.ui.siting.siting_run import Shown

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
    markup.heading(tr("siting.accept"))
    refused = state.take_refusal()
    if refused is not None:
        show_failure(refused, tr)
    done = find_accepted(study)
    if done is not None and done.key == shown.key:
        _draw_done(done, tr)
        return
    if chosen.sites.empty:
        markup.note(tr("siting.list_none"))
        return
    closes = len(chosen.solved.answer.closed)
    markup.note(
        tr("siting.accept_scenario_note") + (tr("siting.accept_scenario_closed", count=closes) if closes else "")
    )
    with st.container(horizontal=True):
        is_tried = st.button(
            tr("siting.accept_scenario"), type="primary", key="w_siting_scenario", disabled=shown.is_stale
        )
        is_planned = st.button(tr("siting.accept_button"), key="w_siting_accept", disabled=shown.is_stale)
    markup.note(_say_planned(chosen, tr))
    if not is_tried and not is_planned:
        return
    try:
        if is_tried:
            _accept(study, chosen, tr)
        else:
            _save(shown, chosen, tr)
    except PlannerError as error:
        show_failure(error, tr)
        return
    st.rerun()


def _say_planned(chosen: Suggestion, tr: Translator) -> str:
    """Say what saving as planned stations does."""
    days = sorted(set(find_open_dates(chosen)))
    when = days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
    told = tr("siting.accept_note", count=len(chosen.sites), when=when)
    if len(chosen.solved.answer.closed):
        told += tr("siting.accept_closed", count=len(chosen.solved.answer.closed))
    if is_embedded(state.study_path()):
        told += tr("siting.accept_demo")
    return told


def _accept(study: Study, chosen: Suggestion, tr: Translator) -> None:
    """Keep the plan as a scenario with a note of where it comes from, and turn to it."""
    check_is_present(state.study_path())
    today = number_format.date(dt.date.today(), tr.language)
    note = tr(
        "siting.scenario_note",
        day=today,
        method=tr(f"siting.aim.{chosen.siting.method}"),
        plan=siting_words.say_plan(chosen, tr),
        proof=siting_words.say_proof(chosen, tr),
    )
    study_id, author = scenario_store.keep_open_study(study), state.author()
    name = _find_free_name(study, tr("siting.scenario_name", count=len(chosen.sites), day=today))
    sites = siting_words.name_sites(chosen.sites, tr)
    made = scenario_store.use_store(
        lambda store: accept_plan(store, study_id, chosen, name, note=note, names=sites, author=author)
    )
    state.set_scenario(made.head.id)
    st.switch_page("what_if.py")


def _find_free_name(study: Study, name: str) -> str:
    taken = {head.name for head in scenario_store.list_heads(study)}
    return next(one for one in (name, *(f"{name} ({n})" for n in range(2, len(taken) + 3))) if one not in taken)


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
    markup.put(markup.element("div", markup.element("p", markup.words(said)), look="p-box p-calm"))
    with st.container(horizontal=True):
        if st.button(tr("siting.accept_look"), type="primary", key="w_siting_look"):
            study = cached.fetch_study(state.study_path())
            asked = state.question(study)
            state.set_question(replace(asked, choice=replace(asked.choice, on_date=done.until)))
            st.switch_page("overview.py")
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
